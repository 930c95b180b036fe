"""Kinds about promotions: `promotion`, `voucher_check`, `promotion_order`."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs

from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.rounding import Rounding, RoundingMode
from salesmgmt.cpq.pricing.promotions import (
    AmountOff,
    Benefit,
    BuyGet,
    CheapestFree,
    Combine,
    FreeProduct,
    LineFilter,
    LineKind,
    PercentBase,
    PercentOff,
    Promoted,
    Promotion,
    PromotionCondition,
    PromotionLine,
    PromotionOrder,
    PromotionPolicy,
    PromotionScope,
    PromotionUse,
    Repeat,
    SetPrice,
    Trigger,
    UnitOrder,
    apply_promotions,
    promotion_policy,
)
from salesmgmt.cpq.pricing.promotions.condition import unmet
from salesmgmt.cpq.pricing.promotions.ordering import ordered
from salesmgmt.cpq.pricing.tax_basis import TaxBasis
from tests.cases.case import Adapter, Case, Keys, Unsupported, number

CURRENCY = "EUR"
"""The cases name no currency; none of the answers depends on it."""
MODES = {"half_up": RoundingMode.HALF_UP, "half_even": RoundingMode.HALF_EVEN, "down": RoundingMode.DOWN,
         "up": RoundingMode.UP}  # fmt: skip
PRESETS = ("odoo", "medusa", "saleor", "solidus", "vendure", "oscar")
SCOPES = {scope.value: scope for scope in PromotionScope}
BASES = {basis.value: basis for basis in TaxBasis}
ORDERS = {"cheapest": UnitOrder.CHEAPEST, "dearest": UnitOrder.DEAREST}


def money(value: Decimal) -> Money:
    return Money(value, CURRENCY)


def policy(case: Case) -> PromotionPolicy:
    if case.policy is None:
        known = PromotionPolicy()
    elif case.policy in PRESETS:
        known = promotion_policy(case.policy)
    else:
        raise Unsupported(f"policy {case.policy}")
    combine = case.given.choice("combine", {each.value: each for each in Combine}, "all")
    return attrs.evolve(known, combine=Combine(combine))


def optional_number(keys: Keys, key: str) -> Decimal | None:
    return keys.number(key) if keys.take(key, None) is not None else None


def optional_money(keys: Keys, key: str) -> Money | None:
    value = optional_number(keys, key)
    return None if value is None else money(value)


def optional_count(keys: Keys, key: str) -> int | None:
    value = optional_number(keys, key)
    return None if value is None else int(value)


def flag(keys: Keys, key: str, *, default: bool) -> bool:
    value = keys.take(key, default)
    if not isinstance(value, bool):
        raise Unsupported(f"{key} = {value!r}")
    return value


def basis(*places: Keys) -> TaxBasis | None:
    """`amount_is` where it stands: at the promotion, or inside its benefit or condition."""
    stated = {keys.choice("amount_is", BASES) for keys in places if "amount_is" in keys}
    if len(stated) > 1:
        raise Unsupported("two different amount_is")
    return stated.pop() if stated else None


def side(keys: Keys) -> LineFilter:
    """The products or categories of a condition, or of a side of buy_x_get_y."""
    return LineFilter(
        products=tuple(names(keys, "product")),
        categories=tuple(names(keys, "category")),
    )


def names(keys: Keys, key: str) -> list[str]:
    value = keys.take(key, None)
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)


def condition(keys: Keys) -> PromotionCondition:
    if "condition" not in keys:
        return PromotionCondition()
    inner = keys.inner("condition")
    return PromotionCondition(
        min_quantity=optional_number(inner, "min_quantity"),
        min_amount=optional_money(inner, "min_amount"),
        amount_is=basis(inner),
        of=side(inner),
    )


def benefit(promotion: Keys) -> Benefit:
    keys = promotion.inner("benefit")
    kind = keys.take("type")
    # Says something about percentages only.
    place = keys if "base" in keys else promotion
    bases = {each.value: each for each in PercentBase}
    base = place.choice("base", bases) if "base" in place else None
    if kind == "percent_off":
        return PercentOff(percent=Percent(keys.number("value")), base=base)
    if kind == "amount_off":
        return AmountOff(amount=money(keys.number("value")), amount_is=basis(keys, promotion))
    if kind == "set_price":
        return SetPrice(price=money(keys.number("value")), amount_is=basis(keys, promotion))
    if kind == "cheapest_free":
        return CheapestFree()
    if kind == "free_product":
        points = optional_number(keys, "points")
        earned = optional_number(keys, "points_per_unit")
        if points is not None and earned is None:
            earned = Decimal(1)
        return FreeProduct(
            product=keys.take("product"),
            quantity=keys.number("quantity", 1),
            points=Decimal(1) if points is None else points,
            points_per_unit=earned,
        )
    if kind == "buy_x_get_y":
        buy, get = keys.inner("buy"), keys.inner("get")
        return BuyGet(
            buy=side(buy),
            buy_quantity=buy.number("min_quantity", 1),
            get=side(get),
            get_quantity=get.number("quantity", 1),
            choose=keys.choice("choose", ORDERS) if "choose" in keys else None,
        )
    raise Unsupported(f"benefit {kind!r}")


def selection(keys: Keys) -> LineFilter:
    if "on" not in keys:
        return LineFilter()
    inner = keys.inner("on")
    return LineFilter(
        lines=tuple(names(inner, "lines")),
        products=tuple(names(inner, "products")),
        categories=tuple(names(inner, "categories")),
    )


def promotion(entry: dict[str, Any]) -> tuple[Promotion, PromotionUse | None]:
    keys = Keys(entry, "given.promotions")
    budget = keys.inner("budget") if keys.take("budget", None) is not None else None
    given = benefit(keys)
    trigger = keys.choice("trigger", {each.value: each for each in Trigger}, "auto")
    made = Promotion(
        id=keys.take("id"),
        trigger=trigger,
        codes=(keys.take("id"),) if trigger is Trigger.CODE else (),
        condition=condition(keys),
        benefit=given,
        scope=keys.choice("scope", SCOPES, "order"),
        on=selection(keys),
        max_items=optional_number(keys, "max_items"),
        max_units_per_line=optional_number(keys, "max_units_per_line"),
        max_discount=optional_money(keys, "max_discount"),
        max_applications=optional_count(keys, "max_applications"),
        repeat=keys.choice("repeat", {"per_unit": Repeat.PER_UNIT}, Repeat.ONCE)
        if "repeat" in keys
        else Repeat.ONCE,
        group=str(keys.take("group", None) or ""),
        budget=None if budget is None else money(budget.number("limit")),
    )
    use = None if budget is None else PromotionUse(amount=money(budget.number("used", 0)))
    if unread := list(keys.unread()):
        raise Unsupported(f"not read: {', '.join(unread)}")
    return made, use


def line(entry: dict[str, Any], tax: Percent) -> PromotionLine:
    keys = Keys(entry, "when.lines")
    quantity = keys.number("quantity", 1)
    amount = keys.number("amount") if "amount" in keys else keys.number("unit_price") * quantity
    rate = optional_number(keys, "tax_percent")
    made = PromotionLine(
        id=str(keys.take("id")),
        product=str(keys.take("product", None) or ""),
        categories=tuple(names(keys, "category")),
        kind=keys.choice("type", {"shipping": LineKind.SHIPPING, "goods": LineKind.GOODS}, "goods"),
        quantity=quantity,
        amount=money(amount),
        discountable=flag(keys, "discountable", default=True),
        tax_percent=tax if rate is None else Percent(rate),
        tax_group=str(keys.take("tax_group", None) or ""),
    )
    if unread := list(keys.unread()):
        raise Unsupported(f"not read: {', '.join(unread)}")
    return made


def rounding(case: Case) -> Rounding | None:
    mode = case.given.take("rounding", "none")
    unit = optional_number(case.given, "unit")
    if unit is None or mode == "none":
        if mode not in {"none", *MODES}:
            raise Unsupported(f"given.rounding = {mode!r}")
        return None
    return Rounding(case.given.choice("rounding", MODES), unit)


def promoted(case: Case) -> Promoted:
    given, when = case.given, case.when
    rate, included = Percent(0), False
    if given.take("tax", None) is not None:
        tax = given.inner("tax")
        rate = Percent(tax.number("percent"))
        included = flag(tax, "included", default=False)
    pairs = [promotion(entry) for entry in given.take("promotions")]
    lines = [line(entry, rate) for entry in when.take("lines")]
    if included and any("tax_percent" in entry for entry in when.take("lines")):
        raise Unsupported("tax_percent on a line whose amount includes tax")
    apply = when.take("apply", None)
    return apply_promotions(
        [made for made, _ in pairs],
        lines,
        currency=CURRENCY,
        policy=policy(case),
        codes=when.take("codes", ()),
        apply=apply,
        rounding=rounding(case),
        floor=optional_money(given, "floor"),
        tax_included=included,
        used={made.id: use for made, use in pairs if use is not None},
    )


def plain(values: Any) -> dict[str, Decimal]:
    return {key: value.amount for key, value in values.items()}


def apply_case(case: Case) -> dict[str, Any]:
    found = promoted(case)
    after = [one.unit_price for one in found.lines]
    wanted = case.expect.get("by_promotion", {})
    zeros = {one.id: Decimal(0) for one in found.lines}
    answer: dict[str, Any] = {
        "by_promotion": dict.fromkeys(wanted, zeros)
        | {name: zeros | plain(amounts) for name, amounts in found.by_promotion_and_line.items()},
        "by_promotion_total": {name: Decimal(0) for name in case.expect.get("by_promotion_total", {})}
        | plain(found.by_promotion),
        "by_line": plain(found.by_line),
        "by_tax_group": plain(found.by_tax_group),
        "discount_total": found.discount_total.amount,
        "total": found.total.amount,
        "net_total": found.net_total.amount,
        "gross_total": found.gross_total.amount,
        "tax_total": found.tax_total.amount,
        "applied": frozenset(found.applied),
        "rejected": frozenset(refused.promotion for refused in found.refused),
        "reasons": {name: reason.code for name, reason in found.reasons.items()},
        "free": {name: Decimal(0) for name in case.expect.get("free", {})} | dict(found.free_quantity),
        "applications": sum(found.applications.values()),
    }
    if len(set(after)) == 1:
        answer["unit_price_after"] = None if after[0] is None else after[0].amount
    return answer


def voucher_check(case: Case) -> dict[str, Any]:
    voucher = case.given.inner("voucher")
    asked = PromotionCondition(
        min_quantity=optional_number(voucher, "min_quantity"),
        min_amount=optional_money(voucher, "min_spend"),
    )
    reason = unmet(
        asked, quantity=optional_number(case.when, "quantity"), amount=optional_money(case.when, "spend")
    )
    return {"applicable": reason is None, "reason": None if reason is None else reason.code}


def promotion_order(case: Case) -> dict[str, Any]:
    order = {
        ("priority_descending",): PromotionOrder.PRIORITY_DESCENDING,
        ("priority_descending", "creation"): PromotionOrder.PRIORITY_DESCENDING,
        ("creation",): PromotionOrder.LISTED,
        ("creation", "priority_descending"): PromotionOrder.LISTED,
    }.get(tuple(case.given.take("order_by")))
    if order is None:
        raise Unsupported("given.order_by")
    given = case.given.take("offers")
    if any(not offer.keys() <= {"id", "priority"} for offer in given):
        raise Unsupported("given.offers")
    offers = [
        Promotion(id=offer["id"], priority=int(number(offer.get("priority", 0))), benefit=CheapestFree())
        for offer in given
    ]
    return {"order": [offer.id for offer in ordered(offers, order)]}


ADAPTERS: dict[str, Adapter] = {
    "promotion": apply_case,
    "voucher_check": voucher_check,
    "promotion_order": promotion_order,
}
