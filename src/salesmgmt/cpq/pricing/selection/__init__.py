"""Which of many rules or records wins: found by key, chosen by a published order."""

from __future__ import annotations

from salesmgmt.cpq.pricing.selection.order import (
    PRECEDENCE,
    Access,
    Criterion,
    SelectionOrder,
    Ties,
    Unlisted,
    UpperBound,
)
from salesmgmt.cpq.pricing.selection.selection import (
    Chosen,
    PassedOver,
    Selection,
    Tied,
)

__all__ = [
    "PRECEDENCE",
    "Access",
    "Chosen",
    "Criterion",
    "PassedOver",
    "Selection",
    "SelectionOrder",
    "Tied",
    "Ties",
    "Unlisted",
    "UpperBound",
]
