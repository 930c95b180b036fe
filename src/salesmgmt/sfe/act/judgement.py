"""What action rules make of a check: which actions they ask for, and which are over."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

import attrs

from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.core.findings import InvalidDefinition
from salesmgmt.core.formula import FormulaError
from salesmgmt.sfe.act.action import SubjectFigure
from salesmgmt.sfe.act.rule import ActionRule, Streak, Trigger
from salesmgmt.sfe.check.scorecard import Check


@attrs.frozen
class Judgement:
    """What rules make of a check.

    Attributes:
        streaks: how long each rule has held for each subject, after the check; only those that hold.
        raised: the rules that ask for a new action, each with the subject.
        recovered: rule and subject where the condition has stopped holding after an action was raised.
    """

    streaks: tuple[Streak, ...]
    raised: tuple[tuple[Trigger, str], ...]
    recovered: frozenset[tuple[str, str]]


def judge(rules: Iterable[ActionRule], check: Check, streaks: Iterable[Streak] = ()) -> Judgement:
    """Judge the figures of a check, each rule for each subject that has a figure of its metric.

    A check of the same day that a streak has counted already does not count again.

    Args:
        rules: the rules, each id once.
        check: the figures.
        streaks: how long rules have held up to now.

    Raises:
        InvalidInput: a rule cannot judge this check; all problems of all rules are listed.

    >>> from datetime import date
    >>> from decimal import Decimal
    >>> from salesmgmt.core.measured import Measured
    >>> from salesmgmt.core.period import Period
    >>> from salesmgmt.sfe.act import ActionRule, judge
    >>> from salesmgmt.sfe.check import check_figures
    >>> check = check_figures(
    ...     {"calls": {"li.wei": Measured(Decimal(4))}}, period=Period.month(2026, 10), as_of=date(2026, 10, 31)
    ... )
    >>> judgement = judge([ActionRule(id="few", metric="calls", when="calls.actual < 10", what="coach")], check)
    >>> [(trigger.rule.id, subject) for trigger, subject in judgement.raised]
    [('few', 'li.wei')]
    """
    after = {(streak.rule, streak.subject): streak for streak in streaks}
    values = {subject: check.values(subject) for subject in check.subjects}
    raised: list[tuple[Trigger, str]] = []
    recovered: set[tuple[str, str]] = set()
    for trigger in _triggers(tuple(rules), check):
        rule = trigger.rule
        for subject in check.figures(rule.metric):
            key = (rule.id, subject)
            old = after.get(key, Streak(*key))
            if old.as_of == check.as_of:
                continue
            new = old.after(
                holds=trigger.holds(values[subject]), needed=rule.periods_in_a_row, as_of=check.as_of
            )
            after[key] = new
            if new.raised and not old.raised:
                raised.append((trigger, subject))
            elif old.raised and not new.raised:
                recovered.add(key)
    running = tuple(streak for streak in after.values() if streak.length)
    return Judgement(running, tuple(raised), frozenset(recovered))


def control_group(trigger: Trigger, check: Check, treated: AbstractSet[str]) -> tuple[SubjectFigure, ...]:
    """Return the figures of the subjects that may serve as controls for the actions of a rule.

    They are chosen when the action is opened, by the same rule: those whom it leaves alone, and for whom its `control`
    condition holds, without anybody who has an action on the metric.

    Args:
        trigger: the rule.
        check: the figures.
        treated: subjects with an action on the metric.

    >>> from datetime import date
    >>> from decimal import Decimal
    >>> from salesmgmt.core.measured import Measured
    >>> from salesmgmt.core.period import Period
    >>> from salesmgmt.sfe.act import ActionRule, control_group
    >>> from salesmgmt.sfe.check import check_figures
    >>> calls = {"li": Measured(Decimal(4)), "ann": Measured(Decimal(40))}
    >>> check = check_figures({"calls": calls}, period=Period.month(2026, 10), as_of=date(2026, 10, 31))
    >>> few = ActionRule(id="few", metric="calls", when="calls.actual < 10", what="coach").compile(check.schema)
    >>> control_group(few, check, treated={"li"})
    (SubjectFigure(subject='ann', value=Decimal('40')),)
    """
    return tuple(
        SubjectFigure(subject, figure)
        for subject, figure in check.figures(trigger.rule.metric).items()
        if figure is not None and subject not in treated and trigger.is_control(check.values(subject))
    )


def _triggers(rules: tuple[ActionRule, ...], check: Check) -> list[Trigger]:
    schema = check.schema
    metrics = sorted({line.metric for line in check.lines})
    problems: list[Problem] = []
    triggers: dict[str, Trigger] = {}
    for rule in rules:
        where = f"rules.{rule.id}"
        if rule.id in triggers:
            problems.append(Problem(where, "duplicate_id", "another rule of this id", "each id once"))
        if rule.metric not in metrics:
            wanted = f"a metric of the check: {', '.join(metrics) or 'none'}"
            problems.append(Problem(f"{where}.metric", "unknown_metric", rule.metric, wanted))
        try:
            triggers[rule.id] = rule.compile(schema)
        except FormulaError as error:
            problems.append(Problem(where, error.code, error.found, error.expected, f"in {error.formula!r}"))
        except InvalidDefinition as error:
            problems += [
                Problem(finding.where, finding.code, finding.message, finding.hint)
                for finding in error.findings
            ]
    if problems:
        raise InvalidInput("the action rules", problems)
    return list(triggers.values())
