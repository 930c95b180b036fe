"""Figures of metrics, against hand-computed values and a plain-Python oracle over fractions."""

from __future__ import annotations

import pickle
import statistics
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import FloatRefused
from salesmgmt.core.exact import OutOfRange
from salesmgmt.core.formula import DATE, MONEY, NUMBER, PERCENT, TEXT, FormulaError, Schema, WrongValue
from salesmgmt.core.measured import Measured
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.engines.metrics import (
    Aggregate,
    Count,
    Distinct,
    Last,
    Mean,
    Measurer,
    Median,
    Metric,
    Ratio,
    Sum,
    Unit,
)

SCHEMA = Schema(
    {
        "owner": TEXT,
        "status": TEXT,
        "amount": MONEY,
        "days": NUMBER,
        "share": PERCENT,
        "counted_on": DATE,
    }
)
WON = "status == 'won'"


def measurer(aggregate: Aggregate, unit: Unit = Unit.NUMBER, currency: str | None = None) -> Measurer:
    return Metric(id="m", facts="deal", aggregate=aggregate, unit=unit, undefined="nothing").compile(
        SCHEMA, currency=currency
    )


def deal(status: str = "won", amount: object = None, **rest: object) -> dict[str, Any]:
    return {"status": status, "amount": amount, **rest}


DEALS = [
    deal("won", Money("100.10", "EUR"), owner="ann", days=10),
    deal("won", Money("50.05", "EUR"), owner="ann", days=20),
    deal("lost", Money("900", "EUR"), owner="bob", days=5),
    deal("open", Money("7", "EUR"), owner="bob"),
    deal("won", None, owner="cyd", days=40),
]


@pytest.mark.parametrize(
    ("aggregate", "unit", "wanted", "n", "coverage"),
    [
        (Count(), Unit.COUNT, Decimal(5), 5, None),
        (Count(WON), Unit.COUNT, Decimal(3), 3, None),
        (Sum("amount", where=WON), Unit.MONEY, Money("150.15", "EUR"), 2, "2/3"),
        (Mean("amount", where=WON), Unit.MONEY, Money("75.075", "EUR"), 2, "2/3"),
        (Median("days"), Unit.DAYS, Decimal(15), 4, "4/5"),
        (Median("days", where=WON), Unit.DAYS, Decimal(20), 3, "1"),
        (Distinct("owner"), Unit.COUNT, Decimal(3), 5, "1"),
        (Sum("amount * 10%", where=WON), Unit.MONEY, Money("15.015", "EUR"), 2, "2/3"),
        (Ratio(Count(WON), Count("status in {'won', 'lost'}")), Unit.RATIO, Decimal("0.75"), 4, None),
        (Ratio(Sum("amount", where=WON), Count(WON)), Unit.MONEY, Money("50.05", "EUR"), 3, "2/3"),
    ],
)  # fmt: skip
def test_figures_are_those_worked_out_by_hand(
    aggregate: Aggregate, unit: Unit, wanted: object, n: int, coverage: str | None
) -> None:
    found = measurer(aggregate, unit).measure(DEALS)
    assert (found.value, found.flag, found.n, found.metric) == (wanted, None, n, "m")
    if coverage is None:
        assert found.coverage is None
    else:
        assert found.coverage is not None
        assert abs(Fraction(found.coverage) - Fraction(coverage)) < Fraction(1, 10**33)


def test_the_median_of_an_even_number_is_not_rounded() -> None:
    rows = [deal(amount=Money(text, "EUR")) for text in ("0.01", "0.02")]
    assert measurer(Median("amount"), Unit.MONEY).measure(rows).value == Money("0.015", "EUR")


def test_percents_stay_percents() -> None:
    rows = [{"share": Percent(10)}, {"share": Percent(20)}]
    assert measurer(Mean("share"), Unit.PERCENT).measure(rows).value == Percent(15)
    assert measurer(Ratio(Sum("share"), Count()), Unit.PERCENT).measure(rows).value == Percent(15)


def test_last_is_the_value_of_the_latest_row() -> None:
    last = measurer(Last("days", by="counted_on"))
    rows = [
        {"days": 3, "counted_on": date(2026, 2, 1)},
        {"days": 1, "counted_on": date(2026, 1, 1)},
        {"days": 9, "counted_on": None},
    ]
    found = last.measure(rows)
    assert (found.value, found.n) == (Decimal(3), 2)
    tie = [{"days": 4, "counted_on": date(2026, 2, 1)}]
    assert last.measure(rows + tie).value == Decimal(4)


@pytest.mark.parametrize(
    ("aggregate", "unit"),
    [
        (Mean("days"), Unit.DAYS),
        (Median("amount"), Unit.MONEY),
        (Last("days", by="counted_on"), Unit.DAYS),
        (Ratio(Count(WON), Count()), Unit.RATIO),
        (Sum("amount"), Unit.MONEY),
    ],
)
def test_nothing_to_compute_from_gives_the_flag_of_the_metric(aggregate: Aggregate, unit: Unit) -> None:
    assert measurer(aggregate, unit).measure([]) == Measured(None, "nothing", metric="m")


def test_the_sum_of_nothing_is_zero_where_its_unit_is_known() -> None:
    assert measurer(Sum("days")).measure([]) == Measured(Decimal(0), metric="m")
    assert measurer(Sum("share"), Unit.PERCENT).measure([]).value == Percent(0)
    assert measurer(Sum("amount"), Unit.MONEY, currency="EUR").measure([]).value == Money(0, "EUR")


def test_rows_without_a_single_value_are_not_taken_for_zero() -> None:
    found = measurer(Sum("amount"), Unit.MONEY, currency="EUR").measure([deal(), deal()])
    assert (found.value, found.flag, found.n, found.coverage) == (None, "values_missing", 0, Decimal(0))


def test_two_currencies_do_not_add_up() -> None:
    rows = [deal(amount=Money(1, "EUR")), deal(amount=Money(1, "CNY"))]
    for aggregate in (Sum("amount"), Mean("amount"), Median("amount"), Ratio(Sum("amount"), Count())):
        found = measurer(aggregate, Unit.MONEY).measure(rows)
        assert (found.value, found.flag, found.n) == (None, "mixed_currencies", 2)


def test_a_ratio_of_two_currencies_is_undefined() -> None:
    rows = [deal("won", Money(1, "EUR")), deal("lost", Money(1, "CNY"))]
    share = Ratio(Sum("amount", where=WON), Sum("amount", where="status == 'lost'"))
    assert measurer(share, Unit.RATIO).measure(rows).flag == "mixed_currencies"


def test_a_denominator_of_zero_is_undefined_and_not_an_error() -> None:
    rows = [deal("won", Money(0, "EUR"))]
    share = Ratio(Sum("amount", where=WON), Sum("amount"))
    assert measurer(share, Unit.RATIO).measure(rows).flag == "nothing"


def test_groups_are_measured_in_one_pass_and_rows_without_a_key_stay_visible() -> None:
    rate = measurer(Ratio(Count(WON), Count()), Unit.RATIO)
    rows = iter([*DEALS, deal("lost")])
    found = {key: figure.value for key, figure in rate.by(rows, "owner").items()}
    assert found == {"ann": Decimal(1), "bob": Decimal(0), "cyd": Decimal(1), None: Decimal(0)}


def test_a_formula_may_group() -> None:
    found = measurer(Count(), Unit.COUNT).by(DEALS, "if amount >= 100 EUR then 'large' else 'small'")
    assert {key: figure.value for key, figure in found.items()} == {"large": Decimal(2), "small": Decimal(3)}


def test_an_unknown_key_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(FormulaError, match="did you mean owner"):
        measurer(Count(), Unit.COUNT).by(DEALS, "ownr")


def test_floats_and_wrong_types_are_refused() -> None:
    with pytest.raises(FloatRefused):
        measurer(Sum("days")).measure([{"days": 0.1}])
    with pytest.raises(WrongValue):
        measurer(Sum("amount"), Unit.MONEY).measure([{"amount": Decimal(5)}])


def test_a_sum_beyond_all_bounds_is_refused() -> None:
    with pytest.raises(OutOfRange):
        measurer(Sum("days")).measure([{"days": Decimal("9E+99")}] * 2)


def test_objects_and_mappings_may_be_mixed() -> None:
    @attrs.frozen
    class Row:
        owner: str
        status: str
        amount: Money | None
        days: int | None

    rows = [Row("ann", "won", Money(5, "EUR"), 3), deal("won", Money(6, "EUR"))]
    assert measurer(Sum("amount", where=WON), Unit.MONEY).measure(rows).value == Money(11, "EUR")


def test_a_measurer_survives_pickling() -> None:
    rate = measurer(Ratio(Count(WON), Count()), Unit.RATIO)
    again = pickle.loads(pickle.dumps(rate))
    assert again.measure(DEALS) == rate.measure(DEALS)


NUMBERS = st.builds(
    lambda digits, places: Decimal(digits).scaleb(-places), st.integers(-(10**9), 10**9), st.integers(0, 6)
)
ROWS = st.lists(st.fixed_dictionaries({"days": st.none() | NUMBERS, "owner": st.sampled_from("abc")}))


@given(ROWS)
def test_figures_agree_with_fractions(rows: list[dict[str, Any]]) -> None:
    present = [Fraction(row["days"]) for row in rows if row["days"] is not None]
    wanted: Mapping[Aggregate, Fraction | None] = {
        Sum("days"): Fraction(sum(present)) if present or not rows else None,
        Mean("days"): Fraction(sum(present), len(present)) if present else None,
        Median("days"): Fraction(statistics.median(present)) if present else None,
        Count("days is not missing"): Fraction(len(present)),
        Distinct("days"): Fraction(len(set(present))),
    }
    for aggregate, figure in wanted.items():
        found = measurer(aggregate).measure(rows)
        if figure is None:
            assert found.value is None
        else:
            assert isinstance(found.value, Decimal)
            assert abs(Fraction(found.value) - figure) <= abs(figure) / 10**33


@given(ROWS, st.randoms())
def test_the_order_of_the_rows_never_matters(rows: list[dict[str, Any]], random: Any) -> None:
    shuffled = random.sample(rows, len(rows))
    for aggregate in (Sum("days"), Mean("days"), Median("days"), Distinct("days")):
        assert measurer(aggregate).measure(rows) == measurer(aggregate).measure(shuffled)


@given(ROWS)
def test_groups_are_what_measuring_each_group_alone_gives(rows: list[dict[str, Any]]) -> None:
    mean = measurer(Mean("days"))
    alone = {
        owner: mean.measure(row for row in rows if row["owner"] == owner)
        for owner in {r["owner"] for r in rows}
    }
    assert mean.by(rows, "owner") == alone
