# ruff: noqa: S101 - pytest turns the asserts of this module into explanations
"""The contract of events: history, outbox, and documents of earlier releases."""

from __future__ import annotations

from decimal import Decimal
from itertools import islice

import pytest

from salesmgmt.core.entity import Ref
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.ports import Store
from salesmgmt.testing._contract_base import CLOCK, DESK, ContractBase, StoreFactory, counted
from salesmgmt.testing.samples import PARCEL_UPCASTERS, FirstRelease, SecondRelease

_A, _B = Ref("Sample", "a"), Ref("Sample", "b")


def _publish(store: Store, *numbers: int) -> None:
    with store.unit_of_work() as work:
        work.publish(*(counted(number) for number in numbers))
        work.commit()


class EventContract(ContractBase):
    """Every committed event is in the history and, until it was delivered, in the outbox."""

    def test_history_is_in_the_order_of_publishing(self, store: Store) -> None:
        _publish(store, 1, 2)
        _publish(store, 3)
        with store.unit_of_work() as work:
            assert list(work.history()) == [counted(1), counted(2), counted(3)]

    def test_the_history_of_a_subject_has_the_events_that_name_it(self, store: Store) -> None:
        with store.unit_of_work() as work:
            work.publish(counted(1, _A), counted(2, _B), counted(3, _B, _A), counted(4, _A, _A), counted(5))
            work.commit()
        with store.unit_of_work() as work:
            assert list(work.history(_A)) == [counted(1, _A), counted(3, _B, _A), counted(4, _A, _A)]
            assert list(work.history(_B)) == [counted(2, _B), counted(3, _B, _A)]
            assert list(work.history(Ref("Other", "a"))) == []

    def test_a_long_history_is_complete(self, store: Store) -> None:
        _publish(store, *range(1_200))
        with store.unit_of_work() as work:
            assert [event.count for event in work.history()] == list(range(1_200))  # type: ignore[attr-defined]

    def test_publishing_while_reading_the_history_comes_to_an_end(self, store: Store) -> None:
        _publish(store, 1)
        with store.unit_of_work() as work:
            for event in islice(work.history(), 5):
                work.publish(event)
            work.commit()
        with store.unit_of_work() as work:
            assert list(work.history()) == [counted(1), counted(1)]

    def test_the_outbox_gives_the_oldest_first(self, store: Store) -> None:
        _publish(store, 1, 2)
        _publish(store, 3)
        deliveries = store.undelivered()
        assert [delivery.event for delivery in deliveries] == [counted(1), counted(2), counted(3)]
        positions = [delivery.position for delivery in deliveries]
        assert positions == sorted(set(positions))
        assert list(store.undelivered(limit=2)) == list(deliveries[:2])
        assert list(store.undelivered(limit=0)) == []
        with pytest.raises(InvalidInput):
            store.undelivered(limit=-1)

    def test_what_was_delivered_is_not_given_again(self, store: Store) -> None:
        _publish(store, 1, 2, 3)
        first, second, third = store.undelivered()
        store.mark_delivered([second.position, third.position + 1_000])
        assert list(store.undelivered()) == [first, third]
        store.mark_delivered(delivery.position for delivery in (first, second, third))
        assert list(store.undelivered()) == []
        _publish(store, 4)
        (fourth,) = store.undelivered()
        assert fourth.position > third.position
        with store.unit_of_work() as work:
            assert [event.count for event in work.history()] == [1, 2, 3, 4]  # type: ignore[attr-defined]

    def test_documents_of_an_earlier_release_are_lifted(self, store_factory: StoreFactory) -> None:
        old = store_factory("acme", entities=[FirstRelease.Parcel], events=[FirstRelease.ParcelSent])
        with old.unit_of_work() as work:
            parcel = work[FirstRelease.Parcel].add(FirstRelease.Parcel(id="p", grams=2_500))
            sent = FirstRelease.ParcelSent(at=CLOCK.now(), by=DESK, subjects=(parcel.ref,), grams=2_500)
            work.publish(sent)
            work.commit()
        new = store_factory(
            "acme",
            entities=[SecondRelease.Parcel],
            events=[SecondRelease.ParcelSent],
            upcasters=PARCEL_UPCASTERS,
        )
        with new.unit_of_work() as work:
            lifted = work[SecondRelease.Parcel].get("p")
            assert lifted == SecondRelease.Parcel(id="p", tenant="acme", version=1, kilograms=Decimal("2.5"))
            assert list(work[SecondRelease.Parcel].find(order_by=["kilograms"])) == [lifted]
            (event,) = work.history(parcel.ref)
            assert isinstance(event, SecondRelease.ParcelSent)
            assert event.kilograms == Decimal("2.5")
            saved = work[SecondRelease.Parcel].save(lifted, expected_version=1)
            work.commit()
        assert saved.version == 2
