"""How likely a deal is won and where it counts in a forecast, as people and models judge it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import DealId
from salesmgmt.core.errors import InvalidInput, Problem, option, shorten
from salesmgmt.core.percent import Percent
from salesmgmt.pipeline.deals.deal import Deal
from salesmgmt.pipeline.deals.events import DealEstimated
from salesmgmt.pipeline.deals.history import after
from salesmgmt.pipeline.deals.probability import Estimate, EstimateOrigin
from salesmgmt.pipeline.deals.refusals import require_open
from salesmgmt.pipeline.deals.status import CategoryOrigin, ForecastCategory
from salesmgmt.pipeline.deals.work_events import DealCategorised


class StageValues(Protocol):
    """What a stage says about the deals that stand in it: a `Stage` of a pipeline."""

    @property
    def id(self) -> str:
        """Its name on deals."""

    @property
    def probability(self) -> Percent:
        """How likely a deal in it is won."""

    @property
    def category(self) -> ForecastCategory:
        """Where a deal in it counts in a forecast."""


def estimate(
    deal: Deal, value: Percent, *, origin: EstimateOrigin, model: str = "", at: datetime, by: Actor
) -> tuple[Deal, tuple[DealEstimated, ...]]:
    """Judge anew how likely a deal is won.

    Args:
        deal: an open deal; of a decided one its stage alone says how likely it is won.
        value: 0 to 100 %.
        origin: who judges; with `STAGE`, the next move replaces the value again.
        model: the name of the model, for the origin `MODEL`.
        at: when.
        by: who, for a model the program that ran it.

    Raises:
        ClosedDeal: the deal is won or lost.
        NotAProbability: the value lies outside of 0 to 100 %.
        NamelessModel: the model is not named, or something else names one.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.pipeline.deals import (
    ...     Deal, Estimate, EstimateOrigin, ForecastCategory, StageKind, categorise, clear_category, clear_estimate, estimate,
    ... )
    >>> from salesmgmt.pipeline.stages import Stage
    >>> at, rep = datetime(2026, 3, 2, 9, tzinfo=UTC), Actor("li.wei")
    >>> deal = Deal(
    ...     id="d-1", name="Acme laptops", pipeline="enterprise", pipeline_version=1, pipeline_digest="", stage="new",
    ...     status=StageKind.OPEN, category=ForecastCategory.PIPELINE, probability=Estimate(Percent(10)),
    ...     opened_at=at, stage_since=at,
    ... )
    >>> deal, events = estimate(deal, Percent(60), origin=EstimateOrigin.USER, at=at, by=rep)
    >>> str(events[0].before.value), str(deal.probability.value)
    ('10%', '60%')
    """  # fmt: skip
    require_open(deal, "estimated")
    return _estimated(deal, Estimate(value, option(EstimateOrigin, origin, "the origin"), model), at, by)


def clear_estimate(
    deal: Deal, stage: StageValues, *, at: datetime, by: Actor
) -> tuple[Deal, tuple[DealEstimated, ...]]:
    """Take a judgement back: the probability is that of the stage again, and follows the stages from now on.

    Args:
        deal: an open deal.
        stage: the stage in which it stands, as its pipeline knows it.
        at: when.
        by: who.

    Raises:
        ClosedDeal: the deal is won or lost.
        InvalidInput: it stands in another stage.

    >>> deal, _ = clear_estimate(deal, Stage("new", probability=Percent(10)), at=at, by=rep)
    >>> str(deal.probability.value), deal.probability.origin.value
    ('10%', 'stage')
    """
    require_open(deal, "estimated")
    _require_stage(deal, stage)
    return _estimated(deal, Estimate(stage.probability), at, by)


def categorise(
    deal: Deal, category: ForecastCategory, *, at: datetime, by: Actor
) -> tuple[Deal, tuple[DealCategorised, ...]]:
    """Put an open deal into another forecast category; moves between open stages leave it there.

    Args:
        deal: an open deal.
        category: any but `CLOSED`, which is for deals that are won.
        at: when.
        by: who.

    Raises:
        ClosedDeal: the deal is won or lost.
        InvalidInput: the category is `CLOSED`.
        UnknownOption: it is none.

    >>> deal, _ = categorise(deal, ForecastCategory.COMMIT, at=at, by=rep)
    >>> deal.category_origin.value
    'user'
    """
    require_open(deal, "put into another category")
    category = option(ForecastCategory, category, "the category")
    if category is ForecastCategory.CLOSED:
        problem = Problem("category", "not_closed", category.value, "a category of open deals")
        raise InvalidInput(f"the category of deal {deal.id}", [problem])
    return _categorised(deal, category, CategoryOrigin.USER, at, by)


def clear_category(
    deal: Deal, stage: StageValues, *, at: datetime, by: Actor
) -> tuple[Deal, tuple[DealCategorised, ...]]:
    """Give a deal back to the category of its stage; the arguments are those of `clear_estimate`.

    >>> deal, _ = clear_category(deal, Stage("new"), at=at, by=rep)
    >>> deal.category.value, deal.category_origin.value
    ('pipeline', 'stage')
    """
    require_open(deal, "put into another category")
    _require_stage(deal, stage)
    return _categorised(deal, stage.category, CategoryOrigin.STAGE, at, by)


def _require_stage(deal: Deal, stage: StageValues) -> None:
    if stage.id != deal.stage:
        wanted = f"the stage in which the deal stands, {shorten(deal.stage)}"
        raise InvalidInput(
            f"the stage of deal {deal.id}", [Problem("stage", "other_stage", shorten(stage.id), wanted)]
        )


def _estimated(
    deal: Deal, value: Estimate, at: datetime, by: Actor
) -> tuple[Deal, tuple[DealEstimated, ...]]:
    if value == deal.probability:
        return deal, ()
    event = DealEstimated(
        at=at, by=by, subjects=(deal.ref,), deal=DealId(deal.id), before=deal.probability, after=value
    )
    return after(deal, event), (event,)


def _categorised(
    deal: Deal, category: ForecastCategory, origin: CategoryOrigin, at: datetime, by: Actor
) -> tuple[Deal, tuple[DealCategorised, ...]]:
    if (category, origin) == (deal.category, deal.category_origin):
        return deal, ()
    event = DealCategorised(
        at=at,
        by=by,
        subjects=(deal.ref,),
        deal=DealId(deal.id),
        before=deal.category,
        before_origin=deal.category_origin,
        after=category,
        after_origin=origin,
    )
    return after(deal, event), (event,)
