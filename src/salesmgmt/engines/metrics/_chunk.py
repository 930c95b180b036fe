"""Rows in portions, read a column at a time: what is one call a row in Python is one call a column in C."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import compress
from operator import attrgetter
from typing import Any, TypeAlias

from salesmgmt.core.errors import SalesError
from salesmgmt.core.exact import DIGITS, STRICT, exact
from salesmgmt.core.formula import BOOL, DATE, MONEY, NUMBER, PERCENT, TEXT, Type, Values
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.engines.metrics.facts import FactKind

_ALWAYS_EXACT = 10**DIGITS

ReadColumn: TypeAlias = Callable[[Sequence[Any]], list[Any]]
"""How one fact is read off many rows."""

Amounts: TypeAlias = dict[str, list[Any]]
"""Decimals or integers, by their currency; plain numbers and percents have the currency ``."""


class NotPlain(Exception):
    """A column holds something that needs a look at every single value."""


UNFIT = (NotPlain, SalesError, ArithmeticError)
"""What columns raise; the rows one by one will say which of them is at fault, or that none is."""


class Chunk:
    """Rows of one sort, and what was read off them so far.

    Args:
        rows: the rows.
        columns: how each fact is read off them.
        values: how a row is read as a mapping.

    Attributes:
        rows: the rows.
        shared: what was worked out of them for several aggregates, for `Reading`.
    """

    __slots__ = ("_columns", "_found", "_values", "rows", "shared")

    def __init__(
        self,
        rows: Sequence[Any],
        columns: Callable[[str], ReadColumn],
        values: Callable[[Any], Values],
    ) -> None:
        self.rows = rows
        self._columns, self._values = columns, values
        self._found: dict[str, list[Any]] = {}
        self.shared: dict[str, Amounts] = {}

    def column(self, name: str, type_: Type) -> list[Any]:
        """Return a fact of every row, raw; raises `NotPlain`."""
        found = self._found.get(name)
        if found is None:
            raw = _RAW.get(type_)
            if raw is None:
                raise NotPlain
            found = self._found[name] = raw(self._columns(name)(self.rows))
        return found

    def amounts(self, name: str, type_: Type) -> Amounts:
        """Return the numbers of a fact, or its amounts of money, that are not missing; raises `NotPlain`."""
        present = [value for value in self._columns(name)(self.rows) if value is not None]
        if type_ != MONEY:
            return {"": present if _are_small_integers(present) else _RAW[type_](present)}
        if not _kinds(present) <= {Money}:
            raise NotPlain
        currencies = {money.currency for money in present}
        if len(currencies) == 1:
            return {currencies.pop(): [money.amount for money in present]}
        return amounts_by_currency((money.amount, money.currency) for money in present)

    def values(self) -> Iterable[Values]:
        """Return the rows as mappings."""
        return map(self._values, self.rows)

    def where(self, holds: Iterable[Any]) -> Chunk:
        """Return the rows for which a condition holds."""
        return self.of(list(compress(self.rows, holds)))

    def of(self, rows: Sequence[Any]) -> Chunk:
        """Return some of the rows."""
        return Chunk(rows, self._columns, self._values)


def chunk_of(rows: Sequence[Any], facts: FactKind, names: Iterable[str]) -> Chunk | None:
    """Rows of one sort as a chunk; `None` when there are mappings and objects among them.

    Args:
        rows: the rows.
        facts: how they are read.
        names: the facts that may be asked for.
    """
    sorts = {issubclass(kind, Mapping) for kind in set(map(type, rows))}
    if len(sorts) > 1:
        return None
    if True in sorts:
        return Chunk(rows, _column_of_mappings, lambda row: row)
    return Chunk(rows, facts.column_reader, facts.reader(names))


def one_by_one(rows: Iterable[Any], facts: FactKind, names: Iterable[str]) -> Iterator[Values]:
    """Read each row as a mapping, whatever its sort."""
    read = facts.reader(names)
    is_mapping: dict[type, bool] = {}
    for row in rows:
        kind = type(row)
        if kind not in is_mapping:
            is_mapping[kind] = issubclass(kind, Mapping)
        yield row if is_mapping[kind] else read(row)


def amounts_by_currency(amounts: Iterable[tuple[Decimal, str]]) -> Amounts:
    """Sort amounts of money by their currency."""
    found: defaultdict[str, list[Decimal]] = defaultdict(list)
    for amount, currency in amounts:
        found[currency].append(amount)
    return found


def _column_of_mappings(name: str) -> ReadColumn:
    return lambda rows: [row.get(name) for row in rows]


def _kinds(column: list[Any]) -> set[type]:
    return set(map(type, column))


_NONE = type(None)


def _texts(column: list[Any]) -> list[Any]:
    kinds = _kinds(column)
    if kinds <= {str, _NONE}:
        return column
    if all(issubclass(kind, StrEnum) for kind in kinds):
        # What `.value` says, in a fifth of its time.
        return [member._value_ for member in column]
    if not all(issubclass(kind, (str, _NONE)) for kind in kinds):
        raise NotPlain
    return [None if value is None else str.__str__(value) for value in column]


def _numbers(column: list[Any]) -> list[Any]:
    if not _kinds(column) <= {Decimal, int, _NONE}:
        raise NotPlain
    numbers = [
        None if value is None else STRICT.plus(value) if type(value) is Decimal else exact(value)
        for value in column
    ]
    if not all(number is None or number.is_finite() for number in numbers):
        raise NotPlain
    return numbers


def _are_small_integers(numbers: list[Any]) -> bool:
    return _kinds(numbers) == {int} and -_ALWAYS_EXACT < min(numbers) <= max(numbers) < _ALWAYS_EXACT


def _of_class(kind: type) -> Callable[[list[Any]], list[Any]]:
    def plain(column: list[Any]) -> list[Any]:
        if not _kinds(column) <= {kind, _NONE}:
            raise NotPlain
        return column

    return plain


def _parts_of(kind: type, *fields: str) -> Callable[[list[Any]], list[Any]]:
    part = attrgetter(*fields)

    def parts(column: list[Any]) -> list[Any]:
        kinds = _kinds(column)
        if kinds == {kind}:
            return list(map(part, column))
        if not kinds <= {kind, _NONE}:
            raise NotPlain
        return [None if value is None else part(value) for value in column]

    return parts


_RAW: dict[Type, Callable[[list[Any]], list[Any]]] = {
    TEXT: _texts,
    NUMBER: _numbers,
    BOOL: _of_class(bool),
    DATE: _of_class(date),
    MONEY: _parts_of(Money, "amount", "currency"),
    PERCENT: _parts_of(Percent, "points"),
}
