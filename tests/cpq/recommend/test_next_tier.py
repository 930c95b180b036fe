from collections.abc import Callable
from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import (
    BuyGet,
    ConditionRecord,
    ConditionType,
    DiscountRule,
    Discounts,
    FreeGoods,
    FreeUnits,
    FreeUnitsRule,
    HeaderDiscounts,
    Line,
    LineFilter,
    ListPrice,
    ManualPrice,
    PercentOff,
    PriceListRules,
    Pricer,
    PriceRecord,
    PricingModel,
    PricingProcedure,
    PricingRequest,
    PricingStep,
    Promotion,
    PromotionCondition,
    Promotions,
    RoundLines,
    Scale,
    Tier,
    TierRecord,
)
from salesmgmt.cpq.pricing.price_lists.price_list import PriceList
from salesmgmt.cpq.pricing.price_lists.price_rule import PriceRule
from salesmgmt.cpq.products import Catalogue, Product
from salesmgmt.cpq.recommend import TierHints
from tests.cpq.recommend.shop import eur, request, shop

LIST, CENTS = ListPrice(id="list"), RoundLines(id="cents")
SEAT = PriceRecord(id="p", product="seat", price=eur(100))
CABLE = PriceRecord(id="q", product="cable", price=eur(50))


def priced_by(*steps: object, **model: object) -> Pricer:
    types = model.pop("condition_types", ())
    procedure = PricingProcedure(id="t", condition_types=types, steps=(LIST, *steps))  # type: ignore[arg-type]
    catalogue = Catalogue(
        [
            Product(id="seat", family="room"),
            Product(id="cable", family="room"),
            Product(id="spade", family="garden"),
        ]
    )
    return PricingModel(procedure=procedure, prices=[SEAT, CABLE], catalogue=catalogue, **model).compile()  # type: ignore[arg-type]


def with_units(asked: PricingRequest, quantity: Decimal) -> PricingRequest:
    first, *others = asked.lines
    return attrs.evolve(asked, lines=[attrs.evolve(first, quantity=quantity), *others])


def unit_price(pricer: Pricer, asked: PricingRequest) -> Money:
    """What a unit of the first line costs, free ones counted."""
    priced = pricer.price(asked)
    free = [one.quantity for one in priced.added if one.position == 0]
    return priced.lines[0].net_amount / sum(free, asked.lines[0].quantity)


def by_hand(pricer: Pricer, asked: PricingRequest, reach: int = 4) -> tuple[int | None, int | None]:
    """By pricing every quantity: how many more make a unit cheaper, and how many more cost least in all."""
    own = asked.lines[0].quantity
    now, total = unit_price(pricer, asked), pricer.price(asked).total
    span = range(1, int(own * (reach - 1)) + 1)
    cheaper = next((k for k in span if unit_price(pricer, with_units(asked, own + k)) < now), None)
    totals = {k: pricer.price(with_units(asked, own + k)).total for k in span}
    lower = [k for k in span if totals[k] < total]
    return cheaper, min(lower, key=lambda k: (totals[k].amount, k), default=None)


def agree(pricer: Pricer, asked: PricingRequest) -> None:
    """The hints are what pricing every quantity finds, and say what the pricer says."""
    cheaper, lowest = by_hand(pricer, asked)

    hints = TierHints(pricer, reach=4).next_tiers(asked, 0)

    wanted = [k for k in dict.fromkeys((lowest, cheaper)) if k is not None]
    assert [hint.more for hint in hints] == wanted
    for hint in hints:
        then = with_units(asked, asked.lines[0].quantity + hint.more)
        assert hint.total_then == pricer.price(then).total
        assert hint.unit_price_then == unit_price(pricer, then)
        assert hint.total_now == pricer.price(asked).total
        assert hint.lowers_total is (hint.total_change < eur(0))


def tiers(*rows: tuple[int, int]) -> list[TierRecord]:
    return [
        TierRecord(id=f"t-{lower}", product="seat", lower=lower, percent=Percent(percent))
        for lower, percent in rows
    ]


def by_rule(condition: str, percent: int = 10) -> Pricer:
    rule = DiscountRule(id="more", percent=Percent(percent), condition=condition)
    return priced_by(Discounts(id="d", rules=(rule,)), CENTS)


def by_record(**record: object) -> Pricer:
    type_ = ConditionType(id="off", kind="discount", calculation="percent")
    return priced_by(
        PricingStep(id="s", type_id="off"),
        CENTS,
        condition_types=(type_,),
        conditions=[ConditionRecord(id="r", type="off", percent=10, **record)],  # type: ignore[arg-type]
    )


def by_scale(**scale: object) -> Pricer:
    type_ = ConditionType(id="price", kind="price", calculation="set_price")
    record = ConditionRecord(
        id="r",
        type="price",
        key={"line.product": "seat"},
        scale=Scale(currency="EUR", **scale),  # type: ignore[arg-type]
    )
    return priced_by(
        PricingStep(id="s", type_id="price"), CENTS, condition_types=(type_,), conditions=[record]
    )


def by_promotion(promotion: Promotion) -> Pricer:
    return priced_by(CENTS, Promotions(id="promotions"), promotions=[promotion])


def by_header(condition: str) -> Pricer:
    rule = DiscountRule(id="all", percent=Percent(10), condition=condition)
    return priced_by(CENTS, HeaderDiscounts(id="h", rules=(rule,)))


def by_free_goods(**goods: object) -> Pricer:
    rule = FreeUnitsRule(id="free", product="seat", goods=FreeGoods(**goods))  # type: ignore[arg-type]
    return priced_by(FreeUnits(id="f", rules=(rule,)), CENTS)


def by_price_list(**rule: object) -> Pricer:
    made = PriceRule(id="r", percent_off=10, **rule)  # type: ignore[arg-type]
    return priced_by(
        PriceListRules(id="l", default="retail"),
        CENTS,
        price_lists=[PriceList(id="retail", currency="EUR", rules=[made])],
    )


MODELS: dict[str, Callable[[], Pricer]] = {
    "no tiers": lambda: priced_by(CENTS),
    "rule from a quantity": lambda: by_rule("line.quantity >= 12"),
    "rule above a quantity": lambda: by_rule("line.quantity > 12"),
    "rule the other way round": lambda: by_rule("12 <= line.quantity"),
    "rule for the whole order": lambda: by_rule("order.quantity >= 15"),
    "rule from an amount": lambda: by_rule("order.amount >= 1234.56 EUR"),
    "rule from an amount of the line": lambda: by_rule("line.list_amount > 1400 EUR", 30),
    "record from a quantity": lambda: by_record(min_quantity=11),
    "record for a key": lambda: by_record(key={"line.family": "room"}, min_quantity=11),
    "record for another key": lambda: by_record(key={"line.family": "garden"}, min_quantity=11),
    "record to a quantity": lambda: by_record(max_quantity=11),
    "record with a condition": lambda: by_record(condition="line.quantity >= 9"),
    "scale of all units": lambda: by_scale(
        tiers=[Tier(unit_amount=100), Tier(lower=10, unit_amount=80), Tier(lower=20, unit_amount=50)]
    ),
    "scale with upper bounds": lambda: by_scale(
        boundary="upper_inclusive", tiers=[Tier(upper=9, unit_amount=100), Tier(unit_amount=80)]
    ),
    "scale by value": lambda: by_scale(
        basis="value", tiers=[Tier(unit_amount=100), Tier(lower=1000, unit_amount=90)]
    ),
    "scale over the document": lambda: by_scale(
        aggregate_over="document", tiers=[Tier(unit_amount=100), Tier(lower=20, unit_amount=80)]
    ),
    "promotion from a quantity": lambda: by_promotion(
        Promotion(
            id="p", benefit=PercentOff(percent=Percent(10)), condition=PromotionCondition(min_quantity=14)
        )
    ),
    "promotion from an amount": lambda: by_promotion(
        Promotion(
            id="p",
            benefit=PercentOff(percent=Percent(20)),
            condition=PromotionCondition(min_amount=eur(1500)),
        )
    ),
    "promotion on another product": lambda: by_promotion(
        Promotion(
            id="p",
            benefit=PercentOff(percent=Percent(20)),
            condition=PromotionCondition(min_quantity=14, of=LineFilter(products=("cable",))),
        )
    ),
    "header discount": lambda: by_header("order.amount >= 1500 EUR"),
    "free goods on top": lambda: by_free_goods(per_quantity=5, free_quantity=1),
    "free goods from a minimum": lambda: by_free_goods(
        minimum_quantity=12, per_quantity=5, free_quantity=1, mode="inclusive"
    ),
    "price list from a quantity": lambda: by_price_list(min_quantity=9),
    "price list from an amount": lambda: by_price_list(min_amount=1200),
}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("quantity", [4, 9, 12])
def test_hints_are_what_pricing_every_quantity_finds(model: str, quantity: int) -> None:
    agree(MODELS[model](), request(Line("seat", quantity)))


@pytest.mark.parametrize("model", MODELS)
def test_hints_see_the_other_lines_of_the_request(model: str) -> None:
    agree(MODELS[model](), request(Line("seat", 5), Line("cable", 6), Line("seat", 2)))


@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(0, 60)), max_size=5, unique_by=lambda row: row[0]),
    st.integers(1, 8),
)
def test_hints_of_random_tiers_are_what_pricing_every_quantity_finds(
    rows: list[tuple[int, int]], quantity: int
) -> None:
    pricer = PricingModel(prices=[SEAT], tiers=tiers(*rows)).compile()

    agree(pricer, request(Line("seat", quantity)))


@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(0, 60)), max_size=5, unique_by=lambda row: row[0]),
    st.integers(1, 40),
)
def test_cliffs_are_where_the_total_falls(rows: list[tuple[int, int]], up_to: int) -> None:
    pricer = PricingModel(prices=[SEAT], tiers=tiers(*rows)).compile()
    asked = request(Line("seat", 1))
    totals = {q: pricer.price(with_units(asked, Decimal(q))).total for q in range(1, up_to + 1)}

    found = TierHints(pricer).cliffs(asked, 0, up_to)

    assert [(cliff.quantity, cliff.total, cliff.next_total) for cliff in found] == [
        (Decimal(q), totals[q], totals[q + 1]) for q in range(1, up_to) if totals[q + 1] < totals[q]
    ]
    assert all(cliff.next_quantity == cliff.quantity + 1 for cliff in found)


def test_a_graduated_scale_is_hinted_at_before_the_next_tier_only() -> None:
    pricer = by_scale(scale_type="graduated", tiers=[Tier(upper=10, unit_amount=100), Tier(unit_amount=80)])
    hints = TierHints(pricer)

    (hint,) = hints.next_tiers(request(Line("seat", 8)), 0)

    # Within a tier each further unit makes the average fall a little: nothing begins there that is worth a hint.
    assert (hint.more, hint.total_then, hints.next_tiers(request(Line("seat", 12)), 0)) == (
        Decimal(3),
        eur("1080.00"),
        (),
    )


def test_a_hint_names_the_record_and_says_what_it_means() -> None:
    pricer = PricingModel(prices=[SEAT], tiers=tiers((10, 15), (20, 60))).compile()

    lower, cheaper = TierHints(pricer).next_tiers(request(Line("seat", 9)), 0)

    assert (str(lower), lower.records) == ("11 more seat lower the total by 100.00 EUR", ("t-20",))
    assert (str(cheaper), cheaper.records) == ("1 more seat lower the total by 50.00 EUR", ("t-10",))


def test_a_hint_of_goods_sold_by_the_half_kilogram_is_in_halves() -> None:
    pricer = PricingModel(prices=[SEAT], tiers=tiers((10, 15))).compile()

    (hint,) = TierHints(pricer, step="0.5").next_tiers(request(Line("seat", "8.7")), 0)

    assert hint.more == Decimal("1.5")


def test_a_quantity_in_another_unit_reaches_the_bound_in_the_unit_of_the_product() -> None:
    pricer = PricingModel(
        prices=[SEAT],
        tiers=tiers((30, 15)),
        catalogue=Catalogue([Product(id="seat")]),
        units=PricingModel().units.with_conversion("box", "piece", 12),
    ).compile()

    (hint,) = TierHints(pricer).next_tiers(request(Line("seat", 1, uom="box")), 0)

    assert (hint.more, hint.total_now, hint.total_then) == (Decimal(2), eur("1200.00"), eur("3060.00"))


def test_units_bought_before_count_where_the_scale_counts_them() -> None:
    pricer = by_scale(
        aggregate_over="customer_period", tiers=[Tier(unit_amount=100), Tier(lower=20, unit_amount=80)]
    )
    asked = request(Line("seat", 5), bought={"seat": 12})

    agree(pricer, asked)


def test_a_price_set_by_hand_has_no_next_tier() -> None:
    manual = ManualPrice(percent_off=Percent(1), reason="matched", by="li.wei")

    assert TierHints(shop()).next_tiers(request(Line("dock", 9, manual=manual)), 0) == ()


def test_a_line_without_a_price_has_no_next_tier_and_does_not_hide_those_of_others() -> None:
    pricer = PricingModel(prices=[SEAT], tiers=tiers((10, 15))).compile()
    asked = request(Line("lamp", 9), Line("seat", 9))
    hints = TierHints(pricer)

    assert hints.next_tiers(asked, 0) == ()
    assert hints.cliffs(asked, 0, 100) == ()
    assert [hint.more for hint in hints.next_tiers(asked, 1)] == [1]


def test_buy_and_get_is_worth_a_hint() -> None:
    seats = LineFilter(products=("seat",))
    pricer = by_promotion(Promotion(id="3for2", benefit=BuyGet(buy=seats, buy_quantity=2, get=seats)))

    hints = TierHints(pricer).next_tiers(request(Line("seat", 2)), 0)

    assert [(hint.more, hint.unit_price_then * 3) for hint in hints] == [(Decimal(1), eur("200.00"))]


@pytest.mark.parametrize("setting", [{"step": 0}, {"step": -1}, {"reach": "0.5"}, {"most_tries": 1}])
def test_limits_out_of_range_are_refused(setting: dict[str, int]) -> None:
    with pytest.raises(InvalidInput, match=next(iter(setting))):
        TierHints(shop(), **setting)


def test_a_thousand_tiers_are_tried_up_to_the_limit() -> None:
    many = [
        TierRecord(id=f"t-{lower}", product="seat", lower=lower, percent=Percent(Decimal(lower) / 100))
        for lower in range(1, 1_001)
    ]
    pricer = PricingModel(prices=[SEAT], tiers=many).compile()

    (hint,) = TierHints(pricer, most_tries=20).next_tiers(request(Line("seat", 10)), 0)

    assert hint.more == 1
