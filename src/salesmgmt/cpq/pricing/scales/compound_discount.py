"""A discount that grows with each unit, without tiers."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import attrs

from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.core.exact import CONTEXT, DIGITS, WIDE, Number, OutOfRange, exact
from salesmgmt.core.findings import Finding, Severity
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.rounding import Rounding

_POWER = WIDE.copy()
_POWER.prec = DIGITS + 16
"""Powers of exact numbers are mostly irrational; these digits are more than anybody sees."""


@attrs.frozen(kw_only=True)
class CompoundDiscount:
    """A discount by which `quantity` units cost `list price / quantity^(percent / 100)` each.

    Each doubling of the quantity takes the same share off: with 25 %, 15.9 %. Up to one unit costs the list price. The
    power is computed with 50 digits and the price is given to 34, with a relative error below 1e-33; round it.

    Attributes:
        percent: how fast it grows, from 0 %, which is no discount. At 100 % any quantity costs in total what one unit
            does, and above that less.

    Raises:
        InvalidInput: the percentage is negative, or more than 1000.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.core.rounding import Rounding
    >>> from salesmgmt.cpq.pricing.scales.compound_discount import CompoundDiscount
    >>> discount = CompoundDiscount(percent=Percent(25))
    >>> discount.unit_price(Money(100, "USD"), 5, rounding=Rounding("half_up", "0.01"))
    Money('66.87', 'USD')
    """

    percent: Percent

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.percent.points <= _STEEPEST:
            problem = Problem("percent", "out_of_range", str(self.percent), f"0% to {_STEEPEST}%")
            raise InvalidInput("compound discount", [problem])

    def unit_price(self, list_price: Money, quantity: Number, *, rounding: Rounding | None = None) -> Money:
        """The price of a unit when so many are bought.

        Args:
            list_price: of one unit.
            quantity: how many, above zero.
            rounding: how the price is rounded; `None` for not at all.

        Raises:
            InvalidInput: the quantity is not above zero.

        >>> from salesmgmt.core.money import Money
        >>> from salesmgmt.core.percent import Percent
        >>> from salesmgmt.cpq.pricing.scales.compound_discount import CompoundDiscount
        >>> CompoundDiscount(percent=Percent(50)).unit_price(Money(100, "USD"), 4)
        Money('50', 'USD')
        """
        count = exact(quantity, "a quantity")
        if count <= 0:
            problem = Problem("quantity", "not_positive", f"{count:f}", "more than zero")
            raise InvalidInput("compound discount", [problem])
        if count <= 1 or not self.percent:
            price = list_price
        else:
            try:
                power = _POWER.power(count, self.percent.ratio)
                price = Money(
                    CONTEXT.divide(list_price.amount, power).normalize(CONTEXT), list_price.currency
                )
            except ArithmeticError:
                raise OutOfRange from None
        return price if rounding is None else price.rounded(rounding)

    def findings(self, where: str) -> Iterator[Finding]:
        """Yield what looks wrong in the discount; `where` is its place in the reader's terms.

        >>> from salesmgmt.core.percent import Percent
        >>> from salesmgmt.cpq.pricing.scales.compound_discount import CompoundDiscount
        >>> print(*CompoundDiscount(percent=Percent(120)).findings("discounts.router"))
        warning total_falls at discounts.router: with 120% more units cost less in total; ...
        """
        if self.percent > _ALL:
            yield Finding(
                code="total_falls",
                where=where,
                message=f"with {self.percent} more units cost less in total",
                hint="stay below 100%",
                severity=Severity.WARNING,
            )


_ALL = Percent(100)
_STEEPEST = Decimal(1000)
