"""Finds the records that are for a line by hashing, at a cost that does not grow with their number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from salesmgmt.cpq.approvals.discounts.question import Deal, Offered
from salesmgmt.cpq.approvals.discounts.record import DiscountRecord, Key

MOST_BANDS = 100
"""Records of one key at most; more are a mistake of the file, and would cost time."""


class Index:
    """All records of a policy by key."""

    __slots__ = ("_by_key", "_roles", "_segments")

    def __init__(self, records: Iterable[DiscountRecord]) -> None:
        self._by_key: dict[Key, list[DiscountRecord]] = {}
        for record in records:
            self._by_key.setdefault(record.key, []).append(record)
        self._roles = frozenset(role for role, _, _ in self._by_key)
        self._segments = frozenset(segment for _, _, segment in self._by_key)

    def crowded(self) -> Iterator[tuple[Key, int]]:
        """The keys that have too many records."""
        return ((key, len(some)) for key, some in self._by_key.items() if len(some) > MOST_BANDS)

    def of(self, key: Key) -> list[DiscountRecord]:
        """The records of exactly one key."""
        return self._by_key.get(key, [])

    def find(
        self, offered: Offered, deal: Deal
    ) -> Iterator[tuple[tuple[int, int, int, int], DiscountRecord]]:
        """The records that are for a line in a deal, each with its rank: the more specific, the higher.

        Goods count before the segment, that before the size of the deal, and that before the role. A deal whose size is
        not known is of every size, but nothing is overridden by a record that may not be for it.
        """
        roles = ["", *sorted(deal.roles & self._roles - {""})]
        segments = [""]
        if deal.segment and deal.segment in self._segments:
            segments.append(deal.segment)
        goods = list(offered.goods)
        for place, kind in enumerate(goods):
            for segment in segments:
                for role in roles:
                    for record in self._by_key.get((role, kind, segment), ()):
                        if record.is_for(deal.size, deal.largest):
                            is_sure = deal.size is not None and record.is_for(deal.size)
                            is_sure = is_sure and (deal.largest is None or record.is_for(deal.largest))
                            band = record.has_band and is_sure
                            yield (len(goods) - place, bool(segment), band, bool(role)), record
