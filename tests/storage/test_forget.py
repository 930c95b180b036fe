"""Who is forgotten is gone down to the bytes of the SQLite file and its log."""

from __future__ import annotations

import random
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest

from salesmgmt.core.actor import Actor
from salesmgmt.core.codec import Upcaster
from salesmgmt.core.entity import Entity, Ref, personal
from salesmgmt.core.events import Event
from salesmgmt.core.money import Money
from salesmgmt.core.ports import StoreBusy, UnknownKind
from salesmgmt.storage import SqliteStore
from salesmgmt.testing import SAMPLE_ENTITIES, SAMPLE_EVENTS, PersonPaid, Sample, SamplePerson

_NAME = "Wilhelmina Featherstonehaugh"
_ADA = Ref("SamplePerson", "ada")
_AT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "sales.db"


def _open(file: Path, *, timeout: float = 5.0) -> SqliteStore:
    return SqliteStore(file, "acme", entities=SAMPLE_ENTITIES, events=SAMPLE_EVENTS, timeout=timeout)


def _fill(store: SqliteStore) -> None:
    """Store a person, several versions of them, and payments, one of them long enough to fill pages of its own."""
    ada = SamplePerson(id="ada", name=_NAME, e_mail=f"{_NAME}@example.com")
    with store.unit_of_work() as work:
        ada = work[SamplePerson].add(ada)
        work.commit()
    for times in (1, 500, 3):
        with store.unit_of_work() as work:
            ada = work[SamplePerson].save(
                attrs.evolve(ada, name=f"{_NAME} " * times), expected_version=ada.version
            )
            work.publish(_paid(ada, times))
            work.commit()


def _paid(person: SamplePerson, amount: int) -> PersonPaid:
    return PersonPaid(
        at=_AT,
        by=Actor("desk"),
        subjects=(person.ref,),
        payer=_NAME,
        amount=Money(amount, "EUR"),
        before=person,
    )


def _bytes_of(file: Path) -> bytes:
    return b"".join(part.read_bytes() for part in sorted(file.parent.iterdir()))


def test_the_name_is_in_no_byte_of_the_files(file: Path) -> None:
    store = _open(file)
    _fill(store)
    assert _NAME.encode() in _bytes_of(file)
    assert store.forget(_ADA) == 4
    assert _NAME.encode() not in _bytes_of(file)
    assert b"Featherstone" not in _bytes_of(file)


def test_what_is_removed_is_overwritten_too(file: Path) -> None:
    store = _open(file)
    _fill(store)
    with store.unit_of_work() as work:
        work[SamplePerson].remove("ada", expected_version=4)
        work.commit()
    assert store.forget(_ADA) == 3
    assert _NAME.encode() not in _bytes_of(file)


def test_a_reader_who_holds_the_old_bytes_makes_it_say_so_and_try_again(file: Path) -> None:
    store = _open(file, timeout=0.05)
    _fill(store)
    with store.unit_of_work() as reading:
        assert reading[SamplePerson].get("ada").name.startswith(_NAME)
        with pytest.raises(StoreBusy):
            store.forget(_ADA)
        assert store.export(_ADA)["entities"][0]["name"] == ""  # type: ignore[index]
    assert store.forget(_ADA) == 0
    assert _NAME.encode() not in _bytes_of(file)


def test_a_class_that_this_program_does_not_know_may_hold_the_person(file: Path) -> None:
    _fill(_open(file))
    without_the_entity = SqliteStore(file, "acme", entities=[Sample], events=SAMPLE_EVENTS)
    without_the_event = SqliteStore(file, "acme", entities=SAMPLE_ENTITIES)
    for store in (without_the_entity, without_the_event):
        with pytest.raises(UnknownKind):
            store.forget(_ADA)
        with pytest.raises(UnknownKind):
            store.export(_ADA)
        assert store.forget(Ref("SamplePerson", "nobody")) == 0
    with _open(file).unit_of_work() as work:
        assert work[SamplePerson].get("ada").name.startswith(_NAME)


def test_the_column_of_a_field_that_is_gone_is_emptied(file: Path) -> None:
    @attrs.frozen(kw_only=True)
    class Visitor(Entity):
        nickname: str = personal(blank="")

    visitor_then = Visitor

    @attrs.frozen(kw_only=True)
    class Visitor(Entity):  # type: ignore[no-redef]
        pass

    with SqliteStore(file, "acme", entities=[visitor_then]) as store, store.unit_of_work() as work:
        work[visitor_then].add(visitor_then(id="v", nickname=_NAME))
        work.commit()
    connection = sqlite3.connect(file)
    connection.execute("UPDATE salesmgmt_entity_Visitor SET document = json_remove(document, '$.nickname')")
    connection.commit()
    connection.close()
    with SqliteStore(file, "acme", entities=[Visitor]) as store:
        store.forget(Ref("Visitor", "v"))
    assert _NAME.encode() not in _bytes_of(file)


def test_rows_that_have_moved_leave_no_copies_behind(file: Path) -> None:
    # Pages that were split and merged keep bytes of rows that have moved, which `secure_delete` does not overwrite.
    chance = random.Random(4)  # with SQLite 3.40 three copies were left behind
    store = _open(file)
    versions: dict[str, int] = {}
    for _ in range(60):
        with store.unit_of_work() as work:
            for _ in range(chance.randint(1, 8)):
                id_ = f"p{chance.randint(0, 60)}"
                name = _NAME if int(id_[1:]) % 2 == 0 else "somebody"
                person = SamplePerson(id=id_, name=f"{name} of {id_}. " * chance.choice((1, 3, 10, 100)))
                if id_ not in versions:
                    versions[id_] = work[SamplePerson].add(person).version
                elif chance.random() < 0.25:
                    work[SamplePerson].remove(id_, expected_version=versions.pop(id_))
                else:
                    versions[id_] = work[SamplePerson].save(person, expected_version=versions[id_]).version
                work.publish(attrs.evolve(_paid(person, 1), payer=name))
            work.commit()
    store.forget(*(Ref("SamplePerson", f"p{number}") for number in range(0, 61, 2)))
    assert _NAME.encode() not in _bytes_of(file)


def _guests() -> tuple[type[Entity], type[Event], type[Entity], type[Event]]:
    """Return a class and an event as they were, with a name; and as they are now, without."""

    @attrs.frozen(kw_only=True)
    class Guest(Entity):
        name: str = personal(blank="")

    @attrs.frozen(kw_only=True)
    class GuestCame(Event):
        guest_number: int
        name: str = personal(blank="")

    guest_then, came_then = Guest, GuestCame

    @attrs.frozen(kw_only=True)
    class Guest(Entity):  # type: ignore[no-redef]
        schema_version = 2

    @attrs.frozen(kw_only=True)
    class GuestCame(Event):  # type: ignore[no-redef]
        schema_version = 2
        name: str = personal(blank="")

    return guest_then, came_then, Guest, GuestCame


def _without_name(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key != "name"}


def _with_subject(document: dict[str, Any]) -> dict[str, Any]:
    number = document.pop("guest_number")
    return {**document, "subjects": [{"kind": "Guest", "id": f"g-{number}"}]}


def test_documents_of_an_earlier_release_are_forgotten_whatever_they_hold(file: Path) -> None:
    guest_then, came_then, guest, came = _guests()
    with (
        SqliteStore(file, "acme", entities=[guest_then], events=[came_then]) as store,
        store.unit_of_work() as work,
    ):
        work[guest_then].add(guest_then(id="g-7", name=_NAME))  # type: ignore[call-arg]
        work.publish(came_then(at=_AT, by=Actor("desk"), subjects=(), guest_number=7, name=_NAME))  # type: ignore[call-arg]
        work.commit()
    upcasters = [Upcaster("Guest", 1, _without_name), Upcaster("GuestCame", 1, _with_subject)]
    with SqliteStore(file, "acme", entities=[guest], events=[came], upcasters=upcasters) as store:
        assert len(store.export(Ref("Guest", "g-7"))["events"]) == 1  # type: ignore[arg-type]
        assert store.forget(Ref("Guest", "g-7")) == 2
        assert store.forget(Ref("Guest", "g-7")) == 0
    assert _NAME.encode() not in _bytes_of(file)
