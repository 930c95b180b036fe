"""What price rules make of a base price: pure arithmetic, step by step, nothing rounded but by a rounding of a rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

import attrs

from salesmgmt.core.exact import add, divide, multiply, subtract
from salesmgmt.core.rounding import Rounding, RoundingMode
from salesmgmt.cpq.pricing.price_lists.price_rule import BasePrice, PriceRule, RuleStep

_ZERO, _ONE, _HUNDRED, _HUNDREDTH = Decimal(0), Decimal(1), Decimal(100), Decimal("0.01")


class BelowZero(StrEnum):
    """What happens when a step leads below zero."""

    ZERO = "zero"
    """The price is zero, after every step."""
    KEPT = "kept"
    """It stays below zero, unless the rule has a floor."""


@attrs.frozen
class RulePriceStep:
    """One step of a price by rules; amounts are for the quantity that the base was for.

    Attributes:
        step: what was done.
        rule: the id of the rule that did it.
        before: the price before it.
        after: the price after it.
    """

    step: RuleStep
    rule: str
    before: Decimal
    after: Decimal


@attrs.frozen
class RulePrice:
    """A price by rules.

    Attributes:
        price: the result, for the quantity that the base was for.
        base: what it was made from.
        steps: how.
    """

    price: Decimal
    base: Decimal
    steps: tuple[RulePriceStep, ...]

    def before(self, step: RuleStep) -> Decimal:
        """The price before the first change of a kind; the result when there was none."""
        return next((done.before for done in self.steps if done.step is step), self.price)

    def change(self, step: RuleStep) -> Decimal:
        """What the changes of a kind came to."""
        total = _ZERO
        for done in self.steps:
            if done.step is step:
                total = add(total, subtract(done.after, done.before))
        return total


def rule_price(
    rules: Sequence[PriceRule],
    base: Decimal | None,
    *,
    order: Iterable[RuleStep] = tuple(RuleStep),
    below_zero: BelowZero = BelowZero.ZERO,
    times: Sequence[Decimal] | None = None,
) -> RulePrice | None:
    """Work out the price by rules that apply together.

    In each step the percentages of all rules are of the price before the step, so that 20 % and 10 % are 30 %; those of
    a rule with the base `running` come after them, whatever its rank, and are of what is left then (28 %). Of fixed
    prices and target margins the first one counts.

    Args:
        rules: at least one, the best first.
        base: what the price starts from; `None` when there is none, and then a fixed price is its own base.
        order: of the steps; the `steps` of the first rule take each other's places in it.
        below_zero: what happens below zero. A base below zero is left alone.
        times: for each rule, what its amounts are multiplied by to be for the same quantity as the base.

    Returns:
        `None` when there is neither a base nor a fixed price.

    >>> from decimal import Decimal
    >>> from salesmgmt.cpq.pricing.price_lists.price_rule import PriceRule
    >>> from salesmgmt.cpq.pricing.price_lists.rule_price import rule_price
    >>> charm = PriceRule(id="charm", percent_off=10, round_to=10, surcharge="-0.01")
    >>> found = rule_price([charm], Decimal("123.45"))
    >>> found.price, [step.step.value for step in found.steps]
    (Decimal('109.99'), ['discount', 'round', 'surcharge'])
    """
    factors = (_ONE,) * len(rules) if times is None else times
    fixed = next(
        (
            multiply(rule.price, factor)
            for rule, factor in zip(rules, factors, strict=True)
            if rule.price is not None
        ),
        None,
    )
    start = fixed if base is None else base
    if start is None:
        return None
    value, steps = start, list[RulePriceStep]()
    stops_at_zero = below_zero is BelowZero.ZERO and start >= 0
    used = rules[0].used_steps
    if len(rules) > 1:
        used = used.union(*(rule.used_steps for rule in rules))
    ranked = list(zip(rules, factors, strict=True))
    running_last = sorted(ranked, key=_is_running) if len(ranked) > 1 else ranked
    for step in _sequence(tuple(order), rules[0].steps, used):
        opening = value
        for rule, factor in ranked if step in _ONCE else running_last:
            on = value if rule.base is BasePrice.RUNNING else opening
            after = _after(step, rule, factor, value=value, on=on, base=start)
            if after is None:
                continue
            if stops_at_zero and after < 0:
                after = _ZERO
            steps.append(RulePriceStep(step, rule.id, value, after))
            value = after
            if step in _ONCE:
                break
    return RulePrice(value, start, tuple(steps))


_ONCE = (RuleStep.PRICE, RuleStep.TARGET_MARGIN)


def _is_running(one: tuple[PriceRule, Decimal]) -> bool:
    return one[0].base is BasePrice.RUNNING


def _after(
    step: RuleStep, rule: PriceRule, factor: Decimal, *, value: Decimal, on: Decimal, base: Decimal
) -> Decimal | None:
    """The price after one step of one rule; `None` when the rule has nothing to do in it."""
    match step:
        case RuleStep.PRICE:
            return None if rule.price is None else multiply(rule.price, factor)
        case RuleStep.MARK_UP:
            return None if rule.margin_percent is None else add(value, _percent(on, rule.margin_percent))
        case RuleStep.TARGET_MARGIN:
            if rule.target_margin is None:
                return None
            return divide(multiply(value, _HUNDRED), subtract(_HUNDRED, rule.target_margin))
        case RuleStep.DISCOUNT:
            return _discounted(rule, factor, value, on)
        case RuleStep.ROUND:
            return None if rule.round_to is None else _rounding(rule, factor).apply(value)
        case RuleStep.SURCHARGE:
            return None if rule.surcharge is None else add(value, multiply(rule.surcharge, factor))
    return _limited(step, rule, factor, value, base)


def _discounted(rule: PriceRule, factor: Decimal, value: Decimal, on: Decimal) -> Decimal | None:
    if rule.percent_off is None and rule.amount_off is None:
        return None
    if rule.percent_off is not None:
        value = subtract(value, _percent(on, rule.percent_off))
    if rule.amount_off is not None:
        value = subtract(value, multiply(rule.amount_off, factor))
    return value


def _limited(
    step: RuleStep, rule: PriceRule, factor: Decimal, value: Decimal, base: Decimal
) -> Decimal | None:
    """The price held at a limit; `None` when the limit does not touch it."""
    if step is RuleStep.MIN_MARGIN or step is RuleStep.MAX_MARGIN:
        margin = rule.min_margin if step is RuleStep.MIN_MARGIN else rule.max_margin
        limit = None if margin is None else add(base, multiply(margin, factor))
    else:
        stated = rule.floor if step is RuleStep.FLOOR else rule.ceiling
        limit = None if stated is None else multiply(stated, factor)
    if limit is None:
        return None
    if step is RuleStep.MIN_MARGIN or step is RuleStep.FLOOR:
        return limit if value < limit else None
    return limit if value > limit else None


def _percent(amount: Decimal, points: Decimal) -> Decimal:
    return multiply(multiply(amount, points), _HUNDREDTH)


@lru_cache(maxsize=1_000)
def _scaled(mode: RoundingMode, increment: Decimal, ending: Decimal | None, factor: Decimal) -> Rounding:
    return Rounding(mode, multiply(increment, factor), None if ending is None else multiply(ending, factor))


def _rounding(rule: PriceRule, factor: Decimal) -> Rounding:
    return _scaled(rule.round_mode, rule.round_to or _ONE, rule.ending, factor)


@lru_cache(maxsize=1_000)
def _sequence(
    order: tuple[RuleStep, ...], swapped: tuple[RuleStep, ...], used: frozenset[RuleStep]
) -> tuple[RuleStep, ...]:
    """The steps that are used, in the order in which those that a rule names take each other's places."""
    own = iter([step for step in dict.fromkeys(swapped) if step in order])
    ordered = [next(own) if step in swapped else step for step in order]
    return tuple(step for step in ordered if step in used)
