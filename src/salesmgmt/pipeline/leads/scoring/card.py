"""Scoring by rules: each condition that holds gives points, and the points fall into a band."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.definition import load_definition
from salesmgmt.core.events import Event
from salesmgmt.core.findings import Finding, Severity, duplicate_ids, refuse_errors
from salesmgmt.core.formula import FactType, Formula, Schema, Values, declare, lint_condition
from salesmgmt.pipeline.leads.events import LeadScored
from salesmgmt.pipeline.leads.facts import LEAD_SCHEMA, lead_values, lint_unused
from salesmgmt.pipeline.leads.lead import Lead
from salesmgmt.pipeline.leads.score import Contribution, Score


@attrs.frozen(kw_only=True)
class ScoreRule:
    """A rule of a score card.

    Attributes:
        id: what a contribution calls it.
        when: a condition over `lead.*` and the declared facts.
        points: what it gives when the condition holds; negative to take away.
    """

    id: str
    when: str
    points: int


@attrs.frozen(kw_only=True)
class Band:
    """A band of scores.

    Attributes:
        name: of the band.
        minimum: the points from which on it holds.
    """

    name: str
    minimum: int


@attrs.frozen(kw_only=True)
class ScoreCard:
    """A score card as data: load it, then compile it once.

    Attributes:
        id: name of the card.
        version: raised by its author with each change.
        facts: type of each further name that conditions use; custom fields are `lead.fields.<name>`.
        rules: all rules; every one whose condition holds counts.
        bands: the bands, in any order.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.pipeline.leads import Band, Lead, ScoreCard, ScoreRule
    >>> card = ScoreCard(id="b2b", facts={"visits": "number"},
    ...     rules=(ScoreRule(id="referred", when="lead.source == 'referral'", points=30),
    ...            ScoreRule(id="keen", when="visits >= 3", points=20)),
    ...     bands=(Band(name="hot", minimum=40), Band(name="cold", minimum=0)))
    >>> lead = Lead(id="l1", source="referral", created_at=datetime(2026, 1, 1, tzinfo=UTC))
    >>> score = card.compile().score(lead, {"visits": 5})
    >>> score.points, score.band, [part.rule for part in score.contributions]
    (50, 'hot', ['referred', 'keen'])
    """

    id: str
    version: int = 1
    facts: Mapping[str, FactType] = attrs.field(factory=dict)
    rules: tuple[ScoreRule, ...]
    bands: tuple[Band, ...] = ()

    @classmethod
    def load(cls, path: Path | str) -> ScoreCard:
        """Read a score card from a TOML file.

        Raises:
            InvalidInput: the file is no such definition; all problems are listed.
            InvalidDefinition: the card cannot work; all findings are listed.
        """
        card = load_definition(path, cls)
        refuse_errors(f"score card {card.id}", card.lint())
        return card

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the lint has to say about this card."""
        return tuple(self.lint())

    def compile(self) -> Scorer:
        """Return the scorer of this card; raises `InvalidDefinition` when it cannot work."""
        refuse_errors(f"score card {self.id}", self.lint())
        return Scorer(self)

    def lint(self) -> Iterator[Finding]:
        """Yield what is wrong or doubtful in this card."""
        declared = declare(self.facts, LEAD_SCHEMA)
        schema = declared.schema
        yield from declared.findings
        yield from duplicate_ids("rules", (rule.id for rule in self.rules))
        yield from duplicate_ids("bands", (band.name for band in self.bands))
        for rule in self.rules:
            yield from lint_condition(rule.when, schema, f"rules.{rule.id}")[1]
            if rule.points == 0:
                yield Finding(
                    code="no_points",
                    where=f"rules.{rule.id}",
                    message="it changes nothing",
                    hint="give it points, or drop it",
                    severity=Severity.WARNING,
                )
        yield from lint_unused(self.facts, [rule.when for rule in self.rules], schema)
        yield from self._lint_bands()

    def _lint_bands(self) -> Iterator[Finding]:
        most = sum(rule.points for rule in self.rules if rule.points > 0)
        least = sum(rule.points for rule in self.rules if rule.points < 0)
        ordered = sorted(self.bands, key=lambda band: band.minimum)
        for band, above in zip_longest(ordered, ordered[1:]):
            if band.minimum > most:
                message = f"the rules give at most {most} points"
            elif above is not None and above.minimum <= max(band.minimum, least):
                message = f"every score that reaches it reaches {above.name} too"
            else:
                continue
            yield Finding(
                code="unreachable_band",
                where=f"bands.{band.name}",
                message=message,
                hint="correct the minimum, or drop the band",
            )
        if ordered and ordered[0].minimum > least:
            yield Finding(
                code="below_every_band",
                where=f"bands.{ordered[0].name}",
                message=f"scores from {least} to {ordered[0].minimum - 1} are in no band",
                hint=f"give the lowest band the minimum {least}, if that is not meant",
                severity=Severity.WARNING,
            )


class Scorer:
    """A compiled `ScoreCard`: immutable, thread-safe, and pickled as its card.

    Made by `ScoreCard.compile()`.

    Attributes:
        card: the card it was made from.
        schema: the names that its conditions may use.
    """

    __slots__ = ("_bands", "_rules", "card", "schema")

    def __init__(self, card: ScoreCard) -> None:
        self.card = card
        self.schema: Schema = declare(card.facts, LEAD_SCHEMA).schema
        self._rules = tuple(
            (Formula.parse(rule.when, self.schema), Contribution(rule=rule.id, points=rule.points))
            for rule in card.rules
        )
        self._bands = tuple(sorted(card.bands, key=lambda band: -band.minimum))

    def __reduce__(self) -> tuple[Any, ...]:
        return ScoreCard.compile, (self.card,)

    def score(self, lead: Lead, facts: Values | None = None) -> Score:
        """Return the score of a lead.

        Args:
            lead: the lead.
            facts: values of the declared facts; one that is absent counts as missing.

        Raises:
            EvaluationError: a condition has no answer (an amount in another currency).
        """
        values = lead_values(lead, facts)
        contributions = tuple(part for condition, part in self._rules if condition.holds(values))
        points = sum(part.points for part in contributions)
        band = next((band.name for band in self._bands if points >= band.minimum), None)
        return Score(
            points=points,
            band=band,
            contributions=contributions,
            card=self.card.id,
            card_version=self.card.version,
        )


def record_score(lead: Lead, score: Score, *, at: datetime, by: Actor) -> tuple[Lead, tuple[Event, ...]]:
    """Keep a score with its lead; the same score again changes nothing.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.pipeline.leads import Lead, Score, record_score
    >>> now = datetime(2026, 1, 1, 9, tzinfo=UTC)
    >>> lead, _ = record_score(Lead(id="l1", created_at=now), Score(points=30, band="warm"), at=now, by=Actor("crm"))
    >>> lead.score.points
    30
    """
    if lead.score == score:
        return lead, ()
    event = LeadScored(at=at, by=by, subjects=(lead.ref,), lead=lead.key, score=score)
    return attrs.evolve(lead, score=score), (event,)
