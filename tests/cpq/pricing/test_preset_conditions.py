"""What presets with conditions make of documents, through `Pricer.price`.

Expected values are those of the documentation and tests of each system (the comment names the acceptance case, or the
page), or are reckoned by hand from the documented rule; the arithmetic stands beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import attrs
import pytest

from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import (
    ConditionRecord,
    FreeUnitsRule,
    Line,
    ManualPrice,
    NoPrice,
)
from salesmgmt.cpq.pricing.presets import preset
from salesmgmt.cpq.pricing.scales.tier import Tier
from salesmgmt.cpq.pricing.terms.percent_of_total import PercentOfTotal
from tests.cpq.pricing.a_preset import amounts, listed, pr00, price, record, usd


def test_sap_each_condition_is_rounded_by_itself() -> None:
    # sap-034: 9 % of 406.50 are 36.585, rounded to 36.59; rounding what is left would give 369.92.
    priced = price(
        "sap",
        [Line("m", 3)],
        conditions=[pr00("m", "135.50"), record("K004", key={"line.product": "m"}, percent=Percent(9))],
    )

    assert priced.lines[0].subtotals["gross"] == usd("406.50")
    assert priced.total == usd("369.91")


def test_sap_percentages_from_gross_add_and_from_net_compound() -> None:
    # 1000 - 100 - 200 = 700; then 10 % of 700.
    conditions = [
        pr00("m", "1000.00"),
        record("K007", key={"customer.id": "acme"}, percent=Percent(10)),
        record("K004", key={"line.product": "m"}, percent=Percent(20)),
    ]
    who = {"customer": {"id": "acme"}}

    assert price("sap", [Line("m", 1)], who, conditions=conditions).total == usd(700)
    conditions.append(record("RA00", percent=Percent(10)))
    assert price("sap", [Line("m", 1)], who, conditions=conditions).total == usd(630)


def test_sap_the_best_of_an_exclusion_group_stays() -> None:
    # sap-018: 40 against 45 off 1000.
    sap = preset("sap")
    group = sap.exclusion.exclusion_group(id="one discount", members=("K004", "K005"))

    priced = price(
        "sap",
        [Line("m", 1)],
        {"customer": {"id": "acme"}},
        procedure=sap.procedure_with(exclusion_groups=[group]),
        conditions=[
            pr00("m", "1000.00"),
            record("K004", id="K004-1", key={"line.product": "m"}, percent=Percent(4)),
            record("K005", id="K005-1", key={"customer.id": "acme", "line.product": "m"}, percent=Percent("4.5")),
        ],
    )  # fmt: skip

    assert priced.total == usd(955)
    assert "put out by K005-1" in str(priced.lines[0].why_not("K004-1"))


@pytest.mark.parametrize(("type_", "expected"), [("RB00", "30.00"), ("HB00", "210.00")])
def test_sap_an_amount_of_the_header_is_copied_or_shared(type_: str, expected: str) -> None:
    # sap-029, -030: 90 on three items of 100 takes 270 in all, or 90.
    priced = price("sap", [Line("m", 1)] * 3, conditions=[pr00("m", "100.00"), record(type_, amount=usd(90))])

    assert priced.total == usd(expected)


@pytest.mark.parametrize(("type_", "expected"), [("RA01", ["3.34", "3.34"]), ("HA00", ["3.34", "3.35"])])
def test_sap_a_group_condition_is_rounded_in_all_and_an_item_condition_by_itself(
    type_: str, expected: list[str]
) -> None:
    # sap-031, -033: 20 % of 4.18 twice is 0.84 each, 1.68; of the group 1.67, as 0.84 and 0.83.
    priced = price(
        "sap", [Line("m", 1)] * 2, conditions=[pr00("m", "4.18"), record(type_, percent=Percent(20))]
    )

    assert amounts(priced) == expected


@pytest.mark.parametrize(
    ("quantity", "expected"), [(10, "110.00"), (49, "686.00"), (50, "750.00"), (9, "90.00")]
)
def test_sap_from_scales_hold_from_their_quantity_on(quantity: int, expected: str) -> None:
    # sap-002, -005, -006.
    tiers = [
        Tier(lower=lower, unit_amount=rate)
        for lower, rate in ((1, 10), (10, 11), (20, 12), (40, 14), (50, 15))
    ]
    scale = preset("sap").scales.scale(tiers=tiers)

    priced = price(
        "sap", [Line("m", quantity)], conditions=[record("PR00", key={"line.product": "m"}, scale=scale)]
    )

    assert priced.total == usd(expected)


@pytest.mark.parametrize(("customer", "expected"), [("general", "29700.00"), ("special", "20000.00")])
def test_sap_a_special_price_switches_a_discount_off(customer: str, expected: str) -> None:
    # As sap-027: 200 of 150 less 1 %, and 200 of 100 less nothing.
    priced = price(
        "sap",
        [Line("m", 200)],
        {"customer": {"id": customer}},
        conditions=[
            pr00("m", "150.00"),
            pr00("m", "100.00", more_key={"customer.id": "special"}, excludes=("K004",)),
            record("K004", key={"line.product": "m"}, percent=Percent(1)),
        ],
    )

    assert priced.total == usd(expected)


@pytest.mark.parametrize(
    ("calculation", "charged"), [("pro_rata", 102), ("unit_reference", 103), ("whole_units", 128)]
)
def test_sap_free_units_of_the_order_are_not_charged_and_not_discounted(
    calculation: str, charged: int
) -> None:
    # sap-035 and those after it: 128 ordered, 1 of 5 free; what is charged costs 10, less 10 % of that.
    sap = preset("sap")
    goods = sap.free_goods.free_goods(
        minimum_quantity=100, per_quantity=5, free_quantity=1, mode="inclusive", calculation=calculation
    )
    procedure = sap.procedure_with(
        rules={"free goods": [FreeUnitsRule(id="1 of 5", product="m", goods=goods)]}
    )

    priced = price(
        "sap",
        [Line("m", 128)],
        procedure=procedure,
        conditions=[pr00("m", "10.00"), record("K004", key={"line.product": "m"}, percent=Percent(10))],
    )

    assert priced.total == usd(9 * charged)


def test_sap_a_line_without_a_price_has_none_rather_than_zero() -> None:
    priced = price("sap", [Line("n", 1)], conditions=[pr00("m", "10.00")])

    assert isinstance(priced.unpriced[0], NoPrice)


DISCOUNTS = [
    record("volume", percent=Percent(10)),
    record("additional", percent=Percent(10)),
    record("partner", percent=Percent(20)),
    record("distributor", percent=Percent(30)),
]


def waterfall(order: Sequence[str] | None = None, lines: Sequence[Line] = (Line("p", 10),)) -> dict[str, str]:
    """Ten at 10000 with all discounts, the steps named in `order` in this order."""
    salesforce = preset("salesforce")
    steps = list(salesforce.procedure.steps)
    if order is not None:
        places = sorted(place for place, step in enumerate(steps) if step.id in order)
        by_id = {step.id: step for step in steps}
        for place, name in zip(places, order, strict=True):
            steps[place] = by_id[name]
    procedure = attrs.evolve(salesforce.procedure, steps=tuple(steps))
    priced = price(
        "salesforce", lines, prices=listed(p="10000.00"), conditions=DISCOUNTS, procedure=procedure
    )
    return {name: f"{one.amount:.2f}" for name, one in priced.lines[0].subtotals.items()}


def test_salesforce_named_prices_in_their_order() -> None:
    # Salesforce Help 000380701: list, regular, customer, partner, net; each takes off what is left.
    found = waterfall()

    assert {name: found[name] for name in ("list", "regular", "customer", "partner", "net")} == {
        "list": "100000.00",
        "regular": "90000.00",
        "customer": "81000.00",
        "partner": "64800.00",
        "net": "45360.00",
    }


def test_salesforce_the_additional_discount_last_is_a_step_that_was_moved() -> None:
    # sfcpq-017.
    found = waterfall(["partner discount", "distributor discount", "additional discount"])

    assert {name: found[name] for name in ("regular", "partner", "net", "customer")} == {
        "regular": "90000.00",
        "partner": "72000.00",
        "net": "50400.00",
        "customer": "45360.00",
    }


def test_salesforce_what_a_user_enters_comes_before_the_partner() -> None:
    # 100000 - 10 % = 90000, less 9000 by hand and 10 % is 72900, less 20 % is 58320, less 30 % is 40824.
    by_hand = ManualPrice(amount_off=usd(9000), reason="competitor", by="rep")

    assert waterfall(lines=[Line("p", 10, manual=by_hand)])["net"] == "40824.00"


def schedule(scale_type: str, **fields: Any) -> ConditionRecord:
    tiers = [
        Tier(lower=1, upper=11, percent=Percent(0)),
        Tier(lower=11, upper=21, percent=Percent(5)),
        Tier(lower=21, upper=31, percent=Percent(10)),
        Tier(lower=31, percent=Percent(15)),
    ]
    return record(
        "volume", scale=preset("salesforce").scales.scale(tiers=tiers, scale_type=scale_type, **fields)
    )


@pytest.mark.parametrize(
    ("scale_type", "quantity", "expected"),
    [("graduated", 11, "1095.00"), ("all_units", 11, "1045.00"), ("all_units", 10, "1000.00"), ("all_units", 31, "2635.00")],
)  # fmt: skip
def test_salesforce_schedules_by_slab_or_by_range(scale_type: str, quantity: int, expected: str) -> None:
    # sfcpq-001: ten units at 100 and one at 95; by range all eleven at 95. 31 x 85 = 2635.
    priced = price(
        "salesforce", [Line("p", quantity)], prices=listed(p="100.00"), conditions=[schedule(scale_type)]
    )

    assert priced.total == usd(expected)


def test_salesforce_units_of_a_slab_are_numbered_from_one() -> None:
    # sfcpq-004: 9 x 9 + 10 x 8 + 11 x 7 = 238.
    tiers = [
        Tier(lower=1, upper=10, percent=Percent(10)),
        Tier(lower=10, upper=20, percent=Percent(20)),
        Tier(lower=20, percent=Percent(30)),
    ]
    scale = preset("salesforce").scales.scale(tiers=tiers, scale_type="graduated")

    priced = price(
        "salesforce", [Line("p", 30)], prices=listed(p="10.00"), conditions=[record("volume", scale=scale)]
    )

    assert priced.total == usd(238)


@pytest.mark.parametrize(("quantity", "expected"), [(10, "1.00"), (11, "3.00")])
def test_salesforce_a_block_is_one_price_for_the_line(quantity: int, expected: str) -> None:
    # sfcpq-009, -010.
    tiers = [Tier(lower=1, upper=11, flat_amount=1), Tier(lower=11, upper=51, flat_amount=3)]
    scale = preset("salesforce").scales.scale(tiers=tiers, scale_type="block")

    priced = price(
        "salesforce", [Line("p", quantity)], conditions=[record("block", key={"line.product": "p"}, scale=scale)]
    )  # fmt: skip

    assert priced.total == usd(expected)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        # sfcpq-023: 24 months of a price for 12.
        (date(2026, 1, 1), date(2027, 12, 31), "60.00"),
        # 12.1 months are rounded to 13 (precision "Month"): 30 x 13 / 12.
        (date(2017, 1, 1), date(2018, 1, 10), "32.50"),
    ],
)
def test_salesforce_terms_count_started_months(start: date, end: date, expected: str) -> None:
    priced = price("salesforce", [Line("p", 1, starts=start, ends=end)], prices=listed(p="30.00"))

    assert priced.total == usd(expected)


def test_salesforce_percent_of_total() -> None:
    # sfcpq-022: 10 % of 1000, for six of twelve months.
    salesforce = preset("salesforce")
    rule = PercentOfTotal(product="care", percent=Percent(10), proration=salesforce.proration)

    priced = price(
        "salesforce",
        [Line("p", 1), Line("care", 1, starts=date(2026, 1, 1), ends=date(2026, 6, 30))],
        prices=listed(p="1000.00"),
        procedure=salesforce.procedure_with(rules={"percent of total": [rule]}),
    )

    assert amounts(priced) == ["1000.00", "50.00"]


def test_salesforce_a_contracted_price_takes_the_place_of_the_list_price() -> None:
    conditions = [
        record("special", key={"customer.id": "acme", "line.product": "p"}, amount=usd(80)),
        record("additional", percent=Percent(10)),
    ]

    for customer, net in (("acme", "72.00"), ("other", "90.00")):
        who = {"customer": {"id": customer}}
        found = price("salesforce", [Line("p", 1)], who, prices=listed(p="100.00"), conditions=conditions)
        assert found.total == usd(net)


def test_salesforce_a_term_alone_makes_no_price() -> None:
    unknown = Line("unknown", 1, starts=date(2026, 1, 1), ends=date(2026, 12, 31))

    priced = price("salesforce", [unknown], prices=listed(p="30.00"))

    assert isinstance(priced.unpriced[0], NoPrice)
