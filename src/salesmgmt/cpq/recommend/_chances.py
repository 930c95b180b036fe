"""How likely an offer is accepted, from what is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from salesmgmt.cpq.recommend._candidates import Candidate
from salesmgmt.cpq.recommend.recommendation import Probability, ProbabilitySource
from salesmgmt.cpq.recommend.relation import RelationKind
from salesmgmt.cpq.recommend.uplift import AcceptanceCount, rate_of
from salesmgmt.engines.association import AssociationRule

FEWEST = 10
"""Fewer offers than these say too little about how likely the next one is accepted."""


class Chances:
    """Estimates how likely offers are accepted.

    Args:
        acceptance: how often offers were accepted; counts of one product and kind are added up.
    """

    def __init__(self, acceptance: Iterable[AcceptanceCount]) -> None:
        tallies: dict[tuple[str, RelationKind | None], tuple[int, int]] = {}
        for one in acceptance:
            accepted, offered = tallies.get((one.product, one.kind), (0, 0))
            tallies[one.product, one.kind] = (accepted + one.accepted, offered + one.offered)
        self._tallies = {key: tally for key, tally in tallies.items() if tally[1] >= FEWEST}

    def of(self, product: str, kind: RelationKind | None, rule: AssociationRule | None) -> Probability:
        """From such offers of the product, else from the rule, else from offers of the kind."""
        tally = self._tallies.get((product, kind))
        if tally is None and rule is not None:
            value, interval = rate_of(rule.count, rule.antecedent_count, None)
            return Probability(value=value, interval=interval, source=ProbabilitySource.ASSOCIATION)
        tally = tally or self._tallies.get(("", kind))
        if tally is None:
            return Probability()
        value, interval = rate_of(*tally, None)
        return Probability(value=value, interval=interval, source=ProbabilitySource.ACCEPTANCE)

    def words(self, product: str, kind: RelationKind | None) -> str:
        """How often such an offer was accepted; empty when too few were made."""
        tally = self._tallies.get((product, kind))
        if tally is not None:
            return f"{tally[0]} of {tally[1]} accepted it"
        return ""

    def best(self, rules: Sequence[AssociationRule]) -> AssociationRule | None:
        """The rule that is surest of the highest confidence: whose interval begins highest. Equal ones by their items."""

        def sureness(rule: AssociationRule) -> tuple[Decimal, int, tuple[str, ...]]:
            _, interval = rate_of(rule.count, rule.antecedent_count, None)
            return -interval.required().low, -rule.count, rule.antecedent

        return min(rules, key=sureness, default=None)

    def rank(self, candidate: Candidate, suggesting: Mapping[str, Sequence[AssociationRule]]) -> Decimal:
        """The chance of a candidate before it is priced, to price the likely ones first."""
        kind = None if candidate.relation is None else candidate.relation.kind
        rule = self.best(suggesting.get(candidate.product, ()))
        return self.of(candidate.product, kind, rule).value.or_else(Decimal(0))
