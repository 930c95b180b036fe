"""Rules that only set a price or take a percentage off: applied to the amount of a line at once.

Most price lists hold nothing else, and their answer is the same as that of the price book, in a tenth of the time.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from salesmgmt.core.exact import multiply, subtract
from salesmgmt.cpq.pricing._draft import DraftLine
from salesmgmt.cpq.pricing.calculation import Calculation
from salesmgmt.cpq.pricing.price_lists.book import PriceBook
from salesmgmt.cpq.pricing.price_lists.policy import Combination, PriceListPolicy, Uplift, WithoutRule
from salesmgmt.cpq.pricing.price_lists.price_list import PriceList
from salesmgmt.cpq.pricing.price_lists.price_rule import BasePrice, PriceRule, Reference, RuleStep
from salesmgmt.cpq.pricing.selection.order import Criterion
from salesmgmt.cpq.pricing.selection.selection import Tied
from salesmgmt.cpq.pricing.trace import Aside, StepKind, StoodAside

_ZERO = Decimal(0)
_ONE = Decimal(1)
_HUNDRED = Decimal(100)
_HUNDREDTH = Decimal("0.01")

Effect: TypeAlias = tuple[Decimal | None, Decimal, Decimal]
"""A fixed price and nothing, or `None`, what is left of one, and the signed percentage points."""


def is_plain(definition: PriceList, policy: PriceListPolicy) -> bool:
    """Whether each line can be priced by itself, by one rule."""
    return (
        policy.combination is Combination.FIRST_ALONE
        and policy.without_rule is WithoutRule.LIST_PRICE
        and Criterion.BEST_PRICE not in policy.order.criteria
        and not definition.based_on
        and not any(rule.needs_document or rule.apply_to or rule.free_product for rule in definition.rules)
    )


class PlainRules:
    """A plain price list, its simple rules ready to be applied."""

    __slots__ = ("_effects", "_is_reference_read", "_keeps_reference", "_selection", "currency")

    def __init__(self, definition: PriceList, book: PriceBook, *, is_reference_read: bool) -> None:
        self.currency = definition.currency
        self._is_reference_read = is_reference_read
        self._selection = book.selection(definition.id)
        self._keeps_reference = book.lists.policy.uplift is not Uplift.IN_REFERENCE
        self._effects: dict[str, Effect] = {
            rule.id: effect for rule in definition.rules if (effect := effect_of(rule)) is not None
        }

    def price(self, step: str, one: DraftLine, at: datetime, *, tells: bool = False) -> bool:
        """Put a line at its price; says whether that could be done here.

        Args:
            step: id of the step.
            one: the line.
            at: the instant, in UTC.
            tells: whether rules that lost are told.
        """
        quantity = one.quantity
        if quantity is not one.line.quantity:  # it was given in another unit
            return False
        found = self._selection.choose(one.facts, quantity, one.uom, at, passed_over=tells)
        is_first = one.gross is None
        if found is None:
            if not is_first and (self._is_reference_read or one.steps is not None):
                one.name_amount("reference", one.running)
            return not is_first
        if type(found) is Tied:
            return False
        rule: PriceRule = found.rule  # type: ignore[union-attr]  # a tie was handled
        effect = self._effects.get(rule.id)
        if effect is None or (is_first and effect[0] is None):
            return False
        fixed, kept, _ = effect
        before = one.running
        amount = multiply(before, kept) if fixed is None else multiply(fixed, quantity)
        if self._is_reference_read or one.steps is not None:
            is_above = before < amount and not self._keeps_reference
            one.name_amount("reference", amount if is_first or is_above else before)
        if one.steps is None:
            one.running = amount
        else:
            self._tell(step, one, rule.id, effect, amount)
        for lost in found.passed_over:  # type: ignore[union-attr]  # as above
            aside = StoodAside(code=Aside.PASSED_OVER, by=lost.winner, detail=lost.criterion.value)
            one.skip(step, lost.rule, aside)
        if is_first:
            one.list_amount = amount
        one.gross = one.running
        one.unit_price = multiply(one.unit_price, kept) if fixed is None else fixed
        return True

    def kept(self, rules: tuple[str, ...]) -> Decimal | None:
        """What is left of a price when one simple rule that takes a percentage off decides alone; else `None`."""
        effect = self._effects.get(rules[0]) if len(rules) == 1 else None
        return None if effect is None or effect[0] is not None else effect[1]

    def _tell(self, step: str, one: DraftLine, rule: str, effect: Effect, amount: Decimal) -> None:
        """Take the step and write it down."""
        fixed, _, points = effect
        before, quantity = one.running, one.quantity
        raw = subtract(amount, before) if before else amount
        if fixed is None:
            one.change(step, StepKind.PRICE_LIST, rule, Calculation.PERCENT_COMPOUND, raw, value=points)
        else:
            one.change(
                step, StepKind.PRICE_LIST, rule, Calculation.SET_PRICE, raw, value=fixed, quantity=quantity
            )


def effect_of(rule: PriceRule) -> Effect | None:
    """What a simple rule does; `None` for any other."""
    if rule.uom or rule.per_quantity != 1 or rule.reference is not Reference.BASE:
        return None
    if rule.used_steps == {RuleStep.PRICE} and rule.price is not None and rule.price >= 0:
        return rule.price, _ZERO, _ZERO
    off = rule.percent_off
    is_percent = rule.used_steps == {RuleStep.DISCOUNT} and rule.amount_off is None and off is not None
    if off is not None and is_percent and rule.base is BasePrice.LIST and off <= _HUNDRED:
        return None, subtract(_ONE, multiply(off, _HUNDREDTH)), off.copy_negate()
    return None
