"""Documents for customers: one self-contained page of HTML that prints well, and PDF."""

from __future__ import annotations

from salesmgmt.documents.party import Party
from salesmgmt.documents.pdf import to_pdf
from salesmgmt.documents.quote import QuoteDocument
from salesmgmt.documents.tax_amount import TaxAmount

__all__ = ["Party", "QuoteDocument", "TaxAmount", "to_pdf"]
