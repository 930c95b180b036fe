"""The amount of one line, and where on the way it is rounded."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

import attrs

from salesmgmt.core.exact import CONTEXT, Number, exact
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.rounding import Rounding

_NOTHING = Percent(0)


class RoundAt(StrEnum):
    """What is rounded; systems differ, and the difference is whole cents.

    >>> from salesmgmt.cpq.pricing.line_amount import RoundAt
    >>> RoundAt("net_unit_price").name
    'NET_UNIT_PRICE'
    """

    LINE = "line"
    """The value of the line, once, at the end."""
    UNIT_PRICE = "unit_price"
    """The net price of a unit, before it is multiplied."""
    NET_UNIT_PRICE = "net_unit_price"
    """The value and the discount of the line, then the net price of a unit; the line is unit price times quantity
    (SAP Note 80183)."""


@attrs.frozen(kw_only=True)
class LineAmount:
    """What a line comes to.

    Attributes:
        gross: before the discount, without included tax.
        discount: what is taken off.
        net_before: gross less discount, before a rounded unit price changes it.
        net_unit: net price of a unit, rounded only where the policy says so.
        net: the amount of the line.
        difference: net less net_before: what rounding the unit price did.
    """

    gross: Money
    discount: Money
    net_before: Money
    net_unit: Money
    net: Money
    difference: Money


def line_amount(
    unit_price: Money,
    quantity: Number,
    *,
    percent_off: Percent = _NOTHING,
    tax_included: Percent = _NOTHING,
    at: RoundAt = RoundAt.LINE,
    rounding: Rounding | None = None,
) -> LineAmount:
    """Compute the amount of a line: price, less discount, less included tax, times quantity.

    Args:
        unit_price: of one unit, before the discount.
        quantity: in the unit of the price, not zero where the net unit price is rounded from the line.
        percent_off: discount on the price.
        tax_included: rate of the tax that the price contains and that is taken out.
        at: what is rounded.
        rounding: how; nothing is rounded when it is `None`.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.core.rounding import Rounding
    >>> from salesmgmt.cpq.pricing.line_amount import line_amount
    >>> cents = Rounding("half_up", "0.01")
    >>> str(line_amount(Money("6.75", "EUR"), 18, percent_off=Percent(5), rounding=cents).net)
    '115.43 EUR'
    >>> str(line_amount(Money("6.75", "EUR"), 18, percent_off=Percent(5), rounding=cents, at="unit_price").net)
    '115.38 EUR'
    """
    count = exact(quantity, "a quantity")
    kept = CONTEXT.subtract(Decimal(1), percent_off.ratio)
    untaxed = unit_price / CONTEXT.add(Decimal(1), tax_included.ratio)
    match RoundAt(at):
        case RoundAt.LINE:
            gross = _rounded(untaxed * count, rounding)
            # One division, last: the raw value is exact whenever the true one is.
            raw = unit_price * kept * count / CONTEXT.add(Decimal(1), tax_included.ratio)
            net = net_before = _rounded(raw, rounding)
            net_unit = untaxed * kept
        case RoundAt.UNIT_PRICE:
            gross = _rounded(untaxed, rounding) * count
            net_unit = _rounded(untaxed * kept, rounding)
            net = net_before = net_unit * count
        case RoundAt.NET_UNIT_PRICE:
            gross = _rounded(untaxed * count, rounding)
            net_before = gross - _rounded(gross * percent_off, rounding)
            net_unit = _rounded(net_before / count, rounding)
            net = net_unit * count
    return LineAmount(
        gross=gross,
        discount=gross - net_before,
        net_before=net_before,
        net_unit=net_unit,
        net=net,
        difference=net - net_before,
    )


def _rounded(amount: Money, rounding: Rounding | None) -> Money:
    return amount if rounding is None else rounding.apply(amount)
