"""Kinds about amounts: `allocation`, `line_amount`."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from salesmgmt.core.allocation import allocate
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.rounding import RoundingMode
from salesmgmt.cpq.pricing import (
    DiscountRule,
    Discounts,
    HeaderDiscounts,
    Line,
    ListPrice,
    PriceRecord,
    PricingModel,
    PricingProcedure,
    PricingRequest,
    RoundedPart,
    RoundLines,
    Subtotal,
    TaxBasis,
    tax_of,
)
from salesmgmt.cpq.pricing.sharing.distribution import AllocationPolicy, distribute
from tests.cases.case import Adapter, Case, Unsupported, number

MODES = {"half_up": RoundingMode.HALF_UP, "half_even": RoundingMode.HALF_EVEN, "down": RoundingMode.DOWN,
         "up": RoundingMode.UP}  # fmt: skip
CURRENCY = "EUR"
"""The cases name no currency; none of the answers depends on it."""

AT = datetime(2026, 3, 2, tzinfo=UTC)
CENT = Decimal("0.01")


def allocation(case: Case) -> dict[str, Any]:
    given, when = case.given, case.when
    total = when.number("total")
    weights = [number(weight) for weight in when.take("weights")]
    remainder: Any = given.choice(
        "remainder", {name: name for name in ("largest_fraction", "first", "last", "largest_part")}
    )
    tie: Any = given.choice("tie", {"first": "first", "last": "last"}, "first")
    zero_weights: Any = given.choice("zero_weights", {"equal": "equal"}, "equal")
    if "unit" in given and given.take("rounding") != "none":
        parts = allocate(
            total,
            weights,
            unit=given.number("unit"),
            rounding=given.choice("rounding", MODES),
            remainder=remainder,
            tie=tie,
            zero_weights=zero_weights,
        )
    else:
        given.choice("rounding", {"none": None, **MODES}, "none")
        given.take("unit", None)
        parts = distribute(total, weights, policy=AllocationPolicy(remainder=remainder, tie=tie))
    answer: dict[str, Any] = {"parts": list(parts), "sum": sum(parts, Decimal(0))}
    if {"net_lines", "net_total"} & case.expect.keys():
        net_lines = [weight - part for weight, part in zip(weights, parts, strict=True)]
        answer |= {"net_lines": net_lines, "net_total": sum(net_lines, Decimal(0))}
    return answer


def line(case: Case) -> dict[str, Any]:
    """A procedure that rounds the line once, or (SAP Note 80183) its value, its discount and the price of its unit."""
    given, when = case.given, case.when
    if "percent_off" in given and "price_percent" in given:
        raise Unsupported("both percent_off and price_percent")
    off = Percent(given.number("percent_off", 0))
    if "price_percent" in given:
        off = Percent(100) - Percent(given.number("price_percent"))
    if given.number("unit") != CENT:
        raise Unsupported("given.unit")
    mode = given.choice("rounding", MODES)
    rules = (DiscountRule(id="off", percent=off),)
    cents = RoundLines(id="cents", mode=mode)
    once = (Discounts(id="discount", rules=rules), Subtotal(id="net_before"), cents)
    each = (
        cents,
        HeaderDiscounts(id="discount", rules=rules, mode=mode),
        Subtotal(id="net_before"),
        RoundLines(id="unit price", at=RoundedPart.UNIT, mode=mode),
        RoundLines(id="line", mode=mode),
    )
    steps = given.choice("round", {"line": once, "net_unit_price": each})
    model = PricingModel(
        prices=[PriceRecord(id="price", product="dock", price=Money(given.number("unit_price"), CURRENCY))],
        procedure=PricingProcedure(id="line", steps=(ListPrice(id="list"), *steps)),
    )
    asked = PricingRequest(at=AT, currency=CURRENCY, lines=[Line("dock", when.number("quantity"))])
    priced = model.compile().price(asked)
    tax = Percent(given.number("tax_included_percent", 0))
    (one,) = priced.lines
    before = one.subtotals["net_before"]
    return {
        "line_net": tax_of(priced, lambda _: tax, basis=TaxBasis.GROSS, mode=mode).net.amount,
        "gross": one.list_amount.amount,
        "discount": (one.list_amount - before).amount,
        "net_before": before.amount,
        "net_unit": one.unit_price.amount,
        "difference": (one.net_amount - before).amount,
    }


ADAPTERS: dict[str, Adapter] = {"allocation": allocation, "line_amount": line}
