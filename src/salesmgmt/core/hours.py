"""Working hours of one day: intervals of time as configuration writes them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import time, timedelta
from itertools import pairwise
from typing import TypeAlias

import attrs

from salesmgmt.core.errors import SalesError, shorten

_TEXT = re.compile(r"\s*(\d\d:\d\d(?::\d\d)?)\s*-\s*(\d\d:\d\d(?::\d\d)?)\s*", re.ASCII)
_LONGEST_TEXT = 1_000
_DAY = timedelta(days=1)


class InvalidHours(SalesError, ValueError):
    """Something is not an interval of one day."""

    code = "invalid_hours"

    def __init__(self, found: object) -> None:
        self.found = shorten(found)
        super().__init__(
            f"{self.found} is not an interval of a day",
            hint="write it as 09:00-12:30, the end after the start and 24:00 at the latest",
        )


class OverlappingHours(SalesError, ValueError):
    """Two intervals of one day overlap.

    Attributes:
        first: the interval that starts first.
        second: the interval that starts before the first has ended.
    """

    code = "overlapping_hours"

    def __init__(self, first: WorkingHours, second: WorkingHours) -> None:
        self.first = str(first)
        self.second = str(second)
        super().__init__(f"{first} and {second} overlap", hint="join them into one interval, or part them")


def _since_midnight(value: time) -> timedelta:
    return timedelta(
        hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond
    )


@attrs.frozen(order=True)
class WorkingHours:
    """An interval of one day, by the clock on the wall, from `start` up to but not including `end`.

    Attributes:
        start: when it begins.
        end: when it is over; `time(0)` is the midnight that ends the day, 24:00.

    Raises:
        InvalidHours: the end is not after the start, or a bound is not a plain `time` without a zone.

    >>> from datetime import time
    >>> from salesmgmt.core.hours import WorkingHours
    >>> str(WorkingHours(time(13), time(0)))
    '13:00-24:00'
    """

    start: time
    end: time

    def __attrs_post_init__(self) -> None:
        bounds: tuple[object, ...] = (self.start, self.end)
        plain = all(isinstance(bound, time) and bound.tzinfo is None for bound in bounds)
        if not plain or self.closes <= self.opens:
            raise InvalidHours(bounds)

    @property
    def opens(self) -> timedelta:
        """Its start, counted from midnight by the clock."""
        return _since_midnight(self.start)

    @property
    def closes(self) -> timedelta:
        """Its end, counted from midnight by the clock, 24 hours at most."""
        return _since_midnight(self.end) or _DAY

    @classmethod
    def parse(cls, text: str) -> WorkingHours:
        """Read `HH:MM-HH:MM`, seconds optional; the end may be `24:00`.

        Raises:
            InvalidHours: the text is not of this form.

        >>> from salesmgmt.core.hours import WorkingHours
        >>> WorkingHours.parse("09:00-12:30").closes
        datetime.timedelta(seconds=45000)
        """
        match = _TEXT.fullmatch(text) if len(text) <= _LONGEST_TEXT else None
        if match is None:
            raise InvalidHours(text)
        start, end = match.groups()
        midnight = end in {"24:00", "24:00:00"}
        try:
            return cls(time.fromisoformat(start), time(0) if midnight else _end(end))
        except ValueError:
            raise InvalidHours(text) from None

    def __str__(self) -> str:
        start, end = (bound.isoformat("auto").removesuffix(":00") for bound in (self.start, self.end))
        return f"{start}-{'24:00' if end == '00:00' else end}"


def _end(text: str) -> time:
    end = time.fromisoformat(text)
    if end == time(0):  # as text, midnight at the end of a day is 24:00
        raise InvalidHours(text)
    return end


Hours: TypeAlias = str | Iterable[str | WorkingHours | tuple[time, time]]
"""The hours of one day: `"09:00-12:00, 13:00-18:00"`, or an iterable of such texts, intervals or pairs of times."""


def day_hours(hours: Hours) -> tuple[WorkingHours, ...]:
    """Read the hours of one day and put them in order; touching intervals are kept apart, an empty day is `()`.

    Raises:
        InvalidHours: a part is not an interval of a day.
        OverlappingHours: two intervals overlap.

    >>> from salesmgmt.core.hours import day_hours
    >>> [str(part) for part in day_hours("13:00-18:00, 09:00-12:00")]
    ['09:00-12:00', '13:00-18:00']
    """
    if isinstance(hours, str):
        if len(hours) > _LONGEST_TEXT:
            raise InvalidHours(hours)
        hours = hours.split(",") if hours.strip() else ()
    intervals = sorted(_interval(part) for part in hours)
    for first, second in pairwise(intervals):
        if second.opens < first.closes:
            raise OverlappingHours(first, second)
    return tuple(intervals)


def _interval(value: object) -> WorkingHours:
    if isinstance(value, WorkingHours):
        return value
    if isinstance(value, str):
        return WorkingHours.parse(value)
    if isinstance(value, tuple) and len(value) == 2:
        return WorkingHours(*value)
    raise InvalidHours(value)
