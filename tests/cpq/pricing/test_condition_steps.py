"""Whole steps of own condition types, field by field; the arithmetic stands beside the amounts."""

from __future__ import annotations

from typing import Any

import pytest

from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import (
    Aside,
    Calculation,
    DiscountRule,
    Discounts,
    Line,
    NoPrice,
    NotApplied,
    PriceStep,
    StoodAside,
)
from salesmgmt.cpq.pricing.scales.scale import Scale
from salesmgmt.cpq.pricing.scales.tier import Tier
from tests.cpq.pricing.a_condition import (
    NOW,
    RATES,
    D,
    asked,
    price,
    pricer_of,
    told,
)
from tests.cpq.pricing.a_step import amounts


def test_a_price_is_a_step_from_nothing() -> None:
    line = pricer_of([], []).price(asked(Line("dock", 3))).lines[0]

    assert line.waterfall == (
        told(
            Calculation.SET_PRICE, 0, 300, 300, step="price", record="dock", value=100, quantity=3, version=1
        ),
    )
    assert line.list_amount == Money(300, "EUR")
    assert line.cost == Money(180, "EUR")


@pytest.mark.parametrize(
    ("type_", "record", "expected"),
    [
        # 3 docks are at 300, their cost is 180
        (
            {"kind": "discount", "calculation": "percent"},
            {"percent": Percent(5)},
            told(Calculation.PERCENT, 300, -15, 285, value=-5, quantity=3),
        ),
        (
            {"kind": "surcharge", "calculation": "percent_compound"},
            {"percent": Percent(5)},
            told(Calculation.PERCENT_COMPOUND, 300, 15, 315, value=5, quantity=3),
        ),
        (
            {"kind": "discount", "calculation": "amount_per_unit"},
            {"amount": Money(4, "EUR")},
            told(Calculation.AMOUNT_PER_UNIT, 300, -12, 288, value=-4, quantity=3),
        ),
        (
            {"kind": "surcharge", "calculation": "amount_per_unit"},
            {"amount": Money(40, "EUR"), "per_quantity": 10},
            told(Calculation.AMOUNT_PER_UNIT, 300, 12, 312, value=40, quantity=3, detail="per 10"),
        ),
        (
            {"kind": "discount", "calculation": "amount_per_line"},
            {"amount": Money(7, "EUR")},
            told(Calculation.AMOUNT_PER_LINE, 300, -7, 293, value=-7, quantity=3),
        ),
        (
            {"kind": "price", "calculation": "set_price"},
            {"amount": Money(90, "EUR")},
            told(Calculation.SET_PRICE, 300, -30, 270, value=90, quantity=3),
        ),
        (
            {"kind": "price", "calculation": "price_for_quantity"},
            {"amount": Money(250, "EUR")},
            told(Calculation.PRICE_FOR_QUANTITY, 300, -50, 250, value=250, quantity=3),
        ),
        (
            {"kind": "price", "calculation": "markup_on_cost"},
            {"percent": Percent(50)},
            told(Calculation.MARKUP_ON_COST, 180, -30, 270, value=50, quantity=3, detail="cost 180 plus 50%"),
        ),
        (
            {"kind": "price", "calculation": "target_margin"},
            {"percent": Percent(25)},
            told(
                Calculation.TARGET_MARGIN,
                180,
                -60,
                240,
                value=25,
                quantity=3,
                detail="margin of 25% on cost 180",
            ),
        ),
        (
            {"kind": "discount", "calculation": "formula", "formula": "10% * line.amount"},
            {},
            told(Calculation.FORMULA, 300, -30, 270, quantity=3, detail="10% * line.amount"),
        ),
        (
            {"kind": "surcharge", "calculation": "formula", "formula": "10% * line.amount"},
            {},
            told(Calculation.FORMULA, 300, 30, 330, quantity=3, detail="10% * line.amount"),
        ),
        (
            {"kind": "price", "calculation": "formula", "formula": "10% * line.amount"},
            {},
            told(Calculation.FORMULA, 300, -270, 30, quantity=3, detail="10% * line.amount"),
        ),
        (
            {"kind": "rebate", "calculation": "percent"},
            {"percent": Percent(5)},
            told(Calculation.PERCENT, 300, -15, 300, value=-5, quantity=3, is_statistical=True),
        ),
        # by scale
        (
            {"kind": "discount", "calculation": "percent"},
            {"scale": Scale(tiers=[Tier(percent=Percent(20))])},
            told(Calculation.PERCENT, 300, -60, 240, value=-20, quantity=3),
        ),
        (
            {"kind": "discount", "calculation": "percent"},
            {"scale": Scale(tiers=[Tier(amount_off=4)])},
            told(Calculation.PERCENT, 300, -12, 288, quantity=3, detail="by scale"),
        ),
        (
            {"kind": "surcharge", "calculation": "percent"},
            {"scale": Scale(tiers=[Tier(amount_off=4)])},
            told(Calculation.PERCENT, 300, 12, 312, quantity=3, detail="by scale"),
        ),
        (
            {"kind": "discount", "calculation": "amount_per_unit"},
            {"scale": Scale(tiers=[Tier(unit_amount=4)])},
            told(Calculation.AMOUNT_PER_UNIT, 300, -12, 288, value=-4, quantity=3),
        ),
        (
            {"kind": "surcharge", "calculation": "percent"},
            {"scale": Scale(tiers=[Tier(percent=Percent(20))])},
            told(Calculation.PERCENT, 300, 60, 360, value=20, quantity=3),
        ),
        (
            {"kind": "discount", "calculation": "amount_per_line"},
            {"scale": Scale(tiers=[Tier(flat_amount=10)])},
            told(Calculation.AMOUNT_PER_LINE, 300, -10, 290, quantity=3),
        ),
        (
            {"kind": "surcharge", "calculation": "amount_per_line"},
            {"scale": Scale(tiers=[Tier(flat_amount=10)])},
            told(Calculation.AMOUNT_PER_LINE, 300, 10, 310, quantity=3),
        ),
        (
            {"kind": "price", "calculation": "percent"},
            {"percent": Percent(10)},
            told(Calculation.PERCENT, 300, 30, 330, value=10, quantity=3),
        ),
        (
            {"kind": "price", "calculation": "set_price"},
            {"scale": Scale(tiers=[Tier(unit_amount=80)])},
            told(Calculation.SET_PRICE, 300, -60, 240, value=80, quantity=3),
        ),
        (
            # 80 USD at 0.8 are 64 EUR
            {"kind": "price", "calculation": "set_price"},
            {"scale": Scale(currency="USD", tiers=[Tier(unit_amount=80)])},
            told(Calculation.SET_PRICE, 300, -108, 192, value=64, quantity=3),
        ),
        (
            # 100 EUR are 125 USD; 5 USD off a unit are 4 EUR
            {"kind": "discount", "calculation": "percent"},
            {"scale": Scale(currency="USD", tiers=[Tier(amount_off=5)])},
            told(Calculation.PERCENT, 300, -12, 288, quantity=3, detail="by scale"),
        ),
        (
            {"kind": "discount", "calculation": "amount_per_line"},
            {"amount": Money(10, "USD")},
            told(Calculation.AMOUNT_PER_LINE, 300, -8, 292, value=-8, quantity=3),
        ),
    ],
)
def test_each_calculation_tells_its_step(
    type_: dict[str, Any], record: dict[str, Any], expected: PriceStep
) -> None:
    line = price(type_, record, Line("dock", 3), rates=RATES).lines[0]

    assert line.waterfall[1:] == (expected,)
    assert line.net_amount.amount == expected.running_amount
    assert line.list_amount == Money(300, "EUR")


@pytest.mark.parametrize(
    ("type_", "record", "reason"),
    [
        (
            {"kind": "price", "calculation": "formula", "formula": "5 USD"},
            {},
            "the formula gives USD",
        ),
        (
            {"kind": "discount", "calculation": "amount_per_unit"},
            {"scale": Scale(tiers=[Tier(lower=5, unit_amount=4)])},
            "no price for 3; wanted: from 5",
        ),
        (
            {"kind": "discount", "calculation": "percent"},
            {"scale": Scale(currency="USD", tiers=[Tier(lower=5, amount_off=4)])},
            "no price for 3; wanted: from 5",
        ),
    ],
)
def test_what_cannot_be_reckoned_is_refused_with_the_reason(
    type_: dict[str, Any], record: dict[str, Any], reason: str
) -> None:
    aside = StoodAside(code=Aside.REFUSED, detail=reason)

    line = price(type_, record, Line("dock", 3), rates=RATES).lines[0]
    assert (line.net_amount, line.not_applied) == (
        Money(300, "EUR"),
        (NotApplied(step="s", rule="r", why_not=aside),),
    )

    # where it is mandatory the line has no price, and the next line is reckoned all the same
    priced = price(type_, record, Line("dock", 3), Line("dock", 3), step={"mandatory": True}, rates=RATES)
    assert priced.unpriced == tuple(
        NoPrice(position=position, line=Line("dock", 3), at=NOW, currency="EUR") for position in (0, 1)
    )


def test_an_amount_for_a_unit_of_its_own_is_for_lines_in_that_unit() -> None:
    type_ = {"kind": "surcharge", "calculation": "amount_per_unit"}

    # a quarter of a dozen is three pieces, and a quarter of 24 is 6
    line = price(
        type_, {"amount": Money(24, "EUR"), "uom": "dozen"}, Line("dock", D("0.25"), uom="dozen")
    ).lines[0]

    assert line.waterfall[1:] == (
        told(Calculation.AMOUNT_PER_UNIT, 300, 6, 306, value=24, quantity=3, detail="per 1 dozen"),
    )


def test_a_rate_that_is_not_known_is_named() -> None:
    for record in (
        {"amount": Money(1, "GBP")},
        {"scale": Scale(currency="GBP", tiers=[Tier(unit_amount=1)])},
    ):
        type_ = {"kind": "discount", "calculation": "amount_per_unit"}
        (found,) = price(type_, record, Line("dock", 3)).lines[0].not_applied
        assert "GBP" in str(found)


def test_the_lines_after_one_that_is_refused_are_reckoned() -> None:
    type_ = {"kind": "discount", "calculation": "amount_per_unit"}
    scale = Scale(tiers=[Tier(lower=5, unit_amount=4)])

    assert amounts(price(type_, {"scale": scale}, Line("dock", 3), Line("dock", 5))) == [300, 480]


@pytest.mark.parametrize(
    ("limits", "kind", "percent", "expected"),
    [
        ({"upper_limit": 20}, "discount", 5, 285),
        ({"upper_limit": 10}, "discount", 5, 290),
        ({"upper_limit": 10}, "surcharge", 5, 310),
        ({"lower_limit": 20}, "discount", 5, 280),
        ({"lower_limit": 10}, "discount", 5, 285),
        ({"lower_limit": 20}, "surcharge", 0, 320),
        ({"lower_limit": 20}, "discount", 0, 280),
        ({"lower_limit": 5, "upper_limit": 10}, "discount", 5, 290),
    ],
)
def test_limits_hold_the_size_of_a_change(
    limits: dict[str, int], kind: str, percent: int, expected: int
) -> None:
    type_ = {"kind": kind, "calculation": "percent"}

    assert amounts(price(type_, {"percent": Percent(percent), **limits}, Line("dock", 3))) == [expected]


def test_percent_of_total_takes_the_others_and_says_of_how_much() -> None:
    surcharge = {"kind": "surcharge", "calculation": "percent_of_total"}
    discount = {"kind": "discount", "calculation": "percent_of_total"}
    price_ = {"kind": "price", "calculation": "percent_of_total"}
    record = {"percent": Percent(10), "key": {"line.product": "hub"}}
    lines = (Line("dock", 3), Line("hub", 2), Line("laptop", 1))

    found = [price(type_, record, *lines).lines[1].waterfall[1] for type_ in (surcharge, discount, price_)]

    # 10 % of 300 + 1000
    assert found == [
        told(Calculation.PERCENT_OF_TOTAL, 1300, 130, 230, value=10, quantity=2),
        told(Calculation.PERCENT_OF_TOTAL, 1300, -130, 0, rounded=-100, value=10, quantity=2),
        told(Calculation.PERCENT_OF_TOTAL, 1300, 30, 130, value=10, quantity=2),
    ]


def test_a_share_of_the_others_needs_others() -> None:
    type_ = {"kind": "surcharge", "calculation": "percent_of_total"}

    line = price(type_, {"percent": Percent(10)}, Line("dock", 1)).lines[0]

    aside = StoodAside(code=Aside.REFUSED, detail="no other line has a price")
    assert line.not_applied == (NotApplied(step="s", rule="r", why_not=aside),)


def test_percentages_are_told_from_the_price_and_what_only_tells_from_where_the_line_is() -> None:
    seven = DiscountRule(id="seven", amount=Money(7, "EUR"))
    before = (Discounts(id="d", rules=(seven,)),)
    line = Line("dock", 1)

    for calculation, value, expected in (
        ("percent", {"percent": Percent(10)}, told(Calculation.PERCENT, 100, -10, 93, value=-10, quantity=1)),
        (
            "amount_per_line",
            {"amount": Money(3, "EUR")},
            told(Calculation.AMOUNT_PER_LINE, 93, -3, 93, value=-3, quantity=1),
        ),
    ):
        rebate = price({"kind": "rebate", "calculation": calculation}, value, line, before=before)
        step = rebate.lines[0].waterfall[-1]
        assert step.is_statistical
        assert (step.base_amount, step.raw_amount, step.running_amount) == (
            expected.base_amount,
            expected.raw_amount,
            expected.running_amount,
        )
