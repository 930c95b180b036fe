"""A change of many prices at once: by a percentage, rounded, from a day on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from enum import StrEnum

import attrs

from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.rounding import Rounding
from salesmgmt.cpq.pricing.impact.changes import Changes
from salesmgmt.cpq.pricing.price_index import Key, PriceHistory, key_of
from salesmgmt.cpq.pricing.records import PriceRecord
from salesmgmt.cpq.products import Catalogue


class PricesOf(StrEnum):
    """Which prices an adjustment is for.

    >>> from salesmgmt.cpq.pricing.impact.price_adjustment import PricesOf
    >>> PricesOf("list").name
    'LIST'
    """

    LIST = "list"
    """Those for everybody."""
    CONTRACT = "contract"
    """Those of a customer or segment."""
    ALL = "all"
    """Both."""


@attrs.frozen(kw_only=True)
class AdjustPrices:
    """Raise or lower the prices of a product, of a family, or all, from a day on.

    A record that holds on both sides of the day is parted: the old one ends there, and a new one, `<id>@<day>`, begins
    where it is next the one that counts, so that of several records the same one wins as before. A record that begins
    later changes its price; one that has ended stays.

    Attributes:
        percent: by how much; negative to lower.
        product: id of the product; empty for any.
        family: the family, by the catalogue of the model; empty for any.
        currency: of the prices; empty for any.
        prices: those for everybody, those of customers and segments, or both.
        rounding: how the new price is rounded; `None` for not at all.
        starts: the day from which it holds; `None` to change the records in place, as if since ever.

    Raises:
        InvalidInput: it lowers prices by more than all.

    >>> from datetime import date
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.core.rounding import Rounding
    >>> from salesmgmt.cpq.pricing import PriceRecord
    >>> from salesmgmt.cpq.pricing.impact.price_adjustment import AdjustPrices
    >>> from salesmgmt.cpq.products import Catalogue
    >>> three = AdjustPrices(percent=Percent(3), rounding=Rounding("half_up", "0.05"), starts=date(2026, 4, 1))
    >>> old = PriceRecord(id="p-1", product="dock", price=Money("158.30", "EUR"))
    >>> changes = three.changes([old], Catalogue())
    >>> changes.replace[0].valid_to, changes.add[0].id, changes.add[0].price        # 163.049
    (datetime.date(2026, 4, 1), 'p-1@2026-04-01', Money('163.05', 'EUR'))
    """

    percent: Percent
    product: str = ""
    family: str = ""
    currency: str = ""
    prices: PricesOf = PricesOf.LIST
    rounding: Rounding | None = None
    starts: date | None = None

    def __attrs_post_init__(self) -> None:
        if self.percent.points < -100:
            wanted = "at least -100%"
            raise InvalidInput("adjustment", [Problem("percent", "too_low", str(self.percent), wanted)])

    def changes(self, records: Iterable[PriceRecord], catalogue: Catalogue) -> Changes[PriceRecord]:
        """The records that it replaces and adds.

        Args:
            records: all price records.
            catalogue: the products, for their families.
        """
        keys: dict[Key, list[PriceRecord]] = {}
        for record in records:
            if self._selects(record, catalogue):
                keys.setdefault(key_of(record), []).append(record)
        replaced: list[PriceRecord] = []
        added: list[PriceRecord] = []
        for group in keys.values():
            if self.starts is None:
                replaced += [attrs.evolve(one, price=self._adjusted(one.price)) for one in group]
                continue
            begins = _next_wins(group, self.starts)
            for one in group:
                if one.valid_from is not None and one.valid_from >= self.starts:
                    replaced.append(attrs.evolve(one, price=self._adjusted(one.price)))
                elif one.id in begins:
                    replaced.append(attrs.evolve(one, valid_to=self.starts))
                    added.append(
                        attrs.evolve(
                            one,
                            id=f"{one.id}@{self.starts.isoformat()}",
                            row=0,
                            price=self._adjusted(one.price),
                            valid_from=begins[one.id],
                        )
                    )
        return Changes(add=added, replace=replaced)

    def _selects(self, record: PriceRecord, catalogue: Catalogue) -> bool:
        is_list = not (record.customer or record.segment)
        if self.prices is not PricesOf.ALL and is_list is not (self.prices is PricesOf.LIST):
            return False
        if self.product and record.product != self.product:
            return False
        if self.currency and record.price.currency != self.currency:
            return False
        if not self.family:
            return True
        product = catalogue.get(record.product)
        return product is not None and product.family == self.family

    def _adjusted(self, price: Money) -> Money:
        price += price * self.percent
        return price if self.rounding is None else self.rounding.apply(price)


def _next_wins(group: Iterable[PriceRecord], start: date) -> dict[str, date]:
    """Of each record that holds before a day and after it, the first day from there on which it counts."""
    history = PriceHistory(group)
    found: dict[str, date] = {}
    for day, winners in _from(history, start):
        for one in winners:
            if one.valid_from is None or one.valid_from < start:
                found.setdefault(one.id, day)
    return found


def _from(history: PriceHistory, start: date) -> Iterator[tuple[date, tuple[PriceRecord, ...]]]:
    yield start, history.on(start)
    for day, winners in history:
        if day > start:
            yield day, winners
