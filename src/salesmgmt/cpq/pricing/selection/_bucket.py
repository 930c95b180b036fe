"""The rules of one key, best first; long histories are found by instant."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from heapq import merge
from typing import Any, TypeAlias

Entry: TypeAlias = tuple[
    datetime | None,  # valid from, in UTC
    datetime | None,  # valid to, in UTC
    Any,  # minimum quantity, or None
    Any,  # the quantity that is too much, or None
    str,  # unit, empty for any
    Any,  # Formula.holds, or None
    bool,  # whether the caller decides about the quantity
    tuple[Any, ...],  # rank by the criteria that the rule itself decides
    bool,  # whether the next entry may have the same rank
    Any,  # Chosen
]
"""A rule made ready to be asked, as a tuple because it is unpacked in the innermost loop."""

MOST_SCANNED = 12
"""Entries of one key up to which looking at each is faster than searching by instant."""

_ROOM = 8
"""Places a Timeline may take for each entry before it turns to the slower form."""


class Timeline:
    """Entries of one key by instant.

    Between two instants at which something changes it holds the entries that are valid there, up to the first one that
    holds whatever is asked, behind which nobody can win. Where validities overlap so much that this would take more
    than eight places an entry, a segment tree takes its place: each entry stands in at most `2 * log2(n)` of its nodes,
    and a question merges the nodes above one leaf. So neither time nor memory grows out of bounds.

    Attributes:
        entries: all of them, best first.
    """

    __slots__ = ("_instants", "_lists", "_nodes", "entries")

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = tuple(entries)
        changes = {moment for entry in entries for moment in entry[:2] if moment is not None}
        self._instants = sorted(changes)
        places = {moment: place + 1 for place, moment in enumerate(self._instants)}
        spans = [
            (0 if entry[0] is None else places[entry[0]], None if entry[1] is None else places[entry[1]])
            for entry in entries
        ]
        self._lists = self._sweep(spans)
        self._nodes = _tree(self.entries, spans, len(self._instants) + 1) if self._lists is None else {}

    def at(self, moment: datetime) -> Iterable[Entry]:
        """The entries that are valid at an instant and may win, best first."""
        leaf = bisect_right(self._instants, moment)
        if self._lists is not None:
            return self._lists[leaf]
        return self._merged(leaf)

    def _merged(self, leaf: int) -> Iterator[Entry]:
        node = leaf + _size(len(self._instants) + 1)
        found = []
        while node:
            if node in self._nodes:
                found.append(self._nodes[node])
            node >>= 1
        return (self.entries[position] for position in merge(*found))

    def _sweep(self, spans: Sequence[tuple[int, int | None]]) -> tuple[tuple[Entry, ...], ...] | None:
        """The entries between each two instants; `None` when they would take too much room."""
        starts: dict[int, list[int]] = {}
        ends: dict[int, list[int]] = {}
        for position, (low, high) in enumerate(spans):
            starts.setdefault(low, []).append(position)
            if high is not None:
                ends.setdefault(high, []).append(position)
        active: list[int] = []
        lists = []
        room = _ROOM * len(spans)
        for place in range(len(self._instants) + 1):
            for position in starts.get(place, ()):
                insort(active, position)
            for position in ends.get(place, ()):
                at = bisect_left(active, position)
                if (
                    at < len(active) and active[at] == position
                ):  # an entry that ends before it begins never holds
                    del active[at]
            here = tuple(self._until_certain(active))
            room -= len(here)
            if room < 0:
                return None
            lists.append(here)
        return tuple(lists)

    def _until_certain(self, active: Iterable[int]) -> Iterator[Entry]:
        rank = None
        for position in active:
            entry = self.entries[position]
            if rank is not None and entry[7] != rank:
                return
            yield entry
            if rank is None and _is_certain(entry):
                rank = entry[7]


def _is_certain(entry: Entry) -> bool:
    """Whether an entry holds for all quantities, units and facts."""
    return entry[2] is None and entry[3] is None and not entry[4] and entry[5] is None and not entry[6]


def _size(leaves: int) -> int:
    return 1 << (leaves - 1).bit_length()


def _tree(
    entries: Sequence[Entry], spans: Sequence[tuple[int, int | None]], leaves: int
) -> dict[int, tuple[int, ...]]:
    size = _size(leaves)
    nodes: dict[int, list[int]] = {}
    for position, _ in enumerate(entries):
        low, high = spans[position]
        for node in _cover(low, size if high is None else high, size):
            nodes.setdefault(node, []).append(position)
    return {node: tuple(found) for node, found in nodes.items()}


def _cover(low: int, high: int, size: int) -> Iterator[int]:
    """The nodes of a segment tree that together cover the leaves from `low` to below `high`."""
    low, high = low + size, high + size
    while low < high:
        if low & 1:
            yield low
            low += 1
        if high & 1:
            high -= 1
            yield high
        low, high = low >> 1, high >> 1


Bucket: TypeAlias = Entry | list[Entry] | Timeline
"""The entries of one key. One alone stands for itself: with many keys each object on the way costs a look into memory."""


def bucket_of(entries: Sequence[Entry]) -> Bucket:
    """Entries of one key, which are in order already, ready to be searched."""
    if len(entries) == 1:
        return entries[0]
    return list(entries) if len(entries) <= MOST_SCANNED else Timeline(entries)


def first(  # noqa: PLR0917 - the innermost loop: it is called for every hit
    bucket: Bucket,
    facts: Any,
    quantity: Decimal,
    unit: str,
    at: datetime,
    reaches: Callable[[Any], bool] | None,
) -> list[Entry] | None:
    """The best entries that hold: none, one, or several of equal rank."""
    best: list[Entry] | None = None
    rank = None
    if type(bucket) is tuple:
        entries: Iterable[Entry] = (bucket,)
    else:
        entries = bucket if isinstance(bucket, list) else bucket.at(at)  # type: ignore[union-attr]
    for entry in entries:
        starts, ends, low, beyond, uom, holds, needs_document, own, may_tie, chosen = entry
        if best is not None and own != rank:
            return best
        if (
            (starts is None or starts <= at)
            and (ends is None or at < ends)
            and (not uom or uom == unit)
            and (
                ((low is None or low <= quantity) and (beyond is None or quantity < beyond))
                if not needs_document or reaches is None
                else reaches(chosen.rule)
            )
            and (holds is None or holds(facts))
        ):
            if best is not None:
                best.append(entry)
            elif may_tie:
                best, rank = [entry], own
            else:
                return [entry]
    return best


def holding(  # noqa: PLR0917 - as `first`
    bucket: Bucket,
    facts: Any,
    quantity: Decimal,
    unit: str,
    at: datetime,
    reaches: Callable[[Any], bool] | None,
) -> Iterator[Entry]:
    """Every entry that holds, best first."""
    if isinstance(bucket, tuple):
        entries: Iterable[Entry] = (bucket,)
    else:
        entries = bucket if isinstance(bucket, list) else bucket.entries
    for entry in entries:
        if first(entry, facts, quantity, unit, at, reaches):
            yield entry
