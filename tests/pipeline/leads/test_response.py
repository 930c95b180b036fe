from __future__ import annotations

from datetime import UTC, datetime, timedelta

import attrs
import pytest

from salesmgmt.core.actor import Actor
from salesmgmt.core.calendar import BusinessCalendar
from salesmgmt.pipeline.leads import (
    Lead,
    LeadAnswered,
    LeadStatus,
    ResponseStatus,
    answer,
    first_response,
    set_response_deadline,
)

OFFICE = BusinessCalendar.weekly("mon-fri")  # 9 to 17, UTC
REP = Actor("li.wei")


def at(hour: int, day: int = 1, minute: int = 0) -> datetime:
    """An hour in January 2024, which began on a Monday."""
    return datetime(2024, 1, day, hour, minute, tzinfo=UTC)


def lead(created: datetime, due: datetime | None = None, answered: datetime | None = None) -> Lead:
    return Lead(id="l1", created_at=created, first_response_due=due, first_response_at=answered)


def test_a_deadline_crosses_the_night() -> None:
    # frappe/crm test_crm_service_level_agreement.py: Monday 16:00 and two hours of 9 to 17
    set_, (event,) = set_response_deadline(lead(at(16)), timedelta(hours=2), OFFICE, at=at(16), by=REP)

    assert set_.first_response_due == event.due == at(10, day=2)  # type: ignore[attr-defined]


def test_a_deadline_that_is_there_stays() -> None:
    before = lead(at(10), due=at(15))

    assert set_response_deadline(before, timedelta(hours=1), OFFICE, at=at(10), by=REP) == (before, ())


def test_the_first_answer_counts_and_takes_the_lead_up() -> None:
    answered, events = answer(lead(at(10), due=at(12)), at=at(12), by=REP)
    again = answer(answered, at=at(16), by=REP)

    assert (answered.first_response_at, answered.status) == (at(12), LeadStatus.WORKING)
    assert isinstance(events[0], LeadAnswered)
    assert events[0].in_time is True  # at the very instant it was due
    assert again == (answered, ())


def test_a_late_answer_is_told_and_a_worked_lead_keeps_its_status() -> None:
    before = attrs.evolve(lead(at(10), due=at(12)), status=LeadStatus.NURTURING)

    answered, (event,) = answer(before, at=at(12, minute=1), by=REP)

    assert answered.status is LeadStatus.NURTURING
    assert isinstance(event, LeadAnswered)
    assert event.in_time is False


@pytest.mark.parametrize(
    ("due", "answered", "as_of", "status", "taken"),
    [
        (None, None, at(12), ResponseStatus.NO_DEADLINE, 2),
        (None, at(11), at(12), ResponseStatus.FULFILLED, 1),
        (at(12), None, at(11), ResponseStatus.DUE, 1),
        (at(12), None, at(12), ResponseStatus.DUE, 2),
        (at(12), None, at(13), ResponseStatus.FAILED, 3),
        (at(12), at(10), at(13), ResponseStatus.FULFILLED, 0),
        (at(12), at(12), at(13), ResponseStatus.FULFILLED, 2),
        (at(12), at(9, day=2), at(9, day=3), ResponseStatus.FAILED, 7),
        (at(12), at(13), at(11), ResponseStatus.DUE, 1),  # as it was known at eleven
    ],
)
def test_how_it_stands_with_the_first_response(
    due: datetime | None, answered: datetime | None, as_of: datetime, status: ResponseStatus, taken: int
) -> None:
    found = first_response(lead(at(10), due, answered), OFFICE, as_of=as_of)

    assert (found.status, found.due, found.taken) == (status, due, timedelta(hours=taken))
