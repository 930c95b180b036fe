"""Pipelines: stages as data, and the only way in which a deal moves through them."""

from salesmgmt.engines.lifecycle import (
    Condition,
    Decision,
    MoveRefused,
    Override,
    Transition,
    UnknownState,
    Unmet,
)
from salesmgmt.pipeline.deals import ForecastCategory, StageKind
from salesmgmt.pipeline.stages.bulk import Moved, NotMoved
from salesmgmt.pipeline.stages.checklist import ChecklistItem
from salesmgmt.pipeline.stages.definition import PipelineDefinition
from salesmgmt.pipeline.stages.events import StageEffect
from salesmgmt.pipeline.stages.move_rules import MoveRules
from salesmgmt.pipeline.stages.pipeline import Pipeline
from salesmgmt.pipeline.stages.pipelines import DuplicatePipeline, Pipelines, UnknownPipeline
from salesmgmt.pipeline.stages.presets import shipped_pipeline, shipped_pipelines
from salesmgmt.pipeline.stages.refusals import MovedBackInTime, OtherPipeline
from salesmgmt.pipeline.stages.rotting import Age, CalendarNeeded, DayKind, Rotting
from salesmgmt.pipeline.stages.stage import Stage

EVENTS = (StageEffect,)

__all__ = [
    "EVENTS",
    "Age",
    "CalendarNeeded",
    "ChecklistItem",
    "Condition",
    "DayKind",
    "Decision",
    "DuplicatePipeline",
    "ForecastCategory",
    "MoveRefused",
    "MoveRules",
    "Moved",
    "MovedBackInTime",
    "NotMoved",
    "OtherPipeline",
    "Override",
    "Pipeline",
    "PipelineDefinition",
    "Pipelines",
    "Rotting",
    "Stage",
    "StageEffect",
    "StageKind",
    "Transition",
    "UnknownPipeline",
    "UnknownState",
    "Unmet",
    "shipped_pipeline",
    "shipped_pipelines",
]
