"""A matching model as data: what is compared, which pairs, and from which probability on two records are one."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from salesmgmt.core.definition import load_definition
from salesmgmt.core.findings import Finding, Severity, duplicate_ids, refuse_errors
from salesmgmt.engines.matching.blocking import BlockingKey, Take
from salesmgmt.engines.matching.comparison import Comparison

if TYPE_CHECKING:
    from salesmgmt.engines.matching.matcher import Matcher


class MatchDecision(StrEnum):
    """What is to be done with two records."""

    MATCH = "match"
    """They are the same."""
    POSSIBLE = "possible"
    """A person should look."""
    NO = "no"
    """They are different."""


class Condition(StrEnum):
    """What a deterministic rule asks of its fields; a missing value fulfils neither."""

    SAME = "same"
    """Both records have each field, with equal normalised values."""
    DIFFERENT = "different"
    """Both records have each field, with different normalised values."""


@attrs.frozen(kw_only=True)
class MatchRule:
    """A deterministic rule: it decides before any weight does; the first rule that applies counts.

    Attributes:
        id: name of the rule, as a match shows it.
        when: what it asks of the fields.
        fields: compared fields, all of which must answer so.
        then: the decision.
    """

    id: str
    when: Condition = Condition.SAME
    fields: tuple[str, ...]
    then: MatchDecision = MatchDecision.MATCH


@attrs.frozen(kw_only=True)
class MatchModel:
    """A matching model: load it, then compile it once.

    Attributes:
        id: name of the model.
        version: of the definition.
        prior: probability that two records taken at random are the same, above 0 and below 1.
        match_at: from this probability on two records are the same.
        possible_at: from this probability on a person should look.
        comparisons: how each field is compared.
        blocking: which pairs are compared at all.
        rules: deterministic rules, in order.
        generic_domains: mail domains where anybody can have an address, besides the usual ones.

    >>> from salesmgmt.engines.matching import BlockingKey, Comparison, KeyPart, Level, Likeness, MatchModel
    >>> name = Comparison(field="name", levels=(
    ...     Level(id="same", like=Likeness.EQUAL, m=Decimal("0.9"), u=Decimal("0.01")),
    ...     Level(id="other", like=Likeness.OTHERWISE, m=Decimal("0.1"), u=Decimal("0.99"))))
    >>> model = MatchModel(id="people", prior=Decimal("0.1"), comparisons=(name,),
    ...     blocking=(BlockingKey(id="name", parts=(KeyPart(field="name"),)),))
    >>> [match.decision.value for match in model.compile().matches({"a": {"name": "Li"}, "b": {"name": "LI"}})]
    ['possible']
    """

    id: str
    version: int = 1
    prior: Decimal
    match_at: Decimal = Decimal("0.95")
    possible_at: Decimal = Decimal("0.5")
    comparisons: tuple[Comparison, ...]
    blocking: tuple[BlockingKey, ...]
    rules: tuple[MatchRule, ...] = ()
    generic_domains: tuple[str, ...] = ()

    @classmethod
    def load(cls, path: Path | str) -> MatchModel:
        """Read a model from a TOML file.

        Raises:
            InvalidInput: the file is no such definition; all problems are listed.
            InvalidDefinition: the model cannot work; all findings are listed.
        """
        model = load_definition(path, cls)
        refuse_errors(f"match model {model.id}", model.lint())
        return model

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the lint has to say about this model."""
        return tuple(self.lint())

    def compile(self) -> Matcher:
        """Return the matcher of this model; raises `InvalidDefinition` when it cannot work."""
        from salesmgmt.engines.matching.matcher import Matcher  # noqa: PLC0415 - a matcher knows its model

        refuse_errors(f"match model {self.id}", self.lint())
        return Matcher(self)

    def lint(self) -> Iterable[Finding]:
        """Yield what is wrong or doubtful in this model."""
        yield from self._lint_probabilities()
        yield from duplicate_ids("comparisons", (comparison.field for comparison in self.comparisons))
        yield from duplicate_ids("blocking", (key.id for key in self.blocking))
        yield from duplicate_ids("rules", (rule.id for rule in self.rules))
        for comparison in self.comparisons:
            yield from comparison.lint()
        yield from self._lint_blocking()
        yield from self._lint_rules()

    def _lint_probabilities(self) -> Iterable[Finding]:
        if not 0 < self.prior < 1:
            yield _finding(
                "not_a_probability",
                "prior",
                f"{self.prior} is not between 0 and 1",
                "use a small one, such as 0.0001",
            )
        if not 0 < self.possible_at <= self.match_at < 1:
            yield _finding(
                "bounds_out_of_order",
                "match_at",
                f"possible_at {self.possible_at} and match_at {self.match_at} are not 0 < possible_at <= match_at < 1",
                "let the possible matches begin below the matches",
            )

    def _lint_blocking(self) -> Iterable[Finding]:
        fields = self._fields()
        if not self.blocking:
            yield _finding("no_blocking", "blocking", "no pair is ever compared", "add a blocking key")
        for key in self.blocking:
            where = f"blocking.{key.id}"
            if not key.parts or key.largest < 2:
                yield _finding(
                    "empty_key", where, "it ties no two records", "give it a part and room for two"
                )
            for part in key.parts:
                if part.field not in fields:
                    yield _unknown(where, part.field)

    def _lint_rules(self) -> Iterable[Finding]:
        fields = self._fields()
        for rule in self.rules:
            where = f"rules.{rule.id}"
            if not rule.fields:
                yield _finding("empty_rule", where, "it reads no field", "name the fields it compares")
            for field in rule.fields:
                if field not in fields:
                    yield _unknown(where, field)
            if rule.then is not MatchDecision.NO and not self._brings_together(rule):
                yield _finding(
                    "rule_not_blocked",
                    where,
                    "no blocking key is made of its fields alone, so it misses pairs that it would decide",
                    "add a blocking key on one of its fields",
                    Severity.WARNING,
                )

    def _brings_together(self, rule: MatchRule) -> bool:
        return rule.when is Condition.SAME and any(
            all(part.field in rule.fields and part.take is not Take.PRIVATE_DOMAIN for part in key.parts)
            for key in self.blocking
        )

    def _fields(self) -> frozenset[str]:
        return frozenset(comparison.field for comparison in self.comparisons)


def _unknown(where: str, field: str) -> Finding:
    return _finding(
        "unknown_field", where, f"field {field} is not compared", "add a comparison, or correct the name"
    )


def _finding(code: str, where: str, message: str, hint: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(code=code, where=where, message=message, hint=hint, severity=severity)
