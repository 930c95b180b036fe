"""Quotes: versions that never change, approvals, and what the customer decides."""

from __future__ import annotations

from salesmgmt.core.entity import Entity
from salesmgmt.core.events import Event
from salesmgmt.cpq.quotes.approving import UnexplainedRejection, approve, send_back, submit
from salesmgmt.cpq.quotes.completeness import NotPresentable, findings
from salesmgmt.cpq.quotes.deciding import accept, expire, present, reject
from salesmgmt.cpq.quotes.drafting import UnknownLine, quote_from, revise
from salesmgmt.cpq.quotes.events import (
    AcceptedLine,
    ApprovalGiven,
    QuoteAccepted,
    QuoteDrafted,
    QuoteMoved,
    QuoteRevised,
    QuoteSubmitted,
)
from salesmgmt.cpq.quotes.figures import quote_metrics
from salesmgmt.cpq.quotes.quote import BrokenQuote, Quote
from salesmgmt.cpq.quotes.status import QUOTE_LIFECYCLE, QuoteStatus
from salesmgmt.cpq.quotes.version import QuoteLine, QuoteVersion, UnpricedLine

ENTITIES: tuple[type[Entity], ...] = (Quote,)

EVENTS: tuple[type[Event], ...] = (
    ApprovalGiven,
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
    "ApprovalGiven",
    "BrokenQuote",
    "NotPresentable",
    "Quote",
    "QuoteAccepted",
    "QuoteDrafted",
    "QuoteLine",
    "QuoteMoved",
    "QuoteRevised",
    "QuoteStatus",
    "QuoteSubmitted",
    "QuoteVersion",
    "UnexplainedRejection",
    "UnknownLine",
    "UnpricedLine",
    "accept",
    "approve",
    "expire",
    "findings",
    "present",
    "quote_from",
    "quote_metrics",
    "reject",
    "revise",
    "send_back",
    "submit",
]
