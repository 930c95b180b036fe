"""Columns as typed operands: what may be asked of one is exact, everything else is refused.

A relation is rendered without regard to missing values: in rows where `present` is false it may be true, false or null, and
whoever uses it joins it with `present` by `&`, where a null counts as false.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Any, NoReturn
from zoneinfo import ZoneInfo

from salesmgmt.core.exact import WIDE
from salesmgmt.core.formula.compile import SIGNS
from salesmgmt.core.formula.nodes import ComparisonSign
from salesmgmt.core.formula.types import BOOL, DATE, INSTANT, MONEY, TEXT, Type
from salesmgmt.core.nearest import nearest
from salesmgmt.frames._backend import narwhals
from salesmgmt.frames._truth import Truth, all_of, any_of
from salesmgmt.frames.column import Column, Columns
from salesmgmt.frames.errors import NotAColumn

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw

_BITS = {
    **{f"Int{size}": size for size in (8, 16, 32, 64)},
    **{f"UInt{size}": size for size in (8, 16, 32, 64)},
}
"""Whole numbers by the name of their type."""

_TICK = {"s": 1_000_000, "ms": 1_000, "us": 1, "ns": 1}


class Operand(ABC):
    """A column of one type."""

    def __init__(self, name: str, expr: nw.Expr, present: nw.Expr) -> None:
        self.name, self.expr, self.present = name, expr, present

    @abstractmethod
    def compared(self, sign: ComparisonSign, value: Any) -> Truth:
        """Relate the column to a raw constant."""

    def related(self, sign: ComparisonSign, other: Operand) -> Truth:
        """Relate the column to another one of its type."""
        return _expr(SIGNS[sign](self.expr, other.expr))


class TextColumn(Operand):
    """Text; it is ordered by code points, as in Python."""

    def compared(self, sign: ComparisonSign, value: str) -> Truth:
        return _expr(SIGNS[sign](self.expr, value))


class BoolColumn(Operand):
    """True or false."""

    def compared(self, sign: ComparisonSign, value: bool) -> Truth:
        return self.expr if (sign == "==") is value else ~self.expr

    def related(self, sign: ComparisonSign, other: Operand) -> Truth:
        same = (self.expr & other.expr) | (~self.expr & ~other.expr)
        return same if sign == "==" else ~same


class DateColumn(Operand):
    """Days: a column of dates, or of times without a zone, of which the day counts."""

    def __init__(self, name: str, expr: nw.Expr, present: nw.Expr, *, is_time: bool) -> None:
        super().__init__(name, expr.dt.truncate("1d") if is_time else expr, present)
        self.is_time = is_time

    def compared(self, sign: ComparisonSign, value: date) -> Truth:
        day = datetime.combine(value, time.min) if self.is_time else value
        return _expr(SIGNS[sign](self.expr, day))

    def related(self, sign: ComparisonSign, other: Operand) -> Truth:
        if not isinstance(other, DateColumn) or self.is_time != other.is_time:
            _refuse(self.name, "one column has dates, the other times", "make both dates")
        return super().related(sign, other)


class InstantColumn(Operand):
    """Instants: times with a zone."""

    def __init__(self, name: str, expr: nw.Expr, present: nw.Expr, *, zone: str, unit: str) -> None:
        super().__init__(name, expr, present)
        self.zone, self.unit = zone, unit

    def compared(self, sign: ComparisonSign, value: datetime) -> Truth:
        instant = value.astimezone(UTC)
        beyond = instant.microsecond % _TICK[self.unit]
        floor = instant.replace(microsecond=instant.microsecond - beyond)
        return _by_floor(self.expr, sign, floor.astimezone(ZoneInfo(self.zone)), is_exact=not beyond)

    def related(self, sign: ComparisonSign, other: Operand) -> Truth:
        if not isinstance(other, InstantColumn) or (self.zone, self.unit) != (other.zone, other.unit):
            _refuse(self.name, "the two columns differ in time zone or resolution", "make them alike")
        return super().related(sign, other)


class NumberColumn(Operand):
    """Whole numbers of 10^-scale; a float column, as pandas makes it of whole numbers with gaps, by its exact values."""

    def __init__(
        self, name: str, expr: nw.Expr, present: nw.Expr, *, scale: int, bits: int | None, signed: bool
    ) -> None:
        super().__init__(name, expr, present)
        self.scale, self.is_float = scale, bits is None
        self._high = 2 ** ((bits or 0) - signed) - 1
        self._low = -(2 ** ((bits or 0) - 1)) if signed else 0

    def compared(self, sign: ComparisonSign, value: Decimal) -> Truth:
        units = value.scaleb(self.scale, WIDE)
        if self.is_float:
            number = float(units)
            below = number if Decimal(number) <= units else math.nextafter(number, -math.inf)
            return _by_floor(self.expr, sign, below, is_exact=Decimal(below) == units)
        floor = int(units.to_integral_value(ROUND_FLOOR, context=WIDE))
        if floor < self._low or floor > self._high:
            return bool(SIGNS[sign](self._low, floor))
        return _by_floor(self.expr, sign, floor, is_exact=floor == units)

    def related(self, sign: ComparisonSign, other: Operand) -> Truth:
        if not isinstance(other, NumberColumn) or self.scale != other.scale:
            _refuse(self.name, "the two columns have different scales", "compute both at one scale first")
        if self.is_float != other.is_float:
            _refuse(self.name, f"it or {other.name} has floats, the other whole numbers", "make both Int64")
        return super().related(sign, other)


class MoneyColumn(Operand):
    """Amounts: whole numbers, in one currency or each in the currency of another column."""

    def __init__(self, amount: NumberColumn, currency: str | TextColumn) -> None:
        is_present = amount.present if isinstance(currency, str) else amount.present & currency.present
        super().__init__(amount.name, amount.expr, is_present)
        self.amount, self.currency = amount, currency

    def compared(self, sign: ComparisonSign, value: tuple[Decimal, str]) -> Truth:
        amount, currency = value
        if isinstance(self.currency, str):
            same: Truth = self.currency == currency
        else:
            same = self.currency.compared("==", currency)
        return self._joined(sign, same, self.amount.compared(sign, amount))

    def related(self, sign: ComparisonSign, other: Operand) -> Truth:
        if not isinstance(other, MoneyColumn):
            _refuse(self.name, f"{other.name} is no amount", "declare both as amounts")
        if isinstance(self.currency, str):
            if isinstance(other.currency, str):
                same: Truth = str(self.currency) == str(other.currency)
            else:
                same = other.currency.compared("==", self.currency)
        elif isinstance(other.currency, str):
            same = self.currency.compared("==", other.currency)
        else:
            same = self.currency.related("==", other.currency)
        return self._joined(sign, same, self.amount.related(sign, other.amount))

    def _joined(self, sign: ComparisonSign, same: Truth, amounts: Truth) -> Truth:
        if sign == "==":
            return all_of((same, amounts))
        if sign == "!=":
            return any_of((_not(same), amounts))
        if same is not True:
            _refuse(
                self.name, "amounts of several currencies have no order", "convert them to one currency first"
            )
        return amounts


def _not(same: Truth) -> Truth:
    return not same if isinstance(same, bool) else ~same


def _by_floor(expr: nw.Expr, sign: ComparisonSign, floor: Any, *, is_exact: bool) -> Truth:
    """Relate a column to a value of which the largest thing not above it that the column can hold is `floor`."""
    if is_exact:
        return _expr(SIGNS[sign](expr, floor))
    if sign in ("==", "!="):
        return sign == "!="
    return _expr(expr <= floor if sign in ("<", "<=") else expr > floor)


def _expr(found: object) -> nw.Expr:
    return found  # type: ignore[return-value]  # comparing an expression gives an expression


def operand(name: str, type_: Type, dtypes: Mapping[str, nw.dtypes.DType], columns: Columns) -> Operand:
    """Return the column of a name.

    Raises:
        NotAColumn: there is none, or it does not hold values of this type.
    """
    declared = columns.get(name, Column())
    column = declared.name or name
    dtype = _dtype(column, dtypes)
    expr = narwhals().col(column)
    present = ~expr.is_null()
    if type_ == TEXT:
        return _text(column, dtypes)
    if type_ == BOOL:
        if dtype != narwhals().Boolean:
            _refuse(column, f"it has {dtype}", "make it true and false, in pandas of dtype 'boolean'")
        return BoolColumn(column, expr, present)
    if type_ in (DATE, INSTANT):
        return _time(column, type_, dtype, expr, present)
    if type_.element is not None:
        _refuse(column, "a set is no column", "ask evaluation, or compute a column of true and false first")
    number = _number(column, dtype, declared.scale)
    if type_ != MONEY:
        return number
    if bool(declared.currency) is bool(declared.currency_column):
        _refuse(
            column, "its currency is not known", f"say columns={{{name!r}: Column(currency=..., scale=...)}}"
        )
    currency = declared.currency or _text(declared.currency_column, dtypes)
    return MoneyColumn(number, currency)


def _dtype(column: str, dtypes: Mapping[str, nw.dtypes.DType]) -> nw.dtypes.DType:
    if column not in dtypes:
        like = nearest(column, dtypes)
        known = f"did you mean {like}?" if like else "say in `columns` where it is"
        _refuse(column, "the frame has no such column", known)
    return dtypes[column]


def _text(column: str, dtypes: Mapping[str, nw.dtypes.DType]) -> TextColumn:
    dtype, nw = _dtype(column, dtypes), narwhals()
    if dtype not in (nw.String, nw.Categorical, nw.Enum):
        _refuse(column, f"it has {dtype}, not text", "make it text first")
    expr = nw.col(column)
    plain = expr if dtype == nw.String else expr.cast(nw.String)
    return TextColumn(column, plain, ~expr.is_null())


def _time(column: str, type_: Type, dtype: nw.dtypes.DType, expr: nw.Expr, present: nw.Expr) -> Operand:
    nw = narwhals()
    zone = getattr(dtype, "time_zone", None)
    if type_ == INSTANT:
        if dtype != nw.Datetime or zone is None:
            _refuse(column, f"it has {dtype}, no times with a zone", "give it a time zone first")
        return InstantColumn(column, expr, present, zone=zone, unit=getattr(dtype, "time_unit", "us"))
    if dtype != nw.Date and (dtype != nw.Datetime or zone is not None):
        _refuse(column, f"it has {dtype}, no dates", "make it dates first")
    return DateColumn(column, expr, present, is_time=dtype != nw.Date)


def _number(column: str, dtype: nw.dtypes.DType, scale: int) -> NumberColumn:
    nw = narwhals()
    expr = nw.col(column)
    if dtype.is_float():
        # NaN is how pandas writes a missing number, and is a number nowhere else either.
        present = ~(expr.is_null() | expr.is_nan())
        return NumberColumn(column, expr.cast(nw.Float64), present, scale=scale, bits=None, signed=True)
    bits = next((size for kind, size in _BITS.items() if dtype == getattr(nw, kind)), None)
    if bits is None:
        _refuse(
            column, f"it has {dtype}", "make it whole numbers (Int64), with Column(scale=...) for decimals"
        )
    return NumberColumn(
        column, expr, ~expr.is_null(), scale=scale, bits=bits, signed=dtype.is_signed_integer()
    )


def _refuse(column: str, reason: str, hint: str) -> NoReturn:
    raise NotAColumn(column, reason, hint=hint)
