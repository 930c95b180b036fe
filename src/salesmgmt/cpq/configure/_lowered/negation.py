"""What it takes to break a constraint: to find out whether other constraints imply it."""

from __future__ import annotations

from collections.abc import Sequence

from salesmgmt.cpq.configure._search.constraint import Box, Constraint, Linear, Rows, bits


def negations(constraint: Constraint, full: Sequence[int]) -> tuple[tuple[Constraint, ...], ...]:
    """The ways to break a constraint: others imply it when, with each of these in its place, they have no solution.

    Args:
        constraint: what is to be broken.
        full: every value of every variable, as bits.

    >>> from salesmgmt.cpq.configure._search.constraint import Box
    >>> from salesmgmt.cpq.configure._lowered.negation import negations
    >>> negations(Box((0, 1), (0b01, 0b01)), (0b11, 0b11))
    ((Box(variables=(0,), masks=(2,)), Box(variables=(1,), masks=(2,))),)
    """
    match constraint:
        case Box(variables, masks):
            pairs = zip(variables, masks, strict=True)
            return (tuple(_within(variable, mask, full) for variable, mask in pairs),)
        case Rows():
            return (tuple(_row(constraint, number) for number in bits(constraint.every)),)
        case Linear(variables, weights, low, high):
            below = () if low is None else ((Linear(variables, weights, None, low - 1),),)
            above = () if high is None else ((Linear(variables, weights, high + 1, None),),)
            return (*below, *above)


def _within(variable: int, mask: int, full: Sequence[int]) -> Box:
    return Box((variable,), (full[variable] & ~mask,))


def _row(table: Rows, number: int) -> Box:
    """Nobody has what a row allows."""
    masks = (sum(value for value, numbers in known.items() if numbers & number) for known in table.support)
    return Box(table.variables, tuple(masks))
