"""Steps of price lists, field by field; the arithmetic stands beside the amounts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import (
    AddedLine,
    Aside,
    Calculation,
    Candidate,
    DiscountRule,
    Discounts,
    Line,
    ListPrice,
    NoPrice,
    NotApplied,
    OptionExtras,
    OptionRecord,
    PriceConflict,
    PriceList,
    PriceListRules,
    PriceLists,
    PriceRecord,
    PriceRule,
    PricingModel,
    PricingProcedure,
    QuantityTiers,
    RoundLines,
    SharesOfTotal,
    StepKind,
    StoodAside,
    TierRecord,
    UnknownRule,
)
from salesmgmt.cpq.pricing.price_lists.policy import Combination, PriceListPolicy, Uplift, WithoutRule
from salesmgmt.cpq.pricing.terms.percent_of_total import PercentOfTotal
from salesmgmt.cpq.products import Catalogue
from tests.cpq.pricing.a_stage import CATALOGUE, NOW, PRICES, RATES, D, asked, pricer_of
from tests.cpq.pricing.a_step import Both, amounts, told


def listed(*rules: PriceRule, currency: str = "EUR", **more: Any) -> Both:
    policy = more.pop("policy", PriceListPolicy())
    lists = PriceLists(lists=[PriceList(id="shop", currency=currency, rules=rules)], policy=policy)
    own = PricingProcedure(
        id="own",
        steps=(
            ListPrice(id="list", required=False),
            PriceListRules(id="s", default="shop"),
            *more.pop("after", ()),
            RoundLines(id="cents"),
        ),
    )
    return Both(
        PricingModel(
            procedure=own, **{"prices": PRICES, "catalogue": CATALOGUE, "price_lists": lists, **more}
        )
    )


def test_rules_of_a_plain_price_list_are_steps() -> None:
    pricer = listed(
        PriceRule.for_product("desk", id="ten", percent_off=10),
        PriceRule.for_product("chair", id="flat", price=60),
        PriceRule.for_product("care", id="care", price=5),
        PriceRule.for_product("lamp", id="free", price=0),
    )

    desk, chair, care, lamp = pricer.price(
        asked(Line("desk", 2), Line("chair", 3), Line("care", 4), Line("lamp", 1))
    ).lines

    kind = StepKind.PRICE_LIST
    assert desk.waterfall[1:] == (
        told(Calculation.PERCENT_COMPOUND, 500, -50, 450, kind=kind, record="ten", value=-10),
    )
    assert chair.waterfall[1:] == (
        told(Calculation.SET_PRICE, 210, -30, 180, kind=kind, record="flat", value=60, quantity=3),
    )
    assert care.waterfall == (
        told(Calculation.SET_PRICE, 0, 20, 20, kind=kind, record="care", value=5, quantity=4),
    )
    assert lamp.waterfall[1:] == (
        told(Calculation.SET_PRICE, 30, -30, 0, kind=kind, record="free", value=0, quantity=1),
    )
    assert [line.subtotals["reference"].amount for line in (desk, chair, care, lamp)] == [500, 210, 20, 30]
    assert [line.list_amount.amount for line in (desk, chair, care, lamp)] == [500, 210, 20, 30]


@pytest.mark.parametrize(("uplift", "reference"), [(Uplift.IN_REFERENCE, 80), (Uplift.NEGATIVE_DISCOUNT, 70)])
def test_the_reference_of_a_price_above_the_list_is_a_matter_of_policy(
    uplift: Uplift, reference: int
) -> None:
    rules = (
        PriceRule.for_product("chair", id="up", price=80),
        PriceRule.for_product("desk", id="same", price=250),
    )
    pricer = listed(*rules, policy=PriceListPolicy(uplift=uplift))

    chair, desk = pricer.price(asked(Line("chair", 1), Line("desk", 1))).lines

    assert chair.subtotals["reference"] == Money(reference, "EUR")
    assert desk.subtotals["reference"] == Money(250, "EUR")


def test_a_price_list_without_a_rule_leaves_the_list_price_or_there_is_none() -> None:
    rule = PriceRule.for_product("desk", id="ten", percent_off=10)
    chair, care = Line("chair", 1), Line("care", 1)

    lenient = listed(rule).price(asked(chair, care))
    strict = listed(rule, policy=PriceListPolicy(without_rule=WithoutRule.NO_PRICE)).price(asked(chair, care))

    assert amounts(lenient) == [70]
    assert lenient.lines[0].subtotals == {"reference": Money(70, "EUR")}
    assert [(one.position, one.reason) for one in lenient.unpriced if isinstance(one, NoPrice)] == [
        (1, "the price list wants a rule that holds or a list price")
    ]
    assert [one.position for one in strict.unpriced] == [0, 1]
    assert {one.reason for one in strict.unpriced if isinstance(one, NoPrice)} == {
        "the price list wants a rule that holds"
    }


def test_tied_rules_of_a_price_list_are_a_conflict_with_their_prices() -> None:
    rules = [PriceRule.for_product("desk", id=name, percent_off=off) for name, off in (("a", 10), ("b", 20))]
    lines = (Line("chair", 1), Line("desk", 2))

    found = listed(*rules).price(asked(*lines)).unpriced

    candidates = (
        Candidate(record="a", unit_price=Money(225, "EUR")),
        Candidate(record="b", unit_price=Money(200, "EUR")),
    )
    assert found == (PriceConflict(position=1, line=lines[1], candidates=candidates),)


def test_rules_that_combine_are_one_step_with_what_each_made_of_the_price() -> None:
    rules = [
        PriceRule(id="a", percent_off=10, combinable=True),
        PriceRule(id="b", percent_off=20, combinable=True),
    ]
    pricer = listed(*rules, policy=PriceListPolicy(combination=Combination.ALL_IF_COMBINABLE))

    line = pricer.price(asked(Line("desk", 2))).lines[0]

    assert line.waterfall[1:] == (
        told(
            Calculation.SET_PRICE,
            500,
            -150,
            350,
            kind=StepKind.PRICE_LIST,
            record="a, b",
            value=175,
            quantity=2,
            detail="discount 225.00 -> discount 175.00",
        ),
    )
    assert line.subtotals == {"reference": Money(500, "EUR")}


def test_a_price_list_in_another_currency_is_converted_by_the_rate_of_the_day_or_there_is_no_price() -> None:
    rule = PriceRule.for_product("care", id="care", price=10)
    lines = (Line("care", 2), Line("desk", 1))

    line, desk = listed(rule, currency="USD", rates=RATES).price(asked(*lines)).lines
    assert line.waterfall == (
        told(
            Calculation.SET_PRICE,
            0,
            16,
            16,
            kind=StepKind.PRICE_LIST,
            record="care",
            value=8,
            quantity=2,
            detail="price 10",
        ),
    )
    assert (line.list_amount, line.subtotals["reference"]) == (Money(16, "EUR"), Money(16, "EUR"))
    assert desk.net_amount == Money(250, "EUR")
    without = listed(rule, currency="USD").price(asked(*lines[:1])).unpriced
    assert without == (
        NoPrice(
            position=0,
            line=lines[0],
            at=NOW,
            currency="EUR",
            reason="there is no exchange rate for the price list",
        ),
    )


def test_a_free_product_of_a_price_list_is_a_line_of_its_own_at_its_price() -> None:
    rule = PriceRule(
        id="gift",
        key={"line.product": "desk"},
        min_quantity=2,
        free_product="mug",
        free_quantity=3,
        free_unit_price="0.335",
    )

    priced = listed(rule).price(asked(Line("desk", 2)))

    # 3 x 0.335 = 1.005
    assert priced.added == (
        AddedLine(step="s", rule="gift", product="mug", quantity=D(3), amount=Money("1.01", "EUR")),
    )


def test_an_order_in_another_unit_is_priced_by_that_unit() -> None:
    pricer = listed(PriceRule.for_product("chair", id="ten", percent_off=10))

    line = pricer.price(asked(Line("chair", 2, uom="dozen"))).lines[0]

    assert line.net_amount == Money(1512, "EUR")  # 24 x 63
    assert line.waterfall[-1].record == "ten"


def test_a_price_list_sets_the_unit_price_that_later_tiers_replace() -> None:
    tiers = [
        TierRecord(id=f"t-{name}", product=name, lower=1, unit_price=Money(50, "EUR"))
        for name in ("desk", "chair", "care")
    ]
    rules = (
        PriceRule.for_product("desk", id="ten", percent_off=10),
        PriceRule.for_product("chair", id="flat", price=60),
        PriceRule.for_product("care", id="care", price=80, surcharge=10),
    )

    lines = (
        listed(*rules, after=(QuantityTiers(id="t"),), tiers=tiers)
        .price(asked(Line("desk", 1), Line("chair", 1), Line("care", 2)))
        .lines
    )

    changes: list[Any] = [(line.waterfall[-1].base_amount, line.waterfall[-1].raw_amount) for line in lines]
    assert changes == [
        (225, -175),
        (60, -10),
        (180, -80),
    ]


@pytest.mark.parametrize(
    ("rule", "calculation", "raw"),
    [
        # a desk is at 250
        ({"percent_off": 10}, Calculation.PERCENT_COMPOUND, -25),
        ({"percent_off": 100}, Calculation.PERCENT_COMPOUND, -250),
        ({"percent_off": -10}, Calculation.PERCENT_COMPOUND, 25),
        ({"price": 0}, Calculation.SET_PRICE, -250),
        ({"price": "0.5"}, Calculation.SET_PRICE, "-249.5"),
        # what is not simple goes through the price book
        ({"amount_off": 30}, Calculation.SET_PRICE, -30),
        ({"percent_off": 10, "amount_off": 5}, Calculation.SET_PRICE, -30),
        ({"price": 100, "surcharge": 5}, Calculation.SET_PRICE, -145),
        ({"price": 500, "per_quantity": 10}, Calculation.SET_PRICE, -200),
        ({"base": "cost", "percent_off": 10}, Calculation.SET_PRICE, -115),
        ({"min_quantity": 1, "percent_off": 10, "reference": "price"}, Calculation.SET_PRICE, -25),
    ],
)
def test_what_a_rule_of_a_price_list_does(rule: dict[str, Any], calculation: Calculation, raw: Any) -> None:
    line = listed(PriceRule.for_product("desk", id="r", **rule)).price(asked(Line("desk", 1))).lines[0]

    assert [(step.calculation, step.raw_amount) for step in line.waterfall[1:]] == [(calculation, D(raw))]


def test_a_percentage_of_a_price_list_leaves_the_same_share_of_the_price_of_a_unit_in_any_unit() -> None:
    tiers = [
        TierRecord(id=f"t-{name}", product=name, lower=1, unit_price=Money(50, "EUR"))
        for name in ("chair", "lamp")
    ]
    options = [
        OptionRecord(id=f"o-{name}", product=name, attribute="a", value="b", extra=Money(5, "EUR"))
        for name in ("chair", "lamp")
    ]
    lists = PriceLists(
        lists=[
            PriceList(
                id="shop",
                currency="EUR",
                rules=[
                    PriceRule.for_product("chair", id="ten", percent_off=10),
                    PriceRule.for_product("lamp", id="flat", price=40),
                ],
            )
        ]
    )
    pricer = pricer_of(
        OptionExtras(id="o"),
        PriceListRules(id="s", default="shop"),
        QuantityTiers(id="t"),
        tiers=tiers,
        options=options,
        price_lists=lists,
    )

    def nets(product: str) -> list[Decimal]:
        chosen = {"a": "b"}
        lines = (Line(product, 24, configuration=chosen), Line(product, 2, configuration=chosen, uom="dozen"))
        return amounts(pricer.price(asked(*lines)))

    # 24 x 75 = 1800 less 10 % = 1620; 50 instead of 63 takes 24 x 13 = 312
    assert nets("chair") == [1308, 1308]
    # 24 x 40 = 960; 50 instead of 40 adds 240
    assert nets("lamp") == [1200, 1200]


def test_why_a_rule_of_a_price_list_does_not_count() -> None:
    rules = (
        PriceRule(id="a", percent_off=1),
        PriceRule(id="b", percent_off=2),
        PriceRule(id="c", percent_off=3, condition="line.amount >= 500 EUR", priority=1),
        PriceRule(id="twelve", percent_off=4, uom="dozen"),
    )
    pricer = listed(*rules).pricer
    one = asked(Line("desk", 1))

    assert pricer.why_not(one, "a") == StoodAside(code=Aside.REFUSED, by="b", detail="of equal rank with b")
    assert str(pricer.why_not(one, "c")) == "line.amount >= 500 EUR: found 250 EUR"
    assert str(pricer.why_not(one, "twelve")) == "line.uom == 'dozen': found 'piece'"
    two = asked(Line("desk", 2))
    assert pricer.why_not(two, "c") is None
    assert pricer.why_not(two, "a") == StoodAside(code=Aside.PASSED_OVER, by="c", detail="priority")
    unlisted = pricer_of(PriceListRules(id="s")).pricer
    with pytest.raises(UnknownRule):
        unlisted.why_not(one, "a")


def test_the_reference_of_a_price_list_may_be_what_a_later_share_is_reckoned_from() -> None:
    lists = PriceLists(
        lists=[
            PriceList(
                id="shop", currency="EUR", rules=[PriceRule.for_product("desk", id="ten", percent_off=10)]
            )
        ]
    )
    rule = PercentOfTotal(product="care", percent=Percent(10), subtotal="reference")
    pricer = pricer_of(
        PriceListRules(id="s", default="shop"),
        Discounts(id="d", rules=(DiscountRule(id="off", percent=Percent(50)),)),
        SharesOfTotal(id="t", rules=(rule,)),
        required=False,
        price_lists=lists,
        prices=(*PRICES, PriceRecord(id="p-care", product="care", price=Money(1, "EUR"))),
    )

    priced = pricer.price(asked(Line("desk", 1), Line("chair", 1), Line("care", 1)))

    # 10 % of 250 and, for the chair that has no rule, of 70
    assert amounts(priced) == [D("112.5"), 35, 32]
    assert priced.lines[1].subtotals["reference"] == Money(70, "EUR")


def test_a_rule_may_count_the_quantity_of_all_lines() -> None:
    rule = PriceRule.for_product(
        "desk", id="r", min_quantity=3, quantity_scope="all_matching_lines", percent_off=10
    )

    assert amounts(listed(rule).price(asked(Line("desk", 2), Line("desk", 1), Line("chair", 5)))) == [
        450,
        225,
        350,
    ]
    assert amounts(listed(rule).price(asked(Line("desk", 2), Line("chair", 5)))) == [500, 350]


def test_a_rule_may_apply_to_other_lines_than_those_that_it_asks_for() -> None:
    rule = PriceRule.for_product(
        "desk", id="r", min_quantity=2, percent_off=10, apply_to={"line.product": "chair"}
    )

    assert amounts(listed(rule).price(asked(Line("desk", 2), Line("chair", 1)))) == [500, 63]
    assert amounts(listed(rule).price(asked(Line("desk", 1), Line("chair", 1)))) == [250, 70]


def test_a_rule_for_a_unit_holds_for_lines_in_it() -> None:
    pricer = listed(
        PriceRule.for_product("desk", id="r", uom="piece", percent_off=10),
        PriceRule.for_product("chair", id="twelve", uom="dozen", percent_off=10),
    )

    assert amounts(pricer.price(asked(Line("desk", 1), Line("chair", 12)))) == [225, 840]
    assert amounts(pricer.price(asked(Line("chair", 1, uom="dozen")))) == [756]


def test_a_percentage_of_no_price_is_no_price() -> None:
    found = listed(PriceRule.for_product("care", id="r", percent_off=10)).price(asked(Line("care", 1)))

    assert [one.position for one in found.unpriced] == [0]


def test_a_price_list_needs_no_catalogue() -> None:
    for rule, expected in (({"percent_off": 10}, 63), ({"amount_off": 10}, 60)):
        pricer = listed(PriceRule.for_product("chair", id="r", **rule), catalogue=Catalogue([]))
        assert amounts(pricer.price(asked(Line("chair", 1)))) == [expected]


@pytest.mark.parametrize("best", [{"percent_off": 10}, {"amount_off": 25}])
def test_rules_of_a_price_list_that_lost_are_told_with_the_winner_and_the_criterion(
    best: dict[str, int],
) -> None:
    rules = (
        PriceRule.for_product("desk", id="best", min_quantity=2, **best),
        PriceRule.for_product("desk", id="low", percent_off=1),
    )
    pricer = listed(*rules).pricer
    request = asked(Line("desk", 2))

    line = pricer.price(request, passed_over=True).lines[0]

    aside = StoodAside(code=Aside.PASSED_OVER, by="best", detail="break")
    assert line.not_applied == (NotApplied(step="s", rule="low", why_not=aside),)
    assert pricer.price(request).lines[0].not_applied == ()


@pytest.mark.parametrize("name", ["order.amount", "order.list_amount", "line.amount", "line.list_amount"])
def test_what_lines_without_a_price_come_to_is_not_zero(name: str) -> None:
    rule = PriceRule.for_product("care", id="r", condition=f"{name} < 10 EUR", price=5)

    assert [one.position for one in listed(rule).price(asked(Line("care", 1))).unpriced] == [0]
