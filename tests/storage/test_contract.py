"""The contract finds adapters that break it, and cannot be weakened unseen."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable

import attrs
import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from salesmgmt.core.entity import Entity, Ref
from salesmgmt.core.errors import SalesError
from salesmgmt.core.events import Event
from salesmgmt.storage import MemoryStore
from salesmgmt.storage.memory import MemoryRepository, MemoryUnitOfWork
from salesmgmt.testing import (
    SAMPLE_ENTITIES,
    SAMPLE_EVENTS,
    ContractWeakened,
    Sample,
    StorageContract,
    StoreMachine,
)


def test_replacing_a_test_is_refused() -> None:
    with pytest.raises(ContractWeakened, match="test_an_empty_commit_is_fine"):
        type("TestMine", (StorageContract,), {"test_an_empty_commit_is_fine": lambda _: None})


def test_deleting_a_test_is_refused() -> None:
    with pytest.raises(ContractWeakened):
        type("TestMine", (StorageContract,), {"test_an_empty_commit_is_fine": None})


def test_replacing_a_test_by_inheritance_is_refused() -> None:
    class Mixin:
        def test_an_empty_commit_is_fine(self) -> None:
            """Say nothing."""

    with pytest.raises(ContractWeakened):
        type("TestMine", (Mixin, StorageContract), {})


@pytest.mark.parametrize(
    "excuses", [{"test_an_empty_commit_is_fine": " "}, {"test_of_nothing": "there is no such test"}]
)
def test_an_excuse_needs_a_reason_and_a_test(excuses: dict[str, str]) -> None:
    with pytest.raises(ContractWeakened):
        type("TestMine", (StorageContract,), {"not_applicable": excuses})


def test_an_excuse_with_a_reason_is_taken() -> None:
    excuses = {"test_an_empty_commit_is_fine": "the server refuses empty transactions"}
    made = type("TestMine", (StorageContract,), {"not_applicable": excuses})
    assert made.not_applicable == excuses  # type: ignore[attr-defined]


def test_the_testing_package_says_which_extra_it_needs() -> None:
    program = "import sys; sys.modules['hypothesis'] = None; import salesmgmt.testing"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "MissingExtra" in done.stderr
    assert "pip install 'salesmgmt[testing]'" in done.stderr


# Adapters with one fault each: the machine must find every one of them.


def _save_without_looking(self: MemoryRepository[Sample], entity: Sample, *, expected_version: int) -> Sample:
    stored = attrs.evolve(entity, tenant="acme", version=expected_version + 1)
    self._work.change(stored.ref, stored, seen=expected_version)
    return stored


def _add_over(self: MemoryRepository[Sample], entity: Sample) -> Sample:
    stored = attrs.evolve(entity, tenant="acme", version=1)
    seen = self._work.seen(stored.ref)
    self._work.change(stored.ref, stored, seen=seen.version if seen else None)
    return stored


def _publish_before_the_commit(self: MemoryUnitOfWork, *events: Event) -> None:
    for event in events:
        position = next(self._database.positions)
        self._tenancy.events[position] = event
        self._tenancy.undelivered[position] = None


def _see_the_committed_only(self: MemoryUnitOfWork, kind: str) -> list[Entity]:
    return list(self._tenancy.entities.get(kind, {}).values())


def _change_at_once(self: MemoryUnitOfWork, ref: Ref, entity: Entity | None, *, seen: int | None) -> None:
    del seen
    records = self._tenancy.entities.setdefault(ref.kind, {})
    if entity is None:
        del records[ref.id]
    else:
        records[ref.id] = entity


def _forget_the_outbox(self: MemoryStore, positions: Iterable[int]) -> None:
    del self, positions


@pytest.mark.parametrize(
    ("cls", "method", "fault"),
    [
        (MemoryRepository, "save", _save_without_looking),
        (MemoryRepository, "add", _add_over),
        (MemoryUnitOfWork, "publish", _publish_before_the_commit),
        (MemoryUnitOfWork, "all_seen", _see_the_committed_only),
        (MemoryUnitOfWork, "change", _change_at_once),
        (MemoryStore, "mark_delivered", _forget_the_outbox),
    ],
)
def test_the_machine_finds_a_faulty_adapter(
    cls: type, method: str, fault: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cls, method, fault)
    with pytest.raises((AssertionError, pytest.fail.Exception, SalesError)):
        run_state_machine_as_test(
            lambda: StoreMachine(MemoryStore("acme", entities=SAMPLE_ENTITIES, events=SAMPLE_EVENTS)),  # type: ignore[arg-type]  # any factory will do
            settings=settings(
                max_examples=300, derandomize=True, database=None, phases=[Phase.generate], print_blob=False
            ),
        )
