"""The steps of a procedure, made ready to run: each changes the lines of a draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Literal, Protocol

from salesmgmt.core.allocation import allocate
from salesmgmt.core.exact import CONTEXT, WIDE, OutOfRange, add, multiply, subtract
from salesmgmt.core.formula import Schema, WhyNot
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.rounding import Rounding
from salesmgmt.cpq.pricing._draft import Draft, DraftLine
from salesmgmt.cpq.pricing.procedure import (
    AmountPer,
    DiscountRule,
    Discounts,
    HeaderDiscounts,
    OptionExtras,
    QuantityTiers,
    RoundLines,
    ScaleType,
    Stacking,
    Tie,
)
from salesmgmt.cpq.pricing.records import OptionRecord, TierRecord
from salesmgmt.cpq.pricing.rule import CompiledRule
from salesmgmt.cpq.pricing.scale import ScaleIndex
from salesmgmt.cpq.pricing.trace import HeaderDiscount, NotApplied, StepKind

_ZERO = Decimal(0)

Options = Mapping[tuple[str, str, str, str], OptionRecord]
"""Extras by product, currency, attribute and value."""


class Stage(Protocol):
    """A step that is ready to run."""

    def run(self, draft: Draft) -> None:
        """Change the lines of a draft."""


class OptionStage:
    """Adds the extras of chosen options."""

    def __init__(self, step: OptionExtras, options: Options) -> None:
        self._id = step.id
        self._options = options

    def run(self, draft: Draft) -> None:
        """Add the extra of each option, in the order of the attributes' names."""
        for one in draft.lines:
            line = one.line
            for attribute, value in sorted(line.configuration.items()):
                record = self._options.get((line.product, draft.currency, attribute, value))
                if record is not None:
                    raw = multiply(record.extra.amount, line.quantity)
                    calculation = f"{line.quantity:f} x {record.extra} for {attribute} = {value}"
                    one.change(self._id, StepKind.OPTION, record.id, calculation, raw)
                    one.list_amount = max(add(one.list_amount, raw), _ZERO)


class TierStage:
    """Applies quantity tiers."""

    def __init__(self, step: QuantityTiers, scales: ScaleIndex) -> None:
        self._id = step.id
        self._is_graduated = step.scale is ScaleType.GRADUATED
        self._scales = scales

    def run(self, draft: Draft) -> None:
        """Apply the tier of the quantity, or each tier to its part of it."""
        for one in draft.lines:
            quantity = one.line.quantity
            scale = self._scales.find(one.line.product, one.family, draft.currency)
            if scale is None:
                continue
            if self._is_graduated:
                before = one.running
                for tier, part in scale.parts(quantity):
                    self._apply(one, tier, part, _portion(before, part, quantity))
            else:
                entered = scale.tier(quantity)
                if entered is not None:
                    self._apply(one, entered, quantity, one.running)

    def _apply(self, one: DraftLine, tier: TierRecord, part: Decimal, base: Decimal) -> None:
        if tier.percent is not None:
            raw, calculation = _percentage(tier.percent, base, one.currency)
        else:
            # It replaces the price that was found; extras of options stay.
            unit_price = tier.unit_price.amount if tier.unit_price is not None else _ZERO
            base = multiply(one.unit_price, part)
            raw = subtract(multiply(unit_price, part), base)
            calculation = f"{part:f} x {unit_price:f} {one.currency} instead of {base:f} {one.currency}"
        one.change(self._id, StepKind.TIER, tier.id, calculation, raw, base=base)


class DiscountStage:
    """Applies rules to each line by itself."""

    def __init__(self, step: Discounts, schema: Schema) -> None:
        self._id = step.id
        self._rules = tuple(CompiledRule(rule, schema) for rule in step.rules)

    def run(self, draft: Draft) -> None:
        """Apply the rules in order; conditions see the amounts from before the step."""
        answers = _Answers(draft, self._rules)
        for one in draft.lines:
            start = one.running
            for compiled in self._rules:
                rule = compiled.rule
                why_not = answers.why_not(compiled, one)
                if why_not is not None:
                    one.not_applied.append(NotApplied(step=self._id, rule=rule.id, why_not=why_not))
                    continue
                base = start if rule.stacking is Stacking.ADDITIVE else one.running
                raw, calculation = _off(rule, base, one.line.quantity, one.currency)
                one.change(self._id, StepKind.DISCOUNT, rule.id, calculation, raw, base=base)


class RoundStage:
    """Rounds each line."""

    def __init__(self, step: RoundLines) -> None:
        self._step = step

    def run(self, draft: Draft) -> None:
        """Round what is not round yet."""
        rounding = self._step.rounding(draft.currency)
        for one in draft.lines:
            rounded = rounding.apply(one.running)
            change = subtract(rounded, one.running)
            if change:
                calculation = f"{rounding.mode} to {rounding.increment:f}"
                calculation += "" if rounding.ending is None else f", ending {rounding.ending:f}"
                one.change(self._step.id, StepKind.ROUNDING, "", calculation, _ZERO, rounded=change)
            one.running = rounded  # the same amount, with the decimals of the rounding


class HeaderStage:
    """Applies rules to the document, and shares each exactly among the lines.

    The lines are in whole minor units by then. A share is rounded to its neighbouring minor units, so that none
    exceeds its line, and a discount of the whole amount leaves exactly zero on each.
    """

    def __init__(self, step: HeaderDiscounts, schema: Schema) -> None:
        self._step = step
        self._rules = tuple(CompiledRule(rule, schema) for rule in step.rules)

    def run(self, draft: Draft) -> None:
        """Apply the rules in order; conditions see the amounts from before the step."""
        answers = _Answers(draft, self._rules)
        starts = [one.running for one in draft.lines]
        for compiled in self._rules:
            sharing = []
            for start, one in zip(starts, draft.lines, strict=True):
                why_not = answers.why_not(compiled, one)
                if why_not is None:
                    sharing.append((start, one))
                else:
                    skipped = NotApplied(step=self._step.id, rule=compiled.rule.id, why_not=why_not)
                    one.not_applied.append(skipped)
            if sharing:
                self._share(draft, compiled.rule, sharing)

    def _share(self, draft: Draft, rule: DiscountRule, sharing: Sequence[tuple[Decimal, DraftLine]]) -> None:
        is_additive = rule.stacking is Stacking.ADDITIVE
        present = _total([one.running for _, one in sharing])
        weights = [start if is_additive else one.running for start, one in sharing]
        base = _total(weights)
        quantity = _total([one.line.quantity for _, one in sharing])
        raw, calculation = _off(rule, base, quantity, draft.currency)
        rounded = max(
            Rounding.for_currency(draft.currency, self._step.mode).apply(raw), present.copy_negate()
        )
        amount = Money(rounded, draft.currency)
        parts = self._parts(amount, weights, [one.running for _, one in sharing])
        shares = [Money.zero(draft.currency)] * len(draft.lines)
        places = {id(one): place for place, one in enumerate(draft.lines)}
        for (_, one), weight, part in zip(sharing, weights, parts, strict=True):
            shares[places[id(one)]] = part
            exact_part = _portion(rounded, weight, base) if base else part.amount
            words = f"share of {amount} ({calculation})"
            one.change(
                self._step.id, StepKind.HEADER, rule.id, words, exact_part, base=weight, rounded=part.amount
            )
        draft.header.append(
            HeaderDiscount(
                step=self._step.id,
                rule=rule.id,
                base=Money(base, draft.currency),
                raw=Money(raw, draft.currency),
                rounded=amount,
                shares=tuple(shares),
            )
        )

    def _parts(self, amount: Money, weights: Sequence[Decimal], present: Sequence[Decimal]) -> list[Money]:
        """Share an amount by weights; what a line has no room for goes to those that have."""
        tie: Literal["first", "last"] = "last" if self._step.tie is Tie.LAST else "first"
        room = [Money(one, amount.currency) for one in present]
        parts = [
            max(part, -most) for part, most in zip(allocate(amount, weights, tie=tie), room, strict=True)
        ]
        left = amount - Money.total(parts, amount.currency)
        if not left:
            return parts
        rest = allocate(left, [most + part for most, part in zip(room, parts, strict=True)], tie=tie)
        return [part + more for part, more in zip(parts, rest, strict=True)]


class _Answers:
    """Whether the rules of a step apply; what is the same for all lines is asked once."""

    def __init__(self, draft: Draft, rules: Sequence[CompiledRule]) -> None:
        if any(rule.reads_amounts for rule in rules):
            draft.tell_amounts()
        self._for_document = {
            rule.rule.id: rule.why_not(draft.facts) for rule in rules if rule.is_for_document
        }

    def why_not(self, rule: CompiledRule, one: DraftLine) -> WhyNot | None:
        if rule.is_for_document:
            return self._for_document[rule.rule.id]
        return rule.why_not(one.facts)


def _off(rule: DiscountRule, base: Decimal, quantity: Decimal, currency: str) -> tuple[Decimal, str]:
    """The exact change that a rule makes, and how it is reckoned."""
    if rule.percent is not None:
        return _percentage(rule.percent, base, currency)
    amount = rule.amount.amount if rule.amount is not None else _ZERO
    sign = "less" if amount > 0 else "plus"
    words = f"{sign} {amount.copy_abs():f} {currency}"
    if rule.per is AmountPer.UNIT:
        return multiply(amount, quantity).copy_negate(), f"{words} for each of {quantity:f}"
    return amount.copy_negate(), words


def _percentage(percent: Percent, base: Decimal, currency: str) -> tuple[Decimal, str]:
    sign = "less" if percent.points > 0 else "plus"
    return multiply(
        base, percent.ratio
    ).copy_negate(), f"{sign} {percent.points.copy_abs():f}% of {base:f} {currency}"


def _portion(whole: Decimal, part: Decimal, parts: Decimal) -> Decimal:
    """`whole * part / parts`, to 34 digits."""
    try:
        return CONTEXT.plus(WIDE.divide(WIDE.multiply(whole, part), parts))
    except ArithmeticError:
        raise OutOfRange from None


def _total(numbers: Sequence[Decimal]) -> Decimal:
    total = _ZERO
    for number in numbers:
        total = add(total, number)
    return total
