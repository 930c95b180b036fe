"""How a deal comes into a pipeline."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import DealId, Ref
from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.pipeline.deals import DealDetails, DealOpened, Estimate
from salesmgmt.pipeline.stages.stage import Stage

if TYPE_CHECKING:
    from salesmgmt.pipeline.stages.pipeline import Pipeline

_UNKNOWN: DealDetails = {
    "account": None,
    "contact": None,
    "owner": None,
    "amount": None,
    "product": None,
    "source": "",
    "campaign": None,
    "expected_close": None,
    "fields": {},
}


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
    adopted: bool = False,
) -> DealOpened:
    """Make the event that a deal came into a stage of a pipeline; the arguments are those of `DealOpened`."""
    known: DealDetails = {**_UNKNOWN, **details}
    if odd := known.keys() - _UNKNOWN.keys():
        problems = [
            Problem(shorten(one), "unknown_key", shorten(one), f"one of {', '.join(_UNKNOWN)}")
            for one in sorted(odd)
        ]
        raise InvalidInput(f"deal {id}", problems)
    subjects = [Ref("Deal", id)]
    subjects += [Ref("Account", known["account"])] if known["account"] is not None else []
    subjects += [Ref("Contact", known["contact"])] if known["contact"] is not None else []
    return DealOpened(
        at=at,
        by=by,
        subjects=tuple(subjects),
        deal=DealId(id),
        adopted=adopted,
        name=name,
        account=known["account"],
        contact=known["contact"],
        owner=known["owner"],
        amount=known["amount"],
        product=known["product"],
        source=known["source"],
        campaign=known["campaign"],
        expected_close=known["expected_close"],
        fields=dict(known["fields"]),
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
    )
