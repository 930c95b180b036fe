"""What a SQLite store holds about persons: found, exported, and blanked."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from salesmgmt.core.entity import Entity, Ref
from salesmgmt.core.events import Event
from salesmgmt.core.personal import blanked, concerns
from salesmgmt.core.ports import UnknownKind
from salesmgmt.storage._kinds import Kinds
from salesmgmt.storage._sql import TRUE, Sql, any_of
from salesmgmt.storage._sqlite_tables import Table, table_name

# Each subject costs a parameter; with more than these, Python looks into every document.
_MOST_SUBJECTS = 200


@attrs.frozen
class Persons:
    """The records of one tenant that concern some persons."""

    tenant: str
    kinds: Kinds
    tables: Mapping[str, Table]
    subjects: frozenset[Ref]

    def export(self, connection: sqlite3.Connection) -> dict[str, object]:
        """Return the records as plain JSON values; raises `UnknownKind`."""
        to_dict = self.kinds.codec.to_dict
        return {
            "entities": [to_dict(entity) for _, entity in self._entities(connection)],
            "events": [to_dict(event) for _, event in self._events(connection)],
        }

    def blank(self, connection: sqlite3.Connection) -> int:
        """Blank the personal fields in the records, and return how many changed; raises `UnknownKind`."""
        changed = 0
        for table, entity in list(self._entities(connection)):
            blank = blanked(entity, self.subjects)
            if blank is not entity:
                stored = attrs.evolve(blank, version=entity.version + 1)
                where = (self.tenant, entity.id, entity.version)
                connection.execute(table.update, (*table.written(stored), *where))
                changed += 1
        for position, event in list(self._events(connection)):
            blank_event = blanked(event, self.subjects)
            if blank_event is not event:
                connection.execute(
                    "UPDATE salesmgmt_event SET document = ? WHERE position = ?",
                    (self.kinds.codec.to_json(blank_event), position),
                )
                changed += 1
        return changed

    def _entities(self, connection: sqlite3.Connection) -> Iterator[tuple[Table, Entity]]:
        for (kind,) in connection.execute("SELECT kind FROM salesmgmt_kind ORDER BY kind").fetchall():
            for (document,) in self._candidates(connection, "document", table_name(kind), "id"):
                if kind not in self.tables:
                    raise UnknownKind(kind, self.tables)
                entity = self.tables[kind].read(document)
                if concerns(entity, self.subjects):
                    yield self.tables[kind], entity

    def _events(self, connection: sqlite3.Connection) -> Iterator[tuple[int, Event]]:
        columns = "position, type, document"
        for position, kind, document in self._candidates(connection, columns, "salesmgmt_event", "position"):
            event = self.kinds.read_event(kind, document)
            if concerns(event, self.subjects):
                yield position, event

    def _candidates(
        self, connection: sqlite3.Connection, columns: str, table: str, order: str
    ) -> list[tuple[Any, ...]]:
        """Return the rows whose documents have the id of a subject in them, as a JSON text of its own."""
        ids = {subject.id for subject in self.subjects}
        mentioned = TRUE
        if len(ids) <= _MOST_SUBJECTS:
            mentioned = any_of(
                Sql("instr(document, ?)", (json.dumps(id_, ensure_ascii=False),)) for id_ in sorted(ids)
            )
        query = f"SELECT {columns} FROM {table} WHERE tenant = ? AND {mentioned.text} ORDER BY {order}"  # noqa: S608
        return connection.execute(query, (self.tenant, *mentioned.parameters)).fetchall()
