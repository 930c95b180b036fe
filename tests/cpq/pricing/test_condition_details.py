"""Condition types at their edges: what is missing, foreign, shared or charged once, beside the arithmetic by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import attrs
import pytest

from salesmgmt.core.exchange import ExchangeRate, ExchangeRates
from salesmgmt.core.formula import WhyNot
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import (
    Access,
    Aside,
    Calculation,
    ConditionRecord,
    ConditionType,
    Line,
    ListPrice,
    NotApplied,
    PricingModel,
    PricingProcedure,
    PricingStep,
    QuantityTiers,
    ScaleType,
    StoodAside,
    TierRecord,
)
from salesmgmt.cpq.pricing.scales.scale import Scale
from salesmgmt.cpq.pricing.scales.tier import Tier
from salesmgmt.cpq.pricing.selection.order import SelectionOrder, Ties
from tests.cpq.pricing.a_condition import (
    CATALOGUE,
    CENTS,
    FIRST,
    PRICE,
    PRICES,
    RATES,
    D,
    asked,
    price,
    pricer_of,
    told,
)
from tests.cpq.pricing.a_step import Both, amounts

PERCENT_OFF: dict[str, Any] = {"kind": "discount", "calculation": "percent"}
SURCHARGE: dict[str, Any] = {"kind": "surcharge", "calculation": "amount_per_line"}
PER_UNIT: dict[str, Any] = {"kind": "surcharge", "calculation": "amount_per_unit"}


def refused(detail: str) -> NotApplied:
    return NotApplied(step="s", rule="r", why_not=StoodAside(code=Aside.REFUSED, detail=detail))


def test_a_percentage_that_makes_a_price_needs_one_to_be_taken_of() -> None:
    share = ConditionType(id="x", kind="price", calculation="percent")
    steps = (
        ListPrice(id="list", required=False),
        PricingStep(id="s", type_id="x"),
        PricingStep(id="price", type_id="price"),
        CENTS,
    )
    model = PricingModel(
        procedure=PricingProcedure(id="own", condition_types=(share, PRICE), steps=steps),
        conditions=(*PRICES, ConditionRecord(id="r", type="x", percent=Percent(10))),
        catalogue=CATALOGUE,
    )

    line = Both(model).price(asked(Line("dock", 3))).lines[0]

    assert line.net_amount == Money(300, "EUR")
    assert line.not_applied == (refused("there is no price to take a percentage of"),)


def test_a_formula_without_a_result_is_refused_with_the_reason() -> None:
    type_ = {"kind": "surcharge", "calculation": "formula", "formula": "line.length * 2 EUR"}

    long, unknown = price(type_, {}, Line("dock", 3, fields={"length": D(9)}), Line("dock", 3)).lines

    assert (long.net_amount, long.not_applied) == (Money(318, "EUR"), ())
    assert (unknown.net_amount, unknown.not_applied) == (
        Money(300, "EUR"),
        (refused("the formula has no result"),),
    )


def test_a_percentage_and_what_is_charged_once_come_off_together() -> None:
    scale = Scale(tiers=[Tier(percent=Percent(10), flat_amount=5)])

    line = price(PERCENT_OFF, {"scale": scale}, Line("dock", 3)).lines[0]

    # 3 x 90 and 5 once are 275, where 300 were
    assert line.waterfall[1:] == (told(Calculation.PERCENT, 300, -25, 275, quantity=3, detail="by scale"),)


def test_units_between_the_tiers_of_graduated_percentages_stay_as_they_are() -> None:
    tiers = [Tier(upper=2, percent=Percent(10)), Tier(lower=4, percent=Percent(20))]
    scale = Scale(scale_type=ScaleType.GRADUATED, uncovered="list_price", tiers=tiers)

    line = price(PERCENT_OFF, {"scale": scale}, Line("dock", 6)).lines[0]

    # 2 at 10 %, 2 at none, 2 at 20 %: on average 10 % of 600
    assert line.waterfall[1:] == (told(Calculation.PERCENT, 600, -60, 540, value=-10, quantity=6),)


@pytest.mark.parametrize("kind", ["discount", "surcharge"])
def test_the_percentage_of_a_tier_is_told_with_the_sign_of_its_class(kind: str) -> None:
    scale = Scale(tiers=[Tier(percent=Percent(5)), Tier(lower=10, percent=Percent(8))])
    sign = -1 if kind == "discount" else 1

    few = price({**PERCENT_OFF, "kind": kind}, {"scale": scale}, Line("dock", 9)).lines[0]
    many = price({**PERCENT_OFF, "kind": kind}, {"scale": scale}, Line("dock", 10)).lines[0]

    # 5 % of 900 are 45, 8 % of 1000 are 80
    assert few.waterfall[1:] == (
        told(Calculation.PERCENT, 900, 45 * sign, 900 + 45 * sign, value=5 * sign, quantity=9),
    )
    assert many.waterfall[1:] == (
        told(Calculation.PERCENT, 1000, 80 * sign, 1000 + 80 * sign, value=8 * sign, quantity=10),
    )


def test_a_price_by_scale_may_count_other_lines() -> None:
    type_ = {"kind": "price", "calculation": "set_price"}
    tiers = [Tier(unit_amount=90), Tier(lower=10, unit_amount=80)]
    scale = Scale(aggregate_over="document", tiers=tiers)

    assert amounts(price(type_, {"scale": scale}, Line("dock", 6), Line("hub", 3))) == [540, 270]
    assert amounts(price(type_, {"scale": scale}, Line("dock", 6), Line("hub", 4))) == [480, 320]


def test_a_foreign_amount_of_a_unit_is_changed_only_when_it_is_that_of_the_line() -> None:
    # a euro is 3 dollars: a dollar has endless decimals in euros, 3 dollars have none
    rates = ExchangeRates([ExchangeRate("EUR", "USD", 3, date(2026, 3, 1))])
    record = {"amount": Money(1, "USD")}

    line = price(PER_UNIT, record, Line("dock", 3), rates=rates).lines[0]
    assert line.waterfall[1].raw_amount == 1
    assert line.net_amount == Money(301, "EUR")

    dozen = price(PER_UNIT, {**record, "per_quantity": 4}, Line("dock", 12), rates=rates).lines[0]
    assert dozen.waterfall[1].raw_amount == 1  # 12 quarters of a dollar are 3 dollars


def test_a_foreign_amount_changes_at_the_rate_of_the_day() -> None:
    line = price(PER_UNIT, {"amount": Money(10, "USD")}, Line("dock", 3), rates=RATES).lines[0]

    assert line.waterfall[1:] == (
        told(Calculation.AMOUNT_PER_UNIT, 300, 24, 324, value=8, quantity=3),  # 30 dollars at 0.8
    )


def test_a_price_for_several_units_or_for_one_of_its_own_is_divided_for_what_comes_after() -> None:
    # 12 are three times 4 for 30, and a dozen for 90; 10 % of that is 9
    tier = TierRecord(id="t", product="dock", lower=1, percent=Percent(10))
    type_: dict[str, Any] = {"kind": "price", "calculation": "set_price"}
    cases: list[tuple[dict[str, Any], Line]] = [
        ({"amount": Money(30, "EUR"), "per_quantity": 4}, Line("dock", 12)),
        ({"amount": Money(90, "EUR"), "uom": "dozen"}, Line("dock", 1, uom="dozen")),
    ]
    for record, line in cases:
        pricer = pricer_of(
            [ConditionType(id="x", **type_)],
            [ConditionRecord(id="r", type="x", **record)],
            PricingStep(id="s", type_id="x"),
            QuantityTiers(id="t"),
            tiers=[tier],
        )
        waterfall = pricer.price(asked(line)).lines[0].waterfall
        assert [step.running_amount for step in waterfall] == [1200, 90, 81]


def test_accesses_order_and_zone_of_a_type_decide_what_its_step_finds() -> None:
    records: list[dict[str, Any]] = [
        {"id": "b", "key": {"line.family": "ports"}, "amount": Money(2, "EUR")},
        {"id": "a", "key": {"line.product": "dock"}, "amount": Money(1, "EUR")},
        {"id": "c", "key": {"line.family": "ports"}, "amount": Money(4, "EUR")},
    ]

    def found(type_: dict[str, Any], only: slice = slice(None)) -> str:
        pricer = pricer_of(
            [ConditionType(id="x", **SURCHARGE, **type_)],
            [ConditionRecord(type="x", **record) for record in records[only]],
            PricingStep(id="s", type_id="x"),
        )
        return pricer.price(asked(Line("dock", 1))).lines[0].waterfall[1].record

    family_first = (Access(fields=("line.family",)), Access(fields=("line.product",)))
    assert found({}, slice(2)) == "a"
    assert found({"accesses": family_first}, slice(2)) == "b"
    assert found({"accesses": family_first, "order": SelectionOrder(ties=Ties.BY_ID)}) == "b"


@pytest.mark.parametrize(("zone", "total"), [("UTC", 300), ("Pacific/Auckland", 307)])
def test_days_of_a_record_begin_in_the_zone_of_the_procedure(zone: str, total: int) -> None:
    # 12:00 UTC of the 2nd is already the 3rd in Auckland
    type_ = ConditionType(id="x", **SURCHARGE)
    record = ConditionRecord(id="r", type="x", amount=Money(7, "EUR"), valid_from=date(2026, 3, 3))
    model = PricingModel(
        procedure=PricingProcedure(
            id="own",
            condition_types=(PRICE, type_),
            steps=(FIRST, PricingStep(id="s", type_id="x"), CENTS),
            time_zone=zone,
        ),
        conditions=(*PRICES, record),
        catalogue=CATALOGUE,
    )
    request = asked(Line("dock", 3))

    assert Both(model).price(attrs.evolve(request, at=request.at.replace(hour=12))).total == Money(
        total, "EUR"
    )


def test_a_requirement_that_does_not_hold_is_told_with_step_and_type() -> None:
    line = price(
        SURCHARGE, {"amount": Money(7, "EUR")}, Line("dock", 3), step={"requirement": "line.quantity > 3"}
    ).lines[0]

    (skipped,) = line.not_applied
    assert (skipped.step, skipped.rule) == ("s", "x")
    assert isinstance(skipped.why_not, WhyNot)
    assert str(skipped.why_not) == "line.quantity > 3: found 3"


def test_the_condition_of_a_record_sees_the_amount_that_the_line_has_reached() -> None:
    record = {"amount": Money(7, "EUR"), "condition": "line.amount >= 300 EUR"}

    assert amounts(price(SURCHARGE, record, Line("dock", 3), Line("hub", 5))) == [307, 250]
