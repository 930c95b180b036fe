"""Targets and their distribution over months."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.period import Period
from salesmgmt.sfe import Distribution, Figure, NotDivisible, NotWhole, Target, spread_evenly


def _target(value: Figure, period: Period) -> Target:
    return Target(subject="east", metric="won_value", period=period, value=value)


def test_twelve_equal_months_differ_by_a_cent_and_add_up() -> None:
    # Case even-monthly-distribution, after the Monthly Distribution of ERPNext.
    months = _target(Money("100.00", "EUR"), Period.year(2026)).by_month()

    amounts = [str(month.value) for month in months]
    assert Counter(amounts) == {"8.34 EUR": 4, "8.33 EUR": 8}
    assert [month.period for month in months] == [Period.month(2026, number) for number in range(1, 13)]


def test_a_distribution_gives_each_month_its_percentage() -> None:
    distribution = Distribution([Percent(20), Percent(30), Percent(50)])

    months = _target(Decimal(1000), Period.quarter(2026, 4)).by_month(distribution)

    assert [month.value for month in months] == [200, 300, 500]


def test_percentages_that_do_not_add_up_are_refused_with_their_sum() -> None:
    with pytest.raises(NotWhole, match=r"add up to 99\.9%") as refused:
        Distribution([Percent(50), Percent("49.9")])

    assert refused.value.found == Percent("99.9")
    assert refused.value.code == "not_100_percent"


def test_a_distribution_of_another_length_is_refused() -> None:
    distribution = Distribution([Percent(50), Percent(50)])

    with pytest.raises(NotDivisible, match="2 parts, the period 3 months"):
        _target(Decimal(10), Period.quarter(2026, 1)).by_month(distribution)


def test_a_rate_is_not_spread() -> None:
    with pytest.raises(NotDivisible, match="copy it instead"):
        _target(Percent(30), Period.quarter(2026, 1)).by_month()


def test_a_period_that_starts_within_a_month_has_a_part_for_the_rest_of_it() -> None:
    period = Period(date(2026, 1, 15), date(2026, 3, 1))

    months = _target(Decimal(11), period).by_month()

    assert [month.value for month in months] == [6, 5]
    assert [month.period.start for month in months] == [date(2026, 1, 15), date(2026, 2, 1)]


@given(
    cents=st.integers(-(10**12), 10**12),
    shares=st.lists(st.integers(0, 100), min_size=1, max_size=12).filter(any),
    remainder=st.sampled_from(["largest_fraction", "first", "last", "largest_part"]),
)
def test_parts_always_add_up(cents: int, shares: list[int], remainder: str) -> None:
    # Shares in hundredths of a percent; what is left to 100 % becomes a part of its own.
    percentages = [Percent(Decimal(share).scaleb(-2)) for share in shares]
    percentages.append(Percent(100 - sum((p.points for p in percentages), Decimal(0))))
    value = Money(Decimal(cents).scaleb(-2), "EUR")

    parts = Distribution(percentages).spread(value, remainder=remainder)  # type: ignore[arg-type]

    assert sum((part.amount for part in parts if isinstance(part, Money)), Decimal(0)) == value.amount


@given(total=st.integers(0, 10**9), parts=st.integers(1, 40))
def test_equal_parts_differ_by_one_at_most(total: int, parts: int) -> None:
    counts = [part for part in spread_evenly(Decimal(total), parts) if isinstance(part, Decimal)]

    assert sum(counts) == total
    assert max(counts) - min(counts) <= 1
