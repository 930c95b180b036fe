"""QuickXplain: a minimal part of some items that is already too much."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def minimal_conflict(consistent: Callable[[Sequence[T]], bool], items: Sequence[T]) -> tuple[T, ...]:
    """Find items that are inconsistent together, though none of them can be left out (Junker 2004, algorithm 1).

    Args:
        consistent: whether some of the items, with all else that is given, go together; taking items away never
            makes them inconsistent.
        items: items that are inconsistent together.

    Returns:
        The conflict in the order of `items`; empty when nothing at all is inconsistent already.

    >>> from salesmgmt.cpq.configure._minimal import minimal_conflict
    >>> minimal_conflict(lambda taken: sum(taken) < 10, [1, 6, 2, 5])
    (6, 5)
    """
    if not items or not consistent(()):
        return ()
    places = _conflict(
        lambda taken: consistent([items[place] for place in sorted(taken)]), (), False, range(len(items))
    )
    return tuple(items[place] for place in sorted(places))


def _conflict(
    consistent: Callable[[Sequence[int]], bool], given: tuple[int, ...], grown: bool, among: Sequence[int]
) -> tuple[int, ...]:
    if grown and not consistent(given):
        return ()
    if len(among) == 1:
        return tuple(among)
    half = len(among) // 2
    left, right = tuple(among[:half]), tuple(among[half:])
    from_right = _conflict(consistent, given + left, True, right)
    from_left = _conflict(consistent, given + from_right, bool(from_right), left)
    return from_left + from_right
