"""Strict discount control: the approval rules of a house, as data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

import attrs

from salesmgmt.core.definition import load_definition
from salesmgmt.core.digest import digest_of
from salesmgmt.core.errors import SalesError, shorten
from salesmgmt.core.findings import Finding, refuse_errors
from salesmgmt.core.formula import BOOL, FactType, Formula, Values
from salesmgmt.core.money import Money
from salesmgmt.cpq.approvals.approval import Approval, agreed
from salesmgmt.cpq.approvals.figures import shown
from salesmgmt.cpq.approvals.lint import lint, schema_of
from salesmgmt.cpq.approvals.need import ApprovalNeed
from salesmgmt.cpq.approvals.rule import ApprovalRule, figure
from salesmgmt.engines.metrics import Figure, unit_of

_NO_FACTS: Values = MappingProxyType({})


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
        hint = "give the figure in the unit of the threshold"
        if isinstance(found, Money) and isinstance(wanted, Money):
            hint = (
                f"submit quotes in {found.currency} to a policy with thresholds in {found.currency}, "
                f"or give the figure in {wanted.currency}"
            )
        super().__init__(
            f"{metric} is {shown(found)}, which rule {rule} cannot compare with {wanted}", hint=hint
        )


def _declared(given: Mapping[str, FactType]) -> Mapping[str, FactType]:
    return dict(given)


@attrs.frozen(kw_only=True)
class _Written:
    """A policy as it stands in a file, not yet linted."""

    id: str
    version: int = 1
    figures: tuple[str, ...] = ()
    facts: Mapping[str, FactType] = attrs.field(factory=dict, converter=_declared, hash=False)
    rules: tuple[ApprovalRule, ...] = ()


@attrs.frozen(kw_only=True)
class ApprovalPolicy(_Written):
    """Which figures of a quote need whose approval; usually from a TOML file.

    Attributes:
        id: its name.
        version: raised by its author with each change.
        figures: names of further figures that the host gives, beside those of `quotes.quote_metrics`.
        facts: what conditions may ask, with its type by name; the host gives the facts. Conditions know `asker.roles`,
            `quote.currency`, `quote.line_count` and `quote.reference_total` (the deal at its reference) beside them.
        rules: the rules; all of them are asked.

    Raises:
        InvalidDefinition: it cannot work; all findings are listed.

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

    def __attrs_post_init__(self) -> None:
        refuse_errors(f"approval policy {shorten(self.id)}", self.findings)

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
        written = load_definition(path, _Written)
        return cls(**attrs.asdict(written, recurse=False))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that the lint says.

        Errors: `duplicate_id`, `blank`, `metric`, `unknown_metric`, `figures`, `roles`, `quorum`, `level`, `due_hours`, `delegates`,
        `escalates_to`, `mixed_units`, those of conditions (`formula`, `contradictory_condition`) and of declared facts.
        Warnings: `chain`, `currencies`, `delegates`, and those of formulas.
        """
        return tuple(lint(self.rules, self.figures, self.facts))

    @property
    def digest(self) -> str:
        """SHA-256 of the policy: equal policies have equal digests, whatever their files look like."""
        return digest_of(self)

    def needs(
        self,
        metrics: Mapping[str, Figure | None],
        given: Iterable[Approval] = (),
        asked_by: Iterable[str] = (),
        *,
        facts: Values = _NO_FACTS,
    ) -> tuple[ApprovalNeed, ...]:
        """The approvals that figures need and do not have yet, by level, and in the order of the policy within one.

        A figure that a rule asks for and that is missing or `None` needs the approval: no limit is passed by leaving
        something out. A condition whose facts are missing counts as holding.

        Args:
            metrics: the figures by name; names that no rule asks for are ignored.
            given: approvals that were given before; each holds while its figure is not worse than it was then.
            asked_by: ids of those who ask now; what they approved before does not hold for their own request.
            facts: what conditions ask, by name.

        Raises:
            FigureMismatch: a figure cannot be compared with a threshold.
            FloatRefused, NotANumber: a figure is no exact number.
            EvaluationError: a fact is not of its declared type.
        """
        approvals, askers = tuple(given), tuple(asked_by)
        needs = [
            need
            for rule in self.rules
            if self._concerns(rule, facts)
            and (need := self._need(rule, metrics.get(rule.metric))) is not None
        ]
        open_needs = [need for need in needs if agreed(need, approvals, askers) < need.voices]
        return tuple(sorted(open_needs, key=lambda need: need.level))

    def _concerns(self, rule: ApprovalRule, facts: Values) -> bool:
        if not rule.condition.strip():
            return True
        formula = Formula.parse(rule.condition, schema_of(self.facts), wanted=BOOL)
        return any(facts.get(name) is None for name in formula.names) or formula.holds(facts)

    def _need(self, rule: ApprovalRule, found: Figure | None) -> ApprovalNeed | None:
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
            chain=rule.chain,
            quorum=rule.quorum,
            reason_required=rule.reason_required,
            own_request=rule.own_request,
            delegable=rule.delegable,
            delegates=rule.delegates,
            due_hours=rule.due_hours,
            escalates_to=rule.escalates_to or self._next_level(rule),
        )

    def _next_level(self, rule: ApprovalRule) -> tuple[str, ...]:
        """The roles of the next higher level of the chain of a rule that can be overdue."""
        if not rule.chain or rule.due_hours is None:
            return ()
        higher = [one for one in self.rules if one.chain == rule.chain and one.level > rule.level]
        next_level = min((one.level for one in higher), default=0)
        return tuple(dict.fromkeys(role for one in higher if one.level == next_level for role in one.roles))
