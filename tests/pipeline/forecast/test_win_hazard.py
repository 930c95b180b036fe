"""How likely open deals are won, against brute force, and what new deals bring."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.entity import DealId
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.period import NotADate
from salesmgmt.engines.statistics import cumulative_incidence
from salesmgmt.pipeline.forecast import DealLife, NewBusiness, WinHazard
from tests.pipeline.forecast.lives import day, known, lived, state


@st.composite
def some_lives(draw: st.DrawFn) -> list[DealLife]:
    lives = []
    for number in range(draw(st.integers(0, 25))):
        when = draw(st.integers(0, 40))
        stays = [(when, "talk")]
        for stage in draw(st.sampled_from([(), ("offer",), ("won",), ("offer", "won"), ("offer", "lost"), ("lost",),
                                           ("won", "talk", "lost")])):  # fmt: skip
            when += draw(st.integers(1, 25))
            stays.append((when, stage))
        lives.append(lived(f"d{number}", *stays, amount=draw(st.integers(0, 50))))
    return lives


def by_brute_force(lives: list[DealLife], stage: str, days: int, within: int) -> float:
    """The incidence among all stays in a stage that lasted so long, of lives in which nothing is left to come."""
    watched: list[tuple[float, str | None]] = []
    for life in lives:
        last = life.states[-1]
        for one, after in zip(life.states, life.states[1:], strict=False):
            if one.stage == stage and (after.since - one.since).days >= days:
                watched.append(((last.since - one.since).days - days, last.stage))
    return cumulative_incidence(watched, "won").at(within)


@given(some_lives(), st.sampled_from(["talk", "offer"]), st.integers(0, 30), st.integers(0, 60))
def test_with_all_deals_decided_it_is_the_incidence_from_the_landmark_on(
    lives: list[DealLife], stage: str, days: int, within: int
) -> None:
    decided = [life for life in lives if life.closed_on is not None]
    hazard = WinHazard.fit(decided, as_of=day(999), horizon=60, step=1, least=1)
    if any(
        one.stage == stage and (after.since - one.since).days >= days
        for life in decided
        for one, after in zip(life.states, life.states[1:], strict=False)
    ):
        found = hazard.probability(stage, days, within=within)
        assert found == pytest.approx(by_brute_force(decided, stage, days, within))


@given(some_lives(), st.integers(0, 80), st.sampled_from(["talk", "offer", "?"]), st.integers(0, 400))
def test_it_rises_with_the_time_that_is_left_and_is_a_share(
    lives: list[DealLife], until: int, stage: str, days: int
) -> None:
    hazard = WinHazard.fit(lives, as_of=day(until), horizon=30, least=3)
    found = [hazard.probability(stage, days, within=within) for within in range(31)]
    values = [value for value in found if value is not None]
    assert values in ([], found)
    assert values == sorted(values)
    assert all(0 <= value <= 1 + 1e-12 for value in values)


@given(some_lives(), st.integers(0, 80))
def test_what_comes_later_is_not_looked_at(lives: list[DealLife], until: int) -> None:
    every, then = (
        WinHazard.fit(some, as_of=day(until), horizon=20, least=2)
        for some in (lives, known(lives, day(until)))
    )
    for stage in ("talk", "offer"):
        for days in range(0, 40, 5):
            assert every.probability(stage, days, within=20) == then.probability(stage, days, within=20)
    before, after = NewBusiness.fit(lives, every), NewBusiness.fit(known(lives, day(until)), then)
    assert (before.per_day, before.won_amount, before.expected(20)) == (
        after.per_day,
        after.won_amount,
        after.expected(20),
    )


def test_a_deal_that_stands_still_grows_less_likely_where_such_deals_were_lost() -> None:
    lives = [lived(f"w{number}", (0, "talk"), (10, "won")) for number in range(30)]
    lives += [lived(f"l{number}", (0, "talk"), (60, "lost")) for number in range(30)]
    hazard = WinHazard.fit(lives, as_of=day(100), horizon=30)
    assert hazard.probability("talk", 0, within=30) == pytest.approx(0.5)
    assert hazard.probability("talk", 20, within=30) == 0.0
    assert hazard.probability("talk", 5000, within=30) == 0.0  # older than all that was ever seen


def test_a_stage_of_which_nothing_is_decided_yet_says_nothing_by_itself() -> None:
    # Forty deals entered a stage that is new since yesterday: no win within a day does not mean none within thirty.
    lives = [lived(f"w{number}", (0, "talk"), (10, "won")) for number in range(40)]
    lives += [lived(f"n{number}", (99, "new")) for number in range(40)]
    assert WinHazard.fit(lives, as_of=day(100), horizon=30).probability("new", 1, within=30) == pytest.approx(
        1.0
    )


def test_a_deal_that_was_taken_over_is_not_held_against_its_stage_before_it_was_seen_there() -> None:
    def taken_over(number: int) -> DealLife:
        states = (state(0, ""), state(50, "talk", entered=20))
        return DealLife(deal=DealId(f"t{number}"), states=states, opened_on=day(0))

    lives = [lived(f"d{number}", (0, "talk"), (9, "won" if number % 2 else "lost")) for number in range(40)]
    # Had they been won within 30 days they would not have been there to be taken over.
    hazard = WinHazard.fit([*lives, *map(taken_over, range(100))], as_of=day(100), horizon=30)
    assert hazard.probability("talk", 0, within=30) == pytest.approx(0.5)


def test_too_few_deals_say_nothing() -> None:
    lives = [lived(f"d{number}", (0, "talk"), (9, "won")) for number in range(29)]
    hazard = WinHazard.fit(lives, as_of=day(100), horizon=30)
    assert hazard.probability("talk", 0, within=30) is None
    assert hazard.from_opening(30) is None
    assert NewBusiness.fit(lives, hazard).expected(30) == 0.0  # none was opened of late
    assert NewBusiness.fit(lives, hazard, window_days=200).expected(30) is None


def test_new_business_by_hand() -> None:
    # Thirty deals, one a day on days 0 to 29, each won for 100 after two days; as of day 29, 28 of them are.
    lives = [lived(f"d{number}", (number, "talk"), (number + 2, "won")) for number in range(30)]
    hazard = WinHazard.fit(lives, as_of=day(29), horizon=10, least=5)
    new = NewBusiness.fit(lives, hazard)
    assert (new.per_day, new.won_amount) == (1.0, 100.0)  # the window is not longer than the history
    # In 10 days ten are opened, with 9, 8, ... 0 days left; those with two or more are won.
    assert new.expected(10) == pytest.approx(800)
    assert NewBusiness.fit(lives, hazard, window_days=10).per_day == 1.0


@pytest.mark.parametrize("changes", [{"horizon": 0}, {"step": 0}, {"least": -1}])
def test_settings_out_of_range_are_refused(changes: dict[str, int]) -> None:
    with pytest.raises(InvalidInput, match="1 or more"):
        WinHazard.fit([], **({"as_of": day(0), "horizon": 30} | changes))  # type: ignore[arg-type]


def test_questions_out_of_range_are_refused() -> None:
    hazard = WinHazard.fit([], as_of=day(0), horizon=30)
    for days, within in ((-1, 5), (0, -1), (0, 31)):
        with pytest.raises(InvalidInput):
            hazard.probability("talk", days, within=within)
    with pytest.raises(InvalidInput):
        hazard.from_opening(31)
    with pytest.raises(InvalidInput):
        NewBusiness.fit([], hazard, window_days=0)
    with pytest.raises(NotADate):
        WinHazard.fit([], as_of=datetime(2026, 1, 1), horizon=30)  # noqa: DTZ001 - what is refused
