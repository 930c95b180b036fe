"""Kinds about amounts: `allocation`, `line_amount`."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from salesmgmt.core.allocation import allocate
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.rounding import Rounding, RoundingMode
from salesmgmt.cpq.pricing.line_amount import RoundAt, line_amount
from salesmgmt.cpq.pricing.sharing.distribution import AllocationPolicy, distribute
from tests.cases.case import Adapter, Case, Unsupported, number

MODES = {"half_up": RoundingMode.HALF_UP, "half_even": RoundingMode.HALF_EVEN, "down": RoundingMode.DOWN,
         "up": RoundingMode.UP}  # fmt: skip
CURRENCY = "EUR"
"""The cases name no currency; none of the answers depends on it."""


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
    given, when = case.given, case.when
    unit_price = Money(given.number("unit_price"), CURRENCY)
    if "percent_off" in given and "price_percent" in given:
        raise Unsupported("both percent_off and price_percent")
    off = Percent(given.number("percent_off", 0))
    if "price_percent" in given:
        off = Percent(100) - Percent(given.number("price_percent"))
    rounding = None
    if "unit" in given:
        mode = given.take("rounding")
        given.take("unit")
        if mode != "none":
            rounding = Rounding(given.choice("rounding", MODES), given.number("unit"))
    elif given.take("rounding", "none") not in {"none", *MODES}:
        raise Unsupported("given.rounding")
    amount = line_amount(
        unit_price,
        when.number("quantity"),
        percent_off=off,
        tax_included=Percent(given.number("tax_included_percent", 0)),
        at=given.choice("round", {place.value: place for place in RoundAt}),
        rounding=rounding,
    )
    return {
        "line_net": amount.net.amount,
        "gross": amount.gross.amount,
        "discount": amount.discount.amount,
        "net_before": amount.net_before.amount,
        "net_unit": amount.net_unit.amount,
        "difference": amount.difference.amount,
    }


ADAPTERS: dict[str, Adapter] = {"allocation": allocation, "line_amount": line}
