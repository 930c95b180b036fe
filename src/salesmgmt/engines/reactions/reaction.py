"""One reaction, as data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import attrs

from salesmgmt.core.calendar import BusinessCalendar
from salesmgmt.core.frozen_map import FrozenMap
from salesmgmt.core.period import DateOutOfRange


def _texts(given: Mapping[str, str]) -> Mapping[str, str]:
    return FrozenMap(given)


@attrs.frozen(kw_only=True)
class Delay:
    """How long after the event a command is due; the parts are added, those by the clock first.

    Attributes:
        days: of 24 hours.
        hours: by the clock.
        working_days: of the host's calendar, at the same time of day where that is working time.
        working_hours: of the host's calendar.

    >>> from salesmgmt.engines.reactions import Delay
    >>> Delay(working_hours=4).needs_calendar
    True
    """

    days: int = 0
    hours: int = 0
    working_days: int = 0
    working_hours: int = 0

    @property
    def needs_calendar(self) -> bool:
        """Whether it counts working time."""
        return bool(self.working_days or self.working_hours)

    @property
    def parts(self) -> tuple[int, ...]:
        """All four numbers."""
        return self.days, self.hours, self.working_days, self.working_hours

    def after(self, instant: datetime, calendar: BusinessCalendar | None) -> datetime:
        """Return the instant that lies so long after another one; `calendar` is read where working time is counted.

        Raises:
            DateOutOfRange, OutOfReach: there is no such instant, or none within a century of the calendar.
        """
        try:
            due = instant + timedelta(days=self.days, hours=self.hours)
        except OverflowError:
            raise DateOutOfRange(f"{instant.isoformat()} and {self.days} days, {self.hours} hours") from None
        if calendar is None:
            return due
        if self.working_days:
            moved = calendar.add_working_days(due.date(), self.working_days)
            due = calendar.next_working(due + (moved - due.date()))
        return calendar.deadline(due, timedelta(hours=self.working_hours)) if self.working_hours else due


@attrs.frozen(kw_only=True)
class Reaction:
    """When one of these events happens and the condition holds, then this command.

    Attributes:
        id: what commands and errors call it.
        on: names of the events' classes.
        when: a condition over `event.*`, the fields of the event, and the facts that the set declares; empty for always.
        then: name of the command.
        texts: arguments that are plain texts.
        arguments: the other arguments, as formulas over the same names as `when`.
        after: how long after the event the command is due.
        due: when it is due instead, a formula that gives an instant (`event.due`); `after` is added to it.
        until: names of events about the same subject that make a command idle which is not due yet.

    >>> from salesmgmt.engines.reactions import Reaction
    >>> Reaction(id="call-back", on=("DealMoved",), when="event.status == 'lost'", then="remind").then
    'remind'
    """

    id: str
    on: tuple[str, ...]
    when: str = ""
    then: str
    texts: Mapping[str, str] = attrs.field(factory=dict, converter=_texts)
    arguments: Mapping[str, str] = attrs.field(factory=dict, converter=_texts)
    after: Delay = Delay()
    due: str = ""
    until: tuple[str, ...] = ()
