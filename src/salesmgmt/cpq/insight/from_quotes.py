"""Closed lines out of quotes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from types import MappingProxyType

from salesmgmt.core.money import Money
from salesmgmt.cpq.insight.closed_line import ClosedLine
from salesmgmt.cpq.quotes import Quote, QuoteStatus

_NO_COSTS: Mapping[str, Money] = MappingProxyType({})
_NO_FIELDS: Mapping[str, Mapping[str, str]] = MappingProxyType({})
_LOST = frozenset({QuoteStatus.REJECTED, QuoteStatus.EXPIRED})


def closed_lines(
    quotes: Iterable[Quote],
    *,
    costs: Mapping[str, Money] = _NO_COSTS,
    fields: Mapping[str, Mapping[str, str]] = _NO_FIELDS,
    lost: Collection[QuoteStatus] = _LOST,
) -> Iterator[ClosedLine]:
    """Read the lines of the current versions of closed quotes: those taken of a won quote, the required ones of a lost one.

    Open quotes are passed over, and those in which a line has no price, because nobody was shown them. What
    became of earlier versions was never decided, so that only the current one counts.

    Args:
        quotes: any quotes.
        costs: the cost of a unit by product, for lines that have none from their price.
        fields: by id of the account, what its lines are told apart by: segment, region.
        lost: the statuses that count as lost, as in the metric `quote_acceptance_rate`; without `EXPIRED` only what
            customers turned down.

    Returns:
        The lines, one at a time.

    Raises:
        InvalidInput: a cost is in another currency than the quote.

    >>> from salesmgmt.cpq.insight import closed_lines
    >>> list(closed_lines([]))
    []
    """
    counted = {QuoteStatus.ACCEPTED, *lost}
    for quote in quotes:
        if quote.status not in counted or quote.closed_on is None or quote.total is None:
            continue
        customer = "" if quote.account is None else str(quote.account)
        for line in quote.counted_lines:
            cost = line.cost
            if cost is None and line.product in costs:
                cost = costs[line.product] * line.quantity
            yield ClosedLine(
                product=line.product,
                quantity=line.quantity,
                list_amount=line.list_amount,
                net_amount=line.net_amount,
                cost=cost,
                won=quote.status is QuoteStatus.ACCEPTED,
                on=quote.closed_on,
                customer=customer,
                quote=quote.id,
                fields=fields.get(customer, {}),
            )
