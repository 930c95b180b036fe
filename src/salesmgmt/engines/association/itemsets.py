"""Frequent itemsets: the sets of items that are together in at least so many baskets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import chain
from typing import TypeAlias

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, SalesError, shorten
from salesmgmt.core.exact import Number, divide, exact
from salesmgmt.core.percent import Percent
from salesmgmt.engines.association.baskets import Baskets

Share: TypeAlias = Number | Percent | Fraction
"""A share as an exact number from 0 to 1, a percentage or a fraction; never a float."""

MOST_PATTERNS = 1_000_000
"""How many itemsets, or rules, are found at most when nothing is said."""

_DENSE = 64
"""Where a basket has on average more than one of so many items, bit sets of all baskets are smaller than their lists."""


class TooManyPatterns(SalesError, ValueError):
    """More itemsets or rules reach the limits than may be found.

    Attributes:
        what: `itemsets` or `rules`.
        most: how many may be found.
    """

    code = "too_many_patterns"

    def __init__(self, what: str, most: int) -> None:
        self.what = what
        self.most = most
        super().__init__(
            f"more than {most} {what} reach the limits",
            hint="raise the least support, set a greatest length, or allow more with `most`",
        )


@attrs.frozen
class Itemset:
    """Items that are together in so many of all baskets.

    Attributes:
        items: the items, in order.
        count: how many baskets have all of them.
        n: how many baskets there are.

    >>> from salesmgmt.engines.association import Itemset
    >>> Itemset(("dock", "laptop"), 3, 5).support
    Decimal('0.6')
    """

    items: tuple[str, ...]
    count: int
    n: int

    @property
    def support(self) -> Decimal:
        """The share of the baskets that have all of them (Agrawal, Imielinski & Swami 1993), to 34 digits."""
        return divide(Decimal(self.count), Decimal(self.n))

    def __str__(self) -> str:
        return f"{', '.join(self.items)}: {self.count} of {self.n}"


def frequent_itemsets(
    baskets: Baskets,
    *,
    min_support: Share,
    max_length: int | None = None,
    most: int = MOST_PATTERNS,
) -> tuple[Itemset, ...]:
    """Find every set of items that is in at least this share of the baskets.

    Eclat (Zaki 2000, IEEE Transactions on Knowledge and Data Engineering 12): each item carries the set of the baskets that
    have it, and the count of two together is the size of what their sets share. The sets are the bits of whole numbers, of
    the baskets of the first item alone, so that memory stays near that of the baskets. As Zaki proposes, pairs are counted
    from the baskets themselves, unless these are so full that the bit sets are smaller.

    Args:
        baskets: what was bought together.
        min_support: the least share, above 0 and at most 1; a set at exactly this share is found.
        max_length: the most items of a set; `None` for any number.
        most: how many sets may be found.

    Returns:
        The sets, shorter ones first, then in the order of their items.

    Raises:
        InvalidInput: a limit is out of range.
        FloatRefused, NotANumber: the share is no exact number.
        TooManyPatterns: there are more sets than `most`. A set of k items has 2^k - 1 parts that are as frequent, so this
            is known as soon as a set is too long, and takes no more time or memory than `most` sets do.

    >>> from salesmgmt.engines.association import Baskets, frequent_itemsets
    >>> baskets = Baskets([["dock", "laptop"], ["dock", "laptop", "mouse"], ["laptop"], ["mouse"], ["dock", "laptop"]])
    >>> print(*frequent_itemsets(baskets, min_support="0.6"), sep="; ")
    dock: 3 of 5; laptop: 4 of 5; dock, laptop: 3 of 5
    """
    share = share_of(min_support, "min_support")
    if not share:
        raise InvalidInput("association", [Problem("min_support", "range", "0", "above 0 and at most 1")])
    for name, limit in (("max_length", max_length), ("most", most)):
        if limit is not None and limit < 1:
            raise InvalidInput("association", [Problem(name, "range", str(limit), "at least 1")])
    found: list[tuple[tuple[int, ...], int]] = []
    longest = (most + 1).bit_length() - 1
    limit = longest + 1 if max_length is None else max_length
    for items, count in _search(baskets, least(share, baskets.n), limit):
        found.append((items, count))
        if len(found) > most or (max_length is None and len(items) > longest):
            raise TooManyPatterns("itemsets", most)
    found.sort(key=lambda one: (len(one[0]), one[0]))
    names = baskets.items
    return tuple(Itemset(tuple(names[item] for item in items), count, baskets.n) for items, count in found)


def share_of(value: Share, name: str) -> Fraction:
    """Read a share from 0 to 1; raises `InvalidInput`, `FloatRefused`, `NotANumber`.

    >>> from salesmgmt.engines.association.itemsets import share_of
    >>> share_of("0.6", "min_support")
    Fraction(3, 5)
    """
    if isinstance(value, Percent):
        value = value.ratio
    share = value if isinstance(value, Fraction) else Fraction(exact(value, name))
    if not 0 <= share <= 1:
        raise InvalidInput(
            "association", [Problem(name, "range", shorten(str(value)), "a share from 0 to 1")]
        )
    return share


def least(share: Fraction, n: int) -> int:
    """The smallest number of baskets that is at least a share of them all, and at least one.

    >>> from fractions import Fraction
    >>> from salesmgmt.engines.association.itemsets import least
    >>> least(Fraction(3, 5), 5), least(Fraction(3, 5), 6)
    (3, 4)
    """
    return max(1, -(-share.numerator * n // share.denominator))


_Found: TypeAlias = tuple[tuple[int, ...], int]
"""The places of the items of a set, ascending, and its count."""


def _search(baskets: Baskets, least_count: int, longest: int) -> Iterator[_Found]:
    counts = baskets.item_counts()
    frequent = [item for item, count in enumerate(counts) if count >= least_count]
    for item in frequent:
        yield (item,), counts[item]
    if longest < 2 or len(frequent) < 2:
        return
    # The rarest item first: what stands before an item decides in how few baskets the rest is looked for.
    order = sorted(frequent, key=lambda item: (counts[item], item))
    rank = {item: place for place, item in enumerate(order)}
    rows = []
    weights = []
    for row, times in zip(baskets.rows, baskets.weights, strict=True):
        kept = sorted([rank[item] for item in row if item in rank])
        if len(kept) > 1:
            rows.append(kept)
            weights.append(times)
    is_unit = not baskets.is_weighted
    size = sum(map(len, rows))
    extend = _by_bits if size * _DENSE > len(rows) * len(order) else _by_lists
    for places, count in extend(rows, weights if not is_unit else None, len(order), least_count, longest):
        yield tuple(sorted(order[place] for place in places)), count


def _by_bits(
    rows: Sequence[Sequence[int]], weights: Sequence[int] | None, width: int, least_count: int, longest: int
) -> Iterator[_Found]:
    """Count pairs by bit sets of all rows."""
    sets = _bit_sets(rows, range(width), len(rows))
    planes = _planes(weights)
    for first in range(width):
        one = sets[first]
        tails = []
        for item in range(first + 1, width):
            both = one & sets[item]
            count = _size(both, planes)
            if count >= least_count:
                tails.append((item, both, count))
        yield from _deepen(first, tails, planes, least_count, longest)


def _by_lists(
    rows: Sequence[Sequence[int]], weights: Sequence[int] | None, width: int, least_count: int, longest: int
) -> Iterator[_Found]:
    """Count pairs by what follows an item in its rows, and make bit sets of those rows alone."""
    behind: list[list[tuple[int, int]]] = [[] for _ in range(width)]
    for number, row in enumerate(rows):
        for place, item in enumerate(row[:-1], 1):
            behind[item].append((number, place))
    for first in range(width):
        where = behind[first]
        behind[first] = []
        tails = [rows[number][place:] for number, place in where]
        own = None if weights is None else [weights[number] for number, _ in where]
        counted = _count(tails, own)
        partners = sorted(item for item, count in counted.items() if count >= least_count)
        if len(partners) < 2 or longest < 3:
            for item in partners:
                yield (first, item), counted[item]
            continue
        sets = _bit_sets(tails, partners, len(tails))
        together = [(item, sets[item], counted[item]) for item in partners]
        yield from _deepen(first, together, _planes(own), least_count, longest)


def _count(tails: Sequence[Sequence[int]], weights: Sequence[int] | None) -> dict[int, int]:
    if weights is None:
        return Counter(chain.from_iterable(tails))
    counted: dict[int, int] = {}
    for tail, times in zip(tails, weights, strict=True):
        for item in tail:
            counted[item] = counted.get(item, 0) + times
    return counted


_Tail: TypeAlias = tuple[int, int, int]
"""An item, the bit set of the rows that have it together with the items before it, and their count."""


def _deepen(
    first: int, tails: list[_Tail], planes: Sequence[int] | None, least_count: int, longest: int
) -> Iterator[_Found]:
    """Every frequent set that begins with an item, depth first and without recursion."""
    waiting: list[tuple[tuple[int, ...], list[_Tail]]] = [((first,), tails)]
    while waiting:
        prefix, siblings = waiting.pop()
        goes_on = len(prefix) + 1 < longest
        for place, (item, bits, count) in enumerate(siblings):
            items = (*prefix, item)
            yield items, count
            if not goes_on:
                continue
            deeper = []
            for other, other_bits, _ in siblings[place + 1 :]:
                both = bits & other_bits
                size = _size(both, planes)
                if size >= least_count:
                    deeper.append((other, both, size))
            if deeper:
                waiting.append((items, deeper))


def _bit_sets(rows: Sequence[Sequence[int]], items: Sequence[int], count: int) -> dict[int, int]:
    """For each item the rows that have it, as the bits of a whole number."""
    width = (count + 7) // 8
    room = {item: bytearray(width) for item in items}
    for number, row in enumerate(rows):
        byte, bit = number >> 3, 1 << (number & 7)
        for item in row:
            cells = room.get(item)
            if cells is not None:
                cells[byte] |= bit
    return {item: int.from_bytes(cells, "little") for item, cells in room.items()}


def _planes(weights: Sequence[int] | None) -> tuple[int, ...] | None:
    """For each binary digit the rows in whose weight it is set; `None` when every row counts once."""
    if weights is None:
        return None
    digits = max(weights, default=0).bit_length()
    planes = []
    for digit in range(digits):
        cells = bytearray((len(weights) + 7) // 8)
        for number, times in enumerate(weights):
            if times >> digit & 1:
                cells[number >> 3] |= 1 << (number & 7)
        planes.append(int.from_bytes(cells, "little"))
    return tuple(planes)


def _size(bits: int, planes: Sequence[int] | None) -> int:
    """How often the rows of a bit set were seen."""
    if planes is None:
        return bits.bit_count()
    return sum((bits & plane).bit_count() << digit for digit, plane in enumerate(planes))
