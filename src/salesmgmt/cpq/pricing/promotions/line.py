"""A line of a document, as promotions see it."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

import attrs

from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.core.exact import Number, exact
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent


class LineKind(StrEnum):
    """What a line charges for."""

    GOODS = "goods"
    """What is bought."""
    SHIPPING = "shipping"
    """Its delivery: beside goods, outside of every condition and benefit that does not name it."""


def _quantity(value: Number) -> Decimal:
    return exact(value, "the quantity of a line")


@attrs.frozen(kw_only=True)
class PromotionLine:
    """One line before promotions.

    Attributes:
        id: its name, once on a document.
        product: what is sold, empty when it does not matter.
        categories: every category that the product is in, those above it included.
        kind: goods or shipping.
        quantity: units; whole ones are counted, all of them are measured.
        amount: of the whole line.
        discountable: whether a promotion may take from it; it counts for conditions all the same.
        tax_percent: rate of the tax on it.
        tax_group: name under which discounts are added up; lines of one rate may be in several groups.

    Raises:
        InvalidInput: the quantity or the tax is below zero.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing.promotions import PromotionLine
    >>> PromotionLine(id="1", product="chair", quantity=4, amount=Money("66.00", "EUR")).discountable
    True
    """

    id: str
    product: str = ""
    categories: tuple[str, ...] = ()
    kind: LineKind = LineKind.GOODS
    quantity: Decimal = attrs.field(default=Decimal(1), converter=_quantity)
    amount: Money
    discountable: bool = True
    tax_percent: Percent = Percent(0)
    tax_group: str = ""

    def __attrs_post_init__(self) -> None:
        problems = [
            Problem(name, "out_of_bounds", f"{value:f}", "zero or more")
            for name, value in (("quantity", self.quantity), ("tax_percent", self.tax_percent.points))
            if value < 0
        ]
        if problems:
            raise InvalidInput(f"line {self.id}", problems)
