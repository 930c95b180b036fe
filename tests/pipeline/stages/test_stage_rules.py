"""What stages ask for on leaving, moves by rule and by themselves, many deals and pipelines, and clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import attrs
import pytest

from salesmgmt.core.actor import Actor
from salesmgmt.core.calendar import BusinessCalendar
from salesmgmt.core.percent import Percent
from salesmgmt.pipeline.deals import DealMoved, snooze, tick
from salesmgmt.pipeline.stages import (
    CalendarNeeded,
    ChecklistItem,
    Condition,
    DayKind,
    DuplicatePipeline,
    MoveRefused,
    MoveRules,
    OtherPipeline,
    PipelineDefinition,
    Pipelines,
    Stage,
    StageEffect,
    StageKind,
    Transition,
    UnknownPipeline,
)

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
REP = Actor("li.wei", roles={"rep"})
STAGES = (
    Stage("new", probability=Percent(10), rot_after_days=5),
    Stage("offer", probability=Percent(50)),
    Stage("won", kind=StageKind.WON),
    Stage("lost", kind=StageKind.LOST),
)
BOARD = PipelineDefinition(
    id="board",
    version=1,
    initial="new",
    facts={"paid": "bool", "big": "bool"},
    loss_reasons=("price", "Other"),
    notes_required=("Other",),
    max_age_days=10,
    stages=STAGES,
    transitions=(
        Transition("new", "offer", emits=("send brochure", "call")),
        Transition("new", "won", (Condition("big", "big"),), automatic=True, priority=1),
        Transition("offer", "won", (Condition("paid", "paid"),), ("boss",), automatic=True),
        Transition("offer", "new"),
        Transition(("new", "offer"), "lost"),
    ),
)


def _codes(definition: PipelineDefinition) -> list[tuple[str, str]]:
    return [(finding.code, finding.where) for finding in definition.findings]


def test_exit_criteria_are_asked_forwards_only() -> None:
    offer = attrs.evolve(STAGES[1], exit=(Condition("paid", "paid"),), checklist=(ChecklistItem("demo"),))
    pipeline = attrs.evolve(
        BOARD,
        stages=(STAGES[0], offer, *STAGES[2:]),
        transitions=(
            Transition("new", "offer"), Transition("offer", "won"), Transition("offer", "new"),
            Transition(("new", "offer"), "lost"),
        ),
    ).compile()  # fmt: skip
    deal, _ = pipeline.open(id="d", name="x", at=MONDAY, by=REP)
    deal, _ = pipeline.move(deal, "offer", at=MONDAY, by=REP)

    assert [unmet.what for unmet in pipeline.check(deal, "won", by=REP).unmet] == ["checklist.demo", "paid"]
    assert pipeline.check(deal, "new", by=REP)
    assert pipeline.check(deal, "lost", by=REP, loss_reason="price")
    done, _ = tick(deal, "demo", at=MONDAY, by=REP)
    assert pipeline.open_items(deal) == (ChecklistItem("demo"),)
    assert pipeline.open_items(done) == ()
    assert pipeline.check(done, "won", by=REP, facts={"paid": True})


def test_side_effects_follow_the_move_as_events() -> None:
    pipeline = BOARD.compile()
    deal, _ = pipeline.open(id="d", name="x", at=MONDAY, by=REP)

    _, events = pipeline.move(deal, "offer", at=MONDAY, by=REP)

    assert [type(event) for event in events] == [DealMoved, StageEffect, StageEffect]
    assert [event.effect for event in events if isinstance(event, StageEffect)] == ["send brochure", "call"]


def test_an_automatic_move_waits_for_its_conditions_and_roles() -> None:
    pipeline = BOARD.compile()
    deal, _ = pipeline.open(id="d", name="x", at=MONDAY, by=REP)

    assert pipeline.advance(deal, at=MONDAY, by=REP) == (deal, ())
    assert pipeline.advance(deal, at=MONDAY, by=REP, facts={"big": True})[0].stage == "won"
    deal, _ = pipeline.move(deal, "offer", at=MONDAY, by=REP)
    assert pipeline.advance(deal, at=MONDAY, by=REP, facts={"paid": True})[1] == ()
    boss = Actor("chen", roles={"boss"})
    assert pipeline.advance(deal, at=MONDAY, by=boss, facts={"paid": True})[0].stage == "won"


def test_a_reason_that_says_nothing_needs_a_note() -> None:
    pipeline = BOARD.compile()
    deal, _ = pipeline.open(id="d", name="x", at=MONDAY, by=REP)

    assert [one.what for one in pipeline.check(deal, "lost", by=REP, loss_reason="Other").unmet] == [
        "loss_note"
    ]
    lost, (event,) = pipeline.move(
        deal, "lost", at=MONDAY, by=REP, loss_reason="Other", loss_note="merged", lost_to="Initech"
    )
    assert (lost.loss_reason, lost.loss_note, lost.lost_to) == ("Other", "merged", "Initech")
    assert isinstance(event, DealMoved)
    assert event.since == MONDAY


def test_many_deals_move_by_the_same_rules_as_one() -> None:
    pipeline = BOARD.compile()
    deals = [pipeline.open(id=f"d{n}", name="x", at=MONDAY, by=REP)[0] for n in range(3)]
    deals[1] = attrs.evolve(deals[1], pipeline="renewals")

    moved, refused = pipeline.move_all(
        deals, "won", at=MONDAY, by=REP, facts=lambda deal: {"big": deal.id == "d0"}
    )

    assert [(one.deal.id, one.deal.probability.value) for one in moved] == [("d0", Percent(100))]
    assert [(one.deal.id, type(one.why)) for one in refused] == [("d1", OtherPipeline), ("d2", MoveRefused)]


def test_deals_find_their_pipeline_in_their_version() -> None:
    first, second = BOARD.compile(), attrs.evolve(BOARD, version=2).compile()
    pipelines = Pipelines([second, first])
    deal, _ = first.open(id="d", name="x", at=MONDAY, by=REP)

    assert pipelines.of(deal) is first
    assert pipelines.latest("board") is second
    assert (first.is_current(deal), second.is_current(deal)) == (True, False)
    with pytest.raises(UnknownPipeline, match="versions 2, 1"):
        pipelines.of(attrs.evolve(deal, pipeline_version=7))
    with pytest.raises(UnknownPipeline, match="did you mean 'board'"):
        pipelines.latest("bord")
    with pytest.raises(DuplicatePipeline):
        Pipelines([first, BOARD.compile()])


@pytest.mark.parametrize(
    ("rules", "moves"),
    [
        (MoveRules(), {"new-offer", "new-won", "offer-new", "offer-won", "new-lost", "offer-lost"}),
        (MoveRules(no_skip=True), {"new-offer", "offer-new", "offer-won", "new-lost", "offer-lost"}),
        (MoveRules(no_backward=True), {"new-offer", "new-won", "offer-won", "new-lost", "offer-lost"}),
        (
            MoveRules(no_skip=True, no_backward=True, reopens=True),
            {"new-offer", "offer-won", "new-lost", "offer-lost"},
        ),
    ],
)
def test_rules_generate_the_moves_that_they_allow(rules: MoveRules, moves: set[str]) -> None:
    edges = {edge for one in rules.transitions(STAGES) for edge in one.edges}

    assert {f"{source}-{target}" for source, target in edges} == moves
    assert edges == {
        (one.id, other.id) for one in STAGES for other in STAGES if rules.allows(STAGES, one.id, other.id)
    }


def test_deals_are_opened_only_where_the_rules_let_them_begin() -> None:
    anywhere = attrs.evolve(BOARD, moves=MoveRules(), transitions=()).compile()
    only = attrs.evolve(BOARD, moves=MoveRules(create_only_in=("new",)), transitions=()).compile()

    won, _ = anywhere.open(id="d", name="x", stage="won", at=MONDAY, by=REP)
    assert (won.status, won.closed_on) == (StageKind.WON, date(2026, 3, 2))
    with pytest.raises(MoveRefused, match="start"):
        only.open(id="d", name="x", stage="offer", at=MONDAY, by=REP)


def test_working_days_pass_by_a_calendar_and_not_while_a_deal_sleeps() -> None:
    pipeline = attrs.evolve(BOARD, day_kind=DayKind.WORKING).compile()
    office = BusinessCalendar.weekly(holidays=[date(2026, 3, 10)])
    deal, _ = pipeline.open(id="d", name="x", at=MONDAY, by=REP)
    # Monday to Monday: five working days. A week later, a holiday less: nine.
    assert pipeline.rotting(deal, MONDAY + timedelta(days=7), calendar=office).days == 5
    assert pipeline.rotting(deal, MONDAY + timedelta(days=14), calendar=office).days == 9
    assert pipeline.age(deal, MONDAY + timedelta(days=14), calendar=office).days == 9
    with pytest.raises(CalendarNeeded):
        pipeline.rotting(deal, MONDAY)

    # Asleep from Wednesday to Friday noon: Thursday and Friday come while it sleeps.
    asleep, _ = snooze(
        deal, until=MONDAY + timedelta(days=4, hours=3), reason="fair", at=MONDAY + timedelta(days=2), by=REP
    )
    assert pipeline.rotting(asleep, MONDAY + timedelta(days=7), calendar=office).days == 3


def test_a_deal_that_sleeps_does_not_rot_and_a_closed_one_does_not_age() -> None:
    pipeline = BOARD.compile()
    deal, _ = pipeline.open(id="d", name="x", at=MONDAY, by=REP)
    asleep, _ = snooze(
        deal, until=MONDAY + timedelta(days=30), reason="fair", at=MONDAY + timedelta(days=4), by=REP
    )

    assert [pipeline.rotting(one, MONDAY + timedelta(days=20)).is_rotting for one in (deal, asleep)] == [
        True,
        False,
    ]
    assert pipeline.rotting(asleep, MONDAY + timedelta(days=31)).days == 5
    assert pipeline.age(deal, MONDAY + timedelta(days=12)).overdue_days == 2
    won, _ = pipeline.move(deal, "won", at=MONDAY + timedelta(days=3), by=REP, facts={"big": True})
    assert (pipeline.age(won, MONDAY + timedelta(days=99)).days, bool(pipeline.age(won, MONDAY))) == (
        3,
        False,
    )


def test_the_history_says_which_stages_are_never_used() -> None:
    pipeline = BOARD.compile()
    deal, opened = pipeline.open(id="d", name="x", at=MONDAY, by=REP)
    _, moved = pipeline.move(deal, "won", at=MONDAY, by=REP, facts={"big": True})
    renamed = attrs.evolve(moved[0], source="nwe")

    found = [(one.code, one.where) for one in BOARD.lint(history=[*opened, renamed])]

    assert ("stage_never_used", "stages.offer") in found
    assert ("stage_gone", "stages") in found
    assert ("stage_never_used", "stages.won") not in found


def test_a_guard_on_a_field_is_sound_only_when_every_way_there_asks_for_it() -> None:
    guarded = Transition("offer", "won", (Condition("size", "deal.amount >= 5 EUR"),))
    ways = (Transition("new", "offer"), guarded, Transition(("new", "offer"), "lost"))
    bare = attrs.evolve(BOARD, transitions=ways)
    asked = attrs.evolve(bare, stages=(STAGES[0], attrs.evolve(STAGES[1], required=("amount",)), *STAGES[2:]))
    around = attrs.evolve(bare, stages=(STAGES[0], Stage("mid", required=("amount",), probability=Percent(20)), *STAGES[1:]),
                          transitions=(*ways, Transition("new", "mid"), Transition("mid", "offer")))  # fmt: skip

    assert ("unrequired_field", "transitions[1].conditions.size") in _codes(bare)
    assert "unrequired_field" not in [code for code, _ in _codes(asked)]
    assert ("unrequired_field", "transitions[1].conditions.size") in _codes(around)
