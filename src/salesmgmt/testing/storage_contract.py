"""The contract of `salesmgmt.core.ports`, as tests that an adapter inherits."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from types import MappingProxyType
from typing import Any, ClassVar

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from salesmgmt.core.errors import SalesError
from salesmgmt.testing._contract_base import ContractBase, StoreFactory
from salesmgmt.testing._contract_events import EventContract
from salesmgmt.testing._contract_find import ConditionContract, OrderContract
from salesmgmt.testing._contract_persons import PersonContract
from salesmgmt.testing._contract_repository import RepositoryContract, TenantContract, UnitOfWorkContract
from salesmgmt.testing.storage_machine import StoreMachine


class ContractWeakened(SalesError, TypeError):
    """A subclass of a contract replaces one of its tests, or excuses one that does not exist, or gives no reason.

    Attributes:
        contract: the subclass.
        names: the tests.
    """

    code = "contract_weakened"

    def __init__(self, contract: str, names: list[str]) -> None:
        super().__init__(
            f"{contract} replaces or excuses without a reason: {', '.join(names)}",
            hint="name each in `not_applicable` with the reason why it cannot hold, and do not replace it",
        )
        self.contract = contract
        self.names = tuple(names)


class _MachineContract(ContractBase):
    def test_it_behaves_as_a_plain_dictionary_would(self, store_factory: StoreFactory) -> None:
        tenants = count()
        run_state_machine_as_test(
            lambda: StoreMachine(store_factory(f"tenant {next(tenants)}")),  # type: ignore[arg-type]  # any factory will do
            settings=settings(max_examples=40, stateful_step_count=30, deadline=None),
        )


class StorageContract(
    RepositoryContract,
    UnitOfWorkContract,
    TenantContract,
    ConditionContract,
    OrderContract,
    EventContract,
    PersonContract,
    _MachineContract,
):
    """Proves an implementation of the storage port; needs the extra `testing`.

    Subclass it in a test module as `Test...`, and override the fixture `store_factory`. It returns a function that
    opens the `Store` of a tenant; all stores that one such function opens lie in one database, which is empty at
    first. The contract brings its own entities and events, and names them when it opens a store.

    A test that cannot hold is excused, with the reason, in `not_applicable`; it is then skipped with that reason. A subclass
    that replaces a test of the contract is refused when it is defined, so that no test gets lost unseen.

    >>> import pytest
    >>> from salesmgmt.storage import MemoryDatabase, MemoryStore
    >>> from salesmgmt.testing import SAMPLE_ENTITIES, SAMPLE_EVENTS, StorageContract
    >>> class TestMyStore(StorageContract):
    ...     not_applicable = {"test_documents_of_an_earlier_release_are_lifted": "it keeps no documents"}
    ...
    ...     @pytest.fixture
    ...     def store_factory(self):
    ...         database = MemoryDatabase()
    ...         def open_store(tenant, *, entities=SAMPLE_ENTITIES, events=SAMPLE_EVENTS, upcasters=()):
    ...             return MemoryStore(tenant, entities=entities, events=events, database=database)
    ...         return open_store

    Attributes:
        not_applicable: the reason for each test that cannot hold.
    """

    not_applicable: ClassVar[Mapping[str, str]] = MappingProxyType({})

    def __init_subclass__(cls, **arguments: Any) -> None:
        super().__init_subclass__(**arguments)
        tests = {name for name in dir(StorageContract) if name.startswith("test_")}
        weakened = {name for name in tests if getattr(cls, name) is not getattr(StorageContract, name)}
        weakened |= {
            name for name, reason in cls.not_applicable.items() if name not in tests or not reason.strip()
        }
        if weakened:
            raise ContractWeakened(cls.__name__, sorted(weakened))

    @pytest.fixture(autouse=True)
    def _skip_what_is_not_applicable(self, request: pytest.FixtureRequest) -> None:
        name = getattr(request.node, "originalname", request.node.name)
        if name in self.not_applicable:
            pytest.skip(self.not_applicable[name])
