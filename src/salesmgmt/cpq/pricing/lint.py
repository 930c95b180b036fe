"""What can be wrong with a pricing model: every finding, with its place.

Errors: `too_large`, `procedure_id`, `time_zone`, `fact_prefix`, those of `salesmgmt.core.formula.declare`, `step_id`, `no_list_price`, `unrounded`, `rounding`, `rule_id`,
`rule_value`, `reversed_validity`, `formula`, `contradictory_condition`, `unknown_product`, `unknown_family`,
`tier_overlap`, `duplicate_option`, `too_many_candidates`. Warnings: `unguarded_currency`, `conflicting_prices` (records of equal rank with
different prices: a request that meets them gets a `PriceConflict`), `duplicate_price`, `tier_gap`, `unused_records`, `no_prices`,
and those of `salesmgmt.core.formula.lint` on each condition.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import chain
from typing import TYPE_CHECKING

from salesmgmt.core.errors import shorten
from salesmgmt.core.findings import Finding, Severity
from salesmgmt.cpq.pricing.lint_procedure import lint_procedure
from salesmgmt.cpq.pricing.price_index import MOST_CANDIDATES, PriceIndex, key_of
from salesmgmt.cpq.pricing.procedure import (
    OptionExtras,
    QuantityTiers,
)
from salesmgmt.cpq.pricing.records import OptionRecord, PriceRecord, TierRecord
from salesmgmt.cpq.pricing.scale import ScaleIndex

if TYPE_CHECKING:
    from salesmgmt.cpq.pricing.model import PricingModel


def lint(model: PricingModel) -> tuple[Finding, ...]:
    """Find what is wrong: first the procedure, then the records."""
    currencies = sorted({record.price.currency for record in model.prices})
    return (
        *lint_procedure(model.procedure, currencies),
        *_unused(model),
        *_products(model),
        *_prices(model),
        *_tiers(model),
        *_options(model),
    )


def _unused(model: PricingModel) -> Iterator[Finding]:
    kinds = {type(step) for step in model.procedure.steps}
    for records, kind in ((model.tiers, QuantityTiers), (model.options, OptionExtras)):
        if records and kind not in kinds:
            yield Finding(
                code="unused_records",
                where=records[0].FILE,
                message=f"no step of type {kind.__name__} reads its records",
                hint="add the step, or drop the file",
                severity=Severity.WARNING,
            )


def _products(model: PricingModel) -> Iterator[Finding]:
    if not len(model.catalogue):
        return
    families = model.catalogue.families
    every: Iterator[PriceRecord | TierRecord | OptionRecord] = chain(model.prices, model.tiers, model.options)
    for record in every:
        if record.product and record.product not in model.catalogue:
            yield Finding(
                code="unknown_product",
                where=record.where,
                message=f"the catalogue has no product {shorten(record.product)}",
                hint="add it to the catalogue, or correct the id",
            )
    for tier in model.tiers:
        if tier.family and tier.family not in families:
            yield Finding(
                code="unknown_family",
                where=tier.where,
                message=f"no product is of the family {shorten(tier.family)}",
                hint=f"known are {', '.join(sorted(families)[:20]) or 'none'}",
            )


def _prices(model: PricingModel) -> Iterator[Finding]:
    if not model.prices:
        yield Finding(
            code="no_prices",
            where=PriceRecord.FILE,
            message="there is no price",
            hint="add records; until then no line gets a price",
            severity=Severity.WARNING,
        )
    starts = Counter((*key_of(record), record.valid_from or date.min) for record in model.prices)
    crowded = [key for key, count in starts.items() if count > MOST_CANDIDATES]
    for product, *_ in crowded:
        yield Finding(
            code="too_many_candidates",
            where=PriceRecord.FILE,
            message=f"more than {MOST_CANDIDATES} records of {shorten(product)} have the same key and start",
            hint="keep one of them",
        )
    if not crowded:
        # Only records that share key and start can tie.
        tied = [
            record for record in model.prices if starts[(*key_of(record), record.valid_from or date.min)] > 1
        ]
        yield from _ties(tied)


def _ties(records: list[PriceRecord]) -> Iterator[Finding]:
    seen: set[tuple[str, ...]] = set()
    for timeline in PriceIndex(records).timelines():
        for day, winners in timeline:
            ids = tuple(winner.id for winner in winners)
            if len(ids) < 2 or ids in seen:
                continue
            seen.add(ids)
            differ = any(winner.price != winners[0].price for winner in winners)
            since = "" if day == date.min else f" from {day}"
            yield Finding(
                code="conflicting_prices" if differ else "duplicate_price",
                where=" and ".join(winner.where for winner in winners[:5]),
                message=f"records of equal rank give {shorten(winners[0].product)} "
                + (f"different prices{since}" if differ else f"the same price twice{since}"),
                hint="end one of them, start it on another day, or make it more specific",
                severity=Severity.WARNING,
            )


def _tiers(model: PricingModel) -> Iterator[Finding]:
    seams = {
        (first.id, second.id): (first, second, end)
        for scale in ScaleIndex(model.tiers).scales()
        for first, second, end in scale.seams()
    }
    for first, second, end in seams.values():
        if end > second.lower or first.lower == second.lower:
            yield Finding(
                code="tier_overlap",
                where=f"{first.where} and {second.where}",
                message=f"both hold from {second.lower:f} on",
                hint="let the first one end where the second begins",
            )
        elif end < second.lower:
            yield Finding(
                code="tier_gap",
                where=f"{first.where} and {second.where}",
                message=f"no tier holds from {end:f} to below {second.lower:f}",
                hint="let the first one end where the second begins",
                severity=Severity.WARNING,
            )


def _options(model: PricingModel) -> Iterator[Finding]:
    seen: dict[tuple[str, ...], str] = {}
    for option in model.options:
        key = (option.product, option.extra.currency, option.attribute, option.value)
        if key in seen:
            yield Finding(
                code="duplicate_option",
                where=option.where,
                message=f"{seen[key]} has an extra for the same option",
                hint="keep one of them",
            )
        seen.setdefault(key, option.where)
