"""Commands of reactions that change a lead or a deal."""

from __future__ import annotations

from datetime import UTC, datetime

import attrs
import pytest

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import LeadId
from salesmgmt.core.errors import InvalidInput
from salesmgmt.engines.reactions import Command, Reaction, ReactionSet
from salesmgmt.pipeline import EVENTS, PipelineDefinition, Stage, StageKind, Transition, capture
from salesmgmt.pipeline.leads import CannotAssign, merge, plan_merge
from salesmgmt.pipeline.reacting import COMMANDS, NotToBeCarriedOut, carry_out

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
BY = Actor("crm")
PIPELINE = PipelineDefinition(
    id="walk-in",
    version=1,
    initial="talk",
    stages=(Stage("talk"), Stage("won", kind=StageKind.WON), Stage("lost", kind=StageKind.LOST)),
    transitions=(Transition("talk", "won"), Transition("talk", "lost")),
).compile()


def commands(on: str, then: str, texts: dict[str, str], *events: object) -> tuple[Command, ...]:
    definition = ReactionSet(id="set", reactions=(Reaction(id="r", on=(on,), then=then, texts=texts),))
    return definition.compile(EVENTS, COMMANDS).react(events).commands  # type: ignore[arg-type]


def test_a_lead_is_assigned_for_the_reason_of_the_reaction() -> None:
    lead, events = capture(id="l1", name="Ana", at=AT, by=BY)
    (command,) = commands("LeadCaptured", "assign_lead", {"owner": "ada"}, *events)
    lead, (assigned,) = carry_out(command, lead, at=AT, by=BY)  # type: ignore[assignment]
    assert lead.owner == "ada"
    assert assigned.reason == "r"  # type: ignore[attr-defined]


def test_a_deal_is_assigned() -> None:
    deal, events = PIPELINE.open(id="d1", name="Laptops", at=AT, by=BY)
    (command,) = commands("DealOpened", "assign_deal", {"owner": "ada"}, *events)
    deal, changed = carry_out(command, deal, at=AT, by=BY)  # type: ignore[assignment]
    assert deal.owner == "ada"
    assert [type(event).__name__ for event in changed] == ["DealAmended"]


def test_a_command_is_carried_out_on_its_own_subject_alone() -> None:
    lead, events = capture(id="l1", name="Ana", at=AT, by=BY)
    other, _ = capture(id="l2", name="Bo", at=AT, by=BY)
    (command,) = commands("LeadCaptured", "assign_lead", {"owner": "ada"}, *events)
    with pytest.raises(NotToBeCarriedOut, match="assign_lead about Lead:l1 cannot be carried out on Lead:l2"):
        carry_out(command, other, at=AT, by=BY)
    (reminder,) = commands("LeadCaptured", "remind", {"person": "ada", "message": "call"}, *events)
    with pytest.raises(NotToBeCarriedOut, match="the host's to carry out"):
        carry_out(reminder, lead, at=AT, by=BY)


def test_a_lead_that_was_merged_in_the_meantime_is_not_assigned() -> None:
    first, _ = capture(id="l1", name="Ana", at=AT, by=BY)
    second, events = capture(id="l2", name="Ana", at=AT, by=BY)
    (command,) = commands("LeadCaptured", "assign_lead", {"owner": "ada"}, *events)
    (_, gone), _ = merge(plan_merge(first, second), at=AT, by=BY)
    assert gone.merged_into == LeadId("l1")
    with pytest.raises(CannotAssign):
        carry_out(command, gone, at=AT, by=BY)


@pytest.mark.parametrize("owner", ["", "  ", None])
def test_nothing_is_assigned_to_nobody(owner: str | None) -> None:
    lead, events = capture(id="l1", name="Ana", at=AT, by=BY)
    deal, opened = PIPELINE.open(id="d1", name="Laptops", at=AT, by=BY)
    for on, then, entity, event in (
        ("LeadCaptured", "assign_lead", lead, events),
        ("DealOpened", "assign_deal", deal, opened),
    ):
        (command,) = commands(on, then, {"owner": "ada"}, *event)
        command = attrs.evolve(command, arguments={} if owner is None else {"owner": owner})
        with pytest.raises(InvalidInput, match=r"arguments\.owner"):
            carry_out(command, entity, at=AT, by=BY)
