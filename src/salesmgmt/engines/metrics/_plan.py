"""Aggregates compiled together: what they share is computed once, and all of them in one pass over the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any, TypeAlias, TypeVar

from salesmgmt.core.exact import OutOfRange
from salesmgmt.core.formula import BOOL, MONEY, NUMBER, Formula, Type, Value, Values
from salesmgmt.core.formula.algebra import ALGEBRA
from salesmgmt.core.formula.values import finished, raw
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
from salesmgmt.engines.metrics._chunk import UNFIT, Chunk, chunk_of, one_by_one
from salesmgmt.engines.metrics._columnwise import Reading
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
from salesmgmt.engines.metrics.grouping import Grouping
from salesmgmt.engines.metrics.part import Part

T = TypeVar("T")

_Result: TypeAlias = Callable[[Sequence[Cell]], Outcome]


_PORTION = 2_048
"""Rows that are read as columns at once: enough that a row costs little, and few enough for the caches of a processor."""

_GROUPED_PORTION = 65_536
"""The same when they fall into groups, each of which is read for itself."""

_FEW = 16
"""Fewer rows than this are not worth making columns of."""


class Tally:
    """The cells of all aggregates of a plan, for one set of rows."""

    __slots__ = ("_steps", "cells")

    def __init__(
        self, cells: Sequence[Cell], conditions: Iterable[tuple[Reading | None, Sequence[int]]]
    ) -> None:
        self.cells = cells
        self._steps = tuple(
            (condition, tuple(cells[index] for index in indices)) for condition, indices in conditions
        )

    def add(self, rows: Iterable[Values]) -> None:
        """Take in rows, one by one."""
        steps = [
            (None if condition is None else condition.row, [cell.add for cell in cells])
            for condition, cells in self._steps
        ]
        for values in rows:
            for condition, adds in steps:
                if condition is None or condition(values):
                    for add in adds:
                        add(values)

    def take(self, chunk: Chunk) -> None:
        """Take in many rows at once; when it raises, nobody may use the tally any more."""
        for condition, cells in self._steps:
            chosen = chunk if condition is None else chunk.where(condition.column(chunk))
            for cell in cells:
                cell.take(chosen)

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
            (None if where is None else Reading(where), tuple(indices))
            for where, indices in self._conditions.items()
        )

    def empty(self) -> Tally:
        """Return a tally that has seen nothing."""
        return Tally(tuple(make() for make in self._makers), self._steps)

    def tally(self, rows: Iterable[object]) -> Tally:
        """Read rows."""
        tally = self.empty()
        for portion in _portions(rows, _PORTION):
            self._take(tally, portion)
        return tally

    def tallies(self, rows: Iterable[object], key: str) -> dict[Value | None, Tally]:
        """Read rows, each into the tally of its key; raises `FormulaError` when `key` is no formula over a row."""
        grouping = Grouping(key, self._facts)
        found: dict[Value | None, Tally] = {}
        for portion in _portions(rows, _GROUPED_PORTION):
            for its, group in grouping.groups(portion).items():
                tally = found.get(its)
                if tally is None:
                    tally = found[its] = self.empty()
                self._take(tally, group)
        return found

    def _take(self, tally: Tally, rows: Sequence[Any]) -> None:
        """Read rows, as columns where they are many and plain, and else one by one."""
        if len(rows) >= _FEW and (chunk := chunk_of(rows, self._facts, self._names)) is not None:
            whole = self.empty()
            try:
                whole.take(chunk)
            except UNFIT:
                pass
            else:
                tally.merge(whole)
                return
        tally.add(one_by_one(rows, self._facts, self._names))

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

    def _reading(self, text: str) -> Reading:
        return Reading(self._parse(text))

    def _type(self, leaf: Leaf) -> Type:
        return NUMBER if isinstance(leaf, Count | Distinct) else self._parse(leaf.of).type

    def _maker(self, leaf: Leaf) -> Callable[[], Cell]:
        if isinstance(leaf, Count):
            return CountCell
        of, type_ = self._reading(leaf.of), self._type(leaf)
        is_money = type_ == MONEY
        match leaf:
            case Distinct():
                return lambda: DistinctCell(of)
            case Last():
                by = self._reading(leaf.by)
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


def _portions(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(rows)
    while portion := list(islice(iterator, size)):
        yield portion


def _is_not_zero(figure: Any) -> bool:
    return bool(figure[0]) if isinstance(figure, tuple) else bool(figure)
