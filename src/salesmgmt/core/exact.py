"""Exact decimal numbers: the door through which every number enters, and the context all arithmetic uses."""

from __future__ import annotations

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
"""The library's own context; the ambient one of the host is never read or changed.

`add`, `subtract`, `multiply` and `divide` compute in it and raise the library's errors instead of its signals.
"""

STRICT = Context(
    prec=DIGITS,
    Emin=-_LARGEST_EXPONENT,
    Emax=_LARGEST_EXPONENT,
    traps=[InvalidOperation, DivisionByZero, Overflow, Underflow, Inexact],
)
"""As `CONTEXT`, but a result that does not fit is refused instead of rounded to 34 digits."""

WIDE = Context(prec=300, Emin=-9_999, Emax=9_999, traps=[InvalidOperation, DivisionByZero, Overflow])
"""For steps in between: sums and products of a few exact numbers lose nothing, and a quotient keeps all digits before
the point and dozens behind it. The last step goes through `CONTEXT` or `STRICT`, so that nobody sees so many digits.
"""

_LONGEST_TEXT = 200
_LONGEST_BITS = 400
_ALWAYS_EXACT = 10**DIGITS


class NotANumber(SalesError, ValueError):
    """A text or value is not an exact finite number of at most 34 digits."""

    code = "not_a_number"

    def __init__(self, found: object, reason: str) -> None:
        self.found = shorten(found)
        self.reason = reason
        super().__init__(
            f"{self.found} is not an exact number: {reason}", hint="write plain digits, for example '1234.50'"
        )


class OutOfRange(SalesError, OverflowError):
    """A result is too large or too small for an exact number: beyond 10^100, or not zero but below 10^-99."""

    code = "out_of_range"

    def __init__(self) -> None:
        super().__init__(
            "the result is too large or too small for an exact number",
            hint="check the amounts and the factors",
        )


class DividedByZero(SalesError, ZeroDivisionError):
    """A number was divided by zero."""

    code = "divided_by_zero"

    def __init__(self) -> None:
        super().__init__("a number was divided by zero", hint="check the divisor first")


def exact(value: Number, what: str = "an exact number") -> Decimal:
    """Make a finite decimal of at most 34 significant digits from `value`, without changing it.

    Args:
        value: a `Decimal`, an `int`, or plain digits as text (no exponent, no grouping, no spaces).
        what: what the number is for, for the message.

    Raises:
        FloatRefused: `value` is a float.
        NotANumber: it is not a number, not finite, or too long.

    >>> from salesmgmt.core.exact import exact
    >>> exact("12.50")
    Decimal('12.50')
    >>> exact(0.1)
    Traceback (most recent call last):
    salesmgmt.core.errors.FloatRefused: an exact number cannot be made from the float 0.1; ...
    """
    kind = type(value)
    if kind is int and -_ALWAYS_EXACT < value < _ALWAYS_EXACT:
        return Decimal(value)
    if kind is not Decimal:
        _refuse_odd(value, what)
    try:
        number = STRICT.create_decimal(value)
    except (Inexact, Overflow, Underflow, InvalidOperation):
        raise NotANumber(
            value, f"it has more than {DIGITS} significant digits, or is too large or small"
        ) from None
    if not number.is_finite():
        raise NotANumber(value, "it is not finite")
    return number or number.copy_abs()


def add(left: Decimal, right: Decimal) -> Decimal:
    """Add two exact numbers, to 34 digits; raises `OutOfRange`.

    >>> from decimal import Decimal
    >>> from salesmgmt.core.exact import add
    >>> add(Decimal("0.10"), Decimal("0.2"))
    Decimal('0.30')
    """
    try:
        return CONTEXT.add(left, right)
    except ArithmeticError:
        raise OutOfRange from None


def subtract(left: Decimal, right: Decimal) -> Decimal:
    """Subtract an exact number from another, to 34 digits; raises `OutOfRange`.

    >>> from decimal import Decimal
    >>> from salesmgmt.core.exact import subtract
    >>> subtract(Decimal("0.3"), Decimal("0.1"))
    Decimal('0.2')
    """
    try:
        return CONTEXT.subtract(left, right)
    except ArithmeticError:
        raise OutOfRange from None


def multiply(left: Decimal, right: Decimal) -> Decimal:
    """Multiply two exact numbers, to 34 digits; raises `OutOfRange`.

    >>> from decimal import Decimal
    >>> from salesmgmt.core.exact import multiply
    >>> multiply(Decimal(-3), Decimal("0.0"))
    Decimal('0.0')
    """
    try:
        product = CONTEXT.multiply(left, right)
    except ArithmeticError:
        raise OutOfRange from None
    return product or product.copy_abs()


def divide(dividend: Decimal, divisor: Decimal) -> Decimal:
    """Divide an exact number by another, to 34 digits; raises `DividedByZero`, `OutOfRange`.

    >>> from decimal import Decimal
    >>> from salesmgmt.core.exact import divide
    >>> divide(Decimal(1), Decimal(3))
    Decimal('0.3333333333333333333333333333333333')
    """
    if not divisor:
        raise DividedByZero
    try:
        quotient = CONTEXT.divide(dividend, divisor)
    except ArithmeticError:
        raise OutOfRange from None
    return quotient or quotient.copy_abs()


def _refuse_odd(value: object, what: str) -> None:
    """Refuse what is no number at all, or would take long to convert."""
    if isinstance(value, str):
        digits = value[1:] if value[:1] in ("+", "-") else value
        digits = digits.replace(".", "", 1)
        if len(value) > _LONGEST_TEXT or not (digits.isdigit() and digits.isascii()):
            raise NotANumber(value, "the text is not plain digits")
    elif isinstance(value, float):
        raise FloatRefused(value, what)
    elif isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise NotANumber(value, f"it is a {type(value).__name__}")
    elif isinstance(value, int) and value.bit_length() > _LONGEST_BITS:
        raise NotANumber(value, f"it has more than {DIGITS} significant digits, or is too large or small")
