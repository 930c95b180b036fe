"""Published models: every domain of random choice sequences agrees with an established solver.

Needs the data beside the project (or where `SALESMGMT_DATA` says) and python-sat. `SALESMGMT_SEQUENCES=200` asks for as
many sequences, each to the end; by default there are few and short ones.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from operator import and_, or_
from random import Random
from typing import Any

import pytest

from salesmgmt.cpq.configure._search.constraint import bits
from salesmgmt.cpq.configure._search.encoding import Encoding
from salesmgmt.cpq.configure._search.network import Budget, Network
from tests.cpq.configure.networks import DIMACS, Model, dimacs, features, renault

STEPS = 10**9
SEQUENCES = int(os.environ.get("SALESMGMT_SEQUENCES", "0"))
FEW, SHORT = 1, 3
"""By default, so many sequences of so many choices."""


@cache
def _model(name: str) -> Model:
    model = renault() if name == "renault" else dimacs(name)
    if model is None:
        pytest.skip(f"the data of {name} is not beside the project")
    return model


class _Oracle:
    """Domains by a solver of python-sat: a value is possible when the clauses with it have a model."""

    def __init__(self, model: Model) -> None:
        solvers = pytest.importorskip("pysat.solvers", reason="python-sat is not installed")
        self._full = model.full
        encoding = Encoding(model.full, model.constraints)
        self._literals = encoding.literals
        self._solver: Any = solvers.Solver(name="minisat22", bootstrap_with=encoding.clauses)
        self._known: list[list[int]] = []
        self._owner = {
            literal: (variable, value)
            for variable, literals in enumerate(self._literals)
            for value, literal in literals.items()
        }

    def domains(self, chosen: dict[int, int], within: Sequence[int]) -> tuple[int, ...]:
        """The exact domains; `within` are those of fewer choices."""
        assumed = [self._literals[variable][value] for variable, value in chosen.items()]
        proven = [0] * len(self._full)
        left = [domain & chosen.get(variable, domain) for variable, domain in enumerate(within)]
        for known in self._known:
            if all(map(and_, known, left)):
                proven = list(map(or_, proven, known))
        for variable, domain in enumerate(left):
            for value in bits(domain):
                if proven[variable] & value:
                    continue
                self._solver.set_phases(
                    [self._literals[v][b] for v, d in enumerate(left) for b in bits(d & ~proven[v])]
                )
                if self._solver.solve(assumptions=[*assumed, self._literals[variable][value]]):
                    found = [0] * len(self._full)
                    for literal in self._solver.get_model():
                        if literal in self._owner:
                            other, bit = self._owner[literal]
                            found[other] = bit
                    self._known.append(found)
                    proven = list(map(or_, proven, found))
        return tuple(proven)


@pytest.mark.parametrize("name", ["renault", *DIMACS])
def test_every_domain_of_random_choices_agrees_with_another_solver(name: str) -> None:
    model = _model(name)
    oracle = _Oracle(model)
    network = Network(model.full, model.constraints)
    base = network.narrow(model.full, (), Budget(STEPS))
    assert base is not None
    assert base.domains == oracle.domains({}, model.full)
    for seed in range(SEQUENCES or FEW):
        random = Random(seed)
        now, chosen = base, dict[int, int]()
        while open_variables := [v for v, domain in enumerate(now.domains) if domain & (domain - 1)]:
            variable = random.choice(open_variables)
            chosen[variable] = random.choice(list(bits(now.domains[variable])))
            domains = list(now.domains)
            domains[variable] = chosen[variable]
            found = network.narrow(domains, (), Budget(STEPS), now)
            assert found is not None
            assert found.domains == oracle.domains(chosen, now.domains)
            now = found
            if not SEQUENCES and len(chosen) == SHORT:
                break


def test_the_number_of_renault_products_is_the_published_one_of_this_copy() -> None:
    model = _model("renault")

    assert Network(model.full, model.constraints).count(model.full, Budget(STEPS)) == 7_445_949_334_016


@pytest.mark.parametrize("name", ["renault", "eshop", "financialservices01"])
def test_choices_in_another_order_leave_the_same_domains(name: str) -> None:
    model = _model(name)
    network = Network(model.full, model.constraints)
    base = network.narrow(model.full, (), Budget(STEPS))
    assert base is not None
    random = Random(3)
    now, chosen = base, dict[int, int]()
    for _ in range(6):
        open_variables = [v for v, domain in enumerate(now.domains) if domain & (domain - 1)]
        if not open_variables:
            break
        variable = random.choice(open_variables)
        chosen[variable] = random.choice(list(bits(now.domains[variable])))
        after = network.narrow(_with(now.domains, variable, chosen[variable]), (), Budget(STEPS), now)
        assert after is not None
        now = after
    for _ in range(3):
        order = random.sample(sorted(chosen), len(chosen))
        again = base
        for variable in order:
            step = network.narrow(_with(again.domains, variable, chosen[variable]), (), Budget(STEPS), again)
            assert step is not None
            again = step
        assert again.domains == now.domains
    fresh = Network(model.full, model.constraints)
    at_once = [chosen.get(variable, domain) for variable, domain in enumerate(model.full)]
    known = fresh.narrow(at_once, (), Budget(STEPS))
    assert known is not None
    assert known.domains == now.domains


def test_a_large_feature_model_is_narrowed_exactly() -> None:
    model = features(count=600, clauses=2_400)
    oracle = _Oracle(model)
    network = Network(model.full, model.constraints)

    base = network.narrow(model.full, (), Budget(STEPS))

    assert base is not None
    assert base.domains == oracle.domains({}, model.full)


def _with(domains: Sequence[int], variable: int, value: int) -> tuple[int, ...]:
    return (*domains[:variable], value, *domains[variable + 1 :])
