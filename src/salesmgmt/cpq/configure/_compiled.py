"""A model made ready for answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from salesmgmt.cpq.configure._lowered.lowering import Lowering
from salesmgmt.cpq.configure._minimal import minimal_conflict
from salesmgmt.cpq.configure._redundancy import Redundancy
from salesmgmt.cpq.configure._search.budget import Budget
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

    @cached_property
    def redundancy(self) -> Redundancy:
        """What tells whether a rule forbids nothing that the others allow."""
        return Redundancy(self.lowering)

    def _only(self, numbers: Iterable[int]) -> Network:
        demanded = (one for number in numbers for one in self.lowering.constraints[number])
        return Network(self.full, demanded, self._backend)
