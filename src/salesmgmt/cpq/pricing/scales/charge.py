"""What a scale charges for a quantity, tier by tier; or that it has no price for it."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

import attrs

from salesmgmt.core.percent import Percent


@attrs.frozen
class TierPart:
    """The part of a quantity that one tier charges.

    Attributes:
        tier: which tier of the scale, from 0; `None` for units at the list price, in no tier.
        quantity: units of the part.
        amount: what they cost, the flat amount of the tier included.
        charged_quantity: how many things were charged: units, or started packages, or 1 for a block.

    >>> from decimal import Decimal
    >>> from salesmgmt.cpq.pricing.scales.charge import TierPart
    >>> TierPart(0, Decimal(5), Decimal(35), Decimal(5)).amount
    Decimal('35')
    """

    tier: int | None
    quantity: Decimal
    amount: Decimal
    charged_quantity: Decimal


@attrs.frozen
class Charge:
    """What a quantity costs by a scale: exact to 34 digits, not rounded.

    Attributes:
        amount: the whole, the sum of the parts.
        quantity: the units it is for.
        unit_amount: what a unit costs: the rate of the tier when that alone makes the amount, else
            `amount / quantity`; `None` for no units at no rate.
        tier: the tier that was reached, from 0; `None` when none was.
        percent_off: what is taken off the list price, where tiers give percentages; of a graduated scale on average.
        charged_quantity: how many things were charged: units, or started packages, or 1 for a block.

    >>> from salesmgmt.cpq.pricing.scales.scale import Scale, ScaleType
    >>> from salesmgmt.cpq.pricing.scales.tier import Tier
    >>> scale = Scale(scale_type="graduated", tiers=[Tier(upper=10, unit_amount=7), Tier(unit_amount=6)])
    >>> charge = scale.charge(15)
    >>> charge.amount, charge.tier, [part.amount for part in charge.parts]
    (Decimal('100'), 1, [Decimal('70'), Decimal('30')])
    """

    amount: Decimal
    quantity: Decimal
    unit_amount: Decimal | None
    tier: int | None
    percent_off: Percent | None
    charged_quantity: Decimal
    _parts: tuple[TierPart, ...] | None = None

    @property
    def parts(self) -> tuple[TierPart, ...]:
        """What each tier charges, in their order; empty when a quantity of zero enters none."""
        if self._parts is not None:
            return self._parts
        return (TierPart(self.tier, self.quantity, self.amount, self.charged_quantity),)


@attrs.frozen
class OutOfScale:
    """A quantity for which a scale has no price. That is a result of its own, and never a price of zero.

    Attributes:
        found: the quantity that decides the tier.
        wanted: for which quantities the scale has a price, nearest to it.
        code: (class) `no_price`.

    >>> from salesmgmt.cpq.pricing.scales.scale import Scale
    >>> from salesmgmt.cpq.pricing.scales.tier import Tier
    >>> print(Scale(tiers=[Tier(lower=1, upper=50, unit_amount=7)]).charge(50))
    no price for 50; wanted: from 1 to below 50
    """

    code: ClassVar[str] = "no_price"

    found: Decimal
    wanted: str

    def __str__(self) -> str:
        return f"no price for {self.found:f}; wanted: {self.wanted}"
