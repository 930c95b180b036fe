"""Amounts on a document or a group of lines: what they come to and how lines share them."""

from __future__ import annotations

from typing import Any

import pytest

from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import (
    Aside,
    Calculation,
    Candidate,
    ConditionRecord,
    ConditionType,
    DiscountRule,
    Discounts,
    Line,
    NoPrice,
    NotApplied,
    PriceConflict,
    Priced,
    PricingStep,
    StepKind,
    StoodAside,
)
from salesmgmt.cpq.pricing.scales.scale import Scale
from salesmgmt.cpq.pricing.scales.tier import Tier
from salesmgmt.cpq.pricing.sharing.distribution import AllocationBase, AllocationPolicy
from tests.cpq.pricing.a_condition import (
    NOW,
    RATES,
    D,
    asked,
    price,
    pricer_of,
    told,
    two,
)
from tests.cpq.pricing.a_step import amounts


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


@pytest.mark.parametrize(
    ("calculation", "fields"),
    [
        (
            "amount_per_document",
            {"basis": "value", "tiers": [Tier(unit_amount=0), Tier(lower=400, unit_amount=5)]},
        ),
        ("percent", {"tiers": [Tier(amount_off=5)]}),
    ],
)
def test_a_foreign_scale_on_the_document(calculation: str, fields: dict[str, Any]) -> None:
    type_ = {"kind": "discount", "calculation": calculation}

    def ask(currency: str) -> Priced:
        scale = Scale(currency=currency, **fields)
        lines = (Line("dock", 3), Line("hub", 1))
        return price(type_, {"scale": scale}, *lines, step={"scope": "document"}, rates=RATES)

    # 4 units at 5 USD are 16 EUR, shared by 300 to 50: 13.714 and 2.286
    assert amounts(ask("USD")) == [D("286.29"), D("47.71")]
    assert amounts(ask("GBP")) == [300, 50]


def test_a_line_that_loses_its_price_later_takes_no_share_any_more() -> None:
    pricer = pricer_of(
        [
            ConditionType(id="x", kind="discount", calculation="amount_per_document"),
            ConditionType(id="y", kind="discount", calculation="amount_per_line"),
        ],
        [
            ConditionRecord(id="r", type="x", amount=Money(15, "EUR")),
            ConditionRecord(id="m", type="y", amount=Money(1, "EUR"), key={"line.product": "dock"}),
        ],
        PricingStep(id="s", type_id="x", scope="document"),
        PricingStep(id="t", type_id="y", mandatory=True),
    )

    priced = pricer.price(asked(Line("hub", 1), Line("dock", 1)))

    # 5 of the hub and 10 of the dock
    assert [one.position for one in priced.unpriced] == [0]
    assert amounts(priced) == [89]
    (header,) = priced.header
    assert (header.step, header.rule, header.base) == ("s", "r", Money(150, "EUR"))
    assert (header.raw, header.rounded) == (Money(-15, "EUR"), Money(-10, "EUR"))
    assert header.shares == (Money(-10, "EUR"),)
