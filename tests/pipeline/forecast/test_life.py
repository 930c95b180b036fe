"""What was known of a deal on each day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.entity import DealId
from salesmgmt.core.errors import InvalidInput
from salesmgmt.pipeline.deals import BrokenHistory, DealMigrated, Placement, StageKind, amend, as_of
from salesmgmt.pipeline.forecast import DealLife
from tests.pipeline.forecast.lives import BY, PIPELINE, at, day, euros, state, told

ROUTES = st.lists(st.sampled_from(["talk", "offer", "won", "lost"]), max_size=6)


def life_of(events: list[Any]) -> DealLife:
    life = DealLife.from_events(events)
    assert life is not None
    return life


def taken_over(stage: str, opened: int | None, closed: int | None = None) -> Any:
    _, events = PIPELINE.adopt(
        id="d", name="d", stage=stage, amount=euros(70), opened_at=None if opened is None else at(opened),
        closed_on=None if closed is None else day(closed), at=at(100), by=BY,
        loss_reason="price" if stage == "lost" else None,
    )  # fmt: skip
    return list(events)


@given(ROUTES, st.lists(st.floats(0, 4), min_size=6, max_size=6), st.integers(0, 30))
def test_a_life_says_of_each_day_what_the_history_says_of_its_end(
    route: list[str], gaps: list[float], number: int
) -> None:
    moves, when, stood = [], 0.0, "talk"
    for stage, gap in zip(route, gaps, strict=False):
        if stage == stood or (stood in {"won", "lost"} and stage != "talk"):
            continue
        when, stood = when + gap, stage
        moves.append((when, stage))
    _, events = told("d", moves)
    evening = datetime.combine(day(number), time.max, UTC)
    then, found = as_of(events, evening), life_of(events).on(day(number))
    assert then is not None
    assert found is not None
    assert then.stage_since is not None
    assert (found.stage, found.status, found.amount, found.stage_since) == (
        then.stage,
        then.status,
        then.amount,
        then.stage_since.date(),
    )


def test_nothing_is_known_before_a_deal_was_opened() -> None:
    _, events = told("d", [], opened=5)
    assert life_of(events).on(day(4)) is None
    assert DealLife.from_events([]) is None


def test_a_deal_that_was_opened_again_was_won_until_then() -> None:
    _, events = told("d", [(3, "won"), (8, "talk"), (20, "lost")])
    life = life_of(events)
    assert [life.on(day(number)).status.value for number in (2, 3, 7, 8, 20)] == [  # type: ignore[union-attr]
        "open", "won", "won", "open", "lost",
    ]  # fmt: skip
    assert (life.closed_on, life.is_won) == (day(20), False)


def test_amounts_and_expected_days_are_those_known_then() -> None:
    deal, events = told("d", [], expected_close=date(2026, 3, 1))
    _, more = amend(deal, {"amount": euros(250), "expected_close": date(2026, 4, 1)}, at=at(6), by=BY)
    life = life_of([*events, *more])
    before, after = life.on(day(5)), life.on(day(6))
    assert before is not None
    assert after is not None
    assert (before.amount, before.expected_close) == (euros(100), date(2026, 3, 1))
    assert (after.amount, after.expected_close) == (euros(250), date(2026, 4, 1))


def test_a_migrated_deal_stands_on_in_its_stage_of_another_name() -> None:
    deal, events = told("d", [(2, "offer")])
    before = Placement.of(deal)
    migrated = DealMigrated(
        at=at(9), by=BY, subjects=(deal.ref,), deal=DealId("d"), before=before,
        after=attrs.evolve(before, stage="proposal", pipeline_version=2),
    )  # fmt: skip
    state = life_of([*events, migrated]).on(day(9))
    assert state is not None
    assert (state.stage, state.stage_since) == ("proposal", day(2))


def test_a_deal_taken_over_open_stood_somewhere_until_then() -> None:
    life = life_of(taken_over("offer", 10))
    assert life.opened_on == day(10)
    assert [(one.since, one.stage, one.status) for one in life.states] == [
        (day(10), "", StageKind.OPEN),
        (day(100), "offer", StageKind.OPEN),
    ]


def test_a_deal_taken_over_closed_was_not_closed_before_it_was() -> None:
    life = life_of(taken_over("won", 10, 40))
    assert [(one.since, one.stage) for one in life.states] == [(day(10), ""), (day(40), "won")]
    assert life.closed_on == day(40)


def test_a_deal_without_a_beginning_is_known_from_its_end_or_from_when_it_was_told_of() -> None:
    closed, standing = life_of(taken_over("lost", None, 40)), life_of(taken_over("offer", None))
    assert (closed.opened_on, closed.on(day(39)), closed.closed_on) == (None, None, day(40))
    assert (standing.opened_on, standing.states[0].since) == (None, day(100))


def test_deals_without_history_were_open_in_an_unknown_stage_until_they_closed() -> None:
    deal, _ = told("d", [(2, "offer"), (9, "won")])
    life = DealLife.from_deal(deal)
    assert life is not None
    assert [(one.since, one.stage, one.probability) for one in life.states] == [
        (day(0), "", None),
        (day(9), "won", deal.probability.value),
    ]
    standing, _ = told("d", [(2, "offer")])
    assert DealLife.from_deal(standing).states[0].stage == ""  # type: ignore[union-attr]
    assert DealLife.from_deal(attrs.evolve(standing, opened_at=None)) is None
    without = DealLife.from_deal(attrs.evolve(deal, opened_at=None))
    assert without is not None
    assert (without.opened_on, without.states[0].status) == (None, StageKind.WON)


def test_an_instant_of_another_time_zone_does_not_turn_the_order_round() -> None:
    deal, opened = PIPELINE.open(
        id="d", name="d", at=datetime(2026, 3, 2, 1, tzinfo=timezone(timedelta(hours=8))), by=BY
    )
    deal, won = PIPELINE.move(deal, "won", at=datetime(2026, 3, 1, 20, tzinfo=UTC), by=BY)
    assert life_of([*opened, *won]).is_won


def test_histories_of_two_deals_are_refused() -> None:
    _, one = told("a", [])
    _, two = told("b", [(1, "won")])
    with pytest.raises(BrokenHistory):
        DealLife.from_events([*one, *two])
    with pytest.raises(BrokenHistory):
        DealLife.from_events([*one, two[1]])


def test_a_life_without_states_or_with_days_that_fall_is_refused() -> None:
    with pytest.raises(InvalidInput, match="one or more"):
        DealLife(deal=DealId("d"), states=(), opened_on=None)
    with pytest.raises(InvalidInput, match=r"states\[1\]"):
        DealLife(deal=DealId("d"), states=(state(5, "talk"), state(5, "offer")), opened_on=None)
