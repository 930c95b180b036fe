"""Ticking off what a stage asks for."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import DealId
from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.nearest import nearest
from salesmgmt.pipeline.deals._checks import MOST_PARTS, text_problems
from salesmgmt.pipeline.deals.deal import Deal
from salesmgmt.pipeline.deals.history import after
from salesmgmt.pipeline.deals.work_events import ChecklistTicked, ChecklistUnticked


def tick(
    deal: Deal, item: str, *, at: datetime, by: Actor, checklist: Collection[str] | None = None
) -> tuple[Deal, tuple[ChecklistTicked, ...]]:
    """Note that an item of the checklist of a deal's stage is done; a move to another stage begins anew.

    Args:
        deal: the deal.
        item: id of the item.
        at: when.
        by: who.
        checklist: ids of the items that the stage has; without it any item is taken.

    Raises:
        InvalidInput: the stage has no such item.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.pipeline.deals import Deal, Estimate, ForecastCategory, StageKind, tick, untick
    >>> at, rep = datetime(2026, 3, 2, 9, tzinfo=UTC), Actor("li.wei")
    >>> deal = Deal(
    ...     id="d-1", name="Acme laptops", pipeline="enterprise", pipeline_version=1, pipeline_digest="", stage="new",
    ...     status=StageKind.OPEN, category=ForecastCategory.PIPELINE, probability=Estimate(Percent(10)),
    ...     opened_at=at, stage_since=at,
    ... )
    >>> deal, _ = tick(deal, "demo", at=at, by=rep, checklist=["demo", "references"])
    >>> deal.done
    frozenset({'demo'})
    """  # fmt: skip
    _check(deal, item, checklist)
    if item in deal.done:
        return deal, ()
    if len(deal.done) >= MOST_PARTS:
        problem = Problem("item", "too_many", f"{MOST_PARTS} items done", f"at most {MOST_PARTS}")
        raise InvalidInput(f"the checklist of deal {deal.id}", [problem])
    event = ChecklistTicked(
        at=at, by=by, subjects=deal.subjects, deal=DealId(deal.id), stage=deal.stage, item=item
    )
    return after(deal, event), (event,)


def untick(
    deal: Deal, item: str, *, at: datetime, by: Actor, checklist: Collection[str] | None = None
) -> tuple[Deal, tuple[ChecklistUnticked, ...]]:
    """Note that an item is not done after all; the arguments are those of `tick`.

    >>> deal, _ = untick(deal, "demo", at=at, by=rep)
    >>> deal.done
    frozenset()
    """
    _check(deal, item, checklist)
    if item not in deal.done:
        return deal, ()
    event = ChecklistUnticked(
        at=at, by=by, subjects=deal.subjects, deal=DealId(deal.id), stage=deal.stage, item=item
    )
    return after(deal, event), (event,)


def _check(deal: Deal, item: str, checklist: Collection[str] | None) -> None:
    problems = list(text_problems("item", item))
    if not problems and checklist is not None and item not in checklist:
        meant = nearest(item, checklist)
        hint = f"did you mean {meant!r}?" if meant else ""
        wanted = f"an item of the checklist of {deal.stage}"
        problems.append(Problem("item", "unknown_item", shorten(item), wanted, hint))
    if problems:
        raise InvalidInput(f"the checklist of deal {deal.id}", problems)
