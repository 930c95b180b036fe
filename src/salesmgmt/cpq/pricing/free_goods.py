"""Free goods: how many units of an order are free, and how many are charged and delivered."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum
from typing import ClassVar

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, option
from salesmgmt.core.exact import DIGITS, WIDE, Number, OutOfRange, add, divide, exact, multiply, subtract
from salesmgmt.core.findings import Finding, Severity
from salesmgmt.core.rounding import Rounding, RoundingMode


class FreeGoodsCalculation(StrEnum):
    """How the free units follow from the ordered ones; the numbers are for 1 free unit per 5, of 128 ordered.

    >>> from salesmgmt.cpq.pricing.free_goods import FreeGoodsCalculation
    >>> FreeGoodsCalculation("pro_rata").name
    'PRO_RATA'
    """

    PRO_RATA = "pro_rata"
    """In proportion to all that is ordered, then rounded: 25.6 and so 26."""
    UNIT_REFERENCE = "unit_reference"
    """For each full multiple; what is left over earns nothing: 25."""
    WHOLE_UNITS = "whole_units"
    """Only for an order that is an exact multiple: 0, but 26 of 130."""
    ONCE = "once"
    """The same few however much is ordered: 1."""


class FreeGoodsMode(StrEnum):
    """Where the free units come from."""

    INCLUSIVE = "inclusive"
    """They are part of what is ordered: 25 of 128 are not charged, 128 are delivered."""
    EXCLUSIVE = "exclusive"
    """They come on top of what is ordered: 128 are charged, 153 delivered."""


class AboveMaximum(StrEnum):
    """What an order above the maximum quantity gets."""

    NOTHING = "nothing"
    """The agreement is for orders up to the maximum, and no other; a second agreement may follow it."""
    AS_MAXIMUM = "as_maximum"
    """As many as an order of the maximum; the units above it earn nothing."""


@attrs.frozen(kw_only=True)
class NoFreeGoods:
    """Why an order earns no free unit.

    Attributes:
        reason: `below_minimum`, `above_maximum`, `below_one_multiple`, `not_a_multiple`, or `below_one_unit` when a share
            was rounded to nothing.
        found: the quantity that was ordered, or for `below_one_unit` the free quantity before rounding.
        wanted: the minimum, or the next quantity that earns something; for `above_maximum` the largest one for which the agreement
            is, for `below_one_unit` the smallest step.
    """

    code: ClassVar[str] = "no_free_goods"

    reason: str
    found: Decimal
    wanted: Decimal


@attrs.frozen(kw_only=True)
class Grant:
    """What an order comes to with its free goods; free and charged units are those that are delivered.

    Attributes:
        free_quantity: units that are not charged.
        charged_quantity: units that are.
        delivered_quantity: all of them.
        product: id of the product of the free units; empty for the one that is ordered.
        refused: why nothing is free; `None` when something is.
    """

    free_quantity: Decimal
    charged_quantity: Decimal
    delivered_quantity: Decimal
    product: str = ""
    refused: NoFreeGoods | None = None


def _number(value: Number) -> Decimal:
    return exact(value, "a quantity of free goods")


def _optional(value: Number | None) -> Decimal | None:
    return None if value is None else _number(value)


def _calculation(value: str) -> FreeGoodsCalculation:
    return option(FreeGoodsCalculation, value, "the calculation of free goods")


def _mode(value: str) -> FreeGoodsMode:
    return option(FreeGoodsMode, value, "the mode of free goods")


def _above(value: str) -> AboveMaximum:
    return option(AboveMaximum, value, "what is above the maximum quantity")


def _rounding(value: str) -> RoundingMode:
    return option(RoundingMode, value, "the rounding of free goods")


@attrs.frozen(kw_only=True)
class FreeGoods:
    """An agreement on free units: so many for each so many that are ordered.

    Only the quantity decides, never the way in which an order came to it. Quantities are in the unit in which the
    agreement is made.

    Attributes:
        minimum_quantity: orders below it earn nothing; it is itself enough.
        maximum_quantity: largest order that it is for, itself included; `None` for no limit.
        above_maximum: what a larger order gets.
        per_quantity: for each so many units ...
        free_quantity: ... so many are free.
        uncounted: units at the start of an order that earn nothing; the minimum counts them.
        calculation: how the free units follow.
        mode: whether they are part of the order or come on top.
        product: id of the product that is free; empty for the one that is ordered. Another product can only come on top.
        rounding: how a proportional free quantity becomes whole; nothing else is rounded.
        unit: smallest step of a proportional free quantity: 1 for pieces, 0.001 for kilograms.

    Raises:
        InvalidInput: a quantity is negative or zero where it may not be, the maximum is below the minimum, more is free
            than is ordered, or another product is part of the order.

    >>> from salesmgmt.cpq.pricing.free_goods import FreeGoods
    >>> offer = FreeGoods(minimum_quantity=100, per_quantity=5, free_quantity=1, mode="inclusive")
    >>> grant = offer.grant(128)
    >>> str(grant.free_quantity), str(grant.charged_quantity), str(grant.delivered_quantity)
    ('25', '103', '128')
    """

    minimum_quantity: Decimal = attrs.field(default=Decimal(0), converter=_number)
    maximum_quantity: Decimal | None = attrs.field(default=None, converter=_optional)
    above_maximum: AboveMaximum = attrs.field(default=AboveMaximum.NOTHING, converter=_above)
    per_quantity: Decimal = attrs.field(converter=_number)
    free_quantity: Decimal = attrs.field(converter=_number)
    uncounted: Decimal = attrs.field(default=Decimal(0), converter=_number)
    calculation: FreeGoodsCalculation = attrs.field(
        default=FreeGoodsCalculation.UNIT_REFERENCE, converter=_calculation
    )
    mode: FreeGoodsMode = attrs.field(default=FreeGoodsMode.EXCLUSIVE, converter=_mode)
    product: str = ""
    rounding: RoundingMode = attrs.field(default=RoundingMode.HALF_UP, converter=_rounding)
    unit: Decimal = attrs.field(default=Decimal(1), converter=_number)

    def __attrs_post_init__(self) -> None:
        problems = list(self._problems())
        if problems:
            raise InvalidInput("free goods", problems)

    def _problems(self) -> Iterator[Problem]:
        for name, value in (("per_quantity", self.per_quantity), ("free_quantity", self.free_quantity),
                            ("unit", self.unit)):  # fmt: skip
            if value <= 0:
                yield Problem(name, "not_positive", f"{value:f}", "more than zero")
        for name, value in (("minimum_quantity", self.minimum_quantity), ("uncounted", self.uncounted)):
            if value < 0:
                yield Problem(name, "negative", f"{value:f}", "zero or more")
        if self.maximum_quantity is not None and self.maximum_quantity < self.minimum_quantity:
            wanted = f"at least the minimum quantity {self.minimum_quantity:f}"
            yield Problem("maximum_quantity", "reversed", f"{self.maximum_quantity:f}", wanted)
        if self.mode is FreeGoodsMode.INCLUSIVE:
            if self.free_quantity > self.per_quantity:
                wanted = f"at most {self.per_quantity:f}, as they are part of these"
                yield Problem("free_quantity", "too_large", f"{self.free_quantity:f}", wanted)
            if self.product:
                wanted = "no product, as units of the order cannot be of another one"
                yield Problem("product", "other_product", self.product, wanted, "or make the mode exclusive")

    def grant(self, quantity: Number) -> Grant:
        """Say how many units are free, charged and delivered when so many are ordered.

        Args:
            quantity: what is ordered, not negative.

        Raises:
            InvalidInput: the quantity is negative.

        >>> from salesmgmt.cpq.pricing.free_goods import FreeGoods
        >>> offer = FreeGoods(minimum_quantity=3, maximum_quantity=7, per_quantity=2, free_quantity=1)
        >>> str(offer.grant(7).delivered_quantity), str(offer.grant(8).delivered_quantity)
        ('10', '8')
        >>> offer.grant(2).refused
        NoFreeGoods(reason='below_minimum', found=Decimal('2'), wanted=Decimal('3'))
        """
        ordered = exact(quantity, "an ordered quantity")
        if ordered < 0:
            wanted = "zero or more; a return gives back the free units that were granted"
            raise InvalidInput("free goods", [Problem("quantity", "negative", f"{ordered:f}", wanted)])
        found = self._free(ordered)
        refused = found if isinstance(found, NoFreeGoods) else None
        free = Decimal(0) if isinstance(found, NoFreeGoods) else found
        inclusive = self.mode is FreeGoodsMode.INCLUSIVE
        return Grant(
            free_quantity=free,
            charged_quantity=subtract(ordered, free) if inclusive else ordered,
            delivered_quantity=ordered if inclusive else add(ordered, free),
            product=self.product,
            refused=refused,
        )

    def _free(self, ordered: Decimal) -> Decimal | NoFreeGoods:
        if ordered < self.minimum_quantity:
            return NoFreeGoods(reason="below_minimum", found=ordered, wanted=self.minimum_quantity)
        limit = self.maximum_quantity
        if limit is not None and ordered > limit:
            if self.above_maximum is AboveMaximum.NOTHING:
                return NoFreeGoods(reason="above_maximum", found=ordered, wanted=limit)
            ordered = limit
        if self.calculation is FreeGoodsCalculation.PRO_RATA:
            return self._in_proportion(ordered)
        counted = max(subtract(ordered, self.uncounted), Decimal(0))
        multiples = _whole(counted, self.per_quantity)
        broken = (
            self.calculation is FreeGoodsCalculation.WHOLE_UNITS
            and multiply(multiples, self.per_quantity) != counted
        )
        if broken or not multiples:
            following = multiply(add(multiples, Decimal(1)), self.per_quantity)
            return NoFreeGoods(
                reason="not_a_multiple" if multiples else "below_one_multiple",
                found=ordered,
                wanted=add(self.uncounted, following),
            )
        if self.calculation is FreeGoodsCalculation.ONCE:
            return self.free_quantity
        return multiply(multiples, self.free_quantity)

    def _in_proportion(self, ordered: Decimal) -> Decimal | NoFreeGoods:
        counted = max(subtract(ordered, self.uncounted), Decimal(0))
        # Rounded once: the quotient in WIDE keeps all the digits that decide which way.
        steps = WIDE.divide(
            WIDE.multiply(counted, self.free_quantity), WIDE.multiply(self.per_quantity, self.unit)
        )
        if steps.adjusted() >= DIGITS:
            raise OutOfRange
        free = Rounding(self.rounding, 1).apply(steps)
        if self.mode is FreeGoodsMode.INCLUSIVE:
            free = min(free, _whole(ordered, self.unit))  # 1 of half a unit cannot be free
        if free:
            return multiply(free, self.unit)
        return NoFreeGoods(
            reason="below_one_unit",
            found=divide(multiply(counted, self.free_quantity), self.per_quantity),
            wanted=self.unit,
        )

    def findings(self, where: str) -> Iterator[Finding]:
        """Yield what looks wrong in the agreement; `where` is its place in the reader's terms.

        >>> from salesmgmt.cpq.pricing.free_goods import FreeGoods
        >>> offer = FreeGoods(minimum_quantity=5, per_quantity=10, free_quantity=1)
        >>> print(*offer.findings("offers.spring"))
        warning minimum_earns_nothing at offers.spring: an order of the minimum quantity 5 earns nothing; ...
        """
        first = self.grant(self.minimum_quantity).refused
        if first is not None and self.minimum_quantity:
            yield Finding(
                code="minimum_earns_nothing",
                where=where,
                message=f"an order of the minimum quantity {self.minimum_quantity:f} earns nothing",
                hint="raise it to a quantity that earns something",
                severity=Severity.WARNING,
            )
        if self.calculation is FreeGoodsCalculation.PRO_RATA:
            return
        if multiply(_whole(self.free_quantity, self.unit), self.unit) != self.free_quantity:
            yield Finding(
                code="part_of_a_unit_free",
                where=where,
                message=f"{self.free_quantity:f} free units are not whole steps of {self.unit:f}",
                hint="give a free quantity that can be delivered, or a finer unit",
                severity=Severity.WARNING,
            )
        if self.calculation is FreeGoodsCalculation.WHOLE_UNITS:
            yield Finding(
                code="more_earns_less",
                where=where,
                message=f"an order of {self.per_quantity:f} earns something, one more unit loses it",
                hint="use unit_reference unless the goods come in packs of that size",
                severity=Severity.WARNING,
            )


def _whole(part: Decimal, step: Decimal) -> Decimal:
    """How many whole steps are in it."""
    steps = WIDE.divide(part, step).to_integral_value(ROUND_FLOOR)
    if steps.adjusted() >= DIGITS:
        raise OutOfRange
    return steps
