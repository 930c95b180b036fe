"""Fiscal calendars: years that start in any month, and 52/53-week years of the 4-4-5 family."""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum
from itertools import accumulate

import attrs

from salesmgmt.core.errors import SalesError, option, shorten
from salesmgmt.core.period import DateOutOfRange, Period, add_months, end_of_month, require_date, require_part
from salesmgmt.core.weekday import Weekday

_WEEK = timedelta(weeks=1)


class InvalidPattern(SalesError, ValueError):
    """The weeks of a quarter are not three periods of 13 weeks together."""

    code = "invalid_week_pattern"

    def __init__(self, found: object) -> None:
        self.found = shorten(found)
        super().__init__(
            f"{self.found} is not a pattern of weeks",
            hint="give the weeks of three periods that make 13, for example (4, 4, 5)",
        )


class NamedBy(StrEnum):
    """Which calendar year gives a fiscal year its number.

    Attributes:
        START: the one in which it starts (Japan, the NRF retail calendar: 2023 runs into February 2024).
        END: the one in which it ends (the United States federal government: 2024 starts in October 2023).
    """

    START = "start"
    END = "end"


class YearEndRule(StrEnum):
    """Which weekday ends a 52/53-week year.

    Attributes:
        LAST: the last such weekday of the month (26 U.S.C. 441(f), first alternative).
        NEAREST: the one nearest to the last day of the month, so up to three days into the next (second alternative).
    """

    LAST = "last"
    NEAREST = "nearest"


def _weekday(value: str) -> Weekday:
    return Weekday.parse(value)


def _rule(value: str) -> YearEndRule:
    return option(YearEndRule, value, "the rule for the end of a fiscal year")


def _named_by(value: str) -> NamedBy:
    return option(NamedBy, value, "what a fiscal year is named by")


@attrs.frozen
class YearEnd:
    """The day on which a 52/53-week year ends, as data.

    Attributes:
        rule: the last such weekday of the month, or the one nearest to its end.
        weekday: the last day of every fiscal week.
        month: 1 to 12.

    >>> from salesmgmt.core.fiscal import YearEnd
    >>> YearEnd("last", "sat", 9).in_year(2023)      # Apple's fiscal 2023
    datetime.date(2023, 9, 30)
    """

    rule: YearEndRule = attrs.field(converter=_rule)
    weekday: Weekday = attrs.field(converter=_weekday)
    month: int = attrs.field()

    @month.validator
    def _check_month(self, _: object, value: int) -> None:
        require_part(value, "month", 12)

    def in_year(self, year: int) -> date:
        """Return the last day of the fiscal year that ends with this month of a calendar year."""
        month_end = end_of_month(date(year, self.month, 1))
        days_past = (month_end.weekday() - self.weekday.number) % 7
        forward = self.rule is YearEndRule.NEAREST and days_past > 3
        return month_end + timedelta(days=7 - days_past if forward else -days_past)


@attrs.frozen(kw_only=True)
class FiscalDate:
    """Where a day stands in its fiscal year.

    Attributes:
        year: number of the fiscal year.
        quarter: 1 to 4.
        period: 1 to 12, the fiscal month.
        week: 1 to 53, counted in sevens from the first day of the year.
    """

    year: int
    quarter: int
    period: int
    week: int


@attrs.frozen(kw_only=True)
class FiscalCalendar(ABC):
    """Years of four quarters and twelve periods that cover every day exactly once.

    Made by `FiscalCalendar.monthly` or `FiscalCalendar.weeks`. Years whose days would fall outside the years 1 to 9999
    raise `DateOutOfRange`.

    Attributes:
        named_by: which calendar year gives a fiscal year its number.

    >>> from salesmgmt.core.fiscal import FiscalCalendar
    >>> str(FiscalCalendar.monthly(start_month=4).quarter(2026, 4))
    '2027-01-01/2027-04-01'
    """

    named_by: NamedBy = attrs.field(default=NamedBy.START, converter=_named_by)

    @staticmethod
    def monthly(start_month: int = 1, *, named_by: NamedBy | str = NamedBy.START) -> MonthlyCalendar:
        """Make the calendar whose year is the twelve calendar months from `start_month` (1 to 12).

        >>> from salesmgmt.core.fiscal import FiscalCalendar
        >>> str(FiscalCalendar.monthly(10, named_by="end").year(2024))       # the United States government
        '2023-10-01/2024-10-01'
        """
        return MonthlyCalendar(start_month=start_month, named_by=named_by)

    @staticmethod
    def weeks(
        pattern: Iterable[int] = (4, 4, 5),
        *,
        ends: YearEnd,
        named_by: NamedBy | str = NamedBy.START,
        extra_week_in: int = 12,
    ) -> WeeklyCalendar:
        """Make the calendar of 52 or 53 whole weeks.

        Args:
            pattern: the weeks of the three periods of each quarter, 13 in all: (4, 4, 5), (4, 5, 4), (5, 4, 4).
            ends: the day on which the year ends.
            named_by: which calendar year gives a fiscal year its number.
            extra_week_in: the period, 1 to 12, that takes the 53rd week.

        Raises:
            InvalidPattern: the pattern is not three numbers that make 13.

        >>> from salesmgmt.core.fiscal import FiscalCalendar, YearEnd
        >>> retail = FiscalCalendar.weeks((4, 5, 4), ends=YearEnd("nearest", "sat", 1))
        >>> str(retail.year(2023)), retail.year(2023).days // 7
        ('2023-01-29/2024-02-04', 53)
        """
        return WeeklyCalendar(pattern=pattern, ends=ends, named_by=named_by, extra_week_in=extra_week_in)

    @abstractmethod
    def _starts(self, year: int) -> tuple[date, ...]:
        """Return the first days of the twelve periods and, last, of the next year."""

    def _bounds(self, year: int) -> tuple[date, ...]:
        try:
            return self._starts(year)
        except (OverflowError, ValueError):  # `date` refuses a year with either, by where it notices
            raise DateOutOfRange(f"fiscal year {shorten(year)}") from None

    def year(self, year: int) -> Period:
        """Return the days of a fiscal year."""
        bounds = self._bounds(year)
        return Period(bounds[0], bounds[-1])

    def quarter(self, year: int, quarter: int) -> Period:
        """Return the days of a quarter, 1 to 4."""
        require_part(quarter, "quarter", 4)
        bounds = self._bounds(year)
        return Period(bounds[3 * quarter - 3], bounds[3 * quarter])

    def period(self, year: int, period: int) -> Period:
        """Return the days of a period (fiscal month), 1 to 12.

        >>> from salesmgmt.core.fiscal import FiscalCalendar
        >>> str(FiscalCalendar.monthly(4).period(2026, 12))
        '2027-03-01/2027-04-01'
        """
        require_part(period, "period", 12)
        bounds = self._bounds(year)
        return Period(bounds[period - 1], bounds[period])

    def of(self, day: date) -> FiscalDate:
        """Return where a day stands in its fiscal year; raises `NotADate` for an instant.

        >>> from datetime import date
        >>> from salesmgmt.core.fiscal import FiscalCalendar
        >>> FiscalCalendar.monthly(4).of(date(2027, 1, 9))
        FiscalDate(year=2026, quarter=4, period=10, week=41)
        """
        year = require_date(day, "day").year
        bounds = self._bounds(year)
        if not bounds[0] <= day < bounds[-1]:
            year += 1 if day >= bounds[-1] else -1
            bounds = self._bounds(year)
        period = bisect_right(bounds, day)
        return FiscalDate(
            year=year,
            quarter=(period + 2) // 3,
            period=period,
            week=(day - bounds[0]).days // 7 + 1,
        )


@attrs.frozen(kw_only=True)
class MonthlyCalendar(FiscalCalendar):
    """Years of twelve calendar months.

    Attributes:
        start_month: the month, 1 to 12, in which the year starts.
    """

    start_month: int = attrs.field()

    @start_month.validator
    def _check_start_month(self, _: object, value: int) -> None:
        require_part(value, "month", 12)

    def _starts(self, year: int) -> tuple[date, ...]:
        before = self.named_by is NamedBy.END and self.start_month > 1
        first = date(year - before, self.start_month, 1)
        return tuple(add_months(first, months) for months in range(13))


def _pattern(value: Iterable[object]) -> tuple[int, ...]:
    weeks = tuple(value)
    whole = tuple(count for count in weeks if isinstance(count, int) and count > 0)
    if len(weeks) != 3 or sum(whole) != 13 or whole != weeks:
        raise InvalidPattern(weeks)
    return whole


@attrs.frozen(kw_only=True)
class WeeklyCalendar(FiscalCalendar):
    """Years of 52 or 53 whole weeks.

    Attributes:
        pattern: the weeks of the three periods of each quarter.
        ends: the day on which the year ends.
        extra_week_in: the period that takes the 53rd week.
    """

    pattern: tuple[int, ...] = attrs.field(converter=_pattern)
    ends: YearEnd
    extra_week_in: int = attrs.field(default=12)

    @extra_week_in.validator
    def _check_extra_week_in(self, _: object, value: int) -> None:
        require_part(value, "period", 12)

    def _starts(self, year: int) -> tuple[date, ...]:
        # A year that ends in or about December starts in or about January: both names are then the same.
        ends_in = year if self.named_by is NamedBy.END or self.ends.month == 12 else year + 1
        last = self.ends.in_year(ends_in)
        first = self.ends.in_year(ends_in - 1) + timedelta(days=1)
        weeks = list(self.pattern * 4)
        weeks[self.extra_week_in - 1] += (last - first).days // 7 - 51
        return tuple(first + count * _WEEK for count in accumulate(weeks, initial=0))
