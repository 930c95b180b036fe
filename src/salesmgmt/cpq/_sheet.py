"""Sheets of records in CSV: read row by row, each fault with its file, row and column."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import attrs

from salesmgmt.core.currency import currency
from salesmgmt.core.errors import InvalidInput, Problem, SalesError, shorten
from salesmgmt.core.exact import exact
from salesmgmt.core.nearest import nearest
from salesmgmt.core.percent import Percent

LARGEST_SHEET = 100_000_000
"""Bytes of one file that are read at most."""

MOST_PROBLEMS = 1_000
"""Faults of one file after which the rest of it is not read."""

_MOST_COLUMNS = 1_000


class _Unfit(Exception):
    """A cell is not what its column wants."""


@attrs.frozen
class Column:
    """What stands in a column.

    Attributes:
        read: makes a value of the text of a cell that is not blank.
        wanted: what it takes, for messages.
        required: whether each row must have it.
    """

    read: Callable[[str], Any]
    wanted: str
    required: bool = False


@attrs.frozen
class Row:
    """A row without faults.

    Attributes:
        number: its line in the file; the names of the columns stand in line 1.
        cells: the values by column; blank cells are left out.
    """

    number: int
    cells: Mapping[str, Any]


class Sheet:
    """A CSV file (RFC 4180, UTF-8, names of the columns in the first row) and the faults found in it so far."""

    def __init__(self, file: Path, columns: Mapping[str, Column]) -> None:
        self.name = file.name
        self.problems: list[Problem] = []
        self._file = file
        self._columns = columns

    def rows(self) -> Iterator[Row]:
        """Read the rows that have no fault; the faults of the others are among `problems` afterwards."""
        text = self._text()
        if text is None:
            return
        reader = csv.reader(StringIO(text, newline=""), strict=True)
        names: list[str] | None = None
        for number, cells in self._records(reader):
            if len(self.problems) >= MOST_PROBLEMS:
                self._fault(f"row {number}", "too_many_problems", None, "the faults above corrected first")
                return
            if names is None:
                names = self._heading(cells)
                if self.problems:
                    return
                continue
            row = self._row(number, names, cells)
            if row is not None:
                yield row
        if names is None:
            self._fault("", "empty", None, f"the columns {', '.join(self._columns)} in the first row")

    def add(self, row: Row, fault: InvalidInput, columns: Mapping[str, str]) -> None:
        """Note what the class of the records says against a row; `columns` maps its fields to columns."""
        self.problems.extend(
            attrs.evolve(problem, path=self.place(row.number, columns.get(problem.path, problem.path)))
            for problem in fault.problems
        )

    def place(self, number: int, column: str) -> str:
        """Name a cell in the reader's terms."""
        return f"{self.name} row {number}, column {column}"

    def _fault(self, place: str, code: str, found: str | None, wanted: str, hint: str = "") -> None:
        path = f"{self.name} {place}".rstrip()
        self.problems.append(Problem(path, code, found, wanted, hint))

    def _text(self) -> str | None:
        try:
            with self._file.open("rb") as stream:
                data = stream.read(LARGEST_SHEET + 1)  # not by its stated size: that of a device or pipe is 0
            if len(data) <= LARGEST_SHEET:
                return data.decode("utf-8-sig")
            self._fault("", "too_large", "a larger file", f"at most {LARGEST_SHEET} bytes")
        except OSError as error:
            self._fault("", "unreadable", error.strerror or "no file", "a readable file")
        except UnicodeDecodeError as error:
            self._fault("", "encoding", f"byte {error.start} is not UTF-8", "a text in UTF-8")
        except ValueError as error:  # a NUL in the path
            self._fault("", "unreadable", str(error), "a readable file")
        return None

    def _records(self, reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
        while True:
            number = reader.line_num + 1  # type: ignore[attr-defined]  # a reader of `csv`
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                self._fault(f"row {number}", "not_csv", str(error), "cells parted by commas, quotes closed")
                continue
            if any(cells):
                yield number, cells

    def _heading(self, cells: list[str]) -> list[str]:
        if len(cells) > _MOST_COLUMNS:
            self._fault("row 1", "too_many_columns", f"{len(cells)} columns", f"at most {_MOST_COLUMNS}")
            return []
        names = [cell.strip() for cell in cells]
        for position, name in enumerate(names):
            if name in names[:position]:
                self._fault("row 1", "duplicate_column", shorten(name), "each column once")
            elif name not in self._columns:
                close = nearest(name, self._columns) if len(name) <= 100 else None
                hint = f"did you mean {close!r}?" if close else ""
                self._fault(
                    "row 1", "unknown_column", shorten(name), f"one of {', '.join(self._columns)}", hint
                )
        for name, column in self._columns.items():
            if column.required and name not in names:
                self._fault("row 1", "missing_column", None, f"a column {name}")
        return names

    def _row(self, number: int, names: list[str], cells: list[str]) -> Row | None:
        before = len(self.problems)
        if len(cells) != len(names):
            self._fault(
                f"row {number}", "cell_count", f"{len(cells)} cells", f"{len(names)}, as the first row has"
            )
            return None
        values: dict[str, Any] = {}
        for name, cell in zip(names, cells, strict=True):
            text, column = cell.strip(), self._columns[name]
            if text:
                try:
                    values[name] = column.read(text)
                except SalesError as error:
                    self._wrong(number, name, error.code, text, column)
                except _Unfit:
                    self._wrong(number, name, "wrong_value", text, column)
            elif column.required:
                self._wrong(number, name, "missing", None, column)
        return None if len(self.problems) > before else Row(number, values)

    def _wrong(self, number: int, name: str, code: str, text: str | None, column: Column) -> None:
        found = None if text is None else shorten(text)
        self.problems.append(Problem(self.place(number, name), code, found, column.wanted))


def _text(text: str) -> str:
    if len(text) > 200 or not text.isprintable():
        raise _Unfit
    return text


def _date(text: str) -> date:
    try:
        if len(text) == 10 and text[4] == text[7] == "-":
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise _Unfit


def _percent(text: str) -> Percent:
    return Percent(text.removesuffix("%"))


def _currency(text: str) -> str:
    known = currency(text)
    _ = known.minor_digits
    return known.code


def _flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise _Unfit
    return text == "true"


TEXT = Column(_text, "a text of at most 200 characters")
NUMBER = Column(exact, "a plain number such as 1234.50")
DATE = Column(_date, "a date such as 2026-01-31")
PERCENT = Column(_percent, "a percentage such as 12.5%")
CURRENCY = Column(_currency, "an ISO 4217 code that has a minor unit")
FLAG = Column(_flag, "true or false")


def required(column: Column) -> Column:
    """The same column, in which each row must have a value."""
    return attrs.evolve(column, required=True)
