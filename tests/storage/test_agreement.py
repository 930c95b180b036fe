"""Both stores give the same answer, in the same order, or fail in the same way."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from salesmgmt.core.formula import EvaluationError, Formula
from salesmgmt.core.ports import Store
from salesmgmt.storage import MemoryStore, SqliteStore
from salesmgmt.testing import Sample
from salesmgmt.testing.strategies import SAMPLE_SCHEMA, conditions, samples

_ORDERS = [
    sign + name for name, type_ in SAMPLE_SCHEMA.items() if type_.element is None for sign in ("", "-")
]


@given(
    entities=samples(),
    condition=conditions(),
    order_by=st.lists(st.sampled_from(_ORDERS), max_size=3),
    limit=st.none() | st.integers(0, 4),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_same_question_has_the_same_answer(
    stores: tuple[Store, Store],
    entities: list[Sample],
    condition: Formula,
    order_by: list[str],
    limit: int | None,
) -> None:
    answers: list[object] = []
    for store in stores:
        with store.unit_of_work() as work:  # never committed, so that every example starts empty
            for entity in entities:
                work[Sample].add(entity)
            try:
                answers.append(list(work[Sample].find(condition, order_by=order_by, limit=limit)))
            except EvaluationError as error:
                answers.append(type(error))
    assert answers[0] == answers[1]


@pytest.fixture
def stores(tmp_path: Path) -> tuple[Store, Store]:
    file = tmp_path / "sales.db"
    return MemoryStore("acme", entities=[Sample]), SqliteStore(file, "acme", entities=[Sample])
