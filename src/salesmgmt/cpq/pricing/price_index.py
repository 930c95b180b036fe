"""Find the price of a product on a day, at a cost that does not grow with the number of records."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby
from typing import TypeAlias

from salesmgmt.cpq.pricing.records import PriceRecord

Key: TypeAlias = tuple[str, str, str, str]
"""Product, currency, customer, segment; empty for any."""

MOST_CANDIDATES = 100
"""Records of one key and one start at most; more are a mistake of the file, and would cost memory."""


class Timeline:
    """The records of one key: on each day those of the newest start.

    It holds the days on which something changes, and who wins from each of them on.
    """

    __slots__ = ("_days", "_winners")

    def __init__(self, records: Iterable[PriceRecord]) -> None:
        ordered = sorted(records, key=lambda record: (record.valid_from or date.min, record.id))
        starts = {
            day: list(group) for day, group in groupby(ordered, key=lambda one: one.valid_from or date.min)
        }
        ends = {record.valid_to for record in ordered if record.valid_to is not None}
        self._days = sorted(ends.union(starts))
        winners = []
        # Groups of one start, the newest on top; one that has ended never comes back.
        stack: list[list[PriceRecord]] = []
        for day in self._days:
            if day in starts:
                stack.append(starts[day])
            while stack and not (valid := [one for one in stack[-1] if _lasts(one, day)]):
                stack.pop()
            winners.append(tuple(valid) if stack else ())
        self._winners = winners

    def on(self, day: date) -> tuple[PriceRecord, ...]:
        """The records that win on a day: none, one, or several of equal rank."""
        position = bisect_right(self._days, day)
        return self._winners[position - 1] if position else ()

    def __iter__(self) -> Iterator[tuple[date, tuple[PriceRecord, ...]]]:
        """Each day of change with the winners from then on."""
        return zip(self._days, self._winners, strict=True)


def _lasts(record: PriceRecord, day: date) -> bool:
    return record.valid_to is None or day < record.valid_to


class PriceIndex:
    """All price records of a model, by key.

    >>> from datetime import date
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing import PriceRecord
    >>> from salesmgmt.cpq.pricing.price_index import PriceIndex
    >>> index = PriceIndex([
    ...     PriceRecord(id="p-1", product="dock", price=Money(850, "CNY")),
    ...     PriceRecord(id="p-2", product="dock", price=Money(800, "CNY"), valid_from=date(2026, 3, 1)),
    ... ])
    >>> [record.id for record in index.general("dock", "CNY", date(2026, 2, 28))]
    ['p-1']
    """

    __slots__ = ("_timelines",)

    def __init__(self, records: Iterable[PriceRecord]) -> None:
        by_key: dict[Key, list[PriceRecord]] = {}
        for record in records:
            by_key.setdefault(key_of(record), []).append(record)
        self._timelines = {key: Timeline(group) for key, group in by_key.items()}

    def general(self, product: str, currency: str, day: date) -> tuple[PriceRecord, ...]:
        """The records for everybody that win on a day."""
        return self._on((product, currency, "", ""), day)

    def specific(
        self, product: str, currency: str, customer: str, segment: str, day: date
    ) -> tuple[PriceRecord, ...]:
        """The records that win on a day for a customer of a segment, the most specific first."""
        keys = (
            (product, currency, customer, segment) if customer and segment else None,
            (product, currency, customer, "") if customer else None,
            (product, currency, "", segment) if segment else None,
        )
        for key in keys:
            found = self._on(key, day) if key else ()
            if found:
                return found
        return ()

    def timelines(self) -> Iterator[Timeline]:
        """The records of each key."""
        return iter(self._timelines.values())

    def _on(self, key: Key, day: date) -> tuple[PriceRecord, ...]:
        timeline = self._timelines.get(key)
        return timeline.on(day) if timeline is not None else ()


def key_of(record: PriceRecord) -> Key:
    """What a record is found by."""
    return record.product, record.price.currency, record.customer, record.segment
