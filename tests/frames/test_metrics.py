"""Metrics on frames: the same figures as from the rows themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesmgmt import frames
from salesmgmt.core.formula import BOOL, DATE, MONEY, NUMBER, TEXT, Schema
from salesmgmt.core.money import Money
from salesmgmt.engines.metrics import (
    Aggregate,
    Count,
    Distinct,
    Mean,
    Measurer,
    Median,
    Metric,
    Ratio,
    Sum,
    Unit,
)

SCHEMA = Schema({"owner": TEXT, "status": TEXT, "amount": MONEY, "days": NUMBER, "urgent": BOOL, "on": DATE})
COLUMNS = {
    "amount": frames.Column(name="cents", scale=2, currency_column="currency"),
    "days": frames.Column(scale=1),
}

ARROW = pa.schema(
    {
        "owner": pa.string(),
        "status": pa.string(),
        "cents": pa.int64(),
        "currency": pa.string(),
        "days": pa.int64(),
        "urgent": pa.bool_(),
        "on": pa.date32(),
    }
)


def in_duckdb(rows: pa.Table) -> duckdb.DuckDBPyRelation:
    return duckdb.from_arrow(rows)


BACKENDS: dict[str, Callable[[pa.Table], Any]] = {
    "pandas": lambda rows: rows.to_pandas(integer_object_nulls=True, date_as_object=False).astype(
        {"cents": "Int64", "days": "Int64", "urgent": "boolean", "owner": "str", "status": "str", "currency": "str"}
    ),
    "pandas, pyarrow": lambda rows: rows.to_pandas(types_mapper=pd.ArrowDtype),
    "polars": pl.from_arrow,
    "polars, lazy": lambda rows: pl.DataFrame(rows).lazy(),
    "duckdb": in_duckdb,
    "pyarrow": lambda rows: rows,
}  # fmt: skip

METRICS: dict[str, tuple[Aggregate, Unit]] = {
    "count": (Count(), Unit.COUNT),
    "won": (Count("status == 'won'"), Unit.COUNT),
    "win rate": (Ratio(Count("status == 'won'"), Count("status in {'won', 'lost'}")), Unit.RATIO),
    "value": (Sum("amount", where="status != 'lost'"), Unit.MONEY),
    "euros": (Sum("amount", where="amount in {0.5 EUR, 1.25 EUR}"), Unit.MONEY),
    "mean": (Mean("amount"), Unit.MONEY),
    "days": (Mean("days", where="days > 0.15"), Unit.DAYS),
    "share": (Ratio(Sum("amount", where="urgent"), Sum("amount")), Unit.RATIO),
    "impossible": (Ratio(Sum("days"), Count("not (status is missing) and status == ''")), Unit.RATIO),
}


def measurer(aggregate: Aggregate, unit: Unit = Unit.NUMBER) -> Measurer:
    return Metric(id="m", facts="deal", aggregate=aggregate, unit=unit).compile(SCHEMA, currency="EUR")


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "owner": st.none() | st.sampled_from(("ann", "bob")),
            "status": st.none() | st.sampled_from(("won", "lost", "open")),
            "amount": st.none()
            | st.builds(
                lambda cents, currency: Money(Decimal(cents).scaleb(-2), currency),
                st.sampled_from((0, 50, 125, -7, 2**50)),
                st.sampled_from(("EUR", "EUR", "EUR", "CNY")),
            ),
            "days": st.none() | st.sampled_from((Decimal("0.1"), Decimal("0.2"), Decimal(3))),
            "urgent": st.none() | st.booleans(),
            "on": st.none() | st.sampled_from((date(2026, 1, 1), date(2026, 2, 1))),
        }
    ),
    max_size=7,
)


def table(rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                **row,
                "cents": None if row["amount"] is None else int(row["amount"].amount.scaleb(2)),
                "currency": None if row["amount"] is None else row["amount"].currency,
                "days": None if row["days"] is None else int(row["days"] * 10),
            }
            for row in rows
        ],
        ARROW,
    )


@pytest.mark.parametrize("backend", BACKENDS)
@settings(max_examples=settings().max_examples // 2)
@given(
    rows=ROWS, name=st.sampled_from(sorted(METRICS)), by=st.sampled_from(("owner", "urgent", "on", "days"))
)
def test_frames_give_the_figures_of_the_rows(
    backend: str, rows: list[dict[str, Any]], name: str, by: str
) -> None:
    known, frame = measurer(*METRICS[name]), BACKENDS[backend](table(rows))
    assert frames.measure(frame, known, COLUMNS) == known.measure(rows)
    assert frames.measure_by(frame, known, by, COLUMNS) == known.by(rows, by)


def test_a_fixed_currency_needs_no_column() -> None:
    value = measurer(Sum("amount"), Unit.MONEY)
    columns = {"amount": frames.Column(scale=3, currency="KWD")}
    assert frames.measure(pl.DataFrame({"amount": [1, None]}), value, columns).value == Money("0.001", "KWD")


@pytest.mark.parametrize("backend", ["polars", "pandas", "pandas, pyarrow", "duckdb"])
def test_a_sum_that_would_wrap_around_is_refused(backend: str) -> None:
    frame = BACKENDS[backend](pa.Table.from_pylist([{"cents": 2**62, "currency": "EUR"}] * 2, ARROW))
    with pytest.raises(frames.UnsupportedBackend, match="64 bits"):
        frames.measure(frame, measurer(Sum("amount"), Unit.MONEY), COLUMNS)


@pytest.mark.parametrize("aggregate", [Median("days"), Distinct("owner"), Sum("days * 2")])
def test_what_a_frame_cannot_do_exactly_is_refused(aggregate: Aggregate) -> None:
    with pytest.raises(frames.UnsupportedBackend):
        frames.measure(pl.DataFrame({"days": [1], "owner": ["a"]}), measurer(aggregate), COLUMNS)


def test_floats_are_not_added_up() -> None:
    with pytest.raises(frames.NotAColumn, match="Int64"):
        frames.measure(pd.DataFrame({"days": [1.0, None]}), measurer(Sum("days")))


@pytest.mark.parametrize("by", ["amount", "region"])
def test_what_cannot_group_is_refused(by: str) -> None:
    with pytest.raises(frames.NotAColumn):
        frames.measure_by(pl.DataFrame({"owner": ["a"]}), measurer(Count(), Unit.COUNT), by, COLUMNS)
