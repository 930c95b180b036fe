"""Which deals a figure is about, and how many of them are still undecided."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import attrs

from salesmgmt.core.errors import option
from salesmgmt.core.period import Period
from salesmgmt.pipeline.deals import Deal, StageKind


class CohortBasis(StrEnum):
    """By which of its days a deal belongs to a period.

    >>> from salesmgmt.pipeline.analytics import CohortBasis
    >>> CohortBasis("closed").name
    'CLOSED'
    """

    CREATED = "created"
    """By the day it was opened: some of these deals may be open still, so the figure is not final."""
    CLOSED = "closed"
    """By the day it was won or lost: all are decided, but quick deals are seen before slow ones of the same age."""


# Looking a member up on its class takes as long as the rest of a round of the loops below.
_OPEN, _WON, _LOST = StageKind.OPEN, StageKind.WON, StageKind.LOST
_CLOSED = CohortBasis.CLOSED


@attrs.frozen(kw_only=True)
class Cohort:
    """The deals that a figure is about; made by `cohort`.

    Attributes:
        by: by which day they belong to the period.
        period: the period; `None` when all deals are taken.
        deals: the deals, in the order given.
        undated: deals that could not be placed, because nobody knows that day.
        won: those that were won.
        lost: those that were lost.
        open: those that are undecided: the censored ones.

    >>> from salesmgmt.pipeline.analytics import cohort
    >>> cohort([], by="created").is_decided
    True
    """

    by: CohortBasis
    period: Period | None
    deals: tuple[Deal, ...] = attrs.field(repr=False)
    undated: int
    won: tuple[Deal, ...] = attrs.field(repr=False)
    lost: tuple[Deal, ...] = attrs.field(repr=False)
    open: tuple[Deal, ...] = attrs.field(repr=False)

    @property
    def is_decided(self) -> bool:
        """Whether none is open, so that the figure will not change any more."""
        return not self.open


def cohort(deals: Iterable[Deal], *, by: CohortBasis | str, period: Period | None = None) -> Cohort:
    """Choose the deals of a period.

    The day of opening is that of the instant in its own time zone. A deal that was closed without a known day is undated, and
    so is one of unknown opening; an open deal has no day of closing and is simply not in a cohort of closed deals.

    Args:
        deals: any deals.
        by: `created` or `closed`.
        period: the period; `None` takes every deal (by `closed`: every closed one), dated or not.

    Raises:
        UnknownOption: there is no such basis.

    >>> from datetime import UTC, date, datetime
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.core.period import Period
    >>> from salesmgmt.pipeline.analytics import cohort
    >>> from salesmgmt.pipeline.deals import Deal, Estimate, ForecastCategory, StageKind
    >>> march = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> deal = Deal(id="d-1", name="", pipeline="p", pipeline_version=1, pipeline_digest="", stage="new", status=StageKind.OPEN,
    ...             category=ForecastCategory.PIPELINE, probability=Estimate(Percent(10)), opened_at=march, stage_since=march)
    >>> len(cohort([deal], by="created", period=Period.month(2026, 3)).open)
    1
    >>> len(cohort([deal], by="closed", period=Period.month(2026, 3)).deals)
    0
    """
    basis = option(CohortBasis, by, "the basis of a cohort")
    chosen, undated = members(deals, basis, period)
    return of_deals(chosen, basis, period, undated)


def members(deals: Iterable[Deal], basis: CohortBasis, period: Period | None) -> tuple[list[Deal], int]:
    """The deals of a period, and how many could not be placed."""
    if period is None:
        some = list(deals)
        return ([deal for deal in some if deal.status is not _OPEN] if basis is _CLOSED else some), 0
    start, end, undated = period.start, period.end, 0
    chosen: list[Deal] = []
    if basis is _CLOSED:
        for deal in deals:
            day = deal.closed_on
            if day is None:
                undated += deal.status is not _OPEN
            elif start <= day < end:
                chosen.append(deal)
    else:
        for deal in deals:
            at = deal.opened_at
            if at is None:
                undated += 1
            elif start <= at.date() < end:
                chosen.append(deal)
    return chosen, undated


def of_deals(deals: Iterable[Deal], basis: CohortBasis, period: Period | None, undated: int = 0) -> Cohort:
    """Make a cohort of deals that were chosen already."""
    chosen = tuple(deals)
    return Cohort(
        by=basis,
        period=period,
        deals=chosen,
        undated=undated,
        won=tuple([deal for deal in chosen if deal.status is _WON]),
        lost=tuple([deal for deal in chosen if deal.status is _LOST]),
        open=tuple([deal for deal in chosen if deal.status is _OPEN]),
    )
