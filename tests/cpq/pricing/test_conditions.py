"""Own condition types; expected amounts are reckoned by hand, the arithmetic stands beside them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest

from salesmgmt.core.entity import ProductId
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.exchange import ExchangeRate, ExchangeRates
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import (
    Access,
    Aside,
    ConditionRecord,
    ConditionType,
    ExclusionGroup,
    Line,
    NoPrice,
    PriceConflict,
    Priced,
    PricingModel,
    PricingProcedure,
    PricingRequest,
    PricingStep,
    RoundLines,
    StoodAside,
    Subtotal,
    UnknownRule,
)
from salesmgmt.cpq.pricing.procedure import Step
from salesmgmt.cpq.pricing.scales.scale import Scale
from salesmgmt.cpq.pricing.scales.tier import Tier
from salesmgmt.cpq.products import Catalogue, Product

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
CATALOGUE = Catalogue(
    [
        Product(id=ProductId("dock"), family="accessories", cost=Money("60", "EUR")),
        Product(id=ProductId("laptop"), family="laptops"),
        Product(id=ProductId("care")),
    ]
)
PRICE = ConditionType(
    id="price",
    kind="price",
    calculation="set_price",
    accesses=(Access(fields=("customer.id", "line.product")), Access(fields=("line.product",))),
)
PRICES = (
    ConditionRecord(id="dock", type="price", key={"line.product": "dock"}, amount=Money(100, "EUR")),
    ConditionRecord(id="laptop", type="price", key={"line.product": "laptop"}, amount=Money(1000, "EUR")),
)
FIRST = PricingStep(id="price", type_id="price", mandatory=True)
LAST = RoundLines(id="cents")


def price(
    lines: Sequence[Line],
    *,
    types: Sequence[ConditionType] = (),
    records: Sequence[ConditionRecord] = (),
    steps: Sequence[Step] = (),
    passed_over: bool = False,
    request: dict[str, Any] | None = None,
    **more: Any,
) -> Priced:
    groups = more.pop("exclusion_groups", ())
    model = PricingModel(
        procedure=PricingProcedure(
            id="own",
            condition_types=(PRICE, *types),
            exclusion_groups=groups,
            steps=(FIRST, *steps, LAST),
            facts={"order.region": "text"},
        ),
        conditions=(*PRICES, *records),
        catalogue=CATALOGUE,
        **more,
    )
    asked = {"at": NOW, "currency": "EUR", "lines": lines, **(request or {})}
    return model.compile().price(PricingRequest(**asked), passed_over=passed_over)


def record(id_: str, type_: str, **more: Any) -> ConditionRecord:
    return ConditionRecord(id=id_, type=type_, **more)


def test_a_price_is_found_by_the_most_specific_access() -> None:
    special = record(
        "acme", "price", key={"customer.id": "acme", "line.product": "dock"}, amount=Money(90, "EUR")
    )

    priced = price(
        [Line("dock", 3)], records=[special], request={"customer": {"id": "acme"}}, passed_over=True
    )

    assert priced.total == Money(270, "EUR")
    assert [step.record for step in priced.lines[0].waterfall] == ["acme"]


def test_what_a_winner_was_preferred_to_is_told() -> None:
    deep = record("deep", "price", key={"line.product": "dock"}, amount=Money(80, "EUR"), min_quantity=10)

    priced = price([Line("dock", 10)], records=[deep], passed_over=True)

    assert priced.total == Money(800, "EUR")
    assert priced.lines[0].why_not("dock") == StoodAside(code=Aside.PASSED_OVER, by="deep", detail="break")


def test_a_line_without_a_mandatory_condition_has_no_price() -> None:
    priced = price([Line("lamp", 1), Line("dock", 1)])

    assert isinstance(priced.unpriced[0], NoPrice)
    assert [line.line.product for line in priced.lines] == ["dock"]


def test_records_of_equal_rank_with_different_prices_are_a_conflict_with_the_prices() -> None:
    other = record("other", "price", key={"line.product": "dock"}, amount=Money(95, "EUR"))

    priced = price([Line("dock", 2)], records=[other])

    conflict = priced.unpriced[0]
    assert isinstance(conflict, PriceConflict)
    assert [(one.record, one.unit_price) for one in conflict.candidates] == [
        ("dock", Money(100, "EUR")),
        ("other", Money(95, "EUR")),
    ]


@pytest.mark.parametrize(
    ("calculation", "expected"),
    [("percent", "700.00"), ("percent_compound", "720.00")],
)
def test_percentages_add_on_the_same_base_or_compound(calculation: str, expected: str) -> None:
    # 1000 less 10 % and 20 %: 1000 - 100 - 200, or 1000 * 0.9 * 0.8.
    types = [ConditionType(id=name, kind="discount", calculation=calculation) for name in ("a", "b")]
    records = [record("ten", "a", percent=Percent(10)), record("twenty", "b", percent=Percent(20))]
    steps = [PricingStep(id="one", type_id="a"), PricingStep(id="two", type_id="b")]

    assert price([Line("laptop", 1)], types=types, records=records, steps=steps).total == Money(
        expected, "EUR"
    )


def test_a_percentage_may_be_of_a_subtotal() -> None:
    # 1000, less 10 % is the regular price 900; then 5 % of the regular price, and 5 % of it again: 900 - 45 - 45.
    types = [
        ConditionType(id="a", kind="discount", calculation="percent"),
        ConditionType(id="b", kind="discount", calculation="percent"),
    ]
    records = [record("ten", "a", percent=Percent(10)), record("five", "b", percent=Percent(5))]
    steps: list[Step] = [
        PricingStep(id="one", type_id="a", subtotal="regular"),
        PricingStep(id="two", type_id="b", base="regular"),
        PricingStep(id="three", type_id="b", base="regular"),
        Subtotal(id="end"),
    ]

    line = price([Line("laptop", 1)], types=types, records=records, steps=steps).lines[0]

    assert line.net_amount == Money(810, "EUR")
    assert line.subtotals == {"regular": Money(900, "EUR"), "end": Money(810, "EUR")}


@pytest.mark.parametrize(
    ("type_", "value", "expected"),
    [
        # 10 docks at 100 are 1000, their cost is 600.
        ({"kind": "discount", "calculation": "amount_per_unit"}, {"amount": Money(3, "EUR")}, "970.00"),
        (
            {"kind": "discount", "calculation": "amount_per_unit"},
            {"amount": Money(3, "EUR"), "per_quantity": 5},
            "994.00",
        ),
        ({"kind": "surcharge", "calculation": "amount_per_line"}, {"amount": Money(25, "EUR")}, "1025.00"),
        ({"kind": "price", "calculation": "price_for_quantity"}, {"amount": Money(777, "EUR")}, "777.00"),
        ({"kind": "price", "calculation": "markup_on_cost"}, {"percent": Percent(50)}, "900.00"),
        ({"kind": "price", "calculation": "target_margin"}, {"percent": Percent(40)}, "1000.00"),
        (
            {"kind": "discount", "calculation": "percent"},
            {"percent": Percent(10), "upper_limit": 30},
            "970.00",
        ),
        (
            {"kind": "discount", "calculation": "percent"},
            {"percent": Percent(1), "lower_limit": 30},
            "970.00",
        ),
        ({"kind": "rebate", "calculation": "percent"}, {"percent": Percent(10)}, "1000.00"),
        (
            {
                "kind": "discount",
                "calculation": "formula",
                "formula": "if line.quantity >= 10 then 2% * line.amount else 0 EUR",
            },
            {},
            "980.00",
        ),
    ],
)
def test_calculations(type_: dict[str, Any], value: dict[str, Any], expected: str) -> None:
    priced = price(
        [Line("dock", 10)],
        types=[ConditionType(id="x", **type_)],
        records=[record("x-1", "x", **value)],
        steps=[PricingStep(id="x", type_id="x")],
    )

    assert priced.total == Money(expected, "EUR")


def test_without_a_cost_a_mark_up_is_refused_with_the_reason() -> None:
    priced = price(
        [Line("laptop", 1)],
        types=[ConditionType(id="x", kind="price", calculation="markup_on_cost")],
        records=[record("x-1", "x", percent=Percent(50))],
        steps=[PricingStep(id="x", type_id="x")],
    )

    assert priced.total == Money(1000, "EUR")
    assert (
        str(priced.lines[0].why_not("x-1"))
        == "refused: the cost of the product is not known in this currency"
    )


def test_percent_of_total_is_reckoned_from_the_other_lines() -> None:
    # A service line costs 8 % of what the others come to: 8 % of 1000 + 200.
    care = record("care", "price", key={"line.product": "care"}, amount=Money(0, "EUR"))
    priced = price(
        [Line("laptop", 1), Line("dock", 2), Line("care", 1)],
        types=[ConditionType(id="pot", kind="price", calculation="percent_of_total")],
        records=[care, record("eight", "pot", key={"line.product": "care"}, percent=Percent(8))],
        steps=[PricingStep(id="pot", type_id="pot")],
    )

    assert [str(line.net_amount) for line in priced.lines] == ["1000.00 EUR", "200.00 EUR", "96.00 EUR"]


def test_an_amount_on_the_document_is_shared_exactly() -> None:
    # 1000 and 200 share 100 of freight: 83.33 and 16.67.
    priced = price(
        [Line("laptop", 1), Line("dock", 2)],
        types=[ConditionType(id="freight", kind="freight", calculation="amount_per_document")],
        records=[record("to-fr", "freight", key={"order.region": "FR"}, amount=Money(100, "EUR"))],
        steps=[RoundLines(id="before"), PricingStep(id="freight", type_id="freight", scope="document")],
        request={"order": {"region": "FR"}},
    )

    assert [str(line.net_amount) for line in priced.lines] == ["1083.33 EUR", "216.67 EUR"]
    assert [str(share) for share in priced.header[0].shares] == ["83.33 EUR", "16.67 EUR"]


def test_a_group_shares_what_is_its_own() -> None:
    # 10 % of the group of 100 and 200 is 30; the third line is in no group.
    priced = price(
        [Line("dock", 1, group="set"), Line("dock", 2, group="set"), Line("dock", 5)],
        types=[ConditionType(id="set", kind="discount", calculation="percent")],
        records=[record("set-10", "set", percent=Percent(10))],
        steps=[RoundLines(id="before"), PricingStep(id="set", type_id="set", scope="group")],
    )

    assert [str(line.net_amount) for line in priced.lines] == ["90.00 EUR", "180.00 EUR", "500.00 EUR"]


@pytest.mark.parametrize(
    ("over", "expected"),
    [
        ("line", ["300.00", "800.00"]),
        ("document", ["270.00", "720.00"]),
        ("product_family", ["270.00", "720.00"]),
    ],
)
def test_a_scale_counts_over_lines(over: str, expected: list[str]) -> None:
    # From 10 units on 10 % less; 3 and 8 docks reach it together only.
    scale = Scale(aggregate_over=over, tiers=[Tier(upper=10, percent=Percent(0)), Tier(percent=Percent(10))])
    priced = price(
        [Line("dock", 3), Line("dock", 8)],
        types=[ConditionType(id="volume", kind="discount", calculation="percent")],
        records=[record("v", "volume", scale=scale)],
        steps=[PricingStep(id="volume", type_id="volume")],
    )

    assert [f"{line.net_amount.amount:f}" for line in priced.lines] == expected


def test_what_the_customer_bought_before_counts() -> None:
    scale = Scale(
        aggregate_over="customer_period",
        tiers=[Tier(upper=10, percent=Percent(0)), Tier(percent=Percent(10))],
    )
    priced = price(
        [Line("dock", 3)],
        types=[ConditionType(id="volume", kind="discount", calculation="percent")],
        records=[record("v", "volume", scale=scale)],
        steps=[PricingStep(id="volume", type_id="volume")],
        request={"bought": {"dock": 7}},
    )

    assert priced.total == Money(270, "EUR")


def test_the_best_of_an_exclusion_group_stays_and_says_what_it_put_out() -> None:
    # 4 % of 1000 against 45 in all.
    types = [
        ConditionType(id="K004", kind="discount", calculation="percent"),
        ConditionType(id="K005", kind="discount", calculation="amount_per_line"),
    ]
    priced = price(
        [Line("laptop", 1)],
        types=types,
        records=[record("r4", "K004", percent=Percent(4)), record("r5", "K005", amount=Money(45, "EUR"))],
        steps=[PricingStep(id="m", type_id="K004"), PricingStep(id="c", type_id="K005")],
        exclusion_groups=(ExclusionGroup(id="one", members=("K004", "K005")),),
    )

    assert priced.total == Money(955, "EUR")
    assert str(priced.lines[0].why_not("r4")) == "put out by r5: one, -40.00 against -45"


def test_a_special_price_switches_steps_off() -> None:
    special = record(
        "special",
        "price",
        key={"customer.id": "acme", "line.product": "dock"},
        amount=Money(70, "EUR"),
        excludes=("loyalty",),
    )
    types = [ConditionType(id="loyal", kind="discount", calculation="percent")]
    records = [special, record("five", "loyal", percent=Percent(5))]
    steps = [PricingStep(id="loyalty", type_id="loyal")]

    usual = price([Line("dock", 1)], types=types, records=records, steps=steps)
    acme = price(
        [Line("dock", 1)], types=types, records=records, steps=steps, request={"customer": {"id": "acme"}}
    )

    assert usual.total == Money(95, "EUR")
    assert acme.total == Money(70, "EUR")
    assert str(acme.lines[0].why_not("loyal")) == "put out by special"


def test_a_requirement_that_does_not_hold_is_explained() -> None:
    priced = price(
        [Line("dock", 1)],
        types=[ConditionType(id="loyal", kind="discount", calculation="percent")],
        records=[record("five", "loyal", percent=Percent(5))],
        steps=[PricingStep(id="loyalty", type_id="loyal", requirement="line.quantity >= 10")],
    )

    assert priced.total == Money(100, "EUR")
    assert str(priced.lines[0].why_not("loyal")) == "line.quantity >= 10: found 1"


def test_a_record_in_another_currency_is_converted_by_the_rate_of_the_day_or_refused() -> None:
    types = [ConditionType(id="x", kind="discount", calculation="amount_per_line")]
    records = [record("usd", "x", amount=Money(10, "USD"))]
    steps = [PricingStep(id="x", type_id="x")]
    rates = ExchangeRates([ExchangeRate("USD", "EUR", "0.8", date(2026, 3, 1))])

    converted = price([Line("dock", 1)], types=types, records=records, steps=steps, rates=rates)
    refused = price([Line("dock", 1)], types=types, records=records, steps=steps)

    assert converted.total == Money(92, "EUR")
    assert refused.total == Money(100, "EUR")
    assert "USD" in str(refused.lines[0].why_not("usd"))


def test_quantities_in_another_unit_are_reckoned_in_that_of_the_product() -> None:
    # Two dozen docks at 100 a piece.
    assert price([Line("dock", 2, uom="dozen")]).total == Money(2400, "EUR")


def test_a_statistical_step_tells_and_changes_nothing() -> None:
    priced = price(
        [Line("dock", 1)],
        types=[ConditionType(id="x", kind="discount", calculation="percent")],
        records=[record("five", "x", percent=Percent(5))],
        steps=[PricingStep(id="x", type_id="x", statistical=True)],
    )

    assert priced.total == Money(100, "EUR")
    assert (
        str(priced.lines[0].waterfall[1])
        == "x five: less 5% of 100 EUR = -5.00 EUR -> 100 EUR, for information"
    )


def test_any_record_says_why_it_does_not_count() -> None:
    special = record(
        "acme", "price", key={"customer.id": "acme", "line.product": "dock"}, amount=Money(90, "EUR")
    )
    old = record(
        "old", "price", key={"line.product": "dock"}, amount=Money(80, "EUR"), valid_to=date(2026, 1, 1)
    )
    model = PricingModel(
        procedure=PricingProcedure(id="own", condition_types=(PRICE,), steps=(FIRST, LAST)),
        conditions=(*PRICES, special, old),
    )
    pricer = model.compile()
    asked = PricingRequest(at=NOW, currency="EUR", customer={"id": "lumen"}, lines=[Line("dock", 1)])

    assert str(pricer.why_not(asked, "acme")) == "customer.id == 'acme': found 'lumen'"
    assert "2026-01-01" in str(pricer.why_not(asked, "old")) or "order.at" in str(
        pricer.why_not(asked, "old")
    )
    assert pricer.why_not(asked, "dock") is None
    with pytest.raises(UnknownRule):
        pricer.why_not(asked, "nobody")


def test_a_scale_in_another_currency_is_converted_by_the_rate_of_the_day() -> None:
    # 5 USD a unit at 0.80 EUR are 4 EUR, for 10 units 40 off 1000.
    scale = Scale(currency="USD", tiers=[Tier(unit_amount=5)])
    rates = ExchangeRates([ExchangeRate("USD", "EUR", "0.8", date(2026, 3, 1))])

    priced = price(
        [Line("dock", 10)],
        types=[ConditionType(id="x", kind="discount", calculation="amount_per_unit")],
        records=[record("x-1", "x", scale=scale)],
        steps=[PricingStep(id="x", type_id="x")],
        rates=rates,
    )

    assert priced.total == Money(960, "EUR")


def test_a_record_valid_from_an_instant_without_a_time_zone_is_refused() -> None:
    with pytest.raises(InvalidInput, match="time zone"):
        record("x", "price", valid_from=datetime(2026, 3, 2, 9))  # noqa: DTZ001 - that is the point


@pytest.mark.parametrize(("kind", "expected"), [("discount", "900.00"), ("surcharge", "1100.00")])
def test_the_class_of_a_condition_decides_the_sign_of_a_percentage_by_scale(kind: str, expected: str) -> None:
    priced = price(
        [Line("dock", 10)],
        types=[ConditionType(id="x", kind=kind, calculation="percent")],
        records=[record("x-1", "x", scale=Scale(tiers=[Tier(percent=Percent(10))]))],
        steps=[PricingStep(id="x", type_id="x")],
    )

    assert priced.total == Money(expected, "EUR")
