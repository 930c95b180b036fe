"""How large deals are on average."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from salesmgmt.core.measured import Measured
from salesmgmt.core.money import Money
from salesmgmt.pipeline.analytics._amounts import mean_value, total_value
from salesmgmt.pipeline.deals import Deal, StageKind


@attrs.frozen(kw_only=True)
class DealAverages:
    """Mean amounts of deals; deals without an amount are left out, which the coverage says.

    Attributes:
        open_count: deals that are open.
        won_count: deals that were won.
        open: mean amount of the open ones.
        won: mean amount of the won ones.
        won_and_open: mean amount of both together.

    >>> from salesmgmt.pipeline.analytics import deal_averages
    >>> deal_averages([]).won
    Measured(None, flag='no_won_deals', n=0, metric='mean_won')
    """

    open_count: int
    won_count: int
    open: Measured[Money]
    won: Measured[Money]
    won_and_open: Measured[Money]


def deal_averages(deals: Iterable[Deal]) -> DealAverages:
    """Measure the mean amount of open and of won deals.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.pipeline.analytics import deal_averages
    >>> from salesmgmt.pipeline.deals import Deal, Estimate, ForecastCategory, StageKind
    >>> march = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> deal = Deal(id="d-1", name="", pipeline="p", pipeline_version=1, pipeline_digest="", stage="new", status=StageKind.OPEN,
    ...             category=ForecastCategory.PIPELINE, probability=Estimate(Percent(10)), opened_at=march, stage_since=march,
    ...             amount=Money(900, "EUR"))
    >>> str(deal_averages([deal]).open.value)
    '900 EUR'
    """
    every = list(deals)
    is_open = [deal for deal in every if deal.status is StageKind.OPEN]
    won = [deal for deal in every if deal.status is StageKind.WON]
    return DealAverages(
        open_count=len(is_open),
        won_count=len(won),
        open=mean_value(total_value(is_open, "no_open_deals"), "mean_open"),
        won=mean_value(total_value(won, "no_won_deals"), "mean_won"),
        won_and_open=mean_value(total_value([*won, *is_open], "no_deals"), "mean_won_and_open"),
    )
