"""What can be wrong with a pipeline, beyond what can be wrong with any lifecycle.

Errors: `too_large`, `version`, `no_won_stage`, `probability_range`, `category_at_odds`, `rot_limit`, `age_limit`, `stage_name`,
`required_field`, `fact_prefix`, `checklist_item`, `loss_reason`, `override_role`, `open_in`, `create_only_in`,
`against_move_rules`, `duplicate_card`, and those of `salesmgmt.core.formula.declare` and `salesmgmt.engines.lifecycle.lint`.
Warnings: `probability_at_odds`, `probability_not_monotone`, `category_not_monotone`, `no_path_to_won`, `no_lost_stage`,
`exit_unused`, `unrequired_field` (a guard on a field that no earlier stage requires) and, with a history,
`stage_never_used`, `stage_gone`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from salesmgmt.core.errors import shorten
from salesmgmt.core.events import Event
from salesmgmt.core.findings import Finding, Severity
from salesmgmt.core.formula import Schema
from salesmgmt.core.percent import Percent
from salesmgmt.engines.lifecycle.graph import StateGraph
from salesmgmt.engines.lifecycle.guard import is_name, shown
from salesmgmt.engines.lifecycle.lint import MAX_PARTS, too_large
from salesmgmt.pipeline.deals import ForecastCategory, StageKind
from salesmgmt.pipeline.stages._field_guards import lint_fields
from salesmgmt.pipeline.stages._past import lint_past
from salesmgmt.pipeline.stages._rules_lint import LONGEST_LIMIT, lint_rules
from salesmgmt.pipeline.stages.names import PREFIX, declared_names
from salesmgmt.pipeline.stages.stage import Stage

if TYPE_CHECKING:
    from salesmgmt.pipeline.stages.definition import PipelineDefinition

_NEVER, _SURELY = Percent(0), Percent(100)

_CATEGORIES = {
    StageKind.OPEN: frozenset(ForecastCategory) - {ForecastCategory.CLOSED},
    StageKind.WON: frozenset({ForecastCategory.CLOSED}),
    StageKind.LOST: frozenset({ForecastCategory.OMITTED}),
}

_CONFIDENCE = {
    ForecastCategory.PIPELINE: 0,
    ForecastCategory.BEST_CASE: 1,
    ForecastCategory.MOST_LIKELY: 2,
    ForecastCategory.COMMIT: 3,
}


def lint(definition: PipelineDefinition, history: Iterable[Event]) -> tuple[Finding, ...]:
    """Find what cannot work, or may not work as meant: names, stages, rules, then what the lifecycle engine finds."""
    size = (
        sum(1 + len(stage.required) + len(stage.checklist) for stage in definition.stages)
        + len(definition.fields)
        + len(definition.facts)
        + len(definition.scorecards)
        + len(definition.loss_reasons)
        + len(definition.notes_required)
        + len(definition.override_roles)
        + len(definition.open_in)
    )
    if size > MAX_PARTS:
        return (too_large(size, "stages, required fields, items, own fields and facts"),)
    if definition.moves is not None and len(definition.stages) ** 2 > MAX_PARTS:
        return (too_large(len(definition.stages) ** 2, "moves by rule"),)
    schema = definition.schema
    of_lifecycle = definition.lifecycle.lint(schema, noun="stage")
    findings = (
        *_names(definition),
        *(finding for stage in definition.stages for finding in _stage(stage, schema)),
        *_won(definition),
        *_order(definition),
        *lint_rules(definition),
        *of_lifecycle,
        *lint_past(definition, history),
    )
    if any(finding.severity is Severity.ERROR for finding in of_lifecycle):
        return findings
    return (*findings, *_towards_won(definition), *lint_fields(definition, schema))


def _names(definition: PipelineDefinition) -> Iterator[Finding]:
    yield from declared_names(definition.fields, definition.facts, definition.scorecards).findings
    if definition.version < 1:
        yield Finding(
            code="version",
            where="version",
            message=f"{shorten(definition.version)} is no version",
            hint="begin with 1, and raise it with each change",
        )
    for name in definition.facts:
        if name.startswith(PREFIX):
            yield Finding(
                code="fact_prefix",
                where=f"facts.{name}",
                message=f"names that begin with {PREFIX} are the deal's own",
                hint="choose another name, or declare it under fields",
            )


def _stage(stage: Stage, schema: Schema) -> Iterator[Finding]:
    where = f"stages.{shown(stage.id)}"
    if stage.name and not is_name(stage.name):
        yield Finding(
            code="stage_name",
            where=where,
            message=f"{shorten(stage.name)} is no line of text",
            hint="give it a name that people can read, or none",
        )
    if not _NEVER <= stage.probability <= _SURELY:
        yield Finding(
            code="probability_range",
            where=where,
            message=f"{stage.probability} is no probability",
            hint="give 0 to 100 %",
        )
    elif not _fits(stage):
        yield Finding(
            code="probability_at_odds",
            where=where,
            message=f"{stage.probability} does not go with the kind {stage.kind}",
            hint="give an open stage something between, a won one 100 %, a lost one 0 %",
            severity=Severity.WARNING,
        )
    if stage.category not in _CATEGORIES[stage.kind]:
        allowed = " or ".join(sorted(_CATEGORIES[stage.kind]))
        yield Finding(
            code="category_at_odds",
            where=where,
            message=f"a stage of kind {stage.kind} cannot be in the forecast category {stage.category}",
            hint=f"choose {allowed}, or another kind",
        )
    limit = stage.rot_after_days
    if limit is not None and (not 1 <= limit <= LONGEST_LIMIT or stage.kind.is_closed):
        yield Finding(
            code="rot_limit",
            where=where,
            message=f"a {stage.kind} stage cannot rot after {shorten(limit)} days",
            hint="give open stages one day or more, and closed ones none",
        )
    yield from _items(stage, where)
    for name in stage.required:
        if f"{PREFIX}{name}" not in schema:
            meant = schema.nearest(f"{PREFIX}{name}")
            yield Finding(
                code="required_field",
                where=f"{where}.required",
                message=f"a deal has no field {shorten(name)}",
                hint=f"did you mean {meant.removeprefix(PREFIX)}?" if meant else "declare it under fields",
            )


def _items(stage: Stage, where: str) -> Iterator[Finding]:
    seen = set()
    for position, item in enumerate(stage.checklist):
        if not is_name(item.id) or item.id in seen or (item.name and not is_name(item.name)):
            yield Finding(
                code="checklist_item",
                where=f"{where}.checklist[{position}]",
                message=f"the item {shorten(item.id)} has no id of its own, or no readable name",
                hint="give each item of a stage its own id, in one line of text",
            )
        seen.add(item.id)
    if stage.kind.is_closed and stage.exit_criteria:
        yield Finding(
            code="exit_unused",
            where=f"{where}.exit",
            message=f"a {stage.kind} stage is not left forwards, so nobody asks for it",
            hint="put it on the transition that re-opens, or drop it",
            severity=Severity.WARNING,
        )


def _fits(stage: Stage) -> bool:
    match stage.kind:
        case StageKind.WON:
            return stage.probability == _SURELY
        case StageKind.LOST:
            return stage.probability == _NEVER
    return _NEVER < stage.probability < _SURELY


def _won(definition: PipelineDefinition) -> Iterator[Finding]:
    if not any(stage.kind is StageKind.WON for stage in definition.stages):
        yield Finding(
            code="no_won_stage",
            where="stages",
            message="no deal can ever be won",
            hint='add a stage with kind = "won"',
        )
    if not any(stage.kind is StageKind.LOST for stage in definition.stages):
        yield Finding(
            code="no_lost_stage",
            where="stages",
            message="no deal can ever be lost, so that they stay open for good",
            hint='add a stage with kind = "lost"',
            severity=Severity.WARNING,
        )


def _towards_won(definition: PipelineDefinition) -> Iterator[Finding]:
    graph = definition.lifecycle.graph
    won = [stage.id for stage in definition.stages if stage.kind is StageKind.WON]
    hopeless = set(StateGraph(graph.states, graph.initial, won, graph.edges).no_path_to_final)
    for stage in definition.stages:
        if stage.kind is StageKind.OPEN and stage.id in hopeless:
            yield Finding(
                code="no_path_to_won",
                where=f"stages.{shown(stage.id)}",
                message="from here a deal can only be lost",
                hint="add a transition towards a won stage",
                severity=Severity.WARNING,
            )


def _order(definition: PipelineDefinition) -> Iterator[Finding]:
    highest = None
    for stage in definition.stages:
        if stage.kind.is_closed:
            continue
        if highest is not None and stage.probability < highest.probability:
            yield Finding(
                code="probability_not_monotone",
                where=f"stages.{shown(stage.id)}",
                message=f"{stage.probability} is less than the {highest.probability} of the earlier {shown(highest.id)}",
                hint="list stages in the order of a deal, and let their probability grow",
                severity=Severity.WARNING,
            )
        else:
            highest = stage
    surest = None
    for stage in definition.stages:
        if stage.kind.is_closed or stage.category not in _CONFIDENCE:
            continue
        if surest is not None and _CONFIDENCE[stage.category] < _CONFIDENCE[surest.category]:
            yield Finding(
                code="category_not_monotone",
                where=f"stages.{shown(stage.id)}",
                message=f"{stage.category} is less sure than the {surest.category} of the earlier {shown(surest.id)}",
                hint="list stages in the order of a deal, and let their categories become surer",
                severity=Severity.WARNING,
            )
        else:
            surest = stage
