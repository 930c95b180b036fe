"""The search for parameters: the best of a grid, improved by simplexes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

Loss = Callable[[Sequence[float]], float]

_STARTS = 3
_GRIDS = {1: 9, 2: 5, 3: 4}
_TOLERANCE = 1e-13


def least(loss: Loss, dimensions: int, start: Sequence[float] = ()) -> tuple[float, ...]:
    """Return where in the unit cube `loss` is least, as far as a grid, simplexes from its three best points, and one from their best find out.

    Args:
        loss: what to make small; infinite where nothing is defined.
        dimensions: of the cube.
        start: coordinates that the grid leaves where they are; they are the last ones.
    """
    if not dimensions:
        return ()
    free = dimensions - len(start)
    sides = _GRIDS.get(free, 3)
    places = [(2 * number + 1) / (2 * sides) for number in range(sides)]
    points = sorted(((*place, *start) for place in product(places, repeat=free)), key=loss)
    found = [_simplex(loss, point, 0.5 / sides, 0.01) for point in points[:_STARTS]]
    return _simplex(loss, min(found, key=loss), 0.02, 1e-5)


def _simplex(loss: Loss, start: Sequence[float], size: float, precision: float) -> tuple[float, ...]:
    """The simplex of Nelder & Mead (1965), The Computer Journal 7(4), kept within the unit cube by its nearest point.

    It ends when the corners lie closer together than `precision`, or their losses are all but the same.
    """
    corners = [tuple(start)]
    for place, value in enumerate(start):
        moved = value + size if value + size <= 1 else value - size
        corners.append((*start[:place], moved, *start[place + 1 :]))
    rated = sorted((loss(corner), corner) for corner in corners)
    count = len(start)
    for _ in range(80 * count):
        (lowest, _), (highest, worst) = rated[0], rated[-1]
        if highest - lowest <= _TOLERANCE * abs(lowest) or _width(rated) < precision:
            break
        centre = [sum(corner[place] for _, corner in rated[:-1]) / count for place in range(count)]
        mirrored = _rated(loss, centre, worst, -1.0)
        if mirrored[0] < lowest:
            rated[-1] = min(mirrored, _rated(loss, centre, worst, -2.0))
        elif mirrored[0] < rated[-2][0]:
            rated[-1] = mirrored
        else:
            nearer = _rated(loss, centre, worst, -0.5 if mirrored[0] < highest else 0.5)
            if nearer[0] < min(mirrored[0], highest):
                rated[-1] = nearer
            else:
                best = rated[0][1]
                rated[1:] = [_rated(loss, best, corner, 0.5) for _, corner in rated[1:]]
        rated.sort()
    return rated[0][1]


def _rated(
    loss: Loss, centre: Sequence[float], corner: Sequence[float], factor: float
) -> tuple[float, tuple[float, ...]]:
    """The point that lies from the centre `factor` times as far as the corner, with its loss."""
    place = tuple(
        min(1.0, max(0.0, middle + factor * (end - middle)))
        for middle, end in zip(centre, corner, strict=True)
    )
    return loss(place), place


def _width(rated: Sequence[tuple[float, tuple[float, ...]]]) -> float:
    """How far the corners lie apart along the widest dimension."""
    columns: list[tuple[float, ...]] = list(zip(*(corner for _, corner in rated), strict=True))
    return max(max(column) - min(column) for column in columns)
