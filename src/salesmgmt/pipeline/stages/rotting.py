"""Deals that stand still for too long, and deals that are too old."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum

import attrs

from salesmgmt.core.calendar import BusinessCalendar
from salesmgmt.core.clock import zone
from salesmgmt.core.errors import SalesError
from salesmgmt.pipeline.deals import Deal
from salesmgmt.pipeline.deals.commands.snoozing import awake_in_stage
from salesmgmt.pipeline.deals.visits import full_days


class DayKind(StrEnum):
    """Which days count against the limits of a pipeline.

    >>> from salesmgmt.pipeline.stages import DayKind
    >>> DayKind("working").name
    'WORKING'
    """

    CALENDAR = "calendar"
    """Full days of 24 hours."""
    WORKING = "working"
    """Days with working hours in a calendar, as the spreadsheet function WORKDAY counts: the day of the start is none."""


class CalendarNeeded(SalesError, ValueError):
    """A pipeline counts working days, and no calendar was given.

    Attributes:
        pipeline: id of the pipeline.
    """

    code = "calendar_needed"

    def __init__(self, pipeline: str) -> None:
        self.pipeline = pipeline
        super().__init__(
            f"the pipeline {pipeline} counts working days, and no calendar tells which they are",
            hint="pass calendar=BusinessCalendar.weekly(...)",
        )


@attrs.frozen
class Rotting:
    """How long a deal has stood in its stage, against what the stage allows; true when that is too long.

    Attributes:
        stage: id of the stage.
        days: full days awake in it, of the kind that the pipeline counts; `None` when nobody knows since when it is there.
        limit: after so many full days it rots; `None` when it never does, for a closed deal as well.
        is_snoozed: whether it sleeps, so that it does not rot now.

    >>> from salesmgmt.pipeline.stages import Rotting
    >>> Rotting("proposal", days=20, limit=14).overdue_days
    6
    """

    stage: str
    days: int | None
    limit: int | None
    is_snoozed: bool = False

    @property
    def is_rotting(self) -> bool:
        """Whether the limit is reached, and the deal is awake."""
        return not self.is_snoozed and _is_over(self.days, self.limit)

    @property
    def overdue_days(self) -> int:
        """Days beyond the limit; 0 when there are none."""
        return _beyond(self.days, self.limit)

    def __bool__(self) -> bool:
        return self.is_rotting


@attrs.frozen
class Age:
    """How old a deal is, against what its pipeline allows; true when it is too old.

    Attributes:
        days: full days since it was opened, asleep or awake, up to its closing; `None` when nobody knows when that was.
        limit: after so many full days an open deal is too old; `None` when it never is, for a closed deal as well.

    >>> from salesmgmt.pipeline.stages import Age
    >>> bool(Age(days=400, limit=365)), Age(days=400, limit=365).overdue_days
    (True, 35)
    """

    days: int | None
    limit: int | None

    @property
    def is_too_old(self) -> bool:
        """Whether the limit is reached."""
        return _is_over(self.days, self.limit)

    @property
    def overdue_days(self) -> int:
        """Days beyond the limit; 0 when there are none."""
        return _beyond(self.days, self.limit)

    def __bool__(self) -> bool:
        return self.is_too_old


def rotting_of(deal: Deal, limit: int | None, as_of: datetime, calendar: BusinessCalendar | None) -> Rotting:
    """How long a deal has been awake in its stage; in working days when a calendar is given."""
    is_snoozed = deal.snooze is not None and deal.snooze.lasts_at(as_of)
    return Rotting(deal.stage, _days_awake(deal, as_of, calendar), limit, is_snoozed)


def age_of(deal: Deal, limit: int | None, as_of: datetime, calendar: BusinessCalendar | None) -> Age:
    """How old a deal is, or was when it was closed; in working days when a calendar is given."""
    end = as_of if deal.is_open or deal.stage_since is None else deal.stage_since
    return Age(None if deal.opened_at is None else _days_passed(deal.opened_at, end, calendar), limit)


def _days_passed(since: datetime, until: datetime, calendar: BusinessCalendar | None) -> int:
    """Full days between two instants: of 24 hours, or working days when a calendar is given; 0 when `until` is earlier."""
    if until.astimezone(UTC) <= since.astimezone(UTC):
        return 0
    return full_days(since, until) if calendar is None else _working_days(since, until, calendar)


def _days_awake(deal: Deal, until: datetime, calendar: BusinessCalendar | None) -> int | None:
    """Full days that a deal has been awake in its stage; `None` when nobody knows since when it is there.

    A working day counts when the calendar's date turned to it while the deal was awake.
    """
    if deal.stage_since is None:
        return None
    spans = awake_in_stage(deal, until)
    if calendar is None:
        return sum((end - start for start, end in spans), timedelta()).days
    return sum(_working_days(start, end, calendar) for start, end in spans)


def _working_days(since: datetime, until: datetime, calendar: BusinessCalendar) -> int:
    here = zone(calendar.time_zone)
    first, last = since.astimezone(here).date(), until.astimezone(here).date()
    return calendar.working_days(first + timedelta(days=1), last) if first < last else 0


def _is_over(days: int | None, limit: int | None) -> bool:
    return limit is not None and days is not None and days >= limit


def _beyond(days: int | None, limit: int | None) -> int:
    return 0 if limit is None or days is None else max(0, days - limit)
