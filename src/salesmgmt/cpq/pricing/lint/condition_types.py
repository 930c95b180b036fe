"""What can be wrong with condition types."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from salesmgmt.core.errors import shorten
from salesmgmt.core.findings import Finding, Severity
from salesmgmt.core.formula import MONEY, Formula, FormulaError, lint, lint_condition
from salesmgmt.cpq.pricing.calculation import Calculation
from salesmgmt.cpq.pricing.condition import AMOUNTS, PERCENTAGES, ConditionType
from salesmgmt.cpq.pricing.lint._known import Known
from salesmgmt.cpq.pricing.lint.rules import fact_findings
from salesmgmt.cpq.pricing.procedure import PricingStep
from salesmgmt.cpq.pricing.selection.order import Criterion, SelectionOrder

CALCULATIONS = PERCENTAGES | AMOUNTS | {Calculation.FORMULA}
"""What a condition type can reckon; for the other calculations there are steps."""

_warning = partial(Finding, severity=Severity.WARNING)


def lint_condition_types(known: Known) -> Iterator[Finding]:
    """Find what is wrong with the condition types of the procedure."""
    procedure = known.model.procedure
    used = {step.type_id for step in procedure.steps if isinstance(step, PricingStep)}
    seen = set[str]()
    for type_ in procedure.condition_types:
        where = f"condition_types.{type_.id}"
        if not type_.id.strip() or type_.id in seen:
            yield Finding(
                code="duplicate_id",
                where=where,
                message=f"the id {shorten(type_.id)} is blank or taken by an earlier condition type",
                hint="give each its own id",
            )
        seen.add(type_.id)
        if type_.id not in used:
            yield _warning(
                code="unused_type",
                where=where,
                message="no step looks it up",
                hint="add a PricingStep with it, or drop it and its records",
            )
        if type_.calculation not in CALCULATIONS:
            yield Finding(
                code="calculation",
                where=where,
                message=f"records cannot be reckoned as {type_.calculation}",
                hint="use the step that does it: FreeUnits, Terms, RoundLines, ManualPrices",
            )
        yield from _formula(type_, where, known)
        yield from _accesses(type_, where, known)
        yield from lint_order(type_.order, where, known)
        if Criterion.BEST_PRICE in type_.order.criteria:
            yield Finding(
                code="best_price",
                where=where,
                message="its order asks for the best price, which no record of a condition type states by itself",
                hint="order by other criteria, or let several types compete in an exclusion group",
            )


def _formula(type_: ConditionType, where: str, known: Known) -> Iterator[Finding]:
    is_asked, text = type_.calculation is Calculation.FORMULA, type_.formula.strip()
    if is_asked and not text:
        yield Finding(
            code="formula", where=where, message="it has no formula", hint="write one that gives an amount"
        )
    if text:
        try:
            formula = Formula.parse(text, known.schema, wanted=MONEY)
        except FormulaError as error:
            message = f"position {error.position}: expected {error.expected}, found {error.found}"
            yield Finding(code="formula", where=where, message=message, hint=error.hint)
            return
        for one in lint(formula):
            yield _warning(code=one.code, where=f"{where} {one.where}", message=one.message, hint=one.hint)
    if text and not is_asked:
        yield _warning(
            code="unused_formula",
            where=where,
            message=f"its calculation is {type_.calculation}, which reads no formula",
            hint="make the calculation formula, or drop the formula",
        )


def _accesses(type_: ConditionType, where: str, known: Known) -> Iterator[Finding]:
    seen: dict[tuple[frozenset[str], str], int] = {}
    for number, access in enumerate(type_.accesses):
        place = f"{where}.accesses[{number}]"
        for field in access.fields:
            yield from fact_findings(field, place, known)
        if access.condition.strip():
            yield from lint_condition(access.condition, known.schema, place)[1]
        fields = frozenset(access.fields)
        earlier = seen.setdefault((fields, ""), number)
        if earlier == number and access.condition.strip():
            del seen[fields, ""]
            earlier = seen.setdefault((fields, access.condition.strip()), number)
        if earlier != number or len(fields) != len(access.fields):
            yield _warning(
                code="duplicate_access",
                where=place,
                message=f"accesses[{earlier}] asks the same"
                if earlier != number
                else "it names a fact twice",
                hint="drop one of them",
            )


def lint_order(order: SelectionOrder, where: str, known: Known) -> Iterator[Finding]:
    """Find facts in an order that are unknown, where they are not those of the default."""
    default = SelectionOrder()
    fields = [
        field for group in order.precedence for field in group if order.precedence != default.precedence
    ]
    fields += [] if order.nearest_first == default.nearest_first else order.nearest_first
    for field in dict.fromkeys(fields):
        if field not in known.schema:
            yield _warning(
                code="unknown_fact",
                where=f"{where}.order",
                message=f"there is no fact {shorten(field)}",
                hint="declare it among the facts of the procedure, or drop it",
            )
