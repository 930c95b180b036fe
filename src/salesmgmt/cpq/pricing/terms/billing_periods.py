"""The periods of a subscription: where they begin, and how much of each a term covers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from fractions import Fraction

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, option, shorten
from salesmgmt.core.period import MonthEnd, Period, add_months, day_of_month


class Anchor(StrEnum):
    """On which day a period begins.

    >>> from salesmgmt.cpq.pricing.terms.billing_periods import Anchor
    >>> [str(anchor) for anchor in Anchor]
    ['anniversary', 'calendar', 'day_of_period']
    """

    ANNIVERSARY = "anniversary"
    """On the day on which the term begins, so that only its last period may be partial."""
    CALENDAR = "calendar"
    """On the first of a month; of periods of three or twelve months, on the first of the quarter or year."""
    DAY_OF_PERIOD = "day_of_period"
    """On a named day of the month; the first and the last period of a term may be partial."""


class PartialPeriod(StrEnum):
    """What a period counts that a term covers only in part."""

    PRORATE = "prorate"
    """The part of its days that are covered: 8 of 31 days count 8/31."""
    WHOLE = "whole"
    """One, as if it were covered wholly."""
    NONE = "none"
    """Nothing."""


@attrs.frozen(kw_only=True)
class PeriodPart:
    """What a term covers of one period.

    Attributes:
        period: the whole period.
        covered: the days of it that lie in the term.
    """

    period: Period
    covered: Period

    @property
    def is_whole(self) -> bool:
        """Whether all of the period is covered."""
        return self.covered == self.period

    def count(self, partial: PartialPeriod) -> Fraction:
        """What it counts as, 1 for a whole period.

        >>> from salesmgmt.core.period import Period
        >>> from salesmgmt.cpq.pricing.terms.billing_periods import PartialPeriod, PeriodPart
        >>> part = PeriodPart(period=Period.quarter(2026, 1), covered=Period.month(2026, 1))
        >>> part.count(PartialPeriod.PRORATE)
        Fraction(31, 90)
        """
        if self.is_whole or partial is PartialPeriod.WHOLE:
            return Fraction(1)
        if partial is PartialPeriod.NONE:
            return Fraction(0)
        return Fraction(self.covered.days, self.period.days)


def _anchor(value: str) -> Anchor:
    return option(Anchor, value, "the anchor of periods")


def _month_end(value: str) -> MonthEnd:
    return option(MonthEnd, value, "the rule for the end of a month")


@attrs.frozen(kw_only=True)
class BillingPeriods:
    """How time is cut into periods of equal calendar length.

    Attributes:
        months: length of a period: 1, 3, 6, 12; with `anniversary` up to 1200.
        anchor: on which day a period begins.
        day: that day of the month, for `day_of_period`; in a short month its last day, so that 31 is the last of each.
        month: a month in which a period begins, for `day_of_period` and periods of more than one month.
        month_end: for `anniversary`, whether a term that begins on the last day of a month has all its periods begin so.

    Raises:
        InvalidInput: a number is none of the calendar, or periods that do not begin with the term do not divide the year.

    >>> from datetime import date
    >>> from salesmgmt.core.period import Period
    >>> from salesmgmt.cpq.pricing.terms.billing_periods import BillingPeriods
    >>> term = Period.closed(date(2025, 3, 28), date(2025, 5, 4))
    >>> [str(part.covered) for part in BillingPeriods(anchor="day_of_period", day=5).parts(term)]
    ['2025-03-28/2025-04-05', '2025-04-05/2025-05-05']
    """

    months: int = 1
    anchor: Anchor = attrs.field(default=Anchor.ANNIVERSARY, converter=_anchor)
    day: int = 1
    month: int = 1
    month_end: MonthEnd = attrs.field(default=MonthEnd.CLIP, converter=_month_end)

    def __attrs_post_init__(self) -> None:
        numbers: tuple[tuple[str, object, int], ...] = (
            ("months", self.months, 1_200),
            ("day", self.day, 31),
            ("month", self.month, 12),
        )
        problems = [
            Problem(name, "no_such_part", shorten(value), f"a whole number from 1 to {last}")
            for name, value, last in numbers
            if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= last
        ]
        if not problems and self.anchor is not Anchor.ANNIVERSARY and 12 % self.months:
            wanted = "1, 2, 3, 4, 6 or 12"
            problems.append(
                Problem("months", "not_in_year", str(self.months), wanted, "or anchor them at anniversary")
            )
        if problems:
            raise InvalidInput("billing periods", problems)

    def parts(self, term: Period) -> Iterator[PeriodPart]:
        """Iterate over the periods that a term touches, in order, each with what is covered of it.

        >>> from datetime import date
        >>> from salesmgmt.core.period import Period
        >>> from salesmgmt.cpq.pricing.terms.billing_periods import BillingPeriods
        >>> term = Period.closed(date(2019, 1, 15), date(2019, 4, 10))
        >>> [part.covered.days for part in BillingPeriods().parts(term)]
        [31, 28, 27]
        """
        first, after = self._touched(term)
        for number in range(first, after):
            yield self._part(term, number)

    def count(self, term: Period, partial: PartialPeriod = PartialPeriod.PRORATE) -> Fraction:
        """How many periods a term lasts, exactly.

        Args:
            term: the days of the term.
            partial: what a period counts that is covered only in part.

        >>> from datetime import date
        >>> from salesmgmt.core.period import Period
        >>> from salesmgmt.cpq.pricing.terms.billing_periods import BillingPeriods
        >>> BillingPeriods(anchor="day_of_period", day=5).count(Period.closed(date(2025, 3, 28), date(2026, 2, 4)))
        Fraction(318, 31)
        """
        first, after = self._touched(term)
        if after - first == 1:
            return self._part(term, first).count(partial)
        # What lies between the first and the last period is covered wholly.
        ends = self._part(term, first).count(partial) + self._part(term, after - 1).count(partial)
        return ends + (after - first - 2)

    def _part(self, term: Period, number: int) -> PeriodPart:
        period = Period(self._start(term, number), self._start(term, number + 1))
        if term.start <= period.start and period.end <= term.end:
            return PeriodPart(period=period, covered=period)
        covered = Period(max(term.start, period.start), min(term.end, period.end))
        return PeriodPart(period=period, covered=covered)

    def _touched(self, term: Period) -> tuple[int, int]:
        """The number of the first period that the term touches, and the number after the last one."""
        first = 0 if self.anchor is Anchor.ANNIVERSARY else self._number(term, term.start)
        return first, self._number(term, term.last) + 1

    def _number(self, term: Period, day: date) -> int:
        """The number of the period that a day lies in; period 0 begins in the month of the anchor."""
        month = term.start.month if self.anchor is Anchor.ANNIVERSARY else self._month
        number = (12 * (day.year - term.start.year) + day.month - month) // self.months
        return number if self._start(term, number) <= day else number - 1

    @property
    def _month(self) -> int:
        return self.month if self.anchor is Anchor.DAY_OF_PERIOD else 1

    def _start(self, term: Period, number: int) -> date:
        """The first day of a period."""
        if self.anchor is Anchor.ANNIVERSARY:
            return add_months(term.start, number * self.months, month_end=self.month_end)
        first = add_months(date(term.start.year, self._month, 1), number * self.months)
        return day_of_month(first, self.day) if self.anchor is Anchor.DAY_OF_PERIOD else first
