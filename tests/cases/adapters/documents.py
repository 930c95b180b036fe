"""Kinds about whole documents and kits: discounts on several lines, header conditions, returns, bundles."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.rounding import Rounding, RoundingMode
from salesmgmt.cpq.pricing.promotions import apply_promotions
from salesmgmt.cpq.pricing.sharing.bundle import Bundle, Component, NoComponentPrice, bundle_price, compound
from salesmgmt.cpq.pricing.sharing.distribution import AllocationPolicy, RemainderTo, TieTo
from salesmgmt.cpq.pricing.sharing.document_discount import (
    DocumentDiscount,
    Excess,
    PercentOf,
    discount_document,
)
from salesmgmt.cpq.pricing.sharing.header_condition import HeaderCondition, HeaderMode, apply_header_condition
from salesmgmt.cpq.pricing.sharing.returns import FrozenLine, ReturnPolicy, return_line
from salesmgmt.cpq.pricing.tax_basis import TaxBasis
from tests.cases.adapters import promotions
from tests.cases.adapters.amounts import CURRENCY, MODES
from tests.cases.case import Adapter, Case, Keys, Unsupported, number

HEADER_MODES = {
    "copy_to_each_item": HeaderMode.EACH_ITEM,
    "item_condition": HeaderMode.EACH_ITEM,
    "distribute_by_value": HeaderMode.DISTRIBUTED,
    "group_condition": HeaderMode.GROUP,
}


def _money(value: object) -> Money:
    return Money(number(value), CURRENCY)


def _amounts(monies: tuple[Money, ...]) -> list[Decimal]:
    return [money.amount for money in monies]


def _optional(money: Money | None) -> Decimal | None:
    return None if money is None else money.amount


def _rounding(given: Keys, default: str = "none") -> Rounding | None:
    mode = given.take("rounding", default)
    if mode != "none" and mode not in MODES:
        raise Unsupported(f"given.rounding = {mode!r}")
    if "unit" not in given or mode == "none":
        given.take("unit", None)
        return None
    return Rounding(MODES[mode], given.number("unit"))


def _shared_by(
    rounding: Rounding | None, remainder: RemainderTo, tie: TieTo = TieTo.FIRST
) -> AllocationPolicy:
    mode = RoundingMode.DOWN if rounding is None else rounding.mode
    return AllocationPolicy(rounding=mode, remainder=remainder, tie=tie)


def document_discount(case: Case) -> dict[str, Any]:
    given, when = case.given, case.when
    rounding = _rounding(given)
    off = given.inner("discount")
    is_percent = off.choice("type", {"fixed": False, "percent": True})
    value = off.number("value")
    excess = given.choice("cap", {"total": Excess.CAP, "(absent)": Excess.ALLOW}, "(absent)")
    percent_of = given.choice(
        "round", {"total": PercentOf.TOTAL_LEFT, "(absent)": PercentOf.EACH_LINE}, "(absent)"
    )
    stated = None if "gross_total" not in when else _money(when.take("gross_total"))
    tax = None if stated is not None else Percent(0)
    if "tax_percent" in given:
        tax = Percent(given.number("tax_percent"))
    remainder = given.choice("remainder", {one.value: one for one in RemainderTo}, "largest_fraction")
    done = discount_document(
        [_money(line) for line in when.take("lines")],
        DocumentDiscount(
            percent=Percent(value) if is_percent else None,
            amount=None if is_percent else _money(value),
            percent_of=percent_of,
            excess=excess,
        ),
        rounding=rounding,
        allocation=_shared_by(rounding, remainder),
        amounts=given.choice("amounts", {one.value: one for one in TaxBasis}),
        tax=tax,
        stated_gross=stated,
    )
    return {
        "parts": _amounts(done.parts),
        "sum": done.discount.amount,
        "net_total": _optional(done.net_total),
        "gross_total": _optional(done.gross_total),
    }


def _line(values: dict[str, Any], place: int) -> Money:
    keys = Keys(values, f"when.lines[{place}]")
    if "amount" in keys:
        keys.take("quantity", 1)
        amount = _money(keys.take("amount"))
    else:
        amount = _money(keys.take("unit_price")) * keys.number("quantity", 1)
    for key in ("id", "product"):
        keys.take(key, None)
    unread = list(keys.unread())
    if unread:
        raise Unsupported(", ".join(unread))
    return amount


def percent_discount(case: Case) -> dict[str, Any]:
    given = case.given
    rounding = _rounding(given)
    percent_of = given.choice("round", {"line": PercentOf.EACH_LINE, "total": PercentOf.TOTAL})
    done = discount_document(
        [_line(values, place) for place, values in enumerate(case.when.take("lines"))],
        DocumentDiscount(percent=Percent(given.number("percent_off")), percent_of=percent_of),
        rounding=rounding,
    )
    return {
        "base": done.base.amount,
        "discounts": _amounts(done.parts),
        "discount_total": done.discount.amount,
        "after": _amounts(done.lines),
    }


def header_condition(case: Case) -> dict[str, Any]:
    given = case.given
    rounding = _rounding(given)
    if ("amount" in given) == ("percent" in given):
        raise Unsupported("amount and percent, or neither")
    given.choice("difference_to", {"largest_item": None}, "largest_item")
    tie = given.choice("tie", {one.value: one for one in TieTo}, "last")
    shares = apply_header_condition(
        [_money(value) for value in case.when.take("item_values")],
        HeaderCondition(
            amount=_money(given.take("amount")) if "amount" in given else None,
            percent=Percent(given.number("percent")) if "percent" in given else None,
            mode=given.choice("mode", HEADER_MODES),
            allocation=_shared_by(rounding, RemainderTo.LARGEST_PART, tie),
        ),
        rounding=rounding,
    )
    return {
        "total": shares.total.amount,
        "parts": _amounts(shares.parts),
        "difference": shares.difference.amount,
    }


def bundle_discount(case: Case) -> dict[str, Any]:
    pack = Percent(case.given.number("pack_percent_off"))
    offs = [Percent(number(value)) for value in case.when.take("component_percent_off")]
    return {"effective_percent_off": [compound(pack, off).points for off in offs]}


def kit_price(case: Case) -> dict[str, Any]:
    case.given.choice("price_from", {"components": "components"})
    components = case.given.take("components")
    if any(set(component) != {"quantity", "rate"} for component in components):
        raise Unsupported("given.components")
    kit = Bundle(
        id="kit",
        components=tuple(
            Component(product=str(place), quantity=number(component["quantity"]))
            for place, component in enumerate(components)
        ),
    )
    rates = {str(place): _money(component["rate"]) for place, component in enumerate(components)}
    price = bundle_price(kit, rates, case.when.number("quantity"), rounding=_rounding(case.given))
    assert not isinstance(price, NoComponentPrice)
    return {"amount": price.amount.amount}


def cancel_line(case: Case) -> dict[str, Any]:
    given, when = case.given, case.when
    rounding = _rounding(given, "half_up")
    policy = promotions.policy(case)
    made = [promotions.promotion(entry) for entry in given.take("promotions")]
    by_id = {entry["id"]: promotions.line(entry, Percent(0)) for entry in when.take("lines")}
    codes = when.take("codes", ())

    def sold(rest: Iterable[str]) -> list[FrozenLine]:
        promoted = apply_promotions(
            [promotion for promotion, _ in made],
            [by_id[id_] for id_ in rest],
            currency=CURRENCY,
            policy=policy,
            codes=codes,
            rounding=rounding,
            used={promotion.id: use for promotion, use in made if use is not None},
        )
        return [
            FrozenLine(id=line.id, amount=line.before, share=line.before - line.after, quantity=line.quantity)
            for line in promoted.lines
        ]

    is_frozen = given.take("shares_frozen")
    if not isinstance(is_frozen, bool):
        raise Unsupported("given.shares_frozen")
    back = return_line(
        sold(by_id),
        when.take("cancel"),
        rounding=rounding,
        policy=ReturnPolicy.FROZEN_SHARES if is_frozen else ReturnPolicy.RECOMPUTED,
        reprice=lambda rest: sold(line.id for line in rest),
    )
    return {
        "refund": back.refund.amount,
        "remaining": back.remaining.amount,
        "discount_left": back.discount_left.amount,
    }


ADAPTERS: dict[str, Adapter] = {
    "document_discount": document_discount,
    "percent_discount": percent_discount,
    "header_condition": header_condition,
    "bundle_discount": bundle_discount,
    "bundle_price": kit_price,
    "cancel_line": cancel_line,
}
