"""Steps of prices, tiers, options, manual prices, roundings and discounts; the arithmetic stands beside the amounts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import (
    AmountPer,
    Aside,
    Calculation,
    DiscountRule,
    Discounts,
    HeaderDiscounts,
    Line,
    ListPrice,
    ManualPrice,
    ManualPrices,
    NoPrice,
    OptionExtras,
    OptionRecord,
    PriceConflict,
    PriceRecord,
    PricingModel,
    PricingProcedure,
    QuantityTiers,
    RoundedPart,
    RoundLines,
    ScaleType,
    SharesOfTotal,
    Stacking,
    StepKind,
    StoodAside,
    Subtotal,
    TierRecord,
)
from salesmgmt.cpq.pricing.terms.percent_of_total import PercentOfTotal
from tests.cpq.pricing.a_stage import CATALOGUE, NOW, PRICES, RATES, D, asked, price, pricer_of, refused
from tests.cpq.pricing.a_step import Both, amounts, told


def test_the_list_price_is_a_step_and_records_of_one_price_are_no_conflict() -> None:
    twin = PriceRecord(id="p-twin", product="desk", price=Money(250, "EUR"))

    line = price(Subtotal(id="end"), Line("desk", 2), prices=(*PRICES, twin)).lines[0]

    assert line.waterfall == (
        told(
            Calculation.SET_PRICE,
            0,
            500,
            500,
            kind=StepKind.LIST,
            step="list",
            record="p-desk",
            value=250,
            quantity=2,
        ),
    )
    assert line.subtotals == {"end": Money(500, "EUR")}


def test_the_price_of_a_customer_is_a_step_from_the_list_and_tiers_start_from_it() -> None:
    own = PriceRecord(id="own", product="desk", price=Money(240, "EUR"), customer="acme")
    tier = TierRecord(id="t", product="desk", lower=1, unit_price=Money(230, "EUR"))
    pricer = pricer_of(QuantityTiers(id="s"), prices=(*PRICES, own), tiers=[tier])

    line = pricer.price(asked(Line("desk", 2), customer={"id": "acme"})).lines[0]

    assert line.waterfall[1:] == (
        told(
            Calculation.SET_PRICE,
            500,
            -20,
            480,
            kind=StepKind.CONTRACT,
            step="list",
            record="own",
            value=240,
            quantity=2,
        ),
        told(Calculation.SET_PRICE, 480, -20, 460, kind=StepKind.TIER, record="t", value=230, quantity=2),
    )
    assert line.list_amount == Money(500, "EUR")


def test_a_list_price_without_a_rate_says_so_and_the_next_line_is_priced() -> None:
    prices = [PriceRecord(id="usd", product="desk", price=Money(250, "USD")), *PRICES[1:]]
    own = PricingProcedure(id="own", steps=(ListPrice(id="list", convert_from="USD"), RoundLines(id="cents")))
    pricer = Both(PricingModel(procedure=own, prices=prices, catalogue=CATALOGUE))

    priced = pricer.price(asked(Line("desk", 1), Line("chair", 1)))

    assert priced.unpriced == (
        NoPrice(position=0, line=Line("desk", 1), at=NOW, currency="EUR", reason="no exchange rate from USD"),
    )
    assert amounts(priced) == [70]


def test_the_extra_of_an_option_is_a_step_for_each_unit() -> None:
    option = OptionRecord(id="o", product="desk", attribute="top", value="oak", extra=Money(40, "EUR"))

    line = price(OptionExtras(id="s"), Line("desk", 2, configuration={"top": "oak"}), options=[option]).lines[
        0
    ]

    assert line.waterfall[1:] == (
        told(
            Calculation.AMOUNT_PER_UNIT,
            500,
            80,
            580,
            kind=StepKind.OPTION,
            record="o",
            value=40,
            quantity=2,
            detail="top = oak",
        ),
    )
    assert line.list_amount == Money(580, "EUR")


@pytest.mark.parametrize(
    ("tier", "expected"),
    [
        ({"percent": Percent(10)}, told(Calculation.PERCENT, 700, -70, 630, kind=StepKind.TIER, value=-10)),
        (
            {"unit_price": Money(60, "EUR")},
            told(Calculation.SET_PRICE, 700, -100, 600, kind=StepKind.TIER, value=60, quantity=10),
        ),
    ],
)
def test_a_tier_is_a_step(tier: dict[str, Any], expected: Any) -> None:
    tiers = [TierRecord(id="r", family="seats", lower=10, **tier)]

    priced = price(QuantityTiers(id="s"), Line("lamp", 10), Line("chair", 10), tiers=tiers)

    assert priced.lines[1].waterfall[1:] == (expected,)
    assert priced.lines[0].net_amount == Money(300, "EUR")


def test_each_part_of_a_graduated_scale_is_a_step() -> None:
    tiers = [
        TierRecord(id="a", product="chair", lower=10, percent=Percent(10)),
        TierRecord(id="b", product="chair", lower=20, unit_price=Money(50, "EUR")),
    ]

    line = price(QuantityTiers(id="s", scale=ScaleType.GRADUATED), Line("chair", 24), tiers=tiers).lines[0]

    # 10 x 70 less 10 %; 4 x 50 instead of 4 x 70
    assert line.waterfall[1:] == (
        told(Calculation.PERCENT, 700, -70, 1610, kind=StepKind.TIER, record="a", value=-10),
        told(Calculation.SET_PRICE, 280, -80, 1530, kind=StepKind.TIER, record="b", value=50, quantity=4),
    )


def hand(**manual: Any) -> ManualPrice:
    return ManualPrice(reason="agreed", by="li.wei", **manual)


@pytest.mark.parametrize(
    ("manual", "expected"),
    [
        ({"unit_price": Money(60, "EUR")}, (210, -30, 180, 60)),
        ({"percent_off": Percent(10)}, (210, -21, 189, -10)),
        ({"amount_off": Money(11, "EUR")}, (210, -11, 199, -11)),
    ],
)
def test_what_is_set_by_hand_is_a_step(manual: dict[str, Any], expected: tuple[int, int, int, int]) -> None:
    base, raw, running, value = expected

    line = price(ManualPrices(id="s"), Line("chair", 3, manual=hand(**manual))).lines[0]

    assert line.waterfall[1:] == (
        told(
            Calculation.MANUAL,
            base,
            raw,
            running,
            kind=StepKind.MANUAL,
            record="manual",
            value=value,
            quantity=3,
            detail="li.wei: agreed",
        ),
    )


def test_what_is_set_by_hand_needs_its_currency_and_a_price_to_take_it_from() -> None:
    lines = (
        Line("chair", 1, manual=hand(unit_price=Money(60, "USD"))),
        Line("chair", 1, manual=hand(amount_off=Money(6, "USD"))),
        Line("care", 1, manual=hand(unit_price=Money(60, "EUR"))),
    )
    step = ManualPrices(id="s")

    priced = price(step, *lines, required=False)

    other = refused("it is in USD, the request in EUR", "manual")
    assert [line.not_applied for line in priced.lines] == [(other,), (other,), ()]
    assert amounts(priced) == [70, 70, 60]
    assert priced.lines[2].list_amount == Money(60, "EUR")
    # a price that comes later stays; what was set by hand says why it did not count
    shares = SharesOfTotal(
        id="t", rules=(PercentOfTotal(product="care", percent=Percent(10), subtotal="net"),)
    )
    own = PricingProcedure(
        id="own",
        steps=(
            ListPrice(id="list", required=False),
            step,
            Subtotal(id="net"),
            shares,
            RoundLines(id="cents"),
        ),
    )
    pricer = Both(PricingModel(procedure=own, prices=PRICES, catalogue=CATALOGUE))
    care = pricer.price(asked(Line("desk", 1), Line("care", 1, manual=hand(percent_off=Percent(5))))).lines[1]
    assert care.not_applied == (refused("there is no price to take it from", "manual"),)
    assert care.net_amount == Money(25, "EUR")


def test_a_unit_price_set_by_hand_is_what_a_later_tier_replaces() -> None:
    tiers = [TierRecord(id="t", product="chair", lower=1, unit_price=Money(50, "EUR"))]
    own = PricingProcedure(
        id="own",
        steps=(ListPrice(id="list"), ManualPrices(id="s"), QuantityTiers(id="t"), RoundLines(id="cents")),
    )
    pricer = Both(PricingModel(procedure=own, prices=PRICES, tiers=tiers, catalogue=CATALOGUE))

    line = pricer.price(asked(Line("chair", 3, manual=hand(unit_price=Money(60, "EUR"))))).lines[0]

    changes: list[Any] = [(step.base_amount, step.raw_amount) for step in line.waterfall]
    assert changes == [
        (0, 210),
        (210, -30),
        (180, -30),
    ]


@pytest.mark.parametrize(
    ("at", "more", "rounded", "detail"),
    [
        # 3 x 33.335 = 100.005
        (RoundedPart.LINE, {}, "0.005", "half_up to 0.01"),
        (RoundedPart.LINE, {"mode": "down"}, "-0.005", "down to 0.01"),
        (RoundedPart.LINE, {"increment": 1, "ending": "0.99"}, "-0.015", "half_up to 1, ending 0.99"),
        (RoundedPart.UNIT, {}, "0.015", "half_up to 0.01 of the unit"),
    ],
)
def test_a_rounding_is_a_step(at: RoundedPart, more: dict[str, Any], rounded: str, detail: str) -> None:
    fields: dict[str, Any] = {name: D(one) if name != "mode" else one for name, one in more.items()}
    prices = [PriceRecord(id="p", product="p", price=Money("33.335", "EUR"))]
    own = PricingProcedure(
        id="own", steps=(ListPrice(id="list"), RoundLines(id="s", at=at, **fields), RoundLines(id="cents"))
    )

    line = Both(PricingModel(procedure=own, prices=prices)).price(asked(Line("p", 3))).lines[0]

    assert line.waterfall[1] == told(
        Calculation.ROUNDING,
        "100.005",
        0,
        D("100.005") + D(rounded),
        kind=StepKind.ROUNDING,
        record="",
        rounded=rounded,
        detail=detail,
    )


def test_a_rounding_of_the_total_is_a_step_of_the_largest_line() -> None:
    total = RoundLines(id="s", at=RoundedPart.DOCUMENT, increment=Decimal("0.05"))
    prices = [
        PriceRecord(id=name, product=name, price=Money(amount, "EUR"))
        for name, amount in (("p", 1), ("q", "2.01"))
    ]
    own = PricingProcedure(id="own", steps=(ListPrice(id="list"), RoundLines(id="cents"), total))
    pricer = Both(PricingModel(procedure=own, prices=prices))

    first, second = pricer.price(asked(Line("p", 1), Line("q", 1))).lines

    assert len(first.waterfall) == 1
    assert second.waterfall[1:] == (
        told(
            Calculation.ROUNDING,
            "2.01",
            0,
            2,
            kind=StepKind.ROUNDING,
            record="",
            rounded="-0.01",
            detail="half_up to 0.05 of the document",
        ),
    )
    assert pricer.price(asked()).lines == ()


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        # 3 chairs at 210, of which a rule before took 10
        (
            {"percent": Percent(10), "stacking": Stacking.ADDITIVE},
            told(Calculation.PERCENT, 210, -21, 179, value=-10, quantity=3, kind=StepKind.DISCOUNT),
        ),
        (
            {"percent": Percent(10)},
            told(Calculation.PERCENT_COMPOUND, 200, -20, 180, value=-10, quantity=3, kind=StepKind.DISCOUNT),
        ),
        (
            {"amount": Money(4, "EUR"), "per": AmountPer.UNIT},
            told(Calculation.AMOUNT_PER_UNIT, 200, -12, 188, value=-4, quantity=3, kind=StepKind.DISCOUNT),
        ),
        (
            {"amount": Money(4, "EUR")},
            told(Calculation.AMOUNT_PER_LINE, 200, -4, 196, value=-4, quantity=3, kind=StepKind.DISCOUNT),
        ),
    ],
)
def test_a_discount_rule_is_a_step(rule: dict[str, Any], expected: Any) -> None:
    first = DiscountRule(id="first", amount=Money(10, "EUR"))

    line = price(Discounts(id="s", rules=(first, DiscountRule(id="r", **rule))), Line("chair", 3)).lines[0]

    assert line.waterfall[2:] == (expected,)


def test_discount_rules_that_do_not_hold_are_told_with_their_step() -> None:
    rule = DiscountRule(id="r", percent=Percent(10), condition="line.product == 'lamp'")

    for step in (Discounts(id="s", rules=(rule,)), HeaderDiscounts(id="s", rules=(rule,))):
        steps = (RoundLines(id="whole"), step)
        priced = pricer_of(*steps).price(asked(Line("chair", 1), Line("lamp", 1)))
        chair, lamp = priced.lines
        assert [(one.step, one.rule, str(one.why_not)) for one in chair.not_applied] == [
            ("s", "r", "line.product == 'lamp': found 'chair'")
        ]
        assert lamp.not_applied == ()
        assert amounts(priced) == [70, 27]


def test_a_header_discount_is_told_with_its_step_and_later_rules_are_asked_when_one_finds_no_line() -> None:
    none = DiscountRule(id="none", percent=Percent(10), condition="line.product == 'desk'")
    five = DiscountRule(id="r", amount=Money(5, "EUR"))

    priced = pricer_of(RoundLines(id="whole"), HeaderDiscounts(id="s", rules=(none, five))).price(
        asked(Line("chair", 1))
    )

    assert [(one.step, one.rule, one.base) for one in priced.header] == [("s", "r", Money(70, "EUR"))]
    assert priced.lines[0].waterfall[-1] == told(
        Calculation.AMOUNT_PER_DOCUMENT, 70, -5, 65, kind=StepKind.HEADER, value=-5
    )


def test_amounts_that_fill_34_digits_go_on_with_20_decimals_and_say_so() -> None:
    # 0.1234567890123456789012345 x 1 needs 25 decimals; with 10^12 beside it 34 digits are full
    prices = [PriceRecord(id="p", product="p", price=Money("0.1234567890123456789012345", "EUR"))]
    big = DiscountRule(id="up", amount=Money(-1_000_000_000_000, "EUR"))
    own = PricingProcedure(
        id="own",
        steps=(ListPrice(id="list"), Discounts(id="s", rules=(big,)), RoundLines(id="cents")),
    )

    line = Both(PricingModel(procedure=own, prices=prices)).price(asked(Line("p", 1))).lines[0]

    assert line.waterfall[1] == told(
        Calculation.ROUNDING,
        "0.1234567890123456789012345",
        0,
        "0.12345678901234567890",
        kind=StepKind.ROUNDING,
        record="",
        rounded="-0.0000000000000000000012345",
        detail="to 20 decimals",
    )
    assert line.net_amount == Money("1000000000000.12", "EUR")


def test_a_manual_price_is_for_the_unit_of_its_line_and_a_tier_replaces_it_exactly() -> None:
    tiers = [TierRecord(id="t", product="chair", lower=1, unit_price=Money(8, "EUR"))]
    pricer = pricer_of(ManualPrices(id="s"), QuantityTiers(id="t"), tiers=tiers)

    def changes(line: Line) -> list[Any]:
        waterfall = pricer.price(asked(line)).lines[0].waterfall
        return [(step.base_amount, step.raw_amount, step.quantity) for step in waterfall]

    # 12 x 70 = 840; 100 a dozen; 12 x 8 = 96
    assert changes(Line("chair", 1, uom="dozen", manual=hand(unit_price=Money(100, "EUR")))) == [
        (0, 840, 12),
        (840, -740, 1),
        (100, -4, 12),
    ]
    # what somebody took off stays when the price is replaced: 210 - 21, then 24 instead of 210
    assert changes(Line("chair", 3, manual=hand(percent_off=Percent(10)))) == [
        (0, 210, 3),
        (210, -21, 3),
        (210, -186, 3),
    ]


def test_why_a_tier_does_not_count() -> None:
    tiers = [
        TierRecord(id="a", product="chair", lower=10, percent=Percent(5)),
        TierRecord(id="b", product="chair", lower=20, percent=Percent(10)),
    ]
    whole = pricer_of(QuantityTiers(id="s"), tiers=tiers).pricer
    parts = pricer_of(QuantityTiers(id="s", scale=ScaleType.GRADUATED), tiers=tiers).pricer

    def aside(detail: str) -> StoodAside:
        return StoodAside(code=Aside.REFUSED, detail=detail)

    few, many, lamps = (
        asked(Line(name, count)) for name, count in (("chair", 5), ("chair", 24), ("lamp", 24))
    )
    first = "it is for chair from 10 to below 20"
    for pricer in (whole, parts):
        assert pricer.why_not(few, "a") == aside(f"{first}, the line has 5 of chair")
        assert pricer.why_not(few, "b") == aside("it is for chair from 20, the line has 5 of chair")
        assert pricer.why_not(many, "b") is None
        assert pricer.why_not(lamps, "a") == aside(f"{first}, the line has 24 of lamp")
    assert whole.why_not(many, "a") == aside(f"{first}, the line has 24 of chair")
    assert parts.why_not(many, "a") is None


def test_why_a_tier_of_a_family_or_another_currency_does_not_count() -> None:
    tiers = [
        TierRecord(id="of-family", family="seats", lower=1, unit_price=Money(60, "EUR")),
        TierRecord(id="usd", family="wood", lower=1, unit_price=Money(60, "USD")),
    ]
    pricer = pricer_of(QuantityTiers(id="s"), tiers=tiers).pricer

    assert pricer.why_not(asked(Line("chair", 1)), "of-family") is None
    assert pricer.why_not(asked(Line("desk", 1)), "usd") == StoodAside(
        code=Aside.REFUSED, detail="it is for wood from 1, the line has 1 of desk"
    )


@pytest.mark.parametrize("scale", [ScaleType.ALL_UNITS, ScaleType.GRADUATED])
def test_a_tier_replaces_exactly_what_all_units_came_to(scale: ScaleType) -> None:
    tiers = [
        TierRecord(id="a", product="chair", lower=0, unit_price=Money(2, "EUR")),
        TierRecord(id="b", product="chair", lower=50, unit_price=Money(1, "EUR")),
    ]
    pricer = pricer_of(ManualPrices(id="s"), QuantityTiers(id="t", scale=scale), tiers=tiers)
    line = Line("chair", 8, uom="dozen", manual=hand(unit_price=Money("12.25", "EUR")))

    # 8 dozen are 98, and 98 / 96 has endless decimals; 96 x 1, or 50 x 2 and 46 x 1
    waterfall = pricer.price(asked(line)).lines[0].waterfall

    replaced = [step for step in waterfall if step.kind is StepKind.TIER]
    assert sum(step.base_amount for step in replaced) == 98
    assert waterfall[-1].running_amount == (96 if scale is ScaleType.ALL_UNITS else 146)
    assert waterfall[-1].kind is StepKind.TIER


def test_a_rule_for_the_whole_document_that_does_not_hold_is_told_with_its_step() -> None:
    rule = DiscountRule(id="r", percent=Percent(10), condition="order.lines >= 5")

    for step in (Discounts(id="s", rules=(rule,)), HeaderDiscounts(id="s", rules=(rule,))):
        line = pricer_of(RoundLines(id="whole"), step).price(asked(Line("chair", 1))).lines[0]
        assert [(one.step, str(one)) for one in line.not_applied] == [("s", "r: order.lines >= 5: found 1")]


def test_the_price_of_a_customer_counts_also_beside_several_records_of_one_price() -> None:
    more = [
        PriceRecord(id="again", product="desk", price=Money(250, "EUR")),
        PriceRecord(id="own", product="desk", price=Money(240, "EUR"), customer="acme"),
        PriceRecord(id="own-again", product="desk", price=Money(240, "EUR"), customer="acme"),
    ]
    pricer = pricer_of(prices=(*PRICES, *more))

    def running(**customer: str) -> list[tuple[StepKind, Decimal]]:
        line = pricer.price(asked(Line("desk", 2), customer=customer)).lines[0]
        return [(step.kind, step.running_amount) for step in line.waterfall]

    assert running(id="acme") == [(StepKind.LIST, D(500)), (StepKind.CONTRACT, D(480))]
    assert running(id="other") == [(StepKind.LIST, D(500))]


def foreign(*prices: PriceRecord, **more: Any) -> Both:
    own = PricingProcedure(id="own", steps=(ListPrice(id="list", convert_from="USD"), RoundLines(id="cents")))
    return Both(PricingModel(procedure=own, prices=prices, catalogue=CATALOGUE, **more))


def test_list_and_customer_price_are_both_changed_from_the_currency_of_their_list() -> None:
    prices = (
        PriceRecord(id="usd", product="desk", price=Money(250, "USD")),
        PriceRecord(id="own", product="desk", price=Money(240, "USD"), customer="acme"),
    )

    line = foreign(*prices, rates=RATES).price(asked(Line("desk", 2), customer={"id": "acme"})).lines[0]

    # at 0.8: 400, and 384 for the customer
    assert [(step.record, step.value, step.running_amount) for step in line.waterfall] == [
        ("usd", D(200), D(400)),
        ("own", D(192), D(384)),
    ]


def test_a_foreign_list_counts_on_its_days() -> None:
    prices = (
        PriceRecord(id="old", product="desk", price=Money(300, "USD"), valid_to=date(2026, 3, 1)),
        PriceRecord(id="new", product="desk", price=Money(250, "USD"), valid_from=date(2026, 3, 1)),
    )

    assert amounts(foreign(*prices, rates=RATES).price(asked(Line("desk", 1)))) == [200]


def test_several_foreign_records_of_one_price_need_a_rate_as_well() -> None:
    prices = tuple(PriceRecord(id=name, product="desk", price=Money(250, "USD")) for name in ("a", "b"))

    priced = foreign(*prices).price(asked(Line("desk", 1)))

    assert priced.unpriced == (
        NoPrice(position=0, line=Line("desk", 1), at=NOW, currency="EUR", reason="no exchange rate from USD"),
    )
    assert amounts(foreign(*prices, rates=RATES).price(asked(Line("desk", 1)))) == [200]


def test_the_second_of_two_customer_prices_that_differ_makes_a_conflict() -> None:
    more = [
        PriceRecord(id=f"own-{price}", product="desk", price=Money(price, "EUR"), customer="acme")
        for price in (240, 230)
    ]
    pricer = pricer_of(prices=(*PRICES, *more))

    (conflict,) = pricer.price(asked(Line("desk", 1), customer={"id": "acme"})).unpriced
    assert isinstance(conflict, PriceConflict)
    assert sorted(one.record for one in conflict.candidates) == ["own-230", "own-240"]
    assert amounts(pricer.price(asked(Line("desk", 1)))) == [250]
