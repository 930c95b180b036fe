"""What promotions did to a document: who took how much of which line, what is free, and who was refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cached_property

import attrs

from salesmgmt.core.exact import add, divide
from salesmgmt.core.money import Money
from salesmgmt.cpq.pricing.promotions.refusals import RefusalReason, Refused


@attrs.frozen(kw_only=True)
class PromotionDiscount:
    """What one promotion takes off one line.

    Attributes:
        promotion: its id.
        line: id of the line.
        amount: above zero, in the basis of the lines.
    """

    promotion: str
    line: str
    amount: Money


@attrs.frozen(kw_only=True)
class GivenUnits:
    """Units of a product that come on top.

    Attributes:
        promotion: id of the promotion that gives them.
        product: what is given.
        quantity: units.
    """

    promotion: str
    product: str
    quantity: Decimal


@attrs.frozen(kw_only=True)
class PromotionUse:
    """What has been used of a promotion, or of a coupon; the host keeps it.

    Attributes:
        amount: taken off so far; `None` for nothing.
        uses: documents so far.
        uses_of_customer: documents of this customer so far.

    >>> from salesmgmt.cpq.pricing.promotions import PromotionUse
    >>> (PromotionUse(uses=3) + PromotionUse(uses=1, uses_of_customer=1)).uses
    4
    """

    amount: Money | None = None
    uses: int = 0
    uses_of_customer: int = 0

    def __add__(self, other: PromotionUse) -> PromotionUse:
        amounts = [amount for amount in (self.amount, other.amount) if amount is not None]
        return PromotionUse(
            amount=Money.total(amounts, amounts[0].currency) if amounts else None,
            uses=self.uses + other.uses,
            uses_of_customer=self.uses_of_customer + other.uses_of_customer,
        )


@attrs.frozen(kw_only=True)
class LineAfter:
    """A line after promotions.

    Attributes:
        id: of the line.
        quantity: units.
        before: amount before promotions.
        after: amount after them.
        tax_group: its tax group.
    """

    id: str
    quantity: Decimal
    before: Money
    after: Money
    tax_group: str

    @property
    def discount(self) -> Money:
        """What was taken."""
        return self.before - self.after

    @property
    def unit_price(self) -> Money | None:
        """What a unit costs now, unrounded; the amount of the line is what counts. `None` without units."""
        if not self.quantity:
            return None
        return Money(divide(self.after.amount, self.quantity), self.after.currency)


@attrs.frozen(kw_only=True, slots=False)
class Promoted:
    """The answer of `apply_promotions`.

    Attributes:
        currency: of all amounts.
        lines: every line after promotions, in the order of the document.
        discounts: what each promotion takes off each line: in the order of promotions, then of lines.
        free: units on top.
        applied: ids of the promotions that apply, in order.
        refused: the others, with reasons.
        applications: how often each was given, by id.
        used: what this document uses of each promotion that applies, its amount in the basis of the policy; the host
            adds it to what it keeps.
        coupons_used: the same for coupons, by code.
        net_total: of the document after promotions, without tax.
        tax_total: tax on it.
    """

    currency: str
    lines: tuple[LineAfter, ...]
    discounts: tuple[PromotionDiscount, ...] = ()
    free: tuple[GivenUnits, ...] = ()
    applied: tuple[str, ...] = ()
    refused: tuple[Refused, ...] = ()
    applications: Mapping[str, int] = attrs.field(factory=dict, hash=False)
    used: Mapping[str, PromotionUse] = attrs.field(factory=dict, hash=False)
    coupons_used: Mapping[str, PromotionUse] = attrs.field(factory=dict, hash=False)
    net_total: Money
    tax_total: Money

    @property
    def gross_total(self) -> Money:
        """Of the document after promotions, with tax."""
        return self.net_total + self.tax_total

    @cached_property
    def total(self) -> Money:
        """The lines after promotions, in their own basis."""
        return Money.total([line.after for line in self.lines], self.currency)

    @cached_property
    def discount_total(self) -> Money:
        """Everything that was taken, in the basis of the lines."""
        return Money.total([discount.amount for discount in self.discounts], self.currency)

    @cached_property
    def by_line(self) -> Mapping[str, Money]:
        """What was taken off each line, every line named."""
        found = {line.id: Money.zero(self.currency) for line in self.lines}
        return _added(found, [(one.line, one.amount) for one in self.discounts])

    @cached_property
    def by_promotion(self) -> Mapping[str, Money]:
        """What each promotion that applies has taken."""
        found = {promotion: Money.zero(self.currency) for promotion in self.applied}
        return _added(found, [(one.promotion, one.amount) for one in self.discounts])

    @cached_property
    def by_promotion_and_line(self) -> Mapping[str, Mapping[str, Money]]:
        """What each promotion that applies has taken off which line."""
        found: dict[str, dict[str, Money]] = {promotion: {} for promotion in self.applied}
        for one in self.discounts:
            found[one.promotion][one.line] = one.amount
        return found

    @cached_property
    def by_tax_group(self) -> Mapping[str, Money]:
        """What was taken off the lines of each tax group."""
        groups = {line.id: line.tax_group for line in self.lines}
        found = {group: Money.zero(self.currency) for group in groups.values()}
        return _added(found, [(groups[one.line], one.amount) for one in self.discounts])

    @cached_property
    def free_quantity(self) -> Mapping[str, Decimal]:
        """Units on top by product."""
        found: dict[str, Decimal] = {}
        for units in self.free:
            found[units.product] = add(found.get(units.product, Decimal(0)), units.quantity)
        return found

    @cached_property
    def reasons(self) -> Mapping[str, RefusalReason]:
        """Why each refused promotion, or unknown code, does not apply."""
        return {refused.promotion: refused.reason for refused in self.refused}


def _added(found: dict[str, Money], amounts: Iterable[tuple[str, Money]]) -> dict[str, Money]:
    for key, amount in amounts:
        found[key] = found[key] + amount
    return found
