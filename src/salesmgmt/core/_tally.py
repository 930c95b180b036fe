"""Sums over ranges of days, and the search in them, without walking over the days."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from datetime import timedelta
from typing import Generic, TypeVar

import attrs

T = TypeVar("T", int, timedelta)


@attrs.frozen
class Tally(Generic[T]):
    """Sums of a daily figure that repeats every week, but for some days.

    Attributes:
        week: sums of the regular figure over the first 0 to 7 days of a week.
        days: ordinals of the days that are not regular, sorted.
        sums: sums of what those days add to the regular figure, over the first 0 to all of them.
    """

    week: tuple[T, ...]
    days: tuple[int, ...]
    sums: tuple[T, ...]

    def _before(self, day: int) -> T:
        weeks, rest = divmod(day - 1, 7)  # ordinal 1, 1 January of year 1, is a Monday
        return self.week[7] * weeks + self.week[rest] + self.sums[bisect_left(self.days, day)]

    def between(self, first: int, end: int) -> T:
        """Return the sum over the days from ordinal `first` up to, not including, `end`."""
        return self._before(end) - self._before(first)


def smallest(enough: Callable[[int], bool], limit: int) -> int | None:
    """Return the smallest number from 0 to `limit` that is enough, `None` when none is.

    What is enough stays so for larger numbers. Looks near first, because most deadlines are: at 7, 14, 28, ... days,
    then halves.
    """
    high = min(7, limit)
    while not enough(high):
        if high == limit:
            return None
        high = min(2 * high, limit)
    return bisect_left(range(high), True, key=enough)
