"""Formulas read a column at a time: one more reading of the tree, for many rows at once.

It answers as evaluation row by row does, or not at all: where a value is odd or an operation has no result it raises, and the
rows are then read one by one, which says what is wrong and where. (A part of a condition that evaluation would have skipped
may raise here; then too the rows are read one by one.)
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import repeat
from typing import Any, TypeAlias

from salesmgmt.core.formula import MONEY, Formula
from salesmgmt.core.formula.algebra import ALGEBRA
from salesmgmt.core.formula.compile import SIGNS, compiled, turned
from salesmgmt.core.formula.nodes import (
    And,
    Arithmetic,
    Comparison,
    IsMissing,
    Literal,
    Membership,
    Name,
    Node,
    Not,
    Or,
    Visitor,
)
from salesmgmt.core.formula.values import Run, raw
from salesmgmt.engines.metrics._chunk import Amounts, Chunk, amounts_by_currency

Column: TypeAlias = Callable[[Chunk], list[Any]]
"""A node for many rows: from the rows to their raw values."""


class Reading:
    """How a value is read, off one row or off many.

    Attributes:
        row: the raw value of a row.
        column: the raw values of many rows, in their order; raises where `row` would, and at odd values.
    """

    __slots__ = ("_source", "_tree", "column", "row")

    def __init__(self, formula: Formula) -> None:
        self._source, self._tree = formula.source, formula.tree
        self.row: Run = compiled(formula.tree, formula.source)
        self.column: Column = _Columnwise().visit(formula.tree)

    def present(self, chunk: Chunk) -> list[Any]:
        """Return the values that are not missing."""
        return [value for value in self.column(chunk) if value is not None]

    def amounts(self, chunk: Chunk) -> Amounts:
        """Return the numbers, percents or amounts of money that are not missing."""
        # Several aggregates of one formula over the same rows read it once.
        found = chunk.shared.get(self._source)
        if found is None:
            found = chunk.shared[self._source] = self._amounts(chunk)
        return found

    def _amounts(self, chunk: Chunk) -> Amounts:
        tree = self._tree
        if isinstance(tree, Name):
            return chunk.amounts(tree.name, tree.type)
        present = self.present(chunk)
        return amounts_by_currency(present) if tree.type == MONEY else {"": present}


class _Columnwise(Visitor[Column]):
    def other(self, node: Node) -> Column:
        run = compiled(node, "")
        return lambda chunk: list(map(run, chunk.values()))

    def literal(self, node: Literal) -> Column:
        value = raw(node.value)
        return lambda chunk: list(repeat(value, len(chunk.rows)))

    def name(self, node: Name) -> Column:
        name, type_ = node.name, node.type
        if type_.element is not None or type_.name == "instant":
            return self.other(node)
        return lambda chunk: chunk.column(name, type_)

    def arithmetic(self, node: Arithmetic) -> Column:
        apply = ALGEBRA[node.sign, node.left.type, node.right.type].apply
        left, right = self.visit(node.left), self.visit(node.right)
        return lambda chunk: [
            None if first is None or second is None else apply(first, second)
            for first, second in zip(left(chunk), right(chunk), strict=True)
        ]

    def comparison(self, node: Comparison) -> Column:
        if node.left.type == MONEY:
            return self.other(node)
        if isinstance(node.left, Literal) and not isinstance(node.right, Literal):
            node = turned(node)
        compare, left = SIGNS[node.sign], self.visit(node.left)
        if not isinstance(node.right, Literal):
            right = self.visit(node.right)
            return lambda chunk: [
                first is not None and second is not None and compare(first, second)
                for first, second in zip(left(chunk), right(chunk), strict=True)
            ]
        constant = raw(node.right.value)
        if node.sign == "==":
            # Nothing equals no value.
            return lambda chunk: [value == constant for value in left(chunk)]
        return lambda chunk: [value is not None and compare(value, constant) for value in left(chunk)]

    def membership(self, node: Membership) -> Column:
        if not isinstance(node.members, Literal):
            return self.other(node)
        item, members, negated = self.visit(node.item), raw(node.members.value), node.negated
        if negated:
            return lambda chunk: [value is not None and value not in members for value in item(chunk)]
        return lambda chunk: [value in members for value in item(chunk)]

    def is_missing(self, node: IsMissing) -> Column:
        operand = self.visit(node.operand)
        if node.negated:
            return lambda chunk: [value is not None for value in operand(chunk)]
        return lambda chunk: [value is None for value in operand(chunk)]

    def not_(self, node: Not) -> Column:
        operand = self.visit(node.operand)
        return lambda chunk: [not value for value in operand(chunk)]

    def and_(self, node: And) -> Column:
        operands = tuple(map(self.visit, node.operands))

        def every(chunk: Chunk) -> list[Any]:
            first, *others = (operand(chunk) for operand in operands)
            for column in others:
                first = [one and other for one, other in zip(first, column, strict=True)]
            return list(map(bool, first))

        return every

    def or_(self, node: Or) -> Column:
        operands = tuple(map(self.visit, node.operands))

        def some(chunk: Chunk) -> list[Any]:
            first, *others = (operand(chunk) for operand in operands)
            for column in others:
                first = [one or other for one, other in zip(first, column, strict=True)]
            return list(map(bool, first))

        return some
