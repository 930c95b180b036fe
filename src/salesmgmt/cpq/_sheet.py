"""Sheets of records in CSV: read row by row, each fault with its file, row and column."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import attrs

from salesmgmt.core.currency import currency
from salesmgmt.core.errors import InvalidInput, Problem, SalesError, shorten
from salesmgmt.core.exact import exact
from salesmgmt.core.nearest import nearest
from salesmgmt.core.percent import Percent

LARGEST_SHEET = 100_000_000
"""Characters of one file that are read at most."""

MOST_PROBLEMS = 1_000
"""Faults of one file after which the rest of it is not read."""

_MOST_COLUMNS = 1_000

_LONGEST_LINE = 10_000_000

_MOST_REMEMBERED = 10_000
"""Cells of a column whose value is remembered; a column repeats its dates and customers, not its ids."""


class Unfit(Exception):
    """A cell is not what its column wants; the argument, if any, says what to do."""


@attrs.frozen
class Column:
    """What stands in a column.

    Attributes:
        read: makes a value of the text of a cell that is not blank; raises `Unfit` or a `SalesError`.
        wanted: what it takes, for messages.
        required: whether each row must have it.
    """

    read: Callable[[str], Any]
    wanted: str
    required: bool = False


@attrs.frozen
class Row:
    """A row of a sheet.

    Attributes:
        number: its line in the file; the names of the columns stand in line 1.
        cells: the values by column; blank cells are left out. They are the reader's own, who may take them out.
        texts: the cells as they stand in the file.
        is_faulty: whether it has a fault; then values are lacking.
    """

    number: int
    cells: dict[str, Any]
    texts: list[str]
    is_faulty: bool = False


class Sheet:
    """A CSV file (RFC 4180, UTF-8, names of the columns in the first row) and the faults found in it so far.

    Args:
        file: where it is.
        columns: the columns that it may have.
        further: finds the column of a name that `columns` lacks; `None` for a name that is unknown.
        names: what the columns found by `further` are called, for messages and for the nearest name.
        largest: characters that are read at most.

    Attributes:
        name: of the file.
        problems: the faults found so far.
        heading: the names of the columns, once the first row is read.
        read: the characters that are read so far.
        is_cut_short: whether a fault kept the rest of it from being read.
    """

    def __init__(
        self,
        file: Path,
        columns: Mapping[str, Column],
        *,
        further: Callable[[str], Column | None] | None = None,
        names: tuple[str, ...] = (),
        largest: int = LARGEST_SHEET,
    ) -> None:
        self.name = file.name
        self.problems: list[Problem] = []
        self._file = file
        self._columns = columns
        self._further = further
        self._names = names
        self._largest = largest
        self.heading: list[str] = []
        self.read = 0
        self.is_cut_short = False

    def rows(self) -> Iterator[Row]:
        """Read the rows that have no fault; the faults of the others are among `problems` afterwards."""
        return (row for row in self.every_row() if not row.is_faulty)

    def every_row(self) -> Iterator[Row]:
        """Read the rows, those with faults as well; the faults are among `problems` as soon as a row is read."""
        try:
            with self._file.open(encoding="utf-8-sig", newline="") as text:
                yield from self._rows(text)
        except OSError as error:
            self._stop("", "unreadable", error.strerror or "no file", "a readable file")
        except UnicodeDecodeError as error:
            self._stop("", "encoding", f"byte 0x{error.object[error.start]:02x}", "a text in UTF-8")
        except ValueError as error:  # a NUL in the path
            self._stop("", "unreadable", str(error), "a readable file")

    def _rows(self, text: TextIO) -> Iterator[Row]:
        reader = csv.reader(self._lines(text), strict=True)
        plan: list[_Plan] | None = None
        for number, cells in self._records(reader):
            if plan is not None:
                yield self._row(number, plan, cells)
                continue
            plan = self._heading(cells)
            if self.problems:
                self.is_cut_short = True
                return
        if plan is None and not self.problems:
            self._stop("", "empty", None, f"the columns {self._known()} in the first row")

    def add(self, row: Row, fault: InvalidInput, columns: Mapping[str, str]) -> None:
        """Note what the class of the records says against a row; `columns` maps its fields to columns."""
        self.problems.extend(
            attrs.evolve(problem, path=self.place(row.number, columns.get(problem.path, problem.path)))
            for problem in fault.problems
        )

    def refuse(self, row: Row, column: str, problem: Problem) -> None:
        """Note a fault of one cell; the path of the problem is that of the cell."""
        self.problems.append(attrs.evolve(problem, path=self.place(row.number, column)))

    def place(self, number: int, column: str) -> str:
        """Name a cell in the reader's terms."""
        return f"{self.name} row {number}, column {column}"

    def _fault(self, place: str, code: str, found: str | None, wanted: str, hint: str = "") -> None:
        path = f"{self.name} {place}".rstrip()
        self.problems.append(Problem(path, code, found, wanted, hint))

    def _stop(self, place: str, code: str, found: str | None, wanted: str) -> None:
        self._fault(place, code, found, wanted)
        self.is_cut_short = True

    def _lines(self, text: TextIO) -> Iterator[str]:
        """The lines of the file; neither a line nor the file goes on for ever."""
        while line := text.readline(_LONGEST_LINE + 1):
            self.read += len(line)
            if self.read > self._largest:
                self._stop("", "too_large", "a larger file", f"at most {self._largest} characters")
                return
            if len(line) > _LONGEST_LINE:
                self._stop("", "too_long", "a longer line", f"at most {_LONGEST_LINE} characters in a line")
                return
            yield line

    def _records(self, reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
        """The cells of each record, with its line; those of one that is no CSV are none."""
        while True:
            number = reader.line_num + 1  # type: ignore[attr-defined]  # a reader of `csv`
            if len(self.problems) >= MOST_PROBLEMS:
                self._stop(f"row {number}", "too_many_problems", None, "the faults above corrected first")
                return
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                self._fault(f"row {number}", "not_csv", str(error), "cells parted by commas, quotes closed")
                yield number, []
                continue
            if any(cells):
                yield number, cells

    def _heading(self, cells: list[str]) -> list[_Plan]:
        if len(cells) > _MOST_COLUMNS:
            self._fault("row 1", "too_many_columns", f"{len(cells)} columns", f"at most {_MOST_COLUMNS}")
            return []
        self.heading = names = [cell.strip() for cell in cells]
        plan = []
        for position, name in enumerate(names):
            column = self._columns.get(name)
            if column is None and self._further is not None:
                column = self._further(name)
            if name in names[:position]:
                self._fault("row 1", "duplicate_column", shorten(name), "each column once")
            elif column is None:
                self._unknown(name, is_alone=len(names) == 1)
            else:
                plan.append(_Plan(name, column, {} if column.required else {"": None}))
        for name, column in self._columns.items():
            if column.required and name not in names:
                self._fault("row 1", "missing_column", None, f"a column {name}")
        return plan

    def _unknown(self, name: str, *, is_alone: bool) -> None:
        close = nearest(name, (*self._columns, *self._names)) if len(name) <= 100 else None
        hint = f"did you mean {close!r}?" if close else ""
        if is_alone and (seen := [sign for sign in ";\t|" if sign in name]):
            hint = f"the cells seem to be parted by {seen[0]!r}: part them by commas"
        self._fault("row 1", "unknown_column", shorten(name), f"one of {self._known()}", hint)

    def _known(self) -> str:
        return ", ".join((*self._columns, *self._names))

    def _row(self, number: int, plan: list[_Plan], cells: list[str]) -> Row:
        values: dict[str, Any] = {}
        if len(cells) != len(plan):
            if cells:  # a record that is no CSV has its fault already
                wanted = f"{len(plan)}, as the first row has"
                self._fault(f"row {number}", "cell_count", f"{len(cells)} cells", wanted)
            return Row(number, values, cells, is_faulty=True)
        before = len(self.problems)
        for (name, column, known), cell in zip(plan, cells, strict=True):
            value = known.get(cell, known)
            if value is known:
                value = self._value(number, name, column, cell)
                if value is not None and len(known) < _MOST_REMEMBERED:
                    known[cell] = value
            if value is not None:
                values[name] = value
        return Row(number, values, cells, len(self.problems) > before)

    def _value(self, number: int, name: str, column: Column, cell: str) -> Any:
        """The value of a cell; `None` for a blank one, and for one that has a fault."""
        text = cell.strip()
        if not text:
            if column.required:
                self.problems.append(Problem(self.place(number, name), "missing", None, column.wanted))
            return None
        try:
            return column.read(text)
        except SalesError as error:
            code, hint = error.code, ""
        except Unfit as reason:
            code, hint = "wrong_value", str(reason)
        self.problems.append(Problem(self.place(number, name), code, shorten(text), column.wanted, hint))
        return None


class _Plan(NamedTuple):
    """A column of a file: its name, what stands in it, and the values of the cells that were read before."""

    name: str
    column: Column
    known: dict[str, Any]


def _text(text: str) -> str:
    if len(text) > 200 or not text.isprintable():
        raise Unfit
    return text


_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)", re.ASCII)

_FIRST_DAY = date(1, 1, 2)
"""A day earlier, midnight is no instant in the time zones of the east."""


def _date(text: str) -> date:
    try:
        if len(text) == 10 and text[4] == text[7] == "-" and (day := date.fromisoformat(text)) >= _FIRST_DAY:
            return day
    except ValueError:
        pass
    raise Unfit


def read_instant(text: str) -> datetime:
    """An instant with its offset from UTC; raises `Unfit`."""
    try:
        if _INSTANT.fullmatch(text):
            instant = datetime.fromisoformat(text)
            instant.astimezone(UTC)
            return instant
    except (ValueError, OverflowError):
        pass
    raise Unfit


def _day_or_instant(text: str) -> date | datetime:
    return read_instant(text) if len(text) > 10 else _date(text)


def _percent(text: str) -> Percent:
    return Percent(text.removesuffix("%"))


def _currency(text: str) -> str:
    known = currency(text)
    _ = known.minor_digits
    return known.code


def _flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise Unfit
    return text == "true"


def _integer(text: str) -> int:
    number = exact(text)
    if number != number.to_integral_value() or len(text) > 18:
        raise Unfit
    return int(number)


TEXT = Column(_text, "a text of at most 200 characters")
NUMBER = Column(exact, "a plain number such as 1234.50")
INTEGER = Column(_integer, "a whole number of at most 18 characters")
DATE = Column(_date, "a date such as 2026-01-31")
DAY_OR_INSTANT = Column(
    _day_or_instant, "a date such as 2026-01-31, or an instant with its offset such as 2026-01-31T09:00+08:00"
)
PERCENT = Column(_percent, "a percentage such as 12.5%")
CURRENCY = Column(_currency, "an ISO 4217 code that has a minor unit")
FLAG = Column(_flag, "true or false")


def required(column: Column) -> Column:
    """The same column, in which each row must have a value."""
    return attrs.evolve(column, required=True)


def texts(wanted: str) -> Column:
    """Several texts in one cell, parted by semicolons."""
    return Column(lambda text: tuple(_text(part.strip()) for part in text.split(";") if part.strip()), wanted)


def choice(kind: type[StrEnum]) -> Column:
    """One of the words of an enumeration."""

    def read(text: str) -> StrEnum:
        try:
            return kind(text)
        except ValueError:
            close = nearest(text, kind) if len(text) <= 100 else None
            raise Unfit(f"did you mean {str(close)!r}?" if close else "") from None

    return Column(read, f"one of {', '.join(kind)}")
