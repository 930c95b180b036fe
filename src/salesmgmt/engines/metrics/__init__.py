"""Metrics as data: what is aggregated over which facts, computed exactly, and rolled up over hierarchies.

    from salesmgmt.engines.metrics import Count, FactKind, Metric, MetricSet, Ratio, Unit

A room exports its `Metric` definitions and the `FactKind` of its rows; a host joins them in a `MetricSet`, compiles it for a
kind of rows and measures. Every figure is a `Measured`: undefined ones say why.
"""

from salesmgmt.engines.metrics.aggregate import (
    Aggregate,
    Count,
    Distinct,
    Last,
    Leaf,
    Mean,
    Median,
    Ratio,
    Sum,
)
from salesmgmt.engines.metrics.direction import Direction
from salesmgmt.engines.metrics.facts import FactKind
from salesmgmt.engines.metrics.figure import Figure, number_of, unit_of
from salesmgmt.engines.metrics.grouping import Grouping
from salesmgmt.engines.metrics.metric import Measurer, Metric, Unit
from salesmgmt.engines.metrics.metric_set import MetricSet, SetMeasurer
from salesmgmt.engines.metrics.part import Part
from salesmgmt.engines.metrics.roll_up import roll_up

__all__ = [
    "Aggregate",
    "Count",
    "Direction",
    "Distinct",
    "FactKind",
    "Figure",
    "Grouping",
    "Last",
    "Leaf",
    "Mean",
    "Measurer",
    "Median",
    "Metric",
    "MetricSet",
    "Part",
    "Ratio",
    "SetMeasurer",
    "Sum",
    "Unit",
    "number_of",
    "roll_up",
    "unit_of",
]
