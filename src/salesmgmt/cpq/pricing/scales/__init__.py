"""Scales: what a quantity costs by its tiers, and what is wrong with them."""

from __future__ import annotations

from salesmgmt.cpq.pricing.scales.breaks import (
    Cliff,
    NextBreak,
    cliffs,
    next_break,
)
from salesmgmt.cpq.pricing.scales.charge import (
    Charge,
    OutOfScale,
    TierPart,
)
from salesmgmt.cpq.pricing.scales.compound_discount import (
    CompoundDiscount,
)
from salesmgmt.cpq.pricing.scales.index import (
    ScaleIndex,
    ScaleKey,
    TierScale,
)
from salesmgmt.cpq.pricing.scales.lint import (
    lint_scale,
)
from salesmgmt.cpq.pricing.scales.policies import (
    AggregateOver,
    Basis,
    BeyondLast,
    Boundary,
    Counting,
    PartialPackage,
    ScaleType,
    Standing,
    Uncovered,
    ZeroQuantity,
)
from salesmgmt.cpq.pricing.scales.scale import (
    Scale,
)
from salesmgmt.cpq.pricing.scales.tier import (
    Tier,
)

__all__ = [
    "AggregateOver",
    "Basis",
    "BeyondLast",
    "Boundary",
    "Charge",
    "Cliff",
    "CompoundDiscount",
    "Counting",
    "NextBreak",
    "OutOfScale",
    "PartialPackage",
    "Scale",
    "ScaleIndex",
    "ScaleKey",
    "ScaleType",
    "Standing",
    "Tier",
    "TierPart",
    "TierScale",
    "Uncovered",
    "ZeroQuantity",
    "cliffs",
    "lint_scale",
    "next_break",
]
