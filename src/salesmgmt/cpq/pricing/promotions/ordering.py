"""The order of promotions."""

from __future__ import annotations

from collections.abc import Iterable

from salesmgmt.cpq.pricing.promotions.policy import PromotionOrder
from salesmgmt.cpq.pricing.promotions.promotion import Promotion


def ordered(
    promotions: Iterable[Promotion], order: PromotionOrder = PromotionOrder.PRIORITY_DESCENDING
) -> tuple[Promotion, ...]:
    """Put promotions in the order in which they apply; equal ones stay as listed.

    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.cpq.pricing.promotions import PercentOff, Promotion
    >>> from salesmgmt.cpq.pricing.promotions.ordering import ordered
    >>> tenth = PercentOff(percent=Percent(10))
    >>> found = ordered([Promotion(id="a", benefit=tenth), Promotion(id="b", benefit=tenth, priority=7)])
    >>> [promotion.id for promotion in found]
    ['b', 'a']
    """
    if order == PromotionOrder.LISTED:
        return tuple(promotions)
    sign = -1 if order == PromotionOrder.PRIORITY_DESCENDING else 1
    return tuple(sorted(promotions, key=lambda promotion: sign * promotion.priority))
