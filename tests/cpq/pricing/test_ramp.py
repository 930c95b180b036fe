from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import InvalidInput, UnknownOption
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.period import Period
from salesmgmt.core.rounding import Rounding
from salesmgmt.cpq.pricing.terms.ramp import Ramp, RampSegment

PRICE = Money("200.00", "EUR")


def _amounts(ramp: Ramp) -> list[Decimal]:
    return [amount.amount for amount in ramp.amounts]


def test_each_segment_has_its_own_quantity() -> None:
    # 100, 200 and 300 users at 200.00 a year.
    ramp = Ramp.of_quantities([100, 200, 300], PRICE)

    assert _amounts(ramp) == [20_000, 40_000, 60_000]
    assert ramp.total == Money(120_000, "EUR")


@pytest.mark.parametrize(
    ("last", "expected"),
    [("prorate", [2000, 2000, 1000]), ("whole", [2000, 2000, 2000]), ("none", [2000, 2000])],
)
def test_a_short_last_segment_is_charged_as_the_policy_says(last: str, expected: list[int]) -> None:
    assert _amounts(Ramp.of_term(30, 10, PRICE, last_segment=last)) == expected


@pytest.mark.parametrize(
    ("months", "expected"), [(6, [1000]), (12, [2000]), (13, [2000, Fraction(2000, 12)])]
)
def test_a_term_is_cut_into_years(months: int, expected: list[Fraction]) -> None:
    ramp = Ramp.of_term(months, 10, PRICE, rounding=Rounding("half_up", "0.01"))

    assert [round(Fraction(amount), 2) for amount in expected] == _amounts(ramp)


def test_the_price_may_rise_from_segment_to_segment() -> None:
    ramp = Ramp.of_quantities([1, 1, 2], Money(100, "EUR"), uplift=Percent(10))

    assert _amounts(ramp) == [100, 110, 242]


def test_rounded_segments_add_up_to_the_total() -> None:
    ramp = Ramp.of_quantities(
        [1, 1, 1], Money("0.335", "EUR"), segment_months=6, rounding=Rounding("half_up", "0.01")
    )

    assert ramp.total == Money("1.02", "EUR")


def test_segments_follow_each_other_by_date() -> None:
    assert Ramp.of_term(30, 1, PRICE).periods(date(2026, 1, 31)) == (
        Period(date(2026, 1, 31), date(2027, 1, 31)),
        Period(date(2027, 1, 31), date(2028, 1, 31)),
        Period(date(2028, 1, 31), date(2028, 7, 31)),
    )
    with pytest.raises(InvalidInput, match="whole months"):
        Ramp.of_term("12.5", 1, PRICE).periods(date(2026, 1, 1))


@given(
    st.decimals("0.5", 120, places=1),
    st.decimals(0, 1000, places=1),
    st.sampled_from([1, 3, 6, 12, 24]),
)
def test_a_prorated_term_costs_what_its_months_cost(months: Decimal, quantity: Decimal, segment: int) -> None:
    ramp = Ramp.of_term(months, quantity, PRICE, segment_months=segment)

    expected = 200 * Fraction(quantity) * Fraction(months) / segment
    assert abs(Fraction(ramp.total.amount) - expected) <= Fraction(1, 10**20)


@pytest.mark.parametrize(
    ("fields", "path"),
    [({"quantity": -1}, "quantity"), ({"months": 0}, "months"), ({"full_months": -12}, "full_months")],
)
def test_a_segment_of_nothing_is_refused(fields: dict[str, int], path: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        RampSegment(**{"quantity": 1, "unit_price": PRICE, **fields})  # type: ignore[arg-type]

    assert [problem.path for problem in refused.value.problems] == [path]


def test_a_ramp_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidInput, match="1 to 1200"):
        Ramp.of_quantities([], PRICE)
    with pytest.raises(InvalidInput, match="one currency"):
        Ramp(segments=[RampSegment(quantity=1, unit_price=Money(1, code)) for code in ("EUR", "USD")])
    with pytest.raises(InvalidInput, match="more than zero"):
        Ramp.of_term(0, 1, PRICE)
    with pytest.raises(InvalidInput, match="at most 1200 segments"):
        Ramp.of_term(10**30, 1, PRICE)
    with pytest.raises(InvalidInput, match="1 to 1200"):
        Ramp.of_term(6, 1, PRICE, last_segment="none")
    with pytest.raises(UnknownOption):
        Ramp.of_term(6, 1, PRICE, last_segment="half")
