"""Ramps: a term in segments, each with its own quantity, price and length."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import accumulate, pairwise, repeat

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, option
from salesmgmt.core.exact import CONTEXT, WIDE, Number, OutOfRange, add, exact, multiply
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.period import Period, add_months
from salesmgmt.core.rounding import Rounding
from salesmgmt.cpq.pricing.terms.billing_periods import PartialPeriod

LONGEST = 1_200
"""Segments that a ramp has at most."""

_NOTHING = Percent(0)


def _quantity(value: Number) -> Decimal:
    return exact(value, "the quantity of a segment")


def _months(value: Number) -> Decimal:
    return exact(value, "the months of a segment")


@attrs.frozen(kw_only=True)
class RampSegment:
    """A part of a term in which quantity and price stay the same.

    Attributes:
        quantity: how many are sold in it, not negative.
        unit_price: of one unit for a full segment.
        months: how many months are charged, above zero.
        full_months: how many months a full segment has, which the unit price is for.

    Raises:
        InvalidInput: the quantity is negative, or a number of months is not above zero.
    """

    quantity: Decimal = attrs.field(converter=_quantity)
    unit_price: Money
    months: Decimal = attrs.field(default=Decimal(12), converter=_months)
    full_months: Decimal = attrs.field(default=Decimal(12), converter=_months)

    def __attrs_post_init__(self) -> None:
        problems = [
            Problem(name, "not_positive", f"{value:f}", "more than zero")
            for name, value in (("months", self.months), ("full_months", self.full_months))
            if value <= 0
        ]
        if self.quantity < 0:
            problems.append(Problem("quantity", "negative", f"{self.quantity:f}", "zero or more"))
        if problems:
            raise InvalidInput("ramp segment", problems)

    @property
    def amount(self) -> Money:
        """What it comes to, unrounded: unit price times quantity, times months over those of a full segment.

        >>> from salesmgmt.core.money import Money
        >>> from salesmgmt.cpq.pricing.terms.ramp import RampSegment
        >>> RampSegment(quantity=10, unit_price=Money(200, "EUR"), months=6).amount
        Money('1000', 'EUR')
        """
        try:
            product = WIDE.multiply(WIDE.multiply(self.unit_price.amount, self.quantity), self.months)
            return Money(CONTEXT.divide(product, self.full_months), self.unit_price.currency)
        except ArithmeticError:
            raise OutOfRange from None


def _segments(given: Iterable[RampSegment]) -> tuple[RampSegment, ...]:
    return tuple(given)


@attrs.frozen(kw_only=True)
class Ramp:
    """A term in segments that follow each other.

    Attributes:
        segments: in order, at least one; all prices in one currency.
        rounding: how the amount of each segment is rounded; `None` for not at all.

    Raises:
        InvalidInput: there is no segment, more than `LONGEST`, or prices are in different currencies.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing.terms.ramp import Ramp
    >>> ramp = Ramp.of_quantities([100, 200, 300], Money(200, "EUR"))
    >>> [str(amount.amount) for amount in ramp.amounts], ramp.total
    (['20000', '40000', '60000'], Money('120000', 'EUR'))
    """

    segments: tuple[RampSegment, ...] = attrs.field(converter=_segments)
    rounding: Rounding | None = None

    def __attrs_post_init__(self) -> None:
        problems = []
        if not 1 <= len(self.segments) <= LONGEST:
            problems.append(Problem("segments", "no_such_count", str(len(self.segments)), f"1 to {LONGEST}"))
        currencies = sorted({segment.unit_price.currency for segment in self.segments})
        if len(currencies) > 1:
            problems.append(
                Problem("segments", "mixed_currencies", ", ".join(currencies), "prices in one currency")
            )
        if problems:
            raise InvalidInput("ramp", problems)

    @classmethod
    def of_quantities(
        cls,
        quantities: Iterable[Number],
        unit_price: Money,
        *,
        segment_months: Number = 12,
        uplift: Percent = _NOTHING,
        rounding: Rounding | None = None,
    ) -> Ramp:
        """Make a ramp of full segments with these quantities.

        Args:
            quantities: one for each segment.
            unit_price: of one unit for the first segment.
            segment_months: how long a segment is.
            uplift: by how much the unit price rises from each segment to the next.
            rounding: how the amount of each segment is rounded.

        >>> from salesmgmt.core.money import Money
        >>> from salesmgmt.core.percent import Percent
        >>> from salesmgmt.cpq.pricing.terms.ramp import Ramp
        >>> [str(a) for a in Ramp.of_quantities([1, 1, 1], Money(100, "EUR"), uplift=Percent(5)).amounts]
        ['100 EUR', '105.00 EUR', '110.2500 EUR']
        """
        months = exact(segment_months, "the months of a segment")
        return cls._of([(quantity, months) for quantity in quantities], unit_price, months, uplift, rounding)

    @classmethod
    def of_term(
        cls,
        months: Number,
        quantity: Number,
        unit_price: Money,
        *,
        segment_months: Number = 12,
        last_segment: PartialPeriod | str = PartialPeriod.PRORATE,
        uplift: Percent = _NOTHING,
        rounding: Rounding | None = None,
    ) -> Ramp:
        """Cut a term into segments; the last one may be shorter than the others.

        Args:
            months: length of the term, above zero.
            quantity: how many are sold throughout.
            unit_price: of one unit for a full first segment.
            segment_months: how long a full segment is.
            last_segment: whether a short last segment is charged by its months, as a whole one, or not at all.
            uplift: by how much the unit price rises from each segment to the next.
            rounding: how the amount of each segment is rounded.

        Raises:
            InvalidInput: a length is not above zero, or nothing of the term is charged.

        >>> from salesmgmt.core.money import Money
        >>> from salesmgmt.cpq.pricing.terms.ramp import Ramp
        >>> [str(amount.amount) for amount in Ramp.of_term(30, 10, Money(200, "EUR")).amounts]
        ['2000', '2000', '1000']
        """
        partial = option(PartialPeriod, last_segment, "what a short last segment counts")
        whole, full = exact(months, "the months of a term"), exact(segment_months, "the months of a segment")
        if whole <= 0 or full <= 0 or whole > full * LONGEST:
            wanted = f"more than zero, and a term of at most {LONGEST} segments"
            raise InvalidInput(
                "ramp", [Problem("months", "no_such_length", f"{whole:f} by {full:f}", wanted)]
            )
        count, rest = divmod(whole, full)
        lengths = [full] * int(count)
        if rest and partial is not PartialPeriod.NONE:
            lengths.append(full if partial is PartialPeriod.WHOLE else rest)
        return cls._of([(quantity, length) for length in lengths], unit_price, full, uplift, rounding)

    @classmethod
    def _of(
        cls,
        parts: list[tuple[Number, Decimal]],
        unit_price: Money,
        full_months: Decimal,
        uplift: Percent,
        rounding: Rounding | None,
    ) -> Ramp:
        growth = add(Decimal(1), uplift.ratio).normalize(CONTEXT)
        factors = accumulate(repeat(growth), multiply, initial=Decimal(1))  # as many as are asked for
        return cls(
            segments=[
                RampSegment(
                    quantity=quantity,
                    unit_price=unit_price * factor,
                    months=months,
                    full_months=full_months,
                )
                for (quantity, months), factor in zip(parts, factors, strict=False)
            ],
            rounding=rounding,
        )

    @property
    def amounts(self) -> tuple[Money, ...]:
        """What each segment comes to."""
        raw = (segment.amount for segment in self.segments)
        return tuple(amount if self.rounding is None else amount.rounded(self.rounding) for amount in raw)

    @property
    def total(self) -> Money:
        """What they come to together."""
        return Money.total(self.amounts, self.segments[0].unit_price.currency)

    def periods(self, start: date) -> tuple[Period, ...]:
        """The days of each segment, when the ramp begins on this day.

        Raises:
            InvalidInput: a segment has no whole number of months.

        >>> from datetime import date
        >>> from salesmgmt.core.money import Money
        >>> from salesmgmt.cpq.pricing.terms.ramp import Ramp
        >>> [str(days) for days in Ramp.of_term(18, 1, Money(200, "EUR")).periods(date(2026, 7, 1))]
        ['2026-07-01/2027-07-01', '2027-07-01/2028-01-01']
        """
        problems = [
            Problem(f"segments[{position}].months", "not_whole", f"{segment.months:f}", "whole months")
            for position, segment in enumerate(self.segments)
            if segment.months != segment.months.to_integral_value()
        ]
        if problems:
            raise InvalidInput("ramp", problems)
        ends = accumulate((int(segment.months) for segment in self.segments), initial=0)
        return tuple(Period(one, other) for one, other in pairwise([add_months(start, end) for end in ends]))
