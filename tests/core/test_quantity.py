import operator
import pickle
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import FloatRefused
from salesmgmt.core.exact import DividedByZero, NotANumber, OutOfRange
from salesmgmt.core.quantity import InvalidUnit, Quantity, UnitMismatch

amounts = st.builds(lambda n, e: Decimal(n).scaleb(-e), st.integers(-(10**12), 10**12), st.integers(0, 6))
kilos = amounts.map(lambda amount: Quantity(amount, "kg"))

ORDERS = [operator.lt, operator.le, operator.gt, operator.ge]


@given(kilos, kilos)
def test_adding_and_subtracting_are_exact(left: Quantity, right: Quantity) -> None:
    assert Fraction((left + right).amount) == Fraction(left.amount) + Fraction(right.amount)
    assert left + right - right == left


@given(kilos, amounts)
def test_multiplying_and_dividing(quantity: Quantity, factor: Decimal) -> None:
    assert Fraction((quantity * factor).amount) == Fraction(quantity.amount) * Fraction(factor)
    assert factor * quantity == quantity * factor
    if quantity:
        assert (quantity * 3) / quantity == 3
        assert (quantity * 4) / 4 == quantity


@given(kilos, kilos)
def test_order_is_that_of_the_amounts(left: Quantity, right: Quantity) -> None:
    for compare in ORDERS:
        assert compare(left, right) is compare(left.amount, right.amount)


def test_signs_and_zero() -> None:
    assert -Quantity(3, "kg") == Quantity(-3, "kg")
    assert abs(Quantity(-3, "kg")) == Quantity(3, "kg")
    assert Quantity("0.1", "kg")
    assert not Quantity("0.0", "kg")
    assert str(-Quantity(0, "kg")) == str(Quantity(0, "kg") * -1) == "0 kg"


def test_quantities_are_values() -> None:
    assert Quantity("1.0", "kg") == Quantity(1, "kg")
    assert hash(Quantity("1.0", "kg")) == hash(Quantity(1, "kg"))
    assert Quantity(12, "piece") != Quantity(1, "dozen")
    assert pickle.loads(pickle.dumps(Quantity("1.5", "kg"))) == Quantity("1.5", "kg")


def test_quantities_are_shown_plainly() -> None:
    assert str(Quantity(Decimal("1E+3"), "kg")) == "1000 kg"
    assert repr(Quantity("1.50", "kg")) == "Quantity('1.50', 'kg')"


@pytest.mark.parametrize("compute", [operator.add, operator.sub, operator.truediv, *ORDERS])
def test_units_do_not_mix(compute: Callable[[Any, Any], Any]) -> None:
    with pytest.raises(UnitMismatch, match="convert one of them first") as caught:
        compute(Quantity(12, "piece"), Quantity(1, "dozen"))
    assert {caught.value.left, caught.value.right} == {"piece", "dozen"}


@pytest.mark.parametrize("other", [1, "1", None])
@pytest.mark.parametrize("compute", [operator.add, operator.sub, *ORDERS])
def test_quantities_and_plain_numbers_do_not_mix(compute: Callable[[Any, Any], Any], other: Any) -> None:
    with pytest.raises(TypeError):
        compute(Quantity(1, "kg"), other)


@pytest.mark.parametrize("compute", [operator.add, operator.sub, operator.mul, operator.truediv, operator.lt])
def test_floats_are_refused(compute: Callable[[Any, Any], Any]) -> None:
    with pytest.raises(FloatRefused):
        compute(Quantity(1, "kg"), 0.5)
    with pytest.raises(FloatRefused, match="a quantity cannot be made"):
        Quantity(0.5, "kg")  # type: ignore[arg-type]


@pytest.mark.parametrize("amount", [True, None, "1,5", Decimal("NaN")])
def test_what_is_no_number_is_refused(amount: Any) -> None:
    with pytest.raises(NotANumber):
        Quantity(amount, "kg")


@pytest.mark.parametrize("unit", ["", " kg", "kg\n", "k" * 41, None, 5, ["kg"]])
def test_a_unit_is_a_short_text(unit: Any) -> None:
    with pytest.raises(InvalidUnit, match="such as 'kg'"):
        Quantity(1, unit)


def test_impossible_results_are_refused() -> None:
    with pytest.raises(DividedByZero):
        Quantity(1, "kg") / 0
    with pytest.raises(DividedByZero):
        Quantity(1, "kg") / Quantity(0, "kg")
    with pytest.raises(OutOfRange):
        Quantity(Decimal("9E+99"), "kg") + Quantity(Decimal("9E+99"), "kg")
