"""Activities, planned and done."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from salesmgmt.core.actor import Actor
from salesmgmt.core.events import NaiveInstant
from salesmgmt.sfe import (
    Activity,
    ActivityOver,
    ActivityStatus,
    cancel_activity,
    complete_activity,
    plan_activity,
)

REP = Actor("li")
NOON = datetime(2026, 10, 7, 12, tzinfo=UTC)


def _call() -> Activity:
    return Activity(id="a-1", kind="call", owner="li", planned_for=date(2026, 10, 6))


def test_an_activity_belongs_to_the_day_it_was_done() -> None:
    done, (event,) = complete_activity(_call(), "order", at=NOON, by=REP)

    assert (done.status, done.day, done.outcome) == (ActivityStatus.DONE, date(2026, 10, 7), "order")
    assert (event.outcome, event.subjects[0].id) == ("order", "a-1")


def test_moving_an_activity_tells_from_which_day() -> None:
    moved, (event,) = plan_activity(_call(), date(2026, 10, 9), at=NOON, by=REP)

    assert moved.day == date(2026, 10, 9)
    assert (event.planned_for, event.instead_of) == (date(2026, 10, 9), date(2026, 10, 6))


def test_only_a_planned_activity_of_a_past_day_is_missed() -> None:
    done, _ = complete_activity(_call(), at=NOON, by=REP)
    cancelled, _ = cancel_activity(_call(), at=NOON, by=REP)

    assert _call().is_missed(date(2026, 10, 7))
    assert not _call().is_missed(date(2026, 10, 6))
    assert not done.is_missed(date(2026, 10, 7))
    assert not cancelled.is_missed(date(2026, 10, 7))


def test_what_is_over_stays_as_it_is() -> None:
    done, _ = complete_activity(_call(), at=NOON, by=REP)

    with pytest.raises(ActivityOver, match="done already"):
        complete_activity(done, at=NOON, by=REP)
    with pytest.raises(ActivityOver):
        plan_activity(done, date(2026, 10, 9), at=NOON, by=REP)
    with pytest.raises(ActivityOver):
        cancel_activity(done, at=NOON, by=REP)


def test_an_instant_needs_a_zone() -> None:
    with pytest.raises(NaiveInstant):
        complete_activity(_call(), at=datetime(2026, 10, 7, 12), by=REP)  # noqa: DTZ001 - the point of the test
