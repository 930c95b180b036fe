"""The stages that a deal went through, and when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import attrs

from salesmgmt.core.entity import DealId
from salesmgmt.core.events import Event
from salesmgmt.pipeline.deals.events import DealMoved, DealOpened
from salesmgmt.pipeline.deals.history import BrokenHistory
from salesmgmt.pipeline.deals.migrated import DealMigrated
from salesmgmt.pipeline.deals.status import StageKind


def full_days(since: datetime, until: datetime) -> int:
    """Full days of 24 hours; in UTC, because two instants of one zone are subtracted by what its clocks show."""
    if until.tzinfo is not UTC or since.tzinfo is not UTC:
        since, until = since.astimezone(UTC), until.astimezone(UTC)
    return (until - since).days


@attrs.frozen
class StageVisit:
    """One stay of a deal in a stage.

    Attributes:
        stage: id of the stage.
        entered: when it came in; `None` when nobody knows.
        left: when it left; `None` when it is still there.
        kind: the kind of the stage.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.pipeline.deals import StageKind, StageVisit
    >>> march = lambda day: datetime(2026, 3, day, tzinfo=UTC)
    >>> StageVisit("offer", march(2), march(9), StageKind.OPEN).days
    7
    """

    stage: str
    entered: datetime | None
    left: datetime | None
    kind: StageKind

    @property
    def days(self) -> int | None:
        """Full days of 24 hours of a stay that has ended; `None` of one that lasts, or has no known beginning."""
        if self.entered is None or self.left is None:
            return None
        return full_days(self.entered, self.left)


def stage_visits(events: Iterable[Event]) -> tuple[StageVisit, ...]:
    """The stages that a deal went through, in order; the last one lasts. A stay that a migration renamed is one stay, of the new name.

    Args:
        events: the history of one deal, oldest first; events of other kinds are passed over.

    Raises:
        BrokenHistory: a move or migration begins where the deal does not stand, or the deal is opened twice or never.

    >>> from salesmgmt.pipeline.deals import stage_visits
    >>> stage_visits([])
    ()
    """
    visits: list[StageVisit] = []
    deal: DealId | None = None
    for event in events:
        if isinstance(event, DealOpened):
            if visits:
                raise BrokenHistory(event, f"deal {event.deal} is opened a second time")
            deal = event.deal
            visits.append(StageVisit(event.stage, event.stage_since, None, event.status))
        elif isinstance(event, DealMoved):
            if event.deal != deal or visits[-1].stage != event.source:
                raise BrokenHistory(
                    event, f"deal {event.deal} moves from {event.source}, where it does not stand"
                )
            last = visits[-1]
            visits[-1] = StageVisit(last.stage, last.entered, event.at, last.kind)
            visits.append(StageVisit(event.target, event.at, None, event.status))
        elif isinstance(event, DealMigrated):
            if event.deal != deal or visits[-1].stage != event.before.stage:
                raise BrokenHistory(
                    event, f"deal {event.deal} migrates from {event.before.stage}, where it does not stand"
                )
            # The deal stays where it is, and its stage is called otherwise from now on.
            visits[-1] = StageVisit(event.after.stage, visits[-1].entered, None, event.after.status)
    return tuple(visits)
