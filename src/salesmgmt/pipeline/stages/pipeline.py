"""A pipeline at work: it opens deals, says whether they may move, and moves them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Unpack

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.calendar import BusinessCalendar
from salesmgmt.core.events import require_aware
from salesmgmt.core.formula import Values
from salesmgmt.engines.lifecycle import Decision, Lifecycle, MoveRefused, Override, UnknownState
from salesmgmt.pipeline.deals import Deal, DealDetails, DealOpened, Estimate, StageKind
from salesmgmt.pipeline.deals.history import moved, opened
from salesmgmt.pipeline.stages._moving import (
    effect_events,
    lacking_of_loss,
    move_event,
    refuse_unless_waived,
    waiver,
)
from salesmgmt.pipeline.stages._reading import NO_FACTS, Read, readers, values_for
from salesmgmt.pipeline.stages.bulk import Moved, MoveEvents, NotMoved, each_alone
from salesmgmt.pipeline.stages.checklist import ChecklistItem
from salesmgmt.pipeline.stages.opening import opening, require_closed
from salesmgmt.pipeline.stages.refusals import OtherPipeline
from salesmgmt.pipeline.stages.rotting import Age, CalendarNeeded, DayKind, Rotting, age_of, rotting_of
from salesmgmt.pipeline.stages.stage import Stage

if TYPE_CHECKING:
    from salesmgmt.pipeline.stages.definition import PipelineDefinition

_STYLES: Mapping[str, str] = {
    StageKind.WON: "fill:#d8f0df,stroke:#1c7a3c",
    StageKind.LOST: "fill:#f6dcdc,stroke:#a32222",
}
"""How closed stages are drawn."""


def _stages(pipeline: Pipeline) -> Mapping[str, Stage]:
    return MappingProxyType({stage.id: stage for stage in pipeline.definition.stages})


def _estimates(pipeline: Pipeline) -> Mapping[str, Estimate]:
    return MappingProxyType({stage.id: Estimate(stage.probability) for stage in pipeline.definition.stages})


def _lifecycle(pipeline: Pipeline) -> Lifecycle:
    return pipeline.definition.lifecycle.compile(pipeline.definition.schema)


@attrs.frozen(eq=False)
class Pipeline:
    """A compiled pipeline: immutable, shared by threads, pickled by its definition.

    Made by `PipelineDefinition.compile`. Only moves that the definition declares can be made.

    Attributes:
        definition: what it was made from.
        digest: digest of the definition, kept on every deal.
        stages: the stages by id, in their order.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.engines.lifecycle import Condition, Transition
    >>> from salesmgmt.pipeline.stages import PipelineDefinition, Stage, StageKind
    >>> pipeline = PipelineDefinition(
    ...     id="walk-in",
    ...     version=1,
    ...     initial="talk",
    ...     facts={"contract.signed": "bool"},
    ...     stages=(
    ...         Stage("talk", probability=Percent(30)),
    ...         Stage("won", kind=StageKind.WON, entry=(Condition("contract", "contract.signed"),)),
    ...         Stage("lost", kind=StageKind.LOST),
    ...     ),
    ...     transitions=(Transition("talk", "won"), Transition("talk", "lost")),
    ... ).compile()
    >>> rep = Actor("li.wei", roles={"rep"})
    >>> deal, _ = pipeline.open(id="d-1", name="Two laptops", at=datetime(2026, 3, 2, 9, tzinfo=UTC), by=rep)
    >>> pipeline.check(deal, "won", facts={"contract.signed": False}, by=rep).unmet
    (Unmet('contract', wanted='contract.signed', found=False),)
    >>> at = datetime(2026, 3, 9, 9, tzinfo=UTC)
    >>> deal, events = pipeline.move(deal, "won", facts={"contract.signed": True}, at=at, by=rep)
    >>> deal.status, events[0].days_in_stage
    (<StageKind.WON: 'won'>, 7)
    """

    definition: PipelineDefinition
    digest: str = attrs.field(
        init=False, default=attrs.Factory(lambda self: self.definition.digest, takes_self=True)
    )
    stages: Mapping[str, Stage] = attrs.field(
        init=False, repr=False, default=attrs.Factory(_stages, takes_self=True)
    )
    _estimates: Mapping[str, Estimate] = attrs.field(
        init=False, repr=False, default=attrs.Factory(_estimates, takes_self=True)
    )
    _lifecycle: Lifecycle = attrs.field(
        init=False, repr=False, default=attrs.Factory(_lifecycle, takes_self=True)
    )
    _readers: Mapping[str, Read] = attrs.field(
        init=False, repr=False, default=attrs.Factory(lambda self: readers(self.definition), takes_self=True)
    )

    @property
    def id(self) -> str:
        """The id of the definition, which every deal carries."""
        return self.definition.id

    def targets(self, deal: Deal) -> tuple[str, ...]:
        """The stages that a deal could enter from where it is, as declared, whatever their conditions say.

        Raises:
            OtherPipeline: the deal belongs to another one.
            UnknownState: its stage is not in this definition.
        """
        self._recognise(deal)
        return self._lifecycle.targets(deal.stage)

    def is_current(self, deal: Deal) -> bool:
        """Whether a deal last moved under exactly this definition; raises as `targets` does."""
        self._recognise(deal)
        return (deal.pipeline_version, deal.pipeline_digest) == (self.definition.version, self.digest)

    def check(
        self,
        deal: Deal,
        target: str,
        *,
        by: Actor,
        facts: Values = NO_FACTS,
        loss_reason: str | None = None,
        loss_note: str = "",
    ) -> Decision:
        """Ask whether a deal may move to a stage.

        Args:
            deal: the deal.
            target: id of the stage.
            by: who would move it.
            facts: what the host knows, by the names that the definition declares; absent ones count as missing.
            loss_reason: why it would be lost; wanted, and looked at, for a lost stage only.
            loss_note: what else would be said; wanted for some reasons.

        Returns:
            The decision, with everything that is lacking.

        Raises:
            OtherPipeline: the deal belongs to another one.
            UnknownState: its stage, or `target`, is not in this definition.
            InvalidInput: a fact is not declared.
            EvaluationError: a fact is not of its declared type, or a condition has no answer for these values.
        """
        self._recognise(deal)
        values = self._values(deal, self._lifecycle.needs(deal.stage, target), facts)
        decision = self._lifecycle.check(deal.stage, target, values, by)
        if self.stages[target].kind is StageKind.LOST:
            lacking = lacking_of_loss(self.definition, loss_reason, loss_note)
            if lacking:
                return attrs.evolve(decision, unmet=(*decision.unmet, *lacking))
        return decision

    def move(
        self,
        deal: Deal,
        target: str,
        *,
        at: datetime,
        by: Actor,
        facts: Values = NO_FACTS,
        loss_reason: str | None = None,
        loss_note: str = "",
        lost_to: str | None = None,
        override: Override | None = None,
    ) -> tuple[Deal, MoveEvents]:
        """Move a deal to a stage.

        The stage sets the status. It sets the probability and the category only where those were a stage's, too; a
        closed stage always sets them. A move that wins or loses the deal stamps `closed_on` with the date of `at` in its
        own time zone; one that re-opens it clears that, and what was said about the loss.

        Args:
            deal: the deal.
            target: id of the stage.
            at: when it moves, in the time zone of the business.
            by: who moves it.
            facts: what the host knows, as for `check`.
            loss_reason: why it is lost, for a lost stage.
            loss_note: what else is to be said about the loss.
            lost_to: the competitor to whom it is lost, if that is known.
            override: waives conditions, required fields and checklists that are not met, and is put on record.

        Returns:
            The deal, and `DealMoved`; before it `ConditionsWaived` when an override was needed; after it a `StageEffect`
            for each side effect that the transition declares.

        Raises:
            MoveRefused: something is lacking; the error carries the decision.
            MovedBackInTime: `at` lies before the deal entered its stage.
            NaiveInstant: `at` has no time zone.
            OtherPipeline, UnknownState, InvalidInput, EvaluationError: as for `check`.
        """
        decision = self.check(deal, target, by=by, facts=facts, loss_reason=loss_reason, loss_note=loss_note)
        if decision.unmet:
            refuse_unless_waived(self.definition, self._lifecycle, decision, override)
        event = move_event(
            deal,
            self.stages[target],
            self._estimates[target],
            at=at,
            by=by,
            loss=(loss_reason, loss_note, lost_to),
            version=self.definition.version,
            digest=self.digest,
        )
        effects = self._lifecycle.effects(deal.stage, target)
        events: MoveEvents = (event, *effect_events(event, effects)) if effects else (event,)
        if override is not None and decision.unmet:
            events = (waiver(deal, decision, override, at), *events)
        return moved(deal, event), events

    def advance(
        self,
        deal: Deal,
        *,
        at: datetime,
        by: Actor,
        facts: Values = NO_FACTS,
        loss_reason: str | None = None,
        loss_note: str = "",
    ) -> tuple[Deal, MoveEvents]:
        """Make the automatic move that is due: of those whose conditions hold, the one of the highest priority.

        Args:
            deal: the deal.
            at: when it moves.
            by: on whose authority; the roles of a transition are asked for here as well.
            facts: what the host knows, as for `check`.
            loss_reason: why it is lost, should it go to a lost stage.
            loss_note: what else is to be said then.

        Returns:
            The deal and the events of the move; the deal as it is and no event when none is due.

        Raises:
            As `move`, but for `MoveRefused`.
        """
        self._recognise(deal)
        for target in self._lifecycle.automatic(deal.stage):
            if self.check(deal, target, by=by, facts=facts, loss_reason=loss_reason, loss_note=loss_note):
                return self.move(
                    deal, target, at=at, by=by, facts=facts, loss_reason=loss_reason, loss_note=loss_note
                )
        return deal, ()

    def move_all(
        self,
        deals: Iterable[Deal],
        target: str,
        *,
        at: datetime,
        by: Actor,
        facts: Values | Callable[[Deal], Values] = NO_FACTS,
        loss_reason: str | None = None,
        loss_note: str = "",
        lost_to: str | None = None,
        override: Override | None = None,
    ) -> tuple[tuple[Moved, ...], tuple[NotMoved, ...]]:
        """Move many deals to a stage, each by the same rules as alone.

        Args:
            deals: the deals.
            target: id of the stage.
            at: when they move.
            by: who moves them.
            facts: what the host knows: the same of all, or a function that tells it of one.
            loss_reason: why they are lost, as for `move`.
            loss_note: what else is to be said about the loss.
            lost_to: the competitor to whom they are lost.
            override: as for `move`, for each that needs it.

        Returns:
            Those that moved, and those that did not; each in the order of `deals`.

        Raises:
            UnknownState: there is no such stage.
            NaiveInstant: `at` has no time zone.
        """
        if target not in self.stages:
            raise UnknownState(target, self.stages, self.id)
        require_aware(at, "at")

        def move(deal: Deal) -> tuple[Deal, MoveEvents]:
            return self.move(
                deal, target, at=at, by=by, facts=facts(deal) if callable(facts) else facts, override=override,
                loss_reason=loss_reason, loss_note=loss_note, lost_to=lost_to,
            )  # fmt: skip

        return each_alone(deals, move)

    def review(self, deal: Deal, *, facts: Values = NO_FACTS) -> Decision:
        """Ask whether a deal meets what its stage asks for, as one that was taken over or changed since need not.

        Args:
            deal: the deal.
            facts: what the host knows, as for `check`.

        Returns:
            The decision, of no source, with everything that is lacking.

        Raises:
            OtherPipeline, UnknownState, InvalidInput, EvaluationError: as for `check`.
        """
        self._recognise(deal)
        values = self._values(deal, self._lifecycle.needs_to_enter(deal.stage), facts)
        return self._lifecycle.check_entry(deal.stage, values)

    def open_items(self, deal: Deal) -> tuple[ChecklistItem, ...]:
        """The items of its stage's checklist that a deal has not ticked yet; raises as `targets` does."""
        self._recognise(deal)
        return tuple(item for item in self.stages[deal.stage].checklist if item.id not in deal.done)

    def open(
        self,
        *,
        id: str,  # noqa: A002 - the field of an entity
        name: str,
        at: datetime,
        by: Actor,
        stage: str | None = None,
        facts: Values = NO_FACTS,
        **details: Unpack[DealDetails],
    ) -> tuple[Deal, tuple[DealOpened]]:
        """Open a deal in the initial stage, or in another one where the definition lets deals begin.

        Args:
            id: the host's identifier of the deal.
            name: what people call it.
            at: when it is opened.
            by: who opens it.
            stage: id of the stage; the initial one when nothing is said.
            facts: what the host knows, for the entry conditions of the stage.
            details: what else is known; see `DealDetails`.

        Returns:
            The deal and the event.

        Raises:
            MoveRefused: an entry condition of the stage is not met, a required field is not known, or no deal begins there.
            UnknownState: there is no such stage.
            InvalidInput: a fact is not declared, or a detail cannot be right.
        """
        entered = self.stages.get(self.definition.initial if stage is None else stage)
        if entered is None:
            raise UnknownState(str(stage), self.stages, self.id)
        event = opening(
            self,
            entered,
            details,
            id=id,
            name=name,
            at=at,
            by=by,
            opened_at=at,
            stage_since=at,
            closed_on=require_aware(at, "at").date() if entered.kind.is_closed else None,
        )
        deal = opened(event)
        values = self._values(deal, self._lifecycle.needs_to_enter(entered.id), facts)
        decision = self._lifecycle.check_start(values, entered.id)
        if decision.unmet:
            raise MoveRefused(decision)
        return deal, (event,)

    def adopt(
        self,
        *,
        id: str,  # noqa: A002
        name: str,
        stage: str,
        opened_at: datetime | None,
        at: datetime,
        by: Actor,
        stage_since: datetime | None = None,
        closed_on: date | None = None,
        loss_reason: str | None = None,
        lost_to: str | None = None,
        loss_note: str = "",
        **details: Unpack[DealDetails],
    ) -> tuple[Deal, tuple[DealOpened]]:
        """Take over a deal that was kept elsewhere, in whatever stage; no condition is asked, and the event says so.

        Args:
            id: the host's identifier of the deal.
            name: what people call it.
            stage: id of the stage in which it is.
            opened_at: when it was opened there; `None` if nobody knows.
            at: when it is taken over.
            by: who takes it over.
            stage_since: when it entered its stage; when it was opened, if nobody knows.
            closed_on: the day on which it was won or lost; the day of `stage_since` when it is not given.
            loss_reason: why it was lost, if known.
            lost_to: the competitor to whom it was lost.
            loss_note: what else was said about the loss.
            details: as for `open`.

        Returns:
            The deal and the event.

        Raises:
            UnknownState: there is no such stage.
            InvalidInput: an open deal is said to be closed.
        """
        entered = self.stages.get(stage)
        if entered is None:
            raise UnknownState(stage, self.stages, self.id)
        since = opened_at if stage_since is None else stage_since
        require_closed(id, entered, (closed_on, loss_reason, lost_to, loss_note))
        if entered.kind.is_closed and closed_on is None and since is not None:
            closed_on = since.date()
        event = opening(
            self,
            entered,
            details,
            id=id,
            name=name,
            at=at,
            by=by,
            opened_at=opened_at,
            stage_since=since,
            closed_on=closed_on,
            loss_reason=loss_reason,
            lost_to=lost_to,
            loss_note=loss_note,
            adopted=True,
        )
        return opened(event), (event,)

    def rotting(self, deal: Deal, as_of: datetime, *, calendar: BusinessCalendar | None = None) -> Rotting:
        """Say how long a deal has stood in its stage, against what the stage allows; the time asleep does not count.

        Args:
            deal: the deal.
            as_of: the instant for which to say it; before the deal came in, no day has passed.
            calendar: tells working days; for a pipeline that counts those.

        Raises:
            OtherPipeline, UnknownState: as for `check`.
            NaiveInstant: `as_of` has no time zone.
            CalendarNeeded: the pipeline counts working days, and there is no calendar.
        """
        self._recognise(deal)
        require_aware(as_of, "as_of")
        limit = self.stages[deal.stage].rot_after_days
        return rotting_of(deal, limit, as_of, self._calendar(calendar, limit))

    def age(self, deal: Deal, as_of: datetime, *, calendar: BusinessCalendar | None = None) -> Age:
        """Say how old a deal is, against what the pipeline allows; a closed deal has the age at which it was closed.

        Args:
            deal: the deal.
            as_of: the instant for which to say it.
            calendar: tells working days; for a pipeline that counts those.

        Raises: as `rotting`.
        """
        self._recognise(deal)
        require_aware(as_of, "as_of")
        limit = self.definition.max_age_days if deal.is_open else None
        return age_of(deal, limit, as_of, self._calendar(calendar, limit))

    def to_mermaid(self) -> str:
        """The pipeline as a Mermaid state diagram; names are escaped, so that any text is safe."""
        return self._lifecycle.to_mermaid(_STYLES)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.definition,)

    def _recognise(self, deal: Deal) -> None:
        if deal.pipeline != self.definition.id:
            raise OtherPipeline(deal.id, deal.pipeline, self.definition.id)
        if deal.stage not in self.stages:
            raise UnknownState(deal.stage, self.stages, self.definition.id)

    def _values(self, deal: Deal, names: frozenset[str], facts: Values) -> Values:
        return values_for(deal, names, self._readers, facts, self.definition.facts)

    def _calendar(self, calendar: BusinessCalendar | None, limit: int | None) -> BusinessCalendar | None:
        """The calendar to count with; `None` for days of 24 hours."""
        if self.definition.day_kind is DayKind.CALENDAR:
            return None
        if calendar is None and limit is not None:
            raise CalendarNeeded(self.id)
        return calendar
