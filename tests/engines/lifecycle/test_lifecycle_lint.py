from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.findings import InvalidDefinition, Severity
from salesmgmt.core.formula import BOOL, NUMBER, Schema
from salesmgmt.engines.lifecycle import Condition, LifecycleDefinition, State, Transition

SCHEMA = Schema({"paid": BOOL, "days": NUMBER})

GOOD = LifecycleDefinition(
    id="quote",
    version=1,
    states=(State("draft"), State("sent"), State("accepted", final=True)),
    transitions=(Transition("draft", "sent"), Transition("sent", "draft"), Transition("sent", "accepted")),
    initial="draft",
)


def _codes(definition: LifecycleDefinition) -> list[tuple[str, str]]:
    return [(finding.code, finding.where) for finding in definition.lint(SCHEMA)]


def _with(*transitions: Transition, states: tuple[State, ...] = GOOD.states) -> LifecycleDefinition:
    return attrs.evolve(GOOD, states=states, transitions=(*GOOD.transitions, *transitions))


def test_a_sound_definition_has_no_findings() -> None:
    assert _codes(GOOD) == []


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        (attrs.evolve(GOOD, id=" "), [("definition_id", "id")]),
        (_with(states=(*GOOD.states, State("sent"))), [("state_id", "states[3]")]),
        (_with(Transition("draft", ""), states=(*GOOD.states, State("", final=True))), [("state_id", "states[3]")]),
        (attrs.evolve(GOOD, initial="new"), [("missing_initial", "initial")]),
        (_with(Transition((), "sent")), [("missing_source", "transitions[3]")]),
        (_with(Transition("draft", "won")), [("missing_target", "transitions[3]")]),
        (_with(Transition("gone", "sent")), [("missing_target", "transitions[3]")]),
        (_with(Transition("draft", "sent")), [("duplicate_edge", "transitions[3]")]),
        (_with(Transition(("draft", "sent"), "accepted")), [("duplicate_edge", "transitions[3]")]),
        (_with(Transition("accepted", "draft")), [("final_with_exit", "transitions[3]")]),
        (_with(Transition("draft", "accepted", reopens=True)), [("reopens_open", "transitions[3]")]),
        (_with(states=(*GOOD.states, State("void", final=True))), [("unreachable", "states.void")]),
        (_with(Transition("draft", "limbo"), states=(*GOOD.states, State("limbo"))), [("dead_end", "states.limbo")]),
        (
            _with(
                Transition("draft", "a"), Transition("a", "b"), Transition("b", "a"),
                states=(*GOOD.states, State("a"), State("b")),
            ),
            [("no_path_to_final", "states.a"), ("no_path_to_final", "states.b")],
        ),
        (
            _with(Transition("draft", "accepted", (Condition("due", "pade"),))),
            [("formula", "transitions[3].conditions.due")],
        ),
        (
            _with(Transition("draft", "accepted", (Condition("due", "days + 1"),))),
            [("formula", "transitions[3].conditions.due")],
        ),
        (
            _with(Transition("draft", "accepted", (Condition("due", "days > 5 and days < 3"),))),
            [("contradictory_condition", "transitions[3].conditions.due")],
        ),
        (
            _with(Transition("draft", "accepted", (Condition("a", "days > 5"), Condition("b", "days < 3")))),
            [("contradictory_guard", "transitions[3]")],
        ),
        (
            _with(Transition("draft", "accepted", (Condition("a", "paid"), Condition("a", "days < 3")))),
            [("condition_id", "transitions[3].conditions.a")],
        ),
        (
            _with(Transition("draft", "accepted", (Condition("due", "days / 3 == 1"),))),
            [("equality_on_quotient", "transitions[3].conditions.due position 9")],
        ),
    ],
    ids=lambda value: value[0][0] if isinstance(value, list) else "",
)  # fmt: skip
def test_each_fault_is_found_at_its_place(
    definition: LifecycleDefinition, expected: list[tuple[str, str]]
) -> None:
    assert [
        finding for finding in _codes(definition) if finding[0] != "unreachable" or finding in expected
    ] == expected


def test_entry_conditions_and_conditions_of_a_move_are_looked_at_together() -> None:
    states = (*GOOD.states[:2], State("accepted", final=True, entry=(Condition("late", "days > 5"),)))

    found = _codes(_with(Transition("draft", "accepted", (Condition("soon", "days < 3"),)), states=states))

    assert found == [("contradictory_guard", "transitions[3]")]


def test_an_id_that_the_target_uses_already_is_refused() -> None:
    states = (*GOOD.states[:2], State("accepted", final=True, entry=(Condition("late", "days > 5"),)))

    found = _codes(_with(Transition("draft", "accepted", (Condition("late", "paid"),)), states=states))

    assert found == [("condition_id", "transitions[3]")]


def test_re_opening_is_its_own_declared_transition() -> None:
    assert _codes(_with(Transition("accepted", "draft", reopens=True))) == []


def test_errors_are_refused_all_at_once() -> None:
    faulty = attrs.evolve(_with(Transition("accepted", "draft"), Transition("draft", "x")), id="")

    with pytest.raises(InvalidDefinition) as refusal:
        faulty.compile(SCHEMA)

    assert [finding.code for finding in refusal.value.findings] == [
        "definition_id",
        "final_with_exit",
        "missing_target",
    ]
    assert all(finding.severity is Severity.ERROR for finding in refusal.value.findings)


def test_a_warning_does_not_stop_the_definition() -> None:
    definition = _with(Transition("draft", "accepted", (Condition("due", "days / 3 == 1"),)))

    assert definition.compile(SCHEMA).targets("draft") == ("sent", "accepted")


def test_a_definition_without_end_is_refused_in_bounded_time() -> None:
    states = tuple(State(f"s{number}") for number in range(5_001))

    assert [finding.code for finding in attrs.evolve(GOOD, states=states).lint()] == ["too_large"]


TOML = """
id = "quote"
initial = "draft"
states = [{ id = "draft" }, { id = "accepted", final = true }]

[[transitions]]
source = "draft"
target = "accepted"
roles = ["manager"]
conditions = [{ id = "paid", formula = "paid" }]
"""


def test_a_definition_is_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "quote.toml").write_text(TOML, encoding="utf-8")

    definition = LifecycleDefinition.load(tmp_path / "quote.toml", SCHEMA)

    assert definition.transitions == (
        Transition("draft", "accepted", (Condition("paid", "paid"),), ("manager",)),
    )


def test_a_file_with_faults_is_refused_with_every_path(tmp_path: Path) -> None:
    (tmp_path / "quote.toml").write_text(
        TOML.replace("final", "finale").replace("target", "to"), encoding="utf-8"
    )

    with pytest.raises(InvalidInput) as refusal:
        LifecycleDefinition.load(tmp_path / "quote.toml", SCHEMA)

    assert {problem.path for problem in refusal.value.problems} == {
        "states[1].finale", "transitions[0].to", "transitions[0].target",
    }  # fmt: skip


def test_the_digest_tells_definitions_apart_and_not_their_files(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text(TOML, encoding="utf-8")
    (tmp_path / "two.toml").write_text(
        "# a remark\n" + TOML.replace('["manager"]', '[ "manager" ]'), encoding="utf-8"
    )
    (tmp_path / "three.toml").write_text(TOML.replace("manager", "chief"), encoding="utf-8")

    one, two, three = (
        LifecycleDefinition.load(tmp_path / f"{name}.toml", SCHEMA).digest for name in ("one", "two", "three")
    )

    assert one == two != three
