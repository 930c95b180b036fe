"""The clock on the wall of a time zone, made monotone: when it first shows a time, and on which days it is changed."""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from salesmgmt.core.errors import SalesError, shorten

_SECOND = timedelta(seconds=1)
_YEAR_ONE = datetime(1, 1, 1)  # noqa: DTZ001 - what walls show is reckoned from it


class UnknownTimeZone(SalesError, ValueError):
    """No time zone of this name is known on this machine."""

    code = "unknown_time_zone"

    def __init__(self, found: object) -> None:
        self.found = shorten(found)
        super().__init__(
            f"there is no time zone {self.found}",
            hint="use an IANA name such as Europe/Berlin; where the system has no zones, run: pip install tzdata",
        )


def zone(name: str) -> ZoneInfo:
    """Return the time zone of an IANA name; raises `UnknownTimeZone`.

    >>> from salesmgmt.core.clock import zone
    >>> zone("Europe/Berlin").key
    'Europe/Berlin'
    """
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, TypeError, OSError):  # zoneinfo opens a file of that name
        raise UnknownTimeZone(name) from None


def first_moment(clock: ZoneInfo, wall: datetime) -> datetime:
    """Return the first moment, in UTC, at which the clock shows the naive time `wall` or a later one.

    A time that comes twice is taken when it comes first; one that is skipped, at the moment of the change. Unlike the
    `fold` of a datetime this never turns two times round, so that intervals which follow each other never overlap.

    >>> from datetime import datetime
    >>> from salesmgmt.core.clock import first_moment, zone
    >>> first_moment(zone("Europe/Berlin"), datetime(2026, 3, 29, 2, 30)).isoformat()    # skipped: 2:00 became 3:00
    '2026-03-29T01:00:00+00:00'
    """
    moment = wall.replace(tzinfo=clock, fold=0).astimezone(UTC)
    if moment.astimezone(clock).replace(tzinfo=None, fold=0) == wall:
        return moment
    # PEP 495: with fold=0 a skipped time lies at or after the change, with fold=1 before it.
    before = wall.replace(tzinfo=clock, fold=1, microsecond=0).astimezone(UTC)
    offset = moment.astimezone(clock).utcoffset()
    seconds = range((moment - before) // _SECOND + 2)
    change = bisect_left(
        seconds,
        True,
        key=lambda second: (before + second * _SECOND).astimezone(clock).utcoffset() == offset,
    )
    return before + change * _SECOND


def is_before(first: datetime, second: datetime) -> bool:
    """Whether an aware instant comes before another one, whatever their clocks show.

    Python compares two datetimes of one time zone by what the clock shows, so that the hour that comes twice in autumn
    counts once. Nothing overflows at the ends of the calendar.

    >>> from datetime import datetime
    >>> from salesmgmt.core.clock import is_before, zone
    >>> summer = datetime(2026, 10, 25, 2, 30, tzinfo=zone("Europe/Berlin"))
    >>> winter = summer.replace(fold=1)
    >>> summer < winter, is_before(summer, winter)
    (False, True)
    """
    return _since_year_one(first) < _since_year_one(second)


def _since_year_one(instant: datetime) -> timedelta:
    return instant.replace(tzinfo=None) - _YEAR_ONE - (instant.utcoffset() or timedelta())


@lru_cache(maxsize=1_000)
def changed_days(clock: ZoneInfo, year: int) -> tuple[int, ...]:
    """Return the ordinals of the days in a year during which the offset of the clock from UTC changes.

    >>> from datetime import date
    >>> from salesmgmt.core.clock import changed_days, zone
    >>> [str(date.fromordinal(day)) for day in changed_days(zone("Europe/Berlin"), 2026)]
    ['2026-03-29', '2026-10-25']
    """
    first = date(year, 1, 1).toordinal()
    last = date(year + 1, 1, 1).toordinal()
    offsets = [datetime.fromordinal(day).replace(tzinfo=clock).utcoffset() for day in range(first, last + 1)]
    return tuple(first + at for at in range(last - first) if offsets[at] != offsets[at + 1])
