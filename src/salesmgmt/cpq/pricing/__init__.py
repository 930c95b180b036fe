"""Pricing: from a list to a net amount, by rules that are data, each step explained.

`PricingModel.load(folder).compile()` gives a `Pricer`; `Pricer.price(request)` gives a `Priced`.
"""

from __future__ import annotations

from salesmgmt.core.entity import Entity
from salesmgmt.core.events import Event
from salesmgmt.cpq.pricing.invariants import InvariantBroken, require_invariants
from salesmgmt.cpq.pricing.model import PricingModel
from salesmgmt.cpq.pricing.priced import (
    Candidate,
    NoPrice,
    PriceConflict,
    Priced,
    PricedLine,
    UnknownRule,
    Unpriced,
)
from salesmgmt.cpq.pricing.pricer import Pricer
from salesmgmt.cpq.pricing.procedure import (
    AmountPer,
    DiscountRule,
    Discounts,
    HeaderDiscounts,
    ListPrice,
    OptionExtras,
    PricingProcedure,
    QuantityTiers,
    RoundLines,
    ScaleType,
    Stacking,
    Tie,
)
from salesmgmt.cpq.pricing.records import OptionRecord, PriceRecord, TierRecord
from salesmgmt.cpq.pricing.request import Line, PricingRequest
from salesmgmt.cpq.pricing.trace import HeaderDiscount, NotApplied, PriceStep, StepKind

ENTITIES: tuple[type[Entity], ...] = ()
"""A priced document is a value; a quote keeps it."""

EVENTS: tuple[type[Event], ...] = ()

__all__ = [
    "ENTITIES",
    "EVENTS",
    "AmountPer",
    "Candidate",
    "DiscountRule",
    "Discounts",
    "HeaderDiscount",
    "HeaderDiscounts",
    "InvariantBroken",
    "Line",
    "ListPrice",
    "NoPrice",
    "NotApplied",
    "OptionExtras",
    "OptionRecord",
    "PriceConflict",
    "PriceRecord",
    "PriceStep",
    "Priced",
    "PricedLine",
    "Pricer",
    "PricingModel",
    "PricingProcedure",
    "PricingRequest",
    "QuantityTiers",
    "RoundLines",
    "ScaleType",
    "Stacking",
    "StepKind",
    "Tie",
    "TierRecord",
    "UnknownRule",
    "Unpriced",
    "require_invariants",
]
