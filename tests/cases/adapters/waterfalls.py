"""Kinds that run a procedure: `waterfall`, `manual_price`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import (
    DiscountRule,
    Discounts,
    Line,
    ListPrice,
    ManualPrice,
    PriceRecord,
    PricingModel,
    PricingProcedure,
    PricingRequest,
    RoundLines,
    Subtotal,
)
from salesmgmt.cpq.pricing.procedure import Step
from tests.cases.case import Adapter, Case, Keys, Unsupported

CURRENCY = "EUR"
"""The cases name no currency; none of the answers depends on it."""

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def waterfall(case: Case) -> dict[str, Any]:
    given, when = case.given, case.when
    steps: list[Step] = [ListPrice(id="price"), Subtotal(id="list")]
    names = ["list"]
    for position, entry in enumerate(given.take("steps")):
        step = Keys(entry, f"given.steps[{position}]")
        name, off = step.take("name"), Percent(step.number("percent_off"))
        steps += [Discounts(id=f"step {position}", rules=(DiscountRule(id=f"rule {position}", percent=off),))]
        steps += [Subtotal(id=name)]
        names.append(name)
        if unread := list(step.unread()):
            raise Unsupported(unread[0])
    model = PricingModel(
        prices=[PriceRecord(id="p", product="p", price=Money(given.number("list_price"), CURRENCY))],
        procedure=PricingProcedure(id="waterfall", steps=(*steps, RoundLines(id="cents"))),
    )
    request = PricingRequest(at=AT, currency=CURRENCY, lines=[Line("p", when.number("quantity"))])
    line = model.compile().price(request).lines[0]
    return {
        "unit": {name: line.unit_subtotal(name).amount for name in names},
        "total": {name: line.subtotals[name].amount for name in names},
    }


def manual_price(case: Case) -> dict[str, Any]:
    given, when = case.given, case.when
    model = PricingModel(
        prices=[PriceRecord(id="p", product="p", price=Money(given.number("automatic_unit_price"), CURRENCY))]
    )
    manual = ManualPrice(
        unit_price=Money(given.number("manual_unit_price"), CURRENCY), reason="by hand", by="somebody"
    )
    line = Line("p", when.number("quantity"), manual=manual)
    priced = model.compile().price(PricingRequest(at=AT, currency=CURRENCY, lines=[line]))
    return {"unit_price": priced.lines[0].unit_price.amount}


ADAPTERS: dict[str, Adapter] = {"waterfall": waterfall, "manual_price": manual_price}
