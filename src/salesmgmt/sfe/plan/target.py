"""Targets: what is to be reached, by whom, in which period, and how a target is spread over the months."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

import attrs

from salesmgmt.core.allocation import Remainder, allocate
from salesmgmt.core.errors import SalesError
from salesmgmt.core.exact import add
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.period import Period
from salesmgmt.engines.metrics import Figure

_WHOLE = Percent(100)


class NotWhole(SalesError, ValueError):
    """Percentages that share something out do not add up to 100 %.

    Attributes:
        found: what they add up to.
    """

    code = "not_100_percent"

    def __init__(self, found: Percent, what: str) -> None:
        self.found = found
        self.what = what
        super().__init__(f"{what} add up to {found}", hint="let them add up to exactly 100%")


class NotDivisible(SalesError, TypeError):
    """A rate was to be spread over the months, or a number of months does not fit."""

    code = "not_divisible"

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message, hint=hint)


def require_whole(percentages: Sequence[Percent], what: str) -> None:
    """Check that percentages add up to exactly 100 %; raises `NotWhole`.

    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.sfe.plan.target import require_whole
    >>> require_whole([Percent(60), Percent(30)], "the shares of q-17")
    Traceback (most recent call last):
    salesmgmt.sfe.plan.target.NotWhole: the shares of q-17 add up to 90%; let them add up to exactly 100%
    """
    total = Decimal(0)
    for percentage in percentages:
        total = add(total, percentage.points)
    if total != _WHOLE.points:
        raise NotWhole(Percent(total), what)


def _shares(shares: Iterable[Percent]) -> tuple[Percent, ...]:
    return tuple(shares)


@attrs.frozen
class Distribution:
    """How a target is spread over parts of its period: the percentage of each part, in order.

    Named after the Monthly Distribution of ERPNext.

    Attributes:
        shares: one percentage for each part; together 100 %.

    Raises:
        NotWhole: the shares do not add up to 100 %.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.sfe.plan import Distribution
    >>> Distribution((Percent(50), Percent(30), Percent(20))).spread(Money("1000.01", "EUR"))
    (Money('500.01', 'EUR'), Money('300.00', 'EUR'), Money('200.00', 'EUR'))
    """

    shares: tuple[Percent, ...] = attrs.field(converter=_shares)

    def __attrs_post_init__(self) -> None:
        require_whole(self.shares, "the shares of a distribution")

    def spread(
        self,
        value: Money | Decimal,
        *,
        unit: Decimal | int | str | None = None,
        remainder: Remainder = "largest_fraction",
    ) -> tuple[Money, ...] | tuple[Decimal, ...]:
        """Spread a value over the parts; they add up to it exactly (`core.allocation.allocate`).

        Args:
            value: what is spread.
            unit: smallest step of a part; the minor unit of the currency, or 1 for a count.
            remainder: who gets what is left after rounding.
        """
        return _spread(value, self.shares, unit, remainder)


def spread_evenly(
    value: Money | Decimal,
    parts: int,
    *,
    unit: Decimal | int | str | None = None,
    remainder: Remainder = "largest_fraction",
) -> tuple[Money, ...] | tuple[Decimal, ...]:
    """Spread a value over equal parts that add up to it exactly.

    Args:
        value: what is spread.
        parts: how many parts.
        unit: smallest step of a part; the minor unit of the currency, or 1 for a count.
        remainder: who gets what is left after rounding.

    Raises:
        InvalidAllocation: there are no parts.

    >>> from decimal import Decimal
    >>> from salesmgmt.sfe.plan import spread_evenly
    >>> spread_evenly(Decimal(100), 3)
    (Decimal('34'), Decimal('33'), Decimal('33'))
    """
    return _spread(value, [1] * parts, unit, remainder)


def _spread(
    value: Money | Decimal,
    weights: Sequence[Percent] | Sequence[int],
    unit: Decimal | int | str | None,
    remainder: Remainder,
) -> tuple[Money, ...] | tuple[Decimal, ...]:
    if isinstance(value, Money):
        return allocate(value, weights, unit=unit, remainder=remainder)
    return allocate(value, weights, unit=1 if unit is None else unit, remainder=remainder)


@attrs.frozen(kw_only=True)
class Target:
    """What a subject is to reach in a period.

    Attributes:
        subject: id of the person, team or territory.
        metric: id of the metric it is stated in.
        period: the days it holds for.
        value: what is to be reached.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.period import Period
    >>> from salesmgmt.sfe.plan import Target
    >>> quarter = Target(
    ...     subject="li.wei", metric="won_value", period=Period.quarter(2026, 4), value=Money("100000.00", "CNY")
    ... )
    >>> [str(month.value) for month in quarter.by_month()]
    ['33333.34 CNY', '33333.33 CNY', '33333.33 CNY']
    """

    subject: str
    metric: str
    period: Period
    value: Figure

    def by_month(
        self,
        distribution: Distribution | None = None,
        *,
        unit: Decimal | int | str | None = None,
        remainder: Remainder = "largest_fraction",
    ) -> tuple[Target, ...]:
        """Spread it over the months of its period; the parts add up to it exactly.

        Args:
            distribution: the share of each month; equal shares by default.
            unit: smallest step of a part; the minor unit of the currency, or 1 for a count.
            remainder: who gets what is left after rounding.

        Raises:
            NotDivisible: it is a rate, which cannot be spread, or the distribution has another number of parts.
        """
        months = tuple(self.period.months())
        parts = self._parts(len(months), distribution, unit, remainder)
        return tuple(
            Target(subject=self.subject, metric=self.metric, period=month, value=part)
            for month, part in zip(months, parts, strict=True)
        )

    def _parts(
        self,
        months: int,
        distribution: Distribution | None,
        unit: Decimal | int | str | None,
        remainder: Remainder,
    ) -> Sequence[Figure]:
        if isinstance(self.value, Percent):
            message = f"the target {self.metric} of {self.subject} is a rate"
            raise NotDivisible(message, "a rate holds for each month as it is; copy it instead")
        if distribution is None:
            return spread_evenly(self.value, months, unit=unit, remainder=remainder)
        if len(distribution.shares) != months:
            message = f"the distribution has {len(distribution.shares)} parts, the period {months} months"
            raise NotDivisible(message, "give one share for each month")
        return distribution.spread(self.value, unit=unit, remainder=remainder)
