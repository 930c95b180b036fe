"""Networks against trying every combination: all ways of search give the same, exact answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesmgmt.cpq.configure import NotProven
from salesmgmt.cpq.configure._search import encoding
from salesmgmt.cpq.configure._search.backtracking import Backtracking
from salesmgmt.cpq.configure._search.clausal import Clausal
from salesmgmt.cpq.configure._search.constraint import Box, Constraint, Linear, Rows, bits, plain
from salesmgmt.cpq.configure._search.network import Budget, Narrowed, Network, Solution

Make = Callable[[Sequence[int], Sequence[Constraint]], Network]
STEPS = 10_000_000
HAS_PYSAT = find_spec("pysat") is not None


def _chosen(full: Sequence[int], constraints: Sequence[Constraint]) -> Network:
    """The way of search that the network chooses for itself."""
    return Network(full, constraints)


def _backtracking(full: Sequence[int], constraints: Sequence[Constraint]) -> Network:
    network = Network(full, constraints)
    network._made = Backtracking(full, list(map(plain, constraints)))
    return network


def _clausal(full: Sequence[int], constraints: Sequence[Constraint]) -> Network:
    network = Network(full, constraints)
    network._made = Clausal(full, list(map(plain, constraints)))
    return network


def _pysat(full: Sequence[int], constraints: Sequence[Constraint]) -> Network:
    return Network(full, constraints, "pysat")


WAYS = [
    _chosen,
    _backtracking,
    _clausal,
    pytest.param(_pysat, marks=pytest.mark.skipif(not HAS_PYSAT, reason="python-sat is not installed")),
]


# --- an oracle of its own: try every combination


def _holds(constraint: Constraint, solution: Solution) -> bool:
    match constraint:
        case Box(variables, masks):
            return not all(solution[v] & mask for v, mask in zip(variables, masks, strict=True))
        case Rows(variables, support, every):
            return any(
                every >> row & 1
                and all(c.get(solution[v], 0) >> row & 1 for v, c in zip(variables, support, strict=True))
                for row in range(every.bit_length())
            )
        case Linear(variables, weights, low, high):
            total = sum(w[solution[v].bit_length() - 1] for v, w in zip(variables, weights, strict=True))
            return (low is None or total >= low) and (high is None or total <= high)


def _solutions(domains: Sequence[int], constraints: Sequence[Constraint]) -> list[Solution]:
    """In the order of variables and values."""
    return [
        solution
        for solution in product(*(list(bits(domain)) for domain in domains))
        if all(_holds(constraint, solution) for constraint in constraints)
    ]


def _union(solutions: Sequence[Solution], size: int) -> tuple[int, ...]:
    found = [0] * size
    for solution in solutions:
        for variable, bit in enumerate(solution):
            found[variable] |= bit
    return tuple(found)


# --- small networks of all kinds, with the same variable twice, contradictions and empty masks among them


@st.composite
def _networks(draw: st.DrawFn) -> tuple[tuple[int, ...], list[Constraint]]:
    most = draw(st.sampled_from((2, 4)))
    sizes = draw(st.lists(st.integers(1, most), min_size=1, max_size=5))
    full = tuple((1 << size) - 1 for size in sizes)
    some = st.lists(st.integers(0, len(full) - 1), min_size=1, max_size=4)

    def boxes(variables: list[int]) -> st.SearchStrategy[Constraint]:
        masks = st.tuples(*(st.integers(0, full[variable]) for variable in variables))
        return masks.map(lambda drawn: Box(tuple(variables), drawn))

    def rows(variables: list[int]) -> st.SearchStrategy[Constraint]:
        cells = st.tuples(*(st.integers(1, full[variable]) for variable in variables))
        return st.lists(cells, min_size=1, max_size=6).map(lambda drawn: _table(variables, drawn))

    def sums(variables: list[int]) -> st.SearchStrategy[Constraint]:
        weights = st.tuples(
            *(
                st.lists(st.integers(-3, 4), min_size=sizes[v], max_size=sizes[v]).map(tuple)
                for v in variables
            )
        )
        bound = st.none() | st.integers(-4, 6)
        return st.builds(Linear, st.just(tuple(variables)), weights, bound, bound)

    constraint = st.one_of(some.flatmap(boxes), some.flatmap(rows), some.flatmap(sums))
    return full, draw(st.lists(constraint, max_size=6))


def _table(variables: Sequence[int], rows: Sequence[Sequence[int]]) -> Rows:
    support = tuple(
        {
            bit: sum(1 << number for number, row in enumerate(rows) if row[place] & bit)
            for bit in bits(sum({bit for row in rows for bit in bits(row[place])}))
        }
        for place in range(len(variables))
    )
    return Rows(tuple(variables), support, (1 << len(rows)) - 1)


def _domains(full: Sequence[int]) -> st.SearchStrategy[tuple[int, ...]]:
    return st.tuples(*(st.integers(1, every) for every in full))


@pytest.mark.parametrize("make", WAYS)
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_domains_are_those_of_all_solutions_whatever_was_asked_before(
    make: Make, data: st.DataObject
) -> None:
    full, constraints = data.draw(_networks())
    network = make(full, constraints)
    for domains in data.draw(st.lists(_domains(full), min_size=1, max_size=4)):
        wanted = _solutions(domains, constraints)

        narrowed = network.narrow(domains, (), Budget(STEPS))
        solved = network.solve(domains, Budget(STEPS))

        assert (narrowed and narrowed.domains) == (_union(wanted, len(full)) if wanted else None)
        assert narrowed is None or narrowed.witnesses[0] in wanted
        assert solved in wanted if wanted else solved is None


@pytest.mark.parametrize("make", WAYS)
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_domains_are_exact_when_the_work_goes_on_from_those_of_fewer_choices(
    make: Make, data: st.DataObject
) -> None:
    full, constraints = data.draw(_networks())
    network = make(full, constraints)
    domains = full
    parent: Narrowed | None = None
    for variable in data.draw(st.permutations(range(len(full)))):
        parent = network.narrow(domains, (), Budget(STEPS), parent)
        wanted = _solutions(domains, constraints)
        assert (parent and parent.domains) == (_union(wanted, len(full)) if wanted else None)
        if parent is None:
            return
        value = data.draw(st.sampled_from(list(bits(parent.domains[variable]))))
        domains = (*parent.domains[:variable], value, *parent.domains[variable + 1 :])


@pytest.mark.parametrize("make", WAYS)
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_first_the_cheapest_and_the_number_of_solutions(make: Make, data: st.DataObject) -> None:
    full, constraints = data.draw(_networks())
    domains = data.draw(_domains(full))
    preferred = [data.draw(st.permutations(list(bits(every)))) for every in full]
    weights = [
        data.draw(st.just(()) | st.tuples(*[st.integers(-2, 3)] * every.bit_length())) for every in full
    ]
    wanted = _solutions(domains, constraints)

    def order(solution: Solution) -> list[int]:
        return [places.index(bit) for places, bit in zip(preferred, solution, strict=True)]

    def price(solution: Solution) -> int:
        return sum(w[b.bit_length() - 1] for w, b in zip(weights, solution, strict=True) if w)

    network = make(full, constraints)
    narrowed = network.narrow(domains, (), Budget(STEPS))

    assert network.count(domains, Budget(STEPS)) == len(wanted)
    assert network.first(domains, Budget(STEPS)) == min(wanted, default=None)
    assert network.first(domains, Budget(STEPS), preferred) == min(wanted, key=order, default=None)
    cheapest = min(wanted, key=lambda one: (price(one), order(one)), default=None)
    assert network.minimise(domains, weights, Budget(STEPS), preferred) == cheapest
    if narrowed:  # the search that takes over when the relations are too large
        assert network._searched(narrowed, weights, Budget(STEPS), preferred) == cheapest


@pytest.fixture
def sums_are_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "MAX_NODES", 0)


@pytest.mark.usefixtures("sums_are_too_large")
@pytest.mark.parametrize("seed", range(60))
def test_sums_too_large_for_clauses_are_checked_solution_by_solution(seed: int) -> None:
    weights = tuple((0, 1 + (seed * place) % 7) for place in range(1, 7))
    constraints: list[Constraint] = [
        Linear(tuple(range(6)), weights, 3 + seed % 9, 4 + seed % 13),
        Box((0, 1, 2), (1, 1, 1)),
        Box((3, 4), (2, 2)),
    ]
    wanted = _solutions((3,) * 6, constraints)

    narrowed = _clausal((3,) * 6, constraints).narrow((3,) * 6, (), Budget(STEPS))

    assert (narrowed and narrowed.domains) == (_union(wanted, 6) if wanted else None)


# --- what random networks do not reach


def _pigeons(holes: int) -> tuple[tuple[int, ...], list[Constraint]]:
    """One pigeon more than holes, each in a hole of its own: there is no solution, and no short proof by clauses."""
    pigeons = holes + 1
    number = {(p, h): p * holes + h for p in range(pigeons) for h in range(holes)}
    some: list[Constraint] = [
        Box(tuple(number[p, h] for h in range(holes)), (1,) * holes) for p in range(pigeons)
    ]
    own: list[Constraint] = [
        Box((number[p, h], number[q, h]), (2, 2))
        for h in range(holes)
        for p in range(pigeons)
        for q in range(p)
    ]
    return (3,) * len(number), some + own


@pytest.mark.parametrize("make", WAYS)
def test_a_proof_that_takes_conflicts_is_found(make: Make) -> None:
    full, constraints = _pigeons(5)

    network = make(full, constraints)

    assert network.narrow(full, (), Budget(STEPS)) is None
    assert network.count(full, Budget(STEPS)) == 0


@pytest.mark.parametrize("make", WAYS)
def test_past_the_budget_an_answer_is_not_proven_and_the_next_one_is_right(make: Make) -> None:
    full, constraints = _pigeons(7)
    network = make(full, constraints)

    for _ in range(3):
        with pytest.raises(NotProven, match="500 steps"):
            network.narrow(full, (), Budget(500))

    some = (3,) * (len(full) - 7) + (1,) * 7
    assert network.solve(some, Budget(STEPS)) is None


@pytest.mark.parametrize("make", WAYS)
def test_no_variables_have_one_solution(make: Make) -> None:
    network = make((), ())

    assert network.solve((), Budget(STEPS)) == ()
    assert network.count((), Budget(STEPS)) == 1
    assert network.narrow((), (), Budget(STEPS)) is not None
    assert network.minimise((), (), Budget(STEPS)) == ()


@pytest.mark.parametrize("make", WAYS)
def test_a_box_of_nothing_is_a_contradiction(make: Make) -> None:
    network = make((3,), [Box((), ())])

    assert network.narrow((3,), (), Budget(STEPS)) is None
    assert network.count((3,), Budget(STEPS)) == 0


def test_variables_of_any_width_go_together() -> None:
    full = ((1 << 100) - 1, 3, (1 << 9) - 1)
    network = Network(full, [Box((0, 1), (full[0] & ~(1 << 99), 1)), Box((0, 2), (1 << 99, 0b111111110))])

    narrowed = network.narrow((full[0], 1, full[2]), (), Budget(STEPS))

    assert narrowed is not None
    assert narrowed.domains == (1 << 99, 1, 1)


def test_twelve_choose_five_by_a_sum() -> None:
    network = Network((3,) * 12, [Linear(tuple(range(12)), ((0, 1),) * 12, 5, 5)])

    assert network.count((3,) * 12, Budget(STEPS)) == 792
    assert network.first((3,) * 12, Budget(STEPS)) == (1,) * 7 + (2,) * 5


def test_prices_beyond_machine_words_stay_exact() -> None:
    huge = 10**30
    network = Network((3, 3), [Box((0, 1), (1, 1))])

    assert network.minimise((3, 3), [(0, huge + 1), (0, huge)], Budget(STEPS)) == (1, 2)
