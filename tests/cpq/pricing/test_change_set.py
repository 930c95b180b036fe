"""Change sets: what they make of a model, what they refuse, and how they are read."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.codec import Codec
from salesmgmt.core.entity import ProductId
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.exchange import ExchangeRate, ExchangeRates
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.rounding import Rounding
from salesmgmt.cpq.pricing import (
    ConditionRecord,
    DiscountRule,
    Discounts,
    FreeUnits,
    Line,
    ListPrice,
    NoPrice,
    OptionExtras,
    OptionRecord,
    PriceConflict,
    PriceList,
    PriceLists,
    PriceRecord,
    PriceRule,
    PricingModel,
    PricingProcedure,
    PricingRequest,
    PricingStep,
    QuantityTiers,
    RoundLines,
    TierRecord,
)
from salesmgmt.cpq.pricing.condition import ConditionType
from salesmgmt.cpq.pricing.impact.change_set import ChangeSet
from salesmgmt.cpq.pricing.impact.changes import Changes
from salesmgmt.cpq.pricing.impact.price_adjustment import AdjustPrices, PricesOf
from salesmgmt.cpq.pricing.promotions import Coupon, PercentOff, Promotion, PromotionPolicy
from salesmgmt.cpq.pricing.promotions.policy import Combine
from salesmgmt.cpq.products import Catalogue, Product

PROCEDURE = PricingProcedure(
    id="own",
    version=3,
    condition_types=(ConditionType(id="loyalty", kind="discount", calculation="percent"),),
    steps=(
        ListPrice(id="list"),
        OptionExtras(id="options"),
        QuantityTiers(id="volume"),
        Discounts(
            id="contract",
            rules=(
                DiscountRule(id="first", percent=Percent(1)),
                DiscountRule(id="second", percent=Percent(2)),
            ),
        ),
        PricingStep(id="loyal", type_id="loyalty"),
        FreeUnits(id="free"),
        RoundLines(id="cents"),
    ),
)
MODEL = PricingModel(
    procedure=PROCEDURE,
    prices=[
        PriceRecord(id="p-dock", product="dock", price=Money("158.30", "EUR")),
        PriceRecord(id="p-gold", product="dock", price=Money("150.00", "EUR"), segment="gold"),
        PriceRecord(id="p-lamp", product="lamp", price=Money("40.00", "EUR")),
    ],
    tiers=[TierRecord(id="t-10", product="dock", lower=10, percent=Percent(5))],
    options=[OptionRecord(id="o-1", product="dock", attribute="c", value="red", extra=Money(5, "EUR"))],
    conditions=[ConditionRecord(id="l-1", type="loyalty", percent=Percent(3))],
    price_lists=PriceLists(
        lists=[PriceList(id="retail", currency="EUR", rules=[PriceRule(id="r-1", percent_off=10)])]
    ),
    promotions=[Promotion(id="spring", benefit=PercentOff(percent=Percent(10)))],
    coupons=[Coupon(code="HELLO", promotion="spring")],
    catalogue=Catalogue([Product(id=ProductId("dock"), family="docks"), Product(id=ProductId("lamp"))]),
)
DAY = date(2026, 4, 1)


def codes(error: pytest.ExceptionInfo[InvalidInput]) -> list[tuple[str, str]]:
    return [(one.path, one.code) for one in error.value.problems]


def test_an_empty_change_set_gives_the_same_model() -> None:
    assert ChangeSet(id="nothing").apply(MODEL) is MODEL


def test_what_does_not_change_is_shared() -> None:
    new = attrs.evolve(MODEL.prices[0], price=Money(170, "EUR"))
    after = ChangeSet(id="x", prices=Changes(replace=[new])).apply(MODEL)
    assert after.prices[0] is new
    assert after.prices[1] is MODEL.prices[1]
    assert after.tiers is MODEL.tiers
    assert after.procedure is MODEL.procedure
    assert after.catalogue is MODEL.catalogue
    assert after.digest != MODEL.digest
    assert MODEL.prices[0].price == Money("158.30", "EUR")


def test_every_part_can_be_changed_by_id() -> None:
    after = ChangeSet(
        id="all",
        version=4,
        prices=Changes(add=[PriceRecord(id="p-new", product="desk", price=Money(9, "EUR"))]),
        tiers=Changes(remove=["t-10"]),
        options=Changes(replace=[attrs.evolve(MODEL.options[0], extra=Money(6, "EUR"))]),
        conditions=Changes(add=[ConditionRecord(id="l-2", type="loyalty", percent=Percent(4))]),
        price_lists=Changes(add=[PriceList(id="dealers", currency="EUR")]),
        price_rules={"retail": Changes(add=[PriceRule(id="r-2", percent_off=20)])},
        promotions=Changes(remove=["spring"]),
        coupons=Changes(remove=["HELLO"]),
        products=Changes(replace=[Product(id=ProductId("lamp"), family="lights")]),
        steps=Changes(remove=["free"]),
        rules={"contract": Changes(remove=["first"])},
        promotion_policy=PromotionPolicy(combine=Combine.BEST_ONE),
        rates=ExchangeRates([ExchangeRate("EUR", "USD", "1.10", DAY)]),
    ).apply(MODEL)
    assert after.prices[-1].id == "p-new"
    assert after.tiers == ()
    assert after.options[0].extra == Money(6, "EUR")
    assert [one.id for one in after.conditions] == ["l-1", "l-2"]
    assert [one.id for one in after.price_lists.lists] == ["retail", "dealers"]
    assert [one.id for one in after.price_lists.lists[0].rules] == ["r-1", "r-2"]
    assert after.promotions == ()
    assert after.coupons == ()
    assert after.catalogue["lamp"].family == "lights"
    assert [step.id for step in after.procedure.steps] == [
        "list",
        "options",
        "volume",
        "contract",
        "loyal",
        "cents",
    ]
    assert [rule.id for _, rule in after.procedure.rules] == ["second"]
    assert after.procedure.version == 4
    assert after.promotion_policy.combine is Combine.BEST_ONE
    assert len(after.rates.quotes) == 1


def test_added_rules_stand_before_the_one_that_is_named_and_moving_is_removing_and_adding() -> None:
    third = DiscountRule(id="third", percent=Percent(3))
    first = DiscountRule(id="first", percent=Percent(1))
    inserted = ChangeSet(id="x", rules={"contract": Changes(add=[third], before={"third": "second"})})
    moved = ChangeSet(id="y", rules={"contract": Changes(add=[first], remove=["first"])})
    assert [rule.id for _, rule in inserted.apply(MODEL).procedure.rules] == ["first", "third", "second"]
    assert [rule.id for _, rule in moved.apply(MODEL).procedure.rules] == ["second", "first"]


def test_everything_unknown_is_refused_at_once_with_the_nearest() -> None:
    with pytest.raises(InvalidInput) as error:
        ChangeSet(
            id="wrong",
            version=3,
            prices=Changes(
                add=[MODEL.prices[2]],
                replace=[attrs.evolve(MODEL.prices[0], id="p-duck")],
                remove=["p-gold", "p-gold"],
            ),
            rules={"kontract": Changes(remove=["first"]), "contract": Changes(remove=["furst"])},
            price_rules={"retail": Changes(before={"r-9": "r-1"})},
            adjust=(AdjustPrices(percent=Percent(1), product="duck"),),
        ).apply(MODEL)
    assert codes(error) == [
        ("adjust[0]", "nothing_selected"),
        ("prices.remove[1]", "duplicate"),
        ("prices.replace[0].id", "unknown_id"),
        ("prices.add[0].id", "duplicate"),
        ("price_rules.'retail'.before.'r-9'", "unknown_id"),
        ("rules.'kontract'", "unknown_id"),
        ("rules.'contract'.remove[0]", "unknown_id"),
        ("version", "too_low"),
    ]
    assert "did you mean 'p-dock'?" in str(error.value)
    assert "did you mean 'first'?" in str(error.value)


def test_an_id_that_stands_there_twice_is_refused() -> None:
    model = attrs.evolve(MODEL, prices=(MODEL.prices[0], MODEL.prices[0]))
    with pytest.raises(InvalidInput) as error:
        ChangeSet(id="x", prices=Changes(remove=["p-dock"])).apply(model)
    assert codes(error) == [("prices.remove[0]", "ambiguous")]


def test_an_adjustment_ends_the_old_record_and_begins_a_rounded_new_one() -> None:
    adjust = AdjustPrices(
        percent=Percent(3), family="docks", rounding=Rounding("half_up", "0.05"), starts=DAY
    )
    after = ChangeSet(id="spring", adjust=(adjust,)).apply(MODEL)
    by_id = {one.id: one for one in after.prices}
    assert by_id["p-dock"].valid_to == DAY
    # 158.30 * 1.03 = 163.049
    assert by_id["p-dock@2026-04-01"].price == Money("163.05", "EUR")
    assert by_id["p-dock@2026-04-01"].valid_from == DAY
    assert by_id["p-gold"] is MODEL.prices[1]
    assert by_id["p-lamp"] is MODEL.prices[2]


def test_an_adjustment_chooses_list_or_contract_prices_by_product_and_currency() -> None:
    contract = AdjustPrices(percent=Percent(-10), prices=PricesOf.CONTRACT, currency="EUR")
    after = ChangeSet(id="x", adjust=(contract,)).apply(MODEL)
    assert [str(one.price) for one in after.prices] == ["158.30 EUR", "135.0000 EUR", "40.00 EUR"]
    lamps = AdjustPrices(percent=Percent(50), prices=PricesOf.ALL, product="lamp")
    after = ChangeSet(id="x", adjust=(lamps,)).apply(MODEL)
    assert after.prices[2].price == Money(60, "EUR")


def test_an_adjustment_by_more_than_all_is_refused() -> None:
    with pytest.raises(InvalidInput, match="at least -100%"):
        AdjustPrices(percent=Percent("-100.01"))


def test_what_is_named_by_id_overrules_an_adjustment() -> None:
    own = attrs.evolve(MODEL.prices[2], price=Money(41, "EUR"))
    after = ChangeSet(
        id="x", adjust=(AdjustPrices(percent=Percent(10)),), prices=Changes(replace=[own])
    ).apply(MODEL)
    assert after.prices[2].price == Money(41, "EUR")


_days = st.integers(0, 12).map(lambda number: DAY + timedelta(days=number - 6))
_records = st.lists(
    st.tuples(st.none() | _days, st.none() | st.integers(1, 9), st.integers(1, 5)), max_size=6
)


@given(_records, _days)
def test_an_adjustment_changes_no_price_before_its_day_and_every_price_from_there_on(
    drawn: list[tuple[date | None, int | None, int]], start: date
) -> None:
    prices = [
        PriceRecord(
            id=f"p-{number}",
            product="dock",
            price=Money(amount, "EUR"),
            valid_from=begin,
            valid_to=None if length is None else (begin or DAY) + timedelta(days=length),
        )
        for number, (begin, length, amount) in enumerate(drawn)
    ]
    plain = PricingProcedure(id="plain", steps=(ListPrice(id="list"), RoundLines(id="cents")))
    before = PricingModel(procedure=plain, prices=prices)
    adjust = AdjustPrices(percent=Percent(100), starts=start)
    found = adjust.changes(prices, Catalogue())
    after = ChangeSet(id="x", prices=found).apply(before)
    old, new = before.compile(), after.compile()
    for offset in range(-9, 20):
        day = DAY + timedelta(days=offset)
        at = datetime(day.year, day.month, day.day, tzinfo=UTC)
        request = PricingRequest(at=at, currency="EUR", lines=[Line("dock", 1)])
        (was,), (is_now,) = old.net_amounts(request), new.net_amounts(request)
        if isinstance(was, NoPrice | PriceConflict):
            assert type(is_now) is type(was)
        else:
            assert is_now == was * (2 if day >= start else 1)


def test_a_change_set_is_read_from_toml_and_survives_the_codec(tmp_path: Path) -> None:
    file = tmp_path / "spring.toml"
    file.write_text(
        """
id = "spring"
version = 4

[[adjust]]
percent = "3%"
family = "docks"
rounding = { mode = "half_up", increment = "0.05" }
starts = 2026-04-01

[prices]
remove = ["p-gold"]
add = [{ id = "p-desk", product = "desk", price = "300 EUR" }]

[conditions]
replace = [{ id = "l-1", type = "loyalty", percent = "4%" }]

[rules.contract]
add = [{ id = "third", percent = "5%", condition = "line.quantity >= 10" }]
before = { third = "second" }

[steps]
replace = [{ type = "QuantityTiers", id = "volume", scale = "graduated" }]
""",
        encoding="utf-8",
    )
    changes = ChangeSet.load(file)
    after = changes.apply(MODEL)
    assert [one.id for one in after.prices] == ["p-dock", "p-lamp", "p-dock@2026-04-01", "p-desk"]
    assert after.conditions[0].percent == Percent(4)
    assert [rule.id for _, rule in after.procedure.rules] == ["first", "third", "second"]
    codec = Codec()
    assert codec.from_json(ChangeSet, codec.to_json(changes)) == changes


def test_price_changes_are_read_from_csv_with_every_fault_at_once(tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    file.write_text(
        "change,id,product,currency,amount,valid_from\n"
        "add,p-desk,desk,EUR,300.00,2026-04-01\nreplace,p-lamp,lamp,EUR,42.00,\nremove,p-gold,,,,\n",
        encoding="utf-8",
    )
    after = ChangeSet.load_prices(file, id="spring").apply(MODEL)
    assert [(one.id, one.price.amount) for one in after.prices] == [
        ("p-dock", Decimal("158.30")),
        ("p-lamp", Decimal("42.00")),
        ("p-desk", Decimal("300.00")),
    ]
    file.write_text(
        "change,id,product,currency,amount\ndrop,p-1,,,\nadd,p-2,desk,EUR,\nadd,p-3,desk,EUR,-1\nadd,p-4,d,EUR,1e3\n",
        encoding="utf-8",
    )
    with pytest.raises(InvalidInput) as error:
        ChangeSet.load_prices(file, id="spring")
    assert codes(error) == [
        ("prices.csv row 2, column change", "unknown_word"),
        ("prices.csv row 3, column amount", "missing"),
        ("prices.csv row 4, column amount", "negative"),
        ("prices.csv row 5, column amount", "not_a_number"),
    ]
