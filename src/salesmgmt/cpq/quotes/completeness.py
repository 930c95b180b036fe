"""What a quote still lacks before a customer may see it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from salesmgmt.core.errors import SalesError, shorten
from salesmgmt.core.findings import Finding, Severity
from salesmgmt.cpq.quotes.quote import Quote

_CODES = {"no_price": "missing_price", "conflict": "price_conflict"}


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
        listing = "\n".join(f"  {finding}" for finding in self.findings[:50])
        super().__init__(f"quote {quote} is not complete:\n{listing}", hint="revise it, then present it")


def findings(quote: Quote, *, on: date) -> tuple[Finding, ...]:
    """Find what the current version of a quote lacks; each finding of severity error keeps it from being presented.

    Codes: `no_lines`, `missing_price`, `price_conflict`, `incomplete_configuration`, `expired`.

    Args:
        quote: the quote.
        on: the business date.

    >>> from datetime import UTC, date, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.cpq.pricing import Line, NoPrice, Priced, PricingRequest
    >>> from salesmgmt.cpq.quotes import findings, quote_from
    >>> now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> priced = Priced(
    ...     request=PricingRequest(at=now, currency="EUR", lines=[]), model="catalogue", model_version=1, model_digest="", lines=(),
    ...     unpriced=(NoPrice(position=0, line=Line("dock", 25), at=now, currency="EUR"),),
    ... )
    >>> quote, _ = quote_from(priced, id="q-1", number="Q-1", valid_until=date(2026, 4, 1), at=now, by=Actor("li.wei"))
    >>> [(finding.code, finding.where) for finding in findings(quote, on=date(2026, 4, 2))]
    [('missing_price', 'lines[0]'), ('expired', 'valid_until')]
    """
    return tuple(_findings(quote, on))


def blocking(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that keep a quote from being presented."""
    return tuple(finding for finding in found if finding.severity is Severity.ERROR)


def _findings(quote: Quote, on: date) -> Iterator[Finding]:
    version = quote.current
    if not version.lines and not version.unpriced:
        yield Finding(code="no_lines", where="lines", message="there are no lines", hint="add what is wanted")
    for unpriced in version.unpriced:
        yield Finding(
            code=_CODES[unpriced.reason],
            where=f"lines[{unpriced.position}]",
            message=f"{shorten(unpriced.product)} has no price: {unpriced.message}",
            hint="correct the price records, price it again and revise the quote",
        )
    for line in version.every_line:
        if line.missing:
            yield Finding(
                code="incomplete_configuration",
                where=f"lines[{line.position}]",
                message=f"nothing is chosen for {', '.join(line.missing)} of {shorten(line.product)}",
                hint="complete the configuration and revise the quote",
            )
    if on > quote.valid_until:
        yield Finding(
            code="expired",
            where="valid_until",
            message=f"its last day was {quote.valid_until}, and it is {on}",
            hint="price it again and revise the quote",
        )
