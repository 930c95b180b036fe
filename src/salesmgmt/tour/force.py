"""The sales force: its calls, one turn of plan, do, check and act, and the commission of a month."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import PersonId
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.period import Period
from salesmgmt.pipeline import Deal, Order
from salesmgmt.sfe import (
    METRICS,
    ActionOpened,
    Activity,
    ActivityStatus,
    Check,
    Credit,
    Cycle,
    Effect,
    IndividualsChart,
    Signal,
    Statement,
    Target,
    credit_event,
    history_of,
    individuals_chart,
    joint_effect,
    western_electric,
)
from salesmgmt.tour.desk import Desk
from salesmgmt.tour.leads import morning
from salesmgmt.tour.rulebook import Rules
from salesmgmt.tour.world import TEAMS, Call, reps

HEAD = Actor("head of sales", roles={"manager"})
CALLS_A_WEEK = Decimal(21)
FIRST_MONDAY = date(2025, 10, 6)
BAD_WEEK = date(2026, 3, 30)
WEEK = timedelta(days=7)


def done(calls: Iterable[Call]) -> list[Activity]:
    """The calls as activities."""
    return [
        Activity(
            id=call.id,
            kind="call",
            owner=PersonId(call.rep),
            status=ActivityStatus.DONE,
            done_at=morning(call.on),
            outcome="appointment" if call.has_result else "no_answer",
        )
        for call in calls
    ]


def _weeks(first: date, end: date) -> list[Period]:
    return [
        Period(first + WEEK * number, first + WEEK * (number + 1)) for number in range((end - first) // WEEK)
    ]


@attrs.frozen(kw_only=True)
class Turn:
    """One turn of the loop.

    Attributes:
        cycle: closed, with its actions verified or rejected.
        check: of the week in which the actions were opened.
        opened: the actions.
        effects: what each action changed, in the same order.
        together: what all of them changed, taken together; `None` when nobody called so little.
    """

    cycle: Cycle
    check: Check
    opened: tuple[ActionOpened, ...]
    effects: tuple[Effect, ...]
    together: Effect | None


def turn_the_loop(desk: Desk, rules: Rules, activities: Sequence[Activity]) -> Turn:
    """Plan a quarter's calls, compare a bad week with plan and history, act, and measure what that changed."""
    quarter = Period(BAD_WEEK, BAD_WEEK + WEEK * 13)
    weeks = _weeks(quarter.start, quarter.end)
    cycle = Cycle.open(
        id="2026-spring",
        period=quarter,
        owner=HEAD.id,
        targets=[
            Target(subject=rep, metric="activities_done", period=week, value=CALLS_A_WEEK)
            for rep in reps()
            for week in weeks
        ],
    )
    cycle, _ = cycle.record(
        activity for activity in activities if activity.day is not None and activity.day in quarter
    )
    check = cycle.check(METRICS, {}, period=weeks[0], history=history_of(_winter(activities)))
    raised_at = morning(weeks[0].end)
    cycle, events = cycle.act(rules.playbook, check, at=raised_at, by=HEAD)
    opened = tuple(event for event in events if isinstance(event, ActionOpened))
    desk.note(events)
    effects: list[Effect] = []
    together: Effect | None = None
    for event in opened:
        action = cycle.action(event.action)
        for state in ("accepted", "done"):
            cycle, moved = cycle.move(action.id, state, at=morning(action.due), by=HEAD)
            desk.note(moved)
        after = cycle.check(METRICS, {}, period=action.check_window)
        effect = cycle.measure(action.id, after, on=action.check_window.end)
        effects.append(effect)
        together = joint_effect(cycle.actions, after.figures(action.metric), on=action.check_window.end)
        cycle, moved = cycle.move(
            action.id, "verified", at=morning(action.check_window.end), by=HEAD, effect=effect
        )
        desk.note(moved)
    cycle, closed = cycle.close(at=morning(quarter.end), by=HEAD)
    desk.put(cycle, closed)
    return Turn(cycle=cycle, check=check, opened=opened, effects=tuple(effects), together=together)


def _winter(activities: Sequence[Activity]) -> list[Check]:
    """A check of every week before the slump, which is what a bad week is compared with."""
    season = Period(FIRST_MONDAY, date(2026, 3, 2))
    cycle, _ = Cycle.open(id="2025-winter", period=season).record(
        activity for activity in activities if activity.day is not None and activity.day in season
    )
    return [cycle.check(METRICS, {}, period=week) for week in _weeks(season.start, season.end)]


@attrs.frozen(kw_only=True)
class CallChart:
    """The calls of a team, week by week, on a control chart.

    Attributes:
        weeks: the first day of each week.
        values: calls done in it.
        chart: made of the weeks before the slump.
        signals: what the Western Electric rules say of all weeks.
    """

    weeks: tuple[date, ...]
    values: tuple[int, ...]
    chart: IndividualsChart
    signals: tuple[Signal, ...]


def call_chart(activities: Iterable[Activity], team: str, base: int = 20) -> CallChart:
    """Chart the calls of a team; the limits come from the first `base` weeks."""
    weeks = _weeks(FIRST_MONDAY, date(2026, 9, 28))
    counts = [0] * len(weeks)
    for activity in activities:
        if activity.owner in TEAMS[team] and activity.day is not None and activity.day >= FIRST_MONDAY:
            week = (activity.day - FIRST_MONDAY) // WEEK
            if week < len(counts):
                counts[week] += 1
    chart = individuals_chart(counts[:base]).required()
    sigma = (chart.ucl - chart.centre) / 3
    return CallChart(
        weeks=tuple(week.start for week in weeks),
        values=tuple(counts),
        chart=chart,
        signals=western_electric(counts, centre=chart.centre, sigma=sigma),
    )


def pay(desk: Desk, rules: Rules, orders: Iterable[Order], month: Period) -> list[Statement]:
    """Pay the commission of a month on its orders: the rep gets the credit, the manager an overlay of a tenth."""
    credits_of_month: list[Credit] = []
    for order in orders:
        if order.placed_on in month and order.deal is not None:
            rep = desk.get(Deal, order.deal).owner or HEAD.id
            credits_of_month += credit_event(
                order.id, order.total, {rep: Percent(100)}, overlay={HEAD.id: Percent(10)}
            )
    quotas = {"orders": Money("45000.00", "EUR")}
    return [
        desk.put(
            rules.pay.pay(f"s-{month.start:%Y-%m}-{rep}", rep, credits_of_month, period=month, quotas=quotas)
        )
        for rep in reps()
    ]
