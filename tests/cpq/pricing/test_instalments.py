from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import InvalidInput, UnknownOption
from salesmgmt.core.money import Money
from salesmgmt.core.period import NoSuchPart, Period
from salesmgmt.core.rounding import InvalidRounding
from salesmgmt.cpq.pricing.terms.billing_periods import BillingPeriods, PartialPeriod
from salesmgmt.cpq.pricing.terms.instalments import RemainderAt, equal_instalments, instalments
from salesmgmt.cpq.pricing.terms.proration import Precision, ProrationPolicy

_amounts = st.decimals(-(10**7), 10**7, places=2).map(lambda amount: Money(amount, "EUR"))
_roundings = st.sampled_from(["down", "up", "half_up", "half_even", "half_down"])


def _parts(amount: str, count: int, **policy: str) -> list[str]:
    return [str(part.amount) for part in equal_instalments(Money(amount, "USD"), count, **policy).parts]


def test_a_year_of_one_hundred_leaves_four_cents() -> None:
    # Salesforce object reference, ProrationPolicy.RemainderStrategy: 8.33 a period, 0.04 is left.
    found = equal_instalments(Money("100.00", "USD"), 12)

    assert (found.each, found.remainder) == (Money("8.33", "USD"), Money("0.04", "USD"))


@pytest.mark.parametrize(
    ("remainder", "expected"),
    [
        ("first", ["33.34", "33.33", "33.33"]),
        ("last", ["33.33", "33.33", "33.34"]),
        ("largest_fraction", ["33.34", "33.33", "33.33"]),
        ("largest_part", ["33.34", "33.33", "33.33"]),
    ],
)
def test_the_remainder_goes_where_the_policy_says(remainder: str, expected: list[str]) -> None:
    assert _parts("100.00", 3, remainder=remainder) == expected


def test_instalments_that_were_rounded_up_leave_less_than_nothing() -> None:
    found = equal_instalments(Money(100, "USD"), 3, rounding="up", remainder="last")

    assert found.remainder == Money("-0.02", "USD")
    assert [str(part.amount) for part in found.parts] == ["33.34", "33.34", "33.32"]


def test_one_instalment_is_the_whole_and_its_rounding_is_shown() -> None:
    found = equal_instalments(Money("10.07", "CHF"), 1, unit="0.05")

    assert (found.each, found.remainder, found.parts) == (
        Money("10.05", "CHF"), Money("0.02", "CHF"), (Money("10.07", "CHF"),)
    )  # fmt: skip


@given(_amounts, st.integers(1, 60), _roundings, st.sampled_from(RemainderAt))
def test_equal_instalments_add_up_exactly(
    amount: Money, count: int, rounding: str, remainder: RemainderAt
) -> None:
    found = equal_instalments(amount, count, rounding=rounding, remainder=remainder)

    assert len(found.parts) == count
    assert Money.total(found.parts, "EUR") == amount
    assert found.each * count + found.remainder == amount
    assert abs(Fraction(found.each.amount) - Fraction(amount.amount) / count) < Fraction(1, 100)


@given(
    _amounts,
    st.dates(date(2015, 1, 1), date(2040, 1, 1)),
    st.integers(1, 900),
    st.builds(
        ProrationPolicy,
        precision=st.sampled_from(Precision),
        periods=st.builds(
            BillingPeriods, anchor=st.sampled_from(["anniversary", "day_of_period"]), day=st.integers(1, 31)
        ),
        partial_period=st.sampled_from(PartialPeriod),
    ),
    st.sampled_from(RemainderAt),
)
def test_the_price_of_a_term_is_spread_exactly(
    amount: Money, start: date, days: int, policy: ProrationPolicy, remainder: RemainderAt
) -> None:
    term = Period(start, date.fromordinal(start.toordinal() + days))

    parts = instalments(amount, term, policy, remainder=remainder)

    assert Money.total((part.amount for part in parts), "EUR") == amount
    assert (parts[0].period.start, parts[-1].period.end) == (term.start, term.end)
    assert sum(part.period.days for part in parts) == days


def test_a_period_that_counts_nothing_gets_nothing() -> None:
    policy = ProrationPolicy(periods=BillingPeriods(anchor="calendar"), partial_period="none")
    term = Period(date(2026, 1, 20), date(2026, 4, 1))

    amounts = [part.amount.amount for part in instalments(Money("20.01", "EUR"), term, policy)]
    assert amounts == [Decimal(0), Decimal("10.01"), Decimal("10.00")]


@pytest.mark.parametrize("count", [0, -1, 10_001, True, 1.5])
def test_no_such_number_of_instalments(count: int) -> None:
    with pytest.raises(NoSuchPart):
        equal_instalments(Money(1, "EUR"), count)


def test_what_cannot_be_spread_is_refused() -> None:
    with pytest.raises(UnknownOption):
        equal_instalments(Money(1, "EUR"), 2, remainder="nobody")
    with pytest.raises(InvalidRounding):
        equal_instalments(Money(1, "EUR"), 2, rounding="ceiling")
    with pytest.raises(InvalidInput, match="at most 10000 periods"):
        instalments(Money(1, "EUR"), Period(date(1, 2, 1), date(9999, 1, 1)), ProrationPolicy())
