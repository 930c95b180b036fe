"""A model by a preset and a document that it prices, for tests of presets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from salesmgmt.core.money import Money
from salesmgmt.cpq.pricing import (
    ConditionRecord,
    Line,
    Priced,
    PriceList,
    PriceRecord,
    PriceRule,
    PricingRequest,
)
from salesmgmt.cpq.pricing.presets import preset
from salesmgmt.cpq.pricing.promotions import Benefit, Promotion
from salesmgmt.cpq.pricing.scales.tier import Tier

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def usd(amount: str | int) -> Money:
    return Money(amount, "USD")


def listed(**prices: str) -> list[PriceRecord]:
    return [PriceRecord(id=f"list {name}", product=name, price=usd(price)) for name, price in prices.items()]


def record(type_: str, **fields: Any) -> ConditionRecord:
    id_ = fields.pop("id", f"{type_} {sorted(fields.get('key', {}).values())}")
    return ConditionRecord(id=id_, type=type_, **fields)


def price(name: str, lines: Sequence[Line], request: dict[str, Any] | None = None, **model: Any) -> Priced:
    pricer = preset(name).model(**model).compile()
    return pricer.price(PricingRequest(at=NOW, currency="USD", lines=lines, **(request or {})))


def by_list(name: str, lines: Sequence[Line], *rules: PriceRule, **model: Any) -> Priced:
    """By a price list with some rules."""
    lists = [PriceList(id="rules", currency="USD", rules=rules)]
    return price(name, lines, {"price_list": "rules", **model.pop("request", {})}, price_lists=lists, **model)


def amounts(priced: Priced) -> list[str]:
    return [f"{line.net_amount.amount:f}" for line in priced.lines]


def promotion(id_: str, benefit: Benefit, **fields: Any) -> Promotion:
    return Promotion(id=id_, benefit=benefit, **fields)


def pr00(product: str, amount: str, **fields: Any) -> ConditionRecord:
    key = {"line.product": product, **fields.pop("more_key", {})}
    return record("PR00", key=key, amount=usd(amount), **fields)


def tiered(name: str, tiers: Sequence[Tier], scale_type: str, type_: str) -> ConditionRecord:
    scale = preset(name).scales.scale(tiers=tiers, scale_type=scale_type)
    return record(type_, key={"line.product": "p"}, scale=scale)
