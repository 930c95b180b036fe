"""The refusal to show a quote that is not complete."""

from __future__ import annotations

from collections.abc import Iterable

from salesmgmt.core.errors import SalesError, listed
from salesmgmt.core.findings import Finding, Severity


class NotPresentable(SalesError, ValueError):
    """A quote was to be presented that is not complete.

    Attributes:
        quote: id of the quote.
        findings: what it lacks.
    """

    code = "not_presentable"

    def __init__(self, quote: str, findings: Iterable[Finding]) -> None:
        self.quote = quote
        self.findings = tuple(findings)
        super().__init__(
            f"quote {quote} is not complete:\n{listed(self.findings)}", hint="revise it, then present it"
        )


def blocking(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that keep a quote from being presented."""
    return tuple(finding for finding in found if finding.severity is Severity.ERROR)
