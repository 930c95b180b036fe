"""Search over constraints: whether a solution exists, and which values have one."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import TypeAlias

import attrs

from salesmgmt.cpq.configure._constraint import Box, Rows, bits
from salesmgmt.cpq.configure.refusals import NotProven

Solution: TypeAlias = tuple[int, ...]
"""One bit for each variable."""


class Budget:
    """How much work one question may still cause."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self._left = steps

    def spend(self, steps: int) -> None:
        """Take elementary steps; raises `NotProven` when there are not so many left."""
        self._left -= steps
        if self._left < 0:
            raise NotProven(self.steps)


@attrs.frozen
class Narrowed:
    """The exact domains, and solutions that prove them."""

    domains: tuple[int, ...]
    witnesses: tuple[Solution, ...]


class Network:
    """Constraints over numbered variables; it does not change."""

    def __init__(self, full: Sequence[int], constraints: Iterable[Box | Rows]) -> None:
        self.full = tuple(full)
        self._constraints = tuple(constraints)
        watching: list[list[int]] = [[] for _ in self.full]
        for number, constraint in enumerate(self._constraints):
            for variable in constraint.variables:
                watching[variable].append(number)
        self._efforts = tuple(constraint.effort for constraint in self._constraints)
        self._watching = tuple(map(tuple, watching))
        self._bound = tuple(variable for variable, watchers in enumerate(watching) if watchers)

    def solve(self, domains: Sequence[int], budget: Budget, wanted: Sequence[int] = ()) -> Solution | None:
        """Find a solution within `domains`, with as many of the `wanted` values as come along.

        Backtracking over the smallest domain first, with all constraints propagated to a fixed point at each step.
        """
        wanted = wanted or self.full
        pending: list[tuple[list[int], Iterable[int]]] = [(list(domains), range(len(self._constraints)))]
        while pending:
            budget.spend(1 + len(self.full) // 16)
            state, woken = pending.pop()
            if not all(state) or not self._propagate(state, woken, budget):
                continue
            variable = self._undecided(state)
            if variable is None:
                return tuple(_first(domain, want) for domain, want in zip(state, wanted, strict=True))
            bit = _first(state[variable], wanted[variable])
            rest = state.copy()
            rest[variable] &= ~bit
            state[variable] = bit
            pending.append((rest, self._watching[variable]))
            pending.append((state, self._watching[variable]))
        return None

    def narrow(
        self, domains: Sequence[int], witnesses: Iterable[Solution], budget: Budget
    ) -> Narrowed | None:
        """The values within `domains` that have a solution; `None` when there is no solution at all.

        A value that a known solution contains needs no search, and each search tries to settle many values at once.
        """
        left = list(domains)
        if not all(left) or not self._propagate(left, range(len(self._constraints)), budget):
            return None
        pool = [one for one in witnesses if all(map(int.__and__, one, left))]
        if not pool:
            first = self.solve(left, budget)
            if first is None:
                return None
            pool.append(first)
        proven = [0] * len(left)
        for solution in pool:
            _prove(proven, solution)
        for variable in self._bound:
            while open_values := left[variable] & ~proven[variable]:
                bit = open_values & -open_values
                trial = left.copy()
                trial[variable] = bit
                wanted = [domain & ~known for domain, known in zip(left, proven, strict=True)]
                found = self.solve(trial, budget, wanted)
                if found is None:
                    left[variable] &= ~bit
                    self._propagate(left, self._watching[variable], budget)
                else:
                    pool.append(found)
                    _prove(proven, found)
        return Narrowed(tuple(left), tuple(pool))

    def _undecided(self, state: Sequence[int]) -> int | None:
        open_variables = (variable for variable in self._bound if state[variable] & (state[variable] - 1))
        return min(open_variables, key=lambda variable: state[variable].bit_count(), default=None)

    def _propagate(self, domains: list[int], woken: Iterable[int], budget: Budget) -> bool:
        """Revise constraints until nothing changes; whether every domain still has a value."""
        queue = deque(woken)
        queued = set(queue)
        while queue:
            number = queue.popleft()
            queued.discard(number)
            budget.spend(self._efforts[number])
            changed = self._constraints[number].revise(domains)
            if changed is None:
                return False
            for variable in changed:
                for other in self._watching[variable]:
                    if other != number and other not in queued:
                        queued.add(other)
                        queue.append(other)
        return True


def _first(domain: int, wanted: int) -> int:
    return next(bits(domain & wanted or domain))


def _prove(proven: list[int], solution: Solution) -> None:
    for variable, bit in enumerate(solution):
        proven[variable] |= bit
