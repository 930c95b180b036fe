"""Conditions that guard a move."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import attrs

from salesmgmt.core.errors import shorten
from salesmgmt.core.findings import Finding
from salesmgmt.core.formula import BOOL, Formula, FormulaError, Schema, lint_condition
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


class Reader:
    """Reads the conditions of one definition; the same text is parsed once, however many moves ask for it."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._read: dict[str, Formula | None] = {}

    def read(self, condition: Condition) -> Formula | None:
        """The formula of a condition; `None` when it is none."""
        text = condition.formula
        if text not in self._read:
            try:
                self._read[text] = Formula.parse(text, self._schema, wanted=BOOL)
            except FormulaError:
                self._read[text] = None
        return self._read[text]

    def read_all(self, conditions: Iterable[Condition]) -> tuple[tuple[str, Formula], ...]:
        """The formulas of conditions, each with its id; those that are none are left out."""
        read = ((one.id, self.read(one)) for one in conditions)
        return tuple((id_, formula) for id_, formula in read if formula is not None)


def lint_conditions(conditions: Iterable[Condition], schema: Schema, where: str) -> Iterator[Finding]:
    """Find conditions that have no id of their own, are no condition of the formula language, or can never hold."""
    seen: set[str] = set()
    for condition in conditions:
        place = f"{where}.{shown(condition.id)}"
        if not is_name(condition.id) or condition.id in seen:
            yield Finding(
                code="condition_id",
                where=place,
                message=f"the condition {shorten(condition.formula)} has no id of its own",
                hint="give each condition of a move its own id, in one line of text, so that a refusal can name it",
            )
        seen.add(condition.id)
        yield from lint_condition(condition.formula, schema, place)[1]


def lint_together(
    conditions: Iterable[Condition], reader: Reader, where: str, *, what: str
) -> Iterator[Finding]:
    """Find conditions, each good alone, that can never hold at the same time, or share an id; `what` asks for them."""
    every = tuple(conditions)
    for name in (name for name, count in Counter(condition.id for condition in every).items() if count > 1):
        yield Finding(
            code="condition_id",
            where=where,
            message=f"{what} asks for two conditions that are called {shorten(name)}",
            hint="give each condition of a move its own id, so that a refusal can name it",
        )
    formulas = [formula for _, formula in reader.read_all(every)]
    if never(tuple(formula.tree for formula in formulas)):
        both = " and ".join(map(str, formulas))
        yield Finding(
            code="contradictory_guard",
            where=where,
            message=f"{shorten(both, 200)} can never hold, and {what} asks for it",
            hint="drop one of the parts that exclude each other",
        )


LONGEST_NAME = 200
"""Characters of the name of a state, a condition, a role: more is no name."""


def is_name(text: str) -> bool:
    """Whether a text can serve as a name: one line, not blank, without control characters, not endless."""
    return bool(text.strip()) and text.isprintable() and len(text) <= LONGEST_NAME


def shown(name: str) -> str:
    """A name for the place of a finding: as it is, or its shortened form when it is none."""
    return name if is_name(name) else shorten(name)
