"""Segments: groups of customers that are served alike, told apart by ordered rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import attrs

from salesmgmt.core.definition import load_definition
from salesmgmt.core.entity import AccountId
from salesmgmt.core.findings import Finding, Severity, refuse_errors
from salesmgmt.core.formula import (
    BOOL,
    NUMBER,
    FactType,
    Formula,
    Schema,
    Value,
    Values,
    WhyNot,
    declare,
    implies,
    lint_condition,
    schema_of,
    values_of,
)
from salesmgmt.customers.account import Account
from salesmgmt.customers.rfm import RfmScores, RfmSummary

CUSTOMER_SCHEMA = Schema(
    {
        **{f"account.{name}": kind for name, kind in schema_of(Account).items()},
        **{f"purchases.{name}": kind for name, kind in schema_of(RfmSummary).items()},
        **{f"rfm.{name}": kind for name, kind in schema_of(RfmScores).items()},
        "rfm.total": NUMBER,
    }
)
"""The names that a rule may use: an account's fields (`account.country`), its summary (`purchases.recency_days`,
`purchases.frequency`, `purchases.monetary`) and its scores (`rfm.recency`, `rfm.total`)."""


def customer_values(
    *, account: Account | None = None, summary: RfmSummary | None = None, scores: RfmScores | None = None
) -> dict[str, Value | int | None]:
    """Return what rules are evaluated with; what is not known is missing.

    >>> from datetime import date
    >>> from salesmgmt.customers import RfmScores, customer_values
    >>> scores = RfmScores(customer="acme", as_of=date(2026, 2, 28), recency=5, frequency=4, monetary=1)
    >>> customer_values(scores=scores)["rfm.total"]
    10
    """
    parts = {"account": account, "purchases": summary, "rfm": scores}
    values = {
        f"{prefix}.{name}": value
        for prefix, part in parts.items()
        if part is not None
        for name, value in values_of(part).items()
    }
    return values if scores is None else {**values, "rfm.total": scores.total}


@attrs.frozen
class SegmentRule:
    """A segment, and the condition that puts a customer into it, over `CUSTOMER_SCHEMA`.

    >>> from salesmgmt.customers import SegmentRule
    >>> SegmentRule("champions", "rfm.total >= 13").segment
    'champions'
    """

    segment: str
    where: str


@attrs.frozen(kw_only=True)
class SegmentAssignment:
    """The segment of a customer on a day, and why.

    Attributes:
        customer: who.
        on: the business date.
        segment: the segment.
        rule: the condition that held; `None` when none did.
        segmentation: id and version of the rules, as `rfm/3`.

    >>> from datetime import date
    >>> from salesmgmt.customers import Segmentation
    >>> Segmentation(id="flat", rules=(), otherwise="all").compile().assign("acme", {}, on=date(2026, 2, 28)).segmentation
    'flat/1'
    """

    customer: AccountId
    on: date
    segment: str
    rule: str | None
    segmentation: str


@attrs.frozen(kw_only=True)
class Segmentation:
    """Rules in order: the first that holds gives the segment.

    Attributes:
        id: its name.
        version: raise it when rules change.
        rules: the rules, the most particular first.
        otherwise: the segment of everybody else.
        facts: further names that rules may use, with their types: what the host knows besides `CUSTOMER_SCHEMA`.

    >>> from salesmgmt.customers import SegmentRule, Segmentation
    >>> rules = (SegmentRule("champions", "rfm.recency >= 4 and rfm.frequency >= 4"),
    ...          SegmentRule("at risk", "rfm.recency <= 2 and rfm.frequency >= 3"))
    >>> segmenter = Segmentation(id="rfm", rules=rules, otherwise="regulars").compile()
    >>> segmenter.segment({"rfm.recency": 1, "rfm.frequency": 5})
    'at risk'
    """

    id: str
    version: int = 1
    rules: tuple[SegmentRule, ...]
    otherwise: str
    facts: Mapping[str, FactType] = attrs.field(factory=dict, hash=False)

    @classmethod
    def load(cls, path: Path | str) -> Segmentation:
        """Read rules from a TOML file.

        Raises:
            InvalidInput: the file has no such rules; every problem is listed.
            InvalidDefinition: the rules cannot work; every finding is listed.
        """
        found = load_definition(path, cls)
        refuse_errors(f"segmentation {found.id}", found.findings)
        return found

    @property
    def schema(self) -> Schema:
        """The names that its rules may use: `CUSTOMER_SCHEMA`, and its facts."""
        return declare(self.facts, CUSTOMER_SCHEMA).schema

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the lint says: `shadowed` (a warning), and the findings of `declare` and `lint_condition`.

        >>> from salesmgmt.customers import SegmentRule, Segmentation
        >>> rules = (SegmentRule("good", "rfm.total >= 9"), SegmentRule("best", "rfm.total >= 13"))
        >>> print(Segmentation(id="wrong", rules=rules, otherwise="rest").findings[0])
        warning shadowed at rules[1]: whoever would be best is good before; put it before rules[0]
        """
        return tuple(self._lint())

    def _lint(self) -> Iterator[Finding]:
        declared = declare(self.facts, CUSTOMER_SCHEMA)
        yield from declared.findings
        before: list[tuple[int, Formula]] = []
        for place, rule in enumerate(self.rules):
            where = f"rules[{place}]"
            formula, findings = lint_condition(rule.where, declared.schema, where)
            yield from findings
            if formula is None:
                continue
            for earlier, known in before:
                if implies(formula, known):
                    yield Finding(
                        code="shadowed",
                        where=where,
                        message=f"whoever would be {rule.segment} is {self.rules[earlier].segment} before",
                        hint=f"put it before rules[{earlier}]",
                        severity=Severity.WARNING,
                    )
                    break
            before.append((place, formula))

    def compile(self) -> Segmenter:
        """Make what assigns segments.

        Raises:
            InvalidDefinition: the rules cannot work; every finding is listed.
        """
        refuse_errors(f"segmentation {self.id}", self.findings)
        return Segmenter(self)


class Segmenter:
    """Rules made ready; it never changes, and may be shared by threads.

    Made by `Segmentation.compile`.
    """

    __slots__ = ("_rules", "definition")

    def __init__(self, definition: Segmentation) -> None:
        self.definition = definition
        schema = definition.schema
        self._rules = tuple(
            (rule, Formula.parse(rule.where, schema, wanted=BOOL)) for rule in definition.rules
        )

    def segment(self, values: Values) -> str:
        """Return the segment for values, see `customer_values`.

        Raises:
            EvaluationError: a value is not of its type.
        """
        rule = self._first(values)
        return self.definition.otherwise if rule is None else rule.segment

    def assign(self, customer: AccountId, values: Values, *, on: date) -> SegmentAssignment:
        """Put a customer into a segment.

        >>> from datetime import date
        >>> from salesmgmt.customers import SegmentRule, Segmentation
        >>> rules = (SegmentRule("champions", "rfm.total >= 13"),)
        >>> segmenter = Segmentation(id="rfm", rules=rules, otherwise="regulars").compile()
        >>> segmenter.assign("acme", {"rfm.total": 14}, on=date(2026, 2, 28)).rule
        'rfm.total >= 13'
        """
        rule = self._first(values)
        return SegmentAssignment(
            customer=customer,
            on=on,
            segment=self.definition.otherwise if rule is None else rule.segment,
            rule=None if rule is None else rule.where,
            segmentation=f"{self.definition.id}/{self.definition.version}",
        )

    def why_not(self, segment: str, values: Values) -> tuple[WhyNot, ...]:
        """Return what keeps a customer out of a segment: what does not hold of each of its rules.

        Empty when a rule of it holds; the customer may still be in an earlier segment.

        >>> from salesmgmt.customers import SegmentRule, Segmentation
        >>> rules = (SegmentRule("champions", "rfm.total >= 13"),)
        >>> segmenter = Segmentation(id="rfm", rules=rules, otherwise="regulars").compile()
        >>> print(*segmenter.why_not("champions", {"rfm.total": 12}))
        rfm.total >= 13: found 12
        """
        found = []
        for rule, formula in self._rules:
            if rule.segment == segment:
                why = formula.why_not(values)
                if why is None:
                    return ()
                found.append(why)
        return tuple(found)

    def _first(self, values: Values) -> SegmentRule | None:
        return next((rule for rule, formula in self._rules if formula.holds(values)), None)

    def __reduce__(self) -> tuple[Any, ...]:
        return Segmenter, (self.definition,)
