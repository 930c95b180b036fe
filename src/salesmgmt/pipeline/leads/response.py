"""First response: until when a new lead must be answered, counted in working time, and whether it was."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.calendar import BusinessCalendar
from salesmgmt.core.events import Event
from salesmgmt.pipeline.leads.events import LeadAnswered, LeadMoved, ResponseDeadlineSet
from salesmgmt.pipeline.leads.lead import Lead, LeadStatus


class ResponseStatus(StrEnum):
    """How it stands with the first response."""

    NO_DEADLINE = "no_deadline"
    """None was set, and nobody has answered."""
    DUE = "first_response_due"
    """Nobody has answered, and there is time left."""
    FULFILLED = "fulfilled"
    """It was answered in time, or without a deadline."""
    FAILED = "failed"
    """The deadline passed without an answer, whether one came later or not."""


@attrs.frozen(kw_only=True)
class FirstResponse:
    """The first response of a lead at some instant.

    Attributes:
        status: how it stands.
        due: the deadline.
        taken: working time from the capture to the answer, or to the instant asked for.
    """

    status: ResponseStatus
    due: datetime | None
    taken: timedelta


def set_response_deadline(
    lead: Lead, within: timedelta, calendar: BusinessCalendar, *, at: datetime, by: Actor
) -> tuple[Lead, tuple[Event, ...]]:
    """Set until when a lead must be answered; a deadline that it has already, stays.

    Args:
        lead: the lead; the time runs from its capture.
        within: working time that may pass.
        calendar: the working hours.
        at: when this is decided.
        by: who decides it.

    >>> from datetime import UTC, datetime, timedelta
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.calendar import BusinessCalendar
    >>> from salesmgmt.pipeline.leads import Lead, set_response_deadline
    >>> office = BusinessCalendar.weekly("mon-fri")
    >>> friday = datetime(2026, 1, 2, 16, tzinfo=UTC)
    >>> lead, _ = set_response_deadline(Lead(id="l1", name="Ana", created_at=friday), timedelta(hours=2), office,
    ...                                 at=friday, by=Actor("crm"))
    >>> lead.first_response_due.isoformat()
    '2026-01-05T10:00:00+00:00'
    """
    if lead.first_response_due is not None:
        return lead, ()
    due = calendar.deadline(lead.created_at, within)
    event = ResponseDeadlineSet(at=at, by=by, subjects=(lead.ref,), lead=lead.key, due=due)
    return attrs.evolve(lead, first_response_due=due), (event,)


def answer(lead: Lead, *, at: datetime, by: Actor) -> tuple[Lead, tuple[Event, ...]]:
    """Note that somebody answered the lead; the first time counts, and takes a new lead up.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.pipeline.leads import Lead, answer
    >>> now = datetime(2026, 1, 1, 9, tzinfo=UTC)
    >>> lead, events = answer(Lead(id="l1", name="Ana Berg", created_at=now), at=now, by=Actor("li.wei"))
    >>> lead.status.value, [type(event).__name__ for event in events]
    ('working', ['LeadAnswered', 'LeadMoved'])
    """
    if lead.first_response_at is not None:
        return lead, ()
    due = lead.first_response_due
    subjects = (lead.ref,)
    events: list[Event] = [
        LeadAnswered(
            at=at,
            by=by,
            subjects=subjects,
            lead=lead.key,
            due=due,
            in_time=None if due is None else at <= due,
        )
    ]
    answered = attrs.evolve(lead, first_response_at=at)
    if lead.status is LeadStatus.NEW:
        answered = attrs.evolve(answered, status=LeadStatus.WORKING)
        events.append(
            LeadMoved(
                at=at,
                by=by,
                subjects=subjects,
                lead=lead.key,
                source=LeadStatus.NEW,
                target=LeadStatus.WORKING,
            )
        )
    return answered, tuple(events)


def first_response(lead: Lead, calendar: BusinessCalendar, *, as_of: datetime) -> FirstResponse:
    """Return how it stands with the first response of a lead.

    Args:
        lead: the lead.
        calendar: the working hours in which the time taken is counted.
        as_of: the instant asked for; an answer that came later is not known yet.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.calendar import BusinessCalendar
    >>> from salesmgmt.pipeline.leads import Lead, first_response
    >>> office = BusinessCalendar.weekly("mon-fri")
    >>> monday = datetime(2026, 1, 5, 10, tzinfo=UTC)
    >>> lead = Lead(id="l1", name="Ana", created_at=monday, first_response_due=monday.replace(hour=12))
    >>> first_response(lead, office, as_of=monday.replace(hour=13)).status.value
    'failed'
    """
    answered = lead.first_response_at
    if answered is not None and answered > as_of:
        answered = None
    due = lead.first_response_due
    until = answered or as_of
    if due is None:
        status = ResponseStatus.NO_DEADLINE if answered is None else ResponseStatus.FULFILLED
    elif until > due:
        status = ResponseStatus.FAILED
    else:
        status = ResponseStatus.DUE if answered is None else ResponseStatus.FULFILLED
    return FirstResponse(status=status, due=due, taken=calendar.elapsed(lead.created_at, until))
