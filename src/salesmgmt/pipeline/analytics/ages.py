"""How old the open deals of a day are."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from operator import attrgetter

import attrs

from salesmgmt.core.errors import option
from salesmgmt.core.measured import Measured
from salesmgmt.core.money import Money
from salesmgmt.core.period import require_date
from salesmgmt.pipeline.analytics._amounts import total_value
from salesmgmt.pipeline.cash import Ageing
from salesmgmt.pipeline.deals import Deal, StageKind


class AgeSince(StrEnum):
    """From which day on the age of a deal is counted.

    >>> from salesmgmt.pipeline.analytics import AgeSince
    >>> AgeSince("stage").name
    'STAGE'
    """

    OPENED = "opened"
    """From the day it was opened."""
    STAGE = "stage"
    """From the day it entered the stage it stands in."""


@attrs.frozen(kw_only=True)
class AgeBucket:
    """Open deals of about the same age.

    Attributes:
        label: the days, as `31-60`.
        deals: the deals, the oldest first.
        value: what they would bring.

    >>> from datetime import date
    >>> from salesmgmt.pipeline.analytics import deal_ages
    >>> deal_ages([], as_of=date(2026, 3, 2)).buckets[0].count
    0
    """

    label: str
    deals: tuple[Deal, ...] = attrs.field(repr=False)
    value: Measured[Money]

    @property
    def count(self) -> int:
        """How many they are."""
        return len(self.deals)


@attrs.frozen(kw_only=True)
class DealAges:
    """The open deals of a day by age.

    Attributes:
        as_of: the day.
        since: what the age is counted from.
        buckets: the youngest first.
        undated: open deals of which nobody knows since when; they are in no bucket.

    >>> from datetime import date
    >>> from salesmgmt.pipeline.analytics import deal_ages
    >>> [bucket.label for bucket in deal_ages([], as_of=date(2026, 3, 2), limits=(30, 60)).buckets]
    ['0-30', '31-60', '61+']
    """

    as_of: date
    since: AgeSince
    buckets: tuple[AgeBucket, ...]
    undated: int


def deal_ages(
    deals: Iterable[Deal],
    *,
    as_of: date,
    since: AgeSince | str = AgeSince.OPENED,
    limits: Iterable[int] = (30, 60, 90, 120),
) -> DealAges:
    """Sort open deals by age in days.

    Args:
        deals: the deals as they stand on that day; closed ones, and those of later days, are left out.
        as_of: the day.
        since: what the age is counted from; the day of an instant is that in its own time zone.
        limits: the last day of each bucket but the last, which has no end.

    Raises:
        InvalidLimits: the limits do not rise, or are no whole days above zero.
        NotADate: `as_of` is no date.
        UnknownOption: there is no such start.

    >>> from datetime import UTC, date, datetime
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.pipeline.analytics import deal_ages
    >>> from salesmgmt.pipeline.deals import Deal, Estimate, ForecastCategory, StageKind
    >>> march = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> deal = Deal(id="d-1", name="", pipeline="p", pipeline_version=1, pipeline_digest="", stage="new", status=StageKind.OPEN,
    ...             category=ForecastCategory.PIPELINE, probability=Estimate(Percent(10)), opened_at=march, stage_since=march)
    >>> {bucket.label: bucket.count for bucket in deal_ages([deal], as_of=date(2026, 4, 2)).buckets if bucket.deals}
    {'31-60': 1}
    """
    start_of = option(AgeSince, since, "the start of an age")
    require_date(as_of, "as_of")
    ageing = Ageing(tuple(limits))
    start = attrgetter("opened_at" if start_of is AgeSince.OPENED else "stage_since")
    still = [deal for deal in deals if deal.status is StageKind.OPEN]
    dated = [deal for deal in still if start(deal) is not None]
    places: list[list[Deal]] = [[] for _ in ageing.labels[1:]]
    for deal in sorted(dated, key=start):
        days = (as_of - start(deal).date()).days
        if days >= 0:
            places[bisect_left(ageing.limits, days)].append(deal)
    return DealAges(
        as_of=as_of,
        since=start_of,
        buckets=tuple(
            AgeBucket(label=label, deals=tuple(some), value=total_value(some, "no_open_deals"))
            for label, some in zip(ageing.labels[1:], places, strict=True)
        ),
        undated=len(still) - len(dated),
    )
