"""Proration: what part of a price is due for a term that is shorter or longer than the one the price is for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import TypeAlias, overload

import attrs

from salesmgmt.core.clock import first_moment, zone
from salesmgmt.core.errors import InvalidInput, Problem, option
from salesmgmt.core.events import aware
from salesmgmt.core.exact import CONTEXT, WIDE, Number, OutOfRange, exact
from salesmgmt.core.findings import Finding, Severity
from salesmgmt.core.money import Money
from salesmgmt.core.period import DateOutOfRange, Period, add_months
from salesmgmt.core.rounding import Rounding
from salesmgmt.cpq.pricing.terms.billing_periods import Anchor, BillingPeriods, PartialPeriod

_MICROSECOND = timedelta(microseconds=1)


class Precision(StrEnum):
    """In which unit the length of a term is measured; the numbers are for 15 January to 10 April 2019, both included.

    >>> from salesmgmt.cpq.pricing.terms.proration import Precision
    >>> Precision("month_and_day").name
    'MONTH_AND_DAY'
    """

    DAY = "day"
    """In days: 86. A leap year is a day longer than the usual default term of 365."""
    MONTH = "month"
    """In periods of whole months from the anchor of the policy, a partial one by its own days: 2 and 27/31."""
    MONTH_AND_DAY = "month_and_day"
    """In months from the first day, and each day that is left over as 12/365 of a month: 2 and 27 x 12/365."""
    CALENDAR_MONTH = "calendar_month"
    """In calendar months, a partial one by its own days: 17/31, 1, 1 and 10/30."""
    SECOND = "second"
    """In seconds that really pass: days begin in the time zone of the policy, and one with a change of the clock has
    23 or 25 hours."""


@attrs.frozen
class Span:
    """The time from one instant up to, but not including, another; for precision `second`.

    Attributes:
        start: the instant at which it begins.
        end: the instant at which it is over.

    Raises:
        NaiveInstant: an instant has no time zone.
        InvalidInput: the end is not after the start.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.cpq.pricing.terms.proration import Span
    >>> Span(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 1, 0, 30, tzinfo=UTC)).seconds
    Fraction(1800, 1)
    """

    start: datetime = attrs.field(validator=aware)
    end: datetime = attrs.field(validator=aware)

    def __attrs_post_init__(self) -> None:
        if self.seconds <= 0:
            wanted = f"an instant after {self.start.isoformat()}"
            raise InvalidInput("span", [Problem("end", "reversed", self.end.isoformat(), wanted)])

    @property
    def seconds(self) -> Fraction:
        """How long it is, by UTC: two readings of one clock would miss the hour by which it was changed."""
        return Fraction((self.end.astimezone(UTC) - self.start.astimezone(UTC)) // _MICROSECOND, 10**6)


Term: TypeAlias = Period | Span | Number
"""How long something is sold for: days, an exact span of time, or a plain number in the unit of the precision."""


def _precision(value: str) -> Precision:
    return option(Precision, value, "the precision of a proration")


def _partial(value: str) -> PartialPeriod:
    return option(PartialPeriod, value, "what a partial period counts")


def _default_term(value: Number | None) -> Decimal | None:
    return None if value is None else exact(value, "a default term")


@attrs.frozen(kw_only=True)
class ProrationPolicy:
    """How a term is measured, and how long the term is that a price is for.

    Attributes:
        precision: the unit of measure.
        default_term: the length that the price is for, in that unit; `None` for a year (365 days, 12 months or as many
            periods as make 12 months, 31 536 000 seconds). With 1 the price is one of a month, a day or a period.
        periods: what the periods are, for precision `month`.
        partial_period: what counts when a term ends within a unit; `whole` rounds the length up.
        end_inclusive: whether the last day that people name belongs to the term, for `term`.
        time_zone: IANA name of the zone in which days begin, for precision `second`.

    Raises:
        InvalidInput: the default term is not above zero.
        UnknownTimeZone: there is no such zone.

    >>> from datetime import date
    >>> from salesmgmt.cpq.pricing.terms.proration import ProrationPolicy
    >>> policy = ProrationPolicy(precision="day", end_inclusive=True)
    >>> policy.of(policy.term(date(2026, 1, 1), date(2026, 3, 14))).multiplier
    Decimal('0.2')
    """

    precision: Precision = attrs.field(default=Precision.MONTH, converter=_precision)
    default_term: Decimal | None = attrs.field(default=None, converter=_default_term)
    periods: BillingPeriods = attrs.field(factory=BillingPeriods)
    partial_period: PartialPeriod = attrs.field(default=PartialPeriod.PRORATE, converter=_partial)
    end_inclusive: bool = False
    time_zone: str = "UTC"

    def __attrs_post_init__(self) -> None:
        if self.default_term is not None and self.default_term <= 0:
            problem = Problem("default_term", "not_positive", f"{self.default_term:f}", "more than zero")
            raise InvalidInput("proration policy", [problem])
        zone(self.time_zone)

    def term(self, start: date, end: date) -> Period:
        """The days from the start to the end that somebody named, the last day included if the policy says so.

        Raises:
            EmptyPeriod: there is no day between them.

        >>> from datetime import date
        >>> from salesmgmt.cpq.pricing.terms.proration import ProrationPolicy
        >>> start, end = date(2024, 1, 1), date(2024, 12, 31)
        >>> ProrationPolicy(end_inclusive=True).term(start, end).days, ProrationPolicy().term(start, end).days
        (366, 365)
        """
        return Period.closed(start, end) if self.end_inclusive else Period(start, end)

    def length(self, term: Term) -> Fraction:
        """How long a term is in the unit of the precision, exactly.

        Raises:
            InvalidInput: the term is a negative number, or a span of time where days are measured.

        >>> from datetime import date
        >>> from salesmgmt.core.period import Period
        >>> from salesmgmt.cpq.pricing.terms.proration import ProrationPolicy
        >>> term = Period.closed(date(2019, 1, 15), date(2019, 4, 10))
        >>> [str(ProrationPolicy(precision=precision).length(term)) for precision in ("day", "month", "calendar_month")]
        ['86', '89/31', '268/93']
        """
        if isinstance(term, Period):
            return self._of_days(term)
        if isinstance(term, Span):
            if self.precision is not Precision.SECOND:
                found, wanted = "a span of time", f"days, as the precision is {self.precision}"
                raise InvalidInput("term", [Problem("term", "precision", found, wanted)])
            return self._in_units(term.seconds)
        number = exact(term, "the length of a term")
        if number < 0:
            raise InvalidInput("term", [Problem("term", "negative", f"{number:f}", "zero or more")])
        return self._in_units(Fraction(number))

    def _of_days(self, term: Period) -> Fraction:
        match self.precision:
            case Precision.DAY:
                return Fraction(term.days)
            case Precision.MONTH:
                return self.periods.count(term, self.partial_period)
            case Precision.CALENDAR_MONTH:
                return _CALENDAR_MONTHS.count(term, self.partial_period)
            case Precision.MONTH_AND_DAY:
                months = _ANNIVERSARIES.count(term, PartialPeriod.NONE)
                left = term.end - add_months(term.start, int(months))
                return self._in_units(months + Fraction(left.days * 12, 365))
            case Precision.SECOND:
                return self._in_units(self._span(term).seconds)

    def _in_units(self, length: Fraction) -> Fraction:
        if self.partial_period is PartialPeriod.WHOLE:
            return Fraction(-(-length // 1))
        return Fraction(length // 1) if self.partial_period is PartialPeriod.NONE else length

    def _span(self, term: Period) -> Span:
        clock = zone(self.time_zone)
        try:
            return Span(
                *(first_moment(clock, datetime.combine(day, time())) for day in (term.start, term.end))
            )
        except OverflowError:
            raise DateOutOfRange(f"an instant of {term}") from None

    def of(self, term: Term) -> Proration:
        """How many default terms a term makes.

        >>> from salesmgmt.cpq.pricing.terms.proration import ProrationPolicy
        >>> ProrationPolicy().of(24).multiplier
        Decimal('2')
        """
        length = self.length(term)
        times = length / self._default
        return Proration(
            term=_decimal(length.numerator, length.denominator),
            numerator=Decimal(times.numerator),
            denominator=Decimal(times.denominator),
        )

    @property
    def default_length(self) -> Decimal:
        """The length that the price is for, in the unit of the precision."""
        return _decimal(self._default.numerator, self._default.denominator)

    @property
    def _default(self) -> Fraction:
        if self.default_term is not None:
            return Fraction(self.default_term)
        match self.precision:
            case Precision.DAY:
                return Fraction(365)
            case Precision.SECOND:
                return Fraction(365 * 86_400)
            case Precision.MONTH:
                return Fraction(12, self.periods.months)
            case _:
                return Fraction(12)

    def findings(self, where: str) -> Iterator[Finding]:
        """Yield what is said in the policy but not used; `where` is its place in the reader's terms.

        >>> from salesmgmt.cpq.pricing.terms.billing_periods import BillingPeriods
        >>> from salesmgmt.cpq.pricing.terms.proration import ProrationPolicy
        >>> policy = ProrationPolicy(precision="day", periods=BillingPeriods(anchor="calendar"))
        >>> print(*policy.findings("proration"))
        warning periods_unused at proration: precision day measures no periods; ...
        """
        if self.precision is not Precision.MONTH and self.periods != BillingPeriods():
            yield Finding(
                code="periods_unused",
                where=where,
                message=f"precision {self.precision} measures no periods",
                hint="make the precision month, or leave periods out",
                severity=Severity.WARNING,
            )
        if self.periods.anchor is not Anchor.DAY_OF_PERIOD and (self.periods.day, self.periods.month) != (
            1,
            1,
        ):
            yield Finding(
                code="day_unused",
                where=where,
                message=f"periods that begin at {self.periods.anchor} use no day or month",
                hint="anchor them at day_of_period, or leave day and month out",
                severity=Severity.WARNING,
            )


@attrs.frozen(kw_only=True)
class Proration:
    """How many times the price for the default term is due, as an exact fraction.

    Attributes:
        term: length of the term in the unit of the precision, to 34 digits.
        numerator: of the fraction, a whole number; prices are multiplied by it first ...
        denominator: ... and divided by this one last, so that nothing is lost on the way.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing.terms.proration import ProrationPolicy
    >>> third = ProrationPolicy(default_term=3).of(1)
    >>> third.apply(Money(90, "EUR")), third.multiplier
    (Money('30', 'EUR'), Decimal('0.3333333333333333333333333333333333'))
    """

    term: Decimal
    numerator: Decimal
    denominator: Decimal

    @property
    def multiplier(self) -> Decimal:
        """The fraction as a number of at most 34 digits, to show."""
        return _decimal(self.numerator, self.denominator)

    @property
    def fraction(self) -> Fraction:
        """The fraction, to compute with."""
        return Fraction(self.numerator) / Fraction(self.denominator)

    @overload
    def apply(self, price: Money) -> Money: ...
    @overload
    def apply(self, price: Decimal) -> Decimal: ...
    def apply(self, price: Money | Decimal) -> Money | Decimal:
        """The price for the term; exact where it has at most 34 digits, and never rounded to a currency here."""
        if isinstance(price, Money):
            return Money(self.apply(price.amount), price.currency)
        try:
            product = WIDE.multiply(exact(price, "a price"), self.numerator)
            amount = CONTEXT.divide(product, self.denominator)
        except ArithmeticError:
            raise OutOfRange from None
        return amount or amount.copy_abs()


def prorate(price: Money, term: Term, policy: ProrationPolicy, *, rounding: Rounding | None = None) -> Money:
    """Compute the price for a term from the price for the default term.

    Args:
        price: for the default term of the policy.
        term: what is sold.
        policy: how it is measured.
        rounding: how the result is rounded; `None` for not at all.

    >>> from datetime import date
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.rounding import Rounding
    >>> from salesmgmt.cpq.pricing.terms.billing_periods import BillingPeriods
    >>> from salesmgmt.cpq.pricing.terms.proration import ProrationPolicy, prorate
    >>> monthly = ProrationPolicy(
    ...     default_term=1, periods=BillingPeriods(anchor="day_of_period", day=5), end_inclusive=True
    ... )
    >>> term = monthly.term(date(2025, 3, 28), date(2026, 2, 4))
    >>> prorate(Money(90, "USD"), term, monthly, rounding=Rounding("half_up", "0.01"))
    Money('923.23', 'USD')
    """
    amount = policy.of(term).apply(price)
    return amount if rounding is None else amount.rounded(rounding)


_CALENDAR_MONTHS = BillingPeriods(anchor=Anchor.CALENDAR)
_ANNIVERSARIES = BillingPeriods()


def _decimal(numerator: Decimal | int, denominator: Decimal | int) -> Decimal:
    try:
        return CONTEXT.divide(Decimal(numerator), Decimal(denominator))
    except ArithmeticError:
        raise OutOfRange from None
