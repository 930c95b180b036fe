"""The optional backend for clauses: a solver of python-sat in place of ours, with the same answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from salesmgmt.core.errors import MissingExtra
from salesmgmt.cpq.configure._search.budget import Budget
from salesmgmt.cpq.configure.refusals import NotProven

_STEPS_A_CONFLICT = 100


def _solver_class() -> Any:
    try:
        from pysat.solvers import Solver  # noqa: PLC0415 - an extra, imported only when it is asked for
    except ImportError as error:
        raise MissingExtra("python-sat", "sat") from error
    return Solver


def require_pysat() -> None:
    """Raises `MissingExtra` when python-sat is not installed."""
    _solver_class()


class SatSolver:
    """A solver of python-sat (MiniSat 2.2, Een and Sorensson 2003) with the methods of `ClauseSolver`.

    Raises:
        MissingExtra: python-sat is not installed.
    """

    def __init__(self, count: int, clauses: Iterable[Sequence[int]]) -> None:
        self._count = count
        self._solver = _solver_class()(name="minisat22", bootstrap_with=clauses)
        self._assumed: list[int] = []
        self._settled: list[int] = []

    def add(self, clause: Sequence[int]) -> None:
        """See `ClauseSolver.add`."""
        self._solver.add_clause(clause)

    def assume(self, literals: Iterable[int], budget: Budget) -> bool:
        """See `ClauseSolver.assume`."""
        self._assumed = []
        self._settled = []
        return self.assume_more(literals, budget)

    def assume_more(self, literals: Iterable[int], budget: Budget) -> bool:
        """See `ClauseSolver.assume_more`."""
        self._assumed += literals
        holds, implied = self._solver.propagate(assumptions=self._assumed)
        budget.spend(len(implied) + 1)
        known = set(self._settled)
        self._settled += [literal for literal in implied if literal not in known]
        return bool(holds)

    def settled(self, begin: int) -> list[int]:
        """See `ClauseSolver.settled`."""
        return self._settled[begin:]

    def find(
        self,
        must: int | None,
        wanted: Sequence[int],
        model: bytes | None,  # noqa: ARG002 - it has no way to start from a model
        budget: Budget,
    ) -> bytes | None:
        """See `ClauseSolver.find`."""
        self._solver.set_phases(literals=wanted)
        asked = self._assumed if must is None else [*self._assumed, must]
        self._solver.conf_budget(max(1, budget.left // _STEPS_A_CONFLICT))
        before = self._solver.accum_stats()["conflicts"]
        answer = self._solver.solve_limited(assumptions=asked)
        conflicts = self._solver.accum_stats()["conflicts"] - before
        if answer is None:
            raise NotProven(budget.steps)
        budget.spend(1 + conflicts * _STEPS_A_CONFLICT)
        if not answer:
            if must is not None:
                self._settled.append(-must)
                self._assumed.append(-must)
            return None
        found = bytearray(self._count)
        for literal in self._solver.get_model():
            if 0 < literal <= self._count:
                found[literal - 1] = 1
        return bytes(found)
