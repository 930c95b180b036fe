"""What can be wrong with the heading of a procedure and with the order of its steps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from salesmgmt.core.clock import UnknownTimeZone, zone
from salesmgmt.core.currency import currency
from salesmgmt.core.errors import SalesError, shorten
from salesmgmt.core.exact import WIDE
from salesmgmt.core.findings import Finding, Severity
from salesmgmt.core.formula import declare
from salesmgmt.cpq.pricing.condition import ConditionClass
from salesmgmt.cpq.pricing.names import NAMES, PREFIXES
from salesmgmt.cpq.pricing.procedure import (
    HeaderDiscounts,
    ListPrice,
    PricingProcedure,
    PricingStep,
    Promotions,
    RoundedPart,
    RoundLines,
    Scope,
    Step,
    Subtotal,
)

MAX_PARTS = 5_000
"""Steps, rules, condition types and exclusion groups of one procedure at most."""


def lint_procedure(procedure: PricingProcedure, currencies: Sequence[str]) -> Iterator[Finding]:
    """Find what is wrong with the heading and the order of the steps.

    Args:
        procedure: the steps.
        currencies: in which there are prices; roundings must fit them.
    """
    yield from _heading(procedure)
    yield from _ids(procedure.steps)
    yield from _order_of_steps(procedure)
    yield from _roundings(procedure, currencies)


def size_of(procedure: PricingProcedure) -> int:
    """How many parts a procedure has, in the sense of `MAX_PARTS`."""
    return (
        len(procedure.steps)
        + len(procedure.condition_types)
        + len(procedure.exclusion_groups)
        + sum(len(rules) for step in procedure.steps if (rules := getattr(step, "rules", None)))
    )


def is_shared(step: Step) -> bool:
    """Whether a step shares an amount among lines, so that it needs rounded ones."""
    if isinstance(step, RoundLines):
        return step.at is RoundedPart.DOCUMENT
    return isinstance(step, HeaderDiscounts | Promotions) or (
        isinstance(step, PricingStep) and step.scope is not Scope.LINE and not step.statistical
    )


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


def _ids(steps: Iterable[Step]) -> Iterator[Finding]:
    seen: set[str] = set()
    for position, step in enumerate(steps):
        if not step.id.strip() or step.id in seen:
            yield Finding(
                code="step_id",
                where=f"steps[{position}]",
                message=f"the id {shorten(step.id)} is blank or taken by an earlier step",
                hint="give each step its own id",
            )
        seen.add(step.id)


def _order_of_steps(procedure: PricingProcedure) -> Iterator[Finding]:
    telling = {one.id for one in procedure.condition_types if one.kind.only_tells}
    is_round = False
    sharing = ""
    for position, step in enumerate(procedure.steps):
        where = f"steps[{position}]"
        if (isinstance(step, ListPrice) and position) or (not position and not _finds_price(step, procedure)):
            yield _no_list_price(where)
        shares = is_shared(step)
        if shares and not is_round:
            yield _unrounded(where, "the lines that share an amount are not rounded")
        if isinstance(step, PricingStep) and step.mandatory and sharing:
            yield Finding(
                code="late_mandatory",
                where=where,
                message=f"it drops lines that already bear a share of step {shorten(sharing)}",
                hint="put it before that step, or let it not be mandatory",
                severity=Severity.WARNING,
            )
        if shares and not sharing and not isinstance(step, RoundLines):
            sharing = step.id
        rounds = isinstance(step, RoundLines) and step.at is RoundedPart.LINE
        changes_nothing = isinstance(step, Subtotal) or (
            isinstance(step, PricingStep) and (step.statistical or step.type_id in telling)
        )
        is_round = rounds or (is_round and (shares or changes_nothing))
    if not procedure.steps:
        yield _no_list_price("steps")
    elif not is_round:
        yield _unrounded(f"steps[{len(procedure.steps) - 1}]", "the lines are not rounded at the end")


def _finds_price(step: Step, procedure: PricingProcedure) -> bool:
    if isinstance(step, ListPrice):
        return True
    if not isinstance(step, PricingStep) or not step.mandatory or step.scope is not Scope.LINE:
        return False
    kinds = {one.id: one.kind for one in procedure.condition_types}
    return kinds.get(step.type_id) is ConditionClass.PRICE and not step.statistical


def _no_list_price(where: str) -> Finding:
    return Finding(
        code="no_list_price",
        where=where,
        message="the price is not found in the first step, or a list price is looked for later",
        hint="let the first step, and no other, be of type ListPrice, or a mandatory step of a condition type of class price",
    )


def _unrounded(where: str, message: str) -> Finding:
    return Finding(
        code="unrounded",
        where=where,
        message=message,
        hint="put a step of type RoundLines, at line, before this place",
    )


def _roundings(procedure: PricingProcedure, currencies: Sequence[str]) -> Iterator[Finding]:
    """Roundings that cannot be made, or leave more decimals than a currency of the prices has."""
    for position, step in enumerate(procedure.steps):
        if not isinstance(step, RoundLines):
            continue
        for code in currencies or ("EUR",):
            try:
                rounding = step.rounding(code)
                unit = currency(code).minor_digits
                # The price of a unit may be finer: its line is rounded later.
                is_fine = step.at is RoundedPart.UNIT or all(
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
