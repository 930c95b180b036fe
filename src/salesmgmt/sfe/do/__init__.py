"""Do: what the sales force does."""

from __future__ import annotations

from salesmgmt.sfe.do.activity import (
    Activity,
    ActivityCancelled,
    ActivityDone,
    ActivityOver,
    ActivityPlanned,
    ActivityStatus,
    cancel_activity,
    complete_activity,
    plan_activity,
)

ENTITIES = (Activity,)
EVENTS = (ActivityPlanned, ActivityDone, ActivityCancelled)

__all__ = [
    "ENTITIES",
    "EVENTS",
    "Activity",
    "ActivityCancelled",
    "ActivityDone",
    "ActivityOver",
    "ActivityPlanned",
    "ActivityStatus",
    "cancel_activity",
    "complete_activity",
    "plan_activity",
]
