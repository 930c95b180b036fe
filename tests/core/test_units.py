import pickle
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import FloatRefused
from salesmgmt.core.quantity import InvalidUnit, Quantity
from salesmgmt.core.units import IncompatibleUnits, Unit, UnitTable, UnknownUnit

STANDARD = UnitTable.standard()

amounts = st.builds(lambda n, e: Decimal(n).scaleb(-e), st.integers(-(10**9), 10**9), st.integers(0, 4))
figures = st.builds(lambda n, e: Decimal(n).scaleb(-e), st.integers(1, 10**6), st.integers(0, 4))
units = st.sampled_from([unit.code for unit in STANDARD.units])


def convert(amount: str | int, unit: str, to: str, table: UnitTable = STANDARD) -> Decimal:
    return table.convert(Quantity(amount, unit), to).amount


# NIST SP 811 (2008), appendix B.8; the rest by definition
@pytest.mark.parametrize(
    ("amount", "unit", "to", "wanted"),
    [
        (2, "dozen", "piece", "24"),
        (24, "piece", "dozen", "2"),
        (30, "piece", "dozen", "2.5"),
        (1, "gross", "dozen", "12"),
        (1, "lb", "kg", "0.45359237"),
        (16, "oz", "lb", "1"),
        (1, "t", "kg", "1000"),
        ("1.5", "kg", "g", "1500"),
        (250, "mg", "g", "0.25"),
        (1, "in", "cm", "2.54"),
        (12, "in", "ft", "1"),
        (1, "mi", "yd", "1760"),
        (1, "m3", "l", "1000"),
        (90, "minute", "hour", "1.5"),
        (1, "week", "minute", "10080"),
        (3, "year", "month", "36"),
        (2, "quarter", "month", "6"),
        (5, "m2", "m2", "5"),
    ],
)
def test_standard_conversions(amount: str | int, unit: str, to: str, wanted: str) -> None:
    assert convert(amount, unit, to) == Decimal(wanted)


def test_what_has_no_finite_decimal_is_kept_to_34_digits() -> None:
    assert convert(1, "piece", "dozen") == Decimal("0.08333333333333333333333333333333333")
    assert convert(20, "minute", "hour") == Decimal("0." + "3" * 34)


@given(amounts, units, units)
def test_there_and_back_is_the_same_to_33_digits(amount: Decimal, unit: str, to: str) -> None:
    quantity = Quantity(amount, unit)
    if STANDARD.unit(unit).base == STANDARD.unit(to).base:
        back = STANDARD.convert(STANDARD.convert(quantity, to), unit)
        assert abs(Fraction(back.amount) - Fraction(amount)) <= abs(Fraction(amount)) / 10**33
    else:
        with pytest.raises(IncompatibleUnits):
            STANDARD.convert(quantity, to)


@given(amounts, units)
def test_the_base_unit_of_a_kind_is_its_own(amount: Decimal, unit: str) -> None:
    in_base = STANDARD.in_base(Quantity(amount, unit))
    assert STANDARD.unit(in_base.unit).base == in_base.unit
    assert STANDARD.in_base(in_base) == in_base


def test_a_month_is_no_number_of_days() -> None:
    with pytest.raises(IncompatibleUnits, match="month cannot be converted to day") as caught:
        convert(1, "month", "day")
    assert (caught.value.left, caught.value.right) == ("month", "day")


# --- tables of products


def test_a_box_of_one_product_is_not_that_of_another() -> None:
    screws, wine = STANDARD.with_conversion("box", "piece", 200), STANDARD.with_conversion("box", "piece", 6)
    assert convert(3, "box", "piece", screws) == 600
    assert convert(3, "box", "piece", wine) == 18
    assert screws.in_base(Quantity(3, "box")) == Quantity(600, "piece")
    with pytest.raises(UnknownUnit):
        STANDARD.unit("box")


def test_conversions_build_on_each_other() -> None:
    table = STANDARD.with_conversion("box", "dozen", 2).with_conversion("pallet", "box", "40.5")
    assert convert(2, "pallet", "piece", table) == 1944


def test_a_conversion_may_need_two_figures() -> None:
    table = STANDARD.with_conversion("sachet", "kg", 1, per=3)
    assert convert(6, "sachet", "kg", table) == 2
    assert convert(1, "kg", "sachet", table) == 3


def test_two_kinds_are_joined_for_a_product() -> None:
    cheese = STANDARD.with_conversion("box", "piece", 12).with_conversion("piece", "g", 750)
    assert convert(2, "box", "kg", cheese) == 18
    assert convert("1.5", "t", "dozen", cheese) == Decimal("166.6666666666666666666666666666667")
    assert cheese.in_base(Quantity(1, "dozen")) == Quantity(9, "kg")
    assert convert(5, "lb", "oz", cheese) == 80


@given(figures, figures, amounts)
def test_any_conversion_is_that_of_fractions(factor: Decimal, per: Decimal, amount: Decimal) -> None:
    table = STANDARD.with_conversion("carton", "dozen", factor, per=per)
    true = Fraction(amount) * Fraction(factor) / Fraction(per) * 12
    found = table.convert(Quantity(amount, "carton"), "piece").amount
    assert abs(Fraction(found) - true) <= abs(true) / 10**33


def test_saying_the_same_again_changes_nothing() -> None:
    assert STANDARD.with_conversion("dozen", "piece", 12) is STANDARD
    assert STANDARD.with_conversion("gross", "dozen", 12) is STANDARD
    assert STANDARD.with_conversion("piece", "dozen", 1, per=12) is STANDARD
    assert STANDARD.with_conversion("kg", "kg", 1) is STANDARD


@pytest.mark.parametrize(
    "change",
    [
        lambda: STANDARD.with_conversion("dozen", "piece", 13),
        lambda: STANDARD.with_conversion("kg", "kg", 2),
        lambda: STANDARD.with_conversion("box", "piece", 0),
        lambda: STANDARD.with_conversion("box", "piece", -12),
        lambda: STANDARD.with_conversion("box", "piece", 1, per=0),
        lambda: STANDARD.with_unit(Unit("kg", "kg")),
        lambda: STANDARD.with_unit(Unit("drum", "barrel", 2)),
        lambda: STANDARD.with_unit(Unit("score", "dozen", 2)),
        lambda: Unit("kg", "kg", 2),
        lambda: Unit("", "kg"),
        lambda: UnitTable([Unit("a", "b"), Unit("b", "a")]),
    ],
)
def test_what_makes_no_sense_is_refused(change: Callable[[], object]) -> None:
    with pytest.raises(InvalidUnit):
        change()


def test_floats_are_refused() -> None:
    with pytest.raises(FloatRefused):
        STANDARD.with_conversion("box", "piece", 12.0)  # type: ignore[arg-type]


@pytest.mark.parametrize(("found", "nearest"), [("dozens", "dozen"), ("Kg", "kg"), ("人", None)])
def test_an_unknown_unit_is_refused_with_the_nearest_known_one(found: str, nearest: str | None) -> None:
    for ask in (
        lambda: STANDARD.unit(found),
        lambda: convert(1, found, "piece"),
        lambda: convert(1, "piece", found),
        lambda: STANDARD.in_base(Quantity(1, found)),
        lambda: STANDARD.with_conversion("box", found, 12),
    ):
        with pytest.raises(UnknownUnit) as caught:
            ask()
        assert caught.value.nearest == nearest


@pytest.mark.parametrize("found", [None, 5, ["kg"]])
def test_what_is_no_text_is_no_unit(found: Any) -> None:
    with pytest.raises(UnknownUnit):
        STANDARD.unit(found)


def test_a_table_is_a_value_that_pickles() -> None:
    table = STANDARD.with_conversion("box", "piece", 6)
    copied = pickle.loads(pickle.dumps(table))
    assert copied == table
    assert copied.convert(Quantity(1, "box"), "piece") == Quantity(6, "piece")
