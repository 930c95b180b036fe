"""The closed table of functions that a formula may call.

Every function but `coalesce` is missing when one of its arguments is.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import cache
from operator import itemgetter
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import attrs

from salesmgmt.core.errors import SalesError
from salesmgmt.core.exact import CONTEXT
from salesmgmt.core.formula.algebra import RawMoney, same_currency
from salesmgmt.core.formula.nodes import Literal, Node
from salesmgmt.core.formula.types import BOOL, DATE, INSTANT, MONEY, NUMBER, PERCENT, TEXT, Type
from salesmgmt.core.rounding import Rounding

Apply: TypeAlias = Callable[..., Any]

_FIGURES: Final = (NUMBER, PERCENT, MONEY)
_ORDERED: Final = (*_FIGURES, DATE, INSTANT)
_MOST_DECIMALS: Final = 12
_DECIMALS: Final = frozenset(map(Decimal, range(_MOST_DECIMALS + 1)))
_DAY: Final = timedelta(days=1)


class BoundsCrossed(SalesError, ValueError):
    """The lower bound of `clamp` is above its upper bound."""

    code = "bounds_crossed"

    def __init__(self) -> None:
        super().__init__("the lower bound is above the upper one", hint="give clamp the lower bound first")


@attrs.frozen(kw_only=True)
class Function:
    """One function of the table.

    Attributes:
        signature: how it is called, for messages.
        wanted: which arguments it takes, in words.
        fewest: the number of arguments at least.
        most: the number of arguments at most; `None` for any number.
        result: the type of its result, or `None` when the arguments do not fit.
        make: chooses the implementation by the type of the first argument; it works on raw values (see `algebra`).
    """

    signature: str
    wanted: str
    fewest: int
    most: int | None
    result: Callable[[tuple[Node, ...]], Type | None]
    make: Callable[[Type], Apply]


def _types(arguments: tuple[Node, ...]) -> set[Type]:
    return {argument.type for argument in arguments}


def _one_of(allowed: tuple[Type, ...]) -> Callable[[tuple[Node, ...]], Type | None]:
    """Arguments that are all of one allowed type; so is the result."""

    def result(arguments: tuple[Node, ...]) -> Type | None:
        types = _types(arguments)
        return types.pop() if len(types) == 1 and types <= set(allowed) else None

    return result


def _all_of(wanted: Type, answer: Type) -> Callable[[tuple[Node, ...]], Type | None]:
    return lambda arguments: answer if _types(arguments) == {wanted} else None


def _span(arguments: tuple[Node, ...]) -> Type | None:
    return NUMBER if _types(arguments) in ({DATE}, {INSTANT}) else None


def _any_one_type(arguments: tuple[Node, ...]) -> Type | None:
    types = _types(arguments)
    return types.pop() if len(types) == 1 else None


def _rounded_type(arguments: tuple[Node, ...]) -> Type | None:
    if len(arguments) == 2:
        decimals = arguments[1]
        if not isinstance(decimals, Literal) or not isinstance(decimals.value, Decimal):
            return None
        if decimals.value not in _DECIMALS:
            return None
    return arguments[0].type if arguments[0].type in _FIGURES else None


def _stepped_type(arguments: tuple[Node, ...]) -> Type | None:
    pair = (arguments[0].type, arguments[1].type)
    allowed = {(NUMBER, NUMBER), (PERCENT, PERCENT), (MONEY, MONEY), (MONEY, NUMBER)}
    return pair[0] if pair in allowed else None


def _length_type(arguments: tuple[Node, ...]) -> Type | None:
    return NUMBER if arguments[0].type == TEXT or arguments[0].type.element is not None else None


def _figure(work: Callable[..., Decimal]) -> Callable[[Type], Apply]:
    """Do the same to a number, the points of a percent, or the amount of money."""

    def make(type_: Type) -> Apply:
        if type_ == MONEY:
            return lambda money, *more: (work(money[0], *more), money[1])
        return work

    return make


def _extreme(choose: Callable[..., Any]) -> Callable[[Type], Apply]:
    def of_money(*amounts: RawMoney) -> RawMoney:
        for amount in amounts[1:]:
            same_currency(amounts[0], amount)
        chosen: RawMoney = choose(amounts, key=itemgetter(0))
        return chosen

    return lambda type_: of_money if type_ == MONEY else choose


def _clamp(type_: Type) -> Apply:
    least, most = _extreme(min)(type_), _extreme(max)(type_)

    def clamp(value: Any, low: Any, high: Any) -> Any:
        if low != high and least(low, high) == high:
            raise BoundsCrossed
        return most(low, least(value, high))

    return clamp


@cache
def _half_up(decimals: int) -> Rounding:
    return Rounding("half_up", Decimal(1).scaleb(-decimals, CONTEXT))


def _round(value: Decimal, decimals: Decimal | int = 0) -> Decimal:
    return _half_up(int(decimals)).apply(value)


def _round_to(type_: Type) -> Apply:
    if type_ != MONEY:
        return _to_step

    def of_money(money: RawMoney, step: RawMoney | Decimal) -> RawMoney:
        if isinstance(step, tuple):
            same_currency(money, step)
            step = step[0]
        return _to_step(money[0], step), money[1]

    return of_money


def _to_step(value: Decimal, step: Decimal) -> Decimal:
    return Rounding("half_up", step).apply(value)


def _days(start: date, end: date) -> Decimal:
    """Whole days from `start` to `end`: of the calendar for dates, of 24 hours for instants; towards zero."""
    if end < start:
        return Decimal(-((start - end) // _DAY))
    return Decimal((end - start) // _DAY)


def _months(start: date, end: date) -> Decimal:
    """Whole months from `start` to `end`, towards zero; instants count in UTC.

    A month is complete on the same day of a later month, or on its last day when it has no such day.
    """
    if end < start:
        return Decimal(-_whole_months(end, start))
    return Decimal(_whole_months(start, end))


def _whole_months(start: date, end: date) -> int:
    day_due = min(start.day, monthrange(end.year, end.month)[1])
    months = (end.year - start.year) * 12 + end.month - start.month
    return months - ((end.day, _time(end)) < (day_due, _time(start)))


def _time(moment: date) -> time:
    return moment.time() if isinstance(moment, datetime) else time()


def _fixed(work: Apply) -> Callable[[Type], Apply]:
    return lambda _type: work


_SAME_ORDERED = "numbers, percents, amounts of money, dates or instants, all of one type"
_ONE_FIGURE = "a number, a percent or an amount of money"
_TWO_TEXTS = "two texts"
_TWO_DAYS = "two dates or two instants"

FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "abs": Function(
            signature="abs(x)",
            wanted=_ONE_FIGURE,
            fewest=1,
            most=1,
            result=_one_of(_FIGURES),
            make=_figure(Decimal.copy_abs),
        ),
        "ceil": Function(
            signature="ceil(x)",
            wanted=_ONE_FIGURE,
            fewest=1,
            most=1,
            result=_one_of(_FIGURES),
            make=_figure(lambda value: value.to_integral_value(ROUND_CEILING, CONTEXT)),
        ),
        "clamp": Function(
            signature="clamp(x, low, high)",
            wanted=_SAME_ORDERED,
            fewest=3,
            most=3,
            result=_one_of(_ORDERED),
            make=_clamp,
        ),
        "coalesce": Function(
            signature="coalesce(x, y, ...)",
            wanted="values of one type",
            fewest=2,
            most=None,
            result=_any_one_type,
            make=_fixed(lambda *values: next((value for value in values if value is not None), None)),
        ),
        "contains": Function(
            signature="contains(text, part)",
            wanted=_TWO_TEXTS,
            fewest=2,
            most=2,
            result=_all_of(TEXT, BOOL),
            make=_fixed(lambda text, part: part in text),
        ),
        "days": Function(
            signature="days(from, to)", wanted=_TWO_DAYS, fewest=2, most=2, result=_span, make=_fixed(_days)
        ),
        "ends_with": Function(
            signature="ends_with(text, end)",
            wanted=_TWO_TEXTS,
            fewest=2,
            most=2,
            result=_all_of(TEXT, BOOL),
            make=_fixed(str.endswith),
        ),
        "floor": Function(
            signature="floor(x)",
            wanted=_ONE_FIGURE,
            fewest=1,
            most=1,
            result=_one_of(_FIGURES),
            make=_figure(lambda value: value.to_integral_value(ROUND_FLOOR, CONTEXT)),
        ),
        "length": Function(
            signature="length(x)",
            wanted="a text or a set",
            fewest=1,
            most=1,
            result=_length_type,
            make=_fixed(lambda value: Decimal(len(value))),
        ),
        "lower": Function(
            signature="lower(text)",
            wanted="a text",
            fewest=1,
            most=1,
            result=_one_of((TEXT,)),
            make=_fixed(str.lower),
        ),
        "max": Function(
            signature="max(x, y, ...)",
            wanted=_SAME_ORDERED,
            fewest=2,
            most=None,
            result=_one_of(_ORDERED),
            make=_extreme(max),
        ),
        "min": Function(
            signature="min(x, y, ...)",
            wanted=_SAME_ORDERED,
            fewest=2,
            most=None,
            result=_one_of(_ORDERED),
            make=_extreme(min),
        ),
        "months": Function(
            signature="months(from, to)",
            wanted=_TWO_DAYS,
            fewest=2,
            most=2,
            result=_span,
            make=_fixed(_months),
        ),
        "round": Function(
            signature="round(x) or round(x, decimals)",
            wanted=f"{_ONE_FIGURE}, and a whole number of decimals from 0 to {_MOST_DECIMALS} written out",
            fewest=1,
            most=2,
            result=_rounded_type,
            make=_figure(_round),
        ),
        "round_to": Function(
            signature="round_to(x, step)",
            wanted=f"{_ONE_FIGURE}, and the step to round to, of the same type (or a number for money)",
            fewest=2,
            most=2,
            result=_stepped_type,
            make=_round_to,
        ),
        "starts_with": Function(
            signature="starts_with(text, start)",
            wanted=_TWO_TEXTS,
            fewest=2,
            most=2,
            result=_all_of(TEXT, BOOL),
            make=_fixed(str.startswith),
        ),
        "upper": Function(
            signature="upper(text)",
            wanted="a text",
            fewest=1,
            most=1,
            result=_one_of((TEXT,)),
            make=_fixed(str.upper),
        ),
    }
)
"""Every function by name: `round` and `round_to` go half up, from the middle away from zero."""
