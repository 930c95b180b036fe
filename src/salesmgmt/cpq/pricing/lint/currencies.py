"""Which amounts can never be used, because no price is in their currency and no rate leads there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial

from salesmgmt.core.findings import Finding, Severity
from salesmgmt.cpq.pricing.lint._known import Known
from salesmgmt.cpq.pricing.price_lists.price_rule import BasePrice
from salesmgmt.cpq.pricing.procedure import PriceListRules

_warning = partial(Finding, severity=Severity.WARNING)


def lint_currencies(known: Known) -> Iterator[Finding]:
    """Find amounts in currencies that do not go with those of the prices."""
    yield from _unpriced(known)
    yield from _conditions(known)
    if any(isinstance(step, PriceListRules) for step in known.model.procedure.steps):
        yield from _price_lists(known)


def _unpriced(known: Known) -> Iterator[Finding]:
    """Amounts that hold for requests in their own currency alone."""
    asked = known.asked_currencies
    if not asked:
        return
    model = known.model
    stated = [(tier.unit_price.currency, tier.where) for tier in model.tiers if tier.unit_price is not None]
    stated += [(option.extra.currency, option.where) for option in model.options]
    stated += [
        (rule.amount.currency, f"rule {rule.id}")
        for _, rule in model.procedure.rules
        if rule.amount is not None
    ]
    strange = [(code, where) for code, where in stated if code not in asked]
    counts = Counter(code for code, _ in strange)
    for code, where in dict(reversed(strange)).items():
        more = f" (and {counts[code] - 1} more)" if counts[code] > 1 else ""
        yield _warning(
            code="unpriced_currency",
            where=where,
            message=f"its amount is in {code}{more}, and there are prices in {', '.join(sorted(asked))} only",
            hint="add prices in this currency, or state the amount in one of those",
        )


def _conditions(known: Known) -> Iterator[Finding]:
    """Amounts of condition records, which are converted to the currency of the request."""
    asked = sorted(known.asked_currencies)
    found: dict[tuple[str, str], list[str]] = {}
    for record in known.model.conditions:
        amount = record.amount
        if amount is None or "order.currency" in record.key or "order.currency" in record.condition:
            continue
        for code in asked:
            if code != amount.currency:
                found.setdefault((amount.currency, code), []).append(record.where)
    for (one, other), places in found.items():
        if not known.has_rate(one, other):
            yield _missing_rate(one, other, places[0], len(places))


def _price_lists(known: Known) -> Iterator[Finding]:
    model = known.model
    lists = {one.id: one for one in model.price_lists.lists}
    bases = sorted({record.price.currency for record in model.prices})
    costs = sorted({product.cost.currency for product in model.catalogue if product.cost is not None})
    for one in model.price_lists.lists:
        wanted = dict.fromkeys(bases)
        wanted |= dict.fromkeys(lists[base].currency for base in sorted(one.bases) if base in lists)
        if any(rule.base is BasePrice.COST for rule in one.rules):
            wanted |= dict.fromkeys(costs)
        for code in wanted:
            if not known.has_rate(code, one.currency):
                yield _missing_rate(code, one.currency, f"price_lists.{one.id}", 1)


def _missing_rate(one: str, other: str, where: str, count: int) -> Finding:
    more = f" (and {count - 1} more)" if count > 1 else ""
    return _warning(
        code="missing_rate",
        where=where,
        message=f"no rate leads from {one} to {other}{more}, so what needs it has no price",
        hint="add a quote to the rates of the model, or name a pivot currency",
    )
