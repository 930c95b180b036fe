"""A store in the memory of this process: for tests, notebooks and examples."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from itertools import count, islice
from threading import RLock
from types import TracebackType
from typing import Generic, Self, cast

import attrs

from salesmgmt.core.entity import E, Entity, Ref
from salesmgmt.core.events import Event
from salesmgmt.core.formula import Formula
from salesmgmt.core.personal import blanked, concerns
from salesmgmt.core.ports import AlreadyExists, ConcurrentUpdate, Delivery, NotFound, UnitOfWorkClosed
from salesmgmt.core.query import checked_limit, checked_query
from salesmgmt.storage._kinds import Kind, Kinds


@attrs.define
class _Tenancy:
    """All that one tenant has committed; of entities that were removed, their last version."""

    entities: dict[str, dict[str, Entity]] = attrs.Factory(dict)
    removed: dict[Ref, int] = attrs.Factory(dict)
    events: dict[int, Event] = attrs.Factory(dict)
    undelivered: dict[int, None] = attrs.Factory(dict)


class MemoryDatabase:
    """What several `MemoryStore`s share; each sees the data of its own tenant.

    >>> from salesmgmt.storage import MemoryDatabase, MemoryStore
    >>> database = MemoryDatabase()
    >>> acme, globex = MemoryStore("acme", database=database), MemoryStore("globex", database=database)
    """

    def __init__(self) -> None:
        self.lock = RLock()
        self.positions = count(1)
        self._tenancies: dict[str, _Tenancy] = {}

    def tenancy(self, tenant: str) -> _Tenancy:
        """Return the data of one tenant; only to be touched under `lock`."""
        with self.lock:
            return self._tenancies.setdefault(tenant, _Tenancy())


class MemoryStore:
    """A `salesmgmt.core.ports.Store` that keeps entities and events as objects, and loses them with the process.

    Units of work do not wait for each other: each keeps its changes to itself, and the second of two that changed the
    same entity is refused, at the latest by its commit. A store may be used by several threads.

    Args:
        tenant: whose data it serves.
        entities: the classes of entities it keeps.
        events: the classes of events it keeps.
        database: the data that it shares with other stores; its own when not given.

    >>> import attrs
    >>> from salesmgmt.core.entity import Entity
    >>> from salesmgmt.storage import MemoryStore
    >>> @attrs.frozen(kw_only=True)
    ... class Parcel(Entity):
    ...     weight: int
    >>> store = MemoryStore("acme", entities=[Parcel])
    >>> with store.unit_of_work() as work:
    ...     _ = work[Parcel].add(Parcel(id="p1", weight=3))
    ...     work.commit()
    >>> with store.for_tenant("globex").unit_of_work() as work:
    ...     list(work[Parcel].find())
    []
    """

    def __init__(
        self,
        tenant: str,
        *,
        entities: Iterable[type[Entity]] = (),
        events: Iterable[type[Event]] = (),
        database: MemoryDatabase | None = None,
    ) -> None:
        self._tenant = tenant
        self._kinds = Kinds(entities, events)
        self._database = MemoryDatabase() if database is None else database

    @property
    def tenant(self) -> str:
        """Whose data this store reads and writes."""
        return self._tenant

    @property
    def _tenancy(self) -> _Tenancy:
        return self._database.tenancy(self._tenant)

    def for_tenant(self, tenant: str) -> Self:
        """Return the store of another tenant over the same database."""
        other = copy.copy(self)
        vars(other)["_tenant"] = tenant
        return other

    def unit_of_work(self) -> MemoryUnitOfWork:
        """Begin a unit of work."""
        return MemoryUnitOfWork(self._tenant, self._kinds, self._database)

    def undelivered(self, limit: int = 100) -> Sequence[Delivery]:
        """Return the oldest events of the outbox that were not marked as delivered."""
        checked_limit(limit)
        tenancy = self._tenancy
        with self._database.lock:
            oldest = islice(tenancy.undelivered, limit)
            return [Delivery(position, tenancy.events[position]) for position in oldest]

    def mark_delivered(self, positions: Iterable[int]) -> None:
        """Note that these events reached their consumers; unknown positions are ignored."""
        reached = list(positions)
        with self._database.lock:
            for position in reached:
                self._tenancy.undelivered.pop(position, None)

    def export(self, *subjects: Ref) -> dict[str, object]:
        """Return all that is stored about persons, as plain JSON values: `{"entities": [...], "events": [...]}`."""
        persons = frozenset(subjects)
        with self._database.lock:
            records = self._tenancy.entities
            entities = [records[kind][id_] for kind in sorted(records) for id_ in sorted(records[kind])]
            events = list(self._tenancy.events.values())
        return {
            "entities": [
                self._kinds.codec.to_dict(entity) for entity in entities if concerns(entity, persons)
            ],
            "events": [self._kinds.codec.to_dict(event) for event in events if concerns(event, persons)],
        }

    def forget(self, *subjects: Ref) -> int:
        """Blank the personal fields of persons everywhere at once, and return how many records changed."""
        persons = frozenset(subjects)
        with self._database.lock:
            entities = [
                attrs.evolve(blank, version=entity.version + 1)
                for records in self._tenancy.entities.values()
                for entity in records.values()
                if (blank := blanked(entity, persons)) is not entity
            ]
            events = {
                position: blank_event
                for position, event in self._tenancy.events.items()
                if (blank_event := blanked(event, persons)) is not event
            }
            for entity in entities:
                self._tenancy.entities[entity.ref.kind][entity.id] = entity
            self._tenancy.events.update(events)
        return len(entities) + len(events)


@attrs.frozen
class _Change:
    """What a unit of work will do to one entity.

    Attributes:
        base: the committed version that the change starts from; `None` when there was no entity.
        entity: the entity as it will be; `None` when it is removed.
    """

    base: int | None
    entity: Entity | None


class MemoryUnitOfWork:
    """A unit of work over a `MemoryStore`; made by `MemoryStore.unit_of_work`."""

    def __init__(self, tenant: str, kinds: Kinds, database: MemoryDatabase) -> None:
        self._tenant = tenant
        self._kinds = kinds
        self._database = database
        self._tenancy = database.tenancy(tenant)
        self._changes: dict[Ref, _Change] = {}
        self._removed: dict[Ref, int] = {}
        self._events: list[Event] = []
        self._is_new = True
        self._is_open = False

    def __enter__(self) -> Self:
        if not self._is_new:
            raise UnitOfWorkClosed
        self._is_new, self._is_open = False, True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_open = False

    def __getitem__(self, entity: type[E]) -> MemoryRepository[E]:
        """Return the repository of a class of entities; raises `UnknownKind`."""
        self._check_open()
        return MemoryRepository(self, self._kinds.of(entity))

    def publish(self, *events: Event) -> None:
        """Put events into the outbox, in this order, with what this unit of work stores; raises `UnknownKind`."""
        self._check_open()
        self._kinds.check_events(events)
        self._events += [self._kinds.copy(event) for event in events]

    def history(self, subject: Ref | None = None) -> Iterator[Event]:
        """Return the published events in order, all of them or those that name `subject`; its own included."""
        self._check_open()
        return self._history(subject)

    def commit(self) -> None:
        """Make it so; raises `ConcurrentUpdate` or `AlreadyExists` when another unit of work came first."""
        self._check_open()
        self._is_open = False
        tenancy = self._tenancy
        with self._database.lock:
            for ref, change in self._changes.items():
                _check_unchanged(ref, change.base, tenancy.entities.get(ref.kind, {}).get(ref.id))
                _check_unused(ref, change.entity, tenancy.removed.get(ref, 0))
            tenancy.removed.update(self._removed)
            for ref, change in self._changes.items():
                records = tenancy.entities.setdefault(ref.kind, {})
                if change.entity is None:
                    records.pop(ref.id, None)
                else:
                    records[ref.id] = change.entity
            for event in self._events:
                position = next(self._database.positions)
                tenancy.events[position] = event
                tenancy.undelivered[position] = None

    def seen(self, ref: Ref) -> Entity | None:
        """Return an entity as this unit of work sees it."""
        self._check_open()
        change = self._changes.get(ref)
        if change is not None:
            return change.entity
        with self._database.lock:
            return self._tenancy.entities.get(ref.kind, {}).get(ref.id)

    def all_seen(self, kind: str) -> list[Entity]:
        """Return the entities of one kind as this unit of work sees them, in no order."""
        self._check_open()
        with self._database.lock:
            entities: dict[str, Entity | None] = {**self._tenancy.entities.get(kind, {})}
        entities.update((ref.id, change.entity) for ref, change in self._changes.items() if ref.kind == kind)
        return [entity for entity in entities.values() if entity is not None]

    def last_removed(self, ref: Ref) -> int:
        """Return the version at which an entity was removed; 0 when it never was."""
        self._check_open()
        with self._database.lock:
            return max(self._removed.get(ref, 0), self._tenancy.removed.get(ref, 0))

    def stamped(self, kind: Kind[E], entity: E, *, version: int) -> E:
        """Return `entity` as it will be stored: a copy, with nothing in it that the caller can still change."""
        self._check_open()
        return self._kinds.copy(kind.stamped(entity, tenant=self._tenant, version=version))

    def change(self, ref: Ref, entity: Entity | None, *, seen: int | None) -> None:
        """Note what becomes of an entity at the commit.

        Args:
            ref: the entity.
            entity: as it will be; `None` removes it.
            seen: the version that the decision was made on. It must come from the same reading, because others
                commit meanwhile.
        """
        earlier = self._changes.get(ref)
        if entity is None and seen is not None:
            self._removed[ref] = seen
        self._changes[ref] = _Change(seen if earlier is None else earlier.base, entity)

    def _history(self, subject: Ref | None) -> Iterator[Event]:
        with self._database.lock:
            every = [*self._tenancy.events.values(), *self._events]
        for event in every:
            if subject is None or subject in event.subjects:
                self._check_open()
                yield event

    def _check_open(self) -> None:
        if not self._is_open:
            raise UnitOfWorkClosed


def _check_unchanged(ref: Ref, base: int | None, stored: Entity | None) -> None:
    actual = None if stored is None else stored.version
    if actual == base:
        return
    if base is None:
        raise AlreadyExists(ref)
    raise ConcurrentUpdate(ref, expected=base, actual=actual)


def _check_unused(ref: Ref, entity: Entity | None, removed: int) -> None:
    """Refuse a version that somebody else has stored and removed meanwhile."""
    if entity is not None and entity.version <= removed:
        raise ConcurrentUpdate(ref, expected=entity.version - 1, actual=None)


@attrs.frozen
class MemoryRepository(Generic[E]):
    """The entities of one class, as one `MemoryUnitOfWork` sees them."""

    _work: MemoryUnitOfWork
    _kind: Kind[E]

    def get(self, id: str) -> E:  # noqa: A002 - the port speaks of an entity's `id`
        """Return the entity; raises `NotFound`."""
        ref = self._kind.ref(id)
        entity = self._work.seen(ref)
        if entity is None:
            raise NotFound(ref)
        return cast(E, entity)

    def add(self, entity: E) -> E:
        """Store a new entity and return it as stored; raises `AlreadyExists`, `WrongTenant`."""
        version = self._work.last_removed(self._kind.ref(entity.id)) + 1
        stored = self._work.stamped(self._kind, entity, version=version)
        if self._work.seen(stored.ref) is not None:
            raise AlreadyExists(stored.ref)
        self._work.change(stored.ref, stored, seen=None)
        return stored

    def save(self, entity: E, *, expected_version: int) -> E:
        """Store a changed entity and return it one version on; raises `ConcurrentUpdate`, `WrongTenant`."""
        stored = self._work.stamped(self._kind, entity, version=expected_version + 1)
        seen = self._work.seen(stored.ref)
        actual = None if seen is None else seen.version
        if actual != expected_version:
            raise ConcurrentUpdate(stored.ref, expected=expected_version, actual=actual)
        self._work.change(stored.ref, stored, seen=actual)
        return stored

    def remove(self, id: str, *, expected_version: int) -> None:  # noqa: A002
        """Remove an entity; raises `NotFound`, `ConcurrentUpdate`."""
        version = self.get(id).version
        if version != expected_version:
            raise ConcurrentUpdate(self._kind.ref(id), expected=expected_version, actual=version)
        self._work.change(self._kind.ref(id), None, seen=version)

    def find(
        self, where: Formula | None = None, *, order_by: Sequence[str] = (), limit: int | None = None
    ) -> list[E]:
        """Return the entities for which `where` holds; see `salesmgmt.core.ports.Repository.find`."""
        query = checked_query(self._kind.cls, where, order_by, limit)
        return query.answer(cast(list[E], self._work.all_seen(self._kind.name)))
