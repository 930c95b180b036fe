"""Deals with real histories, and lives written by hand, for the tests of forecasts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import DealId
from salesmgmt.core.events import Event
from salesmgmt.core.money import Money
from salesmgmt.pipeline.deals import Deal, StageKind
from salesmgmt.pipeline.forecast import DealLife, DealState
from salesmgmt.pipeline.stages import PipelineDefinition, Stage, Transition

START = date(2026, 1, 1)
BY = Actor("li.wei")
OPEN = ("talk", "offer")
PIPELINE = PipelineDefinition(
    id="walk-in",
    version=1,
    initial="talk",
    stages=(
        Stage("talk"),
        Stage("offer"),
        Stage("won", kind=StageKind.WON),
        Stage("lost", kind=StageKind.LOST),
    ),
    transitions=(
        Transition("talk", "offer"),
        Transition("offer", "talk"),
        Transition(OPEN, "won"),
        Transition(OPEN, "lost"),
        Transition(("won", "lost"), "talk", reopens=True),
    ),
).compile()


def day(number: int) -> date:
    return START + timedelta(days=number)


def at(number: float) -> datetime:
    return datetime(2026, 1, 1, 9, tzinfo=UTC) + timedelta(days=number)


def euros(amount: int) -> Money:
    return Money(amount, "EUR")


def told(key: str, moves: Iterable[tuple[float, str]], *, amount: int = 100, opened: float = 0, **details: Any
         ) -> tuple[Deal, list[Event]]:  # fmt: skip
    """A deal and its history: the stages it goes to, and when."""
    deal, events = PIPELINE.open(id=key, name=key, amount=euros(amount), at=at(opened), by=BY, **details)
    history: list[Event] = list(events)
    for when, stage in moves:
        reason = "price" if stage == "lost" else None
        deal, more = PIPELINE.move(deal, stage, loss_reason=reason, at=at(when), by=BY)
        history += more
    return deal, history


def state(
    since: int, stage: str, amount: int | None = 100, entered: int | None = None, **more: Any
) -> DealState:
    kinds = {"won": StageKind.WON, "lost": StageKind.LOST}
    return DealState(
        day(since),
        stage,
        day(since if entered is None else entered),
        kinds.get(stage, StageKind.OPEN),
        None if amount is None else euros(amount),
        **more,
    )


def lived(key: str, *stays: tuple[int, str], amount: int = 100) -> DealLife:
    """A life by the days on which stages were entered."""
    states = tuple(state(since, stage, amount) for since, stage in stays)
    return DealLife(deal=DealId(key), states=states, opened_on=states[0].since)


def known(lives: Iterable[DealLife], until: date) -> list[DealLife]:
    """The lives as they were at the end of a day: nothing later has happened."""
    cut = []
    for life in lives:
        states = tuple(one for one in life.states if one.since <= until)
        if states:
            cut.append(DealLife(deal=life.deal, states=states, opened_on=life.opened_on))
    return cut
