"""Rows read as columns give what rows read one by one give, faults included."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Context, Decimal, localcontext
from enum import Enum, StrEnum
from math import prod
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesmgmt.core.errors import FloatRefused
from salesmgmt.core.formula import EvaluationError, WrongValue
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.engines.metrics import (
    Aggregate,
    Count,
    Distinct,
    FactKind,
    Grouping,
    Last,
    Mean,
    Median,
    Metric,
    MetricSet,
    Ratio,
    Sum,
    Unit,
)


class Status(StrEnum):
    WON = "won"
    LOST = "lost"


class Colour(Enum):
    RED = "won"


@attrs.frozen
class Chance:
    value: Percent


@attrs.frozen
class Row:
    owner: str | None
    status: Status
    amount: Money | None
    days: Decimal | None
    chance: Chance | None
    urgent: bool | None
    due: date | None
    seen: datetime | None
    rivals: tuple[str, ...]


FACTS = FactKind.of("row", Row)
FIELDS: dict[str, list[Any]] = {
    "owner": [None, "a", "b"],
    "status": [Status.WON, Status.LOST],
    "amount": [None, *(Money(amount, "EUR") for amount in ("0", "0.5", "-1", "100.01")), Money(1, "CNY"), Money(-7, "CNY")],
    "days": [None, 0, 1, -9, 5, Decimal("2.00"), Decimal("-0.01"), Decimal("8.25")],
    "chance": [None, *(Chance(Percent(points)) for points in (0, 50, 51, 100))],
    "urgent": [None, True, False],
    "due": [None, date(2026, 1, 1), date(2026, 1, 5), date(2026, 1, 9)],
    "seen": [None, datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 9, tzinfo=UTC)],
    "rivals": [(), ("x",), ("x", "y"), ("y", "x", "y")],
}  # fmt: skip


def row_of(number: int) -> Row:
    """One of all rows that the fields make up: a single number is drawn a good deal faster than nine values are."""
    chosen = {}
    for field, values in FIELDS.items():
        number, place = divmod(number, len(values))
        chosen[field] = values[place]
    return Row(**chosen)


ROW = st.integers(0, prod(map(len, FIELDS.values())) - 1).map(row_of)
CONDITIONS = [
    "status == 'won'", "'won' == status", "status != 'lost'", "status in {'won', 'x'}", "status not in {'won'}",
    "owner == 'a'", "owner != 'a'", "owner not in {'a'}", "owner is missing", "seen is not missing", "days > 2 and urgent",
    "not urgent", "urgent or owner == 'b'", "urgent == (owner == 'a' and urgent)", "amount >= 0.5 EUR", "days < 2 * days",
    "due >= 2026-01-05", "'x' in rivals", "chance.value > 50%", "10 / days > 3", "if urgent then days > 1 else owner == 'b'",
    "days is not missing and 5 / days > 1",
]  # fmt: skip
CONDITION = st.none() | st.sampled_from(CONDITIONS)
LEAF = st.one_of(
    st.builds(Count, CONDITION),
    st.builds(
        Sum, st.sampled_from(["amount", "days", "amount * chance.value", "-days", "amount * days"]), CONDITION
    ),
    st.builds(Mean, st.sampled_from(["amount", "days", "chance.value"]), CONDITION),
    st.builds(Median, st.sampled_from(["amount", "days"]), CONDITION),
    st.builds(Distinct, st.sampled_from(["owner", "due", "amount", "rivals"]), CONDITION),
    st.builds(Last, st.just("days"), st.sampled_from(["due", "seen", "days"]), CONDITION),
)


def unit_of(leaf: Any) -> Unit:
    of = getattr(leaf, "of", "days")
    if isinstance(leaf, Count | Distinct) or of in {"days", "-days"}:
        return Unit.NUMBER
    return Unit.PERCENT if of == "chance.value" else Unit.MONEY


def answer(measurer: Any, rows: list[Row], portions: int) -> object:
    """The figures, or the error, when so many rows are read at once."""
    try:
        whole = measurer.plan.empty()
        for start in range(0, len(rows), portions):
            whole.merge(measurer.plan.tally(rows[start : start + portions]))
        return measurer.finished(whole)
    except (EvaluationError, FloatRefused) as error:
        return type(error), error.args


@settings(max_examples=200)
@given(st.lists(ROW, min_size=16, max_size=24), LEAF)
def test_columns_answer_as_rows_do(rows: list[Row], leaf: Any) -> None:
    metric = Metric(id="m", facts="row", aggregate=leaf, unit=unit_of(leaf))
    measurer = metric.compile(FACTS)
    assert answer(measurer, rows, portions=len(rows)) == answer(measurer, rows, portions=1)


@settings(max_examples=100)
@given(
    st.lists(ROW, min_size=16, max_size=32),
    st.sampled_from(["owner", "status", "due", "days", "amount", "urgent"]),
)
def test_groups_of_columns_are_those_of_rows(rows: list[Row], key: str) -> None:
    measurer = Metric(id="m", facts="row", aggregate=Ratio(Count("urgent"), Count())).compile(FACTS)
    one_by_one: dict[object, list[Row]] = {}
    for row in rows:
        value = getattr(row, key)
        one_by_one.setdefault(str(value) if key == "status" else value, []).append(row)
    wanted = {its: measurer.measure(group) for its, group in one_by_one.items()}
    assert measurer.by(rows, key) == wanted
    assert Grouping(key, FACTS).groups(rows) == one_by_one


def rows(n: int = 20, **odd: object) -> list[Row]:
    good = Row("a", Status.WON, Money(1, "EUR"), Decimal(3), None, True, None, None, ())
    return [good] * n + ([attrs.evolve(good, **odd)] if odd else [])  # type: ignore[arg-type]


def test_one_odd_value_among_many_is_refused_by_name() -> None:
    total = Metric(id="m", facts="row", aggregate=Sum("days")).compile(FACTS)
    with pytest.raises(FloatRefused, match="the value of days"):
        total.measure(rows(days=0.5))
    with pytest.raises(WrongValue, match="days"):
        total.measure(rows(days="3"))
    with pytest.raises(WrongValue, match="days"):
        total.measure(rows(days=10**40 + 1))
    with pytest.raises(WrongValue, match="days"):
        total.measure(rows(days=Decimal("NaN")))


def test_whole_numbers_give_decimals() -> None:
    numbers = [attrs.evolve(row, days=days) for row in rows(1) for days in (*range(18), 40, 10**33)]
    wanted: dict[Aggregate, Decimal] = {
        Sum("days"): Decimal(10**33 + 193),
        Mean("days"): Decimal("50000000000000000000000000000009.65"),
        Median("days"): Decimal("9.5"),
        Median("days", where="days < 40"): Decimal("8.5"),
        Median("days", where="days < 17"): Decimal(8),
    }
    for aggregate, figure in wanted.items():
        found = Metric(id="m", facts="row", aggregate=aggregate).compile(FACTS).measure(numbers).value
        assert (found, type(found)) == (figure, Decimal)


def test_the_decimal_context_of_the_host_is_neither_read_nor_changed() -> None:
    total = Metric(id="m", facts="row", aggregate=Sum("days")).compile(FACTS)
    with localcontext(Context(prec=2)) as host:
        assert total.measure(rows(days=Decimal("1000000.01"))).value == Decimal("1000060.01")
        assert host.prec == 2
        assert not any(host.flags.values())


def test_a_member_of_any_enum_counts_as_its_value() -> None:
    won = Metric(id="m", facts="row", aggregate=Count("status == 'won'")).compile(FACTS)
    assert won.measure(rows(status=Colour.RED)).value == Decimal(21)


def test_mappings_and_objects_together_are_read_one_by_one() -> None:
    mixed = [*rows(), {"days": 4}]
    assert Metric(id="m", facts="row", aggregate=Sum("days")).compile(FACTS).measure(mixed).value == Decimal(
        64
    )


def test_a_fault_that_a_condition_guards_against_is_none() -> None:
    guarded = Metric(id="m", facts="row", aggregate=Count("days != 0 and 6 / days > 1")).compile(FACTS)
    assert guarded.measure(rows(days=0)).value == Decimal(20)


def test_more_rows_than_one_portion_are_all_read() -> None:
    some = MetricSet(
        [
            Metric(id="n", facts="row", aggregate=Count()),
            Metric(id="days", facts="row", aggregate=Sum("days")),
        ]
    )
    figures = some.compile(FACTS).measure(iter(rows(20_001)))
    assert (figures["n"].value, figures["days"].value) == (Decimal(20_001), Decimal(60_003))
