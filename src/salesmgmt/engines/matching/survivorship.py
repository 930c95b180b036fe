"""Survivorship: which record each field of a merged record is taken from, and what that leaves behind."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import attrs

from salesmgmt.core.errors import SalesError, shorten
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
    UNION = "union"
    """For mappings and sets: all of them; of a key that several have, the better ranked one's value."""


def _fields(value: Mapping[str, Keep]) -> Mapping[str, Keep]:
    return {name: Keep(rule) for name, rule in value.items()}


@attrs.frozen(kw_only=True)
class Candidate:
    """A record that takes part in a merge.

    Attributes:
        id: of the record.
        made_at: when it was made, for `newest` and `oldest`.
        values: its fields.
    """

    id: str
    made_at: datetime
    values: Mapping[str, Any]


@attrs.frozen(kw_only=True)
class Choice:
    """What became of one field in a merge.

    Attributes:
        field: the field.
        value: the value that survives.
        source: id of the record it comes from; for a union, of the best ranked record that gave something.
        keep: the rule that chose it.
        parts: for a union of mappings, what became of each key, as `field.key`.
        left_behind: ids of the records whose value was neither empty nor the one that survives.
    """

    field: str
    value: Any
    source: str
    keep: Keep
    parts: tuple[Choice, ...] = ()
    left_behind: tuple[str, ...] = ()


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
        fields: the rule of each named field.
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
    fields: Mapping[str, Keep] = attrs.field(factory=dict, converter=_fields)
    together: tuple[tuple[str, ...], ...] = ()

    def choose(self, records: Sequence[Candidate]) -> tuple[Choice, ...]:
        """Choose the value of every field of `records`.

        Args:
            records: the survivor first, then the others by rank; all with the same fields.

        Raises:
            UnknownField: a rule names a field that the records do not have.
        """
        names = list(records[0].values)
        for name in (*self.fields, *(field for group in self.together for field in group)):
            if name not in records[0].values:
                raise UnknownField(name, names)
        followers = {name: group[0] for group in self.together for name in group[1:]}
        chosen = {name: self._choose(name, records) for name in names if name not in followers}
        for name in names:
            if name in followers:
                leader = chosen[followers[name]]
                record = next(record for record in records if record.id == leader.source)
                chosen[name] = _choice(name, leader.keep, record, records)
        return tuple(chosen[name] for name in names)

    def _choose(self, name: str, records: Sequence[Candidate]) -> Choice:
        keep = self.fields.get(name, self.default)
        filled = [record for record in records if not is_empty(record.values[name])]
        if keep is Keep.SURVIVOR or not filled:
            return _choice(name, keep, records[0], records)
        if keep is Keep.UNION:
            return _union(name, filled)
        # `min` and `max` keep the first of equals, which is the better ranked one.
        if keep is Keep.NEWEST:
            record = max(filled, key=lambda candidate: candidate.made_at)
        elif keep is Keep.OLDEST:
            record = min(filled, key=lambda candidate: candidate.made_at)
        elif keep is Keep.LONGEST:
            record = max(filled, key=lambda candidate: len(str(candidate.values[name])))
        elif keep is Keep.SMALLEST:
            record = min(filled, key=lambda candidate: candidate.values[name])
        else:
            record = filled[0]
        return _choice(name, keep, record, records)


def is_empty(value: object) -> bool:
    """Whether a field says nothing: `None`, a text of blanks, or a collection without members."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, Collection) and not value)


def _choice(name: str, keep: Keep, record: Candidate, records: Sequence[Candidate]) -> Choice:
    value = record.values[name]
    left_behind = tuple(
        other.id for other in records if not is_empty(other.values[name]) and other.values[name] != value
    )
    return Choice(field=name, value=value, source=record.id, keep=keep, left_behind=left_behind)


def _union(name: str, filled: Sequence[Candidate]) -> Choice:
    if not isinstance(filled[0].values[name], Mapping):
        everything = frozenset().union(*(record.values[name] for record in filled))
        return Choice(field=name, value=everything, source=filled[0].id, keep=Keep.UNION)
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
    )
