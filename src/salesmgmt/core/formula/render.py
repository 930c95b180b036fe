"""The canonical text of a formula: one spelling for each tree, which parses to that tree again."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

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
    Negative,
    Node,
    Not,
    Or,
    Visitor,
)
from salesmgmt.core.formula.types import Scalar, Value
from salesmgmt.core.money import Money

# How tightly a node holds its operands together; an operand that holds less tightly needs parentheses.
_IF, _OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _SIGN, _ATOM = range(9)


def canonical(node: Node) -> str:
    """Write a tree as the text that parses to it.

    >>> from salesmgmt.core.formula import NUMBER, Formula, Schema
    >>> from salesmgmt.core.formula.render import canonical
    >>> canonical(Formula.parse("((a))*(a+1)>0", Schema({"a": NUMBER})).tree)
    'a * (a + 1) > 0'
    """
    return _WRITER.visit(node)


def written(value: Value) -> str:
    """Write a value as a literal; a value that is no literal (too many digits) is written the same way.

    >>> from salesmgmt.core.formula.render import written
    >>> written("it's"), written(frozenset({"b", "a"}))
    ("'it''s'", "{'a', 'b'}")
    """
    if isinstance(value, frozenset):
        return f"{{{', '.join(written(member) for member in ordered(value))}}}"
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            doubled = value.replace("'", "''")
            return f"'{doubled}'"
        case Decimal():
            return f"{value:f}"
        case datetime():
            return _instant(value)
        case date():
            return value.isoformat()
    return str(value)


def ordered(members: frozenset[Scalar]) -> list[Scalar]:
    """The members of a set in the order in which they are written.

    >>> from decimal import Decimal
    >>> from salesmgmt.core.formula.render import ordered
    >>> ordered(frozenset({Decimal(10), Decimal(9)}))
    [Decimal('9'), Decimal('10')]
    """
    return sorted(members, key=_place)


def _place(member: Scalar) -> Any:
    # Amounts that a host gives may be of several currencies, which have no order among them.
    return (member.currency, member.amount) if isinstance(member, Money) else member


def _instant(value: datetime) -> str:
    seconds = "microseconds" if value.microsecond else "seconds" if value.second else "minutes"
    return value.replace(tzinfo=None).isoformat(timespec=seconds) + "Z"


class _Writer(Visitor[str]):
    def _operand(self, node: Node, least: int) -> str:
        text = self.visit(node)
        return f"({text})" if _tightness(node) < least else text

    def literal(self, node: Literal) -> str:
        return written(node.value)

    def name(self, node: Name) -> str:
        return node.name

    def negative(self, node: Negative) -> str:
        return f"-{self._operand(node.operand, _SIGN)}"

    def arithmetic(self, node: Arithmetic) -> str:
        own = _tightness(node)
        # From the left: a - b - c needs no parentheses, a - (b - c) does.
        return f"{self._operand(node.left, own)} {node.sign} {self._operand(node.right, own + 1)}"

    def comparison(self, node: Comparison) -> str:
        return f"{self._operand(node.left, _SUM)} {node.sign} {self._operand(node.right, _SUM)}"

    def membership(self, node: Membership) -> str:
        word = "not in" if node.negated else "in"
        return f"{self._operand(node.item, _SUM)} {word} {self._operand(node.members, _SUM)}"

    def is_missing(self, node: IsMissing) -> str:
        word = "is not missing" if node.negated else "is missing"
        return f"{self._operand(node.operand, _SUM)} {word}"

    def not_(self, node: Not) -> str:
        return f"not {self._operand(node.operand, _NOT)}"

    def and_(self, node: And) -> str:
        return " and ".join(self._operand(operand, _NOT) for operand in node.operands)

    def or_(self, node: Or) -> str:
        return " or ".join(self._operand(operand, _AND) for operand in node.operands)

    def conditional(self, node: Conditional) -> str:
        condition, consequence = self.visit(node.condition), self.visit(node.consequence)
        return f"if {condition} then {consequence} else {self.visit(node.alternative)}"

    def call(self, node: Call) -> str:
        return f"{node.function}({', '.join(self.visit(argument) for argument in node.arguments)})"


def _tightness(node: Node) -> int:
    match node:
        case Conditional():
            return _IF
        case Or():
            return _OR
        case And():
            return _AND
        case Not():
            return _NOT
        case Comparison() | Membership() | IsMissing():
            return _COMPARISON
        case Arithmetic():
            return _SUM if node.sign in ("+", "-") else _PRODUCT
        case Negative():
            return _SIGN
        case _:
            return _ATOM


_WRITER = _Writer()
