"""Expected amounts are reckoned by hand; the arithmetic stands beside them."""

import pickle
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal, localcontext
from typing import Any

import pytest

from salesmgmt.core.entity import ProductId
from salesmgmt.core.errors import FloatRefused, InvalidInput
from salesmgmt.core.events import NaiveInstant
from salesmgmt.core.formula import CurrenciesDiffer, FactType, WhyNot
from salesmgmt.core.measured import Measured
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import (
    AmountPer,
    Candidate,
    DiscountRule,
    Discounts,
    HeaderDiscounts,
    Line,
    ListPrice,
    NoPrice,
    OptionExtras,
    OptionRecord,
    PriceConflict,
    Priced,
    Pricer,
    PriceRecord,
    PricingModel,
    PricingProcedure,
    PricingRequest,
    QuantityTiers,
    RoundLines,
    ScaleType,
    Stacking,
    StepKind,
    TierRecord,
    TieTo,
    UnknownRule,
    Unpriced,
)
from salesmgmt.cpq.pricing.procedure import LaterStep
from salesmgmt.cpq.products import Catalogue, Product

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DOCK = PriceRecord(id="p-dock", product="dock", price=Money("850.00", "CNY"))
LAPTOP = PriceRecord(id="p-laptop", product="laptop", price=Money("9200.00", "CNY"))
CATALOGUE = Catalogue(
    [
        Product(id=ProductId("dock"), family="accessories", cost=Money("500", "CNY")),
        Product(id=ProductId("laptop"), family="laptops"),
        Product(id=ProductId("bike"), family="bikes"),
    ]
)


def _pricer(
    *steps: LaterStep,
    prices: tuple[PriceRecord, ...] = (DOCK, LAPTOP),
    tiers: tuple[TierRecord, ...] = (),
    options: tuple[OptionRecord, ...] = (),
    after: tuple[LaterStep, ...] = (),
    facts: Mapping[str, FactType] | None = None,
    time_zone: str = "UTC",
) -> Pricer:
    every = (ListPrice(id="list"), *steps, RoundLines(id="cents"), *after)
    procedure = PricingProcedure(id="test", time_zone=time_zone, facts=facts or {}, steps=every)
    return PricingModel(
        procedure=procedure, prices=prices, tiers=tiers, options=options, catalogue=CATALOGUE
    ).compile()


def _discounts(*rules: DiscountRule) -> Discounts:
    return Discounts(id="discounts", rules=rules)


def _price(
    pricer: Pricer, *lines: Line, at: datetime = NOW, currency: str = "CNY", **customer: str | int
) -> Priced:
    return pricer.price(PricingRequest(at=at, currency=currency, customer=customer, lines=lines))


def _yuan(amount: str) -> Money:
    return Money(amount, "CNY")


def test_a_line_without_rules_costs_its_list_price() -> None:
    priced = _price(_pricer(), Line("dock", 25), Line("laptop", Decimal("1.5")))

    assert priced.total == _yuan("35050")  # 25 x 850 + 1.5 x 9200
    assert str(priced.total) == "35050.00 CNY"
    assert [line.list_discount for line in priced.lines] == [Percent(0), Percent(0)]


def test_the_waterfall_leads_from_the_list_over_tier_and_contract_and_header_to_the_net() -> None:
    pricer = _pricer(
        QuantityTiers(id="volume"),
        _discounts(
            DiscountRule(id="acme", percent=Percent(2), condition="customer.id == 'acme'"),
            DiscountRule(id="vip-5", percent=Percent(5), condition="customer.segment == 'vip'"),
        ),
        tiers=(TierRecord(id="t-10", family="laptops", lower=10, percent=Percent(3)),),
        after=(HeaderDiscounts(id="header", rules=(DiscountRule(id="welcome", amount=_yuan("5000")),)),),
    )

    priced = _price(pricer, Line("laptop", 25), Line("dock", 25), id="acme", segment="gold")

    laptop, dock = priced.lines
    # 25 x 9200 = 230000; less 3 % = 223100; less 2 % = 218638. 25 x 850 = 21250; less 2 % = 20825.
    # 5000 x 218638 / 239463 = 4565.17...: 4565.17; 5000 x 20825 / 239463 = 434.82...: 434.83 gets the last cent
    assert [(step.kind, step.record, step.running) for step in laptop.waterfall] == [
        (StepKind.LIST, "p-laptop", _yuan("230000")),
        (StepKind.TIER, "t-10", _yuan("223100")),
        (StepKind.DISCOUNT, "acme", _yuan("218638")),
        (StepKind.HEADER, "welcome", _yuan("214072.83")),
    ]
    assert dock.net_amount == _yuan("20390.17")
    assert [line.header_share for line in priced.lines] == [_yuan("-4565.17"), _yuan("-434.83")]
    assert priced.total == _yuan("234463")  # 239463 - 5000
    assert priced.list_total == _yuan("251250")
    why = laptop.why_not("vip-5")
    assert isinstance(why, WhyNot)
    assert why.condition == "customer.segment == 'vip'"
    assert why.found == {"customer.segment": "gold"}
    assert str(why) == "customer.segment == 'vip': found 'gold'"
    assert laptop.why_not("acme") is None
    assert laptop.why_not("welcome") is None
    assert priced.why_not("vip-5") == (why, why)


def test_a_rule_that_does_not_exist_is_refused_with_the_nearest_one() -> None:
    pricer = _pricer(_discounts(DiscountRule(id="vip-5", percent=Percent(5), condition="line.quantity > 99")))

    with pytest.raises(UnknownRule, match="did you mean 'vip-5'"):
        _price(pricer, Line("dock", 1)).lines[0].why_not("vip5")


def test_the_price_of_the_customer_shows_the_way_from_the_list() -> None:
    gold = PriceRecord(id="p-gold", product="dock", price=_yuan("680"), segment="gold")
    pricer = _pricer(prices=(DOCK, gold))

    line = _price(pricer, Line("dock", 10), segment="gold").lines[0]

    assert [(step.kind, step.record, step.rounded) for step in line.waterfall] == [
        (StepKind.LIST, "p-dock", _yuan("8500")),
        (StepKind.CONTRACT, "p-gold", _yuan("-1700")),
    ]
    assert (line.list_amount, line.net_amount) == (_yuan("8500"), _yuan("6800"))
    assert line.list_discount == Percent(20)


def test_a_price_for_one_customer_alone_is_its_own_list_price() -> None:
    pricer = _pricer(prices=(PriceRecord(id="p", product="dock", price=_yuan("800"), customer="acme"),))

    line = _price(pricer, Line("dock", 1), id="acme").lines[0]

    assert [step.kind for step in line.waterfall] == [StepKind.CONTRACT]
    assert line.list_discount == Percent(0)
    assert [one.code for one in _price(pricer, Line("dock", 1), id="other").unpriced] == ["no_price"]


def test_no_price_is_a_result_of_its_own_and_there_is_no_total() -> None:
    priced = _price(_pricer(), Line("dock", 1), Line("lamp", 2), Line("laptop", 1))

    assert [line.position for line in priced.lines] == [0, 2]
    assert priced.unpriced == (NoPrice(position=1, line=Line("lamp", 2), at=NOW, currency="CNY"),)
    assert not priced.is_complete
    assert priced.total_measured.flag == "no_price"
    assert priced.total_measured.n == 2
    assert priced.list_discount is None
    assert priced.margin is None
    for total in ("total", "list_total"):
        with pytest.raises(Unpriced, match=r"lines\[1\]") as caught:
            getattr(priced, total)
        assert caught.value.lines == priced.unpriced


def test_records_of_equal_rank_with_different_prices_are_a_conflict_with_its_candidates() -> None:
    other = PriceRecord(id="p-other", product="dock", price=_yuan("840"))

    priced = _price(_pricer(prices=(DOCK, other)), Line("dock", 1))

    candidates = (
        Candidate(record="p-dock", unit_price=_yuan("850")),
        Candidate(record="p-other", unit_price=_yuan("840")),
    )
    assert priced.unpriced == (PriceConflict(position=0, line=Line("dock", 1), candidates=candidates),)
    assert priced.total_measured == Measured(None, flag="conflict", n=0, coverage=Decimal(0))
    assert "p-other says 840 CNY" in str(priced.unpriced[0])


@pytest.mark.parametrize(
    ("stacking", "expected"), [(Stacking.ADDITIVE, "595.00"), (Stacking.COMPOUND, "612.00")]
)
def test_ten_and_twenty_percent_are_thirty_or_twenty_eight(stacking: Stacking, expected: str) -> None:
    pricer = _pricer(
        _discounts(
            DiscountRule(id="a", percent=Percent(10), stacking=stacking),
            DiscountRule(id="b", percent=Percent(20), stacking=stacking),
        )
    )

    assert _price(pricer, Line("dock", 1)).total == _yuan(expected)  # 850 x 0.70, 850 x 0.72


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (DiscountRule(id="r", amount=_yuan("10")), "8490"),
        (DiscountRule(id="r", amount=_yuan("10"), per=AmountPer.UNIT), "8400"),
        (DiscountRule(id="r", amount=_yuan("-10"), per=AmountPer.UNIT), "8600"),
        (DiscountRule(id="r", percent=Percent("-5")), "8925"),
        (DiscountRule(id="r", amount=Money(10, "EUR")), "8500"),
        (DiscountRule(id="r", amount=_yuan("9999")), "0"),
        (DiscountRule(id="r", percent=Percent(100)), "0"),
        (DiscountRule(id="r", percent=Percent("0.001")), "8499.92"),  # 8499.915
        (DiscountRule(id="r", percent=Percent(1), valid_from=date(2026, 3, 2)), "8415"),
        (DiscountRule(id="r", percent=Percent(1), valid_from=date(2026, 3, 3)), "8500"),
        (DiscountRule(id="r", percent=Percent(1), valid_to=date(2026, 3, 2)), "8500"),
        (DiscountRule(id="r", percent=Percent(1), valid_to=date(2026, 3, 3)), "8415"),
    ],
)
def test_a_rule_takes_off_what_it_says_and_never_more_than_there_is(
    rule: DiscountRule, expected: str
) -> None:
    assert _price(_pricer(_discounts(rule)), Line("dock", 10)).total == _yuan(expected)


def test_a_rule_of_another_day_or_currency_says_so() -> None:
    pricer = _pricer(
        _discounts(
            DiscountRule(id="may", percent=Percent(1), valid_from=date(2026, 5, 1)),
            DiscountRule(id="euro", amount=Money(1, "EUR")),
        )
    )

    line = _price(pricer, Line("dock", 1)).lines[0]

    assert [str(one) for one in line.not_applied] == [
        "may: order.date >= 2026-05-01: found 2026-03-02",
        "euro: order.currency == 'EUR': found 'CNY'",
    ]


def test_the_day_is_that_of_the_time_zone_of_the_procedure() -> None:
    rule = DiscountRule(id="r", percent=Percent(10), valid_from=date(2026, 3, 3))
    evening = datetime(2026, 3, 2, 16, 30, tzinfo=UTC)  # half past midnight of 3 March in Shanghai

    in_shanghai = _pricer(_discounts(rule), time_zone="Asia/Shanghai")

    assert _price(in_shanghai, Line("dock", 1), at=evening).total == _yuan("765")
    assert _price(_pricer(_discounts(rule)), Line("dock", 1), at=evening).total == _yuan("850")


def test_conditions_of_a_step_see_the_amounts_from_before_the_step() -> None:
    pricer = _pricer(
        _discounts(
            DiscountRule(id="first", percent=Percent(50)),
            DiscountRule(id="second", percent=Percent(10), condition="line.amount >= 850 CNY"),
        ),
        Discounts(
            id="later",
            rules=(DiscountRule(id="third", percent=Percent(10), condition="line.amount >= 850 CNY"),),
        ),
    )

    line = _price(pricer, Line("dock", 1)).lines[0]

    assert line.net_amount == _yuan("382.5")  # 850 x 0.5 x 0.9
    assert [one.rule for one in line.not_applied] == ["third"]


@pytest.mark.parametrize(
    "condition",
    [
        "order.quantity == 12",
        "order.lines == 2",
        "'laptop' in order.products and 'lamp' not in order.products",
        "'laptops' in order.families",
        "order.amount == 26900 CNY",  # 2 x 9200 + 10 x 850
        "order.list_amount == 26900 CNY",
        "line.list_amount == 8500 CNY",
        "line.amount == 8500 CNY",
        "line.family == 'accessories'",
        "line.product == 'dock'",
        "line.quantity == 10",
        "line.urgent",
        "customer.since < 2020-01-01",
        "customer.level >= 3",
        "order.channel == 'web'",
        "order.currency == 'CNY'",
        "order.date == 2026-03-02",
        "order.at < 2026-03-02T10:00:00Z",
    ],
)
def test_conditions_know_the_document_and_the_facts_that_the_host_declares(condition: str) -> None:
    facts: dict[str, FactType] = {
        "customer.since": "date",
        "customer.level": "number",
        "order.channel": "text",
        "line.urgent": "bool",
    }
    request = PricingRequest(
        at=NOW,
        currency="CNY",
        customer={"id": "acme", "since": date(2019, 5, 1), "level": 3},
        order={"channel": "web"},
        lines=[Line("laptop", 2), Line("dock", 10, fields={"urgent": True}), Line("lamp", 5)],
    )
    rule = DiscountRule(id="r", percent=Percent(10), condition=condition)

    priced = _pricer(_discounts(rule), facts=facts).price(request)

    assert priced.lines[1].why_not("r") is None


def test_a_condition_over_another_currency_stops_instead_of_being_passed_over() -> None:
    pricer = _pricer(_discounts(DiscountRule(id="r", percent=Percent(1), condition="line.amount > 1 EUR")))

    with pytest.raises(CurrenciesDiffer):
        _price(pricer, Line("dock", 1))


def test_an_all_units_tier_applies_to_the_whole_quantity() -> None:
    pricer = _pricer(
        QuantityTiers(id="volume"),
        tiers=(
            TierRecord(id="t-20", product="dock", lower=20, unit_price=_yuan("800")),
            TierRecord(id="t-50", product="dock", lower=50, unit_price=_yuan("750")),
        ),
    )

    assert _price(pricer, Line("dock", 19)).total == _yuan("16150")  # 19 x 850
    assert _price(pricer, Line("dock", 20)).total == _yuan("16000")  # 20 x 800
    assert _price(pricer, Line("dock", 50)).total == _yuan("37500")  # 50 x 750


@pytest.mark.parametrize(("quantity", "expected"), [(10, "8500"), (15, "12537.50"), (40, "31575")])
def test_a_graduated_tier_applies_to_its_part_of_the_quantity(quantity: int, expected: str) -> None:
    pricer = _pricer(
        QuantityTiers(id="volume", scale=ScaleType.GRADUATED),
        tiers=(
            TierRecord(id="t-10", product="dock", lower=10, percent=Percent(5)),
            TierRecord(id="t-20", product="dock", lower=20, unit_price=_yuan("750")),
        ),
    )

    # 15: 10 x 850 + 5 x 807.50; 40: 10 x 850 + 10 x 807.50 + 20 x 750
    assert _price(pricer, Line("dock", quantity)).total == _yuan(expected)


def test_extras_of_options_are_list_price_and_stay_when_a_tier_sets_the_unit_price() -> None:
    bike = PriceRecord(id="p-bike", product="bike", price=_yuan("5000"))
    pricer = _pricer(
        OptionExtras(id="options"),
        QuantityTiers(id="volume"),
        prices=(bike,),
        tiers=(TierRecord(id="t-2", product="bike", lower=2, unit_price=_yuan("4500")),),
        options=(
            OptionRecord(id="o-1", product="bike", attribute="frame", value="carbon", extra=_yuan("1200")),
            OptionRecord(id="o-2", product="bike", attribute="bell", value="none", extra=_yuan("-20")),
        ),
    )
    chosen = {"frame": "carbon", "bell": "none", "colour": "red"}

    line = _price(pricer, Line("bike", 2, configuration=chosen)).lines[0]

    assert [(step.record, step.rounded) for step in line.waterfall] == [
        ("p-bike", _yuan("10000")),
        ("o-2", _yuan("-40")),
        ("o-1", _yuan("2400")),
        ("t-2", _yuan("-1000")),
    ]
    assert line.list_amount == _yuan("12360")
    assert line.net_amount == _yuan("11360")
    assert line.list_unit_price == _yuan("6180")


def test_no_step_takes_a_price_below_zero() -> None:
    pricer = _pricer(
        OptionExtras(id="options"),
        _discounts(DiscountRule(id="r", amount=_yuan("-3"))),
        options=(OptionRecord(id="o", product="dock", attribute="a", value="b", extra=_yuan("-900")),),
    )

    line = _price(pricer, Line("dock", 1, configuration={"a": "b"})).lines[0]

    assert [(step.raw, step.rounded, step.difference, step.running) for step in line.waterfall[1:]] == [
        (_yuan("-900"), _yuan("-850"), _yuan("50"), _yuan("0")),
        (_yuan("3"), _yuan("3"), _yuan("0"), _yuan("3")),
    ]
    assert line.list_discount is None  # the list amount is zero


def test_rounding_is_a_step_with_its_difference() -> None:
    third = PriceRecord(id="p", product="dock", price=_yuan("0.335"))

    line = _price(_pricer(prices=(third,)), Line("dock", 3)).lines[0]

    assert line.net_amount == _yuan("1.01")  # 1.005, half up
    assert [(step.kind, step.raw, step.rounded, step.difference) for step in line.waterfall[1:]] == [
        (StepKind.ROUNDING, _yuan("0"), _yuan("0.005"), _yuan("0.005"))
    ]


def test_lines_round_to_price_points() -> None:
    procedure = PricingProcedure(
        id="points",
        steps=(ListPrice(id="list"), RoundLines(id="points", increment=Decimal(1), ending=Decimal("0.99"))),
    )
    pricer = PricingModel(
        procedure=procedure, prices=[PriceRecord(id="p", product="dock", price=_yuan("12.60"))]
    ).compile()

    assert _price(pricer, Line("dock", 1)).total == _yuan("12.99")


def test_the_last_cent_goes_by_position_where_claims_are_equal() -> None:
    def shares(tie: TieTo) -> list[Money]:
        header = HeaderDiscounts(id="h", rules=(DiscountRule(id="r", amount=_yuan("100")),), tie=tie)
        priced = _price(_pricer(after=(header,)), Line("dock", 1), Line("dock", 1), Line("dock", 1))
        assert priced.header[0].shares == tuple(line.header_share for line in priced.lines)
        return [line.header_share for line in priced.lines]

    assert shares(TieTo.FIRST) == [_yuan("-33.34"), _yuan("-33.33"), _yuan("-33.33")]
    assert shares(TieTo.LAST) == [_yuan("-33.33"), _yuan("-33.33"), _yuan("-33.34")]


def test_a_header_discount_is_shared_by_the_lines_for_which_its_condition_holds() -> None:
    header = HeaderDiscounts(
        id="h",
        rules=(
            DiscountRule(id="docks", percent=Percent(10), condition="line.product == 'dock'"),
            DiscountRule(id="lamps", percent=Percent(10), condition="line.product == 'lamp'"),
        ),
    )

    priced = _price(_pricer(after=(header,)), Line("laptop", 1), Line("dock", 2))

    assert [line.net_amount for line in priced.lines] == [_yuan("9200"), _yuan("1530")]  # 1700 less 10 %
    assert [(one.rule, one.shares) for one in priced.header] == [("docks", (_yuan("0"), _yuan("-170")))]


@pytest.mark.parametrize(
    ("stacking", "expected"), [(Stacking.ADDITIVE, "595.00"), (Stacking.COMPOUND, "612.00")]
)
def test_header_discounts_stack_as_those_of_lines(stacking: Stacking, expected: str) -> None:
    header = HeaderDiscounts(
        id="h",
        rules=(
            DiscountRule(id="a", percent=Percent(10), stacking=stacking),
            DiscountRule(id="b", percent=Percent(20), stacking=stacking),
        ),
    )

    assert _price(_pricer(after=(header,)), Line("dock", 1)).total == _yuan(expected)


def test_additive_header_discounts_are_shared_by_the_amounts_from_before_the_step() -> None:
    def nets(*rules: DiscountRule) -> list[Money]:
        after = (HeaderDiscounts(id="h", rules=rules),)
        prices = tuple(PriceRecord(id=name, product=name, price=_yuan("100")) for name in ("dock", "laptop"))
        priced = _price(_pricer(prices=prices, after=after), Line("dock", 1), Line("laptop", 1))
        return [line.net_amount for line in priced.lines]

    def first(percent: int) -> DiscountRule:
        return DiscountRule(id="a", percent=Percent(percent), condition="line.product == 'dock'")

    second = DiscountRule(id="b", percent=Percent(20), stacking=Stacking.ADDITIVE)

    assert nets(first(50), second) == [_yuan("30"), _yuan("80")]  # 100 - 50 - 20, 100 - 20
    # The dock has room for 10 of its 20; the laptop takes the rest.
    assert nets(first(90), second) == [_yuan("0"), _yuan("70")]


def test_a_header_discount_never_takes_more_than_there_is() -> None:
    header = HeaderDiscounts(
        id="h",
        rules=(
            DiscountRule(id="a", amount=_yuan("100000")),
            DiscountRule(id="b", percent=Percent(5), stacking=Stacking.ADDITIVE),
            DiscountRule(id="c", amount=_yuan("-1"), per=AmountPer.UNIT),
        ),
    )

    priced = _price(_pricer(after=(header,)), Line("dock", 3), Line("laptop", 1))

    assert [one.rounded for one in priced.header] == [_yuan("-11750"), _yuan("0"), _yuan("4")]
    assert priced.total == _yuan("4")


def test_cost_gives_the_margin_where_it_is_known() -> None:
    pricer = _pricer(_discounts(DiscountRule(id="r", percent=Percent(20))))

    priced = _price(pricer, Line("dock", 2), Line("laptop", 1))

    assert priced.lines[0].margin == _yuan("360")  # 2 x 850 x 0.8 - 2 x 500
    assert priced.lines[1].margin is None
    assert priced.lines[1].margin_percent is None
    assert priced.margin is None
    assert _price(pricer, Line("dock", 2)).margin == _yuan("360")
    half = _pricer(_discounts(DiscountRule(id="r", amount=_yuan("225"))))
    assert _price(half, Line("dock", 1)).margin_percent == Percent(20)  # 625 - 500 = 125 of 625


def test_a_request_with_faults_is_refused_with_all_of_them() -> None:
    pricer = _pricer(facts={"customer.since": "date"})
    request = PricingRequest(
        at=NOW,
        currency="XAU",
        customer={"segmnt": "gold", "since": "yesterday", "id": 5},
        lines=[
            Line("dock", 0),
            Line("dock", -1, configuration={"frame": 5}),  # type: ignore[dict-item]  # that is the point
            Line(None, 1, fields={"urgent": True}),  # type: ignore[arg-type]  # that too
        ],
    )

    with pytest.raises(InvalidInput) as caught:
        pricer.price(request)

    assert [(one.path, one.code) for one in caught.value.problems] == [
        ("currency", "no_minor_unit"),
        ("customer.segmnt", "unknown_fact"),
        ("customer.since", "wrong_type"),
        ("customer.id", "wrong_type"),
        ("lines[0].quantity", "not_positive"),
        ("lines[1].configuration.frame", "wrong_type"),
        ("lines[1].quantity", "not_positive"),
        ("lines[2].product", "wrong_type"),
        ("lines[2].fields.urgent", "unknown_fact"),
    ]


def test_floats_and_naive_instants_do_not_get_in() -> None:
    with pytest.raises(FloatRefused):
        Line("dock", 1.5)  # type: ignore[arg-type]  # that is the point
    with pytest.raises(NaiveInstant):
        PricingRequest(at=datetime(2026, 3, 2), currency="CNY", lines=[])  # noqa: DTZ001 - that is the point
    request = PricingRequest(at=NOW, currency="CNY", customer={"level": 1.5}, lines=[])  # type: ignore[dict-item]  # the same
    with pytest.raises(InvalidInput, match=r"customer\.level"):
        _pricer(facts={"customer.level": "number"}).price(request)


def test_an_empty_request_costs_nothing() -> None:
    priced = _price(_pricer())

    assert priced.total == _yuan("0")
    assert priced.list_discount is None


def test_a_pricer_gives_the_same_answer_after_pickling_from_threads_and_under_any_decimal_context() -> None:
    pricer = _pricer(
        _discounts(DiscountRule(id="r", percent=Percent("3.37"))),
        after=(HeaderDiscounts(id="h", rules=(DiscountRule(id="s", percent=Percent("1.01")),)),),
    )
    request = PricingRequest(at=NOW, currency="CNY", lines=[Line("dock", 7), Line("laptop", 3)])
    expected = pricer.price(request)

    twin = pickle.loads(pickle.dumps(pricer))
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(pricer.price, [request] * 40))
    with localcontext() as context:
        context.prec = 2
        answers.append(pricer.price(request))

    assert twin.price(request) == expected
    assert twin.digest == pricer.digest
    assert all(answer == expected for answer in answers)


def test_the_digest_tells_other_requests_and_other_models_apart() -> None:
    same = _price(_pricer(), Line("dock", 1))
    assert _price(_pricer(), Line("dock", 1)).digest == same.digest
    assert _price(_pricer(), Line("dock", 2)).digest != same.digest
    assert _price(_pricer(), Line("dock", 1), id="acme").digest != same.digest
    dearer = PriceRecord(id="p-laptop", product="laptop", price=_yuan("9200.01"))
    assert _price(_pricer(prices=(DOCK, dearer)), Line("dock", 1)).digest != same.digest


def test_a_request_does_not_change_with_the_collections_it_was_made_of() -> None:
    rule = DiscountRule(id="fair", percent=Percent(10), condition="'fair' in customer.tags")
    pricer = _pricer(_discounts(rule), facts={"customer.tags": "set of text"})

    def request(tags: Any) -> PricingRequest:
        return PricingRequest(at=NOW, currency="CNY", customer={"tags": tags}, lines=[Line("dock", 1)])

    tags = {"fair"}
    asked = request(tags)
    first = pricer.price(asked)
    tags.clear()

    assert pricer.price(asked) == pricer.price(request(["fair"])) == first
    assert first.total == _yuan("765")  # 850 less 10 %
    with pytest.raises(InvalidInput, match=r"customer\.tags"):
        pricer.price(request([["fair"]]))


def test_an_instant_without_a_day_in_the_time_zone_and_odd_option_names_are_refused() -> None:
    pricer = _pricer(time_zone="Asia/Shanghai")
    line = Line("bike", 1, configuration={1: "x", None: "y"})  # type: ignore[dict-item]

    with pytest.raises(InvalidInput) as caught:
        _price(pricer, line, at=datetime.max.replace(tzinfo=UTC))

    assert [(one.path, one.code) for one in caught.value.problems] == [
        ("at", "out_of_range"),
        ("lines[0].configuration", "wrong_type"),
        ("lines[0].configuration", "wrong_type"),
    ]
