"""The classes that a store keeps, found by class and by name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Generic, TypeVar

import attrs

from salesmgmt.core.codec import LARGEST_DOCUMENT, Codec, Upcaster
from salesmgmt.core.entity import E, Entity, Ref
from salesmgmt.core.events import Event
from salesmgmt.core.formula import Schema, schema_of
from salesmgmt.core.ports import UnknownKind, WrongTenant

T = TypeVar("T", bound=Entity | Event)

# A document with fewer lists and objects cannot nest deeper than the codec reads.
_FEW_CONTAINERS = 60


@attrs.frozen
class Kind(Generic[E]):
    """A class of entities, its name in references, and the types of its fields in the formula language."""

    cls: type[E]
    schema: Schema = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "schema", schema_of(self.cls))

    @property
    def name(self) -> str:
        """The name of the class."""
        return self.cls.__name__

    def ref(self, id: str) -> Ref:  # noqa: A002 - an entity's `id`
        """Return the reference to the entity of this kind with that id."""
        return Ref(self.name, id)

    def stamped(self, entity: E, *, tenant: str, version: int) -> E:
        """Return `entity` as it will be stored.

        Raises:
            UnknownKind: it is not of this very class.
            WrongTenant: it belongs to another tenant.
        """
        if type(entity) is not self.cls:
            raise UnknownKind(type(entity).__name__, [self.name])
        if entity.tenant not in ("", tenant):
            raise WrongTenant(entity.ref, expected=tenant, found=entity.tenant)
        return attrs.evolve(entity, tenant=tenant, version=version)


class Kinds:
    """The classes of entities and events that a store was told about, and the codec that writes and reads them."""

    def __init__(
        self,
        entities: Iterable[type[Entity]],
        events: Iterable[type[Event]],
        upcasters: Iterable[Upcaster] = (),
    ) -> None:
        entities, events = tuple(entities), tuple(events)
        self.codec = Codec((*entities, *events), upcasters=upcasters)
        self.entities: dict[str, Kind[Any]] = {cls.__name__: Kind(cls) for cls in entities}
        self.events: dict[str, type[Event]] = {cls.__name__: cls for cls in events}

    def of(self, cls: type[E]) -> Kind[E]:
        """Return the kind of a class of entities; raises `UnknownKind`."""
        kind = self.entities.get(cls.__name__)
        if kind is None or kind.cls is not cls:
            raise UnknownKind(cls.__name__, self.entities)
        return kind

    def check_events(self, events: Iterable[Event]) -> None:
        """Refuse events of classes that the store was not told about; raises `UnknownKind`."""
        for event in events:
            if self.events.get(type(event).__name__) is not type(event):
                raise UnknownKind(type(event).__name__, self.events)

    def document(self, obj: Entity | Event) -> str:
        """Return the document of an entity or event.

        Raises:
            NotEncodable: a field holds something else than its class declares.
            InvalidInput: it is too large, or nests too deeply, to be read again.
        """
        text = self.codec.to_json(obj)
        if len(text) > LARGEST_DOCUMENT or text.count("[") + text.count("{") > _FEW_CONTAINERS:
            self.codec.from_json(type(obj), text)
        return text

    def copy(self, obj: T) -> T:
        """Return an entity or event as a store of documents would give it back; raises as `document` does."""
        return self.codec.from_json(type(obj), self.codec.to_json(obj))

    def read_event(self, kind: str, document: str) -> Event:
        """Return the event of a document; raises `UnknownKind`."""
        if kind not in self.events:
            raise UnknownKind(kind, self.events)
        return self.codec.from_json(self.events[kind], document)
