"""The state of a lead as the sum of its events."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import attrs

from salesmgmt.core.errors import InvalidInput, SalesError
from salesmgmt.core.events import Event
from salesmgmt.pipeline.leads.details import NOT_AMENDED, read_details
from salesmgmt.pipeline.leads.events import (
    ConsentGiven,
    ConsentWithdrawn,
    CustomerWrote,
    LeadAmended,
    LeadAnswered,
    LeadAssigned,
    LeadCaptured,
    LeadConverted,
    LeadMoved,
    LeadRecycled,
    LeadScored,
    LeadsMerged,
    LeadsUnmerged,
    LeadTouched,
    ResponseDeadlineSet,
    ResponsePaused,
    ResponseResumed,
)
from salesmgmt.pipeline.leads.lead import Lead, LeadStatus
from salesmgmt.pipeline.leads.parts import Consent, Pause, Response, Touch
from salesmgmt.pipeline.own_fields import OWN


class BrokenLeadHistory(SalesError, ValueError):
    """Events do not tell the life of one lead.

    Attributes:
        found: the event that does not fit.
    """

    code = "broken_lead_history"

    def __init__(self, found: Event | None, reason: str) -> None:
        super().__init__(
            reason, hint="give all events about one lead, in the order in which they were published"
        )
        self.found = found


def replay(events: Iterable[Event]) -> Lead:
    """Make a lead from its events, at version 0 and of no tenant: those belong to the repository.

    Args:
        events: the history of one lead, oldest first, with the merges it took part in; events of other kinds are
            passed over.

    Raises:
        BrokenLeadHistory: they do not begin with `LeadCaptured`, or are of several leads, or leave a gap.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.pipeline.leads import capture, work
    >>> from salesmgmt.pipeline.leads.history import replay
    >>> now, rep = datetime(2026, 1, 1, 9, tzinfo=UTC), Actor("li.wei")
    >>> lead, captured = capture(id="l1", name="Ana Berg", source="fair", at=now, by=rep)
    >>> lead, moved = work(lead, at=now, by=rep)
    >>> replay([*captured, *moved]) == lead
    True
    """
    lead: Lead | None = None
    for event in events:
        if isinstance(event, LeadCaptured):
            if lead is not None:
                raise BrokenLeadHistory(
                    event, f"lead {lead.id} is there already, and {event.lead} is captured"
                )
            lead = captured(event)
        elif type(event) in _STEPS:
            if lead is None or lead.ref not in event.subjects or getattr(event, "lead", lead.id) != lead.id:
                about = ", ".join(map(str, event.subjects[:1])) or "nobody"
                raise BrokenLeadHistory(
                    event, f"{type(event).__name__} is about {about}, which was not captured here"
                )
            lead = applied(lead, event)
    if lead is None:
        raise BrokenLeadHistory(None, "no event captures the lead")
    return lead


def captured(event: LeadCaptured) -> Lead:
    """Make the lead that an event takes in."""
    return Lead(id=event.lead, created_at=event.at, **{name: getattr(event, name) for name in _CAPTURED})


def applied(lead: Lead, event: Event) -> Lead:
    """Make the lead as it is after an event about it; raises `BrokenLeadHistory` when it leaves a gap."""
    return _STEPS[type(event)](lead, event)


def touched(touches: Iterable[Touch], touch: Touch) -> tuple[Touch, ...]:
    """Put a touch among others, oldest first."""
    known = tuple(touches)
    if not known or known[-1].at <= touch.at:
        return (*known, touch)
    return tuple(sorted((*known, touch), key=lambda one: one.at))


_CAPTURED = tuple(field.name for field in attrs.fields(LeadCaptured) if field.name in attrs.fields_dict(Lead))


def _amended(lead: Lead, event: LeadAmended) -> Lead:
    plain: dict[str, Any] = {}
    own = dict(lead.fields)
    for change in (*event.changes, *event.private):
        name = change.field.removeprefix(OWN)
        if name == change.field:
            plain[name] = change.after
        elif change.after is None:
            own.pop(name, None)
        else:
            own[name] = change.after
    # A store may give what anybody wrote into it: nothing else of a lead is changed this way.
    if not NOT_AMENDED.isdisjoint(plain):
        raise BrokenLeadHistory(event, f"an amendment of lead {lead.id} can not set {', '.join(NOT_AMENDED)}")
    try:
        read = read_details(f"an amendment of lead {lead.id}", plain)
    except InvalidInput as error:
        raise BrokenLeadHistory(event, str(error)) from error
    return attrs.evolve(lead, **read, fields=own)


def _moved(lead: Lead, event: LeadMoved) -> Lead:
    if lead.status is not event.source:
        raise BrokenLeadHistory(event, f"lead {lead.id} is {lead.status}, and moves from {event.source}")
    return attrs.evolve(
        lead, status=event.target, reason=event.reason, note=event.note, nurture=event.nurture
    )


def _recycled(lead: Lead, event: LeadRecycled) -> Lead:
    if lead.status is not event.source:
        raise BrokenLeadHistory(event, f"lead {lead.id} is {lead.status}, and goes back from {event.source}")
    return attrs.evolve(
        lead,
        status=LeadStatus.NEW,
        reason=event.reason,
        note=event.note,
        nurture=None,
        owner=None,
        recycled=event.times,
    )


def _assigned(lead: Lead, event: LeadAssigned) -> Lead:
    return attrs.evolve(lead, owner=event.owner, team=event.team or lead.team)


def _withdrawn(lead: Lead, event: ConsentWithdrawn) -> Lead:
    consents = tuple(
        attrs.evolve(consent, withdrawn_at=event.at)
        if consent.purpose == event.purpose
        and (consent.withdrawn_at is None or consent.withdrawn_at > event.at)
        else consent
        for consent in lead.consents
    )
    if not any(consent.purpose == event.purpose for consent in consents):
        never = Consent(purpose=event.purpose, given_at=event.at, withdrawn_at=event.at, source=event.source)
        consents = (*consents, never)
    return attrs.evolve(lead, consents=consents)


def _answered(lead: Lead, event: LeadAnswered) -> Lead:
    pauses = _closed(lead.pauses, event)
    if event.first:
        return attrs.evolve(lead, first_response_at=event.at, pauses=pauses)
    if not lead.responses:
        raise BrokenLeadHistory(event, f"lead {lead.id} was answered, and had not written")
    *earlier, last = lead.responses
    return attrs.evolve(lead, responses=(*earlier, attrs.evolve(last, answered_at=event.at)), pauses=pauses)


def _resumed(lead: Lead, event: ResponseResumed) -> Lead:
    pauses = _closed(lead.pauses, event)
    if lead.first_response_at is None:
        return attrs.evolve(lead, first_response_due=event.due, pauses=pauses)
    if lead.awaits_answer:
        *earlier, last = lead.responses
        return attrs.evolve(lead, responses=(*earlier, attrs.evolve(last, due=event.due)), pauses=pauses)
    return attrs.evolve(lead, pauses=pauses)


def _closed(pauses: tuple[Pause, ...], event: Event) -> tuple[Pause, ...]:
    if pauses and pauses[-1].until is None:
        return (*pauses[:-1], attrs.evolve(pauses[-1], until=event.at))
    return pauses


def _converted(lead: Lead, event: LeadConverted) -> Lead:
    return attrs.evolve(
        lead,
        status=LeadStatus.CONVERTED,
        reason="",
        note="",
        nurture=None,
        owner=event.owner,
        team=event.team,
        account=event.account.id,
        contact=event.contact.id,
        deal=None if event.deal is None else event.deal.id,
    )


def _image(lead: Lead, event: LeadsMerged | LeadsUnmerged) -> Lead:
    for image in event.after:
        if image.id == lead.id:
            return attrs.evolve(image, version=lead.version, tenant=lead.tenant)
    raise BrokenLeadHistory(event, f"{type(event).__name__} does not say what lead {lead.id} is after it")


_STEPS: dict[type[Event], Callable[[Lead, Any], Lead]] = {
    LeadAmended: _amended,
    LeadMoved: _moved,
    LeadRecycled: _recycled,
    LeadScored: lambda lead, event: attrs.evolve(lead, score=event.score),
    LeadAssigned: _assigned,
    LeadTouched: lambda lead, event: attrs.evolve(lead, touches=touched(lead.touches, event.touch)),
    ConsentGiven: lambda lead, event: attrs.evolve(lead, consents=(*lead.consents, event.consent)),
    ConsentWithdrawn: _withdrawn,
    ResponseDeadlineSet: lambda lead, event: attrs.evolve(lead, first_response_due=event.due),
    CustomerWrote: lambda lead, event: attrs.evolve(
        lead, responses=(*lead.responses, Response(asked_at=event.at, due=event.due))
    ),
    ResponsePaused: lambda lead, event: attrs.evolve(
        lead, pauses=(*lead.pauses, Pause(since=event.at, reason=event.reason))
    ),
    ResponseResumed: _resumed,
    LeadAnswered: _answered,
    LeadConverted: _converted,
    LeadsMerged: _image,
    LeadsUnmerged: _image,
}
