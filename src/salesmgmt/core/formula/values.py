"""The values a formula is given: taken in only when they are of the type that the schema declares."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, TypeAlias

from salesmgmt.core.errors import FloatRefused
from salesmgmt.core.exact import STRICT, NotANumber, exact
from salesmgmt.core.formula.errors import WrongValue
from salesmgmt.core.formula.nodes import Name
from salesmgmt.core.formula.types import (
    BOOL,
    DATE,
    INSTANT,
    MONEY,
    NUMBER,
    PERCENT,
    TEXT,
    Type,
    Value,
    Values,
)
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent

Run: TypeAlias = Callable[[Values], Any]
"""A compiled node: from the values to a raw value (see `algebra`), `None` when it is missing."""


# Refuses what `exact` refuses but infinity and a quiet NaN, in a third of its time.
_unchanged = STRICT.plus


class _Unfit(Exception):  # noqa: N818, RUF100 - never leaves this module
    """A value is not of the type wanted."""


def reader(node: Name, formula: str) -> Run:
    """Compile a name: fetch its value, check it, make it raw.

    >>> from salesmgmt.core.formula import NUMBER
    >>> from salesmgmt.core.formula.nodes import Name
    >>> from salesmgmt.core.formula.values import reader
    >>> reader(Name("a", NUMBER), "a")({"a": 3})
    Decimal('3')
    """
    name, take = node.name, _taker(node.type)

    def taken(value: object) -> Any:
        try:
            return take(value)
        except _Unfit:
            if isinstance(value, float):
                raise FloatRefused(value, f"the value of {name}") from None
            raise WrongValue(formula, node.position, name, value, _wanted(node.type)) from None

    if node.type == NUMBER:
        return _number_reader(name, taken)
    plain = _PLAIN.get(node.type)

    def read(values: Values) -> Any:
        value = values.get(name)
        if value is None or type(value) is plain:
            return value
        return taken(value)

    return read


def _number_reader(name: str, take: Callable[[object], Any]) -> Run:
    def read(values: Values) -> Any:
        value = values.get(name)
        if type(value) is Decimal:
            try:
                number = _unchanged(value)
            except ArithmeticError:
                return take(value)
            if number.is_finite():
                return number
        return None if value is None else take(value)

    return read


def raw(value: Value) -> Any:
    """Make a good value raw.

    >>> from salesmgmt.core.formula.values import raw
    >>> from salesmgmt.core.money import Money
    >>> raw(Money(5, "EUR"))
    (Decimal('5'), 'EUR')
    """
    match value:
        case Percent():
            return value.points
        case Money():
            return value.amount, value.currency
        case frozenset():
            return frozenset(raw(member) for member in value)
    return value


def finished(type_: Type) -> Callable[[Any], Value | None]:
    """How a raw result of a type becomes a value.

    >>> from decimal import Decimal
    >>> from salesmgmt.core.formula import PERCENT
    >>> from salesmgmt.core.formula.values import finished
    >>> finished(PERCENT)(Decimal(5))
    Percent('5')
    """
    if type_ == NUMBER:
        return lambda number: number if number or number is None else number.copy_abs()
    if type_ == PERCENT:
        return lambda points: None if points is None else Percent(points)
    if type_ == MONEY:
        return lambda money: None if money is None else Money(*money)
    if type_.element in (NUMBER, PERCENT, MONEY):
        member: Callable[[Any], Any] = finished(type_.element)
        return lambda members: None if members is None else frozenset(map(member, members))
    return lambda value: value


def _wanted(type_: Type) -> str:
    if type_ == INSTANT:
        return "an instant (a datetime with a time zone)"
    if type_ == NUMBER:
        return "a number (a finite Decimal of at most 34 digits, or an int)"
    if type_ == BOOL:
        return "true or false (a bool)"
    return f"of type {type_}"


def _number(value: object) -> Decimal:
    if isinstance(value, (Decimal, int)):
        try:
            return exact(value)
        except NotANumber:
            raise _Unfit from None
    raise _Unfit


def _percent(value: object) -> Decimal:
    if isinstance(value, Percent):
        return value.points
    raise _Unfit


def _money(value: object) -> tuple[Decimal, str]:
    if isinstance(value, Money):
        return value.amount, value.currency
    raise _Unfit


def _bool(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise _Unfit


def _text(value: object) -> str:
    if isinstance(value, Enum):
        # The hash of a member is not that of its value, so it would be in no set of texts.
        value = value.value
    if isinstance(value, str):
        return str.__str__(value)
    raise _Unfit


def _date(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise _Unfit


def _instant(value: object) -> datetime:
    try:
        if isinstance(value, datetime) and value.utcoffset() is not None:
            # In UTC, because Python compares times of one zone by the clock on the wall, twice a year wrongly.
            return value.astimezone(UTC)
    except (OverflowError, TypeError, ValueError):
        # Beyond the calendar in UTC, a time zone that knows no offset, or the NaT of pandas, which is a datetime.
        raise _Unfit from None
    raise _Unfit


_TAKERS: dict[Type, Callable[[Any], Any]] = {
    NUMBER: _number,
    PERCENT: _percent,
    MONEY: _money,
    BOOL: _bool,
    TEXT: _text,
    DATE: _date,
    INSTANT: _instant,
}


# What needs no second look, because its class is the type and its values are raw.
_PLAIN: dict[Type, type] = {TEXT: str, BOOL: bool, DATE: date}


def _taker(type_: Type) -> Callable[[Any], Any]:
    if type_.element is None:
        return _TAKERS[type_]
    member = _TAKERS[type_.element]

    def take(value: object) -> frozenset[Any]:
        if isinstance(value, (frozenset, set, tuple, list)):
            return frozenset(map(member, value))
        raise _Unfit

    return take
