"""From a tree to closures: a formula is compiled once and then only run."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import DivisionByZero, InvalidOperation
from typing import Any, NoReturn

from salesmgmt.core.errors import SalesError
from salesmgmt.core.formula.algebra import ALGEBRA
from salesmgmt.core.formula.errors import CurrenciesDiffer, EvaluationError, ResultOutOfRange, ZeroDivisor
from salesmgmt.core.formula.functions import FUNCTIONS
from salesmgmt.core.formula.nodes import (
    And,
    Arithmetic,
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
    Visitor,
)
from salesmgmt.core.formula.types import MONEY, Values
from salesmgmt.core.formula.values import Run, raw, reader
from salesmgmt.core.money import CurrencyMismatch

SIGNS: dict[ComparisonSign, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
"""What a comparison sign does to two raw values that are both there."""

_TURNED: dict[ComparisonSign, ComparisonSign] = {
    "==": "==",
    "!=": "!=",
    "<": ">",
    "<=": ">=",
    ">": "<",
    ">=": "<=",
}


def compiled(node: Node, formula: str) -> Run:
    """Compile a tree into a function of the values; the result is raw (see `algebra`).

    Args:
        node: the tree.
        formula: the text, for messages.

    >>> from salesmgmt.core.formula import NUMBER, Formula, Schema
    >>> from salesmgmt.core.formula.compile import compiled
    >>> compiled(Formula.parse("a + 1", Schema({"a": NUMBER})).tree, "a + 1")({"a": 2})
    Decimal('3')
    """
    return _Compiler(formula).visit(node)


def turned(node: Comparison) -> Comparison:
    """The same comparison with its sides exchanged: `10 < a` is `a > 10`.

    >>> from salesmgmt.core.formula import NUMBER, Formula, Schema
    >>> from salesmgmt.core.formula.compile import turned
    >>> turned(Formula.parse("10 < a", Schema({"a": NUMBER})).tree).sign
    '>'
    """
    return Comparison(_TURNED[node.sign], node.right, node.left, position=node.position)


class _Compiler(Visitor[Run]):
    def __init__(self, formula: str) -> None:
        self._formula = formula

    def _fault(self, position: int, error: Exception) -> NoReturn:
        """Say where in the formula an operation had no result."""
        if isinstance(error, EvaluationError):
            raise error
        if isinstance(error, (DivisionByZero, InvalidOperation)):
            # Among finite numbers no operation is invalid but the division of zero by zero.
            raise ZeroDivisor(self._formula, position) from None
        if isinstance(error, CurrencyMismatch):
            raise CurrenciesDiffer(self._formula, position, error.left, error.right) from None
        if isinstance(error, ArithmeticError):
            raise ResultOutOfRange(self._formula, position) from None
        hint = error.hint if isinstance(error, SalesError) else ""
        raise EvaluationError(
            self._formula, position, str(error).removesuffix(f"; {hint}"), hint=hint
        ) from error

    def literal(self, node: Literal) -> Run:
        value = raw(node.value)
        return lambda _values: value

    def name(self, node: Name) -> Run:
        return reader(node, self._formula)

    def negative(self, node: Negative) -> Run:
        operand = self.visit(node.operand)
        if node.type == MONEY:

            def run(values: Values) -> Any:
                money = operand(values)
                return None if money is None else (money[0].copy_negate(), money[1])
        else:

            def run(values: Values) -> Any:
                figure = operand(values)
                return None if figure is None else figure.copy_negate()

        return run

    def arithmetic(self, node: Arithmetic) -> Run:
        apply = ALGEBRA[node.sign, node.left.type, node.right.type].apply
        left, right = self.visit(node.left), self.visit(node.right)
        fault, position = self._fault, node.position
        if isinstance(node.right, Literal):
            constant = raw(node.right.value)

            def run(values: Values) -> Any:
                first = left(values)
                if first is None:
                    return None
                try:
                    return apply(first, constant)
                except (ArithmeticError, SalesError) as error:
                    fault(position, error)
        else:

            def run(values: Values) -> Any:
                first = left(values)
                if first is None:
                    return None
                second = right(values)
                if second is None:
                    return None
                try:
                    return apply(first, second)
                except (ArithmeticError, SalesError) as error:
                    fault(position, error)

        return run

    def comparison(self, node: Comparison) -> Run:
        if isinstance(node.left, Literal) and not isinstance(node.right, Literal):
            node = turned(node)
        if node.left.type == MONEY:
            return self._money_comparison(node)
        compare = SIGNS[node.sign]
        left, right = self.visit(node.left), self.visit(node.right)
        if isinstance(node.right, Literal):
            constant = raw(node.right.value)

            def run(values: Values) -> Any:
                first = left(values)
                return first is not None and compare(first, constant)
        else:

            def run(values: Values) -> Any:
                first = left(values)
                if first is None:
                    return False
                second = right(values)
                return second is not None and compare(first, second)

        return run

    def _money_comparison(self, node: Comparison) -> Run:
        """Equal are amounts of one currency only; an order between two currencies is a fault."""
        compare, is_order = SIGNS[node.sign], node.sign not in ("==", "!=")
        left, right = self.visit(node.left), self.visit(node.right)
        fault, position = self._fault, node.position

        def run(values: Values) -> Any:
            first = left(values)
            if first is None:
                return False
            second = right(values)
            if second is None:
                return False
            if is_order and first[1] != second[1]:
                fault(position, CurrencyMismatch(first[1], second[1]))
            return compare(first, second)

        return run

    def membership(self, node: Membership) -> Run:
        item, negated = self.visit(node.item), node.negated
        if isinstance(node.members, Literal):
            constants = raw(node.members.value)

            def run(values: Values) -> Any:
                value = item(values)
                return value is not None and (value in constants) is not negated
        else:
            members = self.visit(node.members)

            def run(values: Values) -> Any:
                value = item(values)
                if value is None:
                    return False
                found = members(values)
                return found is not None and (value in found) is not negated

        return run

    def is_missing(self, node: IsMissing) -> Run:
        operand, negated = self.visit(node.operand), node.negated
        return lambda values: (operand(values) is None) is not negated

    def not_(self, node: Not) -> Run:
        operand = self.visit(node.operand)
        return lambda values: not operand(values)

    def and_(self, node: And) -> Run:
        operands = tuple(map(self.visit, node.operands))
        if len(operands) == 2:
            first, second = operands
            return lambda values: bool(first(values) and second(values))
        if len(operands) == 3:
            first, second, third = operands
            return lambda values: bool(first(values) and second(values) and third(values))

        def run(values: Values) -> Any:
            for operand in operands:  # noqa: SIM110 - all() over a generator takes twice the time
                if not operand(values):
                    return False
            return True

        return run

    def or_(self, node: Or) -> Run:
        operands = tuple(map(self.visit, node.operands))
        if len(operands) == 2:
            first, second = operands
            return lambda values: bool(first(values) or second(values))
        if len(operands) == 3:
            first, second, third = operands
            return lambda values: bool(first(values) or second(values) or third(values))

        def run(values: Values) -> Any:
            for operand in operands:  # noqa: SIM110 - any() over a generator takes twice the time
                if operand(values):
                    return True
            return False

        return run

    def conditional(self, node: Conditional) -> Run:
        condition = self.visit(node.condition)
        consequence, alternative = self.visit(node.consequence), self.visit(node.alternative)
        return lambda values: consequence(values) if condition(values) else alternative(values)

    def call(self, node: Call) -> Run:
        arguments = tuple(map(self.visit, node.arguments))
        if node.function == "coalesce":
            return _first_present(arguments)
        apply = FUNCTIONS[node.function].make(node.arguments[0].type)
        fault, position = self._fault, node.position

        def run(values: Values) -> Any:
            found = []
            for argument in arguments:
                value = argument(values)
                if value is None:
                    return None
                found.append(value)
            try:
                return apply(*found)
            except (ArithmeticError, SalesError) as error:
                fault(position, error)

        return run


def _first_present(arguments: tuple[Run, ...]) -> Run:
    def run(values: Values) -> Any:
        for argument in arguments:
            value = argument(values)
            if value is not None:
                return value
        return None

    return run
