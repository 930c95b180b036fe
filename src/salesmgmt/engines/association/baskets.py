"""Baskets: which items went together, and how often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

from salesmgmt.core.errors import InvalidInput, Problem, shorten

MOST_TIMES = 10**12
"""How often one basket may have been seen."""

_MOST_PROBLEMS = 1_000


class Baskets:
    """What was bought together, made ready for counting. It does not change after it is made.

    An item counts once in a basket however many of it were bought. A basket without items counts as one: it is one in which
    none of the items is. Items are ordered by their text, and the order of the baskets changes nothing.

    Args:
        baskets: the items of each basket, as texts.
        counts: how often each basket was seen, zero or more; `None` for once each.

    Attributes:
        n: how many baskets there are, each as often as it was seen.
        items: every item, in order.

    Raises:
        InvalidInput: a basket is no collection of texts, an item is blank, or a count is none; all are listed.

    >>> from salesmgmt.engines.association import Baskets
    >>> baskets = Baskets([["dock", "laptop"], ["laptop"], []], counts=[2, 1, 1])
    >>> baskets.n, baskets.items, baskets.count(["laptop"]), baskets.count(["dock", "laptop"])
    (4, ('dock', 'laptop'), 3, 2)
    """

    __slots__ = ("items", "n", "rows", "weights")

    n: int
    items: tuple[str, ...]
    rows: tuple[tuple[int, ...], ...]
    """Each basket that has items, as places among `items`, ascending."""
    weights: tuple[int, ...]
    """How often each row was seen."""

    def __init__(self, baskets: Iterable[Collection[str]], counts: Iterable[int] | None = None) -> None:
        read = _read(baskets, counts)
        self.n = sum(times for _, times in read)
        seen = [(items, times) for items, times in read if items and times]
        self.items = tuple(sorted(set[str]().union(*(items for items, _ in seen))))
        place = {item: number for number, item in enumerate(self.items)}
        self.rows = tuple(tuple(sorted(map(place.__getitem__, items))) for items, _ in seen)
        self.weights = tuple(times for _, times in seen)

    def __repr__(self) -> str:
        return f"<Baskets: {self.n} of {len(self.items)} items>"

    @property
    def is_weighted(self) -> bool:
        """Whether a basket was seen more than once."""
        return any(times != 1 for times in self.weights)

    def count(self, items: Iterable[str]) -> int:
        """How many baskets have all of these items; all of them when none is named.

        >>> from salesmgmt.engines.association import Baskets
        >>> Baskets([["dock"], []]).count([])
        2
        """
        wanted = set(items)
        if not wanted:
            return self.n
        if not wanted.issubset(self.items):
            return 0
        places = {number for number, item in enumerate(self.items) if item in wanted}
        return sum(times for row, times in zip(self.rows, self.weights, strict=True) if places.issubset(row))

    def item_counts(self) -> Sequence[int]:
        """How many baskets have each item, in the order of `items`.

        >>> from salesmgmt.engines.association import Baskets
        >>> Baskets([["a", "b"], ["b"]]).item_counts()
        [1, 2]
        """
        found = [0] * len(self.items)
        if self.is_weighted:
            for row, times in zip(self.rows, self.weights, strict=True):
                for item in row:
                    found[item] += times
            return found
        counted = Counter(item for row in self.rows for item in row)
        return [counted[item] for item in range(len(found))]


def _read(
    baskets: Iterable[Collection[str]], counts: Iterable[int] | None
) -> list[tuple[Collection[str], int]]:
    given: list[object] = list(baskets)
    times: list[object] = [1] * len(given) if counts is None else list(counts)
    problems = list(_faults(given, times))
    if problems:
        raise InvalidInput("baskets", problems)
    return [(frozenset(basket), count) for basket, count in zip(given, times, strict=True)]  # type: ignore[call-overload, misc]  # checked above


def _faults(given: list[object], times: list[object]) -> Iterator[Problem]:
    if len(times) != len(given):
        wanted = f"{len(given)}, one for each basket"
        yield Problem("counts", "length", f"{len(times)} counts", wanted)
        return
    left = _MOST_PROBLEMS
    for place, (basket, count) in enumerate(zip(given, times, strict=True)):
        for problem in _basket_faults(f"baskets[{place}]", basket):
            yield problem
            left -= 1
            if not left:
                return
        if type(count) is not int or not 0 <= count <= MOST_TIMES:
            yield Problem(
                f"counts[{place}]", "count", shorten(count), f"a whole number from 0 to {MOST_TIMES}"
            )
            left -= 1
            if not left:
                return


def _basket_faults(path: str, basket: object) -> Iterator[Problem]:
    if isinstance(basket, str) or not isinstance(basket, Collection):
        yield Problem(path, "wrong_type", shorten(basket), "a list or set of items")
        return
    for place, item in enumerate(basket):
        if not isinstance(item, str):
            yield Problem(f"{path}[{place}]", "wrong_type", shorten(item), "an item as text")
        elif not item or item.isspace():
            yield Problem(f"{path}[{place}]", "blank", shorten(item), "an item as text")
