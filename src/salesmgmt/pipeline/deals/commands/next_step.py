"""What is to be done next for a deal."""

from __future__ import annotations

from datetime import datetime

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import DealId
from salesmgmt.core.errors import InvalidInput
from salesmgmt.pipeline.deals.deal import Deal
from salesmgmt.pipeline.deals.history import after
from salesmgmt.pipeline.deals.next_step import NextStep, next_step_problems
from salesmgmt.pipeline.deals.refusals import require_open
from salesmgmt.pipeline.deals.work_events import NextStepSet


def set_next_step(
    deal: Deal, step: NextStep | None, *, at: datetime, by: Actor
) -> tuple[Deal, tuple[NextStepSet, ...]]:
    """Say what is to be done next; `None` when nothing is. Winning or losing a deal takes its next step away.

    Args:
        deal: an open deal.
        step: what, and by when; a day that has passed is taken as it is, and is overdue.
        at: when it is said.
        by: who says so.

    Raises:
        ClosedDeal: the deal is won or lost.
        InvalidInput: the step says nothing, is too long, or its day is no date.

    >>> from datetime import UTC, date, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.pipeline.deals import Deal, Estimate, ForecastCategory, NextStep, StageKind, set_next_step
    >>> at, rep = datetime(2026, 3, 2, 9, tzinfo=UTC), Actor("li.wei")
    >>> deal = Deal(
    ...     id="d-1", name="Acme laptops", pipeline="enterprise", pipeline_version=1, pipeline_digest="", stage="new",
    ...     status=StageKind.OPEN, category=ForecastCategory.PIPELINE, probability=Estimate(Percent(10)),
    ...     opened_at=at, stage_since=at,
    ... )
    >>> deal, _ = set_next_step(deal, NextStep("send the offer", date(2026, 3, 6)), at=at, by=rep)
    >>> deal.next_step.what
    'send the offer'
    """  # fmt: skip
    require_open(deal, "given a next step")
    if step is not None and (problems := list(next_step_problems(step))):
        raise InvalidInput(f"the next step of deal {deal.id}", problems)
    if step == deal.next_step:
        return deal, ()
    event = NextStepSet(
        at=at, by=by, subjects=deal.subjects, deal=DealId(deal.id), before=deal.next_step, after=step
    )
    return after(deal, event), (event,)
