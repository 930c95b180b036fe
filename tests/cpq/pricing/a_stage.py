"""A procedure with one step and the documents that it prices, for tests of its waterfall."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from salesmgmt.core.entity import ProductId
from salesmgmt.core.exchange import ExchangeRate, ExchangeRates
from salesmgmt.core.money import Money
from salesmgmt.cpq.pricing import (
    Aside,
    Line,
    ListPrice,
    NotApplied,
    Priced,
    PriceRecord,
    PricingModel,
    PricingProcedure,
    PricingRequest,
    RoundLines,
    StoodAside,
)
from salesmgmt.cpq.products import Catalogue, Product
from tests.cpq.pricing.a_step import Both

D = Decimal
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PRICES = tuple(
    PriceRecord(id=f"p-{name}", product=name, price=Money(price, "EUR"))
    for name, price in (("desk", 250), ("chair", 70), ("lamp", 30))
)
CATALOGUE = Catalogue(
    [
        Product(id=ProductId("desk"), category="office", family="wood", cost=Money(150, "EUR")),
        Product(id=ProductId("chair"), category="office", family="seats"),
        Product(id=ProductId("lamp"), family="light"),
        Product(id=ProductId("care")),
        Product(id=ProductId("plus")),
        Product(id=ProductId("mug")),
    ]
)
RATES = ExchangeRates([ExchangeRate("USD", "EUR", "0.8", date(2026, 3, 1))])


def asked(*lines: Line, **more: Any) -> PricingRequest:
    return PricingRequest(at=NOW, currency="EUR", lines=lines, **more)


def pricer_of(*steps: Any, required: bool = True, **more: Any) -> Both:
    own = PricingProcedure(
        id="own", steps=(ListPrice(id="list", required=required), *steps, RoundLines(id="cents"))
    )
    return Both(PricingModel(procedure=own, **{"prices": PRICES, "catalogue": CATALOGUE, **more}))


def price(step: Any, *lines: Line, **more: Any) -> Priced:
    return pricer_of(step, **more).price(asked(*lines))


def refused(detail: str, rule: str = "r", step: str = "s") -> NotApplied:
    return NotApplied(step=step, rule=rule, why_not=StoodAside(code=Aside.REFUSED, detail=detail))
