"""Pricing: from a list to a net amount, by rules that are data, each step explained."""

from salesmgmt.cpq.pricing.priced import (
    Candidate,
    NoPrice,
    PriceConflict,
    Priced,
    PricedLine,
    UnknownRule,
    Unpriced,
)
from salesmgmt.cpq.pricing.request import Line, PricingRequest
from salesmgmt.cpq.pricing.trace import HeaderDiscount, NotApplied, PriceStep, StepKind

__all__ = [
    "Candidate",
    "HeaderDiscount",
    "Line",
    "NoPrice",
    "NotApplied",
    "PriceConflict",
    "PriceStep",
    "Priced",
    "PricedLine",
    "PricingRequest",
    "StepKind",
    "UnknownRule",
    "Unpriced",
]
