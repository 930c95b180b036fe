"""Those who answer which values of a product are still possible: ours, solvers of python-sat, and CP-SAT.

A peer is imported when it is made, so that it does not count in the memory of another.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from salesmgmt.cpq.configure._search.constraint import Rows, bits
from salesmgmt.cpq.configure._search.encoding import Encoding, places
from salesmgmt.cpq.configure._search.network import Budget, Network
from salesmgmt.cpq.configure._search.packing import Packing
from tests.cpq.configure.networks import Model

_STEPS = 10**12


class Contender(Protocol):
    """Made from a model; what it is made from and its first answer count as load."""

    def narrow(self, domains: Sequence[int], parent: Any) -> tuple[Sequence[int], Any]:
        """The exact domains, and what is handed to the next question after a choice."""


class Ours:
    def __init__(self, model: Model) -> None:
        self._network = Network(model.full, model.constraints)

    def narrow(self, domains: Sequence[int], parent: Any) -> tuple[Sequence[int], Any]:
        narrowed = self._network.narrow(domains, (), Budget(_STEPS), parent)
        assert narrowed is not None
        return narrowed.domains, narrowed


class _Pooled:
    """A pool of known solutions, packed as ours are; a subclass finds one more."""

    def __init__(self, model: Model) -> None:
        self.full = model.full
        self.packing = Packing(model.full)
        self._every = self.packing.pack(model.full)

    def begin(self, domains: Sequence[int]) -> list[int]:
        """The domains without the values that are plainly impossible."""
        return list(domains)

    def find(self, choice: tuple[int, int] | None, wanted: Sequence[int]) -> Sequence[int] | None:
        """A solution with a value; it should have wanted values too."""
        raise NotImplementedError

    def drop(self, variable: int, value: int) -> None:
        """Know that a value is impossible from now on."""

    def narrow(self, domains: Sequence[int], parent: Any) -> tuple[Sequence[int], Any]:
        left = self.begin(domains)
        packed = self.packing.pack(left)
        excluded = self._every ^ packed
        pool = [solution for solution in parent or () if not solution & excluded]
        proven = 0
        for solution in pool:
            proven |= solution
        while unproven := packed & ~proven:
            choice = self.packing.lowest(unproven) if pool else None
            found = self.find(choice, self.packing.unpack(unproven))
            if found is not None:
                pool.append(self.packing.pack(found))
                proven |= pool[-1]
            elif choice:
                left[choice[0]] &= ~choice[1]
                self.drop(*choice)
                packed = self.packing.pack(left)
        return left, pool


class PySat(_Pooled):
    """Assumptions for what is chosen, phases for the values that need a solution, propagation before any search."""

    def __init__(self, model: Model, name: str) -> None:
        from pysat.solvers import Solver  # noqa: PLC0415 - see above

        super().__init__(model)
        encoding = Encoding(model.full, model.constraints)
        self._literals = encoding.literals
        self._solver: Any = Solver(name=name, bootstrap_with=encoding.clauses)
        self._is_plain = all(every == 3 for every in model.full)
        self._owners = {
            literal: (variable, value)
            for variable, literals in enumerate(encoding.literals)
            for value, literal in literals.items()
        }
        self._last = max(map(abs, self._owners))
        self._assumed: list[int] = []

    def begin(self, domains: Sequence[int]) -> list[int]:
        left = list(domains)
        self._assumed = []
        for variable, (domain, every) in enumerate(zip(domains, self.full, strict=True)):
            if domain != every:
                literals = self._literals[variable]
                if domain & (domain - 1):
                    self._assumed += [-literals[value] for value in bits(every & ~domain)]
                else:
                    self._assumed.append(literals[domain])
        try:
            _, implied = self._solver.propagate(assumptions=self._assumed)
        except NotImplementedError:  # some solvers cannot
            return left
        for literal in implied:
            owner = self._owners.get(-literal)
            if owner:
                left[owner[0]] &= ~owner[1]
        return left

    def drop(self, variable: int, value: int) -> None:
        self._assumed.append(-self._literals[variable][value])

    def find(self, choice: tuple[int, int] | None, wanted: Sequence[int]) -> Sequence[int] | None:
        if self._is_plain:
            liked = [v + 1 if d & 2 else -v - 1 for v, d in enumerate(wanted) if d]
        else:
            liked = [self._literals[v][value] for v, domain in enumerate(wanted) for value in bits(domain)]
        self._solver.set_phases(liked)
        must = [self._literals[choice[0]][choice[1]]] if choice else []
        if not self._solver.solve(assumptions=self._assumed + must):
            return None
        model = self._solver.get_model()[: self._last]
        if self._is_plain:
            return [2 if literal > 0 else 1 for literal in model]
        found = [0] * len(self.full)
        for literal in model:
            owner = self._owners.get(literal)
            if owner:
                found[owner[0]] = owner[1]
        return found


class CpSat(_Pooled):
    """Whole-number variables, tables and clauses; hints for the values that need a solution; one worker."""

    def __init__(self, model: Model) -> None:
        from ortools.sat.python import cp_model  # noqa: PLC0415 - see above

        super().__init__(model)
        self._solved = (cp_model.OPTIMAL, cp_model.FEASIBLE)
        self._model = cp_model.CpModel()
        self._variables = [
            self._model.new_int_var(0, every.bit_length() - 1, str(number))
            if every != 3
            else self._model.new_bool_var(str(number))
            for number, every in enumerate(model.full)
        ]
        for constraint in model.constraints:
            columns = [self._variables[variable] for variable in constraint.variables]
            if isinstance(constraint, Rows):
                rows: list[list[int]] = [[] for _ in range(constraint.every.bit_length())]
                for support in constraint.support:
                    for value, numbers in support.items():
                        for number in places(numbers):
                            rows[number].append(value.bit_length() - 1)
                self._model.add_allowed_assignments(columns, rows)
            else:
                assert all(model.full[variable] == 3 for variable in constraint.variables)
                self._model.add_bool_or(
                    column if mask == 1 else column.negated()
                    for column, mask in zip(columns, constraint.masks, strict=True)  # type: ignore[union-attr]
                )
        self._solver = cp_model.CpSolver()
        self._solver.parameters.num_workers = 1
        self._left: list[int] = []

    def begin(self, domains: Sequence[int]) -> list[int]:
        self._left = list(domains)
        return list(domains)

    def drop(self, variable: int, value: int) -> None:
        self._left[variable] &= ~value

    def find(self, choice: tuple[int, int] | None, wanted: Sequence[int]) -> Sequence[int] | None:
        model = self._model.clone()
        model.clear_hints()
        for number, (domain, liked) in enumerate(zip(self._left, wanted, strict=True)):
            allowed = choice[1] if choice and choice[0] == number else domain
            variable = model.get_int_var_from_proto_index(number)
            if allowed != self.full[number]:
                model.add_allowed_assignments(
                    [variable], [[value.bit_length() - 1] for value in bits(allowed)]
                )
            if liked:
                model.add_hint(variable, (liked & -liked).bit_length() - 1)
        if self._solver.solve(model) not in self._solved:
            return None
        return [1 << self._solver.value(model.get_int_var_from_proto_index(n)) for n in range(len(self.full))]
