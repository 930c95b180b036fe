import decimal
import pickle
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import FloatRefused, SalesError
from salesmgmt.core.exact import (
    DividedByZero,
    NotANumber,
    OutOfRange,
    add,
    divide,
    exact,
    multiply,
    subtract,
)
from salesmgmt.core.percent import Percent

coefficients = st.integers(-(10**34) + 1, 10**34 - 1)
numbers = st.builds(lambda whole, shift: Decimal(f"{whole}E{shift}"), coefficients, st.integers(-40, 40))

# --- the door


@pytest.mark.parametrize(
    ("given_", "wanted"),
    [
        ("12.50", "12.50"),
        ("-0.5", "-0.5"),
        ("+7", "7"),
        (".5", "0.5"),
        ("5.", "5"),
        ("0", "0"),
        (12, "12"),
        (Decimal("1E+3"), "1000"),
        (10**50, "1E+50"),
        ("9" * 34, "9" * 34),
        ("1." + "0" * 60, "1"),
    ],
)
def test_an_exact_number_keeps_value_and_digits(given_: str | int | Decimal, wanted: str) -> None:
    assert exact(given_) == Decimal(wanted)


def test_trailing_zeros_are_kept() -> None:
    assert str(exact("12.50")) == "12.50"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        " 1",
        "1 ",
        "1\n",
        "1e3",
        "1,000",
        "1_000",
        "NaN",
        "Infinity",
        "-",
        ".",
        "--1",
        "1.2.3",
        "٣",
        "1²",
        "½",
        "0x10",
        "1" * 35,
        "0." + "0" * 140 + "1",
        pytest.param("9" * 10_000, id="long"),
        "1\0",
    ],
)
def test_text_that_is_not_plain_digits_is_refused(text: str) -> None:
    with pytest.raises(NotANumber) as caught:
        exact(text)
    assert isinstance(caught.value, ValueError)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    "value",
    [
        True,
        False,
        None,
        b"1",
        1j,
        [1],
        10**35 + 1,
        10**200,
        pytest.param(-(10**100_000), id="huge"),
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("-Infinity"),
        Decimal("1E+100"),
        Decimal("1E-200"),
        Decimal("1" * 35),
    ],
)
def test_values_that_are_no_exact_number_are_refused(value: Any) -> None:
    with pytest.raises(NotANumber):
        exact(value)


@pytest.mark.parametrize("value", [0.1, 1.0, float("nan"), float("inf")])
def test_a_float_is_refused_as_a_type_error_that_names_the_purpose(value: float) -> None:
    with pytest.raises(TypeError, match="the price cannot be made from the float") as caught:
        exact(value, "the price")  # type: ignore[arg-type]
    assert isinstance(caught.value, FloatRefused)


@pytest.mark.parametrize("zero", ["-0", "-0.00", Decimal("-0.0"), Decimal("-0E+5")])
def test_zero_has_no_sign(zero: str | Decimal) -> None:
    assert not exact(zero).is_signed()


@given(numbers)
def test_any_number_of_34_digits_passes_unchanged(number: Decimal) -> None:
    assert exact(number) == number
    assert exact(f"{number:f}") == number


@given(st.text(max_size=40))
def test_no_text_raises_anything_but_a_refusal(text: str) -> None:
    try:
        number = exact(text)
    except NotANumber:
        return
    assert number == Decimal(text)


def test_the_ambient_context_has_no_say() -> None:
    with decimal.localcontext(decimal.Context(prec=3, rounding=decimal.ROUND_UP, Emax=5, Emin=-5)):
        assert exact("-0.000000000") == 0
        assert str(exact("123456.789")) == "123456.789"
        assert str(add(Decimal(123456), Decimal("0.789"))) == "123456.789"
        assert str(multiply(Decimal("1234.5"), Decimal("1.01"))) == "1246.845"


# --- arithmetic


@given(numbers, numbers)
def test_results_are_the_true_ones_to_34_digits(left: Decimal, right: Decimal) -> None:
    for compute, true in (
        (add, Fraction(left) + Fraction(right)),
        (subtract, Fraction(left) - Fraction(right)),
        (multiply, Fraction(left) * Fraction(right)),
    ):
        error = abs(Fraction(compute(left, right)) - true)
        assert error <= abs(true) / (2 * 10**33)
    if right:
        true = Fraction(left) / Fraction(right)
        assert abs(Fraction(divide(left, right)) - true) <= abs(true) / (2 * 10**33)


@pytest.mark.parametrize(
    ("compute", "left", "right", "error"),
    [
        (add, "9E+99", "9E+99", OutOfRange),
        (subtract, "-9E+99", "9E+99", OutOfRange),
        (multiply, "1E+60", "1E+60", OutOfRange),
        (multiply, "1.5E-90", "3.3E-60", OutOfRange),
        (divide, "1E+60", "1E-60", OutOfRange),
        (divide, "1", "0", DividedByZero),
        (divide, "0", "0.00", DividedByZero),
    ],
)
def test_a_result_that_cannot_be_held_is_refused(
    compute: Callable[[Decimal, Decimal], Decimal], left: str, right: str, error: type[SalesError]
) -> None:
    with pytest.raises(error) as caught:
        compute(Decimal(left), Decimal(right))
    assert isinstance(caught.value, SalesError)
    assert isinstance(caught.value, ArithmeticError)


def test_a_product_or_quotient_of_zero_has_no_sign() -> None:
    assert str(multiply(Decimal(0), Decimal(-3))) == "0"
    assert str(divide(Decimal(0), Decimal(-3))) == "0"


# --- percentages


def test_a_percentage_is_a_hundredth_of_its_points() -> None:
    assert Percent("12.5").ratio == Decimal("0.125")
    assert Percent.of_ratio("0.125") == Percent("12.5")
    assert Percent.of_ratio(1) == Percent(100)


@given(st.integers(-(10**20), 10**20))
def test_ratio_and_percentage_are_inverse(points: int) -> None:
    assert Percent.of_ratio(Percent(points).ratio) == Percent(points)


def test_percentages_add_subtract_scale_and_compare() -> None:
    assert Percent(10) + Percent("2.5") == Percent("12.5")
    assert Percent(100) - Percent(10) == Percent(90)
    assert Percent(10) * 3 == 3 * Percent(10) == Percent(30)
    assert Decimal("0.5") * Percent(10) == Percent(5)
    assert -Percent(10) == Percent(-10)
    assert Percent(9) < Percent(10) <= Percent("10.0")
    assert Percent("10.0") == Percent(10)
    assert hash(Percent("10.0")) == hash(Percent(10))
    assert not Percent(0)


def test_a_percentage_is_shown_plainly() -> None:
    assert str(Percent(Decimal("1E+2"))) == "100%"
    assert repr(Percent("-2.50")) == "Percent('-2.50')"
    assert repr(-Percent(0)) == "Percent('0')"


@pytest.mark.parametrize("other", [1, Decimal(1), "1", None])
def test_a_percentage_and_a_plain_number_do_not_add(other: Any) -> None:
    with pytest.raises(TypeError):
        Percent(10) + other
    with pytest.raises(TypeError):
        other + Percent(10)
    assert Percent(10) != other


def test_a_percentage_refuses_floats() -> None:
    for make in (
        lambda: Percent(0.1),  # type: ignore[arg-type]
        lambda: Percent(1) * 0.5,  # type: ignore[operator]
        lambda: 0.5 * Percent(1),  # type: ignore[operator]
        lambda: Percent(1) + 0.5,  # type: ignore[operator]
        lambda: Percent.of_ratio(0.5),  # type: ignore[arg-type]
    ):
        with pytest.raises(FloatRefused):
            make()


def test_a_percentage_refuses_a_truth_value_as_factor() -> None:
    with pytest.raises(NotANumber):
        Percent(10) * True


def test_a_percentage_pickles() -> None:
    assert pickle.loads(pickle.dumps(Percent("7.5"))) == Percent("7.5")
