"""Who else would sell."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import DealId
from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.pipeline.deals.competitor import checked_competitors
from salesmgmt.pipeline.deals.deal import Deal
from salesmgmt.pipeline.deals.history import after
from salesmgmt.pipeline.deals.part_events import DealCompetitorsSet


def set_competitors(
    deal: Deal, names: Iterable[str], *, at: datetime, by: Actor
) -> tuple[Deal, tuple[DealCompetitorsSet, ...]]:
    """Say who else would sell; of a closed deal as well, as that is when one often learns of it.

    Args:
        deal: the deal.
        names: all competitors.
        at: when.
        by: who.

    Raises:
        InvalidInput: a name is blank, too long, or there twice; all problems are listed.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.pipeline.deals import Deal, Estimate, ForecastCategory, StageKind, set_competitors
    >>> at, rep = datetime(2026, 3, 2, 9, tzinfo=UTC), Actor("li.wei")
    >>> deal = Deal(
    ...     id="d-1", name="Acme laptops", pipeline="enterprise", pipeline_version=1, pipeline_digest="", stage="new",
    ...     status=StageKind.OPEN, category=ForecastCategory.PIPELINE, probability=Estimate(Percent(10)),
    ...     opened_at=at, stage_since=at,
    ... )
    >>> deal, events = set_competitors(deal, ["Bolt", "Crux"], at=at, by=rep)
    >>> deal.competitors
    ('Bolt', 'Crux')
    """  # fmt: skip
    faults: list[Problem] = []
    checked = checked_competitors(names, faults)
    if faults:
        raise InvalidInput(f"the competitors of deal {deal.id}", faults)
    if checked == deal.competitors:
        return deal, ()
    event = DealCompetitorsSet(
        at=at, by=by, subjects=deal.subjects, deal=DealId(deal.id), before=deal.competitors, after=checked
    )
    return after(deal, event), (event,)
