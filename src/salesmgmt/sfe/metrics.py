"""What is measured of the work of a sales force."""

from __future__ import annotations

from salesmgmt.core.formula import BOOL, DATE
from salesmgmt.engines.metrics import Count, Distinct, FactKind, Metric, Ratio, Unit
from salesmgmt.sfe.do.activity import Activity

ACTIVITIES = FactKind.of(
    "activity",
    Activity,
    {
        "day": (DATE, lambda activity: activity.day),
        "was_planned": (BOOL, lambda activity: activity.planned_for is not None),
    },
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
