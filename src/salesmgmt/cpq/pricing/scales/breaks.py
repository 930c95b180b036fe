"""Hints at the bounds of a scale: what more units would cost, and where a total falls as the quantity rises."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.core.exact import Number, add, exact, subtract
from salesmgmt.cpq.pricing.scales.charge import Charge, OutOfScale

if TYPE_CHECKING:
    from salesmgmt.cpq.pricing.scales.scale import Scale


@attrs.frozen(kw_only=True)
class NextBreak:
    """What reaches the next tier of a scale.

    Attributes:
        tier: that tier, from 0.
        reached: the number on the basis that is needed.
        more: how much is missing.
        charge: what the line costs with that many units more; `None` on a basis other than the quantity.
        change: by how much the amount of the line changes then, negative when it falls; `None` without one of the two.

    >>> from salesmgmt.cpq.pricing.scales.scale import Scale
    >>> from salesmgmt.cpq.pricing.scales.tier import Tier
    >>> scale = Scale(tiers=[Tier(upper=20, unit_amount=10), Tier(unit_amount=9)])
    >>> print(scale.next_break(18))
    2 more reach tier 1 at 20: 180
    """

    tier: int
    reached: Decimal
    more: Decimal
    charge: Charge | None
    change: Decimal | None

    def __str__(self) -> str:
        amount = "" if self.charge is None else f": {self.charge.amount:f}"
        return f"{self.more:f} more reach tier {self.tier} at {self.reached:f}{amount}"


@attrs.frozen(kw_only=True)
class Cliff:
    """Two quantities next to each other of which the larger one costs less.

    Attributes:
        quantity: the last one before the bound.
        amount: what it costs.
        next_quantity: the first one in the next tier.
        next_amount: what that costs.

    >>> from decimal import Decimal
    >>> from salesmgmt.cpq.pricing.scales.breaks import Cliff
    >>> print(Cliff(quantity=Decimal(9), amount=Decimal(90), next_quantity=Decimal(10), next_amount=Decimal(80)))
    9 cost 90, 10 cost 80
    """

    quantity: Decimal
    amount: Decimal
    next_quantity: Decimal
    next_amount: Decimal

    def __str__(self) -> str:
        return f"{self.quantity:f} cost {self.amount:f}, {self.next_quantity:f} cost {self.next_amount:f}"


def next_break(
    scale: Scale,
    quantity: Number,
    *,
    basis: Number | None,
    reached: Number | None,
    list_price: Number | None,
    step: Number,
) -> NextBreak | None:
    """See `Scale.next_break`."""
    stride = _stride(step)
    units = exact(quantity)
    own = units if basis is None else exact(basis)
    total = own if reached is None else exact(reached)
    for band, first in scale.firsts(stride):
        if first <= total:
            continue
        more = subtract(first, total)
        then: Charge | OutOfScale | None = None
        if scale.basis == "quantity":
            then = scale.charge(add(units, more), basis=add(own, more), reached=first, list_price=list_price)
        now = scale.charge(units, basis=own, reached=total, list_price=list_price)
        charge = then if isinstance(then, Charge) else None
        change = None
        if charge is not None and isinstance(now, Charge):
            change = subtract(charge.amount, now.amount)
        return NextBreak(tier=band.index, reached=first, more=more, charge=charge, change=change)
    return None


def cliffs(scale: Scale, *, list_price: Number | None, step: Number) -> tuple[Cliff, ...]:
    """See `Scale.cliffs`."""
    stride = _stride(step)
    found = []
    for _, first in scale.firsts(stride):
        last = subtract(first, stride)
        if last <= 0:
            continue
        before, after = (scale.charge(at, list_price=list_price) for at in (last, first))
        if isinstance(before, Charge) and isinstance(after, Charge) and after.amount < before.amount:
            found.append(
                Cliff(quantity=last, amount=before.amount, next_quantity=first, next_amount=after.amount)
            )
    return tuple(found)


def _stride(step: Number) -> Decimal:
    stride = exact(step)
    if stride <= 0:
        raise InvalidInput(
            "step of a scale", [Problem("step", "not_positive", f"{stride:f}", "more than zero")]
        )
    return stride
