"""Conditions on frames: what comes back, and what is refused."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from salesmgmt import frames
from salesmgmt.core.errors import MissingExtra
from salesmgmt.core.formula import (
    BOOL,
    DATE,
    INSTANT,
    MONEY,
    NUMBER,
    SET,
    TEXT,
    EvaluationError,
    Formula,
    Schema,
)

SCHEMA = Schema(
    {
        "stage": TEXT,
        "amount": MONEY,
        "cost": MONEY,
        "count": NUMBER,
        "other": NUMBER,
        "urgent": BOOL,
        "due": DATE,
        "seen": INSTANT,
        "tags": SET[TEXT],
    }
)
EUROS = {"amount": frames.Column(scale=2, currency="EUR")}


def ask(text: str) -> Formula:
    return Formula.parse(text, SCHEMA)


MAKERS: dict[str, Callable[[], Any]] = {
    "pandas": lambda: pd.DataFrame({"stage": ["won"]}),
    "polars": lambda: pl.DataFrame({"stage": ["won"]}),
    "polars, lazy": lambda: pl.LazyFrame({"stage": ["won"]}),
    "duckdb": lambda: duckdb.sql("select 'won' stage"),
    "pyarrow": lambda: pa.table({"stage": ["won"]}),
}


@pytest.mark.parametrize("backend", MAKERS)
@pytest.mark.parametrize("text", ["stage == 'won'", "true", "false"])
def test_the_same_kind_of_frame_comes_back(backend: str, text: str) -> None:
    frame = MAKERS[backend]()
    assert type(frames.filter(frame, ask(text))) is type(frame)


def test_a_condition_is_never_null() -> None:
    deals = pl.DataFrame({"stage": ["won", None], "count": [1, None]})
    for text in ("stage != 'won' or count > 5", "not (count in {1, 2})", "true"):
        found = nw.from_native(deals).with_columns(flag=frames.condition(deals, ask(text)))["flag"]
        assert found.null_count() == 0


@pytest.mark.parametrize(
    ("kind", "values", "text", "found"),
    [
        (pl.Int64, [2**53, 2**53 + 1], "count > 9007199254740992", [2**53 + 1]),
        (pl.Int64, [2**63 - 1], "count < 9223372036854775808", [2**63 - 1]),
        (pl.Int64, [-(2**63)], "count <= -9223372036854775809", []),
        (pl.UInt64, [0, 2**64 - 1], "count > 9223372036854775807 and count < 18446744073709551616", [2**64 - 1]),
        (pl.UInt8, [0, 255], "count > -1 and count < 256", [0, 255]),
        (pl.Int8, [-128, 127], "count >= 127.5 or count < -127.5", [-128]),
        (pl.Int64, [1, 2], "count != 1.5", [1, 2]),
        (pl.Int64, [1, 2], "count in {1.5, 2.0}", [2]),
        (pl.Float64, [0.1, 0.2], "count > 0.1", [0.1, 0.2]),  # the float 0.1 is above a tenth
        (pl.Float64, [float("nan"), 1.0], "not (count > 0)", [None]),
        (pl.Float32, [16777216.0], "count < 16777217", [16777216.0]),
    ],
)  # fmt: skip
def test_numbers_are_compared_exactly(
    kind: Any, values: Sequence[Any], text: str, found: Sequence[Any]
) -> None:
    frame = pl.DataFrame({"count": pl.Series(values, dtype=kind)})
    kept = frames.filter(frame, ask(text))["count"].fill_nan(None).to_list() if kind in (pl.Float32, pl.Float64) else (
        frames.filter(frame, ask(text))["count"].to_list()
    )  # fmt: skip
    assert kept == found


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_instants_are_compared_exactly_at_every_resolution(unit: Any) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    frame = pl.DataFrame({"seen": pl.Series([start], dtype=pl.Datetime(unit, "Asia/Shanghai"))})
    between = ask("seen < 2026-01-01T00:00:00.0005Z and seen >= 2026-01-01T00:00:00Z")
    assert frames.filter(frame, between).height == 1
    assert frames.filter(frame, ask("seen == 2026-01-01T00:00:00.000001Z")).height == 0


def test_of_a_time_without_a_zone_the_day_counts() -> None:
    frame = pd.DataFrame({"due": pd.to_datetime(["2026-01-01 15:00", None])})
    assert len(frames.filter(frame, ask("due <= 2026-01-01"))) == 1
    assert len(frames.filter(frame, ask("due > 2026-01-01"))) == 0


def test_categories_are_text() -> None:
    frame = pl.DataFrame({"stage": pl.Series(["b", "a", None], dtype=pl.Enum(["b", "a"]))})
    assert frames.filter(frame, ask("stage < 'b'"))["stage"].to_list() == ["a"]


@pytest.mark.parametrize(
    ("text", "data", "columns", "message"),
    [
        ("stag == 'x' or stage == 'x'", {"stage": ["x"]}, {}, ""),
        ("stage == 'x'", {"stages": ["x"]}, {}, "did you mean stages"),
        ("stage == 'x'", {"stage": [1]}, {}, "not text"),
        ("amount > 5 EUR", {"amount": [1]}, {}, "its currency is not known"),
        ("amount > 5 EUR", {"amount": ["1"]}, EUROS, "whole numbers"),
        ("amount > 5 CNY", {"amount": [1]}, EUROS, "no order"),
        ("amount > cost", {"amount": [1], "cost": [1]}, {**EUROS, "cost": frames.Column(currency="EUR")}, "different scales"),
        ("count > other", {"count": [1], "other": [1.5]}, {}, "floats"),
        ("urgent", {"urgent": [1]}, {}, "true and false"),
        ("due == 2026-01-01", {"due": ["2026-01-01"]}, {}, "no dates"),
        ("seen == 2026-01-01T00:00:00Z", {"seen": [datetime(2026, 1, 1)]}, {}, "time zone"),  # noqa: DTZ001 - what is refused
        ("tags is missing", {"tags": [["a"]]}, {}, "a set is no column"),
    ],
)  # fmt: skip
def test_columns_that_do_not_fit_are_refused(
    text: str, data: Mapping[str, Any], columns: frames.Columns, message: str
) -> None:
    if not message:
        with pytest.raises(ValueError, match="did you mean stage"):
            ask(text)
        return
    with pytest.raises(frames.NotAColumn, match=message):
        frames.filter(pl.DataFrame(data), ask(text), columns)


@pytest.mark.parametrize(
    "text",
    ["count + 1 > 2", "starts_with(stage, 'w')", "stage in tags", "if urgent then count > 1 else false", "(count > 1) == urgent"],
)  # fmt: skip
def test_what_cannot_be_asked_says_where_and_what_to_do(text: str) -> None:
    frame = pl.DataFrame({"count": [1], "stage": ["w"], "urgent": [True]})
    with pytest.raises(frames.UnsupportedBackend, match="compute it as a column first"):
        frames.filter(frame, ask(text))


def test_what_is_no_condition_is_refused() -> None:
    with pytest.raises(frames.UnsupportedBackend):
        frames.filter(pl.DataFrame({"count": [1]}), ask("count"))


def test_a_part_without_names_is_evaluated() -> None:
    frame = pl.DataFrame({"count": [3]})
    assert frames.filter(frame, ask("count > 1 + 1 and 2 > 1")).height == 1
    with pytest.raises(EvaluationError):
        frames.filter(frame, ask("count > 1 / (1 - 1)"))


def test_a_frame_that_was_never_compared_with_evaluation_is_refused() -> None:
    class Dask:
        class implementation:  # noqa: N801 - as narwhals names it
            value = "dask"

    original = nw.from_native
    nw.from_native = lambda _frame: Dask()  # type: ignore[assignment]
    try:
        with pytest.raises(frames.UnsupportedBackend, match="dask"):
            frames.filter(object(), ask("count > 1"))
    finally:
        nw.from_native = original


def test_without_narwhals_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    known = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.startswith("narwhals"):
            raise ImportError(name)
        return known(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtra, match=r"salesmgmt\[frames\]"):
        frames.filter(object(), ask("count > 1"))
