"""The single moves of a lifecycle, each with all that it asks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import attrs

from salesmgmt.engines.lifecycle.guard import Condition

if TYPE_CHECKING:
    from salesmgmt.engines.lifecycle.definition import LifecycleDefinition, Transition


@attrs.frozen
class Edge:
    """A move from one state to another.

    Attributes:
        source: the state it leaves.
        target: the state it enters.
        transition: what declares it.
        position: where that stands among the transitions of the definition.
        leaving: what the source asks for, when it is left forwards.
        entering: what the target asks for.
    """

    source: str
    target: str
    transition: Transition
    position: int
    leaving: tuple[Condition, ...]
    entering: tuple[Condition, ...]

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """All that must hold, in the order in which a refusal names it."""
        return (*self.leaving, *self.entering, *self.transition.conditions)


def edges_of(definition: LifecycleDefinition) -> Iterator[Edge]:
    """The moves of a definition in its order; those with an end that is no state are passed over.

    A move is forwards when its target is listed after its source and is no escape; only then exit conditions count.
    """
    places = {state.id: position for position, state in enumerate(definition.states)}
    states = {state.id: state for state in definition.states}
    for position, transition in enumerate(definition.transitions):
        target = states.get(transition.target)
        if target is None:
            continue
        for source_id, _ in transition.edges:
            source = states.get(source_id)
            if source is not None:
                is_forwards = places[source.id] < places[target.id] and not target.escape
                yield Edge(
                    source.id,
                    target.id,
                    transition,
                    position,
                    source.exit if is_forwards else (),
                    target.entry,
                )
