"""Who of the sales force shares in a deal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import DealId
from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.pipeline.deals.deal import Deal
from salesmgmt.pipeline.deals.history import after
from salesmgmt.pipeline.deals.part_events import DealSplitsSet
from salesmgmt.pipeline.deals.split import Split, SplitAmount, checked_splits, share_out


def set_splits(
    deal: Deal, splits: Iterable[Split], *, at: datetime, by: Actor
) -> tuple[Deal, tuple[DealSplitsSet, ...]]:
    """Say who shares in a deal.

    Args:
        deal: the deal, open or closed: credit is often settled after the fact.
        splits: all shares; those in the revenue are exactly 100 % together, or there are none.
        at: when.
        by: who.

    Raises:
        InvalidInput: the revenue is not exactly 100 %, a share is out of range, or a person shares twice; all problems are
            listed.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.pipeline.deals import (
    ...     Deal, Estimate, ForecastCategory, Split, SplitKind, StageKind, set_splits, split_amounts,
    ... )
    >>> at, rep = datetime(2026, 3, 2, 9, tzinfo=UTC), Actor("li.wei")
    >>> deal = Deal(
    ...     id="d-1", name="Acme laptops", pipeline="enterprise", pipeline_version=1, pipeline_digest="", stage="new",
    ...     status=StageKind.OPEN, category=ForecastCategory.PIPELINE, probability=Estimate(Percent(10)),
    ...     opened_at=at, stage_since=at, amount=Money(5000, "EUR"),
    ... )
    >>> shares = [Split("li.wei", Percent(70)), Split("chen", Percent(30)), Split("kim", Percent(10), SplitKind.OVERLAY)]
    >>> deal, _ = set_splits(deal, shares, at=at, by=rep)
    >>> set_splits(deal, [Split("li.wei", Percent("99.99"))], at=at, by=rep)
    Traceback (most recent call last):
    salesmgmt.core.errors.InvalidInput: the splits of deal d-1 has 1 problem:
      splits: found 99.99%, wanted exactly 100% of the revenue together; change the shares by 0.01% in all; ...
    """  # fmt: skip
    faults: list[Problem] = []
    checked = checked_splits(splits, faults)
    if faults:
        raise InvalidInput(f"the splits of deal {deal.id}", faults)
    if checked == deal.splits:
        return deal, ()
    event = DealSplitsSet(
        at=at, by=by, subjects=deal.subjects, deal=DealId(deal.id), before=deal.splits, after=checked
    )
    return after(deal, event), (event,)


def split_amounts(deal: Deal) -> tuple[SplitAmount, ...]:
    """What each share of a deal comes to, by `share_out`; nothing when its amount is not known.

    >>> [(part.split.person, str(part.amount)) for part in split_amounts(deal)]
    [('li.wei', '3500.00 EUR'), ('chen', '1500.00 EUR'), ('kim', '500.00 EUR')]
    """
    return () if deal.amount is None else share_out(deal.amount, deal.splits)
