"""A pipeline at work: it opens deals, says whether they may move, and moves them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Unpack

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import DealId
from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.events import require_aware
from salesmgmt.core.formula import Value, Values
from salesmgmt.core.nearest import nearest
from salesmgmt.engines.lifecycle import Decision, Lifecycle, MoveRefused, Override, UnknownState, Unmet
from salesmgmt.pipeline.deals import (
    ConditionsWaived,
    Deal,
    DealDetails,
    DealMoved,
    DealOpened,
    Estimate,
    EstimateOrigin,
    StageKind,
)
from salesmgmt.pipeline.deals.history import moved, opened
from salesmgmt.pipeline.stages.names import DEAL, PREFIX
from salesmgmt.pipeline.stages.opening import opening
from salesmgmt.pipeline.stages.refusals import MovedBackInTime, OtherPipeline
from salesmgmt.pipeline.stages.rotting import Rotting
from salesmgmt.pipeline.stages.stage import Stage

if TYPE_CHECKING:
    from salesmgmt.pipeline.stages.definition import PipelineDefinition

_NO_FACTS: Values = MappingProxyType({})


def _digest(pipeline: Pipeline) -> str:
    return pipeline.definition.digest


def _stages(pipeline: Pipeline) -> Mapping[str, Stage]:
    return MappingProxyType({stage.id: stage for stage in pipeline.definition.stages})


def _estimates(pipeline: Pipeline) -> Mapping[str, Estimate]:
    return MappingProxyType({stage.id: Estimate(stage.probability) for stage in pipeline.definition.stages})


def _lifecycle(pipeline: Pipeline) -> Lifecycle:
    return pipeline.definition.lifecycle.compile(pipeline.definition.schema)


def _readers(pipeline: Pipeline) -> Mapping[str, Callable[[Deal], Any]]:
    """How each value of a deal that a condition may name is read."""
    own = {f"{PREFIX}{name}": _own_field(name) for name in pipeline.definition.fields}
    return MappingProxyType({name: attrgetter(name.removeprefix(PREFIX)) for name in DEAL} | own)


def _own_field(name: str) -> Callable[[Deal], Any]:
    return lambda deal: deal.fields.get(name)


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
    digest: str = attrs.field(init=False, default=attrs.Factory(_digest, takes_self=True))
    stages: Mapping[str, Stage] = attrs.field(
        init=False, repr=False, default=attrs.Factory(_stages, takes_self=True)
    )
    _estimates: Mapping[str, Estimate] = attrs.field(
        init=False, repr=False, default=attrs.Factory(_estimates, takes_self=True)
    )
    _lifecycle: Lifecycle = attrs.field(
        init=False, repr=False, default=attrs.Factory(_lifecycle, takes_self=True)
    )
    _readers: Mapping[str, Callable[[Deal], Any]] = attrs.field(
        init=False, repr=False, default=attrs.Factory(_readers, takes_self=True)
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

    def check(
        self, deal: Deal, target: str, *, by: Actor, facts: Values = _NO_FACTS, loss_reason: str | None = None
    ) -> Decision:
        """Ask whether a deal may move to a stage.

        Args:
            deal: the deal.
            target: id of the stage.
            by: who would move it.
            facts: what the host knows, by the names that the definition declares; absent ones count as missing.
            loss_reason: why it would be lost; wanted, and looked at, for a lost stage only.

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
            lacking = self._loss_reason(loss_reason)
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
        facts: Values = _NO_FACTS,
        loss_reason: str | None = None,
        override: Override | None = None,
    ) -> tuple[Deal, tuple[DealMoved | ConditionsWaived, ...]]:
        """Move a deal to a stage.

        The stage sets status and category; it sets the probability only where that was a stage's, too. A move that wins
        or loses the deal stamps `closed_on` with the date of `at` in its own time zone; one that re-opens it clears that.

        Args:
            deal: the deal.
            target: id of the stage.
            at: when it moves, in the time zone of the business.
            by: who moves it.
            facts: what the host knows, as for `check`.
            loss_reason: why it is lost, for a lost stage.
            override: waives conditions and required fields that are not met, and is put on record.

        Returns:
            The deal, and `DealMoved`; before it `ConditionsWaived` when an override was needed.

        Raises:
            MoveRefused: something is lacking; the error carries the decision.
            MovedBackInTime: `at` lies before the deal entered its stage.
            NaiveInstant: `at` has no time zone.
            OtherPipeline, UnknownState, InvalidInput, EvaluationError: as for `check`.
        """
        decision = self.check(deal, target, by=by, facts=facts, loss_reason=loss_reason)
        if decision.unmet:
            self._refuse_unless_waived(decision, override)
        stage = self.stages[target]
        kept = deal.probability.origin is not EstimateOrigin.STAGE
        event = DealMoved(
            at=at,
            by=by,
            subjects=(deal.ref,),
            deal=DealId(deal.id),
            source=deal.stage,
            target=target,
            status=stage.kind,
            category=stage.category,
            probability=deal.probability if kept else self._estimates[target],
            amount=deal.amount,
            days_in_stage=_days(deal, at),
            closed_on=at.date() if stage.kind.is_closed else None,
            loss_reason=loss_reason if stage.kind is StageKind.LOST else None,
            pipeline_version=self.definition.version,
            pipeline_digest=self.digest,
        )
        if override is None or not decision.unmet:
            return moved(deal, event), (event,)
        return moved(deal, event), (self._waiver(deal, decision, override, at), event)

    def open(
        self,
        *,
        id: str,  # noqa: A002 - the field of an entity
        name: str,
        at: datetime,
        by: Actor,
        facts: Values = _NO_FACTS,
        **details: Unpack[DealDetails],
    ) -> tuple[Deal, tuple[DealOpened]]:
        """Open a deal in the initial stage.

        Args:
            id: the host's identifier of the deal.
            name: what people call it.
            at: when it is opened.
            by: who opens it.
            facts: what the host knows, for the entry conditions of the initial stage.
            details: what else is known: account, contact, owner, amount, product, source, campaign, expected_close, fields.

        Returns:
            The deal and the event.

        Raises:
            MoveRefused: an entry condition of the initial stage is not met, or a required field is not known.
            InvalidInput: a fact is not declared.
        """
        stage = self.stages[self.definition.initial]
        event = opening(self, stage, details, id=id, name=name, at=at, by=by, opened_at=at, stage_since=at)
        deal = opened(event)
        values = self._values(deal, self._lifecycle.needs_to_start, facts)
        decision = self._lifecycle.check_start(values)
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
        if entered.kind.is_closed:
            closed_on = since.date() if closed_on is None and since is not None else closed_on
        elif closed_on is not None or loss_reason is not None:
            problem = Problem(
                "stage",
                "not_closed",
                shorten(stage),
                "a closed stage, as there is a closing date or loss reason",
            )
            raise InvalidInput(f"deal {id}", [problem])
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
            adopted=True,
        )
        return opened(event), (event,)

    def rotting(self, deal: Deal, as_of: datetime) -> Rotting:
        """Say how long a deal has stood in its stage, against what the stage allows.

        Args:
            deal: the deal.
            as_of: the instant for which to say it; before the deal came in, no day has passed.

        Raises:
            OtherPipeline, UnknownState: as for `check`.
            NaiveInstant: `as_of` has no time zone.
        """
        self._recognise(deal)
        require_aware(as_of, "as_of")
        days = None if deal.stage_since is None else max(0, _full_days(deal.stage_since, as_of))
        return Rotting(deal.stage, days, self.stages[deal.stage].rot_after_days)

    def to_mermaid(self) -> str:
        """The pipeline as a Mermaid state diagram; names are escaped, so that any text is safe."""
        return self._lifecycle.to_mermaid()

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.definition,)

    def _recognise(self, deal: Deal) -> None:
        if deal.pipeline != self.definition.id:
            raise OtherPipeline(deal.id, deal.pipeline, self.definition.id)
        if deal.stage not in self.stages:
            raise UnknownState(deal.stage, self.stages, self.definition.id)

    def _values(self, deal: Deal, names: frozenset[str], facts: Values) -> Values:
        """What a move's conditions read: the facts, and those values of the deal that are asked for."""
        if not facts.keys() <= self.definition.facts.keys():
            raise _undeclared(facts, self.definition.facts)
        values: dict[str, Value | int | None] = dict(facts)
        for name in names:
            read = self._readers.get(name)
            if read is not None:
                values[name] = read(deal)
        return values

    def _loss_reason(self, found: str | None) -> tuple[Unmet, ...]:
        allowed = self.definition.loss_reasons
        if found in allowed if allowed else found and found.strip():
            return ()
        wanted = f"one of {', '.join(allowed)}" if allowed else "why the deal is lost"
        return (Unmet("loss_reason", wanted=wanted, found=found, code="required"),)

    def _refuse_unless_waived(self, decision: Decision, override: Override | None) -> None:
        lacking = decision.unmet
        if override is not None:
            lacking = self._lifecycle.lacking(decision, override)
            roles = self.definition.override_roles
            if roles and not override.by.has_any(roles):
                lacking = (
                    *lacking,
                    Unmet("override", wanted=" or ".join(roles), found=override.by.id, code="role"),
                )
        if lacking:
            raise MoveRefused(attrs.evolve(decision, unmet=lacking))

    def _waiver(self, deal: Deal, decision: Decision, override: Override, at: datetime) -> ConditionsWaived:
        return ConditionsWaived(
            at=at,
            by=override.by,
            subjects=deal.subjects,
            deal=DealId(deal.id),
            source=decision.source,
            target=decision.target,
            waived=decision.unmet,
            reason=override.reason,
        )


def _undeclared(facts: Values, declared: Mapping[str, object]) -> InvalidInput:
    problems = []
    for name in facts:
        if name not in declared:
            meant = nearest(name, declared)
            hint = f"did you mean {meant!r}?" if meant else "declare it under [facts]"
            problems.append(
                Problem(f"facts[{shorten(name)}]", "unknown_fact", shorten(name), "a declared fact", hint)
            )
    return InvalidInput("the facts about a deal", problems)


def _days(deal: Deal, at: datetime) -> int | None:
    require_aware(at, "at")
    if deal.stage_since is None:
        return None
    days = _full_days(deal.stage_since, at)
    if days < 0:
        raise MovedBackInTime(deal.id, at, deal.stage_since)
    return days


def _full_days(since: datetime, until: datetime) -> int:
    """Full days of 24 hours; in UTC, because two instants of one zone are subtracted by what its clocks show."""
    return (until.astimezone(UTC) - since.astimezone(UTC)).days
