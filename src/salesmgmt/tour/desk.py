"""What the tour works on: the newest state of every entity, written to the store month by month."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from salesmgmt.core.entity import Entity
from salesmgmt.core.events import Event
from salesmgmt.core.ports import Store

E = TypeVar("E", bound=Entity)


class Desk:
    """Keeps entities and events until they are filed, all of a month in one unit of work.

    A host that handles one request at a time has no need of this: it opens a unit of work a request.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._newest: dict[tuple[type[Entity], str], Entity] = {}
        self._changed: dict[tuple[type[Entity], str], None] = {}
        self._events: list[Event] = []
        self.events_filed = 0

    def put(self, entity: E, events: Iterable[Event] = ()) -> E:
        """Keep the new state of an entity, with the events that made it."""
        place = type(entity), entity.id
        self._newest[place] = entity
        self._changed[place] = None
        self._events.extend(events)
        return entity

    def note(self, events: Iterable[Event]) -> None:
        """Keep events that change no entity."""
        self._events.extend(events)

    def get(self, kind: type[E], id: str) -> E:  # noqa: A002 - the id of an entity
        """The newest state of an entity."""
        entity = self._newest[kind, id]
        assert isinstance(entity, kind)  # noqa: S101 - it was put there under its own type
        return entity

    def find(self, kind: type[E], id: str) -> E | None:  # noqa: A002
        """The newest state of an entity; `None` when there is none."""
        return self.get(kind, id) if (kind, id) in self._newest else None

    def all(self, kind: type[E]) -> Iterator[E]:
        """The newest state of all entities of a class, in the order in which they came."""
        for (its_kind, _), entity in self._newest.items():
            if its_kind is kind:
                assert isinstance(entity, kind)  # noqa: S101 - as above
                yield entity

    def file(self) -> None:
        """Write what changed, and the events, in one unit of work."""
        with self._store.unit_of_work() as unit:
            for place in self._changed:
                entity = self._newest[place]
                repository = unit[place[0]]
                if entity.version:
                    self._newest[place] = repository.save(entity, expected_version=entity.version)
                else:
                    self._newest[place] = repository.add(entity)
            unit.publish(*self._events)
            unit.commit()
        self.events_filed += len(self._events)
        self._changed.clear()
        self._events.clear()
