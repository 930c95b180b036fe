"""The figures of a quote that approval rules look at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType

from salesmgmt.core.exact import add
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.quotes.version import QuoteLine, QuoteVersion
from salesmgmt.engines.metrics import Figure

QUANTITY = "quantity:"
"""What the name of a figure begins with that is the quantity of a product; zero for one that is not in the quote."""

_UNKNOWN: Mapping[str, Money] = MappingProxyType({})


def quote_metrics(version: QuoteVersion, costs: Mapping[str, Money] = _UNKNOWN) -> dict[str, Figure | None]:
    """Compute the figures of a version; `None` for one that is not known, and never a guess.

    - `total`, `list_total`: amounts; not known while a line has no price.
    - `effective_discount_percent`: all that lies between list and total, header shares, roundings and lines given away
      included, in percent of the list.
    - `max_line_discount_percent`: the deepest discount of a single line.
    - `margin`, `margin_percent` (of the total): not known when the cost of a line is not.
    - `line_count`, and `quantity:<product>` for each product.

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
    margin = _margin(version, costs)
    return {
        "total": version.total,
        "list_total": version.list_total,
        "effective_discount_percent": version.effective_discount,
        "max_line_discount_percent": None if version.unpriced else _deepest(version.lines),
        "margin": margin,
        "margin_percent": (
            Percent.of_ratio(margin / version.total) if margin is not None and version.total else None
        ),
        "line_count": Decimal(len(lines)),
        **{f"{QUANTITY}{product}": quantity for product, quantity in quantities.items()},
    }


def _deepest(lines: Iterable[QuoteLine]) -> Percent | None:
    """The deepest discount; a line that costs nothing at list has none, unless money is given back with it."""
    deepest = Percent(0)
    for line in lines:
        found = line.effective_discount
        if found is None:
            if line.net_amount < line.list_amount:
                return None
        else:
            deepest = max(deepest, found)
    return deepest


def _margin(version: QuoteVersion, costs: Mapping[str, Money]) -> Money | None:
    margin = version.total
    for line in version.lines:
        cost = line.cost
        if cost is None and line.product in costs:
            cost = costs[line.product] * line.quantity
        if cost is None or margin is None:
            return None
        margin -= cost
    return margin
