"""Codes, limits, lanes, conventions: each with an answer worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import attrs
import pytest

from salesmgmt.core.errors import InvalidInput, UnknownOption
from salesmgmt.core.money import CurrencyMismatch, Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.rounding import Rounding
from salesmgmt.cpq.pricing.promotions import (
    AmountOff,
    AmountsAre,
    Applications,
    BudgetExceeded,
    BuyGet,
    CapPer,
    CheapestFree,
    ConditionNotMet,
    Coupon,
    GetQuantity,
    InGroup,
    LineFilter,
    LineKind,
    MinimumAmount,
    MinimumQuantity,
    NotCombinable,
    NotYetValid,
    OtherCurrency,
    OverBudget,
    PercentOff,
    PercentRounding,
    Promotion,
    PromotionCondition,
    PromotionLine,
    PromotionOrder,
    PromotionPolicy,
    PromotionScope,
    PromotionUse,
    Repeat,
    Rounds,
    SetPrice,
    Trigger,
    UnitOrder,
    UsedUp,
    apply_promotions,
    promotion_policy,
)
from salesmgmt.cpq.pricing.sharing.distribution import RemainderTo
from salesmgmt.cpq.pricing.tax_basis import TaxRounding

CENTS = Rounding("half_up", "0.01")
MAY, JUNE = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)


def eur(amount: str) -> Money:
    return Money(amount, "EUR")


def off(points: str) -> PercentOff:
    return PercentOff(percent=Percent(points))


def line(id_: str, amount: str, quantity: str = "1", **more: object) -> PromotionLine:
    return PromotionLine(id=id_, product=id_, quantity=quantity, amount=eur(amount), **more)  # type: ignore[arg-type]


ONE = [line("a", "100.00")]
TENTH = Promotion(id="tenth", benefit=off("10"))
FIFTH = Promotion(id="fifth", benefit=off("20"))


def test_a_promotion_is_valid_from_its_first_instant_until_before_its_last() -> None:
    dated = attrs.evolve(TENTH, valid_from=MAY, valid_to=JUNE)
    at = {
        instant: apply_promotions([dated], ONE, currency="EUR", at=instant).reasons.get("tenth")
        for instant in (MAY, JUNE, datetime(2026, 4, 30, 23, 59, 59, 999999, tzinfo=UTC))
    }
    assert [None if reason is None else reason.code for reason in at.values()] == [
        None,
        "expired",
        "not_yet_valid",
    ]


def test_a_validity_needs_an_instant() -> None:
    with pytest.raises(InvalidInput, match="at: found nothing"):
        apply_promotions([attrs.evolve(TENTH, valid_to=JUNE)], ONE, currency="EUR")
    with pytest.raises(InvalidInput, match="time zone"):
        apply_promotions([TENTH], ONE, currency="EUR", at=datetime(2026, 5, 1))  # noqa: DTZ001 - the point


def test_a_coupon_has_limits_of_its_own() -> None:
    called = attrs.evolve(TENTH, trigger=Trigger.CODE)
    coupon = Coupon(code="MAY-1", promotion="tenth", valid_from=MAY, max_uses=1, max_uses_per_customer=1)
    found = apply_promotions([called], ONE, currency="EUR", coupons=[coupon], codes=["MAY-1"], at=MAY)
    assert found.applied == ("tenth",)
    assert found.coupons_used == {"MAY-1": PromotionUse(amount=eur("10"), uses=1, uses_of_customer=1)}

    again = apply_promotions(
        [called],
        ONE,
        currency="EUR",
        coupons=[coupon],
        codes=["MAY-1"],
        at=MAY,
        coupons_used=found.coupons_used,
    )
    assert again.reasons == {"tenth": UsedUp(found=1, wanted=1)}
    early = apply_promotions(
        [called], ONE, currency="EUR", coupons=[coupon], codes=["MAY-1"], at=datetime(2026, 4, 1, tzinfo=UTC)
    )
    assert early.reasons == {"tenth": NotYetValid(found=datetime(2026, 4, 1, tzinfo=UTC), wanted=MAY)}


def test_a_promotion_called_twice_is_given_once() -> None:
    called = attrs.evolve(TENTH, trigger=Trigger.CODE, codes=("A", "B"))
    found = apply_promotions([called], ONE, currency="EUR", codes=["A", "B", "A"])
    assert found.total == eur("90")
    assert [(refused.promotion, refused.reason.code) for refused in found.refused] == [
        ("B", "already_called"),
        ("A", "already_called"),
    ]


def test_codes_are_tried_after_what_needs_none_and_in_the_order_entered() -> None:
    first = Promotion(id="x", trigger=Trigger.CODE, codes=("X",), benefit=AmountOff(amount=eur("1")))
    found = apply_promotions(
        [first, attrs.evolve(first, id="y", codes=("Y",)), TENTH], ONE, currency="EUR", codes=["Y", "X"]
    )
    assert found.applied == ("tenth", "y", "x")


def test_a_higher_priority_comes_first_unless_the_policy_says_otherwise() -> None:
    promotions = [TENTH, attrs.evolve(FIFTH, priority=5)]
    orders = {
        order: apply_promotions(promotions, ONE, currency="EUR", policy=PromotionPolicy(order=order)).applied
        for order in PromotionOrder
    }
    assert orders == {
        PromotionOrder.PRIORITY_DESCENDING: ("fifth", "tenth"),
        PromotionOrder.PRIORITY_ASCENDING: ("tenth", "fifth"),
        PromotionOrder.LISTED: ("tenth", "fifth"),
    }


def test_an_explicit_order_is_the_whole_order() -> None:
    found = apply_promotions([TENTH, FIFTH], ONE, currency="EUR", apply=["fifth", "missing"])
    assert found.applied == ("fifth",)
    assert found.reasons["missing"].code == "unknown_promotion"


def test_an_exclusive_promotion_applies_alone() -> None:
    alone = attrs.evolve(FIFTH, exclusive=True)
    assert apply_promotions([alone, TENTH], ONE, currency="EUR").applied == ("fifth",)
    late = apply_promotions([TENTH, alone], ONE, currency="EUR")
    assert late.applied == ("tenth",)
    assert late.reasons["fifth"] == NotCombinable(
        found="tenth", wanted="an exclusive promotion applies alone"
    )


def test_of_a_group_the_first_or_the_best_applies() -> None:
    lane = [attrs.evolve(TENTH, group="lane"), attrs.evolve(FIFTH, group="lane")]
    assert apply_promotions(lane, ONE, currency="EUR").applied == ("tenth",)
    best = apply_promotions(lane, ONE, currency="EUR", policy=PromotionPolicy(in_group=InGroup.BEST))
    assert best.applied == ("fifth",)
    assert best.reasons["tenth"].found == "fifth"


def test_a_refusal_tells_what_is_missing() -> None:
    asked = PromotionCondition(min_quantity=3, min_amount=eur("150"))
    found = apply_promotions([attrs.evolve(TENTH, condition=asked)], ONE, currency="EUR")
    reason = found.reasons["tenth"]
    assert reason == MinimumQuantity(found=Decimal(1), wanted=Decimal(3))
    assert isinstance(reason, MinimumQuantity)
    assert reason.missing == 2
    enough = apply_promotions(
        [attrs.evolve(TENTH, condition=asked)], [line("a", "100.00", "3")], currency="EUR"
    )
    reason = enough.reasons["tenth"]
    assert isinstance(reason, MinimumAmount)
    assert reason.missing == eur("50")


def test_a_formula_is_evaluated_by_the_host_once() -> None:
    asked: list[str] = []

    def holds(formula: str) -> bool:
        asked.append(formula)
        return formula == "customer.segment == 'vip'"

    vip = PromotionCondition(formula="customer.segment == 'vip'")
    new = PromotionCondition(formula="customer.orders == 0")
    promotions = [
        attrs.evolve(TENTH, condition=vip),
        attrs.evolve(FIFTH, condition=new),
        Promotion(id="third", benefit=off("1"), condition=vip),
    ]
    found = apply_promotions(promotions, ONE, currency="EUR", holds=holds)
    assert found.applied == ("tenth", "third")
    assert found.reasons["fifth"] == ConditionNotMet(wanted="customer.orders == 0")
    assert asked == ["customer.segment == 'vip'", "customer.orders == 0"]
    with pytest.raises(InvalidInput, match=r"customer\.segment"):
        apply_promotions(promotions, ONE, currency="EUR")


def test_a_budget_is_kept_or_used_to_the_last_cent() -> None:
    limited = attrs.evolve(TENTH, budget=eur("25.00"))
    spent = {"tenth": PromotionUse(amount=eur("20.00"), uses=7)}
    refused = apply_promotions([limited], ONE, currency="EUR", used=spent)
    assert refused.reasons["tenth"] == BudgetExceeded(found=eur("30"), wanted=eur("25"))
    cut = apply_promotions(
        [limited], ONE, currency="EUR", used=spent, policy=PromotionPolicy(over_budget=OverBudget.CUT)
    )
    assert cut.discount_total == eur("5")
    assert (spent["tenth"] + cut.used["tenth"]).amount == eur("25")
    assert (spent["tenth"] + cut.used["tenth"]).uses == 8


@pytest.mark.parametrize(
    "limited", [attrs.evolve(TENTH, max_uses=3), attrs.evolve(TENTH, max_uses_per_customer=2)]
)
def test_a_promotion_is_used_up(limited: Promotion) -> None:
    used = {"tenth": PromotionUse(uses=3, uses_of_customer=2)}
    found = apply_promotions([limited], ONE, currency="EUR", used=used)
    assert found.reasons["tenth"].code == "used_up"


def test_amounts_of_another_currency_do_not_apply() -> None:
    foreign = Promotion(id="usd", benefit=AmountOff(amount=Money(5, "USD")))
    found = apply_promotions([foreign], ONE, currency="EUR")
    assert found.reasons["usd"] == OtherCurrency(found="USD", wanted="EUR")
    with pytest.raises(CurrencyMismatch):
        apply_promotions([], ONE, currency="USD")
    with pytest.raises(CurrencyMismatch):
        apply_promotions([], ONE, currency="EUR", floor=Money(1, "USD"))


def test_a_line_or_promotion_stands_once() -> None:
    with pytest.raises(InvalidInput, match=r"lines\[1\]\.id"):
        apply_promotions([], [*ONE, *ONE], currency="EUR")
    with pytest.raises(InvalidInput, match=r"promotions\.tenth"):
        apply_promotions([TENTH, TENTH], ONE, currency="EUR")


def test_an_empty_document_is_an_answer() -> None:
    found = apply_promotions([TENTH], [], currency="EUR")
    assert (found.total, found.gross_total) == (eur("0"), eur("0"))
    assert found.reasons["tenth"].code == "nothing_left"


@pytest.mark.parametrize(
    ("order", "by_line"),
    [(UnitOrder.CHEAPEST, {"c": "2"}), (UnitOrder.DEAREST, {"b": "9"}), (UnitOrder.IN_ORDER, {"a": "5"})],
)
def test_which_unit_comes_first_is_a_policy(order: UnitOrder, by_line: dict[str, str]) -> None:
    lines = [line("a", "10", "2"), line("b", "9"), line("c", "4", "2")]
    promotion = Promotion(id="p", benefit=off("100"), scope=PromotionScope.LINES, max_items=1)
    found = apply_promotions([promotion], lines, currency="EUR", policy=PromotionPolicy(units=order))
    assert {one.line: one.amount for one in found.discounts} == {
        name: eur(amount) for name, amount in by_line.items()
    }


def test_fewer_units_than_are_given_is_a_policy() -> None:
    promotion = Promotion(
        id="p",
        benefit=BuyGet(buy=LineFilter(products=("a",)), get=LineFilter(products=("b",)), get_quantity=3),
    )
    lines = [line("a", "10"), line("b", "8", "2")]
    assert apply_promotions([promotion], lines, currency="EUR").applied == ()
    some = apply_promotions(
        [promotion], lines, currency="EUR", policy=PromotionPolicy(get_quantity=GetQuantity.AVAILABLE)
    )
    assert some.discount_total == eur("8")


def test_what_is_got_may_be_cheaper_instead_of_free() -> None:
    benefit = BuyGet(
        buy=LineFilter(categories=("shoes",)), get=LineFilter(products=("socks",)), percent=Percent(50)
    )
    lines = [line("shoes", "60", categories=("shoes",)), line("socks", "8", "2")]
    found = apply_promotions([Promotion(id="p", benefit=benefit)], lines, currency="EUR")
    assert found.by_line == {"shoes": eur("0"), "socks": eur("2")}


def test_free_units_neither_earn_nor_receive() -> None:
    """The unit that the first promotion frees is not there for the second: 2 of 3 remain, then 1."""
    free = Promotion(id="free", benefit=CheapestFree(), scope=PromotionScope.CHEAPEST_UNIT)
    lines = [line("a", "30", "3")]
    second = attrs.evolve(free, id="second")
    found = apply_promotions([free, second], lines, currency="EUR")
    assert found.by_promotion == {"free": eur("10"), "second": eur("10")}
    buy_three = Promotion(id="b", benefit=BuyGet(buy_quantity=2, get_quantity=1))
    assert apply_promotions([buy_three], lines, currency="EUR").applied == ("b",)
    later = apply_promotions([free, buy_three], lines, currency="EUR")
    assert later.reasons["b"].code == "not_enough_to_give"


def test_a_cap_is_for_the_promotion_or_for_each_tax_group() -> None:
    promotion = Promotion(id="p", benefit=off("100"), max_discount=eur("40"))
    lines = [line("a", "30", tax_group="T1"), line("b", "50", tax_group="T2")]
    assert apply_promotions([promotion], lines, currency="EUR").discount_total == eur("40")
    each = apply_promotions(
        [promotion], lines, currency="EUR", policy=PromotionPolicy(cap_per=CapPer.TAX_GROUP)
    )
    assert each.by_tax_group == {"T1": eur("30"), "T2": eur("40")}


def test_what_is_rounded_is_a_policy() -> None:
    half = Promotion(id="p", benefit=off("50"))
    lines = [line("a", "0.05")]
    totals = {
        rounds: apply_promotions(
            [half], lines, currency="EUR", rounding=CENTS, policy=PromotionPolicy(rounds=rounds)
        ).total
        for rounds in Rounds
    }
    assert totals == {Rounds.DISCOUNT: eur("0.02"), Rounds.PRICE: eur("0.03")}


def test_where_a_percentage_is_rounded_is_a_policy() -> None:
    """Ten per cent of 0.04, 0.04 and 0.04: nothing on each line, one cent on the whole."""
    lines = [line(name, "0.04") for name in "abc"]
    totals = {
        where: apply_promotions(
            [TENTH], lines, currency="EUR", rounding=CENTS, policy=PromotionPolicy(percent_rounding=where)
        ).discount_total
        for where in PercentRounding
    }
    assert totals == {
        PercentRounding.BY_SCOPE: eur("0.01"),
        PercentRounding.WHOLE: eur("0.01"),
        PercentRounding.EACH_LINE: eur("0"),
    }


@pytest.mark.parametrize(
    ("remainder", "shares"),
    [
        (RemainderTo.LARGEST_FRACTION, ["0.34", "0.33", "0.33"]),
        (RemainderTo.FIRST, ["0.34", "0.33", "0.33"]),
        (RemainderTo.LAST, ["0.33", "0.33", "0.34"]),
    ],
)
def test_who_gets_the_last_cent_is_a_policy(remainder: RemainderTo, shares: list[str]) -> None:
    promotion = Promotion(id="p", benefit=AmountOff(amount=eur("1.00")))
    found = apply_promotions(
        [promotion],
        [line(name, "5.00") for name in "abc"],
        currency="EUR",
        rounding=CENTS,
        policy=PromotionPolicy(remainder=remainder),
    )
    assert [amount for _, amount in found.by_line.items()] == [eur(share) for share in shares]


def test_tax_is_rounded_on_the_rate_or_on_each_line() -> None:
    """Three lines of 0.10 at 5 %: 0.015 of tax together is 0.02, of 0.005 each is 0.01 three times."""
    lines = [line(name, "0.10", tax_percent=Percent(5)) for name in "abc"]
    taxes = {
        where: apply_promotions(
            [], lines, currency="EUR", rounding=CENTS, policy=PromotionPolicy(tax_rounding=where)
        ).tax_total
        for where in TaxRounding
    }
    assert taxes == {TaxRounding.RATE: eur("0.02"), TaxRounding.LINE: eur("0.03")}


def test_discounts_with_tax_come_back_in_the_basis_of_the_lines() -> None:
    """20 gross off 100 net at 19 %: 119 - 20 = 99 gross, that is 83.19 net and 15.81 tax; the line loses 16.81."""
    promotion = Promotion(id="p", benefit=AmountOff(amount=eur("20")))
    found = apply_promotions(
        [promotion],
        [line("a", "100.00", tax_percent=Percent(19))],
        currency="EUR",
        rounding=CENTS,
        policy=PromotionPolicy(amounts=AmountsAre.GROSS),
    )
    assert found.gross_total == eur("99.00")
    assert (found.net_total, found.tax_total) == (eur("83.19"), eur("15.81"))
    assert found.by_line == {"a": eur("16.81")}


def test_free_shipping_names_shipping() -> None:
    ship = line("ship", "7.90", kind=LineKind.SHIPPING)
    promotion = Promotion(id="p", benefit=off("100"), on=LineFilter(kind=LineKind.SHIPPING))
    found = apply_promotions([promotion], [*ONE, ship], currency="EUR")
    assert found.by_line == {"a": eur("0"), "ship": eur("7.90")}
    assert apply_promotions([TENTH], [*ONE, ship], currency="EUR").by_line["ship"] == eur("0")


def test_a_document_of_shipping_alone_is_a_document() -> None:
    ship = line("ship", "7.90", kind=LineKind.SHIPPING)
    assert apply_promotions([TENTH], [ship], currency="EUR").discount_total == eur("0.79")


def test_weighed_goods_are_discounted_by_what_they_weigh_and_counted_in_whole_units() -> None:
    flour = [line("flour", "5.00", "2.5")]
    each = Promotion(id="p", benefit=AmountOff(amount=eur("0.40")), scope=PromotionScope.EACH_UNIT)
    assert apply_promotions([each], flour, currency="EUR").discount_total == eur("1.00")
    cheapest = Promotion(id="c", benefit=CheapestFree(), scope=PromotionScope.CHEAPEST_UNIT)
    assert apply_promotions([cheapest], flour, currency="EUR").discount_total == eur("2.00")


def test_units_of_one_line_are_split_to_the_cent() -> None:
    """One of three units of 10.00 is free: 3.33, and the two others cost 6.67 together."""
    cheapest = Promotion(id="c", benefit=CheapestFree(), scope=PromotionScope.CHEAPEST_UNIT)
    found = apply_promotions([cheapest], [line("a", "10.00", "3")], currency="EUR", rounding=CENTS)
    assert (found.discount_total, found.total) == (eur("3.33"), eur("6.67"))


def test_a_price_for_a_group_is_given_for_every_group() -> None:
    """Any three for 10: four of 5.00 and three of 4.00 make groups 4+4+4 and 5+5+5, 2.00 and 5.00 off."""
    promotion = Promotion(
        id="p",
        benefit=SetPrice(price=eur("10")),
        scope=PromotionScope.CONDITION_ITEMS,
        condition=PromotionCondition(min_quantity=3),
    )
    policy = PromotionPolicy(applications=Applications.AS_OFTEN_AS_EARNED)
    lines = [line("a", "20", "4"), line("b", "12", "3")]
    found = apply_promotions([promotion], lines, currency="EUR", policy=policy)
    assert found.by_line == {"a": eur("5"), "b": eur("2")}
    assert found.applications == {"p": 2}


def test_mixed_groups_share_what_they_lose_by_what_they_cost() -> None:
    """Two for 6: 4 and 8 cost 12, lose 6, a third and two thirds of it."""
    promotion = Promotion(
        id="p",
        benefit=SetPrice(price=eur("6")),
        scope=PromotionScope.CONDITION_ITEMS,
        condition=PromotionCondition(min_quantity=2),
    )
    found = apply_promotions([promotion], [line("a", "4"), line("b", "8")], currency="EUR", rounding=CENTS)
    assert found.by_line == {"a": eur("2"), "b": eur("4")}


def test_a_billion_units_of_ever_less() -> None:
    promotion = Promotion(id="p", benefit=off("10"), repeat=Repeat.PER_UNIT)
    policy = promotion_policy("odoo")
    lines = [line("a", "1000000000", str(10**9))]
    assert apply_promotions([promotion], lines, currency="EUR", policy=policy).total == eur("0")


def test_unit_prices_after_are_unrounded_and_absent_without_units() -> None:
    promotion = Promotion(id="p", benefit=AmountOff(amount=eur("1")))
    found = apply_promotions([promotion], [line("a", "2", "3"), line("b", "0", "0")], currency="EUR")
    a, b = found.lines
    assert a.unit_price == Money("0.3333333333333333333333333333333333", "EUR")
    assert b.unit_price is None
    assert a.discount == eur("1")


def test_a_preset_that_says_nothing_of_promotions_is_unknown() -> None:
    with pytest.raises(UnknownOption, match="vendure"):
        promotion_policy("vendor")
