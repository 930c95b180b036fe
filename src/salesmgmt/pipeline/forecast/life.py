"""What was known of a deal on each day: what forecasts are made from, and held against."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date

import attrs

from salesmgmt.core.entity import DealId
from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.core.events import Event
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.pipeline.deals import Deal, StageKind
from salesmgmt.pipeline.deals.events import DealOpened
from salesmgmt.pipeline.deals.history import BrokenHistory, after, opened

UNKNOWN_STAGE = ""
"""The stage of an open deal of which nobody knows any more where it stood then."""


@attrs.frozen
class DealState:
    """A deal as it stood from some day on.

    Attributes:
        since: the day.
        stage: id of its stage.
        stage_since: the day on which it entered that.
        status: the kind of the stage.
        amount: what it would bring, or has brought.
        probability: how likely it was held to be won; `None` when nobody knows.
        expected_close: when it was expected to close.
    """

    since: date
    stage: str
    stage_since: date
    status: StageKind
    amount: Money | None
    probability: Percent | None = None
    expected_close: date | None = None


@attrs.frozen(kw_only=True)
class DealLife:
    """What was known of a deal at the end of each day.

    Attributes:
        deal: its id.
        states: how it stood, by the day from which on; rising, at least one.
        opened_on: the day on which it was opened; `None` when nobody knows.

    Raises:
        InvalidInput: there is no state, or the days do not rise.

    >>> from datetime import UTC, date, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.pipeline.forecast import DealLife
    >>> from salesmgmt.pipeline.stages import PipelineDefinition, Stage, StageKind, Transition
    >>> pipeline = PipelineDefinition(
    ...     id="walk-in", version=1, initial="talk",
    ...     stages=(Stage("talk"), Stage("won", kind=StageKind.WON), Stage("lost", kind=StageKind.LOST)),
    ...     transitions=(Transition("talk", "won"), Transition("talk", "lost")),
    ... ).compile()
    >>> march = lambda day: datetime(2026, 3, day, 9, tzinfo=UTC)
    >>> deal, opened = pipeline.open(id="d-1", name="Two laptops", at=march(2), by=Actor("li.wei"))
    >>> deal, moved = pipeline.move(deal, "won", at=march(9), by=Actor("li.wei"))
    >>> life = DealLife.from_events([*opened, *moved])
    >>> life.on(date(2026, 3, 5)).stage, life.on(date(2026, 3, 9)).stage, life.on(date(2026, 3, 1))
    ('talk', 'won', None)
    """

    deal: DealId
    states: tuple[DealState, ...]
    opened_on: date | None

    def __attrs_post_init__(self) -> None:
        before = date.min
        for place, state in enumerate(self.states):
            if state.since < before or (place and state.since == before):
                found, wanted = str(state.since), f"a day after {before}"
                raise InvalidInput(
                    f"the life of deal {self.deal}",
                    [Problem(f"states[{place}].since", "order", found, wanted)],
                )
            before = state.since
        if not self.states:
            raise InvalidInput(
                f"the life of deal {self.deal}", [Problem("states", "empty", "none", "one or more")]
            )

    @classmethod
    def from_events(cls, events: Iterable[Event]) -> DealLife | None:
        """Make the life of a deal from its history; `None` when nothing opens it.

        Days are those of the instants of the events, in the time zone in which they are written. Of a deal that was
        taken over from elsewhere it is known when it was opened and, if it was closed by then, when that was; in between it
        stands in an unknown stage, with the amount that it was taken over with.

        Args:
            events: the history of one deal, oldest first; events of other kinds are passed over.

        Raises:
            BrokenHistory: they are of several deals, or leave a gap.
        """
        deal: Deal | None = None
        opened_on: date | None = None
        states: list[DealState] = []
        for event in events:
            if isinstance(event, DealOpened):
                if deal is not None:
                    raise BrokenHistory(event, f"deal {deal.id} is open already, and {event.deal} is opened")
                deal = opened(event)
                opened_on = None if deal.opened_at is None else deal.opened_at.date()
                states += _beginning(deal, event.at.date())
            elif deal is not None:
                before, deal = deal, after(deal, event)
                if deal is not before:
                    # An instant written in another time zone can have an earlier date than the one before it.
                    day = max(event.at.date(), states[-1].since)
                    if states[-1].since == day:
                        states.pop()
                    states.append(_state(deal, day))
        return None if deal is None else cls(deal=DealId(deal.id), states=tuple(states), opened_on=opened_on)

    @classmethod
    def from_deal(cls, deal: Deal) -> DealLife | None:
        """Make the life of a deal of which no history is kept: it was open, in one unknown stage, until it was closed.

        Its amount is taken to have been known from the beginning, and so is the probability of an open one. `None` when
        nobody knows when it was opened, or at least when it was closed.
        """
        start = None if deal.opened_at is None else deal.opened_at.date()
        end = deal.closed_on
        states = []
        if start is not None and (end is None or start < end):
            states.append(_unknown(deal, start, deal.probability.value if end is None else None))
        if end is not None:
            states.append(_state(deal, end))
        return cls(deal=DealId(deal.id), states=tuple(states), opened_on=start) if states else None

    @property
    def closed_on(self) -> date | None:
        """The day on which it was won or lost for good; `None` while it is open."""
        last = self.states[-1]
        return last.stage_since if last.status.is_closed else None

    @property
    def is_won(self) -> bool:
        """Whether it is won."""
        return self.states[-1].status is StageKind.WON

    def on(self, day: date) -> DealState | None:
        """Return how it stood at the end of a day; `None` before it was opened."""
        last = self.states[-1]
        if last.since <= day:
            return last
        place = bisect_right(self.states, day, key=_since)
        return self.states[place - 1] if place else None


def _since(state: DealState) -> date:
    return state.since


def _beginning(deal: Deal, told: date) -> list[DealState]:
    """How a deal stood before anything was told of it, and from then on."""
    known = told if deal.closed_on is None else min(deal.closed_on, told)
    start = known if deal.opened_at is None else min(deal.opened_at.date(), known)
    before = [_unknown(deal, start)] if start < known else []
    return [*before, _state(deal, known)]


def _unknown(deal: Deal, day: date, probability: Percent | None = None) -> DealState:
    return DealState(
        since=day,
        stage=UNKNOWN_STAGE,
        stage_since=day,
        status=StageKind.OPEN,
        amount=deal.amount,
        probability=probability,
        expected_close=deal.expected_close,
    )


def _state(deal: Deal, day: date) -> DealState:
    """A deal as it stands from a day on; a closed one stands in its stage from the day of its closing."""
    entered = deal.stage_since or deal.opened_at
    stage_since = day if entered is None else min(entered.date(), day)
    if deal.status.is_closed and deal.closed_on is not None:
        stage_since = min(deal.closed_on, day)
    return DealState(
        since=day,
        stage=deal.stage,
        stage_since=stage_since,
        status=deal.status,
        amount=deal.amount,
        probability=deal.probability.value,
        expected_close=deal.expected_close,
    )
