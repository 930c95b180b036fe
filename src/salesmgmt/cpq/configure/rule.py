"""What goes together and what does not: the rules of a product, as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import attrs

OneOf: TypeAlias = str | tuple[str, ...]
"""One value of an attribute, or several of which any will do."""


def values_in(cell: OneOf) -> tuple[str, ...]:
    """The values that a cell of a rule lists.

    >>> from salesmgmt.cpq.configure.rule import values_in
    >>> values_in("carbon"), values_in(("alloy", "steel"))
    (('carbon',), ('alloy', 'steel'))
    """
    return (cell,) if isinstance(cell, str) else tuple(cell)


def _copied(cells: Mapping[str, OneOf]) -> Mapping[str, OneOf]:
    return dict(cells)


@attrs.frozen(kw_only=True)
class Requires:
    """Whoever has all of `when` must have all of `then`.

    Attributes:
        id: its name, unique in the model; a conflict names it.
        text: what people read about it.
        when: attributes with the value, or the values, for which the rule speaks.
        then: attributes with the value, or the values, that they must have then.

    >>> from salesmgmt.cpq.configure import Requires
    >>> str(Requires(id="R1", when={"motor": "mid"}, then={"brakes": ("disc", "hydraulic")}))
    'R1: motor = mid requires brakes = disc or hydraulic'
    """

    id: str
    text: str = ""
    when: Mapping[str, OneOf] = attrs.field(converter=_copied, hash=False)
    then: Mapping[str, OneOf] = attrs.field(converter=_copied, hash=False)

    def __str__(self) -> str:
        return f"{self.id}: {self.text or f'{_shown(self.when)} requires {_shown(self.then)}'}"


@attrs.frozen(kw_only=True)
class Excludes:
    """Nobody has all of `combination` at the same time.

    Attributes:
        id: its name, unique in the model; a conflict names it.
        text: what people read about it.
        combination: attributes with the value, or the values, that do not go together.

    >>> from salesmgmt.cpq.configure import Excludes
    >>> str(Excludes(id="R12", text="carbon needs suspension", combination={"frame": "carbon", "fork": "rigid"}))
    'R12: carbon needs suspension'
    """

    id: str
    text: str = ""
    combination: Mapping[str, OneOf] = attrs.field(converter=_copied, hash=False)

    def __str__(self) -> str:
        return f"{self.id}: {self.text or f'{_shown(self.combination)} do not go together'}"


@attrs.frozen(kw_only=True)
class Table:
    """The allowed combinations of some attributes, row by row; what no row allows is not possible.

    Attributes:
        id: its name, unique in the model; a conflict names it.
        text: what people read about it.
        attributes: the columns.
        allowed: the rows; a cell is a value of the attribute, or several of which any will do.

    >>> from salesmgmt.cpq.configure import Table
    >>> sizes = Table(id="T1", attributes=("frame", "size"), allowed=(("carbon", "M"), ("alloy", ("M", "L"))))
    >>> str(sizes)
    'T1: allowed combinations of frame, size'
    """

    id: str
    text: str = ""
    attributes: tuple[str, ...]
    allowed: tuple[tuple[OneOf, ...], ...]

    def __str__(self) -> str:
        columns = ", ".join(self.attributes)
        return f"{self.id}: {self.text or f'allowed combinations of {columns}'}"


Rule: TypeAlias = Requires | Excludes | Table
"""Any rule of a product."""


def _shown(cells: Mapping[str, OneOf]) -> str:
    return ", ".join(f"{name} = {' or '.join(values_in(cell))}" for name, cell in cells.items())
