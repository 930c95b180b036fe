"""What differs between two definitions of a pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from salesmgmt.engines.lifecycle import Transition
from salesmgmt.pipeline.stages.stage import Stage

if TYPE_CHECKING:
    from salesmgmt.pipeline.stages.definition import PipelineDefinition

_PARTS = frozenset({"stages", "transitions"})


@attrs.frozen
class DefinitionChange:
    """A field that has another value in the new definition.

    Attributes:
        field: its name.
        before: its value in the old one.
        after: its value in the new one.
    """

    field: str
    before: object
    after: object

    def __str__(self) -> str:
        return f"{self.field}: {self.before} -> {self.after}"


@attrs.frozen
class StageChange:
    """A stage, or a move, that both definitions have, with what is different about it.

    Attributes:
        where: id of the stage; `source -> target` of the move.
        changes: its fields that changed.
    """

    where: str
    changes: tuple[DefinitionChange, ...]


@attrs.frozen(kw_only=True)
class PipelineDifference:
    """What differs between two definitions of a pipeline; false when nothing does but the version.

    Attributes:
        fields: fields of the definition itself, its version left out.
        added: ids of stages that only the new one has.
        removed: ids of stages that only the old one has.
        changed: stages of both that differ.
        moves_added: moves that only the new one declares, as (source, target).
        moves_removed: moves that only the old one declares.
        moves_changed: moves of both whose conditions, roles or effects differ.
        reordered: whether stages of both stand in another order.
    """

    fields: tuple[DefinitionChange, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[StageChange, ...] = ()
    moves_added: tuple[tuple[str, str], ...] = ()
    moves_removed: tuple[tuple[str, str], ...] = ()
    moves_changed: tuple[StageChange, ...] = ()
    reordered: bool = False

    def __bool__(self) -> bool:
        return self != PipelineDifference()


def diff(old: PipelineDefinition, new: PipelineDefinition) -> PipelineDifference:
    """Say what differs between two definitions of a pipeline; stages are the same when their ids are.

    >>> import attrs
    >>> from salesmgmt.pipeline.stages import PipelineDefinition, Stage, StageKind, Transition
    >>> from salesmgmt.pipeline.stages.migration import diff
    >>> old = PipelineDefinition(
    ...     id="walk-in", version=1, initial="talk",
    ...     stages=(Stage("talk"), Stage("won", kind=StageKind.WON), Stage("lost", kind=StageKind.LOST)),
    ...     transitions=(Transition("talk", "won"), Transition("talk", "lost")),
    ... )
    >>> new = attrs.evolve(old, version=2, initial="offer", stages=(Stage("offer"), *old.stages[1:]),
    ...                    transitions=(Transition("offer", "won"), Transition("offer", "lost")))
    >>> found = diff(old, new)
    >>> found.added, found.removed, [str(change) for change in found.fields]
    (('offer',), ('talk',), ['initial: talk -> offer'])
    """
    before = {stage.id: stage for stage in old.stages}
    after = {stage.id: stage for stage in new.stages}
    shared = [name for name in before if name in after]
    ways_before, ways_after = _moves(old), _moves(new)
    return PipelineDifference(
        fields=tuple(_changes(old, new, _PARTS | {"version"})),
        added=tuple(name for name in after if name not in before),
        removed=tuple(name for name in before if name not in after),
        changed=tuple(_stages(before, after)),
        moves_added=tuple(edge for edge in ways_after if edge not in ways_before),
        moves_removed=tuple(edge for edge in ways_before if edge not in ways_after),
        moves_changed=tuple(
            StageChange(f"{source} -> {target}", changes)
            for (source, target), move in ways_before.items()
            if (source, target) in ways_after
            and (changes := tuple(_changes(move, ways_after[source, target], frozenset({"source"}))))
        ),
        reordered=shared != [name for name in after if name in before],
    )


def _stages(before: Mapping[str, Stage], after: Mapping[str, Stage]) -> Iterator[StageChange]:
    for name, stage in before.items():
        if name in after and (changes := tuple(_changes(stage, after[name], frozenset()))):
            yield StageChange(name, changes)


def _moves(definition: PipelineDefinition) -> dict[tuple[str, str], Transition]:
    return {edge: move for move in definition.transitions for edge in move.edges}


def _changes(old: Any, new: Any, left_out: frozenset[str]) -> Iterator[DefinitionChange]:
    for field in attrs.fields(type(old)):
        before, after = getattr(old, field.name), getattr(new, field.name)
        if field.name not in left_out and before != after:
            yield DefinitionChange(field.name, before, after)
