"""Applies quantity tiers."""

from __future__ import annotations

from decimal import Decimal

from salesmgmt.core.exact import multiply, subtract
from salesmgmt.cpq.pricing._draft import Draft, DraftLine
from salesmgmt.cpq.pricing._stages import NOTHING
from salesmgmt.cpq.pricing._stages.portion import portion
from salesmgmt.cpq.pricing.calculation import Calculation
from salesmgmt.cpq.pricing.procedure import QuantityTiers
from salesmgmt.cpq.pricing.records import TierRecord
from salesmgmt.cpq.pricing.scales.index import ScaleIndex
from salesmgmt.cpq.pricing.scales.policies import ScaleType
from salesmgmt.cpq.pricing.trace import StepKind

_ZERO = Decimal(0)


class TierStage:
    """Applies quantity tiers."""

    names = NOTHING

    def __init__(self, step: QuantityTiers, scales: ScaleIndex) -> None:
        self._id = step.id
        self._is_graduated = step.scale is ScaleType.GRADUATED
        self._scales = scales

    def run(self, draft: Draft) -> None:
        """Apply the tier of the quantity, or each tier to its part of it."""
        for one in draft.lines:
            quantity = one.quantity
            scale = self._scales.find(one.line.product, one.family, draft.currency)
            if scale is None:
                continue
            if self._is_graduated:
                before = one.running
                for tier, part in scale.parts(quantity):
                    self._apply(one, tier, part, portion(before, part, quantity))
            else:
                entered = scale.tier(quantity)
                if entered is not None:
                    self._apply(one, entered, quantity, one.running)

    def _apply(self, one: DraftLine, tier: TierRecord, part: Decimal, base: Decimal) -> None:
        if tier.percent is not None:
            percent = tier.percent
            raw = multiply(base, percent.ratio).copy_negate()
            one.change(
                self._id,
                StepKind.TIER,
                tier.id,
                Calculation.PERCENT,
                raw,
                value=percent.points.copy_negate(),
                base=base,
            )
            return
        # It replaces the price that was found; extras of options stay.
        unit_price = tier.unit_price.amount if tier.unit_price is not None else _ZERO
        base = multiply(one.unit_price, part)
        raw = subtract(multiply(unit_price, part), base)
        one.change(
            self._id,
            StepKind.TIER,
            tier.id,
            Calculation.SET_PRICE,
            raw,
            value=unit_price,
            quantity=part,
            base=base,
        )
