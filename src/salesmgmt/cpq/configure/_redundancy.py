"""Whether a rule says anything that the others do not say."""

from __future__ import annotations

from salesmgmt.cpq.configure._lowered.lowering import Lowering
from salesmgmt.cpq.configure._lowered.negation import negations
from salesmgmt.cpq.configure._search.constraint import Box, Constraint
from salesmgmt.cpq.configure._search.network import Budget, Network

_OFF, _ON = 0b01, 0b10


class Redundancy:
    """Answers for one model which of its rules the others imply.

    Rules that are boxes get a switch each, a variable of its own, so that one network answers for all of them. For
    any other rule the network of the others is made anew.
    """

    def __init__(self, lowering: Lowering) -> None:
        self._constraints = lowering.constraints
        self._full = lowering.full
        self._switches: dict[int, int] = {}
        demands: list[Constraint] = []
        for number, some in enumerate(lowering.constraints):
            boxes = [one for one in some if isinstance(one, Box)]
            if len(boxes) < len(some):
                demands += some
                continue
            switch = self._switches[number] = len(self._full) + len(self._switches)
            demands += [Box((*one.variables, switch), (*one.masks, _ON)) for one in boxes]
        self._on = (*self._full, *[_ON] * len(self._switches))
        self._network = Network((*self._full, *[_OFF | _ON] * len(self._switches)), demands)

    def effort(self, number: int) -> int:
        """Constraints that must be put together to answer for a rule."""
        return 0 if number in self._switches else sum(map(len, self._constraints))

    def is_implied(self, number: int, budget: Budget) -> bool:
        """Whether the other rules imply a rule; raises `NotProven`."""
        switch = self._switches.get(number)
        if switch is None:
            return self._is_implied_by_others(number, budget)
        for box in self._constraints[number]:
            assert isinstance(box, Box)  # noqa: S101 - it has a switch
            domains = list(self._on)
            domains[switch] = _OFF
            for variable, mask in zip(box.variables, box.masks, strict=True):
                domains[variable] &= mask
            if all(domains) and self._network.solve(domains, budget) is not None:
                return False
        return True

    def _is_implied_by_others(self, number: int, budget: Budget) -> bool:
        others = [one for place, some in enumerate(self._constraints) if place != number for one in some]
        return all(
            Network(self._full, [*others, *broken]).solve(self._full, budget) is None
            for constraint in self._constraints[number]
            for broken in negations(constraint, self._full)
        )
