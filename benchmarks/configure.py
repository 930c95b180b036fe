"""Which values each open choice still has after each choice: ours against python-sat and OR-Tools CP-SAT.

A step is one random choice among the exact domains, and the exact domains of all others after it. Sequences run until
nothing is open, the same for everyone: after each step the domains of all contenders are compared. The load, with the
first domains, is `first`. Each contender runs in a process of its own, one thread, and the time is that of the process;
`peak` is its memory at most, Python and the model included. Every contender has a pool of known solutions, which is handed
from step to step; python-sat gets the choices as assumptions, what it propagates at once, and as phases the values
that still need a solution.

Published models are read from `../shared/data` beside the project, or from where `SALESMGMT_DATA` says; those that are
not there are left out. `python -m benchmarks.configure 20` runs 20 sequences.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Sequence
from functools import partial
from multiprocessing import get_context
from random import Random
from resource import RUSAGE_SELF, getrusage
from statistics import median
from time import process_time
from typing import NamedTuple
from zlib import crc32

from benchmarks._configure_contenders import Contender, CpSat, Ours, PySat
from benchmarks._peers import versions
from salesmgmt.cpq.configure._search.constraint import bits
from tests.cpq.configure.networks import DIMACS, Model, bike, dimacs, features, renault

_SEQUENCES = 200
_MODELS: dict[str, Callable[[], Model | None]] = {
    "renault": renault,
    **{name: partial(dimacs, name) for name in DIMACS},
    "bike": bike,
    "features": features,
}
_SOLVERS = ("cadical153", "glucose4", "minisat22", "maplechrono")
_CONTENDERS: dict[str, Callable[[Model], Contender]] = {
    "salesmgmt": Ours,
    **{name: partial(PySat, name=name) for name in _SOLVERS},
    "CP-SAT": CpSat,
}
_SECONDS = {"salesmgmt": 120.0, "CP-SAT": 45.0}
_SECONDS_OF_A_SOLVER = 60.0
"""How long a contender may run; what it did until then counts."""


class Run(NamedTuple):
    """What a contender did: milliseconds, a checksum of the domains after each step, and kilobytes."""

    first: float
    steps: list[float]
    checks: list[int]
    peak: int


def _run(model_name: str, contender_name: str, sequences: int) -> Run:
    model = _MODELS[model_name]()
    assert model is not None
    gc.collect()
    gc.freeze()
    limit = process_time() + _SECONDS.get(contender_name, _SECONDS_OF_A_SOLVER)
    began = process_time()
    contender = _CONTENDERS[contender_name](model)
    base, base_state = contender.narrow(model.full, None)
    first = (process_time() - began) * 1000
    steps: list[float] = []
    checks = [_check(base)]
    for seed in range(sequences):
        random = Random(seed)
        domains, state = base, base_state
        while open_variables := [number for number, domain in enumerate(domains) if domain & (domain - 1)]:
            variable = random.choice(open_variables)
            chosen = list(domains)
            chosen[variable] = random.choice(list(bits(domains[variable])))
            began = process_time()
            domains, state = contender.narrow(chosen, state)
            steps.append((process_time() - began) * 1000)
            checks.append(_check(domains))
            if process_time() > limit:
                return Run(first, steps, checks, getrusage(RUSAGE_SELF).ru_maxrss)
    return Run(first, steps, checks, getrusage(RUSAGE_SELF).ru_maxrss)


def _check(domains: Sequence[int]) -> int:
    return crc32(repr(list(domains)).encode())


def _shown(name: str, run: Run, ours: Run) -> str:
    wrong = sum(one != other for one, other in zip(run.checks, ours.checks, strict=False))
    # The same steps: a contender that had no time for all is compared over those that it took.
    same = ours.steps[: len(run.steps)]
    typical, worst = (median(run.steps), max(run.steps)) if run.steps else (0.0, 0.0)
    ratio = f"{typical / median(same):>8.1f}{worst / max(same):>8.1f}" if same else " " * 16
    return (
        f"  {name:<14}{run.first:>10.1f}{typical:>10.3f}{worst:>10.1f}{ratio}"
        f"{len(run.steps):>8}{wrong:>7}{run.peak / 1024:>9.0f}"
    )


def main(sequences: int = _SEQUENCES) -> None:
    print(versions("python-sat", "ortools"))
    print(
        "milliseconds of the process; so many times ours over the same steps; steps with another answer; peak MB"
    )
    for name, make in _MODELS.items():
        model = make()
        if model is None:
            print(f"\n{name}: left out, its data is not there")
            continue
        print(f"\n{name}: {len(model.full)} variables, {len(model.constraints)} constraints")
        print(
            f"  {'':<14}{'first':>10}{'median':>10}{'max':>10}{'x med':>8}{'x max':>8}{'steps':>8}{'wrong':>7}{'peak':>9}"
        )
        ours: Run | None = None
        for contender in _CONTENDERS:
            with get_context("spawn").Pool(1) as pool:
                run = pool.apply(_run, (name, contender, sequences))
            ours = ours or run
            print(_shown(contender, run, ours), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
