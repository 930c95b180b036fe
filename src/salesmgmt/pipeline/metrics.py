"""The metrics of the pipeline, over deals and over leads.

A figure takes the rows it is given: those of a quarter, a team, a product. Which rows belong to a question is for the caller to
say; for a win rate of a period take the deals closed in it, for a conversion rate the leads that came in.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from salesmgmt.core.exact import divide
from salesmgmt.core.formula import NUMBER
from salesmgmt.engines.metrics import (
    Count,
    Direction,
    FactKind,
    Mean,
    Median,
    Metric,
    Ratio,
    Sum,
    Unit,
)
from salesmgmt.pipeline.deals import Deal
from salesmgmt.pipeline.leads import Lead

_MICROSECONDS_PER_HOUR = Decimal(3_600_000_000)


def cycle_days(deal: Deal) -> int | None:
    """Return the days from opening a deal to its close; `None` when it is open, or nobody knows when it was opened.

    >>> from datetime import UTC, date, datetime
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.pipeline.deals import Deal, Estimate, ForecastCategory, StageKind
    >>> from salesmgmt.pipeline.metrics import cycle_days
    >>> start = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> deal = Deal(
    ...     id="d-1", name="Acme laptops", pipeline="enterprise", pipeline_version=1, pipeline_digest="", stage="won",
    ...     status=StageKind.WON, category=ForecastCategory.CLOSED, probability=Estimate(Percent(100)),
    ...     opened_at=start, stage_since=start, closed_on=date(2026, 4, 1),
    ... )  # fmt: skip
    >>> cycle_days(deal)
    30
    """
    if deal.opened_at is None or deal.closed_on is None:
        return None
    return (deal.closed_on - deal.opened_at.date()).days


def response_hours(lead: Lead) -> Decimal | None:
    """Return the hours from a lead's coming in to its first answer, by the clock; `None` before that.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.pipeline.leads import Lead
    >>> from salesmgmt.pipeline.metrics import response_hours
    >>> nine, noon = datetime(2026, 3, 2, 9, tzinfo=UTC), datetime(2026, 3, 2, 12, tzinfo=UTC)
    >>> response_hours(Lead(id="l-1", name="Ana Berg", created_at=nine, first_response_at=noon))
    Decimal('3')
    """
    if lead.first_response_at is None:
        return None
    waited = lead.first_response_at - lead.created_at
    return divide(Decimal(waited // timedelta(microseconds=1)), _MICROSECONDS_PER_HOUR)


DEAL_FACTS = FactKind.of("deal", Deal, {"cycle_days": (NUMBER, cycle_days)})
"""Deals as rows: their fields, and `cycle_days`."""

LEAD_FACTS = FactKind.of("lead", Lead, {"response_hours": (NUMBER, response_hours)})
"""Leads as rows: their fields, and `response_hours`."""


_OPEN = "status == 'open'"
_WON = "status == 'won'"
_LOST = "status == 'lost'"
_CLOSED = "status in {'won', 'lost'}"

_DEAL_METRICS = (
    Metric(id="deals_open", facts="deal", unit=Unit.COUNT, aggregate=Count(_OPEN)),
    Metric(id="deals_won", facts="deal", unit=Unit.COUNT, aggregate=Count(_WON)),
    Metric(
        id="deals_lost",
        facts="deal",
        unit=Unit.COUNT,
        direction=Direction.LOWER_IS_BETTER,
        aggregate=Count(_LOST),
    ),
    Metric(
        id="win_rate",
        facts="deal",
        unit=Unit.RATIO,
        aggregate=Ratio(Count(_WON), Count(_CLOSED)),
        undefined="no_closed_deals",
        source="won / (won + lost); open deals say nothing yet",
    ),
    Metric(
        id="value_win_rate",
        facts="deal",
        unit=Unit.RATIO,
        aggregate=Ratio(Sum("amount", where=_WON), Sum("amount", where=_CLOSED)),
        undefined="no_closed_value",
        source="won value / (won value + lost value)",
    ),
    Metric(
        id="open_value",
        facts="deal",
        unit=Unit.MONEY,
        aggregate=Sum("amount", where=_OPEN),
        undefined="no_open_deals",
    ),
    Metric(
        id="weighted_open_value",
        facts="deal",
        unit=Unit.MONEY,
        aggregate=Sum("amount * probability.value", where=_OPEN),
        undefined="no_open_deals",
        source="sum of amount x probability, unrounded",
    ),
    Metric(
        id="won_value",
        facts="deal",
        unit=Unit.MONEY,
        aggregate=Sum("amount", where=_WON),
        undefined="no_won_deals",
    ),
    Metric(
        id="lost_value",
        facts="deal",
        unit=Unit.MONEY,
        direction=Direction.LOWER_IS_BETTER,
        aggregate=Sum("amount", where=_LOST),
        undefined="no_lost_deals",
    ),
    Metric(
        id="won_deal_size",
        facts="deal",
        unit=Unit.MONEY,
        aggregate=Mean("amount", where=_WON),
        undefined="no_won_deals",
    ),
    Metric(
        id="won_cycle_days",
        facts="deal",
        unit=Unit.DAYS,
        direction=Direction.LOWER_IS_BETTER,
        aggregate=Median("cycle_days", where=_WON),
        undefined="no_won_deals",
        source="median of day closed - day opened; a deal without a known opening is left out",
    ),
    Metric(
        id="sales_velocity",
        facts="deal",
        unit=Unit.MONEY,
        aggregate=Ratio(Sum("amount", where=_WON), Mean("cycle_days", where=_WON)),
        undefined="no_won_deals",
        source="sales velocity a day: closed deals x win rate x mean won value / mean won cycle in days, "
        "which is won value / mean won cycle",
    ),
)

_LEAD_METRICS = (
    Metric(id="leads", facts="lead", unit=Unit.COUNT, aggregate=Count("status != 'merged'")),
    Metric(id="leads_converted", facts="lead", unit=Unit.COUNT, aggregate=Count("status == 'converted'")),
    Metric(
        id="lead_conversion_rate",
        facts="lead",
        unit=Unit.RATIO,
        aggregate=Ratio(Count("status == 'converted'"), Count("status != 'merged'")),
        undefined="no_leads",
        source="converted / all leads; a lead that was merged into another is not counted twice",
    ),
    Metric(
        id="first_response_hours",
        facts="lead",
        unit=Unit.HOURS,
        direction=Direction.LOWER_IS_BETTER,
        aggregate=Median("response_hours", where="first_response_at is not missing"),
        undefined="no_answered_leads",
    ),
    Metric(
        id="answered_in_time_rate",
        facts="lead",
        unit=Unit.RATIO,
        aggregate=Ratio(
            Count("first_response_at <= first_response_due"),
            Count("first_response_at is not missing and first_response_due is not missing"),
        ),
        undefined="no_answered_leads",
    ),
)

METRICS = _DEAL_METRICS + _LEAD_METRICS
"""The metrics over `DEAL_FACTS` and `LEAD_FACTS`."""
