from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.actor import Actor
from salesmgmt.core.formula import BOOL, NUMBER, EvaluationError, Schema
from salesmgmt.engines.lifecycle import (
    Condition,
    Decision,
    Lifecycle,
    LifecycleDefinition,
    MoveRefused,
    Override,
    ReasonMissing,
    State,
    Transition,
    UnknownState,
    Unmet,
)

REP, MANAGER = Actor("li.wei", roles={"rep"}), Actor("chen", roles={"manager"})

DEFINITION = LifecycleDefinition(
    id="quote",
    states=(
        State("draft"),
        State("sent", entry=(Condition("lines", "quote.lines > 0"),)),
        State("accepted", final=True),
        State("void", final=True),
    ),
    transitions=(
        Transition(("draft", "sent"), "void", roles=("manager", "owner")),
        Transition("draft", "sent", (Condition("checked", "quote.checked"),)),
        Transition("sent", "accepted"),
        Transition("void", "draft", reopens=True, roles=("manager",)),
    ),
    initial="draft",
)
QUOTE = DEFINITION.compile(Schema({"quote.lines": NUMBER, "quote.checked": BOOL}))


def test_an_allowed_move_lacks_nothing() -> None:
    decision = QUOTE.check("draft", "sent", {"quote.lines": 1, "quote.checked": True}, REP)

    assert decision
    assert decision == Decision("draft", "sent")


def test_everything_that_is_lacking_is_named_at_once() -> None:
    decision = QUOTE.check("draft", "sent", {"quote.lines": 0}, REP)

    assert not decision
    assert decision.unmet == (
        Unmet("lines", wanted="quote.lines > 0", found=0),
        Unmet("checked", wanted="quote.checked", found=None),
    )


def test_a_condition_on_several_names_says_what_each_was() -> None:
    definition = LifecycleDefinition(
        id="order",
        states=(State("open"), State("paid", final=True)),
        transitions=(Transition("open", "paid", (Condition("due", "due <= paid"),)),),
        initial="open",
    )
    order = definition.compile(Schema({"due": NUMBER, "paid": NUMBER}))

    (unmet,) = order.check("open", "paid", {"due": 10, "paid": 4}, REP).unmet

    assert unmet.found == "due = 10, paid = 4"


def test_a_move_needs_one_of_its_roles() -> None:
    assert QUOTE.check("draft", "void", {}, MANAGER).allowed
    assert QUOTE.check("draft", "void", {}, REP).unmet == (
        Unmet("role", wanted="manager or owner", found="rep", code="role"),
    )
    assert QUOTE.check("draft", "void", {}, Actor("nobody")).unmet[0].found is None


def test_a_move_that_is_not_declared_is_refused_and_the_declared_ones_are_named() -> None:
    assert QUOTE.check("draft", "accepted", {}, MANAGER).unmet == (
        Unmet("transition", wanted="void, sent", found="accepted", code="transition"),
    )
    assert QUOTE.check("accepted", "draft", {}, MANAGER).unmet[0].wanted == "no move at all"
    assert not QUOTE.check("draft", "draft", {}, MANAGER)


def test_targets_stand_in_the_order_of_the_definition() -> None:
    assert QUOTE.targets("draft") == ("void", "sent")
    assert QUOTE.targets("accepted") == ()


@pytest.mark.parametrize(("source", "target"), [("drafft", "sent"), ("draft", "sentt"), ("", "sent")])
def test_an_unknown_state_is_named_with_the_known_ones(source: str, target: str) -> None:
    with pytest.raises(UnknownState) as error:
        QUOTE.check(source, target, {}, REP)

    assert error.value.known == ("draft", "sent", "accepted", "void")
    assert error.value.definition == "quote"
    assert isinstance(error.value, LookupError)


def test_the_names_a_move_reads_are_known_beforehand() -> None:
    assert QUOTE.needs("draft", "sent") == {"quote.lines", "quote.checked"}
    assert QUOTE.needs("sent", "accepted") == frozenset()
    assert QUOTE.needs("draft", "accepted") == frozenset()


def test_a_life_begins_under_the_entry_conditions_of_the_initial_state() -> None:
    definition = LifecycleDefinition(
        id="case",
        states=(State("open", entry=(Condition("caller", "caller.known"),)), State("closed", final=True)),
        transitions=(Transition("open", "closed"),),
        initial="open",
    )
    case = definition.compile(Schema({"caller.known": BOOL}))

    assert case.needs_to_enter(case.initial) == {"caller.known"}
    assert case.check_start({"caller.known": True}).allowed
    assert case.check_start({}).unmet == (Unmet("caller", wanted="caller.known", found=None),)


def test_a_refused_command_carries_the_decision() -> None:
    with pytest.raises(MoveRefused, match=r"lines: wanted quote\.lines > 0, found 0;") as refusal:
        QUOTE.require("draft", "sent", {"quote.lines": 0, "quote.checked": True}, REP)

    assert refusal.value.decision == QUOTE.check(
        "draft", "sent", {"quote.lines": 0, "quote.checked": True}, REP
    )
    assert isinstance(refusal.value, ValueError)
    assert pickle.loads(pickle.dumps(refusal.value)).decision == refusal.value.decision


def test_an_override_waives_conditions_and_says_which() -> None:
    decision = QUOTE.require("draft", "sent", {}, REP, override=Override(MANAGER, "the customer waits"))

    assert [unmet.what for unmet in decision.unmet] == ["lines", "checked"]


def test_an_override_lends_the_roles_of_its_author_and_no_others() -> None:
    assert QUOTE.require("draft", "void", {}, REP, override=Override(MANAGER, "typed twice")).unmet

    with pytest.raises(MoveRefused):
        QUOTE.require(
            "draft", "void", {}, REP, override=Override(Actor("wang", roles={"rep"}), "typed twice")
        )


def test_an_override_opens_no_way_that_is_not_declared() -> None:
    with pytest.raises(MoveRefused) as refusal:
        QUOTE.require("draft", "accepted", {}, REP, override=Override(MANAGER, "hurry"))

    assert [unmet.code for unmet in refusal.value.decision.unmet] == ["transition"]


@pytest.mark.parametrize("reason", ["", " ", "\n\t"])
def test_an_override_without_a_reason_is_none(reason: str) -> None:
    with pytest.raises(ReasonMissing):
        Override(MANAGER, reason)


def test_a_value_of_the_wrong_type_is_an_error_and_never_a_yes() -> None:
    with pytest.raises(EvaluationError, match=r"quote\.checked"):
        QUOTE.check("draft", "sent", {"quote.lines": 1, "quote.checked": "yes"}, REP)


def test_it_pickles_its_definition_and_answers_as_before() -> None:
    copy: Lifecycle = pickle.loads(pickle.dumps(QUOTE))

    assert (copy.definition, copy.digest, copy.schema) == (QUOTE.definition, QUOTE.digest, QUOTE.schema)
    assert copy.check("draft", "sent", {"quote.lines": 0}, REP) == QUOTE.check(
        "draft", "sent", {"quote.lines": 0}, REP
    )


def test_it_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        QUOTE.digest = ""  # type: ignore[misc]
    with pytest.raises(TypeError):
        QUOTE._moves["draft"] = {}  # type: ignore[index]


STATES = [f"s{number}" for number in range(6)]


@st.composite
def definitions(draw: st.DrawFn) -> LifecycleDefinition:
    edges = draw(st.sets(st.tuples(st.sampled_from(STATES), st.sampled_from(STATES)), max_size=15))
    final = draw(st.sets(st.sampled_from(STATES)))
    return LifecycleDefinition(
        id="random",
        states=tuple(State(state, final=state in final) for state in STATES),
        transitions=tuple(
            Transition(source, target, reopens=draw(st.booleans()) and source in final)
            for source, target in sorted(edges)
        ),
        initial="s0",
    )


def clean(draw_from: st.SearchStrategy[LifecycleDefinition]) -> st.SearchStrategy[LifecycleDefinition]:
    """Random definitions made sound: edges that lint refuses are dropped, and states out of reach cut off."""

    def mended(definition: LifecycleDefinition) -> LifecycleDefinition:
        graph = definition.graph
        useless = {*graph.unreachable, *graph.no_path_to_final}
        final = set(graph.final)
        return LifecycleDefinition(
            id=definition.id,
            states=tuple(state for state in definition.states if state.id not in useless),
            transitions=tuple(
                move
                for move in definition.transitions
                if useless.isdisjoint(move.edges[0]) and (move.source in final) is move.reopens
            ),
            initial=definition.initial,
        )

    return draw_from.map(mended).filter(lambda definition: not definition.lint())


@given(definition=clean(definitions()), data=st.data())
def test_a_walk_through_a_sound_definition_can_always_end(
    definition: LifecycleDefinition, data: st.DataObject
) -> None:
    machine = definition.compile()
    states = {state.id: state for state in definition.states}
    here = machine.initial
    for _ in range(data.draw(st.integers(0, 10))):
        targets = machine.targets(here)
        if not targets:
            assert states[here].final
            break
        here = data.draw(st.sampled_from(targets))
        assert here in states
    seen, waiting = {here}, [here]
    while waiting:
        for target in machine.targets(waiting.pop()):
            if target not in seen:
                seen.add(target)
                waiting.append(target)

    assert any(states[state].final for state in seen)


@given(definition=definitions(), data=st.data())
def test_only_declared_moves_are_allowed(definition: LifecycleDefinition, data: st.DataObject) -> None:
    if definition.lint():
        return
    machine = definition.compile()
    known = [state.id for state in definition.states]
    source, target = data.draw(st.sampled_from(known)), data.draw(st.sampled_from(known))
    declared = {edge for move in definition.transitions for edge in move.edges}

    assert machine.check(source, target, {}, REP).allowed is ((source, target) in declared)
