"""The tables that every SQLite store has, and how a file of an earlier release is brought up to date."""

from __future__ import annotations

import sqlite3

from salesmgmt.core.errors import SalesError


class NewerStore(SalesError, RuntimeError):
    """A file was written by a later release of the library, or of the program that uses it.

    Attributes:
        what: what is newer: `the file`, or a class of entities.
        found: its version in the file.
        known: the latest version that this program knows.
    """

    code = "newer_store"

    def __init__(self, what: str, *, found: int, known: int) -> None:
        super().__init__(
            f"{what} is of version {found}, this program knows versions up to {known}",
            hint="open it with the release that wrote it, or a later one",
        )
        self.what = what
        self.found = found
        self.known = known


STEPS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE salesmgmt_kind (kind TEXT NOT NULL PRIMARY KEY, signature TEXT NOT NULL)",
        """CREATE TABLE salesmgmt_event (
            position INTEGER PRIMARY KEY AUTOINCREMENT,
            tenant TEXT NOT NULL,
            type TEXT NOT NULL,
            document TEXT NOT NULL,
            delivered INTEGER NOT NULL DEFAULT 0
        )""",
        """CREATE TABLE salesmgmt_event_subject (
            tenant TEXT NOT NULL,
            kind TEXT NOT NULL,
            id TEXT NOT NULL,
            position INTEGER NOT NULL REFERENCES salesmgmt_event (position),
            PRIMARY KEY (tenant, kind, id, position)
        ) WITHOUT ROWID""",
    ),
    # Version 2: history and outbox of one tenant without reading the events of the others.
    (
        "CREATE INDEX salesmgmt_event_by_tenant ON salesmgmt_event (tenant, position)",
        "CREATE INDEX salesmgmt_outbox ON salesmgmt_event (tenant, position) WHERE delivered = 0",
    ),
    # Version 3: an id that is added again goes on counting, so that who read its predecessor is refused.
    (
        """CREATE TABLE salesmgmt_removed (
            tenant TEXT NOT NULL,
            kind TEXT NOT NULL,
            id TEXT NOT NULL,
            version INTEGER NOT NULL,
            PRIMARY KEY (tenant, kind, id)
        ) WITHOUT ROWID""",
    ),
)
"""What makes version n + 1 of the tables out of version n; a step is never changed once it was released."""

LATEST = len(STEPS)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the tables of a file up to date, inside the transaction of the caller.

    Raises:
        NewerStore: a later release wrote the file.
    """
    version = version_of(connection)
    if version > LATEST:
        raise NewerStore("the file", found=version, known=LATEST)
    connection.execute("CREATE TABLE IF NOT EXISTS salesmgmt_schema (version INTEGER NOT NULL PRIMARY KEY)")
    for number, step in enumerate(STEPS[version:], version + 1):
        for statement in step:
            connection.execute(statement)
        connection.execute("INSERT INTO salesmgmt_schema (version) VALUES (?)", (number,))


def version_of(connection: sqlite3.Connection) -> int:
    """Return the version of the tables in a file; 0 when there are none."""
    table = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'salesmgmt_schema'"
    if connection.execute(table).fetchone() is None:
        return 0
    (version,) = connection.execute("SELECT coalesce(max(version), 0) FROM salesmgmt_schema").fetchone()
    return int(version)
