"""The pricing model: a procedure and the records it works with, read from a folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import attrs

from salesmgmt.core.digest import digest_of
from salesmgmt.core.errors import shorten
from salesmgmt.core.exchange import ExchangeRates
from salesmgmt.core.findings import Finding, refuse_errors
from salesmgmt.core.units import UnitTable
from salesmgmt.cpq.pricing._files import read_folder
from salesmgmt.cpq.pricing.condition import ConditionRecord
from salesmgmt.cpq.pricing.lint import lint
from salesmgmt.cpq.pricing.price_lists.price_list import PriceList, PriceLists
from salesmgmt.cpq.pricing.pricer import Pricer
from salesmgmt.cpq.pricing.procedure import PricingProcedure
from salesmgmt.cpq.pricing.promotions import Coupon, Promotion, PromotionPolicy
from salesmgmt.cpq.pricing.records import OptionRecord, PriceRecord, TierRecord
from salesmgmt.cpq.pricing.standard import STANDARD
from salesmgmt.cpq.products import Catalogue


def _tuple(records: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(records)


def _price_lists(given: PriceLists | Iterable[PriceList]) -> PriceLists:
    return given if isinstance(given, PriceLists) else PriceLists(lists=given)


@attrs.frozen(kw_only=True)
class PricingModel:
    """Everything a price depends on, beside the request.

    Attributes:
        procedure: the steps; by default `STANDARD`.
        prices: the price records.
        tiers: the quantity tiers.
        options: the extras of options.
        conditions: the records of the host's own condition types.
        price_lists: the price lists; as `PriceLists`, with how they are read.
        promotions: the promotions.
        coupons: codes with limits of their own.
        promotion_policy: the conventions of promotions.
        catalogue: the products, for families and costs; when it is empty, any product may be named.
        units: the units of measure, for quantities in another unit than that of the product.
        rates: exchange rates, for records in another currency than that of the request.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing import ListPrice, PriceRecord, PricingModel, PricingProcedure, RoundLines
    >>> model = PricingModel(
    ...     procedure=PricingProcedure(id="plain", steps=(ListPrice(id="list"), RoundLines(id="cents"))),
    ...     prices=[PriceRecord(id="p-1", product="dock", price=Money("850.00", "CNY"))],
    ... )
    >>> model.lint()
    ()
    """

    procedure: PricingProcedure = STANDARD
    prices: tuple[PriceRecord, ...] = attrs.field(default=(), converter=_tuple)
    tiers: tuple[TierRecord, ...] = attrs.field(default=(), converter=_tuple)
    options: tuple[OptionRecord, ...] = attrs.field(default=(), converter=_tuple)
    conditions: tuple[ConditionRecord, ...] = attrs.field(default=(), converter=_tuple)
    price_lists: PriceLists = attrs.field(factory=lambda: PriceLists(lists=()), converter=_price_lists)
    promotions: tuple[Promotion, ...] = attrs.field(default=(), converter=_tuple)
    coupons: tuple[Coupon, ...] = attrs.field(default=(), converter=_tuple)
    promotion_policy: PromotionPolicy = attrs.field(factory=PromotionPolicy)
    catalogue: Catalogue = attrs.field(factory=Catalogue)
    units: UnitTable = attrs.field(factory=UnitTable.standard)
    rates: ExchangeRates = attrs.field(factory=lambda: ExchangeRates(()))

    @classmethod
    def load(cls, folder: Path | str, *, catalogue: Catalogue | None = None) -> PricingModel:
        """Read a model from a folder and lint it.

        A folder has `prices.csv`, `price_lists.toml` or `conditions.csv`, or several of them, and any of
        `procedure.toml` (`STANDARD` where there is none), `tiers.csv`, `options.csv`, `products.csv`, `categories.csv`,
        `units.csv`, `rates.csv`, `scales.toml`, `price_rules.csv` and `promotions.toml`. The page `docs/cpq/files.md`
        says what stands in each.

        Args:
            folder: where the files are.
            catalogue: the products, when the host has them already; then `products.csv` and `categories.csv` are not
                read.

        Raises:
            InvalidInput: the files have faults; the faults of all files are listed, with file, row and column.
            InvalidDefinition: they cannot work together; all findings are listed.
        """
        model = cls.read(folder, catalogue=catalogue)
        model.refuse_errors()
        return model

    @classmethod
    def read(cls, folder: Path | str, *, catalogue: Catalogue | None = None) -> PricingModel:
        """Read a model from a folder as `load` does, and leave it to the caller to look at what `lint` finds.

        Raises:
            InvalidInput: the files have faults; the faults of all files are listed, with file, row and column.
        """
        contents = read_folder(Path(folder), catalogue)
        return cls(
            procedure=contents.procedure,
            prices=contents.prices,
            tiers=contents.tiers,
            options=contents.options,
            conditions=contents.conditions,
            price_lists=contents.price_lists,
            promotions=contents.promotions.promotions,
            coupons=contents.promotions.coupons,
            promotion_policy=contents.promotions.policy,
            catalogue=contents.catalogue,
            units=contents.units,
            rates=contents.rates,
        )

    def lint(self) -> tuple[Finding, ...]:
        """Find what cannot work, or may not work as meant.

        Returns:
            All findings; see `salesmgmt.cpq.pricing.lint` for their codes.
        """
        return self._findings

    def refuse_errors(self) -> None:
        """Raise `InvalidDefinition` when `lint` finds errors; it looks once, however often it is asked."""
        refuse_errors(f"pricing model {shorten(self.procedure.id)}", self.lint())

    @cached_property
    def _findings(self) -> tuple[Finding, ...]:
        return lint(self)

    def compile(self) -> Pricer:
        """Make the pricer; raises `InvalidDefinition` when the model cannot work."""
        self.refuse_errors()
        return Pricer(self)

    @property
    def digest(self) -> str:
        """SHA-256 of everything in it."""
        return digest_of(
            self.procedure,
            *self.prices,
            *self.tiers,
            *self.options,
            *self.conditions,
            self.price_lists,
            *self.promotions,
            *self.coupons,
            self.promotion_policy,
            *self.catalogue,
            *self.units.units,
            *self.rates.quotes,
        )

    @property
    def conditions_by_type(self) -> Mapping[str, Sequence[ConditionRecord]]:
        """The condition records of each type."""
        found: dict[str, list[ConditionRecord]] = {}
        for record in self.conditions:
            found.setdefault(record.type, []).append(record)
        return found
