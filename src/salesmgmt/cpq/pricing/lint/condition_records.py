"""What can be wrong with condition records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import attrs

from salesmgmt.core.errors import shorten
from salesmgmt.core.findings import Finding, Severity
from salesmgmt.cpq.pricing.calculation import Calculation
from salesmgmt.cpq.pricing.condition import (
    AMOUNTS,
    PERCENTAGES,
    ConditionClass,
    ConditionRecord,
    ConditionType,
)
from salesmgmt.cpq.pricing.lint._known import Known
from salesmgmt.cpq.pricing.lint.competition import lint_competition
from salesmgmt.cpq.pricing.lint.rules import RuleSet, lint_rules
from salesmgmt.cpq.pricing.lint.scales import ScaleLint
from salesmgmt.cpq.pricing.procedure import Discounts, PricingStep, Scope
from salesmgmt.cpq.pricing.scales.scale import Scale

_WITH_SCALES = frozenset(
    {
        Calculation.PERCENT,
        Calculation.PERCENT_COMPOUND,
        Calculation.SET_PRICE,
        Calculation.PRICE_FOR_QUANTITY,
        Calculation.AMOUNT_PER_UNIT,
        Calculation.AMOUNT_PER_LINE,
        Calculation.AMOUNT_PER_DOCUMENT,
    }
)
_OF_BASE = frozenset({Calculation.PERCENT, Calculation.PERCENT_COMPOUND})

_warning = partial(Finding, severity=Severity.WARNING)


def lint_condition_records(known: Known) -> Iterator[Finding]:
    """Find what is wrong with the records of condition types."""
    types = {type_.id: type_ for type_ in known.model.procedure.condition_types}
    by_type = known.model.conditions_by_type
    for name, records in by_type.items():
        type_ = types.get(name)
        if type_ is None:
            yield _no_type(name, records)
            continue
        rules = RuleSet(
            name=f"condition type {shorten(name)}",
            rules=records,
            place=_place,
            accesses=type_.accesses,
            order=type_.order,
            same=_is_same,
        )
        yield from lint_rules(rules, known)
        yield from _values(type_, records)
        yield from _scales(type_, records, known)
        yield from _excludes(records, known)
        yield from _never_asked(type_, records, known)
        yield from lint_competition(rules, known)


def _place(record: ConditionRecord) -> str:
    return record.where


def _no_type(name: str, records: Sequence[ConditionRecord]) -> Finding:
    more = f" (and {len(records) - 1} more)" if len(records) > 1 else ""
    return Finding(
        code="unknown_condition_type",
        where=records[0].where,
        message=f"no condition type is called {shorten(name)}{more}",
        hint="correct the name, or define the type",
    )


def _is_same(one: ConditionRecord, other: ConditionRecord) -> bool:
    return (
        one.amount == other.amount
        and one.percent == other.percent
        and one.per_quantity == other.per_quantity
        and one.uom == other.uom
        and one.scale == other.scale
        and one.lower_limit == other.lower_limit
        and one.upper_limit == other.upper_limit
        and one.excludes == other.excludes
    )


def _values(type_: ConditionType, records: Sequence[ConditionRecord]) -> Iterator[Finding]:
    calculation = type_.calculation
    wants_percent, wants_amount = calculation in PERCENTAGES, calculation in AMOUNTS
    for record in records:
        amount, percent = record.amount, record.percent
        if wants_amount and amount is not None and percent is None and record.scale is None:
            if amount.amount < 0:
                yield from _negative(type_, record)
            continue
        if wants_percent and percent is not None and amount is None and record.scale is None:
            points = percent.points
            if points < 0:
                yield from _negative(type_, record)
            elif points >= 100:
                yield from _large(type_, record)
            continue
        yield from _unfit(type_, record, wants_percent=wants_percent, wants_amount=wants_amount)


def _unfit(
    type_: ConditionType, record: ConditionRecord, *, wants_percent: bool, wants_amount: bool
) -> Iterator[Finding]:
    """What is wrong with a record that is not just one amount or one percentage, as its type wants it."""
    calculation, where = type_.calculation, record.where
    given = [name for name in ("amount", "percent", "scale") if getattr(record, name) is not None]
    if calculation is Calculation.FORMULA:
        if given:
            yield _warning(
                code="unused_value",
                where=where,
                message=f"the formula of {shorten(type_.id)} decides, so its {given[0]} says nothing",
                hint="drop the value",
            )
        return
    if not (wants_percent or wants_amount):
        return  # the type cannot be reckoned at all, and is reported as such
    wanted = "a percentage" if wants_percent else "an amount"
    if calculation in _WITH_SCALES:
        wanted += " or a scale"
    if len(given) != 1 or given[0] == ("amount" if wants_percent else "percent"):
        found = f"{' and '.join(given)}" if given else "no value"
        yield Finding(
            code="record_value",
            where=where,
            message=f"it has {found}, and {shorten(type_.id)} ({calculation}) wants {wanted}",
            hint=f"give {wanted}",
        )
    elif record.scale is not None and calculation not in _WITH_SCALES:
        yield Finding(
            code="record_value",
            where=where,
            message=f"it has a scale, which {calculation} does not read",
            hint=f"give {wanted}",
        )
    elif record.scale is not None and wants_amount and _takes_off(record.scale):
        yield Finding(
            code="record_value",
            where=where,
            message=f"its scale takes off from a list price, and {calculation} wants amounts",
            hint="give tiers with unit_amount, flat_amount or packages",
        )


def _takes_off(scale: Scale) -> bool:
    return any(tier.percent is not None or tier.amount_off is not None for tier in scale.tiers)


def _negative(type_: ConditionType, record: ConditionRecord) -> Iterator[Finding]:
    if type_.kind is ConditionClass.PRICE:
        yield _warning(
            code="negative_price",
            where=record.where,
            message=f"it is a price of {record.amount or record.percent}",
            hint="give zero or more",
        )
    elif type_.kind.is_taken_off:
        yield _warning(
            code="negative_discount",
            where=record.where,
            message=f"it takes off {record.amount or record.percent}, so it puts something on",
            hint="write a discount above zero, or make it a surcharge",
        )


def _large(type_: ConditionType, record: ConditionRecord) -> Iterator[Finding]:
    percent = record.percent
    if type_.calculation is Calculation.TARGET_MARGIN:
        yield Finding(
            code="record_value",
            where=record.where,
            message=f"a margin of {percent} leaves no price",
            hint="give less than 100%",
        )
    elif (
        percent is not None
        and percent.points > 100
        and type_.kind.is_taken_off
        and type_.calculation in _OF_BASE
    ):
        yield _warning(
            code="discounts_above_price",
            where=record.where,
            message=f"it takes off {percent}",
            hint="take off at most 100%; the line stops at zero",
        )


def _scales(type_: ConditionType, records: Sequence[ConditionRecord], known: Known) -> Iterator[Finding]:
    lint = ScaleLint()
    is_monetary = type_.calculation in AMOUNTS
    several = len(known.asked_currencies) > 1
    for record in records:
        scale = record.scale
        if scale is None:
            continue
        for finding in lint(scale):
            yield attrs.evolve(finding, where=f"{record.where}{finding.where}")
        if scale.attribute and scale.attribute not in known.schema:
            yield Finding(
                code="unknown_fact",
                where=record.where,
                message=f"the basis of its scale is {shorten(scale.attribute)}, and there is no such fact",
                hint="declare it among the facts of the procedure, as a number",
            )
        if is_monetary and several and not scale.currency and "order.currency" not in record.key:
            yield _warning(
                code="scale_currency",
                where=record.where,
                message="its scale is read in the currency of the request, and there are prices in several",
                hint="put order.currency into the key",
            )


def _excludes(records: Sequence[ConditionRecord], known: Known) -> Iterator[Finding]:
    steps = {step.id for step in known.model.procedure.steps if isinstance(step, PricingStep | Discounts)}
    for record in records:
        for name in record.excludes:
            if name not in steps:
                yield Finding(
                    code="unknown_step",
                    where=record.where,
                    message=f"it switches off {shorten(name)}, and no PricingStep or Discounts has this id",
                    hint="name the id of a later one",
                )


def _never_asked(type_: ConditionType, records: Sequence[ConditionRecord], known: Known) -> Iterator[Finding]:
    """Records that ask for what a step for several lines together does not know."""
    scopes = {
        step.scope
        for step in known.model.procedure.steps
        if isinstance(step, PricingStep) and step.type_id == type_.id
    }
    if not scopes or Scope.LINE in scopes:
        return
    prefix = "line." if scopes == {Scope.DOCUMENT} else "no fact"
    for record in records:
        field = next((name for name in record.key if name.startswith(prefix)), "")
        if record.uom or field:
            found = f"the unit {shorten(record.uom)}" if record.uom else f"the fact {field}"
            yield Finding(
                code="never_found",
                where=record.where,
                message=f"it asks for {found}, which several lines together do not have",
                hint="let the scope of the step be line, or drop that part of the record",
            )
