"""What a host needs to test what it builds on salesmgmt: the storage contract, strategies, a clock.

Needs the extra `testing` (pytest and hypothesis).
"""

from salesmgmt.core.errors import MissingExtra

try:
    import hypothesis  # noqa: F401
    import pytest
except ImportError as error:
    raise MissingExtra(error.name or "pytest", "testing") from error

pytest.register_assert_rewrite(
    "salesmgmt.testing._contract_events",
    "salesmgmt.testing._contract_find",
    "salesmgmt.testing._contract_persons",
    "salesmgmt.testing._contract_repository",
    "salesmgmt.testing.storage_machine",
)

from salesmgmt.testing._contract_base import StoreFactory  # noqa: E402 - pytest must know the modules before they are imported
from salesmgmt.testing.clock import FixedClock  # noqa: E402
from salesmgmt.testing.samples import (  # noqa: E402
    SAMPLE_ENTITIES,
    SAMPLE_EVENTS,
    PersonPaid,
    Sample,
    SampleCounted,
    SamplePerson,
)
from salesmgmt.testing.storage_contract import ContractWeakened, StorageContract  # noqa: E402
from salesmgmt.testing.storage_machine import StoreMachine  # noqa: E402

__all__ = [
    "SAMPLE_ENTITIES",
    "SAMPLE_EVENTS",
    "ContractWeakened",
    "FixedClock",
    "PersonPaid",
    "Sample",
    "SampleCounted",
    "SamplePerson",
    "StorageContract",
    "StoreFactory",
    "StoreMachine",
]
