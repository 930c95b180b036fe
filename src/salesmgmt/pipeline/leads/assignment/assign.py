"""Give a lead to an owner, one at a time or as a batch was shared out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import PersonId
from salesmgmt.core.errors import SalesError
from salesmgmt.core.events import Event
from salesmgmt.pipeline.leads.assignment.outcome import Distribution
from salesmgmt.pipeline.leads.events import LeadAssigned
from salesmgmt.pipeline.leads.lead import Lead, LeadStatus


class CannotAssign(SalesError, ValueError):
    """A lead was given to somebody after it was converted or merged.

    Attributes:
        lead: id of the lead.
        status: what it is.
    """

    code = "cannot_assign"

    def __init__(self, lead: str, status: LeadStatus) -> None:
        super().__init__(
            f"lead {lead} is {status} and has no owner of its own any more",
            hint="assign what it became, or the lead that carries on",
        )
        self.lead = lead
        self.status = status


def assign(
    lead: Lead,
    owner: PersonId,
    *,
    team: str = "",
    reason: str = "",
    turn: int = 0,
    at: datetime,
    by: Actor,
) -> tuple[Lead, tuple[Event, ...]]:
    """Give a lead to an owner; to the owner and team it has, changes nothing.

    Args:
        lead: the lead.
        owner: who looks after it from now on.
        team: the team that it belongs to from now on; empty for the one it has.
        reason: why; of an `Assignment`, its reason.
        turn: of an `Assignment`, its turn.
        at: when.
        by: who decides it.

    Raises:
        CannotAssign: the lead was converted or merged.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.pipeline.leads import Lead, assign
    >>> now = datetime(2026, 1, 1, 9, tzinfo=UTC)
    >>> lead, (assigned,) = assign(Lead(id="l1", created_at=now), "ada", at=now, by=Actor("crm"))
    >>> lead.owner, assigned.previous
    ('ada', None)
    """
    if lead.status in {LeadStatus.CONVERTED, LeadStatus.MERGED}:
        raise CannotAssign(lead.id, lead.status)
    if lead.owner == owner and team in ("", lead.team):
        return lead, ()
    event = LeadAssigned(
        at=at,
        by=by,
        subjects=(lead.ref,),
        lead=lead.key,
        owner=owner,
        previous=lead.owner,
        reason=reason,
        turn=turn,
        team=team,
    )
    return attrs.evolve(lead, owner=owner, team=team or lead.team), (event,)


def assign_all(
    leads: Iterable[Lead], distribution: Distribution, *, at: datetime, by: Actor
) -> tuple[tuple[Lead, ...], tuple[Event, ...]]:
    """Carry a distribution out.

    Args:
        leads: the leads that were shared out; others are returned as they are.
        distribution: who gets which.
        at: when; as it was shared out.
        by: who decides it.

    Returns:
        The leads in their order, and the events in the order of the distribution.

    Raises:
        CannotAssign: a lead was converted or merged in the meantime; nothing is carried out.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.pipeline.leads import AssignmentPolicy, Lead, Member, assign_all
    >>> now = datetime(2026, 1, 1, 9, tzinfo=UTC)
    >>> leads = [Lead(id="l1", created_at=now)]
    >>> shared = AssignmentPolicy(id="north", members=(Member(person="ada"),)).compile().distribute(leads, at=now)
    >>> (lead,), events = assign_all(leads, shared, at=now, by=Actor("crm"))
    >>> lead.owner, len(events)
    ('ada', 1)
    """
    states = {lead.key: lead for lead in leads}
    every: list[Event] = []
    for given in distribution.assignments:
        lead = states.get(given.lead)
        if lead is not None:
            states[given.lead], events = assign(
                lead, given.owner, team=given.team, reason=given.reason, turn=given.turn, at=at, by=by
            )
            every.extend(events)
    return tuple(states.values()), tuple(every)
