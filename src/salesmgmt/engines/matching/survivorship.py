"""Survivorship: which record each field of a merged record is taken from, and what that leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, SalesError, option, shorten
from salesmgmt.core.nearest import nearest


class Keep(StrEnum):
    """Which value of a field survives a merge; records are ranked, the survivor first."""

    SURVIVOR = "survivor"
    """The survivor's, even when it is empty."""
    FIRST_NON_EMPTY = "first_non_empty"
    """The first that is not empty, in the order of rank."""
    NEWEST = "newest"
    """The one of the record made last, among those not empty."""
    OLDEST = "oldest"
    """The one of the record made first, among those not empty."""
    LONGEST = "longest"
    """The one with most characters; the better ranked of two equally long ones."""
    SMALLEST = "smallest"
    """The smallest that is not empty: the earliest of instants."""
    LARGEST = "largest"
    """The largest that is not empty: the highest priority, a consent that anybody withdrew."""
    MOST_FILLED = "most_filled"
    """The mapping with most entries that are not empty; for fields taken together, the record with most of them."""
    UNION = "union"
    """For mappings, sets and tuples: all of them; of a key that several have, the better ranked one's value."""
    JOIN = "join"
    """For texts: all that are not empty, in the order of rank, a blank line between."""
    GIVEN = "given"
    """What was given with the merge, whatever the records have."""


@attrs.frozen(kw_only=True)
class FieldRule:
    """Which value of one field survives.

    Attributes:
        keep: the rule.
        order: for `smallest` and `largest` of words: the words from the smallest to the largest.
        unless: a field: when the survivor has something there, neither empty nor 0, this field is left empty.
        sort_by: for the union of tuples: the attribute by which their members are put in order.

    >>> from salesmgmt.engines.matching import FieldRule, Keep
    >>> FieldRule(keep=Keep.LARGEST, order=("lead", "opportunity")).order
    ('lead', 'opportunity')
    """

    keep: Keep
    order: tuple[str, ...] = ()
    unless: str | None = None
    sort_by: str | None = None


def _rules(value: Mapping[str, FieldRule | Keep]) -> Mapping[str, FieldRule]:
    return {
        name: rule
        if isinstance(rule, FieldRule)
        else FieldRule(keep=option(Keep, rule, f"the rule of {name}"))
        for name, rule in value.items()
    }


@attrs.frozen(kw_only=True)
class Candidate:
    """A record that takes part in a merge.

    Attributes:
        id: of the record.
        made_at: when it was made, for `newest` and `oldest`; a record without it is older than any other.
        values: its fields.
    """

    id: str
    made_at: datetime | None = None
    values: Mapping[str, Any]


@attrs.frozen(kw_only=True)
class Choice:
    """What became of one field in a merge.

    Attributes:
        field: the field.
        value: the value that survives.
        source: id of the record it comes from; for a union, of the best ranked record that gave something; empty for a
            value that was given with the merge.
        keep: the rule that chose it.
        parts: for a union of mappings, what became of each key, as `field.key`.
        left_behind: ids of the records whose value was neither empty nor the one that survives.
        sources: ids of all records that gave something, by rank.
    """

    field: str
    value: Any
    source: str
    keep: Keep
    parts: tuple[Choice, ...] = ()
    left_behind: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


class UnknownField(SalesError, LookupError):
    """A rule of survivorship names a field that the records do not have.

    Attributes:
        field: the name.
        known: the fields that there are.
    """

    code = "unknown_field"

    def __init__(self, field: str, known: Sequence[str]) -> None:
        close = nearest(field, known)
        super().__init__(
            f"there is no field {shorten(field)} to merge",
            hint=f"did you mean {close!r}?" if close else f"known are {', '.join(known)}",
        )
        self.field = field
        self.known = tuple(known)


@attrs.frozen(kw_only=True)
class Survivorship:
    """Which rule holds for which field.

    Attributes:
        default: the rule of fields that are not named.
        fields: the rule of each named field; `Keep` alone will do where no more is to be said.
        together: groups of fields that are taken from one record as a whole (source and campaign, an address); the
            rule of the first field of a group chooses the record.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.engines.matching.survivorship import Candidate, Keep, Survivorship
    >>> rules = Survivorship(fields={"name": Keep.LONGEST})
    >>> records = [Candidate(id=id_, made_at=datetime(2026, 1, day, tzinfo=UTC), values={"name": name, "phone": phone})
    ...            for id_, day, name, phone in [("a", 1, "Li", ""), ("b", 2, "Li Wei", "555")]]
    >>> [(choice.field, choice.value, choice.source) for choice in rules.choose(records)]
    [('name', 'Li Wei', 'b'), ('phone', '555', 'b')]
    """

    default: Keep = Keep.FIRST_NON_EMPTY
    fields: Mapping[str, FieldRule] = attrs.field(factory=dict, converter=_rules)
    together: tuple[tuple[str, ...], ...] = ()

    def choose(self, records: Sequence[Candidate]) -> tuple[Choice, ...]:
        """Choose the value of every field of `records`.

        Args:
            records: the survivor first, then the others by rank; all with the same fields.

        Raises:
            UnknownField: a rule names a field that the records do not have.
            InvalidInput: values of a field cannot be ordered, or united, as its rule asks, or the records have different
                fields.
        """
        names = list(records[0].values)
        _require_same_fields(records)
        for name in self.named:
            if name not in records[0].values:
                raise UnknownField(name, names)
        groups = {group[0]: group for group in self.together if group}
        leaders = {name: group[0] for group in groups.values() for name in group[1:]}
        chosen = {
            name: self._choose(name, groups.get(name, (name,)), records)
            for name in names
            if name not in leaders
        }
        for name in names:
            if name in leaders:
                leader = chosen[leaders[name]]
                record = next(record for record in records if record.id == leader.source)
                chosen[name] = _choice(name, leader.keep, record, records)
        return tuple(chosen[name] for name in names)

    @property
    def named(self) -> tuple[str, ...]:
        """Every field that a rule or a group names, once each."""
        unless = (rule.unless for rule in self.fields.values() if rule.unless is not None)
        return tuple(
            dict.fromkeys((*self.fields, *unless, *(name for group in self.together for name in group)))
        )

    def _choose(self, name: str, group: tuple[str, ...], records: Sequence[Candidate]) -> Choice:
        rule = self.fields.get(name) or FieldRule(keep=self.default)
        first = records[0]
        if rule.unless is not None and _says_something(first.values[rule.unless]):
            blank = attrs.evolve(first, values={**first.values, name: _blank(first.values[name])})
            return _choice(name, rule.keep, blank, records)
        filled = [record for record in records if any(not is_empty(record.values[each]) for each in group)]
        if rule.keep is Keep.MOST_FILLED and filled:
            return _choice(name, rule.keep, max(filled, key=lambda one: _filled(one, group)), records)
        filled = [record for record in filled if not is_empty(record.values[name])]
        if rule.keep is Keep.SURVIVOR or not filled:
            return _choice(name, rule.keep, first, records)
        try:
            return _combined(name, rule, filled) or _choice(
                name, rule.keep, _best(name, rule, filled), records
            )
        except (TypeError, AttributeError, ArithmeticError) as error:
            found = ", ".join(shorten(record.values[name], 30) for record in filled[:5])
            wanted = f"values that {rule.keep} can be taken of, all of one kind"
            raise InvalidInput("the merge", [Problem(name, "not_comparable", found, wanted)]) from error


def _require_same_fields(records: Sequence[Candidate]) -> None:
    wanted = records[0].values.keys()
    problems = [
        Problem(
            record.id,
            "other_fields",
            f"without {', '.join(missing)}"
            if (missing := sorted(wanted - keys))
            else ", ".join(keys - wanted),
            "the fields of the other records",
        )
        for record in records
        if (keys := record.values.keys()) != wanted
    ]
    if problems:
        raise InvalidInput("the merge", problems)


def is_empty(value: object) -> bool:
    """Whether a field says nothing: `None`, a text of blanks, or a collection without members."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, Collection) and not value)


def _says_something(value: object) -> bool:
    return not is_empty(value) and bool(value)


def _blank(value: object) -> object:
    if isinstance(value, str):
        return ""
    if isinstance(value, Mapping):
        return {}
    if isinstance(value, frozenset):
        return frozenset()
    if isinstance(value, (int, Decimal)):
        return type(value)(0)
    return () if isinstance(value, tuple) else None


def _filled(record: Candidate, group: tuple[str, ...]) -> int:
    """How many parts of the fields are not empty; an entry of a mapping is a part."""
    return sum(
        sum(not is_empty(entry) for entry in value.values())
        if isinstance(value := record.values[name], Mapping)
        else not is_empty(value)
        for name in group
    )


def _combined(name: str, rule: FieldRule, filled: Sequence[Candidate]) -> Choice | None:
    if rule.keep is Keep.UNION:
        return _union(name, filled, rule.sort_by)
    if rule.keep is Keep.JOIN:
        texts = dict.fromkeys(record.values[name].strip() for record in filled)
        return Choice(
            field=name,
            value="\n\n".join(texts),
            source=filled[0].id,
            keep=Keep.JOIN,
            sources=tuple(record.id for record in filled),
        )
    return None


def _best(name: str, rule: FieldRule, filled: Sequence[Candidate]) -> Candidate:
    # `min` and `max` keep the first of equals, which is the better ranked one.
    if rule.keep is Keep.NEWEST:
        return max(filled, key=_made)
    if rule.keep is Keep.OLDEST:
        return min(filled, key=_made)
    if rule.keep is Keep.LONGEST:
        return max(filled, key=lambda record: len(str(record.values[name])))
    if rule.keep in {Keep.SMALLEST, Keep.LARGEST}:
        size = _size(name, rule.order)
        return min(filled, key=size) if rule.keep is Keep.SMALLEST else max(filled, key=size)
    return filled[0]


def _made(record: Candidate) -> datetime:
    return record.made_at or datetime.min.replace(tzinfo=UTC)


def _size(name: str, order: tuple[str, ...]) -> Callable[[Candidate], Any]:
    places = {word: place for place, word in enumerate(order)}
    if order:
        return lambda record: places.get(str(record.values[name]), -1)
    return lambda record: record.values[name]


def _choice(name: str, keep: Keep, record: Candidate, records: Sequence[Candidate]) -> Choice:
    value = record.values[name]
    left_behind = tuple(
        other.id for other in records if not is_empty(other.values[name]) and other.values[name] != value
    )
    return Choice(
        field=name, value=value, source=record.id, keep=keep, left_behind=left_behind, sources=(record.id,)
    )


def _union(name: str, filled: Sequence[Candidate], sort_by: str | None) -> Choice:
    first = filled[0].values[name]
    sources = tuple(record.id for record in filled)
    if not isinstance(first, Mapping):
        if not all(isinstance(record.values[name], (frozenset, set, tuple, list)) for record in filled):
            raise TypeError("no collections")
        everything: Any = dict.fromkeys(member for record in filled for member in record.values[name])
        if sort_by is not None:
            everything = sorted(everything, key=lambda member: getattr(member, sort_by))
        kind = tuple if isinstance(first, (tuple, list)) else frozenset
        return Choice(
            field=name, value=kind(everything), source=filled[0].id, keep=Keep.UNION, sources=sources
        )
    merged = {key: None for record in filled for key in record.values[name]}
    parts: dict[str, Choice] = {}
    for key in merged:
        having = [
            attrs.evolve(record, values={f"{name}.{key}": record.values[name][key]})
            for record in filled
            if key in record.values[name]
        ]
        best = next((one for one in having if not is_empty(one.values[f"{name}.{key}"])), having[0])
        parts[key] = _choice(f"{name}.{key}", Keep.UNION, best, having)
    return Choice(
        field=name,
        value={key: part.value for key, part in parts.items()},
        source=filled[0].id,
        keep=Keep.UNION,
        parts=tuple(parts.values()),
        sources=sources,
    )
