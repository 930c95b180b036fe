"""Cells of rules: a value of an attribute, or several of which any will do."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TypeAlias

from salesmgmt.cpq.configure.attribute import canonical

Cell: TypeAlias = str | bool | int | Decimal
"""One value of an attribute: a text, a number, or yes and no as a truth value."""

OneOf: TypeAlias = str | bool | int | Decimal | tuple[Cell, ...]
"""One value of an attribute, or several of which any will do."""


def values_in(cell: OneOf) -> tuple[str, ...]:
    """The values that a cell of a rule lists, as texts.

    >>> from salesmgmt.cpq.configure.cell import values_in
    >>> values_in("carbon"), values_in(("alloy", "steel")), values_in(True), values_in((1, 2))
    (('carbon',), ('alloy', 'steel'), ('yes',), ('1', '2'))
    """
    if isinstance(cell, str):
        return (cell,)
    return tuple(canonical(one) or "" for one in (cell if isinstance(cell, tuple | list) else (cell,)))


def copied(cells: Mapping[str, OneOf]) -> Mapping[str, OneOf]:
    """Cells of one's own, which nobody else can change."""
    return dict(cells)


def shown(cells: Mapping[str, OneOf]) -> str:
    """Cells as people read them.

    >>> from salesmgmt.cpq.configure.cell import shown
    >>> shown({"frame": ("alloy", "steel"), "bell": True})
    'frame = alloy or steel, bell = yes'
    """
    return ", ".join(f"{name} = {' or '.join(values_in(cell))}" for name, cell in cells.items())
