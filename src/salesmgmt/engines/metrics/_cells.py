"""What is kept while rows are read: one cell for each aggregate, and cells of two sets of rows can be merged.

Values are raw, as a formula computes with them (see `core.formula.algebra`). Sums are kept in the wide context, where they are
exact, so the order of the rows never matters; the result is brought to 34 digits once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal, localcontext
from typing import Any, Generic, Protocol, Self, TypeVar

import attrs

from salesmgmt.core.exact import CONTEXT, WIDE, OutOfRange, divide
from salesmgmt.core.formula import Values
from salesmgmt.engines.metrics._chunk import Chunk
from salesmgmt.engines.metrics._columnwise import Reading

MIXED_CURRENCIES = "mixed_currencies"
VALUES_MISSING = "values_missing"

_add = WIDE.add
_ZERO = Decimal(0)


@attrs.frozen
class Outcome:
    """A raw figure, or none: with a flag that says why, or without one when there was nothing to compute from."""

    value: Any
    flag: str | None
    n: int
    coverage: Decimal | None = None


class Cell(Protocol):
    """The state of one aggregate."""

    def add(self, values: Values) -> None:
        """Take in a row."""

    def take(self, chunk: Chunk) -> None:
        """Take in many rows at once; when it raises, nobody may use the cell any more."""

    def merge(self, other: Any) -> None:
        """Take in what a cell of the same aggregate has seen."""

    def outcome(self) -> Outcome:
        """Work out the figure."""


class CountCell:
    """Counts rows."""

    __slots__ = ("_n",)

    def __init__(self) -> None:
        self._n = 0

    def add(self, _values: Values) -> None:
        self._n += 1

    def take(self, chunk: Chunk) -> None:
        self._n += len(chunk.rows)

    def merge(self, other: Self) -> None:
        self._n += other._n

    def load(self, n: int) -> None:
        """Take in rows that were counted elsewhere."""
        self._n += n

    def outcome(self) -> Outcome:
        return Outcome(Decimal(self._n), None, self._n)


class DistinctCell:
    """Keeps the different values."""

    __slots__ = ("_missing", "_of", "_rows", "_seen")

    def __init__(self, of: Reading) -> None:
        self._of = of
        self._seen: set[object] = set()
        self._rows = self._missing = 0

    def add(self, values: Values) -> None:
        value = self._of.row(values)
        if value is None:
            self._missing += 1
        else:
            self._rows += 1
            self._seen.add(value)

    def take(self, chunk: Chunk) -> None:
        present = self._of.present(chunk)
        self._missing += len(chunk.rows) - len(present)
        self._rows += len(present)
        self._seen.update(present)

    def merge(self, other: Self) -> None:
        self._seen |= other._seen
        self._rows += other._rows
        self._missing += other._missing

    def outcome(self) -> Outcome:
        return Outcome(Decimal(len(self._seen)), None, self._rows, _coverage(self._rows, self._missing))


class LastCell:
    """Keeps the value of the latest row."""

    __slots__ = ("_at", "_by", "_missing", "_of", "_rows", "_value")

    def __init__(self, of: Reading, by: Reading) -> None:
        self._of, self._by = of, by
        self._at: Any = None
        self._value: Any = None
        self._rows = self._missing = 0

    def add(self, values: Values) -> None:
        self._see(self._by.row(values), self._of.row(values))

    def take(self, chunk: Chunk) -> None:
        for at, value in zip(self._by.column(chunk), self._of.column(chunk), strict=True):
            self._see(at, value)

    def _see(self, at: Any, value: Any) -> None:
        if value is None or at is None:
            self._missing += 1
        else:
            self._rows += 1
            self._keep(at, value)

    def merge(self, other: Self) -> None:
        self._rows += other._rows
        self._missing += other._missing
        if other._rows:
            self._keep(other._at, other._value)

    def _keep(self, at: Any, value: Any) -> None:
        if self._at is None or at >= self._at:
            self._at, self._value = at, value

    def outcome(self) -> Outcome:
        flag = VALUES_MISSING if self._missing and not self._rows else None
        return Outcome(self._value, flag, self._rows, _coverage(self._rows, self._missing))


class Total:
    """A sum of decimals and how many they were."""

    __slots__ = ("n", "total")

    def __init__(self, n: int = 0, total: Decimal = _ZERO) -> None:
        self.n, self.total = n, total

    def add(self, number: Decimal) -> None:
        self.n += 1
        self.total = _add(self.total, number)

    def extend(self, numbers: Sequence[Decimal | int]) -> None:
        self.n += len(numbers)
        with localcontext(WIDE):  # `sum` in it takes half the time of calling `_add` for each
            self.total += sum(numbers)

    def merge(self, other: Self) -> None:
        self.n += other.n
        self.total = _add(self.total, other.total)


class Figures:
    """Decimals or integers, each kept."""

    __slots__ = ("add", "extend", "figures")

    def __init__(self) -> None:
        self.figures: list[Decimal | int] = []
        self.add = self.figures.append
        self.extend = self.figures.extend

    @property
    def n(self) -> int:
        return len(self.figures)

    def merge(self, other: Self) -> None:
        self.figures.extend(other.figures)


S = TypeVar("S", Total, Figures)


def total(state: Total) -> Decimal:
    """Return a sum to 34 digits; raises `OutOfRange`."""
    try:
        found = CONTEXT.plus(state.total)
    except ArithmeticError:
        raise OutOfRange from None
    return found or found.copy_abs()


def mean(state: Total) -> Decimal:
    """Return a mean to 34 digits."""
    return divide(state.total, Decimal(state.n))


def median(state: Figures) -> Decimal:
    """Return the middle of the figures, which are not none."""
    figures = sorted(state.figures)
    middle = len(figures) // 2
    if len(figures) % 2:
        return Decimal(figures[middle])
    return divide(_add(figures[middle - 1], figures[middle]), Decimal(2))


class FiguresCell(Generic[S]):
    """Keeps a sum, or every figure, of each currency; plain numbers and percents have the currency ``.

    Args:
        of: what is read off a row.
        start: makes an empty state.
        result: works the figure out of a state that is not empty.
        is_money: whether figures carry a currency.
        of_nothing: the raw figure of no rows at all; `None` when it is undefined.
    """

    __slots__ = ("_is_money", "_missing", "_of", "_of_nothing", "_result", "_start", "_states", "add")

    def __init__(
        self,
        of: Reading,
        start: Callable[[], S],
        result: Callable[[S], Decimal],
        *,
        is_money: bool,
        of_nothing: Any = None,
    ) -> None:
        self._of = of
        self._start: Callable[[], S] = start
        self._result: Callable[[S], Decimal] = result
        self._is_money, self._of_nothing = is_money, of_nothing
        self._states: dict[str, S] = {}
        self._missing = 0
        self.add = self._add_money if is_money else self._add_number

    def _add_number(self, values: Values) -> None:
        number = self._of.row(values)
        if number is None:
            self._missing += 1
        else:
            self._state("").add(number)

    def _add_money(self, values: Values) -> None:
        money = self._of.row(values)
        if money is None:
            self._missing += 1
        else:
            self._state(money[1]).add(money[0])

    def take(self, chunk: Chunk) -> None:
        self._missing += len(chunk.rows)
        for currency, amounts in self._of.amounts(chunk).items():
            if amounts:
                self._missing -= len(amounts)
                self._state(currency).extend(amounts)

    def _state(self, currency: str) -> S:
        state = self._states.get(currency)
        if state is None:
            state = self._states[currency] = self._start()
        return state

    def merge(self, other: Self) -> None:
        self._missing += other._missing
        for currency, state in other._states.items():
            self._state(currency).merge(state)

    def load(self, currency: str, state: S, missing: int) -> None:
        """Take in rows that were summed elsewhere."""
        self._missing += missing
        if state.n:
            self._state(currency).merge(state)

    def outcome(self) -> Outcome:
        n = sum(state.n for state in self._states.values())
        coverage = _coverage(n, self._missing)
        if len(self._states) > 1:
            return Outcome(None, MIXED_CURRENCIES, n, coverage)
        for currency, state in self._states.items():
            figure = self._result(state)
            return Outcome((figure, currency) if self._is_money else figure, None, n, coverage)
        if self._missing:
            return Outcome(None, VALUES_MISSING, 0, coverage)
        return Outcome(self._of_nothing, None, 0)


def _coverage(present: int, missing: int) -> Decimal | None:
    every = present + missing
    return divide(Decimal(present), Decimal(every)) if every else None
