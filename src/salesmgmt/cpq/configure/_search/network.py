"""Questions about constraints over numbered variables: whether a solution exists, which values have one, and more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from threading import Lock
from typing import Protocol, TypeAlias

import attrs

from salesmgmt.cpq.configure._search.backtracking import Backtracking
from salesmgmt.cpq.configure._search.budget import Budget
from salesmgmt.cpq.configure._search.clausal import Clausal
from salesmgmt.cpq.configure._search.constraint import Constraint, Linear, Rows, bits, plain
from salesmgmt.cpq.configure._search.minimising import at_most, cheapest, count, least, weigh
from salesmgmt.cpq.configure._search.packing import Packing
from salesmgmt.cpq.configure._search.propagation import State
from salesmgmt.cpq.configure._search.sat_backend import SatSolver
from salesmgmt.cpq.configure.refusals import NotProven

__all__ = ["Budget", "Narrowed", "Network", "Solution"]

_POOL = 2_000
"""How many known solutions are kept."""

_MANY = 64
"""While so many values have no solution yet, solutions of the larger domains are mended for the smaller ones."""

_TRIES = 64
"""How many of them, at most; fewer when most of them cannot be mended."""

_WIDE = 24
"""As long as a search settles so many values, the next search comes before a look at the neighbours of its solution."""

Solution: TypeAlias = tuple[int, ...]
"""One bit for each variable."""


@attrs.frozen
class Narrowed:
    """The exact domains, and what makes the next answer faster.

    Attributes:
        domains: by variable, the values that have a solution.
        witnesses: a solution.
        state: where the search goes on from when domains shrink; only the network that made it can use it.
        pool: known solutions within the domains, packed.
    """

    domains: tuple[int, ...]
    witnesses: tuple[Solution, ...]
    state: State | None = attrs.field(default=None, repr=False, eq=False)
    pool: tuple[int, ...] = attrs.field(default=(), repr=False, eq=False)


ST = [0, 0]
WIDE = 16
GAIN = 8
TRIES = 64


class Search(Protocol):
    """A way to decide whether values have a solution."""

    def begin(self, domains: Sequence[int], parent: State | None, budget: Budget, /) -> State | None:
        """Start with the questions about some domains.

        Args:
            domains: what is left of each variable.
            parent: the state of domains that contain these, to go on from.
            budget: what the work is taken from.

        Returns:
            The domains without values that are plainly impossible; `None` when no solution can be left.
        """

    def find(
        self,
        state: State,
        choice: tuple[int, int] | None,
        wanted: Sequence[int],
        near: Sequence[int] | None,
        budget: Budget,
        /,
    ) -> list[int] | None:
        """A solution within the domains with which the questions began.

        Args:
            state: as `begin` returned it; a value that has no solution is dropped from it.
            choice: a variable and the value that it must have.
            wanted: by variable, values that the solution has if they come along.
            near: a known solution to start from, which may lie outside of the domains.
            budget: what the work is taken from.
        """

    def neighbours(
        self, state: State, solution: Sequence[int], wanted: Sequence[int], /
    ) -> Iterator[Sequence[int]]:
        """Solutions with wanted values that differ little from a known one within the domains; perhaps none."""

    def mended(self, state: State, solution: Sequence[int], /) -> Sequence[int] | None:
        """A solution within the domains, made from one outside with few changes; `None` when that is not simple."""


class _Known:
    """What is known about some domains, packed: the values that are left, and solutions."""

    def __init__(self, left: int) -> None:
        self.left = left
        self.pool: list[int] = []
        self._proven = 0

    @property
    def unproven(self) -> int:
        """The values that are left and stand in no known solution."""
        return self.left & ~self._proven

    def add(self, solution: int) -> int:
        """Take a solution, and return it."""
        self.pool.append(solution)
        self._proven |= solution
        return solution


class Network:
    """Constraints over numbered variables.

    It remembers solutions and what its searches learned. That makes later answers faster; which values have a
    solution, the least sum and the count do not depend on it.

    Args:
        full: by variable, all its values.
        constraints: what a solution must satisfy.
        backend: `python`, or `pysat` for a solver of python-sat.
    """

    def __init__(
        self, full: Sequence[int], constraints: Iterable[Constraint], backend: str = "python"
    ) -> None:
        self._backend = backend
        self.full = tuple(full)
        self._constraints = tuple(constraints)
        self._lock = Lock()
        self._made: Search | None = None
        self._packing = Packing(self.full)
        self._every = self._packing.pack(self.full)
        self._pool: list[int] = []
        self._oldest = 0

    def solve(self, domains: Sequence[int], budget: Budget, wanted: Sequence[int] = ()) -> Solution | None:
        """Find some solution within `domains`, with as many of the `wanted` values as come along."""
        with self._lock:
            if self._pool and not wanted:
                excluded = self._every & ~self._packing.pack(domains)
                for known in self._pool:
                    if not known & excluded:
                        return tuple(self._packing.unpack(known))
            search = self._search
            state = search.begin(domains, None, budget)
            if state is None:
                return None
            found = search.find(state, None, wanted or (0,) * len(self.full), self._nearest(domains), budget)
            if found is None:
                return None
            self._keep(self._packing.pack(found))
            return tuple(found)

    def narrow(
        self,
        domains: Sequence[int],
        witnesses: Iterable[Solution],
        budget: Budget,
        parent: Narrowed | None = None,
    ) -> Narrowed | None:
        """The values within `domains` that have a solution; `None` when there is no solution at all.

        A value that a known solution contains needs no search, and each search tries to settle many values at once.

        Args:
            domains: what is left of each variable.
            witnesses: solutions that are known from elsewhere.
            budget: what the work is taken from.
            parent: an earlier answer of this network, whose domains contain these: the work goes on from there.
        """
        with self._lock:
            return self._narrow(domains, witnesses, budget, parent)

    def _narrow(  # noqa: C901 - one loop, told step by step
        self,
        domains: Sequence[int],
        witnesses: Iterable[Solution],
        budget: Budget,
        parent: Narrowed | None,
    ) -> Narrowed | None:
        pack, unpack = self._packing.pack, self._packing.unpack
        search = self._search
        state = search.begin(domains, parent.state if parent else None, budget)
        if state is None or not all(state.domains):
            return None
        known = _Known(pack(state.domains))
        excluded = self._every ^ known.left
        pool = parent.pool if parent and parent.pool else self._pool
        for solution in chain(map(pack, witnesses), pool):
            if not solution & excluded:
                known.add(solution)
        if not known.pool:
            found = search.find(state, None, state.domains, self._nearest(state.domains), budget)
            if found is None:
                return None
            known.left = pack(state.domains)
            self._keep(known.add(pack(found)))
        if parent:
            self._mend(search, state, parent.pool, known)
        gained = known.unproven.bit_count()
        looked = 0
        while unproven := known.unproven:
            # A search settles many values while many are open; what it leaves may be found nearby for less.
            if gained < _WIDE and looked != known.pool[-1]:
                for neighbour in search.neighbours(state, unpack(known.pool[-1]), unpack(unproven)):
                    self._keep(known.add(pack(neighbour)))
                looked = known.pool[-1]
                unproven = known.unproven
                if not unproven:
                    break
            choice = self._packing.lowest(unproven)
            found = search.find(state, choice, unpack(unproven), unpack(known.pool[-1]), budget)
            if found is None:
                known.left = pack(state.domains)
            else:
                self._keep(known.add(pack(found)))
                gained = (known.pool[-1] & unproven).bit_count()
        return Narrowed(tuple(state.domains), (tuple(unpack(known.pool[-1])),), state, tuple(known.pool))

    def _mend(self, search: Search, state: State, pool: Sequence[int], known: _Known) -> None:
        """Change known solutions of larger domains a little, so that they lie within these."""
        tries = failures = 0
        for solution in pool:
            unproven = known.unproven
            if unproven.bit_count() < _MANY or tries >= _TRIES or 2 * failures > tries + 8:
                return
            if (solution & unproven).bit_count() >= _MANY // 8:
                tries += 1
                mended = search.mended(state, self._packing.unpack(solution))
                if mended is None:
                    failures += 1
                else:
                    self._keep(known.add(self._packing.pack(mended)))

    def first(
        self, domains: Sequence[int], budget: Budget, preferred: Sequence[Sequence[int]] = ()
    ) -> Solution | None:
        """The solution that comes first: the first variable has the best value that any solution has, and so on.

        Args:
            domains: what is left of each variable.
            budget: what the work is taken from.
            preferred: by variable, its values from the best to the worst; by their number when it is not given.
        """
        with self._lock:
            return self._first(domains, budget, preferred)

    def minimise(
        self,
        domains: Sequence[int],
        weights: Sequence[Sequence[int]],
        budget: Budget,
        preferred: Sequence[Sequence[int]] = (),
    ) -> Solution | None:
        """The solution with the least sum of weights; among several the one that comes `first`.

        Args:
            domains: what is left of each variable.
            weights: by variable, the weight of each value by its number; nothing where the variable has none.
            budget: what the work is taken from.
            preferred: as for `first`.
        """
        narrowed = self.narrow(domains, (), budget)
        if narrowed is None:
            return None
        left = narrowed.domains
        constraints = [plain(constraint) for constraint in self._constraints]
        try:
            return cheapest(left, constraints, weights, preferred, budget.half())
        except NotProven:  # the relations are too large; searches may still do
            return self._searched(narrowed, weights, budget, preferred)

    def count(self, domains: Sequence[int], budget: Budget) -> int:
        """How many solutions there are within `domains`."""
        narrowed = self.narrow(domains, (), budget)
        if narrowed is None:
            return 0
        return count(narrowed.domains, map(plain, self._constraints), budget)

    def _searched(
        self,
        narrowed: Narrowed,
        weights: Sequence[Sequence[int]],
        budget: Budget,
        preferred: Sequence[Sequence[int]],
    ) -> Solution | None:
        """The solution with the least sum, by a search for less and less."""
        left = narrowed.domains
        wanted = [
            min(bits(domain), key=lambda value: column[value.bit_length() - 1]) if column else 0
            for column, domain in zip(weights, left, strict=True)
        ]

        def solve(limit: Linear) -> Solution | None:
            return self._with(limit).solve(left, budget, wanted)

        known = map(self._packing.unpack, narrowed.pool)
        start = min(known, key=lambda one: weigh(weights, one))
        limit = at_most(weights, least(solve, left, weights, start))
        return self._with(limit).first(left, budget, preferred)

    def _with(self, constraint: Constraint) -> Network:
        """This network with one more constraint, and the solutions that are known to satisfy it."""
        return Network(self.full, (*self._constraints, constraint), self._backend)

    def _first(
        self, domains: Sequence[int], budget: Budget, preferred: Sequence[Sequence[int]]
    ) -> Solution | None:
        orders = preferred or [list(bits(domain)) for domain in self.full]
        wanted = [
            next((value for value in order if value & domain), 0)
            for order, domain in zip(orders, domains, strict=True)
        ]
        search = self._search
        state = search.begin(domains, None, budget)
        if state is None:
            return None
        best = search.find(state, None, wanted, self._nearest(domains), budget)
        if best is None:
            return None
        left = list(state.domains)
        for variable, order in enumerate(orders):
            for value in order:
                if best[variable] == value:
                    break
                if not left[variable] & value:
                    continue
                if left != state.domains:
                    state = search.begin(left, None, budget)
                    assert state is not None  # noqa: S101 - the best solution lies within
                    left = list(state.domains)
                    if not left[variable] & value:
                        continue
                found = search.find(state, (variable, value), wanted, best, budget)
                left[variable] &= state.domains[variable]
                if found is not None:
                    best = found
                    break
            left[variable] = best[variable]
        return tuple(best)

    @property
    def _search(self) -> Search:
        """The way of search that suits the constraints."""
        if self._made is None:
            constraints = [plain(constraint) for constraint in self._constraints]
            if self._backend == "pysat":
                self._made = Clausal(self.full, constraints, SatSolver)
                return self._made
            is_clausal = all(domain.bit_count() <= 2 for domain in self.full) and not any(
                isinstance(constraint, Rows) for constraint in constraints
            )
            make = Clausal if is_clausal else Backtracking
            self._made = make(self.full, constraints)
        return self._made

    def _nearest(self, domains: Sequence[int]) -> list[int] | None:
        """The known solution that lies outside of some domains with the fewest variables."""
        if not self._pool:
            return None
        excluded = self._every & ~self._packing.pack(domains)
        nearest = min(self._pool, key=lambda solution: (solution & excluded).bit_count())
        return self._packing.unpack(nearest)

    def _keep(self, solution: int) -> None:
        if len(self._pool) < _POOL:
            self._pool.append(solution)
        else:
            self._pool[self._oldest] = solution
            self._oldest = (self._oldest + 1) % _POOL
