"""What a rule comes to in one instance of a model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import reduce
from itertools import product
from operator import or_
from typing import Any

from salesmgmt.core.formula import BOOL, NUMBER, Formula, Type
from salesmgmt.core.formula.nodes import ComparisonSign, Not, Or
from salesmgmt.cpq.configure._lowered.formulas import FormulaReader, NotASum, Reading, Sum
from salesmgmt.cpq.configure._lowered.layout import Instance, Layout
from salesmgmt.cpq.configure._lowered.names import Place, raw, type_of
from salesmgmt.cpq.configure._lowered.parts import bounded, clause, rows
from salesmgmt.cpq.configure._search.constraint import Constraint
from salesmgmt.cpq.configure.cell import OneOf, values_in
from salesmgmt.cpq.configure.formula_rule import Arithmetic, Derivation, Implies, Total
from salesmgmt.cpq.configure.rule import Cardinality, Excludes, Requires, Rule, Table

_ONE = Decimal(1)


def demands_of(rule: Rule, instance: Instance, layout: Layout) -> Iterator[Constraint]:
    """The constraints of a rule in an instance: one set of them for each choice of instances that it speaks of."""
    names = instance.model.names
    if isinstance(rule, Total | Cardinality):
        scope = Scope(instance, layout, {})
        yield from scope.cardinality(rule) if isinstance(rule, Cardinality) else scope.total(rule)
        return
    for chosen in choices_of_instances(instance, _names(rule, instance)):
        scope = Scope(instance, layout, chosen)
        match rule:
            case Requires():
                yield from scope.requires(rule)
            case Excludes():
                yield from clause(scope.outside(rule.combination), layout.full)
            case Table():
                yield from scope.table(rule)
            case Implies():
                when, then = names.formula(rule.when), names.formula(rule.then)
                yield from scope.holds(Or((Not(when.tree), then.tree)), f"{rule.when} implies {rule.then}")
            case Arithmetic():
                yield from scope.holds(names.formula(rule.formula).tree, rule.formula)
            case Derivation():
                yield from scope.derivation(rule)


def choices_of_instances(
    instance: Instance, names: Iterable[str]
) -> Iterator[dict[tuple[tuple[str, int | None], ...], int]]:
    """Each way to take one instance of every component of which the names mean each instance."""
    if not instance.model.names.components:
        yield {}
        return
    open_steps: dict[tuple[tuple[str, int | None], ...], int] = {}
    for name in names:
        place = instance.model.names.place(name)
        steps = place.steps if place is not None else ()
        known = instance.model.names
        for length, (component, number) in enumerate(steps, 1):
            if number is None:
                open_steps[steps[:length]] = known.components[component].max_count
            known = known.components[component].model.names
    for numbers in product(*(range(1, count + 1) for count in open_steps.values())):
        yield dict(zip(open_steps, numbers, strict=True))


class Scope:
    """The names of a rule in one instance, when one instance is chosen of each component that it speaks of."""

    def __init__(
        self,
        instance: Instance,
        layout: Layout,
        chosen: Mapping[tuple[tuple[str, int | None], ...], int],
    ) -> None:
        self._instance = instance
        self._names = instance.model.names
        self._layout = layout
        self._chosen = chosen

    @property
    def _reader(self) -> FormulaReader:
        return FormulaReader(self.reading, self._layout.full, self._layout.absent)

    def variable(self, name: str) -> int:
        """The variable of a name."""
        return self._layout.numbers(self._instance, self._place(name), self._chosen)

    def mask(self, variable: int, cell: OneOf) -> int:
        """The bits of the values that a cell lists."""
        known = self._layout.variables[variable].bit
        return reduce(or_, (known[value] for value in values_in(cell)), 0)

    def outside(self, cells: Mapping[str, OneOf]) -> dict[int, int]:
        """For each cell every other value, "absent" among them."""
        numbered = ((self.variable(name), cell) for name, cell in cells.items())
        return self._outside((one, self.mask(one, cell)) for one, cell in numbered)

    def _outside(self, masks: Iterable[tuple[int, int]]) -> dict[int, int]:
        """For each variable all but the masks that it has; two names of a rule may lead to the same variable."""
        outside: dict[int, int] = {}
        for one, mask in masks:
            outside[one] = outside.get(one, 0) | self._layout.full[one] & ~mask
        return outside

    def reading(self, name: str) -> Reading:
        """What a name of a formula stands for."""
        place = self._place(name)
        items = self._names.at(place).picks.get(place.local)
        if items is None:
            variable = self._layout.numbers(self._instance, place, self._chosen)
            known = self._layout.variables[variable]
            return Reading((variable,), (tuple(raw(known.attribute, value) for value in known.values),))
        numbers = tuple(
            self._layout.numbers(self._instance, Place(place.steps, item), self._chosen) for item in items
        )
        sizes = (len(self._layout.variables[number].values) for number in numbers)
        return Reading(numbers, tuple((Decimal(0), *[_ONE] * (size - 1)) for size in sizes), is_sum=True)

    def requires(self, rule: Requires) -> Iterator[Constraint]:
        """Without the premise, or with each of the consequences."""
        escape = self.outside(rule.when)
        for name, cell in rule.then.items():
            variable = self.variable(name)
            allowed = self.mask(variable, cell) | self._layout.absent[variable]
            yield from clause({**escape, variable: escape.get(variable, 0) | allowed}, self._layout.full)

    def table(self, rule: Table) -> Iterator[Constraint]:
        """One of the rows, or none of them."""
        variables = [self.variable(name) for name in rule.attributes]
        if rule.allowed:
            yield rows(
                variables, self._layout.full, self._masks(variables, rule.allowed), self._absent(variables)
            )
        else:
            for row in self._masks(variables, rule.forbidden):
                yield from clause(self._outside(zip(variables, row, strict=True)), self._layout.full)

    def holds(self, condition: Any, text: str) -> Iterator[Constraint]:
        """A condition holds."""
        yield from self._reader.demands(condition, text)

    def derivation(self, rule: Derivation) -> Iterator[Constraint]:
        """An attribute has the value that others give it."""
        variable = self.variable(rule.attribute)
        if not rule.formula:
            columns = [*(self.variable(name) for name in rule.inputs), variable]
            masks = self._masks(columns, rule.rows)
            yield rows(columns, self._layout.full, masks, self._absent(columns))
            return
        known = self._layout.variables[variable]
        tree = self._names.formula(rule.formula, type_of(known.attribute)).tree

        def bit_of(value: Any) -> int:
            return known.bit.get(known.attribute.text_of(value) or "", 0)

        yield from self._reader.equal(variable, bit_of, tree, rule.formula)

    def total(self, rule: Total) -> Iterator[Constraint]:
        """A weighted sum lies within its bounds."""
        whole = Sum({}, Decimal(0))
        for name, weight in rule.weights.items():
            of, value = self._names.weighed(name) or (name, None)
            for variable, numbers in self._weights(of, value):
                whole = whole.plus(Sum({variable: numbers}, Decimal(0)), weight)
        bounds: tuple[tuple[Decimal | str | None, ComparisonSign], ...] = (
            (rule.at_least, ">="),
            (rule.at_most, "<="),
        )
        for bound, sign in bounds:
            if bound is not None:
                yield from self._reader.compare(whole.plus(self._bound(bound), -_ONE), sign, self._lifted())

    def cardinality(self, rule: Cardinality) -> Iterator[Constraint]:
        """So many of the cells hold."""
        weights: dict[int, Sequence[int]] = {}
        for name, cell in rule.cells.items():
            for variable in self._each(name):
                mask = self.mask(variable, cell)
                before = weights.get(variable) or [0] * self._layout.full[variable].bit_length()
                weights[variable] = [known + (mask >> place & 1) for place, known in enumerate(before)]
        lifted = self._lifted()
        for variable in lifted:
            weights.setdefault(variable, [0] * self._layout.full[variable].bit_length())
        yield from bounded(weights, rule.at_least, rule.at_most, lifted)

    def _weights(self, name: str, value: str | None) -> Iterator[tuple[int, list[Decimal]]]:
        """What each variable of a name adds to a sum, value by value."""
        for variable in self._each(name):
            known = self._layout.variables[variable]
            if value is not None:
                yield variable, [Decimal(one == value) for one in known.values]
            else:
                read = (raw(known.attribute, one) for one in known.values)
                yield variable, [one if isinstance(one, Decimal) else Decimal(one is True) for one in read]

    def _bound(self, bound: Decimal | str) -> Sum:
        if isinstance(bound, Decimal):
            return Sum({}, bound)
        found = self._reader.sum_of(self._names.formula(bound, NUMBER).tree, bound)
        if found is None:
            raise NotASum(bound)
        return found

    def _each(self, name: str) -> Iterator[int]:
        """The variables of a name in all instances of the components on its way; each pick of a group."""
        place = self._place(name)
        items = self._names.at(place).picks.get(place.local, (place.local,))
        for chosen in choices_of_instances(self._instance, [name]):
            for item in items:
                yield self._layout.numbers(self._instance, Place(place.steps, item), chosen)

    def _place(self, name: str) -> Place:
        place = self._names.place(name)
        assert place is not None  # noqa: S101 - the lint has asked
        return place

    def _masks(self, variables: Sequence[int], table: Iterable[Sequence[OneOf]]) -> Iterator[tuple[int, ...]]:
        known = [self._layout.variables[variable].bit for variable in variables]
        for row in table:
            yield tuple(
                bit[cell] if isinstance(cell, str) else reduce(or_, (bit[one] for one in values_in(cell)), 0)
                for bit, cell in zip(known, row, strict=True)
            )

    def _absent(self, variables: Iterable[int]) -> dict[int, int]:
        return {variable: self._layout.absent[variable] for variable in variables}

    def _lifted(self) -> dict[int, int]:
        """Where the instance itself is absent, its sums say nothing."""
        first = self._instance.first
        return {first: self._layout.absent[first]} if self._instance.is_optional else {}


def _names(rule: Rule, instance: Instance) -> tuple[str, ...]:
    """The names of a rule that lead somewhere."""
    names = instance.model.names
    match rule:
        case Requires():
            return (*rule.when, *rule.then)
        case Excludes():
            return tuple(rule.combination)
        case Table():
            return rule.attributes
        case Implies():
            return (*_of(names.formula(rule.when)), *_of(names.formula(rule.then)))
        case Arithmetic():
            return _of(names.formula(rule.formula))
        case Derivation() if rule.formula:
            definition = names.definition(rule.attribute)
            wanted: Type = type_of(definition) if definition is not None else BOOL
            return (rule.attribute, *_of(names.formula(rule.formula, wanted)))
        case Derivation():
            return (rule.attribute, *rule.inputs)
        case _:
            return ()


def _of(formula: Formula) -> tuple[str, ...]:
    return tuple(sorted(formula.names))
