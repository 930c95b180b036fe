"""The way of one deal through its stages, held against a definition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

import attrs

from salesmgmt.core.entity import DealId
from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.events import Event
from salesmgmt.core.exact import divide
from salesmgmt.core.money import Money
from salesmgmt.pipeline.deals import ConditionsWaived, DealMigrated, DealMoved, DealOpened, StageKind, replay

if TYPE_CHECKING:
    from salesmgmt.pipeline.stages.definition import PipelineDefinition


class Deviation(StrEnum):
    """How a step departs from a definition."""

    STARTED_ELSEWHERE = "started_elsewhere"
    """The deal was opened in a stage where none begins."""
    SKIP = "skip"
    """It went forwards over stages in between, and no such move is declared."""
    BACK = "back"
    """It went back, and no such move is declared."""
    REOPENED = "reopened"
    """It left a won or lost stage, and no such move is declared."""
    UNDECLARED = "undeclared"
    """It went to the next stage, or to one that closes it, and no such move is declared."""
    UNKNOWN_STAGE = "unknown_stage"
    """It was in a stage that the definition does not have."""
    OVERRIDDEN = "overridden"
    """The move is declared, but somebody waived its conditions."""


@attrs.frozen(kw_only=True)
class Step:
    """One step on the way of a deal.

    Attributes:
        source: the stage it left; empty when it was opened.
        target: the stage it entered.
        at: when.
        deviation: how it departs from the definition; `None` when it does not.
        again: whether the deal had been in the stage before: a loop, declared or not.
    """

    source: str
    target: str
    at: datetime
    deviation: Deviation | None = None
    again: bool = False


@attrs.frozen(kw_only=True)
class Path:
    """The way of one deal.

    Attributes:
        deal: its id.
        steps: from its opening on; a migration to another definition is no step.
        status: the kind of the stage where it is now.
        amount: what it would bring, or has brought.
        opened_at: when it was opened, if that is known.
        closed_at: when it was won or lost.
    """

    deal: DealId
    steps: tuple[Step, ...]
    status: StageKind
    amount: Money | None
    opened_at: datetime | None
    closed_at: datetime | None

    @property
    def variant(self) -> tuple[str, ...]:
        """The stages in their order."""
        return tuple(step.target for step in self.steps)

    @property
    def deviations(self) -> frozenset[Deviation]:
        """The kinds of deviation on its way."""
        return frozenset(step.deviation for step in self.steps if step.deviation is not None)

    @property
    def conforms(self) -> bool:
        """Whether no step departs from the definition."""
        return not self.deviations

    @property
    def loops(self) -> int:
        """How often it came back to a stage where it had been."""
        return sum(step.again for step in self.steps)

    @property
    def fitness(self) -> Decimal:
        """The share of its steps that conform, 0 to 1.

        This is the fitness of token replay (Rozinat & van der Aalst 2008, Information Systems 33(1)) for a machine
        with one token: a step that is not allowed misses one token and leaves one behind. An open deal is not held to
        have missed its end.
        """
        return divide(Decimal(sum(step.deviation is None for step in self.steps)), Decimal(len(self.steps)))


def follow(events: Iterable[Event], definition: PipelineDefinition) -> Path:
    """Hold the way of one deal against a definition.

    Args:
        events: the history of one deal, oldest first.
        definition: how deals should move; it need not be the one under which this deal ran.

    Raises:
        BrokenHistory: the events do not tell the life of one deal.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.pipeline.stages import PipelineDefinition, Stage, StageKind, Transition
    >>> from salesmgmt.pipeline.stages.conformance import follow
    >>> loose = PipelineDefinition(
    ...     id="walk-in", version=1, initial="talk",
    ...     stages=(Stage("talk"), Stage("offer"), Stage("won", kind=StageKind.WON), Stage("lost", kind=StageKind.LOST)),
    ...     transitions=(Transition("talk", "offer"), Transition(("talk", "offer"), "won"), Transition(("talk", "offer"), "lost")),
    ... )
    >>> strict = PipelineDefinition(
    ...     id="walk-in", version=2, initial="talk", stages=loose.stages,
    ...     transitions=(Transition("talk", "offer"), Transition("offer", "won"), Transition(("talk", "offer"), "lost")),
    ... )
    >>> at, rep = datetime(2026, 3, 2, 9, tzinfo=UTC), Actor("li.wei")
    >>> deal, opened = loose.compile().open(id="d-1", name="Two laptops", at=at, by=rep)
    >>> deal, moved = loose.compile().move(deal, "won", at=at, by=rep)
    >>> way = follow([*opened, *moved], strict)
    >>> way.variant, way.steps[1].deviation, way.fitness
    (('talk', 'won'), <Deviation.SKIP: 'skip'>, Decimal('0.5'))
    """
    return walked(events, Rules.of(definition))


def walked(events: Iterable[Event], rules: Rules) -> Path:
    """As `follow`, with the rules of a definition that were made before."""
    history = tuple(events)
    given: tuple[object, ...] = history
    if odd := [place for place, event in enumerate(given) if not isinstance(event, Event)]:
        problem = Problem(f"events[{odd[0]}]", "wrong_type", shorten(history[odd[0]]), "an event of the deal")
        raise InvalidInput("the history of a deal", [problem])
    steps: list[Step] = []
    been: set[str] = set()
    waived: tuple[str, str] | None = None
    opened: DealOpened | None = None
    for event in history:
        if isinstance(event, DealOpened):
            opened = event
            source, target = "", event.stage
        elif isinstance(event, DealMoved):
            source, target = event.source, event.target
        else:
            if isinstance(event, DealMigrated):
                been.add(event.after.stage)
            elif isinstance(event, ConditionsWaived) and opened is not None and event.deal == opened.deal:
                waived = (event.source, event.target)
            continue
        steps.append(
            Step(
                source=source,
                target=target,
                at=event.at,
                deviation=rules.opening(event)
                if isinstance(event, DealOpened)
                else rules.move(source, target)
                or (Deviation.OVERRIDDEN if waived == (source, target) else None),
                again=target in been,
            )
        )
        waived = None
        been.add(target)
    deal = replay(history)
    assert opened is not None  # noqa: S101 - `replay` has raised where nothing opens it
    return Path(
        deal=opened.deal,
        steps=tuple(steps),
        status=deal.status,
        amount=deal.amount,
        opened_at=deal.opened_at,
        closed_at=deal.stage_since if deal.status.is_closed else None,
    )


@attrs.frozen
class Rules:
    """What a definition says about steps, looked up by stage."""

    order: Mapping[str, int]
    kinds: Mapping[str, StageKind]
    starts: frozenset[str]
    declared: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, definition: PipelineDefinition) -> Rules:
        """Make them of a definition."""
        return cls(
            order={stage.id: place for place, stage in enumerate(definition.stages)},
            kinds={stage.id: stage.kind for stage in definition.stages},
            starts=frozenset(definition.openings),
            declared=frozenset(edge for move in definition.lifecycle.transitions for edge in move.edges),
        )

    def opening(self, event: DealOpened) -> Deviation | None:
        """How an opening departs from the definition."""
        if event.stage not in self.order:
            return Deviation.UNKNOWN_STAGE
        # A deal that was taken over from elsewhere began there, wherever that was.
        return None if event.adopted or event.stage in self.starts else Deviation.STARTED_ELSEWHERE

    def move(self, source: str, target: str) -> Deviation | None:
        """How a move departs from it."""
        if source not in self.order or target not in self.order:
            return Deviation.UNKNOWN_STAGE
        if (source, target) in self.declared:
            return None
        if self.kinds[source].is_closed:
            return Deviation.REOPENED
        here, there = self.order[source], self.order[target]
        if self.kinds[target] is StageKind.LOST:
            return Deviation.UNDECLARED
        if there < here:
            return Deviation.BACK
        skipped = any(
            here < place < there and not self.kinds[name].is_closed for name, place in self.order.items()
        )
        return Deviation.SKIP if skipped else Deviation.UNDECLARED
