"""Rules that raise corrective actions: a condition over figures and signals, for some periods in a row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import attrs

from salesmgmt.core.definition import load_definition
from salesmgmt.core.errors import shorten
from salesmgmt.core.findings import Finding, Severity, duplicate_ids, refuse_errors
from salesmgmt.core.formula import BOOL, Formula, Schema, Values


@attrs.frozen(kw_only=True)
class ActionRule:
    """When a figure needs somebody's attention, and what is to be done then.

    A condition may use, for each metric of a check: `<metric>.actual`, `.target`, `.attainment` (a percentage),
    `.variance`, `.signals` (a set of names of control chart rules), `.signal_low` and `.signal_high` (whether any of them
    lies below or above the centre), and `subject`.

    Attributes:
        id: its name.
        metric: the figure that the action is to move.
        when: the condition, a formula, judged for each subject.
        periods_in_a_row: in how many checks in a row it must hold.
        what: what is to be done.
        owner: who has to do it; empty for the subject itself.
        due_in_working_days: how long there is for it.
        check_days: length of the check window, which begins the day after the action is due.
        control: a further condition on subjects of the control group; empty for all whom the rule leaves alone.

    >>> from salesmgmt.core.formula import PERCENT, Schema
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.sfe.act import ActionRule
    >>> rule = ActionRule(
    ...     id="coverage", metric="coverage", when="coverage.actual < 80%", periods_in_a_row=2, what="plan the missing calls"
    ... )
    >>> trigger = rule.compile(Schema({"coverage.actual": PERCENT}))
    >>> trigger.episodes({"coverage.actual": Percent(value)} for value in (85, 78, 75, 70, 83))
    (Episode(opened=3, recovered=5),)
    """

    id: str
    metric: str
    when: str
    periods_in_a_row: int = 1
    what: str
    owner: str = ""
    due_in_working_days: int = 5
    check_days: int = 28
    control: str = ""

    def lint(self) -> tuple[Finding, ...]:
        """Find what cannot work; the formulas are checked by `compile`, when the names are known."""
        return tuple(
            Finding(
                code=code,
                where=f"rules.{self.id}.{name}",
                message=f"{value} is too few",
                hint=f"write at least {least}",
            )
            for name, code, value, least in (
                ("periods_in_a_row", "no_period", self.periods_in_a_row, 1),
                ("due_in_working_days", "no_time", self.due_in_working_days, 0),
                ("check_days", "no_check_window", self.check_days, 1),
            )
            if value < least
        )

    def compile(self, schema: Schema) -> Trigger:
        """Make the engine that judges figures.

        Raises:
            InvalidDefinition: a number is out of range.
            FormulaError: a condition cannot be read with these names.
        """
        refuse_errors(f"action rule {shorten(self.id)}", self.lint())
        return Trigger(self, schema)


@attrs.frozen
class Streak:
    """How long a rule has held for one subject, and whether it has raised its action.

    One action stays open while the condition stays true; when it stops holding, the next time starts anew.

    Attributes:
        rule: id of the rule.
        subject: whom it is judged for.
        length: in how many checks in a row the condition has held.
        raised: whether the action of this streak was raised.
        as_of: the day of the last check it counts.
    """

    rule: str
    subject: str
    length: int = 0
    raised: bool = False
    as_of: date | None = None

    def after(self, *, holds: bool, needed: int, as_of: date | None = None) -> Streak:
        """Return the streak one check later.

        Args:
            holds: whether the condition holds in that check.
            needed: in how many checks in a row it must hold to raise the action.
            as_of: the day of that check.

        >>> from salesmgmt.sfe.act import Streak
        >>> Streak("low-calls", "li.wei", 1).after(holds=True, needed=2)
        Streak(rule='low-calls', subject='li.wei', length=2, raised=True, as_of=None)
        """
        length = self.length + 1 if holds else 0
        raised = holds and (self.raised or length >= needed)
        return Streak(self.rule, self.subject, length, raised, as_of)


@attrs.frozen
class Episode:
    """The periods, counted from 1, in which a rule opens its action and in which its condition stops holding.

    Attributes:
        opened: the period of the action.
        recovered: the first period in which the condition no longer holds; `None` while it does.
    """

    opened: int
    recovered: int | None = None


@attrs.frozen(eq=False)
class Trigger:
    """A compiled rule: immutable, shared by threads, pickled by its definition. Made by `ActionRule.compile`.

    Attributes:
        rule: what it was made from.
        schema: the names that its formulas may use.

    >>> from salesmgmt.core.formula import NUMBER, Schema
    >>> from salesmgmt.sfe.act import ActionRule
    >>> rule = ActionRule(id="few", metric="calls", when="calls.actual < 10", what="coach")
    >>> rule.compile(Schema({"calls.actual": NUMBER})).holds({"calls.actual": 7})
    True
    """

    rule: ActionRule
    schema: Schema
    _when: Formula = attrs.field(init=False, repr=False)
    _control: Formula | None = attrs.field(init=False, repr=False)

    @_when.default
    def _read_when(self) -> Formula:
        return Formula.parse(self.rule.when, self.schema, wanted=BOOL)

    @_control.default
    def _read_control(self) -> Formula | None:
        return Formula.parse(self.rule.control, self.schema, wanted=BOOL) if self.rule.control else None

    def holds(self, values: Values) -> bool:
        """Whether the condition holds for these figures."""
        return self._when.holds(values)

    def is_control(self, values: Values) -> bool:
        """Whether a subject with these figures may serve as a control: the rule leaves it alone, and `control` holds."""
        return not self.holds(values) and (self._control is None or self._control.holds(values))

    def episodes(self, periods: Iterable[Values]) -> tuple[Episode, ...]:
        """Replay a series of periods of one subject: when would the rule have opened actions?

        Args:
            periods: the figures of each period, in order of time.
        """
        found: list[Episode] = []
        streak = Streak(self.rule.id, "")
        for period, values in enumerate(periods, start=1):
            new = streak.after(holds=self.holds(values), needed=self.rule.periods_in_a_row)
            if new.raised and not streak.raised:
                found.append(Episode(period))
            elif streak.raised and not new.raised:
                found[-1] = attrs.evolve(found[-1], recovered=period)
            streak = new
        return tuple(found)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.rule, self.schema)


@attrs.frozen(kw_only=True)
class Playbook:
    """Action rules in a file; iterating gives the rules.

    Attributes:
        id: its name.
        version: raised by its author with each change.
        rules: the rules, in the order of the file.

    >>> import pathlib, tempfile
    >>> from salesmgmt.sfe.act import Playbook
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "playbook.toml"
    >>> _ = file.write_text('''
    ... id = "field-sales"
    ... [[rules]]
    ... id = "low-calls"
    ... metric = "calls"
    ... when = "calls.attainment < 80%"
    ... what = "plan the missing calls with the manager"
    ... ''')
    >>> [rule.id for rule in Playbook.load(file)]
    ['low-calls']
    """

    id: str
    version: int = 1
    rules: tuple[ActionRule, ...]

    @classmethod
    def load(cls, path: Path | str) -> Playbook:
        """Read a playbook from a TOML file and lint it.

        Raises:
            InvalidInput: the file is no such document; all problems are listed.
            InvalidDefinition: it cannot work; all findings are listed.
        """
        playbook = load_definition(path, cls)
        refuse_errors(f"playbook {shorten(playbook.id)}", playbook.lint())
        return playbook

    def lint(self) -> tuple[Finding, ...]:
        """Find what cannot work, or not as meant."""
        findings = list(duplicate_ids("rules", (rule.id for rule in self.rules)))
        if not self.rules:
            findings.append(
                Finding(
                    code="no_rules",
                    where="rules",
                    message="there is no rule",
                    hint="add one",
                    severity=Severity.WARNING,
                )
            )
        return (*findings, *(finding for rule in self.rules for finding in rule.lint()))

    def __iter__(self) -> Iterator[ActionRule]:
        return iter(self.rules)
