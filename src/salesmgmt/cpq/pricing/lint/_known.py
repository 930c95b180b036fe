"""What the rules of a model may refer to."""

from __future__ import annotations

from collections.abc import Container
from functools import cached_property
from typing import TYPE_CHECKING

from salesmgmt.core.clock import UnknownTimeZone, zone
from salesmgmt.core.currency import UnknownCurrency, currency
from salesmgmt.core.formula import Schema, declare
from salesmgmt.core.quantity import Quantity
from salesmgmt.core.units import IncompatibleUnits, UnknownUnit
from salesmgmt.cpq.pricing.condition import ConditionClass
from salesmgmt.cpq.pricing.names import NAMES

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from salesmgmt.cpq.pricing.model import PricingModel


class Currencies(Container[str]):
    """The codes of all currencies."""

    def __contains__(self, code: object) -> bool:
        try:
            currency(code)  # type: ignore[arg-type]  # it refuses what is no text
        except UnknownCurrency:
            return False
        return True


class Known:
    """The names, products, units and currencies of a model, each looked up once.

    Attributes:
        model: the model.
        schema: the names that conditions may use.
        products: ids of the catalogue; `None` when there is no catalogue, and any product may be named.
        clock: the zone in which days begin; UTC when the model names none that exists.
        references: for facts whose values are known: the code of a finding, what it is called, and the values.
    """

    def __init__(self, model: PricingModel) -> None:
        self.model = model
        self.schema: Schema = declare(model.procedure.facts, NAMES).schema
        try:
            self.clock: ZoneInfo = zone(model.procedure.time_zone)
        except UnknownTimeZone:
            self.clock = zone("UTC")
        catalogue = model.catalogue
        self.products: frozenset[str] | None = None
        self.references: dict[str, tuple[str, str, Container[str]]] = {
            "order.currency": ("unknown_currency", "currency", Currencies()),
            "order.price_list": (
                "unknown_price_list",
                "price list",
                frozenset(one.id for one in model.price_lists.lists),
            ),
        }
        if len(catalogue):
            self.products = frozenset(product.id for product in catalogue)
            self.references |= {
                "line.product": ("unknown_product", "product", self.products),
                "line.lineage": (
                    "unknown_product",
                    "product",
                    self.products.union(product.parent for product in catalogue),
                ),
                "line.family": ("unknown_family", "family", catalogue.families),
                "line.brand": ("unknown_brand", "brand", frozenset(product.brand for product in catalogue)),
                "line.categories": ("unknown_category", "category", self.categories),
            }
        self._units: dict[tuple[str, str], bool] = {}

    @cached_property
    def categories(self) -> frozenset[str]:
        """The categories of products, and those above them."""
        catalogue = self.model.catalogue
        return frozenset(catalogue.categories).union(
            catalogue.categories.values(),
            (product.category for product in catalogue),
            *(product.categories for product in catalogue),
        )

    def has_records(self, type_id: str) -> bool:
        """Whether a condition type has records."""
        return type_id in self._types_with_records

    @cached_property
    def _types_with_records(self) -> frozenset[str]:
        return frozenset(record.type for record in self.model.conditions)

    @cached_property
    def units(self) -> frozenset[str]:
        """The units that a line may be asked for in."""
        return frozenset(unit.code for unit in self.model.units.units).union(
            product.unit for product in self.model.catalogue
        )

    def converts(self, unit: str, to: str) -> bool:
        """Whether quantities in a unit can be told in another one."""
        known = self._units.get((unit, to))
        if known is None:
            try:
                self.model.units.convert(Quantity(1, unit), to)
                known = True
            except (UnknownUnit, IncompatibleUnits):
                known = unit == to
            self._units[unit, to] = known
        return known

    @cached_property
    def asked_currencies(self) -> frozenset[str]:
        """The currencies in which there are prices, so in which a request can be answered without a rate."""
        model = self.model
        price_types = {
            type_.id for type_ in model.procedure.condition_types if type_.kind is ConditionClass.PRICE
        }
        return frozenset(record.price.currency for record in model.prices).union(
            (one.currency for one in model.price_lists.lists),
            (
                record.amount.currency
                for record in model.conditions
                if record.amount is not None and record.type in price_types
            ),
        )

    @cached_property
    def _quoted(self) -> frozenset[frozenset[str]]:
        return frozenset(frozenset((quote.base, quote.quote)) for quote in self.model.rates.quotes)

    def has_rate(self, one: str, other: str) -> bool:
        """Whether a quote, of any day, leads from one currency to another."""
        if one == other or {one, other} in self._quoted:
            return True
        pivot = self.model.rates.pivot
        return pivot is not None and {one, pivot} in self._quoted and {pivot, other} in self._quoted
