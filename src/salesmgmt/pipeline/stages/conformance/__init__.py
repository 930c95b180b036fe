"""Conformance: how deals really moved, held against a definition, and what deviating goes with."""

from __future__ import annotations

from salesmgmt.pipeline.stages.conformance.path import Deviation, Path, Step, follow
from salesmgmt.pipeline.stages.conformance.report import (
    ConformanceReport,
    DeviationEffect,
    Outcome,
    Variant,
    conformance,
)

__all__ = [
    "ConformanceReport",
    "Deviation",
    "DeviationEffect",
    "Outcome",
    "Path",
    "Step",
    "Variant",
    "conformance",
    "follow",
]
