"""Qualification: working on a lead until it is worth a deal, or given up with a reason."""

from __future__ import annotations

from datetime import datetime

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.errors import SalesError
from salesmgmt.core.events import Event
from salesmgmt.pipeline.leads.events import LeadMoved
from salesmgmt.pipeline.leads.lead import Lead, LeadStatus, require_move


class ReasonRequired(SalesError, ValueError):
    """A lead was given up or put off without a reason.

    Attributes:
        lead: id of the lead.
        target: the status it would have got.
    """

    code = "reason_required"

    def __init__(self, lead: str, target: LeadStatus) -> None:
        super().__init__(f"lead {lead} becomes {target} without a reason", hint="say why: reason='no budget'")
        self.lead = lead
        self.target = target


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
    return _move(lead, LeadStatus.WORKING, "", at, by)


def nurture(lead: Lead, *, reason: str, at: datetime, by: Actor) -> tuple[Lead, tuple[Event, ...]]:
    """Keep a lead warm that will not buy now; raises `MoveRefused`, `ReasonRequired`.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.pipeline.leads import Lead, nurture
    >>> now = datetime(2026, 1, 1, 9, tzinfo=UTC)
    >>> lead, (moved,) = nurture(Lead(id="l1", name="Ana Berg", created_at=now), reason="budget next year",
    ...                          at=now, by=Actor("li.wei"))
    >>> lead.status.value, moved.reason
    ('nurturing', 'budget next year')
    """
    return _move(lead, LeadStatus.NURTURING, _required(lead, LeadStatus.NURTURING, reason), at, by)


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
    return _move(lead, LeadStatus.QUALIFIED, reason, at, by)


def disqualify(lead: Lead, *, reason: str, at: datetime, by: Actor) -> tuple[Lead, tuple[Event, ...]]:
    """Give a lead up, with the reason; raises `MoveRefused`, `ReasonRequired`.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.pipeline.leads import Lead, disqualify
    >>> now = datetime(2026, 1, 1, 9, tzinfo=UTC)
    >>> disqualify(Lead(id="l1", name="Ana Berg", created_at=now), reason=" ", at=now, by=Actor("li.wei"))
    Traceback (most recent call last):
    salesmgmt.pipeline.leads.qualification.ReasonRequired: lead l1 becomes unqualified without a reason; say why: ...
    """
    return _move(lead, LeadStatus.UNQUALIFIED, _required(lead, LeadStatus.UNQUALIFIED, reason), at, by)


def _required(lead: Lead, target: LeadStatus, reason: str) -> str:
    if not reason.strip():
        raise ReasonRequired(lead.id, target)
    return reason


def _move(
    lead: Lead, target: LeadStatus, reason: str, at: datetime, by: Actor
) -> tuple[Lead, tuple[Event, ...]]:
    require_move(lead, target, by=by)
    event = LeadMoved(
        at=at,
        by=by,
        subjects=(lead.ref,),
        lead=lead.key,
        source=lead.status,
        target=target,
        reason=reason,
    )
    return attrs.evolve(lead, status=target, reason=reason), (event,)
