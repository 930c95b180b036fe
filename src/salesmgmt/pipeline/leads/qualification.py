"""Qualification: working on a lead until it is worth a deal, given up, or sent back to the pool."""

from __future__ import annotations

from datetime import datetime

from salesmgmt.core.actor import Actor
from salesmgmt.core.events import Event
from salesmgmt.pipeline.leads.events import LeadMoved, LeadRecycled
from salesmgmt.pipeline.leads.history import applied
from salesmgmt.pipeline.leads.lead import Lead, LeadStatus, require_move
from salesmgmt.pipeline.leads.parts import Nurture
from salesmgmt.pipeline.leads.policy import ANY_REASON, LeadPolicy


def work(lead: Lead, *, at: datetime, by: Actor) -> tuple[Lead, tuple[Event, ...]]:
    """Take a lead up, or take it up again; raises `MoveRefused`.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.pipeline.leads import Lead, work
    >>> now = datetime(2026, 1, 1, 9, tzinfo=UTC)
    >>> lead, _ = work(Lead(id="l1", name="Ana Berg", created_at=now), at=now, by=Actor("li.wei"))
    >>> lead.status.value
    'working'
    """
    return moved(lead, LeadStatus.WORKING, at=at, by=by)


def qualify(lead: Lead, *, reason: str = "", at: datetime, by: Actor) -> tuple[Lead, tuple[Event, ...]]:
    """Find a lead worth a deal; raises `MoveRefused`.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.pipeline.leads import Lead, qualify
    >>> now = datetime(2026, 1, 1, 9, tzinfo=UTC)
    >>> lead, _ = qualify(Lead(id="l1", name="Ana Berg", created_at=now), at=now, by=Actor("li.wei"))
    >>> lead.status.value
    'qualified'
    """
    return moved(lead, LeadStatus.QUALIFIED, reason=reason, at=at, by=by)


def disqualify(
    lead: Lead, *, reason: str, note: str = "", policy: LeadPolicy = ANY_REASON, at: datetime, by: Actor
) -> tuple[Lead, tuple[Event, ...]]:
    """Give a lead up, with the reason.

    Args:
        lead: the lead.
        reason: why.
        note: what more there is to say.
        policy: which reasons there are.
        at: when.
        by: who.

    Raises:
        MoveRefused: its status does not allow it.
        ReasonRequired, UnknownReason, NoteRequired: the reason is missing, is none of those declared, or needs a note.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.pipeline.leads import Lead, disqualify
    >>> now = datetime(2026, 1, 1, 9, tzinfo=UTC)
    >>> disqualify(Lead(id="l1", name="Ana Berg", created_at=now), reason=" ", at=now, by=Actor("li.wei"))
    Traceback (most recent call last):
    salesmgmt.pipeline.leads.policy.ReasonRequired: lead l1 becomes unqualified without a reason; say why: ...
    """
    reason, note = policy.read(lead, LeadStatus.UNQUALIFIED, reason, note)
    return moved(lead, LeadStatus.UNQUALIFIED, reason=reason, note=note, at=at, by=by)


def recycle(
    lead: Lead, *, reason: str, note: str = "", policy: LeadPolicy = ANY_REASON, at: datetime, by: Actor
) -> tuple[Lead, tuple[Event, ...]]:
    """Send a lead back to the pool: it is new again and nobody's, to be assigned anew.

    It keeps its team, its score, its touches and what was answered; `recycled` counts how often it went back.

    Args:
        lead: the lead: in work, put off, qualified or given up.
        reason: why.
        note: what more there is to say.
        policy: which reasons there are.
        at: when.
        by: who.

    Raises:
        MoveRefused: its status does not allow it.
        ReasonRequired, UnknownReason, NoteRequired: the reason is missing, is none of those declared, or needs a note.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.pipeline.leads import Lead, LeadStatus, recycle
    >>> now = datetime(2026, 1, 1, 9, tzinfo=UTC)
    >>> lead = Lead(id="l1", name="Ana Berg", status=LeadStatus.WORKING, owner="ada", created_at=now)
    >>> lead, (back,) = recycle(lead, reason="nobody answers", at=now, by=Actor("li.wei"))
    >>> lead.status.value, lead.owner, lead.recycled, back.previous
    ('new', None, 1, 'ada')
    """
    reason, note = policy.read(lead, LeadStatus.NEW, reason, note)
    require_move(lead, LeadStatus.NEW, by=by)
    event = LeadRecycled(
        at=at,
        by=by,
        subjects=(lead.ref,),
        lead=lead.key,
        source=lead.status,
        previous=lead.owner,
        times=lead.recycled + 1,
        reason=reason,
        note=note,
    )
    return applied(lead, event), (event,)


def moved(
    lead: Lead,
    target: LeadStatus,
    *,
    reason: str = "",
    note: str = "",
    nurture: Nurture | None = None,
    at: datetime,
    by: Actor,
) -> tuple[Lead, tuple[LeadMoved]]:
    """Move a lead to another status, and tell it; raises `MoveRefused`."""
    require_move(lead, target, by=by)
    event = LeadMoved(
        at=at,
        by=by,
        subjects=(lead.ref,),
        lead=lead.key,
        source=lead.status,
        target=target,
        reason=reason,
        note=note,
        nurture=nurture,
    )
    return applied(lead, event), (event,)
