"""Whole steps of each kind, field by field; the arithmetic stands beside the amounts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from salesmgmt.core.entity import ProductId
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.exchange import ExchangeRate, ExchangeRates
from salesmgmt.core.formula import WhyNot
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import (
    AddedLine,
    AmountPer,
    Aside,
    Calculation,
    Candidate,
    DiscountRule,
    Discounts,
    FreeUnits,
    FreeUnitsRule,
    HeaderDiscounts,
    Line,
    ListPrice,
    ManualPrice,
    ManualPrices,
    NoPrice,
    NotApplied,
    OptionExtras,
    OptionRecord,
    PriceConflict,
    Priced,
    PriceList,
    PriceListRules,
    PriceLists,
    PriceRecord,
    PriceRule,
    PricingModel,
    PricingProcedure,
    PricingRequest,
    Promotions,
    QuantityTiers,
    RoundedPart,
    RoundLines,
    ScaleType,
    SharesOfTotal,
    Stacking,
    StepKind,
    StoodAside,
    Subtotal,
    Terms,
    TierRecord,
)
from salesmgmt.cpq.pricing.free_goods import FreeGoods
from salesmgmt.cpq.pricing.price_lists.policy import Combination, PriceListPolicy, Uplift, WithoutRule
from salesmgmt.cpq.pricing.promotions import (
    Coupon,
    FreeProduct,
    LineKind,
    PercentOff,
    Promotion,
    PromotionCondition,
    PromotionUse,
    Trigger,
)
from salesmgmt.cpq.pricing.terms.percent_of_total import ChargeKind, PercentOfTotal
from salesmgmt.cpq.products import Catalogue, Product
from tests.cpq.pricing.a_step import Both, amounts, told

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


SIX = FreeGoods(per_quantity=6, free_quantity=1, mode="inclusive", minimum_quantity=6)
ON_TOP = FreeGoods(per_quantity=6, free_quantity=1)


def test_inclusive_free_units_are_a_step() -> None:
    free = FreeUnits(id="s", rules=(FreeUnitsRule(id="r", family="seats", goods=SIX),))

    priced = price(free, Line("lamp", 6), Line("chair", 6))

    assert priced.lines[1].waterfall[1:] == (
        told(
            Calculation.FREE_QUANTITY,
            420,
            -70,
            350,
            kind=StepKind.PROMOTION,
            value=1,
            quantity=6,
            detail="1 of 6 free",
        ),
    )
    assert amounts(priced) == [180, 350]


def test_exclusive_free_units_are_lines_of_their_own() -> None:
    mugs = FreeGoods(per_quantity=6, free_quantity=2, product="mug")
    free = FreeUnits(
        id="s",
        rules=(
            FreeUnitsRule(id="own", product="chair", goods=ON_TOP),
            FreeUnitsRule(id="any", goods=mugs),
        ),
    )

    priced = price(free, Line("lamp", 6), Line("chair", 12))

    nothing = Money(0, "EUR")
    assert priced.added == (
        AddedLine(step="s", rule="any", product="mug", quantity=D(2), amount=nothing, position=0),
        AddedLine(step="s", rule="own", product="chair", quantity=D(2), amount=nothing, position=1),
    )


def test_free_units_that_are_not_given_say_why_and_the_next_rule_is_asked() -> None:
    free = FreeUnits(
        id="s",
        rules=(
            FreeUnitsRule(id="few", product="chair", goods=SIX),
            FreeUnitsRule(id="big", product="chair", goods=ON_TOP, condition="line.amount >= 1000 EUR"),
            FreeUnitsRule(
                id="last",
                product="chair",
                goods=FreeGoods(per_quantity=1, free_quantity=1),
                condition="line.amount >= 100 EUR",
            ),
        ),
    )

    priced = price(free, Line("care", 1), Line("chair", 5), Line("chair", 1), required=False)

    chairs, single = priced.lines
    few = chairs.not_applied[0]
    assert isinstance(few.why_not, StoodAside)
    assert (few.step, few.rule, few.why_not.code) == ("s", "few", Aside.REFUSED)
    assert few.why_not.detail == "below_minimum: found 5, wanted 6"
    big = chairs.not_applied[1]
    assert isinstance(big.why_not, WhyNot)
    assert (big.step, big.rule, str(big)) == ("s", "big", "big: line.amount >= 1000 EUR: found 350 EUR")
    assert [one.rule for one in single.not_applied] == ["few", "big", "last"]
    assert [(one.rule, one.position) for one in priced.added] == [("last", 1)]


def test_a_term_is_a_step_for_the_lines_that_have_one_and_a_price() -> None:
    half: dict[str, Any] = {"starts": date(2026, 1, 1), "ends": date(2026, 7, 1)}
    terms = Terms(id="s", condition="line.product != 'lamp' and line.amount >= 70 EUR")

    priced = price(
        terms,
        Line("care", 1, **half),
        Line("lamp", 3, **half),
        Line("chair", 2),
        Line("desk", 2, **half),
        required=False,
    )

    lamp, chair, desk = priced.lines
    assert (lamp.net_amount, chair.net_amount) == (Money(90, "EUR"), Money(140, "EUR"))
    # six of twelve months
    assert desk.waterfall[1:] == (
        told(
            Calculation.PRORATION,
            500,
            -250,
            250,
            kind=StepKind.TERM,
            record="",
            value="0.5",
            detail="6 month, times 0.5",
        ),
    )


def test_a_term_that_is_none_is_refused_with_its_place() -> None:
    pricer = pricer_of(Terms(id="s"))
    backwards = Line("desk", 1, starts=date(2026, 3, 1), ends=date(2026, 3, 1))
    late = Line("desk", 1, starts=date(9999, 12, 30), ends=date(9999, 12, 31))
    open_ended = Line("desk", 1, starts=date(2026, 3, 1))

    with pytest.raises(InvalidInput) as caught:
        pricer.price(asked(Line("desk", 1), backwards))
    (problem,) = caught.value.problems
    assert (problem.path, problem.found, problem.wanted) == (
        "lines[1].ends",
        "datetime.date(2026, 3, 1)",
        "a day after 2026-03-01",
    )
    assert str(caught.value).startswith("pricing request")
    with pytest.raises(InvalidInput) as caught:
        pricer.price(asked(late))
    assert caught.value.problems[0].wanted == "a day whose periods end by the year 9999"
    assert amounts(pricer.price(asked(open_ended))) == [250]


def shares(*rules: PercentOfTotal) -> Both:
    own = PricingProcedure(
        id="own",
        steps=(
            ListPrice(id="list", required=False),
            Subtotal(id="net"),
            Discounts(id="off", rules=(DiscountRule(id="ten", percent=Percent(10)),)),
            SharesOfTotal(id="s", rules=rules),
            RoundLines(id="cents"),
        ),
    )
    return Both(PricingModel(procedure=own, prices=PRICES, catalogue=CATALOGUE))


def test_a_share_of_the_total_is_a_step_from_what_is_covered() -> None:
    pricer = shares(PercentOfTotal(product="care", percent=Percent(10), covers=["desk"]))

    desk, chair, care, second = pricer.price(
        asked(Line("desk", 2), Line("chair", 1), Line("care", 1), Line("care", 1))
    ).lines

    # 10 % of 2 x 250 at the subtotal, before the discount
    expected = told(
        Calculation.PERCENT_OF_TOTAL,
        0,
        50,
        50,
        record="care",
        value=10,
        detail="of what the other lines come to",
    )
    assert care.waterfall[-1] == second.waterfall[-1] == expected
    assert care.list_amount == Money(50, "EUR")
    assert (desk.net_amount, chair.net_amount) == (Money(450, "EUR"), Money(63, "EUR"))


def test_a_share_may_cover_others_and_what_covers_nothing_stays_without_a_price() -> None:
    pricer = shares(
        PercentOfTotal(product="care", percent=Percent(10), covers=["desk"], charge=ChargeKind.ONE_TIME),
        PercentOfTotal(product="plus", percent=Percent(20), covers=["chair", "care"]),
    )

    assert amounts(pricer.price(asked(Line("desk", 1), Line("plus", 1), Line("care", 1)))) == [225, 5, 25]
    # of the chair 70 and of both cares 25
    two = asked(Line("chair", 1), Line("desk", 1), Line("plus", 1), Line("care", 1), Line("care", 1))
    assert amounts(pricer.price(two)) == [63, 225, 24, 25, 25]
    without = pricer.price(asked(Line("care", 1), Line("plus", 1), Line("chair", 1)))
    assert [one.position for one in without.unpriced] == [0]
    assert amounts(without) == [14, 63]


def test_a_share_is_prorated_by_the_term_of_its_line() -> None:
    pricer = shares(PercentOfTotal(product="care", percent=Percent(10)))
    half = Line("care", 1, starts=date(2026, 1, 1), ends=date(2026, 7, 1))

    assert amounts(pricer.price(asked(Line("desk", 1), half))) == [225, D("12.5")]
    late = Line("care", 1, starts=date(9999, 12, 30), ends=date(9999, 12, 31))
    with pytest.raises(InvalidInput, match=r"lines\[1\]\.ends"):
        pricer.price(asked(Line("desk", 1), late))


def promoted(*promotions: Promotion, coupons: tuple[Coupon, ...] = ()) -> Both:
    return Both(
        PricingModel(
            procedure=PricingProcedure(
                id="own", steps=(ListPrice(id="list"), RoundLines(id="cents"), Promotions(id="s"))
            ),
            prices=PRICES,
            promotions=promotions,
            coupons=coupons,
            catalogue=CATALOGUE,
        )
    )


def test_a_promotion_is_a_step_of_each_line_that_it_takes_from() -> None:
    ten = Promotion(id="r", benefit=PercentOff(percent=Percent(10)))
    lines = (
        Line("desk", 1),
        Line("chair", 2, discountable=False),
        Line("lamp", 1, kind=LineKind.SHIPPING),
    )

    desk, chair, lamp = promoted(ten).price(asked(*lines)).lines

    assert desk.waterfall[1:] == (
        told(Calculation.AMOUNT_PER_LINE, 250, -25, 225, kind=StepKind.PROMOTION, value=-25),
    )
    assert (chair.net_amount, lamp.net_amount) == (Money(140, "EUR"), Money(30, "EUR"))


def test_promotions_know_the_document_the_day_and_what_was_used() -> None:
    def by(**fields: Any) -> Promotion:
        return Promotion(id="r", benefit=PercentOff(percent=Percent(10)), **fields)

    def net(promotion: Promotion, **more: Any) -> list[Decimal]:
        return amounts(promoted(promotion).price(asked(Line("desk", 1), **more)))

    assert net(by(condition=PromotionCondition(formula="order.amount >= 250 EUR"))) == [225]
    assert net(by(condition=PromotionCondition(formula="order.amount > 250 EUR"))) == [250]
    assert net(by(valid_to=NOW)) == [250]
    assert net(by(valid_from=NOW)) == [225]
    used = {"r": PromotionUse(amount=Money(5, "EUR"), uses=1, uses_of_customer=1)}
    assert net(by(max_uses=1)) == [225]
    assert net(by(max_uses=1), used=used) == [250]


def test_codes_that_are_refused_are_told_with_the_reason_also_where_there_is_no_promotion() -> None:
    for pricer in (promoted(), promoted(Promotion(id="r", benefit=PercentOff(percent=Percent(10))))):
        priced = pricer.price(asked(Line("desk", 1), codes=["NOPE"]))
        assert priced.not_applied == (
            refused("unknown code, found NOPE, wanted the code of a promotion", "NOPE"),
        )


def test_a_free_product_is_a_line_of_its_own() -> None:
    gift = Promotion(id="gift", benefit=FreeProduct(product="mug"))

    assert promoted(gift).price(asked(Line("desk", 1))).added == (
        AddedLine(step="s", rule="gift", product="mug", quantity=D(1), amount=Money(0, "EUR")),
    )
    assert promoted(gift).price(asked()).added == ()


def test_a_coupon_counts_its_uses_apart() -> None:
    promotion = Promotion(id="r", trigger=Trigger.CODE, benefit=PercentOff(percent=Percent(10)))
    coupon = Coupon(code="ONCE", promotion="r", max_uses=1)
    pricer = promoted(promotion, coupons=(coupon,))

    first = pricer.price(asked(Line("desk", 1), codes=["ONCE"]))
    assert amounts(first) == [225]
    assert first.coupons_used["ONCE"].uses == 1
    again = pricer.price(asked(Line("desk", 1), codes=["ONCE"], coupons_used=first.coupons_used))
    assert amounts(again) == [250]


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
    return Both(PricingModel(procedure=own, prices=PRICES, catalogue=CATALOGUE, price_lists=lists, **more))


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
