"""Corrective actions: who does what by when, about which figure, and what it is compared with afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.calendar import BusinessCalendar
from salesmgmt.core.entity import PersonId, Ref
from salesmgmt.core.events import Event, aware
from salesmgmt.core.exact import subtract
from salesmgmt.core.formula import TEXT, Schema
from salesmgmt.core.period import Period
from salesmgmt.engines.lifecycle import Condition, Decision, Lifecycle, LifecycleDefinition, State, Transition
from salesmgmt.engines.metrics import Direction, Figure, number_of, unit_of
from salesmgmt.sfe.act.effect import Effect, EffectMethod, Verdict, effect_of, undefined_effect


class ActionState(StrEnum):
    """How far a corrective action is.

    Attributes:
        OPEN: raised; nobody has taken it on.
        ACCEPTED: its owner has.
        DONE: it was carried out; its effect is to be measured.
        VERIFIED: its effect was measured, whatever it was.
        REJECTED: it will not be done, or does not count, for a stated reason.
        CARRIED: the next cycle goes on with it.
    """

    OPEN = "open"
    ACCEPTED = "accepted"
    DONE = "done"
    VERIFIED = "verified"
    REJECTED = "rejected"
    CARRIED = "carried"


_MEASURED = Condition("effect", "effect.verdict is not missing and effect.verdict != 'pending'")
_REASON = Condition("reason", "reason is not missing")

ACTION_LIFECYCLE = LifecycleDefinition(
    id="action",
    states=(
        State(ActionState.OPEN),
        State(ActionState.ACCEPTED),
        State(ActionState.DONE),
        State(ActionState.VERIFIED, final=True, entry=(_MEASURED,)),
        State(ActionState.REJECTED, final=True, entry=(_REASON,)),
        State(ActionState.CARRIED, final=True),
    ),
    transitions=(
        Transition(ActionState.OPEN, ActionState.ACCEPTED),
        Transition(ActionState.ACCEPTED, ActionState.DONE),
        Transition(ActionState.DONE, ActionState.VERIFIED),
        *(
            Transition(source, target)
            for source in (ActionState.OPEN, ActionState.ACCEPTED, ActionState.DONE)
            for target in (ActionState.REJECTED, ActionState.CARRIED)
        ),
    ),
    initial=ActionState.OPEN,
)
"""The states of an action and the moves between them, as data."""


@cache
def _lifecycle() -> Lifecycle:
    return ACTION_LIFECYCLE.compile(Schema({"effect.verdict": TEXT, "reason": TEXT}))


@attrs.frozen
class SubjectFigure:
    """The figure of one subject: a person, a team, a territory."""

    subject: str
    value: Figure


@attrs.frozen(kw_only=True)
class Baseline:
    """What the effect of an action will be compared with; it is frozen when the action is opened.

    Attributes:
        as_of: the business date of the figures.
        value: the figure of the subject; `None` when it was undefined.
        control: the figures of the control group, subjects that the rule left alone.

    >>> from datetime import date
    >>> from decimal import Decimal
    >>> from salesmgmt.sfe.act import Baseline, SubjectFigure
    >>> Baseline(as_of=date(2026, 10, 31), value=Decimal(12), control=(SubjectFigure("ann", Decimal(31)),)).value
    Decimal('12')
    """

    as_of: date
    value: Figure | None
    control: tuple[SubjectFigure, ...] = ()


@attrs.frozen(kw_only=True)
class Action:
    """A corrective action, part of a `Cycle`.

    Attributes:
        id: unique within its cycle, and kept when it is carried to the next.
        cycle: id of the cycle it belongs to.
        rule: id of the rule that raised it.
        subject: whom or what it is about.
        metric: the figure that it is to move.
        direction: which way.
        what: what is to be done.
        owner: who has to do it.
        due: the day by which it is to be done.
        baseline: what its effect is compared with.
        check_window: the days in which the effect is measured.
        opened_at: when it was raised.
        state: how far it is.
        effect: what it changed, once verified.
        reason: why it was rejected.
        carried_from: id of the cycle it was carried from.
        carried_state: how far it was when it was carried to the next cycle, where it goes on from there.
        recovered_at: when the condition that raised it stopped holding, if it has.

    >>> from datetime import UTC, date, datetime
    >>> from decimal import Decimal
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.period import Period
    >>> from salesmgmt.sfe.act import Action, Baseline
    >>> action = Action(
    ...     id="c-1", cycle="2026Q4", rule="low-calls", subject="li.wei", metric="calls", what="coach", owner="chen",
    ...     due=date(2026, 10, 9), baseline=Baseline(as_of=date(2026, 10, 1), value=Decimal(12)),
    ...     check_window=Period.month(2026, 11), opened_at=datetime(2026, 10, 1, tzinfo=UTC),
    ... )
    >>> action, events = action.move("accepted", at=datetime(2026, 10, 2, tzinfo=UTC), by=Actor("chen"))
    >>> action.check("verified", by=Actor("chen")).unmet
    (Unmet('transition', wanted='done, rejected, carried', found='verified', code='transition'),)
    """

    id: str
    cycle: str
    rule: str
    subject: str
    metric: str
    direction: Direction = Direction.HIGHER_IS_BETTER
    what: str
    owner: PersonId
    due: date
    baseline: Baseline
    check_window: Period
    opened_at: datetime = attrs.field(validator=aware)
    state: ActionState = ActionState.OPEN
    effect: Effect | None = None
    reason: str | None = None
    carried_from: str | None = None
    carried_state: ActionState | None = None
    recovered_at: datetime | None = attrs.field(default=None, validator=aware)

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to be done about it in its cycle."""
        return self.state in {ActionState.VERIFIED, ActionState.REJECTED, ActionState.CARRIED}

    def check(
        self, target: ActionState | str, *, by: Actor, effect: Effect | None = None, reason: str | None = None
    ) -> Decision:
        """Ask whether it may move to a state.

        Args:
            target: the state.
            by: who would move it.
            effect: the measured effect, needed to verify it.
            reason: why, needed to reject it.
        """
        return _lifecycle().check(self.state, target, _facts(effect, reason), by)

    def move(
        self,
        target: ActionState | str,
        *,
        at: datetime,
        by: Actor,
        effect: Effect | None = None,
        reason: str | None = None,
    ) -> tuple[Action, tuple[ActionMoved]]:
        """Move it to a state.

        Args:
            target: the state.
            at: when.
            by: who moves it.
            effect: the measured effect, needed to verify it.
            reason: why, needed to reject it.

        Raises:
            MoveRefused: it may not; the error carries the decision of `check`.
        """
        _lifecycle().require(self.state, target, _facts(effect, reason), by)
        state = ActionState(target)
        moved = attrs.evolve(
            self,
            state=state,
            effect=effect or self.effect,
            reason=reason or self.reason,
            carried_state=self.state if state is ActionState.CARRIED else None,
        )
        event = ActionMoved(
            at=at,
            by=by,
            subjects=(Ref("Cycle", self.cycle),),
            action=self.id,
            source=self.state,
            target=state,
            verdict=effect.verdict if effect else None,
            reason=reason or "",
        )
        return moved, (event,)

    def opening(self, *, at: datetime, by: Actor) -> ActionOpened:
        """Return the event that it was opened."""
        return ActionOpened(
            at=at,
            by=by,
            subjects=(Ref("Cycle", self.cycle),),
            action=self.id,
            rule=self.rule,
            subject=self.subject,
            metric=self.metric,
            what=self.what,
            owner=self.owner,
            due=self.due,
            baseline=self.baseline,
            check_window=self.check_window,
        )

    def recovery(self, *, at: datetime, by: Actor) -> ActionRecovered:
        """Return the event that its condition stopped holding."""
        return ActionRecovered(
            at=at,
            by=by,
            subjects=(Ref("Cycle", self.cycle),),
            action=self.id,
            rule=self.rule,
            subject=self.subject,
        )

    def resumed(self, cycle: str) -> Action:
        """Return a carried action as it goes on in the next cycle, with the same baseline."""
        return attrs.evolve(
            self,
            cycle=cycle,
            state=self.carried_state or self.state,
            carried_state=None,
            carried_from=self.cycle,
        )

    def overdue(self, on: date, calendar: BusinessCalendar) -> int:
        """Return how many working days it is late on a day; 0 when it is not, or was done.

        >>> from datetime import UTC, date, datetime
        >>> from salesmgmt.core.calendar import BusinessCalendar
        >>> from salesmgmt.core.period import Period
        >>> from salesmgmt.sfe.act import Action, Baseline
        >>> Action(
        ...     id="c-1", cycle="2026Q4", rule="low-calls", subject="li.wei", metric="calls", what="coach",
        ...     owner="chen", due=date(2026, 10, 9), baseline=Baseline(as_of=date(2026, 10, 1), value=None),
        ...     check_window=Period.month(2026, 11), opened_at=datetime(2026, 10, 1, tzinfo=UTC),
        ... ).overdue(date(2026, 10, 13), BusinessCalendar.weekly())
        2
        """
        waits = self.state in {ActionState.OPEN, ActionState.ACCEPTED}
        return calendar.working_days(self.due + timedelta(days=1), on) if waits and on > self.due else 0

    def measure(self, after: Mapping[str, Figure | None], *, on: date) -> Effect:
        """Estimate what it changed, against the baseline and the control group that were frozen when it was opened.

        Args:
            after: the figures of the check window by subject, of the control group as well.
            on: the day of asking; before the check window is over the answer is `pending`.
        """
        return joint_effect((self,), after, on=on)


def joint_effect(actions: Iterable[Action], after: Mapping[str, Figure | None], *, on: date) -> Effect:
    """Estimate what several actions about one metric changed together; with more subjects the error shrinks.

    Actions whose baseline is undefined are left out. The control group are the subjects that are in the control group of
    every action and had none of them. A figure that is missing, or in another unit than its baseline, is left out.

    Args:
        actions: the actions.
        after: the figures of the check window by subject, those of the control group as well.
        on: the day of asking.

    Returns:
        The effect, by `effect_of`; `no_baseline` when no action has one, `pending` when a check window is not over or no
        figure is there.

    >>> from datetime import date
    >>> from salesmgmt.sfe.act import joint_effect
    >>> joint_effect((), {}, on=date(2026, 12, 1)).verdict.value
    'no_baseline'
    """
    comparable = [action for action in actions if action.baseline.value is not None]
    if not comparable:
        return undefined_effect(EffectMethod.BEFORE_AFTER, Verdict.NO_BASELINE)
    if any(on < action.check_window.end for action in comparable):
        return undefined_effect(EffectMethod.BEFORE_AFTER, Verdict.PENDING)
    treated = {action.subject: action.baseline.value for action in comparable}
    control = _common_control([action.baseline.control for action in comparable], treated.keys())
    return effect_of(_changes(treated, after), _changes(control, after), direction=comparable[0].direction)


def _common_control(
    groups: Sequence[tuple[SubjectFigure, ...]], treated: AbstractSet[str]
) -> dict[str, Figure]:
    everywhere = set.intersection(*({one.subject for one in group} for group in groups)) - treated
    return {one.subject: one.value for one in groups[0] if one.subject in everywhere}


def _changes(before: Mapping[str, Figure | None], after: Mapping[str, Figure | None]) -> list[Decimal]:
    pairs = [(value, after.get(subject)) for subject, value in before.items()]
    return [
        subtract(number_of(new), number_of(old))
        for old, new in pairs
        if old is not None and new is not None and unit_of(old) == unit_of(new)
    ]


def _facts(effect: Effect | None, reason: str | None) -> dict[str, str | None]:
    return {"effect.verdict": effect.verdict if effect else None, "reason": reason or None}


@attrs.frozen(kw_only=True)
class ActionOpened(Event):
    """A rule raised a corrective action; its baseline and control group are frozen here."""

    action: str
    rule: str
    subject: str
    metric: str
    what: str
    owner: PersonId
    due: date
    baseline: Baseline
    check_window: Period


@attrs.frozen(kw_only=True)
class ActionMoved(Event):
    """A corrective action moved from one state to another."""

    action: str
    source: ActionState
    target: ActionState
    verdict: Verdict | None = None
    reason: str = ""


@attrs.frozen(kw_only=True)
class ActionRecovered(Event):
    """The condition that raised a corrective action stopped holding, whatever the reason."""

    action: str
    rule: str
    subject: str
