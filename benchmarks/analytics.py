"""Figures of a million deals, against loops written by hand for the same figures.

The deals are real `Deal` entities: 40 % won, 25 % lost, the rest open, 100 owners, 3 % without an amount. A loop by hand reads the
attributes of each deal once, adds plain decimals with `+`, and knows what it is asked for. Both must give the same figures: sums
exactly, quotients to 25 digits. Time is that of the process, the best of three rounds in turn; memory is what the process holds for
the deals, and the most that it held on top of them while it measured.

    python -m benchmarks analytics              a million deals
    python -m benchmarks.analytics 100000       any other number
"""

from __future__ import annotations

import gc
import resource
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from statistics import median
from time import process_time
from typing import Any

import attrs

from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.period import Period
from salesmgmt.engines.metrics import MetricSet
from salesmgmt.pipeline.analytics import deal_ages, deal_velocity, pipeline_bridge, win_loss, win_rate
from salesmgmt.pipeline.deals import Deal, Estimate, ForecastCategory, StageKind
from salesmgmt.pipeline.metrics import DEAL_FACTS, METRICS

_MILLION = 1_000_000
_YEAR = Period.year(2025)
_AS_OF = date(2026, 9, 1)
_LIMITS = (30, 60, 90, 120)
_ZERO = Decimal(0)

Figures = dict[str, Any]


def deals(count: int) -> list[Deal]:
    """Deals that share the texts, amounts and instants they have in common, as those read from one store do."""
    random = Random(20261123)
    start = datetime(2025, 1, 1, 9, tzinfo=UTC)
    opened = [start + timedelta(days=days) for days in range(600)]
    closed = [start.date() + timedelta(days=days) for days in range(750)]
    amounts = [Money.from_minor(random.randrange(100_000, 5_000_000), "EUR") for _ in range(4850)] + [
        None
    ] * 150
    owners = [f"rep {number}" for number in range(100)]
    chances = [Estimate(Percent(points)) for points in (10, 25, 40, 60, 80)]
    found = []
    for number in range(count):
        chance, day = random.random(), random.randrange(600)
        status = StageKind.WON if chance < 0.4 else StageKind.LOST if chance < 0.65 else StageKind.OPEN
        deal = Deal(
            id=f"d{number}",
            name="",
            owner=random.choice(owners),
            amount=random.choice(amounts),
            pipeline="p",
            pipeline_version=1,
            pipeline_digest="",
            stage=status.value,
            status=status,
            category=ForecastCategory.PIPELINE,
            probability=random.choice(chances),
            opened_at=opened[day],
            stage_since=opened[day],
            expected_close=closed[day + 90],
            closed_on=None if status is StageKind.OPEN else closed[day + random.randrange(1, 150)],
        )
        found.append(deal)
    return found


def rate_by_hand(given: Sequence[Deal]) -> Figures:
    start, end, won, lost = _YEAR.start, _YEAR.end, 0, 0
    won_value = lost_value = _ZERO
    for deal in given:
        day = deal.closed_on
        if day is None or not start <= day < end:
            continue
        if deal.status is StageKind.WON:
            won += 1
            if deal.amount is not None:
                won_value += deal.amount.amount
        else:
            lost += 1
            if deal.amount is not None:
                lost_value += deal.amount.amount
    return {"won": won, "lost": lost, "value": won_value / (won_value + lost_value), "won value": won_value}


def rate(given: Sequence[Deal]) -> Figures:
    found = win_rate(given, by="closed", period=_YEAR)
    return {
        "won": found.won,
        "lost": found.lost,
        "value": found.value.required(),
        "won value": found.won_value.required().amount,
    }


def by_owner_by_hand(given: Sequence[Deal]) -> Figures:
    won: defaultdict[str | None, int] = defaultdict(int)
    lost: defaultdict[str | None, int] = defaultdict(int)
    value: defaultdict[str | None, Decimal] = defaultdict(Decimal)
    for deal in given:
        if deal.status is StageKind.WON:
            won[deal.owner] += 1
            if deal.amount is not None:
                value[deal.owner] += deal.amount.amount
        elif deal.status is StageKind.LOST:
            lost[deal.owner] += 1
            if deal.amount is not None:
                value[deal.owner] += _ZERO
    return {str(who): (won[who], lost[who], value[who]) for who in won}


def by_owner(given: Sequence[Deal]) -> Figures:
    found = win_loss(given, "owner", by="closed")
    return {str(who): (one.won, one.lost, one.won_value.required().amount) for who, one in found.items()}


def velocity_by_hand(given: Sequence[Deal]) -> Figures:
    won = valued = days = 0
    closed, value = 0, _ZERO
    for deal in given:
        if deal.status is StageKind.OPEN:
            continue
        closed += 1
        if deal.status is StageKind.WON:
            won += 1
            if deal.amount is not None:
                valued += 1
                value += deal.amount.amount
            if deal.opened_at is not None and deal.closed_on is not None:
                days += (deal.closed_on - deal.opened_at.date()).days
    return {"per day": value / valued * won / (Decimal(days) / won)}


def velocity(given: Sequence[Deal]) -> Figures:
    return {"per day": deal_velocity(given, by="closed").per_day.required().amount}


def ages_by_hand(given: Sequence[Deal]) -> Figures:
    labels = ("0-30", "31-60", "61-90", "91-120", "121+")
    counts, values = dict.fromkeys(labels, 0), dict.fromkeys(labels, _ZERO)
    for deal in given:
        if deal.status is not StageKind.OPEN or deal.opened_at is None:
            continue
        age = (_AS_OF - deal.opened_at.date()).days
        if age < 0:
            continue
        label = next((labels[place] for place, limit in enumerate(_LIMITS) if age <= limit), labels[-1])
        counts[label] += 1
        if deal.amount is not None:
            values[label] += deal.amount.amount
    return {label: (counts[label], values[label]) for label in labels}


def ages(given: Sequence[Deal]) -> Figures:
    found = deal_ages(given, as_of=_AS_OF, limits=_LIMITS)
    return {one.label: (one.count, getattr(one.value.value, "amount", _ZERO)) for one in found.buckets}


_METRICS = MetricSet(metric for metric in METRICS if metric.facts == "deal").compile(
    DEAL_FACTS, currency="EUR"
)


def metrics_by_hand(given: Sequence[Deal]) -> Figures:
    won = lost = still = 0
    won_value = lost_value = open_value = weighted = _ZERO
    cycles = []
    for deal in given:
        amount = None if deal.amount is None else deal.amount.amount
        if deal.status is StageKind.WON:
            won += 1
            if amount is not None:
                won_value += amount
            if deal.opened_at is not None and deal.closed_on is not None:
                cycles.append((deal.closed_on - deal.opened_at.date()).days)
        elif deal.status is StageKind.LOST:
            lost += 1
            if amount is not None:
                lost_value += amount
        else:
            still += 1
            if amount is not None:
                open_value += amount
                weighted += amount * deal.probability.value.points / 100
    return {
        "deals_won": won,
        "deals_lost": lost,
        "deals_open": still,
        "win_rate": Decimal(won) / (won + lost),
        "won_value": won_value,
        "lost_value": lost_value,
        "open_value": open_value,
        "weighted_open_value": weighted,
        "won_cycle_days": Decimal(str(median(cycles))),
        "sales_velocity": won_value / (Decimal(sum(cycles)) / len(cycles)),
    }


def metrics(given: Sequence[Deal]) -> Figures:
    return {name: _plain(figure.value) for name, figure in _METRICS.measure(given).items()}


def _plain(figure: object) -> object:
    return figure.amount if isinstance(figure, Money) else figure


def metrics_by_owner_by_hand(given: Sequence[Deal]) -> Figures:
    groups: defaultdict[str | None, list[Deal]] = defaultdict(list)
    for deal in given:
        groups[deal.owner].append(deal)
    return {str(who): metrics_by_hand(group) for who, group in groups.items()}


def metrics_by_owner(given: Sequence[Deal]) -> Figures:
    found: defaultdict[str, Figures] = defaultdict(dict)
    for name, groups in _METRICS.by(given, "owner").items():
        for who, figure in groups.items():
            found[str(who)][name] = _plain(figure.value)
    return found


def _later(given: Sequence[Deal]) -> tuple[dict[str, Deal], dict[str, Deal]]:
    """Two days of a pipeline: one deal in fifty is new, one in fifty gone, and of the open ones two in twenty changed."""
    if id(given) not in _LATER:
        share = len(given) // 50
        before = {deal.id: deal for deal in given[share:]}
        after = {deal.id: deal for deal in given[:-share]}
        for number, (id_, deal) in enumerate(after.items()):
            if deal.status is StageKind.OPEN and number % 20 == 0:
                after[id_] = attrs.evolve(deal, status=StageKind.WON, closed_on=_AS_OF)
            elif deal.status is StageKind.OPEN and number % 20 == 1:
                after[id_] = attrs.evolve(deal, amount=Money(1000, "EUR"))
        _LATER[id(given)] = before, after
    return _LATER[id(given)]


_LATER: dict[int, tuple[dict[str, Deal], dict[str, Deal]]] = {}


def bridge_by_hand(given: Sequence[Deal]) -> Figures:
    before, after = _later(given)
    start = new = removed = grown = shrunk = won = _ZERO
    behind: defaultdict[str, list[str]] = defaultdict(list)
    for id_, deal in before.items():
        if deal.status is not StageKind.OPEN:
            continue
        was = _ZERO if deal.amount is None else deal.amount.amount
        start += was
        now = after.get(id_)
        if now is None:
            removed += was
            behind["removed"].append(id_)
            continue
        amount = _ZERO if now.amount is None else now.amount.amount
        if amount > was:
            grown += amount - was
            behind["increased"].append(id_)
        elif amount < was:
            shrunk += was - amount
            behind["decreased"].append(id_)
        if now.status is StageKind.WON:
            won += amount
            behind["won"].append(id_)
    for id_, deal in after.items():
        if id_ not in before:
            amount = _ZERO if deal.amount is None else deal.amount.amount
            new += amount
            behind["new"].append(id_)
            if deal.status is StageKind.WON:
                won += amount
                behind["won"].append(id_)
    return {
        "start": start,
        "new": new,
        "removed": removed,
        "increased": grown,
        "decreased": shrunk,
        "won": won,
        "deals": {part: len(ids) for part, ids in behind.items()},
    }


def bridge(given: Sequence[Deal]) -> Figures:
    before, after = _later(given)
    found = pipeline_bridge(before, after, currency="EUR")
    parts = {part.value: amount.amount for part, amount in found.parts.items()}
    counts = Counter(move.movement.value for move in found.moves)
    told = ("new", "removed", "increased", "decreased", "won")
    return {"start": found.start.amount, **parts, "deals": {part: counts[part] for part in told}}


PAIRS: dict[str, tuple[Callable[[Sequence[Deal]], Figures], Callable[[Sequence[Deal]], Figures]]] = {
    "win rate of a year": (rate, rate_by_hand),
    "wins by owner": (by_owner, by_owner_by_hand),
    "sales velocity": (velocity, velocity_by_hand),
    "ages of open deals": (ages, ages_by_hand),
    f"all {len(_METRICS.metrics)} metrics of deals": (metrics, metrics_by_hand),
    "the same by owner": (metrics_by_owner, metrics_by_owner_by_hand),
    "pipeline bridge": (bridge, bridge_by_hand),
}


def _same(ours: object, theirs: object) -> bool:
    if isinstance(theirs, dict) and isinstance(ours, dict):
        return all(_same(ours[name], value) for name, value in theirs.items())
    if isinstance(theirs, tuple):
        return isinstance(ours, tuple) and all(map(_same, ours, theirs))
    if isinstance(theirs, Decimal) and isinstance(ours, Decimal):
        return abs(ours - theirs) <= abs(theirs) * Decimal("1E-25")
    return ours == theirs


def _seconds(measure: Callable[[Sequence[Deal]], Figures], given: Sequence[Deal]) -> tuple[float, Figures]:
    gc.collect()
    began = process_time()
    found = measure(given)
    return process_time() - began, found


def _held() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(count: int = _MILLION) -> None:
    before = _held()
    given = deals(count)
    _later(given)
    filled = _held()
    print(f"{count:,} deals in {filled - before:,.0f} MB")
    for name, (measure, by_hand) in PAIRS.items():
        rounds = [(_seconds(measure, given), _seconds(by_hand, given)) for _ in range(3)]
        (_, found), (_, wanted) = rounds[0]
        assert _same(found, wanted), (name, found, wanted)
        ours, theirs = min(one for (one, _), _ in rounds), min(one for _, (one, _) in rounds)
        each = 1e9 / count
        print(
            f"{name:<26}{ours * each:>6.0f} ns a deal, by hand {theirs * each:>5.0f}, ratio {ours / theirs:.2f}"
        )
    print(f"at most {_held() - filled:,.0f} MB more while measuring")


if __name__ == "__main__":
    main(int(sys.argv[1].replace("_", "")) if len(sys.argv) > 1 else _MILLION)
