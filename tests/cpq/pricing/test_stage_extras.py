"""Steps of free units, terms, shares of the total and promotions; the arithmetic stands beside the amounts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.formula import WhyNot
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import (
    AddedLine,
    Aside,
    Calculation,
    DiscountRule,
    Discounts,
    FreeUnits,
    FreeUnitsRule,
    Line,
    ListPrice,
    PriceRecord,
    PricingModel,
    PricingProcedure,
    Promotions,
    RoundLines,
    SharesOfTotal,
    StepKind,
    StoodAside,
    Subtotal,
    Terms,
)
from salesmgmt.cpq.pricing.free_goods import FreeGoods
from salesmgmt.cpq.pricing.promotions import (
    Coupon,
    FreeProduct,
    LineFilter,
    LineKind,
    PercentBase,
    PercentOff,
    Promotion,
    PromotionCondition,
    PromotionPolicy,
    PromotionUse,
    Trigger,
)
from salesmgmt.cpq.pricing.terms.percent_of_total import ChargeKind, PercentOfTotal
from tests.cpq.pricing.a_stage import CATALOGUE, NOW, PRICES, D, asked, price, pricer_of, refused
from tests.cpq.pricing.a_step import Both, amounts, told

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
    terms = Terms(id="s", condition="line.product != 'lamp'")

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


def test_a_term_may_ask_for_the_amount_of_its_line() -> None:
    half: dict[str, Any] = {"starts": date(2026, 1, 1), "ends": date(2026, 7, 1)}
    terms = Terms(id="s", condition="line.amount >= 500 EUR")

    assert amounts(price(terms, Line("desk", 1, **half), Line("desk", 2, **half))) == [250, 250]


def test_a_term_that_is_none_is_refused_with_its_place() -> None:
    pricer = pricer_of(Terms(id="s"))
    backwards = Line("desk", 1, starts=date(2026, 3, 1), ends=date(2026, 3, 1))
    late = Line("desk", 1, starts=date(9999, 12, 30), ends=date(9999, 12, 31))
    open_ended = Line("desk", 1, starts=date(2026, 3, 1))

    with pytest.raises(InvalidInput) as caught:
        pricer.price(asked(Line("desk", 1), backwards))
    (problem,) = caught.value.problems
    assert (problem.path, problem.code, problem.found, problem.wanted) == (
        "lines[1].ends",
        "empty_period",
        "datetime.date(2026, 3, 1)",
        "a day after 2026-03-01",
    )
    assert str(caught.value).startswith("pricing request")
    with pytest.raises(InvalidInput) as caught:
        pricer.price(asked(late))
    assert caught.value.problems[0].code == "date_out_of_range"
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


def test_shares_of_products_that_are_not_there_cover_nothing() -> None:
    pricer = shares(
        PercentOfTotal(product="care", percent=Percent(10)),
        PercentOfTotal(product="plus", percent=Percent(20), covers=["care"]),
    )

    priced = pricer.price(asked(Line("desk", 1), Line("plus", 1)))

    assert [one.position for one in priced.unpriced] == [1]


def test_a_share_does_not_cover_what_is_itself_a_share() -> None:
    listed = PriceRecord(id="p-care", product="care", price=Money(100, "EUR"))
    rule = PercentOfTotal(product="care", percent=Percent(10))
    steps = (Subtotal(id="net"), SharesOfTotal(id="s", rules=(rule,)))

    line = pricer_of(*steps, prices=(*PRICES, listed)).price(asked(Line("desk", 1), Line("care", 1))).lines[1]

    assert (line.net_amount, line.list_amount) == (Money(25, "EUR"), Money(100, "EUR"))


def test_promotions_look_at_products_categories_and_quantities() -> None:
    def by(**fields: Any) -> Promotion:
        return Promotion(id="r", benefit=PercentOff(percent=Percent(10)), **fields)

    def nets(promotion: Promotion, *lines: Line) -> list[Decimal]:
        return amounts(promoted(promotion).price(asked(*lines)))

    lines = (Line("desk", 1), Line("lamp", 2))
    assert nets(by(on=LineFilter(products=("lamp",))), *lines) == [250, 54]
    assert nets(by(on=LineFilter(categories=("office",))), *lines) == [225, 60]
    two = by(condition=PromotionCondition(min_quantity=2, of=LineFilter(products=("lamp",))))
    assert nets(two, *lines) == [225, 54]
    assert nets(two, Line("desk", 1), Line("lamp", 1)) == [250, 30]


def test_the_policy_of_promotions_is_that_of_the_model() -> None:
    rules = (
        Promotion(id="a", benefit=PercentOff(percent=Percent(10)), priority=2),
        Promotion(id="b", benefit=PercentOff(percent=Percent(10)), priority=1),
    )

    def net(**policy: Any) -> list[Decimal]:
        own = PricingProcedure(
            id="own", steps=(ListPrice(id="list"), RoundLines(id="cents"), Promotions(id="s"))
        )
        model = PricingModel(
            procedure=own,
            prices=PRICES,
            promotions=rules,
            catalogue=CATALOGUE,
            promotion_policy=PromotionPolicy(**policy),
        )
        return amounts(model.compile().price(asked(Line("desk", 1))))

    assert net() == [200]  # both of 250
    assert net(percent_base=PercentBase.RUNNING) == [D("202.5")]  # the second of 225
