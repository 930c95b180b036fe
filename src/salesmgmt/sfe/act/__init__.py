"""Act: rules that raise corrective actions, and what these changed."""

from __future__ import annotations

from salesmgmt.sfe.act.action import (
    ACTION_LIFECYCLE,
    Action,
    ActionMoved,
    ActionOpened,
    ActionRecovered,
    ActionState,
    Baseline,
    SubjectFigure,
    joint_effect,
)
from salesmgmt.sfe.act.effect import (
    Change,
    Effect,
    EffectMethod,
    Verdict,
    before_after,
    difference_in_differences,
    effect_of,
)
from salesmgmt.sfe.act.judgement import Judgement, control_group, judge
from salesmgmt.sfe.act.rule import ActionRule, Episode, Playbook, Streak, Trigger

EVENTS = (ActionOpened, ActionMoved, ActionRecovered)

__all__ = [
    "ACTION_LIFECYCLE",
    "EVENTS",
    "Action",
    "ActionMoved",
    "ActionOpened",
    "ActionRecovered",
    "ActionRule",
    "ActionState",
    "Baseline",
    "Change",
    "Effect",
    "EffectMethod",
    "Episode",
    "Judgement",
    "Playbook",
    "Streak",
    "SubjectFigure",
    "Trigger",
    "Verdict",
    "before_after",
    "control_group",
    "difference_in_differences",
    "effect_of",
    "joint_effect",
    "judge",
]
