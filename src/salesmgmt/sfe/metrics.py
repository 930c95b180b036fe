"""What is measured of the work of a sales force."""

from __future__ import annotations

from operator import attrgetter

from salesmgmt.core.formula import BOOL, DATE
from salesmgmt.engines.metrics import Count, Distinct, FactKind, Metric, Ratio, Unit
from salesmgmt.sfe.do.activity import Activity


def _was_planned(activity: Activity) -> bool:
    return activity.planned_for is not None


ACTIVITY_FACTS = FactKind.of(
    "activity", Activity, {"day": (DATE, attrgetter("day")), "was_planned": (BOOL, _was_planned)}
)
"""Activities as facts: their fields, the `day` they belong to, and whether they were planned (`was_planned`)."""

_DONE = "status == 'done'"
_AT_ACCOUNT = f"{_DONE} and account is not missing"
_PRACTICE = "field force reporting practice (reach, frequency and plan completion)"

METRICS = (
    Metric(
        id="activities_done",
        facts="activity",
        unit=Unit.COUNT,
        aggregate=Count(_DONE),
        source=_PRACTICE,
    ),
    Metric(
        id="accounts_reached",
        facts="activity",
        unit=Unit.COUNT,
        aggregate=Distinct("account", where=_DONE),
        source=_PRACTICE,
    ),
    Metric(
        id="contact_frequency",
        facts="activity",
        unit=Unit.RATIO,
        aggregate=Ratio(Count(_AT_ACCOUNT), Distinct("account", where=_DONE)),
        undefined="no_account_reached",
        source=_PRACTICE,
    ),
    Metric(
        id="plan_completion",
        facts="activity",
        unit=Unit.RATIO,
        aggregate=Ratio(Count(f"was_planned and {_DONE}"), Count("was_planned and status != 'cancelled'")),
        undefined="nothing_planned",
        source=_PRACTICE,
    ),
)
"""Metrics over activities: how many, how many accounts, how often each, and the share of the plan that was done."""
