"""A change set: what becomes different in a pricing model, as a definition that can be looked at before it is made."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from salesmgmt.core.definition import load_definition
from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.exchange import ExchangeRates
from salesmgmt.core.money import Money
from salesmgmt.cpq._sheet import CURRENCY, DATE, NUMBER, TEXT, Column, Row, Sheet, required
from salesmgmt.cpq.pricing.condition import ConditionRecord, ConditionType
from salesmgmt.cpq.pricing.exclusion import ExclusionGroup
from salesmgmt.cpq.pricing.impact.changes import Changes, id_of
from salesmgmt.cpq.pricing.impact.price_adjustment import AdjustPrices
from salesmgmt.cpq.pricing.price_lists.policy import PriceListPolicy
from salesmgmt.cpq.pricing.price_lists.price_list import PriceList
from salesmgmt.cpq.pricing.price_lists.price_rule import PriceRule
from salesmgmt.cpq.pricing.procedure import (
    DiscountRule,
    Discounts,
    FreeUnits,
    FreeUnitsRule,
    HeaderDiscounts,
    SharesOfTotal,
    Step,
)
from salesmgmt.cpq.pricing.promotions import Coupon, Promotion, PromotionPolicy
from salesmgmt.cpq.pricing.records import OptionRecord, PriceRecord, TierRecord
from salesmgmt.cpq.pricing.terms.percent_of_total import PercentOfTotal
from salesmgmt.cpq.products import Product

if TYPE_CHECKING:
    from salesmgmt.cpq.pricing.model import PricingModel

R = TypeVar("R")


def _copy(given: Mapping[str, Any]) -> Mapping[str, Any]:
    return dict(given)


def _adjustments(given: tuple[AdjustPrices, ...]) -> tuple[AdjustPrices, ...]:
    return tuple(given)


_PARTS = ("tiers", "options", "conditions", "promotions", "coupons")
"""Lists that model and change set call by the same name."""


@attrs.frozen(kw_only=True)
class ChangeSet:
    """Changes of a pricing model. It is a definition of its own: read from TOML, looked at, and applied.

    Adjustments come first, in their order; then what is named by id, so that it overrules an adjustment.

    Attributes:
        id: its name.
        version: the version of the procedure afterwards, above the present one; `None` to leave it.
        adjust: price changes of many products at once.
        prices: price records.
        tiers: quantity tiers.
        options: extras of options.
        conditions: records of own condition types.
        price_lists: whole price lists.
        price_rules: rules of a price list, by the id of the list.
        promotions: promotions.
        coupons: coupons, by code.
        products: products of the catalogue.
        steps: steps of the procedure.
        rules: rules of a step with discounts on lines or on the document, by the id of the step.
        free_units: rules of a step with free units, by the id of the step.
        shares_of_total: rules of a step with percentages of total, by the id of the step; each is known by its product.
        condition_types: own condition types.
        exclusion_groups: exclusion groups.
        price_list_policy: how price lists are read from now on; `None` to leave it.
        promotion_policy: the conventions of promotions from now on; `None` to leave it.
        rates: the exchange rates from now on; `None` to leave them.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing import PriceRecord, PricingModel
    >>> from salesmgmt.cpq.pricing.impact.change_set import ChangeSet
    >>> from salesmgmt.cpq.pricing.impact.changes import Changes
    >>> dock = PriceRecord(id="p-1", product="dock", price=Money(850, "CNY"))
    >>> model = PricingModel(prices=[dock])
    >>> dearer = ChangeSet(id="spring", prices=Changes(replace=[PriceRecord(id="p-1", product="dock", price=Money(900, "CNY"))]))
    >>> dearer.apply(model).prices[0].price
    Money('900', 'CNY')
    """

    id: str
    version: int | None = None
    adjust: tuple[AdjustPrices, ...] = attrs.field(default=(), converter=_adjustments)
    prices: Changes[PriceRecord] = attrs.field(factory=Changes)
    tiers: Changes[TierRecord] = attrs.field(factory=Changes)
    options: Changes[OptionRecord] = attrs.field(factory=Changes)
    conditions: Changes[ConditionRecord] = attrs.field(factory=Changes)
    price_lists: Changes[PriceList] = attrs.field(factory=Changes)
    price_rules: Mapping[str, Changes[PriceRule]] = attrs.field(factory=dict, converter=_copy, hash=False)
    promotions: Changes[Promotion] = attrs.field(factory=Changes)
    coupons: Changes[Coupon] = attrs.field(factory=Changes)
    products: Changes[Product] = attrs.field(factory=Changes)
    steps: Changes[Step] = attrs.field(factory=Changes)
    rules: Mapping[str, Changes[DiscountRule]] = attrs.field(factory=dict, converter=_copy, hash=False)
    free_units: Mapping[str, Changes[FreeUnitsRule]] = attrs.field(factory=dict, converter=_copy, hash=False)
    shares_of_total: Mapping[str, Changes[PercentOfTotal]] = attrs.field(
        factory=dict, converter=_copy, hash=False
    )
    condition_types: Changes[ConditionType] = attrs.field(factory=Changes)
    exclusion_groups: Changes[ExclusionGroup] = attrs.field(factory=Changes)
    price_list_policy: PriceListPolicy | None = None
    promotion_policy: PromotionPolicy | None = None
    rates: ExchangeRates | None = None

    @classmethod
    def load(cls, path: Path | str) -> ChangeSet:
        """Read a change set from a TOML file.

        Raises:
            InvalidInput: the file cannot be read or does not fit; all problems are listed.

        >>> import pathlib, tempfile
        >>> from salesmgmt.cpq.pricing.impact.change_set import ChangeSet
        >>> file = pathlib.Path(tempfile.mkdtemp()) / "spring.toml"
        >>> _ = file.write_text('''
        ... id = "spring"
        ... [[adjust]]
        ... percent = "3%"
        ... family = "laptops"
        ... rounding = { mode = "half_up", increment = "0.05" }
        ... starts = 2026-04-01
        ... [rules.contract]
        ... remove = ["vip-5"]
        ... ''')
        >>> changes = ChangeSet.load(file)
        >>> changes.adjust[0].family, changes.rules["contract"].remove
        ('laptops', ('vip-5',))
        """
        return load_definition(path, cls)

    @classmethod
    def load_prices(cls, path: Path | str, *, id: str) -> ChangeSet:  # noqa: A002 - the field is called so
        """Read changes of price records from a CSV file.

        Args:
            path: a file with the columns `change` (`add`, `replace` or `remove`) and `id`; and, as in `prices.csv`,
                `product`, `currency`, `amount`, and maybe `customer`, `segment`, `valid_from`, `valid_to`, which a row
                that removes leaves empty.
            id: the name of the change set.

        Raises:
            InvalidInput: the file has faults; all are listed, with row and column.
        """
        sheet = Sheet(Path(path), _COLUMNS)
        changed: dict[str, list[Any]] = {word: [] for word in _WORDS}
        for row in sheet.rows():
            word = row.cells["change"]
            if word not in _WORDS:
                place = sheet.place(row.number, "change")
                sheet.problems.append(
                    Problem(place, "unknown_word", shorten(word), f"one of {', '.join(_WORDS)}")
                )
            elif word == "remove":
                changed[word].append(row.cells["id"])
            else:
                try:
                    changed[word].append(_record(row))
                except InvalidInput as fault:
                    sheet.add(row, fault, {"price": "amount"})
        if sheet.problems:
            raise InvalidInput(sheet.name, sheet.problems)
        return cls(
            id=id, prices=Changes(add=changed["add"], replace=changed["replace"], remove=changed["remove"])
        )

    def apply(self, model: PricingModel) -> PricingModel:
        """The model after the changes. What does not change is not copied: both models share it.

        Raises:
            InvalidInput: it names what the model does not have, or adds what it has; all problems are listed.
        """
        problems: list[Problem] = []
        changed: dict[str, Any] = {"prices": self._prices(model, problems)}
        for name in _PARTS:
            changed[name] = getattr(self, name).applied(getattr(model, name), name, problems)
        products = self.products.applied(model.catalogue.products, "products", problems)
        if products is not model.catalogue.products:
            changed["catalogue"] = attrs.evolve(model.catalogue, products=products)
        changed["price_lists"] = self._price_lists(model, problems)
        changed["procedure"] = self._procedure(model, problems)
        if self.promotion_policy is not None:
            changed["promotion_policy"] = self.promotion_policy
        if self.rates is not None:
            changed["rates"] = self.rates
        if problems:
            raise InvalidInput(f"change set {shorten(self.id)}", problems)
        if all(value is getattr(model, name) for name, value in changed.items()):
            return model
        return attrs.evolve(model, **changed)

    def _prices(self, model: PricingModel, problems: list[Problem]) -> tuple[PriceRecord, ...]:
        prices = model.prices
        for number, adjustment in enumerate(self.adjust):
            found = adjustment.changes(prices, model.catalogue)
            path = f"adjust[{number}]"
            if not found:
                problems.append(
                    Problem(path, "nothing_selected", None, "an adjustment that fits a price record")
                )
            prices = found.applied(prices, path, problems)
        return self.prices.applied(prices, "prices", problems)

    def _price_lists(self, model: PricingModel, problems: list[Problem]) -> Any:
        lists = self.price_lists.applied(model.price_lists.lists, "price_lists", problems)
        lists = _inside(lists, self.price_rules, "price_rules", (PriceList,), problems)
        policy = self.price_list_policy or model.price_lists.policy
        if lists is model.price_lists.lists and policy is model.price_lists.policy:
            return model.price_lists
        return attrs.evolve(model.price_lists, lists=lists, policy=policy)

    def _procedure(self, model: PricingModel, problems: list[Problem]) -> Any:
        procedure = model.procedure
        steps = self.steps.applied(procedure.steps, "steps", problems)
        steps = _inside(steps, self.rules, "rules", (Discounts, HeaderDiscounts), problems)
        steps = _inside(steps, self.free_units, "free_units", (FreeUnits,), problems)
        steps = _inside(steps, self.shares_of_total, "shares_of_total", (SharesOfTotal,), problems)
        changed: dict[str, Any] = {"steps": steps}
        for name in ("condition_types", "exclusion_groups"):
            changed[name] = getattr(self, name).applied(getattr(procedure, name), name, problems)
        if self.version is not None:
            if self.version <= procedure.version:
                wanted = f"above the present version {procedure.version}"
                problems.append(Problem("version", "too_low", str(self.version), wanted))
            changed["version"] = self.version
        if all(value is getattr(procedure, name) for name, value in changed.items()):
            return procedure
        return attrs.evolve(procedure, **changed)


def _inside(
    owners: tuple[R, ...],
    changes: Mapping[str, Changes[Any]],
    path: str,
    kinds: tuple[type, ...],
    problems: list[Problem],
) -> tuple[R, ...]:
    """Change the rules of steps or price lists, which are named by id."""
    fitting = {id_of(one): one for one in owners if isinstance(one, kinds)}
    changed: dict[str, Any] = {}
    for name, change in changes.items():
        place = f"{path}.{shorten(name)}"
        if name not in fitting:
            known = ", ".join(sorted(fitting)[:20]) or "none"
            problems.append(Problem(place, "unknown_id", shorten(name), f"one of {known}"))
            continue
        owner: Any = fitting[name]
        rules = change.applied(owner.rules, place, problems)
        if rules is not owner.rules:
            changed[name] = attrs.evolve(owner, rules=rules)
    return tuple(changed.get(id_of(one), one) for one in owners) if changed else owners


_WORDS = ("add", "replace", "remove")

_COLUMNS: Mapping[str, Column] = {
    "change": required(TEXT),
    "id": required(TEXT),
    "product": TEXT,
    "currency": CURRENCY,
    "amount": NUMBER,
    "customer": TEXT,
    "segment": TEXT,
    "valid_from": DATE,
    "valid_to": DATE,
}


def _record(row: Row) -> PriceRecord:
    cells = dict(row.cells)
    del cells["change"]
    missing = [
        Problem(name, "missing", None, f"the {name} of the record")
        for name in ("product", "currency", "amount")
        if name not in cells
    ]
    if missing:
        raise InvalidInput("price record", missing)
    price = Money(cells.pop("amount"), cells.pop("currency"))
    return PriceRecord(price=price, **cells)
