from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import UnknownOption
from salesmgmt.core.period import (
    DateOutOfRange,
    EmptyPeriod,
    NoSuchPart,
    NotADate,
    Period,
    add_months,
    day_of_month,
    end_of_month,
    next_day_of_month,
)

days = st.dates(date(1900, 1, 1), date(2200, 12, 31))


@st.composite
def periods(draw: st.DrawFn) -> Period:
    start = draw(days)
    return Period(start, start + timedelta(days=draw(st.integers(1, 1_000))))


# --- month arithmetic


@pytest.mark.parametrize(
    ("day", "months", "clip", "stick"),
    [
        ("2026-01-31", 1, "2026-02-28", "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29", "2024-02-29"),
        ("2026-02-28", 1, "2026-03-28", "2026-03-31"),
        ("2024-02-28", 1, "2024-03-28", "2024-03-28"),
        ("2024-02-29", 12, "2025-02-28", "2025-02-28"),
        ("2025-02-28", -12, "2024-02-28", "2024-02-29"),
        ("2026-04-30", -2, "2026-02-28", "2026-02-28"),
        ("2026-04-30", 1, "2026-05-30", "2026-05-31"),
        ("2026-11-15", 14, "2028-01-15", "2028-01-15"),
        ("2026-01-15", -1, "2025-12-15", "2025-12-15"),
        ("2026-12-31", 0, "2026-12-31", "2026-12-31"),
    ],
)
def test_adding_months_clips_or_sticks_to_the_end(day: str, months: int, clip: str, stick: str) -> None:
    start = date.fromisoformat(day)
    assert add_months(start, months) == date.fromisoformat(clip)
    assert add_months(start, months, month_end="stick") == date.fromisoformat(stick)


@given(days, st.integers(-2_000, 2_000))
def test_clipping_agrees_with_dateutil(day: date, months: int) -> None:
    assert add_months(day, months) == day + relativedelta(months=months)


@given(days, st.integers(-500, 500))
def test_sticking_keeps_month_ends_among_month_ends(day: date, months: int) -> None:
    there = add_months(end_of_month(day), months, month_end="stick")
    assert (there + timedelta(days=1)).day == 1
    assert add_months(there, -months, month_end="stick") == end_of_month(day)


@pytest.mark.parametrize("months", [12 * 8_000, -12 * 2_027, 10**400])
def test_months_beyond_the_calendar_are_refused(months: int) -> None:
    with pytest.raises(DateOutOfRange, match="outside the years 1 to 9999"):
        add_months(date(2026, 11, 1), months)


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(UnknownOption, match="'overflow'; use one of: clip, stick"):
        add_months(date(2026, 1, 31), 1, month_end="overflow")


# The tests of payment terms in Odoo (account/tests/test_payment_term.py), OCA account-payment issue 919 and
# ERPNext issue 40077 state these due dates.
def test_the_algebra_expresses_due_dates_of_erps() -> None:
    january_15, january_31 = date(2019, 1, 15), date(2019, 1, 31)
    later = timedelta(days=31)
    assert end_of_month(date(2019, 1, 1)) + timedelta(days=45) == date(2019, 3, 17)
    assert end_of_month(january_15) + timedelta(days=45) == date(2019, 3, 17)
    assert next_day_of_month(january_15 + later, 15) == date(2019, 2, 15)
    assert next_day_of_month(january_31 + later, 15) == date(2019, 3, 15)
    assert end_of_month(add_months(date(2025, 2, 10), 1)) == date(2025, 3, 31)
    assert date(2024, 3, 15) + timedelta(days=90) == date(2024, 6, 13)


# Worked out by hand on a wall calendar.
def test_the_algebra_expresses_the_other_kinds_of_due_date() -> None:
    assert add_months(date(2025, 1, 31), 1) == date(2025, 2, 28)  # months after invoice
    assert day_of_month(date(2025, 2, 10), 31) == date(
        2025, 2, 28
    )  # day of the invoice month, at most the last
    assert day_of_month(add_months(date(2025, 1, 31), 1), 30) == date(
        2025, 2, 28
    )  # day of the following month
    assert day_of_month(add_months(date(2024, 12, 5), 1), 10) == date(2025, 1, 10)


@pytest.mark.parametrize(
    ("day", "number", "expected"),
    [
        ("2026-02-28", 31, "2026-02-28"),
        ("2026-03-01", 31, "2026-03-31"),
        ("2026-12-20", 15, "2027-01-15"),
        ("2024-02-29", 30, "2024-02-29"),
    ],
)
def test_the_next_day_of_month_is_at_most_the_last(day: str, number: int, expected: str) -> None:
    assert next_day_of_month(date.fromisoformat(day), number) == date.fromisoformat(expected)


@given(days, st.integers(1, 31))
def test_the_next_day_of_month_is_the_first_that_fits(day: date, number: int) -> None:
    candidate = day
    while candidate.day != number and not (candidate.day < number and candidate == end_of_month(candidate)):
        candidate += timedelta(days=1)
    assert next_day_of_month(day, number) == candidate


@pytest.mark.parametrize("number", [0, 32, -1, True, 1.5])
def test_a_day_of_month_that_does_not_exist_is_refused(number: int) -> None:
    with pytest.raises(NoSuchPart, match="1 to 31"):
        day_of_month(date(2026, 1, 1), number)


# --- periods


def test_a_period_includes_its_start_and_not_its_end() -> None:
    period = Period(date(2026, 1, 10), date(2026, 1, 20))
    assert date(2026, 1, 10) in period
    assert period.contains(date(2026, 1, 19))
    assert date(2026, 1, 20) not in period
    assert date(2026, 1, 9) not in period
    assert (period.days, period.last) == (10, date(2026, 1, 19))


def test_closed_takes_the_last_day_in() -> None:
    assert Period.closed(date(2026, 1, 10), date(2026, 1, 10)).days == 1
    assert Period.closed(date(2026, 10, 1), date(2026, 12, 31)) == Period.quarter(2026, 4)


@pytest.mark.parametrize(
    ("start", "end"), [(date(2026, 1, 2), date(2026, 1, 2)), (date(2026, 1, 2), date(2026, 1, 1))]
)
def test_an_empty_or_reversed_period_is_refused(start: date, end: date) -> None:
    with pytest.raises(EmptyPeriod) as refused:
        Period(start, end)
    assert refused.value.facts["start"] == start


@pytest.mark.parametrize("wrong", [datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01", None, 5])
def test_only_dates_are_bounds_and_members(wrong: date) -> None:
    with pytest.raises(NotADate):
        Period(wrong, date(2027, 1, 1))
    with pytest.raises(NotADate):
        Period(date(2025, 1, 1), wrong)
    with pytest.raises(NotADate):
        Period.year(2026).contains(wrong)


def test_named_periods_are_the_calendar_ones() -> None:
    assert Period.month(2026, 12) == Period(date(2026, 12, 1), date(2027, 1, 1))
    assert Period.quarter(2026, 1) == Period(date(2026, 1, 1), date(2026, 4, 1))
    assert Period.year(2026) == Period(date(2026, 1, 1), date(2027, 1, 1))


@pytest.mark.parametrize("wrong", [0, 13, -1])
def test_parts_that_do_not_exist_are_refused(wrong: int) -> None:
    with pytest.raises(NoSuchPart):
        Period.month(2026, wrong)
    with pytest.raises(NoSuchPart):
        Period.quarter(2026, wrong)


def test_the_end_of_time_is_refused_and_not_a_crash() -> None:
    attempts: list[Callable[[], Period]] = [
        lambda: Period.year(9999),
        lambda: Period.closed(date(2026, 1, 1), date.max),
        lambda: Period(date(9999, 1, 30), date.max).next(),
        lambda: Period(date(1, 1, 2), date(1, 1, 9)).previous(),
        lambda: Period.month(1, 1).previous(),
    ]
    for make in attempts:
        with pytest.raises(DateOutOfRange):
            make()
    with pytest.raises(NoSuchPart):
        Period.year(10_000)


@given(periods(), periods())
def test_the_intersection_holds_exactly_the_common_days(one: Period, other: Period) -> None:
    common = one.intersection(other)
    assert one.overlaps(other) == other.overlaps(one) == (common is not None)
    for day in (one.start, one.last, other.start, other.last, one.end, other.end):
        assert (common is not None and day in common) == (day in one and day in other)


@given(periods(), st.lists(days, max_size=5))
def test_a_split_is_a_partition(period: Period, cuts: list[date]) -> None:
    parts = period.split(*cuts, *(period.start + timedelta(days=3),))
    assert parts[0].start == period.start
    assert parts[-1].end == period.end
    assert all(a.end == b.start for a, b in pairwise(parts))
    assert {part.start for part in parts} >= {cut for cut in cuts if cut in period}


@given(periods())
def test_the_months_are_a_partition_by_month(period: Period) -> None:
    parts = list(period.months())
    assert sum(part.days for part in parts) == period.days
    assert (parts[0].start, parts[-1].end) == (period.start, period.end)
    assert all(part.start.replace(day=1) == part.last.replace(day=1) for part in parts)
    assert all(part.start.day == 1 for part in parts[1:])


def test_a_year_has_its_twelve_months() -> None:
    assert list(Period.year(2026).months()) == [Period.month(2026, month) for month in range(1, 13)]


def test_neighbours_have_the_same_calendar_length() -> None:
    assert Period.month(2026, 3).previous() == Period.month(2026, 2)
    assert Period.quarter(2026, 4).next() == Period.quarter(2027, 1)
    assert Period.year(2024).next() == Period.year(2025)
    middle = Period(date(2026, 1, 15), date(2026, 2, 15))
    assert middle.next() == Period(date(2026, 2, 15), date(2026, 3, 15))
    week = Period(date(2026, 11, 23), date(2026, 11, 30))
    assert week.previous() == Period(date(2026, 11, 16), date(2026, 11, 23))


@given(days, st.integers(1, 28), st.integers(1, 40))
def test_neighbours_of_whole_months_undo_each_other(day: date, number: int, length: int) -> None:
    start = day.replace(day=number)
    period = Period(start, start + relativedelta(months=length))
    assert period.next().start == period.end
    assert period.next().end == period.end + relativedelta(months=length)
    assert period.next().previous() == period == period.previous().next()


@given(periods())
def test_neighbours_join_on(period: Period) -> None:
    assert period.next().start == period.end
    assert period.previous().end == period.start


def test_periods_sort_by_start() -> None:
    assert sorted([Period.month(2026, 2), Period.year(2026), Period.month(2026, 1)]) == [
        Period.month(2026, 1),
        Period.year(2026),
        Period.month(2026, 2),
    ]
