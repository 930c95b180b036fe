"""Layers painted into a dense table: for each combination of classes of facts, what applies."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import date
from math import prod
from typing import Any, TypeAlias

import attrs
import numpy as np
from numpy.typing import NDArray

from salesmgmt.cpq.pricing.columnar.plan import Among, Constraint, Cut, Layer, Within

MOST_CELLS = 1 << 24
"""Cells of one table at most; beyond that rows are priced one by one."""

_ALL = slice(None)

Integers: TypeAlias = NDArray[np.int64]


@attrs.frozen
class ChoiceAxis:
    """Classes of a text or truth value: one for each value that layers name, then any other, then missing."""

    name: str
    places: Mapping[object, int]

    @property
    def size(self) -> int:
        """How many classes there are."""
        return len(self.places) + 2

    def region(self, asked: Constraint) -> slice | list[int]:
        """The classes that a constraint lets pass."""
        assert isinstance(asked, Among)  # noqa: S101 - the type of a fact decides both
        named = [self.places[value] for value in asked.values]
        if asked.others:
            named = sorted({*range(len(self.places) + 1)}.difference(named))
        if asked.missing:
            named.append(len(self.places) + 1)
        return _compact(sorted(named))


@attrs.frozen
class SpanAxis:
    """Classes of a number or day: the spans between cuts, in order, then missing."""

    name: str
    cuts: tuple[Cut, ...]

    @property
    def size(self) -> int:
        """How many classes there are."""
        return len(self.cuts) + 2

    def region(self, asked: Constraint) -> slice | list[int]:
        """The classes that a constraint lets pass."""
        assert isinstance(asked, Within)  # noqa: S101 - the type of a fact decides both
        inside: list[int] = []
        for lower, upper in asked.spans:
            first = 0 if lower is None else bisect_left(self.cuts, lower) + 1
            last = len(self.cuts) + 1 if upper is None else bisect_left(self.cuts, upper) + 1
            inside.extend(range(first, last))
        if asked.missing:
            inside.append(len(self.cuts) + 1)
        return _compact(inside)

    def thresholds(self, decimals: int) -> list[int]:
        """For each cut the least whole number of units of 10^-decimals, or of days, that lies behind it."""
        return [behind(cut, decimals) for cut in self.cuts]


Axis: TypeAlias = ChoiceAxis | SpanAxis


@attrs.frozen(eq=False)
class Table:
    """What applies for each combination of classes.

    Attributes:
        axes: the facts that matter; the last one varies fastest.
        cells: for each combination a number of `found`.
        found: which layers apply, in order.
    """

    axes: tuple[Axis, ...]
    cells: NDArray[np.int32]
    found: tuple[tuple[int, ...], ...]

    @property
    def strides(self) -> tuple[int, ...]:
        """How far apart the classes of each axis are."""
        sizes = [axis.size for axis in self.axes]
        return tuple(prod(sizes[place + 1 :]) for place in range(len(sizes)))


def painted(layers: Sequence[Layer], *, is_sum: bool) -> Table | int:
    """Paint layers over each other; how many cells it would take, when these are too many.

    Args:
        layers: in order.
        is_sum: whether each layer comes on top of those before it; otherwise it replaces them.
    """
    axes = _axes(layers)
    sizes = [axis.size for axis in axes]
    if prod(sizes) > MOST_CELLS:
        return prod(sizes)
    cells = np.zeros(sizes, np.int32)
    found: list[tuple[int, ...]] = [()]
    numbers: dict[tuple[int, ...], int] = {(): 0}
    for number, layer in enumerate(layers):
        region = _region(axes, layer)
        if not is_sum:
            cells[region] = len(found)
            found.append((number,))
            continue
        under, inverse = np.unique(cells[region], return_inverse=True)
        over = []
        for one in under.tolist():
            together = (*found[one], number)
            if together not in numbers:
                numbers[together] = len(found)
                found.append(together)
            over.append(numbers[together])
        cells[region] = np.array(over, np.int32)[inverse].reshape(cells[region].shape)
    return Table(axes, cells.reshape(-1), tuple(found))


def _axes(layers: Sequence[Layer]) -> tuple[Axis, ...]:
    choices: dict[str, dict[object, int]] = {}
    cuts: dict[str, set[Cut]] = {}
    for layer in layers:
        for name, asked in layer.where.items():
            if isinstance(asked, Among):
                places = choices.setdefault(name, {})
                for value in sorted(asked.values, key=str):
                    places.setdefault(value, len(places))
            else:
                ends = cuts.setdefault(name, set())
                ends.update(cut for span in asked.spans for cut in span if cut is not None)
    axes: list[Axis] = [ChoiceAxis(name, places) for name, places in choices.items()]
    axes += [SpanAxis(name, tuple(sorted(ends))) for name, ends in cuts.items()]
    return tuple(sorted(axes, key=lambda axis: axis.name))


def _region(axes: Sequence[Axis], layer: Layer) -> tuple[Any, ...]:
    parts = [axis.region(layer.where[axis.name]) if axis.name in layer.where else _ALL for axis in axes]
    if all(isinstance(part, slice) for part in parts):
        return tuple(parts)
    spelled = [
        np.arange(axis.size)[part] if isinstance(part, slice) else part
        for axis, part in zip(axes, parts, strict=True)
    ]
    return np.ix_(*spelled)


def _compact(classes: list[int]) -> slice | list[int]:
    if classes and classes[-1] - classes[0] == len(classes) - 1:
        return slice(classes[0], classes[-1] + 1)
    return classes


def behind(cut: Cut, decimals: int) -> int:
    """The least whole number of units of 10^-decimals, or of days, that lies behind a cut."""
    value = cut.value
    if isinstance(value, date):
        return day_number(value) + cut.is_after
    numerator, denominator = value.as_integer_ratio()
    scaled, left = divmod(numerator * int(10**decimals), denominator)
    return scaled + (cut.is_after or left != 0)


def day_number(day: date) -> int:
    """Days since 1970, as NumPy counts them."""
    return day.toordinal() - _EPOCH


_EPOCH = date(1970, 1, 1).toordinal()
