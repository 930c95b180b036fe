"""Personal data: what is about a person, and how it is made blank."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from types import MappingProxyType
from typing import Any, TypeVar

import attrs

from salesmgmt.core.entity import Entity, Ref, personal_fields
from salesmgmt.core.events import Event

T = TypeVar("T")


def blanked(obj: T, subjects: frozenset[Ref]) -> T:
    """Blank the personal data of some subjects in an entity, event or value.

    Whose a personal field is: an entity's own belongs to the entity, wherever it stands (as a before-image in an
    event, too); an event's own belongs to all subjects of the event; that of any other value belongs to whom the
    thing that contains it belongs. So an event about two persons loses the personal values that stand on it
    directly when one of the two is forgotten; put the data of each into an entity of theirs to keep them apart.

    Args:
        obj: an attrs object, or tuples, frozensets and mappings of them.
        subjects: references to those who are forgotten.

    Returns:
        The object with those fields at their blank values; `obj` itself when there was nothing to blank. Amounts,
        dates, ids and whatever else is not declared personal stay.

    >>> import attrs
    >>> from salesmgmt.core.entity import Entity, Ref, personal
    >>> from salesmgmt.core.personal import blanked
    >>> @attrs.frozen(kw_only=True)
    ... class Visitor(Entity):
    ...     name: str = personal(blank="")
    >>> blanked(Visitor(id="v-1", name="Ada"), frozenset({Ref("Visitor", "v-1")})).name
    ''
    """
    return _blanked(obj, subjects, frozenset())  # type: ignore[no-any-return]


def concerns(obj: object, subjects: frozenset[Ref]) -> bool:
    """Whether an entity, event or value is one of the subjects, is about one, or contains one as a before-image.

    >>> from salesmgmt.core.entity import Entity, Ref
    >>> from salesmgmt.core.personal import concerns
    >>> concerns(Entity(id="e-1"), frozenset({Ref("Entity", "e-2")}))
    False
    """
    if isinstance(obj, Entity | Event) and not subjects.isdisjoint(_owners(obj, frozenset())):
        return True
    return any(concerns(part, subjects) for part in _parts(obj))


def _owners(obj: object, outer: frozenset[Ref]) -> frozenset[Ref]:
    if isinstance(obj, Entity):
        return frozenset({obj.ref})
    return frozenset(obj.subjects) if isinstance(obj, Event) else outer


def _parts(obj: Any) -> Iterator[object]:
    if attrs.has(type(obj)):
        for field in attrs.fields(type(obj)):
            yield getattr(obj, field.name)
    elif isinstance(obj, Mapping):
        yield from obj.values()
    elif isinstance(obj, tuple | list | AbstractSet):
        yield from obj


def _blanked(obj: Any, subjects: frozenset[Ref], outer: frozenset[Ref]) -> Any:
    if attrs.has(type(obj)):
        return _blanked_object(obj, subjects, _owners(obj, outer))
    if isinstance(obj, Mapping):
        changed = {key: _blanked(value, subjects, outer) for key, value in obj.items()}
        if all(changed[key] is value for key, value in obj.items()):
            return obj
        return MappingProxyType(changed) if isinstance(obj, MappingProxyType) else changed
    if isinstance(obj, tuple | list | AbstractSet):
        before = tuple(obj)
        after = tuple(_blanked(item, subjects, outer) for item in before)
        if all(new is old for new, old in zip(after, before, strict=True)):
            return obj
        if isinstance(obj, tuple | list):
            return list(after) if isinstance(obj, list) else after
        return frozenset(after)
    return obj


def _blanked_object(obj: Any, subjects: frozenset[Ref], owners: frozenset[Ref]) -> Any:
    blanks = {} if subjects.isdisjoint(owners) else personal_fields(type(obj))
    changes: dict[str, Any] = {}
    for field in attrs.fields(type(obj)):
        if field.init:
            before = getattr(obj, field.name)
            after = blanks[field.name] if field.name in blanks else _blanked(before, subjects, owners)
            if after is not before and (field.name not in blanks or after != before):
                changes[field.alias or field.name] = after
    return attrs.evolve(obj, **changes) if changes else obj
