"""Kinds about price lists and charge rules, and the validation of rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs

from salesmgmt.core.exact import CONTEXT
from salesmgmt.core.exchange import ExchangeRate, ExchangeRates
from salesmgmt.core.formula import BOOL, NUMBER, SET, TEXT, Schema
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.rounding import RoundingMode
from salesmgmt.core.units import Unit, UnitTable
from salesmgmt.cpq.pricing.price_lists.policy import PriceListPolicy
from salesmgmt.cpq.pricing.price_lists.price_list import (
    PRICE_LIST_FACTS,
    PriceList,
    PriceLists,
    price_list_cycle,
)
from salesmgmt.cpq.pricing.price_lists.price_rule import (
    BasePrice,
    PriceRule,
    QuantityScope,
    Reference,
    RuleStep,
)
from salesmgmt.cpq.pricing.price_lists.unit_price import (
    BasePrices,
    ListAnswer,
    PriceQuestion,
    RuleConflict,
    UnitPrice,
)
from salesmgmt.cpq.products import Catalogue, Product
from tests.cases.case import Adapter, Case, Keys, Unsupported, number

SOME_DAY = "2024-03-01"
"""For cases that name no day; none of them depends on it."""
FIRST_DAY = date(1970, 1, 1)
MODES = {"up": RoundingMode.UP, "down": RoundingMode.DOWN, "half_up": RoundingMode.HALF_UP,
         "half_even": RoundingMode.HALF_EVEN}  # fmt: skip
SCOPES = {"variant": "line.product", "product": "line.lineage", "category": "line.categories", "all": ""}
QUANTITY_SCOPES = {scope.value: scope for scope in QuantityScope}
POLICIES = {name: name for name in ("odoo", "lowest_own_or_inherited")}
INVENTED = {"MAIN": "CHF", "OTHER": "SEK"}
"""Codes of the cases that no currency has, and currencies to play them."""
AS_WRITTEN = {real: invented for invented, real in INVENTED.items()}


def _currency(code: str) -> str:
    return INVENTED.get(code, code)


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _validity(text: str | None, *, last: bool = False) -> date | datetime | None:
    """A start, or an end that is included in the case and not in the library."""
    if text is None:
        return None
    if len(text) == 10:
        day = date.fromisoformat(text)
        return day + timedelta(days=1) if last else day
    return _instant(text) + timedelta(seconds=1) if last else _instant(text)


def _each(keys: Keys, name: str) -> list[Keys]:
    rows = [Keys(row, f"{name}[{place}]") for place, row in enumerate(keys.take(name, []))]
    keys._inner.extend(rows)
    return rows


def _optional(keys: Keys, name: str) -> Decimal | None:
    return keys.number(name) if name in keys else None


def _units(given: Keys, base_units: set[str]) -> UnitTable:
    table = UnitTable([Unit(code, code) for code in sorted(base_units)])
    waiting = {name: Keys(row, f"uoms.{name}") for name, row in given.take("uoms", {}).items()}
    while waiting:
        known = {unit.code for unit in table.units}
        ready = [name for name, row in waiting.items() if row.take("of") in known]
        if not ready:
            raise Unsupported(f"uoms {sorted(waiting)} of no base unit")
        for name in ready:
            row = waiting.pop(name)
            given._inner.append(row)
            table = table.with_conversion(name, row.take("of"), row.number("factor"))
    return table


def _rates(given: Keys) -> ExchangeRates:
    quotes = []
    for row in _each(given, "fx"):
        day = date.fromisoformat(row.take("valid_from")[:10]) if "valid_from" in row else FIRST_DAY
        quotes.append(
            ExchangeRate(_currency(row.take("from")), _currency(row.take("to")), row.number("rate"), day)
        )
    return ExchangeRates(quotes)


def _price_rule(row: Keys) -> PriceRule:
    method = row.choice("method", {name: name for name in ("fixed", "percent_off", "formula")})
    field = row.choice("scope", SCOPES)
    base = row.choice(
        "base", {base.value: base for base in BasePrice if base is not BasePrice.RUNNING}, "list"
    )
    percent = _optional(row, "percent_off")
    changes: dict[str, Any] = {}
    if method == "fixed":
        changes["price"] = row.number("amount")
    else:
        changes["percent_off"] = Decimal(0) if percent is None else percent
    return PriceRule(
        id=row.take("id"),
        key={field: row.take("ref")} if field else {},
        min_quantity=_optional(row, "min_quantity"),
        uom=row.take("uom", ""),
        valid_from=_validity(row.take("valid_from", None)),
        valid_to=_validity(row.take("valid_to", None), last=True),
        quantity_scope=row.choice("quantity_scope", QUANTITY_SCOPES, "line"),
        base=base,
        base_price_list=row.take("base_price_list", ""),
        round_to=_optional(row, "round_to"),
        round_mode=row.choice("round_mode", MODES, "half_up"),
        surcharge=_optional(row, "surcharge"),
        min_margin=_optional(row, "min_margin"),
        max_margin=_optional(row, "max_margin"),
        floor=_optional(row, "floor"),
        steps=tuple(RuleStep(step) for step in row.take("steps", ())),
        reference=Reference.PRICE if method == "formula" else Reference.BASE,
        **changes,
    )


class _Shop:
    """Products and price lists of a case."""

    def __init__(self, case: Case) -> None:
        given = case.given
        self.rows = {row.take("id"): row for row in _each(given, "products")}
        self.catalogue = Catalogue(
            Product(
                id=name,
                parent=row.take("parent", ""),
                categories=row.take("categories", ()),
                unit=row.take("base_uom"),
            )
            for name, row in self.rows.items()
        )
        self.bases = {name: _bases(row) for name, row in self.rows.items()}
        self.options = {name: _options(row) for name, row in self.rows.items()}
        self.tax_included = {name: row.take("tax_included_percent", None) for name, row in self.rows.items()}
        lists = [
            PriceList(
                id=row.take("id"),
                currency=_currency(row.take("currency")),
                rules=[_price_rule(rule) for rule in _each(row, "rules")],
            )
            for row in _each(given, "price_lists")
        ]
        if case.policy not in POLICIES:
            raise Unsupported(f"policy {case.policy}")
        units = _units(given, {product.unit for product in self.catalogue})
        self.book = PriceLists(lists=lists, policy=PriceListPolicy.preset(case.policy)).compile(
            units=units, rates=_rates(given)
        )

    def question(
        self, product: str, quantity: Decimal, uom: str, at: datetime, selection: Mapping[str, str]
    ) -> PriceQuestion:
        bases = self.bases[product]
        for attribute, value, extra in self.options[product]:
            if selection.get(attribute) == value:
                bases = attrs.evolve(bases, extra=extra if bases.extra is None else bases.extra + extra)
        return PriceQuestion(
            facts=self.catalogue.facts_of(product),
            quantity=quantity,
            unit=uom,
            base_unit=self.catalogue[product].unit,
            at=at,
            bases=bases,
        )


def _bases(row: Keys) -> BasePrices:
    currency = _currency(row.take("currency"))
    cost, cost_currency = _optional(row, "cost"), _currency(row.take("cost_currency", currency))
    return BasePrices(
        list=Money(row.number("list_price"), currency),
        cost=None if cost is None else Money(cost, cost_currency),
    )


def _options(row: Keys) -> list[tuple[str, str, Money]]:
    currency = _currency(row.take("currency"))
    return [
        (option.take("attribute"), option.take("value"), Money(option.number("price_extra"), currency))
        for option in _each(row, "options")
    ]


def _refused(answer: ListAnswer) -> dict[str, Any]:
    if isinstance(answer, RuleConflict):
        return {"error": "conflict", "between": frozenset(answer.found)}
    return {"error": "no_price"}


def price_list(case: Case) -> dict[str, Any]:
    shop, when = _Shop(case), case.when
    product, quantity = when.take("product"), when.number("quantity")
    question = shop.question(
        product,
        quantity,
        when.take("uom", shop.catalogue[product].unit),
        _instant(when.take("at", SOME_DAY)),
        when.take("selection", {}),
    )
    found = shop.book.price(when.take("price_list"), question)
    if not isinstance(found, UnitPrice):
        return _refused(found)
    unit_price, reference = found.unit_price, found.reference_unit_price
    line_net = amount = found.amount.amount
    included, replaced = shop.tax_included[product], None
    if "tax_mapping" in case.given:
        mapping = case.given.inner("tax_mapping")
        mapping.number("replaced_by_excluded_percent")
        replaced = mapping.take("included_percent")
        # The tax that is replaced is in the price; a product need not say so again.
        included = replaced if included is None else included
    if included is not None:
        with_tax = CONTEXT.add(Decimal(1), Percent(number(included)).ratio)

        def untaxed(price: Money, units: Decimal) -> Money:
            return price * units / with_tax

        line_net = untaxed(unit_price, quantity).amount
        if replaced is not None and number(replaced) == number(included):
            one = Decimal(1)
            unit_price, reference, amount = untaxed(unit_price, one), untaxed(reference, one), line_net
    return {
        "unit_price": unit_price.amount,
        "rule": found.rule,
        "reference_unit_price": reference.amount,
        "discount_percent": None if found.discount_percent is None else found.discount_percent.points,
        "line_total": amount,
        "line_net": line_net,
        "currency": AS_WRITTEN.get(unit_price.currency, unit_price.currency),
    }


def price_list_document(case: Case) -> dict[str, Any]:
    shop, when = _Shop(case), case.when
    at = _instant(when.take("at", SOME_DAY))
    questions = []
    for line in _each(when, "lines"):
        product = line.take("product")
        uom = line.take("uom", shop.catalogue[product].unit)
        questions.append(shop.question(product, line.number("quantity"), uom, at, line.take("selection", {})))
    prices = shop.book.price_document(when.take("price_list"), questions)
    answers = []
    for found in prices.lines:
        if not isinstance(found, UnitPrice):
            return _refused(found)
        answers.append(found)
    return {
        "unit_prices": [found.unit_price.amount for found in answers],
        "total": sum((found.amount.amount for found in answers), Decimal(0)),
    }


def cycle(case: Case) -> dict[str, Any]:
    known = [tuple(pair) for pair in case.given.take("based_on")]
    new = tuple(case.when.take("add"))
    path = price_list_cycle([*known, new], new[0])
    return {} if path is None else {"error": "cycle", "path": path}


ITEM_GROUPS = "line.item_groups"
TARGETS = {"item": "line.lineage", "item_group": ITEM_GROUPS, "brand": "line.brand"}
BASE_UNIT = "unit"
KNOWN_CONTEXT = {"customer": TEXT, "campaign": TEXT, "currency": TEXT, "is_return": BOOL}
CURRENCY = "INR"
"""Rates of the cases that name no currency; none of the answers depends on it."""


def _quoted(value: str) -> str:
    doubled = value.replace("'", "''")
    return f"'{doubled}'"


def _fact(name: str, value: Any) -> Any:
    """A fact of the context; a yes or no may be written as a number."""
    if not isinstance(value, str | bool | int | Decimal):
        raise Unsupported(f"context {name} = {value!r}")
    return bool(value) if KNOWN_CONTEXT.get(name) == BOOL and value in {0, 1} else value


def _kind(value: str | bool | Decimal) -> Any:
    if isinstance(value, bool):
        return BOOL
    return TEXT if isinstance(value, str) else NUMBER


def _charge_rule(row: Keys, context: dict[str, Any]) -> PriceRule:
    target = row.inner("on") if "on" in row else Keys({}, "on")
    on = {field: target.take(name) for name, field in TARGETS.items() if name in target}
    is_transaction = target.take("transaction", False)
    if bool(on) is bool(is_transaction) or len(on) > 1:
        raise Unsupported(f"on {on}")
    parts = [
        f"context.{name} == {_quoted(row.take(name))}"
        for name in ("customer", "campaign", "currency")
        if name in row
    ]
    for name, stated in row.take("condition", {}).items():
        value = _fact(name, stated)
        kind = _kind(value)
        if context.setdefault(name, kind) != kind:
            raise Unsupported(f"condition {name} = {value!r}")
        literal = _quoted(value) if isinstance(value, str) else str(value).lower()
        parts.append(f"context.{name} == {literal}")
    rate = _optional(row, "rate")
    gift = row.take("free_item", "")
    apply_to = {}
    if "apply_to" in row:
        other = row.inner("apply_to")
        apply_to = {field: other.take(name) for name, field in TARGETS.items() if name in other}
    return PriceRule(
        id=row.take("id"),
        key=on,
        uom=target.take("uom", ""),
        condition=" and ".join(parts),
        min_quantity=_optional(row, "min_quantity"),
        max_quantity=_optional(row, "max_quantity"),
        min_amount=_optional(row, "min_amount"),
        max_amount=_optional(row, "max_amount"),
        quantity_scope=row.choice(
            "quantity_scope", QUANTITY_SCOPES, "all_matching_lines" if is_transaction else "line"
        ),
        priority=int(row.number("priority")) if "priority" in row else None,
        combinable=row.take("combine", False),
        base=row.choice("base", {"running": BasePrice.RUNNING, "list": BasePrice.LIST}, "list"),
        percent_off=_optional(row, "percent_off"),
        amount_off=_optional(row, "amount_off"),
        price=rate or None,
        margin_percent=_optional(row, "margin_percent"),
        apply_to=apply_to,
        free_product=gift,
        free_quantity=_optional(row, "free_quantity"),
        free_unit_price=_optional(row, "free_item_rate"),
        recursive=row.take("recursive", False),
    )


class _Desk:
    """Charge rules of a case, and lines of its question."""

    def __init__(self, case: Case) -> None:
        given, when = case.given, case.when
        if case.policy != "erpnext":
            raise Unsupported(f"policy {case.policy}")
        names: dict[str, Any] = dict(KNOWN_CONTEXT)
        rules = [_charge_rule(row, names) for row in _each(given, "rules")]
        if when.take("ignore_rules", False):
            rules = []
        context = when.take("context", {})
        facts = {"is_return": False} | {name: _fact(name, value) for name, value in context.items()}
        for name, value in facts.items():
            names.setdefault(name, _kind(value))
        self.context = {f"context.{name}": facts.get(name) for name in names}
        schema = PRICE_LIST_FACTS | Schema(
            {f"context.{name}": kind for name, kind in names.items()} | {ITEM_GROUPS: SET[TEXT]}
        )
        lists = PriceLists(
            lists=[PriceList(id="rules", currency=CURRENCY, rules=rules)],
            policy=PriceListPolicy.preset("erpnext"),
        )
        # The base unit is what the others are made of; it is not named where nothing is converted.
        uoms = given.take("uoms", {})
        bases = {row["of"] for row in uoms.values()} - set(uoms)
        if len(bases) > 1:
            raise Unsupported(f"uoms of {sorted(bases)}")
        self.base_unit = min(bases, default=BASE_UNIT)
        self.book = lists.compile(schema, units=_units(given, {self.base_unit}))

    def question(self, line: Keys) -> PriceQuestion:
        item = line.take("item")
        unit = line.take("uom", self.base_unit)
        catalogue = Catalogue([Product(id=item, parent=line.take("variant_of", None) or "")])
        return PriceQuestion(
            facts={
                **self.context,
                **catalogue.facts_of(item),
                ITEM_GROUPS: tuple(line.take("item_groups", ())),
                "line.brand": line.take("brand", None),
            },
            quantity=line.number("quantity"),
            unit=unit,
            base_unit=self.base_unit,
            at=_instant(SOME_DAY),
            bases=BasePrices(
                list=Money(line.number("list_rate"), CURRENCY),
                unit=unit,
                by_unit={
                    name: Money(number(rate), CURRENCY)
                    for name, rate in line.take("list_rate_for_uom", {}).items()
                },
            ),
        )


def _percent_off(found: UnitPrice) -> Decimal:
    """The discount of the rules in percent: of the marked-up rate; nothing for a rate that is given."""
    return found.discount_off_marked_up.points


def charge_rule(case: Case) -> dict[str, Any]:
    desk = _Desk(case)
    found = desk.book.price("rules", desk.question(case.when.inner("line")))
    if not isinstance(found, UnitPrice):
        return _refused(found)
    return {
        "rule": found.rule,
        "percent_off": _percent_off(found),
        "rate": found.unit_price.amount,
        "rate_with_margin": found.marked_up.amount,
        "discount_amount": found.discount.amount,
        "list_rate": None if found.base_unit_price is None else found.base_unit_price.amount,
        "applied_count": len(found.rules),
    }


def charge_rule_document(case: Case) -> dict[str, Any]:
    desk = _Desk(case)
    prices = desk.book.price_document("rules", [desk.question(line) for line in _each(case.when, "lines")])
    answers = []
    for found in prices.lines:
        if not isinstance(found, UnitPrice):
            return _refused(found)
        answers.append(found)
    return {
        "percent_off": [_percent_off(found) for found in answers],
        "line_amounts": [found.amount.amount for found in answers],
        "added_lines": [{"item": line.product, "rate": line.unit_price.amount} for line in prices.added],
        "line_count": len(answers) + len(prices.added),
    }


def rule_validation(case: Case) -> dict[str, Any]:
    rules = []
    for place, row in enumerate(_each(case.given, "rules")):
        values = dict(row._values)
        values.setdefault("id", f"rule {place}")
        values.setdefault("on", {"transaction": True})
        full = Keys(values, f"rules[{place}]")
        rules.append(_charge_rule(full, dict(KNOWN_CONTEXT)))
        row._read.update(full._read)
        case.given._inner.extend(full._inner)
    codes = {finding.code for rule in rules for finding in rule.findings()}
    return {"error": "invalid_rule"} if codes else {}


ADAPTERS: dict[str, Adapter] = {
    "price_list": price_list,
    "price_list_document": price_list_document,
    "price_list_cycle": cycle,
    "charge_rule": charge_rule,
    "charge_rule_document": charge_rule_document,
    "rule_validation": rule_validation,
}
