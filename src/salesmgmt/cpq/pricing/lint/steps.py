"""What can be wrong within the steps of a procedure."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from salesmgmt.core.errors import shorten
from salesmgmt.core.findings import Finding, Severity
from salesmgmt.core.formula import lint_condition
from salesmgmt.cpq.pricing.calculation import Calculation
from salesmgmt.cpq.pricing.lint._known import Known
from salesmgmt.cpq.pricing.lint.rules import unknown_reference
from salesmgmt.cpq.pricing.procedure import (
    FreeUnits,
    PriceListRules,
    PricingStep,
    Scope,
    SharesOfTotal,
    Subtotal,
    Terms,
)
from salesmgmt.cpq.pricing.terms.percent_of_total import percent_of_total_findings

REFERENCE = "reference"
"""The subtotal that `PriceListRules` names."""

_TOGETHER = frozenset(
    {
        Calculation.PERCENT,
        Calculation.PERCENT_COMPOUND,
        Calculation.AMOUNT_PER_UNIT,
        Calculation.AMOUNT_PER_LINE,
        Calculation.AMOUNT_PER_DOCUMENT,
    }
)
"""Calculations for several lines together."""

_warning = partial(Finding, severity=Severity.WARNING)


def lint_steps(known: Known) -> Iterator[Finding]:
    """Find what is wrong within each step."""
    subtotals = dict[str, int]()
    for position, step in enumerate(known.model.procedure.steps):
        where = f"steps[{position}]"
        name = ""
        match step:
            case PricingStep():
                yield from _pricing_step(step, where, subtotals, known)
                name = step.subtotal
            case Subtotal():
                name = step.id
            case PriceListRules():
                yield from _price_list(step, where, known)
                name = "" if REFERENCE in subtotals else REFERENCE
                subtotals.setdefault(REFERENCE, position)
            case FreeUnits():
                yield from _free_units(step, where, known)
            case Terms():
                yield from step.policy.findings(f"{where}.policy")
                if step.condition.strip():
                    yield from lint_condition(step.condition, known.schema, where)[1]
            case SharesOfTotal():
                yield from _shares(step, where, subtotals, known)
        if name and subtotals.setdefault(name, position) != position:
            yield Finding(
                code="subtotal_twice",
                where=where,
                message=f"steps[{subtotals[name]}] names the subtotal {shorten(name)} already",
                hint="give each subtotal its own name",
            )


def _pricing_step(
    step: PricingStep, where: str, subtotals: dict[str, int], known: Known
) -> Iterator[Finding]:
    procedure = known.model.procedure
    type_ = next((one for one in procedure.condition_types if one.id == step.type_id), None)
    if type_ is None:
        yield Finding(
            code="unknown_condition_type",
            where=where,
            message=f"no condition type is called {shorten(step.type_id)}",
            hint="correct the name, or define the type",
        )
    elif (step.scope is Scope.LINE and type_.calculation is Calculation.AMOUNT_PER_DOCUMENT) or (
        step.scope is not Scope.LINE and type_.calculation not in _TOGETHER
    ):
        yield Finding(
            code="scope",
            where=where,
            message=f"{type_.calculation} is not reckoned for the scope {step.scope}",
            hint="let the scope be document" if step.scope is Scope.LINE else "let the scope be line",
        )
    if type_ is not None and not known.has_records(step.type_id):
        yield _warning(
            code="no_records",
            where=where,
            message=f"{shorten(step.type_id)} has no records"
            + (", so no line has a price" if step.mandatory else ""),
            hint="add records, or drop the step",
        )
    if step.base and step.base not in subtotals:
        yield Finding(
            code="unknown_subtotal",
            where=where,
            message=f"no earlier step names the subtotal {shorten(step.base)}",
            hint=f"known are {', '.join(sorted(subtotals)) or 'none'}",
        )
    if step.requirement.strip():
        yield from lint_condition(step.requirement, known.schema, where)[1]


def _price_list(step: PriceListRules, where: str, known: Known) -> Iterator[Finding]:
    code, what, lists = known.references["order.price_list"]
    if step.default and step.default not in lists:
        yield unknown_reference(code, what, step.default, where, known)


def _free_units(step: FreeUnits, where: str, known: Known) -> Iterator[Finding]:
    seen = set[str]()
    for number, rule in enumerate(step.rules):
        place = f"{where}.rules[{number}]"
        if not rule.id.strip() or rule.id in seen:
            yield Finding(
                code="rule_id",
                where=place,
                message=f"the id {shorten(rule.id)} is blank or taken by an earlier rule",
                hint="give each rule of the step its own id",
            )
        seen.add(rule.id)
        yield from rule.goods.findings(place)
        if rule.condition.strip():
            yield from lint_condition(rule.condition, known.schema, place)[1]
        yield from references(
            place,
            known,
            ("line.product", rule.product),
            ("line.family", rule.family),
            ("line.product", rule.goods.product),
        )


def _shares(step: SharesOfTotal, where: str, subtotals: dict[str, int], known: Known) -> Iterator[Finding]:
    yield from percent_of_total_findings(step.rules, where)
    for number, rule in enumerate(step.rules):
        place = f"{where}.rules[{number}]"
        yield from references(
            place,
            known,
            ("line.product", rule.product),
            *(("line.product", product) for product in rule.covers),
        )
        if rule.subtotal not in {"net", *subtotals}:
            yield Finding(
                code="unknown_subtotal",
                where=place,
                message=f"no earlier step names the subtotal {shorten(rule.subtotal)}",
                hint=f"known are net, {', '.join(sorted(subtotals)) or 'and no other'}",
            )


def references(where: str, known: Known, *named: tuple[str, str]) -> Iterator[Finding]:
    """What is unknown among values of facts that a definition names; empty values name nothing."""
    for fact, value in named:
        if value and fact in known.references:
            code, what, values = known.references[fact]
            if value not in values:
                yield unknown_reference(code, what, value, where, known)
