"""Cases in which two answers of the pricer could contradict each other, or the words of its own documents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from salesmgmt.core.entity import ProductId
from salesmgmt.core.errors import FloatRefused, InvalidInput
from salesmgmt.core.exchange import ExchangeRate, ExchangeRates
from salesmgmt.core.money import CurrencyMismatch, Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import (
    ConditionRecord,
    ConditionType,
    Coupon,
    DiscountRule,
    Discounts,
    Line,
    ListPrice,
    ManualPrice,
    ManualPrices,
    OptionExtras,
    OptionRecord,
    PercentOff,
    PriceList,
    PriceListRules,
    PriceLists,
    Pricer,
    PriceRecord,
    PriceRule,
    PricingModel,
    PricingProcedure,
    PricingRequest,
    PricingStep,
    Promotion,
    PromotionPolicy,
    Promotions,
    PromotionUse,
    QuantityTiers,
    RoundLines,
    Scale,
    Tier,
    TierRecord,
    Trigger,
    tax_of,
)
from salesmgmt.cpq.pricing.procedure import LaterStep
from salesmgmt.cpq.products import Catalogue, Product

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
CATALOGUE = Catalogue(
    [Product(id=ProductId(name), unit="piece", cost=Money(1, "EUR")) for name in ("dock", "lamp", "rare")]
)
PRICES = (
    PriceRecord(id="p-dock", product="dock", price=Money(10, "EUR")),
    PriceRecord(id="p-lamp", product="lamp", price=Money("3.33", "EUR")),
    PriceRecord(id="p-dock-usd", product="dock", price=Money(10, "USD")),
    PriceRecord(id="p-dock-jpy", product="dock", price=Money(1000, "JPY")),
)
RATES = ExchangeRates(
    [
        ExchangeRate("EUR", "USD", Decimal(3), date(2026, 1, 1)),
        ExchangeRate("EUR", "JPY", Decimal(160), date(2026, 1, 1)),
    ]
)


def euro(amount: str | int) -> Money:
    return Money(amount, "EUR")


def pricer(
    *steps: LaterStep,
    first: ListPrice | None = None,
    cents: RoundLines | None = None,
    after: tuple[LaterStep, ...] = (),
    types: tuple[ConditionType, ...] = (),
    prices: Sequence[PriceRecord] = PRICES,
    **model: Any,
) -> Pricer:
    procedure = PricingProcedure(
        id="test",
        condition_types=types,
        steps=(
            first or ListPrice(id="list", required=False),
            *steps,
            cents or RoundLines(id="cents"),
            *after,
        ),
    )
    return PricingModel(
        procedure=procedure, prices=prices, catalogue=CATALOGUE, rates=RATES, **model
    ).compile()


def nets(pricer: Pricer, *lines: Line, currency: str = "EUR", **request: Any) -> list[str | None]:
    """The amount of each line, by every way of asking."""
    asked = PricingRequest(at=NOW, currency=currency, lines=lines, **request)
    found = [str(one.amount) if isinstance(one, Money) else None for one in pricer.net_amounts(asked)]
    for passed_over in (False, True):
        priced = pricer.price(asked, passed_over=passed_over)
        amounts = {line.position: str(line.net_amount.amount) for line in priced.lines}
        assert [amounts.get(position) for position in range(len(lines))] == found
    return found


def condition(calculation: str, kind: str = "price", formula: str = "") -> tuple[ConditionType, ...]:
    return (ConditionType(id="own", kind=kind, calculation=calculation, formula=formula),)


def record(**values: Any) -> list[ConditionRecord]:
    return [ConditionRecord(id="r-1", type="own", **values)]


OWN = PricingStep(id="own", type_id="own")


@pytest.mark.parametrize(
    ("calculation", "formula"),
    [
        ("percent", ""),
        ("percent_compound", ""),
        ("percent_of_total", ""),
        ("formula", "line.amount * 2"),
        ("formula", "order.amount * 2"),
    ],
)
def test_a_part_of_no_price_is_no_price_and_never_zero(calculation: str, formula: str) -> None:
    values = {} if formula else {"percent": Percent(10)}
    own = pricer(OWN, types=condition(calculation, formula=formula), conditions=record(**values))

    assert nets(own, Line("rare", 1)) == [None]


def test_a_percentage_of_the_others_leaves_a_line_whose_others_have_no_price() -> None:
    own = pricer(OWN, types=condition("percent_of_total"), conditions=record(percent=Percent(10)))

    # 10 % of the dock for the rare one; the dock has no other line with a price and stays at 10.
    assert nets(own, Line("rare", 1), Line("dock", 1)) == ["1.00", "10.00"]


def test_the_total_is_rounded_without_the_extras_of_a_line_that_has_no_price() -> None:
    extra = OptionRecord(id="o", product="rare", attribute="case", value="oak", extra=euro("0.37"))
    whole = pricer(
        OptionExtras(id="options"),
        after=(RoundLines(id="whole", at="document", increment=1),),
        options=(extra,),
    )

    assert nets(whole, Line("rare", 1, configuration={"case": "oak"}), Line("lamp", 1)) == [None, "3.00"]


def test_a_rounding_finer_than_the_currency_of_the_request_is_refused_as_input() -> None:
    tenth = pricer(ManualPrices(id="hand"), cents=RoundLines(id="cents", increment="0.01"), prices=PRICES[:2])
    by_hand = ManualPrice(unit_price=Money("7.5", "JPY"), reason="agreed", by="li")
    asked = PricingRequest(at=NOW, currency="JPY", lines=[Line("dock", 1, manual=by_hand)])

    for answer in (tenth.price, tenth.net_amounts):
        with pytest.raises(InvalidInput, match="currency: found JPY, wanted a currency in which step cents"):
            answer(asked)


def test_the_increment_of_a_rounding_is_exact_whatever_it_is_written_as() -> None:
    assert RoundLines(id="r", increment="0.05", ending="0.99").increment == Decimal("0.05")
    with pytest.raises(FloatRefused):
        RoundLines(id="r", increment=0.05)  # type: ignore[arg-type]


def test_a_manual_price_is_for_the_unit_of_the_line_and_its_list_amount_where_there_is_none() -> None:
    by_hand = ManualPrice(unit_price=euro(7), reason="agreed", by="li")
    hand = pricer(ManualPrices(id="hand"))
    asked = PricingRequest(
        at=NOW,
        currency="EUR",
        lines=[Line("dock", 2, uom="dozen", manual=by_hand), Line("rare", 2, manual=by_hand)],
    )

    dozen, rare = hand.price(asked).lines
    assert (dozen.net_amount, dozen.unit_price) == (euro(14), euro(7))  # 2 dozen at 7 a dozen
    assert (rare.list_amount, rare.net_amount) == (euro(14), euro(14))


def test_a_price_list_without_a_rule_leaves_a_line_to_the_steps_after_it() -> None:
    by_hand = ManualPrice(unit_price=euro(7), reason="agreed", by="li")
    rule = PriceRule(id="lamps", key={"line.product": "lamp"}, percent_off=Decimal(10))
    lists = PriceLists(lists=(PriceList(id="retail", currency="EUR", rules=(rule,)),))
    hand = pricer(PriceListRules(id="rules", default="retail"), ManualPrices(id="hand"), price_lists=lists)

    assert nets(hand, Line("rare", 2, manual=by_hand), Line("rare", 2)) == ["14.00", None]
    asked = PricingRequest(at=NOW, currency="EUR", lines=[Line("rare", 2)])
    assert "the price list wants" in str(hand.price(asked).unpriced[0])


@pytest.mark.parametrize(("scale", "net"), [("all_units", "90.00"), ("graduated", "90.00")])
def test_a_tier_replaces_a_price_whose_unit_has_endless_decimals_exactly(scale: str, net: str) -> None:
    tiered = pricer(
        OWN,
        QuantityTiers(id="tiers", scale=scale),
        cents=RoundLines(id="up", mode="up"),
        types=condition("set_price"),
        conditions=record(amount=euro(100), per_quantity=3),
        tiers=[
            TierRecord(id=f"t-{lower}", product="dock", lower=lower, unit_price=euro(30))
            for lower in range(3)
        ],
    )

    assert nets(tiered, Line("dock", 3)) == [net]  # 3 x 30; nothing of 100 / 3 is left to be rounded up


@pytest.mark.parametrize("currency", ["EUR", "USD"])
@pytest.mark.parametrize(("minimum", "net"), [(1, "6.04"), (5, "5.75")])
def test_every_way_of_asking_a_price_list_gives_the_same(currency: str, minimum: int, net: str) -> None:
    rates = ExchangeRates([ExchangeRate("EUR", "USD", Decimal(1), date(2026, 1, 1))])
    procedure = PricingProcedure(
        id="test",
        condition_types=(
            *condition("percent", "surcharge"),
            ConditionType(id="second", kind="surcharge", calculation="percent"),
        ),
        steps=(
            ListPrice(id="list", required=False),
            OptionExtras(id="options"),
            PriceListRules(id="rules", default="retail"),
            Discounts(id="half", rules=(DiscountRule(id="half", percent=Percent(50)),)),
            PricingStep(id="own", type_id="own", base="reference"),
            PricingStep(id="second", type_id="second"),
            QuantityTiers(id="tiers"),
            RoundLines(id="cents"),
        ),
    )
    rule = PriceRule(id="ten", percent_off=Decimal(10), min_quantity=minimum)
    both = PricingModel(
        procedure=procedure,
        prices=PRICES[:1],
        catalogue=CATALOGUE,
        rates=rates,
        price_lists=PriceLists(lists=(PriceList(id="retail", currency=currency, rules=(rule,)),)),
        options=(OptionRecord(id="o", product="dock", attribute="case", value="oak", extra=euro(5)),),
        tiers=(TierRecord(id="t", product="dock", lower=1, unit_price=euro(8)),),
        conditions=[ConditionRecord(id=name, type=name, percent=Percent(1)) for name in ("own", "second")],
    ).compile()

    # With the rule: (15 - 1.50) / 2 + 0.15 + 0.135 - 9 + 8 = 6.035. Without: 15 / 2 + 0.15 + 0.10 - 10 + 8 = 5.75.
    assert nets(both, Line("dock", 1, configuration={"case": "oak"})) == [net]


def test_a_graduated_percentage_takes_the_sum_of_its_parts_and_not_their_mean() -> None:
    scale = Scale(
        scale_type="graduated", tiers=(Tier(upper=10, percent=Percent(0)), Tier(percent=Percent(10)))
    )
    graduated = pricer(
        OWN,
        cents=RoundLines(id="up", mode="up"),
        types=condition("percent", "discount"),
        conditions=record(scale=scale),
        prices=(PriceRecord(id="p", product="dock", price=euro(1)),),
    )

    assert nets(graduated, Line("dock", 15)) == ["14.50"]  # 10 % of 5; the mean 3.333... % would give 14.51


def test_a_tier_with_a_percentage_and_a_flat_amount_counts_both() -> None:
    scale = Scale(tiers=(Tier(percent=Percent(10), flat_amount=5),))
    flat = pricer(OWN, types=condition("percent", "discount"), conditions=record(scale=scale))

    assert nets(flat, Line("dock", 10)) == ["95.00"]  # 100 - 10 + 5


@pytest.mark.parametrize("scope", ["line", "document"])
def test_a_scale_in_another_currency_is_converted_with_its_bounds(scope: str) -> None:
    step = PricingStep(id="own", type_id="own", scope=scope)
    amounts = Scale(tiers=(Tier(unit_amount=10),), currency="EUR")
    values = Scale(
        tiers=(Tier(percent=Percent(1)), Tier(lower=100, percent=Percent(10))), basis="value", currency="EUR"
    )
    again = RoundLines(id="again")
    freight = pricer(
        after=(step, again), types=condition("amount_per_unit", "surcharge"), conditions=record(scale=amounts)
    )
    bonus = pricer(
        after=(step, again), types=condition("percent", "discount"), conditions=record(scale=values)
    )

    assert nets(freight, Line("dock", 2), currency="USD") == ["80.00"]  # 20 USD + 2 x 10 EUR at 3
    assert nets(bonus, Line("dock", 2), currency="JPY") == ["1980"]  # 2000 JPY are 12.50 EUR: 1 %


@pytest.mark.parametrize("scope", ["line", "document"])
def test_a_surcharge_by_a_scale_of_percentages_is_put_on(scope: str) -> None:
    step = PricingStep(id="own", type_id="own", scope=scope)
    scale = Scale(tiers=(Tier(percent=Percent(10)),))
    rush = pricer(
        after=(step, RoundLines(id="again")),
        types=condition("percent", "surcharge"),
        conditions=record(scale=scale),
    )

    assert nets(rush, Line("dock", 3)) == ["33.00"]


def test_a_line_is_converted_as_a_whole() -> None:
    down = RoundLines(id="down", mode="down")
    listed = pricer(first=ListPrice(id="list", convert_from="USD"), cents=down, prices=PRICES[2:3])
    own = pricer(OWN, cents=down, types=condition("set_price"), conditions=record(amount=Money(10, "USD")))

    # 3 x 10 USD at 3 are 10 EUR; the unit of 3.333... three times would be rounded down to 9.99
    assert nets(listed, Line("dock", 3)) == ["10.00"]
    assert nets(own, Line("dock", 3)) == ["10.00"]


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"currency": ["EUR"]}, "currency"),
        ({"price_list": ["retail"]}, "price_list"),
        ({"used": {"p": PromotionUse(uses=-1)}}, "used.p.uses"),
        ({"coupons_used": {"K": PromotionUse(amount=euro(-1))}}, "coupons_used.K.amount"),
        ({"lines": [Line("dock", 1, group=5)]}, r"lines\[0\].group"),  # type: ignore[arg-type]
        ({"lines": [Line("dock", 1, kind="goods")]}, r"lines\[0\].kind"),  # type: ignore[arg-type]
        ({"lines": [Line("dock", 1, discountable="no")]}, r"lines\[0\].discountable"),  # type: ignore[arg-type]
        ({"lines": [Line("dock", 1, starts="2026-01-01")]}, r"lines\[0\].starts"),  # type: ignore[arg-type]
    ],
)
def test_what_could_not_be_stored_is_not_priced(wrong: dict[str, Any], place: str) -> None:
    plain = pricer()
    given: dict[str, Any] = {"at": NOW, "currency": "EUR", "lines": [Line("dock", 1)]}
    assert plain.price(PricingRequest(**given)).total == euro(10)

    with pytest.raises(InvalidInput, match=place):
        plain.price(PricingRequest(**{**given, **wrong}))


def test_one_text_is_no_list_of_codes_and_a_number_no_manual_price() -> None:
    with pytest.raises(InvalidInput, match="codes: found 'ABC'"):
        PricingRequest(at=NOW, currency="EUR", lines=[], codes="ABC")
    with pytest.raises(InvalidInput, match="unit_price: found 7, wanted a Money"):
        ManualPrice(unit_price=7, reason="agreed", by="li")  # type: ignore[arg-type]


def test_a_record_may_hold_for_the_hour_that_comes_twice() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    first = datetime(2026, 10, 25, 2, 30, tzinfo=berlin)
    second = first.replace(fold=1)

    (own,) = record(amount=euro(1), valid_from=first, valid_to=second)
    half = Promotion(id="half", benefit=PercentOff(percent=Percent(50)), valid_from=first, valid_to=second)
    assert (own.valid_to, half.valid_to) == (second, second)
    with pytest.raises(InvalidInput, match="valid_to"):
        record(amount=euro(1), valid_from=second, valid_to=first)


def _promoting(*promotions: Promotion, **model: Any) -> Pricer:
    return pricer(after=(Promotions(id="promotions"),), promotions=promotions, **model)


def test_a_code_that_is_used_up_does_not_say_that_its_promotion_is() -> None:
    half = Promotion(id="half", trigger=Trigger.CODE, codes=("A",), benefit=PercentOff(percent=Percent(50)))
    coupons = _promoting(half, coupons=[Coupon(code=code, promotion="half", max_uses=1) for code in "KL"])
    asked = PricingRequest(
        at=NOW,
        currency="EUR",
        lines=[Line("dock", 1)],
        codes=["K", "L"],
        coupons_used={"K": PromotionUse(uses=1)},
    )

    priced = coupons.price(asked)

    assert (priced.total, list(priced.coupons_used)) == (euro(5), ["L"])
    assert [one.rule for one in priced.not_applied] == ["K"]
    assert priced.why_not("half") == ()


def test_a_budget_that_was_used_in_another_currency_is_refused() -> None:
    half = Promotion(id="half", benefit=PercentOff(percent=Percent(50)), budget=euro(100))

    with pytest.raises(CurrencyMismatch):
        nets(_promoting(half), Line("dock", 1), used={"half": PromotionUse(amount=Money(99, "USD"), uses=1)})


def test_a_policy_of_promotions_takes_words() -> None:
    half = Promotion(id="half", benefit=PercentOff(percent=Percent(50)), budget=euro(100))
    cut = PromotionPolicy(over_budget="cut")  # type: ignore[arg-type]

    # Of the 5 EUR there are 2 left in the budget.
    left = nets(
        _promoting(half, promotion_policy=cut), Line("dock", 1), used={"half": PromotionUse(amount=euro(98))}
    )
    assert left == ["8.00"]


def test_units_that_a_rule_adds_at_a_price_count_in_every_total_and_in_the_tax() -> None:
    rule = PriceRule(
        id="with-lamps",
        key={"line.product": "dock"},
        price=Decimal(9),
        free_product="lamp",
        free_quantity=Decimal(2),
        free_unit_price=Decimal(1),
    )
    lists = PriceLists(lists=(PriceList(id="retail", currency="EUR", rules=(rule,)),))
    priced = pricer(PriceListRules(id="rules", default="retail"), price_lists=lists).price(
        PricingRequest(at=NOW, currency="EUR", lines=[Line("dock", 1)])
    )

    assert (priced.total, priced.list_total) == (euro(11), euro(12))  # 9 + 2 x 1, and 10 + 2 x 1
    assert priced.margin is None  # nobody says what the lamps cost
    with pytest.raises(InvalidInput, match="added_rate_of"):
        tax_of(priced, lambda _line: Percent(20))
    taxed = tax_of(priced, lambda _line: Percent(20), added_rate_of=lambda _line: Percent(10))
    assert (taxed.net, taxed.tax) == (priced.total, euro(2))  # 1.80 + 0.20
    assert [line.position for line in taxed.lines] == [0, 1]
