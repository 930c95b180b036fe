"""Taking a merge back: every record is again as it was, and later changes go where a named rule sends them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

import attrs

from salesmgmt.core.errors import SalesError, option
from salesmgmt.engines.matching.survivorship import UnknownField


class LaterChanges(StrEnum):
    """Where a change goes that was made after a merge, when the merge is taken back."""

    REFUSE = "refuse"
    """Nowhere: the merge is not taken back as long as there is one."""
    SURVIVOR = "survivor"
    """To the record that carried on."""
    SOURCE_OF_FIELD = "source_of_field"
    """To the record that the field, or the key of a mapping, came from; something new to the one that carried on."""
    ALL = "all"
    """To all records of the merge, for fields that were merged."""
    DISCARD = "discard"
    """Nowhere: it is given up, and told."""


def _by_name(value: Mapping[str, LaterChanges]) -> Mapping[str, LaterChanges]:
    return {name: option(LaterChanges, rule, f"the rule of {name}") for name, rule in value.items()}


@attrs.frozen(kw_only=True)
class LaterRules:
    """Where later changes go, field by field.

    Attributes:
        default: the rule of fields that are not named.
        fields: the rule of each named field.
    """

    default: LaterChanges = LaterChanges.REFUSE
    fields: Mapping[str, LaterChanges] = attrs.field(factory=dict, converter=_by_name)

    def of(self, field: str) -> LaterChanges:
        """Return the rule of a field."""
        return self.fields.get(field, self.default)


@attrs.frozen(kw_only=True)
class LaterChange:
    """A change that was made after a merge, and where it went when the merge was taken back.

    Attributes:
        field: the field; an entry of a mapping is `field.key`.
        was: the value after the merge; `None` for an entry that was not there.
        now: the value when the merge was taken back; `None` for an entry that was removed.
        rule: the rule that sent it.
        went_to: ids of the records that have it now; none when it was given up.
    """

    field: str
    was: Any
    now: Any
    rule: LaterChanges
    went_to: tuple[str, ...]


class ChangedSince(SalesError, ValueError):
    """A merge cannot be taken back, because records were changed since and a rule refuses that.

    Attributes:
        records: ids of the records that were changed.
        fields: the fields that were changed.
    """

    code = "changed_since"

    def __init__(self, records: tuple[str, ...], fields: tuple[str, ...]) -> None:
        self.records = records
        self.fields = fields
        super().__init__(
            f"{', '.join(records)} were changed after the merge: {', '.join(fields)}",
            hint="say with later_changes where these changes go: survivor, source_of_field, all or discard",
        )


@attrs.frozen(kw_only=True)
class Undone:
    """A merge that was taken back.

    Attributes:
        records: the fields of each record by its id, the one that had carried on first.
        changes: what was changed in between, and where it went.
    """

    records: Mapping[str, Mapping[str, Any]]
    changes: tuple[LaterChange, ...]


_ABSENT = object()


@attrs.frozen
class _Edit:
    """A later change of one field, or of one key of a mapping, before it is sent anywhere."""

    record: str
    field: str
    key: str | None
    was: Any
    now: Any

    @property
    def name(self) -> str:
        return self.field if self.key is None else f"{self.field}.{self.key}"


def undo_merge(
    before: Mapping[str, Mapping[str, Any]],
    merged: Mapping[str, Any],
    now: Mapping[str, Mapping[str, Any]],
    *,
    sources: Mapping[str, str],
    later_changes: LaterRules,
) -> Undone:
    """Take a merge back.

    Mappings are compared key by key, sets and tuples member by member, so that a change of one moves that one alone. A
    change of a record that was merged away stays with that record, unless it is discarded or refused.

    Args:
        before: the fields of each record before the merge by its id, the one that carried on first.
        merged: the fields of the one that carried on, right after the merge.
        now: the fields of the records as they are now; one that is not given has not changed.
        sources: id of the record that each merged field, or `field.key`, came from.
        later_changes: where changes go that were made since.

    Raises:
        ChangedSince: something was changed whose rule is `refuse`.
        UnknownField: a rule names a field that the records do not have.

    >>> from salesmgmt.engines.matching import LaterChanges, LaterRules, undo_merge
    >>> before = {"a": {"name": "Ana", "phone": ""}, "b": {"name": "A.", "phone": "555"}}
    >>> merged = {"name": "Ana", "phone": "555"}
    >>> undone = undo_merge(before, merged, {"a": {"name": "Ana", "phone": "777"}}, sources={"name": "a", "phone": "b"},
    ...                     later_changes=LaterRules(default=LaterChanges.SOURCE_OF_FIELD))
    >>> undone.records
    {'a': {'name': 'Ana', 'phone': ''}, 'b': {'name': 'A.', 'phone': '777'}}
    """
    survivor = next(iter(before))
    for name in later_changes.fields:
        if name not in before[survivor]:
            raise UnknownField(name, tuple(before[survivor]))
    edits = [
        edit
        for record, values in before.items()
        for edit in _edits(record, merged if record == survivor else values, now.get(record))
    ]
    if refused := [edit for edit in edits if later_changes.of(edit.field) is LaterChanges.REFUSE]:
        raise ChangedSince(
            tuple(dict.fromkeys(edit.record for edit in refused)),
            tuple(dict.fromkeys(edit.name for edit in refused)),
        )
    records = {record: dict(values) for record, values in before.items()}
    changes = []
    for edit in edits:
        rule = later_changes.of(edit.field)
        went_to = _receivers(edit, rule, tuple(before), sources)
        for record in went_to:
            records[record][edit.field] = _with(records[record].get(edit.field), edit)
        changes.append(
            LaterChange(
                field=edit.name,
                was=None if edit.was is _ABSENT else edit.was,
                now=None if edit.now is _ABSENT else edit.now,
                rule=rule,
                went_to=went_to,
            )
        )
    return Undone(records=records, changes=tuple(changes))


def _edits(record: str, was: Mapping[str, Any], now: Mapping[str, Any] | None) -> Iterator[_Edit]:
    for field, value in (now or {}).items():
        old = was.get(field)
        if value == old:
            continue
        if isinstance(value, Mapping) and isinstance(old, Mapping):
            for key in dict.fromkeys((*old, *value)):
                if old.get(key, _ABSENT) != value.get(key, _ABSENT):
                    yield _Edit(record, field, key, old.get(key, _ABSENT), value.get(key, _ABSENT))
        else:
            yield _Edit(record, field, None, old, value)


def _receivers(
    edit: _Edit, rule: LaterChanges, records: tuple[str, ...], sources: Mapping[str, str]
) -> tuple[str, ...]:
    if rule is LaterChanges.DISCARD:
        return ()
    if edit.record != records[0]:
        return (edit.record,)
    if rule is LaterChanges.ALL and _was_merged(edit.field, sources):
        return records
    if rule is LaterChanges.SOURCE_OF_FIELD:
        return (sources.get(edit.name) or records[0],)
    return (records[0],)


def _was_merged(field: str, sources: Mapping[str, str]) -> bool:
    return field in sources or any(name.startswith(f"{field}.") for name in sources)


def _with(value: Any, edit: _Edit) -> Any:
    """The value of a record, the edit applied."""
    if edit.key is not None:
        entries = dict(value or {})
        entries.pop(edit.key, None)
        return entries if edit.now is _ABSENT else {**entries, edit.key: edit.now}
    if isinstance(edit.now, frozenset) and isinstance(edit.was, frozenset):
        return ((value or frozenset()) | (edit.now - edit.was)) - (edit.was - edit.now)
    if isinstance(edit.now, tuple) and isinstance(edit.was, tuple):
        kept = tuple(member for member in value or () if member in edit.now or member not in edit.was)
        added = (member for member in edit.now if member not in edit.was and member not in kept)
        return (*kept, *added)
    return edit.now
