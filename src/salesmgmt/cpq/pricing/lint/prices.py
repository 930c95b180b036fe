"""What can be wrong with price records, and which products have no price."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import partial

from salesmgmt.core.errors import shorten
from salesmgmt.core.findings import Finding, Severity
from salesmgmt.cpq.pricing.condition import ConditionClass
from salesmgmt.cpq.pricing.lint._known import Known
from salesmgmt.cpq.pricing.price_index import MOST_CANDIDATES, PriceIndex, key_of
from salesmgmt.cpq.pricing.price_lists.price_rule import BasePrice
from salesmgmt.cpq.pricing.procedure import ListPrice, PricingStep, SharesOfTotal
from salesmgmt.cpq.pricing.records import PriceRecord

_MOST_NAMED = 5

_warning = partial(Finding, severity=Severity.WARNING)


def lint_prices(known: Known) -> Iterator[Finding]:
    """Find what is wrong with price records."""
    model = known.model
    is_read = any(isinstance(step, ListPrice) for step in model.procedure.steps)
    needs_one = any(isinstance(step, ListPrice) and step.required for step in model.procedure.steps)
    if not model.prices and is_read and (needs_one or not model.price_lists.lists):
        yield _warning(
            code="no_prices",
            where=PriceRecord.FILE,
            message="there is no price",
            hint="add records; until then no line gets a price",
        )
    if known.products is not None:
        for record in model.prices:
            if record.product not in known.products:
                yield Finding(
                    code="unknown_product",
                    where=record.where,
                    message=f"the catalogue has no product {shorten(record.product)}",
                    hint="add it to the catalogue, or correct the id",
                )
    starts = Counter([(*key_of(record), record.valid_from) for record in model.prices])
    crowded = [key for key, count in starts.items() if count > MOST_CANDIDATES]
    for product, *_ in crowded:
        yield Finding(
            code="too_many_candidates",
            where=PriceRecord.FILE,
            message=f"more than {MOST_CANDIDATES} records of {shorten(product)} have the same key and start",
            hint="keep one of them",
        )
    if not crowded and len(starts) < len(model.prices):
        # Only records that share key and start can tie.
        yield from _ties(
            [record for record in model.prices if starts[(*key_of(record), record.valid_from)] > 1]
        )


def _ties(records: list[PriceRecord]) -> Iterator[Finding]:
    seen: set[tuple[str, ...]] = set()
    for history in PriceIndex(records).histories():
        for day, winners in history:
            ids = tuple(winner.id for winner in winners)
            if len(ids) < 2 or ids in seen:
                continue
            seen.add(ids)
            differ = any(winner.price != winners[0].price for winner in winners)
            since = "" if day == date.min else f" from {day}"
            yield _warning(
                code="conflicting_prices" if differ else "duplicate_price",
                where=" and ".join(winner.where for winner in winners[:5]),
                message=f"records of equal rank give {shorten(winners[0].product)} "
                + (f"different prices{since}" if differ else f"the same price twice{since}"),
                hint="end one of them, start it on another day, or make it more specific",
            )


def lint_unpriced(known: Known) -> Iterator[Finding]:
    """Find products of the catalogue that no record and no rule gives a price."""
    priced = _priced(known)
    catalogue = known.model.catalogue
    if priced is None or known.products is None:
        return
    templates = {product.parent for product in catalogue}
    missing = [
        product.id
        for product in catalogue
        if product.active and product.id not in templates and not _has_price(product.id, priced, known)
    ]
    if missing:
        named = ", ".join(shorten(product) for product in missing[:_MOST_NAMED])
        more = f" and {len(missing) - _MOST_NAMED} more" if len(missing) > _MOST_NAMED else ""
        yield _warning(
            code="no_price",
            where="products.csv",
            message=f"{len(missing)} products have no price: {named}{more}",
            hint="add records, or make them inactive",
        )


_PRODUCT_FACTS = ("line.product", "line.lineage", "line.family", "line.brand", "line.categories")


def _priced(known: Known) -> dict[str, set[str]] | None:
    """The values of each fact of a product for which there is a price; `None` when any product may have one."""
    model = known.model
    priced: dict[str, set[str]] = {fact: set() for fact in _PRODUCT_FACTS}
    priced["line.product"].update([record.product for record in model.prices])
    types = {one.id for one in model.procedure.condition_types if one.kind is ConditionClass.PRICE}
    used = {step.type_id for step in model.procedure.steps if isinstance(step, PricingStep)}
    keys = [record.key for record in model.conditions if record.type in types & used]
    for one in model.price_lists.lists:
        keys += [
            rule.apply_to or rule.key
            for rule in one.rules
            if rule.price is not None or rule.base is BasePrice.COST
        ]
    for key in keys:
        facts = [fact for fact in _PRODUCT_FACTS if fact in key]
        if not facts:
            return None
        priced[facts[0]].add(key[facts[0]])
    for step in model.procedure.steps:
        if isinstance(step, SharesOfTotal):
            priced["line.product"].update(rule.product for rule in step.rules)
    return priced


def _has_price(product: str, priced: dict[str, set[str]], known: Known) -> bool:
    if product in priced["line.product"]:
        return True
    facts = known.model.catalogue.facts_of(product)
    for fact in _PRODUCT_FACTS[1:]:
        found = facts[fact]
        values = found if isinstance(found, tuple) else (found,)
        if priced[fact] and not priced[fact].isdisjoint(values):
            return True
    return False
