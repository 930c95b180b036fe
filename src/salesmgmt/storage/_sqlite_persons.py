"""What a SQLite store holds about persons: found, exported, and blanked."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing

import attrs

from salesmgmt.core.entity import Entity, Ref
from salesmgmt.core.events import Event
from salesmgmt.core.personal import blanked, concerns
from salesmgmt.core.ports import UnknownKind
from salesmgmt.storage._kinds import Kinds
from salesmgmt.storage._sql import FALSE, TRUE, Sql, any_of
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
            "entities": [to_dict(entity) for _, entity, _ in self._entities(connection)],
            "events": [to_dict(event) for _, event, _ in self._events(connection)],
        }

    def blank(self, connection: sqlite3.Connection) -> int:
        """Blank the personal fields in the records, and return how many changed; raises `UnknownKind`.

        Documents are compared, not objects: one of an earlier release may hold what the class has no field for now.
        """
        changed = 0
        for table, entity, document in list(self._entities(connection)):
            blank = blanked(entity, self.subjects)
            if self.kinds.document(blank) != document:
                stored = attrs.evolve(blank, version=entity.version + 1)
                where = (self.tenant, entity.id, entity.version)
                connection.execute(table.update, (*table.written(stored), *where))
                changed += 1
        for position, event, document in list(self._events(connection)):
            blank_document = self.kinds.document(blanked(event, self.subjects))
            if blank_document != document:
                connection.execute(
                    "UPDATE salesmgmt_event SET document = ? WHERE position = ?", (blank_document, position)
                )
                changed += 1
        return changed

    def _entities(self, connection: sqlite3.Connection) -> Iterator[tuple[Table, Entity, str]]:
        for (kind,) in connection.execute("SELECT kind FROM salesmgmt_kind ORDER BY kind").fetchall():
            table = self.tables.get(kind)
            old = FALSE if table is None else Sql("schema_version < ?", (table.kind.cls.schema_version,))
            with closing(self._candidates(connection, "document", table_name(kind), "id", old)) as rows:
                for (document,) in rows:
                    if table is None:
                        raise UnknownKind(kind, self.tables)
                    entity = table.read(document)
                    if concerns(entity, self.subjects):
                        yield table, entity, document

    def _events(self, connection: sqlite3.Connection) -> Iterator[tuple[int, Event, str]]:
        columns = "position, type, document"
        old = any_of(
            Sql("type = ?", (kind,)) for kind, cls in self.kinds.events.items() if cls.schema_version > 1
        )
        with closing(self._candidates(connection, columns, "salesmgmt_event", "position", old)) as rows:
            for position, kind, document in rows:
                event = self.kinds.read_event(kind, document)
                if concerns(event, self.subjects):
                    yield position, event, document

    def _candidates(
        self, connection: sqlite3.Connection, columns: str, table: str, order: str, old: Sql
    ) -> sqlite3.Cursor:
        """Return the rows whose documents have the id of a subject in them, as a JSON text of its own.

        Those that are `old` are candidates too, because an upcaster may make the id of something else.
        """
        ids = {subject.id for subject in self.subjects}
        mentioned = TRUE
        if len(ids) <= _MOST_SUBJECTS:
            texts = (json.dumps(id_, ensure_ascii=False) for id_ in sorted(ids))
            mentioned = any_of(
                (*(Sql("instr(document, ?)", (text,)) for text in texts), old if ids else FALSE)
            )
        query = f"SELECT {columns} FROM {table} WHERE tenant = ? AND {mentioned.text} ORDER BY {order}"  # noqa: S608
        return connection.execute(query, (self.tenant, *mentioned.parameters))
