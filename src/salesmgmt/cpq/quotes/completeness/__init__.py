"""What keeps a quote from being presented."""

from __future__ import annotations

from salesmgmt.cpq.quotes.completeness.completeness import Completeness, findings
from salesmgmt.cpq.quotes.completeness.not_presentable import NotPresentable, blocking
from salesmgmt.cpq.quotes.completeness.quote_check import QuoteCheck
from salesmgmt.cpq.quotes.completeness.requirement import Requirement, Within

__all__ = ["Completeness", "NotPresentable", "QuoteCheck", "Requirement", "Within", "blocking", "findings"]
