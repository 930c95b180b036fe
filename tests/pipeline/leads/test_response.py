from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.actor import Actor
from salesmgmt.core.calendar import BusinessCalendar
from salesmgmt.pipeline.leads import (
    BackInTime,
    CustomerWrote,
    Lead,
    LeadAnswered,
    LeadStatus,
    ResponsePaused,
    ResponseResumed,
    ResponseStatus,
    answer,
    customer_wrote,
    first_response,
    pause_response,
    response_times,
    resume_response,
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


def test_the_clock_stands_still_while_the_customer_is_asked() -> None:
    before = lead(at(9), due=at(13))  # four hours of Monday

    stopped, (paused,) = pause_response(before, reason="which size?", at=at(11), by=REP)
    meanwhile = first_response(stopped, OFFICE, as_of=at(16, day=3))
    going, (resumed,) = resume_response(stopped, OFFICE, at=at(16, day=3), by=REP)

    assert isinstance(paused, ResponsePaused)
    assert isinstance(resumed, ResponseResumed)
    assert (meanwhile.status, meanwhile.taken) == (ResponseStatus.PAUSED, timedelta(hours=2))
    # an hour of Wednesday is left, and the other one comes on Thursday from nine to ten
    assert going.first_response_due == resumed.due == at(10, day=4)
    answered, (done, _) = answer(going, at=at(10, day=4), by=REP)
    assert done.in_time is True  # type: ignore[attr-defined]
    assert first_response(answered, OFFICE, as_of=at(12, day=5)).taken == timedelta(hours=4)


def test_an_answer_while_the_clock_stands_still_is_in_time() -> None:
    stopped, _ = pause_response(lead(at(9), due=at(13)), at=at(11), by=REP)

    answered, (done, _) = answer(stopped, at=at(16, day=9), by=REP)

    assert done.in_time is True  # type: ignore[attr-defined]
    assert not answered.is_paused
    found = first_response(answered, OFFICE, as_of=at(16, day=10))
    assert (found.status, found.taken) == (ResponseStatus.FULFILLED, timedelta(hours=2))


def test_what_has_failed_is_not_saved_by_a_pause() -> None:
    stopped, _ = pause_response(lead(at(9), due=at(11)), at=at(12), by=REP)
    going, _ = resume_response(stopped, OFFICE, at=at(9, day=2), by=REP)

    assert going.first_response_due == at(11)
    assert first_response(stopped, OFFICE, as_of=at(9, day=2)).status is ResponseStatus.FAILED
    assert first_response(going, OFFICE, as_of=at(9, day=2)).status is ResponseStatus.FAILED


def test_what_stands_or_goes_already_stays_as_it_is() -> None:
    going = lead(at(9))
    stopped, _ = pause_response(going, at=at(10), by=REP)
    answered, _ = answer(going, at=at(10), by=REP)

    assert resume_response(going, OFFICE, at=at(10), by=REP) == (going, ())
    assert pause_response(stopped, at=at(11), by=REP) == (stopped, ())
    assert pause_response(answered, at=at(11), by=REP) == (answered, ())


def test_each_later_message_sets_a_deadline_of_its_own() -> None:
    # Frappe CRM calls this rolling responses
    talk, _ = answer(lead(at(9), due=at(11)), at=at(10), by=REP)
    talk, (wrote,) = customer_wrote(talk, OFFICE, within=timedelta(hours=2), at=at(16), by=REP)
    again, none = customer_wrote(talk, OFFICE, within=timedelta(hours=2), at=at(16, minute=30), by=REP)

    assert isinstance(wrote, CustomerWrote)
    assert wrote.due == at(10, day=2)
    assert (again, none) == (talk, ())  # the clock of the first unanswered one runs on
    talk, (done,) = answer(talk, at=at(11, day=2), by=REP)
    assert isinstance(done, LeadAnswered)
    assert (done.first, done.in_time, done.due) == (False, False, at(10, day=2))
    times = response_times(talk, OFFICE, as_of=at(12, day=2))
    assert [(time.status, time.taken) for time in times] == [
        (ResponseStatus.FULFILLED, timedelta(hours=1)),
        (ResponseStatus.FAILED, timedelta(hours=3)),
    ]
    found = first_response(talk, OFFICE, as_of=at(12, day=2))
    assert (found.status, found.last_taken) == (ResponseStatus.FULFILLED, timedelta(hours=3))
    assert first_response(talk, OFFICE, as_of=at(12)).last_taken == timedelta(hours=1)


def test_the_customers_word_lets_the_clock_go_on() -> None:
    stopped, _ = pause_response(lead(at(9), due=at(13)), at=at(11), by=REP)

    going, events = customer_wrote(stopped, OFFICE, within=timedelta(hours=1), at=at(9, day=2), by=REP)

    assert [type(event) for event in events] == [ResponseResumed]
    assert (going.first_response_due, going.responses) == (at(11, day=2), ())


def test_a_later_message_without_agreed_time_has_no_deadline() -> None:
    talk, _ = answer(lead(at(9)), at=at(10), by=REP)
    talk, _ = customer_wrote(talk, OFFICE, at=at(11), by=REP)

    assert response_times(talk, OFFICE, as_of=at(12))[1].status is ResponseStatus.NO_DEADLINE
    talk, (done,) = answer(talk, at=at(12), by=REP)
    assert done.in_time is None  # type: ignore[attr-defined]


def test_what_comes_before_the_last_thing_is_refused() -> None:
    stopped, _ = pause_response(lead(at(9)), at=at(11), by=REP)
    talk, _ = answer(lead(at(9)), at=at(11), by=REP)

    late: list[Callable[[], object]] = [
        lambda: answer(lead(at(9)), at=at(8), by=REP),
        lambda: answer(stopped, at=at(10), by=REP),
        lambda: resume_response(stopped, OFFICE, at=at(10), by=REP),
        lambda: customer_wrote(talk, OFFICE, at=at(10), by=REP),
        lambda: pause_response(lead(at(9)), at=at(8), by=REP),
    ]
    for command in late:
        with pytest.raises(BackInTime):
            command()


MINUTES = st.lists(st.integers(0, 10_000), min_size=2, max_size=8, unique=True).map(sorted)


@given(MINUTES, st.integers(1, 3000))
def test_pauses_never_cost_working_time(minutes: list[int], within: int) -> None:
    # Law: whatever the pauses, the deadline comes when the agreed working time has passed outside of them.
    one, _ = set_response_deadline(lead(at(9)), timedelta(minutes=within), OFFICE, at=at(9), by=REP)
    failed = False
    for index, minute in enumerate(minutes[: len(minutes) // 2 * 2]):
        moment = at(9) + timedelta(minutes=minute)
        assert one.first_response_due is not None
        failed = failed or (not index % 2 and moment > one.first_response_due)
        if index % 2:
            one, _ = resume_response(one, OFFICE, at=moment, by=REP)
        else:
            one, _ = pause_response(one, at=moment, by=REP)

    assert one.first_response_due is not None
    if not failed:
        found = first_response(one, OFFICE, as_of=max(one.first_response_due, moment))
        assert found.status is ResponseStatus.DUE
        assert found.taken == timedelta(minutes=within)


def test_a_deadline_that_is_set_after_a_pause_counts_what_was_worked() -> None:
    office, monday = BusinessCalendar.weekly("mon-fri", time_zone="UTC"), datetime(2026, 3, 2, 9, tzinfo=UTC)
    lead = Lead(id="l1", name="Ana", created_at=monday)
    rep = Actor("li.wei")
    lead, _ = pause_response(lead, at=monday.replace(hour=10), by=rep)
    lead, _ = resume_response(lead, office, at=monday.replace(hour=13), by=rep)

    # One hour passed before the pause; of two hours one is left, from one o'clock on.
    late, _ = set_response_deadline(lead, timedelta(hours=2), office, at=monday.replace(hour=14), by=rep)
    assert late.first_response_due == monday.replace(hour=14)
    # Half an hour was over before the pause began.
    soon, _ = set_response_deadline(lead, timedelta(minutes=30), office, at=monday.replace(hour=14), by=rep)
    assert soon.first_response_due == monday.replace(hour=9, minute=30)
