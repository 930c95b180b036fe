"""How a move is written down: the events that it leaves, and what must be said of a loss."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import DealId, Ref
from salesmgmt.core.events import NotAnActor, require_aware
from salesmgmt.engines.lifecycle import Decision, Lifecycle, MoveRefused, Override, Unmet
from salesmgmt.pipeline.deals import (
    CategoryOrigin,
    ConditionsWaived,
    Deal,
    DealMoved,
    Estimate,
    EstimateOrigin,
    StageKind,
)
from salesmgmt.pipeline.deals._making import draft_class
from salesmgmt.pipeline.deals.visits import full_days
from salesmgmt.pipeline.stages.events import StageEffect
from salesmgmt.pipeline.stages.refusals import MovedBackInTime
from salesmgmt.pipeline.stages.stage import Stage

if TYPE_CHECKING:
    from salesmgmt.pipeline.stages.definition import PipelineDefinition


_DRAFT = draft_class(DealMoved)


def move_event(
    deal: Deal,
    stage: Stage,
    estimate: Estimate,
    *,
    at: datetime,
    by: Actor,
    loss: tuple[str | None, str, str | None],
    version: int,
    digest: str,
) -> DealMoved:
    """Write down a move that is allowed.

    Args:
        deal: the deal before the move.
        stage: the stage that it enters.
        estimate: what that stage thinks of it.
        at: when it moves.
        by: who moves it.
        loss: reason, note and competitor, for a lost stage.
        version: of the definition.
        digest: of the definition.
    """
    kind = stage.kind
    is_open = kind is StageKind.OPEN
    reason, note, lost_to = loss if kind is StageKind.LOST else (None, "", None)
    keeps_estimate = is_open and deal.probability.origin is not EstimateOrigin.STAGE
    keeps_category = is_open and deal.category_origin is not CategoryOrigin.STAGE
    # Its values are checked here, and a move has no time to check them twice.
    draft: Any = object.__new__(_DRAFT)
    draft.at = require_aware(at, "at")
    draft.by = _actor(by)
    draft.subjects = deal.subjects if note else (Ref("Deal", deal.id),)
    draft.deal = deal.id
    draft.source = deal.stage
    draft.target = stage.id
    draft.status = kind
    draft.category = deal.category if keeps_category else stage.category
    draft.probability = deal.probability if keeps_estimate else estimate
    draft.amount = deal.amount
    draft.since = deal.stage_since
    draft.days_in_stage = _days(deal, at)
    draft.closed_on = None if is_open else at.date()
    draft.loss_reason = reason
    draft.lost_to = lost_to
    draft.loss_note = note
    draft.pipeline_version = version
    draft.pipeline_digest = digest
    draft.__class__ = DealMoved
    return draft  # type: ignore[no-any-return]


def effect_events(event: DealMoved, effects: Iterable[str]) -> Iterator[StageEffect]:
    """Write down what a move sets off."""
    for effect in effects:
        yield StageEffect(
            at=event.at,
            by=event.by,
            subjects=event.subjects[:1],
            deal=event.deal,
            source=event.source,
            target=event.target,
            effect=effect,
        )


def waiver(deal: Deal, decision: Decision, override: Override, at: datetime) -> ConditionsWaived:
    """Write down what an override waived."""
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


def lacking_of_loss(definition: PipelineDefinition, reason: str | None, note: str) -> tuple[Unmet, ...]:
    """What is not said about a loss and must be: a reason of the list, and a note where that reason needs one."""
    if reason is None and not definition.loss_reason_needed:
        return ()
    allowed = definition.loss_reasons
    if not (reason in allowed if allowed else reason and reason.strip()):
        wanted = f"one of {', '.join(allowed)}" if allowed else "why the deal is lost"
        return (Unmet("loss_reason", wanted=wanted, found=reason, code="required"),)
    if reason in definition.notes_required and not note.strip():
        wanted = f"a note, because the reason is {reason}"
        return (Unmet("loss_note", wanted=wanted, found=note or None, code="required"),)
    return ()


def refuse_unless_waived(
    definition: PipelineDefinition, lifecycle: Lifecycle, decision: Decision, override: Override | None
) -> None:
    """Raise `MoveRefused` with what a move still lacks when an override, if there is one, has waived what it can."""
    lacking = decision.unmet
    if override is not None:
        lacking = lifecycle.lacking(decision, override)
        roles = definition.override_roles
        if roles and not override.by.has_any(roles):
            wanted = f"somebody with the role {' or '.join(roles)}"
            lacking = (*lacking, Unmet("override", wanted=wanted, found=override.by.id, code="role"))
    if lacking:
        raise MoveRefused(attrs.evolve(decision, unmet=lacking))


def _actor(by: object) -> Actor:
    if not isinstance(by, Actor):
        raise NotAnActor(by)
    return by


def _days(deal: Deal, at: datetime) -> int | None:
    if deal.stage_since is None:
        return None
    days = full_days(deal.stage_since, at)
    if days < 0:
        raise MovedBackInTime(deal.id, at, deal.stage_since)
    return days
