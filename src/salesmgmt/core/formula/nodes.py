"""The syntax tree of a formula: what every reading of a formula walks over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeAlias, TypeVar
from typing import Literal as OneOf

import attrs

from salesmgmt.core.formula.types import BOOL, Type, Value

R = TypeVar("R")

ComparisonSign: TypeAlias = OneOf["==", "!=", "<", "<=", ">", ">="]
ArithmeticSign: TypeAlias = OneOf["+", "-", "*", "/"]


def _position() -> int:
    # Where a node stands in the text is no part of what it means: trees compare equal without it.
    field: int = attrs.field(default=0, eq=False, repr=False, kw_only=True)
    return field


@attrs.frozen
class Literal:
    """A constant: number, percent, money, bool, text, date, instant, or a set of constants."""

    value: Value
    type: Type
    position: int = _position()


@attrs.frozen
class Name:
    """A name of the schema; the dots in it are part of the name."""

    name: str
    type: Type
    position: int = _position()


@attrs.frozen
class Negative:
    """A number, percent or money with its sign turned."""

    operand: Node
    type: Type
    position: int = _position()


@attrs.frozen
class Arithmetic:
    """`left sign right` on numbers, percents and money."""

    sign: ArithmeticSign
    left: Node
    right: Node
    type: Type
    position: int = _position()


@attrs.frozen
class Comparison:
    """`left sign right`; false when a side is missing. A chain `a < b < c` is an `And` of comparisons."""

    sign: ComparisonSign
    left: Node
    right: Node
    type: Type = BOOL
    position: int = _position()


@attrs.frozen
class Membership:
    """`item in members` or, negated, `item not in members`; false either way when a side is missing."""

    item: Node
    members: Node
    negated: bool = False
    type: Type = BOOL
    position: int = _position()


@attrs.frozen
class IsMissing:
    """`operand is missing` or, negated, `operand is not missing`."""

    operand: Node
    negated: bool = False
    type: Type = BOOL
    position: int = _position()


@attrs.frozen
class Not:
    """`not operand`; a missing operand counts as false."""

    operand: Node
    type: Type = BOOL
    position: int = _position()


@attrs.frozen
class And:
    """All operands hold; read from the left, stopping at the first that does not."""

    operands: tuple[Node, ...]
    type: Type = BOOL
    position: int = _position()


@attrs.frozen
class Or:
    """At least one operand holds; read from the left, stopping at the first that does."""

    operands: tuple[Node, ...]
    type: Type = BOOL
    position: int = _position()


@attrs.frozen
class Conditional:
    """`if condition then consequence else alternative`."""

    condition: Node
    consequence: Node
    alternative: Node
    type: Type
    position: int = _position()


@attrs.frozen
class Call:
    """A function of the closed table applied to arguments."""

    function: str
    arguments: tuple[Node, ...]
    type: Type
    position: int = _position()


Node: TypeAlias = (
    Literal
    | Name
    | Negative
    | Arithmetic
    | Comparison
    | Membership
    | IsMissing
    | Not
    | And
    | Or
    | Conditional
    | Call
)


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below a node, from the left.

    >>> from salesmgmt.core.formula import NUMBER, Formula, Schema
    >>> from salesmgmt.core.formula.nodes import children
    >>> len(children(Formula.parse("a > 0 and a < 9 and a != 5", Schema({"a": NUMBER})).tree))
    3
    """
    match node:
        case Literal() | Name():
            return ()
        case Negative() | IsMissing() | Not():
            return (node.operand,)
        case Arithmetic() | Comparison():
            return (node.left, node.right)
        case Membership():
            return (node.item, node.members)
        case And() | Or():
            return node.operands
        case Conditional():
            return (node.condition, node.consequence, node.alternative)
        case Call():
            return node.arguments


def walk(node: Node) -> Iterator[Node]:
    """A node and all nodes below it, each before its children, from the left.

    >>> from salesmgmt.core.formula import NUMBER, Formula, Schema
    >>> from salesmgmt.core.formula.nodes import walk
    >>> [type(node).__name__ for node in walk(Formula.parse("-a > 0", Schema({"a": NUMBER})).tree)]
    ['Comparison', 'Negative', 'Name', 'Literal']
    """
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(children(current)))


_METHODS: dict[type, str] = {
    Literal: "literal",
    Name: "name",
    Negative: "negative",
    Arithmetic: "arithmetic",
    Comparison: "comparison",
    Membership: "membership",
    IsMissing: "is_missing",
    Not: "not_",
    And: "and_",
    Or: "or_",
    Conditional: "conditional",
    Call: "call",
}


class Visitor(Generic[R]):
    """One reading of a formula: a method a kind of node, and `visit` to choose among them.

    `storage` renders SQL and `frames` renders expressions by subclassing it. Depth is bounded by the parser.
    """

    def visit(self, node: Node) -> R:
        """Read one node."""
        result: R = getattr(self, _METHODS[type(node)])(node)
        return result

    def other(self, node: Node) -> R:
        """Read a node that this reading has no method for; a subclass that is partial overrides it."""
        message = f"{type(self).__name__} does not read {type(node).__name__}"
        raise TypeError(message)

    def literal(self, node: Literal) -> R:
        """Read a constant."""
        return self.other(node)

    def name(self, node: Name) -> R:
        """Read a name."""
        return self.other(node)

    def negative(self, node: Negative) -> R:
        """Read a turned sign."""
        return self.other(node)

    def arithmetic(self, node: Arithmetic) -> R:
        """Read `+ - * /`."""
        return self.other(node)

    def comparison(self, node: Comparison) -> R:
        """Read a comparison."""
        return self.other(node)

    def membership(self, node: Membership) -> R:
        """Read `in` and `not in`."""
        return self.other(node)

    def is_missing(self, node: IsMissing) -> R:
        """Read `is missing`."""
        return self.other(node)

    def not_(self, node: Not) -> R:
        """Read `not`."""
        return self.other(node)

    def and_(self, node: And) -> R:
        """Read `and`."""
        return self.other(node)

    def or_(self, node: Or) -> R:
        """Read `or`."""
        return self.other(node)

    def conditional(self, node: Conditional) -> R:
        """Read `if then else`."""
        return self.other(node)

    def call(self, node: Call) -> R:
        """Read a function call."""
        return self.other(node)
