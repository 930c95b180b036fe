"""How many deals get from one stage to the next, and how long that takes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, option, shorten
from salesmgmt.core.events import require_aware
from salesmgmt.core.measured import Measured
from salesmgmt.core.period import Period
from salesmgmt.engines.statistics import SurvivalBand, SurvivalCurve, kaplan_meier
from salesmgmt.pipeline.analytics._amounts import share
from salesmgmt.pipeline.analytics._days import days_between
from salesmgmt.pipeline.deals import StageKind, StageVisit


class Skipped(StrEnum):
    """What it means for a stage that a deal went past it without standing in it.

    >>> from salesmgmt.pipeline.analytics import Skipped
    >>> Skipped("passed").name
    'PASSED'
    """

    PASSED = "passed"
    """Who is in a later stage has reached every stage before it: each deal counts in the whole funnel."""
    ABSENT = "absent"
    """Only who stood in a stage has reached it: a deal that jumps over a stage is neither entered there nor converted to it."""


class LostDeals(StrEnum):
    """What becomes of a deal that was lost on its way to a stage.

    >>> from salesmgmt.pipeline.analytics import LostDeals
    >>> LostDeals("stay").name
    'STAY'
    """

    STAY = "stay"
    """It stays among those who have not got there, up to the day of looking: the curve says which share of all gets there by when.
    As every deal could have been watched to that day, this is the cumulative incidence with losing as a competing end
    (Fine & Gray 1999)."""
    CENSOR = "censor"
    """It is out of sight from then on: the curve says how long it takes as if nobody were lost, which is more than get there."""


@attrs.frozen(kw_only=True)
class StageConversion:
    """How many deals got from one stage to the next.

    Attributes:
        source: the stage.
        target: the next stage.
        entered: deals that reached the stage.
        converted: those that reached the next one afterwards.
        dropped: those that did not, and are closed or went past it.
        open: those that did not, and are open still: the censored ones.
        skipped: those that reached the stage (or, when `passed`, a later one) without standing in it.
        rate: converted / entered: what is sure so far, the lower bound.
        decided: converted / (converted + dropped): of those about whom it is known.
        upper: (converted + open) / entered: when all the open ones get there.

    >>> from salesmgmt.pipeline.analytics import stage_conversion
    >>> [conversion] = stage_conversion([], ["new", "offer"])
    >>> conversion.rate
    Measured(None, flag='empty_base', n=0, metric='stage_conversion')
    """

    source: str
    target: str
    entered: int
    converted: int
    dropped: int
    open: int
    skipped: int
    rate: Measured[Decimal]
    decided: Measured[Decimal]
    upper: Measured[Decimal]


def stage_conversion(
    journeys: Iterable[Sequence[StageVisit]],
    stages: Sequence[str],
    *,
    skipped: Skipped | str = Skipped.PASSED,
    period: Period | None = None,
) -> tuple[StageConversion, ...]:
    """Follow deals from stage to stage, each deal once, whatever steps back it took.

    Args:
        journeys: the stays of each deal, oldest first: `stage_visits(events)` makes them.
        stages: the stages in the order of the pipeline, at least two, the won one last; a lost stage is none of them.
        skipped: what it means to go past a stage.
        period: only deals whose first known stay began in this period (a cohort by `created`); `None` takes all.

    Returns:
        A conversion for each pair of neighbouring stages.

    Raises:
        InvalidInput: there are fewer than two stages, or one stands twice.
        UnknownOption: there is no such rule.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.pipeline.analytics import stage_conversion
    >>> from salesmgmt.pipeline.deals import StageKind, StageVisit
    >>> march = lambda day: datetime(2026, 3, day, tzinfo=UTC)
    >>> jumped = [StageVisit("new", march(2), march(9), StageKind.OPEN), StageVisit("won", march(9), None, StageKind.WON)]
    >>> waiting = [StageVisit("new", march(2), None, StageKind.OPEN)]
    >>> for step in stage_conversion([jumped, waiting], ["new", "offer", "won"]):
    ...     print(step.source, step.target, step.entered, step.converted, step.open, step.skipped)
    new offer 2 1 1 0
    offer won 1 1 0 1
    """
    rule = option(Skipped, skipped, "the rule for skipped stages")
    ranks = _ranks(stages)
    chosen = [journey for journey in map(tuple, journeys) if journey and _is_in(journey, period)]
    paths = [_Path(journey, ranks) for journey in chosen]
    return tuple(
        _conversion(paths, source, target, ranks[source], rule) for source, target in pairwise(stages)
    )


def time_to_convert(
    journeys: Iterable[Sequence[StageVisit]],
    stages: Sequence[str],
    source: str,
    target: str,
    *,
    as_of: datetime,
    lost: LostDeals | str = LostDeals.STAY,
    confidence: float = 0.95,
    band: SurvivalBand | str = SurvivalBand.LOG_LOG,
) -> SurvivalCurve:
    """Estimate how many days deals take from entering a stage to reaching a later one, by Kaplan & Meier (1958).

    A deal that skips the target for a later stage has reached it then. A deal that is still on its way is censored at `as_of`.

    Args:
        journeys: as for `stage_conversion`; stays after `as_of` are ignored.
        stages: the stages in the order of the pipeline.
        source: from the first time a deal stood here.
        target: to the first time after that it stood here or later.
        as_of: when it was looked, an aware instant.
        lost: what becomes of deals that were lost on the way, see `LostDeals`.
        confidence: of the intervals, which are Greenwood's.
        band: how they are made.

    Returns:
        The share that has not got there, by days; `happened_by(30)` is the share that got there within 30 days.

    Raises:
        InvalidInput: the target does not come after the source, or one of them is no stage.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.pipeline.analytics import time_to_convert
    >>> from salesmgmt.pipeline.deals import StageKind, StageVisit
    >>> march = lambda day: datetime(2026, 3, day, tzinfo=UTC)
    >>> won = [StageVisit("new", march(2), march(9), StageKind.OPEN), StageVisit("won", march(9), None, StageKind.WON)]
    >>> waiting = [StageVisit("new", march(2), None, StageKind.OPEN)]
    >>> curve = time_to_convert([won, waiting], ["new", "won"], "new", "won", as_of=march(20))
    >>> curve.median().value, curve.censored
    (7.0, 1)
    """
    require_aware(as_of, "as_of")
    rule = option(LostDeals, lost, "what becomes of lost deals")
    ranks = _ranks(stages)
    problems = [
        Problem(name, "unknown_stage", shorten(stage), f"one of {', '.join(stages)}")
        for name, stage in (("source", source), ("target", target))
        if stage not in ranks
    ]
    if not problems and ranks[source] >= ranks[target]:
        problems = [Problem("target", "order", shorten(target), f"a stage after {source}")]
    if problems:
        raise InvalidInput("the stages of a conversion", problems)
    waits = (
        _wait(seen, ranks, source=source, goal=ranks[target], as_of=as_of, rule=rule)
        for seen in (
            [visit for visit in journey if visit.entered is None or visit.entered <= as_of]
            for journey in journeys
        )
    )
    return kaplan_meier((wait for wait in waits if wait is not None), confidence=confidence, band=band)


class _Path:
    """What one deal did with the stages: the ranks it stood in and when it first reached each."""

    __slots__ = ("first", "is_open", "last", "stood")

    def __init__(self, journey: Sequence[StageVisit], ranks: dict[str, int]) -> None:
        self.first: dict[int, int] = {}
        self.last: dict[int, int] = {}
        for place, visit in enumerate(journey):
            rank = ranks.get(visit.stage)
            if rank is not None:
                self.first.setdefault(rank, place)
                self.last[rank] = place
        self.stood = self.first.keys()
        self.is_open = journey[-1].kind is StageKind.OPEN

    def has_reached(self, rank: int, rule: Skipped) -> bool:
        return rank in self.first or (rule is Skipped.PASSED and any(other > rank for other in self.first))

    def has_converted(self, rank: int, rule: Skipped) -> bool:
        """Whether it got to the next rank after it reached this one."""
        if rule is Skipped.PASSED:
            return any(other > rank for other in self.first)
        return rank + 1 in self.last and self.last[rank + 1] > self.first[rank]

    def is_waiting(self, rank: int, rule: Skipped) -> bool:
        """Whether it may still get to the next rank: it is open, and has not gone past it."""
        return self.is_open and (rule is Skipped.PASSED or not any(other > rank for other in self.first))


def _conversion(
    paths: Sequence[_Path], source: str, target: str, rank: int, rule: Skipped
) -> StageConversion:
    reached = [path for path in paths if path.has_reached(rank, rule)]
    rest = [path for path in reached if not path.has_converted(rank, rule)]
    waiting = sum(path.is_waiting(rank, rule) for path in rest)
    entered, converted = len(reached), len(reached) - len(rest)
    dropped, metric = len(rest) - waiting, "stage_conversion"
    return StageConversion(
        source=source,
        target=target,
        entered=entered,
        converted=converted,
        dropped=dropped,
        open=waiting,
        skipped=sum(rank not in path.stood and any(other > rank for other in path.stood) for path in paths),
        rate=share(converted, entered, "empty_base", metric),
        decided=share(converted, converted + dropped, "empty_base", metric),
        upper=share(converted + waiting, entered, "empty_base", metric),
    )


def _ranks(stages: Sequence[str]) -> dict[str, int]:
    ranks = {stage: rank for rank, stage in enumerate(stages)}
    if len(ranks) < 2 or len(ranks) < len(stages):
        raise InvalidInput(
            "the stages of a conversion",
            [Problem("stages", "stages", shorten(list(stages)), "at least two different stages, in order")],
        )
    return ranks


def _is_in(journey: Sequence[StageVisit], period: Period | None) -> bool:
    began = journey[0].entered
    return period is None or (began is not None and began.date() in period)


def _wait(
    journey: Sequence[StageVisit],
    ranks: dict[str, int],
    *,
    source: str,
    goal: int,
    as_of: datetime,
    rule: LostDeals,
) -> tuple[float, bool] | None:
    """The days one deal waited and whether it got there; `None` when it never stood in the source, or nobody knows since when."""
    begin = next((place for place, visit in enumerate(journey) if visit.stage == source), None)
    start = None if begin is None else journey[begin].entered
    if begin is None or start is None:
        return None
    for visit in journey[begin + 1 :]:
        if ranks.get(visit.stage, -1) >= goal and visit.entered is not None:
            return float(days_between(start, visit.entered)), True
    end, last = as_of, journey[-1]
    if rule is LostDeals.CENSOR and last.kind is StageKind.LOST and last.entered is not None:
        end = last.entered
    return float(days_between(start, end)), False
