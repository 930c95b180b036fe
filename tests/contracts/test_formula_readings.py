"""Every reading of a formula gives the same answers: evaluation, SQL, and data frames; missing values included."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from salesmgmt import frames
from salesmgmt.core.formula import Formula, values_of
from salesmgmt.core.formula.render import written
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.storage import SqliteStore
from salesmgmt.testing import Sample
from salesmgmt.testing.strategies import SAMPLE_SCHEMA

# Values that meet each other, lie between each other's neighbours, and are hard for one reading or another.
TEXTS = ("", "a", "A", "ä", "aa", "it's", "a%", "中", "\U0001f600", "\ufffd")
NUMBERS = tuple(
    map(Decimal, ("0", "1", "-1", "0.01", "-0.01", "9.99", "0.1", "90071992547409.91", "-90071992547409.91"))
)
RANKS = (0, 1, -1, 3, 2**62)
LITERALS = (
    *NUMBERS,
    *map(Decimal, ("0.005", "-0.005", "0.1000000000000000055", "1e27", "-1e27", "92233720368547758.08")),
)
DATES = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 2, 28), date(1969, 12, 31))
INSTANTS = (
    datetime(2026, 1, 1, tzinfo=UTC),
    datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
)  # fmt: skip

# Amounts of `price` are all in euros; those of `cost` each in the currency that stands in a second column.
COLUMNS = {
    "count": frames.Column(scale=2),
    "share": frames.Column(scale=2),
    "price": frames.Column(name="price_cents", scale=2, currency="EUR"),
    "cost": frames.Column(name="cost_cents", scale=2, currency_column="cost_currency"),
}


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


def samples() -> st.SearchStrategy[list[Sample]]:
    one = st.builds(
        Sample,
        id=st.sampled_from(tuple("abcdefgh")),
        label=st.sampled_from(TEXTS),
        note=maybe(st.sampled_from(TEXTS)),
        count=maybe(st.sampled_from(NUMBERS)),
        rank=maybe(st.sampled_from(RANKS)),
        share=maybe(st.sampled_from(NUMBERS).map(Percent)),
        price=maybe(st.sampled_from(NUMBERS).map(lambda number: Money(number, "EUR"))),
        cost=maybe(st.builds(Money, st.sampled_from(NUMBERS), st.sampled_from(("EUR", "CNY")))),
        urgent=maybe(st.booleans()),
        due=maybe(st.sampled_from(DATES)),
        seen=maybe(st.sampled_from(INSTANTS)),
    )
    return st.lists(one, max_size=6, unique_by=lambda sample: sample.id)


def relations(
    names: tuple[str, ...],
    constants: tuple[Any, ...],
    signs: tuple[str, ...] = ("==", "!=", "<", "<=", ">", ">="),
) -> st.SearchStrategy[str]:
    name, constant = st.sampled_from(names), st.sampled_from(constants).map(written)
    members = st.lists(constant, min_size=1, max_size=3).map(", ".join)
    return (
        st.builds("{} {} {}".format, name, st.sampled_from(signs), constant | name)
        | st.builds("{} {} {}".format, constant, st.sampled_from(signs), name)
        | st.builds("{} {} {{{}}}".format, name, st.sampled_from(("in", "not in")), members)
    )


EUROS = tuple(Money(number, "EUR") for number in LITERALS)
YUAN = tuple(Money(number, "CNY") for number in LITERALS)
SIMPLE = st.one_of(
    relations(("label", "note"), TEXTS),
    relations(("count",), LITERALS),
    relations(("rank",), LITERALS),
    relations(("share",), tuple(map(Percent, LITERALS))),
    relations(("price",), EUROS),
    # An order between two currencies is a fault in evaluation, which a frame cannot raise in the rows where it lies.
    relations(("cost", "price"), EUROS, ("==", "!=")),
    relations(("cost", "price"), YUAN, ("==", "!=")),
    relations(("due",), DATES),
    relations(("seen",), INSTANTS),
    st.builds(
        "{} is {}".format,
        st.sampled_from(
            ("label", "note", "count", "rank", "share", "price", "cost", "urgent", "due", "seen")
        ),
        st.sampled_from(("missing", "not missing")),
    ),
    st.sampled_from(
        ("urgent", "urgent == true", "urgent != false", "false == urgent", "true", "false", "1 < 2")
    ),
)


def joined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(parts, min_size=2, max_size=3)
    return (
        parts.map("not ({})".format)
        | several.map(lambda some: " and ".join(f"({part})" for part in some))
        | several.map(lambda some: " or ".join(f"({part})" for part in some))
    )


CONDITIONS = st.recursive(SIMPLE, joined, max_leaves=5).map(lambda text: Formula.parse(text, SAMPLE_SCHEMA))


def units(number: Decimal | None) -> int | None:
    return None if number is None else int(number.scaleb(2))


def table(entities: list[Sample]) -> pa.Table:
    """The samples as Arrow columns, amounts as whole cents."""

    def column(kind: pa.DataType, read: Callable[[Sample], object]) -> pa.Array:
        return pa.array([read(entity) for entity in entities], kind)

    return pa.table(
        {
            "id": column(pa.string(), lambda one: one.id),
            "label": column(pa.string(), lambda one: one.label),
            "note": column(pa.string(), lambda one: one.note),
            "count": column(pa.int64(), lambda one: units(one.count)),
            "rank": column(pa.int64(), lambda one: one.rank),
            "share": column(pa.int64(), lambda one: None if one.share is None else units(one.share.points)),
            "price_cents": column(
                pa.int64(), lambda one: None if one.price is None else units(one.price.amount)
            ),
            "cost_cents": column(
                pa.int64(), lambda one: None if one.cost is None else units(one.cost.amount)
            ),
            "cost_currency": column(pa.string(), lambda one: None if one.cost is None else one.cost.currency),
            "urgent": column(pa.bool_(), lambda one: one.urgent),
            "due": column(pa.date32(), lambda one: one.due),
            "seen": column(pa.timestamp("us", "UTC"), lambda one: one.seen),
        }
    )


WHOLE = ("count", "rank", "share", "price_cents", "cost_cents")
WORDS = ("label", "note", "cost_currency")


def plain_pandas(rows: pa.Table) -> pd.DataFrame:
    """Pandas as most people have it: floats with NaN for whole numbers with gaps, times for dates."""
    kinds = {**dict.fromkeys(WHOLE, "float64"), **dict.fromkeys(WORDS, "str"), "urgent": "boolean"}
    return rows.to_pandas(date_as_object=False).astype(kinds)


def nullable_pandas(rows: pa.Table) -> pd.DataFrame:
    kinds = {**dict.fromkeys(WHOLE, "Int64"), **dict.fromkeys(WORDS, "string"), "urgent": "boolean"}
    return rows.to_pandas(integer_object_nulls=True, date_as_object=False).astype(kinds)


def in_duckdb(rows: pa.Table) -> duckdb.DuckDBPyRelation:
    return duckdb.from_arrow(rows)


BACKENDS: dict[str, tuple[Callable[[pa.Table], Any], Callable[[Any], list[str]]]] = {
    "pandas": (plain_pandas, lambda found: found["id"].tolist()),
    "pandas, nullable": (nullable_pandas, lambda found: found["id"].tolist()),
    "pandas, pyarrow": (
        lambda rows: rows.to_pandas(types_mapper=pd.ArrowDtype),
        lambda found: found["id"].tolist(),
    ),
    "polars": (pl.from_arrow, lambda found: found["id"].to_list()),
    "polars, lazy": (lambda rows: pl.DataFrame(rows).lazy(), lambda found: found.collect()["id"].to_list()),
    "duckdb": (in_duckdb, lambda found: [row[0] for row in found.project("id").fetchall()]),
    "pyarrow": (lambda rows: rows, lambda found: found["id"].to_pylist()),
}


def evaluated(entities: list[Sample], formula: Formula) -> list[str]:
    return sorted(entity.id for entity in entities if formula.holds(values_of(entity)))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    path: Path = tmp_path_factory.mktemp("readings") / "samples.db"
    with SqliteStore(path, "acme", entities=[Sample]) as opened:
        yield opened


@given(entities=samples(), formula=CONDITIONS)
def test_sql_gives_the_answers_of_evaluation(
    store: SqliteStore, entities: list[Sample], formula: Formula
) -> None:
    with store.unit_of_work() as work:  # never committed, so every example starts from nothing
        for entity in entities:
            work[Sample].add(entity)
        found = sorted(entity.id for entity in work[Sample].find(formula))
    assert found == evaluated(entities, formula)


@pytest.mark.parametrize("backend", BACKENDS)
@settings(max_examples=settings().max_examples // 2)
@given(entities=samples(), formula=CONDITIONS)
@example(entities=[Sample(id="a")], formula=Formula.parse("not (note != 'vip')", SAMPLE_SCHEMA))
@example(entities=[Sample(id="a")], formula=Formula.parse("not (count not in {1, 2})", SAMPLE_SCHEMA))
@example(
    entities=[Sample(id="a")], formula=Formula.parse("not urgent and not (urgent != true)", SAMPLE_SCHEMA)
)
def test_frames_give_the_answers_of_evaluation(
    backend: str, entities: list[Sample], formula: Formula
) -> None:
    make, ids = BACKENDS[backend]
    found = frames.filter(make(table(entities)), formula, COLUMNS)
    assert sorted(ids(found)) == evaluated(entities, formula)


def test_the_decision_on_missing_values_is_the_same_everywhere(store: SqliteStore) -> None:
    # The table of docs/decisions/0002.
    wanted = {
        "note == 'vip'": False,
        "note != 'vip'": False,
        "note not in {'vip'}": False,
        "not (note == 'vip')": True,
        "note is missing": True,
    }
    nobody = Sample(id="a")
    with store.unit_of_work() as work:
        work[Sample].add(nobody)
        for text, holds in wanted.items():
            formula = Formula.parse(text, SAMPLE_SCHEMA)
            assert formula.holds(values_of(nobody)) is holds
            assert bool(list(work[Sample].find(formula))) is holds
            for make, ids in BACKENDS.values():
                assert bool(ids(frames.filter(make(table([nobody])), formula, COLUMNS))) is holds


def test_every_type_of_the_sample_that_a_column_can_hold_is_held_to_this_contract() -> None:
    covered = {*table([]).column_names, *COLUMNS}
    left_out = {field.name for field in attrs.fields(Sample)} - covered
    assert left_out == {"tenant", "version", "tags"}
