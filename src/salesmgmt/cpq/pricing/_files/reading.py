"""What the readers of all files share: the faults so far, and the ways from rows and tables to records."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol, TypeVar

import attrs

from salesmgmt.core.definition import load_definition
from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.formula import BOOL, SET, TEXT, Formula, FormulaError, Schema
from salesmgmt.core.nearest import nearest
from salesmgmt.cpq._sheet import TEXT as TEXT_COLUMN
from salesmgmt.cpq._sheet import Column, Row, Sheet, Unfit

D = TypeVar("D")


class Record(Protocol):
    """What stands in a row."""

    @property
    def id(self) -> str:
        """What it is called."""


R = TypeVar("R", bound=Record)


def read_records(
    sheet: Sheet,
    make: Callable[[Row], R],
    columns: Mapping[str, str] | None = None,
    key: Callable[[R], Hashable] = lambda record: record.id,
) -> tuple[R, ...]:
    """Make a record of each row; what its class says against a row is noted in the sheet.

    Args:
        sheet: the file.
        make: makes the record.
        columns: the column of a field, where its name is another.
        key: what only one record may have.
    """
    found: dict[Hashable, R] = {}
    for row in sheet.rows():
        try:
            record = make(row)
        except InvalidInput as fault:
            sheet.add(row, fault, columns or {})
            continue
        if found.setdefault(key(record), record) is not record:
            sheet.refuse(row, "id", Problem("", "duplicate", shorten(record.id), "each id once"))
    return tuple(found.values())


def named(row: Row, file: str) -> dict[str, Any]:
    """The cells of a row with its number, and with its place as the id when it has none."""
    cells = row.cells
    if "id" not in cells:
        cells["id"] = f"{file} row {row.number}"
    cells["row"] = row.number
    return cells


def read_definition(file: Path, cls: type[D], problems: list[Problem]) -> D | None:
    """Read a TOML file; its faults are noted under its name, and then there is no definition."""
    try:
        return load_definition(file, cls)
    except InvalidInput as error:
        problems += [attrs.evolve(problem, path=f"{file.name}: {problem.path}") for problem in error.problems]
    return None


def unknown(what: str, found: str, known: Mapping[str, Any]) -> Problem:
    """The problem that a name is none of those that are known."""
    close = nearest(found, known) if len(found) <= 100 else None
    listing = ", ".join(sorted(known)[:20]) or "none"
    hint = f"did you mean {close!r}?" if close else ""
    return Problem("", f"unknown_{what.replace(' ', '_')}", shorten(found), f"a {what} ({listing})", hint)


class Facts:
    """The facts that columns and conditions may name.

    Args:
        schema: the facts with their types; `None` when the procedure that declares them cannot be read, and then any
            name with a dot is taken.
    """

    def __init__(self, schema: Schema | None) -> None:
        self._schema = schema
        keys = () if schema is None else (name for name, kind in schema.items() if kind in _KEYS)
        self.names = tuple(keys)
        self._known = dict.fromkeys(self.names, TEXT_COLUMN)

    def column(self, name: str) -> Column | None:
        """The column of a fact that a key may name: a text, or one of several."""
        if self._schema is None:
            return TEXT_COLUMN if "." in name else None
        return self._known.get(name)

    @property
    def condition(self) -> Column:
        """A column of conditions."""
        return Column(self._condition, "a condition over the facts of the procedure")

    def _condition(self, text: str) -> str:
        if self._schema is not None:
            try:
                Formula.parse(text, self._schema, wanted=BOOL)
            except FormulaError as error:
                raise Unfit(str(error)) from None
        return text


_KEYS = (TEXT, SET[TEXT])

_FIRST = datetime(1, 1, 2, tzinfo=UTC)
_LAST = datetime(9999, 12, 31, tzinfo=UTC) - timedelta(days=1)


def refuse_extremes(path: str, given: object, problems: list[Problem]) -> None:
    """Note the first and last instants of all time in what a TOML file gave, which cannot be told in every time zone."""
    for place, value in _times(path, given):
        if isinstance(value, datetime):
            is_fine = value.utcoffset() is not None and _FIRST <= value <= _LAST
        else:
            is_fine = value >= _FIRST.date()
        if not is_fine:
            problems.append(
                Problem(
                    place, "out_of_range", str(value), "a day or an instant with its offset, after 0001-01-01"
                )
            )


def _times(path: str, given: object) -> Iterator[tuple[str, date]]:
    if isinstance(given, date):
        yield path, given
    elif isinstance(given, tuple):
        for position, one in enumerate(given):
            yield from _times(f"{path}[{position}]", one)
    elif attrs.has(kind := type(given)):
        for field in attrs.fields(kind):
            if field.init:
                yield from _times(f"{path}.{field.name}", getattr(given, field.name))
