"""Connections to one SQLite file: how they are set up, lent and closed, and what their errors mean."""

from __future__ import annotations

import os
import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from time import monotonic, sleep

from salesmgmt.core.errors import SalesError
from salesmgmt.core.ports import StoreBusy

_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_UNUSABLE = {
    sqlite3.SQLITE_CANTOPEN: "check that the folder exists and that the file may be written",
    sqlite3.SQLITE_CORRUPT: "restore the file from a backup",
    sqlite3.SQLITE_FULL: "free some space on the disk",
    sqlite3.SQLITE_IOERR: "check the disk",
    sqlite3.SQLITE_NOTADB: "give the path of a SQLite file, or of a file that does not exist yet",
    sqlite3.SQLITE_PERM: "make the file and its folder writable",
    sqlite3.SQLITE_READONLY: "make the file and its folder writable",
}
_FOREIGN = "check that no other program has changed its tables, or restore the file from a backup"
_SETTINGS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA trusted_schema = OFF",
)
_PAUSE = 0.01


class StoreUnusable(SalesError, OSError):
    """The file of a store cannot be read or written: no database, not writable, damaged, or the disk is full.

    Attributes:
        path: the file.
        reason: what is wrong with it.
    """

    code = "store_unusable"

    def __init__(self, path: Path, reason: str, *, hint: str) -> None:
        super().__init__(f"{path} cannot be used as a store: {reason}", hint=hint)
        self.path = str(path)
        self.reason = reason


class NotStorable(SalesError, ValueError):
    """SQLite cannot hold a value: a text with half a surrogate pair, or an integer beyond 64 bits.

    Attributes:
        reason: what is wrong with the value.
    """

    code = "not_storable"

    def __init__(self, reason: str) -> None:
        super().__init__(f"SQLite cannot store it: {reason}", hint="correct the value and store it again")
        self.reason = reason


class Connections:
    """The connections to one file that are open and at rest.

    A unit of work borrows one, because opening one costs more than most of what is done with it. Committed means
    durable: `synchronous` is FULL, so that a commit is on the disk when it returns, even if the power fails then.
    `secure_delete` overwrites what is deleted or blanked, and what is sorted never reaches a temporary file.
    """

    def __init__(self, path: Path, timeout: float) -> None:
        self.path = path
        self.timeout = timeout
        self._lock = Lock()
        self._process = os.getpid()
        self._idle: list[sqlite3.Connection] = []
        weakref.finalize(self, _close_all, self._idle, self._process)

    def borrow(self) -> sqlite3.Connection:
        """Return a connection outside any transaction; to be given back."""
        with self._lock:
            if self._process != os.getpid():
                # A forked child must neither use nor close the connections of its parent.
                self._parents, self._process = self._idle, os.getpid()
                self._idle = []
                weakref.finalize(self, _close_all, self._idle, self._process)
            if self._idle:
                return self._idle.pop()
        return self._opened()

    def give_back(self, connection: sqlite3.Connection) -> None:
        """Take a connection back; what was not committed is rolled back."""
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        except sqlite3.Error:
            connection.close()
        else:
            with self._lock:
                self._idle.append(connection)

    @contextmanager
    def lent(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection for a block; what it did not commit is rolled back."""
        with self.errors():
            connection = self.borrow()
            try:
                yield connection
            finally:
                self.give_back(connection)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection for a block that is committed as a whole, or not at all."""
        with self.lent() as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")

    def close(self) -> None:
        """Close the connections that are at rest; the next unit of work opens one anew."""
        with self._lock:
            _close_all(self._idle, self._process)

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Say in our own words what SQLite refuses.

        Raises:
            StoreBusy: somebody else held the lock for too long.
            StoreUnusable: the file cannot be read or written.
            NotStorable: a value has no place in SQLite.
        """
        try:
            yield
        except sqlite3.Error as error:
            code = (
                getattr(error, "sqlite_errorcode", 0) & 0xFF
            )  # the rest of the bits says more than is needed
            if code in _BUSY:
                raise StoreBusy(self.timeout) from error
            if code in _UNUSABLE:
                raise StoreUnusable(self.path, str(error), hint=_UNUSABLE[code]) from error
            if isinstance(error, sqlite3.ProgrammingError):
                raise
            raise StoreUnusable(self.path, str(error), hint=_FOREIGN) from error
        except (UnicodeEncodeError, OverflowError) as error:
            raise NotStorable(str(error)) from error

    def _opened(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=self.timeout, isolation_level=None, check_same_thread=False
        )
        try:
            self._write_ahead(connection)
            for setting in _SETTINGS:
                connection.execute(setting)
        except BaseException:
            connection.close()
            raise
        return connection

    def _write_ahead(self, connection: sqlite3.Connection) -> None:
        """Keep a write-ahead log, so that readers and the writer do not wait for each other."""
        # SQLite does not wait by itself when several programs make this switch on a new file at once.
        end = monotonic() + self.timeout
        while True:
            try:
                (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF not in _BUSY or monotonic() > end:
                    raise
                sleep(_PAUSE)
            else:
                break
        (encoding,) = connection.execute("PRAGMA encoding").fetchone()
        if mode != "wal" or encoding != "UTF-8":
            found = f"its journal mode is {mode}, its encoding {encoding}"
            raise StoreUnusable(
                self.path, found, hint="use a local file with write-ahead log and text in UTF-8"
            )


def _close_all(connections: list[sqlite3.Connection], process: int) -> None:
    if process == os.getpid():
        while connections:
            connections.pop().close()
