"""The cheapest solution and how many there are: by elimination, or by asking for less until nothing is left."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import add, mul
from typing import TypeAlias

from salesmgmt.cpq.configure._search.budget import Budget
from salesmgmt.cpq.configure._search.constraint import Constraint, Linear, bits
from salesmgmt.cpq.configure._search.elimination import Algebra, Elimination

Solve: TypeAlias = Callable[[Linear], Sequence[int] | None]
"""A solution that satisfies one more constraint; `None` when there is none."""


_COUNTING = Algebra(one=1, times=mul, plus=add)
_LEAST = Algebra(one=0, times=add, plus=min)


def count(domains: Sequence[int], constraints: Iterable[Constraint], budget: Budget) -> int:
    """How many solutions there are within some domains."""
    return Elimination(domains, constraints, _COUNTING, budget).run() or 0


def cheapest(
    domains: Sequence[int],
    constraints: Iterable[Constraint],
    weights: Sequence[Sequence[int]],
    preferred: Sequence[Sequence[int]],
    budget: Budget,
) -> tuple[int, ...] | None:
    """The solution with the least sum of weights, of several the first; by elimination.

    The order of the solutions is part of the weights: the places of the preferred values are the digits of a number
    that is less than one unit of the sum.
    """
    elimination = Elimination(domains, constraints, _LEAST, budget)
    ranks = [
        {value: rank for rank, value in enumerate(order)}
        for order in (preferred or [tuple(bits(domain)) for domain in domains])
    ]
    base = max(map(len, ranks), default=1)
    unit = 1
    digits = []
    for rank in reversed(ranks):
        digits.append({value: unit * place for value, place in rank.items()})
        unit *= base
    digits.reverse()
    for variable, (domain, column, digit) in enumerate(zip(domains, weights, digits, strict=True)):
        elimination.add(
            variable,
            {
                value: unit * (column[value.bit_length() - 1] if column else 0) + digit[value]
                for value in bits(domain)
            },
        )
    if elimination.run() is None:
        return None
    chosen = elimination.best()
    return tuple(chosen.get(variable, domain) for variable, domain in enumerate(domains))


def weigh(weights: Sequence[Sequence[int]], solution: Sequence[int]) -> int:
    """What a solution comes to."""
    return sum(
        column[value.bit_length() - 1] for column, value in zip(weights, solution, strict=True) if column
    )


def least(
    solve: Solve, domains: Sequence[int], weights: Sequence[Sequence[int]], first: Sequence[int]
) -> int:
    """The least sum of the weights of a solution.

    The gap between what is reached and what is proven impossible is halved by each question, at the end to nothing.

    Args:
        solve: answers the questions.
        domains: what is left of each variable.
        weights: by variable, the weight of each value by its number; nothing where the variable has none.
        first: some solution.
    """
    low = sum(
        min(column[value.bit_length() - 1] for value in bits(domain))
        for column, domain in zip(weights, domains, strict=True)
        if column
    )
    high = weigh(weights, first)
    while low < high:
        middle = (low + high) // 2
        found = solve(at_most(weights, middle))
        if found is None:
            low = middle + 1
        else:
            high = weigh(weights, found)
    return high


def at_most(weights: Sequence[Sequence[int]], limit: int) -> Linear:
    """The constraint that a solution comes to no more than a limit."""
    heavy = [variable for variable, column in enumerate(weights) if any(column)]
    return Linear(tuple(heavy), tuple(weights[variable] for variable in heavy), None, limit)
