"""How much a pipeline earns a day, and what would change that."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum

import attrs

from salesmgmt.core.errors import option
from salesmgmt.core.exact import Number, divide, exact, multiply
from salesmgmt.core.measured import Measured
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.period import Period
from salesmgmt.pipeline.analytics._amounts import mean_value, share, total_value
from salesmgmt.pipeline.analytics.cohort import CohortBasis, cohort
from salesmgmt.pipeline.deals import Deal
from salesmgmt.pipeline.metrics import cycle_days

_THIRTY = 30
_HUNDRED = Decimal(100)


@attrs.frozen(kw_only=True)
class SalesVelocity:
    """What a pipeline earns a day, and the four factors that make it.

    Attributes:
        opportunities: how many deals.
        win_rate: the share of them that is won.
        mean_value: what a won deal brings.
        cycle_days: how many days a won deal takes.
        per_day: opportunities x win rate x mean value / cycle.
        per_30_days: thirty times as much.
        open: deals of the cohort that are undecided, when it was measured on deals.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.analytics import sales_velocity
    >>> velocity = sales_velocity(18, mean_value=Money(42000, "USD"), win_rate="0.24", cycle_days=65)
    >>> str(velocity.per_day.value.to_currency_decimals("half_even"))
    '2791.38 USD'
    """

    opportunities: Decimal
    win_rate: Measured[Decimal]
    mean_value: Measured[Money]
    cycle_days: Measured[Decimal]
    per_day: Measured[Money]
    per_30_days: Measured[Money]
    open: int = 0


def sales_velocity(
    opportunities: Number,
    *,
    win_rate: Number | None,
    mean_value: Money | None = None,
    cycle_days: Number | None = None,
) -> SalesVelocity:
    """Work out sales velocity from its four factors: n x win rate x mean won value / mean won cycle.

    Args:
        opportunities: how many deals.
        win_rate: as a plain number, 0.25 for a quarter; `None` when no deal is closed.
        mean_value: of a won deal; `None` when none was won.
        cycle_days: of a won deal; likewise.

    Returns:
        The velocity; undefined with the flag `no_closed_deals`, `no_won_deals` or `no_cycle` (a cycle of no days, or unknown).

    Raises:
        FloatRefused, NotANumber: a factor is no exact number.

    >>> from salesmgmt.pipeline.analytics import sales_velocity
    >>> sales_velocity(10, win_rate=None).per_day.flag
    'no_closed_deals'
    """
    return _velocity(
        exact(opportunities, "a count of opportunities"),
        _given(win_rate, "no_closed_deals"),
        Measured(mean_value, None if mean_value is not None else "no_won_deals"),
        _given(cycle_days, "no_cycle"),
    )


def _given(factor: Number | None, flag: str) -> Measured[Decimal]:
    return Measured(None, flag) if factor is None else Measured(exact(factor, "a factor of sales velocity"))


def deal_velocity(
    deals: Iterable[Deal], *, by: CohortBasis | str, period: Period | None = None
) -> SalesVelocity:
    """Measure the sales velocity of a cohort of deals.

    All deals of the cohort are its opportunities; value and cycle are the means of the won ones whose amount and days are
    known, and the win rate is won / (won + lost). By `closed` it comes to won value / mean won cycle.

    Args:
        deals: any deals.
        by: whether the period is that of their opening (`created`) or of their end (`closed`).
        period: the period; `None` takes all.

    Raises:
        UnknownOption: there is no such basis.

    >>> from salesmgmt.pipeline.analytics import deal_velocity
    >>> deal_velocity([], by="closed").per_day
    Measured(None, flag='no_closed_deals', n=0, metric='sales_velocity')
    """
    chosen = cohort(deals, by=by, period=period)
    won = chosen.won
    days = [known for known in map(cycle_days, won) if known is not None]
    cycle: Measured[Decimal] = Measured(None, "no_cycle" if won else "no_won_deals")
    if days:
        coverage = divide(Decimal(len(days)), Decimal(len(won)))
        cycle = Measured(divide(Decimal(sum(days)), Decimal(len(days))), n=len(days), coverage=coverage)
    return _velocity(
        Decimal(len(chosen.deals)),
        share(len(won), len(won) + len(chosen.lost), "no_closed_deals"),
        mean_value(total_value(won, "no_won_deals")),
        cycle,
        open_=len(chosen.open),
    )


def _velocity(
    opportunities: Decimal,
    rate: Measured[Decimal],
    value: Measured[Money],
    cycle: Measured[Decimal],
    open_: int = 0,
) -> SalesVelocity:
    flag = rate.flag or value.flag or cycle.flag
    per_day = None
    if rate.value is not None and value.value is not None and cycle.value is not None:
        flag = None if cycle.value > 0 else "no_cycle"
        if flag is None:
            # Multiplied before it is divided, so that nothing is rounded twice.
            per_day = value.value * multiply(opportunities, rate.value) / cycle.value
    n = value.n
    return SalesVelocity(
        opportunities=opportunities,
        win_rate=rate,
        mean_value=value,
        cycle_days=cycle,
        per_day=Measured(per_day, flag, n=n, metric="sales_velocity"),
        per_30_days=Measured(
            None if per_day is None else per_day * _THIRTY, flag, n=n, metric="sales_velocity_30_days"
        ),
        open=open_,
    )


class VelocityFactor(StrEnum):
    """What sales velocity is made of.

    >>> from salesmgmt.pipeline.analytics import VelocityFactor
    >>> VelocityFactor("cycle_days").name
    'CYCLE_DAYS'
    """

    OPPORTUNITIES = "opportunities"
    WIN_RATE = "win_rate"
    MEAN_VALUE = "mean_value"
    CYCLE_DAYS = "cycle_days"


def velocity_change(factor: VelocityFactor | str, change: Percent) -> Measured[Percent]:
    """Return by how much velocity changes when one factor does and the others stay.

    Three factors multiply: 10 % more wins are 10 % more a day. The cycle divides, so a cycle shorter by a fifth gives a quarter
    more (1 / 0.8), not a fifth.

    Args:
        factor: which factor.
        change: by how much it changes; -20 % is a fifth less.

    Returns:
        The change; undefined with the flag `no_cycle` when nothing is left of the cycle.

    Raises:
        UnknownOption: there is no such factor.

    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.pipeline.analytics import velocity_change
    >>> str(velocity_change("cycle_days", Percent(-20)).value)
    '25%'
    """
    if option(VelocityFactor, factor, "the factor of sales velocity") is not VelocityFactor.CYCLE_DAYS:
        return Measured(change, metric="velocity_change")
    left = (Percent(100) + change).points
    if left <= 0:
        return Measured(None, "no_cycle", metric="velocity_change")
    points = divide(multiply(change.points.copy_negate(), _HUNDRED), left)
    return Measured(Percent(points), metric="velocity_change")
