"""Whether a document has what a promotion or voucher asks for."""

from __future__ import annotations

from decimal import Decimal

import attrs

from salesmgmt.core.exact import Number, exact
from salesmgmt.core.money import Money
from salesmgmt.cpq.pricing.promotions.line_filter import EVERYTHING, LineFilter
from salesmgmt.cpq.pricing.promotions.refusals import MinimumAmount, MinimumQuantity
from salesmgmt.cpq.pricing.tax_basis import TaxBasis


def _quantity(value: Number | None) -> Decimal | None:
    return None if value is None else exact(value, "a quantity")


@attrs.frozen(kw_only=True)
class PromotionCondition:
    """What a document must have. The threshold itself is enough.

    Attributes:
        min_quantity: units of the lines in `of`.
        min_amount: value of the lines in `of`.
        amount_is: whether `min_amount` is without or with tax; `None` for what the policy says.
        of: the lines that count; when it names some, at least one unit of them must be there.
        formula: a condition on the facts of customer and document, evaluated by the host; empty for none.
    """

    min_quantity: Decimal | None = attrs.field(default=None, converter=_quantity)
    min_amount: Money | None = None
    amount_is: TaxBasis | None = None
    of: LineFilter = EVERYTHING
    formula: str = ""


ALWAYS = PromotionCondition()
"""No condition."""


def unmet(
    condition: PromotionCondition, *, quantity: Number | None = None, amount: Money | None = None
) -> MinimumQuantity | MinimumAmount | None:
    """Which minimum of a condition is not reached; `None` when all are. The threshold itself is enough.

    Args:
        condition: the minimums.
        quantity: units that count; a minimum quantity is not tested without it.
        amount: value that counts, with or without tax as the condition states; not tested without it.

    Raises:
        CurrencyMismatch: the minimum amount is in another currency.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing.promotions import PromotionCondition
    >>> from salesmgmt.cpq.pricing.promotions.condition import unmet
    >>> voucher = PromotionCondition(min_amount=Money(7, "EUR"))
    >>> unmet(voucher, amount=Money(5, "EUR"))
    MinimumAmount(found=Money('5', 'EUR'), wanted=Money('7', 'EUR'))
    >>> unmet(voucher, amount=Money(7, "EUR")) is None
    True
    """
    if quantity is not None:
        units = exact(quantity, "a quantity")
        if condition.min_quantity is not None and units < condition.min_quantity:
            return MinimumQuantity(found=units, wanted=condition.min_quantity)
        if not units and not condition.of.is_everything:
            return MinimumQuantity(found=units, wanted=Decimal(1))
    if amount is not None and condition.min_amount is not None and amount < condition.min_amount:
        return MinimumAmount(found=amount, wanted=condition.min_amount)
    return None
