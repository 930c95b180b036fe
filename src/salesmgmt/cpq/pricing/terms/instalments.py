"""An amount in instalments, one for each period, that add up to it exactly."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from math import lcm

import attrs

from salesmgmt.core.allocation import allocate
from salesmgmt.core.errors import InvalidInput, Problem, option
from salesmgmt.core.exact import Number
from salesmgmt.core.money import Money
from salesmgmt.core.period import Period, require_part
from salesmgmt.core.rounding import RoundingMode
from salesmgmt.cpq.pricing.terms.billing_periods import Anchor, BillingPeriods, PeriodPart
from salesmgmt.cpq.pricing.terms.proration import Precision, ProrationPolicy

MOST = 10_000
"""Instalments that an amount is cut into at most."""


class RemainderAt(StrEnum):
    """Which instalments get what rounding leaves over.

    >>> from salesmgmt.cpq.pricing.terms.instalments import RemainderAt
    >>> RemainderAt("first").name
    'FIRST'
    """

    FIRST = "first"
    """The first one, all of it: 8.37 and eleven times 8.33 for 100.00."""
    LAST = "last"
    """The last one, all of it."""
    LARGEST_FRACTION = "largest_fraction"
    """One unit each to those that lost the largest fraction, the earlier ones first: four times 8.34, eight times 8.33."""
    LARGEST_PART = "largest_part"
    """The largest one, all of it; the first of several."""


@attrs.frozen(kw_only=True)
class EqualInstalments:
    """An amount in equal instalments.

    Attributes:
        each: what an instalment comes to before the remainder is placed.
        remainder: what the whole is more than that, below zero when instalments were rounded up.
        parts: the instalments in order; they add up to the amount.
    """

    each: Money
    remainder: Money
    parts: tuple[Money, ...]


def equal_instalments(
    amount: Money,
    count: int,
    *,
    unit: Number | None = None,
    rounding: RoundingMode | str = RoundingMode.DOWN,
    remainder: RemainderAt | str = RemainderAt.FIRST,
) -> EqualInstalments:
    """Cut an amount into equal instalments.

    Args:
        amount: what is cut.
        count: how many, from 1 to `MOST`.
        unit: smallest step of an instalment; by default the minor unit of the currency.
        rounding: how an instalment is rounded; of no effect for `largest_fraction`.
        remainder: who gets what is left over.

    Raises:
        NoSuchPart: there is no such number of instalments.
        InvalidRounding: the rounding has no mirror image (`ceiling`, `floor`), or is unknown.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing.terms.instalments import equal_instalments
    >>> year = equal_instalments(Money(100, "USD"), 12)
    >>> str(year.each), str(year.remainder), [str(part.amount) for part in year.parts[:3]]
    ('8.33 USD', '0.04 USD', ['8.37', '8.33', '8.33'])
    """
    require_part(count, "number of instalments", MOST)
    # Of twice as much for twice as many the last one never gets the remainder, so it is what an instalment rounds to.
    each = allocate(amount * 2, [1] * (2 * count), unit=unit, rounding=rounding, remainder="first")[-1]
    where = option(RemainderAt, remainder, "who gets the remainder")
    parts = allocate(amount, [1] * count, unit=unit, rounding=rounding, remainder=where.value)
    return EqualInstalments(each=each, remainder=amount - each * count, parts=parts)


@attrs.frozen(kw_only=True)
class Instalment:
    """What is due for one period of a term.

    Attributes:
        period: the days of the term that lie in the period.
        amount: what is due for them.
    """

    period: Period
    amount: Money


def instalments(
    amount: Money,
    term: Period,
    policy: ProrationPolicy,
    *,
    unit: Number | None = None,
    rounding: RoundingMode | str = RoundingMode.DOWN,
    remainder: RemainderAt | str = RemainderAt.LARGEST_FRACTION,
) -> tuple[Instalment, ...]:
    """Spread the price of a term over its periods, by what each of them counts in the policy.

    Args:
        amount: the price of the whole term.
        term: the days that it is for.
        policy: its periods, and how they are weighed; precision `calendar_month` has those of the calendar.
        unit: smallest step of an instalment; by default the minor unit of the currency.
        rounding: how an instalment is rounded; of no effect for `largest_fraction`.
        remainder: who gets what is left over; a period that counts nothing never does.

    Raises:
        InvalidInput: the term has more than `MOST` periods.

    >>> from datetime import date
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.period import Period, require_part
    >>> from salesmgmt.cpq.pricing.terms.instalments import instalments
    >>> from salesmgmt.cpq.pricing.terms.proration import ProrationPolicy
    >>> policy = ProrationPolicy(precision="calendar_month", default_term=1)
    >>> term = Period(date(2026, 1, 16), date(2026, 3, 1))
    >>> [str(part.amount) for part in instalments(Money("47.00", "EUR"), term, policy)]
    ['16.00 EUR', '31.00 EUR']
    """
    periods = policy.periods
    if policy.precision is Precision.CALENDAR_MONTH:
        periods = BillingPeriods(anchor=Anchor.CALENDAR)
    if term.days > MOST * 27 * periods.months:
        wanted = f"at most {MOST} periods"
        raise InvalidInput("instalments", [Problem("term", "too_long", str(term), wanted)])
    parts = tuple(periods.parts(term))
    where = option(RemainderAt, remainder, "who gets the remainder")
    shares = allocate(amount, _weights(parts, policy), unit=unit, rounding=rounding, remainder=where.value)
    return tuple(
        Instalment(period=part.covered, amount=share) for part, share in zip(parts, shares, strict=True)
    )


def _weights(parts: Iterable[PeriodPart], policy: ProrationPolicy) -> list[Decimal]:
    if policy.precision in (Precision.MONTH, Precision.CALENDAR_MONTH):
        counts = [part.count(policy.partial_period) for part in parts]
    else:
        counts = [policy.length(part.covered) for part in parts]
    common = lcm(*(count.denominator for count in counts))
    return [Decimal((count * common).numerator) for count in counts]
