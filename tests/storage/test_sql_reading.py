"""The SQL reading of conditions: what it decides, what it leaves to Python, and what it never does."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from salesmgmt.core.formula import BOOL, NUMBER, SET, EvaluationError, Formula, values_of
from salesmgmt.core.formula.nodes import And, Comparison, Literal, Membership, Name, Node, Not, Or
from salesmgmt.storage import SqliteStore
from salesmgmt.storage._sql import FALSE, TRUE, Column, Sql, all_of, any_of, read
from salesmgmt.storage._sqlite_tables import Table
from salesmgmt.testing import Sample
from salesmgmt.testing.strategies import SAMPLE_SCHEMA, conditions, samples

_COLUMNS = {
    "label": Column('"label"'),
    "note": Column('"note"'),
    "count": Column('"count"'),
    "rank": Column('"rank"'),
    "urgent": Column('"urgent"'),
    "price": Column('"price"', '"price:currency"'),
    "cost": Column('"cost"', '"cost:currency"'),
}


def _tree(condition: str) -> Node:
    return Formula.parse(condition, SAMPLE_SCHEMA).tree


@pytest.mark.parametrize(
    ("condition", "sql", "parameters"),
    [
        ("label == 'a'", '"label" = ?', ("a",)),
        ("'a' < label", '? < "label"', ("a",)),
        ("label != note", '"label" <> "note"', ()),
        ("not label == 'a'", '("label" <> ? OR "label" IS NULL)', ("a",)),
        ("count >= 1.50", '"count" >= ?', ("1500115",)),
        ("urgent", '"urgent" = ?', (1,)),
        ("note is missing", '"note" IS NULL', ()),
        ("note is not missing and label == 'a'", '("note" IS NOT NULL AND "label" = ?)', ("a",)),
        ("label in {'a', 'b'}", '("label" = ? OR "label" = ?)', ("a", "b")),
        ("price == 2 CNY", '("price:currency" = ? AND "price" = ?)', ("CNY", "150012")),
        ("true", "1", ()),
        ("label == 'a' or true", "1", ()),
        ("label == 'a' and false", "0", ()),
    ],
)
def test_comparisons_are_answered_by_sql_alone(
    condition: str, sql: str, parameters: tuple[object, ...]
) -> None:
    reading = read(_tree(condition), _COLUMNS)
    assert reading.is_exact
    assert (reading.candidates.text, reading.candidates.parameters) == (sql, parameters)


def test_amounts_of_other_currencies_stay_candidates_for_python_to_refuse() -> None:
    reading = read(_tree("label == 'a' and price > 2 CNY"), _COLUMNS)
    assert reading.decided
    assert not reading.is_exact
    assert reading.may_fail.text == '("label" = ? AND "price:currency" <> ?)'


@pytest.mark.parametrize(
    "condition",
    [
        "count + 1 > 2",
        "starts_with(label, 'a')",
        "if urgent then true else false",
        "'x' in tags",
        "label in tags",
    ],
)
def test_what_sql_cannot_say_is_left_to_python(condition: str) -> None:
    reading = read(_tree(condition), _COLUMNS)
    assert not reading.decided
    assert reading.candidates == TRUE


def test_the_rest_of_a_condition_still_narrows_what_python_looks_at() -> None:
    assert read(_tree("label == 'a' and 'x' in tags"), _COLUMNS).candidates.text == '"label" = ?'
    assert read(_tree("'x' in tags and label == 'a'"), _COLUMNS).candidates.text == '"label" = ?'
    assert read(_tree("label == 'a' and count + 1 > 2"), _COLUMNS).candidates.text == '"label" = ?'
    # What is judged first may fail, whatever comes after it.
    assert read(_tree("count + 1 > 2 and label == 'a'"), _COLUMNS).candidates == TRUE


def test_python_looks_only_at_the_candidates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SqliteStore(tmp_path / "sales.db", "acme", entities=[Sample])
    with store.unit_of_work() as work:
        for number in range(50):
            work[Sample].add(
                Sample(id=f"{number:02}", label="even" if number % 2 == 0 else "odd", rank=number)
            )
        work.commit()
    looked_at = []
    plain = Table.read

    def counting(self: Table, document: str) -> object:
        looked_at.append(document)
        return plain(self, document)

    monkeypatch.setattr(Table, "read", counting)
    with store.unit_of_work() as work:
        exact = Formula.parse("label == 'odd' and rank >= 10", SAMPLE_SCHEMA)
        assert len(work[Sample].find(exact, order_by=["-rank"], limit=3)) == 3
        assert len(looked_at) == 3
        partly = Formula.parse("label == 'odd' and rank * 2 >= 10", SAMPLE_SCHEMA)
        assert len(work[Sample].find(partly, limit=3)) == 3
        assert len(looked_at) == 3 + 25


def test_a_set_without_members_by_hand() -> None:
    empty = Literal(frozenset(), SET[NUMBER])
    inside = read(Membership(Name("count", NUMBER), empty), _COLUMNS)
    outside = read(Membership(Name("count", NUMBER), empty, negated=True), _COLUMNS)
    assert (inside.may_be_true, inside.may_be_false) == (FALSE, TRUE)
    assert (outside.may_be_true.text, outside.may_be_false.text) == ('"count" IS NOT NULL', '"count" IS NULL')


@pytest.fixture(scope="module")
def table() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute(
        'CREATE TABLE t ("label", "note", "count", "rank", "urgent", "price", "price:currency", "cost", "cost:currency")'
    )
    connection.execute("INSERT INTO t (label) VALUES ('a')")
    yield connection
    connection.close()


def _nested(levels: int) -> Node:
    """Return `a or (b and (c or ...))`."""
    node: Node = Comparison("<", Name("count", NUMBER), Name("rank", NUMBER))
    for level in range(levels):
        node = (Or if level % 2 else And)(
            (Comparison(">", Name("rank", NUMBER), Name("count", NUMBER)), node)
        )
    return Not(node)


@pytest.mark.parametrize("levels", [1, 5, 10, 18, 19, 20, 30])
def test_deep_conditions_stay_within_the_parser_of_sqlite(table: sqlite3.Connection, levels: int) -> None:
    candidates = read(_nested(levels), _COLUMNS).candidates
    table.execute(f"SELECT 1 FROM t WHERE 'x' = 'x' AND {candidates.text}", candidates.parameters).fetchall()


def test_long_conditions_stay_within_the_parameters_of_sqlite(table: sqlite3.Connection) -> None:
    for several in (" or ".join, " and ".join):
        condition = _tree(several(f"price > {number} CNY" for number in range(85)))
        candidates = read(condition, _COLUMNS).candidates
        assert len(candidates.parameters) < 999
        table.execute(f"SELECT 1 FROM t WHERE {candidates.text}", candidates.parameters).fetchall()


@given(condition=conditions())
def test_sql_text_holds_names_and_question_marks_only(condition: Formula) -> None:
    reading = read(condition.tree, _COLUMNS)
    for predicate in (reading.may_be_true, reading.may_be_false, reading.may_fail):
        text = predicate.text
        for column in _COLUMNS.values():
            text = text.replace(column.key, " ").replace(column.currency or column.key, " ")
        words = text.replace("(", " ").replace(")", " ").split()
        assert set(words) <= {
            "=",
            "<>",
            "<",
            "<=",
            ">",
            ">=",
            "?",
            "AND",
            "OR",
            "IS",
            "NOT",
            "NULL",
            "0",
            "1",
        }
        assert text.count("?") == len(predicate.parameters)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> SqliteStore:
    return SqliteStore(tmp_path_factory.mktemp("sql") / "sales.db", "acme", entities=[Sample])


@given(entities=samples(), condition=conditions())
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_three_predicates_hold_what_they_promise(
    store: SqliteStore, entities: list[Sample], condition: Formula
) -> None:
    table = store._tables["Sample"]
    reading = read(condition.tree, table.columns)
    with store.unit_of_work() as work:
        stored = [work[Sample].add(entity) for entity in entities]

        def chosen(predicate: Sql) -> set[str]:
            sql = f"SELECT id FROM {table.name} WHERE tenant = ? AND {predicate.text}"
            return {row[0] for row in work.read(sql, ("acme", *predicate.parameters))}

        may_be_true, may_be_false = chosen(reading.may_be_true), chosen(reading.may_be_false)
        may_fail = chosen(reading.may_fail)
        for entity in stored:
            try:
                holds = condition.holds(values_of(entity))
            except EvaluationError:
                assert entity.id in may_fail
                continue
            assert entity.id in (may_be_true if holds else may_be_false)
            if reading.decided and entity.id not in may_fail:
                assert entity.id not in (may_be_false if holds else may_be_true)


def test_the_neutral_predicates_vanish() -> None:
    one = Sql("x = ?", (1,))
    assert all_of((TRUE, one)) == any_of((FALSE, one)) == one
    assert all_of((one, FALSE)) == any_of(()) == FALSE
    assert any_of((one, TRUE)) == all_of(()) == TRUE
    assert all_of((one, one)) == one


def test_a_constant_condition_by_hand() -> None:
    assert read(Literal(False, BOOL), {}).candidates == FALSE
