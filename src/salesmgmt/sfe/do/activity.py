"""Activities: the calls, visits and meetings of the sales force, planned and done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import AccountId, DealId, Entity, PersonId, personal
from salesmgmt.core.errors import SalesError
from salesmgmt.core.events import Event, aware
from salesmgmt.core.formula import Value
from salesmgmt.core.period import require_date


class ActivityStatus(StrEnum):
    """How far an activity is.

    Attributes:
        PLANNED: it is to be done; past its day it counts as missed (`Activity.is_missed`).
        DONE: it was done.
        CANCELLED: it was called off.
    """

    PLANNED = "planned"
    DONE = "done"
    CANCELLED = "cancelled"


class ActivityOver(SalesError, ValueError):
    """An activity that is done or cancelled was to be done, moved or cancelled again."""

    code = "activity_over"

    def __init__(self, id: str, status: ActivityStatus) -> None:  # noqa: A002 - an entity's `id`
        self.id = id
        self.status = status
        super().__init__(f"the activity {id} is {status} already", hint="plan a new one")


@attrs.frozen(kw_only=True)
class Activity(Entity):
    """One contact with a customer, or the plan of one.

    Only the commands of this module change `status` and the dates, so that they agree.

    Attributes:
        kind: what sort of contact: `call`, `visit`, `meeting`, `demo`, in the host's own words.
        owner: who does it.
        account: the customer; `None` for internal work.
        deal: the deal it furthers, if any.
        planned_for: the business date it is planned for; `None` when it was done without a plan.
        status: how far it is.
        done_at: when it was done.
        outcome: what came of it, a word of the host's own list (`order`, `no_answer`).
        fields: fields of the host's own; they may speak of a person, so they count as personal data.

    >>> from datetime import date
    >>> from salesmgmt.sfe.do import Activity
    >>> visit = Activity(id="a-1", kind="visit", owner="li.wei", account="acme", planned_for=date(2026, 10, 7))
    >>> visit.is_missed(date(2026, 10, 8))
    True
    """

    kind: str
    owner: PersonId
    account: AccountId | None = None
    deal: DealId | None = None
    planned_for: date | None = None
    status: ActivityStatus = ActivityStatus.PLANNED
    done_at: datetime | None = attrs.field(default=None, validator=aware)
    outcome: str | None = None
    fields: Mapping[str, Value | None] = personal(blank={}, factory=dict, hash=False)

    @property
    def day(self) -> date | None:
        """The day it belongs to: when it was done (in the zone of `done_at`), else the day it is planned for."""
        return self.done_at.date() if self.done_at else self.planned_for

    def is_missed(self, as_of: date) -> bool:
        """Whether its day has passed without its being done."""
        is_past = self.planned_for is not None and self.planned_for < require_date(as_of, "as_of")
        return self.status is ActivityStatus.PLANNED and is_past


@attrs.frozen(kw_only=True)
class ActivityPlanned(Event):
    """An activity was planned, or planned for another day."""

    kind: str
    owner: PersonId
    planned_for: date
    instead_of: date | None = None


@attrs.frozen(kw_only=True)
class ActivityDone(Event):
    """An activity was done."""

    kind: str
    owner: PersonId
    account: AccountId | None
    outcome: str | None


@attrs.frozen(kw_only=True)
class ActivityCancelled(Event):
    """An activity was called off."""

    kind: str
    owner: PersonId
    reason: str


def plan_activity(
    activity: Activity, planned_for: date, *, at: datetime, by: Actor
) -> tuple[Activity, tuple[ActivityPlanned]]:
    """Plan an activity for a day, or for another day.

    Raises:
        ActivityOver: it is done or cancelled.

    >>> from datetime import UTC, date, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.sfe.do import Activity, plan_activity
    >>> call = Activity(id="a-2", kind="call", owner="li.wei")
    >>> call, events = plan_activity(
    ...     call, date(2026, 10, 7), at=datetime(2026, 10, 1, tzinfo=UTC), by=Actor("li.wei")
    ... )
    >>> call.planned_for
    datetime.date(2026, 10, 7)
    """
    _require_planned(activity)
    planned = attrs.evolve(activity, planned_for=require_date(planned_for, "planned_for"))
    event = ActivityPlanned(
        at=at,
        by=by,
        subjects=(activity.ref,),
        kind=activity.kind,
        owner=activity.owner,
        planned_for=planned_for,
        instead_of=activity.planned_for,
    )
    return planned, (event,)


def complete_activity(
    activity: Activity, outcome: str | None = None, *, at: datetime, by: Actor
) -> tuple[Activity, tuple[ActivityDone]]:
    """Note that an activity was done at `at`, and what came of it.

    Raises:
        ActivityOver: it is done or cancelled already.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.sfe.do import Activity, complete_activity
    >>> call = Activity(id="a-2", kind="call", owner="li.wei")
    >>> call, events = complete_activity(
    ...     call, "order", at=datetime(2026, 10, 7, 9, tzinfo=UTC), by=Actor("li.wei")
    ... )
    >>> call.status.value, call.outcome
    ('done', 'order')
    """
    _require_planned(activity)
    done = attrs.evolve(activity, status=ActivityStatus.DONE, done_at=at, outcome=outcome)
    event = ActivityDone(
        at=at,
        by=by,
        subjects=(activity.ref,),
        kind=activity.kind,
        owner=activity.owner,
        account=activity.account,
        outcome=outcome,
    )
    return done, (event,)


def cancel_activity(
    activity: Activity, reason: str = "", *, at: datetime, by: Actor
) -> tuple[Activity, tuple[ActivityCancelled]]:
    """Call an activity off.

    Raises:
        ActivityOver: it is done or cancelled already.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.sfe.do import Activity, cancel_activity
    >>> call = Activity(id="a-2", kind="call", owner="li.wei")
    >>> cancel_activity(call, "ill", at=datetime(2026, 10, 7, tzinfo=UTC), by=Actor("li.wei"))[0].status.value
    'cancelled'
    """
    _require_planned(activity)
    cancelled = attrs.evolve(activity, status=ActivityStatus.CANCELLED)
    event = ActivityCancelled(
        at=at, by=by, subjects=(activity.ref,), kind=activity.kind, owner=activity.owner, reason=reason
    )
    return cancelled, (event,)


def _require_planned(activity: Activity) -> None:
    if activity.status is not ActivityStatus.PLANNED:
        raise ActivityOver(activity.id, activity.status)
