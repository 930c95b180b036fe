"""The store in SQLite keeps the contract, and says clearly what is wrong with a file."""

from __future__ import annotations

import gc
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Thread

import attrs
import pytest

from salesmgmt.core.codec import Upcaster
from salesmgmt.core.entity import Entity
from salesmgmt.core.errors import SalesError
from salesmgmt.core.events import Event
from salesmgmt.core.ports import StoreBusy, UnitOfWorkClosed
from salesmgmt.storage import NotStorable, SqliteStore, StoreUnusable
from salesmgmt.storage._sqlite_persons import Persons
from salesmgmt.testing import (
    SAMPLE_ENTITIES,
    SAMPLE_EVENTS,
    Sample,
    SamplePerson,
    StorageContract,
    StoreFactory,
)
from salesmgmt.testing._contract_base import counted


class TestSqliteStore(StorageContract):
    @pytest.fixture
    def store_factory(self, tmp_path: Path) -> StoreFactory:
        def open_store(
            tenant: str,
            *,
            entities: Iterable[type[Entity]] = SAMPLE_ENTITIES,
            events: Iterable[type[Event]] = SAMPLE_EVENTS,
            upcasters: Iterable[Upcaster] = (),
        ) -> SqliteStore:
            file = tmp_path / "sales.db"
            return SqliteStore(file, tenant, entities=entities, events=events, upcasters=upcasters)

        return open_store


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "sales.db"


def _open(file: Path | str, *, timeout: float = 5.0) -> SqliteStore:
    return SqliteStore(file, "acme", entities=SAMPLE_ENTITIES, events=SAMPLE_EVENTS, timeout=timeout)


def _add(store: SqliteStore, *ids: str) -> None:
    with store.unit_of_work() as work:
        for id_ in ids:
            work[Sample].add(Sample(id=id_))
        work.commit()


def _ids(store: SqliteStore) -> list[str]:
    with store.unit_of_work() as work:
        return [sample.id for sample in work[Sample].find()]


def test_what_was_committed_is_there_when_the_file_is_opened_again(file: Path) -> None:
    with _open(file) as store:
        _add(store, "a")
    with _open(str(file)) as store:
        assert _ids(store) == ["a"]


def test_a_closed_store_leaves_one_file(file: Path) -> None:
    with _open(file) as store:
        _add(store, "a")
        assert len(list(file.parent.iterdir())) == 3
    assert list(file.parent.iterdir()) == [file]


def test_a_closed_store_opens_the_file_again_when_it_is_used(file: Path) -> None:
    store = _open(file)
    store.close()
    _add(store, "a")
    assert _ids(store) == ["a"]
    store.close()


def test_a_forgotten_store_closes_its_connections(file: Path) -> None:
    _add(_open(file), "a")
    gc.collect()
    assert list(file.parent.iterdir()) == [file]


def test_a_store_for_another_tenant_shares_file_and_connections(file: Path) -> None:
    acme = _open(file)
    globex = acme.for_tenant("globex")
    _add(globex, "g")
    _add(acme, "a")
    assert (globex.tenant, _ids(globex), _ids(acme)) == ("globex", ["g"], ["a"])


@pytest.mark.parametrize("path", ["", ":memory:"])
def test_a_store_in_memory_is_another_class(path: str) -> None:
    with pytest.raises(StoreUnusable, match="MemoryStore"):
        _open(path)


def test_a_file_that_is_no_database_is_refused_and_left_alone(file: Path) -> None:
    content = b"name,amount\nAda,10\n" * 100
    file.write_bytes(content)
    with pytest.raises(StoreUnusable, match=r"sales\.db.*not a database.*give the path of a SQLite file"):
        _open(file)
    assert file.read_bytes() == content


def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreUnusable, match="check that the folder exists"):
        _open(tmp_path / "missing" / "sales.db")


def test_a_folder_in_place_of_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreUnusable):
        _open(tmp_path)


def test_a_database_that_is_not_in_utf_8_is_refused(file: Path) -> None:
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA encoding = 'UTF-16'")
    connection.execute("CREATE TABLE t (x)")
    connection.close()
    with pytest.raises(StoreUnusable, match="UTF-16"):
        _open(file)


def test_a_damaged_file_is_reported(file: Path) -> None:
    with _open(file) as store:
        _add(store, *(f"sample {number}" for number in range(200)))
    damaged = bytearray(file.read_bytes())
    damaged[4096:] = b"\xff" * (len(damaged) - 4096)
    file.write_bytes(damaged)
    with pytest.raises(StoreUnusable, match="restore the file from a backup"), _open(file) as store:
        _ids(store)


_READ_ONLY = """
import os, sys
from salesmgmt.storage import SqliteStore, StoreUnusable
os.setuid(65534)
try:
    SqliteStore(sys.argv[1], "acme")
except StoreUnusable as error:
    print(error)
"""


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="there are no user ids here")
def test_a_file_that_may_not_be_written_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "sales.db"
    _open(file).close()
    if os.geteuid() != 0:
        file.chmod(0o400)
        tmp_path.chmod(0o500)
        with pytest.raises(StoreUnusable):
            _open(file)
        return
    # Permissions do not bind the superuser: somebody else must try, who may at least look into the folders.
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-c", _READ_ONLY, str(file)], capture_output=True, text=True, check=False
    )
    assert "cannot be used as a store" in done.stdout, done.stderr


def test_tables_of_the_host_in_the_same_file_stay(file: Path) -> None:
    host = sqlite3.connect(file)
    host.execute("CREATE TABLE invoices (number TEXT)")
    host.execute("INSERT INTO invoices VALUES ('I-1')")
    host.commit()
    _add(_open(file), "a")
    assert host.execute("SELECT number FROM invoices").fetchall() == [("I-1",)]
    host.close()


def test_who_waits_too_long_for_another_writer_is_told(file: Path) -> None:
    first, second = _open(file), _open(file, timeout=0.05)
    with first.unit_of_work() as writing:
        writing[Sample].add(Sample(id="a"))
        with second.unit_of_work() as waiting:
            assert waiting[Sample].find() == []
            with pytest.raises(StoreBusy) as caught:
                waiting[Sample].add(Sample(id="b"))
        assert caught.value.seconds == 0.05
        with pytest.raises(StoreBusy):
            _open(file, timeout=0.05).mark_delivered([1])
        writing.commit()
    _add(second, "b")
    assert _ids(first) == ["a", "b"]


def test_a_file_that_is_up_to_date_is_opened_while_another_writes(file: Path) -> None:
    store = _open(file)
    with store.unit_of_work() as work:
        work[Sample].add(Sample(id="a"))
        assert _ids(_open(file, timeout=0.05)) == []
        work.commit()


def test_a_reader_does_not_wait_for_a_writer_and_keeps_its_view(file: Path) -> None:
    store = _open(file, timeout=0.05)
    _add(store, "a")
    with store.unit_of_work() as reading:
        assert [sample.id for sample in reading[Sample].find()] == ["a"]
        _add(store, "b")
        assert [sample.id for sample in reading[Sample].find()] == ["a"]
        # The first change moves on to the present; versions protect what is saved.
        reading[Sample].add(Sample(id="c"))
        assert [sample.id for sample in reading[Sample].find()] == ["a", "b", "c"]
        reading.commit()
    assert _ids(store) == ["a", "b", "c"]


def test_a_full_disk_undoes_the_whole_unit_of_work(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = _open(file)
    _add(store, "a")
    store.close()
    small = sqlite3.connect
    with closing(small(file)) as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]

    def with_a_small_disk(*arguments: object, **options: object) -> sqlite3.Connection:
        connection = small(*arguments, **options)  # type: ignore[call-overload]
        connection.execute(f"PRAGMA max_page_count = {pages + 1}")
        assert isinstance(connection, sqlite3.Connection)
        return connection

    monkeypatch.setattr(sqlite3, "connect", with_a_small_disk)
    with store.unit_of_work() as work:
        work[Sample].add(Sample(id="b"))
        with pytest.raises(StoreUnusable, match="free some space"):
            work[Sample].add(Sample(id="large", label="x" * 100_000))
        with pytest.raises(UnitOfWorkClosed):
            work.commit()
    assert _ids(store) == ["a"]


def test_an_export_is_of_one_moment(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = _open(file)
    ada = SamplePerson(id="ada", name="Ada")
    plain = Persons._events

    def events_after_somebody_added_her(
        self: Persons, connection: sqlite3.Connection
    ) -> Iterator[tuple[int, Event, str]]:
        with store.unit_of_work() as work:
            work[SamplePerson].add(ada)
            work.publish(counted(1, ada.ref))
            work.commit()
        return plain(self, connection)

    monkeypatch.setattr(Persons, "_events", events_after_somebody_added_her)
    assert store.export(ada.ref) == {"entities": [], "events": []}


def test_a_text_that_is_no_unicode_is_refused(file: Path) -> None:
    store = _open(file)
    with store.unit_of_work() as work, pytest.raises(SalesError):
        work[Sample].add(Sample(id="s", label="half a pair \ud83d"))
    with store.unit_of_work() as work, pytest.raises(NotStorable):
        work[Sample].get("\ud83d")
    assert _ids(store) == []


def test_names_that_differ_only_in_case_are_refused(file: Path) -> None:
    @attrs.frozen(kw_only=True)
    class SAMPLE(Entity):
        """Another class that SQLite would take for `Sample`."""

    @attrs.frozen(kw_only=True)
    class Twins(Entity):
        """SQLite would take its fields for one."""

        size: int
        Size: int

    with pytest.raises(NotStorable, match="differ only in case"):
        SqliteStore(file, "acme", entities=[Sample, SAMPLE])
    with pytest.raises(NotStorable, match="differ only in case"):
        SqliteStore(file, "acme", entities=[Twins])


def test_a_committed_unit_of_work_is_on_the_disk(file: Path) -> None:
    store = _open(file)
    with store._connections.lent() as connection:
        settings = [
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "secure_delete", "foreign_keys")
        ]
    assert settings == ["wal", 2, 1, 1]


def test_threads_share_a_store(file: Path) -> None:
    store = _open(file)
    threads = [Thread(target=_add, args=(store, f"{number}")) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _ids(store) == sorted(f"{number}" for number in range(8))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_opens_connections_of_its_own(file: Path) -> None:
    program = """
import os, sys
from salesmgmt.storage import SqliteStore
from salesmgmt.testing.samples import Sample
store = SqliteStore(sys.argv[1], "acme", entities=[Sample])
def add(id_):
    with store.unit_of_work() as work:
        work[Sample].add(Sample(id=id_))
        work.commit()
add("parent")
inherited = {id(connection) for connection in store._connections._idle}
child = os.fork()
if child == 0:
    add("child")
    own = {id(connection) for connection in store._connections._idle}
    os._exit(0 if inherited.isdisjoint(own) else 1)
_, status = os.waitpid(child, 0)
add("parent again")
sys.exit(os.waitstatus_to_exitcode(status))
"""
    subprocess.run([sys.executable, "-c", program, str(file)], check=True)
    assert _ids(_open(file)) == ["child", "parent", "parent again"]


def test_many_may_create_the_file_at_once(file: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        stores = list(pool.map(lambda _: _open(file), range(8)))
    for number, store in enumerate(stores):
        _add(store, f"{number}")
        store.close()
    assert len(_ids(stores[0])) == 8


@pytest.mark.parametrize(
    "change",
    [
        "DROP TABLE salesmgmt_kind",
        "DROP TABLE salesmgmt_entity_Sample",
        "ALTER TABLE salesmgmt_schema RENAME version TO release",
    ],
)
def test_tables_that_somebody_else_has_changed_are_reported(file: Path, change: str) -> None:
    _open(file).close()
    connection = sqlite3.connect(file)
    connection.execute(change)
    connection.commit()
    connection.close()
    with pytest.raises(StoreUnusable, match="no other program has changed its tables"):
        _ids(_open(file))


def test_a_statement_that_fails_ends_the_unit_of_work(file: Path) -> None:
    store = _open(file)
    _add(store, "a")
    connection = sqlite3.connect(file)
    # SQLite rolls back the whole transaction by itself, as it may when memory or disk are short.
    connection.execute(
        "CREATE TRIGGER t BEFORE INSERT ON salesmgmt_event BEGIN SELECT RAISE(ROLLBACK, 'no'); END"
    )
    connection.commit()
    connection.close()
    with store.unit_of_work() as work:
        work[Sample].add(Sample(id="b"))
        with pytest.raises(StoreUnusable):
            work.publish(counted(1))
        with pytest.raises(UnitOfWorkClosed):
            work[Sample].add(Sample(id="c"))
    assert _ids(store) == ["a"]


def test_a_field_may_be_named_twice_in_an_order(file: Path) -> None:
    store = _open(file)
    _add(store, "a", "b")
    with store.unit_of_work() as work:
        assert [sample.id for sample in work[Sample].find(order_by=["-id"] * 3_000)] == ["b", "a"]
