"""Deals as they were at any past instant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import attrs

from salesmgmt.core.entity import DealId
from salesmgmt.core.events import Event, require_aware
from salesmgmt.pipeline.deals.deal import Deal
from salesmgmt.pipeline.deals.history import fold, replay
from salesmgmt.pipeline.deals.visits import StageVisit, stage_visits


def as_of(events: Iterable[Event], at: datetime) -> Deal | None:
    """A deal as it was at an instant: what had happened until then, that instant included.

    Of a deal that was taken over from elsewhere nothing is known before it was taken over.

    Args:
        events: the history of one deal, oldest first; events of other kinds are passed over.
        at: the instant.

    Returns:
        The deal at version 0 and of no tenant; `None` before it was opened.

    Raises:
        NotAnInstant, NaiveInstant: `at` is no instant with a time zone.
        BrokenHistory: as for `replay`.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.pipeline.deals import as_of
    >>> as_of([], datetime(2026, 3, 2, 9, tzinfo=UTC)) is None
    True
    """
    require_aware(at, "at")
    return fold(event for event in events if event.at <= at)


@attrs.frozen
class DealHistory:
    """All that happened to one deal.

    Attributes:
        deal: its id.
        events: its history, oldest first.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.pipeline.deals import histories
    >>> from salesmgmt.pipeline.stages import PipelineDefinition, Stage, StageKind, Transition
    >>> pipeline = PipelineDefinition(
    ...     id="walk-in", version=1, initial="talk",
    ...     stages=(Stage("talk"), Stage("won", kind=StageKind.WON), Stage("lost", kind=StageKind.LOST)),
    ...     transitions=(Transition("talk", "won"), Transition("talk", "lost")),
    ... ).compile()
    >>> march = lambda day: datetime(2026, 3, day, 9, tzinfo=UTC)
    >>> deal, opened = pipeline.open(id="d-1", name="Two laptops", at=march(2), by=Actor("li.wei"))
    >>> deal, moved = pipeline.move(deal, "won", at=march(9), by=Actor("li.wei"))
    >>> history = histories([*opened, *moved])["d-1"]
    >>> history.as_of(march(5)).stage, history.replay().stage
    ('talk', 'won')
    >>> history.visits()[0].days
    7
    """  # fmt: skip

    deal: DealId
    events: tuple[Event, ...] = attrs.field(repr=False)

    def as_of(self, at: datetime) -> Deal | None:
        """The deal as it was at an instant; see `as_of`."""
        return as_of(self.events, at)

    def replay(self) -> Deal:
        """The deal as it is; see `replay`."""
        return replay(self.events)

    def visits(self) -> tuple[StageVisit, ...]:
        """The stages it went through; see `stage_visits`."""
        return stage_visits(self.events)


def histories(events: Iterable[Event]) -> Mapping[DealId, DealHistory]:
    """Sort events by the deal that each happened to, in one pass.

    Args:
        events: of any number of deals, oldest first; those that happened to something else are passed over.

    >>> list(histories([*opened, *moved]))
    ['d-1']
    """
    told: dict[DealId, list[Event]] = {}
    for event in events:
        if event.subjects and event.subjects[0].kind == "Deal":
            told.setdefault(event.subjects[0].id, []).append(event)
    return {deal: DealHistory(deal, tuple(its)) for deal, its in told.items()}


def snapshot(told: Mapping[DealId, DealHistory], at: datetime) -> Mapping[DealId, Deal]:
    """All deals as they were at an instant; those that were not yet opened are left out.

    Args:
        told: the histories, as `histories` sorts them.
        at: the instant.

    Raises:
        NotAnInstant, NaiveInstant: `at` is no instant with a time zone.
        BrokenHistory: as for `replay`.

    >>> from salesmgmt.pipeline.deals import snapshot
    >>> snapshot(histories([*opened, *moved]), march(10))["d-1"].status
    <StageKind.WON: 'won'>
    """
    require_aware(at, "at")
    deals = ((deal, its.as_of(at)) for deal, its in told.items())
    return {key: deal for key, deal in deals if deal is not None}
