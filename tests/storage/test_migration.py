"""Files of earlier releases are brought up to date when they are opened; those of later ones are refused."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from pathlib import Path

import attrs
import pytest

from salesmgmt.core.codec import Upcaster
from salesmgmt.core.entity import Entity, Ref
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.formula import Formula, schema_of
from salesmgmt.core.money import Money
from salesmgmt.storage import NewerStore, SqliteStore
from salesmgmt.storage._sqlite_schema import LATEST
from salesmgmt.testing import SampleCounted


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "sales.db"


@attrs.frozen(kw_only=True)
class Parcel(Entity):
    grams: int


# What version 1 of the tables was, with two tenants, one entity and three events. It is never edited.
_VERSION_1 = """
PRAGMA journal_mode = WAL;
CREATE TABLE salesmgmt_schema (version INTEGER NOT NULL PRIMARY KEY);
INSERT INTO salesmgmt_schema VALUES (1);
CREATE TABLE salesmgmt_kind (kind TEXT NOT NULL PRIMARY KEY, signature TEXT NOT NULL);
CREATE TABLE salesmgmt_event (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant TEXT NOT NULL,
    type TEXT NOT NULL,
    document TEXT NOT NULL,
    delivered INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE salesmgmt_event_subject (
    tenant TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    position INTEGER NOT NULL REFERENCES salesmgmt_event (position),
    PRIMARY KEY (tenant, kind, id, position)
) WITHOUT ROWID;
CREATE TABLE salesmgmt_entity_Parcel (
    tenant TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, schema_version INTEGER NOT NULL,
    "f:version", "f:grams", document TEXT NOT NULL, PRIMARY KEY (tenant, id)
);
INSERT INTO salesmgmt_kind VALUES (
    'Parcel',
    '{"schema_version": 1, "fields": {"grams": "number", "id": "text", "tenant": "text", "version": "number"}}'
);
INSERT INTO salesmgmt_entity_Parcel VALUES (
    'acme', 'p', 3, 1, '150013', '1500425',
    '{"type":"Parcel","schema_version":1,"id":"p","tenant":"acme","version":3,"grams":2500}'
);
INSERT INTO salesmgmt_event (tenant, type, document, delivered) VALUES
    ('acme', 'SampleCounted', '{"type":"SampleCounted","schema_version":1,"at":"2026-01-01T00:00:00+00:00",
      "by":{"id":"desk","roles":[]},"subjects":[{"kind":"Parcel","id":"p"}],"count":"1"}', 1),
    ('globex', 'SampleCounted', '{}', 0),
    ('acme', 'SampleCounted', '{"type":"SampleCounted","schema_version":1,"at":"2026-01-01T00:00:00+00:00",
      "by":{"id":"desk","roles":[]},"subjects":[],"count":"2"}', 0);
INSERT INTO salesmgmt_event_subject VALUES ('acme', 'Parcel', 'p', 1);
"""


def _structure(file: Path) -> list[tuple[str, str, str]]:
    connection = sqlite3.connect(file)
    rows = connection.execute(
        "SELECT type, name, coalesce(sql, '') FROM sqlite_master ORDER BY type, name"
    ).fetchall()
    connection.close()
    return [(kind, name, " ".join(sql.replace("IF NOT EXISTS ", "").split())) for kind, name, sql in rows]


def test_a_file_of_version_1_keeps_its_data_and_gets_the_tables_of_today(file: Path, tmp_path: Path) -> None:
    connection = sqlite3.connect(file)
    connection.executescript(_VERSION_1)
    connection.close()
    with SqliteStore(file, "acme", entities=[Parcel], events=[SampleCounted]) as store:
        with store.unit_of_work() as work:
            assert work[Parcel].get("p") == Parcel(id="p", tenant="acme", version=3, grams=2_500)
            assert len(work[Parcel].find(Formula.parse("grams == 2500", schema_of(Parcel)))) == 1
            assert [event.count for event in work.history()] == [1, 2]  # type: ignore[attr-defined]
            assert len(list(work.history(Ref("Parcel", "p")))) == 1
            work[Parcel].save(work[Parcel].get("p"), expected_version=3)
            work.commit()
        assert [delivery.position for delivery in store.undelivered()] == [3]
    new = tmp_path / "new.db"
    SqliteStore(new, "acme", entities=[Parcel], events=[SampleCounted]).close()
    assert {name for _, name, _ in _structure(file)} == {name for _, name, _ in _structure(new)}
    connection = sqlite3.connect(file)
    assert connection.execute("SELECT max(version) FROM salesmgmt_schema").fetchone() == (LATEST,)
    connection.close()


def test_opening_again_changes_nothing(file: Path) -> None:
    SqliteStore(file, "acme", entities=[Parcel]).close()
    before = file.read_bytes()
    SqliteStore(file, "acme", entities=[Parcel]).close()
    assert file.read_bytes() == before


def test_a_file_of_a_later_release_is_refused(file: Path) -> None:
    SqliteStore(file, "acme", entities=[Parcel]).close()
    connection = sqlite3.connect(file)
    connection.execute("INSERT INTO salesmgmt_schema VALUES (?)", (LATEST + 1,))
    connection.commit()
    connection.close()
    with pytest.raises(NewerStore, match="release that wrote it") as caught:
        SqliteStore(file, "acme", entities=[Parcel])
    assert (caught.value.found, caught.value.known) == (LATEST + 1, LATEST)


# A class as it was, and as it became.


def _then() -> type[Entity]:
    @attrs.frozen(kw_only=True)
    class Crate(Entity):
        content: str = ""
        size: int = 0

    return Crate


def _now() -> type[Entity]:
    @attrs.frozen(kw_only=True)
    class Crate(Entity):
        content: str = ""
        size: str = "small"
        value: Money | None = None
        sealed: bool = False

        schema_version = 2

    return Crate


def _lift(document: dict[str, object]) -> dict[str, object]:
    return {
        **document,
        "size": "large" if document["size"] else "small",
        "value": {"amount": "5", "currency": "EUR"},
    }


def _crates(file: Path, tenant: str, cls: type[Entity], condition: str) -> list[str]:
    with (
        SqliteStore(file, tenant, entities=[cls], upcasters=[Upcaster("Crate", 1, _lift)]) as store,
        store.unit_of_work() as work,
    ):
        return [crate.id for crate in work[cls].find(Formula.parse(condition, schema_of(cls)))]


def _pack(file: Path, tenants: tuple[str, ...] = ("acme", "globex"), count: int = 3) -> None:
    then = _then()
    with SqliteStore(file, "acme", entities=[then]) as store:
        for tenant in tenants:
            with store.for_tenant(tenant).unit_of_work() as work:
                for number in range(count):
                    work[then].add(then(id=f"{number:04}", content="tea", size=number))  # type: ignore[call-arg]
                work.commit()


def test_new_and_changed_fields_are_found_in_old_entities_of_every_tenant(file: Path) -> None:
    _pack(file)
    for tenant in ("acme", "globex"):
        assert _crates(file, tenant, _now(), "size == 'large'") == ["0001", "0002"]
        assert _crates(file, tenant, _now(), "size == 'small' and value == 5 EUR") == ["0000"]
        assert _crates(file, tenant, _now(), "not sealed and content == 'tea'") == ["0000", "0001", "0002"]
        assert _crates(file, tenant, _now(), "version == 1") == ["0000", "0001", "0002"]


def test_many_old_entities_are_worked_out_in_batches(file: Path) -> None:
    _pack(file, ("acme",), count=1_100)
    assert len(_crates(file, "acme", _now(), "size == 'large'")) == 1_099


def test_entities_of_a_later_release_are_refused(file: Path) -> None:
    _pack(file)
    SqliteStore(file, "acme", entities=[_now()], upcasters=[Upcaster("Crate", 1, _lift)]).close()
    with pytest.raises(NewerStore, match="Crate") as caught:
        SqliteStore(file, "acme", entities=[_then()])
    assert (caught.value.what, caught.value.found, caught.value.known) == ("Crate", 2, 1)


def test_an_entity_that_cannot_be_lifted_leaves_the_file_as_it_was(file: Path) -> None:
    _pack(file)
    before = _structure(file)
    with pytest.raises(InvalidInput):
        SqliteStore(file, "acme", entities=[_now()])
    assert _structure(file) == before
    then = _then()
    with SqliteStore(file, "acme", entities=[then]) as store, store.unit_of_work() as work:
        assert len(work[then].find()) == 3


def test_a_field_that_left_and_came_back_is_found_again(file: Path) -> None:
    then = _then()

    @attrs.frozen(kw_only=True)
    class Crate(Entity):
        content: str = ""

    _pack(file, ("acme",))
    connection = sqlite3.connect(file)
    connection.execute("UPDATE salesmgmt_entity_Crate SET document = json_remove(document, '$.size')")
    connection.commit()
    connection.close()
    with SqliteStore(file, "acme", entities=[Crate]) as store, store.unit_of_work() as work:
        work[Crate].add(Crate(id="new"))
        work.commit()
    with SqliteStore(file, "acme", entities=[then]) as store, store.unit_of_work() as work:
        found = work[then].find(Formula.parse("size == 0", schema_of(then)))
        assert [crate.id for crate in found] == ["0000", "0001", "0002", "new"]


def test_the_key_of_an_amount_is_exact_after_a_change(file: Path) -> None:
    @attrs.frozen(kw_only=True)
    class Crate(Entity):
        content: str = ""
        size: int = 0
        weight: Decimal = Decimal("0.3")

    _pack(file, ("acme",))
    with SqliteStore(file, "acme", entities=[Crate]) as store, store.unit_of_work() as work:
        assert len(work[Crate].find(Formula.parse("weight == 0.30", schema_of(Crate)))) == 3
