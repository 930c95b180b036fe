"""How the values of one field speak for or against two records being the same: levels with their weights."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

import attrs

from salesmgmt.core.findings import Finding, Severity, duplicate_ids
from salesmgmt.engines.matching.normalise import Normaliser, private_domain
from salesmgmt.engines.matching.similarity import (
    damerau_levenshtein,
    jaro_winkler,
    levenshtein,
    soundex,
    token_jaccard,
)

Agreement: TypeAlias = Callable[[str, str], bool]
"""Whether two normalised values agree on a level."""


class Likeness(StrEnum):
    """What two values of a field must have in common to agree on a level; `at` is the bound where one is needed."""

    EQUAL = "equal"
    """They are the same after normalisation."""
    JARO_WINKLER = "jaro_winkler"
    """Jaro-Winkler similarity of at least `at`."""
    LEVENSHTEIN = "levenshtein"
    """At most `at` edits."""
    DAMERAU_LEVENSHTEIN = "damerau_levenshtein"
    """At most `at` edits, neighbours that changed places counted once."""
    TOKEN_JACCARD = "token_jaccard"  # noqa: S105 - words of a text, no secret
    """A share of common words of at least `at`."""
    SOUNDEX = "soundex"
    """The same American Soundex code."""
    SAME_DOMAIN = "same_domain"
    """Mail addresses of one private domain."""
    SAME_END = "same_end"
    """The shorter number is the end of the longer one, with at least `at` digits; a trunk 0 does not count."""
    SAME_WORDS = "same_words"
    """The same words in whatever order: first and family name changed places."""
    INITIALS = "initials"
    """The same words in whatever order, but that some are given by their first letter alone."""
    ONE_GENERIC = "one_generic"
    """Mail addresses of which exactly one is at a domain where anybody can have one: a private one beside that at work."""
    OTHERWISE = "otherwise"
    """Whatever agrees on no level before."""


_WITHOUT_BOUND = frozenset(
    {
        Likeness.EQUAL,
        Likeness.SOUNDEX,
        Likeness.SAME_DOMAIN,
        Likeness.SAME_WORDS,
        Likeness.INITIALS,
        Likeness.ONE_GENERIC,
        Likeness.OTHERWISE,
    }
)
_SHARES = frozenset({Likeness.JARO_WINKLER, Likeness.TOKEN_JACCARD})


@attrs.frozen(kw_only=True)
class Level:
    """One degree of agreement, with how often it is met.

    Attributes:
        id: name of the level, as an explanation shows it.
        like: what the values must have in common.
        at: the bound of `like`: a share from 0 to 1, a number of edits, or a number of digits.
        m: probability that two records of the same thing are on this level.
        u: probability that two records of different things are.
        by_frequency: take the share of records that have the very value in place of `u` where it is larger: that two people
            are called Smith says less than that two are called Zbrzezny (Newcombe et al. 1959; Winkler 1989).

    >>> from salesmgmt.engines.matching import Level, Likeness
    >>> Level(id="same", like=Likeness.EQUAL, m=Decimal("0.8"), u=Decimal("0.1")).bits
    3.0
    """

    id: str
    like: Likeness
    at: Decimal | None = None
    m: Decimal
    u: Decimal
    by_frequency: bool = False

    @property
    def bits(self) -> float:
        """The weight of evidence, log2(m / u) (Fellegi & Sunter 1969)."""
        return math.log2(self.m / self.u)

    def agreement(self, generic_domains: Collection[str] = frozenset()) -> Agreement:
        """Return the test of this level as a function of two normalised values."""
        if self.like is Likeness.SAME_DOMAIN:
            return _SameDomain(frozenset(generic_domains))
        if self.like is Likeness.ONE_GENERIC:
            return _OneGeneric(frozenset(generic_domains))
        bound = float(self.at) if self.at is not None else 0.0
        return _Bounded(_TESTS[self.like], bound)


@attrs.frozen(kw_only=True)
class FieldWeight:
    """What one field contributed to the weight of a match.

    Attributes:
        field: the field.
        level: the level that the values agree on; `None` when a value is missing.
        bits: the weight of evidence; 0 when a value is missing.
        share: the share of records with this value that stands for `u`; `None` where the model's own `u` does.
    """

    field: str
    level: str | None
    bits: float
    share: float | None = None


@attrs.frozen(kw_only=True)
class Comparison:
    """How one field is compared: the first level that agrees counts, so the strictest comes first.

    Attributes:
        field: name of the field in the records.
        normalise: how its values are brought to one form.
        levels: from the strictest to the last one, which is `otherwise`.
    """

    field: str
    normalise: Normaliser = Normaliser.TEXT
    levels: tuple[Level, ...]

    def lint(self) -> Iterable[Finding]:
        """Yield what cannot work: missing or unreachable levels, and probabilities that are none."""
        where = f"comparisons.{self.field}"
        if [level.like for level in self.levels].count(Likeness.OTHERWISE) != 1 or (
            self.levels[-1].like is not Likeness.OTHERWISE
        ):
            yield Finding(
                code="no_last_level",
                where=where,
                message="the levels do not end in one that takes whatever is left",
                hint='give the last level like = "otherwise", and no other',
            )
        yield from duplicate_ids(where, (level.id for level in self.levels))
        for level in self.levels:
            yield from _faults(f"{where}.{level.id}", level)
            if level.by_frequency and level.like is not Likeness.EQUAL:
                yield Finding(
                    code="no_frequency",
                    where=f"{where}.{level.id}.by_frequency",
                    message=f"values that are {level.like} have no one frequency",
                    hint='leave by_frequency to the level with like = "equal"',
                )
        yield from self._unreachable(where)
        for name, total in (
            ("m", sum((level.m for level in self.levels), Decimal(0))),
            ("u", sum((level.u for level in self.levels), Decimal(0))),
        ):
            if abs(total - 1) > Decimal("0.001"):
                yield Finding(
                    code="not_a_distribution",
                    where=where,
                    message=f"{name} adds up to {total} over the levels",
                    hint=f"let the {name} of all levels add up to 1",
                )

    def _unreachable(self, where: str) -> Iterable[Finding]:
        for index, level in enumerate(self.levels):
            for earlier in self.levels[:index]:
                if earlier.like is level.like and (
                    earlier.at is None or level.at is None or _takes_all(earlier, level)
                ):
                    yield Finding(
                        code="unreachable_level",
                        where=f"{where}.{level.id}",
                        message=f"level {earlier.id} takes everything that would come here",
                        hint="put the stricter level first",
                    )


def _takes_all(earlier: Level, later: Level) -> bool:
    if earlier.at is None or later.at is None:
        return True
    closer_is_larger = earlier.like in _SHARES or earlier.like is Likeness.SAME_END
    return earlier.at <= later.at if closer_is_larger else earlier.at >= later.at


def _faults(where: str, level: Level) -> Iterable[Finding]:
    for name, value in (("m", level.m), ("u", level.u)):
        if not 0 < value <= 1:
            yield Finding(
                code="not_a_probability",
                where=f"{where}.{name}",
                message=f"{value} is not above 0 and at most 1",
                hint="use a small probability such as 0.0001 in place of 0",
            )
    if level.like in _WITHOUT_BOUND:
        if level.at is not None:
            yield Finding(
                code="bound_unused",
                where=f"{where}.at",
                message=f"{level.like} reads no bound",
                hint="remove at",
                severity=Severity.WARNING,
            )
    elif level.at is None or level.at < 0 or (level.like in _SHARES and level.at > 1):
        wanted = "a share from 0 to 1" if level.like in _SHARES else "a whole number"
        yield Finding(
            code="bound_missing",
            where=f"{where}.at",
            message=f"{level.like} needs a bound and has {level.at}",
            hint=f"write at = {wanted}",
        )


def prior_weight(probability: Decimal | float) -> float:
    """Return the weight before any field is compared, log2(p / (1 - p)), in bits.

    Args:
        probability: that two records taken at random are the same thing, above 0 and below 1.

    >>> from salesmgmt.engines.matching import prior_weight
    >>> prior_weight(0.5)
    0.0
    """
    share = float(probability)
    return math.log2(share / (1 - share))


def match_weight(prior: float, fields: Iterable[float]) -> float:
    """Return the weight of a match in bits: the prior weight and the weights of the fields, added.

    Source: Fellegi & Sunter 1969, Journal of the American Statistical Association 64(328).

    >>> from salesmgmt.engines.matching import match_weight
    >>> match_weight(-3.0, [5.0, 0.0, -1.0])
    1.0
    """
    return math.fsum((prior, *fields))


def match_probability(weight: float) -> float:
    """Return the probability that a weight in bits stands for, 2^w / (1 + 2^w), for weights of any size.

    >>> from salesmgmt.engines.matching import match_probability
    >>> match_probability(0.0), match_probability(5000.0)
    (0.5, 1.0)
    """
    if weight >= 0:
        return 1 / (1 + 2 ** -min(weight, 1000.0))
    odds: float = 2 ** max(weight, -1000.0)
    return odds / (1 + odds)


def _same_end(left: str, right: str, digits: float) -> bool:
    short, long = sorted((left.lstrip("+0"), right.lstrip("+0")), key=len)
    return len(short) >= digits and long.endswith(short)


def _initials_agree(left: list[str], right: list[str]) -> bool:
    """Whether each word has a partner: itself, or its first letter; one whole word must be common."""
    if len(left) != len(right) or not (common := set(left) & set(right)) - set(map(_first_letter, left)):
        return False
    mine = sorted((word for word in left if word not in common), key=_first_letter)
    yours = sorted((word for word in right if word not in common), key=_first_letter)
    return len(mine) == len(yours) and all(
        one[0] == other[0] and 1 in {len(one), len(other)} for one, other in zip(mine, yours, strict=True)
    )


def _first_letter(word: str) -> str:
    return word[:1]


def _far_apart(left: str, right: str, edits: float) -> bool:
    """Whether two texts differ in more characters than `edits` can mend, whatever their order.

    Nearly all pairs do, and the table of an edit distance costs a hundred times as much.
    """
    if abs(len(left) - len(right)) > edits:
        return True
    mine, yours = Counter(left), Counter(right)
    return max((mine - yours).total(), (yours - mine).total()) > edits


_TESTS: Mapping[Likeness, Callable[[str, str, float], bool]] = MappingProxyType(
    {
        Likeness.EQUAL: lambda left, right, _: left == right,
        Likeness.JARO_WINKLER: lambda left, right, at: jaro_winkler(left, right) >= at,
        Likeness.LEVENSHTEIN: lambda left, right, at: (
            not _far_apart(left, right, at) and levenshtein(left, right) <= at
        ),
        Likeness.DAMERAU_LEVENSHTEIN: lambda left, right, at: (
            not _far_apart(left, right, at) and damerau_levenshtein(left, right) <= at
        ),
        Likeness.TOKEN_JACCARD: lambda left, right, at: token_jaccard(left, right) >= at,
        Likeness.SOUNDEX: lambda left, right, _: soundex(left) == soundex(right) != "",
        Likeness.SAME_END: _same_end,
        Likeness.SAME_WORDS: lambda left, right, _: sorted(left.split()) == sorted(right.split()),
        Likeness.INITIALS: lambda left, right, _: _initials_agree(left.split(), right.split()),
        Likeness.OTHERWISE: lambda *_: True,
    }
)


@attrs.frozen
class _Bounded:
    """A test of the table with its bound."""

    test: Callable[[str, str, float], bool]
    bound: float

    def __call__(self, left: str, right: str) -> bool:
        return self.test(left, right, self.bound)


@attrs.frozen
class _SameDomain:
    """Whether two addresses share a private domain."""

    generic: frozenset[str]

    def __call__(self, left: str, right: str) -> bool:
        domain = private_domain(left, self.generic)
        return domain != "" and domain == private_domain(right, self.generic)


@attrs.frozen
class _OneGeneric:
    """Whether exactly one of two addresses is at a generic domain."""

    generic: frozenset[str]

    def __call__(self, left: str, right: str) -> bool:
        return (private_domain(left, self.generic) == "") is not (private_domain(right, self.generic) == "")
