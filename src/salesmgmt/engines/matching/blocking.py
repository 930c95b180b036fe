"""Blocking: which pairs of records are worth comparing, so that the cost grows with the records, not their square.

Only records that share a value of at least one key are compared. Source: Newcombe et al. 1959, Science 130(3381).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from itertools import combinations, product
from types import MappingProxyType

import attrs

from salesmgmt.engines.matching.normalise import GENERIC_MAIL_DOMAINS, private_domain
from salesmgmt.engines.matching.similarity import soundex

LARGEST_BLOCK = 100
"""Records that one block holds at most, unless the key says otherwise."""


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
    SOUNDEX = "soundex"
    """The American Soundex code of the last word: a family name."""
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
        largest: a block of more records is not compared; it is reported instead.
    """

    id: str
    parts: tuple[KeyPart, ...]
    largest: int = LARGEST_BLOCK

    def values(self, record: Mapping[str, str], generic: Collection[str]) -> Iterable[tuple[str, ...]]:
        """Return the values of this key for one record of normalised fields."""
        parts = [_TAKERS[part.take](record.get(part.field, ""), generic) for part in self.parts]
        return product(*parts)


@attrs.frozen(kw_only=True)
class SkippedBlock:
    """A block that was too large to compare: its records met only through other keys.

    Attributes:
        key: id of the blocking key.
        value: the value that the records share.
        size: how many records share it.
    """

    key: str
    value: tuple[str, ...]
    size: int


@attrs.frozen(kw_only=True)
class Candidates:
    """The pairs that are worth comparing.

    Attributes:
        pairs: positions of two records each, the smaller one first, in order.
        skipped: the blocks that were too large.
    """

    pairs: tuple[tuple[int, int], ...]
    skipped: tuple[SkippedBlock, ...]


def candidates(
    records: Sequence[Mapping[str, str]],
    keys: Iterable[BlockingKey],
    *,
    generic: Collection[str] = GENERIC_MAIL_DOMAINS,
) -> Candidates:
    """Return the pairs that share a block of at least one key.

    Args:
        records: normalised values by field.
        keys: the blocking keys; their blocks are united.
        generic: mail domains that make no block.

    >>> from salesmgmt.engines.matching import BlockingKey, KeyPart, candidates
    >>> key = BlockingKey(id="town", parts=(KeyPart(field="town"),))
    >>> candidates([{"town": "bonn"}, {"town": "jena"}, {"town": "bonn"}], [key]).pairs
    ((0, 2),)
    """
    pairs: set[tuple[int, int]] = set()
    skipped: list[SkippedBlock] = []
    for key in keys:
        blocks: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for position, record in enumerate(records):
            for value in key.values(record, generic):
                blocks[value].append(position)
        for value, members in blocks.items():
            if len(members) > key.largest:
                skipped.append(SkippedBlock(key=key.id, value=value, size=len(members)))
            else:
                pairs.update(combinations(members, 2))
    return Candidates(pairs=tuple(sorted(pairs)), skipped=tuple(skipped))


def _some(value: str) -> tuple[str, ...]:
    return (value,) if value else ()


_TAKERS: Mapping[Take, Callable[[str, Collection[str]], tuple[str, ...]]] = MappingProxyType(
    {
        Take.WHOLE: lambda value, _: _some(value),
        Take.PRIVATE_DOMAIN: lambda value, generic: _some(private_domain(value, generic)),
        Take.INITIAL: lambda value, _: _some(value[:1]),
        Take.FIRST_WORD: lambda value, _: tuple(value.split()[:1]),
        Take.WORDS: lambda value, _: tuple(dict.fromkeys(w for w in value.split() if len(w) >= 3)),
        Take.SOUNDEX: lambda value, _: _some(soundex(value.split()[-1])) if value else (),
        Take.LAST_7: lambda value, _: (value[-7:],) if len(value) >= 7 else (),
    }
)
