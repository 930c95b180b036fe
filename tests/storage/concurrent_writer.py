"""One of the writers that `test_concurrency` runs side by side."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import attrs

from salesmgmt.core.entity import Ref
from salesmgmt.core.ports import ConcurrentUpdate, Store
from salesmgmt.storage import SqliteStore
from salesmgmt.testing import SAMPLE_ENTITIES, SAMPLE_EVENTS, Sample
from salesmgmt.testing._contract_base import counted

COUNTERS = ("a", "b", "c")


def increment(store: Store, times: int, *, seed: int) -> int:
    """Add 1 to some counter so many times, and return how many conflicts were reported on the way."""
    choice = random.Random(seed)
    conflicts = 0
    for number in range(times):
        counter = choice.choice(COUNTERS)
        while True:
            try:
                with store.unit_of_work() as work:
                    seen = work[Sample].get(counter)
                    work[Sample].save(
                        attrs.evolve(seen, rank=(seen.rank or 0) + 1), expected_version=seen.version
                    )
                    work.publish(counted(seed * 1_000_000 + number, Ref("Sample", counter)))
                    work.commit()
            except ConcurrentUpdate:
                conflicts += 1
            else:
                break
    return conflicts


def open_store(file: Path) -> SqliteStore:
    return SqliteStore(file, "acme", entities=SAMPLE_ENTITIES, events=SAMPLE_EVENTS, timeout=60)


if __name__ == "__main__":
    sys.stdin.readline()
    print(increment(open_store(Path(sys.argv[1])), int(sys.argv[2]), seed=int(sys.argv[3])))  # noqa: T201 - its answer
