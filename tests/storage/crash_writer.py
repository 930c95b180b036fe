"""The writer that `test_crash` kills: forks, on each line it is given, a child that stores until it is dead.

Protocol on the standard output: `child PID` when a child was forked, `stored N` from the child after each commit (N units
of work are in the file), `dead` when the child is gone.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

import attrs

from salesmgmt.core.entity import Ref
from salesmgmt.core.ports import NotFound, UnitOfWork
from salesmgmt.storage import SqliteStore
from salesmgmt.testing import SAMPLE_ENTITIES, SAMPLE_EVENTS, Sample
from salesmgmt.testing._contract_base import counted

TALLY = "tally"


def open_store(file: Path) -> SqliteStore:
    return SqliteStore(file, "acme", entities=SAMPLE_ENTITIES, events=SAMPLE_EVENTS)


def store_one(work: UnitOfWork) -> int:
    """Add an entity, count it in another, and publish that: three records that must agree."""
    try:
        tally = work[Sample].get(TALLY)
    except NotFound:
        tally = work[Sample].add(Sample(id=TALLY, rank=0))
    number = (tally.rank or 0) + 1
    work[Sample].add(Sample(id=f"{number:06}", rank=number, label="x" * 500))
    work[Sample].save(attrs.evolve(tally, rank=number), expected_version=tally.version)
    work.publish(counted(number, Ref("Sample", f"{number:06}")))
    return number


def _write_until_dead(store: SqliteStore) -> NoReturn:
    while True:
        with store.unit_of_work() as work:
            number = store_one(work)
            work.commit()
        os.write(1, b"stored %d\n" % number)


def main() -> None:
    store = open_store(Path(sys.argv[1]))
    store.close()  # no connection may live through the fork; the children open their own
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            _write_until_dead(store)
        os.write(1, b"child %d\n" % child)
        os.waitpid(child, 0)
        os.write(1, b"dead\n")


if __name__ == "__main__":
    main()
