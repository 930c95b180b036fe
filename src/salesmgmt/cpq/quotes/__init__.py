"""Quotes: versions that never change, approvals, and what the customer decides."""

from __future__ import annotations

from salesmgmt.core.entity import Entity
from salesmgmt.core.events import Event
from salesmgmt.cpq.quotes.alternatives import clone_as_alternative, supersede
from salesmgmt.cpq.quotes.amending import amend
from salesmgmt.cpq.quotes.approval_events import ApprovalCommented, ApprovalEscalated, ApprovalWithdrawn
from salesmgmt.cpq.quotes.approving import UnexplainedRejection, approve, approve_all, send_back, submit
from salesmgmt.cpq.quotes.changes import (
    AddLine,
    AmendmentPolicy,
    ChangePrice,
    ChangeQuantity,
    ContractEdit,
    Credit,
    ReplaceLine,
)
from salesmgmt.cpq.quotes.comparing import compare
from salesmgmt.cpq.quotes.comparison import (
    Comparison,
    GroupDifference,
    LineDifference,
    PriceEffect,
    PriceEffects,
)
from salesmgmt.cpq.quotes.completeness import (
    Completeness,
    NotPresentable,
    QuoteCheck,
    Requirement,
    Within,
    findings,
)
from salesmgmt.cpq.quotes.contract import (
    Contract,
    ContractChange,
    ContractItem,
    ContractLayer,
    ContractStep,
    RunningLine,
)
from salesmgmt.cpq.quotes.contract_events import (
    ContractChanged,
    ContractChangeProposed,
    ContractStarted,
    Target,
)
from salesmgmt.cpq.quotes.contracting import contract_from, extend
from salesmgmt.cpq.quotes.deciding import accept, expire, present, reject, void
from salesmgmt.cpq.quotes.discount import (
    EffectiveDiscount,
    deepest_discount,
    effective_discount,
    line_discounts,
    list_for_term,
    thinnest_margin,
)
from salesmgmt.cpq.quotes.discount_control import DiscountRefused, DiscountReport, check_discounts
from salesmgmt.cpq.quotes.drafting import UnknownLine, quote_from, revise
from salesmgmt.cpq.quotes.events import (
    ApprovalGiven,
    QuoteAccepted,
    QuoteDrafted,
    QuoteMoved,
    QuoteRevised,
    QuoteSubmitted,
)
from salesmgmt.cpq.quotes.figures import quote_metrics
from salesmgmt.cpq.quotes.group import QuoteGroup
from salesmgmt.cpq.quotes.line import AcceptedLine, DocumentLine, QuoteLine, UnpricedLine
from salesmgmt.cpq.quotes.offer import Offer, PricedChoice, price_offer
from salesmgmt.cpq.quotes.outline import Outline, OutlineLine
from salesmgmt.cpq.quotes.quote import BrokenQuote, Quote
from salesmgmt.cpq.quotes.ramping import ramp_lines
from salesmgmt.cpq.quotes.recalling import (
    WrongComment,
    comment,
    escalate,
    overdue_approvals,
    recall,
    withdraw,
)
from salesmgmt.cpq.quotes.reference import LineReference, ReferenceBasis
from salesmgmt.cpq.quotes.renewing import renew
from salesmgmt.cpq.quotes.status import QUOTE_LIFECYCLE, QuoteStatus
from salesmgmt.cpq.quotes.unknown_id import UnknownId
from salesmgmt.cpq.quotes.version import QuoteVersion

ENTITIES: tuple[type[Entity], ...] = (Contract, Quote)

EVENTS: tuple[type[Event], ...] = (
    ApprovalCommented,
    ApprovalEscalated,
    ApprovalGiven,
    ApprovalWithdrawn,
    ContractChangeProposed,
    ContractChanged,
    ContractStarted,
    QuoteAccepted,
    QuoteDrafted,
    QuoteMoved,
    QuoteRevised,
    QuoteSubmitted,
)

__all__ = [
    "ENTITIES",
    "EVENTS",
    "QUOTE_LIFECYCLE",
    "AcceptedLine",
    "AddLine",
    "AmendmentPolicy",
    "ApprovalCommented",
    "ApprovalEscalated",
    "ApprovalGiven",
    "ApprovalWithdrawn",
    "BrokenQuote",
    "ChangePrice",
    "ChangeQuantity",
    "Comparison",
    "Completeness",
    "Contract",
    "ContractChange",
    "ContractChangeProposed",
    "ContractChanged",
    "ContractEdit",
    "ContractItem",
    "ContractLayer",
    "ContractStarted",
    "ContractStep",
    "Credit",
    "DiscountRefused",
    "DiscountReport",
    "DocumentLine",
    "EffectiveDiscount",
    "GroupDifference",
    "LineDifference",
    "LineReference",
    "NotPresentable",
    "Offer",
    "Outline",
    "OutlineLine",
    "PriceEffect",
    "PriceEffects",
    "PricedChoice",
    "Quote",
    "QuoteAccepted",
    "QuoteCheck",
    "QuoteDrafted",
    "QuoteGroup",
    "QuoteLine",
    "QuoteMoved",
    "QuoteRevised",
    "QuoteStatus",
    "QuoteSubmitted",
    "QuoteVersion",
    "ReferenceBasis",
    "ReplaceLine",
    "Requirement",
    "RunningLine",
    "Target",
    "UnexplainedRejection",
    "UnknownId",
    "UnknownLine",
    "UnpricedLine",
    "Within",
    "WrongComment",
    "accept",
    "amend",
    "approve",
    "approve_all",
    "check_discounts",
    "clone_as_alternative",
    "comment",
    "compare",
    "contract_from",
    "deepest_discount",
    "effective_discount",
    "escalate",
    "expire",
    "extend",
    "findings",
    "line_discounts",
    "list_for_term",
    "overdue_approvals",
    "present",
    "price_offer",
    "quote_from",
    "quote_metrics",
    "ramp_lines",
    "recall",
    "reject",
    "renew",
    "revise",
    "send_back",
    "submit",
    "supersede",
    "thinnest_margin",
    "void",
    "withdraw",
]
