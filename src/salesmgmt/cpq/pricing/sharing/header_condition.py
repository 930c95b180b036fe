"""Header condition: an amount or percentage that is entered once for a document and lands on its items."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import attrs

from salesmgmt.core.exact import CONTEXT, WIDE, OutOfRange
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.rounding import Rounding
from salesmgmt.cpq.pricing.sharing.distribution import (
    AllocationPolicy,
    RemainderTo,
    TieTo,
    common_currency,
    distribute,
    place_difference,
)
from salesmgmt.cpq.pricing.sharing.document_discount import require_one

TO_LARGEST = AllocationPolicy(remainder=RemainderTo.LARGEST_PART, tie=TieTo.LAST)
"""The remainder to the largest share, the last line where several are."""


class HeaderMode(StrEnum):
    """How a header condition lands on the items.

    >>> from salesmgmt.cpq.pricing.sharing.header_condition import HeaderMode
    >>> HeaderMode("each_item").name
    'EACH_ITEM'
    """

    EACH_ITEM = "each_item"
    """Every item gets the whole amount, or the percentage of its own value, rounded by itself: 90 on three items is 270."""
    DISTRIBUTED = "distributed"
    """The amount, or the percentage of all values, is rounded once and shared by value: 90 on three items is 90."""
    GROUP = "group"
    """As `distributed`, but each item's own result is rounded, and what is missing to the rounded total goes to one item."""


@attrs.frozen(kw_only=True)
class HeaderCondition:
    """A condition of a whole document, signed: a discount is below zero, a freight above.

    Attributes:
        percent: of the values of the items.
        amount: or an amount.
        mode: how it lands on the items.
        allocation: where the remainder of the shares, or the difference of a group, goes; by default to the item with
            the largest value, of equal ones the last.

    Raises:
        InvalidInput: neither percent nor amount, or both.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing.sharing.header_condition import HeaderCondition
    >>> HeaderCondition(amount=Money(90, "EUR")).mode.value
    'distributed'
    """

    percent: Percent | None = None
    amount: Money | None = None
    mode: HeaderMode = attrs.field(default=HeaderMode.DISTRIBUTED, converter=HeaderMode)
    allocation: AllocationPolicy = TO_LARGEST

    def __attrs_post_init__(self) -> None:
        require_one("a header condition", self.percent, self.amount)


@attrs.frozen(kw_only=True)
class HeaderShares:
    """What a header condition does to the items.

    Attributes:
        total: on all items; the parts add up to it.
        parts: on each item.
        difference: what was placed by the allocation: the total less the items' own rounded results.
    """

    total: Money
    parts: tuple[Money, ...]
    difference: Money


def apply_header_condition(
    items: Sequence[Money], condition: HeaderCondition, *, rounding: Rounding | None = None
) -> HeaderShares:
    """Put a header condition on items.

    Args:
        items: the values of the items that take part, of one currency; where an amount is shared, none below zero.
        condition: what is put on them.
        rounding: of each result; `None` to round nothing.

    Raises:
        InvalidAllocation: no items, or an amount is to be shared among items below zero.
        CurrencyMismatch: amounts of different currencies.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.core.rounding import Rounding
    >>> from salesmgmt.cpq.pricing.sharing.header_condition import HeaderCondition, apply_header_condition
    >>> items, cents = [Money("4.18", "EUR")] * 2, Rounding("half_up", "0.01")
    >>> group = apply_header_condition(items, HeaderCondition(percent=Percent(20), mode="group"), rounding=cents)
    >>> str(group.total), [str(part.amount) for part in group.parts], str(group.difference)
    ('1.67 EUR', ['0.84', '0.83'], '-0.01 EUR')
    """
    code = common_currency(items)
    base = Money.total(items, code)
    own = [_rounded(_own(item, base, len(items), condition), rounding) for item in items]
    rounded_sum = Money.total(own, code)
    if condition.mode is HeaderMode.EACH_ITEM:
        return HeaderShares(total=rounded_sum, parts=tuple(own), difference=Money.zero(code))
    raw = base * condition.percent if condition.percent is not None else condition.amount
    total = _rounded(raw or Money.zero(code), rounding)
    difference = total - rounded_sum
    weights = [item.amount for item in items]
    if condition.mode is HeaderMode.GROUP and rounding is not None:
        sign = -1 if total.amount < 0 else 1
        shares = place_difference(
            [(part * sign).amount for part in own],
            (difference * sign).amount,
            weights,
            policy=condition.allocation,
        )
        parts = tuple(Money(share, code) * sign for share in shares)
    else:
        unit = None if rounding is None else rounding.increment
        shares = distribute(total.amount, weights, policy=condition.allocation, unit=unit)
        parts = tuple(Money(share, code) for share in shares)
    return HeaderShares(total=total, parts=parts, difference=difference)


def _own(item: Money, base: Money, count: int, condition: HeaderCondition) -> Money:
    """What the condition is on one item alone, exactly."""
    if condition.percent is not None:
        return item * condition.percent
    amount = condition.amount or Money.zero(base.currency)
    if condition.mode is HeaderMode.EACH_ITEM:
        return amount
    if not base:
        return amount / count
    try:
        share = WIDE.divide(WIDE.multiply(amount.amount, item.amount), base.amount)
        return Money(CONTEXT.plus(share), amount.currency)
    except ArithmeticError:
        raise OutOfRange from None


def _rounded(amount: Money, rounding: Rounding | None) -> Money:
    return amount if rounding is None else rounding.apply(amount)
