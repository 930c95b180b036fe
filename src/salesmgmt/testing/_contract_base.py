"""What the parts of the storage contract share."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Protocol

import pytest

from salesmgmt.core.actor import Actor
from salesmgmt.core.codec import Upcaster
from salesmgmt.core.entity import Entity, Ref
from salesmgmt.core.events import Event
from salesmgmt.core.ports import Store
from salesmgmt.testing.clock import FixedClock
from salesmgmt.testing.samples import SAMPLE_ENTITIES, SAMPLE_EVENTS, SampleCounted

CLOCK = FixedClock()
DESK = Actor("desk")


class StoreFactory(Protocol):
    """Opens the store of a tenant; all that one factory opens lie in one database, which is empty at first."""

    def __call__(
        self,
        tenant: str,
        *,
        entities: Iterable[type[Entity]] = SAMPLE_ENTITIES,
        events: Iterable[type[Event]] = SAMPLE_EVENTS,
        upcasters: Iterable[Upcaster] = (),
    ) -> Store:
        """Open the store of `tenant` for these classes."""
        ...


class ContractBase:
    """The fixtures of the contract."""

    @pytest.fixture
    def store_factory(self) -> StoreFactory:
        """Return what opens the stores under test; a subclass overrides it."""
        message = f"{type(self).__name__} must override the fixture `store_factory`"
        raise NotImplementedError(message)

    @pytest.fixture
    def store(self, store_factory: StoreFactory) -> Store:
        """Return an empty store."""
        return store_factory("acme")


def put(store: Store, *entities: Entity) -> None:
    """Add entities in a unit of work of their own."""
    with store.unit_of_work() as work:
        for entity in entities:
            work[type(entity)].add(entity)
        work.commit()


def counted(number: int, *subjects: Ref) -> SampleCounted:
    """Make an event that can be told from others by its number."""
    return SampleCounted(at=CLOCK.now(), by=DESK, subjects=subjects, count=Decimal(number))
