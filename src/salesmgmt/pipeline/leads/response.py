"""Responses: until when a customer must be answered, counted in working time, and whether it was done."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.calendar import BusinessCalendar
from salesmgmt.core.errors import SalesError
from salesmgmt.core.events import Event, require_aware
from salesmgmt.pipeline.leads.events import (
    CustomerWrote,
    LeadAnswered,
    ResponseDeadlineSet,
    ResponsePaused,
    ResponseResumed,
)
from salesmgmt.pipeline.leads.history import applied
from salesmgmt.pipeline.leads.lead import Lead, LeadStatus
from salesmgmt.pipeline.leads.parts import Pause, Response
from salesmgmt.pipeline.leads.qualification import moved


class ResponseStatus(StrEnum):
    """How it stands with a response."""

    NO_DEADLINE = "no_deadline"
    """None was set, and nobody has answered."""
    DUE = "first_response_due"
    """Nobody has answered, and there is time left."""
    PAUSED = "paused"
    """Nobody has answered, and the clock stands still with time left."""
    FULFILLED = "fulfilled"
    """It was answered in time, or without a deadline."""
    FAILED = "failed"
    """The deadline passed without an answer, whether one came later or not."""


class BackInTime(SalesError, ValueError):
    """Something would happen to the clock of a lead before what happened to it last.

    Attributes:
        lead: id of the lead.
        found: when it would happen.
        last: when the last thing happened.
    """

    code = "response_back_in_time"

    def __init__(self, lead: str, found: datetime, last: datetime) -> None:
        super().__init__(
            f"the clock of lead {lead} was last touched at {last.isoformat()}, and now at {found.isoformat()}",
            hint="give what happened in the order in which it did",
        )
        self.lead = lead
        self.found = found
        self.last = last


@attrs.frozen(kw_only=True)
class ResponseTime:
    """A message of the customer, and how it stands with the answer to it.

    Attributes:
        asked_at: when the customer wrote; for the first, when the lead came in.
        answered_at: when it was answered; `None` when it was not, or not yet.
        due: the deadline.
        status: how it stands.
        taken: working time from the message to the answer, or to the instant asked for, without pauses.
    """

    asked_at: datetime
    answered_at: datetime | None
    due: datetime | None
    status: ResponseStatus
    taken: timedelta


@attrs.frozen(kw_only=True)
class FirstResponse:
    """The first response of a lead at some instant.

    Attributes:
        status: how it stands.
        due: the deadline.
        taken: working time from the capture to the answer, or to the instant asked for, without pauses.
        last_taken: working time that the last answer took, to the first or to a later message; `None` without any.
    """

    status: ResponseStatus
    due: datetime | None
    taken: timedelta
    last_taken: timedelta | None = None


def set_response_deadline(
    lead: Lead, within: timedelta, calendar: BusinessCalendar, *, at: datetime, by: Actor
) -> tuple[Lead, tuple[Event, ...]]:
    """Set until when a lead must be answered; a deadline that it has already, stays.

    Args:
        lead: the lead; the time runs from its capture, and stood still in its pauses.
        within: working time that may pass.
        calendar: the working hours.
        at: when this is decided.
        by: who decides it.

    Raises:
        NegativeDuration, OutOfReach: `within` is below zero, or beyond a century.

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
    start, left = lead.created_at, within
    for pause in lead.pauses:
        worked = calendar.elapsed(start, pause.since)
        if pause.until is None or worked >= left:
            break
        start, left = pause.until, left - worked
    due = calendar.deadline(start, left)
    event = ResponseDeadlineSet(at=at, by=by, subjects=(lead.ref,), lead=lead.key, due=due)
    return applied(lead, event), (event,)


def answer(lead: Lead, *, at: datetime, by: Actor) -> tuple[Lead, tuple[Event, ...]]:
    """Note that somebody answered the customer; the first answer takes a new lead up.

    It answers the first message, or the last of the later ones (see `customer_wrote`); without an open message it
    changes nothing. A clock that stood still goes on.

    Raises:
        BackInTime: the clock was stopped, or the customer wrote, after `at`.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.pipeline.leads import Lead, answer
    >>> now = datetime(2026, 1, 1, 9, tzinfo=UTC)
    >>> lead, events = answer(Lead(id="l1", name="Ana Berg", created_at=now), at=now, by=Actor("li.wei"))
    >>> lead.status.value, [type(event).__name__ for event in events]
    ('working', ['LeadAnswered', 'LeadMoved'])
    """
    if not lead.awaits_answer:
        return lead, ()
    _require_order(lead, at)
    first = lead.first_response_at is None
    due = lead.first_response_due if first else lead.responses[-1].due
    event = LeadAnswered(
        at=at,
        by=by,
        subjects=(lead.ref,),
        lead=lead.key,
        due=due,
        in_time=None if due is None else _on_the_clock(lead.pauses, at) <= due,
        first=first,
    )
    answered = applied(lead, event)
    if answered.status is not LeadStatus.NEW:
        return answered, (event,)
    answered, took_up = moved(answered, LeadStatus.WORKING, at=at, by=by)
    return answered, (event, *took_up)


def customer_wrote(
    lead: Lead,
    calendar: BusinessCalendar,
    *,
    within: timedelta | None = None,
    at: datetime,
    by: Actor,
) -> tuple[Lead, tuple[Event, ...]]:
    """Note that the customer wrote again: a clock that stood still goes on, and after an answer a new one starts.

    While a message is unanswered the clock of that one runs on: a second one gives no further time.

    Args:
        lead: the lead.
        calendar: the working hours.
        within: working time that may pass until this message is answered (rolling responses); `None` sets no deadline.
        at: when the customer wrote.
        by: who notes it.

    Raises:
        BackInTime: the clock was stopped, or the last answer given, after `at`.
        NegativeDuration, OutOfReach: `within` is below zero, or beyond a century.

    >>> from datetime import UTC, datetime, timedelta
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.calendar import BusinessCalendar
    >>> from salesmgmt.pipeline.leads import Lead, answer, customer_wrote
    >>> office, rep, monday = BusinessCalendar.weekly(), Actor("li.wei"), datetime(2026, 1, 5, 10, tzinfo=UTC)
    >>> lead, _ = answer(Lead(id="l1", name="Ana", created_at=monday), at=monday, by=rep)
    >>> lead, _ = customer_wrote(lead, office, within=timedelta(hours=4), at=monday.replace(hour=15), by=Actor("mail"))
    >>> lead.responses[-1].due.isoformat()
    '2026-01-06T11:00:00+00:00'
    """
    events: tuple[Event, ...] = ()
    if lead.is_paused:
        lead, events = resume_response(lead, calendar, at=at, by=by)
    if lead.awaits_answer:
        return lead, events
    _require_order(lead, at)
    due = None if within is None else calendar.deadline(at, within)
    event = CustomerWrote(at=at, by=by, subjects=(lead.ref,), lead=lead.key, due=due)
    return applied(lead, event), (*events, event)


def pause_response(
    lead: Lead, *, reason: str = "", at: datetime, by: Actor
) -> tuple[Lead, tuple[Event, ...]]:
    """Stop the clock: nothing can be answered before the customer says more.

    What is failed stays failed. A clock that stands still already, and a lead without an open message, stay as they are.

    Raises:
        BackInTime: the clock was started after `at`.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.pipeline.leads import Lead, pause_response
    >>> now = datetime(2026, 1, 5, 10, tzinfo=UTC)
    >>> lead, _ = pause_response(Lead(id="l1", name="Ana", created_at=now), reason="which size?", at=now, by=Actor("li"))
    >>> lead.is_paused
    True
    """
    if lead.is_paused or not lead.awaits_answer:
        return lead, ()
    _require_order(lead, at)
    event = ResponsePaused(at=at, by=by, subjects=(lead.ref,), lead=lead.key, reason=reason)
    return applied(lead, event), (event,)


def resume_response(
    lead: Lead, calendar: BusinessCalendar, *, at: datetime, by: Actor
) -> tuple[Lead, tuple[Event, ...]]:
    """Let the clock go on, with the working time that was left when it was stopped; one that runs stays as it is.

    Raises:
        BackInTime: the clock was stopped after `at`.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.calendar import BusinessCalendar
    >>> from salesmgmt.pipeline.leads import Lead, pause_response, resume_response
    >>> ten = datetime(2026, 1, 5, 10, tzinfo=UTC)
    >>> lead = Lead(id="l1", name="Ana", created_at=ten, first_response_due=ten.replace(hour=12))
    >>> lead, _ = pause_response(lead, at=ten.replace(hour=11), by=Actor("li"))
    >>> lead, _ = resume_response(lead, BusinessCalendar.weekly(), at=ten.replace(day=7), by=Actor("li"))
    >>> lead.first_response_due.isoformat()
    '2026-01-07T11:00:00+00:00'
    """
    if not lead.is_paused:
        return lead, ()
    _require_order(lead, at)
    stopped = lead.pauses[-1].since
    due = lead.first_response_due if lead.first_response_at is None else lead.responses[-1].due
    if due is not None and stopped <= due:
        due = calendar.deadline(at, calendar.elapsed(stopped, due))
    event = ResponseResumed(at=at, by=by, subjects=(lead.ref,), lead=lead.key, due=due)
    return applied(lead, event), (event,)


def first_response(lead: Lead, calendar: BusinessCalendar, *, as_of: datetime) -> FirstResponse:
    """Return how it stands with the first response of a lead, and how long the last one took.

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
    times = response_times(lead, calendar, as_of=as_of)
    answered = [time.taken for time in times if time.answered_at is not None]
    return FirstResponse(
        status=times[0].status,
        due=times[0].due,
        taken=times[0].taken,
        last_taken=answered[-1] if answered else None,
    )


def response_times(lead: Lead, calendar: BusinessCalendar, *, as_of: datetime) -> tuple[ResponseTime, ...]:
    """Return how it stands with the answer to each message of the customer, the first message first.

    Deadlines are those of now: one that a pause has moved since `as_of` is not known as it was.

    Args:
        lead: the lead.
        calendar: the working hours in which the time taken is counted.
        as_of: the instant asked for; what came later is not known yet.

    Raises:
        ReversedInterval: the lead came in after `as_of`.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.calendar import BusinessCalendar
    >>> from salesmgmt.pipeline.leads import Lead, Response, response_times
    >>> ten, noon, two = (datetime(2026, 1, 5, hour, tzinfo=UTC) for hour in (10, 12, 14))
    >>> lead = Lead(id="l1", name="Ana", created_at=ten, first_response_at=noon, responses=[Response(asked_at=noon, due=two)])
    >>> for time in response_times(lead, BusinessCalendar.weekly(), as_of=two):
    ...     print(time.status, time.taken)
    fulfilled 2:00:00
    first_response_due 2:00:00
    """
    require_aware(as_of, "as_of")
    first = Response(
        asked_at=lead.created_at, due=lead.first_response_due, answered_at=lead.first_response_at
    )
    asked = (first, *(later for later in lead.responses if later.asked_at <= as_of))
    pauses = tuple(_known(pause, as_of) for pause in lead.pauses if pause.since <= as_of)
    return tuple(_time(one, pauses, calendar, as_of) for one in asked)


def _time(
    message: Response, pauses: tuple[Pause, ...], calendar: BusinessCalendar, as_of: datetime
) -> ResponseTime:
    asked_at, due, answered = message.asked_at, message.due, message.answered_at
    if answered is not None and answered > as_of:
        answered = None
    until = answered or as_of
    if due is None:
        status = ResponseStatus.NO_DEADLINE if answered is None else ResponseStatus.FULFILLED
    elif _on_the_clock(pauses, until) > due:
        status = ResponseStatus.FAILED
    elif answered is not None:
        status = ResponseStatus.FULFILLED
    else:
        status = ResponseStatus.PAUSED if pauses and pauses[-1].until is None else ResponseStatus.DUE
    taken = calendar.elapsed(asked_at, until)
    for pause in pauses:
        since, end = max(pause.since, asked_at), min(pause.until or until, until)
        if since < end:
            taken -= calendar.elapsed(since, end)
    return ResponseTime(asked_at=asked_at, answered_at=answered, due=due, status=status, taken=taken)


def _known(pause: Pause, as_of: datetime) -> Pause:
    return attrs.evolve(pause, until=None) if pause.until is not None and pause.until > as_of else pause


def _on_the_clock(pauses: tuple[Pause, ...], instant: datetime) -> datetime:
    """Return when the clock was stopped that stands still at an instant, or ends to stand still then; else the instant."""
    for pause in pauses:
        if pause.since <= instant and (pause.until is None or instant <= pause.until):
            return pause.since
    return instant


def _require_order(lead: Lead, at: datetime) -> None:
    require_aware(at, "at")
    marks = [lead.created_at]
    if lead.first_response_at is not None:
        marks.append(lead.first_response_at)
    if lead.pauses:
        marks.append(lead.pauses[-1].until or lead.pauses[-1].since)
    if lead.responses:
        marks.append(lead.responses[-1].answered_at or lead.responses[-1].asked_at)
    if at < max(marks):
        raise BackInTime(lead.id, at, max(marks))
