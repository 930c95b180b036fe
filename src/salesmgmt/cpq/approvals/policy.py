"""Strict discount control: the approval rules of a house, as data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import attrs

from salesmgmt.core.definition import load_definition
from salesmgmt.core.digest import digest_of
from salesmgmt.core.errors import SalesError, shorten
from salesmgmt.core.findings import Finding, refuse_errors
from salesmgmt.cpq.approvals.approval import Approval, ApprovalNeed
from salesmgmt.cpq.approvals.rule import ApprovalRule, figure
from salesmgmt.engines.metrics import Figure, unit_of


class FigureMismatch(SalesError, TypeError):
    """A figure cannot be compared with the threshold of a rule: a percentage with a number, or two currencies.

    Attributes:
        rule: id of the rule.
        metric: the figure.
        found: what was given.
        wanted: the threshold.
    """

    code = "figure_mismatch"

    def __init__(self, rule: str, metric: str, found: Figure, wanted: Figure) -> None:
        self.rule = rule
        self.metric = metric
        self.found = found
        self.wanted = wanted
        super().__init__(
            f"{metric} is {self.found}, which rule {rule} cannot compare with {wanted}",
            hint="give the figure in the unit of the threshold; convert amounts of another currency first",
        )


@attrs.frozen(kw_only=True)
class ApprovalPolicy:
    """Which figures of a quote need whose approval; usually from a TOML file.

    Attributes:
        id: its name.
        version: raised by its author with each change.
        rules: the rules; all of them are asked.

    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.cpq.approvals import ApprovalPolicy, ApprovalRule
    >>> policy = ApprovalPolicy(id="discounts", rules=(
    ...     ApprovalRule(id="deep", metric="effective_discount_percent", operator=">", threshold=Percent(20),
    ...                  roles=("manager",)),
    ... ))
    >>> policy.needs({"effective_discount_percent": Percent(20)})
    ()
    >>> [(need.rule, need.wanted) for need in policy.needs({"effective_discount_percent": Percent("20.01")})]
    [('deep', 'effective_discount_percent <= 20%')]
    """

    id: str
    version: int = 1
    rules: tuple[ApprovalRule, ...] = ()

    @classmethod
    def load(cls, path: Path | str) -> ApprovalPolicy:
        """Read a policy from a TOML file and lint it.

        Raises:
            InvalidInput: the file is no such document; all problems are listed.
            InvalidDefinition: it cannot work; all findings are listed.

        >>> from salesmgmt.cpq.approvals import ApprovalPolicy
        >>> ApprovalPolicy.load("nowhere.toml")
        Traceback (most recent call last):
        salesmgmt.core.errors.InvalidInput: nowhere.toml has 1 problem: ...
        """
        policy = load_definition(path, cls)
        refuse_errors(f"approval policy {shorten(policy.id)}", policy.findings)
        return policy

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that the lint says: `id`, `metric`, `roles`, `level`, `mixed_units`."""
        return tuple(_lint(self.rules))

    @property
    def digest(self) -> str:
        """SHA-256 of the policy: equal policies have equal digests, whatever their files look like."""
        return digest_of(self)

    def needs(
        self,
        metrics: Mapping[str, Figure | None],
        given: Iterable[Approval] = (),
        asked_by: Iterable[str] = (),
    ) -> tuple[ApprovalNeed, ...]:
        """The approvals that figures need and do not have yet, by level, and in the order of the policy within one.

        A figure that a rule asks for and that is missing or `None` needs the approval: no limit is passed by leaving
        something out.

        Args:
            metrics: the figures by name; names that no rule asks for are ignored.
            given: approvals that were given before; each holds while its figure is not worse than it was then.
            asked_by: ids of those who ask now; what they approved before does not hold for their own request.

        Raises:
            FigureMismatch: a figure cannot be compared with a threshold.
            FloatRefused, NotANumber: a figure is no exact number.
        """
        approvals, askers = tuple(given), tuple(asked_by)
        needs = [need for rule in self.rules if (need := _need(rule, metrics.get(rule.metric))) is not None]
        open_needs = [need for need in needs if not any(one.covers(need, askers) for one in approvals)]
        return tuple(sorted(open_needs, key=lambda need: need.level))


def _need(rule: ApprovalRule, found: Figure | None) -> ApprovalNeed | None:
    if found is not None:
        found = figure(found, f"the figure {rule.metric}")
        if unit_of(found) != unit_of(rule.threshold):
            raise FigureMismatch(rule.id, rule.metric, found, rule.threshold)
        if not rule.exceeded_by(found):
            return None
    return ApprovalNeed(
        rule=rule.id,
        metric=rule.metric,
        operator=rule.operator,
        found=found,
        wanted=rule.limit,
        roles=rule.roles,
        level=rule.level,
        reason_required=rule.reason_required,
        own_request=rule.own_request,
    )


def _lint(rules: tuple[ApprovalRule, ...]) -> Iterator[Finding]:
    for name, count in Counter(rule.id for rule in rules).items():
        if count > 1 or not name.strip():
            message = f"the id {shorten(name)} is blank or stands there {count} times"
            yield Finding(code="id", where=f"rules.{name}", message=message, hint="give each rule its own id")
    units: dict[str, str] = {}
    for rule in rules:
        where = f"rules.{rule.id}"
        if not rule.metric.strip():
            yield Finding(
                code="metric", where=where, message="it names no figure", hint="name one, such as total"
            )
        if not rule.roles or not all(role.strip() for role in rule.roles):
            yield Finding(
                code="roles", where=where, message="nobody could approve", hint="name at least one role"
            )
        if rule.level < 1:
            yield Finding(
                code="level",
                where=where,
                message=f"the level is {rule.level}",
                hint="count levels from 1 upwards",
            )
        unit = unit_of(rule.threshold)
        known = units.setdefault(rule.metric, unit)
        if unit != known:
            yield Finding(
                code="mixed_units",
                where=where,
                message=f"{rule.metric} is compared in {unit or 'plain numbers'} here and in {known or 'plain numbers'} before",
                hint="give all thresholds of one figure in one unit",
            )
