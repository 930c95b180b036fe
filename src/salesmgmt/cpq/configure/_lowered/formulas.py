"""Formulas as constraints.

A condition becomes clauses, of which each must hold (its conjunctive normal form). A part of a clause that speaks of
one variable is a mask. A comparison of sums, in which each term speaks of one variable, is a `Linear`; with masks
beside it, the masks lift its bounds. What is neither is tabulated, as long as it has at most `MOST_COMBINATIONS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import product
from typing import Any, TypeAlias

import attrs

from salesmgmt.core.errors import SalesError
from salesmgmt.core.exact import WIDE
from salesmgmt.core.formula.compile import SIGNS, compiled
from salesmgmt.core.formula.nodes import (
    And,
    Arithmetic,
    Comparison,
    ComparisonSign,
    Conditional,
    Name,
    Negative,
    Node,
    Not,
    Or,
    walk,
)
from salesmgmt.core.formula.types import NUMBER
from salesmgmt.cpq.configure._lowered.parts import NEVER, bounded, clause, rows
from salesmgmt.cpq.configure._search.constraint import Constraint

MOST_COMBINATIONS = 100_000
"""Combinations of values that a formula is tabulated for."""

_FEW_COMBINATIONS = 4_096
_MOST_CLAUSES = 256

_OPPOSITE: dict[ComparisonSign, ComparisonSign] = {
    "==": "!=",
    "!=": "==",
    "<": ">=",
    "<=": ">",
    ">": "<=",
    ">=": "<",
}


class TooManyCombinations(Exception):
    """A formula is no sum, and has too many combinations to be tabulated."""

    def __init__(self, combinations: int) -> None:
        super().__init__(combinations)
        self.combinations = combinations


class NotASum(Exception):
    """A formula is no sum where there must be one."""

    def __init__(self, formula: str) -> None:
        super().__init__(formula)
        self.formula = formula


@attrs.frozen
class Reading:
    """What a name stands for.

    Attributes:
        variables: one variable, or those whose values are added up (the picks of a group).
        values: for each variable what each of its values is in formulas; the value "absent" is left out.
    """

    variables: tuple[int, ...]
    values: tuple[tuple[Any, ...], ...]
    is_sum: bool = False


_Part: TypeAlias = tuple[Node, bool]
"""A condition, and whether it is to hold."""


@attrs.frozen
class Sum:
    """A sum of terms of one variable each."""

    terms: Mapping[int, Sequence[Decimal]]
    constant: Decimal

    def plus(self, other: Sum, factor: Decimal) -> Sum:
        """This sum and so many times the other."""
        terms = dict(self.terms)
        for variable, added in other.terms.items():
            before = terms.get(variable) or [Decimal(0)] * len(added)
            terms[variable] = [WIDE.fma(factor, more, one) for one, more in zip(before, added, strict=True)]
        return Sum(terms, WIDE.fma(factor, other.constant, self.constant))


class FormulaReader:
    """Reads the formulas of one instance of a model.

    Args:
        readings: what each name stands for.
        full: every value of every variable, as bits.
        absent: for each variable its bit for "absent", or 0. Where a variable of the formula is absent, the formula
            says nothing.
    """

    def __init__(
        self, readings: Callable[[str], Reading], full: Sequence[int], absent: Sequence[int]
    ) -> None:
        self._readings = readings
        self._full = full
        self._absent = absent

    def demands(self, condition: Node, text: str) -> tuple[Constraint, ...]:
        """The constraints under which a condition holds; raises `TooManyCombinations`."""
        lifted = {
            variable: self._absent[variable]
            for variable in self._variables(condition)
            if self._absent[variable]
        }
        clauses = _clauses(condition, wanted=True)
        parts = [((condition, True),)] if clauses is None else clauses
        return tuple(demand for one in parts for demand in self._clause(one, lifted, text))

    def equal(
        self, variable: int, bit_of: Callable[[Any], int], tree: Node, text: str
    ) -> Iterator[Constraint]:
        """A variable has the value of a formula; where that is none of its values, the inputs are not possible."""
        inputs = [one for one in self._variables(tree) if one != variable]
        size = self._combinations(inputs)
        lifted = {one: self._absent[one] for one in (*inputs, variable) if self._absent[one]}
        if size > MOST_COMBINATIONS:
            raise TooManyCombinations(size)
        run = compiled(tree, text)
        found = []
        for combination, values in self._environments(tree, inputs):
            try:
                bit = bit_of(run(values))
            except SalesError:
                bit = 0
            if bit:
                found.append((*combination, bit))
        yield rows((*inputs, variable), self._full, found, lifted)

    def sum_of(self, node: Node, text: str) -> Sum | None:  # noqa: C901 - a table of kinds of nodes
        """A formula of a number as a sum of terms of one variable each; `None` when it is none."""
        variables = self._variables(node)
        match node:
            case Name() if self._readings(node.name).is_sum:
                reading = self._readings(node.name)
                return Sum(dict(zip(reading.variables, reading.values, strict=True)), Decimal(0))
            case Arithmetic(sign="+" | "-"):
                left, right = self.sum_of(node.left, text), self.sum_of(node.right, text)
                if left is None or right is None:
                    return None
                return left.plus(right, Decimal(1 if node.sign == "+" else -1))
            case Negative():
                inner = self.sum_of(node.operand, text)
                return None if inner is None else Sum({}, Decimal(0)).plus(inner, Decimal(-1))
            case Arithmetic(sign="*") if len(variables) > 1:
                for factor, rest in ((node.left, node.right), (node.right, node.left)):
                    constant = self.sum_of(factor, text)
                    inner = self.sum_of(rest, text)
                    if constant is not None and not constant.terms and inner is not None:
                        return Sum({}, Decimal(0)).plus(inner, constant.constant)
                return None
        if len(variables) > 1 or node.type != NUMBER:
            return None
        run = compiled(node, text)
        try:
            found = [run(values) for _, values in self._environments(node, variables)]
        except SalesError:
            return None
        if any(value is None for value in found):
            return None
        return Sum({variables[0]: found}, Decimal(0)) if variables else Sum({}, found[0])

    def compare(self, total: Sum, sign: ComparisonSign, satisfied: Mapping[int, int]) -> Iterator[Constraint]:
        """A sum is `sign` zero (not `!=`), or some variable has a value that makes up for it."""
        if not total.terms:
            if not SIGNS[sign](total.constant, Decimal(0)):
                yield from clause(satisfied, self._full)
            return
        scale = _scale((total.constant, *(one for term in total.terms.values() for one in term)))
        weights: dict[int, list[int]] = {
            variable: [int(WIDE.scaleb(one, scale)) for one in term] + [0] * bool(self._absent[variable])
            for variable, term in total.terms.items()
        }
        for variable in satisfied:
            weights.setdefault(variable, [0] * self._full[variable].bit_length())
        bound = -int(WIDE.scaleb(total.constant, scale))
        low = bound + (sign == ">") if sign in (">", ">=", "==") else None
        high = bound - (sign == "<") if sign in ("<", "<=", "==") else None
        yield from bounded(weights, low, high, satisfied)

    def _clause(self, parts: Sequence[_Part], lifted: Mapping[int, int], text: str) -> Iterator[Constraint]:
        satisfied, others = dict(lifted), []
        for node, wanted in parts:
            variables = self._variables(node)
            if len(variables) > 1:
                others.append((node, wanted))
                continue
            holding = self._holding(node, wanted, variables, text)
            if variables:
                mask = sum(bit for (bit,), holds in holding if holds)
                satisfied[variables[0]] = satisfied.get(variables[0], 0) | mask
            elif any(holds for _, holds in holding):
                return
        if not others:
            yield from clause(satisfied, self._full) if satisfied else (NEVER,)
            return
        variables = list(dict.fromkeys(one for node, _ in others for one in self._variables(node)))
        size = self._combinations(variables)
        compared = self._compared(others, text)
        if compared is not None and (size > _FEW_COMBINATIONS or compared[1] != "=="):
            yield from self.compare(*compared, satisfied)
            return
        if size > MOST_COMBINATIONS:
            raise TooManyCombinations(size)
        runs = [(compiled(node, text), wanted) for node, wanted in others]
        allowed = [
            combination
            for combination, values in self._environments_of(others, variables)
            if any(_holds(run, values, wanted) for run, wanted in runs)
        ]
        yield rows(variables, self._full, allowed, satisfied)

    def _compared(self, others: Sequence[_Part], text: str) -> tuple[Sum, ComparisonSign] | None:
        """The only other part as a sum that is compared with zero."""
        (node, wanted), *more = others
        if more or not isinstance(node, Comparison) or node.left.type != NUMBER:
            return None
        sign = node.sign if wanted else _OPPOSITE[node.sign]
        left, right = self.sum_of(node.left, text), self.sum_of(node.right, text)
        if sign == "!=" or left is None or right is None:
            return None
        return left.plus(right, Decimal(-1)), sign

    def _holding(
        self, node: Node, wanted: bool, variables: Sequence[int], text: str
    ) -> list[tuple[tuple[int, ...], bool]]:
        run = compiled(node, text)
        return [
            (combination, _holds(run, values, wanted))
            for combination, values in self._environments(node, variables)
        ]

    def _environments(
        self, node: Node, variables: Sequence[int]
    ) -> Iterator[tuple[tuple[int, ...], dict[str, Any]]]:
        return self._environments_of([(node, True)], variables)

    def _environments_of(
        self, parts: Sequence[_Part], variables: Sequence[int]
    ) -> Iterator[tuple[tuple[int, ...], dict[str, Any]]]:
        """Each combination of the values of variables, as bits, and the values of the names then."""
        names = {name: self._readings(name) for node, _ in parts for name in _names(node)}
        places = {variable: place for place, variable in enumerate(variables)}
        sizes = [range(self._present(variable)) for variable in variables]
        single = [
            (name, places[reading.variables[0]], reading.values[0])
            for name, reading in names.items()
            if not reading.is_sum
        ]
        sums = [
            (
                name,
                [(places[one], known) for one, known in zip(reading.variables, reading.values, strict=True)],
            )
            for name, reading in names.items()
            if reading.is_sum
        ]
        for numbers in product(*sizes):
            values = {name: known[numbers[place]] for name, place, known in single}
            for name, terms in sums:
                values[name] = Decimal(sum(int(known[numbers[place]]) for place, known in terms))
            yield tuple(1 << number for number in numbers), values

    def _variables(self, node: Node) -> list[int]:
        return list(dict.fromkeys(one for name in _names(node) for one in self._readings(name).variables))

    def _present(self, variable: int) -> int:
        return (self._full[variable] & ~self._absent[variable]).bit_length()

    def _combinations(self, variables: Sequence[int]) -> int:
        size = 1
        for variable in variables:
            size *= self._present(variable)
        return size


def _holds(run: Callable[[Mapping[str, Any]], Any], values: Mapping[str, Any], wanted: bool) -> bool:
    """Whether a part comes out as wanted; a calculation without a result never does."""
    try:
        return (run(values) is True) is wanted
    except SalesError:
        return False


def _names(node: Node) -> Iterator[str]:
    return (part.name for part in walk(node) if isinstance(part, Name))


def _scale(numbers: Sequence[Decimal]) -> int:
    """How many decimals make all of the numbers whole."""
    return max(0, *(-int(WIDE.normalize(number).as_tuple().exponent) for number in numbers))


def _clauses(node: Node, *, wanted: bool) -> list[tuple[_Part, ...]] | None:
    """The clauses under which a condition comes out as wanted; `None` when there are too many."""
    match node:
        case Not():
            return _clauses(node.operand, wanted=not wanted)
        case And() | Or():
            parts = [_clauses(operand, wanted=wanted) for operand in node.operands]
            return _every(parts) if isinstance(node, And) is wanted else _any(parts)
        case Conditional():
            consequence = _clauses(node.consequence, wanted=wanted)
            alternative = _clauses(node.alternative, wanted=wanted)
            return _every(
                [
                    _any([_clauses(node.condition, wanted=False), consequence]),
                    _any([_clauses(node.condition, wanted=True), alternative]),
                ]
            )
    return [((node, wanted),)]


def _every(parts: Sequence[list[tuple[_Part, ...]] | None]) -> list[tuple[_Part, ...]] | None:
    joined: list[tuple[_Part, ...]] = []
    for part in parts:
        if part is None:
            return None
        joined += part
    return joined if len(joined) <= _MOST_CLAUSES else None


def _any(parts: Sequence[list[tuple[_Part, ...]] | None]) -> list[tuple[_Part, ...]] | None:
    joined: list[tuple[_Part, ...]] = [()]
    for part in parts:
        if part is None or len(joined) * len(part) > _MOST_CLAUSES:
            return None
        joined = [(*left, *right) for left, right in product(joined, part)]
    return joined
