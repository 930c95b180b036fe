"""What can be wrong with a pipeline, beyond what can be wrong with any lifecycle.

Errors: `too_large`, `no_won_stage`, `probability_range`, `category_at_odds`, `rot_limit`, `required_field`, `fact_prefix`,
and those of `salesmgmt.core.formula.declare` and `salesmgmt.engines.lifecycle.lint`. Warnings: `probability_at_odds`, `probability_not_monotone`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from salesmgmt.core.errors import shorten
from salesmgmt.core.findings import Finding, Severity
from salesmgmt.core.formula import Schema
from salesmgmt.core.percent import Percent
from salesmgmt.engines.lifecycle.lint import MAX_PARTS, too_large
from salesmgmt.pipeline.deals import ForecastCategory, StageKind
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


def lint(definition: PipelineDefinition) -> tuple[Finding, ...]:
    """Find what cannot work, or may not work as meant: names, stages, then what the lifecycle engine finds."""
    schema, lifecycle = definition.schema, definition.lifecycle
    size = (
        sum(len(stage.required) for stage in definition.stages)
        + len(definition.fields)
        + len(definition.facts)
    )
    if size > MAX_PARTS:
        return (too_large(size, "required fields, own fields and facts"),)
    return (
        *_names(definition),
        *(finding for stage in definition.stages for finding in _stage(stage, schema)),
        *_won(definition),
        *_order(definition),
        *lifecycle.lint(schema, noun="stage"),
    )


def _names(definition: PipelineDefinition) -> Iterator[Finding]:
    yield from declared_names(definition.fields, definition.facts).findings
    for name in definition.facts:
        if name.startswith(PREFIX):
            yield Finding(
                code="fact_prefix",
                where=f"facts.{name}",
                message=f"names that begin with {PREFIX} are the deal's own",
                hint="choose another name, or declare it under fields",
            )


def _stage(stage: Stage, schema: Schema) -> Iterator[Finding]:
    where = f"stages.{stage.id}"
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
    if stage.rot_after_days is not None and (stage.rot_after_days < 1 or stage.kind.is_closed):
        yield Finding(
            code="rot_limit",
            where=where,
            message=f"a {stage.kind} stage cannot rot after {stage.rot_after_days} days",
            hint="give open stages one day or more, and closed ones none",
        )
    for name in stage.required:
        if f"{PREFIX}{name}" not in schema:
            meant = schema.nearest(f"{PREFIX}{name}")
            yield Finding(
                code="required_field",
                where=f"{where}.required",
                message=f"a deal has no field {shorten(name)}",
                hint=f"did you mean {meant.removeprefix(PREFIX)}?" if meant else "declare it under fields",
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


def _order(definition: PipelineDefinition) -> Iterator[Finding]:
    highest = None
    for stage in definition.stages:
        if stage.kind.is_closed:
            continue
        if highest is not None and stage.probability < highest.probability:
            yield Finding(
                code="probability_not_monotone",
                where=f"stages.{stage.id}",
                message=f"{stage.probability} is less than the {highest.probability} of the earlier {highest.id}",
                hint="list stages in the order of a deal, and let their probability grow",
                severity=Severity.WARNING,
            )
        else:
            highest = stage
