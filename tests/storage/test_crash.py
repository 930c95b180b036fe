"""A writer is killed at random moments: what it committed is there, and nothing is there by half."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from salesmgmt.core.entity import Ref
from salesmgmt.testing import Sample, SampleCounted
from tests.storage.crash_writer import TALLY, open_store

KILLS = 60
_WRITER = Path(__file__).with_name("crash_writer.py")
_LONGEST = 0.06  # seconds from the birth of a child to its death: none to some ten commits


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_every_committed_unit_of_work_survives_and_none_by_half(tmp_path: Path) -> None:
    file = tmp_path / "sales.db"
    open_store(file).close()
    moments = random.Random(20261123)
    least = 0
    with subprocess.Popen(
        [sys.executable, str(_WRITER), str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as writer:
        assert writer.stdin is not None
        assert writer.stdout is not None
        for _ in range(KILLS):
            writer.stdin.write("go\n")
            child = _number(writer.stdout.readline(), "child")
            time.sleep(moments.uniform(0, _LONGEST))  # the moment is the subject of this test
            os.kill(child, signal.SIGKILL)
            stored = [int(line.split()[1]) for line in iter(writer.stdout.readline, "dead\n")]
            assert stored == list(range(least + 1, least + 1 + len(stored)))
            least = _check(file, at_least=least + len(stored))
        writer.stdin.close()
    assert least > KILLS


def _number(line: str, word: str) -> int:
    found, number = line.split()
    assert found == word
    return int(number)


def _check(file: Path, *, at_least: int) -> int:
    """Check that the three records of each unit of work agree, and return how many units of work there are."""
    with open_store(file) as store:
        with store.unit_of_work() as work:
            samples = {sample.id: sample.rank for sample in work[Sample].find()}
            events = [event for event in work.history() if isinstance(event, SampleCounted)]
        assert len(store.undelivered(limit=100_000)) == len(events)
    total = samples.pop(TALLY, 0) or 0
    assert at_least <= total <= at_least + 1, "a commit that was not acknowledged may be there, one at most"
    assert samples == {f"{number:06}": number for number in range(1, total + 1)}
    assert [event.count for event in events] == list(range(1, total + 1))
    assert [event.subjects for event in events] == [(Ref("Sample", id_),) for id_ in sorted(samples)]
    connection = sqlite3.connect(file)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()
    return total
