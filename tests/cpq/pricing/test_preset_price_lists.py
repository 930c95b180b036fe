"""What presets with price lists make of documents, through `Pricer.price`.

Expected values are those of the documentation and tests of each system (the comment names the acceptance case, or the
page), or are reckoned by hand from the documented rule; the arithmetic stands beside them.
"""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from salesmgmt.core.entity import ProductId
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import (
    FreeUnitsRule,
    Line,
    PriceConflict,
    PriceRule,
)
from salesmgmt.cpq.pricing.presets import preset
from salesmgmt.cpq.pricing.promotions import (
    AmountOff,
    PercentOff,
    PromotionCondition,
    Trigger,
)
from salesmgmt.cpq.products import Catalogue, Product
from tests.cpq.pricing.a_preset import amounts, by_list, listed, price, promotion, record, usd


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        # odoo-pl-031: rounded to 10 and then less 0.01.
        ({"percent_off": 0, "round_to": 10, "surcharge": "-0.01"}, "119.99"),
        # odoo-pl-033: 123.45 and 20 % is 148.14, and 92 is 240.14, rounded up to the next 5 because the rule says last.
        (
            {
                "percent_off": -20,
                "surcharge": 92,
                "round_to": 5,
                "round_mode": "up",
                "steps": ["discount", "surcharge", "round"],
            },
            "245.00",
        ),
        # odoo-pl-037, -038: cost 100 less -10 % is 110, raised to 100 + 15; less -50 % is 150, lowered to 100 + 20.
        ({"base": "cost", "percent_off": -10, "min_margin": 15}, "115.00"),
        ({"base": "cost", "percent_off": -50, "max_margin": 20}, "120.00"),
    ],
)
def test_odoo_rule_steps(rule: dict[str, Any], expected: str) -> None:
    priced = by_list(
        "odoo",
        [Line("p", 1)],
        PriceRule(id="r", **rule),
        prices=listed(p="123.45"),
        catalogue=Catalogue([Product(id=ProductId("p"), cost=usd(100))]),
    )

    assert priced.total == usd(expected)


def test_odoo_a_fixed_price_is_no_discount_that_was_rounded() -> None:
    # odoo-pl-036: never 316.01.
    rule = PriceRule.for_product("p", id="r", price=158)

    assert by_list("odoo", [Line("p", 2)], rule, prices=listed(p="168.00")).total == usd("316.00")


@pytest.mark.parametrize(("dozens", "expected"), [("0.4", "86.40"), ("0.3", "72.00")])
def test_odoo_a_break_is_reached_in_base_units(dozens: str, expected: str) -> None:
    # odoo-pl-017: 0.4 dozen are 4.8 and reach 4, 216 a dozen; 0.3 dozen are 3.6 and do not, 240 a dozen.
    priced = by_list(
        "odoo",
        [Line("p", dozens, uom="dozen")],
        PriceRule(id="ten", min_quantity=4, percent_off=10),
        prices=listed(p="20.00"),
        catalogue=Catalogue([Product(id=ProductId("p"))]),
    )

    assert priced.total == usd(expected)


def test_odoo_the_most_specific_scope_wins_however_low_its_priority() -> None:
    rules = [
        PriceRule(id="all", percent_off=50, priority=9),
        PriceRule.for_product("p", id="product", percent_off=10),
    ]

    assert by_list("odoo", [Line("p", 1)], *rules, prices=listed(p="100.00")).total == usd(90)


def test_odoo_the_line_is_rounded_and_not_the_unit() -> None:
    # odoo-pl-049: 38 x 541.26 x 0.98 = 20156.5224, of which 15 % are tax: 20156.52 / 1.15 = 17527.41.
    priced = by_list("odoo", [Line("p", 38)], PriceRule(id="two", percent_off=2), prices=listed(p="541.26"))
    taxed = attrs.evolve(preset("odoo").tax, basis="gross").tax_of(priced, lambda _: Percent(15))

    assert taxed.net == usd("17527.41")


def test_odoo_programs_apply_in_their_order_to_what_is_left() -> None:
    # odoo-promo-025: 1000 - 100 = 900, - 90 = 810, - 162 = 648.
    priced = price(
        "odoo",
        [Line("p", 1)],
        prices=listed(p="1000.00"),
        promotions=[
            promotion("off100", AmountOff(amount=usd(100))),
            promotion("pc10", PercentOff(percent=Percent(10))),
            promotion("pc20", PercentOff(percent=Percent(20))),
        ],
    )

    assert priced.total == usd(648)
    assert [step.rounded_amount for step in priced.lines[0].waterfall[1:]] == [-100, -90, -162]


def test_odoo_a_minimum_is_tested_on_what_is_left() -> None:
    # odoo-promo-011: of 165 the first code leaves 65, which is below the minimum of the second.
    codes = [
        promotion(
            name,
            AmountOff(amount=usd(100)),
            trigger=Trigger.CODE,
            codes=(name,),
            condition=PromotionCondition(min_amount=usd(100)),
        )
        for name in ("p100", "c100")
    ]
    priced = price(
        "odoo", [Line("p", 10)], {"codes": ["p100", "c100"]}, prices=listed(p="16.50"), promotions=codes
    )

    assert priced.total == usd(65)
    assert [one.rule for one in priced.not_applied] == ["c100"]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        # erpnext-pr-007, -008: the margin comes first, 1000 -> 1100 -> 990.
        ([{"margin_percent": 10, "percent_off": 10}], "990.00"),
        ([{"margin_percent": 10, "amount_off": 110}], "990.00"),
        # erpnext-pr-013: combined percentages add up on the same base.
        (
            [
                {"percent_off": 20, "priority": 1, "combinable": True},
                {"percent_off": 10, "priority": 2, "combinable": True},
            ],
            "700.00",
        ),
        # erpnext-pr-017: 10 % and an amount.
        ([{"percent_off": 10, "combinable": True}, {"amount_off": 100, "combinable": True}], "800.00"),
        # erpnext-pr-019: one rule that forbids combining makes the set exclusive, and the highest priority wins.
        (
            [
                {"percent_off": 60, "priority": 2, "combinable": True, "key": {"line.categories": "products"}},
                {"price": 25, "priority": 4},
            ],
            "25.00",
        ),
        # erpnext-pr-051: a priority comes before what is more specific; without one the item does.
        ([{"percent_off": 10}, {"percent_off": 20, "priority": 2, "key": {"line.categories": "products"}}], "800.00"),
        ([{"percent_off": 10}, {"percent_off": 20, "key": {"line.categories": "products"}}], "900.00"),
        # erpnext-pr-015: below the minimum quantity nothing holds.
        ([{"percent_off": 20, "min_quantity": 4}], "1000.00"),
    ],
)  # fmt: skip
def test_erpnext_pricing_rules(rules: list[dict[str, Any]], expected: str) -> None:
    priced = by_list(
        "erpnext",
        [Line("item", 1)],
        *(PriceRule(**{"id": f"r{place}", "key": {"line.lineage": "item"}, **one}) for place, one in enumerate(rules)),
        prices=listed(item="1000.00"),
        catalogue=Catalogue([Product(id=ProductId("item"), category="products")]),
    )  # fmt: skip

    assert priced.total == usd(expected)


def test_erpnext_rules_of_equal_priority_are_a_conflict() -> None:
    # "Multiple Price Rules exists with same criteria, please resolve conflict by assigning priority".
    rules = [PriceRule.for_product("item", id=str(off), percent_off=off) for off in (10, 20)]

    priced = by_list("erpnext", [Line("item", 1)], *rules, prices=listed(item="100.00"))

    assert isinstance(priced.unpriced[0], PriceConflict)
    assert {one.unit_price for one in priced.unpriced[0].candidates} == {usd(90), usd(80)}


def test_erpnext_a_rule_may_give_its_price_to_other_items() -> None:
    # erpnext-pr-038: A worth 200 gives 10 % off B.
    rule = PriceRule.for_product("a", id="o", min_amount=200, apply_to={"line.lineage": "b"}, percent_off=10)

    priced = by_list("erpnext", [Line("a", 2), Line("b", 1)], rule, prices=listed(a="100.00", b="100.00"))

    assert amounts(priced) == ["200.00", "90.00"]


@pytest.mark.parametrize(("ordered", "free"), [(39, 1), (40, 2), (19, 0)])
def test_erpnext_free_items_are_given_for_full_multiples(ordered: int, free: int) -> None:
    # erpnext-pr-043: one of twenty, recursive.
    erpnext = preset("erpnext")
    goods = erpnext.free_goods.free_goods(minimum_quantity=20, per_quantity=20, free_quantity=1)
    procedure = erpnext.procedure_with(
        rules={"free items": [FreeUnitsRule(id="20:1", product="item", goods=goods)]}
    )

    priced = price("erpnext", [Line("item", ordered)], prices=listed(item="10.00"), procedure=procedure)

    assert sum(one.quantity for one in priced.added) == free
    assert priced.total == usd(10 * ordered)


def test_erpnext_the_last_item_bears_what_rounding_the_shares_loses() -> None:
    # 10.00 on three of 7.00: 3.33 each, and 0.01 is left for the last (apply_discount_amount).
    priced = price(
        "erpnext",
        [Line("item", 1)] * 3,
        prices=listed(item="7.00"),
        conditions=[record("transaction amount", amount=usd(10), condition="order.amount >= 20 USD")],
    )

    assert amounts(priced) == ["3.67", "3.67", "3.66"]


def test_erpnext_tax_is_rounded_on_its_sum_to_the_even_cent() -> None:
    # Three of 0.10 at 15 % are 0.045, so 0.04; each by itself and half up would be 0.02, 0.06 in all.
    priced = price("erpnext", [Line("item", 1)] * 3, prices=listed(item="0.10"))

    assert preset("erpnext").tax.tax_of(priced, lambda _: Percent(15)).tax == usd("0.04")
    assert preset("sap").tax.tax_of(priced, lambda _: Percent(15)).tax == usd("0.06")
