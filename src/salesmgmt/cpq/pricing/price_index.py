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

Customer: TypeAlias = tuple[str, str]
"""Customer and segment; empty for any."""

EVERYBODY: Customer = ("", "")

MOST_CANDIDATES = 100
"""Records of one key and one start at most; more are a mistake of the file, and would cost memory."""


class PriceHistory:
    """The records of one key: on each day those of the newest start.

    It holds the days on which something changes, and who wins from each of them on.
    """

    __slots__ = ("_days", "_winners", "always")

    always: tuple[PriceRecord, ...] | None
    """The winners of every day; `None` when they change."""

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
        self.always = winners[0] if len(winners) == 1 and self._days[0] == date.min else None

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

    __slots__ = ("_by_product", "knows_customers")

    knows_customers: bool
    """Whether any price is for a customer or segment."""

    def __init__(self, records: Iterable[PriceRecord]) -> None:
        by_key: dict[Key, list[PriceRecord]] = {}
        for record in records:
            by_key.setdefault(key_of(record), []).append(record)
        self._by_product: dict[tuple[str, str], dict[Customer, PriceHistory]] = {}
        for (product, currency, *customer), group in by_key.items():
            histories = self._by_product.setdefault((product, currency), {})
            histories[customer[0], customer[1]] = PriceHistory(group)
        self.knows_customers = any(key[2] or key[3] for key in by_key)

    def find(
        self, product: str, currency: str, customers: Iterable[Customer], day: date
    ) -> tuple[tuple[PriceRecord, ...], tuple[PriceRecord, ...]]:
        """The records that win on a day: those for everybody, and those for a customer.

        Args:
            product: id of the product.
            currency: of the price.
            customers: whom the price may be for beside everybody, the most specific first.
            day: in the time zone of the procedure.
        """
        histories = self._by_product.get((product, currency))
        if histories is None:
            return (), ()
        everybody = histories.get(EVERYBODY)
        if everybody is None:
            general: tuple[PriceRecord, ...] = ()
        else:
            always = everybody.always
            general = everybody.on(day) if always is None else always
        for customer in customers:
            history = histories.get(customer)
            found = history.on(day) if history is not None else ()
            if found:
                return general, found
        return general, ()

    def general(self, product: str, currency: str, day: date) -> tuple[PriceRecord, ...]:
        """The records for everybody that win on a day."""
        return self.find(product, currency, (), day)[0]

    def specific(
        self, product: str, currency: str, customer: str, segment: str, day: date
    ) -> tuple[PriceRecord, ...]:
        """The records that win on a day for a customer of a segment, the most specific first."""
        return self.find(product, currency, customers_of(customer, segment), day)[1]

    def histories(self) -> Iterator[PriceHistory]:
        """The records of each key."""
        for histories in self._by_product.values():
            yield from histories.values()


def customers_of(customer: str, segment: str) -> tuple[Customer, ...]:
    """Whom a price may be for, the most specific first; an empty text is unknown.

    >>> from salesmgmt.cpq.pricing.price_index import customers_of
    >>> customers_of("acme", "gold")
    (('acme', 'gold'), ('acme', ''), ('', 'gold'))
    """
    if customer and segment:
        return (customer, segment), (customer, ""), ("", segment)
    return ((customer, segment),) if customer or segment else ()


def key_of(record: PriceRecord) -> Key:
    """What a record is found by."""
    return record.product, record.price.currency, record.customer, record.segment
