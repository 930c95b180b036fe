"""The figures of a quote that approval rules look at."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from salesmgmt.core.exact import add
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.approvals import QUANTITY
from salesmgmt.cpq.quotes.discount import (
    deepest_discount,
    line_discounts,
    reachable,
    reference_of,
    thinnest_margin,
)
from salesmgmt.cpq.quotes.line import QuoteLine
from salesmgmt.cpq.quotes.version import QuoteVersion
from salesmgmt.engines.metrics import Figure

_UNKNOWN: Mapping[str, Money] = MappingProxyType({})


def quote_metrics(version: QuoteVersion, costs: Mapping[str, Money] = _UNKNOWN) -> dict[str, Figure | None]:
    """Compute the figures of a version; `None` for one that is not known, and never a guess.

    - `total`, `list_total`: the highest amounts that the customer can reach by options and alternatives; `lowest_total` the
      lowest. Not known while a line has no price.
    - `reference_total`: the most that what he takes is measured against; nothing that is given away changes it.
    - `effective_discount_percent`: all that lies between the reference and the money received (`EffectiveDiscount`), for
      the options and alternatives that make it deepest.
    - `max_line_discount_percent`: the deepest effective discount of a line, options and alternatives included.
    - `margin` and, of what is paid, `margin_percent`: the lowest that the customer can reach; not known when the cost of a
      line is not.
    - `line_count`, and `quantity:<product>` for each product; options and alternatives count.

    Args:
        version: the version.
        costs: the cost of a unit by product, for lines that have none from their price.

    Raises:
        CurrencyMismatch: a cost is in another currency than the quote.

    >>> from datetime import UTC, date, datetime
    >>> from decimal import Decimal
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.quotes import QuoteLine, QuoteVersion, quote_metrics
    >>> now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> line = QuoteLine(position=0, product="dock", quantity=Decimal(25), list_amount=Money(2500, "EUR"),
    ...                  net_amount=Money(2000, "EUR"), share=Money(0, "EUR"))
    >>> version = QuoteVersion(
    ...     number=1, currency="EUR", lines=(line,), priced_at=now, valid_until=date(2026, 4, 1), model="m",
    ...     model_version=1, model_digest="", request_digest="", made_at=now, made_by="li.wei",
    ... )
    >>> figures = quote_metrics(version, costs={"dock": Money(60, "EUR")})
    >>> str(figures["effective_discount_percent"]), str(figures["margin_percent"])
    ('20%', '25%')
    """
    lines = version.every_line
    quantities: dict[str, Decimal] = {}
    for line in lines:
        quantities[line.product] = add(quantities.get(line.product, Decimal(0)), line.quantity)
    code = version.currency
    totals = reachable(version, code, lambda line: line.net_amount)
    listed = reachable(version, code, lambda line: line.list_amount)
    references = reachable(version, code, reference_of)
    margins = reachable(version, code, lambda line: _margin(line, costs))
    return {
        "total": totals and totals[1],
        "lowest_total": totals and totals[0],
        "list_total": listed and listed[1],
        "reference_total": references and references[1],
        "effective_discount_percent": deepest_discount(version),
        "max_line_discount_percent": _deepest_line(version),
        "margin": margins and margins[0],
        "margin_percent": thinnest_margin(version, lambda line: cost_of(line, costs)),
        "line_count": Decimal(len(lines)),
        **{f"{QUANTITY}{product}": quantity for product, quantity in quantities.items()},
    }


def cost_of(line: QuoteLine, costs: Mapping[str, Money]) -> Money | None:
    """What a line costs the seller, by its price or else by the cost of a unit; `None` when that is not known.

    The cost of a unit is for the product's own unit of measure.
    """
    if line.cost is None and line.product in costs and not line.uom:
        return costs[line.product] * line.quantity
    return line.cost


def _deepest_line(version: QuoteVersion) -> Percent | None:
    deepest = Percent(0)
    for found in line_discounts(version).values():
        percent = found.percent
        if percent is None or version.unpriced:
            return None
        deepest = max(deepest, percent)
    return None if version.unpriced else deepest


def _margin(line: QuoteLine, costs: Mapping[str, Money]) -> Money | None:
    cost = cost_of(line, costs)
    return None if cost is None else line.net_amount - cost
