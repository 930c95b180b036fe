"""Search by backtracking over consistent states: for tables, sums and models of any kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from salesmgmt.cpq.configure._search.budget import Budget
from salesmgmt.cpq.configure._search.constraint import Constraint, bits
from salesmgmt.cpq.configure._search.propagation import Propagation, State

_LEAPS = 3
"""How often one search tries to take all that is open from a known solution at once."""


class Backtracking:
    """Decides whether values have a solution, by search; see `Search` for the methods.

    Variables are tried by the size of their domain over the conflicts that they were part of (dom/wdeg; Boussemart,
    Hemery, Lecoutre and Sais 2004), after a failure first the variable that failed (last conflict; Lecoutre, Sais,
    Tabary and Vidal 2009). The weights of conflicts stay from question to question: they change the way, not the answer.
    """

    def __init__(self, full: Sequence[int], constraints: Iterable[Constraint]) -> None:
        self._propagation = Propagation(full, constraints)
        self._weights = [1] * len(full)
        self._root: State | None = None
        self._has_root = False

    def begin(self, domains: Sequence[int], parent: State | None, budget: Budget) -> State | None:
        """The consistent state within some domains, from that of a parent."""
        parent = parent or self._start(budget)
        if parent is None:
            return None
        state = parent.copy()
        changed = []
        for variable, (known, asked) in enumerate(zip(parent.domains, domains, strict=True)):
            left = known & asked
            if left != known:
                if not left:
                    return None
                state.domains[variable] = left
                changed.append(variable)
        return state if self._propagate(state, changed, budget) else None

    def find(
        self,
        state: State,
        choice: tuple[int, int] | None,
        wanted: Sequence[int],
        near: Sequence[int] | None,
        budget: Budget,
    ) -> list[int] | None:
        """A solution within a consistent state."""
        if choice is None:
            return self._solve(state.copy(), [], wanted, near, budget)
        variable, value = choice
        trial = state.copy()
        trial.domains[variable] = value
        found = self._solve(trial, [variable], wanted, near, budget)
        if found is None:
            state.domains[variable] &= ~value
            if not self._propagate(state, [variable], budget):
                state.domains[variable] = 0
        return found

    def neighbours(
        self, _state: State, solution: Sequence[int], wanted: Sequence[int]
    ) -> Iterator[Sequence[int]]:
        """Solutions with wanted values, found by changing one value of a known solution."""
        for variable, domain in enumerate(wanted):
            if domain:
                for value in bits(self._propagation.variants(solution, variable, domain)):
                    neighbour = list(solution)
                    neighbour[variable] = value
                    yield neighbour

    def mended(self, _state: State, _solution: Sequence[int]) -> Sequence[int] | None:
        """Nothing: a search that starts from a solution costs no more."""
        return None

    def _solve(
        self,
        state: State,
        changed: list[int],
        wanted: Sequence[int],
        near: Sequence[int] | None,
        budget: Budget,
    ) -> list[int] | None:
        """A solution within a state that is consistent but for some changed variables; the state is used up."""
        pending: list[tuple[State, list[int], int]] = [(state, changed, -1)]
        last = -1
        size = 1 + len(self._propagation.bound) // 8
        failed = False
        leaps = _LEAPS if near else 0
        like = near or wanted
        while pending:
            budget.spend(size)
            state, changed, decided = pending.pop()
            if not self._propagate(state, changed, budget):
                last = decided if decided >= 0 else last
                failed = True
                continue
            domains = state.domains
            variable = self._next(domains, wanted, last, failed=failed)
            if variable < 0:
                return [
                    _first(domain, want, other)
                    for domain, want, other in zip(domains, wanted, like, strict=True)
                ]
            if leaps and near and not wanted[variable] & domains[variable]:
                leaps -= 1
                leap = self._leap(state, near, budget)
                if leap is not None:
                    return [
                        _first(domain, want, other)
                        for domain, want, other in zip(leap, wanted, near, strict=True)
                    ]
            value = _first(domains[variable], wanted[variable], like[variable])
            rest = state.copy()
            rest.domains[variable] &= ~value
            domains[variable] = value
            pending.append((rest, [variable], -1))
            pending.append((state, [variable], variable))
        return None

    def _leap(self, state: State, near: Sequence[int], budget: Budget) -> list[int] | None:
        """The domains when all that is open gets the values of a known solution, if that goes together."""
        trial = state.copy()
        domains = trial.domains
        changed = []
        for variable in self._propagation.bound:
            domain = domains[variable]
            if domain & (domain - 1) and domain & near[variable]:
                domains[variable] = near[variable]
                changed.append(variable)
        if not changed or self._propagation.propagate(trial, changed, budget) is not None:
            return None
        settled = not any(domains[variable] & (domains[variable] - 1) for variable in self._propagation.bound)
        return domains if settled else None

    def _start(self, budget: Budget) -> State | None:
        if not self._has_root:
            self._root = self._propagation.start(budget)
            self._has_root = True
        return self._root

    def _next(self, domains: Sequence[int], wanted: Sequence[int], last: int, *, failed: bool) -> int:
        """The variable to decide; -1 when all are settled."""
        if last >= 0 and domains[last] & (domains[last] - 1):
            return last
        weights = self._weights
        best, lowest = -1, 0.0
        for variable in self._propagation.bound:
            domain = domains[variable]
            if domain & (domain - 1):
                size = domain.bit_count() / weights[variable]
                if not failed and wanted[variable] & domain:
                    size /= 1024  # as long as nothing fails, values that need a solution go first
                if best < 0 or size < lowest:
                    best, lowest = variable, size
        return best

    def _propagate(self, state: State, changed: list[int], budget: Budget) -> bool:
        guilty = self._propagation.propagate(state, changed, budget)
        if guilty is None:
            return True
        for variable in guilty:
            self._weights[variable] += 1
        return False


def _first(domain: int, wanted: int, liked: int) -> int:
    best = domain & wanted or domain & liked or domain
    return best & -best
