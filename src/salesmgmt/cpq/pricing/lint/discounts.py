"""What can be wrong with the discount rules of a procedure."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import partial

from salesmgmt.core.errors import shorten
from salesmgmt.core.exact import add
from salesmgmt.core.findings import Finding, Severity
from salesmgmt.core.formula import lint_condition
from salesmgmt.core.formula.nodes import Literal, walk
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing.lint._known import Known
from salesmgmt.cpq.pricing.names import AMOUNTS
from salesmgmt.cpq.pricing.procedure import AmountPer, DiscountRule, Discounts, HeaderDiscounts, Stacking

_ALL = Percent(100)
_warning = partial(Finding, severity=Severity.WARNING)


def lint_discounts(known: Known) -> Iterator[Finding]:
    """Find what is wrong with the rules of `Discounts` and `HeaderDiscounts`."""
    seen: set[str] = set()
    for place, rule in known.model.procedure.rules:
        if not rule.id.strip() or rule.id in seen:
            yield Finding(
                code="rule_id",
                where=place,
                message=f"the id {shorten(rule.id)} is blank or taken by an earlier rule",
                hint="give each rule of the procedure its own id",
            )
        seen.add(rule.id)
        yield from _rule(rule, known)
    yield from _sums(known)


def _rule(rule: DiscountRule, known: Known) -> Iterator[Finding]:
    where = f"rule {rule.id}"
    if (rule.percent is None) is (rule.amount is None):
        yield _value(where, "it has neither or both of percent and amount", "give one of them")
    if rule.percent is not None and rule.percent > _ALL:
        yield _value(where, f"it takes off {rule.percent}", "take off at most 100%")
    if rule.percent is not None and rule.per is not AmountPer.WHOLE:
        yield _value(where, "a percentage is of the whole", "drop per, or give an amount")
    if rule.valid_from is not None and rule.valid_to is not None and rule.valid_to <= rule.valid_from:
        yield Finding(
            code="reversed_validity",
            where=where,
            message=f"it ends on {rule.valid_to}, not after it starts on {rule.valid_from}",
            hint="valid_to is the first day on which the rule no longer holds",
        )
    if rule.condition.strip():
        yield from _condition(rule, known, where)


def _value(where: str, message: str, hint: str) -> Finding:
    return Finding(code="rule_value", where=where, message=message, hint=hint)


def _condition(rule: DiscountRule, known: Known, where: str) -> Iterator[Finding]:
    formula, findings = lint_condition(rule.condition, known.schema, where)
    yield from findings
    if formula is None:
        return
    named = {
        node.value.currency
        for node in walk(formula.tree)
        if isinstance(node, Literal) and isinstance(node.value, Money)
    }
    is_guarded = "order.currency" in formula.names or formula.names.isdisjoint(AMOUNTS)
    if named and not is_guarded and not named.issuperset(known.asked_currencies):
        yield _warning(
            code="unguarded_currency",
            where=where,
            message=f"compares amounts with {', '.join(sorted(named))}, but there are prices in other currencies",
            hint=f"begin with: order.currency == '{min(named)}' and",
        )


def _sums(known: Known) -> Iterator[Finding]:
    """Additive percentages that can meet and take off more than there is."""
    for position, step in enumerate(known.model.procedure.steps):
        if not isinstance(step, Discounts | HeaderDiscounts):
            continue
        together = [
            rule.percent.points
            for rule in step.rules
            if rule.stacking is Stacking.ADDITIVE and rule.percent is not None and rule.percent.points > 0
        ]
        whole = Decimal(0)
        for points in together:
            whole = add(whole, points)
        if len(together) > 1 and whole > _ALL.points:
            yield _warning(
                code="discounts_above_price",
                where=f"steps[{position}]",
                message=f"its additive percentages come to {whole:f}% when all of them hold",
                hint="let them exclude each other, compound, or be lower; the line stops at zero",
            )
