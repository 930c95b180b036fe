"""What can be wrong with the quantity tiers of products and families."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import partial

from salesmgmt.core.errors import shorten
from salesmgmt.core.exact import multiply, subtract
from salesmgmt.core.findings import Finding, Severity
from salesmgmt.cpq.pricing.lint._known import Known
from salesmgmt.cpq.pricing.procedure import QuantityTiers
from salesmgmt.cpq.pricing.records import TierRecord
from salesmgmt.cpq.pricing.scales.index import ScaleIndex, TierScale
from salesmgmt.cpq.pricing.scales.policies import ScaleType

_ONE, _HUNDRED = Decimal(1), Decimal(100)

_warning = partial(Finding, severity=Severity.WARNING)


def lint_tiers(known: Known) -> Iterator[Finding]:
    """Find what is wrong with tiers."""
    model = known.model
    yield from _references(known)
    applies_to_all = any(
        isinstance(step, QuantityTiers) and step.scale is ScaleType.ALL_UNITS
        for step in model.procedure.steps
    )
    seen = set[tuple[str, str]]()
    for scale in ScaleIndex(model.tiers).scales():
        for first, second, end in scale.seams():
            if (first.id, second.id) in seen:
                continue  # the same two in another currency
            seen.add((first.id, second.id))
            yield from _seam(first, second, end)
        if applies_to_all:
            yield from _cliffs(scale)
        yield from _rising(scale)


def _references(known: Known) -> Iterator[Finding]:
    if known.products is None:
        return
    for tier in known.model.tiers:
        if tier.product and tier.product not in known.products:
            yield Finding(
                code="unknown_product",
                where=tier.where,
                message=f"the catalogue has no product {shorten(tier.product)}",
                hint="add it to the catalogue, or correct the id",
            )
    families = known.model.catalogue.families
    for tier in known.model.tiers:
        if tier.family and tier.family not in families:
            yield Finding(
                code="unknown_family",
                where=tier.where,
                message=f"no product is of the family {shorten(tier.family)}",
                hint=f"known are {', '.join(sorted(families)[:20]) or 'none'}",
            )


def _seam(first: TierRecord, second: TierRecord, end: Decimal) -> Iterator[Finding]:
    if end > second.lower or first.lower == second.lower:
        yield Finding(
            code="tier_overlap",
            where=f"{first.where} and {second.where}",
            message=f"both hold from {second.lower:f} on",
            hint="let the first one end where the second begins",
        )
    elif end < second.lower:
        yield _warning(
            code="tier_gap",
            where=f"{first.where} and {second.where}",
            message=f"no tier holds from {end:f} to below {second.lower:f}",
            hint="let the first one end where the second begins",
        )


def _cliffs(scale: TierScale) -> Iterator[Finding]:
    """Where one unit more costs less in all; percentages are reckoned from a price of 100."""
    before: TierRecord | None = None
    end: Decimal | None = None
    for tier, until in scale.tiers:
        if before is None or end is None or end < tier.lower:
            before_price = None if tier.percent is None else _HUNDRED  # the list price, whatever it is
        elif (before.percent is None) is (tier.percent is None):
            before_price = _unit_price(before)
        else:
            before_price = None
        below = subtract(tier.lower, _ONE)
        if before_price is not None and below > 0:
            total, following = multiply(before_price, below), multiply(_unit_price(tier), tier.lower)
            if following < total:
                at = " at a price of 100" if tier.percent is not None else ""
                yield _warning(
                    code="falling_total",
                    where=tier.where,
                    message=f"the total falls{at}: {below:f} cost {total:f}, {tier.lower:f} cost {following:f}",
                    hint="that may be meant; graduated tiers never do it",
                )
        before, end = tier, until


def _unit_price(tier: TierRecord) -> Decimal:
    if tier.percent is not None:
        return subtract(_HUNDRED, tier.percent.points)
    return _HUNDRED if tier.unit_price is None else tier.unit_price.amount


def _rising(scale: TierScale) -> Iterator[Finding]:
    before: TierRecord | None = None
    for tier, _ in scale.tiers:
        if before is not None and (before.percent is None) is (tier.percent is None):
            first, second = _unit_price(before), _unit_price(tier)
            if second > first and before.lower < tier.lower:
                yield _warning(
                    code="rising_price",
                    where=f"{before.where} and {tier.where}",
                    message=f"a unit costs more from {tier.lower:f} on than from {before.lower:f} on",
                    hint="exchange their values, unless larger quantities are meant to cost more",
                )
        before = tier
