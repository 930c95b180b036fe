"""The pipeline: leads, deals on their way through stages, and the orders, invoices and payments that follow.

Here are the names with which most programs begin; every other name is imported from the part that it belongs to:
`leads`, `stages`, `deals`, `analytics`, `forecast`, `cash`, `reacting`.
"""

from __future__ import annotations

from salesmgmt.pipeline import cash, deals, leads, stages
from salesmgmt.pipeline.cash import (
    CASH_METRICS,
    INVOICE_FACTS,
    PAYMENT_FACTS,
    Ageing,
    Invoice,
    InvoicePlan,
    Order,
    OrderLine,
    OrderPlaced,
    Payment,
    PaymentTerms,
    apply_payment,
    balances,
    invoices_for,
    place_order,
    record_payment,
)
from salesmgmt.pipeline.deals import Deal, StageKind, amend, estimate, replay
from salesmgmt.pipeline.leads import (
    Lead,
    LeadConverted,
    LeadStatus,
    assign,
    capture,
    convert,
    disqualify,
    find_duplicates,
    merge,
    nurture,
    qualify,
    unmerge,
    work,
)
from salesmgmt.pipeline.metrics import DEAL_FACTS, LEAD_FACTS
from salesmgmt.pipeline.metrics import METRICS as _METRICS
from salesmgmt.pipeline.stages import (
    Condition,
    MoveRefused,
    Override,
    Pipeline,
    PipelineDefinition,
    Stage,
    Transition,
)

ENTITIES = (*cash.ENTITIES, *deals.ENTITIES, *leads.ENTITIES)
"""The entities of this room, for stores and codecs."""

EVENTS = (*cash.EVENTS, *deals.EVENTS, *leads.EVENTS, *stages.EVENTS)
"""The events of this room, for stores and codecs."""

METRICS = (*_METRICS, *CASH_METRICS)
"""The metrics of this room: over deals, leads, invoices and payments."""

__all__ = [
    "DEAL_FACTS",
    "ENTITIES",
    "EVENTS",
    "INVOICE_FACTS",
    "LEAD_FACTS",
    "METRICS",
    "PAYMENT_FACTS",
    "Ageing",
    "Condition",
    "Deal",
    "Invoice",
    "InvoicePlan",
    "Lead",
    "LeadConverted",
    "LeadStatus",
    "MoveRefused",
    "Order",
    "OrderLine",
    "OrderPlaced",
    "Override",
    "Payment",
    "PaymentTerms",
    "Pipeline",
    "PipelineDefinition",
    "Stage",
    "StageKind",
    "Transition",
    "amend",
    "apply_payment",
    "assign",
    "balances",
    "capture",
    "convert",
    "disqualify",
    "estimate",
    "find_duplicates",
    "invoices_for",
    "merge",
    "nurture",
    "place_order",
    "qualify",
    "record_payment",
    "replay",
    "unmerge",
    "work",
]
