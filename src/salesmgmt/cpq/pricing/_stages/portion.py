"""A part of an amount."""

from __future__ import annotations

from decimal import Decimal

from salesmgmt.core.exact import CONTEXT, WIDE, OutOfRange

_multiply, _divide = WIDE.multiply, CONTEXT.divide


def portion(whole: Decimal, part: Decimal, parts: Decimal) -> Decimal:
    """`whole * part / parts`, to 34 digits.

    >>> from decimal import Decimal
    >>> from salesmgmt.cpq.pricing._stages.portion import portion
    >>> portion(Decimal(100), Decimal(1), Decimal(8))
    Decimal('12.5')
    """
    try:
        return _divide(_multiply(whole, part), parts)
    except ArithmeticError:
        raise OutOfRange from None
