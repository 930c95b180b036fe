"""What a quote shows by itself, and what its lines show beside the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from salesmgmt.core.errors import SalesError, shorten
from salesmgmt.core.findings import Finding, Severity
from salesmgmt.core.nearest import nearest
from salesmgmt.core.quantity import Quantity
from salesmgmt.core.units import UnitTable
from salesmgmt.cpq.pricing import Calculation, StepKind
from salesmgmt.cpq.products import Catalogue, Product
from salesmgmt.cpq.quotes.line import DocumentLine, QuoteLine, UnpricedLine
from salesmgmt.cpq.quotes.quote import Quote

AGAIN = "price it again and revise the quote"
"""How almost every finding is mended in the end."""

_CODES = {"no_price": "missing_price", "conflict": "price_conflict"}
_MOST_NEAREST = 5
_LARGEST_SEARCHED = 10_000


def line_finding(
    line: DocumentLine, code: str, message: str, hint: str, severity: Severity = Severity.ERROR
) -> Finding:
    """A finding about a line."""
    return Finding(code=code, where=f"lines[{line.position}]", message=message, hint=hint, severity=severity)


def told(error: SalesError) -> str:
    """The message of an error without its hint."""
    return str(error).removesuffix(f"; {error.hint}")


def follows_contract(line: DocumentLine) -> bool:
    """Whether a line's amounts follow from a running contract, as in an amendment or a renewal: no pricer made them.

    Its quantity may be the difference to what runs already.
    """
    first = line.waterfall[0] if isinstance(line, QuoteLine) and line.waterfall else None
    return (
        first is not None
        and first.step == "contract"
        and first.kind is StepKind.LIST
        and first.calculation is Calculation.AMOUNT_PER_LINE
    )


def own_findings(quote: Quote, on: date) -> Iterator[Finding]:
    """What the current version lacks, whatever the house sells."""
    version = quote.current
    if not version.lines and not version.unpriced:
        yield Finding(code="no_lines", where="lines", message="there are no lines", hint="add what is wanted")
    for unpriced in version.unpriced:
        message = f"{shorten(unpriced.product)} has no price: {unpriced.message}"
        yield line_finding(unpriced, _CODES[unpriced.reason], message, f"correct the price records, {AGAIN}")
    for line in version.every_line:
        yield from _own(line)
        yield from _term(line, on, quote.valid_until)
    if on > quote.valid_until:
        yield Finding(
            code="expired",
            where="valid_until",
            message=f"its last day was {quote.valid_until}, and it is {on}",
            hint=AGAIN,
        )


def catalogue_findings(
    lines: Sequence[QuoteLine | UnpricedLine], catalogue: Catalogue, units: UnitTable
) -> Iterator[Finding]:
    """Products that are not sold, units that do not fit them, and quantities that cannot be ordered."""
    unknown: dict[str, str] = {}
    for line in lines:
        product = catalogue.get(line.product)
        if product is None:
            if line.product not in unknown:
                # Looking for the nearest of many names takes its time: it is done for the first few, among not too many.
                is_quick = len(unknown) < _MOST_NEAREST and len(catalogue) <= _LARGEST_SEARCHED
                close = nearest(line.product, catalogue.ids) if is_quick else None
                unknown[line.product] = f"did you mean {close!r}?" if close else "add it, or correct the id"
            message = f"the catalogue has no product {shorten(line.product)}"
            yield line_finding(line, "unknown_product", message, unknown[line.product])
            continue
        if not product.active:
            message = f"{shorten(product.id)} is not sold any more"
            yield line_finding(line, "inactive_product", message, f"take its successor, {AGAIN}")
        try:
            quantity = in_own_unit(line, product, units)
        except SalesError as error:
            message = f"{shorten(product.id)} is sold by {product.unit}: {told(error)}"
            yield line_finding(line, "unit_mismatch", message, f"order it in {product.unit}; or {error.hint}")
            continue
        if quantity > 0 and not line.added_by and not follows_contract(line):
            yield from _packaging(line, product, quantity)


def in_own_unit(line: DocumentLine, product: Product, units: UnitTable) -> Decimal:
    """The quantity of a line in the unit of its product; raises `UnknownUnit` and `IncompatibleUnits`."""
    if not line.uom or line.uom == product.unit:
        return line.quantity
    return units.convert(Quantity(line.quantity, line.uom), product.unit).amount


def _own(line: QuoteLine | UnpricedLine) -> Iterator[Finding]:
    name = shorten(line.product)
    if not line.quantity:  # units that an amendment gives back are below zero
        message = f"the quantity of {name} is {line.quantity:f}"
        yield line_finding(line, "zero_quantity", message, f"order more than zero, or leave it out; {AGAIN}")
    if line.missing:
        message = f"nothing is chosen for {', '.join(line.missing)} of {name}"
        yield line_finding(
            line, "incomplete_configuration", message, "complete the configuration and revise the quote"
        )
    if line.manual is not None and line.manual.at is None:
        message = f"nobody knows when {shorten(line.manual.by)} set the price of {name}"
        yield line_finding(line, "undated_adjustment", message, f"give the ManualPrice its time, {AGAIN}")


def _term(line: DocumentLine, on: date, valid_until: date) -> Iterator[Finding]:
    name = shorten(line.product)
    if line.starts is not None and line.ends is not None and line.ends <= line.starts:
        message = f"the term of {name} begins on {line.starts}, and {line.ends} is no longer in it"
        yield line_finding(line, "reversed_term", message, f"let it end after it begins, {AGAIN}")
    elif line.ends is not None and line.ends <= on:
        message = f"the last day of the term of {name} was {line.ends - timedelta(days=1)}, and it is {on}"
        yield line_finding(line, "term_over", message, f"offer a later term, {AGAIN}")
    elif line.starts is not None and line.starts < valid_until:
        message = (
            f"the term of {name} begins on {line.starts}, and the quote can be accepted until {valid_until}"
        )
        yield line_finding(
            line,
            "early_term",
            message,
            "let it begin later, or the quote end earlier, if the customer is to have the whole term",
            Severity.WARNING,
        )


def _packaging(line: DocumentLine, product: Product, quantity: Decimal) -> Iterator[Finding]:
    near = product.quantities_near(quantity)
    if near == (quantity,):
        return
    found = f"{quantity:f} {product.unit} of {shorten(product.id)}"
    if product.min_quantity is not None and quantity < product.min_quantity:
        code, message = "below_minimum", f"{found} are fewer than {product.min_quantity:f}"
    elif product.max_quantity is not None and quantity > product.max_quantity:
        code, message = "above_maximum", f"{found} are more than {product.max_quantity:f}"
    else:
        code, message = "broken_pack", f"{found} is no multiple of {product.pack:f}"
    wanted = " or ".join(f"{one:f}" for one in near)
    yield line_finding(line, code, message, f"order {wanted} {product.unit}, {AGAIN}")
