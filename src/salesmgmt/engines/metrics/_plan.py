"""Aggregates compiled together: what they share is computed once, and all of them in one pass over the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from salesmgmt.core.exact import OutOfRange
from salesmgmt.core.formula import BOOL, MONEY, NUMBER, Formula, Type, Value, Values
from salesmgmt.core.formula.algebra import ALGEBRA
from salesmgmt.core.formula.compile import compiled
from salesmgmt.core.formula.values import Run, finished, raw
from salesmgmt.core.money import CurrencyMismatch, Money
from salesmgmt.engines.metrics._cells import (
    MIXED_CURRENCIES,
    Cell,
    CountCell,
    DistinctCell,
    Figures,
    FiguresCell,
    LastCell,
    Outcome,
    Total,
    mean,
    median,
    total,
)
from salesmgmt.engines.metrics.aggregate import (
    Aggregate,
    Count,
    Distinct,
    Last,
    Leaf,
    Mean,
    Median,
    Ratio,
    Sum,
)
from salesmgmt.engines.metrics.facts import FactKind
from salesmgmt.engines.metrics.part import Part

_Result: TypeAlias = Callable[[Sequence[Cell]], Outcome]


class Tally:
    """The cells of all aggregates of a plan, for one set of rows."""

    __slots__ = ("_steps", "cells")

    def __init__(self, cells: Sequence[Cell], conditions: Iterable[tuple[Run | None, Sequence[int]]]) -> None:
        self.cells = cells
        self._steps = tuple(
            (condition, tuple(cells[index].add for index in indices)) for condition, indices in conditions
        )

    def add(self, values: Values) -> None:
        """Take in a row."""
        for condition, adds in self._steps:
            if condition is None or condition(values):
                for add in adds:
                    add(values)

    def merge(self, other: Tally) -> None:
        """Take in all that another tally of the same plan has seen."""
        for cell, theirs in zip(self.cells, other.cells, strict=True):
            cell.merge(theirs)


class Plan:
    """Aggregates over one kind of facts, without faults (see `lint`), ready to read rows.

    Args:
        aggregates: what is to be computed.
        facts: the kind of the rows.
        currency: of the zero that a sum of no amounts is; `None` leaves such a sum undefined.
    """

    def __init__(self, aggregates: Iterable[Aggregate], facts: FactKind, currency: str | None) -> None:
        self._facts, self._currency = facts, currency
        self._names: set[str] = set()
        self._leaves: dict[Leaf, int] = {}
        self._makers: list[Callable[[], Cell]] = []
        self._conditions: dict[Formula | None, list[int]] = {}
        self._results = tuple(self._compile(aggregate) for aggregate in aggregates)
        self._steps = tuple(
            (None if where is None else compiled(where.tree, where.source), tuple(indices))
            for where, indices in self._conditions.items()
        )

    def empty(self) -> Tally:
        """Return a tally that has seen nothing."""
        return Tally(tuple(make() for make in self._makers), self._steps)

    def tally(self, rows: Iterable[object]) -> Tally:
        """Read rows."""
        tally = self.empty()
        add = tally.add
        for values in self._values(rows, self._names):
            add(values)
        return tally

    def tallies(self, rows: Iterable[object], key: str) -> dict[Value | None, Tally]:
        """Read rows, each into the tally of its key; raises `FormulaError` when `key` is no formula over a row."""
        formula = Formula.parse(key, self._facts.schema)
        read = formula.evaluate
        found: dict[Value | None, Tally] = {}
        for values in self._values(rows, self._names | formula.names):
            its = read(values)
            tally = found.get(its)
            if tally is None:
                tally = found[its] = self.empty()
            tally.add(values)
        return found

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """The aggregates that read rows, each once, in the order of the cells of a tally."""
        return tuple(self._leaves)

    def of_parts(self, parts: Iterable[Part]) -> Tally:
        """Make the tally of rows that were read elsewhere: a part for each of `leaves`, which count, sum or average."""
        tally = self.empty()
        for cell, part in zip(tally.cells, parts, strict=True):
            if isinstance(cell, CountCell):
                cell.load(part.n)
            elif isinstance(cell, FiguresCell):
                cell.load(part.currency, Total(part.n, part.total), part.missing)
        return tally

    def outcomes(self, tally: Tally) -> Iterator[Outcome]:
        """Work out the figures, in the order of the aggregates, finished."""
        for result, type_ in self._results:
            outcome = result(tally.cells)
            value = finished(type_)(outcome.value)
            yield Outcome(value, outcome.flag, outcome.n, outcome.coverage)

    def _values(self, rows: Iterable[object], names: Iterable[str]) -> Iterator[Values]:
        read = self._facts.reader(names)
        is_mapping: dict[type, bool] = {}
        for row in rows:
            kind = type(row)
            if kind not in is_mapping:
                is_mapping[kind] = issubclass(kind, Mapping)
            yield row if is_mapping[kind] else read(row)  # type: ignore[misc]  # a mapping here

    def _compile(self, aggregate: Aggregate) -> tuple[_Result, Type]:
        if isinstance(aggregate, Ratio):
            return self._ratio(aggregate)
        index = self._leaves.get(aggregate)
        if index is None:
            index = self._leaves[aggregate] = len(self._makers)
            self._makers.append(self._maker(aggregate))
            where = None if aggregate.where is None else self._parse(aggregate.where, BOOL)
            self._conditions.setdefault(where, []).append(index)
        place = index
        return lambda cells: cells[place].outcome(), self._type(aggregate)

    def _parse(self, text: str, wanted: Type | None = None) -> Formula:
        formula = Formula.parse(text, self._facts.schema, wanted=wanted)
        self._names |= formula.names
        return formula

    def _run(self, text: str) -> Run:
        formula = self._parse(text)
        return compiled(formula.tree, formula.source)

    def _type(self, leaf: Leaf) -> Type:
        return NUMBER if isinstance(leaf, Count | Distinct) else self._parse(leaf.of).type

    def _maker(self, leaf: Leaf) -> Callable[[], Cell]:
        if isinstance(leaf, Count):
            return CountCell
        of, type_ = self._run(leaf.of), self._type(leaf)
        is_money = type_ == MONEY
        match leaf:
            case Distinct():
                return lambda: DistinctCell(of)
            case Last():
                by = self._run(leaf.by)
                return lambda: LastCell(of, by)
            case Mean():
                return lambda: FiguresCell(of, Total, mean, is_money=is_money)
            case Median():
                return lambda: FiguresCell(of, Figures, median, is_money=is_money)
            case Sum():
                zero = self._zero(type_)
                return lambda: FiguresCell(of, Total, total, is_money=is_money, of_nothing=zero)

    def _zero(self, type_: Type) -> Any:
        if type_ != MONEY:
            return Decimal(0)
        return None if self._currency is None else raw(Money.zero(self._currency))

    def _ratio(self, ratio: Ratio) -> tuple[_Result, Type]:
        numerator, above = self._compile(ratio.numerator)
        denominator, below = self._compile(ratio.denominator)
        operation = ALGEBRA["/", above, below]

        def result(cells: Sequence[Cell]) -> Outcome:
            upper, lower = numerator(cells), denominator(cells)
            coverage = min(
                (part.coverage for part in (upper, lower) if part.coverage is not None), default=None
            )
            flag = upper.flag or lower.flag
            figure = None
            if flag is None and upper.value is not None and _is_not_zero(lower.value):
                try:
                    figure = operation.apply(upper.value, lower.value)
                except CurrencyMismatch:
                    flag = MIXED_CURRENCIES
                except ArithmeticError:
                    raise OutOfRange from None
            return Outcome(figure, flag, lower.n, coverage)

        return result, operation.result


def _is_not_zero(figure: Any) -> bool:
    return bool(figure[0]) if isinstance(figure, tuple) else bool(figure)
