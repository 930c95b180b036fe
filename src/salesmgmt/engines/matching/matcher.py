"""A compiled matching model: which records are the same, and which field says so with how many bits."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, overload

import attrs

from salesmgmt.engines.matching.blocking import OversizeBlock, candidates
from salesmgmt.engines.matching.clusters import clusters
from salesmgmt.engines.matching.comparison import (
    Agreement,
    Comparison,
    FieldWeight,
    Level,
    match_probability,
    match_weight,
    prior_weight,
)
from salesmgmt.engines.matching.model import Condition, MatchDecision, MatchModel
from salesmgmt.engines.matching.normalise import GENERIC_MAIL_DOMAINS, checked_texts


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
        oversize: blocks that were too large to compare in full, so that nothing is lost silently.
    """

    found: tuple[Match, ...]
    compared: int
    oversize: tuple[OversizeBlock, ...]

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

        Raises:
            InvalidInput: a record is no mapping, or a value no text; all problems are listed.
        """
        texts = checked_texts(records, [compiled.field for compiled in self._comparisons])
        ids = sorted(texts)
        normalised = self._all_normalised([texts[name] for name in ids])
        near = candidates(normalised, self.model.blocking, generic=self._generic)
        frequencies = self._frequencies(normalised)
        found = [
            match
            for left, right in near.pairs
            if (match := self._match(ids[left], normalised[left], ids[right], normalised[right], frequencies))
            is not None
        ]
        found.sort(key=lambda match: (-match.weight, match.left, match.right))
        return Matches(found=tuple(found), compared=len(near.pairs), oversize=near.oversize)

    def compare(
        self,
        left: Mapping[str, str | None],
        right: Mapping[str, str | None],
        *,
        ids: tuple[str, str] = ("", ""),
    ) -> Match:
        """Compare two records, whatever blocks they are in: why they match, or why not.

        Among two records no value has a frequency: the model's own `u` stands for it.

        Raises:
            InvalidInput: a record is no mapping, or a value no text; all problems are listed.
        """
        fields = [compiled.field for compiled in self._comparisons]
        texts = checked_texts({"left": left, "right": right}, fields)
        mine, yours = self._all_normalised([texts["left"], texts["right"]])
        weights = tuple(
            compiled.weigh(mine[compiled.field], yours[compiled.field], _NONE)
            for compiled in self._comparisons
        )
        weight = match_weight(self._prior, [field.bits for field in weights])
        rule, decision = self._decide(mine, yours, match_probability(weight))
        return _as_match(ids, weight, weights, rule, decision)

    @property
    def generic_domains(self) -> frozenset[str]:
        """The mail domains where anybody can have an address: the usual ones and those of the model."""
        return self._generic

    def normalised(self, records: Mapping[str, Mapping[str, str | None]]) -> list[dict[str, str]]:
        """Return the compared fields of records in the form in which they are compared, in the order of their ids.

        Raises:
            InvalidInput: a record is no mapping, or a value no text; all problems are listed.
        """
        texts = checked_texts(records, [compiled.field for compiled in self._comparisons])
        return self._all_normalised([texts[name] for name in sorted(texts)])

    def levels(self, mine: Mapping[str, str], yours: Mapping[str, str]) -> tuple[str | None, ...]:
        """Return on which level two normalised records are in each comparison; `None` where a value is missing."""
        return tuple(
            compiled.weigh(mine[compiled.field], yours[compiled.field], _NONE).level
            for compiled in self._comparisons
        )

    def _all_normalised(self, records: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
        """The records in normal form; a text that comes again is not worked out again."""
        normalised: list[dict[str, str]] = [{} for _ in records]
        for compiled in self._comparisons:
            known: dict[str, str] = {"": ""}
            field, normalise = compiled.field, compiled.comparison.normalise
            for record, normal in zip(records, normalised, strict=True):
                text = record.get(field, "")
                if (value := known.get(text)) is None:
                    value = known[text] = normalise(text)
                normal[field] = value
        return normalised

    def _frequencies(self, records: Sequence[Mapping[str, str]]) -> Mapping[str, _Frequencies]:
        """How often each value of a field comes, for the fields whose weights ask."""
        return {
            compiled.field: _Frequencies(Counter(record[compiled.field] for record in records))
            for compiled in self._comparisons
            if compiled.by_frequency
        }

    def _match(
        self,
        left: str,
        mine: Mapping[str, str],
        right: str,
        yours: Mapping[str, str],
        frequencies: Mapping[str, _Frequencies],
    ) -> Match | None:
        weights = tuple(
            compiled.weigh(
                mine[compiled.field], yours[compiled.field], frequencies.get(compiled.field, _NONE)
            )
            for compiled in self._comparisons
        )
        weight = match_weight(self._prior, [field.bits for field in weights])
        rule, decision = self._decide(mine, yours, match_probability(weight))
        return (
            None
            if decision is MatchDecision.NO
            else _as_match((left, right), weight, weights, rule, decision)
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


def _as_match(
    ids: tuple[str, str],
    weight: float,
    fields: tuple[FieldWeight, ...],
    rule: str | None,
    decision: MatchDecision,
) -> Match:
    return Match(
        left=ids[0],
        right=ids[1],
        weight=weight,
        probability=match_probability(weight),
        fields=fields,
        decision=decision,
        rule=rule,
    )


_OTHERS = 1_000
"""Records that `u` of the model counts for beside those that are counted: in a small set a value that two records share
says nothing about how often it comes elsewhere."""


class _Frequencies:
    """How often the values of a field come, the two that are compared left out."""

    __slots__ = ("_counts", "_filled")

    def __init__(self, counts: Counter[str]) -> None:
        self._counts = counts
        self._filled = counts.total() - counts[""]

    def share(self, value: str, u: float) -> float:
        others = max(self._filled - 2, 0)
        return max(u, (max(self._counts[value] - 2, 0) + u * _OTHERS) / (others + _OTHERS))


_NONE = _Frequencies(Counter())


@attrs.frozen
class _CompiledComparison:
    """One comparison with its tests and weights worked out."""

    field: str
    comparison: Comparison
    levels: tuple[tuple[Agreement, FieldWeight, Level], ...]
    missing: FieldWeight
    by_frequency: bool

    @classmethod
    def of(cls, comparison: Comparison, generic: frozenset[str]) -> _CompiledComparison:
        name = comparison.field
        levels = tuple(
            (level.agreement(generic), FieldWeight(field=name, level=level.id, bits=level.bits), level)
            for level in comparison.levels
        )
        missing = FieldWeight(field=name, level=None, bits=0.0)
        return cls(name, comparison, levels, missing, any(level.by_frequency for level in comparison.levels))

    def weigh(self, mine: str, yours: str, frequencies: _Frequencies) -> FieldWeight:
        if not mine or not yours:
            return self.missing
        for agrees, weight, level in self.levels:
            if agrees(mine, yours):
                if level.by_frequency and frequencies is not _NONE:
                    share = frequencies.share(mine, float(level.u))
                    return attrs.evolve(weight, bits=math.log2(float(level.m) / share), share=share)
                return weight
        return self.missing
