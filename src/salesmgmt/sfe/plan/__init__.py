"""Plan: what is to be reached."""

from __future__ import annotations

from salesmgmt.sfe.plan.target import (
    Distribution,
    NotDivisible,
    NotWhole,
    Target,
    require_whole,
    spread_evenly,
)

__all__ = [
    "Distribution",
    "NotDivisible",
    "NotWhole",
    "Target",
    "require_whole",
    "spread_evenly",
]
