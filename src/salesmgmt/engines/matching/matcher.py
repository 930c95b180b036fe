"""A compiled matching model: which records are the same, and which field says so with how many bits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, overload

import attrs

from salesmgmt.engines.matching.blocking import SkippedBlock, candidates
from salesmgmt.engines.matching.clusters import clusters
from salesmgmt.engines.matching.comparison import (
    Agreement,
    Comparison,
    FieldWeight,
    match_probability,
    match_weight,
    prior_weight,
)
from salesmgmt.engines.matching.model import Condition, MatchDecision, MatchModel
from salesmgmt.engines.matching.normalise import GENERIC_MAIL_DOMAINS


@attrs.frozen(kw_only=True)
class Match:
    """Two records and what speaks for their being the same.

    Attributes:
        left: id of the one record; the smaller of the two.
        right: id of the other.
        weight: in bits: the prior weight and the weights of all fields, added.
        probability: 2^weight / (1 + 2^weight).
        fields: what each field contributed.
        decision: by the first rule that applies, or else by the probability.
        rule: id of the deterministic rule that decided; `None` when the weights did.
    """

    left: str
    right: str
    weight: float
    probability: float
    fields: tuple[FieldWeight, ...]
    decision: MatchDecision
    rule: str | None = None


@attrs.frozen(kw_only=True)
class Matches(Sequence[Match]):
    """The matches and possible matches among records: the strongest first.

    Attributes:
        found: the matches.
        compared: how many pairs were compared.
        skipped: blocks that were too large to compare, so that nothing is lost silently.
    """

    found: tuple[Match, ...]
    compared: int
    skipped: tuple[SkippedBlock, ...]

    @overload
    def __getitem__(self, index: int) -> Match: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Match, ...]: ...
    def __getitem__(self, index: int | slice) -> Match | tuple[Match, ...]:
        return self.found[index]

    def __len__(self) -> int:
        return len(self.found)

    def __iter__(self) -> Iterator[Match]:
        return iter(self.found)

    def clusters(self) -> tuple[tuple[str, ...], ...]:
        """Return the groups of ids that the certain matches tie together."""
        return clusters(
            (match.left, match.right) for match in self.found if match.decision is MatchDecision.MATCH
        )


class Matcher:
    """A compiled `MatchModel`: immutable, thread-safe, and pickled as its model.

    Made by `MatchModel.compile()`. A field that a record lacks weighs nothing. Records are mappings of field names to
    texts; fields that the model does not compare are ignored.

    Attributes:
        model: the model it was made from.
    """

    __slots__ = ("_comparisons", "_generic", "_match_at", "_possible_at", "_prior", "model")

    def __init__(self, model: MatchModel) -> None:
        self.model = model
        self._generic = GENERIC_MAIL_DOMAINS | frozenset(model.generic_domains)
        self._prior = prior_weight(model.prior)
        self._match_at = float(model.match_at)
        self._possible_at = float(model.possible_at)
        self._comparisons = tuple(
            _CompiledComparison.of(comparison, self._generic) for comparison in model.comparisons
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return MatchModel.compile, (self.model,)

    def matches(self, records: Mapping[str, Mapping[str, str | None]]) -> Matches:
        """Return every match and possible match among records that share a block.

        Args:
            records: the values of each record by field, by the id of the record.

        The answer does not depend on the order of the records.
        """
        ids = sorted(records)
        normalised = [self._normalise(records[name]) for name in ids]
        near = candidates(normalised, self.model.blocking, generic=self._generic)
        found = [
            match
            for left, right in near.pairs
            if (match := self._match(ids[left], normalised[left], ids[right], normalised[right])).decision
            is not MatchDecision.NO
        ]
        found.sort(key=lambda match: (-match.weight, match.left, match.right))
        return Matches(found=tuple(found), compared=len(near.pairs), skipped=near.skipped)

    def compare(
        self,
        left: Mapping[str, str | None],
        right: Mapping[str, str | None],
        *,
        ids: tuple[str, str] = ("", ""),
    ) -> Match:
        """Compare two records, whatever blocks they are in: why they match, or why not."""
        return self._match(ids[0], self._normalise(left), ids[1], self._normalise(right))

    def _normalise(self, record: Mapping[str, str | None]) -> dict[str, str]:
        return {
            compiled.field: compiled.comparison.normalise(record.get(compiled.field))
            for compiled in self._comparisons
        }

    def _match(self, left: str, mine: Mapping[str, str], right: str, yours: Mapping[str, str]) -> Match:
        fields = tuple(
            compiled.weigh(mine[compiled.field], yours[compiled.field]) for compiled in self._comparisons
        )
        weight = match_weight(self._prior, [field.bits for field in fields])
        probability = match_probability(weight)
        rule, decision = self._decide(mine, yours, probability)
        return Match(
            left=left,
            right=right,
            weight=weight,
            probability=probability,
            fields=fields,
            decision=decision,
            rule=rule,
        )

    def _decide(
        self, mine: Mapping[str, str], yours: Mapping[str, str], probability: float
    ) -> tuple[str | None, MatchDecision]:
        for rule in self.model.rules:
            wanted = rule.when is Condition.SAME
            if all(
                mine[name] and yours[name] and (mine[name] == yours[name]) is wanted for name in rule.fields
            ):
                return rule.id, rule.then
        if probability >= self._match_at:
            return None, MatchDecision.MATCH
        return None, MatchDecision.POSSIBLE if probability >= self._possible_at else MatchDecision.NO


@attrs.frozen
class _CompiledComparison:
    """One comparison with its tests and weights worked out."""

    field: str
    comparison: Comparison
    levels: tuple[tuple[Agreement, FieldWeight], ...]
    missing: FieldWeight

    @classmethod
    def of(cls, comparison: Comparison, generic: frozenset[str]) -> _CompiledComparison:
        name = comparison.field
        levels = tuple(
            (level.agreement(generic), FieldWeight(field=name, level=level.id, bits=level.bits))
            for level in comparison.levels
        )
        return cls(name, comparison, levels, FieldWeight(field=name, level=None, bits=0.0))

    def weigh(self, mine: str, yours: str) -> FieldWeight:
        if not mine or not yours:
            return self.missing
        for agrees, weight in self.levels:
            if agrees(mine, yours):
                return weight
        return self.missing
