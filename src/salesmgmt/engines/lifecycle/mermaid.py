"""Lifecycles as Mermaid state diagrams."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from salesmgmt.engines.lifecycle.definition import LifecycleDefinition, Transition

_PLAIN = frozenset(" _-.,")


def state_diagram(definition: LifecycleDefinition) -> str:
    """Draw a lifecycle: states by number, with their ids as escaped labels, and the moves with what they ask for."""
    numbers = {state.id: f"s{position}" for position, state in enumerate(definition.states)}
    entries = {state.id: state.entry for state in definition.states}
    lines = ["stateDiagram-v2"]
    lines += [
        f'    state "{escaped(state.name or state.id)}" as {numbers[state.id]}' for state in definition.states
    ]
    lines.append(f"    [*] --> {numbers[definition.initial]}")
    for transition in definition.transitions:
        label = _label(transition, [condition.id for condition in entries[transition.target]])
        lines += [
            f"    {numbers[source]} --> {numbers[target]}{label}" for source, target in transition.edges
        ]
    lines += [f"    {numbers[state.id]} --> [*]" for state in definition.states if state.final]
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Write a text so that Mermaid shows it and cannot read it as syntax or HTML.

    Letters and digits of all scripts stay; white space becomes a blank; any other character becomes its Mermaid
    entity, `#` with its decimal code point.

    >>> from salesmgmt.engines.lifecycle.mermaid import escaped
    >>> escaped('legal "check"')
    'legal #34;check#34;'
    """
    return "".join(_escaped(character) for character in text)


def _escaped(character: str) -> str:
    if character.isspace():
        return " "
    return character if character.isalnum() or character in _PLAIN else f"#{ord(character)};"


def _label(transition: Transition, entry: list[str]) -> str:
    conditions = ", ".join(escaped(what) for what in (*entry, *(one.id for one in transition.conditions)))
    roles = ", ".join(escaped(role) for role in transition.roles)
    parts = [f"if {conditions}"] if conditions else []
    parts += [f"by {roles}"] if roles else []
    return f" : {' '.join(parts)}" if parts else ""
