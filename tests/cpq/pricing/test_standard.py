"""Level one: price lists, contract prices, promotions and coupons without a procedure; amounts are reckoned by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from salesmgmt.core.entity import ProductId
from salesmgmt.core.errors import InvalidInput, UnknownOption
from salesmgmt.core.exchange import ExchangeRate, ExchangeRates
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import (
    DiscountRule,
    FreeUnits,
    FreeUnitsRule,
    Line,
    ListPrice,
    ManualPrice,
    PriceList,
    PriceLists,
    PriceRecord,
    PriceRule,
    PricingModel,
    PricingProcedure,
    PricingRequest,
    RoundedPart,
    RoundLines,
    SharesOfTotal,
    Subtotal,
    Terms,
    TierRecord,
    UnknownRule,
    tax_of,
)
from salesmgmt.cpq.pricing.free_goods import FreeGoods
from salesmgmt.cpq.pricing.procedure import LaterStep
from salesmgmt.cpq.pricing.promotions import (
    AmountOff,
    FreeProduct,
    PercentOff,
    Promotion,
    PromotionScope,
    PromotionUse,
    Trigger,
)
from salesmgmt.cpq.pricing.terms.percent_of_total import PercentOfTotal
from salesmgmt.cpq.products import Catalogue, Product

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PRICES = (
    PriceRecord(id="desk", product="desk", price=Money(250, "EUR")),
    PriceRecord(id="chair", product="chair", price=Money(70, "EUR")),
)
CATALOGUE = Catalogue(
    [
        Product(id=ProductId("desk"), category="office", cost=Money(150, "EUR")),
        Product(id=ProductId("chair"), category="office"),
        Product(id=ProductId("care")),
        Product(id=ProductId("lamp")),
        Product(id=ProductId("mug")),
    ]
)


def request(*lines: Line, **more: Any) -> PricingRequest:
    return PricingRequest(at=NOW, currency="EUR", lines=lines, **more)


def model(**more: Any) -> PricingModel:
    return PricingModel(prices=PRICES, catalogue=CATALOGUE, **more)


def procedure(*steps: LaterStep) -> PricingProcedure:
    return PricingProcedure(id="own", steps=(ListPrice(id="list"), *steps, RoundLines(id="cents")))


RETAIL = PriceList(
    id="retail",
    currency="EUR",
    rules=[
        PriceRule.for_product("desk", id="ten-off", percent_off=10),
        PriceRule.for_category("office", id="office-5", min_quantity=2, percent_off=5),
        PriceRule.for_product("lamp", id="lamp", price=30),
    ],
)


def test_a_price_list_prices_by_its_rules_and_says_which() -> None:
    # 250 less 10 %; 70 x 2 less 5 %; a lamp that has no list price costs 30.
    pricer = model(price_lists=PriceLists(lists=[RETAIL])).compile()

    priced = pricer.price(request(Line("desk", 1), Line("chair", 2), Line("lamp", 2), price_list="retail"))

    assert [str(line.net_amount) for line in priced.lines] == ["225.00 EUR", "133.00 EUR", "60.00 EUR"]
    assert [line.waterfall[-1].record for line in priced.lines] == ["ten-off", "office-5", "lamp"]
    assert priced.lines[0].subtotals["reference"] == Money(250, "EUR")


def test_without_a_price_list_the_list_price_holds_and_a_product_without_one_has_no_price() -> None:
    pricer = model(price_lists=PriceLists(lists=[RETAIL])).compile()

    priced = pricer.price(request(Line("desk", 1), Line("lamp", 1)))

    assert [str(line.net_amount) for line in priced.lines] == ["250.00 EUR"]
    assert [(one.position, one.code) for one in priced.unpriced] == [(1, "no_price")]


def test_an_unknown_price_list_is_refused() -> None:
    with pytest.raises(InvalidInput, match="retail"):
        model(price_lists=PriceLists(lists=[RETAIL])).compile().price(request(price_list="retial"))


def test_a_promotion_and_a_code_take_what_they_say_and_tell_what_was_used() -> None:
    # 250 + 2 x 70 = 390; 10 % are 39; then 20 by code: 331.
    spring = Promotion(id="spring", benefit=PercentOff(percent=Percent(10)))
    welcome = Promotion(
        id="welcome", trigger=Trigger.CODE, codes=("HELLO",), benefit=AmountOff(amount=Money(20, "EUR"))
    )
    pricer = model(promotions=[spring, welcome]).compile()

    priced = pricer.price(request(Line("desk", 1), Line("chair", 2), codes=["HELLO", "NOPE"]))

    assert priced.total == Money(331, "EUR")
    assert priced.used["welcome"] == PromotionUse(amount=Money(20, "EUR"), uses=1, uses_of_customer=1)
    assert [one.rule for one in priced.not_applied] == ["NOPE"]


def test_a_free_product_is_added_to_the_document() -> None:
    gift = Promotion(id="gift", benefit=FreeProduct(product="mug"))

    priced = model(promotions=[gift]).compile().price(request(Line("desk", 1)))

    assert [(one.product, one.quantity, one.amount) for one in priced.added] == [
        ("mug", Decimal(1), Money(0, "EUR"))
    ]
    assert priced.total == Money(250, "EUR")


@pytest.mark.parametrize(
    ("manual", "expected"),
    [
        ({"unit_price": Money(60, "EUR")}, "180.00 EUR"),
        ({"percent_off": Percent(10)}, "189.00 EUR"),
        ({"amount_off": Money(10, "EUR")}, "200.00 EUR"),
    ],
)
def test_what_was_set_by_hand_counts(manual: dict[str, Any], expected: str) -> None:
    # 3 x 70 = 210.
    line = Line("chair", 3, manual=ManualPrice(**manual, reason="price matched", by="li.wei"))

    priced = model().compile().price(request(line)).lines[0]

    assert str(priced.net_amount) == expected
    assert "li.wei: price matched" in str(priced.waterfall[-1])


def test_a_manual_price_in_another_currency_stands_aside() -> None:
    line = Line("chair", 1, manual=ManualPrice(unit_price=Money(60, "USD"), reason="as agreed", by="li.wei"))

    priced = model().compile().price(request(line)).lines[0]

    assert priced.net_amount == Money(70, "EUR")
    assert "USD" in str(priced.why_not("manual"))


@pytest.mark.parametrize(
    ("mode", "expected", "added"), [("inclusive", "350.00 EUR", 0), ("exclusive", "420.00 EUR", 1)]
)
def test_free_units_are_part_of_the_order_or_come_on_top(mode: str, expected: str, added: int) -> None:
    # 1 of 6 chairs is free: 5 x 70, or 6 x 70 and one more.
    goods = FreeGoods(per_quantity=6, free_quantity=1, mode=mode)
    free = FreeUnits(id="free", rules=(FreeUnitsRule(id="6+1", product="chair", goods=goods),))

    priced = model(procedure=procedure(free)).compile().price(request(Line("chair", 6)))

    assert str(priced.total) == expected
    assert sum(one.quantity for one in priced.added) == added


def test_a_line_with_a_term_is_prorated() -> None:
    # The price is for a year; six months of it.
    pricer = model(procedure=procedure(Terms(id="term"))).compile()

    priced = pricer.price(
        request(Line("desk", 2, starts=date(2026, 1, 1), ends=date(2026, 7, 1)), Line("desk", 1))
    )

    assert [str(line.net_amount) for line in priced.lines] == ["250.00 EUR", "250.00 EUR"]


def test_a_share_of_the_total_is_priced_from_the_other_lines() -> None:
    # 10 % of 250 + 2 x 70.
    shares = SharesOfTotal(id="care", rules=(PercentOfTotal(product="care", percent=Percent(10)),))
    steps = PricingProcedure(
        id="own",
        steps=(ListPrice(id="list", required=False), Subtotal(id="net"), shares, RoundLines(id="cents")),
    )

    priced = (
        model(procedure=steps).compile().price(request(Line("desk", 1), Line("chair", 2), Line("care", 1)))
    )

    assert str(priced.lines[2].net_amount) == "39.00 EUR"


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        # 3 x 33.335 = 100.005; a unit is 33.34, three are 100.02; the total in steps of 0.05 is 100.00.
        (RoundedPart.LINE, "100.01"),
        (RoundedPart.UNIT, "100.02"),
    ],
)
def test_rounding_has_a_place(at: RoundedPart, expected: str) -> None:
    prices = [PriceRecord(id="p", product="p", price=Money("33.335", "EUR"))]
    steps = (ListPrice(id="list"), RoundLines(id="first", at=at), RoundLines(id="cents"))
    pricer = PricingModel(prices=prices, procedure=PricingProcedure(id="own", steps=steps)).compile()

    assert f"{pricer.price(request(Line('p', 3))).total.amount:f}" == expected


def test_the_total_may_be_rounded_and_the_largest_line_takes_the_difference() -> None:
    prices = [
        PriceRecord(id="a", product="a", price=Money("10.01", "EUR")),
        PriceRecord(id="b", product="b", price=Money("20.01", "EUR")),
    ]
    steps = (
        ListPrice(id="list"),
        RoundLines(id="cents"),
        RoundLines(id="total", at=RoundedPart.DOCUMENT, increment=Decimal("0.05")),
    )
    pricer = PricingModel(prices=prices, procedure=PricingProcedure(id="own", steps=steps)).compile()

    priced = pricer.price(request(Line("a", 1), Line("b", 1)))

    assert [str(line.net_amount) for line in priced.lines] == ["10.01 EUR", "19.99 EUR"]


@pytest.mark.parametrize(
    ("basis", "at", "expected"),
    [
        # 7 % of 0.50 is 0.035 on each of two lines: 0.04 + 0.04, or 0.07 of both together.
        ("net", "line", ("1.00", "0.08", "1.08")),
        ("net", "rate", ("1.00", "0.07", "1.07")),
        # 0.50 with 7 % holds 0.0327 of tax: 0.03 + 0.03, or 0.0654 of both.
        ("gross", "line", ("0.94", "0.06", "1.00")),
        ("gross", "rate", ("0.93", "0.07", "1.00")),
    ],
)
def test_tax_is_reckoned_on_lines_or_rates_from_net_or_gross(
    basis: str, at: str, expected: tuple[str, str, str]
) -> None:
    prices = [PriceRecord(id="p", product="p", price=Money("0.50", "EUR"))]
    priced = PricingModel(prices=prices).compile().price(request(Line("p", 1), Line("p", 1)))

    taxed = tax_of(priced, lambda line: Percent(7), basis=basis, at=at)  # noqa: ARG005 - one rate for all

    assert tuple(f"{money.amount:.2f}" for money in (taxed.net, taxed.tax, taxed.gross)) == expected
    assert taxed.net + taxed.tax == taxed.gross
    assert list(taxed.by_rate.values()) == [taxed.tax]


def test_a_list_price_in_another_currency_is_converted_by_the_rate_of_the_day_or_there_is_none() -> None:
    # 100 USD at 2 EUR.
    prices = [PriceRecord(id="p", product="p", price=Money(100, "USD"))]
    steps = (ListPrice(id="list", convert_from="USD"), RoundLines(id="cents"))
    rates = ExchangeRates([ExchangeRate("USD", "EUR", "2", date(2026, 3, 1))])
    own = PricingProcedure(id="own", steps=steps)

    converted = PricingModel(prices=prices, procedure=own, rates=rates).compile().price(request(Line("p", 3)))
    without = PricingModel(prices=prices, procedure=own).compile().price(request(Line("p", 3)))

    assert converted.total == Money(600, "EUR")
    assert "USD" in str(without.unpriced[0])


def test_what_is_no_request_is_refused_with_its_place() -> None:
    pricer = model().compile()

    with pytest.raises(InvalidInput, match=r"lines\[0\]"):
        request("desk")  # type: ignore[arg-type]  # that is the point
    with pytest.raises(InvalidInput, match=r"customer\.1"):
        pricer.price(request(Line("desk", 1), customer={1: 1}))
    with pytest.raises(InvalidInput, match=r"lines\[0\]\.manual"):
        pricer.price(request(Line("desk", 1, manual="x")))  # type: ignore[arg-type]  # as above
    with pytest.raises(InvalidInput, match=r"used\.spring"):
        pricer.price(request(Line("desk", 1), used={"spring": 5}))


def test_a_price_list_in_a_currency_without_a_rate_leaves_other_lines_their_price() -> None:
    # The list is in USD; the desk has a list price in EUR and no rule of its own needs a rate for it.
    dollars = PriceList(
        id="usd", currency="USD", rules=[PriceRule.for_product("chair", id="chair", price=Decimal(60))]
    )
    pricer = model(price_lists=PriceLists(lists=[dollars])).compile()

    priced = pricer.price(request(Line("chair", 1), price_list="usd"))

    assert "USD" in str(priced.unpriced[0])


def test_a_price_rule_may_ask_for_the_amount_of_the_line() -> None:
    big = PriceList(
        id="big",
        currency="EUR",
        rules=[PriceRule(id="big", condition="line.amount >= 500 EUR", percent_off=10)],
    )
    pricer = model(price_lists=PriceLists(lists=[big])).compile()

    priced = pricer.price(request(Line("desk", 1), Line("desk", 2), price_list="big"))

    assert [str(line.net_amount) for line in priced.lines] == ["250.00 EUR", "450.00 EUR"]


def test_a_plain_price_list_tells_what_a_rule_was_preferred_to() -> None:
    pricer = model(price_lists=PriceLists(lists=[RETAIL])).compile()

    line = pricer.price(request(Line("desk", 2), price_list="retail"), passed_over=True).lines[0]

    assert str(line.why_not("office-5")) == "passed over for ten-off: specificity"


def test_a_promotion_takes_the_words_and_figures_of_its_file() -> None:
    spelled = Promotion(id="p", trigger="code", codes=["HELLO"], scope="lines", benefit=PercentOff(percent=5))

    assert spelled == Promotion(
        id="p",
        trigger=Trigger.CODE,
        codes=("HELLO",),
        scope=PromotionScope.LINES,
        benefit=PercentOff(percent=Percent(5)),
    )
    with pytest.raises(UnknownOption, match="the trigger of a promotion cannot be 'codes'"):
        Promotion(id="p", trigger="codes", benefit=PercentOff(percent=5))


def test_price_lists_may_be_a_plain_list() -> None:
    assert model(price_lists=[RETAIL]) == model(price_lists=PriceLists(lists=[RETAIL]))


def test_the_letters_of_one_text_are_no_codes() -> None:
    with pytest.raises(InvalidInput, match="codes: found 'HELLO', wanted a list of texts"):
        Promotion(id="p", trigger="code", codes="HELLO", benefit=PercentOff(percent=5))
    with pytest.raises(InvalidInput, match="codes: found 'HELLO', wanted a list of texts"):
        request(Line("desk", 1), codes="HELLO")


def test_why_a_code_is_refused_is_told_in_words() -> None:
    priced = model().compile().price(request(Line("desk", 1), codes=["HELO"]))

    assert [str(one) for one in priced.not_applied] == [
        "HELO: refused: unknown code, found HELO, wanted the code of a promotion"
    ]


def test_a_rule_or_tier_that_was_not_reached_says_why() -> None:
    tiers = [TierRecord(id="t-10", product="chair", lower=10, percent=Percent(5))]
    pricer = model(price_lists=PriceLists(lists=[RETAIL]), tiers=tiers).compile()
    asked = request(Line("chair", 1), price_list="retail")

    assert str(pricer.why_not(asked, "office-5")) == "line.quantity >= 2: found 1"
    assert str(pricer.why_not(asked, "t-10")) == "refused: it is for chair from 10, the line has 1 of chair"
    with pytest.raises(UnknownRule, match=r"Pricer\.why_not"):
        pricer.price(asked).lines[0].why_not("office-5")


def test_the_waterfall_is_the_same_whether_those_passed_over_are_told_or_not() -> None:
    pricer = model(price_lists=PriceLists(lists=[RETAIL])).compile()
    asked = request(Line("desk", 2), Line("chair", 2), price_list="retail")

    assert [line.waterfall for line in pricer.price(asked).lines] == [
        line.waterfall for line in pricer.price(asked, passed_over=True).lines
    ]


def test_a_percentage_may_be_its_plain_figure_and_what_is_no_amount_is_refused() -> None:
    assert DiscountRule(id="five", percent=5).percent == Percent(5)
    with pytest.raises(InvalidInput, match="Money"):
        PriceRecord(id="p", product="p", price="1150 EUR")  # type: ignore[arg-type]  # that is the point


def test_a_document_prints_its_lines_its_steps_and_its_total() -> None:
    pricer = model(price_lists=PriceLists(lists=[RETAIL])).compile()

    assert str(pricer.price(request(Line("desk", 1), Line("mug", 1), price_list="retail"))).splitlines()[
        :3
    ] == [
        "1 x desk: 250 EUR -> 225.00 EUR",
        "  list desk: 1 x 250 EUR = 250 EUR -> 250 EUR",
        "  price list ten-off: less 10% of 250 EUR = -25.00 EUR -> 225.00 EUR",
    ]
    assert str(pricer.price(request(Line("mug", 1)))).endswith("no total")
    assert str(pricer.price(request(Line("desk", 2)))).endswith("total 500.00 EUR")
