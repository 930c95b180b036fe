"""How often a promotion is given on one document."""

from __future__ import annotations

from decimal import Decimal

from salesmgmt.core.exact import add, divide, multiply, subtract
from salesmgmt.cpq.pricing.promotions._document import ZERO, Document, added
from salesmgmt.cpq.pricing.promotions._units import whole
from salesmgmt.cpq.pricing.promotions.policy import Applications, Minimums, PromotionPolicy
from salesmgmt.cpq.pricing.promotions.promotion import Promotion

_ONE = Decimal(1)


def earned(promotion: Promotion, document: Document, policy: PromotionPolicy, least: Decimal) -> Decimal:
    """How often a promotion is given whose every application uses up the units of its condition."""
    limit = promotion.max_applications
    if limit is None and policy.applications == Applications.ONCE:
        limit = 1
    minimum, least_amount = promotion.condition.min_quantity, promotion.condition.min_amount
    units = added(document.units(line) for line in document.matching(promotion.condition.of))
    count: Decimal | None = None
    if minimum:
        count = max(_ONE, whole(divide(units, max(minimum, least)))) if units >= minimum else ZERO
    if least_amount:
        by_value = min(_earned_by_value(promotion, document, policy), whole(divide(units, max(_ONE, least))))
        count = max(_ONE, by_value) if count is None else min(count, max(_ONE, by_value))
    if count is None:
        return Decimal(1 if limit is None else limit)
    return count if limit is None else min(count, Decimal(limit))


def _earned_by_value(promotion: Promotion, document: Document, policy: PromotionPolicy) -> Decimal:
    """How many times the units of a condition reach its minimum amount, the dearest first, none of them twice."""
    condition = promotion.condition
    least = ZERO if condition.min_amount is None else condition.min_amount.amount
    basis = document.basis if condition.amount_is is None else condition.amount_is
    remaining = policy.minimums == Minimums.REMAINING
    prices = sorted(
        (
            (document.amount_in(basis, run.line, run.value if remaining else run.price), run.units)
            for run in document.runs(document.matching(condition.of))
        ),
        reverse=True,
    )
    count, missing = ZERO, least
    for price, there in prices:
        if price <= 0:
            break
        units = there
        if missing < least:
            used = min(units, _up(divide(missing, price)))
            missing = subtract(missing, multiply(used, price))
            units = subtract(units, used)
            if missing > 0:
                continue
            count, missing = add(count, _ONE), least
        each = _up(divide(least, price))
        many = whole(divide(units, each))
        count = add(count, many)
        missing = subtract(least, multiply(subtract(units, multiply(many, each)), price))
    return count


def _up(number: Decimal) -> Decimal:
    return whole(number.copy_negate()).copy_negate()


def idle_applications(
    promotion: Promotion, document: Document, policy: PromotionPolicy, lines: list[int]
) -> int:
    """Applications counted while units of the condition are there: the first one uses up every unit it discounts."""
    limit = promotion.max_applications
    if limit is None and policy.applications == Applications.ONCE:
        limit = 1
    minimum = promotion.condition.min_quantity
    count = 1
    if minimum:
        counted = document.matching(promotion.condition.of)
        discounted = set(lines)
        units = added(document.units(line) for line in counted)
        both = added(document.units(line) for line in counted if line in discounted)
        count += max(0, int(whole(divide(subtract(units, max(minimum, both)), minimum))))
    return count if limit is None else min(count, limit)
