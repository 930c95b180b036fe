"""The metrics of quotes.

A figure takes the quotes it is given: those of a quarter, a team, a customer. Which quotes belong to a question is for the caller
to say; for the acceptance rate of a period take the quotes closed in it.
"""

from __future__ import annotations

from salesmgmt.core.formula import MONEY, NUMBER
from salesmgmt.core.money import Money
from salesmgmt.cpq.quotes import Quote
from salesmgmt.engines.metrics import Count, Direction, FactKind, Mean, Metric, Ratio, Sum, Unit


def _list_total(quote: Quote) -> Money | None:
    return quote.list_total


def _discount(quote: Quote) -> Money | None:
    total, listed = quote.total, quote.list_total
    return None if total is None or listed is None else listed - total


def _version_count(quote: Quote) -> int:
    return len(quote.versions)


QUOTE_FACTS = FactKind.of(
    "quote",
    Quote,
    {
        "list_total": (MONEY, _list_total),
        "discount": (MONEY, _discount),
        "version_count": (NUMBER, _version_count),
    },
)
"""Quotes as rows: their fields, of the lines that their total counts `list_total` and `discount`, and `version_count`."""

METRICS = (
    Metric(id="quotes", facts="quote", unit=Unit.COUNT, aggregate=Count()),
    Metric(
        id="quote_acceptance_rate",
        facts="quote",
        unit=Unit.RATIO,
        aggregate=Ratio(
            Count("status == 'accepted'"), Count("status in {'accepted', 'rejected', 'expired'}")
        ),
        undefined="no_decided_quotes",
        source="accepted / (accepted + rejected + expired)",
    ),
    Metric(
        id="quote_value",
        facts="quote",
        unit=Unit.MONEY,
        aggregate=Mean("total"),
        undefined="no_priced_quotes",
        source="mean total of the current versions",
    ),
    Metric(
        id="quote_discount_rate",
        facts="quote",
        unit=Unit.RATIO,
        direction=Direction.LOWER_IS_BETTER,
        aggregate=Ratio(Sum("discount"), Sum("list_total")),
        undefined="no_list_amount",
        source="(list - net) / list, a ratio of sums",
    ),
    Metric(
        id="quote_versions",
        facts="quote",
        unit=Unit.NUMBER,
        direction=Direction.LOWER_IS_BETTER,
        aggregate=Mean("version_count"),
        undefined="no_quotes",
        source="mean number of versions until the quote stands",
    ),
)
"""The metrics over `QUOTE_FACTS`."""
