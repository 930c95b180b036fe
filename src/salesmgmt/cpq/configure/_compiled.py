"""A model made ready for search."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from salesmgmt.cpq.configure._constraint import Numbering
from salesmgmt.cpq.configure._minimal import minimal_conflict
from salesmgmt.cpq.configure._network import Budget, Network, Solution
from salesmgmt.cpq.configure.attribute import Attribute
from salesmgmt.cpq.configure.rule import Rule


class Compiled:
    """Attributes as variables, values as bits, rules as constraints."""

    def __init__(self, attributes: Sequence[Attribute], rules: Sequence[Rule]) -> None:
        self.numbering = Numbering(attributes)
        self.rules = tuple(rules)
        self._demands = tuple(self.numbering.constraints(rule) for rule in rules)
        self.network = self._only(range(len(self.rules)))

    def solve(self, chosen: Mapping[str, str], budget: Budget) -> Solution | None:
        """A valid product with these choices."""
        return self.network.solve(self.domains(chosen), budget)

    def domains(self, chosen: Mapping[str, str], base: Iterable[int] = ()) -> list[int]:
        """The domains when some values are fixed, and nothing is concluded from that."""
        domains = list(base or self.numbering.full)
        for attribute, value in chosen.items():
            variable = self.numbering.variables[attribute]
            domains[variable] &= self.numbering.bits[variable][value]
        return domains

    def rules_against(self, chosen: Mapping[str, str], budget: Budget) -> tuple[Rule, ...]:
        """A minimal set of rules under which no valid product has these choices, which has none under all rules."""
        domains = self.domains(chosen)

        def consistent(taken: Sequence[int]) -> bool:
            return self._only(taken).solve(domains, budget) is not None

        return tuple(self.rules[number] for number in minimal_conflict(consistent, range(len(self.rules))))

    def _only(self, numbers: Iterable[int]) -> Network:
        return Network(
            self.numbering.full, (demand for number in numbers for demand in self._demands[number])
        )
