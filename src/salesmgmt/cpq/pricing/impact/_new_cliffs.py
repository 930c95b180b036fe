"""Scales that were changed and in which now more units cost less in all."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.findings import Finding
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing.impact.model_difference import ModelDifference
from salesmgmt.cpq.pricing.procedure import QuantityTiers
from salesmgmt.cpq.pricing.records import TierRecord
from salesmgmt.cpq.pricing.scales.index import ScaleIndex, TierScale
from salesmgmt.cpq.pricing.scales.lint import lint_scale
from salesmgmt.cpq.pricing.scales.policies import ScaleType
from salesmgmt.cpq.pricing.scales.scale import Scale
from salesmgmt.cpq.pricing.scales.tier import Tier

if TYPE_CHECKING:
    from salesmgmt.cpq.pricing.model import PricingModel


def new_cliffs(before: PricingModel, after: PricingModel, difference: ModelDifference) -> tuple[Finding, ...]:
    """The totals that fall as the quantity rises in the new model, and did not in the old one."""
    ids = frozenset[str]().union(*difference.records.values())
    owners = {_owner(tier) for model in (before, after) for tier in model.tiers if tier.id in ids}
    if difference.steps:  # the same tiers read in another way
        owners.update(_owner(tier) for tier in after.tiers)
    old = set(_cliffs(before, ids, owners))
    return tuple(dict.fromkeys(one for one in _cliffs(after, ids, owners) if one not in old))


_Owner = tuple[str, str]
"""Product and family of a scale of tiers."""


def _owner(tier: TierRecord) -> _Owner:
    return tier.product, tier.family


def _cliffs(model: PricingModel, ids: frozenset[str], owners: Collection[_Owner]) -> Iterator[Finding]:
    for where, scale in _scales(model, ids, owners):
        yield from (one for one in lint_scale(scale, where=where) if one.code == "falling_total")


def _scales(
    model: PricingModel, ids: frozenset[str], owners: Collection[_Owner]
) -> Iterator[tuple[str, Scale]]:
    for record in model.conditions:
        if record.id in ids and record.scale is not None:
            yield record.where, record.scale
    groups: dict[_Owner, list[TierRecord]] = {}
    for tier in model.tiers:
        if _owner(tier) in owners:
            groups.setdefault(_owner(tier), []).append(tier)
    types = {step.scale for step in model.procedure.steps if isinstance(step, QuantityTiers)}
    for (product, family), group in groups.items():
        for found in ScaleIndex(group).scales():
            for type_ in sorted(types):
                scale = _made(found, type_)
                if scale is not None:
                    yield f"tiers of {product or family}", scale


def _made(found: TierScale, type_: ScaleType) -> Scale | None:
    """The scale of tiers, with the list price below the first where that is known: of percentages it is 100."""
    tiers = [
        Tier(
            lower=tier.lower,
            upper=end,
            percent=tier.percent,
            unit_amount=None if tier.unit_price is None else tier.unit_price.amount,
        )
        for tier, end in found.tiers
    ]
    if any(tier.unit_amount is not None for tier in tiers):
        if any(tier.percent is not None for tier in tiers):
            return None
    elif tiers and tiers[0].lower:
        tiers.insert(0, Tier(lower=0, upper=tiers[0].lower, percent=Percent(0)))
    try:
        return Scale(tiers=tiers, scale_type=type_)
    except InvalidInput:  # tiers that a scale refuses are found by the lint of the model
        return None
