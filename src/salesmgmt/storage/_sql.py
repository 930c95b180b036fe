"""The SQL reading of a formula: a condition that lets a database leave out what the formula cannot hold for.

Three predicates are rendered for each node that is true or false: rows for which it may be true, rows for which it may
be false, and rows for which its evaluation may fail. Each is a superset of the rows in question, so that whatever
SQL cannot decide (arithmetic, functions, sets) stays a candidate for the evaluation in Python. `Reading.decided` says
that the first two are exact wherever the third is false.

SQL's third truth value never leaks: the predicates are joined by AND and OR alone, never negated, and there a NULL
counts as false, as a comparison with a missing value does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal as OneOf
from typing import TypeAlias

import attrs

from salesmgmt.core.formula.nodes import (
    And,
    Arithmetic,
    Call,
    Comparison,
    ComparisonSign,
    IsMissing,
    Literal,
    Membership,
    Name,
    Node,
    Not,
    Or,
    Visitor,
    walk,
)
from salesmgmt.core.formula.types import BOOL, MONEY
from salesmgmt.core.sortkey import sort_key

Parameter: TypeAlias = str | int

# SQLite before 3.32 takes 999 parameters, and its parser has a stack of 100 symbols; both leave room for the
# rest of the statement. A formula beyond them is evaluated in Python.
_MOST_PARAMETERS = 900
_DEEPEST = 20

_NEVER_FAIL = frozenset({"coalesce", "contains", "ends_with", "length", "starts_with"})


@attrs.frozen
class Sql:
    """A predicate: SQL text, the parameters of its question marks, and how deep its parentheses go."""

    text: str
    parameters: tuple[Parameter, ...] = ()
    depth: int = 0


TRUE = Sql("1")
FALSE = Sql("0")


def all_of(predicates: Iterable[Sql]) -> Sql:
    """The predicate that all of `predicates` hold."""
    return _joined("AND", predicates, neutral=TRUE, final=FALSE)


def any_of(predicates: Iterable[Sql]) -> Sql:
    """The predicate that at least one of `predicates` holds."""
    return _joined("OR", predicates, neutral=FALSE, final=TRUE)


def _joined(word: OneOf["AND", "OR"], predicates: Iterable[Sql], *, neutral: Sql, final: Sql) -> Sql:
    parts = list(dict.fromkeys(part for part in predicates if part != neutral))
    if final in parts:
        return final
    if len(parts) < 2:
        return parts[0] if parts else neutral
    return Sql(
        f"({f' {word} '.join(part.text for part in parts)})",
        tuple(parameter for part in parts for parameter in part.parameters),
        1 + max(part.depth for part in parts),
    )


@attrs.frozen
class Column:
    """Where the keys of a field are stored; see `_sortkey`.

    Attributes:
        key: the quoted SQL name of the column of keys.
        currency: that of the column of currencies; empty for all types but money.
    """

    key: str
    currency: str = ""


@attrs.frozen
class Reading:
    """What SQL can say about a condition; see the module."""

    may_be_true: Sql
    may_be_false: Sql
    may_fail: Sql = FALSE
    decided: bool = True

    @property
    def candidates(self) -> Sql:
        """The rows that must be looked at."""
        return any_of((self.may_be_true, self.may_fail))

    @property
    def is_exact(self) -> bool:
        """Whether the candidates are the answer."""
        return self.decided and self.may_fail == FALSE


def read(tree: Node, columns: Mapping[str, Column]) -> Reading:
    """Render a condition.

    Args:
        tree: the tree of a formula of type BOOL.
        columns: where the fields are stored; a field that is not named here is left to Python.
    """
    reading = _SqlReading(columns).visit(tree)
    predicates = (reading.candidates, reading.may_fail)
    if any(part.depth > _DEEPEST or len(part.parameters) > _MOST_PARAMETERS for part in predicates):
        return _undecided(tree)
    return reading


def _undecided(node: Node) -> Reading:
    """Leave a node to Python."""
    fails = any(
        isinstance(part, Arithmetic)
        or (isinstance(part, Call) and part.function not in _NEVER_FAIL)
        or part.type == MONEY
        for part in walk(node)
    )
    return Reading(TRUE, TRUE, TRUE if fails else FALSE, decided=False)


_OPPOSITE: dict[ComparisonSign, ComparisonSign] = {
    "==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<",
}  # fmt: skip
_SQL_SIGN: dict[ComparisonSign, str] = {
    "==": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">=",
}  # fmt: skip


@attrs.frozen
class _Operand:
    """One side of a comparison in SQL: a column or a question mark, with the currency for money."""

    key: Sql
    currency: Sql | None
    nullable: bool

    @property
    def is_null(self) -> Sql:
        return Sql(f"{self.key.text} IS NULL") if self.nullable else FALSE

    @property
    def is_not_null(self) -> Sql:
        return Sql(f"{self.key.text} IS NOT NULL") if self.nullable else TRUE


def _relation(left: Sql, sign: str, right: Sql) -> Sql:
    return Sql(f"{left.text} {sign} {right.text}", left.parameters + right.parameters)


def _negated(reading: Reading) -> Reading:
    return attrs.evolve(reading, may_be_true=reading.may_be_false, may_be_false=reading.may_be_true)


def _conjunction(readings: list[Reading]) -> Reading:
    return Reading(
        all_of(reading.may_be_true for reading in readings),
        any_of(reading.may_be_false for reading in readings),
        # An operand is evaluated, and may fail, only where all before it held.
        any_of(
            all_of((*(earlier.may_be_true for earlier in readings[:index]), reading.may_fail))
            for index, reading in enumerate(readings)
            if reading.may_fail != FALSE
        ),
        decided=all(reading.decided for reading in readings),
    )


class _SqlReading(Visitor[Reading]):
    def __init__(self, columns: Mapping[str, Column]) -> None:
        self._columns = columns

    def other(self, node: Node) -> Reading:
        return _undecided(node)

    def literal(self, node: Literal) -> Reading:
        return Reading(TRUE, FALSE) if node.value is True else Reading(FALSE, TRUE)

    def name(self, node: Name) -> Reading:
        return self.comparison(Comparison("==", node, Literal(True, BOOL)))

    def not_(self, node: Not) -> Reading:
        return _negated(self.visit(node.operand))

    def and_(self, node: And) -> Reading:
        return _conjunction([self.visit(operand) for operand in node.operands])

    def or_(self, node: Or) -> Reading:
        # By De Morgan: `a or b` is true where `not a and not b` is false, and is evaluated in the same order.
        return _negated(_conjunction([_negated(self.visit(operand)) for operand in node.operands]))

    def is_missing(self, node: IsMissing) -> Reading:
        operand = self._operand(node.operand)
        if operand is None or not operand.nullable:
            return _undecided(node)
        missing = Reading(operand.is_null, operand.is_not_null)
        return _negated(missing) if node.negated else missing

    def comparison(self, node: Comparison) -> Reading:
        left, right = self._operand(node.left), self._operand(node.right)
        if left is None or right is None:
            return _undecided(node)
        null = any_of((left.is_null, right.is_null))
        sign, opposite = _SQL_SIGN[node.sign], _SQL_SIGN[_OPPOSITE[node.sign]]
        holds = _relation(left.key, sign, right.key)
        holds_not = _relation(left.key, opposite, right.key)
        if left.currency is None or right.currency is None:
            return Reading(holds, any_of((holds_not, null)))
        same = _relation(left.currency, "=", right.currency)
        differ = _relation(left.currency, "<>", right.currency)
        match node.sign:
            case "==":
                return Reading(all_of((same, holds)), any_of((null, differ, holds_not)))
            case "!=":
                return Reading(any_of((differ, holds)), any_of((null, all_of((same, holds_not)))))
        return Reading(all_of((same, holds)), any_of((null, all_of((same, holds_not)))), differ)

    def membership(self, node: Membership) -> Reading:
        if not isinstance(node.members, Literal) or not isinstance(node.members.value, frozenset):
            return _undecided(node)
        item = self._operand(node.item)
        if item is None:
            return _undecided(node)
        element = node.members.type.element or node.item.type
        members = [
            self.comparison(Comparison("!=" if node.negated else "==", node.item, Literal(member, element)))
            for member in sorted(node.members.value, key=sort_key)
        ]
        hold = [member.may_be_true for member in members]
        hold_not = [member.may_be_false for member in members]
        if not node.negated:
            return Reading(any_of(hold), all_of(hold_not))
        # `x not in {}` is false for a missing x, which no comparison with a member says.
        return Reading(all_of((*hold, item.is_not_null)), any_of((*hold_not, item.is_null)))

    def _operand(self, node: Node) -> _Operand | None:
        """Return a column or a constant; `None` when the node is neither, or is not stored in columns."""
        match node:
            case Name() if (column := self._columns.get(node.name)) is not None:
                currency = Sql(column.currency) if column.currency else None
                return _Operand(Sql(column.key), currency, nullable=True)
            case Literal() if not isinstance(node.value, frozenset):
                *currencies, key = sort_key(node.value)
                return _Operand(
                    Sql("?", (key,)), Sql("?", (currencies[0],)) if currencies else None, nullable=False
                )
        return None
