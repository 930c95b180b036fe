"""Nurturing: leaving a lead in peace until a day, or until something wakes it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import LeadId
from salesmgmt.core.errors import SalesError
from salesmgmt.core.events import Event, require_aware
from salesmgmt.pipeline.leads.lead import Lead, LeadStatus
from salesmgmt.pipeline.leads.parts import Nurture
from salesmgmt.pipeline.leads.policy import ANY_REASON, LeadPolicy
from salesmgmt.pipeline.leads.qualification import moved


class PutOffIntoThePast(SalesError, ValueError):
    """A lead would be left in peace until an instant that is over.

    Attributes:
        lead: id of the lead.
        at: when it is put off.
        until: until when.
    """

    code = "put_off_into_the_past"

    def __init__(self, lead: str, at: datetime, until: datetime) -> None:
        super().__init__(
            f"lead {lead} would be put off at {at.isoformat()} until {until.isoformat()}",
            hint="give a later instant, or none",
        )
        self.lead = lead
        self.at = at
        self.until = until


@attrs.frozen(kw_only=True)
class Waking:
    """A lead that is to be taken up again.

    Attributes:
        lead: the lead.
        due: since when, if it is the day that wakes it.
        seen: the names of what happened that wake it, if it is that.
    """

    lead: LeadId
    due: datetime | None = None
    seen: tuple[str, ...] = ()


def nurture(
    lead: Lead,
    *,
    reason: str,
    note: str = "",
    until: datetime | None = None,
    wakes_on: Iterable[str] = (),
    policy: LeadPolicy = ANY_REASON,
    at: datetime,
    by: Actor,
) -> tuple[Lead, tuple[Event, ...]]:
    """Keep a lead warm that will not buy now.

    Args:
        lead: the lead.
        reason: why not now.
        note: what more there is to say.
        until: when it is taken up again at the latest.
        wakes_on: names of what the host may see happen that takes it up before.
        policy: which reasons there are.
        at: when.
        by: who.

    Raises:
        MoveRefused: its status does not allow it.
        ReasonRequired, UnknownReason, NoteRequired: the reason is missing, is none of those declared, or needs a note.
        PutOffIntoThePast: `until` is not after `at`.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.pipeline.leads import Lead, nurture
    >>> now = datetime(2026, 1, 1, 9, tzinfo=UTC)
    >>> lead, (moved,) = nurture(Lead(id="l1", name="Ana Berg", created_at=now), reason="budget next year",
    ...                          until=now.replace(month=11), at=now, by=Actor("li.wei"))
    >>> lead.status.value, moved.reason, lead.nurture.until.isoformat()
    ('nurturing', 'budget next year', '2026-11-01T09:00:00+00:00')
    """
    if until is not None and require_aware(until, "until") <= require_aware(at, "at"):
        raise PutOffIntoThePast(lead.id, at, until)
    left = Nurture(
        since=at, until=until, wakes_on=frozenset([wakes_on] if isinstance(wakes_on, str) else wakes_on)
    )
    reason, note = policy.read(lead, LeadStatus.NURTURING, reason, note)
    return moved(lead, LeadStatus.NURTURING, reason=reason, note=note, nurture=left, at=at, by=by)


def due_for_waking(
    leads: Iterable[Lead], at: datetime, *, seen: Mapping[LeadId, Collection[str]] | None = None
) -> tuple[Waking, ...]:
    """Return the nurtured leads that are to be taken up again, the longest overdue first, then by id.

    Args:
        leads: leads of any status.
        at: the instant asked for.
        seen: names of what happened since a lead was put off, by the lead.

    Raises:
        NaiveInstant, NotAnInstant: `at` has no time zone, or is no instant.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.pipeline.leads import Lead, LeadStatus, Nurture, due_for_waking
    >>> day = datetime(2026, 1, 1, 9, tzinfo=UTC)
    >>> lead = Lead(id="l1", name="Ana", created_at=day, status=LeadStatus.NURTURING,
    ...             nurture=Nurture(since=day, until=day.replace(month=5), wakes_on={"asked_for_price"}))
    >>> due_for_waking([lead], day.replace(month=4))
    ()
    >>> due_for_waking([lead], day.replace(month=4), seen={"l1": {"asked_for_price"}})
    (Waking(lead='l1', due=None, seen=('asked_for_price',)),)
    """
    require_aware(at, "at")
    woken: list[Waking] = []
    for lead in leads:
        if lead.status is not LeadStatus.NURTURING or lead.nurture is None:
            continue
        until = lead.nurture.until
        due = until if until is not None and until <= at else None
        names = tuple(sorted(lead.nurture.wakes_on.intersection((seen or {}).get(lead.key, ()))))
        if due is not None or names:
            woken.append(Waking(lead=lead.key, due=due, seen=names))
    return tuple(sorted(woken, key=lambda waking: (waking.due or at, waking.lead)))


def wake(lead: Lead, *, reason: str = "", at: datetime, by: Actor) -> tuple[Lead, tuple[Event, ...]]:
    """Take a nurtured lead up again; one that is not nurtured stays as it is.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.pipeline.leads import Lead, nurture, wake
    >>> now, rep = datetime(2026, 1, 1, 9, tzinfo=UTC), Actor("li.wei")
    >>> lead, _ = nurture(Lead(id="l1", name="Ana Berg", created_at=now), reason="budget next year", at=now, by=rep)
    >>> lead, _ = wake(lead, reason="asked for a price", at=now, by=rep)
    >>> lead.status.value, lead.nurture
    ('working', None)
    """
    if lead.status is not LeadStatus.NURTURING:
        return lead, ()
    return moved(lead, LeadStatus.WORKING, reason=reason, at=at, by=by)
