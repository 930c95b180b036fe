"""Cutting a quantity at the bounds of a graduated scale."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from salesmgmt.core.exact import add, divide, multiply, subtract
from salesmgmt.cpq.pricing.scales._bands import ZERO, Band
from salesmgmt.cpq.pricing.scales.charge import TierPart
from salesmgmt.cpq.pricing.scales.policies import PartialPackage


class Section(NamedTuple):
    """A part of the axis in one tier.

    Attributes:
        tier: which, from 0; `None` for none.
        quantity: how long it is.
        by_units: what its units cost.
        once: what is charged for entering the tier.
        charged: how many units or packages are charged.
    """

    tier: int | None
    quantity: Decimal
    by_units: Decimal
    once: Decimal
    charged: Decimal

    def part(self) -> TierPart:
        """What it costs in all."""
        amount = add(self.by_units, self.once) if self.once else self.by_units
        return TierPart(self.tier, self.quantity, amount, self.charged)

    def of_line(self, units: Decimal, width: Decimal, own: Decimal, once_of: Decimal) -> TierPart:
        """What of it falls on a line: `units / width` of what units cost, `own / once_of` of what is charged once."""
        amount = share(self.by_units, units, width)
        if self.once:
            amount = add(amount, share(self.once, own, once_of))
        return TierPart(
            self.tier, share(self.quantity, units, width), amount, share(self.charged, units, width)
        )


def share(whole: Decimal, part: Decimal, of: Decimal) -> Decimal:
    """The share `part / of` of a number, exact to 34 digits."""
    return whole if part == of else divide(multiply(whole, part), of)


def sections(
    bands: tuple[Band, ...],
    begin: Decimal,
    end: Decimal,
    price: Decimal | None,
    partial: PartialPackage,
    *,
    overage: bool,
) -> Iterator[Section]:
    """Cut what lies between two points of the axis at the bounds of the tiers.

    Args:
        bands: the tiers.
        begin: where it begins, zero or more.
        end: where it ends, more than that.
        price: the list price of a unit.
        partial: what a package costs that is not full.
        overage: whether the last tier charges overage beyond its end.
    """
    at = ZERO  # up to here, every unit has its section
    for band in bands:
        low = max(at, band.start)
        if low >= end:
            break
        if low > at and low > begin:
            yield _uncovered(subtract(low, max(at, begin)), price)
        top = band.end
        if top is None or end < top:
            top = end
        at = max(low, top)
        if top <= low or top <= begin:
            continue
        by_units, charged = band.units(subtract(top, low), price, partial)
        if begin > low:
            less, less_charged = band.units(subtract(begin, low), price, partial)
            yield Section(
                band.index,
                subtract(top, begin),
                subtract(by_units, less),
                ZERO,
                subtract(charged, less_charged),
            )
        else:
            yield Section(band.index, subtract(top, low), by_units, band.tier.flat_amount or ZERO, charged)
    if at < end:
        rest = subtract(end, max(at, begin))
        last = bands[-1]
        if overage and at == last.end:
            by_units = multiply(last.tier.overage_unit or ZERO, rest)
            yield Section(last.index, rest, by_units, ZERO, rest)
        else:
            yield _uncovered(rest, price)


def _uncovered(quantity: Decimal, price: Decimal | None) -> Section:
    return Section(None, quantity, multiply(price or ZERO, quantity), ZERO, quantity)
