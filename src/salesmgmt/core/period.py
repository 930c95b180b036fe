"""Periods of days, and the month arithmetic that due dates and subscriptions need."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise

import attrs

from salesmgmt.core.errors import SalesError, option, shorten

_DAY = timedelta(days=1)


class NotADate(SalesError, TypeError):
    """A date without a time was needed."""

    code = "not_a_date"

    def __init__(self, name: str, found: object) -> None:
        self.name = name
        self.found = shorten(found)
        super().__init__(
            f"{name} = {self.found} is not a date",
            hint="pass a datetime.date; take the date of an instant in the time zone of the business first",
        )


class DateOutOfRange(SalesError, OverflowError):
    """A date would lie outside the years that the calendar of Python knows (1 to 9999)."""

    code = "date_out_of_range"

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(
            f"{what} lies outside the years 1 to 9999", hint="use None, not the year 9999, for an open end"
        )


class EmptyPeriod(SalesError, ValueError):
    """A period would end before or on the day it starts."""

    code = "empty_period"

    def __init__(self, start: date, end: date) -> None:
        self.start = start
        self.end = end
        super().__init__(
            f"a period from {start} to before {end} has no day",
            hint="let the end be the day after the last day, or use Period.closed(first, last)",
        )


class NoSuchPart(SalesError, ValueError):
    """A month, quarter or day was asked for by a number that does not exist.

    Attributes:
        part: what was numbered, for example `quarter`.
        found: the number that was given.
        last: the largest number there is.
    """

    code = "no_such_part"

    def __init__(self, part: str, found: object, last: int) -> None:
        self.part = part
        self.found = shorten(found)
        self.last = last
        super().__init__(f"there is no {part} {self.found}", hint=f"use a whole number from 1 to {last}")


def require_date(value: object, name: str) -> date:
    """Return `value` when it is a date and not an instant; raises `NotADate`.

    >>> from datetime import datetime
    >>> from salesmgmt.core.period import require_date
    >>> require_date(datetime(2026, 11, 1, 9), "start")
    Traceback (most recent call last):
    salesmgmt.core.period.NotADate: start = ... is not a date; ...
    """
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise NotADate(name, value)


def require_part(value: object, part: str, last: int) -> int:
    """Return `value` when it is a whole number from 1 to `last`; raises `NoSuchPart`.

    >>> from salesmgmt.core.period import require_part
    >>> require_part(4, "quarter", 4)
    4
    """
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= last:
        return value
    raise NoSuchPart(part, value, last)


class MonthEnd(StrEnum):
    """What month arithmetic does at the end of a month.

    Attributes:
        CLIP: the day is kept, or is the last of a month that is too short: 31 January + 1 month = 28 February,
            28 February + 1 month = 28 March (java.time `plusMonths`, PostgreSQL, spreadsheets' EDATE, most ERPs).
        STICK: also, the last day of a month goes to the last day: 28 February + 1 month = 31 March
            (Oracle's ADD_MONTHS; bills that fall due "at the end of each month").
    """

    CLIP = "clip"
    STICK = "stick"


def add_months(day: date, months: int, *, month_end: MonthEnd | str = MonthEnd.CLIP) -> date:
    """Return the same day of the month, `months` later (or earlier, when negative).

    Repeated clipping loses the day (31 January, 28 February, 28 March): for a series, add to its first date each time.

    Args:
        day: the date to start from.
        months: how many months, of either sign.
        month_end: what happens at the end of a month, see `MonthEnd`.

    Raises:
        DateOutOfRange: the result is before year 1 or after year 9999.
        UnknownOption: there is no such rule.

    >>> from datetime import date
    >>> from salesmgmt.core.period import add_months
    >>> add_months(date(2026, 1, 31), 1)
    datetime.date(2026, 2, 28)
    >>> add_months(date(2026, 2, 28), 1, month_end="stick")
    datetime.date(2026, 3, 31)
    """
    rule = option(MonthEnd, month_end, "the rule for the end of a month")
    require_date(day, "day")
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not date.min.year <= year <= date.max.year:
        raise DateOutOfRange(f"{day} and {shorten(months)} months")
    last = monthrange(year, month + 1)[1]
    at_end = rule is MonthEnd.STICK and day == end_of_month(day)
    return date(year, month + 1, last if at_end else min(day.day, last))


def end_of_month(day: date) -> date:
    """Return the last day of the month of `day`.

    >>> from datetime import date
    >>> from salesmgmt.core.period import end_of_month
    >>> end_of_month(date(2024, 2, 10))
    datetime.date(2024, 2, 29)
    """
    return day_of_month(day, 31)


def day_of_month(day: date, number: int) -> date:
    """Return the day with this number in the month of `day`, at most the last one.

    Raises:
        NoSuchPart: `number` is not 1 to 31.

    >>> from datetime import date
    >>> from salesmgmt.core.period import day_of_month
    >>> day_of_month(date(2026, 2, 3), 30)
    datetime.date(2026, 2, 28)
    """
    require_date(day, "day")
    require_part(number, "day of the month", 31)
    return day.replace(day=min(number, monthrange(day.year, day.month)[1]))


def next_day_of_month(day: date, number: int) -> date:
    """Return the first day with this number in a month, on or after `day`; in a short month it is the last day.

    Raises:
        NoSuchPart: `number` is not 1 to 31.

    >>> from datetime import date
    >>> from salesmgmt.core.period import next_day_of_month
    >>> next_day_of_month(date(2019, 2, 15), 15), next_day_of_month(date(2019, 3, 3), 15)
    (datetime.date(2019, 2, 15), datetime.date(2019, 3, 15))
    """
    this_month = day_of_month(day, number)
    return this_month if this_month >= day else day_of_month(add_months(day, 1), number)


@attrs.frozen(order=True)
class Period:
    """The days from `start` up to, but not including, `end`; never empty.

    Half-open periods join without gap or overlap: the end of one is the start of the next. Where people state a first
    and a last day, use `Period.closed`.

    Attributes:
        start: the first day.
        end: the day after the last day.

    Raises:
        EmptyPeriod: `end` is not after `start`.
        NotADate: a bound is not a date, or is an instant.

    >>> from datetime import date
    >>> from salesmgmt.core.period import Period
    >>> Period(date(2026, 11, 1), date(2026, 12, 1)) == Period.month(2026, 11)
    True
    >>> date(2026, 11, 30) in Period.month(2026, 11), date(2026, 12, 1) in Period.month(2026, 11)
    (True, False)
    """

    start: date
    end: date

    def __attrs_post_init__(self) -> None:
        if require_date(self.end, "end") <= require_date(self.start, "start"):
            raise EmptyPeriod(self.start, self.end)

    @classmethod
    def closed(cls, first: date, last: date) -> Period:
        """Make the period from the first to the last day, both included.

        >>> from datetime import date
        >>> from salesmgmt.core.period import Period
        >>> Period.closed(date(2026, 11, 1), date(2026, 11, 30)) == Period.month(2026, 11)
        True
        """
        require_date(first, "first")
        if require_date(last, "last") == date.max:
            raise DateOutOfRange(f"the day after {last}")
        return cls(first, last + _DAY)

    @classmethod
    def month(cls, year: int, month: int) -> Period:
        """Make the calendar month.

        >>> from salesmgmt.core.period import Period
        >>> Period.month(2024, 2).days
        29
        """
        return cls._months(year, require_part(month, "month", 12), 1)

    @classmethod
    def quarter(cls, year: int, quarter: int) -> Period:
        """Make the quarter of the calendar year.

        >>> from salesmgmt.core.period import Period
        >>> str(Period.quarter(2026, 4))
        '2026-10-01/2027-01-01'
        """
        return cls._months(year, 3 * require_part(quarter, "quarter", 4) - 2, 3)

    @classmethod
    def year(cls, year: int) -> Period:
        """Make the calendar year.

        >>> from salesmgmt.core.period import Period
        >>> Period.year(2024).days
        366
        """
        return cls._months(year, 1, 12)

    @classmethod
    def _months(cls, year: int, month: int, length: int) -> Period:
        start = date(require_part(year, "year", date.max.year), month, 1)
        return cls(start, add_months(start, length))

    @property
    def last(self) -> date:
        """The last day, included."""
        return self.end - _DAY

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days

    def contains(self, day: date) -> bool:
        """Whether the day lies in it; also written `day in period`. Raises `NotADate` for an instant."""
        return self.start <= require_date(day, "day") < self.end

    __contains__ = contains

    def overlaps(self, other: Period) -> bool:
        """Whether the two have a day in common.

        >>> from salesmgmt.core.period import Period
        >>> Period.month(2026, 1).overlaps(Period.month(2026, 2))
        False
        """
        return self.start < other.end and other.start < self.end

    def intersection(self, other: Period) -> Period | None:
        """Return the days that both have, `None` when there are none.

        >>> from salesmgmt.core.period import Period
        >>> Period.quarter(2026, 1).intersection(Period.month(2026, 2)) == Period.month(2026, 2)
        True
        """
        if not self.overlaps(other):
            return None
        return Period(max(self.start, other.start), min(self.end, other.end))

    def split(self, *starts: date) -> tuple[Period, ...]:
        """Cut it so that each of these days starts a part; days outside it cut nothing.

        >>> from datetime import date
        >>> from salesmgmt.core.period import Period
        >>> [part.days for part in Period.month(2026, 4).split(date(2026, 4, 11), date(2026, 4, 16))]
        [10, 5, 15]
        """
        inner = {day for day in starts if self.contains(day) and day != self.start}
        bounds = [self.start, *sorted(inner), self.end]
        return tuple(Period(start, end) for start, end in pairwise(bounds))

    def months(self) -> Iterator[Period]:
        """Iterate over it month by month; the first and the last part may be less than a month.

        >>> from datetime import date
        >>> from salesmgmt.core.period import Period
        >>> [str(part) for part in Period(date(2026, 1, 15), date(2026, 3, 1)).months()]
        ['2026-01-15/2026-02-01', '2026-02-01/2026-03-01']
        """
        start = self.start
        while (last := end_of_month(start)) < self.last:
            yield Period(start, last + _DAY)
            start = last + _DAY
        yield Period(start, self.end)

    def next(self) -> Period:
        """Return the period that follows, of the same calendar length.

        Whole months (from a day to the same day, the 28th at most) are followed by as many months, so that `next` and
        `previous` undo each other; anything else is followed by as many days.

        >>> from salesmgmt.core.period import Period
        >>> Period.month(2026, 1).next() == Period.month(2026, 2)
        True
        """
        return self._moved(1)

    def previous(self) -> Period:
        """Return the period that comes before, of the same calendar length; see `next`.

        >>> from salesmgmt.core.period import Period
        >>> Period.quarter(2026, 1).previous() == Period.quarter(2025, 4)
        True
        """
        return self._moved(-1)

    def _moved(self, step: int) -> Period:
        if self.start.day == self.end.day <= 28:
            months = 12 * (self.end.year - self.start.year) + self.end.month - self.start.month
            return Period(add_months(self.start, step * months), add_months(self.end, step * months))
        try:
            return Period(
                self.start + step * (self.end - self.start), self.end + step * (self.end - self.start)
            )
        except OverflowError:
            raise DateOutOfRange(f"the neighbour of {self}") from None

    def __str__(self) -> str:
        """ISO 8601 interval, start and exclusive end."""
        return f"{self.start}/{self.end}"
