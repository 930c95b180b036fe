"""Rules as constraints over bit sets: a domain is an integer with a bit for each value that is left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from operator import add
from typing import TypeAlias

import attrs


def bits(domain: int) -> Iterator[int]:
    """The single values of a domain, each as a bit."""
    while domain:
        lowest = domain & -domain
        yield lowest
        domain ^= lowest


@attrs.frozen
class Box:
    """A combination that nobody has: not every variable may lie within its mask."""

    variables: tuple[int, ...]
    masks: tuple[int, ...]


@attrs.frozen
class Rows:
    """Allowed combinations; `support` says for each value of each variable in which rows it stands, as a bit set."""

    variables: tuple[int, ...]
    support: tuple[Mapping[int, int], ...]
    every: int


@attrs.frozen
class Linear:
    """A sum within bounds: each variable adds the weight of its value, given by the number of the value.

    `None` is no bound.
    """

    variables: tuple[int, ...]
    weights: tuple[Sequence[int], ...]
    low: int | None
    high: int | None


Constraint: TypeAlias = Box | Rows | Linear
"""What a solution must satisfy."""


def plain(constraint: Constraint) -> Constraint:
    """The same constraint with every variable in it once."""
    if len(set(constraint.variables)) == len(constraint.variables):
        return constraint
    match constraint:
        case Box(variables, masks):
            box: dict[int, int] = {}
            for variable, mask in zip(variables, masks, strict=True):
                box[variable] = box.get(variable, mask) & mask
            return Box(tuple(box), tuple(box.values()))
        case Rows(variables, support, every):
            rows: dict[int, Mapping[int, int]] = {}
            for variable, column in zip(variables, support, strict=True):
                other = rows.get(variable, column)
                rows[variable] = {value: column[value] & other[value] for value in column if value in other}
            return Rows(tuple(rows), tuple(rows.values()), every)
        case Linear(variables, weights, low, high):
            sums: dict[int, Sequence[int]] = {}
            for variable, added in zip(variables, weights, strict=True):
                before = sums.get(variable)
                sums[variable] = added if before is None else tuple(map(add, before, added))
            return Linear(tuple(sums), tuple(sums.values()), low, high)
