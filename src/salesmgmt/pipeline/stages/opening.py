"""How a deal comes into a pipeline."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import DealId
from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.pipeline.deals import DealDetails, DealOpened, Estimate, complete_details
from salesmgmt.pipeline.deals.deal import subjects_of
from salesmgmt.pipeline.stages.stage import Stage

if TYPE_CHECKING:
    from salesmgmt.pipeline.stages.pipeline import Pipeline


def opening(
    pipeline: Pipeline,
    stage: Stage,
    details: DealDetails,
    *,
    id: str,  # noqa: A002 - the field of an entity
    name: str,
    at: datetime,
    by: Actor,
    opened_at: datetime | None,
    stage_since: datetime | None,
    closed_on: date | None = None,
    loss_reason: str | None = None,
    lost_to: str | None = None,
    loss_note: str = "",
    adopted: bool = False,
) -> DealOpened:
    """Make the event that a deal came into a stage of a pipeline; the arguments are those of `DealOpened`."""
    known = complete_details(details, what=f"deal {id}")
    return DealOpened(
        at=at,
        by=by,
        subjects=subjects_of(id, known["account"], known["contact"], known["roles"]),
        deal=DealId(id),
        adopted=adopted,
        name=name,
        pipeline=pipeline.id,
        pipeline_version=pipeline.definition.version,
        pipeline_digest=pipeline.digest,
        stage=stage.id,
        status=stage.kind,
        category=stage.category,
        probability=Estimate(stage.probability),
        opened_at=opened_at,
        stage_since=stage_since,
        closed_on=closed_on,
        loss_reason=loss_reason,
        lost_to=lost_to,
        loss_note=loss_note,
        **known,
    )


def require_closed(id: str, stage: Stage, told: tuple[object, ...]) -> None:  # noqa: A002
    """Refuse what only a closed deal has of one that is in an open stage."""
    if not stage.kind.is_closed and any(told):
        problem = Problem(
            "stage",
            "not_closed",
            shorten(stage.id),
            "a closed stage, as there is a closing date, a loss reason or a competitor it was lost to",
        )
        raise InvalidInput(f"deal {id}", [problem])
