"""Applies quantity tiers."""

from __future__ import annotations

from decimal import Decimal

from salesmgmt.core.exact import divide, multiply, subtract
from salesmgmt.cpq.pricing._draft import Draft, DraftLine
from salesmgmt.cpq.pricing._stages import NOTHING
from salesmgmt.cpq.pricing._stages.portion import portion
from salesmgmt.cpq.pricing.calculation import Calculation
from salesmgmt.cpq.pricing.procedure import QuantityTiers
from salesmgmt.cpq.pricing.records import TierRecord
from salesmgmt.cpq.pricing.scales.index import ScaleIndex
from salesmgmt.cpq.pricing.scales.policies import ScaleType
from salesmgmt.cpq.pricing.trace import Aside, StepKind, StoodAside

_ZERO = Decimal(0)


class TierStage:
    """Applies quantity tiers."""

    names = NOTHING

    def __init__(self, step: QuantityTiers, scales: ScaleIndex) -> None:
        self._id = step.id
        self._is_graduated = step.scale is ScaleType.GRADUATED
        self._scales = scales
        self._bounds = {
            tier.id: f"{tier.product or tier.family} from {tier.lower:f}"
            + (f" to below {end:f}" if end is not None else "")
            for scale in scales.scales()
            for tier, end in scale.tiers
        }

    def run(self, draft: Draft) -> None:
        """Apply the tier of the quantity, or each tier to its part of it."""
        for one in draft.lines:
            quantity = one.quantity
            scale = self._scales.find(one.line.product, one.family, draft.currency)
            if scale is None:
                continue
            if self._is_graduated:
                before, price, left = one.running, _price(one), quantity
                rest = price
                for tier, part in scale.parts(quantity):
                    left = subtract(left, part)
                    # The last part is what the others left, so that they make the whole exactly.
                    priced = portion(price, part, quantity) if left else rest
                    rest = subtract(rest, priced)
                    self._apply(one, tier, part, portion(before, part, quantity), priced)
            else:
                entered = scale.tier(quantity)
                if entered is not None:
                    self._apply(one, entered, quantity, one.running, _price(one))

    def knows(self, record: str, _draft: Draft) -> bool:
        """Whether a tier is among those of this step."""
        return record in self._bounds

    def why_not(self, record: str, draft: Draft, one: DraftLine) -> StoodAside | None:
        """Why a tier does not count for a line; `None` when it does."""
        scale = self._scales.find(one.line.product, one.family, draft.currency)
        entered = [] if scale is None else [tier.id for tier, _ in scale.parts(one.quantity)]
        if scale is not None and not self._is_graduated:
            tier = scale.tier(one.quantity)
            entered = [] if tier is None else [tier.id]
        if record in entered:
            return None
        detail = f"it is for {self._bounds[record]}, the line has {one.quantity:f} of {one.line.product}"
        return StoodAside(code=Aside.REFUSED, detail=detail)

    def _apply(self, one: DraftLine, tier: TierRecord, part: Decimal, base: Decimal, priced: Decimal) -> None:
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
        raw = subtract(multiply(unit_price, part), priced)
        one.change(
            self._id,
            StepKind.TIER,
            tier.id,
            Calculation.SET_PRICE,
            raw,
            value=unit_price,
            quantity=part,
            base=priced,
        )


def _price(one: DraftLine) -> Decimal:
    """What all units come to at their price; exact also where that of one unit has endless decimals."""
    gross = one.gross
    if gross is not None and divide(gross, one.quantity) == one.unit_price:
        return gross
    return multiply(one.unit_price, one.quantity)
