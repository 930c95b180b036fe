"""A small shop that the tests of recommendations share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from salesmgmt.core.money import Money
from salesmgmt.cpq.pricing import (
    Line,
    Pricer,
    PriceRecord,
    PricingModel,
    PricingRequest,
)
from salesmgmt.cpq.products import Catalogue, Product

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)

# product: family, price, cost; None for no price or no known cost
GOODS: dict[str, tuple[str, int | None, int | None]] = {
    "laptop": ("computers", 900, 700),
    "laptop-pro": ("computers", 1200, 850),
    "dock": ("accessories", 80, 30),
    "mouse": ("accessories", 20, 8),
    "bag": ("accessories", 40, None),
    "setup": ("services", 50, 10),
    "stand": ("accessories", None, 12),
}
RETIRED = "dock-old"


def eur(amount: int | str) -> Money:
    return Money(amount, "EUR")


def catalogue() -> Catalogue:
    return Catalogue(
        [
            *(
                Product(id=name, family=family, cost=None if cost is None else eur(cost))
                for name, (family, _, cost) in GOODS.items()
            ),
            Product(id=RETIRED, family="accessories", cost=eur(20), active=False),
        ]
    )


def shop(**further: Any) -> Pricer:
    prices = [
        PriceRecord(id=f"p-{name}", product=name, price=eur(price))
        for name, (_, price, _) in GOODS.items()
        if price is not None
    ]
    prices.append(PriceRecord(id="p-old", product=RETIRED, price=eur(60)))
    return PricingModel(prices=prices, catalogue=catalogue(), **further).compile()


def request(*lines: Line, **further: Any) -> PricingRequest:
    return PricingRequest(at=NOW, currency="EUR", lines=lines, **further)


def wants(products: Iterable[str], quantity: int = 1) -> PricingRequest:
    return request(*(Line(product, quantity) for product in products))
