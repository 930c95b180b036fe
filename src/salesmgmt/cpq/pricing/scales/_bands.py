"""The tiers of a scale with all bounds filled in, ready to be looked up and priced."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_UP, Decimal

import attrs

from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.core.exact import CONTEXT, OutOfRange, add, divide, multiply, subtract
from salesmgmt.cpq.pricing.scales.policies import Boundary, Counting, PartialPackage
from salesmgmt.cpq.pricing.scales.tier import Tier

ZERO = Decimal(0)
ONE = Decimal(1)


@attrs.frozen
class Band:
    """A tier with its bounds.

    Attributes:
        index: of the tier in its scale.
        tier: what it charges.
        lower: where it begins.
        upper: where it ends; `None` for never.
        start: units before its first, where the tiers of a graduated scale cut.
        end: units up to its last; `None` for no last.
        factor: what a percentage leaves of the list price.
        simple: the unit price when nothing else decides the amount.
    """

    index: int
    tier: Tier
    lower: Decimal
    upper: Decimal | None
    start: Decimal
    end: Decimal | None
    factor: Decimal
    simple: Decimal | None

    def unit_price(self, list_price: Decimal | None) -> Decimal | None:
        """What a unit costs, `None` when units cost nothing by themselves."""
        tier = self.tier
        if tier.unit_amount is not None:
            return tier.unit_amount
        if tier.percent is None and tier.amount_off is None:
            return None
        if list_price is None:
            wanted = "the list price of a unit, which the tier takes off from"
            raise InvalidInput("charge of a scale", [Problem("list_price", "missing", None, wanted)])
        if tier.amount_off is not None:
            return subtract(list_price, tier.amount_off)
        return multiply(list_price, self.factor)

    def units(
        self, quantity: Decimal, list_price: Decimal | None, partial: PartialPackage
    ) -> tuple[Decimal, Decimal]:
        """What units cost by themselves, without flat amount and overage, and how many things were charged."""
        size, amount = self.tier.package_size, self.tier.package_amount
        if size is not None and amount is not None:
            packages = divide(quantity, size)
            if partial is not PartialPackage.PRORATED:
                how = ROUND_UP if partial is PartialPackage.FULL else ROUND_DOWN
                packages = _whole_quotient(quantity, size, how)
            return multiply(packages, amount), packages
        price = self.unit_price(list_price)
        if price is None:
            return ZERO, ONE
        return multiply(price, quantity), quantity

    def first(self, step: Decimal, boundary: Boundary, *, graduated: bool) -> Decimal:
        """The smallest multiple of a step whose last unit is in the tier."""
        if graduated:
            return _multiple_above(self.start, step)
        if boundary is Boundary.UPPER_INCLUSIVE:
            return _multiple_above(self.lower, step)
        return multiply(_whole_quotient(self.lower, step, ROUND_CEILING), step)


def bands_of(
    tiers: tuple[Tier, ...], boundary: Boundary, counting: Counting, *, open_end: bool
) -> tuple[Band, ...]:
    """Fill in the bounds; `open_end` lets the last tier last for ever."""
    gap = ONE if boundary is Boundary.BOTH_INCLUSIVE else ZERO
    bands: list[Band] = []
    numbered = boundary is Boundary.BOTH_INCLUSIVE or (
        counting is Counting.UNITS and boundary is Boundary.LOWER_INCLUSIVE
    )
    before: Decimal | None = None
    for index, tier in enumerate(tiers):
        lower = tier.lower
        if lower is None:
            lower = ZERO if before is None else add(before, gap)
        following = tiers[index + 1].lower if index + 1 < len(tiers) else None
        upper = tier.upper
        if upper is None and following is not None:
            upper = subtract(following, gap)
        if open_end and index + 1 == len(tiers):
            upper = None
        before = upper
        start = max(subtract(lower, ONE), ZERO) if numbered else lower
        end = upper
        if upper is not None and numbered and boundary is Boundary.LOWER_INCLUSIVE:
            end = max(subtract(upper, ONE), ZERO)
        bands.append(
            Band(
                index=index,
                tier=tier,
                lower=lower,
                upper=upper,
                start=start,
                end=end,
                factor=ONE if tier.percent is None else subtract(ONE, tier.percent.ratio),
                simple=tier.unit_amount if tier.flat_amount is None else None,
            )
        )
    return tuple(bands)


def _whole_quotient(number: Decimal, divisor: Decimal, how: str) -> Decimal:
    """How often a divisor goes into a number, made whole; exact, where a rounded quotient would not be."""
    try:
        whole, rest = CONTEXT.divmod(number, divisor)
    except ArithmeticError:
        raise OutOfRange from None
    if not rest or how == ROUND_DOWN:
        return whole
    if number > 0:
        return add(whole, ONE)
    return subtract(whole, ONE) if how == ROUND_UP else whole


def _multiple_above(number: Decimal, step: Decimal) -> Decimal:
    return multiply(add(_whole_quotient(number, step, ROUND_DOWN), ONE), step)
