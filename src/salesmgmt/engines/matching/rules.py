"""Duplicates by rules alone, as many products find them: no weights, one direction, and why.

A rule is read from the record that asks: it finds the others that have what the rule wants. A name of which another is a
part finds fewer than the part does, so that the answers of two records may differ.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path

import attrs

from salesmgmt.core.definition import load_definition
from salesmgmt.core.errors import shorten
from salesmgmt.core.findings import Finding, duplicate_ids, refuse_errors
from salesmgmt.engines.matching.clusters import clusters
from salesmgmt.engines.matching.normalise import (
    GENERIC_MAIL_DOMAINS,
    LONGEST,
    Normaliser,
    checked_texts,
    mailbox,
    mailbox_domain,
)


class RuleKind(StrEnum):
    """What a rule asks of the other record."""

    SAME = "same"
    """The same normalised value."""
    CONTAINED = "contained"
    """That this record's text is a part of the other's, whatever the case of both."""
    SAME_ADDRESS = "same_address"
    """The same mail address, whatever the case and the name before it."""
    SAME_DOMAIN = "same_domain"
    """A mail address of the same domain, unless anybody can have one there."""
    CONTAINED_NO_ADDRESS = "contained_no_address"
    """That this record's text, which is no mail address, is a part of the other's."""


MOST_FOUND = 1_000
"""The largest `at_most` of a rule: what is found is kept in memory, for each record that asks."""

_CONTAINED = frozenset({RuleKind.CONTAINED, RuleKind.CONTAINED_NO_ADDRESS})


@attrs.frozen(kw_only=True)
class DuplicateRule:
    """One rule.

    Attributes:
        id: name of the rule, as an answer shows it.
        kind: what it asks.
        fields: the fields it reads; of several the first that is filled counts, in each record.
        normalise: how the values are brought to one form, for `same`.
        min_length: characters that this record's text, or the mail address in it, must have before the rule asks at all.
        at_most: when more others answer than this, the rule was no help and finds none of them; it is told. Without a
            bound, records that are all alike would find each other, every one all the others.
    """

    id: str
    kind: RuleKind
    fields: tuple[str, ...]
    normalise: Normaliser = Normaliser.TEXT
    min_length: int = 1
    at_most: int = 100


@attrs.frozen(kw_only=True)
class Found:
    """What the rules found.

    Attributes:
        others: by the id of each record that found any: the ids it found, in order, with the rules that found each.
        unhelpful: by rule, the ids of the records for which it found more than it may.
    """

    others: Mapping[str, Mapping[str, tuple[str, ...]]]
    unhelpful: Mapping[str, tuple[str, ...]]

    def of(self, record: str) -> tuple[str, ...]:
        """Return the ids that a record found, in order; it is not among them."""
        return tuple(self.others.get(record, ()))

    def why(self, record: str, other: str) -> tuple[str, ...]:
        """Return the rules by which a record found another one."""
        return self.others.get(record, {}).get(other, ())

    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Return the groups of ids that hang together, in whatever direction they found each other."""
        return clusters((record, other) for record, found in self.others.items() for other in found)


@attrs.frozen(kw_only=True)
class DuplicateRules:
    """A set of rules: load it, then compile it once. Whatever any of them finds is a duplicate.

    Attributes:
        id: name of the set.
        version: of the definition.
        rules: the rules.
        generic_domains: mail domains where anybody can have an address.
        usual_generic_domains: count the usual ones (`GENERIC_MAIL_DOMAINS`) among them.

    >>> from salesmgmt.engines.matching import DuplicateRule, DuplicateRules, RuleKind
    >>> rules = DuplicateRules(id="names", rules=(
    ...     DuplicateRule(id="name", kind=RuleKind.CONTAINED, fields=("company",), min_length=6),))
    >>> found = rules.compile().find({"a": {"company": "Belcor"}, "b": {"company": "BELCOR Motors"}})
    >>> found.of("a"), found.of("b"), found.why("a", "b")
    (('b',), (), ('name',))
    """

    id: str
    version: int = 1
    rules: tuple[DuplicateRule, ...]
    generic_domains: tuple[str, ...] = ()
    usual_generic_domains: bool = True

    @classmethod
    def load(cls, path: Path | str) -> DuplicateRules:
        """Read a set of rules from a TOML file.

        Raises:
            InvalidInput: the file is no such definition; all problems are listed.
            InvalidDefinition: the rules cannot work; all findings are listed.
        """
        rules = load_definition(path, cls)
        refuse_errors(f"duplicate rules {rules.id}", rules.lint())
        return rules

    def compile(self) -> RuleFinder:
        """Return the finder of these rules; raises `InvalidDefinition` when they cannot work."""
        refuse_errors(f"duplicate rules {self.id}", self.lint())
        return RuleFinder(self)

    def lint(self) -> Iterable[Finding]:
        """Yield what cannot work in these rules."""
        yield from duplicate_ids("rules", (rule.id for rule in self.rules))
        if not self.rules:
            yield _finding("empty_rule", "rules", "nothing is ever found", "add a rule")
        for rule in self.rules:
            where = f"rules.{rule.id}"
            if not rule.fields:
                yield _finding("empty_rule", where, "it reads no field", "name the fields it reads")
            if not 1 <= rule.min_length <= LONGEST:
                found = f"min_length is {shorten(rule.min_length)}"
                yield _finding("out_of_range", where, found, f"use 1 to {LONGEST}")
            if not 1 <= rule.at_most <= MOST_FOUND:
                found = f"at_most is {shorten(rule.at_most)}"
                yield _finding("out_of_range", where, found, f"use 1 to {MOST_FOUND}")


class RuleFinder:
    """Compiled `DuplicateRules`: immutable and thread-safe.

    Made by `DuplicateRules.compile()`.

    Attributes:
        rules: the definition it was made from.
    """

    __slots__ = ("_generic", "rules")

    def __init__(self, rules: DuplicateRules) -> None:
        self.rules = rules
        usual = GENERIC_MAIL_DOMAINS if rules.usual_generic_domains else frozenset()
        self._generic = usual | frozenset(domain.casefold() for domain in rules.generic_domains)

    def find(self, records: Mapping[str, Mapping[str, str | None]]) -> Found:
        """Return what each record finds among the others.

        The cost grows with the records and with what is found, not with their square; `at_most` bounds what is found.

        Args:
            records: the texts of each record by field, by its id; other fields are ignored.

        Raises:
            InvalidInput: a value is no text; all problems are listed.
        """
        names = {name for rule in self.rules.rules for name in rule.fields}
        texts = checked_texts(records, names)
        others: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        unhelpful: dict[str, tuple[str, ...]] = {}
        for rule in self.rules.rules:
            values = {key: _first(record, rule.fields) for key, record in texts.items()}
            too_many = []
            for record, found in _answers(rule, values, self._generic):
                if len(found) > rule.at_most:
                    too_many.append(record)
                    continue
                for other in found:
                    others[record][other].append(rule.id)
            if too_many:
                unhelpful[rule.id] = tuple(sorted(too_many))
        return Found(
            others={
                record: {other: tuple(others[record][other]) for other in sorted(others[record])}
                for record in sorted(others)
            },
            unhelpful=unhelpful,
        )


def _first(record: Mapping[str, str], fields: tuple[str, ...]) -> str:
    return next((text for name in fields if (text := record.get(name, "").strip())), "")


def _answers(
    rule: DuplicateRule, values: Mapping[str, str], generic: Collection[str]
) -> Iterator[tuple[str, Sequence[str]]]:
    """What each record finds by one rule; a rule that may find few looks no further than one more."""
    if rule.kind in _CONTAINED:
        asking = {
            key: text
            for key, text in values.items()
            if len(text) >= rule.min_length and (rule.kind is RuleKind.CONTAINED or "@" not in text)
        }
        yield from _containing(asking, values, rule.at_most)
        return
    keys = {key: _key(rule, text, generic) for key, text in values.items()}
    blocks: dict[str, list[str]] = defaultdict(list)
    for key, shared in keys.items():
        if shared:
            blocks[shared].append(key)
    for key, shared in keys.items():
        if shared and len(blocks[shared]) > 1 and _length(rule, values[key]) >= rule.min_length:
            members = blocks[shared]
            if len(members) > rule.at_most + 1:
                members = members[: rule.at_most + 2]
            yield key, [other for other in members if other != key]


def _length(rule: DuplicateRule, text: str) -> int:
    """What `min_length` counts: of an address with a name before it, the address alone."""
    return len(text if rule.kind is RuleKind.SAME else mailbox(text) or text)


def _key(rule: DuplicateRule, text: str, generic: Collection[str]) -> str:
    if rule.kind is RuleKind.SAME:
        return rule.normalise(text)
    if rule.kind is RuleKind.SAME_ADDRESS:
        return mailbox(text)
    domain = mailbox_domain(text)
    return "" if domain in generic else domain


_GRAM = 3


def _containing(
    asking: Mapping[str, str], values: Mapping[str, str], at_most: int
) -> Iterator[tuple[str, Sequence[str]]]:
    """Whose text holds another's: only texts that share its rarest three letters are looked at."""
    owners: dict[str, list[str]] = defaultdict(list)
    for key, text in values.items():
        if text:
            owners[text.casefold()[:LONGEST]].append(key)
    texts = list(owners)
    grams: dict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(texts):
        for gram in {text[at : at + _GRAM] for at in range(len(text) - _GRAM + 1)}:
            grams[gram].append(place)
    answers: dict[str, list[str]] = {}
    for key, text in asking.items():
        part = text.casefold()[:LONGEST]
        if part not in answers:
            places: Sequence[int] = range(len(texts))
            for at in range(len(part) - _GRAM + 1):
                places = min(places, grams[part[at : at + _GRAM]], key=len)
            answers[part] = _owners(part, (texts[place] for place in places), owners, at_most)
        if found := [other for other in answers[part] if other != key]:
            yield key, found


def _owners(part: str, texts: Iterable[str], owners: Mapping[str, Sequence[str]], at_most: int) -> list[str]:
    found: list[str] = []
    for text in texts:
        if part in text:
            found.extend(owners[text])
            if len(found) > at_most + 1:
                return found[: at_most + 2]
    return found


def _finding(code: str, where: str, message: str, hint: str) -> Finding:
    return Finding(code=code, where=where, message=message, hint=hint)
