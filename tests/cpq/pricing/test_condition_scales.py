"""Scales of condition records: on which basis and over what they count."""

from __future__ import annotations

import pytest

from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import (
    ConditionRecord,
    ConditionType,
    Line,
    PricingStep,
)
from salesmgmt.cpq.pricing.scales.scale import Scale
from salesmgmt.cpq.pricing.scales.tier import Tier
from tests.cpq.pricing.a_condition import (
    RATES,
    asked,
    price,
    pricer_of,
    two,
)
from tests.cpq.pricing.a_step import amounts


@pytest.mark.parametrize(
    ("basis", "expected"),
    [
        # from 10 on 20 % less; 3 docks weigh 6 kg, take 15 l, cost 300 and have a length of 12; hubs have none of it
        ("quantity", [300, 480]),
        ("weight", [300, 600]),
        ("volume", [240, 600]),
        ("value", [240, 480]),
        ("attribute", [240, 600]),
    ],
)
def test_a_scale_looks_at_its_basis(basis: str, expected: list[int]) -> None:
    attribute = "line.length" if basis == "attribute" else ""
    tiers = [Tier(upper=10, percent=Percent(0)), Tier(percent=Percent(20))]
    scale = Scale(basis=basis, attribute=attribute, tiers=tiers)
    type_ = {"kind": "discount", "calculation": "percent"}

    priced = price(type_, {"scale": scale}, Line("dock", 3, fields={"length": 12}), Line("hub", 12))

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

    # what the first line came to by then decides nothing for the second
    assert amounts(pricer.price(asked(Line("laptop", 1), Line("dock", 3)))) == [500, 270]
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


def test_a_foreign_scale_by_value_counts_in_its_own_currency() -> None:
    # 5 USD are 4 EUR off a unit from 400 USD on, which are 320 EUR
    tiers = [Tier(unit_amount=0), Tier(lower=400, unit_amount=5)]
    line = Scale(currency="USD", basis="value", tiers=tiers)
    document = Scale(currency="USD", basis="value", aggregate_over="document", tiers=tiers)
    type_ = {"kind": "discount", "calculation": "amount_per_unit"}

    assert amounts(price(type_, {"scale": line}, Line("dock", 3), Line("dock", 4), rates=RATES)) == [300, 384]
    assert amounts(price(type_, {"scale": document}, Line("dock", 3), Line("hub", 1), rates=RATES)) == [
        288,
        46,
    ]


def test_ties_of_scales_that_count_the_document_are_settled_by_what_is_reached() -> None:
    tiers = [Tier(unit_amount=1), Tier(lower=5, unit_amount=2)]
    counted = {"scale": Scale(aggregate_over="document", tiers=tiers)}
    flat = {"scale": Scale(tiers=[Tier(unit_amount=2)])}

    pricer = two(counted, flat, calculation="amount_per_unit")

    assert amounts(pricer.price(asked(Line("dock", 3), Line("hub", 2)))) == [294, 96]
    assert len(pricer.price(asked(Line("dock", 3))).unpriced) == 1


@pytest.mark.parametrize("over", ["product_family", "group"])
def test_what_has_no_family_or_group_is_counted_by_itself(over: str) -> None:
    # 4 + 6 of a family and a group; 6 + 6 of none
    scale = Scale(aggregate_over=over, tiers=[Tier(upper=10, percent=Percent(0)), Tier(percent=Percent(10))])
    lines = (Line("dock", 4, group="g"), Line("hub", 6, group="g"), Line("laptop", 6), Line("lamp", 6))

    priced = price({"kind": "discount", "calculation": "percent"}, {"scale": scale}, *lines)

    assert amounts(priced) == [360, 270, 6000, 180]
