from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import UnknownOption
from salesmgmt.core.fiscal import (
    FiscalCalendar,
    FiscalDate,
    InvalidPattern,
    NamedBy,
    YearEnd,
    YearEndRule,
)
from salesmgmt.core.period import DateOutOfRange, NoSuchPart, NotADate, Period
from salesmgmt.core.weekday import UnknownWeekday, Weekday

RETAIL = FiscalCalendar.weeks((4, 5, 4), ends=YearEnd("nearest", "sat", 1))
APPLE = FiscalCalendar.weeks(ends=YearEnd("last", "sat", 9), named_by="end", extra_week_in=1)

month_calendars = st.builds(FiscalCalendar.monthly, st.integers(1, 12), named_by=st.sampled_from(NamedBy))
week_calendars = st.builds(
    FiscalCalendar.weeks,
    st.sampled_from([(4, 4, 5), (4, 5, 4), (5, 4, 4)]),
    ends=st.builds(YearEnd, st.sampled_from(YearEndRule), st.sampled_from(Weekday), st.integers(1, 12)),
    named_by=st.sampled_from(NamedBy),
    extra_week_in=st.integers(1, 12),
)
calendars = st.one_of(month_calendars, week_calendars)


# National Retail Federation, 4-5-4 calendar.
@pytest.mark.parametrize(
    ("year", "first", "last", "weeks"),
    [
        (2022, "2022-01-30", "2023-01-28", 52),
        (2023, "2023-01-29", "2024-02-03", 53),
        (2024, "2024-02-04", "2025-02-01", 52),
        (2025, "2025-02-02", "2026-01-31", 52),
    ],
)
def test_the_retail_calendar_is_the_published_one(year: int, first: str, last: str, weeks: int) -> None:
    assert RETAIL.year(year) == Period.closed(date.fromisoformat(first), date.fromisoformat(last))
    assert RETAIL.year(year).days == 7 * weeks


def test_the_53rd_week_of_retail_2023_is_in_its_january() -> None:
    assert RETAIL.period(2023, 1) == Period.closed(date(2023, 1, 29), date(2023, 2, 25))
    assert RETAIL.period(2023, 2) == Period.closed(date(2023, 2, 26), date(2023, 4, 1))
    assert RETAIL.period(2023, 12) == Period.closed(date(2023, 12, 31), date(2024, 2, 3))
    assert RETAIL.of(date(2024, 2, 3)) == FiscalDate(year=2023, quarter=4, period=12, week=53)


# Apple, annual reports: years end on the last Saturday of September, the 53rd week falls into the first quarter.
def test_apple_fiscal_2023_had_a_first_quarter_of_fourteen_weeks() -> None:
    assert APPLE.year(2022) == Period.closed(date(2021, 9, 26), date(2022, 9, 24))
    assert APPLE.year(2023) == Period.closed(date(2022, 9, 25), date(2023, 9, 30))
    assert APPLE.quarter(2023, 1) == Period.closed(date(2022, 9, 25), date(2022, 12, 31))
    assert APPLE.quarter(2023, 2) == Period.closed(date(2023, 1, 1), date(2023, 4, 1))
    assert APPLE.year(2024) == Period.closed(date(2023, 10, 1), date(2024, 9, 28))


def test_a_year_of_months_is_named_by_its_start_or_its_end() -> None:
    japan = FiscalCalendar.monthly(start_month=4)
    government = FiscalCalendar.monthly(start_month=10, named_by="end")
    assert japan.year(2026) == Period(date(2026, 4, 1), date(2027, 4, 1))
    assert government.year(2024) == Period.closed(date(2023, 10, 1), date(2024, 9, 30))
    assert japan.of(date(2027, 3, 31)) == FiscalDate(year=2026, quarter=4, period=12, week=53)
    assert government.of(date(2023, 10, 1)) == FiscalDate(year=2024, quarter=1, period=1, week=1)


@pytest.mark.parametrize("named_by", list(NamedBy))
def test_the_calendar_year_has_one_name(named_by: NamedBy) -> None:
    calendar = FiscalCalendar.monthly(named_by=named_by)
    assert calendar.year(2026) == Period.year(2026)
    assert calendar.quarter(2026, 3) == Period.quarter(2026, 3)
    assert calendar.period(2026, 11) == Period.month(2026, 11)


@pytest.mark.parametrize("named_by", list(NamedBy))
def test_a_week_year_that_ends_about_new_year_has_one_name(named_by: NamedBy) -> None:
    calendar = FiscalCalendar.weeks(ends=YearEnd("nearest", "sat", 12), named_by=named_by)
    assert calendar.year(2026) == Period.closed(date(2026, 1, 4), date(2027, 1, 2))


@given(calendars, st.integers(1950, 2150))
def test_periods_and_quarters_partition_the_year_and_years_join(calendar: FiscalCalendar, year: int) -> None:
    whole = calendar.year(year)
    periods = [calendar.period(year, number) for number in range(1, 13)]
    quarters = [calendar.quarter(year, number) for number in range(1, 5)]
    for parts in (periods, quarters):
        assert (parts[0].start, parts[-1].end) == (whole.start, whole.end)
        assert all(a.end == b.start for a, b in pairwise(parts))
    assert [(q.start, q.end) for q in quarters] == [
        (periods[i].start, periods[i + 2].end) for i in (0, 3, 6, 9)
    ]
    assert calendar.year(year + 1).start == whole.end


@given(calendars, st.dates(date(1950, 1, 1), date(2150, 12, 31)))
def test_a_day_lies_in_the_parts_that_are_named_for_it(calendar: FiscalCalendar, day: date) -> None:
    found = calendar.of(day)
    assert day in calendar.year(found.year)
    assert day in calendar.quarter(found.year, found.quarter)
    assert day in calendar.period(found.year, found.period)
    first = calendar.year(found.year).start + timedelta(weeks=found.week - 1)
    assert first <= day < first + timedelta(weeks=1)


@given(week_calendars, st.integers(1950, 2150))
def test_only_the_named_period_takes_the_extra_week(calendar: FiscalCalendar, year: int) -> None:
    weeks = [calendar.period(year, number).days // 7 for number in range(1, 13)]
    assert sum(weeks) in {52, 53}
    regular = list(calendar.pattern) * 4  # type: ignore[attr-defined]
    regular[calendar.extra_week_in - 1] += sum(weeks) - 52  # type: ignore[attr-defined]
    assert weeks == regular


@pytest.mark.parametrize("pattern", [(4, 4, 4), (13,), (4, 4, 5, 0), (0, 8, 5), (4.0, 4.0, 5.0)])
def test_a_pattern_that_is_no_quarter_is_refused(pattern: tuple[int, int, int]) -> None:
    with pytest.raises(InvalidPattern, match="make 13"):
        FiscalCalendar.weeks(pattern, ends=YearEnd("last", "sat", 1))


def test_other_settings_that_do_not_exist_are_refused() -> None:
    with pytest.raises(NoSuchPart, match="month"):
        FiscalCalendar.monthly(13)
    with pytest.raises(NoSuchPart, match="period"):
        FiscalCalendar.weeks(ends=YearEnd("last", "sat", 1), extra_week_in=13)
    with pytest.raises(NoSuchPart, match="month"):
        YearEnd("last", "sat", 0)
    with pytest.raises(UnknownWeekday):
        YearEnd("last", "caturday", 1)
    with pytest.raises(UnknownOption, match="'first'; use one of: last, nearest"):
        YearEnd("first", "sat", 1)
    with pytest.raises(UnknownOption, match="'middle'; use one of: start, end"):
        FiscalCalendar.monthly(named_by="middle")


def test_a_part_that_does_not_exist_is_refused() -> None:
    with pytest.raises(NoSuchPart, match="quarter 5"):
        RETAIL.quarter(2026, 5)
    with pytest.raises(NoSuchPart, match="period 0"):
        RETAIL.period(2026, 0)
    with pytest.raises(NotADate):
        RETAIL.of(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("calendar", [RETAIL, FiscalCalendar.monthly(4)])
@pytest.mark.parametrize("year", [-1, 0, 9999, 10_000, 10**400])
def test_years_beyond_the_calendar_are_refused(calendar: FiscalCalendar, year: int) -> None:
    with pytest.raises(DateOutOfRange):
        calendar.year(year)


@pytest.mark.parametrize("day", [date.min, date.max])
def test_days_at_the_end_of_time_are_refused(day: date) -> None:
    with pytest.raises(DateOutOfRange):
        RETAIL.of(day)
