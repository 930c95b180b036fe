"""Whole steps of own condition types, field by field; the arithmetic stands beside the amounts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from salesmgmt.core.entity import ProductId
from salesmgmt.core.exchange import ExchangeRate, ExchangeRates
from salesmgmt.core.measured import Measured
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import (
    Access,
    Aside,
    Calculation,
    Candidate,
    ConditionRecord,
    ConditionType,
    DiscountRule,
    Discounts,
    ExclusionGroup,
    Line,
    NoPrice,
    NotApplied,
    PriceConflict,
    Priced,
    PriceStep,
    PricingModel,
    PricingProcedure,
    PricingRequest,
    PricingStep,
    RoundLines,
    StepKind,
    StoodAside,
)
from salesmgmt.cpq.pricing.procedure import Step
from salesmgmt.cpq.pricing.scales.scale import Scale
from salesmgmt.cpq.pricing.scales.tier import Tier
from salesmgmt.cpq.pricing.sharing.distribution import AllocationBase, AllocationPolicy
from salesmgmt.cpq.products import Catalogue, Product
from tests.cpq.pricing import a_step
from tests.cpq.pricing.a_step import Both, amounts

D = Decimal
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
VERSION = 3  # of the record that each test is about
told = partial(a_step.told, version=VERSION)
CATALOGUE = Catalogue(
    [
        Product(id=ProductId("dock"), family="ports", cost=Money("60", "EUR"), weight=D(2), volume=D(5)),
        Product(id=ProductId("hub"), family="ports"),
        Product(id=ProductId("laptop"), weight=D(3)),
    ]
)
PRICE = ConditionType(
    id="price", kind="price", calculation="set_price", accesses=(Access(fields=("line.product",)),)
)
PRICES = tuple(
    ConditionRecord(id=name, type="price", key={"line.product": name}, amount=Money(amount, "EUR"))
    for name, amount in (("dock", 100), ("hub", 50), ("laptop", 1000))
)
FIRST = PricingStep(id="price", type_id="price", mandatory=True)
CENTS = RoundLines(id="cents")
RATES = ExchangeRates([ExchangeRate("USD", "EUR", "0.8", date(2026, 3, 1))])


def pricer_of(
    types: Sequence[ConditionType], records: Sequence[ConditionRecord], *steps: Step, **more: Any
) -> Both:
    groups = more.pop("exclusion_groups", ())
    whole = RoundLines(id="whole")  # what is shared is in whole cents
    ready = [
        one
        for step in steps
        for one in ((whole, step) if getattr(step, "scope", "line") != "line" else (step,))
    ]
    procedure = PricingProcedure(
        id="own",
        condition_types=(PRICE, *types),
        exclusion_groups=groups,
        steps=(FIRST, *ready, CENTS),
        facts={"line.length": "number", "line.tag": "text"},
    )
    conditions = (*PRICES, *records)
    return Both(PricingModel(procedure=procedure, conditions=conditions, catalogue=CATALOGUE, **more))


def asked(*lines: Line, **more: Any) -> PricingRequest:
    return PricingRequest(at=NOW, currency="EUR", lines=lines, **more)


def price(
    type_: dict[str, Any],
    record: dict[str, Any],
    *lines: Line,
    step: dict[str, Any] | None = None,
    **more: Any,
) -> Priced:
    """Price with one condition `x` after the price, by one record `r`."""
    request = more.pop("request", {})
    pricer = pricer_of(
        [ConditionType(id="x", **type_)],
        [ConditionRecord(id="r", type="x", version=VERSION, **record)],
        *more.pop("before", ()),
        PricingStep(id="s", type_id="x", **(step or {})),
        **more,
    )
    return pricer.price(asked(*lines, **request))


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


@pytest.mark.parametrize(
    ("basis", "expected"),
    [
        # from 10 on 20 % less; 3 docks weigh 6 kg, take 15 l, cost 300 and have a length of 12; hubs have none of it
        ("quantity", [300, 150]),
        ("weight", [300, 150]),
        ("volume", [240, 150]),
        ("value", [240, 120]),
        ("attribute", [240, 150]),
    ],
)
def test_a_scale_looks_at_its_basis(basis: str, expected: list[int]) -> None:
    attribute = "line.length" if basis == "attribute" else ""
    tiers = [Tier(upper=10, percent=Percent(0)), Tier(percent=Percent(20))]
    scale = Scale(basis=basis, attribute=attribute, tiers=tiers)
    type_ = {"kind": "discount", "calculation": "percent"}

    priced = price(type_, {"scale": scale}, Line("dock", 3, fields={"length": 12}), Line("hub", 3))

    assert amounts(priced) == expected


@pytest.mark.parametrize(
    ("over", "expected"),
    [
        # from 10 units on 10 % less: 4 + 3 ports, 3 of them in group g with 7 laptops, 4 laptops alone
        ("line", [400, 150, 7000, 4000]),
        ("product_family", [400, 150, 6300, 3600]),
        ("group", [400, 135, 6300, 4000]),
        ("document", [360, 135, 6300, 3600]),
        ("customer_period", [360, 150, 6300, 3600]),
    ],
)
def test_a_scale_counts_what_belongs_together(over: str, expected: list[int]) -> None:
    scale = Scale(aggregate_over=over, tiers=[Tier(upper=10, percent=Percent(0)), Tier(percent=Percent(10))])
    lines = (Line("dock", 4), Line("hub", 3, group="g"), Line("laptop", 7, group="g"), Line("laptop", 4))

    priced = price(
        {"kind": "discount", "calculation": "percent"},
        {"scale": scale},
        *lines,
        request={"bought": {"dock": 6, "ports": 6}},
    )

    assert amounts(priced) == expected


def test_what_was_bought_of_the_family_counts_where_nothing_is_known_of_the_product() -> None:
    scale = Scale(
        aggregate_over="customer_period",
        tiers=[Tier(upper=10, percent=Percent(0)), Tier(percent=Percent(10))],
    )

    priced = price(
        {"kind": "discount", "calculation": "percent"},
        {"scale": scale},
        Line("dock", 4),
        Line("hub", 4),
        Line("laptop", 4),
        request={"bought": {"ports": 6, "hub": 5}},
    )

    assert amounts(priced) == [360, 200, 4000]


def test_sums_of_one_step_are_those_from_before_it_and_kept_apart_by_basis() -> None:
    # 3 docks and 1 laptop are 1300 before the step; with 1300 reached the first line takes 10 %, and so does the second
    value = Scale(
        basis="value",
        aggregate_over="document",
        tiers=[Tier(upper=1300, percent=Percent(0)), Tier(percent=Percent(10))],
    )
    weight = Scale(
        basis="weight",
        aggregate_over="document",
        tiers=[Tier(upper=9, percent=Percent(0)), Tier(percent=Percent(50))],
    )
    pricer = pricer_of(
        [ConditionType(id="x", kind="discount", calculation="percent")],
        [
            ConditionRecord(id="v", type="x", key={"line.product": "dock"}, scale=value),
            ConditionRecord(id="w", type="x", key={"line.product": "laptop"}, scale=weight),
            ConditionRecord(id="z", type="x", key={"line.product": "hub"}, scale=value),
        ],
        PricingStep(id="s", type_id="x"),
    )

    # 6 + 3 kg; then with a hub 1350
    assert amounts(pricer.price(asked(Line("dock", 3), Line("laptop", 1)))) == [270, 500]
    assert amounts(pricer.price(asked(Line("dock", 3), Line("laptop", 1), Line("hub", 1)))) == [270, 500, 45]
    assert amounts(pricer.price(asked(Line("dock", 2), Line("laptop", 1), Line("hub", 1)))) == [200, 1000, 50]


def test_a_foreign_scale_counts_on_its_basis_and_over_its_lines() -> None:
    tiers = [Tier(unit_amount=5), Tier(lower=10, unit_amount=10)]
    for more in ({"aggregate_over": "document"}, {"basis": "volume"}):
        scale = Scale(currency="USD", tiers=tiers, **more)
        type_ = {"kind": "discount", "calculation": "amount_per_unit"}
        priced = price(type_, {"scale": scale}, Line("dock", 4), Line("hub", 6), rates=RATES)
        # 8 EUR off each of 4; of the hubs, which have no volume, 8 or 4
        assert amounts(priced) == [368, 252 if "aggregate_over" in more else 276]


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


@pytest.mark.parametrize(
    ("type_", "record", "expected"),
    [
        # 2 docks and 1 laptop are 3 units at 1200; shares by 200 to 1000
        ({"kind": "discount", "calculation": "percent"}, {"percent": Percent(10)}, [180, 900]),
        (
            {"kind": "surcharge", "calculation": "amount_per_document"},
            {"amount": Money(60, "EUR")},
            [210, 1050],
        ),
        ({"kind": "discount", "calculation": "amount_per_line"}, {"amount": Money(60, "EUR")}, [180, 900]),
        ({"kind": "discount", "calculation": "amount_per_unit"}, {"amount": Money(40, "EUR")}, [180, 900]),
        (
            {"kind": "discount", "calculation": "amount_per_unit"},
            {"amount": Money(80, "EUR"), "per_quantity": 2},
            [180, 900],
        ),
        (
            {"kind": "discount", "calculation": "percent"},
            {"percent": Percent(10), "upper_limit": 60},
            [190, 950],
        ),
        (
            {"kind": "discount", "calculation": "percent"},
            {"scale": Scale(tiers=[Tier(percent=Percent(0)), Tier(lower=3, percent=Percent(10))])},
            [180, 900],
        ),
        (
            # 2 x 2 kg and 3 kg; 40 off a unit from 7 kg on
            {"kind": "discount", "calculation": "percent"},
            {"scale": Scale(basis="weight", tiers=[Tier(amount_off=0), Tier(lower=7, amount_off=40)])},
            [180, 900],
        ),
        (
            {"kind": "discount", "calculation": "amount_per_document"},
            {"scale": Scale(tiers=[Tier(unit_amount=40)])},
            [180, 900],
        ),
        (
            {"kind": "surcharge", "calculation": "amount_per_document"},
            {"scale": Scale(tiers=[Tier(unit_amount=40)]), "upper_limit": 60},
            [210, 1050],
        ),
        (
            {"kind": "discount", "calculation": "percent"},
            {"percent": Percent(10), "min_quantity": 4},
            [200, 1000],
        ),
        ({"kind": "rebate", "calculation": "percent"}, {"percent": Percent(10)}, [200, 1000]),
    ],
)
def test_one_amount_on_the_document(
    type_: dict[str, Any], record: dict[str, Any], expected: list[int]
) -> None:
    lines = (Line("dock", 2), Line("laptop", 1))

    assert amounts(price(type_, record, *lines, step={"scope": "document"})) == expected


def test_a_share_of_an_amount_on_the_document_is_told() -> None:
    priced = price(
        {"kind": "discount", "calculation": "amount_per_document"},
        {"amount": Money("10.004", "EUR")},
        Line("dock", 1),
        Line("hub", 2),
        Line("hub", 2),
        step={"scope": "document"},
    )

    # 10.00 in thirds, exactly 3.33...: the first line takes the cent
    third = D(10) / D(3)
    assert [abs(line.waterfall[-1].raw_amount + third) < D("1e-20") for line in priced.lines] == [True] * 3
    step = priced.lines[0].waterfall[-1]
    assert step == told(
        Calculation.AMOUNT_PER_DOCUMENT,
        100,
        step.raw_amount,
        "96.66",
        kind=StepKind.HEADER,
        rounded="-3.34",
        value=-10,
    )
    (header,) = priced.header
    assert (header.step, header.rule, header.base) == ("s", "r", Money(300, "EUR"))
    assert (header.raw, header.rounded) == (Money("-10.004", "EUR"), Money(-10, "EUR"))
    assert [str(share) for share in header.shares] == ["-3.34 EUR", "-3.33 EUR", "-3.33 EUR"]


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        # 12 on 3 docks at 300 and 1 laptop at 1000; docks were cut by half before: 150
        (AllocationBase.QUANTITY, ["9", "3"]),  # 3 to 1
        (AllocationBase.WEIGHT, ["8", "4"]),  # 6 kg to 3 kg
        (AllocationBase.EQUAL, ["6", "6"]),
        (AllocationBase.LIST, ["2.77", "9.23"]),  # 300 to 1000: 2.769 and 9.231
        (
            AllocationBase.NET,
            ["1.57", "10.43"],
        ),  # 150 to 1000: 1.565 and 10.435; floors 1.56 and 10.43 leave a cent
        (AllocationBase.GROSS, ["1.57", "10.43"]),
    ],
)
def test_lines_share_by_the_base_of_the_policy(base: AllocationBase, expected: list[str]) -> None:
    half = Discounts(
        id="half", rules=(DiscountRule(id="h", percent=Percent(50), condition="line.product == 'dock'"),)
    )

    priced = price(
        {"kind": "surcharge", "calculation": "amount_per_document"},
        {"amount": Money(12, "EUR")},
        Line("dock", 3),
        Line("laptop", 1),
        step={"scope": "document", "allocation": AllocationPolicy(base=base)},
        before=(half,),
    )

    assert [share.amount for share in priced.header[0].shares] == [D(one) for one in expected]


def test_an_amount_together_that_cannot_be_reckoned_is_refused_on_each_line() -> None:
    scale = Scale(tiers=[Tier(lower=5, percent=Percent(10))])

    priced = price(
        {"kind": "discount", "calculation": "percent"},
        {"scale": scale},
        Line("dock", 2),
        Line("hub", 1),
        step={"scope": "document"},
    )

    aside = StoodAside(code=Aside.REFUSED, detail="no price for 3; wanted: from 5")
    assert [line.not_applied for line in priced.lines] == [
        (NotApplied(step="s", rule="r", why_not=aside),)
    ] * 2


def two(first: dict[str, Any], second: dict[str, Any], **more: Any) -> Both:
    """Records `a` and `b` of equal rank."""
    return pricer_of(
        [ConditionType(id="x", kind="discount", calculation=more.pop("calculation", "amount_per_line"))],
        [ConditionRecord(id="a", type="x", **first), ConditionRecord(id="b", type="x", **second)],
        PricingStep(id="s", type_id="x", **more),
    )


def test_records_of_equal_rank_are_no_conflict_when_they_come_to_the_same() -> None:
    one, other = {"amount": Money(5, "EUR")}, {"amount": Money(6, "EUR")}
    line = Line("dock", 1)

    same = two(one, one).price(asked(line))
    assert amounts(same) == [95]
    assert same.lines[0].waterfall[-1].record == "a"
    differ = two(one, other).price(asked(line, Line("hub", 0 + 1)))
    candidates = (
        Candidate(record="a", unit_price=Money(95, "EUR")),
        Candidate(record="b", unit_price=Money(94, "EUR")),
    )
    assert differ.unpriced[0] == PriceConflict(position=0, line=line, candidates=candidates)


def test_a_tied_record_that_cannot_be_reckoned_is_a_candidate_without_a_price() -> None:
    foreign = {"amount": Money(5, "GBP")}
    line = Line("dock", 2)

    found = two(foreign, {"amount": Money(6, "EUR")}).price(asked(line)).unpriced

    candidates = (
        Candidate(record="a", unit_price=None),
        Candidate(record="b", unit_price=Money(97, "EUR")),  # (200 - 6) / 2
    )
    assert found == (PriceConflict(position=0, line=line, candidates=candidates),)


def test_a_conflict_of_one_line_leaves_the_others_their_price() -> None:
    pricer = pricer_of(
        [ConditionType(id="x", kind="discount", calculation="amount_per_line")],
        [
            ConditionRecord(id="a", type="x", key={"line.product": "dock"}, amount=Money(5, "EUR")),
            ConditionRecord(id="b", type="x", key={"line.product": "dock"}, amount=Money(6, "EUR")),
            ConditionRecord(id="c", type="x", key={"line.product": "hub"}, amount=Money(1, "EUR")),
        ],
        PricingStep(id="s", type_id="x"),
    )

    priced = pricer.price(asked(Line("dock", 1), Line("hub", 1)))

    assert [one.position for one in priced.unpriced] == [0]
    assert amounts(priced) == [49]


def test_records_of_equal_rank_on_the_document() -> None:
    one, other = {"amount": Money(15, "EUR")}, {"amount": Money(30, "EUR")}
    foreign = {"amount": Money(15, "GBP")}
    lines = (Line("dock", 1), Line("hub", 1))
    document: dict[str, Any] = {"scope": "document", "calculation": "amount_per_document"}

    assert amounts(two(one, one, **document).price(asked(*lines))) == [90, 45]
    for pair in ((one, other), (one, foreign), (foreign, foreign)):
        priced = two(*pair, **document).price(asked(*lines))
        candidates = tuple(Candidate(record=name, unit_price=None) for name in ("a", "b"))
        assert priced.unpriced == tuple(
            PriceConflict(position=position, line=line, candidates=candidates)
            for position, line in enumerate(lines)
        )


def test_a_mandatory_amount_on_the_document_leaves_no_line_a_price() -> None:
    pricer = two(
        {"amount": Money(1, "EUR"), "min_quantity": 9},
        {"amount": Money(1, "EUR"), "min_quantity": 9},
        scope="document",
        mandatory=True,
    )

    assert pricer.price(asked(Line("dock", 1))).unpriced == (
        NoPrice(position=0, line=Line("dock", 1), at=NOW, currency="EUR"),
    )


def test_a_group_is_asked_for_what_its_lines_have_in_common() -> None:
    type_ = {"kind": "discount", "calculation": "percent"}
    lines = (
        Line("dock", 1, group="same", fields={"tag": "blue"}),
        Line("hub", 1, group="same", fields={"tag": "blue"}),
        Line("dock", 1, group="mixed", fields={"tag": "blue"}),
        Line("hub", 1, group="mixed", fields={"tag": "red"}),
        Line("hub", 1, fields={"tag": "blue"}),
    )

    priced = price(
        type_, {"percent": Percent(10), "key": {"line.tag": "blue"}}, *lines, step={"scope": "group"}
    )

    assert amounts(priced) == [90, 45, 100, 50, 50]


GROUP = ExclusionGroup(id="g", members=("x", "y"))


def excluding(
    *records: ConditionRecord,
    group: ExclusionGroup = GROUP,
    kind: str = "discount",
    after: Sequence[Step] = (),
) -> Both:
    types = [ConditionType(id=name, kind=kind, calculation="amount_per_line") for name in ("x", "y")]
    types.append(ConditionType(id="z", kind="discount", calculation="percent"))
    steps: list[Step] = [PricingStep(id="s", type_id="x"), PricingStep(id="t", type_id="y"), *after]
    return pricer_of(types, records, *steps, exclusion_groups=(group,))


def test_the_winner_of_a_group_is_told_like_any_other_step() -> None:
    pricer = excluding(
        ConditionRecord(id="a", type="x", amount=Money(5, "EUR"), key={"line.product": "dock"}),
        ConditionRecord(id="b", type="y", amount=Money(60, "EUR"), per_quantity=7, version=4),
    )

    dock, hub = pricer.price(asked(Line("dock", 2), Line("hub", 1))).lines

    assert dock.waterfall[1:] == (
        told(
            Calculation.AMOUNT_PER_LINE,
            200,
            -60,
            140,
            step="t",
            record="b",
            value=-60,
            quantity=2,
            detail="per 7",
            version=4,
        ),
    )
    aside = StoodAside(code=Aside.EXCLUDED, by="b", detail="g, -5 against -60")
    assert dock.not_applied == (NotApplied(step="s", rule="a", why_not=aside),)
    # where only one member found a record, there is nothing to decide
    assert [step.record for step in hub.waterfall] == ["hub", "b"]
    assert hub.net_amount == Money(0, "EUR")


def test_the_base_of_a_percentage_that_waited_is_told() -> None:
    pricer = pricer_of(
        [ConditionType(id="x", kind="discount", calculation="percent")],
        [ConditionRecord(id="a", type="x", percent=Percent(10))],
        PricingStep(id="cut", type_id="x"),
        PricingStep(id="s", type_id="x"),
        exclusion_groups=(ExclusionGroup(id="none", members=("x",), procedure="best_record_of_type"),),
    )

    line = pricer.price(asked(Line("dock", 1))).lines[0]

    assert line.waterfall[1:] == (
        told(Calculation.PERCENT, 100, -10, 90, step="cut", record="a", value=-10, quantity=1, version=1),
    )


def test_priority_and_combination_decide_where_the_group_asks_for_them() -> None:
    def records(**of_b: Any) -> tuple[ConditionRecord, ...]:
        return (
            ConditionRecord(
                id="a",
                type="x",
                amount=Money(5, "EUR"),
                priority=2,
                combinable=True,
                key={"line.product": "dock"},
            ),
            ConditionRecord(id="b", type="y", amount=Money(60, "EUR"), priority=1, **of_b),
        )

    top = ExclusionGroup(id="g", members=("x", "y"), procedure="highest_priority")
    both = ExclusionGroup(id="g", members=("x", "y"), procedure="combine_all_or_top")
    line = asked(Line("dock", 1))

    assert amounts(excluding(*records(), group=top).price(line)) == [95]
    assert amounts(excluding(*records(), group=both).price(line)) == [95]
    assert amounts(excluding(*records(combinable=True), group=both).price(line)) == [35]


def test_a_price_that_wins_a_group_is_what_percentages_are_taken_from() -> None:
    pricer = pricer_of(
        [
            ConditionType(id="x", kind="price", calculation="set_price"),
            ConditionType(id="y", kind="price", calculation="set_price"),
            ConditionType(id="z", kind="discount", calculation="percent"),
        ],
        [
            ConditionRecord(id="a", type="x", amount=Money(90, "EUR")),
            ConditionRecord(id="b", type="y", amount=Money(80, "EUR"), excludes=("off",)),
            ConditionRecord(id="z", type="z", percent=Percent(10)),
        ],
        PricingStep(id="s", type_id="x"),
        PricingStep(id="t", type_id="y"),
        PricingStep(id="off", type_id="z"),
        PricingStep(id="on", type_id="z"),
        exclusion_groups=(GROUP,),
    )

    line = pricer.price(asked(Line("dock", 1))).lines[0]

    assert line.net_amount == Money(72, "EUR")  # 80 less 10 % of 80
    assert [(step.step, step.base_amount) for step in line.waterfall[1:]] == [("t", D(100)), ("on", D(80))]
    assert line.list_amount == Money(100, "EUR")
    assert line.not_applied[-1] == NotApplied(
        step="off", rule="z", why_not=StoodAside(code=Aside.EXCLUDED, by="b")
    )


def test_discounts_that_a_price_switches_off_are_told_and_other_lines_keep_them() -> None:
    five = DiscountRule(id="five", percent=Percent(5))
    four = DiscountRule(id="four", percent=Percent(4))

    pricer = pricer_of(
        [ConditionType(id="x", kind="price", calculation="set_price")],
        [
            ConditionRecord(
                id="r", type="x", key={"line.product": "dock"}, amount=Money(80, "EUR"), excludes=("d",)
            )
        ],
        PricingStep(id="s", type_id="x"),
        Discounts(id="d", rules=(five, four)),
    )

    dock, hub = pricer.price(asked(Line("dock", 1), Line("hub", 1))).lines

    aside = StoodAside(code=Aside.EXCLUDED, by="r")
    assert dock.net_amount == Money(80, "EUR")
    assert dock.not_applied == tuple(
        NotApplied(step="d", rule=name, why_not=aside) for name in ("five", "four")
    )
    assert hub.net_amount == Money("45.60", "EUR")  # 50 x 0.95 x 0.96


def test_why_not_knows_what_a_record_lost_by_whom_it_ties_with_and_what_switched_its_step_off() -> None:
    types = [
        ConditionType(id="x", kind="discount", calculation="amount_per_line"),
        ConditionType(id="y", kind="price", calculation="set_price"),
    ]
    records = [
        ConditionRecord(id="deep", type="x", amount=Money(5, "EUR"), min_quantity=2),
        ConditionRecord(id="flat", type="x", amount=Money(1, "EUR")),
        ConditionRecord(id="even", type="x", amount=Money(2, "EUR"), min_quantity=2),
        ConditionRecord(id="twelve", type="x", amount=Money(2, "EUR"), uom="dozen"),
        ConditionRecord(
            id="own", type="y", amount=Money(9, "EUR"), key={"line.product": "hub"}, excludes=("s",)
        ),
    ]
    pricer = pricer_of(
        types,
        records,
        PricingStep(id="own", type_id="y"),
        PricingStep(id="s", type_id="x", requirement="line.quantity >= 2"),
    )

    assert pricer.pricer.why_not(asked(Line("dock", 2)), "deep") == StoodAside(
        code=Aside.REFUSED, by="even", detail="of equal rank with even"
    )
    assert pricer.pricer.why_not(asked(Line("dock", 2)), "flat") == StoodAside(
        code=Aside.PASSED_OVER, by="deep", detail="break"
    )
    assert str(pricer.pricer.why_not(asked(Line("dock", 1)), "flat")) == "line.quantity >= 2: found 1"
    assert (
        str(pricer.pricer.why_not(asked(Line("dock", 2)), "twelve")) == "line.uom == 'dozen': found 'piece'"
    )
    assert pricer.pricer.why_not(asked(Line("dock", 2), Line("hub", 2)), "flat", position=1) == StoodAside(
        code=Aside.EXCLUDED, by="own"
    )


def test_the_total_of_lines_in_conflict_is_not_measured() -> None:
    found = two({"amount": Money(5, "EUR")}, {"amount": Money(6, "EUR")}).price(asked(Line("dock", 1)))

    assert found.total_measured == Measured(None, flag="conflict", n=0, coverage=D(0))
