"""The vocabulary of acceptance cases, token by token: every expected value is worked out by hand, or from the source named."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cases.adapters.promotions import ADAPTERS
from tests.cases.case import Case, Keys
from tests.cases.driver import run


def benefit(kind: str, value: str | None = None, **more: Any) -> dict[str, Any]:
    return {"type": kind, **({} if value is None else {"value": value}), **more}


def promotion(id_: str, given: dict[str, Any], scope: str | None = "order", **more: Any) -> dict[str, Any]:
    return {"id": id_, "benefit": given, **({} if scope is None else {"scope": scope}), **more}


def line(id_: str, quantity: str, price: str, **more: Any) -> dict[str, Any]:
    return {"id": id_, "product": id_, "quantity": quantity, "unit_price": price, **more}


CENTS = {"unit": "0.01", "rounding": "half_up"}
P10, P20 = benefit("percent_off", "10"), benefit("percent_off", "20")
ABC = [line("A", "1", "6"), line("B", "1", "4"), line("C", "1", "10")]
FIVE = promotion("five", benefit("amount_off", "5"), "lines", on={"products": ["A", "B"]})
TEN = promotion("ten", benefit("amount_off", "10"), "lines", on={"products": ["A"]})
TENTH = promotion("tenth", P10, base="running")
TAXED = [
    line("1", "1", "100.00", tax_percent="15"),
    line("2", "1", "100.00", tax_percent="0"),
    line("3", "1", "100.00", tax_percent="0"),
]
COUPON = promotion("f", benefit("amount_off", "288.50", amount_is="gross"))
CABINET = promotion(
    "cab", benefit("free_product", product="CAB", quantity="1", points="3", points_per_unit="1"), None
)
THREE_FOR_TWO = promotion("m", benefit("cheapest_free"), "cheapest_unit", condition={"min_quantity": "3"})
SHOES = [line("S", "2", "50"), line("T", "3", "20")]
BUY = benefit("buy_x_get_y", buy={"product": "S", "min_quantity": "1"}, get={"product": "T", "quantity": "2"})


def bogo(get: str, units: str) -> dict[str, Any]:
    """For so many of S one of another product, or of itself."""
    return benefit(
        "buy_x_get_y", buy={"product": "S", "min_quantity": units}, get={"product": get, "quantity": "1"}
    )


TWO_AND_ONE = [
    promotion(name, bogo("S", "2"), None, max_applications=times)
    for name, times in (("two", "2"), ("one", "1"))
]

ROWS: list[tuple[str, str | None, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    # odoo/odoo test_program_numbers.py test_specific_discount_product_group: B gives first, A keeps 5 for the next one.
    ("spread first beyond reach", "odoo", {"promotions": [FIVE, TEN]}, {"lines": ABC}, {"total": "10"}),
    ("then a tenth", "odoo", {"promotions": [FIVE, TEN, TENTH]}, {"lines": ABC}, {"total": "9"}),
    ("a tenth first", "odoo", {"promotions": [TENTH, FIVE, TEN]}, {"lines": ABC}, {"total": "9"}),
    # By amount A gives 3 of the 5 and has 3 left for the second: 12.
    ("spread by amount", None, {"promotions": [FIVE, TEN]}, {"lines": ABC},
     {"total": "12", "by_promotion": {"five": {"A": "3", "B": "2"}, "ten": {"A": "3"}}}),
    # test_coupon_and_coupon_discount_fixed_amount_tax_excl
    ("gross coupon after a tenth", "odoo", {"promotions": [TENTH, COUPON], **CENTS}, {"lines": TAXED, "apply": ["tenth", "f"]},
     {"gross_total": "0", "tax_total": "0", "net_total": "0"}),
    ("a tenth after the gross coupon", "odoo", {"promotions": [TENTH, COUPON], **CENTS}, {"lines": TAXED, "apply": ["f", "tenth"]},
     {"gross_total": "23.85", "net_total": "22.71", "tax_total": "1.14"}),
    # 25.55 x 0.9 x 0.9 = 20.6955; rounded after each of them, 2.56 and 2.30 are taken.
    ("errors of rounding do not add up", "odoo", {"promotions": [TENTH, {**TENTH, "id": "again"}], **CENTS},
     {"lines": [line("A", "1", "25.55")]}, {"total": "20.70", "by_promotion_total": {"tenth": "2.56", "again": "2.29"}}),
    ("or they do", None, {"promotions": [TENTH, {**TENTH, "id": "again"}], **CENTS},
     {"lines": [line("A", "1", "25.55")]}, {"total": "20.69", "by_promotion_total": {"tenth": "2.56", "again": "2.30"}}),
    ("gross before promotions", "odoo", {"promotions": [TENTH], **CENTS}, {"lines": TAXED},
     {"gross_total": "283.50", "net_total": "270", "tax_total": "13.50", "by_line": {"1": "10", "2": "10", "3": "10"}}),
    # test_program_numbers_taxes_and_rules
    ("cap with tax", "odoo",
     {"promotions": [promotion("p", P20, "lines", on={"products": ["CAB"]}, max_discount="200")], **CENTS},
     {"lines": [line("DRAWER", "10", "25"), line("CAB", "8", "320", tax_percent="15")]},
     {"gross_total": "2994.00", "net_total": "2636.09"}),
    ("minimum without tax of prices with tax", "odoo",
     {"promotions": [promotion("p", P20, condition={"min_amount": "320", "amount_is": "net"})],
      "tax": {"percent": "15", "included": True}, **CENTS},
     {"lines": [line("CAB", "1", "320")]}, {"applied": [], "reasons": {"p": "minimum_amount"}, "gross_total": "320"}),
    ("the same without tax inside", "odoo",
     {"promotions": [promotion("p", P20, condition={"min_amount": "320", "amount_is": "net"})],
      "tax": {"percent": "15", "included": False}, **CENTS},
     {"lines": [line("CAB", "1", "320")]}, {"applied": ["p"], "gross_total": "294.40", "net_total": "256"}),
    # test_specific_discount_multiple_taxes
    ("all of A, then five of both", "odoo",
     {"promotions": [promotion("a", benefit("percent_off", "100"), "lines", on={"products": ["A"]}), FIVE], **CENTS},
     {"lines": [line("A", "1", "10", tax_percent="10"), line("B", "1", "10", tax_percent="20")]},
     {"gross_total": "7.00"}),
    ("five of both, then all of A", "odoo",
     {"promotions": [FIVE, promotion("a", benefit("percent_off", "100"), "lines", on={"products": ["A"]})], **CENTS},
     {"lines": [line("A", "1", "10", tax_percent="10"), line("B", "1", "10", tax_percent="20")]},
     {"gross_total": "9.39"}),  # 12 less 5 x 12/23
    # test_fixed_amount_with_negative_cost
    ("never below zero with a negative line", "odoo", {"promotions": [promotion("p", benefit("amount_off", "10"))]},
     {"lines": [line("A", "1", "10"), line("hand", "1", "-5")]}, {"total": "0"}),
    ("on top of a negative line", "odoo", {"promotions": [promotion("p", benefit("amount_off", "10"))]},
     {"lines": [line("A", "1", "20"), line("hand", "1", "-5")]}, {"total": "5"}),
    # test_program_numbers_free_and_paid_product_qty
    ("free units are in no base", "odoo", {"promotions": [CABINET, TENTH]}, {"lines": [line("CAB", "3", "320")]},
     {"free": {"CAB": "1"}, "total": "864"}),
    ("75 cabinets", "odoo", {"promotions": [CABINET]}, {"lines": [line("CAB", "75", "320")]}, {"free": {"CAB": "25"}}),
    ("2 cabinets", "odoo", {"promotions": [CABINET]}, {"lines": [line("CAB", "2", "320")]},
     {"free": {"CAB": "0"}, "applied": [], "rejected": ["cab"]}),
    ("0.752 points a unit", "odoo",
     {"promotions": [promotion("c", benefit("free_product", product="CAB", quantity="1", points="1", points_per_unit="0.752"), None)]},
     {"lines": [line("CAB", "4", "100"), line("BIN", "9", "1")]}, {"free": {"CAB": "3"}, "applications": "3"}),
    ("another product earns", "odoo",
     {"promotions": [promotion("c", benefit("free_product", product="TABLE", quantity="2", points="2", points_per_unit="1"), None,
                               condition={"product": "DRAWER", "min_quantity": "2"})]},
     {"lines": [line("DRAWER", "5", "25"), line("TABLE", "1", "40")]}, {"free": {"TABLE": "4"}}),
    # test_program_multi_product_max_discount, test_program_free_prods_with_min_qty_and_reward_qty_and_rule
    ("half of the cheapest, at most 30", "odoo",
     {"promotions": [promotion("p", benefit("percent_off", "50"), "cheapest_unit", max_discount="30")]},
     {"lines": [line("CAB", "2", "320")]}, {"total": "610"}),
    ("all of one product, at most 200", "odoo",
     {"promotions": [promotion("p", benefit("percent_off", "100"), "lines", on={"products": ["CHAIR"]}, max_discount="200",
                               condition={"product": "CAB", "min_quantity": "1"})]},
     {"lines": [line("CAB", "1", "500"), line("CHAIR", "1", "100")]}, {"total": "500"}),
    ("cap over tax groups", "odoo",
     {"promotions": [promotion("p", benefit("percent_off", "100"), "lines", max_discount="40")]},
     {"lines": [line("A", "2", "15", tax_group="T1"), line("B", "2", "25", tax_group="T2")]},
     {"by_tax_group": {"T1": "15", "T2": "25"}}),
    # test_program_step_percentages, stated as one choice
    ("best of the steps", "odoo",
     {"promotions": [promotion(f"p{off}", benefit("percent_off", off), condition={"min_amount": least})
                     for off, least in (("10", "1500"), ("15", "1750"), ("20", "2000"), ("25", "2500"))], "combine": "best_one"},
     {"lines": [line("X", "17", "118")]}, {"total": "1604.8", "applied": ["p20"], "rejected": ["p10", "p15", "p25"]}),
    ("one of a group", "odoo",
     {"promotions": [promotion("auto", P10, group="global"), promotion("code", P10, trigger="code", group="global")]},
     {"lines": [line("CAB", "1", "320")], "codes": ["code"]},
     {"total": "288", "applied": ["auto"], "rejected": ["code"], "reasons": {"code": "not_combinable"}}),
    ("a group gives way to a refused first", None,
     {"promotions": [promotion("first", P20, group="g", condition={"min_amount": "1000"}), promotion("second", P10, group="g")]},
     {"lines": [line("A", "1", "100")]}, {"applied": ["second"], "reasons": {"first": "minimum_amount"}, "total": "90"}),
    # medusajs/medusa compute-actions.spec.ts, in substance
    ("each unit by itself", "medusa",
     {"promotions": [promotion("p", benefit("amount_off", "30"), "each_unit", max_units_per_line="2")]},
     {"lines": [{"id": "t", "quantity": "1", "amount": "20"}, {"id": "s", "quantity": "5", "amount": "750"}]},
     {"by_line": {"t": "20", "s": "60"}}),
    ("two initial percentages", "medusa", {"promotions": [promotion("a", P10, base="initial"), promotion("b", P20, base="initial")]},
     {"lines": [line("A", "1", "100")]}, {"total": "70"}),
    ("two running percentages", "medusa", {"promotions": [promotion("a", P10, base="running"), promotion("b", P20, base="running")]},
     {"lines": [line("A", "1", "100")]}, {"total": "72"}),
    ("budget refused whole", "medusa",
     {"promotions": [promotion("p", P10, budget={"limit": "100", "used": "95"})]},
     {"lines": [line("A", "1", "60")]},
     {"by_line": {"A": "0"}, "applied": [], "reasons": {"p": "budget_exceeded"}}),
    ("budget just enough", "medusa",
     {"promotions": [promotion("p", P10, budget={"limit": "101", "used": "95"})]},
     {"lines": [line("A", "1", "60")]}, {"by_line": {"A": "6"}, "applied": ["p"]}),
    ("units that earn are not given", "medusa",
     {"promotions": [promotion("p", benefit("buy_x_get_y", buy={"product": "S", "min_quantity": "2"},
                                            get={"product": "S", "quantity": "1"}), None)]},
     {"lines": [line("S", "2", "50")]}, {"discount_total": "0", "reasons": {"p": "not_enough_to_give"}}),
    ("the third is given", "medusa",
     {"promotions": [promotion("p", benefit("buy_x_get_y", buy={"product": "S", "min_quantity": "2"},
                                            get={"product": "S", "quantity": "1"}), None)]},
     {"lines": [line("S", "9", "50")]}, {"discount_total": "50", "applications": "1"}),
    ("given three times", "medusa",
     {"promotions": [promotion("p", benefit("buy_x_get_y", buy={"product": "S", "min_quantity": "2"},
                                            get={"product": "S", "quantity": "1"}), None, max_applications="5")]},
     {"lines": [line("S", "9", "50")]}, {"discount_total": "150", "applications": "3"}),
    ("buy one get two", "medusa", {"promotions": [promotion("p", BUY, None)]}, {"lines": SHOES}, {"by_line": {"T": "40", "S": "0"}}),
    ("buy one get two, twice, lacks one", "medusa", {"promotions": [promotion("p", BUY, None, max_applications="2")]},
     {"lines": SHOES}, {"by_line": {"T": "40"}, "applications": "1"}),
    # medusajs/medusa compute-actions.spec.ts: units that earned or were given serve no other promotion
    ("nine units, twice and once", "medusa", {"promotions": TWO_AND_ONE}, {"lines": [line("S", "9", "500")]},
     {"by_promotion": {"two": {"S": "1000"}, "one": {"S": "500"}}}),
    ("seven units leave too few for another", "medusa", {"promotions": TWO_AND_ONE}, {"lines": [line("S", "7", "500")]},
     {"by_promotion": {"two": {"S": "1000"}}, "by_line": {"S": "1000"}, "rejected": ["one"], "reasons": {"one": "minimum_quantity"}}),
    ("three units for two that take one each", "medusa",
     {"promotions": [promotion(name, bogo("S", "1"), None, max_applications="1") for name in ("first", "second")]},
     {"lines": [line("S", "3", "5000")]}, {"by_promotion": {"first": {"S": "5000"}}, "discount_total": "5000"}),
    ("eleven that earn five times two and once one", "medusa",
     {"promotions": [promotion("two", bogo("T", "2"), None, max_applications="100"),
                     promotion("one", bogo("T", "1"), None, max_applications="100")]},
     {"lines": [line("T", "11", "250"), line("S", "11", "250")]}, {"by_promotion": {"two": {"T": "1250"}, "one": {"T": "250"}}}),
    *((f"the target may earn too, in place {place}", "medusa",
       {"promotions": [promotion("p", benefit("buy_x_get_y", buy={"category": "any", "min_quantity": "2"},
                                              get={"product": "T", "quantity": "1"}), None)]},
       {"lines": [line("T" if place == each else f"o{each}", "1", "1000", category="any") for each in range(3)]},
       {"by_line": {"T": "1000"}}) for place in range(3)),
    ("units earn again where a shop wants it", "odoo",
     {"promotions": [promotion(name, bogo("S", "1"), None, max_applications="1") for name in ("first", "second")]},
     {"lines": [line("S", "3", "50")]}, {"by_promotion": {"first": {"S": "50"}, "second": {"S": "50"}}}),
    ("dearest given", "medusa",
     {"promotions": [promotion("p", benefit("buy_x_get_y", buy={"category": "c", "min_quantity": "1"},
                                            get={"category": "c", "quantity": "1"}, choose="dearest"), None)]},
     {"lines": [{"id": "a", "category": "c", "quantity": "1", "amount": "10"},
                {"id": "b", "category": "c", "quantity": "2", "amount": "60"}]}, {"by_line": {"b": "30", "a": "0"}}),
    ("cheapest given", "medusa",
     {"promotions": [promotion("p", benefit("buy_x_get_y", buy={"category": "c", "min_quantity": "1"},
                                            get={"category": "c", "quantity": "1"}), None)]},
     {"lines": [{"id": "a", "category": "c", "quantity": "1", "amount": "10"},
                {"id": "b", "category": "c", "quantity": "2", "amount": "60"}]}, {"by_line": {"a": "10", "b": "0"}}),
    ("shipping only where it is named", "medusa",
     {"promotions": [promotion("order", P10), promotion("ship", benefit("percent_off", "100"), "lines", on={"lines": ["ship"]})]},
     {"lines": [line("A", "1", "100"), line("ship", "1", "8", type="shipping")]}, {"by_line": {"A": "10", "ship": "8"}}),
    ("shipping is no minimum", "saleor",
     {"promotions": [promotion("p", P10, condition={"min_amount": "105"})]},
     {"lines": [line("A", "1", "100"), line("ship", "1", "8", type="shipping")]}, {"discount_total": "0", "rejected": ["p"]}),
    # docs of saleor: half of 29.99
    # docs of saleor, applying vouchers: 5 * 4 / 49 is 0.408, and the last line gets what is left
    ("five off four and 45", "saleor", {"promotions": [promotion("p", benefit("amount_off", "5"))], **CENTS},
     {"lines": [line("A", "1", "4"), line("B", "1", "45")]}, {"by_line": {"A": "0.41", "B": "4.59"}, "total": "44"}),
    ("the last share is not below zero", "saleor", {"promotions": [promotion("p", benefit("amount_off", "0.03"))], **CENTS},
     {"lines": [line(name, "1", "1") for name in "ABCDE"]}, {"by_line": {"B": "0.01", "C": "0.01", "D": "0.01"}}),
    ("off the cheapest", "saleor", {"promotions": [promotion("p", benefit("amount_off", "5"), "cheapest_unit")], **CENTS},
     {"lines": [line("A", "1", "4"), line("B", "1", "45")]}, {"by_line": {"A": "4"}, "total": "45"}),
    ("discount rounded up", "saleor", {"promotions": [promotion("p", benefit("percent_off", "50"), "lines")], **CENTS},
     {"lines": [line("A", "1", "29.99")]}, {"total": "14.99"}),
    ("discount rounded down", "saleor",
     {"promotions": [promotion("p", benefit("percent_off", "50"), "lines")], "unit": "0.01", "rounding": "down"},
     {"lines": [line("A", "1", "29.99")]}, {"total": "15.00"}),
    ("two units of three", "saleor", {"promotions": [promotion("p", benefit("percent_off", "50"), "lines", max_items="2")]},
     {"lines": [line("A", "2", "10"), line("B", "1", "4")]}, {"by_line": {"B": "2", "A": "5"}}),
    # django-oscar tests/integration/offer
    ("4.00 over three", "oscar",
     {"promotions": [promotion("p", benefit("amount_off", "4.00"), "lines", condition={"min_quantity": "2"}, max_applications="1")],
      "unit": "0.01", "rounding": "down"},
     {"lines": [line("1", "1", "2"), line("2", "1", "2"), line("3", "1", "2")]},
     {"by_line": {"1": "1.33", "2": "1.33", "3": "1.34"}, "applications": "1"}),
    ("one item only", "oscar",
     {"promotions": [promotion("p", benefit("amount_off", "3.00"), "lines", condition={"min_quantity": "2"}, max_items="1",
                               max_applications="1")]},
     {"lines": [line("1", "2", "2"), line("2", "2", "1")]}, {"discount_total": "1"}),
    ("three for 20", "oscar",
     {"promotions": [promotion("p", benefit("set_price", "20.00"), "condition_items", condition={"min_quantity": "3"}, max_applications="1")]},
     {"lines": [line("1", "4", "8")]}, {"discount_total": "4"}),
    ("three for 20 would be dearer", "oscar",
     {"promotions": [promotion("p", benefit("set_price", "20.00"), "condition_items", condition={"min_quantity": "3"}, max_applications="1")]},
     {"lines": [line("1", "3", "6")]}, {"discount_total": "0"}),
    ("three sevens for 20", "oscar",
     {"promotions": [promotion("p", benefit("set_price", "20.00"), "condition_items", condition={"min_quantity": "3"}, max_applications="1")],
      **CENTS},
     {"lines": [line("1", "1", "7"), line("2", "1", "7"), line("3", "1", "7")]}, {"discount_total": "1"}),
    ("cheapest of enough value", "oscar",
     {"promotions": [promotion("p", benefit("cheapest_free"), "cheapest_unit", condition={"min_amount": "10"}, max_applications="1")]},
     {"lines": [line("1", "2", "4"), line("2", "2", "2")]}, {"discount_total": "2"}),
    ("until the condition is used up", "oscar", {"promotions": [THREE_FOR_TWO]},
     {"lines": [line("1", "4", "4"), line("2", "4", "2")]}, {"discount_total": "4", "applications": "2"}),
    ("other shops once", None, {"promotions": [THREE_FOR_TWO]},
     {"lines": [line("1", "4", "4"), line("2", "4", "2")]}, {"discount_total": "2", "applications": "1"}),
    # tests/integration/offer/test_applicator.py: five units of 100 reach 100 five times
    ("a minimum amount is used up too", "oscar",
     {"promotions": [promotion("p", benefit("amount_off", "10"), "lines", condition={"min_amount": "100"}, max_items="1")]},
     {"lines": [line("1", "5", "100")]}, {"applications": "5", "discount_total": "50"}),
    ("a minimum amount and one application", "oscar",
     {"promotions": [promotion("p", benefit("amount_off", "10"), "lines", condition={"min_amount": "100"}, max_items="1",
                               max_applications="1")]},
     {"lines": [line("1", "5", "100")]}, {"applications": "1", "discount_total": "10"}),
    # 70 + 70 reach 100, 70 + 40 do, 40 + 40 do not
    ("a minimum amount over lines", "oscar",
     {"promotions": [promotion("p", benefit("cheapest_free"), "cheapest_unit", condition={"min_amount": "100"})]},
     {"lines": [line("1", "3", "70"), line("2", "3", "40")]}, {"applications": "2", "discount_total": "80"}),
    # test_absolute_benefit.py test_condition_is_consumed_correctly: three that earn, used up by twos
    ("condition on another product", "oscar",
     {"promotions": [promotion("p", benefit("amount_off", "3.00"), "lines", condition={"min_quantity": "2", "product": "C"},
                               on={"products": ["B"]})]},
     {"lines": [line("C", "3", "10"), line("B", "2", "10")]}, {"applications": "1", "discount_total": "3"}),
    ("counts with nothing left", "oscar",
     {"promotions": [promotion("all", benefit("percent_off", "100")), promotion("p", P10, max_applications="1")]},
     {"lines": [line("A", "1", "10")]}, {"applied": ["all", "p"], "applications": "2", "discount_total": "10"}),
    ("does not count elsewhere", "solidus",
     {"promotions": [promotion("all", benefit("percent_off", "100")), promotion("p", P10, max_applications="1")]},
     {"lines": [line("A", "1", "10")]}, {"applied": ["all"], "rejected": ["p"], "reasons": {"p": "nothing_left"}}),
    ("only lines that may be discounted", "solidus", {"promotions": [promotion("p", benefit("amount_off", "10"))], **CENTS},
     {"lines": [line("A", "1", "30"), line("B", "1", "30", discountable=False), line("C", "1", "60")]},
     {"by_line": {"A": "3.34", "B": "0", "C": "6.66"}, "discount_total": "10"}),
    # solidusio/solidus percent_with_cap_spec.rb: the cent that is left goes to the first line
    ("capped percentage", "solidus", {"promotions": [promotion("p", benefit("percent_off", "15"), "lines", max_discount="50")], **CENTS},
     {"lines": [line("1", "1", "120"), line("2", "1", "230"), line("3", "1", "300")]},
     {"by_line": {"1": "9.24", "2": "17.69", "3": "23.07"}, "discount_total": "50"}),
    ("percentage below its cap", "solidus",
     {"promotions": [promotion("p", benefit("percent_off", "15"), "lines", max_discount="50")], **CENTS},
     {"lines": [line("1", "1", "12"), line("2", "1", "23"), line("3", "1", "10")]},
     {"by_line": {"1": "1.80", "2": "3.45", "3": "1.50"}, "discount_total": "6.75"}),
    # vendurehq/vendure order-calculator.spec.ts
    # item-level & order-level mixed discounts with multiple tax rates: 500 is shared by 2040.00, 3848.90 and 1122.00
    ("shared with tax", "vendure",
     {"promotions": [promotion("i", benefit("percent_off", "15"), "lines", on={"lines": ["a"]}), promotion("o", benefit("amount_off", "500"))],
      "unit": "1", "rounding": "half_up"},
     {"lines": [line("a", "2", "1000", tax_percent="20"), line("b", "1", "3499", tax_percent="10"),
                line("c", "4", "255", tax_percent="10")]},
     {"by_promotion": {"o": {"a": "145", "b": "275", "c": "80"}}, "net_total": "5719", "gross_total": "6446"}),
    ("set price with tax", "vendure",
     {"promotions": [promotion("p", benefit("set_price", "420"))], "unit": "1", "rounding": "half_up",
      "tax": {"percent": "20", "included": True}},
     {"lines": [line("1", "1", "1230")]}, {"net_total": "350", "gross_total": "420"}),
    ("amount off without tax", "vendure",
     {"promotions": [promotion("p", benefit("amount_off", "500"))], "unit": "1", "rounding": "half_up",
      "tax": {"percent": "20", "included": False}},
     {"lines": [line("1", "1", "1230")]}, {"net_total": "730", "gross_total": "876", "tax_total": "146"}),
    ("gross amount off net prices", "vendure",
     {"promotions": [promotion("p", benefit("amount_off", "600", amount_is="gross"))], "unit": "1", "rounding": "half_up",
      "tax": {"percent": "20", "included": False}},
     {"lines": [line("1", "1", "1230")]}, {"net_total": "730", "gross_total": "876"}),
    ("minimum with tax", "vendure",
     {"promotions": [promotion("p", P10, condition={"min_amount": "600", "amount_is": "gross"})],
      "tax": {"percent": "20", "included": False}},
     {"lines": [line("1", "1", "500")]}, {"applied": ["p"]}),
    ("floor of the document", "vendure",
     {"promotions": [promotion("p", benefit("amount_off", "900"))], "unit": "1", "rounding": "half_up", "floor": "250"},
     {"lines": [line("1", "1", "1000")]}, {"total": "250", "discount_total": "750"}),
    ("unit price after a discount that does not divide", "vendure", {"promotions": [promotion("p", benefit("amount_off", "1"))]},
     {"lines": [line("1", "4", "1")]}, {"unit_price_after": "0.75", "total": "3"}),
    ("price for each unit", None,
     {"promotions": [promotion("p", benefit("set_price", "3"), "each_unit", max_units_per_line="2")]},
     {"lines": [line("A", "3", "5"), line("B", "1", "2")]}, {"by_line": {"A": "4", "B": "0"}}),
    ("amount on the condition items", None,
     {"promotions": [promotion("p", benefit("amount_off", "5"), "condition_items", condition={"min_quantity": "2"})]},
     {"lines": [line("A", "1", "1"), line("B", "1", "3"), line("C", "1", "9")]}, {"by_line": {"A": "1", "B": "3", "C": "0"}}),
    ("percentage of the condition items", None,
     {"promotions": [promotion("p", benefit("percent_off", "50"), "condition_items", condition={"min_quantity": "2", "product": "B"})]},
     {"lines": [line("A", "1", "1"), line("B", "3", "4")]}, {"by_line": {"A": "0", "B": "4"}}),
    ("free condition product", None,
     {"promotions": [promotion("p", benefit("amount_off", "2"), repeat="per_unit")]},
     {"lines": [line("A", "3", "5")]}, {"total": "9"}),
    ("a code that nobody knows", None, {"promotions": [promotion("p", P10, trigger="code")]},
     {"lines": [line("A", "1", "100")], "codes": ["q"]}, {"applied": [], "rejected": ["q"], "reasons": {"q": "unknown_code"}}),
    ("a code that was not entered", None, {"promotions": [promotion("p", P10, trigger="code")]},
     {"lines": [line("A", "1", "100")]}, {"applied": [], "rejected": [], "total": "100"}),
    ("minimum on what is left", "odoo",
     {"promotions": [promotion("a", benefit("amount_off", "50")), promotion("b", P10, condition={"min_amount": "100"})]},
     {"lines": [line("A", "1", "120")]}, {"total": "70", "reasons": {"b": "minimum_amount"}}),
    ("minimum on the undiscounted", "medusa",
     {"promotions": [promotion("a", benefit("amount_off", "50")), promotion("b", P10, condition={"min_amount": "100"}, base="running")]},
     {"lines": [line("A", "1", "120")]}, {"total": "63"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("policy", "given", "when", "expect"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_a_document_comes_out_as_the_vocabulary_says(
    policy: str | None, given: dict[str, Any], when: dict[str, Any], expect: dict[str, Any]
) -> None:
    case = Case(
        id="own",
        kind="promotion",
        given=Keys({"combine": "all", **given}, "given"),
        when=Keys(when, "when"),
        expect=expect,
        policy=policy,
        tolerance={"abs": 0},
    )
    assert run(case, ADAPTERS) == ("pass", "")


@pytest.mark.parametrize(
    ("given", "when"),
    [
        ({"promotions": [promotion("p", benefit("half_price"))]}, {"lines": []}),
        ({"promotions": [promotion("p", P10, lane="x")]}, {"lines": []}),
        ({"promotions": [promotion("p", P10, scope="dozen")]}, {"lines": []}),
        ({"promotions": []}, {"lines": [line("A", "1", "1", colour="red")]}),
        ({"promotions": [], "rounding": "sideways"}, {"lines": []}),
    ],
)
def test_a_token_the_vocabulary_lacks_is_unsupported(given: dict[str, Any], when: dict[str, Any]) -> None:
    case = Case(
        id="own",
        kind="promotion",
        given=Keys(given, "given"),
        when=Keys(when, "when"),
        expect={"total": "0"},
        policy=None,
        tolerance={},
    )
    assert run(case, ADAPTERS)[0] == "unsupported"


@pytest.mark.parametrize(
    ("voucher", "when", "expect"),
    [
        ({"min_spend": "7"}, {"spend": "7"}, {"applicable": True, "reason": None}),
        ({"min_spend": "7"}, {"spend": "6.99"}, {"applicable": False, "reason": "minimum_amount"}),
        ({"min_quantity": "3"}, {"quantity": "2"}, {"applicable": False, "reason": "minimum_quantity"}),
        ({"min_quantity": "3"}, {"quantity": "3"}, {"applicable": True}),
        ({"min_spend": "7", "min_quantity": "3"}, {"spend": "9", "quantity": "2"}, {"reason": "minimum_quantity"}),
        ({}, {"spend": "0"}, {"applicable": True}),
    ],
)  # fmt: skip
def test_the_threshold_itself_is_enough(voucher: Any, when: Any, expect: Any) -> None:
    case = Case(
        id="own",
        kind="voucher_check",
        given=Keys({"voucher": voucher}, "given"),
        when=Keys(when, "when"),
        expect=expect,
        policy=None,
        tolerance={"abs": 0},
    )
    assert run(case, ADAPTERS) == ("pass", "")
