"""What is compiled can be sent to another process: the metrics of every room."""

from __future__ import annotations

import pickle

import pytest

from salesmgmt import cpq, customers, pipeline, sfe
from salesmgmt.engines.metrics import FactKind, MetricSet

ROOMS = (cpq, customers, pipeline, sfe)
KINDS = [
    pytest.param(room, kind, id=f"{room.__name__}-{kind.name}")
    for room in ROOMS
    for kind in vars(room).values()
    if isinstance(kind, FactKind)
]


def test_every_metric_of_a_room_has_facts_that_the_room_exports() -> None:
    for room in ROOMS:
        kinds = {kind.name for kind in vars(room).values() if isinstance(kind, FactKind)}
        assert {metric.facts for metric in room.METRICS} <= kinds


@pytest.mark.parametrize(("room", "kind"), KINDS)
def test_compiled_metrics_pickle(room: object, kind: FactKind) -> None:
    measurer = MetricSet(room.METRICS).compile(kind)  # type: ignore[attr-defined]

    twin = pickle.loads(pickle.dumps(measurer))

    assert twin.measure([]) == measurer.measure([])
