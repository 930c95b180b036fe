"""Writers side by side: no update is lost, and each conflict is reported."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from salesmgmt.core.entity import Ref
from salesmgmt.core.ports import Store
from salesmgmt.storage import MemoryStore
from salesmgmt.testing import SAMPLE_ENTITIES, SAMPLE_EVENTS, Sample
from tests.storage.concurrent_writer import COUNTERS, increment, open_store

WRITERS = 4
TIMES = 250
_PROGRAM = Path(__file__).with_name("concurrent_writer.py")


def _prepare(store: Store) -> None:
    with store.unit_of_work() as work:
        for counter in COUNTERS:
            work[Sample].add(Sample(id=counter, rank=0))
        work.commit()


def _check(store: Store) -> None:
    with store.unit_of_work() as work:
        counters = list(work[Sample].find())
        for counter in counters:
            # Each increment is a version, an event, and one more in the sum: three witnesses of the same number.
            assert counter.rank == counter.version - 1 == len(list(work.history(Ref("Sample", counter.id))))
        assert sum(counter.rank or 0 for counter in counters) == WRITERS * TIMES
        numbers = [event.count for event in work.history()]  # type: ignore[attr-defined]
        assert len(set(numbers)) == len(numbers) == WRITERS * TIMES


def test_four_processes_lose_no_update(tmp_path: Path) -> None:
    file = tmp_path / "sales.db"
    store = open_store(file)
    _prepare(store)
    writers = [
        subprocess.Popen(
            [sys.executable, str(_PROGRAM), str(file), str(TIMES), str(seed)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in range(WRITERS)
    ]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    conflicts = [int(writer.communicate()[0]) for writer in writers]
    assert [writer.returncode for writer in writers] == [0] * WRITERS
    _check(store)
    assert sum(conflicts) > 0, "the writers never met, so this test has shown nothing"


@pytest.fixture
def _many_switches() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("_many_switches")
def test_four_threads_lose_no_update_in_memory() -> None:
    store = MemoryStore("acme", entities=SAMPLE_ENTITIES, events=SAMPLE_EVENTS)
    _prepare(store)
    with ThreadPoolExecutor(WRITERS) as pool:
        conflicts = list(pool.map(lambda seed: increment(store, TIMES, seed=seed), range(WRITERS)))
    _check(store)
    assert sum(conflicts) > 0, "the writers never met, so this test has shown nothing"
