"""A store in one SQLite file: durable, for one machine, with nothing to install."""

from __future__ import annotations

import copy
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Self, cast

import attrs

from salesmgmt.core.codec import Upcaster
from salesmgmt.core.entity import E, Entity, Ref
from salesmgmt.core.events import Event
from salesmgmt.core.formula import Formula
from salesmgmt.core.ports import (
    AlreadyExists,
    ConcurrentUpdate,
    Delivery,
    NotFound,
    StoreBusy,
    UnitOfWorkClosed,
)
from salesmgmt.core.query import checked_limit, checked_query
from salesmgmt.storage._kinds import Kinds
from salesmgmt.storage._sql import FALSE, TRUE, Reading, Sql, read
from salesmgmt.storage._sqlite_connections import Connections, NotStorable, StoreUnusable
from salesmgmt.storage._sqlite_persons import Persons
from salesmgmt.storage._sqlite_schema import LATEST, NewerStore, migrate, version_of
from salesmgmt.storage._sqlite_tables import Table, refuse_clash

__all__ = [
    "NewerStore",
    "NotStorable",
    "SqliteRepository",
    "SqliteStore",
    "SqliteUnitOfWork",
    "StoreUnusable",
]

_BATCH = 500


class SqliteStore:
    """A `salesmgmt.core.ports.Store` in one SQLite file, which it creates and brings up to date by itself.

    Several tenants, threads and programs may share the file. Readers never wait. Writers wait for each other: a unit of
    work takes the file's one write lock at its first change and keeps it until it ends, so keep the slow
    parts of a command in front of its first change. What was read before that first change may have been changed by
    others; the versions of entities protect what is saved.

    A commit is on the disk when it returns. What is deleted or forgotten is overwritten in the file. When the fields of a
    class have changed since the file was written, opening the store works out the columns anew; do that while no
    program of the earlier release writes.

    Args:
        path: the file; it is created when it does not exist, its folder is not.
        tenant: whose data it serves.
        entities: the classes of entities it keeps.
        events: the classes of events it keeps.
        upcasters: what lifts older documents to the present versions of their classes.
        timeout: seconds to wait for other writers.

    Raises:
        StoreUnusable: the file is no database, or cannot be read and written.
        NewerStore: a later release wrote it.
        StoreBusy: another program held it for longer than `timeout`.
        NotStorable: two names differ in case only, which SQLite does not tell apart.

    >>> import attrs, pathlib, tempfile
    >>> from salesmgmt.core.entity import Entity
    >>> from salesmgmt.core.formula import Formula, schema_of
    >>> from salesmgmt.storage import SqliteStore
    >>> @attrs.frozen(kw_only=True)
    ... class Parcel(Entity):
    ...     weight: int
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "sales.db"
    >>> with SqliteStore(file, "acme", entities=[Parcel]) as store:
    ...     with store.unit_of_work() as work:
    ...         _ = work[Parcel].add(Parcel(id="p1", weight=3))
    ...         _ = work[Parcel].add(Parcel(id="p2", weight=30))
    ...         work.commit()
    ...     with store.unit_of_work() as work:
    ...         heavy = work[Parcel].find(Formula.parse("weight > 20", schema_of(Parcel)))
    >>> [parcel.id for parcel in heavy]
    ['p2']
    """

    def __init__(
        self,
        path: Path | str,
        tenant: str,
        *,
        entities: Iterable[type[Entity]] = (),
        events: Iterable[type[Event]] = (),
        upcasters: Iterable[Upcaster] = (),
        timeout: float = 5.0,
    ) -> None:
        file = Path(path)
        if str(path) in ("", ":memory:"):
            raise StoreUnusable(file, "it is no file", hint="use MemoryStore, or give the path of a file")
        self._tenant = tenant
        self._kinds = Kinds(entities, events, upcasters)
        self._tables = {name: Table(kind, self._kinds) for name, kind in self._kinds.entities.items()}
        refuse_clash("the store", [table.name for table in self._tables.values()])
        self._connections = Connections(file.absolute(), timeout)
        if not self._is_up_to_date():
            with self._connections.writing() as connection:
                migrate(connection)
                for table in self._tables.values():
                    table.bring_up_to_date(connection)

    @property
    def tenant(self) -> str:
        """Whose data this store reads and writes."""
        return self._tenant

    def for_tenant(self, tenant: str) -> Self:
        """Return the store of another tenant over the same file and connections; this costs next to nothing."""
        other = copy.copy(self)
        vars(other)["_tenant"] = tenant
        return other

    def close(self) -> None:
        """Close the connections that are not in use. A unit of work that begins later opens one again."""
        self._connections.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def unit_of_work(self) -> SqliteUnitOfWork:
        """Begin a unit of work."""
        return SqliteUnitOfWork(self._tenant, self._kinds, self._tables, self._connections)

    def undelivered(self, limit: int = 100) -> Sequence[Delivery]:
        """Return the oldest events of the outbox that were not marked as delivered."""
        checked_limit(limit)
        query = (
            "SELECT position, type, document FROM salesmgmt_event "
            "WHERE tenant = ? AND delivered = 0 ORDER BY position LIMIT ?"
        )
        with self._connections.lent() as connection:
            rows = connection.execute(query, (self._tenant, limit)).fetchall()
        return [Delivery(position, self._kinds.read_event(kind, text)) for position, kind, text in rows]

    def mark_delivered(self, positions: Iterable[int]) -> None:
        """Note that these events reached their consumers; unknown positions are ignored."""
        update = "UPDATE salesmgmt_event SET delivered = 1 WHERE tenant = ? AND position = ?"
        rows = [(self._tenant, position) for position in positions]
        with self._connections.writing() as connection:
            connection.executemany(update, rows)

    def export(self, *subjects: Ref) -> dict[str, object]:
        """Return all that is stored about persons, as plain JSON values: `{"entities": [...], "events": [...]}`.

        Raises:
            UnknownKind: something about them may be of a class that this store was not told about.
        """
        with self._connections.lent() as connection:
            connection.execute("BEGIN")
            return self._persons(subjects).export(connection)

    def forget(self, *subjects: Ref) -> int:
        """Blank the personal fields of persons everywhere at once, and return how many records changed.

        Afterwards their bytes are gone from the file and its write-ahead log; copies and backups are the host's care.
        For that the whole file is written anew, which takes time and memory by its size: name all subjects at once.

        Raises:
            UnknownKind: something about them may be of a class that this store was not told about; nothing changed.
            StoreBusy: a unit of work was open for longer than the timeout. The records may be blank already while
                the files still have their old bytes; forget again to have them gone.
        """
        with self._connections.writing() as connection:
            changed = self._persons(subjects).blank(connection)
        with self._connections.lent() as connection:
            # `secure_delete` leaves copies behind in pages whose rows have moved; a new file has none.
            connection.execute("VACUUM")
            (is_held, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if is_held:
            raise StoreBusy(self._connections.timeout)
        return changed

    def _is_up_to_date(self) -> bool:
        """Whether there is nothing to do that would have to wait for other writers."""
        with self._connections.lent() as connection:
            return version_of(connection) == LATEST and all(
                table.is_up_to_date(connection) for table in self._tables.values()
            )

    def _persons(self, subjects: Iterable[Ref]) -> Persons:
        return Persons(self._tenant, self._kinds, self._tables, frozenset(subjects))


class SqliteUnitOfWork:
    """A unit of work over a `SqliteStore`; made by `SqliteStore.unit_of_work`."""

    def __init__(
        self, tenant: str, kinds: Kinds, tables: Mapping[str, Table], connections: Connections
    ) -> None:
        self.tenant = tenant
        self._kinds = kinds
        self._tables = tables
        self._connections = connections
        self._connection: sqlite3.Connection | None = None
        self._is_new = True
        self._is_open = False
        self._has_lock = False

    def __enter__(self) -> Self:
        if not self._is_new:
            raise UnitOfWorkClosed
        self._is_new, self._is_open = False, True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def __getitem__(self, entity: type[E]) -> SqliteRepository[E]:
        """Return the repository of a class of entities; raises `UnknownKind`."""
        self._check_open()
        return SqliteRepository(self, self._tables[self._kinds.of(entity).name])

    def publish(self, *events: Event) -> None:
        """Put events into the outbox, in this order, with what this unit of work stores; raises `UnknownKind`."""
        self._check_open()
        self._kinds.check_events(events)
        for event, document in [(event, self._kinds.document(event)) for event in events]:
            insert = "INSERT INTO salesmgmt_event (tenant, type, document) VALUES (?, ?, ?)"
            position = self.write(insert, (self.tenant, type(event).__name__, document)).lastrowid
            for subject in dict.fromkeys(event.subjects):
                self.write(
                    "INSERT INTO salesmgmt_event_subject (tenant, kind, id, position) VALUES (?, ?, ?, ?)",
                    (self.tenant, subject.kind, subject.id, position),
                )

    def history(self, subject: Ref | None = None) -> Iterator[Event]:
        """Return the published events in order, all of them or those that name `subject`; its own included."""
        self._check_open()
        return self._history(subject)

    def commit(self) -> None:
        """Make it so; on the disk when it returns."""
        self._check_open()
        try:
            if self._connection is not None:
                with self._connections.errors():
                    self._connection.execute("COMMIT")
        finally:
            self._end()

    def read(self, query: str, parameters: Sequence[object]) -> list[Any]:
        """Return the rows of a query, seen from within this unit of work."""
        return self._execute(query, parameters, changes=False).fetchall()

    def write(self, statement: str, parameters: Sequence[object]) -> sqlite3.Cursor:
        """Execute a statement with the write lock of the file taken: what it reads is the present."""
        return self._execute(statement, parameters, changes=True)

    def _execute(self, sql: str, parameters: Sequence[object], *, changes: bool) -> sqlite3.Cursor:
        self._check_open()
        try:
            with self._connections.errors():
                return self._transaction(changes=changes).execute(sql, parameters)
        except (StoreUnusable, MemoryError):
            # SQLite may have rolled back by itself: what comes after must not be committed without what came before.
            self._end()
            raise

    def _transaction(self, *, changes: bool) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = self._connections.borrow()
        connection = self._connection
        if changes and not self._has_lock:
            # A snapshot that was read from cannot become the writer's once somebody else has committed.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            connection.execute("BEGIN IMMEDIATE")
            self._has_lock = True
        elif not connection.in_transaction:
            connection.execute("BEGIN")
        return connection

    def _history(self, subject: Ref | None) -> Iterator[Event]:
        if subject is None:
            scope: tuple[object, ...] = (self.tenant,)
            chosen = "salesmgmt_event WHERE tenant = ?"
        else:
            scope = (self.tenant, subject.kind, subject.id)
            chosen = (
                "salesmgmt_event_subject JOIN salesmgmt_event USING (position, tenant) "
                "WHERE tenant = ? AND kind = ? AND id = ?"
            )
        query = (
            f"SELECT position, type, document FROM {chosen} AND position > ? AND position <= ? "  # noqa: S608 - constants
            f"ORDER BY position LIMIT {_BATCH}"
        )
        last = 0
        # What is published while the history is read is no part of it, or reading might never end.
        [(end,)] = self.read("SELECT max(position) FROM salesmgmt_event WHERE tenant = ?", (self.tenant,))
        while rows := self.read(query, (*scope, last, end)):
            for position, kind, document in rows:
                self._check_open()
                yield self._kinds.read_event(kind, document)
                last = position

    def _end(self) -> None:
        self._is_open = False
        connection, self._connection = self._connection, None
        if connection is not None:
            self._connections.give_back(connection)

    def _check_open(self) -> None:
        if not self._is_open:
            raise UnitOfWorkClosed


@attrs.frozen
class SqliteRepository(Generic[E]):
    """The entities of one class, as one `SqliteUnitOfWork` sees them."""

    _work: SqliteUnitOfWork
    _table: Table

    def get(self, id: str) -> E:  # noqa: A002 - the port speaks of an entity's `id`
        """Return the entity; raises `NotFound`."""
        rows = self._work.read(f"{self._table.select} AND id = ?", (self._work.tenant, id))
        if not rows:
            raise NotFound(self._table.kind.ref(id))
        return cast(E, self._table.read(rows[0][0]))

    def add(self, entity: E) -> E:
        """Store a new entity and return it as stored; raises `AlreadyExists`, `WrongTenant`."""
        removed = self._work.write(
            "SELECT version FROM salesmgmt_removed WHERE tenant = ? AND kind = ? AND id = ?",
            (self._work.tenant, self._table.kind.name, entity.id),
        ).fetchone()
        version = 1 if removed is None else removed[0] + 1
        stored: E = self._table.kind.stamped(entity, tenant=self._work.tenant, version=version)
        row = (stored.tenant, stored.id, *self._table.written(stored))
        if self._work.write(self._table.insert, row).rowcount == 0:
            raise AlreadyExists(stored.ref)
        return stored

    def save(self, entity: E, *, expected_version: int) -> E:
        """Store a changed entity and return it one version on; raises `ConcurrentUpdate`, `WrongTenant`."""
        stored: E = self._table.kind.stamped(entity, tenant=self._work.tenant, version=expected_version + 1)
        row = (*self._table.written(stored), stored.tenant, stored.id, expected_version)
        if self._work.write(self._table.update, row).rowcount == 0:
            raise ConcurrentUpdate(stored.ref, expected=expected_version, actual=self._version_of(stored.id))
        return stored

    def remove(self, id: str, *, expected_version: int) -> None:  # noqa: A002
        """Remove an entity; raises `NotFound`, `ConcurrentUpdate`."""
        if self._work.write(self._table.delete, (self._work.tenant, id, expected_version)).rowcount:
            self._work.write(
                "INSERT OR REPLACE INTO salesmgmt_removed (tenant, kind, id, version) VALUES (?, ?, ?, ?)",
                (self._work.tenant, self._table.kind.name, id, expected_version),
            )
            return
        actual = self._version_of(id)
        if actual is None:
            raise NotFound(self._table.kind.ref(id))
        raise ConcurrentUpdate(self._table.kind.ref(id), expected=expected_version, actual=actual)

    def find(
        self, where: Formula | None = None, *, order_by: Sequence[str] = (), limit: int | None = None
    ) -> list[E]:
        """Return the entities for which `where` holds; see `salesmgmt.core.ports.Repository.find`.

        Comparisons of fields with constants and each other, `in`, `is missing`, `and`, `or` and `not` are answered by
        SQLite; arithmetic, functions, `if` and sets of an entity by Python, for the entities that the rest leaves.
        """
        query = checked_query(self._table.kind.cls, where, order_by, limit)
        reading = Reading(TRUE, FALSE) if where is None else read(where.tree, self._table.columns)
        if limit is not None and reading.decided and not self._has_row(reading.may_fail):
            reading = attrs.evolve(reading, may_fail=FALSE)
        candidates = reading.candidates
        sql = f"{self._table.select} AND {candidates.text} {self._table.order(query.order_by)}"
        parameters = (self._work.tenant, *candidates.parameters)
        if reading.is_exact and limit is not None:
            sql, parameters = f"{sql} LIMIT ?", (*parameters, limit)
        found: list[E] = [self._table.read(document) for (document,) in self._work.read(sql, parameters)]
        return found if reading.is_exact else query.cut(query.chosen(found))

    def _has_row(self, predicate: Sql) -> bool:
        if predicate == FALSE:
            return False
        sql = f"{self._table.select} AND {predicate.text} LIMIT 1"
        return bool(self._work.read(sql, (self._work.tenant, *predicate.parameters)))

    def _version_of(self, id_: str) -> int | None:
        rows = self._work.read(self._table.select_version, (self._work.tenant, id_))
        return rows[0][0] if rows else None
