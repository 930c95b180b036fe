from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.formula import BOOL, Schema
from salesmgmt.engines.lifecycle import Condition, LifecycleDefinition, State, Transition
from salesmgmt.engines.lifecycle.mermaid import escaped


def test_a_lifecycle_is_drawn_with_its_moves_and_what_they_ask_for() -> None:
    definition = LifecycleDefinition(
        id="quote",
        states=(
            State("draft"),
            State("sent", name="With the customer", entry=(Condition("checked", "checked"),)),
            State("accepted", final=True),
        ),
        transitions=(
            Transition("draft", "sent", (Condition("paid", "paid"),), ("manager", "owner")),
            Transition(("draft", "sent"), "accepted"),
        ),
        initial="draft",
    )

    assert definition.compile(Schema({"checked": BOOL, "paid": BOOL})).to_mermaid() == (
        "stateDiagram-v2\n"
        '    state "draft" as s0\n'
        '    state "With the customer" as s1\n'
        '    state "accepted" as s2\n'
        "    [*] --> s0\n"
        "    s0 --> s1 : if checked, paid by manager, owner\n"
        "    s0 --> s2\n"
        "    s1 --> s2\n"
        "    s2 --> [*]\n"
    )


def test_a_hostile_name_stays_a_label() -> None:
    assert escaped('x" as s0\n click s0 href "javascript:alert(1)" <b>;') == (
        "x#34; as s0  click s0 href #34;javascript#58;alert#40;1#41;#34; #60;b#62;#59;"
    )


@given(st.text())
def test_no_text_leaves_its_label(text: str) -> None:
    label = escaped(text)

    assert re.fullmatch(r"(?:[^\W_]|[ _\-.,]|#\d+;)*", label)
    assert "\n" not in label
