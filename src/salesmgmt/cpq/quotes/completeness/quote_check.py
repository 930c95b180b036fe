"""Checks of the house's own: delivery, credit, and whatever else is asked before a quote is shown."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import islice
from typing import Protocol

from salesmgmt.core.errors import shorten
from salesmgmt.core.findings import Finding, Severity
from salesmgmt.cpq.quotes.quote import Quote

MOST_FINDINGS = 1_000
"""How many findings one check may give."""


class QuoteCheck(Protocol):
    """Finds what keeps a quote from being shown, and gives nothing when all is well."""

    def __call__(self, quote: Quote, on: date, /) -> Iterable[Finding]:
        """Look at the current version of a quote, as on a business date."""
        ...


def checked(check: QuoteCheck, where: str, quote: Quote, on: date) -> tuple[Finding, ...]:
    """What a check finds; with an error of its own when it fails or gives something else: it did not say yes."""
    found: list[Finding] = []
    fault = ""
    try:
        given: Iterable[object] = check(quote, on)
        for finding in islice(given, MOST_FINDINGS + 1):
            fault = _fault(finding, len(found))
            if fault or not isinstance(finding, Finding):
                break
            found.append(finding)
    except Exception as error:  # noqa: BLE001 - whatever it raises
        fault = f"{type(error).__name__}: {_words(error)}"
    if fault:
        name = shorten(getattr(check, "__name__", type(check).__name__))[1:-1]
        found.append(
            Finding(
                code="check_failed",
                where=where,
                message=f"{name} could not tell: {fault}",
                hint="mend the check or what it asks, and ask again",
            )
        )
    return tuple(found)


def _fault(finding: object, before: int) -> str:
    if before == MOST_FINDINGS:
        return f"it gives more than {MOST_FINDINGS} findings"
    if not isinstance(finding, Finding):
        return f"it gives {shorten(finding)}, which is no Finding"
    severity: object = finding.severity
    if not isinstance(severity, Severity):
        return f"it gives a finding of severity {shorten(severity)}, which is no Severity"
    return ""


def _words(error: Exception) -> str:
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - an error that cannot even be shown
        return "an error that cannot be shown"
    return text if len(text) <= 200 else f"{text[:199]}…"
