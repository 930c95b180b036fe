"""Questions about conditions that are answered without values: contradiction, implication, overlap.

A condition is opened up into alternatives (its disjunctive normal form), each a list of tests that must all come out
as stated. A test asks about one name, so an alternative can hold exactly when each of its names has a value, or is
missing, such that all tests of that name come out. Between the constants that a name is compared with, its tests do
not change their answers; so it is enough to try each constant, one value in each gap, and missing.

What the tests cannot express (arithmetic, functions, names compared with each other) is opaque: an alternative that
holds but for opaque parts leaves the question open, and the answer is `None`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise, product
from typing import Any, TypeAlias

import attrs

from salesmgmt.core.errors import SalesError
from salesmgmt.core.formula.compile import SIGNS, compiled, turned
from salesmgmt.core.formula.formula import Formula
from salesmgmt.core.formula.nodes import (
    And,
    Arithmetic,
    Call,
    Comparison,
    Conditional,
    IsMissing,
    Literal,
    Membership,
    Name,
    Node,
    Not,
    Or,
    walk,
)
from salesmgmt.core.formula.types import BOOL, DATE, INSTANT, MONEY, NUMBER, PERCENT, TEXT, Type
from salesmgmt.core.formula.values import raw
from salesmgmt.core.money import Money

MAX_ALTERNATIVES = 256
"""Alternatives that are looked at; a condition with more is answered with `None`."""

# Tests, and the constants that they compare with, in all alternatives together.
_MAX_WEIGHT = 16_384


def contradicts(formula: Formula) -> bool | None:
    """Whether no values at all, missing ones included, make the condition true; `None` when that is not known.

    Amounts of money are taken to be of the currency that they are compared with.

    >>> from salesmgmt.core.formula import NUMBER, Formula, Schema, contradicts
    >>> schema = Schema({"a": NUMBER, "b": NUMBER})
    >>> contradicts(Formula.parse("a > 5 and a < 3", schema))
    True
    >>> contradicts(Formula.parse("a > 5 or a is missing", schema))
    False
    >>> contradicts(Formula.parse("a > b and b > a", schema)) is None
    True
    """
    return never((formula.tree,))


def implies(formula: Formula, other: Formula) -> bool | None:
    """Whether `other` holds for all values for which `formula` does; `None` when that is not known.

    An evaluation of `other` that ends in an error does not hold.

    >>> from salesmgmt.core.formula import NUMBER, Formula, Schema, implies
    >>> schema = Schema({"a": NUMBER})
    >>> implies(Formula.parse("a > 5", schema), Formula.parse("a >= 5", schema))
    True
    """
    answer = never((formula.tree, Not(other.tree)))
    if answer and any(map(_can_fail, walk(other.tree))):
        return never((formula.tree,)) or None
    return answer


def overlaps(formula: Formula, other: Formula) -> bool | None:
    """Whether both hold for some values; `None` when that is not known.

    >>> from salesmgmt.core.formula import TEXT, Formula, Schema, overlaps
    >>> schema = Schema({"tier": TEXT})
    >>> gold, rest = Formula.parse("tier == 'gold'", schema), Formula.parse("tier != 'gold'", schema)
    >>> overlaps(gold, rest), overlaps(gold, gold)
    (False, True)
    """
    answer = never((formula.tree, other.tree))
    return None if answer is None else not answer


def never(conditions: tuple[Node, ...]) -> bool | None:
    """Whether no values make all conditions true; `None` when that is not known.

    >>> from salesmgmt.core.formula import BOOL, Formula, Schema
    >>> from salesmgmt.core.formula.nodes import Not
    >>> from salesmgmt.core.formula.static import never
    >>> flag = Formula.parse("flag", Schema({"flag": BOOL})).tree
    >>> never((flag, Not(flag)))
    True
    """
    nodes = [node for condition in conditions for node in walk(condition)]
    if _is_ambiguous(nodes):
        return None
    alternatives = _all([_opened(condition, wanted=True) for condition in conditions])
    if alternatives is None:
        return None
    # An evaluation that fails at one part never comes to the other that could hold.
    is_sure = not any(map(_can_fail, nodes))
    is_open = False
    for alternative in alternatives:
        if _can_hold(alternative):
            if is_sure and _OPAQUE not in alternative:
                return False
            is_open = True
    return None if is_open else True


@attrs.frozen(eq=False)
class _Test:
    """A question about one name, and the answer that is wanted.

    `asks` answers for a value that is there; a missing value is answered by `missing`.
    """

    name: str
    type: Type
    asks: Callable[[Any], bool]
    wanted: bool
    missing: bool = False
    constants: frozenset[Any] = frozenset()
    currency: str | None = None

    def passes(self, value: Any) -> bool:
        answer = self.missing if value is None else self.asks(value)
        return answer is self.wanted


_OPAQUE = _Test("", BOOL, bool, wanted=True)

# All of these tests at once; several such lists are alternatives. `None` stands for too many.
_Alternative: TypeAlias = tuple[_Test, ...]
_Alternatives: TypeAlias = list[_Alternative] | None


def _is_ambiguous(nodes: list[Node]) -> bool:
    """Whether one name has two types, from two schemas, or is compared with amounts of two currencies."""
    types: dict[str, Type] = {}
    currencies: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, Name) and types.setdefault(node.name, node.type) != node.type:
            return True
        test = _test(node, wanted=True)
        currency = test.currency if test is not None else None
        if test is not None and currency and currencies.setdefault(test.name, currency) != currency:
            return True
    return False


def _can_fail(node: Node) -> bool:
    """Whether an evaluation can end at this node in an error, though every value is of its type."""
    match node:
        case Arithmetic() | Call():
            return True
        case Comparison():
            return node.left.type == MONEY and _test(node, wanted=True) is None
    return False


def _opened(node: Node, *, wanted: bool) -> _Alternatives:
    """The alternatives under which a condition comes out as wanted."""
    match node:
        case Not():
            return _opened(node.operand, wanted=not wanted)
        case And() | Or():
            parts = [_opened(operand, wanted=wanted) for operand in node.operands]
            return _all(parts) if isinstance(node, And) is wanted else _any(parts)
        case Conditional():
            consequence = _opened(node.consequence, wanted=wanted)
            alternative = _opened(node.alternative, wanted=wanted)
            return _any(
                [
                    _all([_opened(node.condition, wanted=True), consequence]),
                    _all([_opened(node.condition, wanted=False), alternative]),
                ]
            )
    if not any(isinstance(part, Name) for part in walk(node)):
        return _constant(node, wanted=wanted)
    test = _test(node, wanted=wanted)
    return [(_OPAQUE if test is None else test,)]


def _all(parts: list[_Alternatives]) -> _Alternatives:
    joined: _Alternatives = [()]
    for part in parts:
        if part is None or joined is None or len(joined) * len(part) > MAX_ALTERNATIVES:
            return None
        joined = _bounded([(*left, *right) for left, right in product(joined, part)])
    return joined


def _any(parts: list[_Alternatives]) -> _Alternatives:
    joined: list[_Alternative] = []
    for part in parts:
        if part is None:
            return None
        joined += part
    return _bounded(joined)


def _bounded(alternatives: list[_Alternative]) -> _Alternatives:
    weight = sum(1 + len(test.constants) for alternative in alternatives for test in alternative)
    return alternatives if len(alternatives) <= MAX_ALTERNATIVES and weight <= _MAX_WEIGHT else None


def _constant(node: Node, *, wanted: bool) -> _Alternatives:
    try:
        holds = compiled(node, "")({}) is True
    except SalesError:
        return [(_OPAQUE,)]
    return [()] if holds is wanted else []


def _test(node: Node, *, wanted: bool) -> _Test | None:
    """The test that a condition on one name is; `None` when it is none."""
    match node:
        case Name():
            return _Test(node.name, node.type, lambda value: value is True, wanted)
        case IsMissing(operand=Name() as name):
            return _Test(name.name, name.type, lambda _value: node.negated, wanted, missing=not node.negated)
        case Comparison(left=Literal(), right=Name()):
            return _test(turned(node), wanted=wanted)
        case Comparison(left=Name() as name, right=Literal() as literal):
            compare, constant = SIGNS[node.sign], _key(raw(literal.value), literal.type)
            return _Test(
                name.name,
                name.type,
                lambda value: compare(value, constant),
                wanted,
                constants=frozenset((constant,)),
                currency=_currency(literal),
            )
        case Membership(item=Name() as name, members=Literal() as literal):
            constants = frozenset(_key(member, name.type) for member in raw(literal.value))
            return _Test(
                name.name,
                name.type,
                lambda value: (value in constants) is not node.negated,
                wanted,
                constants=constants,
                currency=_currency(literal),
            )
        case Membership(item=Literal() as literal, members=Name() as name):
            member = raw(literal.value)
            return _Test(
                name.name,
                name.type,
                lambda value: (member in value) is not node.negated,
                wanted,
                # The set to try holds just those members that an alternative asks for.
                constants=frozenset((member,)) if wanted is not node.negated else frozenset(),
            )
    return None


def _currency(literal: Literal) -> str | None:
    value = literal.value
    one = next(iter(value)) if isinstance(value, frozenset) else value
    return one.currency if isinstance(one, Money) else None


def _can_hold(alternative: _Alternative) -> bool:
    """Whether each name has a value, or is missing, such that its tests pass."""
    by_name: dict[str, list[_Test]] = {}
    for test in alternative:
        if test is not _OPAQUE:
            by_name.setdefault(test.name, []).append(test)
    return all(
        any(all(test.passes(value) for test in tests) for value in _candidates(tests))
        for tests in by_name.values()
    )


def _candidates(tests: list[_Test]) -> Iterator[Any]:
    """A value for each way in which tests of one name can come out; `None` is the missing one."""
    yield None
    type_ = tests[0].type
    constants = frozenset[Any]().union(*(test.constants for test in tests))
    if type_.element is not None:
        yield constants
    elif type_ == BOOL:
        yield from (True, False)
    elif not constants:
        yield Fraction(0)  # no test looks at it
    else:
        in_order = sorted(constants)
        yield from in_order
        yield from _between(in_order, type_)


def _between(constants: list[Any], type_: Type) -> Iterator[Any]:
    """A value below, above and in each gap between constants in order; none where the type has no more."""
    if type_ == TEXT:
        # A literal holds no NUL, so the next text after one is never another.
        yield ""
        yield from (f"{text}\x00" for text in constants)
    elif type_ in _DISCRETE:
        lowest, highest = _DISCRETE[type_]
        yield from (step for one in constants for step in (one - 1, one + 1) if lowest <= step <= highest)
    else:
        yield constants[0] - 1
        yield constants[-1] + 1
        yield from ((low + high) / 2 for low, high in pairwise(constants))


def _key(value: Any, type_: Type) -> Any:
    """A raw constant as a figure that has exact neighbours: a fraction, or a count of days or microseconds."""
    if type_ == DATE:
        return value.toordinal()
    if type_ == INSTANT:
        return _microseconds(value)
    if type_ == MONEY:
        return Fraction(value[0])
    return Fraction(value) if type_ in (NUMBER, PERCENT) else value


def _microseconds(instant: datetime) -> int:
    return (instant - datetime.min.replace(tzinfo=UTC)) // timedelta(microseconds=1)


_DISCRETE = {
    DATE: (date.min.toordinal(), date.max.toordinal()),
    INSTANT: (0, _microseconds(datetime.max.replace(tzinfo=UTC))),
}
