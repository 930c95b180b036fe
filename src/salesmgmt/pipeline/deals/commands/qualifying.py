"""Answering the questions of a card for a deal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import DealId
from salesmgmt.core.errors import InvalidInput
from salesmgmt.pipeline.deals._checks import kind_problems
from salesmgmt.pipeline.deals.card import QualificationCard
from salesmgmt.pipeline.deals.deal import Deal
from salesmgmt.pipeline.deals.history import after
from salesmgmt.pipeline.deals.refusals import require_open
from salesmgmt.pipeline.deals.work_events import DealQualified


def qualify_deal(
    deal: Deal, card: QualificationCard, answers: Mapping[str, str | None], *, at: datetime, by: Actor
) -> tuple[Deal, tuple[DealQualified, ...]]:
    """Answer questions of a card; what was answered before stays, as far as the card still knows it.

    Args:
        deal: an open deal.
        card: the card.
        answers: id of the answer, by id of the criterion; `None` takes an answer back.
        at: when.
        by: who.

    Raises:
        ClosedDeal: the deal is won or lost.
        InvalidInput: a criterion or an answer is unknown; all problems are listed.
        InvalidDefinition: the card is at fault.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.pipeline.deals import Deal, Estimate, ForecastCategory, StageKind, qualify_deal, shipped_card
    >>> at, rep = datetime(2026, 3, 2, 9, tzinfo=UTC), Actor("li.wei")
    >>> deal = Deal(
    ...     id="d-1", name="Acme laptops", pipeline="enterprise", pipeline_version=1, pipeline_digest="", stage="new",
    ...     status=StageKind.OPEN, category=ForecastCategory.PIPELINE, probability=Estimate(Percent(10)),
    ...     opened_at=at, stage_since=at,
    ... )
    >>> deal, _ = qualify_deal(deal, shipped_card("bant"), {"budget": "approved", "need": "stated"}, at=at, by=rep)
    >>> str(deal.qualification["bant"].share), deal.qualification["bant"].missing
    ('37.5%', ('authority', 'timing'))
    """  # fmt: skip
    require_open(deal, "qualified")
    if problems := kind_problems("answers", answers, Mapping, "answers by criterion"):
        raise InvalidInput(f"the answers to {card.id}", problems)
    before = deal.qualification.get(card.id)
    merged: dict[str, str | None] = {} if before is None else dict(before.answers)
    merged = {
        name: answer for name, answer in merged.items() if answer is not None and card.knows(name, answer)
    }
    merged |= answers
    criteria = {criterion.id for criterion in card.criteria}
    # An answer is taken back only where there is such a criterion; else the name is refused.
    score = card.score(
        {name: answer for name, answer in merged.items() if answer is not None or name not in criteria}
    )
    if score == before:
        return deal, ()
    event = DealQualified(
        at=at, by=by, subjects=(deal.ref,), deal=DealId(deal.id), before=before, after=score
    )
    return after(deal, event), (event,)
