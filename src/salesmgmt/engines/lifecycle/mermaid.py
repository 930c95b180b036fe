"""Lifecycles as Mermaid state diagrams."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from salesmgmt.engines.lifecycle.edges import Edge, edges_of

if TYPE_CHECKING:
    from salesmgmt.engines.lifecycle.definition import LifecycleDefinition

_PLAIN = frozenset(" _-.,")


def state_diagram(definition: LifecycleDefinition, styles: Mapping[str, str]) -> str:
    """Draw a lifecycle: states by number, with their ids as escaped labels, and the moves with what they ask for.

    Args:
        definition: what to draw.
        styles: how states are drawn, by kind; kinds that are not named are drawn plainly.
    """
    numbers = {state.id: f"s{position}" for position, state in enumerate(definition.states)}
    lines = ["stateDiagram-v2"]
    lines += [
        f'    state "{escaped(state.name or state.id)}" as {numbers[state.id]}' for state in definition.states
    ]
    lines += [f"    [*] --> {numbers[start]}" for start in (definition.initial, *definition.starts)]
    lines += [
        f"    {numbers[edge.source]} --> {numbers[edge.target]}{_label(edge)}"
        for edge in edges_of(definition)
    ]
    lines += [f"    {numbers[state.id]} --> [*]" for state in definition.states if state.final]
    for position, (kind, style) in enumerate(styles.items()):
        drawn = [numbers[state.id] for state in definition.states if state.kind == kind]
        if drawn:
            lines += [f"    classDef kind{position} {style}", f"    class {','.join(drawn)} kind{position}"]
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


def _label(edge: Edge) -> str:
    """What a move asks for, and of whom: `auto if signed by manager then welcome`."""
    transition = edge.transition
    conditions = ", ".join(escaped(one.id) for one in edge.conditions)
    parts = ["auto"] if transition.automatic else []
    parts += [f"if {conditions}"] if conditions else []
    parts += [f"by {', '.join(map(escaped, transition.roles))}"] if transition.roles else []
    parts += [f"then {', '.join(map(escaped, transition.emits))}"] if transition.emits else []
    return f" : {' '.join(parts)}" if parts else ""
