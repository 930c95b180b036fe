"""Keys that order and equal each other exactly as the values they stand for, in any database and in Python.

A database column of keys answers `<`, `==` and `ORDER BY` for exact decimals that no SQL number type can hold. Every
key is a text that is compared by code points (or UTF-8 bytes, which is the same order) or an integer of 64 bits.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

from salesmgmt.core.exact import NotANumber
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent

Key: TypeAlias = tuple[str | int, ...]
"""One part for every value but money, which has its currency and its amount."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LARGEST_POWER = 4_999
_NINES_COMPLEMENT = str.maketrans("0123456789", "9876543210")


def number_key(number: Decimal | int) -> str:
    """Return the key of a finite number: a sign, a biased power of ten, then the digits.

    A negative number has both complemented, and ends in a sign above all digits because of two negative numbers
    the one with more digits is the smaller. Trailing zeros are no part of the key, so 1.0 and 1.00 are equal.

    Raises:
        NotANumber: the number is not finite, or beyond 10 to the power of 4,999.

    >>> from salesmgmt.core.sortkey import number_key
    >>> [number_key(n) for n in (-12, -1, 0, 1, 12)]
    ['-499787~', '-49988~', '0', '150011', '1500212']
    """
    sign, figures, exponent = Decimal(number).as_tuple()
    if not isinstance(exponent, int):
        raise NotANumber(number, "it is not finite")
    digits = "".join(map(str, figures)).rstrip("0")
    if not digits:
        return "0"
    power = exponent + len(figures)
    if abs(power) > _LARGEST_POWER:
        raise NotANumber(number, "it is too large or too small")
    key = f"{power + _LARGEST_POWER + 1:04d}{digits}"
    return f"-{key.translate(_NINES_COMPLEMENT)}~" if sign else f"1{key}"


def sort_key(value: object) -> Key:
    """Return the key of one value of the formula language.

    Instants become microseconds since 1970 UTC, so that a moment has one key whatever its time zone is.

    Raises:
        NotANumber: a number is not finite or beyond all bounds.
        TypeError: the value has no order (a set), or is none of the language.

    >>> from salesmgmt.core.sortkey import sort_key
    >>> from salesmgmt.core.money import Money
    >>> sort_key(Money("12.50", "CNY"))
    ('CNY', '15002125')
    """
    match value:
        case str():
            return (value,)
        case bool():
            return (int(value),)
        case Decimal() | int():
            return (number_key(value),)
        case Money():
            return (value.currency, number_key(value.amount))
        case Percent():
            return (number_key(value.points),)
        case datetime():
            return ((value - _EPOCH) // _MICROSECOND,)
        case date():
            return (value.isoformat(),)
    message = f"a {type(value).__name__} has no order"
    raise TypeError(message)
