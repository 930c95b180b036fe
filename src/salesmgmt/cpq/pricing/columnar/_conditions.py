"""From a condition to what it asks of each fact, where it asks of each by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from salesmgmt.core.exact import CONTEXT, WIDE
from salesmgmt.core.formula import BOOL, DATE, NUMBER, TEXT, Type, Value
from salesmgmt.core.formula.compile import compiled
from salesmgmt.core.formula.nodes import (
    And,
    Comparison,
    IsMissing,
    Literal,
    Membership,
    Name,
    Node,
    Not,
    Or,
    walk,
)
from salesmgmt.cpq.pricing.columnar.plan import Among, Constraint, Cut, Within

_DAY = timedelta(days=1)


class NotTabular(Exception):
    """A condition asks more than single facts, or asks it in another way than by comparing with constants."""


def constraints(conditions: Iterable[Node], known: Mapping[str, Value]) -> dict[str, Constraint] | None:
    """What conditions that must all hold ask of each fact by itself.

    Args:
        conditions: the trees of conditions.
        known: facts that are the same for all lines.

    Returns:
        What is asked of each fact; `None` when the conditions hold for no line.

    Raises:
        NotTabular: they ask something else too.
    """
    asked: dict[str, list[Node]] = {}
    types: dict[str, Type] = {}
    for part in _parts(conditions):
        names = {node.name: node.type for node in walk(part) if isinstance(node, Name)}
        if names.keys() <= known.keys():
            if compiled(part, "")(known) is not True:
                return None
            continue
        if len(names) > 1:
            raise NotTabular(f"a question about {' and '.join(sorted(names))} together")
        name = next(iter(names))
        _check_form(part)
        asked.setdefault(name, []).append(part)
        types |= names
    found: dict[str, Constraint] = {}
    for name, nodes in asked.items():
        type_ = types[name]
        together = nodes[0] if len(nodes) == 1 else And(tuple(nodes))
        if type_ in (NUMBER, DATE):
            found[name] = _within(name, type_, together)
        elif type_ in (TEXT, BOOL):
            found[name] = _among(name, type_, together)
        else:
            raise NotTabular(f"{name} of type {type_}")
    return found


def _parts(conditions: Iterable[Node]) -> Iterator[Node]:
    for condition in conditions:
        if isinstance(condition, And):
            yield from _parts(condition.operands)
        else:
            yield condition


def _check_form(part: Node) -> None:
    for node in walk(part):
        match node:
            case Comparison(sign, left, right):
                plain = isinstance(left, Name | Literal) and isinstance(right, Name | Literal)
                if not plain or (left.type == TEXT and sign not in ("==", "!=")):
                    raise NotTabular(f"a comparison of {left.type} by {sign}")
            case Membership(item, members):
                if not (isinstance(item, Name) and isinstance(members, Literal)):
                    raise NotTabular("membership in what is no constant")
            case IsMissing(operand):
                if not isinstance(operand, Name):
                    raise NotTabular("a question whether a result is missing")
            case And() | Or() | Not() | Name() | Literal():
                pass
            case _:
                raise NotTabular(f"a {type(node).__name__.lower()}")


def _constants(part: Node) -> Iterator[Any]:
    for node in walk(part):
        if isinstance(node, Literal):
            if isinstance(node.value, frozenset):
                yield from node.value
            else:
                yield node.value


def _among(name: str, type_: Type, part: Node) -> Among:
    run = compiled(part, "")
    missing = run({}) is True
    if type_ == BOOL:
        return Among(
            values=frozenset(one for one in (True, False) if run({name: one}) is True), missing=missing
        )
    constants = frozenset(_constants(part))
    holding = frozenset(one for one in constants if run({name: one}) is True)
    other = max(constants, default="", key=len) + "x"
    if run({name: other}) is True:
        return Among(values=constants - holding, others=True, missing=missing)
    return Among(values=holding, missing=missing)


def _within(name: str, type_: Type, part: Node) -> Within:
    run = compiled(part, "")
    spans: list[tuple[Cut | None, Cut | None]] = []
    for lower, upper, value in _classes(sorted(set(_constants(part))), type_):
        if run({name: value}) is not True:
            continue
        if spans and spans[-1][1] == lower:
            spans[-1] = (spans[-1][0], upper)
        else:
            spans.append((lower, upper))
    return Within(spans=tuple(spans), missing=run({}) is True)


def _classes(points: list[Any], type_: Type) -> Iterator[tuple[Cut | None, Cut | None, Any]]:
    """The gaps between constants, and the constants: where each begins and ends, and a value in it."""
    between = _day_between if type_ == DATE else _number_between
    lower, below = None, None
    for point in points:
        before, after = Cut(point), Cut(point, is_after=True)
        inside = between(below, point)
        if inside is not None:
            yield lower, before, inside
        yield before, after, point
        lower, below = after, point
    inside = between(below, None)
    if inside is not None:
        yield lower, None, inside


def _day_between(lower: date | None, upper: date | None) -> date | None:
    if upper is None:
        return lower + _DAY if lower is not None and lower < date.max else None if lower else date.max
    if upper == date.min or upper - _DAY == lower:
        return None
    return upper - _DAY


def _number_between(lower: Decimal | None, upper: Decimal | None) -> Decimal:
    try:
        if lower is None or upper is None:
            point = lower if upper is None else upper
            if point is None:
                return Decimal(0)
            far = max(abs(point), Decimal(1))
            return CONTEXT.subtract(point, far) if lower is None else CONTEXT.add(point, far)
        inside = CONTEXT.plus(WIDE.divide(WIDE.add(lower, upper), Decimal(2)))
    except ArithmeticError:
        raise NotTabular("a comparison with a number out of range") from None
    if not lower < inside < upper:
        raise NotTabular("comparisons with numbers too close to tell apart")
    return inside
