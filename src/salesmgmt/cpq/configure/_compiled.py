"""A model made ready for answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from salesmgmt.cpq.configure._lowered.lowering import Lowering
from salesmgmt.cpq.configure._lowered.negation import negations
from salesmgmt.cpq.configure._minimal import minimal_conflict
from salesmgmt.cpq.configure._search.budget import Budget
from salesmgmt.cpq.configure._search.constraint import Constraint
from salesmgmt.cpq.configure._search.network import Network, Solution
from salesmgmt.cpq.configure.backend import Backend
from salesmgmt.cpq.configure.rule import Demand


class Compiled:
    """Variables, and constraints that know the rule from which they come."""

    def __init__(self, lowering: Lowering, backend: Backend = Backend.PYTHON) -> None:
        self._backend = backend
        self.lowering = lowering
        self.full = lowering.full
        self.rules = lowering.rules
        self.network = self._only(range(len(self.rules)))

    def domains(self, chosen: Mapping[str, str], base: Sequence[int] = ()) -> list[int]:
        """The domains when some values are fixed, and nothing is concluded from that; free texts are left out."""
        lowering = self.lowering
        domains = list(base or self.full)
        for name, value in chosen.items():
            number = lowering.number.get(name)
            if number is not None:
                domains[number] &= lowering.variables[number].bit[value]
        return domains

    def solve(self, chosen: Mapping[str, str], budget: Budget, base: Sequence[int] = ()) -> Solution | None:
        """A valid product with these choices."""
        return self.network.solve(self.domains(chosen, base), budget)

    def rules_against(self, chosen: Mapping[str, str], budget: Budget) -> tuple[Demand, ...]:
        """A minimal set of rules under which no valid product has these choices, which has none under all rules."""
        return self.rules_against_domains(self.domains(chosen), budget)

    def rules_against_domains(self, domains: Sequence[int], budget: Budget) -> tuple[Demand, ...]:
        """As `rules_against`, for the values that are left."""

        def consistent(taken: Sequence[int]) -> bool:
            return self._only(taken).solve(domains, budget) is not None

        return tuple(self.rules[number] for number in minimal_conflict(consistent, range(len(self.rules))))

    def without(self, number: int) -> Network:
        """All rules but one."""
        return self._only(other for other in range(len(self.rules)) if other != number)

    def is_implied(self, number: int, budget: Budget) -> bool:
        """Whether a rule forbids nothing that the others allow."""
        others = [place for place in range(len(self.rules)) if place != number]
        return all(
            self._only(others, denied).solve(self.full, budget) is None
            for demanded in self.lowering.constraints[number]
            for denied in negations(demanded, self.full)
        )

    def _only(self, numbers: Iterable[int], more: Iterable[Constraint] = ()) -> Network:
        demanded = (one for number in numbers for one in self.lowering.constraints[number])
        return Network(self.full, (*demanded, *more), self._backend)
