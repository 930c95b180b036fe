"""What is wrong with an aggregate over a kind of facts."""

from __future__ import annotations

from collections.abc import Iterator

from salesmgmt.core.errors import shorten
from salesmgmt.core.findings import Finding
from salesmgmt.core.formula import (
    BOOL,
    DATE,
    INSTANT,
    MONEY,
    NUMBER,
    PERCENT,
    Formula,
    FormulaError,
    Schema,
    Type,
    contradicts,
)
from salesmgmt.core.formula.algebra import ALGEBRA, hint
from salesmgmt.engines.metrics.aggregate import Aggregate, Count, Distinct, Last, Ratio

_FIGURES = (NUMBER, PERCENT, MONEY)
_ORDERED = (NUMBER, DATE, INSTANT)


class AggregateLint:
    """Collects the faults of aggregates over rows of one schema."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self.findings: list[Finding] = []

    def type_of(self, aggregate: Aggregate, where: str) -> Type | None:
        """Return the type of the figure, `None` when there is a fault; `where` says where it stands."""
        if isinstance(aggregate, Ratio):
            return self._ratio(aggregate, where)
        before = len(self.findings)
        if aggregate.where is not None:
            self._condition(aggregate.where, f"{where}.where")
        type_: Type | None = NUMBER
        if not isinstance(aggregate, Count):
            type_ = self._formula(aggregate.of, f"{where}.of")
            if isinstance(aggregate, Distinct):
                type_ = NUMBER
            elif type_ is not None:
                self._is_one_of(_FIGURES, type_, f"{where}.of", aggregate.of)
        if isinstance(aggregate, Last) and (order := self._formula(aggregate.by, f"{where}.by")) is not None:
            self._is_one_of(_ORDERED, order, f"{where}.by", aggregate.by)
        return type_ if len(self.findings) == before else None

    def _ratio(self, ratio: Ratio, where: str) -> Type | None:
        above = self.type_of(ratio.numerator, f"{where}.numerator")
        below = self.type_of(ratio.denominator, f"{where}.denominator")
        if above is None or below is None:
            return None
        operation = ALGEBRA.get(("/", above, below))
        if operation is None:
            self._found("not_a_ratio", where, f"{above} / {below} has no meaning", hint("/", above, below))
            return None
        return operation.result

    def _condition(self, text: str, where: str) -> None:
        formula = self._parsed(text, where, BOOL)
        if formula is not None and contradicts(formula):
            self._found(
                "contradictory_condition", where, f"{shorten(text)} can never hold", "correct the condition"
            )

    def _formula(self, text: str, where: str) -> Type | None:
        formula = self._parsed(text, where, None)
        return None if formula is None else formula.type

    def _parsed(self, text: str, where: str, wanted: Type | None) -> Formula | None:
        try:
            return Formula.parse(text, self._schema, wanted=wanted)
        except FormulaError as error:
            self._found("formula", where, f"{error}", "correct the formula")
            return None

    def _is_one_of(self, wanted: tuple[Type, ...], found: Type, where: str, text: str) -> None:
        if found not in wanted:
            names = ", ".join(map(str, wanted))
            self._found("wrong_type", where, f"{shorten(text)} is of type {found}", f"use one of {names}")

    def _found(self, code: str, where: str, message: str, what_to_do: str) -> None:
        self.findings.append(Finding(code=code, where=where, message=message, hint=what_to_do))


def lint_aggregate(aggregate: Aggregate, schema: Schema, where: str) -> tuple[Type | None, Iterator[Finding]]:
    """Return the type of an aggregate's figure, and its faults."""
    lint = AggregateLint(schema)
    return lint.type_of(aggregate, where), iter(lint.findings)
