"""Questions about a network of clauses, put to a solver for clauses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import compress, count
from operator import and_, ne, not_
from typing import Protocol, TypeAlias

from salesmgmt.cpq.configure._search.budget import Budget
from salesmgmt.cpq.configure._search.clauses import ClauseSolver
from salesmgmt.cpq.configure._search.constraint import Constraint, Linear, bits
from salesmgmt.cpq.configure._search.encoding import Encoding
from salesmgmt.cpq.configure._search.propagation import State


class Solver(Protocol):
    """What solves clauses: `ClauseSolver`, or another with the same methods."""

    def add(self, clause: Sequence[int]) -> None:
        """See `ClauseSolver.add`."""

    def assume(self, literals: Iterable[int], budget: Budget) -> bool:
        """See `ClauseSolver.assume`."""

    def assume_more(self, literals: Iterable[int], budget: Budget) -> bool:
        """See `ClauseSolver.assume_more`."""

    def settled(self, begin: int) -> list[int]:
        """See `ClauseSolver.settled`."""

    def find(
        self, must: int | None, wanted: Sequence[int], model: bytes | None, budget: Budget
    ) -> bytes | None:
        """See `ClauseSolver.find`."""


MakeSolver: TypeAlias = Callable[[int, list[list[int]]], Solver]


_MAX_MODELS = 2_000
"""How many models are kept to start from, where they hold more than the solution."""

_CHANGES = 16
"""How many variables of a known solution are changed to find another one nearby."""

_MENDED = 100
"""How many more are changed, at most, to find one within smaller domains."""

_FAILURES = 32
"""After so many failures in a row no more solutions are looked for nearby."""


class Clausal:
    """Decides whether values have a solution, by clauses; see `Search` for the methods."""

    def __init__(
        self, full: Sequence[int], constraints: Iterable[Constraint], make: MakeSolver = ClauseSolver
    ) -> None:
        self._full = tuple(full)
        self._encoding = Encoding(self._full, constraints)
        self._solver = make(self._encoding.count, self._encoding.clauses)
        # By literal, the variable and the value that it excludes.
        self._excludes: dict[int, tuple[int, int]] = {
            -literal: (variable, value)
            for variable, literals in enumerate(self._encoding.literals)
            for value, literal in literals.items()
        }
        # With one literal for each variable, and nothing else, a model is a solution but for the digits.
        self._is_plain = self._encoding.count == len(self._full) and max(self._full, default=0) <= 3
        self._models: dict[tuple[int, ...], bytes] = {}
        self._beside: list[list[list[int]]] | None = None
        self._assumed: list[int] = []
        self._settled = 0
        self._current: State | None = None

    def begin(self, domains: Sequence[int], parent: State | None, budget: Budget) -> State | None:
        """Assume some domains; the solver goes on from the parent when that was its last question."""
        is_next = parent is not None and parent is self._current
        known = parent.domains if is_next and parent else self._full
        state = State([*map(and_, domains, known)], [])
        if not all(state.domains):
            return None
        assumed = []
        for variable in compress(count(), map(ne, state.domains, known)):
            literals, domain = self._encoding.literals[variable], state.domains[variable]
            if domain & (domain - 1):
                assumed += [-literals[value] for value in bits(known[variable] & ~domain)]
            else:
                assumed.append(literals[domain])
        if is_next:
            self._assumed = self._assumed + assumed
            holds = self._solver.assume_more(assumed, budget)
        else:
            self._assumed = assumed
            self._settled = 0
            holds = self._solver.assume(assumed, budget)
        if not holds:
            self._current = None
            return None
        self._current = state
        self._settle(state)
        return state

    def find(
        self,
        state: State,
        choice: tuple[int, int] | None,
        wanted: Sequence[int],
        near: Sequence[int] | None,
        budget: Budget,
    ) -> list[int] | None:
        """A solution within the domains that were assumed, starting from a known one."""
        literals = self._encoding.literals
        must = literals[choice[0]][choice[1]] if choice else None
        if self._is_plain:
            liked = [
                variable + 1 if domain & 2 else ~variable for variable, domain in enumerate(wanted) if domain
            ]
        else:
            liked = [
                literals[variable][value] for variable, domain in enumerate(wanted) for value in bits(domain)
            ]
        model = self._model(near)
        while True:
            found = self._solver.find(must, liked, model, budget)
            if found is None:
                break
            solution = self._solution(found)
            broken = next(
                (
                    clause
                    for one in self._encoding.unencoded
                    if (clause := self._broken(one, solution)) is not None
                ),
                None,
            )
            if broken is None:
                if not self._is_plain:
                    if len(self._models) >= _MAX_MODELS:
                        self._models.clear()
                    self._models[tuple(solution)] = found
                return solution
            self._solver.add(broken)
            if not self._solver.assume(self._assumed, budget):
                break
            self._settled = 0
        if choice:
            state.domains[choice[0]] &= ~choice[1]
        self._settle(state)
        return None

    def neighbours(
        self, state: State, solution: Sequence[int], wanted: Sequence[int]
    ) -> Iterator[Sequence[int]]:
        """Solutions with wanted values, found by changing few others of a known solution.

        A clause that a change leaves without a literal that holds gets the first one that may change too.
        """
        if not self._is_plain or self._encoding.unencoded:
            return
        holds = _holding(solution)
        left = list(wanted)
        failures = 0
        for variable, domain in enumerate(wanted):
            value = domain & left[variable]
            if value not in (1, 2):
                continue
            changed = self._changed(holds, [2 * variable + 4 - value], state.domains, _CHANGES)
            if changed:
                for literal in changed:
                    left[(literal >> 1) - 1] &= ~(2 - (literal & 1))
                yield holds[2::2].translate(_DIGITS)
                failures = 0
            else:
                failures += 1
                if failures > _FAILURES:
                    return

    def mended(self, state: State, solution: Sequence[int]) -> Sequence[int] | None:
        """A solution within the domains, from one that lies outside, by changing few other values; `None` if that fails."""
        if not self._is_plain or self._encoding.unencoded:
            return None
        holds = _holding(solution)
        outside = compress(count(), map(not_, map(and_, solution, state.domains)))
        literals = [2 * variable + 4 - state.domains[variable] for variable in outside]
        if literals and not self._changed(holds, literals, state.domains, _MENDED):
            return None
        return holds[2::2].translate(_DIGITS)

    def _changed(  # noqa: C901 - the inner loop: a call for each part would double its time
        self, holds: bytearray, changed: list[int], domains: Sequence[int], more: int
    ) -> list[int]:
        """Make literals hold in a model; all that hold now and did not before, none when it does not work."""
        for literal in changed:
            holds[literal] = 1
            holds[literal ^ 1] = 0
        if self._beside is None:
            self._beside = self._found_beside()
        beside = self._beside
        most = len(changed) + more
        place = 0
        while place < len(changed) <= most:
            for others in beside[changed[place] ^ 1]:
                for other in others:
                    if holds[other]:
                        break
                else:
                    for other in others:
                        if other ^ 1 not in changed and domains[(other >> 1) - 1] == 3:
                            holds[other] = 1
                            holds[other ^ 1] = 0
                            changed.append(other)
                            break
                    else:
                        place = most
                        break
            place += 1
        if place == len(changed) <= most:
            return changed
        for other in changed:
            holds[other] = 0
            holds[other ^ 1] = 1
        return []

    def _found_beside(self) -> list[list[list[int]]]:
        """By literal (2 n for n, 2 n + 1 for its negation), the other literals of each of its clauses."""
        beside: list[list[list[int]]] = [[] for _ in range(2 * self._encoding.count + 2)]
        for clause in self._encoding.clauses:
            literals = [2 * literal if literal > 0 else 1 - 2 * literal for literal in clause]
            for place, literal in enumerate(literals):
                beside[literal].append(literals[:place] + literals[place + 1 :])
        return beside

    def _settle(self, state: State) -> None:
        """Drop the values of which the solver knows that they are impossible."""
        settled = self._solver.settled(self._settled)
        for literal in settled:
            excluded = self._excludes.get(literal)
            if excluded is not None:
                state.domains[excluded[0]] &= ~excluded[1]
        self._settled += len(settled)

    def _solution(self, model: bytes) -> list[int]:
        if self._is_plain:
            return list(model.translate(_DIGITS))
        return [
            next(value for value, literal in literals.items() if model[abs(literal) - 1] == (literal > 0))
            for literals in self._encoding.literals
        ]

    def _model(self, near: Sequence[int] | None) -> bytes | None:
        if near is None:
            return None
        return bytes(near).translate(_VALUES) if self._is_plain else self._models.get(tuple(near))

    def _broken(self, linear: Linear, solution: Sequence[int]) -> list[int] | None:
        """A clause that a sum demands and a solution does not satisfy; `None` when the sum is within its bounds."""
        full = self._full
        found = []
        spans = []
        for variable, weights in zip(linear.variables, linear.weights, strict=True):
            choices = [weights[value.bit_length() - 1] for value in bits(full[variable])]
            found.append(weights[solution[variable].bit_length() - 1])
            spans.append((min(choices), max(choices)))
        total = sum(found)
        if linear.high is not None and total > linear.high:
            excess = total - linear.high
            gains = [weight - span[0] for weight, span in zip(found, spans, strict=True)]
            is_upper = True
        elif linear.low is not None and total < linear.low:
            excess = linear.low - total
            gains = [span[1] - weight for weight, span in zip(found, spans, strict=True)]
            is_upper = False
        else:
            return None
        # The fewest variables that are too much already: those that gain little are left free.
        clause = []
        for gain, variable, weights, weight in sorted(
            zip(gains, linear.variables, linear.weights, found, strict=True), key=lambda part: part[0]
        ):
            if gain < excess:
                excess -= gain
                continue
            mask = 0
            for value in bits(full[variable]):
                other = weights[value.bit_length() - 1]
                if other >= weight if is_upper else other <= weight:
                    mask |= value
            clause += self._encoding.outside(variable, mask)
        return clause


def _holding(solution: Sequence[int]) -> bytearray:
    """By literal (2 n for n, 2 n + 1 for its negation), whether it holds in a solution."""
    holds = bytearray(2 * len(solution) + 2)
    holds[2::2] = bytes(solution).translate(_VALUES)
    holds[3::2] = holds[2::2].translate(_OPPOSITE)
    return holds


_DIGITS = bytes([1, 2, *range(2, 256)])
"""From the octets of a model (0, 1) to the domains of its values (1, 2)."""

_OPPOSITE = bytes([1, 0, *range(2, 256)])
"""From the octets of a model to those of the negations."""

_VALUES = bytes([0, 0, 1, *range(3, 256)])
"""From domains with one value to the octets of a model."""
