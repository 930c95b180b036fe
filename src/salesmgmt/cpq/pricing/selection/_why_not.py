"""Why a rule does not hold: the first of its requirements that fails."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from salesmgmt.core.formula import BOOL, Formula, Schema, Value, WhyNot
from salesmgmt.core.formula.render import written
from salesmgmt.cpq.pricing.selection._bucket import Entry
from salesmgmt.cpq.pricing.selection._index import Asked, Selectable, several
from salesmgmt.cpq.pricing.selection.order import UpperBound

QUANTITY = "line.quantity"
UNIT = "line.uom"
INSTANT_NAME = "order.at"
"""What the quantity, the unit and the instant are called, which are given beside the facts."""


def failure(
    rule: Selectable,
    entry: Entry,
    asked: Asked,
    schema: Schema,
    *,
    bound: UpperBound,
    apart_from_quantity: bool = False,
) -> WhyNot | None:
    """The first requirement of a rule that fails: key, validity, unit, quantity, condition; `None` when it holds."""
    facts, holds = asked.facts, entry[5]
    for field, wanted in rule.key.items():
        if wanted not in several(facts.get(field)):
            return _key_fails(field, wanted, facts.get(field), is_set=schema[field].element is not None)
    limits = _limits(rule, entry, asked, bound=bound, apart_from_quantity=apart_from_quantity)
    failed = next((_limit_fails(*limit) for limit in limits), None)
    if failed is None and holds is not None and not holds(facts):
        return Formula.parse(rule.condition, schema, wanted=BOOL).why_not(facts)
    return failed


def _limits(
    rule: Selectable, entry: Entry, asked: Asked, *, bound: UpperBound, apart_from_quantity: bool
) -> Iterator[tuple[str, str, Any, Any]]:
    """The limits that are not kept: name, sign, wanted, found."""
    starts, ends, low, beyond, uom, _, decided_by_caller = entry[:7]
    if starts is not None and asked.at < starts:
        yield INSTANT_NAME, ">=", starts, asked.at
    if ends is not None and asked.at >= ends:
        yield INSTANT_NAME, "<", ends, asked.at
    if uom and uom != asked.unit:
        yield UNIT, "==", uom, asked.unit
    if apart_from_quantity:
        return
    if decided_by_caller and asked.reaches is not None:
        if not asked.reaches(rule):
            yield QUANTITY, ">=", low or Decimal(0), asked.quantity
        return
    if low is not None and asked.quantity < low:
        yield QUANTITY, ">=", low, asked.quantity
    if beyond is not None and asked.quantity >= beyond:
        yield QUANTITY, "<=" if bound is UpperBound.INCLUDED else "<", rule.max_quantity, asked.quantity


def _key_fails(field: str, wanted: Value, value: Any, *, is_set: bool) -> WhyNot:
    shown = written(wanted)
    found = frozenset(value) if isinstance(value, tuple | list | set) else value
    return WhyNot(
        condition=f"{shown} in {field}" if is_set else f"{field} == {shown}",
        names=(field,),
        found={field: found},
        wanted=f"with {shown}" if is_set else f"== {shown}",
    )


def _limit_fails(name: str, sign: str, wanted: Any, found: Any) -> WhyNot:
    shown = f"{sign} {written(wanted)}"
    return WhyNot(condition=f"{name} {shown}", names=(name,), found={name: found}, wanted=shown)
