"""Units of lines as runs of equal ones, so that a billion of them cost no more than one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

import attrs

from salesmgmt.core.exact import CONTEXT, multiply, subtract
from salesmgmt.cpq.pricing.promotions.policy import UnitOrder

_ONE = Decimal(1)


@attrs.frozen
class Run:
    """Equal units of one line.

    Attributes:
        line: index of the line in the order that decides ties.
        position: where the line stands on the document.
        units: how many.
        price: of one of them before promotions; it puts runs in order.
        value: what is left of one of them.
    """

    line: int
    position: int
    units: Decimal
    price: Decimal
    value: Decimal


def whole(quantity: Decimal) -> Decimal:
    """The whole units of a quantity."""
    return quantity.to_integral_value("ROUND_FLOOR", CONTEXT)


def in_order(runs: Sequence[Run], order: UnitOrder) -> list[Run]:
    """Runs with the units that come first at the front; equal ones stay as they stand."""
    if order == UnitOrder.IN_ORDER:
        return sorted(runs, key=lambda run: run.position)
    if order == UnitOrder.DEAREST:
        return sorted(runs, key=lambda run: (-run.price, -run.value))
    return sorted(runs, key=lambda run: (run.price, run.value))


def first_units(runs: Sequence[Run], count: Decimal) -> tuple[list[Run], list[Run]]:
    """The first `count` units, and the others."""
    taken, rest = [], []
    for run in runs:
        units = min(count, run.units)
        if units:
            taken.append(attrs.evolve(run, units=units))
            count = subtract(count, units)
        if units < run.units:
            rest.append(attrs.evolve(run, units=subtract(run.units, units)))
    return taken, rest


def groups(
    runs: Sequence[Run], size: Decimal, count: Decimal
) -> Iterator[tuple[Decimal, tuple[tuple[Run, Decimal], ...]]]:
    """Put units together in groups of `size`, at most `count` of them; the last one may be smaller.

    Equal groups come as one, with how many there are.
    """
    pending: list[tuple[Run, Decimal]] = []
    missing = size
    for run in runs:
        left = run.units
        while left and count > 0:
            if not pending and left >= size:
                many = min(count, whole(CONTEXT.divide(left, size)))
                if many:
                    yield many, ((run, size),)
                    count = subtract(count, many)
                    left = subtract(left, multiply(many, size))
                continue
            part = min(left, missing)
            pending.append((run, part))
            left = subtract(left, part)
            missing = subtract(missing, part)
            if not missing:
                yield _ONE, tuple(pending)
                pending, missing = [], size
                count = subtract(count, _ONE)
    if pending and count > 0:
        yield _ONE, tuple(pending)
