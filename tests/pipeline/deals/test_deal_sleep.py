from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.actor import Actor
from salesmgmt.core.calendar import BusinessCalendar
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.events import NaiveInstant
from salesmgmt.core.percent import Percent
from salesmgmt.pipeline.deals import (
    Deal,
    Estimate,
    ForecastCategory,
    Rest,
    StageKind,
    active_time_in_stage,
    is_snoozed,
    snooze,
    wake,
)

REP = Actor("li.wei")
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
DEAL = Deal(
    id="d-1", name="Acme", pipeline="enterprise", pipeline_version=1, pipeline_digest="", stage="new",
    status=StageKind.OPEN, category=ForecastCategory.PIPELINE, probability=Estimate(Percent(10)),
    opened_at=START, stage_since=START,
)  # fmt: skip


def _on(hour: int) -> datetime:
    return START + timedelta(hours=hour)


def _asleep(deal: Deal, start: int, end: int) -> Deal:
    return snooze(deal, until=_on(end), reason="budget", at=_on(start), by=REP)[0]


def test_it_wakes_by_itself() -> None:
    deal = _asleep(DEAL, 10, 30)

    assert [is_snoozed(deal, _on(hour)) for hour in (9, 10, 29, 30)] == [False, True, True, False]
    assert wake(deal, at=_on(30), by=REP) == (deal, ())
    assert wake(DEAL, at=_on(1), by=REP) == (DEAL, ())


def test_time_asleep_does_not_age_its_stage() -> None:
    deal = _asleep(DEAL, 10, 30)

    found = [active_time_in_stage(deal, _on(hour)) for hour in (-5, 5, 10, 20, 30, 40)]
    assert found == [timedelta(hours=hours) for hours in (0, 5, 10, 10, 10, 20)]


def test_woken_early_it_ages_again() -> None:
    deal, (event,) = wake(_asleep(DEAL, 10, 30), at=_on(15), by=REP)

    assert (deal.snooze, deal.rests) == (None, (Rest(_on(10), _on(15)),))
    assert event.snooze.until == _on(30)
    assert active_time_in_stage(deal, _on(40)) == timedelta(hours=35)


def test_a_second_sleep_over_the_first_is_counted_once() -> None:
    deal = _asleep(_asleep(DEAL, 10, 30), 20, 25)

    assert deal.rests == (Rest(_on(10), _on(20)),)
    assert active_time_in_stage(deal, _on(40)) == timedelta(hours=40 - 15)
    assert _asleep(deal, 25, 26).rests == (Rest(_on(10), _on(25)),)


def test_a_sleep_that_is_over_stays_counted_after_another() -> None:
    deal = _asleep(_asleep(DEAL, 10, 20), 30, 35)

    assert deal.rests == (Rest(_on(10), _on(20)),)
    assert active_time_in_stage(deal, _on(40)) == timedelta(hours=25)


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(1, 30), st.booleans()), max_size=6),
    st.integers(0, 200),
)
def test_the_time_awake_is_that_of_the_hours_in_which_nothing_slept(
    sleeps: Sequence[tuple[int, int, bool]], asked: int
) -> None:
    deal, hour, asleep = DEAL, 0, set[int]()
    for wait, length, woken in sleeps:
        hour += wait
        asleep -= set(range(hour, 1_000))  # a new sleep takes the place of one that lasts
        deal = _asleep(deal, hour, hour + length)
        asleep |= set(range(hour, hour + length))
        if woken:
            hour += length // 2
            deal, _ = wake(deal, at=_on(hour), by=REP)
            asleep -= set(range(hour, 1_000))
    asked = max(asked, hour)

    awake = len(set(range(asked)) - asleep)
    assert active_time_in_stage(deal, _on(asked)) == timedelta(hours=awake)


def test_working_time_asleep_is_taken_off_the_working_time() -> None:
    # from Monday 9:00, eight hours a day; asleep from Tuesday 9:00 to Thursday 13:00: 20 working hours of the 36 until Friday 13:00
    hours = BusinessCalendar.weekly(
        ["mon", "tue", "wed", "thu", "fri"], time(9), time(17), holidays=[], time_zone="UTC"
    )
    deal = _asleep(DEAL, 24, 24 * 3 + 4)

    assert active_time_in_stage(deal, _on(24 * 4 + 4), hours) == timedelta(hours=16)
    woken, _ = wake(deal, at=_on(48), by=REP)
    assert active_time_in_stage(woken, _on(24 * 4 + 4), hours) == timedelta(hours=28)


def test_summer_time_wins_no_hour() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    evening = datetime(
        2026, 3, 28, 12, tzinfo=berlin
    )  # clocks go forward that night: 23 hours to the next noon
    deal = attrs.evolve(DEAL, stage_since=evening)

    assert active_time_in_stage(deal, datetime(2026, 3, 29, 12, tzinfo=berlin)) == timedelta(hours=23)


def test_an_unknown_beginning_gives_no_time() -> None:
    deal = _asleep(attrs.evolve(DEAL, stage_since=None), 10, 30)

    assert active_time_in_stage(deal, _on(40)) is None
    assert is_snoozed(deal, _on(11))


@pytest.mark.parametrize(
    ("start", "end", "reason", "faults"),
    [
        (5, 5, "later", [("until", "reversed")]),
        (5, 3, "", [("reason", "blank"), ("until", "reversed")]),
        (-2, 3, "later", [("at", "too_early")]),
        (5, 6, "x" * 10_001, [("reason", "too_long")]),
        (5, 6, 7, [("reason", "wrong_type")]),
    ],
)
def test_a_sleep_that_cannot_be_is_refused(start: int, end: int, reason: Any, faults: list[Any]) -> None:
    with pytest.raises(InvalidInput) as refusal:
        snooze(DEAL, until=_on(end), reason=reason, at=_on(start), by=REP)
    assert [(problem.path, problem.code) for problem in refusal.value.problems] == faults


def test_sleeps_are_told_in_their_order() -> None:
    deal = _asleep(DEAL, 10, 30)
    woken, _ = wake(deal, at=_on(20), by=REP)

    for late in (deal, woken):
        with pytest.raises(InvalidInput, match="its last sleep"):
            _asleep(late, 9, 40)
    with pytest.raises(InvalidInput, match="its last sleep"):
        wake(deal, at=_on(9), by=REP)


def test_an_instant_without_zone_is_refused() -> None:
    naive = datetime(2026, 3, 2)  # noqa: DTZ001 - what is refused
    commands: list[Any] = [
        lambda: snooze(DEAL, until=naive, reason="later", at=START, by=REP),
        lambda: snooze(DEAL, until=START, reason="later", at=naive, by=REP),
        lambda: wake(DEAL, at=naive, by=REP),
        lambda: is_snoozed(DEAL, naive),
        lambda: active_time_in_stage(DEAL, naive),
    ]
    for command in commands:
        with pytest.raises(NaiveInstant):
            command()


def test_the_hour_in_which_the_clocks_are_put_back_counts_twice(deal: Deal) -> None:
    first = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    second = first.replace(fold=1)  # an hour later
    there = attrs.evolve(deal, stage_since=first)

    assert active_time_in_stage(there, second) == timedelta(hours=1)
    asleep, _ = snooze(there, until=second, reason="lunch", at=first, by=Actor("li.wei"))
    assert is_snoozed(asleep, first)
    assert not is_snoozed(asleep, second)
    assert active_time_in_stage(asleep, second) == timedelta()
