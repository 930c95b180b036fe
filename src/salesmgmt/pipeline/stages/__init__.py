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
from salesmgmt.pipeline.stages.definition import PipelineDefinition
from salesmgmt.pipeline.stages.pipeline import Pipeline
from salesmgmt.pipeline.stages.refusals import MovedBackInTime, OtherPipeline
from salesmgmt.pipeline.stages.rotting import Rotting
from salesmgmt.pipeline.stages.stage import Stage

__all__ = [
    "Condition",
    "Decision",
    "ForecastCategory",
    "MoveRefused",
    "MovedBackInTime",
    "OtherPipeline",
    "Override",
    "Pipeline",
    "PipelineDefinition",
    "Rotting",
    "Stage",
    "StageKind",
    "Transition",
    "UnknownState",
    "Unmet",
]
