"""What `+ - * /` mean for numbers, percents and money.

While a formula runs, a percent is its points and an amount of money a pair (amount, currency): the types were checked
when it was parsed, so the classes would only cost time.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeAlias

import attrs

from salesmgmt.core.exact import CONTEXT
from salesmgmt.core.formula.nodes import ArithmeticSign
from salesmgmt.core.formula.types import MONEY, NUMBER, PERCENT, Type
from salesmgmt.core.money import CurrencyMismatch

RawMoney: TypeAlias = tuple[Decimal, str]

_add = CONTEXT.add
_subtract = CONTEXT.subtract
_multiply = CONTEXT.multiply
_divide = CONTEXT.divide


@attrs.frozen
class Operation:
    """One meaning of a sign: the type of its result, and how it is worked out on raw operands."""

    result: Type
    apply: Callable[[Any, Any], Any]


def same_currency(left: RawMoney, right: RawMoney) -> str:
    """The currency of two amounts; raises `CurrencyMismatch` when they have two.

    >>> from decimal import Decimal
    >>> from salesmgmt.core.formula.algebra import same_currency
    >>> same_currency((Decimal(1), "EUR"), (Decimal(2), "EUR"))
    'EUR'
    """
    if left[1] != right[1]:
        raise CurrencyMismatch(left[1], right[1])
    return left[1]


def _hundredth(number: Decimal) -> Decimal:
    return number.scaleb(-2, CONTEXT)


def _hundredfold(number: Decimal) -> Decimal:
    return number.scaleb(2, CONTEXT)


def _part(number: Decimal, points: Decimal) -> Decimal:
    """So many percent of a number."""
    return _hundredth(_multiply(number, points))


ALGEBRA: dict[tuple[ArithmeticSign, Type, Type], Operation] = {
    ("+", NUMBER, NUMBER): Operation(NUMBER, _add),
    ("-", NUMBER, NUMBER): Operation(NUMBER, _subtract),
    ("*", NUMBER, NUMBER): Operation(NUMBER, _multiply),
    ("/", NUMBER, NUMBER): Operation(NUMBER, _divide),
    ("+", PERCENT, PERCENT): Operation(PERCENT, _add),
    ("-", PERCENT, PERCENT): Operation(PERCENT, _subtract),
    ("*", PERCENT, PERCENT): Operation(PERCENT, _part),
    ("/", PERCENT, PERCENT): Operation(NUMBER, _divide),
    ("+", NUMBER, PERCENT): Operation(NUMBER, lambda number, points: _add(number, _hundredth(points))),
    ("-", NUMBER, PERCENT): Operation(NUMBER, lambda number, points: _subtract(number, _hundredth(points))),
    ("*", NUMBER, PERCENT): Operation(PERCENT, _multiply),
    ("*", PERCENT, NUMBER): Operation(PERCENT, _multiply),
    ("/", NUMBER, PERCENT): Operation(NUMBER, lambda number, points: _hundredfold(_divide(number, points))),
    ("/", PERCENT, NUMBER): Operation(PERCENT, _divide),
    ("+", MONEY, MONEY): Operation(
        MONEY, lambda left, right: (_add(left[0], right[0]), same_currency(left, right))
    ),
    ("-", MONEY, MONEY): Operation(
        MONEY, lambda left, right: (_subtract(left[0], right[0]), same_currency(left, right))
    ),
    ("/", MONEY, MONEY): Operation(
        NUMBER, lambda left, right: same_currency(left, right) and _divide(left[0], right[0])
    ),
    ("*", MONEY, NUMBER): Operation(MONEY, lambda money, number: (_multiply(money[0], number), money[1])),
    ("*", NUMBER, MONEY): Operation(MONEY, lambda number, money: (_multiply(number, money[0]), money[1])),
    ("/", MONEY, NUMBER): Operation(MONEY, lambda money, number: (_divide(money[0], number), money[1])),
    ("*", MONEY, PERCENT): Operation(MONEY, lambda money, points: (_part(money[0], points), money[1])),
    ("*", PERCENT, MONEY): Operation(MONEY, lambda points, money: (_part(money[0], points), money[1])),
    ("/", MONEY, PERCENT): Operation(
        MONEY, lambda money, points: (_hundredfold(_divide(money[0], points)), money[1])
    ),
}
"""Every pair of types that a sign joins. Money is the same at both sides, of one currency; the rest is an error."""

_HINTS: dict[tuple[ArithmeticSign, Type, Type], str] = {
    ("+", MONEY, PERCENT): "to raise an amount by a percentage, write amount * (1 + 10%)",
    ("-", MONEY, PERCENT): "to lower an amount by a percentage, write amount * (1 - 10%)",
    ("+", PERCENT, NUMBER): "write 1 + 10% for 1.1, or 10% + 1% for 11%",
    ("-", PERCENT, NUMBER): "write 10% - 1% for 9%",
    ("*", MONEY, MONEY): "an amount is multiplied by a number or a percent",
}


def hint(sign: ArithmeticSign, left: Type, right: Type) -> str:
    """What to write instead of a pair of types that the sign does not join.

    >>> from salesmgmt.core.formula import MONEY, NUMBER, TEXT
    >>> from salesmgmt.core.formula.algebra import hint
    >>> hint("+", MONEY, NUMBER)
    'give the number its currency: 5 EUR'
    >>> hint("*", TEXT, NUMBER)
    'only numbers, percents and money are reckoned with'
    """
    if (known := _HINTS.get((sign, left, right))) is not None:
        return known
    kinds = {left, right}
    if kinds == {MONEY, NUMBER} and sign in ("+", "-"):
        return "give the number its currency: 5 EUR"
    if kinds <= {NUMBER, PERCENT, MONEY}:
        return "divide by a number, or amounts of money by each other"
    if any(type_.name in ("date", "instant") for type_ in kinds):
        return "use days(from, to) or months(from, to)"
    return "only numbers, percents and money are reckoned with"
