"""What the history of deals says about a definition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from salesmgmt.core.events import Event
from salesmgmt.core.findings import Finding, Severity
from salesmgmt.engines.lifecycle.guard import shown
from salesmgmt.pipeline.deals import DealMoved, DealOpened

if TYPE_CHECKING:
    from salesmgmt.pipeline.stages.definition import PipelineDefinition


def lint_past(definition: PipelineDefinition, history: Iterable[Event]) -> Iterator[Finding]:
    """Warn of stages in which no deal of the pipeline ever stood, and of stages of the past that are gone."""
    used: dict[str, int] = {}
    elsewhere = set()
    for event in history:
        if isinstance(event, DealOpened):
            if event.pipeline == definition.id:
                used[event.stage] = used.get(event.stage, 0) + 1
            else:
                elsewhere.add(event.deal)
        elif isinstance(event, DealMoved) and event.deal not in elsewhere:
            used[event.target] = used.get(event.target, 0) + 1
            used.setdefault(event.source, 1)
    if not used:
        return
    known = {stage.id for stage in definition.stages}
    for stage in definition.stages:
        if stage.id not in used:
            yield Finding(
                code="stage_never_used",
                where=f"stages.{shown(stage.id)}",
                message="no deal of the history ever stood here",
                hint="drop the stage, or find out why deals pass it by",
                severity=Severity.WARNING,
            )
    for gone in used.keys() - known:
        yield Finding(
            code="stage_gone",
            where="stages",
            message=f"{used[gone]} times a deal of the history entered {shown(gone)}, which is no stage now",
            hint="migrate the deals that stand there, before this definition takes over",
            severity=Severity.WARNING,
        )
