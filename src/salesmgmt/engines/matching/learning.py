"""Learning the probabilities of a matching model from records that nobody has labelled."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from math import prod

import attrs

from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.engines.matching.blocking import candidates
from salesmgmt.engines.matching.matcher import Matcher
from salesmgmt.engines.matching.model import MatchModel

_ROUNDS = 1_000
_STEADY = 0.000_1
_PLACES = Decimal("0.000001")

Levels = tuple[str | None, ...]
"""The level of each comparison for one pair; `None` where a value is missing."""


@attrs.frozen(kw_only=True)
class Learnt:
    """What was learnt.

    Attributes:
        model: the model with its new `m`; everything else is as it was.
        pairs: how many pairs that share a block it was learnt from; one of two blocks counts twice.
        matched: the share of these that the last round took for the same.
        rounds: how many rounds it took.
        settled: whether nothing changed any more; if not, do not use the model.
    """

    model: MatchModel
    pairs: int
    matched: float
    rounds: int
    settled: bool


def learn(model: MatchModel, records: Mapping[str, Mapping[str, str | None]]) -> Learnt:
    """Learn `m` of every level from records that nobody has labelled: how often the same thing is typed how.

    By expectation and maximisation over the pairs that share a block, fields independent given the truth; how strangers of a
    block agree is learnt beside it for each blocking key and thrown away, since it holds in that block alone: `u` stays that
    of the model. Both lean on one pair of the model as it was for each level, so that none becomes 0. Sources: Dempster, Laird &
    Rubin 1977, Journal of the Royal Statistical Society B 39(1); Winkler 1988, Proceedings of the Section on Survey Research
    Methods (ASA).

    The pairs of a blocking key teach nothing about the key's own fields, on which they agree because of it; a field that is in
    every key keeps its `m`. Look at the new model, and measure it on pairs whose truth is known, before it is used.

    Args:
        model: where learning begins.
        records: the values of each record by field, by its id: at least a thousand, with some dozens of duplicates.

    Raises:
        InvalidInput: no pair shares a block, or a value is no text.

    >>> from salesmgmt.engines.matching import BlockingKey, Comparison, KeyPart, Level, Likeness, MatchModel, learn
    >>> def compare(field):
    ...     return Comparison(field=field, levels=(
    ...         Level(id="same", like=Likeness.EQUAL, m=Decimal("0.9"), u=Decimal("0.1")),
    ...         Level(id="other", like=Likeness.OTHERWISE, m=Decimal("0.1"), u=Decimal("0.9"))))
    >>> model = MatchModel(id="people", prior=Decimal("0.01"), comparisons=(compare("name"), compare("town")),
    ...     blocking=(BlockingKey(id="name", parts=(KeyPart(field="name"),)),))
    >>> people = {f"{n}{copy}": {"name": f"n{n}", "town": f"t{n}"} for n in range(200) for copy in "ab"}
    >>> town = learn(model, people).model.comparisons[1]
    >>> town.levels[0].m > Decimal("0.99")  # whoever comes twice lives in one town
    True
    """
    matcher = Matcher(model)
    patterns = _patterns(matcher, matcher.normalised(records))
    pairs = sum(counts.total() for counts in patterns)
    if not pairs:
        found = f"{len(records)} records, no two of which share a block"
        raise InvalidInput(
            "the records to learn from",
            [Problem("records", "too_few", found, "at least one pair in a block")],
        )
    u = [{level.id: float(level.u) for level in comparison.levels} for comparison in model.comparisons]
    m = [{level.id: float(level.m) for level in comparison.levels} for comparison in model.comparisons]
    near_u = [u] * len(patterns)
    matched = [0.5] * len(patterns)
    change, rounds = 1.0, 0
    while change > _STEADY and rounds < _ROUNDS:
        rounds += 1
        same: dict[Levels, float] = defaultdict(float)
        before, old = list(matched), m
        for place, counts in enumerate(patterns):
            of_key = {
                pattern: count * _posterior(pattern, m, near_u[place], matched[place])
                for pattern, count in counts.items()
            }
            matched[place] = min(0.999, max(0.001, sum(of_key.values()) / counts.total()))
            near_u[place] = _shares(
                model, {pattern: counts[pattern] - weight for pattern, weight in of_key.items()}, "u"
            )
            for pattern, weight in of_key.items():
                same[pattern] += weight
        m = _shares(model, same, "m")
        change = max(
            *(abs(one - other) for one, other in zip(matched, before, strict=True)),
            *(abs(one[key] - other[key]) for one, other in zip(m, old, strict=True) for key in one),
        )
    return Learnt(
        model=_with(model, m),
        pairs=pairs,
        matched=sum(share * counts.total() for share, counts in zip(matched, patterns, strict=True)) / pairs,
        rounds=rounds,
        settled=change <= _STEADY,
    )


def _patterns(matcher: Matcher, normalised: Sequence[Mapping[str, str]]) -> list[Counter[Levels]]:
    """The levels of the pairs of each blocking key that has any, those of the key's own fields left out."""
    found = []
    for key in matcher.model.blocking:
        own = {part.field for part in key.parts}
        shown = [comparison.field not in own for comparison in matcher.model.comparisons]
        near = candidates(normalised, (key,), generic=matcher.generic_domains).pairs
        levels = (matcher.levels(normalised[left], normalised[right]) for left, right in near)
        counts = Counter(
            tuple(level if show else None for level, show in zip(pattern, shown, strict=True))
            for pattern in levels
        )
        if counts:
            found.append(counts)
    return found


Shares = list[dict[str, float]]


def _shares(model: MatchModel, weights: Mapping[Levels, float], name: str) -> Shares:
    """The share of each level among the pairs where both values are there, one pair of the old model beside them."""
    shares = []
    for place, comparison in enumerate(model.comparisons):
        counts = {level.id: float(getattr(level, name)) for level in comparison.levels}
        for pattern, weight in weights.items():
            if (level := pattern[place]) is not None:
                counts[level] += weight
        total = sum(counts.values())
        shares.append({key: count / total for key, count in counts.items()})
    return shares


def _posterior(pattern: Levels, m: Shares, u: Shares, matched: float) -> float:
    """The probability that a pair on these levels is the same."""
    same = matched * prod(m[place][level] for place, level in enumerate(pattern) if level is not None)
    other = (1 - matched) * prod(u[place][level] for place, level in enumerate(pattern) if level is not None)
    return same / (same + other)


def _with(model: MatchModel, m: Shares) -> MatchModel:
    """The model with other `m`: six places each, none 0, so that the sum is 1 to within the lint's thousandth."""
    return attrs.evolve(
        model,
        version=model.version + 1,
        comparisons=tuple(
            attrs.evolve(
                comparison,
                levels=tuple(
                    attrs.evolve(level, m=max(_PLACES, Decimal(shares[level.id]).quantize(_PLACES)))
                    for level in comparison.levels
                ),
            )
            for comparison, shares in zip(model.comparisons, m, strict=True)
        ),
    )
