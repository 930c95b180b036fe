"""Minimal diagnoses: which items to give up so that the others go together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from heapq import heappop, heappush

from salesmgmt.cpq.configure._minimal import minimal_conflict

Places = tuple[int, ...]
"""Places of items in their sequence, ascending."""

_STEPS_A_SET = 20


def smallest_diagnoses(
    consistent: Callable[[Places], bool], count: int, spend: Callable[[int], None] = lambda _: None
) -> Iterator[Places]:
    """The minimal sets of items to give up, smallest first (hitting-set tree, Reiter 1987).

    The tree grows by best first, and its conflicts come from QuickXplain (Junker 2004). Among sets of the same size
    those come first that keep earlier items.

    Args:
        consistent: whether the items at these places, with all else that is given, go together; taking items away
            never makes them inconsistent.
        count: how many items there are.
        spend: told of each part of the work that is done here, in elementary steps; may raise.

    Yields:
        Places of items to give up; one empty set when all items go together; nothing when giving up all is no help.

    >>> from salesmgmt.cpq.configure._diagnosis import smallest_diagnoses
    >>> weights = [1, 6, 2, 5]
    >>> list(smallest_diagnoses(lambda kept: sum(weights[place] for place in kept) < 8, 4))
    [(2, 3), (1, 3), (1, 2), (0, 1)]
    """
    every = range(count)
    if not consistent(()):
        return
    found: list[frozenset[int]] = []
    conflicts: list[frozenset[int]] = []
    # A set of size n is reached only from one of size n - 1, so that the heap hands out all sets of a size in order,
    # whatever the conflicts were.
    heap: list[tuple[int, Places]] = [(0, ())]
    seen: set[Places] = {()}
    while heap:
        _, key = heappop(heap)
        spend(_STEPS_A_SET + len(found) + len(conflicts))
        given_up = frozenset(-place for place in key)
        if any(known <= given_up for known in found):
            continue
        conflict = next((known for known in conflicts if not known & given_up), None)
        if conflict is None:
            kept = tuple(place for place in every if place not in given_up)
            if consistent(kept):
                found.append(given_up)
                yield tuple(sorted(given_up))
                continue
            conflict = frozenset(minimal_conflict(lambda taken: consistent(tuple(taken)), kept))
            conflicts.append(conflict)
        for place in conflict:
            grown = tuple(sorted((-one for one in given_up | {place}), reverse=True))
            if grown not in seen:
                seen.add(grown)
                heappush(heap, (len(grown), grown))


def one_diagnosis(consistent: Callable[[Places], bool], count: int) -> Places | None:
    """One minimal set of items to give up, in few checks (FastDiag, Felfernig, Schubert and Zehentner 2012).

    It keeps the first item if that is possible, then the second if that is possible too, and so on. There may be
    smaller sets than that.

    Args:
        consistent: as for `smallest_diagnoses`.
        count: how many items there are.

    Returns:
        Places of items to give up; `None` when giving up all of them is no help.

    >>> from salesmgmt.cpq.configure._diagnosis import one_diagnosis
    >>> weights = [1, 6, 2, 5]
    >>> one_diagnosis(lambda kept: sum(weights[place] for place in kept) < 8, 4)
    (2, 3)
    """
    if not consistent(()):
        return None
    every = tuple(range(count))
    if consistent(every):
        return ()
    return tuple(sorted(_diagnose(consistent, False, every[::-1], frozenset(every))))


def _diagnose(
    consistent: Callable[[Places], bool], shrunk: bool, among: Sequence[int], left: frozenset[int]
) -> tuple[int, ...]:
    if shrunk and consistent(tuple(sorted(left))):
        return ()
    if len(among) == 1:
        return tuple(among)
    half = len(among) // 2
    first, second = among[:half], among[half:]
    from_second = _diagnose(consistent, True, second, left - set(first))
    from_first = _diagnose(consistent, bool(from_second), first, left - set(from_second))
    return from_second + from_first
