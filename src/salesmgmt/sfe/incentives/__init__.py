"""Incentives: credit, compensation plans, commission statements."""

from __future__ import annotations

from salesmgmt.sfe.incentives.component import Bounds, Component
from salesmgmt.sfe.incentives.credit import Credit, CreditKind, credit_event
from salesmgmt.sfe.incentives.curve import Band, BandMode, Curve, Slice
from salesmgmt.sfe.incentives.engine import NotCredited, PayEngine, WrongPlan
from salesmgmt.sfe.incentives.plan import CompPlan
from salesmgmt.sfe.incentives.statement import ComponentPay, PayoutLine, Statement

ENTITIES = (Statement,)

__all__ = [
    "ENTITIES",
    "Band",
    "BandMode",
    "Bounds",
    "CompPlan",
    "Component",
    "ComponentPay",
    "Credit",
    "CreditKind",
    "Curve",
    "NotCredited",
    "PayEngine",
    "PayoutLine",
    "Slice",
    "Statement",
    "WrongPlan",
    "credit_event",
]
