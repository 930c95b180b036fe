"""The tier records of a model, put together to scales by product, family and currency."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import pairwise
from typing import TypeAlias

import attrs

from salesmgmt.core.exact import subtract
from salesmgmt.cpq.pricing.records import TierRecord

ScaleKey: TypeAlias = tuple[str, str, str]
"""Product, family (one of them is empty), and the currency of its unit prices, empty when it has none."""


@attrs.frozen
class TierScale:
    """Tiers in order, none overlapping.

    Attributes:
        tiers: each with the quantity where it ends, `None` for never.
    """

    tiers: tuple[tuple[TierRecord, Decimal | None], ...]

    @classmethod
    def of(cls, records: Iterable[TierRecord]) -> TierScale:
        """Put the tiers of one key in order; one without an end lasts until the next begins.

        >>> from salesmgmt.core.percent import Percent
        >>> from salesmgmt.cpq.pricing import TierRecord
        >>> from salesmgmt.cpq.pricing.scales.index import TierScale
        >>> scale = TierScale.of([
        ...     TierRecord(id="t-2", product="dock", lower=50, percent=Percent(8)),
        ...     TierRecord(id="t-1", product="dock", lower=10, percent=Percent(5)),
        ... ])
        >>> [(tier.id, part) for tier, part in scale.parts(Decimal(60))]
        [('t-1', Decimal('40')), ('t-2', Decimal('10'))]
        >>> scale.tier(Decimal("49.5")).id, scale.tier(Decimal(9))
        ('t-1', None)
        """
        ordered = sorted(records, key=lambda tier: tier.lower)
        ends = [*(following.lower for following in ordered[1:]), None]
        return cls(
            tuple(
                (tier, end if tier.upper is None else tier.upper)
                for tier, end in zip(ordered, ends, strict=True)
            )
        )

    def tier(self, quantity: Decimal) -> TierRecord | None:
        """The tier that a quantity is in; `None` when it is in none."""
        position = bisect_right(self.tiers, quantity, key=lambda tier: tier[0].lower)
        if not position:
            return None
        tier, end = self.tiers[position - 1]
        return tier if end is None or quantity < end else None

    def parts(self, quantity: Decimal) -> Iterator[tuple[TierRecord, Decimal]]:
        """How much of a quantity lies in each tier that it enters."""
        for tier, end in self.tiers:
            if quantity <= tier.lower:
                return
            top = quantity if end is None or quantity < end else end
            yield tier, subtract(top, tier.lower)

    def seams(self) -> Iterator[tuple[TierRecord, TierRecord, Decimal]]:
        """Each two neighbours with the quantity where the first one says that it ends, for a lint."""
        for (first, end), (second, _) in pairwise(self.tiers):
            yield first, second, second.lower if end is None else end


class ScaleIndex:
    """All scales of a model, by key.

    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.cpq.pricing import TierRecord
    >>> from salesmgmt.cpq.pricing.scales.index import ScaleIndex
    >>> index = ScaleIndex([TierRecord(id="t-1", family="laptops", lower=10, percent=Percent(5))])
    >>> index.find("laptop-14", "laptops", "CNY").tier(Decimal(12)).id
    't-1'
    """

    __slots__ = ("_scales",)

    def __init__(self, records: Iterable[TierRecord]) -> None:
        owners: dict[tuple[str, str], list[TierRecord]] = {}
        for record in records:
            owners.setdefault((record.product, record.family), []).append(record)
        self._scales: dict[ScaleKey, TierScale] = {}
        for (product, family), tiers in owners.items():
            for currency in {"", *map(_currency, tiers)}:
                fitting = [tier for tier in tiers if _currency(tier) in ("", currency)]
                if fitting:
                    self._scales[product, family, currency] = TierScale.of(fitting)

    def find(self, product: str, family: str, currency: str) -> TierScale | None:
        """The scale for a product, its own before its family's: percentages, and unit prices of the currency."""
        keys = [(product, "", currency), (product, "", "")]
        keys += [("", family, currency), ("", family, "")] if family else []
        return next((self._scales[key] for key in keys if key in self._scales), None)

    def scales(self) -> Iterator[TierScale]:
        """Every scale."""
        return iter(self._scales.values())


def _currency(tier: TierRecord) -> str:
    return "" if tier.unit_price is None else tier.unit_price.currency
