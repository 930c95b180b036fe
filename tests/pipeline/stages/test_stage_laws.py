"""Laws: whatever the definition and whatever is done with deals."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from salesmgmt.core.actor import Actor
from salesmgmt.core.codec import Codec
from salesmgmt.core.events import Event
from salesmgmt.core.findings import Severity
from salesmgmt.core.percent import Percent
from salesmgmt.pipeline.deals import (
    EstimateOrigin,
    amend,
    clear_estimate,
    estimate,
    replay,
    snooze,
    tick,
    wake,
)
from salesmgmt.pipeline.stages import (
    ChecklistItem,
    Condition,
    MoveRefused,
    Pipeline,
    PipelineDefinition,
    Stage,
    StageKind,
    Transition,
)

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
REP = Actor("li.wei", roles={"rep"})
_IDS = ["a", "b", "c", "d", "won", "lost"]
_GUARDS = ["ready", "not ready", "size > 3", "size <= 3", "deal.stage != 'x'"]


@st.composite
def definitions(draw: st.DrawFn) -> PipelineDefinition:
    """Definitions, most of them good: a chain, of which an edge may be missing, and further edges, with conditions that some facts satisfy."""
    stages = [
        Stage(
            id_,
            kind={"won": StageKind.WON, "lost": StageKind.LOST}.get(id_, StageKind.OPEN),
            checklist=draw(st.sampled_from([(), (ChecklistItem("demo"),)])),
        )
        for id_ in _IDS
    ]
    chain = [*pairwise(_IDS[:5]), ("a", "lost")]
    lacking = draw(st.sampled_from([None, None, None, *chain]))
    further = draw(st.lists(st.tuples(st.sampled_from(_IDS[:4]), st.sampled_from(_IDS)), max_size=5))
    edges = [edge for edge in dict.fromkeys((*chain, *further)) if edge != lacking]
    transitions = tuple(
        Transition(
            source,
            target,
            tuple(Condition(f"c{number}", text) for number, text in enumerate(draw(st.lists(st.sampled_from(_GUARDS), max_size=2, unique=True)))),
            draw(st.sampled_from([(), ("rep",)])),
            automatic=draw(st.booleans()) and draw(st.booleans()),
            priority=0,
        )
        for source, target in edges
    )  # fmt: skip
    return PipelineDefinition(
        id="law",
        version=draw(st.integers(1, 9)),
        initial="a",
        facts={"ready": "bool", "size": "number"},
        stages=tuple(stages),
        transitions=transitions,
    )


def _is_clean(definition: PipelineDefinition) -> bool:
    return not any(finding.severity is Severity.ERROR for finding in definition.findings)


_FACTS = [{"ready": ready, "size": size} for ready in (True, False) for size in (2, 5)]
"""Every answer that the guards above can get."""


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)
@given(definitions(), st.integers(0, 2**32))
def test_in_a_clean_definition_a_random_walk_ends(definition: PipelineDefinition, seed: int) -> None:
    assume(_is_clean(definition))
    pipeline, random = definition.compile(), Random(seed)
    deal, events = pipeline.open(id="d", name="x", at=START, by=REP)
    history: list[Event] = list(events)

    for step in range(2_000):
        if not deal.is_open:
            break
        deal, ticked = tick(deal, "demo", at=START + timedelta(hours=step), by=REP)
        facts = random.choice(_FACTS)
        target = random.choice(pipeline.targets(deal))
        allowed = pipeline.check(deal, target, by=REP, facts=facts, loss_reason="price")
        history += ticked
        if allowed:
            deal, moved = pipeline.move(
                deal, target, at=START + timedelta(hours=step), by=REP, facts=facts, loss_reason="price"
            )
            history += moved

    assert not deal.is_open
    assert replay(history) == deal


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)
@given(definitions(), st.sampled_from(_FACTS), st.booleans())
def test_what_check_says_move_does(
    definition: PipelineDefinition, facts: dict[str, object], done: bool
) -> None:
    assume(_is_clean(definition))
    pipeline = definition.compile()
    deal, _ = pipeline.open(id="d", name="x", at=START, by=REP)
    if done:
        deal, _ = tick(deal, "demo", at=START, by=REP)

    for target in pipeline.stages:
        decision = pipeline.check(deal, target, by=REP, facts=facts)  # type: ignore[arg-type]
        if decision:
            assert pipeline.move(deal, target, at=START, by=REP, facts=facts)[0].stage == target  # type: ignore[arg-type]
            continue
        with pytest.raises(MoveRefused) as refusal:
            pipeline.move(deal, target, at=START, by=REP, facts=facts)  # type: ignore[arg-type]
        assert refusal.value.decision == decision


@settings(max_examples=15, deadline=None)
@given(definitions())
def test_definitions_come_back_from_json_with_their_digest(definition: PipelineDefinition) -> None:
    codec = Codec()

    back = codec.from_json(PipelineDefinition, codec.to_json(definition))

    assert back == definition
    assert back.digest == definition.digest


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_sum_of_the_events_is_the_deal(data: st.DataObject) -> None:
    pipeline = _walk_in()
    events: tuple[Event, ...]
    deal, events = pipeline.open(id="d", name="x", at=START, by=REP)
    history: list[Event] = list(events)

    for hour in range(1, data.draw(st.integers(1, 12))):
        at = START + timedelta(hours=hour)
        command = data.draw(st.sampled_from(["move", "amend", "estimate", "clear", "snooze", "wake", "tick"]))
        if command == "move":
            target = data.draw(st.sampled_from(pipeline.targets(deal)))
            if pipeline.check(deal, target, by=REP, loss_reason="price"):
                deal, events = pipeline.move(deal, target, at=at, by=REP, loss_reason="price")
            else:
                events = ()
        elif command == "amend":
            deal, events = amend(
                deal,
                {"source": data.draw(st.text(max_size=3)), "fields.x": data.draw(st.text(max_size=3))},
                at=at,
                by=REP,
            )
        elif not deal.is_open:
            continue
        elif command == "estimate":
            deal, events = estimate(
                deal, Percent(data.draw(st.integers(0, 100))), origin=EstimateOrigin.USER, at=at, by=REP
            )
        elif command == "clear":
            deal, events = clear_estimate(deal, pipeline.stages[deal.stage], at=at, by=REP)
        elif command == "snooze":
            deal, events = snooze(
                deal, until=at + timedelta(hours=data.draw(st.integers(1, 50))), reason="away", at=at, by=REP
            )
        elif command == "wake":
            deal, events = wake(deal, at=at, by=REP)
        else:
            deal, events = tick(deal, data.draw(st.sampled_from(["demo", "other"])), at=at, by=REP)
        history += events

    assert replay(history) == deal


def test_threads_share_a_pipeline_and_processes_pickle_it() -> None:
    pipeline = _walk_in()
    deal, _ = pipeline.open(id="d", name="x", at=START, by=REP)
    deal, _ = tick(deal, "demo", at=START, by=REP)

    def move(copy: Pipeline) -> object:
        return copy.move(deal, "b", at=START, by=REP)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(move, [pipeline] * 200))

    assert all(one == found[0] for one in found)
    assert move(pickle.loads(pickle.dumps(pipeline))) == found[0]


def _walk_in() -> Pipeline:
    return PipelineDefinition(
        id="walk-in",
        version=1,
        initial="a",
        stages=(
            Stage("a", probability=Percent(10), checklist=(ChecklistItem("demo"),)),
            Stage("b", probability=Percent(50)),
            Stage("won", kind=StageKind.WON),
            Stage("lost", kind=StageKind.LOST),
        ),
        transitions=(
            Transition("a", "b"), Transition("b", "a"), Transition("b", "won"), Transition(("a", "b"), "lost"),
            Transition("lost", "a", reopens=True),
        ),
    ).compile()  # fmt: skip
