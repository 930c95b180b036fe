"""One document under several presets, through `Pricer.price`: the conventions that differ.

Expected values are those of the documentation and tests of each system (the comment names the acceptance case, or the
page), or are reckoned by hand from the documented rule; the arithmetic stands beside them.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import (
    Line,
    PriceRule,
)
from salesmgmt.cpq.pricing.presets import preset
from salesmgmt.cpq.pricing.promotions import (
    PercentOff,
)
from salesmgmt.cpq.pricing.scales.tier import Tier
from tests.cpq.pricing.a_preset import amounts, by_list, listed, pr00, price, promotion, record, tiered, usd


def ten_and_twenty(name: str) -> Money:
    """A price of 100 with 10 % and 20 % off, as each system writes it."""
    match name:
        case "erpnext":
            rules = [
                PriceRule.for_product("p", id=str(off), percent_off=off, combinable=True) for off in (10, 20)
            ]
            return by_list(name, [Line("p", 1)], *rules, prices=listed(p="100.00")).total
        case "sap":
            conditions = [
                pr00("p", "100.00"),
                record("RA01", percent=Percent(10)),
                record("K004", key={"line.product": "p"}, percent=Percent(20)),
            ]
            return price(name, [Line("p", 1)], conditions=conditions).total
        case "salesforce":
            conditions = [record("additional", percent=Percent(10)), record("partner", percent=Percent(20))]
            return price(name, [Line("p", 1)], prices=listed(p="100.00"), conditions=conditions).total
        case _:
            promotions = [promotion(str(off), PercentOff(percent=Percent(off))) for off in (10, 20)]
            flat = {"conditions": [record("price", key={"line.product": "p"}, amount=usd(100))]}
            model: dict[str, Any] = flat if name == "stripe" else {"prices": listed(p="100.00")}
            return price(name, [Line("p", 1)], promotions=promotions, **model).total


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *((name, 70) for name in ("erpnext", "sap", "medusa", "oscar", "saleor", "solidus", "vendure")),
        *((name, 72) for name in ("odoo", "salesforce", "stripe")),
    ],
)
def test_ten_and_twenty_percent_are_thirty_or_twenty_eight(name: str, expected: int) -> None:
    assert ten_and_twenty(name) == usd(expected)


@pytest.mark.parametrize(
    ("name", "type_", "expected"),
    [("stripe", "price", "70.00"), ("sap", "PR00", "60.00"), ("salesforce", "special", "60.00")],
)
def test_the_bound_of_a_tier_belongs_to_the_tier_below_or_above(name: str, type_: str, expected: str) -> None:
    # 10 at 7 up to 10, at 6 beyond or from there on.
    tiers = [Tier(lower=0, upper=10, unit_amount=7), Tier(lower=10, unit_amount=6)]

    assert price(name, [Line("p", 10)], conditions=[tiered(name, tiers, "all_units", type_)]).total == usd(
        expected
    )


@pytest.mark.parametrize(("name", "expected"), [("odoo", "115.43"), ("erpnext", "115.38")])
def test_the_line_or_the_unit_is_rounded(name: str, expected: str) -> None:
    # alloc-037: 18 x 6.75 x 0.95 = 115.425; the unit of 6.4125 is 6.41, 18 of them 115.38.
    priced = by_list(name, [Line("p", 18)], PriceRule(id="r", percent_off=5), prices=listed(p="6.75"))

    assert priced.total == usd(expected)


@pytest.mark.parametrize(
    ("name", "expected"), [("sap", ["9.99", "8.98", "8.98"]), ("erpnext", ["9.98", "8.98", "8.99"])]
)
def test_the_largest_or_the_last_item_bears_the_last_cent(name: str, expected: list[str]) -> None:
    # 0.05 on 10, 9 and 9: 0.0179, 0.0161 and 0.0161, each rounded to 0.02, is a cent too much.
    prices = {"a": "10.00", "b": "9.00", "c": "9.00"}
    lines = [Line(product, 1) for product in prices]
    if name == "sap":
        conditions = [
            *(pr00(one, amount) for one, amount in prices.items()),
            record("HB00", amount=usd("0.05")),
        ]
        priced = price(name, lines, conditions=conditions)
    else:
        off = record("transaction amount", amount=usd("0.05"))
        priced = price(name, lines, prices=listed(**prices), conditions=[off])

    assert amounts(priced) == expected


@pytest.mark.parametrize(("name", "expected"), [("sap", "0.06"), ("odoo", "0.06"), ("erpnext", "0.04")])
def test_tax_is_rounded_a_line_or_a_rate(name: str, expected: str) -> None:
    # 15 % of 0.10 is 0.015, so 0.02 half up, three times; of all three 0.045, so 0.04 half even.
    priced = price("odoo", [Line("p", 1)] * 3, prices=listed(p="0.10"))

    assert preset(name).tax.tax_of(priced, lambda _: Percent(15)).tax == usd(expected)


def half_up(amount: Fraction) -> int:
    return int((2 * amount + 1) // 2)


@settings(max_examples=60, deadline=None)
@given(cents=st.integers(1, 10**7), first=st.integers(0, 100), second=st.integers(0, 100))
def test_two_percentages_agree_with_fractions(cents: int, first: int, second: int) -> None:
    """From gross, each rounded by itself, and never below zero; or one after the other, rounded at the end."""
    unit = Money(cents, "USD") / 100
    conditions = [
        record("PR00", key={"line.product": "p"}, amount=unit),
        record("RA01", percent=Percent(first)),
        record("K004", key={"line.product": "p"}, percent=Percent(second)),
    ]
    added = price("sap", [Line("p", 1)], conditions=conditions).total
    conditions = [record("additional", percent=Percent(first)), record("partner", percent=Percent(second))]
    compounded = price(
        "salesforce", [Line("p", 1)], prices=listed(p=f"{unit.amount:f}"), conditions=conditions
    ).total

    off = half_up(Fraction(cents * first, 100)) + half_up(Fraction(cents * second, 100))
    assert added * 100 == usd(max(cents - off, 0))
    assert compounded * 100 == usd(half_up(Fraction(cents * (100 - first) * (100 - second), 10**4)))
