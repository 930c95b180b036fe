"""Where in a table each line of a chunk finds its cell."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from salesmgmt.cpq.pricing.columnar._table import Axis, ChoiceAxis, Integers, SpanAxis, Table
from salesmgmt.cpq.pricing.columnar.columns import Codes, Encoded, Units

CHUNK = 1 << 15
"""Lines that are worked on at a time, so that what is in between stays in the cache of the processor."""

_WIDEST = 1 << 13
_MOST = (1 << 63) - 1


class Chunk:
    """Some lines in a row, and room to work in that the next chunk takes over."""

    __slots__ = ("_codes", "_columns", "_room", "first", "last")

    def __init__(self, columns: Mapping[str, Encoded]) -> None:
        self._columns = columns
        self._room: dict[str, Integers] = {}
        self._codes: dict[str, Integers] = {}
        self.first = self.last = 0

    def move(self, first: int, last: int) -> None:
        """Go to other lines."""
        self.first, self.last = first, last
        self._codes.clear()

    def room(self, name: str) -> Integers:
        """An array to write into; its content is left over from whoever used this name before."""
        found = self._room.get(name)
        if found is None:
            found = self._room[name] = np.empty(CHUNK, np.int64)
        return found[: self.last - self.first]

    def codes(self, name: str) -> Integers:
        """The codes of a column, as 64-bit integers."""
        found = self._codes.get(name)
        if found is None:
            column = self._columns[name]
            assert isinstance(column, Codes)  # noqa: S101 - the type of a fact decides it
            part = column.codes[self.first : self.last]
            if part.dtype == np.int64:
                found = part
            else:
                found = self.room(f"codes of {name}")
                np.copyto(found, part, casting="unsafe")  # codes are small: they were checked
            self._codes[name] = found
        return found

    def units(self, column: Units) -> NDArray[Any]:
        """The units of a column, as they are."""
        return column.units[self.first : self.last]


class _ByCode:
    """A part of the place that follows from codes: a number for each code, the last one for a missing fact."""

    def __init__(self, source: str, numbers: Integers) -> None:
        self.source = source
        self.numbers = numbers

    def read(self, chunk: Chunk, out: Integers) -> None:
        # -1 wraps around to the last number.
        np.take(self.numbers, chunk.codes(self.source), out=out, mode="wrap")


class _BySpan:
    """A part of the place that follows from a number or day, by a short table where its limits lie close together."""

    def __init__(self, column: Units, limits: list[int], numbers: Integers, absent: int) -> None:
        self._column = column
        self._absent = absent
        self._below = limits[0] - 1
        width = limits[-1] - self._below
        is_near = max(column.high - self._below, self._below - column.low, width) <= _MOST
        if column.units.dtype != object and is_near and width <= _WIDEST:
            steps = np.searchsorted(
                np.array(limits, np.int64), np.arange(width + 1) + self._below, side="right"
            )
            self._short: Integers | None = numbers[steps]
        else:
            self._short = None
        self._limits = np.array(limits, column.units.dtype if column.units.dtype == object else np.int64)
        self._numbers = numbers

    def read(self, chunk: Chunk, out: Integers) -> None:
        units = chunk.units(self._column)
        if self._short is not None:
            np.subtract(units, self._below, out=out, dtype=np.int64)
            np.take(self._short, out, out=out, mode="clip")
        else:
            out[:] = self._numbers[np.searchsorted(self._limits, units, side="right")]
        if self._column.missing is not None:
            out[self._column.missing[chunk.first : chunk.last]] = self._absent


class ClassReader:
    """How many of some thresholds each line has passed."""

    def __init__(self, column: Units, thresholds: Sequence[int]) -> None:
        self._passed = bisect_right(thresholds, column.low)
        limits = list(thresholds[self._passed : bisect_right(thresholds, column.high)])
        numbers = np.arange(self._passed, self._passed + len(limits) + 1, dtype=np.int64)
        self._part = _BySpan(column, limits, numbers, 0) if limits else None

    def read(self, chunk: Chunk, out: Integers) -> None:
        """Write the numbers of the lines of a chunk."""
        if self._part is None:
            out.fill(self._passed)
        else:
            self._part.read(chunk, out)


class Lookup:
    """Finds the cells of a table for lines.

    Attributes:
        alone: the name of the one column of codes that decides everything, if it does; then `numbers` has the cell
            for each code.
        base: the cell when nothing depends on the line.
    """

    __slots__ = ("_parts", "alone", "base", "numbers")

    def __init__(self, table: Table, columns: Mapping[str, Encoded], families: Mapping[str, str]) -> None:
        self.base = 0
        by_code: dict[str, Integers] = {}
        self._parts: list[_ByCode | _BySpan] = []
        for axis, stride in zip(table.axes, table.strides, strict=True):
            source = "line.product" if axis.name == "line.family" else axis.name
            column = columns.get(source)
            if column is None:
                self.base += _missing_place(axis) * stride
            elif isinstance(axis, ChoiceAxis):
                assert isinstance(column, Codes)  # noqa: S101 - the type of a fact decides both
                names = column.values
                named = map(families.get, names) if source != axis.name else names
                place, other = axis.places.get, len(axis.places)
                places = [other + 1 if value is None else place(value, other) for value in named]
                numbers = np.array([*places, other + 1], np.int64) * stride
                if column.codes.strides == (0,) and len(column.codes):
                    self.base += int(numbers[column.codes[0]])
                elif source in by_code:
                    by_code[source] += numbers
                else:
                    by_code[source] = numbers
            else:
                assert isinstance(column, Units)  # noqa: S101 - the type of a fact decides both
                self._add_span(axis, stride, column)
        self._parts += [_ByCode(source, numbers) for source, numbers in by_code.items()]
        self.alone = ""
        self.numbers = np.zeros(0, np.int64)
        if len(self._parts) == 1 and isinstance(self._parts[0], _ByCode):
            self.alone = self._parts[0].source
            self.numbers = self._parts[0].numbers + self.base

    def _add_span(self, axis: SpanAxis, stride: int, column: Units) -> None:
        """Only cuts between the least and the greatest value matter."""
        thresholds = axis.thresholds(column.decimals)
        passed = sum(limit <= column.low for limit in thresholds)
        limits = [limit for limit in thresholds if column.low < limit <= column.high]
        if limits or column.missing is not None:
            numbers = np.arange(passed, passed + len(limits) + 1, dtype=np.int64) * stride
            absent = _missing_place(axis) * stride
            self._parts.append(
                _BySpan(column, limits or [column.high], numbers if limits else numbers.repeat(2), absent)
            )
        else:
            self.base += passed * stride

    def cells(self, chunk: Chunk) -> Integers | None:
        """The cell of each line; `None` when it is `base` for all. The array is good until the next call."""
        if not self._parts:
            return None
        if self.alone:
            cells = chunk.room("cells")
            np.take(self.numbers, chunk.codes(self.alone), out=cells, mode="wrap")
            return cells
        cells, part = chunk.room("cells"), chunk.room("part")
        self._parts[0].read(chunk, cells)
        for one in self._parts[1:]:
            one.read(chunk, part)
            np.add(cells, part, out=cells)
        if self.base:
            np.add(cells, self.base, out=cells)
        return cells


def _missing_place(axis: Axis) -> int:
    return axis.size - 1
