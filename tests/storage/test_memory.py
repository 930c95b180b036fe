"""The store in memory keeps the contract."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar

import attrs
import pytest

from salesmgmt.core.codec import Upcaster
from salesmgmt.core.entity import Entity
from salesmgmt.core.events import Event
from salesmgmt.core.ports import AlreadyExists, ConcurrentUpdate
from salesmgmt.storage import MemoryDatabase, MemoryStore
from salesmgmt.testing import (
    SAMPLE_ENTITIES,
    SAMPLE_EVENTS,
    Sample,
    SamplePerson,
    StorageContract,
    StoreFactory,
)
from salesmgmt.testing._contract_base import counted


class TestMemoryStore(StorageContract):
    not_applicable: ClassVar = {
        "test_documents_of_an_earlier_release_are_lifted": "objects in memory are of this release",
    }

    @pytest.fixture
    def store_factory(self) -> StoreFactory:
        database = MemoryDatabase()

        def open_store(
            tenant: str,
            *,
            entities: Iterable[type[Entity]] = SAMPLE_ENTITIES,
            events: Iterable[type[Event]] = SAMPLE_EVENTS,
            upcasters: Iterable[Upcaster] = (),  # noqa: ARG001 - nothing in memory is old
        ) -> MemoryStore:
            return MemoryStore(tenant, entities=entities, events=events, database=database)

        return open_store


def test_a_store_for_another_tenant_shares_the_database() -> None:
    acme = MemoryStore("acme", entities=SAMPLE_ENTITIES)
    globex = acme.for_tenant("globex")
    with globex.unit_of_work() as work:
        work[Sample].add(Sample(id="s"))
        work.commit()
    with acme.unit_of_work() as work:
        assert work[Sample].find() == []
    with acme.for_tenant("globex").unit_of_work() as work:
        assert work[Sample].get("s").tenant == "globex"
    assert (acme.tenant, globex.tenant) == ("acme", "globex")


def test_two_stores_without_a_common_database_share_nothing() -> None:
    with MemoryStore("acme", entities=[Sample]).unit_of_work() as work:
        work[Sample].add(Sample(id="s"))
        work.commit()
    with MemoryStore("acme", entities=[Sample]).unit_of_work() as work:
        assert work[Sample].find() == []


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore("acme", entities=[Sample])
    with store.unit_of_work() as work:
        work[Sample].add(Sample(id="s"))
        work.commit()
    return store


def test_of_two_that_saved_before_either_committed_the_second_commit_is_refused(store: MemoryStore) -> None:
    with store.unit_of_work() as first, store.unit_of_work() as second:
        first[Sample].save(Sample(id="s", label="first"), expected_version=1)
        second[Sample].add(Sample(id="other"))
        second[Sample].save(Sample(id="s", label="second"), expected_version=1)
        first.commit()
        with pytest.raises(ConcurrentUpdate) as caught:
            second.commit()
    assert (caught.value.expected, caught.value.actual) == (1, 2)
    with store.unit_of_work() as work:
        assert [(sample.id, sample.label) for sample in work[Sample].find()] == [("s", "first")]


def test_of_two_that_added_before_either_committed_the_second_commit_is_refused(store: MemoryStore) -> None:
    with store.unit_of_work() as first, store.unit_of_work() as second:
        first[Sample].add(Sample(id="new", label="first"))
        second[Sample].add(Sample(id="new", label="second"))
        first.commit()
        with pytest.raises(AlreadyExists):
            second.commit()


def test_what_was_forgotten_between_save_and_commit_is_not_written_back() -> None:
    store = MemoryStore("acme", entities=[SamplePerson])
    with store.unit_of_work() as work:
        ada = work[SamplePerson].add(SamplePerson(id="ada", name="Ada"))
        work.commit()
    with store.unit_of_work() as work:
        work[SamplePerson].save(ada, expected_version=1)
        assert store.forget(ada.ref) == 1
        with pytest.raises(ConcurrentUpdate):
            work.commit()


def test_an_id_that_others_added_and_removed_meanwhile_is_refused(store: MemoryStore) -> None:
    with store.unit_of_work() as slow:
        slow[Sample].add(Sample(id="new", label="slow"))
        for command in ("add", "remove"):
            with store.unit_of_work() as quick:
                if command == "add":
                    quick[Sample].add(Sample(id="new", label="quick"))
                else:
                    quick[Sample].remove("new", expected_version=1)
                quick.commit()
        # Version 1 has been read by others, so it cannot be given to another entity.
        with pytest.raises(ConcurrentUpdate):
            slow.commit()


@attrs.frozen(kw_only=True)
class Shelf(Entity):
    places: Mapping[str, int] = attrs.Factory(dict)


def test_what_the_caller_can_still_change_is_copied() -> None:
    store = MemoryStore("acme", entities=[Shelf])
    places = {"left": 1}
    with store.unit_of_work() as work:
        work[Shelf].add(Shelf(id="s", places=places))
        work.commit()
    places["right"] = 2
    with store.unit_of_work() as work:
        assert work[Shelf].get("s").places == {"left": 1}


def test_marking_is_all_or_nothing() -> None:
    store = MemoryStore("acme", events=SAMPLE_EVENTS)
    with store.unit_of_work() as work:
        work.publish(counted(1), counted(2))
        work.commit()

    def positions() -> Iterator[int]:
        yield store.undelivered()[0].position
        message = "the consumer is gone"
        raise ConnectionError(message)

    with pytest.raises(ConnectionError):
        store.mark_delivered(positions())
    assert len(store.undelivered()) == 2
