from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.actor import Actor
from salesmgmt.core.codec import Codec
from salesmgmt.core.entity import AccountId, ContactId, Ref
from salesmgmt.core.events import Event
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.personal import blanked
from salesmgmt.pipeline.deals import (
    ENTITIES,
    EVENTS,
    BrokenHistory,
    Change,
    Deal,
    DealMoved,
    DealOpened,
    EstimateOrigin,
    StageKind,
    amend,
    estimate,
    replay,
)
from salesmgmt.pipeline.stages import Condition, Override, PipelineDefinition, Stage, Transition

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
REP = Actor("li.wei", roles={"rep"})
OVERRIDE = Override(by=Actor("chen", roles={"manager"}), reason="agreed by phone")

PIPELINE = PipelineDefinition(
    id="walk-in",
    version=1,
    initial="talk",
    fields={"seats": "number"},
    stages=(
        Stage("talk", probability=Percent(20)),
        Stage("offer", probability=Percent(60), required=("amount",)),
        Stage("won", kind=StageKind.WON, entry=(Condition("seats", "deal.seats > 2"),)),
        Stage("lost", kind=StageKind.LOST),
    ),
    transitions=(
        Transition("talk", "offer"), Transition("offer", "talk"), Transition("offer", "won"),
        Transition(("talk", "offer"), "lost"), Transition(("lost", "won"), "talk", reopens=True),
    ),
).compile()  # fmt: skip

CODEC = Codec(kinds=[*ENTITIES, *EVENTS])


def _opened() -> tuple[Deal, tuple[Event, ...]]:
    return PIPELINE.open(
        id="d-1",
        name="Two laptops",
        account=AccountId("acme"),
        contact=ContactId("ada"),
        source="web",
        fields={"seats": Decimal(3), "colour": "red"},
        at=START,
        by=REP,
    )


changes = st.fixed_dictionaries(
    {},
    optional={
        "name": st.text(max_size=5),
        "amount": st.none() | st.integers(1, 9).map(lambda units: Money(units, "EUR")),
        "expected_close": st.none() | st.dates(date(2026, 1, 1), date(2026, 12, 31)),
        "fields.seats": st.none() | st.integers(0, 9).map(Decimal),
        "fields.note": st.none() | st.text(max_size=3),
    },
)
steps = st.lists(
    st.tuples(st.sampled_from(["move", "amend", "estimate"]), st.integers(0, 3), changes, st.integers(0, 90)),
    max_size=12,
)


def _lived(lived: Sequence[tuple[str, int, dict[str, object], int]]) -> tuple[Deal, list[Event]]:
    """Live the life of a deal; the state is what the commands return."""
    deal, opening = _opened()
    events, at = list(opening), START
    for command, choice, changed, days in lived:
        at += timedelta(days=days)
        more: tuple[Event, ...]
        if command == "move":
            targets = PIPELINE.targets(deal)
            target = targets[choice % len(targets)]
            deal, more = PIPELINE.move(deal, target, at=at, by=REP, loss_reason="price", override=OVERRIDE)
        elif command == "amend":
            deal, more = amend(deal, changed, at=at, by=REP)  # type: ignore[arg-type]
        else:
            origin = [*EstimateOrigin][choice % 3]
            deal, more = estimate(deal, Percent(days), origin=origin, at=at, by=REP)
        events += more
    return deal, events


@given(steps)
def test_the_events_of_a_deal_replay_to_its_state(
    lived: Sequence[tuple[str, int, dict[str, object], int]],
) -> None:
    deal, events = _lived(lived)

    assert replay(events) == deal


@given(steps)
def test_deal_and_events_survive_json(lived: Sequence[tuple[str, int, dict[str, object], int]]) -> None:
    deal, events = _lived(lived)

    assert CODEC.read_json(CODEC.to_json(deal)) == deal
    assert replay([CODEC.read_json(CODEC.to_json(event)) for event in events]) == deal


@given(steps)
def test_a_deal_always_agrees_with_its_stage(
    lived: Sequence[tuple[str, int, dict[str, object], int]],
) -> None:
    deal, events = _lived(lived)
    stage = PIPELINE.stages[deal.stage]

    assert (deal.status, deal.category) == (stage.kind, stage.category)
    assert (deal.closed_on is None) is deal.is_open
    assert (deal.loss_reason is None) is (deal.status is not StageKind.LOST)
    if deal.probability.origin is EstimateOrigin.STAGE and isinstance(events[-1], DealMoved):
        assert deal.probability.value == stage.probability


def test_the_opening_tells_everything_that_a_deal_has() -> None:
    told = {field.name for field in attrs.fields(DealOpened)}

    assert {field.name for field in attrs.fields(Deal)} - told == {"id", "tenant", "version"}


def test_events_of_others_are_passed_over() -> None:
    @attrs.frozen(kw_only=True)
    class Birthday(Event):
        pass

    deal, events = _opened()

    assert replay([Birthday(at=START, by=REP, subjects=()), *events]) == deal


def test_a_history_with_a_gap_is_refused() -> None:
    deal, opening = _opened()
    offered, first = PIPELINE.move(deal, "offer", at=START, by=REP, override=OVERRIDE)
    _, second = PIPELINE.move(offered, "talk", at=START, by=REP)

    for broken in ([], first, [*opening, *opening], [*opening, *second]):
        with pytest.raises(BrokenHistory):
            replay(broken)


def test_events_of_two_deals_are_not_one_history() -> None:
    _, opening = _opened()
    other, _ = PIPELINE.open(id="d-2", name="Other", at=START, by=REP)
    _, moved = PIPELINE.move(other, "lost", at=START, by=REP, loss_reason="price")

    with pytest.raises(BrokenHistory, match="Deal:d-2"):
        replay([*opening, *moved])


def test_a_forgotten_person_is_blank_and_the_amounts_stay() -> None:
    _, opening = _opened()
    deal, _ = _opened()
    _, amended = amend(
        deal, {"name": "Ada's", "amount": Money(5, "EUR"), "fields.note": "Ada"}, at=START, by=REP
    )

    (opened,) = blanked(opening, frozenset({Ref("Contact", "ada")}))
    (changed,) = blanked(amended, frozenset({Ref("Contact", "ada")}))

    assert isinstance(opened, DealOpened)
    assert (opened.name, opened.fields) == ("", {})
    assert changed.changes == (Change("amount", None, Money(5, "EUR")),)
    assert changed.private == ()
