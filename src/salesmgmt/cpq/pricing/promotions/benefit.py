"""What a promotion gives."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeAlias

import attrs

from salesmgmt.core.errors import Problem
from salesmgmt.core.exact import Number, exact
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing.promotions._bounds import check_number
from salesmgmt.cpq.pricing.promotions.line_filter import EVERYTHING, LineFilter
from salesmgmt.cpq.pricing.promotions.policy import PercentBase, UnitOrder
from salesmgmt.cpq.pricing.tax_basis import TaxBasis


def _quantity(value: Number | None) -> Decimal | None:
    return None if value is None else exact(value, "a quantity")


def _percent(value: Percent | Number) -> Percent:
    return value if isinstance(value, Percent) else Percent(value)


def _units(value: Number) -> Decimal:
    return exact(value, "a quantity")


@attrs.frozen(kw_only=True)
class PercentOff:
    """A percentage off.

    Attributes:
        percent: from 0 to 100; a plain number is in percent, so that 10 is 10 %.
        base: of the first amount, or of what is left; `None` for what the policy says.
    """

    percent: Percent = attrs.field(converter=_percent)
    base: PercentBase | None = None


@attrs.frozen(kw_only=True)
class AmountOff:
    """An amount off, never more than is left.

    Attributes:
        amount: zero or more.
        amount_is: without or with tax; `None` for what the policy says.
    """

    amount: Money
    amount_is: TaxBasis | None = None


@attrs.frozen(kw_only=True)
class SetPrice:
    """The items together (or each unit, by scope) cost this much; never more than they would without it.

    Attributes:
        price: zero or more.
        amount_is: without or with tax; `None` for what the policy says.
    """

    price: Money
    amount_is: TaxBasis | None = None


@attrs.frozen(kw_only=True)
class CheapestFree:
    """The cheapest unit of the selected lines costs nothing, once for each application."""


@attrs.frozen(kw_only=True)
class FreeProduct:
    """Units of a product on top of the document, for points that its paid units earn.

    Every unit of the lines of the condition earns points; where the condition names no lines, those of the selection
    of the promotion, else those of the product itself. Free units earn nothing and are in no base.

    Attributes:
        product: what is given.
        quantity: units of one reward.
        points: what one reward costs.
        points_per_unit: what a paid unit earns; `None` when the document as a whole earns just one reward.

    >>> from salesmgmt.cpq.pricing.promotions import FreeProduct
    >>> FreeProduct(product="cabinet", points=3, points_per_unit=1).quantity
    Decimal('1')
    """

    product: str
    quantity: Decimal = attrs.field(default=Decimal(1), converter=_units)
    points: Decimal = attrs.field(default=Decimal(1), converter=_units)
    points_per_unit: Decimal | None = attrs.field(default=None, converter=_quantity)


@attrs.frozen(kw_only=True)
class BuyGet:
    """Buy so many units of one selection and get units of another one free, or cheaper.

    The dearest units of `buy` earn; no unit that earns is given.

    Attributes:
        buy: what is bought.
        buy_quantity: units that earn one application.
        get: what is given, of what stands on the document.
        get_quantity: units that one application gives.
        choose: which units of `get` come first; `None` for what the policy says.
        percent: what is taken off them.
    """

    buy: LineFilter = EVERYTHING
    buy_quantity: Decimal = attrs.field(default=Decimal(1), converter=_units)
    get: LineFilter = EVERYTHING
    get_quantity: Decimal = attrs.field(default=Decimal(1), converter=_units)
    choose: UnitOrder | None = None
    percent: Percent = Percent(100)


Benefit: TypeAlias = PercentOff | AmountOff | SetPrice | CheapestFree | FreeProduct | BuyGet
"""What a promotion gives; a TOML file names its class under `type`."""


def check_benefit(problems: list[Problem], benefit: Benefit) -> None:
    """Note the numbers of a benefit that are out of bounds."""
    if isinstance(benefit, PercentOff | BuyGet) and not 0 <= benefit.percent.points <= 100:
        problems.append(Problem("benefit.percent", "out_of_bounds", str(benefit.percent), "from 0% to 100%"))
    if isinstance(benefit, AmountOff):
        check_number(problems, "benefit.amount", benefit.amount.amount)
    if isinstance(benefit, SetPrice):
        check_number(problems, "benefit.price", benefit.price.amount)
    if isinstance(benefit, BuyGet):
        check_number(problems, "benefit.buy_quantity", benefit.buy_quantity, above_zero=True)
        check_number(problems, "benefit.get_quantity", benefit.get_quantity, above_zero=True)
    if isinstance(benefit, FreeProduct):
        check_number(problems, "benefit.quantity", benefit.quantity, above_zero=True)
        check_number(problems, "benefit.points", benefit.points, above_zero=True)
        check_number(problems, "benefit.points_per_unit", benefit.points_per_unit, above_zero=True)
