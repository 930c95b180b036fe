"""The types of a formula: every node is made here, from operands that fit, or refused with its position."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NoReturn, TypeVar

from salesmgmt.core.errors import SalesError, shorten
from salesmgmt.core.formula.algebra import ALGEBRA, hint
from salesmgmt.core.formula.errors import FormulaError
from salesmgmt.core.formula.functions import FUNCTIONS
from salesmgmt.core.formula.nodes import (
    And,
    Arithmetic,
    ArithmeticSign,
    Call,
    Comparison,
    ComparisonSign,
    Conditional,
    IsMissing,
    Literal,
    Membership,
    Name,
    Negative,
    Node,
    Not,
    Or,
    children,
    walk,
)
from salesmgmt.core.formula.phrases import described, known_names, mixed_hint, shown
from salesmgmt.core.formula.render import canonical
from salesmgmt.core.formula.schema import Schema
from salesmgmt.core.formula.types import BOOL, MONEY, NUMBER, PERCENT, SET, TEXT, Scalar, Type, Value
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent

N = TypeVar("N", bound=Node)

MAX_NODES = 256
"""Nodes of a formula, the members of its sets included."""

MAX_DEPTH = 32
"""Levels of a formula: `a + b` has two."""


class Builder:
    """Makes the nodes of one formula, and refuses those whose operands do not fit.

    Args:
        formula: the text, for messages.
        schema: the names and their types.
    """

    def __init__(self, formula: str, schema: Schema) -> None:
        self._formula = formula
        self._schema = schema
        self._nodes = 0
        self._depths: dict[int, int] = {}

    def refuse(
        self, position: int, *, expected: str, found: str, hint: str, nearest: str | None = None
    ) -> NoReturn:
        """Raise `FormulaError`."""
        raise FormulaError(
            self._formula, position, expected=expected, found=found, hint=hint, nearest=nearest
        )

    def literal(self, value: Scalar, type_: Type, position: int) -> Literal:
        """A constant."""
        return self._made(Literal(value, type_, position=position))

    def money(self, amount: Decimal, currency: str, position: int, currency_position: int) -> Literal:
        """A constant amount of money, whose currency stands at a position of its own."""
        try:
            money = Money(amount, currency)
        except SalesError as error:
            self.refuse(
                currency_position,
                expected="an ISO 4217 currency code",
                found=shorten(currency),
                hint=error.hint,
            )
        return self.literal(money, MONEY, position)

    def members(self, members: Sequence[Literal], position: int) -> Literal:
        """A constant set; its members, counted when they were made, are of one type and currency."""
        if not members:
            self.refuse(
                position, expected="a set with members", found="an empty set", hint="list at least one member"
            )
        first = members[0]
        for member in members:
            if member.type == BOOL:
                self.refuse(
                    member.position,
                    expected="a number, percent, amount of money, text, date or instant",
                    found=canonical(member),
                    hint="write the condition itself, or not before it",
                )
            if member.type != first.type:
                self.refuse(
                    member.position,
                    expected=described(first.type),
                    found=shown(member),
                    hint="the members of a set are of one type",
                )
            self._one_currency((first, member), member.position)
        values = frozenset(_scalar(member) for member in members)
        return self._made(Literal(values, SET[first.type], position=position))

    def name(self, name: str, position: int) -> Name:
        """A name of the schema."""
        type_ = self._schema.get(name)
        if type_ is None:
            meant = self._schema.nearest(name)
            self.refuse(
                position,
                expected="a known name",
                found=shorten(name).strip("'"),
                nearest=meant,
                hint=f"did you mean {meant}?" if meant else known_names(self._schema, name),
            )
        return self._made(Name(name, type_, position=position))

    def negative(self, operand: Node, position: int) -> Node:
        """A turned sign; a negative constant is a constant."""
        if operand.type not in (NUMBER, PERCENT, MONEY):
            self.refuse(
                operand.position,
                expected="a number, a percent or an amount of money",
                found=shown(operand),
                hint="write not before a condition" if operand.type == BOOL else "remove the minus sign",
            )
        if isinstance(operand, Literal):
            self._nodes -= 1  # the constant without its sign is gone
            return self._made(Literal(_turned(operand.value), operand.type, position=position))
        return self._made(Negative(operand, operand.type, position=position))

    def arithmetic(self, sign: ArithmeticSign, left: Node, right: Node, position: int) -> Arithmetic:
        """Two figures joined by `+ - * /`."""
        operation = ALGEBRA.get((sign, left.type, right.type))
        if operation is None:
            self.refuse(
                position,
                expected=f"figures that {sign} can join",
                found=f"{described(left.type)} {sign} {described(right.type)}",
                hint=hint(sign, left.type, right.type),
            )
        if left.type == right.type:
            self._one_currency((left, right), position)
        if sign == "/" and isinstance(right, Literal) and not _figure(right.value):
            self.refuse(
                right.position,
                expected="a divisor",
                found=canonical(right),
                hint="nothing can be divided by zero",
            )
        return self._made(Arithmetic(sign, left, right, operation.result, position=position))

    def comparison(self, sign: ComparisonSign, left: Node, right: Node, position: int) -> Comparison:
        """Two values of one type compared."""
        if left.type != right.type:
            self.refuse(
                right.position,
                expected=described(left.type),
                found=shown(right),
                hint=mixed_hint(left, right),
            )
        if left.type.element is not None:
            self.refuse(
                position,
                expected="values to compare",
                found=f"two of type {left.type}",
                hint="ask for one member with in",
            )
        if left.type == BOOL and sign not in ("==", "!="):
            self.refuse(
                position,
                expected="== or != between conditions",
                found=sign,
                hint="conditions have no order; join them by and, or",
            )
        self._one_currency((left, right), position)
        return self._made(Comparison(sign, left, right, position=position))

    def chain(self, signs: Sequence[tuple[ComparisonSign, int]], operands: Sequence[Node]) -> Node:
        """`a < b <= c`: each neighbour pair compared; what stands in the middle counts twice."""
        for operand in operands[1:-1]:
            self._count(sum(_size(node) for node in walk(operand)), operand.position)
        comparisons = [
            self.comparison(sign, left, right, position)
            for (sign, position), left, right in zip(signs, operands, operands[1:], strict=False)
        ]
        return comparisons[0] if len(comparisons) == 1 else self.both(comparisons, operands[0].position)

    def membership(self, item: Node, members: Node, position: int, *, negated: bool) -> Membership:
        """`item in members`."""
        element = members.type.element
        if element is None:
            asked = members.type == TEXT and item.type == TEXT
            self.refuse(
                members.position,
                expected="a set",
                found=shown(members),
                hint="write contains(text, part)" if asked else "write the members in braces: {1, 2}",
            )
        if item.type != element:
            self.refuse(
                item.position,
                expected=described(element),
                found=shown(item),
                hint=f"the set holds values of type {element}",
            )
        self._one_currency((item, members), position)
        return self._made(Membership(item, members, negated, position=position))

    def is_missing(self, operand: Node, position: int, *, negated: bool) -> IsMissing:
        """`operand is missing`."""
        return self._made(IsMissing(operand, negated, position=position))

    def negation(self, operand: Node, position: int) -> Not:
        """`not operand`."""
        self._condition(operand, "after not")
        return self._made(Not(operand, position=position))

    def both(self, operands: Iterable[Node], position: int) -> And:
        """All operands; an `and` inside an `and` is part of it."""
        flat: list[Node] = []
        for operand in operands:
            self._condition(operand, "beside and")
            flat.extend(operand.operands if isinstance(operand, And) else (operand,))
        return self._made(And(tuple(flat), position=position))

    def either(self, operands: Iterable[Node], position: int) -> Or:
        """Any operand; an `or` inside an `or` is part of it."""
        flat: list[Node] = []
        for operand in operands:
            self._condition(operand, "beside or")
            flat.extend(operand.operands if isinstance(operand, Or) else (operand,))
        return self._made(Or(tuple(flat), position=position))

    def conditional(
        self, condition: Node, consequence: Node, alternative: Node, position: int
    ) -> Conditional:
        """`if condition then consequence else alternative`."""
        self._condition(condition, "after if")
        if consequence.type != alternative.type:
            self.refuse(
                alternative.position,
                expected=f"{described(consequence.type)}, as after then",
                found=shown(alternative),
                hint="both branches are of one type",
            )
        self._one_currency((consequence, alternative), alternative.position)
        return self._made(
            Conditional(condition, consequence, alternative, consequence.type, position=position)
        )

    def call(self, function: str, arguments: tuple[Node, ...], position: int) -> Call:
        """A function applied to arguments that fit."""
        known = FUNCTIONS.get(function)
        if known is None:
            from salesmgmt.core.nearest import nearest  # noqa: PLC0415 - only this message needs it

            meant = nearest(function, FUNCTIONS)
            self.refuse(
                position,
                expected="a function of the language",
                found=shorten(function).strip("'"),
                nearest=meant,
                hint=f"did you mean {meant}?" if meant else f"the functions are {', '.join(FUNCTIONS)}",
            )
        if len(arguments) < known.fewest or (known.most is not None and len(arguments) > known.most):
            self.refuse(
                position,
                expected=known.signature,
                found=f"{len(arguments)} argument{'' if len(arguments) == 1 else 's'}",
                hint=f"{function} takes {known.wanted}",
            )
        result = known.result(arguments)
        if result is None:
            self.refuse(
                position,
                expected=known.signature,
                found=", ".join(shown(argument) for argument in arguments[:5]),
                hint=f"{function} takes {known.wanted}",
            )
        self._one_currency(arguments, position)
        return self._made(Call(function, arguments, result, position=position))

    def finished(self, tree: Node, wanted: Type | None) -> Node:
        """Check that the formula as a whole is of the type that is wanted."""
        if wanted is not None and tree.type != wanted:
            self.refuse(
                tree.position,
                expected=described(wanted),
                found=shown(tree),
                hint=f"the whole formula is to be {described(wanted)}",
            )
        return tree

    def _made(self, node: N) -> N:
        """Count a new node, and how deep the tree below it goes."""
        self._count(1, node.position)
        depth = 1 + max((self._depths[id(child)] for child in children(node)), default=0)
        if depth > MAX_DEPTH:
            self.refuse(
                node.position,
                expected=f"at most {MAX_DEPTH} levels",
                found="a deeper formula",
                hint="group a long sum or product by parentheses, or split the formula in several",
            )
        self._depths[id(node)] = depth
        return node

    def _count(self, more: int, position: int) -> None:
        self._nodes += more
        if self._nodes > MAX_NODES:
            self.refuse(
                position,
                expected=f"at most {MAX_NODES} literals, names and operators",
                found="more",
                hint="split the formula in several, or keep a long list in a set that the schema names",
            )

    def _condition(self, node: Node, where: str) -> None:
        if node.type != BOOL:
            self.refuse(
                node.position,
                expected=f"a condition {where}",
                found=shown(node),
                hint="compare it: write == and a value, or is not missing",
            )

    def _one_currency(self, nodes: Iterable[Node], position: int) -> None:
        """Refuse constants of two currencies beside each other; the rest shows when values are known."""
        currencies = sorted({code for node in nodes if (code := _currency(node)) is not None})
        if len(currencies) > 1:
            self.refuse(
                position,
                expected="amounts of one currency",
                found=" and ".join(currencies),
                hint="convert one of them before the formula is evaluated",
            )


def _size(node: Node) -> int:
    match node:
        case Literal(value=frozenset() as members):
            return 1 + len(members)
    return 1


def _currency(node: Node) -> str | None:
    """The currency of a constant amount or set of amounts, whichever sign or function stands before it."""
    match node:
        case Literal(value=Money() as money):
            return money.currency
        case Literal(value=frozenset() as members):
            return next((member.currency for member in members if isinstance(member, Money)), None)
        case Negative():
            return _currency(node.operand)
    return None


def _scalar(member: Literal) -> Scalar:
    if isinstance(member.value, frozenset):
        raise TypeError(member)
    return member.value


def _turned(value: Value) -> Scalar:
    match value:
        case Decimal():
            return value.copy_negate() if value else value
        case Percent() | Money():
            return -value
    raise TypeError(value)


def _figure(value: Value) -> Decimal | None:
    match value:
        case Decimal():
            return value
        case Percent():
            return value.points
        case Money():
            return value.amount
    return None
