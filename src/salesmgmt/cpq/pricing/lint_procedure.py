"""What can be wrong with a pricing procedure; `salesmgmt.cpq.pricing.lint` lists the codes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from salesmgmt.core.clock import UnknownTimeZone, zone
from salesmgmt.core.currency import currency
from salesmgmt.core.errors import SalesError, shorten
from salesmgmt.core.exact import WIDE
from salesmgmt.core.findings import Finding, Severity
from salesmgmt.core.formula import Schema, declare, lint_condition
from salesmgmt.core.formula.nodes import Literal, walk
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing.names import AMOUNTS, NAMES, PREFIXES
from salesmgmt.cpq.pricing.procedure import (
    AmountPer,
    DiscountRule,
    HeaderDiscounts,
    ListPrice,
    PricingProcedure,
    RoundLines,
)

MAX_PARTS = 5_000
"""Steps and rules of one procedure at most."""

_ALL = Percent(100)


def lint_procedure(procedure: PricingProcedure, currencies: Sequence[str]) -> Iterator[Finding]:
    """Find what is wrong with a procedure.

    Args:
        procedure: the steps.
        currencies: of the price records; roundings and conditions must fit them.
    """
    size = len(procedure.steps) + sum(1 for _ in procedure.rules)
    if size > MAX_PARTS:
        yield Finding(
            code="too_large",
            where="procedure.toml",
            message=f"it has {size} steps and rules, more than {MAX_PARTS}",
            hint="write records instead of rules",
        )
        return
    yield from _heading(procedure)
    yield from _order_of_steps(procedure)
    yield from _roundings(procedure, currencies)
    yield from _rules(procedure, currencies)


def _heading(procedure: PricingProcedure) -> Iterator[Finding]:
    if not procedure.id.strip():
        yield Finding(
            code="procedure_id", where="id", message="the procedure has no id", hint="give it a name"
        )
    try:
        zone(procedure.time_zone)
    except UnknownTimeZone as error:
        yield Finding(
            code="time_zone",
            where="time_zone",
            message=f"there is no time zone {error.found}",
            hint=error.hint,
        )
    yield from declare(procedure.facts, NAMES).findings
    for name in procedure.facts:
        if not name.startswith(PREFIXES):
            yield Finding(
                code="fact_prefix",
                where=f"facts.{shorten(name)}",
                message=f"its name begins with none of {', '.join(PREFIXES)}",
                hint='declare it like "customer.since" = "date"',
            )


def _order_of_steps(procedure: PricingProcedure) -> Iterator[Finding]:
    seen: set[str] = set()
    is_round = False
    for position, step in enumerate(procedure.steps):
        where = f"steps[{position}]"
        if not step.id.strip() or step.id in seen:
            yield Finding(
                code="step_id",
                where=where,
                message=f"the id {shorten(step.id)} is blank or taken by an earlier step",
                hint="give each step its own id",
            )
        seen.add(step.id)
        if isinstance(step, ListPrice) is not (position == 0):
            yield _no_list_price(where)
        if isinstance(step, HeaderDiscounts) and not is_round:
            yield _unrounded(where, "the lines that share a discount are not rounded")
        is_round = isinstance(step, RoundLines) or (is_round and isinstance(step, HeaderDiscounts))
    if not procedure.steps:
        yield _no_list_price("steps")
    elif not is_round:
        yield _unrounded(f"steps[{len(procedure.steps) - 1}]", "the lines are not rounded at the end")


def _no_list_price(where: str) -> Finding:
    return Finding(
        code="no_list_price",
        where=where,
        message="the list price is not found in the first step, and there alone",
        hint="let the first step, and no other, be of type ListPrice",
    )


def _unrounded(where: str, message: str) -> Finding:
    return Finding(
        code="unrounded", where=where, message=message, hint="put a step of type RoundLines before this place"
    )


def _roundings(procedure: PricingProcedure, currencies: Sequence[str]) -> Iterator[Finding]:
    """Roundings that cannot be made, or leave more decimals than a currency of the price records has."""
    for position, step in enumerate(procedure.steps):
        if not isinstance(step, RoundLines):
            continue
        for code in currencies or ("EUR",):
            try:
                rounding = step.rounding(code)
                unit = currency(code).minor_digits
                is_fine = all(
                    number is None or not WIDE.remainder(number.scaleb(unit, WIDE), Decimal(1))
                    for number in (rounding.increment, rounding.ending)
                )
                fault = "" if is_fine else f"it leaves more decimals than {code} has"
            except SalesError as error:
                fault = str(error)
            if fault:
                yield Finding(
                    code="rounding",
                    where=f"steps[{position}]",
                    message=fault,
                    hint="round to multiples of the minor unit",
                )
                break


def _rules(procedure: PricingProcedure, currencies: Sequence[str]) -> Iterator[Finding]:
    schema = declare(procedure.facts, NAMES).schema
    seen: set[str] = set()
    for place, rule in procedure.rules:
        if not rule.id.strip() or rule.id in seen:
            yield Finding(
                code="rule_id",
                where=place,
                message=f"the id {shorten(rule.id)} is blank or taken by an earlier rule",
                hint="give each rule of the procedure its own id",
            )
        seen.add(rule.id)
        where = f"rule {rule.id}"
        if (rule.percent is None) is (rule.amount is None):
            yield _rule_value(where, "it has neither or both of percent and amount", "give one of them")
        if rule.percent is not None and rule.percent > _ALL:
            yield _rule_value(where, f"it takes off {rule.percent}", "take off at most 100%")
        if rule.percent is not None and rule.per is not AmountPer.WHOLE:
            yield _rule_value(where, "a percentage is of the whole", "drop per, or give an amount")
        if rule.valid_from is not None and rule.valid_to is not None and rule.valid_to <= rule.valid_from:
            yield Finding(
                code="reversed_validity",
                where=where,
                message=f"it ends on {rule.valid_to}, not after it starts on {rule.valid_from}",
                hint="valid_to is the first day on which the rule no longer holds",
            )
        if rule.condition.strip():
            yield from _condition(rule, schema, where, currencies)


def _rule_value(where: str, message: str, hint: str) -> Finding:
    return Finding(code="rule_value", where=where, message=message, hint=hint)


def _condition(
    rule: DiscountRule, schema: Schema, where: str, currencies: Sequence[str]
) -> Iterator[Finding]:
    formula, findings = lint_condition(rule.condition, schema, where)
    yield from findings
    if formula is None:
        return
    named = {
        node.value.currency
        for node in walk(formula.tree)
        if isinstance(node, Literal) and isinstance(node.value, Money)
    }
    is_guarded = "order.currency" in formula.names or formula.names.isdisjoint(AMOUNTS)
    if named and not is_guarded and not named.issuperset(currencies):
        yield Finding(
            code="unguarded_currency",
            where=where,
            message=f"compares amounts with {', '.join(sorted(named))}, but there are prices in other currencies",
            hint=f"begin with: order.currency == '{min(named)}' and",
            severity=Severity.WARNING,
        )
