"""Constraints made of conditions: rows, and sums that a condition can lift."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from salesmgmt.cpq.configure._search.constraint import Box, Constraint, Linear, Rows, bits

NEVER = Box((), ())
"""What no product satisfies."""


def clause(satisfied: Mapping[int, int], full: Sequence[int]) -> Iterator[Box]:
    """At least one variable lies within its mask; nothing when that is always so.

    >>> from salesmgmt.cpq.configure._lowered.parts import clause
    >>> list(clause({0: 0b01, 1: 0b10}, (0b11, 0b11)))
    [Box(variables=(0, 1), masks=(2, 1))]
    """
    outside = {variable: full[variable] & ~mask for variable, mask in satisfied.items()}
    if all(outside.values()):
        yield Box(tuple(outside), tuple(outside.values()))


def rows(
    variables: Sequence[int],
    full: Sequence[int],
    combinations: Iterable[Sequence[int]],
    lifted: Mapping[int, int] | None = None,
) -> Rows:
    """The rows that are allowed.

    Args:
        variables: the columns; those of `lifted` are added when they are not among them.
        full: every value of every variable, as bits.
        combinations: for each row the values of each column, as bits.
        lifted: for some variables, values with which everything is allowed.

    >>> from salesmgmt.cpq.configure._lowered.parts import rows
    >>> rows((0, 1), (0b11, 0b11), [(0b01, 0b01), (0b10, 0b11)]).support
    ({1: 1, 2: 2}, {1: 3, 2: 2})
    """
    lifts = {variable: mask for variable, mask in (lifted or {}).items() if mask}
    every = (*variables, *(variable for variable in lifts if variable not in variables))
    padding = tuple(full[variable] for variable in every[len(variables) :])
    numbers: tuple[dict[int, list[int]], ...] = tuple({} for _ in every)
    count = 0
    for row in combinations:
        _note(numbers, (*row, *padding), count)
        count += 1
    for variable, mask in lifts.items():
        row = [mask if other == variable else full[other] for other in every]
        _note(numbers, row, count)
        count += 1
    support = tuple({value: _bit_set(places) for value, places in known.items()} for known in numbers)
    return Rows(every, support, (1 << count) - 1)


def bounded(
    weights: Mapping[int, Sequence[int]], low: int | None, high: int | None, lifted: Mapping[int, int]
) -> Iterator[Constraint]:
    """A sum lies within bounds, or some variable has a value that lifts the bounds.

    A value that lifts them outweighs whatever the sum may come to ("big M"); with both bounds that takes two sums.

    Args:
        weights: for each variable the weight of each value.
        low: the least that the sum may be; `None` for no such bound.
        high: the most.
        lifted: for some of the variables, all of which have weights, the values that lift the bounds, as bits.

    >>> from salesmgmt.cpq.configure._lowered.parts import bounded
    >>> list(bounded({0: (0, 1), 1: (0, 1)}, None, 1, {}))
    [Linear(variables=(0, 1), weights=((0, 1), (0, 1)), low=None, high=1)]
    >>> list(bounded({0: (0, 1), 1: (0, 0)}, 1, None, {1: 0b10}))
    [Linear(variables=(0, 1), weights=((0, 1), (0, 1)), low=1, high=None)]
    """
    least = sum(min(weight) for weight in weights.values())
    most = sum(max(weight) for weight in weights.values())
    low = None if low is None or low <= least else low
    high = None if high is None or high >= most else high
    if low is None and high is None:
        return
    lifts = {variable: mask for variable, mask in lifted.items() if mask}
    if not lifts:
        yield Linear(tuple(weights), tuple(map(tuple, weights.values())), low, high)
        return
    if low is not None:
        yield _lifted(weights, low, None, lifts, low - least)
    if high is not None:
        yield _lifted(weights, None, high, lifts, high - most)


def _lifted(
    weights: Mapping[int, Sequence[int]], low: int | None, high: int | None, lifts: Mapping[int, int], by: int
) -> Linear:
    changed = dict(weights)
    for variable, mask in lifts.items():
        weight = list(changed[variable])
        for bit in bits(mask):
            weight[bit.bit_length() - 1] += by
        changed[variable] = weight
    return Linear(tuple(changed), tuple(map(tuple, changed.values())), low, high)


def _note(numbers: Sequence[dict[int, list[int]]], row: Sequence[int], number: int) -> None:
    for known, mask in zip(numbers, row, strict=True):
        if mask & (mask - 1):
            for value in bits(mask):
                known.setdefault(value, []).append(number)
        elif mask in known:
            known[mask].append(number)
        elif mask:
            known[mask] = [number]


def _bit_set(numbers: Sequence[int]) -> int:
    """The bit set of ascending numbers; linear, where adding bit after bit to a long integer is not."""
    octets = bytearray(numbers[-1] // 8 + 1)
    for number in numbers:
        octets[number // 8] |= 1 << number % 8
    return int.from_bytes(octets, "little")
