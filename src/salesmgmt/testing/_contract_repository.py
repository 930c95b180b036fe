# ruff: noqa: S101 - pytest turns the asserts of this module into explanations
# ruff: noqa: PT012 - a store may find a conflict at once or at the commit
"""The contract of repositories and units of work: versions, conflicts, all or nothing, tenants."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import attrs
import pytest

from salesmgmt.core.entity import Entity, Ref
from salesmgmt.core.errors import SalesError
from salesmgmt.core.events import Event
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.ports import (
    AlreadyExists,
    ConcurrentUpdate,
    NotFound,
    Store,
    UnitOfWorkClosed,
    UnknownKind,
    WrongTenant,
)
from salesmgmt.testing._contract_base import CLOCK, DESK, ContractBase, StoreFactory, counted, put
from salesmgmt.testing.samples import Sample, SamplePerson

FULL = Sample(
    id='it\'s "1" / 中',
    label="L'été; DROP TABLE x --",
    note="",
    count=Decimal("-0.10"),
    rank=-7,
    share=Percent("12.50"),
    price=Money("1234567890123456789012345678901.234", "CNY"),
    cost=Money("-0.005", "EUR"),
    urgent=False,
    due=date(2026, 2, 28),
    seen=datetime(2026, 2, 28, 23, 59, 59, 999_999, tzinfo=UTC),
    tags=frozenset({"a", "it's", "中"}),
)


@attrs.frozen(kw_only=True)
class Stranger(Entity):
    """A class that no store under test was told about."""


@attrs.frozen(kw_only=True)
class StrangerCame(Event):
    """An event that no store under test was told about."""


class RepositoryContract(ContractBase):
    """Entities come back as they were stored, and no change is lost."""

    @pytest.mark.parametrize("entity", [FULL, Sample(id="bare")], ids=["full", "bare"])
    def test_an_entity_comes_back_as_it_was_added(self, store: Store, entity: Sample) -> None:
        with store.unit_of_work() as work:
            added = work[Sample].add(entity)
            work.commit()
        assert added == attrs.evolve(entity, tenant="acme", version=1)
        with store.unit_of_work() as work:
            found = work[Sample].get(entity.id)
        assert found == added
        assert str(found.price) == str(entity.price)  # the scale of an amount is kept, too

    def test_an_unknown_id_is_not_found(self, store: Store) -> None:
        with store.unit_of_work() as work, pytest.raises(NotFound) as caught:
            work[Sample].get("nobody")
        assert caught.value.ref == Ref("Sample", "nobody")

    def test_ids_are_told_apart_by_class_and_case(self, store: Store) -> None:
        put(
            store,
            Sample(id="x", label="small"),
            Sample(id="X", label="capital"),
            SamplePerson(id="x", name="Ada"),
        )
        with store.unit_of_work() as work:
            assert work[Sample].get("x").label == "small"
            assert work[Sample].get("X").label == "capital"
            assert work[SamplePerson].get("x").name == "Ada"

    def test_an_id_is_added_once(self, store: Store) -> None:
        with store.unit_of_work() as work:
            work[Sample].add(Sample(id="s", label="first"))
            with pytest.raises(AlreadyExists):
                work[Sample].add(Sample(id="s", label="second"))
            work.commit()
        with pytest.raises(AlreadyExists), store.unit_of_work() as work:
            work[Sample].add(Sample(id="s", label="third"))
            work.commit()
        with store.unit_of_work() as work:
            assert work[Sample].get("s").label == "first"

    def test_each_save_is_one_version_on(self, store: Store) -> None:
        put(store, Sample(id="s", label="one"))
        with store.unit_of_work() as work:
            saved = work[Sample].save(Sample(id="s", label="two"), expected_version=1)
            again = work[Sample].save(attrs.evolve(saved, label="three"), expected_version=2)
            work.commit()
        with store.unit_of_work() as work:
            assert work[Sample].get("s") == again == Sample(id="s", tenant="acme", version=3, label="three")

    def test_a_stale_save_is_refused_with_both_versions(self, store: Store) -> None:
        put(store, Sample(id="s"))
        _relabel(store, "s", "newer")
        with pytest.raises(ConcurrentUpdate) as caught, store.unit_of_work() as work:
            work[Sample].save(Sample(id="s", label="stale"), expected_version=1)
            work.commit()
        assert (caught.value.ref, caught.value.expected, caught.value.actual) == (Ref("Sample", "s"), 1, 2)
        with store.unit_of_work() as work:
            assert work[Sample].get("s").label == "newer"

    @pytest.mark.parametrize("expected", [0, 1, 2])
    def test_saving_what_is_not_there_is_refused(self, store: Store, expected: int) -> None:
        with pytest.raises(ConcurrentUpdate) as caught, store.unit_of_work() as work:
            work[Sample].save(Sample(id="s"), expected_version=expected)
            work.commit()
        assert caught.value.actual is None
        with store.unit_of_work() as work:
            assert list(work[Sample].find()) == []

    def test_what_is_removed_is_gone_and_its_id_free(self, store: Store) -> None:
        put(store, Sample(id="s"), Sample(id="t"))
        with store.unit_of_work() as work:
            work[Sample].remove("s", expected_version=1)
            with pytest.raises(NotFound):
                work[Sample].get("s")
            work.commit()
        with store.unit_of_work() as work:
            assert [sample.id for sample in work[Sample].find()] == ["t"]
            with pytest.raises(NotFound):
                work[Sample].remove("s", expected_version=1)
        put(store, Sample(id="s", label="again"))

    def test_who_read_what_was_removed_cannot_write_over_its_successor(self, store: Store) -> None:
        put(store, Sample(id="s", label="old"))
        with store.unit_of_work() as work:
            old = work[Sample].get("s")
        _remove(store, "s")
        with store.unit_of_work() as work:
            assert work[Sample].add(Sample(id="s", label="new")).version == 2
            work.commit()
        with pytest.raises(ConcurrentUpdate), store.unit_of_work() as work:
            work[Sample].save(old, expected_version=old.version)
            work.commit()
        with pytest.raises(ConcurrentUpdate), store.unit_of_work() as work:
            work[Sample].remove("s", expected_version=old.version)
            work.commit()
        with store.unit_of_work() as work:
            assert (work[Sample].get("s").label, work[Sample].get("s").version) == ("new", 2)

    def test_removing_and_adding_in_one_unit_of_work_replaces(self, store: Store) -> None:
        put(store, Sample(id="s", label="old"))
        with store.unit_of_work() as work:
            work[Sample].remove("s", expected_version=1)
            work[Sample].add(Sample(id="s", label="new"))
            work.commit()
        with store.unit_of_work() as work:
            assert (work[Sample].get("s").label, work[Sample].get("s").version) == ("new", 2)

    def test_adding_and_removing_in_one_unit_of_work_leaves_nothing(self, store: Store) -> None:
        with store.unit_of_work() as work:
            work[Sample].add(Sample(id="s"))
            work[Sample].remove("s", expected_version=1)
            work.commit()
        with store.unit_of_work() as work:
            assert list(work[Sample].find()) == []

    def test_a_stale_remove_is_refused(self, store: Store) -> None:
        put(store, Sample(id="s"))
        _relabel(store, "s", "newer")
        with pytest.raises(ConcurrentUpdate) as caught, store.unit_of_work() as work:
            work[Sample].remove("s", expected_version=1)
            work.commit()
        assert (caught.value.expected, caught.value.actual) == (1, 2)

    def test_of_two_that_read_the_same_version_only_the_first_saves(self, store: Store) -> None:
        put(store, Sample(id="s"))
        with store.unit_of_work() as slow:
            seen = slow[Sample].get("s")
            _relabel(store, "s", "quick")
            with pytest.raises(ConcurrentUpdate):
                slow[Sample].save(attrs.evolve(seen, label="slow"), expected_version=seen.version)
                slow.commit()
        with store.unit_of_work() as work:
            assert (work[Sample].get("s").label, work[Sample].get("s").version) == ("quick", 2)

    def test_a_save_after_a_remove_by_somebody_else_is_refused(self, store: Store) -> None:
        put(store, Sample(id="s"))
        with store.unit_of_work() as slow:
            seen = slow[Sample].get("s")
            _remove(store, "s")
            with pytest.raises(ConcurrentUpdate) as caught:
                slow[Sample].save(seen, expected_version=seen.version)
                slow.commit()
        assert caught.value.actual is None

    def test_a_remove_after_a_save_by_somebody_else_is_refused(self, store: Store) -> None:
        put(store, Sample(id="s"))
        with store.unit_of_work() as slow:
            seen = slow[Sample].get("s")
            _relabel(store, "s", "quick")
            with pytest.raises(ConcurrentUpdate):
                slow[Sample].remove("s", expected_version=seen.version)
                slow.commit()
        with store.unit_of_work() as work:
            assert work[Sample].get("s").label == "quick"

    def test_of_two_that_add_the_same_id_only_the_first_does(self, store: Store) -> None:
        with store.unit_of_work() as slow:
            assert list(slow[Sample].find()) == []
            put(store, Sample(id="s", label="quick"))
            with pytest.raises(AlreadyExists):
                slow[Sample].add(Sample(id="s", label="slow"))
                slow.commit()
        with store.unit_of_work() as work:
            assert work[Sample].get("s").label == "quick"

    def test_a_class_that_the_store_was_not_told_about_is_refused(self, store: Store) -> None:
        with store.unit_of_work() as work:
            with pytest.raises(UnknownKind):
                work[Stranger]
            with pytest.raises(UnknownKind):
                work[Sample].add(SamplePerson(id="p", name="Ada"))  # type: ignore[arg-type]
            with pytest.raises(UnknownKind):
                work.publish(counted(1), StrangerCame(at=CLOCK.now(), by=DESK, subjects=()))
            work.commit()
        with store.unit_of_work() as work:
            assert list(work.history()) == []

    def test_a_value_of_another_type_than_declared_is_refused(self, store: Store) -> None:
        with store.unit_of_work() as work:
            with pytest.raises(SalesError):
                work[Sample].add(Sample(id="s", count=0.5))  # type: ignore[arg-type]
            assert list(work[Sample].find()) == []

    @pytest.mark.parametrize("text", ["x" * 10_000_001, "\0" * 2_000_000], ids=["long", "long when escaped"])
    def test_what_is_too_large_to_be_read_again_is_refused(self, store: Store, text: str) -> None:
        with store.unit_of_work() as work:
            with pytest.raises(SalesError):
                work[Sample].add(Sample(id="s", label=text))
            work.commit()
        with store.unit_of_work() as work:
            assert list(work[Sample].find()) == []


class UnitOfWorkContract(ContractBase):
    """Everything or nothing; and nobody sees half of it."""

    def test_without_a_commit_nothing_happened(self, store: Store) -> None:
        put(store, Sample(id="kept", label="before"))
        with store.unit_of_work() as work:
            work[Sample].add(Sample(id="s"))
            work[Sample].save(Sample(id="kept", label="after"), expected_version=1)
            work.publish(counted(1))
        _assert_only_the_first(store)

    def test_an_exception_undoes_everything(self, store: Store) -> None:
        put(store, Sample(id="kept", label="before"))
        with pytest.raises(RuntimeError, match="on the way"), store.unit_of_work() as work:
            work[Sample].add(Sample(id="s"))
            work[Sample].save(Sample(id="kept", label="after"), expected_version=1)
            work.publish(counted(1))
            message = "on the way"
            raise RuntimeError(message)
        _assert_only_the_first(store)

    def test_a_conflict_undoes_what_came_before_it(self, store: Store) -> None:
        put(store, Sample(id="kept", label="before"), Sample(id="contended"))
        _relabel(store, "contended", "newer")
        with pytest.raises(ConcurrentUpdate), store.unit_of_work() as work:
            work[Sample].save(Sample(id="kept", label="after"), expected_version=1)
            work.publish(counted(1))
            work[Sample].save(Sample(id="contended"), expected_version=1)
            work.commit()
        _remove(store, "contended")
        _assert_only_the_first(store)

    def test_entities_of_two_classes_and_events_are_stored_together(self, store: Store) -> None:
        with store.unit_of_work() as work:
            work[Sample].add(Sample(id="s"))
            work[SamplePerson].add(SamplePerson(id="p", name="Ada"))
            work.publish(counted(1), counted(2))
            work.commit()
        with store.unit_of_work() as work:
            assert work[Sample].get("s").version == work[SamplePerson].get("p").version == 1
            assert list(work.history()) == [counted(1), counted(2)]

    def test_a_unit_of_work_sees_its_own_changes(self, store: Store) -> None:
        put(store, Sample(id="a"), Sample(id="b"))
        with store.unit_of_work() as work:
            work[Sample].remove("a", expected_version=1)
            work[Sample].save(Sample(id="b", label="changed"), expected_version=1)
            work[Sample].add(Sample(id="c"))
            work.publish(counted(1))
            assert [(sample.id, sample.label) for sample in work[Sample].find()] == [
                ("b", "changed"),
                ("c", ""),
            ]
            assert list(work.history()) == [counted(1)]

    def test_nobody_sees_what_is_not_committed(self, store: Store) -> None:
        put(store, Sample(id="s", label="before"))
        with store.unit_of_work() as work:
            work[Sample].save(Sample(id="s", label="after"), expected_version=1)
            work[Sample].add(Sample(id="t"))
            work.publish(counted(1))
            with store.unit_of_work() as other:
                assert [(sample.id, sample.label) for sample in other[Sample].find()] == [("s", "before")]
                assert list(other.history()) == []
            assert list(store.undelivered()) == []
            work.commit()
        with store.unit_of_work() as other:
            assert [(sample.id, sample.label) for sample in other[Sample].find()] == [
                ("s", "after"),
                ("t", ""),
            ]

    def test_a_refused_command_does_no_harm_to_the_rest(self, store: Store) -> None:
        put(store, Sample(id="s"))
        with store.unit_of_work() as work:
            work[Sample].add(Sample(id="t"))
            with pytest.raises(AlreadyExists):
                work[Sample].add(Sample(id="s", label="again"))
            with pytest.raises(NotFound):
                work[Sample].remove("nobody", expected_version=1)
            work.commit()
        with store.unit_of_work() as work:
            assert [(sample.id, sample.label) for sample in work[Sample].find()] == [("s", ""), ("t", "")]

    def test_it_is_used_inside_its_block_and_until_its_commit(self, store: Store) -> None:
        work = store.unit_of_work()
        with pytest.raises(UnitOfWorkClosed):
            work[Sample]
        with work:
            samples = work[Sample]
            samples.add(Sample(id="s"))
            work.commit()
            with pytest.raises(UnitOfWorkClosed):
                samples.get("s")
            with pytest.raises(UnitOfWorkClosed):
                samples.add(Sample(id="t"))
            with pytest.raises(UnitOfWorkClosed):
                work.commit()
        with pytest.raises(UnitOfWorkClosed):
            work.publish(counted(1))
        with pytest.raises(UnitOfWorkClosed):
            work.history()
        with pytest.raises(UnitOfWorkClosed):
            work.__enter__()
        with store.unit_of_work() as later:
            assert [sample.id for sample in later[Sample].find()] == ["s"]

    def test_history_is_read_inside_the_block(self, store: Store) -> None:
        with store.unit_of_work() as work:
            work.publish(counted(1), counted(2))
            work.commit()
        with store.unit_of_work() as work:
            unread, begun = work.history(), work.history()
            assert next(begun) == counted(1)
        for history in (unread, begun):
            with pytest.raises(UnitOfWorkClosed):
                next(history)

    def test_an_empty_commit_is_fine(self, store: Store) -> None:
        with store.unit_of_work() as work:
            work.commit()


class TenantContract(ContractBase):
    """Tenants share a database and nothing else."""

    def test_a_tenant_sees_only_its_own(self, store_factory: StoreFactory) -> None:
        acme, globex = store_factory("acme"), store_factory("globex")
        assert (acme.tenant, globex.tenant) == ("acme", "globex")
        with acme.unit_of_work() as work:
            work[Sample].add(Sample(id="s", label="acme's"))
            work.publish(counted(1, Ref("Sample", "s")))
            work.commit()
        with globex.unit_of_work() as work:
            with pytest.raises(NotFound):
                work[Sample].get("s")
            assert list(work[Sample].find()) == []
            assert list(work.history()) == list(work.history(Ref("Sample", "s"))) == []
            with pytest.raises(ConcurrentUpdate):
                work[Sample].save(Sample(id="s"), expected_version=1)
            with pytest.raises(NotFound):
                work[Sample].remove("s", expected_version=1)
        assert list(globex.undelivered()) == []

    def test_two_tenants_may_use_the_same_id(self, store_factory: StoreFactory) -> None:
        stores = {tenant: store_factory(tenant) for tenant in ("acme", "globex")}
        for tenant, store in stores.items():
            put(store, Sample(id="s", label=tenant))
        _remove(stores["acme"], "s")
        with stores["globex"].unit_of_work() as work:
            assert (work[Sample].get("s").label, work[Sample].get("s").tenant) == ("globex", "globex")

    def test_an_entity_of_another_tenant_is_refused(self, store: Store) -> None:
        foreign = Sample(id="s", tenant="globex")
        with store.unit_of_work() as work:
            with pytest.raises(WrongTenant) as caught:
                work[Sample].add(foreign)
            with pytest.raises(WrongTenant):
                work[Sample].save(foreign, expected_version=1)
        assert (caught.value.expected, caught.value.found) == ("acme", "globex")

    def test_marking_an_event_of_another_tenant_does_nothing(self, store_factory: StoreFactory) -> None:
        acme, globex = store_factory("acme"), store_factory("globex")
        with acme.unit_of_work() as work:
            work.publish(counted(1))
            work.commit()
        (delivery,) = acme.undelivered()
        globex.mark_delivered([delivery.position])
        assert list(acme.undelivered()) == [delivery]


def _relabel(store: Store, id_: str, label: str) -> None:
    with store.unit_of_work() as work:
        seen = work[Sample].get(id_)
        work[Sample].save(attrs.evolve(seen, label=label), expected_version=seen.version)
        work.commit()


def _remove(store: Store, id_: str) -> None:
    with store.unit_of_work() as work:
        work[Sample].remove(id_, expected_version=work[Sample].get(id_).version)
        work.commit()


def _assert_only_the_first(store: Store) -> None:
    with store.unit_of_work() as work:
        assert list(work[Sample].find()) == [Sample(id="kept", tenant="acme", version=1, label="before")]
        assert list(work.history()) == []
    assert list(store.undelivered()) == []
