"""The bridge between two days adds up, and tells each deal under the right name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.actor import Actor
from salesmgmt.core.events import Event
from salesmgmt.core.money import CurrencyMismatch, Money
from salesmgmt.core.period import Period
from salesmgmt.pipeline.analytics import Movement, pipeline_bridge, slippage, total_open
from salesmgmt.pipeline.deals import Deal, StageKind, amend, histories, snapshot
from salesmgmt.pipeline.stages import PipelineDefinition, Stage, Transition

MakeDeal = Callable[..., Deal]
Q2 = Period.quarter(2026, 2)
MAY, AUGUST, MARCH = date(2026, 5, 10), date(2026, 8, 1), date(2026, 3, 1)


def eur(amount: int | str) -> Money:
    return Money(amount, "EUR")


def index(*deals: Deal) -> dict[str, Deal]:
    return {deal.id: deal for deal in deals}


def test_every_part_is_told_under_its_name(deal: MakeDeal) -> None:
    closed = {"closed_on": MAY}
    before = index(
        deal("stays", amount=10, expected_close=MAY),
        deal("grows", amount=20, expected_close=MAY),
        deal("shrinks", amount=30, expected_close=MAY),
        deal("wins", amount=40, expected_close=MAY),
        deal("loses", amount=50, expected_close=MAY),
        deal("pushed", amount=60, expected_close=MAY),
        deal("forward", amount=70, expected_close=MAY),
        deal("gone", amount=80, expected_close=MAY),
        deal("pulled", amount=90, expected_close=AUGUST),
        deal("carried", amount=100, expected_close=MARCH),
        deal("again", "lost", 110, closed_on=MARCH),
        deal("elsewhere", amount=1, expected_close=AUGUST),
        deal("long won", "won", 2, closed_on=MARCH),
    )
    after = index(
        deal("stays", amount=10, expected_close=MAY),
        deal("grows", amount=25, expected_close=MAY),
        deal("shrinks", amount=21, expected_close=MAY),
        deal("wins", "won", 43, **closed),
        deal("loses", "lost", 50, **closed),
        deal("pushed", amount=60, expected_close=AUGUST),
        deal("forward", amount=70, expected_close=MARCH),
        deal("pulled", amount=95, expected_close=MAY),
        deal("carried", amount=100, expected_close=MAY),
        deal("again", amount=110, expected_close=MAY),
        deal("elsewhere", amount=1, expected_close=AUGUST),
        deal("long won", "won", 2, closed_on=MARCH),
        deal("new", amount=120, expected_close=MAY),
        deal("quick", "won", 130, **closed),
    )
    bridge = pipeline_bridge(before, after, currency="EUR", period=Q2)
    assert (bridge.start, bridge.end) == (eur(360), eur(481))
    assert {part.value: amount.amount for part, amount in bridge.parts.items()} == {
        "new": 250,
        "reopened": 110,
        "pulled_in": 95,
        "carried_in": 100,
        "increased": 8,
        "decreased": 9,
        "won": 173,
        "lost": 50,
        "pushed_out": 60,
        "brought_forward": 70,
        "removed": 80,
    }
    assert bridge.deals("won") == ("wins", "quick")
    assert bridge.deals(Movement.NEW) == ("new", "quick")


def test_without_a_period_the_expected_day_moves_nothing(deal: MakeDeal) -> None:
    before, after = (
        index(deal("a", amount=5, expected_close=MAY)),
        index(deal("a", amount=5, expected_close=AUGUST)),
    )
    assert pipeline_bridge(before, after, currency="EUR").moves == ()


def test_lost_and_won_anew_between_the_days_is_reopened_and_won(deal: MakeDeal) -> None:
    before = index(deal("a", "lost", 5, closed_on=MARCH))
    after = index(deal("a", "won", 6, closed_on=MAY))
    bridge = pipeline_bridge(before, after, currency="EUR")
    assert [move.movement.value for move in bridge.moves] == ["reopened", "won"]
    assert bridge.end == eur(0)


def test_deals_without_an_amount_are_named_and_another_currency_is_refused(deal: MakeDeal) -> None:
    bridge = pipeline_bridge({}, index(deal("a"), deal("b", amount=5)), currency="EUR")
    assert (bridge.unvalued, bridge.end) == (("a",), eur(5))
    with pytest.raises(CurrencyMismatch):
        pipeline_bridge({}, index(deal("a", amount=Money(5, "USD"))), currency="EUR")


STEP = st.tuples(
    st.integers(0, 5),
    st.sampled_from(["open", "win", "lose", "reopen", "amount", "close", "nothing"]),
    st.integers(0, 500),
)
PIPELINE = PipelineDefinition(
    id="p",
    version=1,
    initial="new",
    stages=(Stage("new"), Stage("won", kind=StageKind.WON), Stage("lost", kind=StageKind.LOST)),
    transitions=tuple(
        Transition(source, target, reopens=source != "new")
        for source, target in (
            ("new", "won"),
            ("new", "lost"),
            ("won", "new"),
            ("lost", "new"),
            ("lost", "won"),
        )
    ),
    loss_reasons=("price",),
).compile()
BY, START = Actor("rep"), datetime(2026, 3, 1, tzinfo=UTC)


def told(steps: list[tuple[int, str, int]]) -> list[Event]:
    """What happens to up to six deals, one step a day."""
    deals: dict[int, Deal] = {}
    events: list[Event] = []
    for day, (which, what, number) in enumerate(steps):
        at, deal = START + timedelta(days=day), deals.get(which)
        happened: tuple[Event, ...] = ()
        if deal is None:
            if what == "open":
                deals[which], happened = PIPELINE.open(
                    id=f"d{which}",
                    name="",
                    amount=eur(number),
                    expected_close=START.date() + timedelta(days=number),
                    at=at,
                    by=BY,
                )
        elif what == "amount":
            deals[which], happened = amend(deal, {"amount": eur(number)}, at=at, by=BY)
        elif what == "close":
            deals[which], happened = amend(
                deal, {"expected_close": START.date() + timedelta(days=number % 90)}, at=at, by=BY
            )
        elif (target := {"win": "won", "lose": "lost", "reopen": "new"}.get(what)) in PIPELINE.targets(deal):
            reason = "price" if target == "lost" else None
            deals[which], happened = PIPELINE.move(deal, str(target), loss_reason=reason, at=at, by=BY)
        events.extend(happened)
    return events


@given(st.lists(STEP, max_size=60), st.integers(0, 60), st.integers(0, 60), st.booleans())
def test_the_bridge_of_any_history_adds_up(
    steps: list[tuple[int, str, int]], first: int, second: int, is_whole: bool
) -> None:
    histories_ = histories(told(steps))
    days = sorted((START + timedelta(days=first), START + timedelta(days=second)))
    before, after = (snapshot(histories_, day) for day in days)
    period = None if is_whole else Period.month(2026, 3)
    bridge = pipeline_bridge(before, after, currency="EUR", period=period)
    assert bridge.start == total_open(before.values(), "EUR", period)
    assert bridge.end == total_open(after.values(), "EUR", period)
    signed = [amount * part.sign for part, amount in bridge.parts.items()]
    assert bridge.start + Money.total(signed, "EUR") == bridge.end
    assert all(move.amount.amount >= 0 for move in bridge.moves)


def test_slippage_is_what_moved_out_over_what_was_due(deal: MakeDeal) -> None:
    due = [deal(name, amount=amount, expected_close=MAY) for name, amount in
           (("kept", 100), ("pushed", 200), ("undated", 50), ("won", 300), ("late win", 150), ("lost", 100), ("gone", 100))]  # fmt: skip
    other = deal("other", amount=999, expected_close=AUGUST)
    kept, pushed, undated, won, late, lost, _ = due
    after = index(
        kept,
        attrs.evolve(pushed, expected_close=AUGUST, amount=eur(900)),
        attrs.evolve(undated, expected_close=None),
        attrs.evolve(won, status=StageKind.WON, closed_on=MAY),
        attrs.evolve(late, status=StageKind.WON, closed_on=AUGUST),
        attrs.evolve(lost, status=StageKind.LOST, closed_on=MAY),
        other,
    )
    found = slippage(index(*due, other), after, Q2)
    assert (found.slipped, found.late, found.won, found.lost, found.gone) == (
        ("pushed", "undated", "late win"),
        ("kept",),
        ("won",),
        ("lost",),
        ("gone",),
    )
    assert found.due_value.value == eur(1000)
    assert str(found.rate.value) == "0.4"
    assert found.count_rate.n == 7


def test_nothing_due_is_undefined() -> None:
    found = slippage({}, {}, Q2)
    assert (found.rate.flag, found.count_rate.flag) == ("nothing_due", "nothing_due")
