"""Migration: running deals go from one definition of a pipeline to another, by a plan that is looked at first and can be undone."""

from __future__ import annotations

from salesmgmt.pipeline.stages.migration.difference import (
    DefinitionChange,
    PipelineDifference,
    StageChange,
    diff,
)
from salesmgmt.pipeline.stages.migration.migration import Migration
from salesmgmt.pipeline.stages.migration.plan import MigrationPlan, StageMatch, StageMatchOrigin
from salesmgmt.pipeline.stages.migration.report import (
    Blocked,
    CannotRevert,
    MigrationRefused,
    MigrationReport,
    StageFlow,
)

__all__ = [
    "Blocked",
    "CannotRevert",
    "DefinitionChange",
    "Migration",
    "MigrationPlan",
    "MigrationRefused",
    "MigrationReport",
    "PipelineDifference",
    "StageChange",
    "StageFlow",
    "StageMatch",
    "StageMatchOrigin",
    "diff",
]
