"""The table of one class of entities: a row has the document, and a key for each field that can be asked for."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Any

from salesmgmt.core.entity import Entity
from salesmgmt.core.formula import values_of
from salesmgmt.core.formula.types import MONEY
from salesmgmt.core.query import Order
from salesmgmt.core.sortkey import sort_key
from salesmgmt.storage._kinds import Kind, Kinds
from salesmgmt.storage._sql import Column, Parameter
from salesmgmt.storage._sqlite_connections import NotStorable
from salesmgmt.storage._sqlite_schema import NewerStore

_BATCH = 500
_NATIVE = ("id", "tenant")


def quoted(name: str) -> str:
    """Return `name` as an SQL identifier.

    >>> from salesmgmt.storage._sqlite_tables import quoted
    >>> print(quoted("deal"))
    "deal"
    """
    return '"{}"'.format(name.replace('"', '""'))


def table_name(kind: str) -> str:
    """Return the quoted name of the table for a class of entities."""
    return quoted(f"salesmgmt_entity_{kind}")


class Table:
    """The table for one class of entities, and the SQL that is needed of it.

    Columns of keys have no SQL type, so that SQLite converts nothing. Their names hold a colon, which no field has, and
    so never clash with the others. The fields' values are never part of SQL text.

    Attributes:
        kind: the class.
        columns: where the keys of its fields are; sets have none, they are asked for in Python.
    """

    def __init__(self, kind: Kind[Any], kinds: Kinds) -> None:
        self.kind = kind
        self.name = table_name(kind.name)
        self._kinds = kinds
        self._keyed = {
            field: Column(quoted(f"f:{field}"), quoted(f"f:{field}:currency") if type_ == MONEY else "")
            for field, type_ in kind.schema.items()
            if field not in _NATIVE and type_.element is None
        }
        self.columns = {**{field: Column(field) for field in _NATIVE}, **self._keyed}
        self._key_columns = [
            name for column in self._keyed.values() for name in (column.currency, column.key) if name
        ]
        refuse_clash(kind.name, self._key_columns)
        written = ["version", "schema_version", *self._key_columns, "document"]
        marks = ", ".join("?" * (len(written) + 2))
        self.insert = (
            f"INSERT INTO {self.name} (tenant, id, {', '.join(written)}) VALUES ({marks}) "  # noqa: S608 - names only
            "ON CONFLICT (tenant, id) DO NOTHING"
        )
        assignments = ", ".join(f"{column} = ?" for column in written)
        self.update = f"UPDATE {self.name} SET {assignments} WHERE tenant = ? AND id = ? AND version = ?"  # noqa: S608
        self.delete = f"DELETE FROM {self.name} WHERE tenant = ? AND id = ? AND version = ?"  # noqa: S608
        self.select = f"SELECT document FROM {self.name} WHERE tenant = ?"  # noqa: S608
        self.select_version = f"SELECT version FROM {self.name} WHERE tenant = ? AND id = ?"  # noqa: S608

    def order(self, orders: Iterable[Order]) -> str:
        """Return the ORDER BY clause: missing values last, and the id between equals."""
        terms = []
        for order in orders:
            column = self.columns[order.name]
            direction = " DESC" if order.descending else ""
            terms.append(f"{column.key} IS NULL")
            terms += [f"{name}{direction}" for name in (column.currency, column.key) if name]
        return f"ORDER BY {', '.join([*terms, 'id'])}"

    def written(self, entity: Entity) -> list[Parameter | None]:
        """Return the parameters of `insert` after tenant and id, and those of `update` before them."""
        document = self._kinds.document(entity)  # first, because it refuses values that have no keys
        return [entity.version, entity.schema_version, *self._keys(entity), document]

    def read(self, document: str) -> Any:
        """Return the entity of a document, lifted to the present version of its class."""
        return self._kinds.codec.from_json(self.kind.cls, document)

    def _keys(self, entity: Entity) -> list[Parameter | None]:
        values = values_of(entity)
        keys: list[Parameter | None] = []
        for field, column in self._keyed.items():
            value = values.get(field)
            if value is not None:
                keys += sort_key(value)
            else:
                keys += (None, None) if column.currency else (None,)
        return keys

    def is_up_to_date(self, connection: sqlite3.Connection) -> bool:
        """Whether the table is there, with the keys of the class as it is now.

        Raises:
            NewerStore: a later release of the class was stored.
        """
        query = "SELECT signature FROM salesmgmt_kind WHERE kind = ?"
        row = connection.execute(query, (self.kind.name,)).fetchone()
        if row is None:
            return False
        found, known = json.loads(row[0]), self.kind.cls.schema_version
        if found["schema_version"] > known:
            raise NewerStore(self.kind.name, found=found["schema_version"], known=known)
        return bool(found == self._signature)

    def bring_up_to_date(self, connection: sqlite3.Connection) -> None:
        """Create the table, or, when the class has changed since, add columns and work out all keys anew.

        Raises:
            NewerStore: a later release of the class was stored.
        """
        if not self.is_up_to_date(connection):
            self._add_columns(connection)
            self._write_keys(connection)
            connection.execute(
                "INSERT OR REPLACE INTO salesmgmt_kind (kind, signature) VALUES (?, ?)",
                (self.kind.name, json.dumps(self._signature)),
            )

    @property
    def _signature(self) -> dict[str, object]:
        """What the keys in the table depend on."""
        return {
            "schema_version": self.kind.cls.schema_version,
            "fields": {field: str(self.kind.schema[field]) for field in sorted(self.columns)},
        }

    def _add_columns(self, connection: sqlite3.Connection) -> None:
        keys = "".join(f"{name}, " for name in self._key_columns)
        connection.execute(
            f"CREATE TABLE IF NOT EXISTS {self.name} (tenant TEXT NOT NULL, id TEXT NOT NULL, "
            f"version INTEGER NOT NULL, schema_version INTEGER NOT NULL, {keys}document TEXT NOT NULL, "
            "PRIMARY KEY (tenant, id))"
        )
        present = {quoted(row[1]) for row in connection.execute(f"PRAGMA table_info({self.name})")}
        for name in self._key_columns:
            if name not in present:
                connection.execute(f"ALTER TABLE {self.name} ADD COLUMN {name}")
        # A field that is gone leaves its column behind: emptied, for it may hold what somebody wants forgotten.
        for name in sorted(present - set(self._key_columns)):
            if name.startswith('"f:'):
                connection.execute(f"UPDATE {self.name} SET {name} = NULL")  # noqa: S608

    def _write_keys(self, connection: sqlite3.Connection) -> None:
        if not self._key_columns:
            return
        assignments = ", ".join(f"{name} = ?" for name in self._key_columns)
        update = f"UPDATE {self.name} SET {assignments} WHERE rowid = ?"  # noqa: S608
        select = f"SELECT rowid, document FROM {self.name} WHERE rowid > ? ORDER BY rowid LIMIT {_BATCH}"  # noqa: S608
        last = 0
        while rows := connection.execute(select, (last,)).fetchall():
            connection.executemany(
                update, [(*self._keys(self.read(document)), rowid) for rowid, document in rows]
            )
            last = rows[-1][0]


def refuse_clash(kind: str, names: Iterable[str]) -> None:
    """Refuse names that SQLite takes for the same, because it does not tell letters of two cases apart."""
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(name.lower(), name)
        if other != name:
            raise NotStorable(f"{kind}: the names {other} and {name} differ only in case")
