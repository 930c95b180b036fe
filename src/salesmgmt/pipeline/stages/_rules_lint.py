"""What can be wrong with the rules of a pipeline: who may override, why deals are lost, where they are opened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from salesmgmt.core.errors import shorten
from salesmgmt.core.findings import Finding
from salesmgmt.core.nearest import nearest
from salesmgmt.engines.lifecycle.guard import is_name, shown

if TYPE_CHECKING:
    from salesmgmt.pipeline.stages.definition import PipelineDefinition

LONGEST_LIMIT = 36_525
"""Days of a limit at most: a century."""


def lint_rules(definition: PipelineDefinition) -> Iterator[Finding]:
    """Find rules that contradict themselves, or name what is not there."""
    for code, where, names in (
        ("loss_reason", "loss_reasons", definition.loss_reasons),
        ("loss_reason", "notes_required", definition.notes_required),
        ("override_role", "override_roles", definition.override_roles),
        ("duplicate_card", "scorecards", definition.scorecards),
    ):
        yield from _each_once(code, where, names)
    yield from _known_reasons(definition)
    limit = definition.max_age_days
    if limit is not None and not 1 <= limit <= LONGEST_LIMIT:
        yield Finding(
            code="age_limit",
            where="max_age_days",
            message=f"no deal is too old after {shorten(limit)} days",
            hint="give one day or more, or leave it out",
        )
    yield from _openings(definition)
    yield from _moves(definition)


def _each_once(code: str, where: str, names: tuple[str, ...]) -> Iterator[Finding]:
    seen = set()
    for position, name in enumerate(names):
        if not is_name(name) or name in seen:
            yield Finding(
                code=code,
                where=f"{where}[{position}]",
                message=f"{shorten(name)} is no line of text, or stands there already",
                hint="name each once",
            )
        seen.add(name)


def _known_reasons(definition: PipelineDefinition) -> Iterator[Finding]:
    for position, reason in enumerate(definition.notes_required):
        if definition.loss_reasons and reason not in definition.loss_reasons:
            meant = nearest(reason, definition.loss_reasons)
            yield Finding(
                code="loss_reason",
                where=f"notes_required[{position}]",
                message=f"no deal can be lost for the reason {shorten(reason)}",
                hint=f"did you mean {meant!r}?" if meant else "add it to loss_reasons",
            )


def _openings(definition: PipelineDefinition) -> Iterator[Finding]:
    known = {stage.id for stage in definition.stages}
    only = definition.moves.create_only_in if definition.moves is not None else ()
    for code, where, names in (
        ("open_in", "open_in", definition.open_in),
        ("create_only_in", "moves.create_only_in", only),
    ):
        for position, name in enumerate(names):
            if name not in known:
                meant = nearest(name, known)
                yield Finding(
                    code=code,
                    where=f"{where}[{position}]",
                    message=f"there is no stage {shorten(name)}",
                    hint=f"did you mean {meant!r}?" if meant else "name stages of this pipeline",
                )
    if only and (definition.initial not in only or definition.open_in):
        yield Finding(
            code="create_only_in",
            where="moves.create_only_in",
            message=f"deals are opened in {shown(definition.initial)} and in open_in as well",
            hint="name the initial stage there, and leave open_in out",
        )


def _moves(definition: PipelineDefinition) -> Iterator[Finding]:
    if definition.moves is None:
        return
    known = {stage.id for stage in definition.stages}
    for position, transition in enumerate(definition.transitions):
        for source, target in transition.edges:
            is_known = source in known and target in known
            if is_known and not definition.moves.allows(definition.stages, source, target):
                yield Finding(
                    code="against_move_rules",
                    where=f"transitions[{position}]",
                    message=f"the rules under moves do not allow {shown(source)} -> {shown(target)}",
                    hint="drop the transition, or the rule",
                )
