"""Blocking: which pairs of records are worth comparing, so that the cost grows with the records, not their square.

Only records that share a value of at least one key are compared. Source: Newcombe et al. 1959, Science 130(3381).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from itertools import combinations, product
from types import MappingProxyType

import attrs

from salesmgmt.engines.matching.normalise import GENERIC_MAIL_DOMAINS, private_domain
from salesmgmt.engines.matching.similarity import soundex

LARGEST_BLOCK = 100
"""Records of one block that are all compared with each other, unless the key says otherwise."""


class Take(StrEnum):
    """Which part of a normalised value a key takes."""

    WHOLE = "whole"
    """All of it."""
    PRIVATE_DOMAIN = "private_domain"
    """The domain of a mail address, unless anybody can have an address there."""
    INITIAL = "initial"
    """The first character."""
    FIRST_WORD = "first_word"
    """The first word: the distinguishing one of most company names."""
    WORDS = "words"
    """Each word of three characters or more gives a block."""
    SORTED_WORDS = "sorted_words"
    """All words in alphabetical order: a name whose parts changed places."""
    INITIALS = "initials"
    """The first letters of all words, in alphabetical order."""
    SOUNDEX = "soundex"
    """The American Soundex code of the last word: a family name."""
    SOUNDEX_WORDS = "soundex_words"
    """The American Soundex code of each word of two characters or more gives a block."""
    LAST_7 = "last_7"
    """The last seven characters: a phone number with or without its prefix."""


@attrs.frozen(kw_only=True)
class KeyPart:
    """A part of a blocking key: a field and what is taken of it."""

    field: str
    take: Take = Take.WHOLE


@attrs.frozen(kw_only=True)
class BlockingKey:
    """A key whose equal values put records into one block; a record without one of its parts is in no block of it.

    Attributes:
        id: name of the key, as a report shows it.
        parts: what makes up the key.
        largest: in a block of more records only neighbours are compared, and it is reported.
    """

    id: str
    parts: tuple[KeyPart, ...]
    largest: int = LARGEST_BLOCK

    def values(self, record: Mapping[str, str], generic: Collection[str]) -> Iterable[tuple[str, ...]]:
        """Return the values of this key for one record of normalised fields."""
        parts = [_TAKERS[part.take](record.get(part.field, ""), generic) for part in self.parts]
        return product(*parts)


@attrs.frozen(kw_only=True)
class OversizeBlock:
    """A block that was too large to compare in full: only neighbours in it were, so that nothing is lost silently.

    Attributes:
        key: id of the blocking key.
        value: the value that the records share.
        size: how many records share it.
        compared: how many of its pairs were compared.
    """

    key: str
    value: tuple[str, ...]
    size: int
    compared: int


@attrs.frozen(kw_only=True)
class Candidates:
    """The pairs that are worth comparing.

    Attributes:
        pairs: positions of two records each, the smaller one first, in order.
        oversize: the blocks that were too large to compare in full.
    """

    pairs: tuple[tuple[int, int], ...]
    oversize: tuple[OversizeBlock, ...]


NEIGHBOURS = 5
"""With how many records after it a record of an oversize block is compared, in the order of each field."""


def candidates(
    records: Sequence[Mapping[str, str]],
    keys: Iterable[BlockingKey],
    *,
    generic: Collection[str] = GENERIC_MAIL_DOMAINS,
) -> Candidates:
    """Return the pairs that share a block of at least one key.

    In a block of more records than its key allows, each record is compared with its neighbours in the order of each field
    (the sorted-neighbourhood method, Hernandez & Stolfo 1995, SIGMOD Record 24(2)), so that the cost stays linear.

    Args:
        records: normalised values by field.
        keys: the blocking keys; their blocks are united.
        generic: mail domains that make no block.

    >>> from salesmgmt.engines.matching import BlockingKey, KeyPart, candidates
    >>> key = BlockingKey(id="town", parts=(KeyPart(field="town"),))
    >>> candidates([{"town": "bonn"}, {"town": "jena"}, {"town": "bonn"}], [key]).pairs
    ((0, 2),)
    """
    count = len(records)
    codes: set[int] = set()  # a pair as one number: a third of the memory of a set of pairs
    oversize: list[OversizeBlock] = []
    for key in keys:
        first: dict[tuple[str, ...], int] = {}
        blocks: dict[tuple[str, ...], list[int]] = {}  # most values come once and need no list
        for position, record in enumerate(records):
            for value in key.values(record, generic):
                if (earlier := first.setdefault(value, position)) == position:
                    continue
                if (members := blocks.get(value)) is None:
                    blocks[value] = [earlier, position]
                else:
                    members.append(position)
        for value, members in blocks.items():
            if len(members) > key.largest:
                near = set(_neighbours(members, records, count))
                codes |= near
                oversize.append(OversizeBlock(key=key.id, value=value, size=len(members), compared=len(near)))
            else:
                codes.update(left * count + right for left, right in combinations(members, 2))
    return Candidates(pairs=tuple(divmod(code, count) for code in sorted(codes)), oversize=tuple(oversize))


def _neighbours(members: Sequence[int], records: Sequence[Mapping[str, str]], count: int) -> Iterable[int]:
    """The pairs of near neighbours among the records of a block, as numbers."""
    for field in records[members[0]]:
        ordered = sorted(
            (place for place in members if records[place].get(field)),
            key=lambda place: (records[place][field], place),
        )
        for at, place in enumerate(ordered):
            for other in ordered[at + 1 : at + 1 + NEIGHBOURS]:
                yield min(place, other) * count + max(place, other)


def _some(value: str) -> tuple[str, ...]:
    return (value,) if value else ()


_TAKERS: Mapping[Take, Callable[[str, Collection[str]], tuple[str, ...]]] = MappingProxyType(
    {
        Take.WHOLE: lambda value, _: _some(value),
        Take.PRIVATE_DOMAIN: lambda value, generic: _some(private_domain(value, generic)),
        Take.INITIAL: lambda value, _: _some(value[:1]),
        Take.FIRST_WORD: lambda value, _: tuple(value.split()[:1]),
        Take.WORDS: lambda value, _: tuple(dict.fromkeys(w for w in value.split() if len(w) >= 3)),
        Take.SORTED_WORDS: lambda value, _: _some(" ".join(sorted(value.split()))),
        Take.INITIALS: lambda value, _: _some("".join(sorted(word[0] for word in value.split()))),
        Take.SOUNDEX_WORDS: lambda value, _: tuple(
            dict.fromkeys(code for word in value.split() if len(word) >= 2 and (code := soundex(word)))
        ),
        Take.SOUNDEX: lambda value, _: _some(soundex(value.split()[-1])) if value else (),
        Take.LAST_7: lambda value, _: (value[-7:],) if len(value) >= 7 else (),
    }
)
