"""How often deals are won, by count and by value, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import TypeAlias

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, option, shorten
from salesmgmt.core.formula import Value
from salesmgmt.core.measured import Measured
from salesmgmt.core.money import Money
from salesmgmt.core.period import Period
from salesmgmt.engines.metrics import Grouping
from salesmgmt.engines.statistics import wilson_interval
from salesmgmt.pipeline.analytics._amounts import ValueTotal, mean_value, share, total_value
from salesmgmt.pipeline.analytics.cohort import Cohort, CohortBasis, cohort, members, of_deals
from salesmgmt.pipeline.deals import Deal
from salesmgmt.pipeline.metrics import DEAL_FACTS

_NO_CLOSED, _NO_DEALS = "no_closed_deals", "no_deals"

Key: TypeAlias = str | Callable[[Deal], Value | None]
"""What deals are grouped by: a field, a formula over a deal, or a function of one."""


@attrs.frozen(kw_only=True)
class CohortWinRate:
    """The win rate of deals of which some are open still.

    Attributes:
        closed_only: won / (won + lost): what the decided ones say; quick deals weigh too much in it.
        lower: won / all: what it comes to when every open deal is lost.
        upper: (won + open) / all: what it comes to when every open deal is won.

    >>> from salesmgmt.pipeline.analytics import cohort_win_rate
    >>> rate = cohort_win_rate(won=3, lost=1, open=4)
    >>> str(rate.closed_only.value), str(rate.lower.value), str(rate.upper.value)
    ('0.75', '0.375', '0.875')
    """

    closed_only: Measured[Decimal]
    lower: Measured[Decimal]
    upper: Measured[Decimal]


def cohort_win_rate(*, won: int, lost: int, open: int = 0) -> CohortWinRate:  # noqa: A002 - what the deals are
    """Work out the win rate of a cohort from its counts, with the bounds that its open deals leave.

    Returns:
        The rates; undefined with the flag `no_closed_deals`, the bounds with `no_deals`.

    Raises:
        InvalidInput: a count is below zero or not whole.

    >>> from salesmgmt.pipeline.analytics import cohort_win_rate
    >>> cohort_win_rate(won=0, lost=0, open=2).closed_only
    Measured(None, flag='no_closed_deals', n=0, metric='win_rate')
    """
    counts = {"won": won, "lost": lost, "open": open}
    problems = [
        Problem(name, "count", shorten(count), "a whole number, 0 or more")
        for name, count in counts.items()
        if type(count) is not int or count < 0
    ]
    if problems:
        raise InvalidInput("the counts of a cohort", problems)
    every = won + lost + open
    return CohortWinRate(
        closed_only=share(won, won + lost, _NO_CLOSED, "win_rate"),
        lower=share(won, every, _NO_DEALS, "win_rate"),
        upper=share(won + open, every, _NO_DEALS, "win_rate"),
    )


@attrs.frozen(kw_only=True)
class WinRate:
    """How often, and how much, a cohort of deals was won; made by `win_rate`.

    Attributes:
        by: by which day the deals belong to the period.
        period: the period; `None` when all deals were taken.
        won: deals won.
        lost: deals lost.
        open: deals still undecided, which `count` says nothing about.
        undated: deals that could not be placed in the period.
        count: won / (won + lost).
        value: won value / (won value + lost value); its coverage is the share of closed deals with an amount.
        lower: won / all: what `count` comes to when every open deal is lost.
        upper: (won + open) / all: what it comes to when every open deal is won.
        interval: of `count`, by Wilson (1927); `None` when nothing is closed.
        won_value: what the won deals bring.
        lost_value: what the lost ones would have brought.
        open_value: what the open ones would bring.
        mean_won: won value / won deals with an amount.

    >>> from salesmgmt.pipeline.analytics import win_rate
    >>> win_rate([], by="closed").count
    Measured(None, flag='no_closed_deals', n=0, metric='win_rate')
    """

    by: CohortBasis
    period: Period | None
    won: int
    lost: int
    open: int
    undated: int
    count: Measured[Decimal]
    value: Measured[Decimal]
    lower: Measured[Decimal]
    upper: Measured[Decimal]
    interval: tuple[float, float] | None
    won_value: Measured[Money]
    lost_value: Measured[Money]
    open_value: Measured[Money]
    mean_won: Measured[Money]


def win_rate(
    deals: Iterable[Deal],
    *,
    by: CohortBasis | str,
    period: Period | None = None,
    confidence: float = 0.95,
) -> WinRate:
    """Measure how often deals are won, by count and by value.

    Args:
        deals: any deals.
        by: whether the period is that of their opening (`created`) or of their end (`closed`).
        period: the period; `None` takes all.
        confidence: of the interval.

    Raises:
        UnknownOption: there is no such basis.
        ValueError: the confidence is not above 0 and below 1.

    >>> from datetime import UTC, date, datetime
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.core.period import Period
    >>> from salesmgmt.pipeline.analytics import win_rate
    >>> from salesmgmt.pipeline.deals import Deal, Estimate, ForecastCategory, StageKind
    >>> march = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> deal = Deal(id="d-1", name="", pipeline="p", pipeline_version=1, pipeline_digest="", stage="won", status=StageKind.WON,
    ...             category=ForecastCategory.CLOSED, probability=Estimate(Percent(100)), opened_at=march, stage_since=march,
    ...             amount=Money(900, "EUR"), closed_on=date(2026, 4, 1))
    >>> rate = win_rate([deal], by="closed", period=Period.month(2026, 4))
    >>> rate.count.value, str(rate.won_value.value)
    (Decimal('1'), '900 EUR')
    """
    return _of(cohort(deals, by=by, period=period), confidence)


def win_loss(
    deals: Iterable[Deal],
    key: Key,
    *,
    by: CohortBasis | str,
    period: Period | None = None,
    confidence: float = 0.95,
) -> dict[Value | None, WinRate]:
    """Measure wins and losses of each group of deals: by owner, product, source, reason of loss, competitor.

    Where the key is a set, such as `competitors`, a deal counts in the group of each member; those groups overlap.

    Args:
        deals: any deals.
        key: a field (`owner`, `product`, `lost_to`, `loss_reason`, `competitors`), a formula over a deal, or a function of one.
        by: as for `win_rate`.
        period: as for `win_rate`.
        confidence: of the intervals.

    Returns:
        The figures by group, the group with the most deals first; deals without a key stand under `None`. `undated` is 0 in
        each: ask `cohort` for those that could not be placed.

    Raises:
        FormulaError: `key` is no formula over a deal.
        UnknownOption: there is no such basis.

    >>> from salesmgmt.pipeline.analytics import win_loss
    >>> win_loss([], "lost_to", by="closed")
    {}
    """
    basis = option(CohortBasis, by, "the basis of a cohort")
    chosen, _ = members(deals, basis, period)
    ordered = sorted(_grouped(chosen, key).items(), key=lambda group: (-len(group[1]), str(group[0])))
    return {its: _of(of_deals(group, basis, period), confidence) for its, group in ordered}


def _grouped(deals: list[Deal], key: Key) -> dict[Value | None, list[Deal]]:
    if isinstance(key, str):
        return Grouping(key, DEAL_FACTS).members(deals)
    groups: dict[Value | None, list[Deal]] = {}
    for deal in deals:
        groups.setdefault(key(deal), []).append(deal)
    return groups


def _of(chosen: Cohort, confidence: float) -> WinRate:
    won, lost = len(chosen.won), len(chosen.lost)
    bounds = cohort_win_rate(won=won, lost=lost, open=len(chosen.open))
    gained, missed = ValueTotal.of(chosen.won), ValueTotal.of(chosen.lost)
    won_value = gained.measured("no_won_deals", "won_value")
    return WinRate(
        by=chosen.by,
        period=chosen.period,
        won=won,
        lost=lost,
        open=len(chosen.open),
        undated=chosen.undated,
        count=bounds.closed_only,
        value=_value_rate(gained, missed),
        lower=bounds.lower,
        upper=bounds.upper,
        interval=wilson_interval(won, won + lost, confidence) if won + lost else None,
        won_value=won_value,
        lost_value=missed.measured("no_lost_deals", "lost_value"),
        open_value=total_value(chosen.open, "no_open_deals", "open_value"),
        mean_won=mean_value(won_value, "mean_won"),
    )


def _value_rate(won: ValueTotal, lost: ValueTotal) -> Measured[Decimal]:
    closed = (won + lost).measured(_NO_CLOSED)
    n, coverage, metric = closed.n, closed.coverage, "value_win_rate"
    if closed.value is None:
        return Measured(None, closed.flag, n=n, coverage=coverage, metric=metric)
    if not closed.value:
        return Measured(None, "no_closed_value", n=n, coverage=coverage, metric=metric)
    if won.deals and not won.n:
        # What was won is not known, which is not nothing.
        return Measured(None, "values_missing", n=n, coverage=coverage, metric=metric)
    gained = won.measured("no_won_deals").or_else(Money.zero(closed.value.currency))
    return Measured(gained / closed.value, n=n, coverage=coverage, metric=metric)
