"""What goes together and what does not, by values: rules as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import attrs

from salesmgmt.cpq.configure.cell import OneOf, copied, shown
from salesmgmt.cpq.configure.formula_rule import Arithmetic, Derivation, Implies, Total


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
    when: Mapping[str, OneOf] = attrs.field(converter=copied, hash=False)
    then: Mapping[str, OneOf] = attrs.field(converter=copied, hash=False)

    def __str__(self) -> str:
        return f"{self.id}: {self.text or f'{shown(self.when)} requires {shown(self.then)}'}"


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
    combination: Mapping[str, OneOf] = attrs.field(converter=copied, hash=False)

    def __str__(self) -> str:
        return f"{self.id}: {self.text or f'{shown(self.combination)} do not go together'}"


@attrs.frozen(kw_only=True)
class Table:
    """Combinations of some attributes, row by row: those that are allowed, or those that are forbidden.

    Attributes:
        id: its name, unique in the model; a conflict names it.
        text: what people read about it.
        attributes: the columns.
        allowed: the rows, when what no row allows is not possible; a cell is a value of the attribute, or several of
            which any will do.
        forbidden: the rows, when what no row forbids is possible. A table has the one or the other.

    >>> from salesmgmt.cpq.configure import Table
    >>> sizes = Table(id="T1", attributes=("frame", "size"), allowed=(("carbon", "M"), ("alloy", ("M", "L"))))
    >>> str(sizes)
    'T1: allowed combinations of frame, size'
    """

    id: str
    text: str = ""
    attributes: tuple[str, ...]
    allowed: tuple[tuple[OneOf, ...], ...] = ()
    forbidden: tuple[tuple[OneOf, ...], ...] = ()

    def __str__(self) -> str:
        kind = "forbidden" if self.forbidden and not self.allowed else "allowed"
        columns = ", ".join(self.attributes)
        return f"{self.id}: {self.text or f'{kind} combinations of {columns}'}"


@attrs.frozen(kw_only=True)
class Cardinality:
    """So many of these cells hold, not fewer and not more.

    A name of a component's attribute (`wheels.size`) counts once for each instance that has the value.

    Attributes:
        id: its name, unique in the model; a conflict names it.
        text: what people read about it.
        cells: attributes with the value, or the values, that count.
        at_least: how many must hold; `None` for no such bound.
        at_most: how many may hold; `None` for no such bound.

    >>> from salesmgmt.cpq.configure import Cardinality
    >>> str(Cardinality(id="C1", cells={"rack": True, "basket": True, "trailer": True}, at_most=1))
    'C1: at most 1 of rack = yes, basket = yes, trailer = yes'
    """

    id: str
    text: str = ""
    cells: Mapping[str, OneOf] = attrs.field(converter=copied, hash=False)
    at_least: int | None = None
    at_most: int | None = None

    def __str__(self) -> str:
        bounds = " and ".join(
            f"at {word} {bound}"
            for word, bound in (("least", self.at_least), ("most", self.at_most))
            if bound is not None
        )
        return f"{self.id}: {self.text or f'{bounds} of {shown(self.cells)}'}"


@attrs.frozen
class Structure:
    """What an attribute demands by itself: how many of its options are picked, which instances are there.

    No rule of the author: a conflict names it where a group or component stands against a value.

    Attributes:
        id: flat name of the group or component.
        text: what it demands.

    >>> from salesmgmt.cpq.configure.rule import Structure
    >>> str(Structure("lights", "at most 1 is picked"))
    'lights: at most 1 is picked'
    """

    id: str
    text: str

    def __str__(self) -> str:
        return f"{self.id}: {self.text}"


Rule: TypeAlias = Requires | Excludes | Implies | Table | Cardinality | Arithmetic | Total | Derivation
"""Any rule of a product."""

Demand: TypeAlias = Rule | Structure
"""Whatever can stand against a value: a rule, or what a part of the product demands by itself."""
