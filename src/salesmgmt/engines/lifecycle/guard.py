"""Conditions that guard a move."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import attrs

from salesmgmt.core.errors import shorten
from salesmgmt.core.findings import Finding
from salesmgmt.core.formula import BOOL, Formula, Schema, lint_condition
from salesmgmt.core.formula.static import never


@attrs.frozen
class Condition:
    """A condition as data: a name for it, and a formula that must hold.

    Attributes:
        id: what a refusal calls it.
        formula: a condition in the formula language, over the names of the definition's schema.

    >>> from salesmgmt.engines.lifecycle import Condition
    >>> Condition("contract", "contract.signed").id
    'contract'
    """

    id: str
    formula: str


def read_conditions(conditions: Iterable[Condition], schema: Schema) -> tuple[tuple[str, Formula], ...]:
    """Parse conditions, each with its id; raises `FormulaError`."""
    return tuple((one.id, Formula.parse(one.formula, schema, wanted=BOOL)) for one in conditions)


def lint_conditions(conditions: Iterable[Condition], schema: Schema, where: str) -> Iterator[Finding]:
    """Find conditions that have no id of their own, are no condition of the formula language, or can never hold."""
    seen: set[str] = set()
    for condition in conditions:
        place = f"{where}.{condition.id}"
        if not condition.id.strip() or condition.id in seen:
            yield Finding(
                code="condition_id",
                where=place,
                message=f"the condition {shorten(condition.formula)} has no id of its own",
                hint="give each condition of a move its own id, so that a refusal can name it",
            )
        seen.add(condition.id)
        yield from lint_condition(condition.formula, schema, place)[1]


def lint_together(conditions: Iterable[Condition], schema: Schema, where: str) -> Iterator[Finding]:
    """Find conditions, each good alone, that can never hold at the same time, or share an id."""
    every = tuple(conditions)
    for name in (name for name, count in Counter(condition.id for condition in every).items() if count > 1):
        yield Finding(
            code="condition_id",
            where=where,
            message=f"the condition {shorten(name)} stands among the entry conditions of the target as well",
            hint="give each condition of a move its own id, so that a refusal can name it",
        )
    formulas = [formula for _, formula in read_conditions(every, schema)]
    if never(tuple(formula.tree for formula in formulas)):
        both = " and ".join(map(str, formulas))
        yield Finding(
            code="contradictory_guard",
            where=where,
            message=f"{shorten(both, 200)} can never hold",
            hint="drop one of the parts that exclude each other",
        )
