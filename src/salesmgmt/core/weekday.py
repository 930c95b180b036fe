"""Days of the week by name, as configuration writes them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from salesmgmt.core.errors import SalesError, shorten

_LONGEST_TEXT = 100


class UnknownWeekday(SalesError, ValueError):
    """A text does not name a day of the week."""

    code = "unknown_weekday"

    def __init__(self, found: object) -> None:
        self.found = shorten(found)
        super().__init__(
            f"{self.found} is not a day of the week", hint="write mon, tue, wed, thu, fri, sat or sun"
        )


class Weekday(StrEnum):
    """A day of the week, Monday first.

    >>> from datetime import date
    >>> from salesmgmt.core.weekday import Weekday
    >>> Weekday.of(date(2026, 11, 27))
    <Weekday.FRI: 'fri'>
    """

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"

    @property
    def number(self) -> int:
        """Its place in the week, Monday = 0, as `date.weekday`."""
        return _NAMES.index(self.value)

    @classmethod
    def of(cls, day: date) -> Weekday:
        """Return the weekday of a date."""
        return _WEEK[day.weekday()]

    @classmethod
    def parse(cls, text: object) -> Weekday:
        """Read a weekday by its English name or the first three letters of it, in any case.

        Raises:
            UnknownWeekday: the text is neither.

        >>> from salesmgmt.core.weekday import Weekday
        >>> Weekday.parse("Saturday")
        <Weekday.SAT: 'sat'>
        """
        name = text.strip().lower() if isinstance(text, str) and len(text) <= _LONGEST_TEXT else ""
        if name[:3] in _NAMES and name in {name[:3], _FULL_NAMES[_NAMES.index(name[:3])]}:
            return cls(name[:3])
        raise UnknownWeekday(text)


_WEEK = tuple(Weekday)
_NAMES = tuple(day.value for day in _WEEK)
_FULL_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def weekdays(days: str | Iterable[str]) -> tuple[Weekday, ...]:
    """Read several weekdays: names, or a text with names and ranges.

    Args:
        days: `"mon-fri"`, `"mon, wed-fri"`, `"sat-mon"` (a range may pass the end of the week), or an iterable of names.

    Returns:
        Each day once, Monday first.

    Raises:
        UnknownWeekday: a part names no weekday.

    >>> from salesmgmt.core.weekday import weekdays
    >>> [day.value for day in weekdays("sat-mon, wed")]
    ['mon', 'wed', 'sat', 'sun']
    """
    if not isinstance(days, str):
        chosen = {Weekday.parse(day) for day in days}
    elif len(days) > _LONGEST_TEXT:
        raise UnknownWeekday(days)
    else:
        chosen = set()
        for part in days.split(","):
            first, dash, last = part.partition("-")
            start = Weekday.parse(first).number
            end = Weekday.parse(last).number if dash else start
            chosen |= {_WEEK[(start + step) % 7] for step in range((end - start) % 7 + 1)}
    return tuple(day for day in _WEEK if day in chosen)
