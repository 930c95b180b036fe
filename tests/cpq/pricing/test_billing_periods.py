from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import InvalidInput, SalesError
from salesmgmt.core.period import Period, add_months
from salesmgmt.cpq.pricing.terms.billing_periods import Anchor, BillingPeriods, PartialPeriod

terms = st.builds(
    lambda start, days: Period(start, date.fromordinal(start.toordinal() + days)),
    st.dates(date(2015, 1, 1), date(2040, 1, 1)),
    st.integers(1, 1500),
)
periods = st.one_of(
    st.builds(
        BillingPeriods,
        months=st.sampled_from([1, 2, 3, 5, 6, 12, 24]),
        month_end=st.sampled_from(["clip", "stick"]),
    ),
    st.builds(
        BillingPeriods,
        months=st.sampled_from([1, 2, 3, 6, 12]),
        anchor=st.sampled_from(["calendar", "day_of_period"]),
        day=st.integers(1, 31),
        month=st.integers(1, 12),
    ),
)

# Salesforce Help, "Monthly proration examples": 28 March 2025 to 4 February 2026, both included, from the 5th.
TERM = Period.closed(date(2025, 3, 28), date(2026, 2, 4))


@pytest.mark.parametrize(
    ("partial", "expected"),
    [
        (PartialPeriod.PRORATE, 10 + Fraction(8, 31)),
        (PartialPeriod.WHOLE, Fraction(11)),
        (PartialPeriod.NONE, Fraction(10)),
    ],
)
def test_a_partial_first_period_counts_as_the_policy_says(partial: PartialPeriod, expected: Fraction) -> None:
    assert BillingPeriods(anchor="day_of_period", day=5).count(TERM, partial) == expected


# Oracle Subscription Management, "Bill Partial Periods": 15 January to 10 April 2019, both included.
@pytest.mark.parametrize(
    ("anchor", "expected"),
    [
        (Anchor.ANNIVERSARY, 2 + Fraction(27, 31)),
        (Anchor.CALENDAR, Fraction(17, 31) + 2 + Fraction(10, 30)),
    ],
)
def test_periods_begin_with_the_term_or_with_the_month(anchor: Anchor, expected: Fraction) -> None:
    assert (
        BillingPeriods(anchor=anchor).count(Period.closed(date(2019, 1, 15), date(2019, 4, 10))) == expected
    )


@pytest.mark.parametrize(
    ("months", "expected"),
    [(3, Fraction(1, 90) + 1), (6, Fraction(92, 181)), (12, Fraction(92, 365))],
)
def test_longer_calendar_periods_begin_with_quarter_half_and_year(months: int, expected: Fraction) -> None:
    term = Period.closed(date(2026, 3, 31), date(2026, 6, 30))

    assert BillingPeriods(anchor="calendar", months=months).count(term) == expected


def test_a_year_may_begin_on_a_named_day_of_a_named_month() -> None:
    fiscal = BillingPeriods(anchor="day_of_period", months=12, day=6, month=4)
    parts = list(fiscal.parts(Period(date(2026, 1, 1), date(2027, 1, 1))))

    assert [str(part.period) for part in parts] == ["2025-04-06/2026-04-06", "2026-04-06/2027-04-06"]
    assert [part.covered.days for part in parts] == [95, 270]


def test_a_day_that_a_month_does_not_have_is_its_last() -> None:
    ends = BillingPeriods(anchor="day_of_period", day=31)

    starts = [part.period.start for part in ends.parts(Period(date(2026, 1, 31), date(2026, 4, 30)))]
    assert starts == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]


@pytest.mark.parametrize(
    ("month_end", "starts"),
    [("clip", ["02-28", "03-28", "04-28"]), ("stick", ["02-28", "03-31", "04-30"])],
)
def test_anniversaries_of_the_end_of_a_month_are_a_policy(month_end: str, starts: list[str]) -> None:
    term = Period(date(2026, 2, 28), date(2026, 5, 5))
    found = [str(part.period.start)[5:] for part in BillingPeriods(month_end=month_end).parts(term)]

    assert found[:3] == starts


def test_a_clipped_day_comes_back_in_a_longer_month() -> None:
    term = Period(date(2026, 1, 31), date(2026, 3, 31))

    assert BillingPeriods().count(term) == 2


@given(terms, periods)
def test_what_is_covered_tiles_the_term_within_periods_that_join(term: Period, cut: BillingPeriods) -> None:
    parts = list(cut.parts(term))

    assert parts[0].covered.start == term.start
    assert parts[-1].covered.end == term.end
    assert all(one.covered.end == other.covered.start for one, other in pairwise(parts))
    assert all(one.period.end == other.period.start for one, other in pairwise(parts))
    assert all(
        part.period.start <= part.covered.start < part.covered.end <= part.period.end for part in parts
    )
    assert all(part.is_whole for part in parts[1:-1])


@given(terms, periods, st.sampled_from(PartialPeriod))
def test_the_count_is_the_sum_over_the_periods(
    term: Period, cut: BillingPeriods, partial: PartialPeriod
) -> None:
    assert cut.count(term, partial) == sum(part.count(partial) for part in cut.parts(term))


@given(terms, st.integers(1, 60))
def test_so_many_months_from_the_start_are_so_many_periods(term: Period, months: int) -> None:
    assert BillingPeriods().count(Period(term.start, add_months(term.start, months))) == months


@given(terms, periods)
def test_whole_counts_at_least_the_share_and_none_at_most(term: Period, cut: BillingPeriods) -> None:
    none, share, whole = (
        cut.count(term, partial)
        for partial in (PartialPeriod.NONE, PartialPeriod.PRORATE, PartialPeriod.WHOLE)
    )

    assert none <= share <= whole <= none + 2


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"months": 0}, "months"),
        ({"months": True}, "months"),
        ({"months": 1.5}, "months"),
        ({"day": 32}, "day"),
        ({"month": 13}, "month"),
        ({"months": 5, "anchor": "calendar"}, "months"),
        ({"months": 24, "anchor": "day_of_period"}, "months"),
    ],
)
def test_numbers_that_no_calendar_has_are_refused(fields: dict[str, object], path: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        BillingPeriods(**fields)  # type: ignore[arg-type]

    assert [problem.path for problem in refused.value.problems] == [path]


@pytest.mark.parametrize("day", [date.min, date(9999, 12, 1)])
def test_terms_at_the_ends_of_the_calendar_count_or_are_refused(day: date) -> None:
    for anchor in Anchor:
        try:
            counted = BillingPeriods(anchor=anchor, day=5).count(
                Period(day, date.fromordinal(day.toordinal() + 20))
            )
        except SalesError:
            continue
        assert 0 < counted < 1
