"""Business calendars: working time between instants, deadlines, and working days."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import attrs

from salesmgmt.core._tally import T, Tally, smallest
from salesmgmt.core.clock import changed_days, first_moment, zone
from salesmgmt.core.errors import SalesError, shorten
from salesmgmt.core.events import require_aware
from salesmgmt.core.hours import Hours, WorkingHours, day_hours
from salesmgmt.core.period import DateOutOfRange, require_date
from salesmgmt.core.weekday import Weekday, weekdays

_NOTHING = timedelta(0)
_HORIZON = 36_525
"""Days that a deadline is looked for: a century."""
_FIRST_YEAR, _LAST_YEAR = 2, 9_997  # a zone may move a moment by a day, and a week is looked ahead


class NoWorkingHours(SalesError, ValueError):
    """A calendar would never be open."""

    code = "no_working_hours"

    def __init__(self) -> None:
        super().__init__(
            "a business calendar needs working hours", hint="give hours for at least one weekday"
        )


class WeekdayTwice(SalesError, ValueError):
    """A calendar names the same weekday twice, as `mon` and as `Monday`."""

    code = "weekday_twice"

    def __init__(self, day: Weekday) -> None:
        self.day = str(day)
        super().__init__(f"{day} has hours twice", hint="put all intervals of a weekday under one name")


class HolidayWithHours(SalesError, ValueError):
    """A day is named both as a holiday and as a day with its own hours."""

    code = "holiday_with_hours"

    def __init__(self, day: date) -> None:
        self.day = day
        super().__init__(
            f"{day} is a holiday and also has hours of its own",
            hint="keep it in `exceptions` for a half day, in `holidays` for a whole one",
        )


class ReversedInterval(SalesError, ValueError):
    """Time was to be counted from a later to an earlier moment."""

    code = "reversed_interval"

    def __init__(self, start: date, end: date) -> None:
        self.start = start
        self.end = end
        super().__init__(
            f"{end.isoformat()} is before {start.isoformat()}", hint="give the earlier one first"
        )


class NegativeDuration(SalesError, ValueError):
    """A deadline was asked for with less than no working time."""

    code = "negative_duration"

    def __init__(self, found: timedelta) -> None:
        self.found = found
        super().__init__(f"{found} of working time is negative", hint="give a duration of zero or more")


class OutOfReach(SalesError, ValueError):
    """The working time or days that were asked for do not come within a century.

    Attributes:
        wanted: the working time, or the number of working days.
        start: where the search began.
    """

    code = "out_of_reach"

    def __init__(self, wanted: timedelta | int, start: date) -> None:
        self.wanted = wanted
        self.start = start
        what = (
            f"{wanted} of working time"
            if isinstance(wanted, timedelta)
            else f"{shorten(wanted)} working days"
        )
        super().__init__(
            f"{what} from {start.isoformat()} are not reached within 100 years",
            hint="ask for less, or check the holidays and hours of the calendar",
        )


def _by_the_clock(hours: tuple[WorkingHours, ...]) -> timedelta:
    return sum((part.closes - part.opens for part in hours), _NOTHING)


def _is_open(hours: tuple[WorkingHours, ...]) -> int:
    return 1 if hours else 0


def _week(hours: Mapping[str, Hours] | Mapping[Weekday, Hours]) -> Mapping[Weekday, tuple[WorkingHours, ...]]:
    read: dict[Weekday, tuple[WorkingHours, ...]] = {}
    for name, part in hours.items():
        day = Weekday.parse(name)
        if day in read:
            raise WeekdayTwice(day)
        read[day] = day_hours(part)
    return MappingProxyType({day: read[day] for day in Weekday if read.get(day)})


def _dates(days: Iterable[date]) -> frozenset[date]:
    return frozenset(require_date(day, "holidays") for day in days)


def _exceptions(days: Mapping[date, Hours]) -> Mapping[date, tuple[WorkingHours, ...]]:
    read = {require_date(day, "exceptions"): day_hours(hours) for day, hours in days.items()}
    return MappingProxyType(dict(sorted(read.items())))


@attrs.frozen(kw_only=True)
class BusinessCalendar:
    """When a business works: hours by weekday, holidays, and days with hours of their own, in one time zone.

    Hours are stated by the clock on the wall; working time is the time that really passes. A night shift from 22:00 to
    06:00 is an hour shorter when the clock is put forward in it, and an hour longer when it is put back. A bound that
    the clock skips lies at the change; one that it shows twice is the first of the two.

    Answers carry the time zone of the calendar. Python holds instants of two zones for unequal when one of them lies in
    an hour that comes twice: compare in UTC.

    The cost of a question does not grow with the days between two moments, only (slightly) with the years.

    Attributes:
        hours: the hours of each weekday, as text or intervals; a weekday that is missing is closed.
        holidays: days without work.
        exceptions: days with other hours than their weekday: half days, Saturdays that make up for a bridge day. Empty
            hours close the day.
        time_zone: IANA name.

    Raises:
        NoWorkingHours: no weekday and no exception has hours.
        InvalidHours, OverlappingHours: the hours of a day are not intervals that follow each other.
        UnknownWeekday, WeekdayTwice, UnknownTimeZone, NotADate, HolidayWithHours: another setting cannot be right.

    >>> from datetime import UTC, date, datetime, timedelta
    >>> from salesmgmt.core.calendar import BusinessCalendar
    >>> office = BusinessCalendar(
    ...     hours={"mon": "09:00-12:00, 13:00-18:00", "tue": "09:00-12:00"},
    ...     holidays=[date(2026, 12, 28)],
    ...     exceptions={date(2026, 12, 24): "09:00-13:00"},
    ...     time_zone="Europe/Berlin",
    ... )
    >>> office.elapsed(datetime(2026, 12, 21, 16, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC))
    datetime.timedelta(seconds=39600)
    """

    hours: Mapping[Weekday, tuple[WorkingHours, ...]] = attrs.field(converter=_week, hash=False)
    holidays: frozenset[date] = attrs.field(default=(), converter=_dates)
    exceptions: Mapping[date, tuple[WorkingHours, ...]] = attrs.field(
        factory=dict, converter=_exceptions, hash=False
    )
    time_zone: str = "UTC"
    _special: Mapping[int, tuple[WorkingHours, ...]] = attrs.field(init=False, eq=False, repr=False)
    _zone: ZoneInfo = attrs.field(init=False, eq=False, repr=False)
    _time: Tally[timedelta] = attrs.field(init=False, eq=False, repr=False)
    _days: Tally[int] = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        if not self.hours and not any(self.exceptions.values()):
            raise NoWorkingHours
        if both := self.holidays & self.exceptions.keys():
            raise HolidayWithHours(min(both))
        special: dict[date, tuple[WorkingHours, ...]] = {
            **dict.fromkeys(self.holidays, ()),
            **self.exceptions,
        }
        by_ordinal = {day.toordinal(): special[day] for day in sorted(special)}
        object.__setattr__(self, "_special", by_ordinal)
        object.__setattr__(self, "_zone", zone(self.time_zone))
        object.__setattr__(self, "_time", self._tally(_by_the_clock, _NOTHING))
        object.__setattr__(self, "_days", self._tally(_is_open, 0))

    def _tally(self, measure: Callable[[tuple[WorkingHours, ...]], T], zero: T) -> Tally[T]:
        regular = [measure(self.hours.get(day, ())) for day in Weekday]
        changes = [measure(hours) - regular[(day - 1) % 7] for day, hours in self._special.items()]
        return Tally(
            week=tuple(accumulate(regular, initial=zero)),
            days=tuple(self._special),
            sums=tuple(accumulate(changes, initial=zero)),
        )

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the definition; the sums are made anew."""
        return _restore, (dict(self.hours), self.holidays, dict(self.exceptions), self.time_zone)

    @classmethod
    def weekly(
        cls,
        days: str | Iterable[str] = "mon-fri",
        start: time = time(9),
        end: time = time(17),
        *,
        holidays: Iterable[date] = (),
        time_zone: str = "UTC",
    ) -> BusinessCalendar:
        """Make the calendar with the same hours on each of some weekdays.

        >>> from datetime import UTC, datetime, timedelta
        >>> from salesmgmt.core.calendar import BusinessCalendar
        >>> support = BusinessCalendar.weekly("mon-fri")
        >>> support.deadline(datetime(2024, 1, 1, 16, tzinfo=UTC), timedelta(hours=2)).isoformat()
        '2024-01-02T10:00:00+00:00'
        """
        hours: dict[Weekday, Hours] = dict.fromkeys(weekdays(days), ((start, end),))
        return cls(hours=hours, holidays=holidays, time_zone=time_zone)

    # --- working time

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """Return the working time between two instants.

        Raises:
            NaiveInstant, NotAnInstant: an instant has no time zone, or is none.
            ReversedInterval: `end` is before `start`.
            DateOutOfRange: an instant is at the edge of the years 1 to 9999.

        >>> from datetime import UTC, datetime
        >>> from salesmgmt.core.calendar import BusinessCalendar
        >>> friday, monday = datetime(2026, 11, 27, 16, tzinfo=UTC), datetime(2026, 11, 30, 10, tzinfo=UTC)
        >>> BusinessCalendar.weekly().elapsed(friday, monday)
        datetime.timedelta(seconds=7200)
        """
        first_day, begin = self._locate(start, "start")
        last_day, finish = self._locate(end, "end")
        if finish < begin:
            raise ReversedInterval(start, end)
        whole_days = self._working_time(first_day, last_day)
        return whole_days - self._worked(first_day, begin) + self._worked(last_day, finish)

    def deadline(self, start: datetime, working: timedelta) -> datetime:
        """Return the first instant at which `working` time has passed since `start`, in the zone of the calendar.

        A deadline that comes at closing time stays there. From outside the hours it counts from the next opening.
        Without any working time it is `start` itself.

        Raises:
            NaiveInstant, NotAnInstant: `start` has no time zone, or is no instant.
            NegativeDuration: `working` is below zero.
            OutOfReach: it does not come within a century.
            DateOutOfRange: `start` is at the edge of the years 1 to 9999.

        >>> from datetime import UTC, datetime, timedelta
        >>> from salesmgmt.core.calendar import BusinessCalendar
        >>> office = BusinessCalendar.weekly()
        >>> office.deadline(datetime(2026, 11, 28, 12, tzinfo=UTC), timedelta(hours=8)).isoformat()
        '2026-11-30T17:00:00+00:00'
        """
        if working < _NOTHING:
            raise NegativeDuration(working)
        day, begin = self._locate(start, "start")
        if not working:
            return begin.astimezone(self._zone)
        if working > timedelta(days=_HORIZON):
            raise OutOfReach(working, start)
        left = working + self._worked(day, begin)
        ahead = smallest(lambda days: self._working_time(day, day + days) >= left, _ahead(day))
        if ahead is None:
            raise OutOfReach(working, start)
        left -= self._working_time(day, day + ahead - 1)
        for opens, closes in self._shifts(day + ahead - 1):
            if left <= closes - opens:
                return (opens + left).astimezone(self._zone)
            left -= closes - opens
        raise AssertionError  # pragma: no cover - the day was chosen for having this much time

    def is_working(self, instant: datetime) -> bool:
        """Whether the business is open; at closing time it is not. Raises as `elapsed`.

        >>> from datetime import UTC, datetime
        >>> from salesmgmt.core.calendar import BusinessCalendar
        >>> BusinessCalendar.weekly().is_working(datetime(2026, 11, 27, 17, tzinfo=UTC))
        False
        """
        day, moment = self._locate(instant, "instant")
        return any(opens <= moment < closes for opens, closes in self._shifts(day))

    def next_working(self, instant: datetime) -> datetime:
        """Return `instant` when the business is open, else the next opening, in the zone of the calendar.

        Raises:
            OutOfReach: it does not open within a century; else as `elapsed`.

        >>> from datetime import UTC, datetime
        >>> from salesmgmt.core.calendar import BusinessCalendar
        >>> BusinessCalendar.weekly().next_working(datetime(2026, 11, 27, 17, tzinfo=UTC)).isoformat()
        '2026-11-30T09:00:00+00:00'
        """
        day, moment = self._locate(instant, "instant")
        worked = self._worked(day, moment)
        ahead = smallest(lambda days: self._working_time(day, day + days) > worked, _ahead(day))
        if ahead is None:
            raise OutOfReach(timedelta.resolution, instant)
        shifts = self._shifts(day + ahead - 1)
        return next(max(opens, moment) for opens, closes in shifts if closes > max(opens, moment)).astimezone(
            self._zone
        )

    def _locate(self, instant: datetime, name: str) -> tuple[int, datetime]:
        """Return the day (its ordinal) that an instant belongs to, and the instant in UTC."""
        if not _FIRST_YEAR <= require_aware(instant, name).year <= _LAST_YEAR:
            raise DateOutOfRange(f"a business calendar at {instant.isoformat()}")
        moment = instant.astimezone(UTC)
        day = moment.astimezone(self._zone).toordinal()
        # A clock that is put back over midnight shows yesterday again although today has begun.
        begun = first_moment(self._zone, datetime.fromordinal(day + 1)) <= moment
        return day + begun, moment

    def _hours(self, day: int) -> tuple[WorkingHours, ...]:
        special = self._special.get(day)
        return self.hours.get(Weekday.of(date.fromordinal(day)), ()) if special is None else special

    def _shifts(self, day: int) -> list[tuple[datetime, datetime]]:
        """Return the intervals of a day as instants in UTC."""
        hours = self._hours(day)
        midnight = datetime.fromordinal(day)
        if day not in changed_days(self._zone, midnight.year):
            begin = first_moment(self._zone, midnight)
            return [(begin + part.opens, begin + part.closes) for part in hours]
        return [
            (
                first_moment(self._zone, midnight + part.opens),
                first_moment(self._zone, midnight + part.closes),
            )
            for part in hours
        ]

    def _worked(self, day: int, moment: datetime) -> timedelta:
        """Return the working time of a day up to a moment of it."""
        shifts = self._shifts(day)
        return sum((min(closes, moment) - opens for opens, closes in shifts if opens < moment), _NOTHING)

    def _working_time(self, first: int, end: int) -> timedelta:
        """Return the working time that really passes from day `first` up to, not including, day `end`."""
        total = self._time.between(first, end)
        for year in range(date.fromordinal(first).year, date.fromordinal(end).year + 1):
            for day in changed_days(self._zone, year):
                if first <= day < end and (hours := self._hours(day)):
                    real = sum((closes - opens for opens, closes in self._shifts(day)), _NOTHING)
                    total += real - _by_the_clock(hours)
        return total

    # --- working days

    def hours_on(self, day: date) -> tuple[WorkingHours, ...]:
        """Return the working hours of a date; `()` when it is closed.

        >>> from datetime import date
        >>> from salesmgmt.core.calendar import BusinessCalendar
        >>> [str(hours) for hours in BusinessCalendar.weekly().hours_on(date(2026, 11, 27))]
        ['09:00-17:00']
        """
        return self._hours(require_date(day, "day").toordinal())

    def working_days(self, first: date, last: date) -> int:
        """Count the days with working hours from `first` to `last`, both included.

        Raises:
            ReversedInterval: `last` is before `first`.
            NotADate: an instant was given.

        >>> from datetime import date
        >>> from salesmgmt.core.calendar import BusinessCalendar
        >>> BusinessCalendar.weekly().working_days(date(2026, 11, 1), date(2026, 11, 30))
        21
        """
        if require_date(last, "last") < require_date(first, "first"):
            raise ReversedInterval(first, last)
        return self._days.between(first.toordinal(), last.toordinal() + 1)

    def add_working_days(self, day: date, days: int) -> date:
        """Return the working day that is so many after `day`, or before it when negative; 0 gives `day` itself.

        As the spreadsheet function WORKDAY: `day` is not counted, and need not be a working day.

        Raises:
            OutOfReach: it does not come within a century.
            NotADate: an instant was given.

        >>> from datetime import date
        >>> from salesmgmt.core.calendar import BusinessCalendar
        >>> BusinessCalendar.weekly(holidays=[date(2026, 12, 25)]).add_working_days(date(2026, 12, 24), 2)
        datetime.date(2026, 12, 29)
        """
        origin = require_date(day, "day").toordinal()
        if days >= 0:
            limit = min(_HORIZON, date.max.toordinal() - origin)
            away = smallest(lambda ahead: self._days.between(origin + 1, origin + 1 + ahead) >= days, limit)
        else:
            limit = min(_HORIZON, origin - 1)
            away = smallest(lambda back: self._days.between(origin - back, origin) >= -days, limit)
        if away is None:
            raise OutOfReach(days, day)
        return date.fromordinal(origin + (away if days >= 0 else -away))


def _ahead(day: int) -> int:
    return min(_HORIZON, date(_LAST_YEAR + 1, 12, 31).toordinal() - day)


def _restore(
    hours: Mapping[Weekday, Hours],
    holidays: frozenset[date],
    exceptions: Mapping[date, Hours],
    time_zone: str,
) -> BusinessCalendar:
    return BusinessCalendar(hours=hours, holidays=holidays, exceptions=exceptions, time_zone=time_zone)
