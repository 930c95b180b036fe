from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.definition import parse_definition
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.rounding import RoundingMode
from salesmgmt.cpq.pricing.price_lists.price_rule import BasePrice, PriceRule, QuantityScope, RuleStep
from salesmgmt.cpq.pricing.price_lists.rule_price import BelowZero, rule_price


def _price(base: str | None, *fields: dict[str, Any], **options: Any) -> Decimal | None:
    rules = [PriceRule(id=f"r{place}", **one) for place, one in enumerate(fields)]
    found = rule_price(rules, None if base is None else Decimal(base), **options)
    return None if found is None else found.price


@pytest.mark.parametrize(
    ("base", "fields", "wanted"),
    [
        ("100", {"price": "80"}, "80"),
        ("100", {"percent_off": "12.5"}, "87.5"),
        ("100", {"percent_off": "-20"}, "120"),
        ("100", {"amount_off": "30"}, "70"),
        ("100", {"percent_off": "10", "amount_off": "5"}, "85"),
        ("100", {"margin_percent": "25"}, "125"),
        ("80", {"target_margin": "20"}, "100"),  # 80 is 80 % of 100
        ("100", {"surcharge": "-7.5"}, "92.5"),
        ("123.45", {"round_to": "10", "surcharge": "-0.01"}, "119.99"),
        ("12.34", {"round_to": "1", "ending": "0.99", "round_mode": RoundingMode.UP}, "12.99"),
        ("100", {"percent_off": "50", "min_margin": "10"}, "110"),
        ("100", {"percent_off": "-50", "max_margin": "20"}, "120"),
        ("100", {"percent_off": "50", "floor": "60"}, "60"),
        ("100", {"percent_off": "-50", "ceiling": "130"}, "130"),
        ("1000", {"margin_percent": "10", "percent_off": "10"}, "990"),
        ("1000", {"margin_percent": "10", "amount_off": "110"}, "990"),
        ("100", {"price": "200", "margin_percent": "2"}, "204"),
    ],
)
def test_what_a_rule_makes_of_a_base(base: str, fields: dict[str, Any], wanted: str) -> None:
    assert _price(base, fields) == Decimal(wanted)


def test_steps_of_a_rule_take_each_others_places() -> None:
    # 1000 raised by 20 % is 1200; with 92 it is 1292, rounded up to a multiple of 5 it is 1295.
    fields: dict[str, Any] = {
        "percent_off": -20,
        "surcharge": 92,
        "round_to": 5,
        "round_mode": RoundingMode.UP,
    }
    last = (RuleStep.DISCOUNT, RuleStep.SURCHARGE, RuleStep.ROUND)

    assert _price("1000", fields) == 1292
    assert _price("1000", {**fields, "steps": last}) == 1295
    assert _price("1000", {**fields, "floor": 1300, "steps": last}) == 1300


def test_percentages_add_up_on_one_base_or_compound_on_what_is_left() -> None:
    twenty, ten = {"percent_off": 20}, {"percent_off": 10}

    assert _price("100", twenty, ten) == 70
    assert _price("100", twenty, {**ten, "base": BasePrice.RUNNING}) == 72
    # Whichever of them ranks first (test_multiple_pricing_rules_with_apply_discount_on_discounted_rate of ERPNext).
    assert _price("100", {**ten, "base": BasePrice.RUNNING}, twenty) == 72
    assert _price("1000", ten, {"amount_off": 100}) == 800
    assert _price("1000", {"margin_percent": 10}, {"margin_percent": 10}) == 1200
    assert _price("100", {"price": 50}, {"price": 60}, ten) == 45


def test_nothing_goes_below_zero_unless_the_policy_keeps_it() -> None:
    free = {"round_to": 1, "surcharge": "-0.01"}

    assert _price("0", free) == 0
    assert _price("0", free, below_zero=BelowZero.KEPT) == Decimal("-0.01")
    assert _price("-5", {"percent_off": 10}) == Decimal("-4.5")


def test_without_a_base_only_a_fixed_price_is_a_price() -> None:
    assert _price(None, {"percent_off": 10}) is None
    assert _price(None, {"price": 10, "percent_off": 10}) == 9


def test_amounts_are_multiplied_to_the_quantity_of_the_base() -> None:
    # Twelve pieces: list 120; 1 off a piece; rounded to 0.50 a piece.
    fields = {"amount_off": "1.10", "round_to": "0.50"}

    assert _price("120", fields, times=[Decimal(12)]) == 108


_figures = st.decimals(-50, 99, places=2)


@given(
    base=st.decimals(0, 10_000, places=2),
    percents=st.lists(_figures, min_size=1, max_size=4),
    margin=_figures,
    surcharge=st.decimals(0, 50, places=2),
)
def test_a_price_equals_the_same_arithmetic_in_fractions(
    base: Decimal, percents: list[Decimal], margin: Decimal, surcharge: Decimal
) -> None:
    rules = [
        PriceRule(id=f"r{place}", percent_off=percent, base=BasePrice.RUNNING)
        for place, percent in enumerate(percents)
    ]
    rules.append(PriceRule(id="more", margin_percent=margin, surcharge=surcharge))
    wanted = Fraction(base) * (1 + Fraction(margin) / 100)
    for percent in percents:
        wanted *= 1 - Fraction(percent) / 100
    wanted += Fraction(surcharge)

    found = rule_price(rules, base)

    assert found is not None
    assert abs(Fraction(found.price) - wanted) <= Fraction(1, 10**20)
    steps = [found.base, *(step.after for step in found.steps)]
    assert [step.before for step in found.steps] == steps[:-1]
    assert found.price == steps[-1]


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"id": " "}, "id"),
        ({"id": "r", "target_margin": 100}, "target_margin"),
        ({"id": "r", "per_quantity": 0}, "per_quantity"),
        ({"id": "r", "round_to": 0}, "round_to"),
        ({"id": "r", "round_to": 1, "ending": 2}, "round_to"),
        ({"id": "r", "ending": "0.99"}, "round_to"),
    ],
)
def test_a_rule_that_is_nonsense_is_refused(fields: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        PriceRule(**fields)

    assert [problem.path for problem in caught.value.problems] == [path]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {
            "free_product": "cup",
            "min_quantity": 2,
            "recursive": True,
            "quantity_scope": QuantityScope.ALL_MATCHING_LINES,
        },
        {"percent_off": 5, "recursive": True},
        {"percent_off": 5, "free_quantity": 1},
        {"percent_off": 101},
        {"price": -1},
        {"price": 1, "min_quantity": 5, "max_quantity": 4},
        {"price": 1, "min_amount": 5, "max_amount": 4},
        {"percent_off": 5, "floor": 2, "ceiling": 1},
        {"percent_off": 5, "min_margin": 2, "max_margin": 1},
        {"base": BasePrice.PRICE_LIST},
        {"percent_off": 5, "base_price_list": "retail"},
    ],
)
def test_contradictory_rules_are_findings(fields: dict[str, Any]) -> None:
    assert {finding.code for finding in PriceRule(id="r", **fields).findings()} == {"invalid_rule"}


def test_a_rule_is_read_from_toml() -> None:
    rule = parse_definition(
        """
        id = "r"
        key = { "line.family" = "laptops" }
        min_quantity = 10
        valid_from = 2026-01-01
        valid_to = 2026-07-01T00:00:00Z
        percent_off = 12.5
        steps = ["surcharge", "round"]
        """,
        PriceRule,
        what="rule",
    )

    assert rule.key == {"line.family": "laptops"}
    assert (rule.min_quantity, rule.percent_off) == (Decimal(10), Decimal("12.5"))
    assert rule.steps == (RuleStep.SURCHARGE, RuleStep.ROUND)


def test_a_time_without_a_zone_is_refused() -> None:
    text = 'id = "r"\npercent_off = 1\nvalid_from = 2026-01-01T09:00:00'
    with pytest.raises(InvalidInput, match="offset"):
        parse_definition(text, PriceRule, what="rule")
