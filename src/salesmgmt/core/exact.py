"""Exact decimal numbers: the door through which every number enters, and the context all arithmetic uses."""

from __future__ import annotations

import re
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
    Underflow,
)
from typing import TypeAlias

from salesmgmt.core.errors import FloatRefused, SalesError, shorten

Number: TypeAlias = Decimal | int | str
"""What an exact number is made from; never a float."""

DIGITS = 34
"""Significant digits kept (as IEEE 754 decimal128)."""

_LARGEST_EXPONENT = 99

CONTEXT = Context(
    prec=DIGITS,
    rounding=ROUND_HALF_EVEN,
    Emin=-_LARGEST_EXPONENT,
    Emax=_LARGEST_EXPONENT,
    traps=[InvalidOperation, DivisionByZero, Overflow, Underflow],
)
"""The library's own context; the ambient one of the host is never read or changed."""

_DOOR = Context(
    prec=DIGITS,
    Emin=-_LARGEST_EXPONENT,
    Emax=_LARGEST_EXPONENT,
    traps=[InvalidOperation, Inexact, Overflow, Underflow],
)

_PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)", re.ASCII)
_LONGEST_TEXT = 200


class NotANumber(SalesError, ValueError):
    """A text or value is not an exact finite number of at most 34 digits."""

    code = "not_a_number"

    def __init__(self, found: object, reason: str) -> None:
        self.found = shorten(found)
        self.reason = reason
        super().__init__(
            f"{self.found} is not an exact number: {reason}", hint="write plain digits, for example '1234.50'"
        )


def exact(value: Number, what: str = "an exact number") -> Decimal:
    """Make a finite decimal of at most 34 significant digits from `value`, without changing it.

    Args:
        value: a `Decimal`, an `int`, or plain digits as text (no exponent, no grouping, no spaces).
        what: what the number is for, for the message.

    Raises:
        FloatRefused: `value` is a float.
        NotANumber: it is not a number, not finite, or too long.

    >>> exact("12.50")
    Decimal('12.50')
    >>> exact(0.1)
    Traceback (most recent call last):
    salesmgmt.core.errors.FloatRefused: an exact number cannot be made from the float 0.1; ...
    """
    if isinstance(value, float):
        raise FloatRefused(value, what)
    if isinstance(value, str):
        if len(value) > _LONGEST_TEXT or _PLAIN.fullmatch(value) is None:
            raise NotANumber(value, "the text is not plain digits")
    elif isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise NotANumber(value, f"it is a {type(value).__name__}")
    elif isinstance(value, int) and value.bit_length() > 400:
        raise NotANumber(value, f"it has more than {DIGITS} digits")
    try:
        number = _DOOR.create_decimal(value)
    except (Inexact, Overflow, Underflow, InvalidOperation):
        raise NotANumber(
            value, f"it has more than {DIGITS} significant digits, or is too large or small"
        ) from None
    if not number.is_finite():
        raise NotANumber(value, "it is not finite")
    return number or abs(number)
