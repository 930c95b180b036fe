"""Columns as they come in, and as the kernel takes them: codes of a vocabulary, whole units, or one value for all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

import attrs
import numpy as np
from numpy.typing import NDArray

from salesmgmt.core.errors import Problem, SalesError, shorten
from salesmgmt.core.exact import CONTEXT, exact
from salesmgmt.core.formula import DATE, NUMBER, TEXT, Formula
from salesmgmt.cpq.pricing.columnar._table import day_number

_EPOCH = date(1970, 1, 1).toordinal()
_FIRST_DAY, _LAST_DAY = day_number(date.min), day_number(date.max)
_DAWN = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAYS_OR_NONE = frozenset((date, type(None)))
_INT64 = np.iinfo(np.int64)


@attrs.frozen(eq=False)
class Coded:
    """A column whose values are numbers into a vocabulary, as Arrow dictionaries and Polars categories are kept.

    Nothing is looked up by text then, which is what makes millions of lines fast.

    Attributes:
        codes: whole numbers, one a line; -1 where the fact is missing.
        values: the vocabulary.

    >>> import numpy as np
    >>> from salesmgmt.cpq.pricing.columnar import Coded
    >>> len(Coded(np.array([0, 1, 0, -1]), ("gold", "silver")))
    4
    """

    codes: NDArray[Any]
    values: Sequence[Any]

    def __len__(self) -> int:
        return len(self.codes)


@attrs.frozen(eq=False)
class Scaled:
    """A column of decimals kept as whole units: 1250 with two decimals is 12.50.

    Attributes:
        units: whole numbers, one a line.
        decimals: how many of their digits stand behind the point.

    >>> import numpy as np
    >>> from salesmgmt.cpq.pricing.columnar import Scaled
    >>> len(Scaled(np.array([1250, 300]), 2))
    2
    """

    units: NDArray[Any]
    decimals: int

    def __len__(self) -> int:
        return len(self.units)


Column: TypeAlias = Coded | Scaled | NDArray[Any] | Sequence[Any] | str | bool | int | Decimal | date
"""What a caller may give for a fact; a single value holds for all lines."""


@attrs.frozen(eq=False)
class Codes:
    """Numbers into a vocabulary, all between -1 and its length."""

    codes: NDArray[Any]
    values: Sequence[Any]

    def at(self, place: int) -> Any:
        """The value of a line."""
        code = int(self.codes[place])
        return None if code < 0 else self.values[code]


@attrs.frozen(eq=False, kw_only=True)
class Units:
    """Whole units of 10^-decimals, or days since 1970.

    `units` is of dtype `object` when they do not all fit 64 bits. `low` and `high` bound them.
    """

    units: NDArray[Any]
    decimals: int
    low: int
    high: int
    is_day: bool = False
    missing: NDArray[np.bool_] | None = None

    def at(self, place: int) -> Any:
        """The value of a line."""
        if self.missing is not None and self.missing[place]:
            return None
        number = int(self.units[place])
        return date.fromordinal(number + _EPOCH) if self.is_day else Decimal(number).scaleb(-self.decimals)


Encoded: TypeAlias = Codes | Units


def microseconds(instant: datetime) -> int:
    """Since 1970."""
    return (instant - _DAWN) // _MICROSECOND


def everywhere(instant: datetime, count: int) -> Units:
    """An instant that is the same for all lines, in microseconds since 1970."""
    moment = microseconds(instant)
    return Units(units=np.broadcast_to(np.int64(moment), count), decimals=0, low=moment, high=moment)


class Unreadable(Exception):
    """A column cannot be taken as it is."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem


def length_of(column: Column) -> int | None:
    """How many lines a column has; `None` when it is one value for all."""
    if isinstance(column, str | bool | int | Decimal | date | float):
        return None
    try:
        return len(column)
    except TypeError:
        return None


def encoded(name: str, column: Column, formula: Formula, count: int) -> Encoded:
    """Take a column.

    Args:
        name: of the fact.
        column: as it came in.
        formula: the name alone, which knows its type.
        count: how many lines there are.

    Raises:
        Unreadable: the column is not of the type.
    """
    if length_of(column) is None:
        column = Coded(np.broadcast_to(np.int64(0), count), (column,))
    elif not isinstance(column, Coded | Scaled | np.ndarray | list | tuple):
        column = np.asarray(column)
    if isinstance(column, np.ndarray) and column.dtype.kind == "f" and len(column):
        raise _refused(
            name,
            "float_refused",
            repr(float(column[0])),
            "exact numbers",
            "give whole units as Scaled, or decimals",
        )
    type_ = formula.type
    if type_ == NUMBER:
        return _numbers(name, column)
    if isinstance(column, Scaled):
        raise _refused(name, "wrong_type", "numbers", f"values of type {type_}")
    if type_ == DATE:
        return _days(name, column)
    return _codes(name, column, formula)


def _codes(name: str, column: Any, formula: Formula) -> Codes:
    if isinstance(column, Coded):
        codes = _whole(name, column.codes)
        values: Sequence[Any] = tuple(column.values)
        if len(codes) and not (int(codes.min()) >= -1 and int(codes.max()) < len(values)):
            found = f"codes from {codes.min()} to {codes.max()}"
            raise _refused(name, "out_of_range", found, f"-1 to {len(values) - 1}")
    else:
        cells = column.tolist() if isinstance(column, np.ndarray) else column
        places: dict[Any, int] = {}
        try:
            for cell in dict.fromkeys(cells):
                places[cell] = -1 if cell is None else len(places) - (None in places)
            codes = np.fromiter(map(places.__getitem__, cells), np.int64, len(cells))
        except TypeError:
            raise _refused(
                name, "wrong_type", "a cell that is no plain value", f"values of type {formula.type}"
            ) from None
        values = tuple(cell for cell in places if cell is not None)
    is_text = formula.type == TEXT
    for value in values:
        if not is_text or type(value) is not str:
            _check(name, value, formula)
    return Codes(codes, values)


def _check(name: str, value: Any, formula: Formula) -> None:
    try:
        known = formula.evaluate({name: value})
    except (SalesError, TypeError):
        known = None
    if known is None:
        raise _refused(name, "wrong_type", shorten(value), f"a value of type {formula.type}")


def _whole(name: str, numbers: Any) -> NDArray[Any]:
    array = np.asarray(numbers)
    if array.ndim != 1 or (array.dtype.kind not in "iu" and len(array)):
        raise _refused(name, "wrong_type", f"an array of {array.dtype}", "one column of whole numbers")
    if array.dtype.kind == "u" and array.dtype.itemsize == 8:
        # Nothing of NumPy mixes with these exactly.
        return (
            array.astype(np.int64)
            if not len(array) or int(array.max()) <= _INT64.max
            else array.astype(object)
        )
    return array if len(array) else array.astype(np.int64)


def _numbers(name: str, column: Any) -> Units:
    missing = None
    decimals = 0
    match column:
        case Scaled():
            units, decimals = _whole(name, column.units), column.decimals
            if type(decimals) is not int or not 0 <= decimals <= 99:
                raise _refused(f"{name}.decimals", "out_of_range", shorten(decimals), "0 to 99")
        case Coded():
            codes = _codes_of_numbers(name, column)
            units, decimals, absent = _fixed(name, column.values)
            if len(codes) and (absent is not None or int(codes.min()) < 0):
                missing = codes < 0
                missing = missing if absent is None else missing | absent[codes]
            units = _spread(units, codes)
        case np.ndarray() if column.dtype.kind != "O":
            units = _whole(name, column)
        case _:
            units, decimals, missing = _fixed(name, column)
    if len(units) == 0:
        return Units(units=units.astype(np.int64), decimals=decimals, low=0, high=0)
    low, high = int(units.min()), int(units.max())
    return Units(units=units, decimals=decimals, low=low, high=high, missing=missing)


def _spread(units: NDArray[Any], codes: NDArray[Any]) -> NDArray[Any]:
    """The units of each line; a single one for all lines takes no room."""
    if not len(units):
        return np.zeros(len(codes), np.int64)
    if codes.strides == (0,):
        return np.broadcast_to(units[0], len(codes))
    spread: NDArray[Any] = units[codes]
    return spread


def _codes_of_numbers(name: str, column: Coded) -> NDArray[Any]:
    codes = _whole(name, column.codes)
    if len(codes) and not (int(codes.min()) >= -1 and int(codes.max()) < len(column.values)):
        found = f"codes from {codes.min()} to {codes.max()}"
        raise _refused(name, "out_of_range", found, f"-1 to {len(column.values) - 1}")
    return codes


def _fixed(name: str, cells: Iterable[Any]) -> tuple[NDArray[Any], int, NDArray[np.bool_] | None]:
    """Exact numbers as whole units, with as many decimals as they need."""
    if isinstance(cells, list | tuple) and set(map(type, cells)) == {int}:
        try:
            return np.array(cells, np.int64), 0, None
        except OverflowError:
            pass
    numbers: list[Decimal | None] = []
    for place, cell in enumerate(cells):
        try:
            plain = cell.item() if isinstance(cell, np.generic) else cell
            numbers.append(None if plain is None else exact(plain, name))
        except SalesError as error:
            raise _refused(
                f"{name}[{place}]", error.code, shorten(cell), "an exact number", error.hint
            ) from None
    pairs = [(0, 1) if number is None else number.as_integer_ratio() for number in numbers]
    decimals = max((_decimals(number) for number in numbers if number is not None), default=0)
    scale = 10**decimals
    whole = [numerator * (scale // denominator) for numerator, denominator in pairs]
    try:
        units: NDArray[Any] = np.array(whole, np.int64)
    except OverflowError:
        units = np.array(whole, object)
    missing = np.array([number is None for number in numbers], bool) if None in numbers else None
    return units, decimals, missing


def _decimals(number: Decimal) -> int:
    exponent = number.normalize(CONTEXT).as_tuple().exponent
    return max(0, -int(exponent))


def _days(name: str, column: Any) -> Units:
    if isinstance(column, Coded):
        vocabulary = _days(name, tuple(column.values))
        codes = _codes_of_numbers(name, column)
        missing = codes < 0 if len(codes) and int(codes.min()) < 0 else None
        if vocabulary.missing is not None:
            raise _refused(name, "wrong_type", "None", "days")
        days = _spread(vocabulary.units, codes)
    elif isinstance(column, np.ndarray) and column.dtype.kind == "M":
        if column.dtype != np.dtype("datetime64[D]"):
            raise _refused(name, "wrong_type", f"an array of {column.dtype}", "days: datetime64[D]")
        nothing = np.isnat(column)
        missing = nothing if bool(nothing.any()) else None
        days = column.view(np.int64)
        days = days if missing is None else np.where(missing, 0, days)
    else:
        cells = column.tolist() if isinstance(column, np.ndarray) else column
        if not _DAYS_OR_NONE.issuperset(map(type, cells)):
            place, cell = next(one for one in enumerate(cells) if type(one[1]) not in _DAYS_OR_NONE)
            raise _refused(f"{name}[{place}]", "wrong_type", shorten(cell), "a day")
        missing = np.array([cell is None for cell in cells], bool) if None in cells else None
        plain = cells if missing is None else [date.min if cell is None else cell for cell in cells]
        days = np.fromiter(map(date.toordinal, plain), np.int64, len(plain)) - _EPOCH
    low, high = (int(days.min()), int(days.max())) if len(days) else (0, 0)
    if low < _FIRST_DAY or high > _LAST_DAY:
        raise _refused(
            name, "out_of_range", "a day outside the calendar", f"days from {date.min} to {date.max}"
        )
    return Units(units=days, decimals=0, low=low, high=high, is_day=True, missing=missing)


def _refused(path: str, code: str, found: str, wanted: str, hint: str = "") -> Unreadable:
    return Unreadable(Problem(path, code, found, wanted, hint))
