"""The cycle of plan, do, check and act as one object that a host stores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Self

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.calendar import BusinessCalendar
from salesmgmt.core.clock import zone
from salesmgmt.core.entity import Entity, PersonId
from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.core.events import Event, aware
from salesmgmt.core.money import Money
from salesmgmt.core.period import Period
from salesmgmt.engines.metrics import FactKind, Metric
from salesmgmt.sfe.act.action import (
    Action,
    ActionMoved,
    ActionOpened,
    ActionRecovered,
    ActionState,
    Baseline,
)
from salesmgmt.sfe.act.effect import Effect
from salesmgmt.sfe.act.judgement import Judgement, control_group, judge
from salesmgmt.sfe.act.rule import ActionRule, Streak
from salesmgmt.sfe.check.measuring import measure
from salesmgmt.sfe.check.scorecard import Actuals, Check, History, check_figures
from salesmgmt.sfe.do.activity import Activity
from salesmgmt.sfe.metrics import ACTIVITY_FACTS
from salesmgmt.sfe.plan.target import Target
from salesmgmt.sfe.refusals import (
    Blocker,
    CloseRefused,
    Closing,
    CycleOver,
    NotRecorded,
    OldCheck,
    UnknownAction,
)

_NOBODY = PersonId("")
_OFFICE = BusinessCalendar.weekly()
_DAY = timedelta(days=1)


@attrs.frozen(kw_only=True)
class CycleClosed(Event):
    """A cycle was closed; each of its actions is in one of the lists."""

    period: Period
    verified: tuple[str, ...]
    rejected: tuple[str, ...]
    carried: tuple[str, ...]


@attrs.frozen(kw_only=True)
class Cycle(Entity):
    """One turn of plan, do, check and act (Shewhart 1939, Deming 1986) for a part of the sales force.

    It is closed only when each action that it raised is verified, rejected or carried to the next cycle.

    Attributes:
        period: the days it covers.
        owner: who answers for it.
        targets: what was planned.
        activities: what was done, as recorded.
        actions: the corrective actions, those carried from the cycle before first.
        streaks: how long rules have held.
        acted_on: the day of the last check that was acted on.
        after: id of the cycle before.
        closed_at: when it was closed; `None` while it runs.

    >>> from datetime import UTC, datetime
    >>> from decimal import Decimal
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.period import Period
    >>> from salesmgmt.sfe import METRICS, ActionRule, Cycle, Target
    >>> q4 = Period.quarter(2026, 4)
    >>> targets = [Target(subject="li.wei", metric="activities_done", period=q4, value=Decimal(60))]
    >>> cycle = Cycle.open(id="2026Q4-east", period=q4, targets=targets)
    >>> cycle, left_out = cycle.record([])
    >>> check = cycle.check(METRICS, {})
    >>> rule = ActionRule(
    ...     id="idle", metric="activities_done", when="activities_done.attainment < 50%", what="plan the week together"
    ... )
    >>> now = datetime(2027, 1, 4, tzinfo=UTC)
    >>> cycle, raised = cycle.act([rule], check, at=now, by=Actor("chen"))
    >>> [(action.subject, str(action.due)) for action in raised]
    [('li.wei', '2027-01-11')]
    >>> cycle.close(at=now)
    Traceback (most recent call last):
    salesmgmt.sfe.refusals.CloseRefused: the cycle 2026Q4-east has 1 action neither verified, ...
    """

    period: Period
    owner: PersonId = _NOBODY
    targets: tuple[Target, ...] = ()
    activities: tuple[Activity, ...] = ()
    actions: tuple[Action, ...] = ()
    streaks: tuple[Streak, ...] = ()
    acted_on: date | None = None
    after: str | None = None
    closed_at: datetime | None = attrs.field(default=None, validator=aware)

    # --- plan

    @classmethod
    def open(
        cls,
        *,
        id: str,  # noqa: A002 - an entity's `id`
        period: Period,
        targets: Iterable[Target] = (),
        owner: str = "",
        after: Cycle | None = None,
    ) -> Self:
        """Open a cycle.

        Args:
            id: its identifier.
            period: the days it covers.
            targets: what is planned, for the period or parts of it.
            owner: who answers for it.
            after: the cycle before, whose carried actions and running streaks go on in this one.

        Raises:
            InvalidInput: a target lies outside the period, or stands twice; all problems are listed.
        """
        planned = tuple(targets)
        if problems := list(_target_problems(planned, period)):
            raise InvalidInput(f"the targets of cycle {id}", problems)
        carried = [action for action in after.actions if action.state is ActionState.CARRIED] if after else []
        return cls(
            id=id,
            period=period,
            owner=PersonId(owner),
            targets=planned,
            actions=tuple(action.resumed(id) for action in carried),
            streaks=after.streaks if after else (),
            acted_on=after.acted_on if after else None,
            after=after.id if after else None,
        )

    # --- do

    def record(self, activities: Iterable[Activity]) -> tuple[Self, tuple[NotRecorded, ...]]:
        """Take activities in; one that is there already is replaced by its newer state.

        Args:
            activities: planned, done or cancelled.

        Returns:
            The cycle, and the activities that it did not take in, each with the reason.

        Raises:
            CycleOver: the cycle is closed.
        """
        self._require_running()
        kept = {activity.id: activity for activity in self.activities}
        left_out = []
        for activity in activities:
            day = activity.day
            if day is not None and day in self.period:
                kept[activity.id] = activity
            else:
                code = "no_day" if day is None else "outside_period"
                left_out.append(NotRecorded(activity.id, code, day, self.period))
        return attrs.evolve(self, activities=tuple(kept.values())), tuple(left_out)

    # --- check

    def check(
        self,
        metrics: Iterable[Metric],
        facts: Mapping[FactKind, Iterable[object]],
        *,
        period: Period | None = None,
        as_of: date | None = None,
        history: History | None = None,
        subject: str = "owner",
        currency: str | None = None,
    ) -> Check:
        """Measure the metrics, and hold the figures against the targets and against their own history.

        Everybody with a target or any fact gets a figure of each metric: no activity at all is a count of zero.

        Args:
            metrics: the definitions, of any room.
            facts: the rows of the period, by kind. Without activities (`ACTIVITY_FACTS`) among them, the recorded ones
                whose day lies in the period are measured.
            period: the period of the figures; that of the cycle by default.
            as_of: the business date of the check; the last day of the period by default.
            history: figures of earlier periods (`history_of`), for control charts.
            subject: the name of a row (or a formula over one) whose value is the subject.
            currency: of a sum of no amounts; by default that of the targets, when they have one currency.

        Raises:
            InvalidInput: the facts of a metric are not given.
            InvalidDefinition: a metric cannot work over its facts.
        """
        days = period or self.period
        targets = [target for target in self.targets if target.period == days]
        given = dict(facts)
        if ACTIVITY_FACTS.name not in {kind.name for kind in given}:
            given[ACTIVITY_FACTS] = [
                one for one in self.activities if one.day is not None and one.day in days
            ]
        known = tuple(metrics)
        found = measure(
            known,
            given,
            subject=subject,
            subjects=[target.subject for target in targets],
            currency=currency or _currency(targets),
        )
        check = check_figures(
            found.actuals,
            period=days,
            as_of=as_of or days.last,
            targets=targets,
            metrics=known,
            history=history,
        )
        return attrs.evolve(check, unassigned=found.unassigned)

    def check_figures(
        self,
        actuals: Actuals,
        *,
        period: Period | None = None,
        as_of: date | None = None,
        history: History | None = None,
    ) -> Check:
        """Hold figures that the host has measured itself, in SQL or over data frames, against the targets.

        Args:
            actuals: the figures, by metric, then by subject.
            period: the period of the figures; that of the cycle by default.
            as_of: the business date of the check; the last day of the period by default.
            history: earlier periods of the figures, for control charts.
        """
        days = period or self.period
        return check_figures(
            actuals, period=days, as_of=as_of or days.last, targets=self.targets, history=history
        )

    # --- act

    def act(
        self,
        rules: Iterable[ActionRule],
        check: Check,
        *,
        at: datetime,
        by: Actor,
        calendar: BusinessCalendar = _OFFICE,
    ) -> tuple[Self, tuple[ActionOpened | ActionRecovered, ...]]:
        """Let rules judge a check, and open the actions that they ask for.

        A rule opens one action for a subject while its condition stays true. The baseline is the figure of the check; the
        control group are the subjects that the rule leaves alone and that have no other running action on that metric.
        Acting again on the same check changes nothing.

        Args:
            rules: a `Playbook` or single rules.
            check: the figures.
            at: when.
            by: on whose authority.
            calendar: for the due days; Monday to Friday by default.

        Returns:
            The cycle, and what happened: an `ActionOpened` for each new action, then an `ActionRecovered` for each whose
            condition holds no more.

        Raises:
            InvalidInput: a rule cannot judge this check; all problems of all rules are listed.
            OldCheck: the cycle has acted on a later check.
            CycleOver: the cycle is closed.
        """
        self._require_running()
        if self.acted_on is not None and check.as_of < self.acted_on:
            raise OldCheck(check.as_of, self.acted_on)
        judgement = judge(rules, check, self.streaks)
        raised = self._raise(judgement, check, at, calendar)
        recovered = [
            attrs.evolve(action, recovered_at=at)
            for action in self.actions
            if (action.rule, action.subject) in judgement.recovered and not action.is_settled
        ]
        changed = {action.id: action for action in recovered}
        cycle = attrs.evolve(
            self,
            actions=(*(changed.get(action.id, action) for action in self.actions), *raised),
            streaks=judgement.streaks,
            acted_on=check.as_of,
        )
        events: tuple[ActionOpened | ActionRecovered, ...] = (
            *(action.opening(at=at, by=by) for action in raised),
            *(action.recovery(at=at, by=by) for action in recovered),
        )
        return cycle, events

    def _raise(
        self, judgement: Judgement, check: Check, at: datetime, calendar: BusinessCalendar
    ) -> tuple[Action, ...]:
        opened_on = at.astimezone(zone(calendar.time_zone)).date()
        running = {(action.metric, action.subject) for action in self.actions if not action.is_settled}
        running |= {(trigger.rule.metric, subject) for trigger, subject in judgement.raised}
        counts = Counter((action.rule, action.subject) for action in self.actions)
        controls = {
            trigger.rule.id: control_group(
                trigger, check, {who for metric, who in running if metric == trigger.rule.metric}
            )
            for trigger in dict.fromkeys(trigger for trigger, _ in judgement.raised)
        }
        actions = []
        for trigger, subject in judgement.raised:
            rule = trigger.rule
            due = calendar.add_working_days(opened_on, rule.due_in_working_days)
            line = check.line(subject, rule.metric)
            actions.append(
                Action(
                    id=f"{self.id}/{rule.id}/{subject}/{counts[rule.id, subject] + 1}",
                    cycle=self.id,
                    rule=rule.id,
                    subject=subject,
                    metric=rule.metric,
                    direction=line.direction,
                    what=rule.what,
                    owner=PersonId(rule.owner or subject),
                    due=due,
                    baseline=Baseline(
                        as_of=check.as_of,
                        value=line.actual.value,
                        control=controls[rule.id],
                    ),
                    check_window=Period(due + _DAY, due + _DAY + rule.check_days * _DAY),
                    opened_at=at,
                )
            )
        return tuple(actions)

    def action(self, id: str) -> Action:  # noqa: A002
        """Return an action of the cycle; raises `UnknownAction`."""
        for action in self.actions:
            if action.id == id:
                return action
        raise UnknownAction(id, self.id)

    def measure(self, action: str, check: Check, *, on: date | None = None) -> Effect:
        """Estimate what an action changed, by `Action.measure`.

        Args:
            action: its id.
            check: a check over the check window of the action, with the control group in it.
            on: the day of asking; the day of the check by default.
        """
        chosen = self.action(action)
        return chosen.measure(check.figures(chosen.metric), on=on or check.as_of)

    def move(
        self,
        action: str,
        target: ActionState | str,
        *,
        at: datetime,
        by: Actor,
        effect: Effect | None = None,
        reason: str | None = None,
    ) -> tuple[Self, tuple[ActionMoved]]:
        """Move an action to a state, by `Action.move`.

        Raises:
            MoveRefused: it may not move there; the error carries what is lacking.
            UnknownAction: the cycle has no such action.
            CycleOver: the cycle is closed.
        """
        self._require_running()
        moved, events = self.action(action).move(target, at=at, by=by, effect=effect, reason=reason)
        actions = tuple(moved if one.id == action else one for one in self.actions)
        return attrs.evolve(self, actions=actions), events

    # --- close

    def can_close(self) -> Closing:
        """Ask whether it may be closed; the answer lists the actions that are neither verified, rejected nor carried."""
        open_actions = (action for action in self.actions if not action.is_settled)
        return Closing(self.id, tuple(Blocker(action.id, action.state) for action in open_actions))

    def close(self, *, at: datetime, by: Actor | None = None) -> tuple[Self, tuple[CycleClosed]]:
        """Close it.

        Args:
            at: when.
            by: on whose authority; the owner of the cycle by default.

        Raises:
            CloseRefused: actions are not settled; the error carries the answer of `can_close`.
            CycleOver: it is closed already.
        """
        self._require_running()
        if not (closing := self.can_close()):
            raise CloseRefused(closing)
        verified, rejected, carried = (
            tuple(action.id for action in self.actions if action.state is state)
            for state in (ActionState.VERIFIED, ActionState.REJECTED, ActionState.CARRIED)
        )
        event = CycleClosed(
            at=at,
            by=by or Actor(self.owner),
            subjects=(self.ref,),
            period=self.period,
            verified=verified,
            rejected=rejected,
            carried=carried,
        )
        return attrs.evolve(self, closed_at=at), (event,)

    def _require_running(self) -> None:
        if self.closed_at is not None:
            raise CycleOver(self.id)


def _currency(targets: Iterable[Target]) -> str | None:
    codes = {target.value.currency for target in targets if isinstance(target.value, Money)}
    return codes.pop() if len(codes) == 1 else None


def _target_problems(targets: tuple[Target, ...], period: Period) -> Iterator[Problem]:
    for place, target in enumerate(targets):
        if not (period.start <= target.period.start and target.period.end <= period.end):
            yield Problem(
                f"targets[{place}].period", "outside_period", str(target.period), f"within {period}"
            )
    counts = Counter((target.subject, target.metric, target.period) for target in targets)
    for (subject, metric, days), count in counts.items():
        if count > 1:
            yield Problem(
                "targets", "duplicate_target", f"{count} of {subject} for {metric} in {days}", "one"
            )
