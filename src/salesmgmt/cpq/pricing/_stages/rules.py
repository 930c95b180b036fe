"""Applies discount rules, line by line or shared over the document."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from salesmgmt.core.exact import multiply
from salesmgmt.core.formula import Schema, WhyNot
from salesmgmt.cpq.pricing._draft import Draft, DraftLine, total
from salesmgmt.cpq.pricing._stages.sharing import share
from salesmgmt.cpq.pricing.calculation import Calculation
from salesmgmt.cpq.pricing.procedure import (
    AmountPer,
    DiscountRule,
    Discounts,
    HeaderDiscounts,
    Stacking,
)
from salesmgmt.cpq.pricing.rule import CompiledRule
from salesmgmt.cpq.pricing.sharing.distribution import AllocationPolicy, TieTo
from salesmgmt.cpq.pricing.trace import StepKind

_ZERO = Decimal(0)


class DiscountStage:
    """Applies rules to each line by itself."""

    def __init__(self, step: Discounts, schema: Schema) -> None:
        self._id = step.id
        self._rules = tuple(CompiledRule(rule, schema) for rule in step.rules)
        self.names = frozenset(name for rule in self._rules for name in rule.names)

    def run(self, draft: Draft) -> None:
        """Apply the rules in order; conditions see the amounts from before the step."""
        answers = _Answers(draft, self._rules)
        for one in draft.lines:
            if self._id in one.excluded:
                for compiled in self._rules:
                    one.put_out(self._id, compiled.rule.id, one.excluded_by)
                continue
            start = one.running
            for compiled in self._rules:
                rule = compiled.rule
                if not answers.applies(self._id, compiled, one):
                    continue
                base = start if rule.stacking is Stacking.ADDITIVE else one.running
                raw, calculation, value = _off(rule, base, one.quantity)
                one.change(
                    self._id,
                    StepKind.DISCOUNT,
                    rule.id,
                    calculation,
                    raw,
                    value=value,
                    quantity=one.quantity,
                    base=base,
                )


class HeaderStage:
    """Applies rules to the document, and shares each exactly among the lines.

    The lines are in whole minor units by then. A share is rounded to its neighbouring minor units, so that none
    exceeds its line, and a discount of the whole amount leaves exactly zero on each.
    """

    def __init__(self, step: HeaderDiscounts, schema: Schema) -> None:
        self._step = step
        self._rules = tuple(CompiledRule(rule, schema) for rule in step.rules)
        self.names = frozenset(name for rule in self._rules for name in rule.names)

    def run(self, draft: Draft) -> None:
        """Apply the rules in order; conditions see the amounts from before the step."""
        answers = _Answers(draft, self._rules)
        starts = [one.running for one in draft.lines]
        for compiled in self._rules:
            sharing = [
                (start, one)
                for start, one in zip(starts, draft.lines, strict=True)
                if one.gross is not None and answers.applies(self._step.id, compiled, one)
            ]
            if sharing:
                self._share(draft, compiled.rule, sharing)

    def _share(self, draft: Draft, rule: DiscountRule, sharing: Sequence[tuple[Decimal, DraftLine]]) -> None:
        is_additive = rule.stacking is Stacking.ADDITIVE
        weights = [start if is_additive else one.running for start, one in sharing]
        quantity = total(one.quantity for _, one in sharing)
        raw, _, _ = _off(rule, total(weights), quantity)
        lines = [one for _, one in sharing]
        share(
            draft,
            self._step.id,
            rule.id,
            raw,
            lines=lines,
            weights=weights,
            policy=_POLICIES[self._step.tie],
            mode=self._step.mode,
        )


_POLICIES = {tie: AllocationPolicy(tie=tie) for tie in TieTo}


class _Answers:
    """Whether the rules of a step apply; what is the same for all lines is asked once."""

    def __init__(self, draft: Draft, rules: Sequence[CompiledRule]) -> None:
        if any(rule.reads_amounts for rule in rules):
            draft.tell_amounts()
        self._facts = draft.facts
        self._is_traced = draft.is_traced
        self._for_document = {rule.rule.id: rule.holds(draft.facts) for rule in rules if rule.is_for_document}
        self._reasons: dict[str, WhyNot | None] = {}

    def applies(self, step: str, rule: CompiledRule, one: DraftLine) -> bool:
        """Whether a rule applies to a line; if not, the trace says why."""
        name = rule.rule.id
        if rule.is_for_document:
            if self._for_document[name]:
                return True
            if self._is_traced:
                if name not in self._reasons:
                    self._reasons[name] = rule.why_not(self._facts)
                self._tell(step, name, one, self._reasons[name])
            return False
        if not self._is_traced:
            return rule.holds(one.facts)
        why_not = rule.why_not(one.facts)
        self._tell(step, name, one, why_not)
        return why_not is None

    @staticmethod
    def _tell(step: str, rule: str, one: DraftLine, why_not: WhyNot | None) -> None:
        if why_not is not None:
            one.skip(step, rule, why_not)


def _off(rule: DiscountRule, base: Decimal, quantity: Decimal) -> tuple[Decimal, Calculation, Decimal]:
    """The exact change that a rule makes, how it is reckoned, and from which signed value."""
    if rule.percent is not None:
        is_additive = rule.stacking is Stacking.ADDITIVE
        calculation = Calculation.PERCENT if is_additive else Calculation.PERCENT_COMPOUND
        points = rule.percent.points.copy_negate()
        return multiply(base, rule.percent.ratio).copy_negate(), calculation, points
    amount = (rule.amount.amount if rule.amount is not None else _ZERO).copy_negate()
    if rule.per is AmountPer.UNIT:
        return multiply(amount, quantity), Calculation.AMOUNT_PER_UNIT, amount
    return amount, Calculation.AMOUNT_PER_LINE, amount
