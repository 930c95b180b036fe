"""How long deals stay in each stage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

import attrs

from salesmgmt.core.events import require_aware
from salesmgmt.core.exact import WIDE, divide
from salesmgmt.core.measured import Measured
from salesmgmt.engines.statistics import SurvivalCurve, kaplan_meier, quantile
from salesmgmt.pipeline.analytics._days import days_between
from salesmgmt.pipeline.deals import StageKind, StageVisit


@attrs.frozen(kw_only=True)
class StageTime:
    """How many days deals stayed in a stage, each stay for itself.

    The first figures are of the stays that have ended. They are too short where slow deals are still there: `censored` says how
    many, and the median of `curve` counts them in.

    Attributes:
        stage: id of the stage.
        ended: stays that have ended.
        censored: stays that last.
        unknown: stays of which nobody knows when they began; they are in no figure.
        mean: days of 24 hours.
        median: likewise.
        first_quartile: likewise, by definition 7 of Hyndman & Fan (1996).
        third_quartile: likewise.
        curve: the share of stays that last longer than so many days, by Kaplan & Meier (1958).

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.pipeline.analytics import time_in_stage
    >>> time_in_stage([], as_of=datetime(2026, 3, 2, tzinfo=UTC))
    {}
    """

    stage: str
    ended: int
    censored: int
    unknown: int
    mean: Measured[Decimal]
    median: Measured[Decimal]
    first_quartile: Measured[Decimal]
    third_quartile: Measured[Decimal]
    curve: SurvivalCurve


def time_in_stage(journeys: Iterable[Sequence[StageVisit]], *, as_of: datetime) -> dict[str, StageTime]:
    """Measure how long deals stay in each open stage.

    Args:
        journeys: the stays of each deal: `stage_visits(events)` makes them. What happened after `as_of` is ignored.
        as_of: when it was looked, an aware instant.

    Returns:
        The figures by stage, in the order in which the stages come up; undefined with the flag `no_ended_stays`.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.pipeline.analytics import time_in_stage
    >>> from salesmgmt.pipeline.deals import StageKind, StageVisit
    >>> march = lambda day: datetime(2026, 3, day, tzinfo=UTC)
    >>> journeys = [
    ...     [StageVisit("new", march(2), march(4), StageKind.OPEN), StageVisit("won", march(4), None, StageKind.WON)],
    ...     [StageVisit("new", march(2), march(8), StageKind.OPEN), StageVisit("lost", march(8), None, StageKind.LOST)],
    ...     [StageVisit("new", march(5), None, StageKind.OPEN)],
    ... ]
    >>> new = time_in_stage(journeys, as_of=march(31))["new"]
    >>> str(new.median.value), new.censored, new.curve.median().value
    ('4', 1, 6.0)
    """
    require_aware(as_of, "as_of")
    stays: dict[str, list[tuple[Decimal, bool]]] = {}
    unknown: dict[str, int] = {}
    for visit in (visit for journey in journeys for visit in journey):
        if visit.kind is not StageKind.OPEN or (visit.entered is not None and visit.entered > as_of):
            continue
        known = stays.setdefault(visit.stage, [])
        if visit.entered is None:
            unknown[visit.stage] = unknown.get(visit.stage, 0) + 1
            continue
        has_ended = visit.left is not None and visit.left <= as_of
        end = visit.left if has_ended and visit.left is not None else as_of
        known.append((days_between(visit.entered, end), has_ended))
    return {stage: _time(stage, known, unknown.get(stage, 0)) for stage, known in stays.items()}


def _time(stage: str, stays: Sequence[tuple[Decimal, bool]], unknown: int) -> StageTime:
    ended = sorted(days for days, has_ended in stays if has_ended)

    def part(number: int, of: int) -> Measured[Decimal]:
        return _measured(quantile(ended, number, of) if ended else None, len(ended))

    total = Decimal(0)
    for days in ended:
        total = WIDE.add(total, days)
    return StageTime(
        stage=stage,
        ended=len(ended),
        censored=len(stays) - len(ended),
        unknown=unknown,
        mean=_measured(divide(total, Decimal(len(ended))) if ended else None, len(ended)),
        median=part(1, 2),
        first_quartile=part(1, 4),
        third_quartile=part(3, 4),
        curve=kaplan_meier((float(days), has_ended) for days, has_ended in stays),
    )


def _measured(days: Decimal | None, n: int) -> Measured[Decimal]:
    return Measured(days, None if n else "no_ended_stays", n=n, metric="days_in_stage")
