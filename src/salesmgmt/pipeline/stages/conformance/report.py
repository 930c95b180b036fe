"""How well many deals conform, which ways they take, and what deviating goes with."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from salesmgmt.core.events import Event
from salesmgmt.core.exact import divide, subtract
from salesmgmt.core.measured import Measured
from salesmgmt.core.money import Money, totals_by_currency
from salesmgmt.core.percent import Percent
from salesmgmt.engines.statistics import Interval, newcombe_interval, quantile
from salesmgmt.engines.statistics.interval import NINETY_FIVE, interval_of, share_of
from salesmgmt.pipeline.deals import DealHistory, StageKind
from salesmgmt.pipeline.deals.visits import full_days
from salesmgmt.pipeline.stages.conformance.path import Deviation, Path, Rules, walked

if TYPE_CHECKING:
    from salesmgmt.pipeline.stages.definition import PipelineDefinition


@attrs.frozen(kw_only=True)
class Outcome:
    """What became of some deals.

    Attributes:
        deals: their number.
        won: how many are won.
        lost: how many are lost; the rest is open.
        won_value: what the won ones bring, by currency; those without an amount are left out.
        lost_value: what the lost ones would have brought.
        win_rate: won / (won + lost), 0 to 1; flagged `no_closed_deals`.
        value_win_rate: won value / (won value + lost value); flagged `no_closed_value`, `several_currencies`.
        won_days: median of the full days from opening to winning; flagged `no_won_deals`.
    """

    deals: int
    won: int
    lost: int
    won_value: tuple[Money, ...]
    lost_value: tuple[Money, ...]
    win_rate: Measured[Decimal]
    value_win_rate: Measured[Decimal]
    won_days: Measured[Decimal]

    @classmethod
    def of(cls, paths: Iterable[Path]) -> Outcome:
        """Sum up some deals."""
        every = tuple(paths)
        won = [path for path in every if path.status is StageKind.WON]
        lost = [path for path in every if path.status is StageKind.LOST]
        return cls(
            deals=len(every),
            won=len(won),
            lost=len(lost),
            won_value=_totals(won),
            lost_value=_totals(lost),
            win_rate=_share(len(won), len(won) + len(lost), "no_closed_deals"),
            value_win_rate=_value_share(_totals(won), _totals(lost), len(won) + len(lost)),
            won_days=_median_days(won),
        )


@attrs.frozen(kw_only=True)
class Variant:
    """A way through the stages that some deals have taken.

    Attributes:
        stages: the stages in their order.
        conforms: whether all of its deals took it without deviating.
        outcome: what became of these deals.
    """

    stages: tuple[str, ...]
    conforms: bool
    outcome: Outcome


@attrs.frozen(kw_only=True)
class DeviationEffect:
    """Deals with a deviation beside deals that conform; an association, and no proof that the one makes the other.

    Attributes:
        deviation: the kind; `None` for any.
        steps: how often it occurs.
        with_it: what became of the deals that have it.
        without: what became of the deals that conform wholly.
        win_rate_difference: win rate with it minus win rate without; flagged `no_closed_deals`.
        interval: of that difference (Newcombe 1998).
    """

    deviation: Deviation | None
    steps: int
    with_it: Outcome
    without: Outcome
    win_rate_difference: Measured[Decimal]
    interval: Measured[Interval]


@attrs.frozen(kw_only=True)
class ConformanceReport:
    """How well deals conform to a definition.

    Attributes:
        paths: the way of each deal.
        fitness: the share of all steps that conform, 0 to 1; flagged `no_deals`.
        conforming: the share of deals without a deviation; flagged `no_deals`.
        variants: the ways that deals have taken, the most frequent first.
        effect: deals with any deviation beside those that conform.
        effects: the same for each kind of deviation that occurs, in the order of `Deviation`.
        loops: how often a deal came back to a stage where it had been.
    """

    paths: tuple[Path, ...]
    fitness: Measured[Decimal]
    conforming: Measured[Decimal]
    variants: tuple[Variant, ...]
    effect: DeviationEffect
    effects: tuple[DeviationEffect, ...]
    loops: int


def conformance(
    histories: Iterable[Iterable[Event] | DealHistory],
    definition: PipelineDefinition,
    *,
    confidence: Percent = NINETY_FIVE,
) -> ConformanceReport:
    """Hold the histories of deals against a definition.

    Args:
        histories: the events of each deal, oldest first, or what `salesmgmt.pipeline.deals.histories` makes of them.
        definition: how deals should move.
        confidence: of the intervals.

    Raises:
        BrokenHistory: the events of a history do not tell the life of one deal.
        InvalidInput: the confidence is none.

    >>> from salesmgmt.pipeline.stages import PipelineDefinition, Stage, StageKind, Transition
    >>> from salesmgmt.pipeline.stages.conformance import conformance
    >>> definition = PipelineDefinition(
    ...     id="walk-in", version=1, initial="talk",
    ...     stages=(Stage("talk"), Stage("won", kind=StageKind.WON), Stage("lost", kind=StageKind.LOST)),
    ...     transitions=(Transition("talk", "won"), Transition("talk", "lost")),
    ... )
    >>> conformance([], definition).fitness
    Measured(None, flag='no_deals', n=0)
    """
    share_of(confidence)
    rules = Rules.of(definition)
    paths = tuple(
        walked(history.events if isinstance(history, DealHistory) else history, rules)
        for history in histories
    )
    steps = [step for path in paths for step in path.steps]
    good = [path for path in paths if path.conforms]
    kinds = {deviation for path in paths for deviation in path.deviations}
    return ConformanceReport(
        paths=paths,
        fitness=_share(sum(step.deviation is None for step in steps), len(steps), "no_deals"),
        conforming=_share(len(good), len(paths), "no_deals"),
        variants=_variants(paths),
        effect=_effect(None, paths, good, confidence),
        effects=tuple(_effect(kind, paths, good, confidence) for kind in Deviation if kind in kinds),
        loops=sum(path.loops for path in paths),
    )


def _variants(paths: Iterable[Path]) -> tuple[Variant, ...]:
    ways: dict[tuple[str, ...], list[Path]] = {}
    for path in paths:
        ways.setdefault(path.variant, []).append(path)
    ordered = sorted(ways.items(), key=lambda way: (-len(way[1]), way[0]))
    return tuple(
        Variant(stages=stages, conforms=all(path.conforms for path in taken), outcome=Outcome.of(taken))
        for stages, taken in ordered
    )


def _effect(
    deviation: Deviation | None, paths: Iterable[Path], good: Iterable[Path], confidence: Percent
) -> DeviationEffect:
    having = [path for path in paths if (deviation in path.deviations if deviation else not path.conforms)]
    mine, theirs = Outcome.of(having), Outcome.of(good)
    closed, closed_without = mine.won + mine.lost, theirs.won + theirs.lost
    n = closed + closed_without
    difference: Measured[Decimal] = Measured(None, "no_closed_deals", n=n)
    interval: Measured[Interval] = Measured(None, "no_closed_deals", n=n)
    if closed and closed_without:
        difference = Measured(subtract(mine.win_rate.required(), theirs.win_rate.required()), n=n)
        limits = newcombe_interval(mine.won, closed, theirs.won, closed_without, share_of(confidence))
        interval = interval_of(limits, confidence, None, n)
    return DeviationEffect(
        deviation=deviation,
        steps=sum(
            step.deviation is not None and deviation in {None, step.deviation}
            for path in having
            for step in path.steps
        ),
        with_it=mine,
        without=theirs,
        win_rate_difference=difference,
        interval=interval,
    )


def _share(part: int, whole: int, flag: str) -> Measured[Decimal]:
    return Measured(divide(Decimal(part), Decimal(whole)), n=whole) if whole else Measured(None, flag)


def _totals(paths: Iterable[Path]) -> tuple[Money, ...]:
    return totals_by_currency(path.amount for path in paths if path.amount is not None)


def _value_share(won: tuple[Money, ...], lost: tuple[Money, ...], n: int) -> Measured[Decimal]:
    if len({amount.currency for amount in (*won, *lost)}) > 1:
        return Measured(None, "several_currencies", n=n)
    whole = sum((*won, *lost))
    # A part of the whole is a share only where neither lies below nothing.
    if not isinstance(whole, Money) or not whole or min(amount.amount for amount in (*won, *lost)) < 0:
        return Measured(None, "no_closed_value", n=n)
    return Measured(won[0] / whole if won else Decimal(0), n=n)


def _median_days(won: Iterable[Path]) -> Measured[Decimal]:
    days = sorted(
        Decimal(full_days(path.opened_at, path.closed_at))
        for path in won
        if path.closed_at is not None and path.opened_at is not None
    )
    if not days:
        return Measured(None, "no_won_deals")
    return Measured(quantile(days, 1, 2), n=len(days))
