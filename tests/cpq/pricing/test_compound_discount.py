from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import FloatRefused, InvalidInput
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.rounding import Rounding
from salesmgmt.cpq.pricing.scales.compound_discount import CompoundDiscount

HUNDRED = Money(100, "USD")
CENTS = Rounding("half_up", "0.01")


def _price(percent: int | str | Decimal, quantity: int | Decimal) -> Decimal:
    return CompoundDiscount(percent=Percent(percent)).unit_price(HUNDRED, quantity).amount


def test_five_units_at_25_percent_cost_what_the_vendor_says() -> None:
    # Salesforce CPQ knowledge base, "Discounting Methods: Compound Discounts": 66.87.
    discount = CompoundDiscount(percent=Percent(25))

    assert discount.unit_price(HUNDRED, 5, rounding=CENTS) == Money("66.87", "USD")


@pytest.mark.parametrize(
    ("percent", "quantity", "expected"),
    [
        (50, 4, "50"),
        (50, 10_000, "1"),
        (100, 8, "12.5"),
        (25, 16, "50"),
        (0, 1000, "100"),
        (25, 1, "100"),
        (200, 2, "25"),
    ],
)
def test_where_the_power_is_a_number_the_price_is_exact(percent: int, quantity: int, expected: str) -> None:
    assert _price(percent, quantity) == Decimal(expected)


def test_an_irrational_price_has_34_right_digits() -> None:
    # 100 / sqrt(2) to 40 digits: 70.71067811865475244008443621048490392848
    assert _price(50, 2) == Decimal("70.71067811865475244008443621048490")


def test_less_than_a_unit_costs_no_more_than_one() -> None:
    assert _price(25, Decimal("0.5")) == 100


@given(st.integers(1, 100), st.decimals("1.01", 10**6, places=2))
def test_the_power_is_right_to_the_stated_accuracy(percent: int, quantity: Decimal) -> None:
    # (list / price)^100 is quantity^percent: whole powers, which fractions know exactly.
    found = (Fraction(100) / Fraction(_price(percent, quantity))) ** 100
    expected = Fraction(quantity) ** percent

    assert abs(found - expected) <= expected * 101 * Fraction(1, 10**33)


@given(st.integers(0, 100), st.integers(1, 10**6), st.integers(1, 10**6))
def test_more_units_never_cost_more_each_nor_less_in_total(percent: int, one: int, other: int) -> None:
    few, many = sorted((one, other))
    dear, cheap = Fraction(_price(percent, few)), Fraction(_price(percent, many))

    assert dear >= cheap
    assert dear * few <= cheap * many * (1 + Fraction(1, 10**30))


@pytest.mark.parametrize("percent", ["-0.01", "1000.01"])
def test_a_percentage_out_of_range_is_refused(percent: str) -> None:
    with pytest.raises(InvalidInput, match="0% to 1000%"):
        CompoundDiscount(percent=Percent(percent))


def test_a_quantity_that_is_none_is_refused() -> None:
    discount = CompoundDiscount(percent=Percent(25))

    for quantity in (0, -5):
        with pytest.raises(InvalidInput, match="more than zero"):
            discount.unit_price(HUNDRED, quantity)
    with pytest.raises(FloatRefused):
        discount.unit_price(HUNDRED, 2.5)  # type: ignore[arg-type]


def test_the_lint_warns_where_more_units_cost_less() -> None:
    assert list(CompoundDiscount(percent=Percent(100)).findings("router")) == []
    assert [finding.code for finding in CompoundDiscount(percent=Percent(101)).findings("router")] == [
        "total_falls"
    ]
