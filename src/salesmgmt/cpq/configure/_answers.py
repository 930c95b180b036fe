"""The questions of configurators and configurations, put to the network of the model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from salesmgmt.core.errors import UnknownOption
from salesmgmt.cpq.configure._choice_reader import ChoiceReader
from salesmgmt.cpq.configure._compiled import Compiled
from salesmgmt.cpq.configure._lowered.layout import Variable
from salesmgmt.cpq.configure._minimal import minimal_conflict
from salesmgmt.cpq.configure._objective import Objective
from salesmgmt.cpq.configure._search.budget import Budget
from salesmgmt.cpq.configure._search.network import Narrowed, Solution
from salesmgmt.cpq.configure.attribute import YES, Attribute
from salesmgmt.cpq.configure.cell import values_in
from salesmgmt.cpq.configure.refusals import Choice, Conflict, NotProven

if TYPE_CHECKING:
    from salesmgmt.cpq.configure.soft import Advisor
    from salesmgmt.cpq.configure.soft_rule import Prefers


class Answers:
    """A compiled model, the values that are alive in it, and how long one question may take."""

    def __init__(
        self, product: str, compiled: Compiled, base: Narrowed, objective: Objective, max_steps: int
    ) -> None:
        self.reader = ChoiceReader(product, compiled.lowering)
        self.compiled = compiled
        self.lowering = compiled.lowering
        self.base = base
        self.objective = objective
        self.max_steps = max_steps

    def in_order(self, chosen: Mapping[str, str]) -> dict[str, str]:
        """Values by name, in the order of the model; free texts come last."""
        return {name: chosen[name] for name in sorted(chosen, key=self._places.__getitem__)}

    def narrow(self, chosen: Mapping[str, str], parent: Narrowed | None = None) -> Narrowed | None:
        """The values that some valid product with these choices has; `parent` knows those of fewer choices."""
        known = self.base if parent is None else parent
        domains = self.compiled.domains(chosen, known.domains)
        return self.compiled.network.narrow(domains, (), Budget(self.max_steps), parent=known)

    def is_possible(self, chosen: Mapping[str, str], budget: Budget | None = None) -> bool:
        """Whether some valid product has these values."""
        budget = budget or Budget(self.max_steps)
        return self.compiled.solve(chosen, budget, self.base.domains) is not None

    def first(self, chosen: Mapping[str, str], wished: Mapping[str, Sequence[str]]) -> dict[str, str]:
        """The first valid product with these choices, by the order of the model; wishes are tried before defaults."""
        domains = self.compiled.domains(chosen, self.base.domains)
        found = self.compiled.network.first(domains, Budget(self.max_steps), self.preferred(wished))
        assert found is not None  # noqa: S101 - the choices go together: that was checked when they were made
        return self.selection(found)

    def defaults(
        self, chosen: Mapping[str, str], settled: Mapping[str, str], advisor: Advisor
    ) -> dict[str, str]:
        """The first valid product with these choices, where each value is tried as the values before it prefer."""
        taken, values = dict(chosen), dict(settled)
        while True:
            preferences = advisor.preferences(values)
            product = self.first(taken, _wished(preferences))
            for name, value in product.items():
                if name not in values:
                    taken[name] = values[name] = value
                    if advisor.preferences(values) != preferences:
                        break
            else:
                return product

    def cheapest(self, chosen: Mapping[str, str], weights: Sequence[Sequence[int]]) -> dict[str, str]:
        """The valid product of least weight with these choices; among equals the first."""
        domains = self.compiled.domains(chosen, self.base.domains)
        found = self.compiled.network.minimise(domains, weights, Budget(self.max_steps), self.preferred({}))
        assert found is not None  # noqa: S101 - the choices go together: that was checked when they were made
        return self.selection(found)

    def solutions(self, narrowed: Narrowed) -> Iterator[dict[str, str]]:
        """The valid products within exact domains, by the order of the model and of the values."""
        last = len(self.lowering.variables)
        pending = [(0, narrowed, narrowed.domains)]
        while pending:
            number, parent, domains = pending.pop()
            now = self.compiled.network.narrow(domains, (), Budget(self.max_steps), parent=parent)
            assert now is not None  # noqa: S101 - only values that some valid product has are tried
            while number < last and now.domains[number] & (now.domains[number] - 1) == 0:
                number += 1
            if number == last:
                yield self.selection(now.domains)
                continue
            for bit in reversed(self._orders[number]):
                if now.domains[number] & bit:
                    tried = (*now.domains[:number], bit, *now.domains[number + 1 :])
                    pending.append((number + 1, now, tried))

    def is_redundant(self, rule_id: str) -> bool:
        """Whether a rule forbids nothing that the others allow."""
        rules = [rule.id for rule in self.lowering.rules]
        if rule_id not in rules:
            raise UnknownOption("the id of a rule", rule_id, rules[:20])
        return self.compiled.redundancy.is_implied(rules.index(rule_id), Budget(self.max_steps))

    def count(self, chosen: Mapping[str, str]) -> int:
        """How many valid products have these choices."""
        domains = self.compiled.domains(chosen, self.base.domains)
        return self.compiled.network.count(domains, Budget(self.max_steps))

    def refusal(self, asked: Mapping[str, str], others: Mapping[str, str]) -> Conflict | None:
        """Why choices that go together do not go with what is asked; `None` when they do."""
        if self.is_possible({**others, **asked}):
            return None
        taken = dict(others)
        for name, value in asked.items():
            if not self.is_possible({**taken, name: value}):
                return self._conflict(Choice(name, value), taken)
            taken[name] = value
        raise AssertionError("the last value completes what is not possible")

    def nearest(self, chosen: Mapping[str, str], given_up: Mapping[str, str]) -> dict[str, str]:
        """The nearest values in place of those given up, one after the other, that go with what is chosen."""
        found: dict[str, str] = {}
        narrowed = None
        for name, old in given_up.items():
            narrowed = self.narrow({**chosen, **found}, narrowed)
            number = self.lowering.number[name]
            possible = self.values(number, narrowed.domains[number]) if narrowed is not None else ()
            if possible:
                found[name] = _nearest(self.lowering.variables[number], old, possible)
        return found

    def values(self, number: int, domain: int) -> tuple[str, ...]:
        """The values of a variable that stand in its domain; being absent is none."""
        variable = self.lowering.variables[number]
        values, domain = variable.values, domain & variable.present
        if domain & (domain - 1) == 0:
            return (values[domain.bit_length() - 1],) if domain else ()
        return tuple(value for place, value in enumerate(values) if domain >> place & 1)

    def selection(self, solution: Solution) -> dict[str, str]:
        """The values of a product; what is absent has none."""
        return {
            variable.name: variable.values[bit.bit_length() - 1]
            for variable, bit in zip(self.lowering.variables, solution, strict=True)
            if bit != variable.absent
        }

    def preferred(self, wished: Mapping[str, Sequence[str]]) -> Sequence[Sequence[int]]:
        """By variable, its bits in the order in which they are tried: those that are wished for first."""
        orders = list(self._orders)
        for name, values in wished.items():
            number = self.lowering.number.get(name)
            if number is not None:
                bit = self.lowering.variables[number].bit
                orders[number] = tuple(dict.fromkeys((*(bit[value] for value in values), *orders[number])))
        return orders

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {name: place for place, name in enumerate((*self.lowering.number, *self.lowering.texts))}

    @cached_property
    def _orders(self) -> tuple[tuple[int, ...], ...]:
        return tuple(map(_order, self.lowering.variables))

    def _conflict(self, asked: Choice, others: Mapping[str, str]) -> Conflict:
        """A conflict of a value with choices with which it does not go; minimal, unless that takes too long."""
        budget = Budget(self.max_steps)

        def consistent(names: Sequence[str]) -> bool:
            taken = {name: others[name] for name in names}
            return self.is_possible({**taken, asked.attribute: asked.value}, budget)

        names = tuple(name for name in self.in_order(others) if name in self.lowering.number)
        try:
            against = {name: others[name] for name in minimal_conflict(consistent, names)}
            rules = self.compiled.rules_against({**against, asked.attribute: asked.value}, budget)
        except NotProven:  # that it is a conflict is proven, only not which part of it is enough
            every = tuple(Choice(name, others[name]) for name in names)
            return Conflict(asked=asked, choices=every, rules=self.lowering.rules, is_minimal=False)
        choices = tuple(Choice(name, value) for name, value in against.items())
        return Conflict(asked=asked, choices=choices, rules=rules)


def _order(variable: Variable) -> tuple[int, ...]:
    bits = tuple(variable.bit[value] for value in variable.preferred)
    return (*bits, variable.absent) if variable.is_optional else bits


def _wished(preferences: Iterable[Prefers]) -> dict[str, tuple[str, ...]]:
    """By name, the values that are preferred, those of the first rule first."""
    wished: dict[str, tuple[str, ...]] = {}
    for rule in preferences:
        for name, cell in rule.prefer.items():
            wished[name] = (*wished.get(name, ()), *values_in(cell))
    return wished


def _nearest(variable: Variable, old: str, possible: Sequence[str]) -> str:
    """The number that is nearest, or the first that is preferred."""
    ranks = {value: rank for rank, value in enumerate(variable.preferred)}
    if isinstance(variable.attribute, Attribute) or YES in variable.bit:
        return min(possible, key=ranks.__getitem__)
    return min(possible, key=lambda value: (abs(Decimal(value) - Decimal(old)), ranks[value]))


class Narrowing:
    """The exact domains of some choices: found when they are asked for, and only once."""

    def __init__(self, answers: Answers, chosen: Mapping[str, str], known: Narrowed | None = None) -> None:
        self._answers = answers
        self._chosen = chosen
        self.known = answers.base if known is None else known
        self._is_found = False

    def found(self) -> Narrowed:
        """The domains; raises `NotProven`."""
        if not self._is_found:
            narrowed = self._answers.narrow(self._chosen, self.known)
            assert narrowed is not None  # noqa: S101 - the choices go together: that was checked when they were made
            self.known, self._is_found = narrowed, True
        return self.known

    def allows(self, asked: Mapping[str, str]) -> bool:
        """Whether some valid product has what is asked as well."""
        if self._is_found and len(asked) == 1:
            return all(self._answers.compiled.domains(asked, self.known.domains))
        return self._answers.is_possible({**self._chosen, **asked})
