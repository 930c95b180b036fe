"""Stage machines as data: definition, lint, decisions and moves, diagrams.

Anything that goes through states uses it: deals, leads, quotes, corrective actions.
"""

from salesmgmt.engines.lifecycle.decision import (
    Decision,
    MoveRefused,
    Override,
    ReasonMissing,
    UnknownState,
    Unmet,
)
from salesmgmt.engines.lifecycle.definition import LifecycleDefinition, State, Transition
from salesmgmt.engines.lifecycle.graph import StateGraph
from salesmgmt.engines.lifecycle.guard import Condition
from salesmgmt.engines.lifecycle.machine import Lifecycle

__all__ = [
    "Condition",
    "Decision",
    "Lifecycle",
    "LifecycleDefinition",
    "MoveRefused",
    "Override",
    "ReasonMissing",
    "State",
    "StateGraph",
    "Transition",
    "UnknownState",
    "Unmet",
]
