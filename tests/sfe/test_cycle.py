"""The cycle of plan, do, check and act."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import attrs
import pytest

from salesmgmt.core.actor import Actor
from salesmgmt.core.calendar import BusinessCalendar
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.measured import Measured
from salesmgmt.core.money import Money
from salesmgmt.core.period import Period
from salesmgmt.engines.lifecycle import MoveRefused
from salesmgmt.sfe import (
    Action,
    ActionOpened,
    ActionRecovered,
    ActionRule,
    ActionState,
    Activity,
    Baseline,
    Check,
    CloseRefused,
    Cycle,
    CycleOver,
    OldCheck,
    Target,
    UnknownAction,
    Verdict,
    complete_activity,
    joint_effect,
)

Q4 = Period.quarter(2026, 4)
REPS = ("ann", "bob", "cai", "dan", "eva")
MANAGER = Actor("chen", roles={"manager"})
RULE = ActionRule(
    id="few-calls", metric="calls", when="calls.attainment < 80%", what="coach", owner="chen", check_days=14
)


def _at(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 9, tzinfo=UTC)


def _cycle(**fields: object) -> Cycle:
    targets = [
        Target(subject=rep, metric="calls", period=Period.month(2026, month), value=Decimal(100))
        for rep in REPS
        for month in (10, 11, 12)
    ]
    return Cycle.open(**{"id": "2026Q4-east", "period": Q4, "targets": targets, **fields})  # type: ignore[arg-type]


def _checked(cycle: Cycle, month: int, *calls: int) -> Check:
    actuals = {"calls": {rep: Measured[Decimal](Decimal(n), n=n) for rep, n in zip(REPS, calls, strict=True)}}
    return cycle.check_figures(actuals, period=Period.month(2026, month))


def _with_action(*states: ActionState) -> Cycle:
    """A cycle with an action in each of these states."""
    actions = tuple(
        Action(
            id=str(number),
            cycle="2026Q4-east",
            rule="few-calls",
            subject="ann",
            metric="calls",
            what="coach",
            owner="chen",
            due=date(2026, 11, 9),
            baseline=Baseline(as_of=date(2026, 10, 31), value=None),
            check_window=Period.closed(date(2026, 11, 10), date(2026, 11, 23)),
            opened_at=_at(11, 2),
            state=state,
        )
        for number, state in enumerate(states, start=1)
    )
    return attrs.evolve(_cycle(), actions=actions)


def test_the_whole_loop_from_plan_to_verified_effect() -> None:
    cycle = _cycle(owner="chen")
    check = _checked(cycle, 10, 60, 90, 100, 95, 105)
    cycle, raised = cycle.act([RULE], check, at=_at(11, 2), by=MANAGER)

    # Monday 2 November and five working days: Monday 9 November; the check window is the fortnight after.
    (opened,) = raised
    assert isinstance(opened, ActionOpened)
    assert (opened.subject, opened.owner, opened.due) == ("ann", "chen", date(2026, 11, 9))
    assert opened.check_window == Period.closed(date(2026, 11, 10), date(2026, 11, 23))
    assert opened.baseline.value == 60
    assert [one.subject for one in opened.baseline.control] == ["bob", "cai", "dan", "eva"]

    id_ = opened.action
    for state in ("accepted", "done"):
        cycle, _ = cycle.move(id_, state, at=_at(11, 3), by=MANAGER)
    after = _checked(cycle, 11, 95, 92, 101, 97, 104)
    assert cycle.measure(id_, after, on=date(2026, 11, 23)).verdict is Verdict.PENDING

    # Treated +35; controls +2, +1, +2, -1: their mean is 1, so that the effect is 34.
    effect = cycle.measure(id_, after)
    assert effect.value.value == 34
    assert effect.df.value == 3
    assert effect.verdict is Verdict.IMPROVED
    cycle, (moved,) = cycle.move(id_, "verified", effect=effect, at=_at(12, 1), by=MANAGER)
    assert moved.verdict is Verdict.IMPROVED
    closed, (event,) = cycle.close(at=_at(12, 31))
    assert (event.verified, event.carried, event.by) == ((id_,), (), Actor("chen"))
    assert closed.closed_at == _at(12, 31)


def test_a_cycle_lists_what_keeps_it_from_being_closed() -> None:
    # Case cycle-carries-open-actions.
    cycle = _with_action(ActionState.VERIFIED, ActionState.DONE, ActionState.OPEN)
    cycle, _ = cycle.move("3", "carried", at=_at(12, 30), by=MANAGER)

    assert not cycle.can_close()
    with pytest.raises(CloseRefused, match="1 action neither verified, rejected nor carried: 2 ") as refused:
        cycle.close(at=_at(12, 31))
    assert [blocker.action for blocker in refused.value.closing.blockers] == ["2"]

    effect = cycle.measure("2", _checked(cycle, 11, 1, 1, 1, 1, 1))
    assert effect.verdict is Verdict.NO_BASELINE
    cycle, _ = cycle.move("2", "verified", effect=effect, at=_at(12, 30), by=MANAGER)
    assert cycle.can_close()
    _, (event,) = cycle.close(at=_at(12, 31))
    assert event.carried == ("3",)


def test_the_next_cycle_goes_on_with_what_was_carried() -> None:
    cycle = _with_action(ActionState.ACCEPTED, ActionState.DONE)
    for action in ("1", "2"):
        cycle, _ = cycle.move(action, "carried", at=_at(12, 30), by=MANAGER)
    closed, _ = cycle.close(at=_at(12, 31))

    following = Cycle.open(id="2027Q1-east", period=Period.quarter(2027, 1), after=closed)

    assert following.after == "2026Q4-east"
    assert [(a.id, a.state, a.carried_from, a.cycle) for a in following.actions] == [
        ("1", "accepted", "2026Q4-east", "2027Q1-east"),
        ("2", "done", "2026Q4-east", "2027Q1-east"),
    ]
    assert [a.baseline for a in following.actions] == [a.baseline for a in cycle.actions]
    assert [blocker.action for blocker in following.can_close().blockers] == ["1", "2"]


def test_one_action_while_the_condition_stays_true_and_a_new_one_after_recovery() -> None:
    cycle = _cycle()
    opened, recovered = [], []
    for month, ann in ((10, 60), (11, 70), (12, 99)):
        cycle, events = cycle.act(
            [RULE], _checked(cycle, month, ann, 90, 90, 90, 90), at=_at(month, 28), by=MANAGER
        )
        opened.append(sum(isinstance(event, ActionOpened) for event in events))
        recovered.append(sum(isinstance(event, ActionRecovered) for event in events))

    assert (opened, recovered) == ([1, 0, 0], [0, 0, 1])
    assert cycle.actions[0].recovered_at == _at(12, 28)
    following = attrs.evolve(_cycle(after=None), streaks=cycle.streaks, actions=cycle.actions)
    low = attrs.evolve(_checked(following, 12, 10, 90, 90, 90, 90), as_of=date(2027, 1, 5))
    _, (again,) = following.act([RULE], low, at=_at(12, 31), by=MANAGER)
    assert again.action.endswith("/2")


def test_acting_twice_on_one_check_changes_nothing() -> None:
    cycle = _cycle()
    check = _checked(cycle, 10, 60, 90, 90, 90, 90)
    once, _ = cycle.act([RULE], check, at=_at(11, 2), by=MANAGER)

    assert once.act([RULE], check, at=_at(11, 3), by=MANAGER) == (once, ())


def test_an_older_check_is_refused() -> None:
    cycle = _cycle()
    cycle, _ = cycle.act([RULE], _checked(cycle, 11, 90, 90, 90, 90, 90), at=_at(12, 1), by=MANAGER)

    with pytest.raises(OldCheck):
        cycle.act([RULE], _checked(cycle, 10, 90, 90, 90, 90, 90), at=_at(12, 1), by=MANAGER)


def test_periods_in_a_row_are_counted_over_checks_and_cycles() -> None:
    rule = attrs.evolve(RULE, periods_in_a_row=2)
    cycle = _cycle()
    cycle, none = cycle.act([rule], _checked(cycle, 12, 60, 90, 90, 90, 90), at=_at(12, 31), by=MANAGER)
    january = Period.month(2027, 1)
    following = Cycle.open(
        id="next",
        period=Period.quarter(2027, 1),
        targets=[Target(subject="ann", metric="calls", period=january, value=Decimal(100))],
        after=cycle,
    )

    check = following.check_figures({"calls": {"ann": Measured(Decimal(60))}}, period=january)
    _, some = following.act([rule], check, at=datetime(2027, 2, 1, tzinfo=UTC), by=MANAGER)

    assert none == ()
    assert [event.subject for event in some] == ["ann"]


def test_due_days_skip_weekends_and_holidays_in_the_zone_of_the_calendar() -> None:
    calendar = BusinessCalendar.weekly(holidays=[date(2026, 11, 3)], time_zone="Asia/Shanghai")
    cycle = _cycle()
    check = _checked(cycle, 10, 60, 90, 90, 90, 90)

    # Sunday evening in UTC is Monday in Shanghai; two working days with a holiday on Tuesday end on Thursday.
    rule = attrs.evolve(RULE, due_in_working_days=2)
    _, (opened,) = cycle.act(
        [rule], check, at=datetime(2026, 11, 1, 20, tzinfo=UTC), by=MANAGER, calendar=calendar
    )

    assert isinstance(opened, ActionOpened)
    assert opened.due == date(2026, 11, 5)


@pytest.mark.parametrize(
    ("today", "days"),
    [(date(2026, 11, 9), 0), (date(2026, 11, 10), 1), (date(2026, 11, 16), 5), (date(2026, 11, 15), 4)],
)
def test_overdue_is_counted_in_working_days(today: date, days: int) -> None:
    calendar = BusinessCalendar.weekly()
    open_action, done = _with_action(ActionState.OPEN, ActionState.DONE).actions

    assert open_action.overdue(today, calendar) == days
    assert done.overdue(today, calendar) == 0


@pytest.mark.parametrize(
    ("state", "target", "lacking"),
    [
        (ActionState.OPEN, "done", "transition"),
        (ActionState.DONE, "verified", "effect"),
        (ActionState.OPEN, "rejected", "reason"),
        (ActionState.VERIFIED, "open", "transition"),
        (ActionState.CARRIED, "accepted", "transition"),
    ],
)
def test_a_move_that_lacks_something_is_refused_with_what_it_lacks(
    state: ActionState, target: str, lacking: str
) -> None:
    cycle = _with_action(state)

    with pytest.raises(MoveRefused) as refused:
        cycle.move("1", target, at=_at(11, 3), by=MANAGER)

    assert lacking in [unmet.what for unmet in refused.value.decision.unmet]


def test_a_pending_effect_verifies_nothing() -> None:
    cycle = _with_action(ActionState.DONE)
    action = attrs.evolve(cycle.actions[0], baseline=Baseline(as_of=date(2026, 10, 31), value=Decimal(5)))

    effect = action.measure({"ann": Decimal(9)}, on=date(2026, 11, 23))

    assert effect.verdict is Verdict.PENDING
    assert not action.check("verified", effect=effect, by=MANAGER)


def test_a_rejection_keeps_its_reason() -> None:
    cycle, (event,) = _with_action(ActionState.OPEN).move(
        "1", "rejected", reason="left the company", at=_at(11, 3), by=MANAGER
    )

    assert (cycle.actions[0].reason, event.reason) == ("left the company", "left the company")
    assert cycle.can_close()


def test_several_actions_together_have_the_error_of_welch() -> None:
    cycle = _cycle()
    check = _checked(cycle, 10, 60, 50, 100, 95, 105)
    cycle, _ = cycle.act([RULE], check, at=_at(11, 2), by=MANAGER)
    assert [action.subject for action in cycle.actions] == ["ann", "bob"]
    # The control group of neither holds the other one.
    assert {len(action.baseline.control) for action in cycle.actions} == {3}

    after = _checked(cycle, 11, 70, 64, 102, 95, 106).figures("calls")
    effect = joint_effect(cycle.actions, after, on=date(2026, 12, 1))

    # Changes 10, 14 against 2, 0, 1: 12 - 1; variances 8 and 1: se = sqrt(8/2 + 1/3) = 2.081666.
    assert effect.value.value == 11
    assert effect.standard_error.required() == pytest.approx(Decimal("2.081666"), abs=Decimal("0.000001"))


def test_a_figure_in_another_unit_is_not_compared() -> None:
    action = attrs.evolve(
        _with_action(ActionState.DONE).actions[0],
        baseline=Baseline(as_of=date(2026, 10, 31), value=Decimal(5)),
    )

    assert action.measure({"ann": Money(9, "EUR")}, on=date(2026, 12, 1)).verdict is Verdict.PENDING


def test_recording_again_replaces_an_activity_and_names_what_is_left_out() -> None:
    planned = Activity(id="a-1", kind="call", owner="ann", planned_for=date(2026, 10, 5))
    done, _ = complete_activity(planned, "order", at=_at(10, 6), by=Actor("ann"))
    late = attrs.evolve(planned, id="a-2", planned_for=date(2027, 1, 1))
    undated = attrs.evolve(planned, id="a-3", planned_for=None)

    cycle, left_out = _cycle().record([planned])
    assert left_out == ()
    cycle, left_out = cycle.record([done, late, undated])

    assert cycle.activities == (done,)
    assert [(one.activity, one.code) for one in left_out] == [("a-2", "outside_period"), ("a-3", "no_day")]


def test_targets_outside_the_period_or_twice_are_refused_together() -> None:
    good = Target(subject="ann", metric="calls", period=Q4, value=Decimal(1))
    late = attrs.evolve(good, period=Period.month(2027, 1))

    with pytest.raises(InvalidInput) as refused:
        Cycle.open(id="c", period=Q4, targets=[good, late, good])

    assert [problem.code for problem in refused.value.problems] == ["outside_period", "duplicate_target"]


def test_a_closed_cycle_does_not_change() -> None:
    closed, _ = _cycle().close(at=_at(12, 31), by=MANAGER)

    with pytest.raises(CycleOver):
        closed.record([])
    with pytest.raises(CycleOver):
        closed.close(at=_at(12, 31))
    with pytest.raises(CycleOver):
        closed.act([RULE], _checked(closed, 10, 1, 1, 1, 1, 1), at=_at(12, 31), by=MANAGER)
    with pytest.raises(CycleOver):
        closed.move("1", "accepted", at=_at(12, 31), by=MANAGER)


def test_an_unknown_action_is_named() -> None:
    with pytest.raises(UnknownAction, match="no action 'x'"):
        _cycle().action("x")
