from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import FloatRefused
from salesmgmt.core.exact import NotANumber, OutOfRange
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent

figures = st.builds(
    lambda units, digits: Decimal(units).scaleb(-digits), st.integers(-(10**15), 10**15), st.integers(0, 6)
)


def test_a_rate_too_small_for_a_ratio_is_refused_as_any_other_result() -> None:
    least = Percent(Decimal("1E-132"))
    with pytest.raises(OutOfRange, match="check the amounts"):
        _ = least.ratio
    with pytest.raises(OutOfRange):
        Money(1, "EUR") * least
    with pytest.raises(OutOfRange):
        Percent.of_ratio(Decimal("1E+99"))


@pytest.mark.parametrize(
    ("points", "ratio"), [("12.5", "0.125"), ("100", "1.00"), ("-0.01", "-0.0001"), ("0", "0.00")]
)
def test_a_ratio_is_a_hundredth_of_the_points(points: str, ratio: str) -> None:
    assert str(Percent(points).ratio) == ratio
    assert Percent.of_ratio(ratio) == Percent(points)


def test_equal_rates_hash_alike() -> None:
    assert hash(Percent("10")) == hash(Percent("10.00"))
    assert Percent("10") == Percent("10.00")
    assert len({Percent("10"), Percent("10.00"), Percent("11")}) == 2


@given(figures, figures)
def test_arithmetic_is_that_of_the_points(left: Decimal, right: Decimal) -> None:
    rate, other = Percent(left), Percent(right)
    assert Fraction((rate + other).points) == Fraction(left) + Fraction(right)
    assert Fraction((rate - other).points) == Fraction(left) - Fraction(right)
    assert Fraction((rate * right).points) == Fraction(left) * Fraction(right)
    assert right * rate == rate * right
    assert (-rate).points == left.copy_negate()
    assert (rate < other, rate >= other) == (left < right, left >= right)


@given(figures)
def test_only_nothing_at_all_is_false(points: Decimal) -> None:
    assert bool(Percent(points)) is (points != 0)


def test_a_rate_is_multiplied_by_whole_and_by_decimal_numbers() -> None:
    assert Percent("12.5") * 3 == 3 * Percent("12.5") == Percent("37.5")
    assert Percent("12.5") * Decimal("0.2") == Decimal("0.2") * Percent("12.5") == Percent("2.5")


@pytest.mark.parametrize(
    ("rate", "shown", "in_code"),
    [
        (Percent("12.50"), "12.50%", "Percent('12.50')"),
        (Percent(Decimal("1E+2")), "100%", "Percent('100')"),
        (Percent("-0.0000001"), "-0.0000001%", "Percent('-0.0000001')"),
        (-Percent(0), "0%", "Percent('0')"),
    ],
)
def test_a_rate_is_shown_in_plain_digits(rate: Percent, shown: str, in_code: str) -> None:
    assert str(rate) == shown
    assert repr(rate) == in_code


@pytest.mark.parametrize("compute", [operator.add, operator.sub])
@pytest.mark.parametrize("other", [1, Decimal(1), "1", None, Money(1, "EUR")])
def test_rates_are_added_to_rates_only(compute: Callable[[Any, Any], Any], other: Any) -> None:
    with pytest.raises(TypeError):
        compute(Percent(1), other)
    with pytest.raises(TypeError):
        compute(other, Percent(1))


@pytest.mark.parametrize("factor", ["2", None, Percent(1)])
def test_only_plain_numbers_are_factors_of_a_rate(factor: Any) -> None:
    with pytest.raises(TypeError):
        Percent(1) * factor


@pytest.mark.parametrize("factor", [True, Decimal("NaN"), Decimal("Infinity")])
def test_odd_factors_of_a_rate_are_refused(factor: Any) -> None:
    with pytest.raises(NotANumber):
        Percent(1) * factor


class Foreign:
    """A type of a host that knows what to do with a rate."""

    def _answer(self, _: Percent) -> str:
        return "foreign"

    __radd__ = __rsub__ = __rmul__ = _answer


@pytest.mark.parametrize("compute", [operator.add, operator.sub, operator.mul])
def test_a_type_of_the_host_may_answer(compute: Callable[[Any, Any], Any]) -> None:
    assert compute(Percent(1), Foreign()) == "foreign"


@pytest.mark.parametrize(
    ("call", "what"),
    [
        (lambda: Percent(0.5), "a percentage"),  # type: ignore[arg-type]
        (lambda: Percent.of_ratio(0.5), "the ratio of a percentage"),  # type: ignore[arg-type]
        (lambda: Percent(1) + 0.5, "a percentage or a factor of it"),  # type: ignore[operator]
        (lambda: Percent(1) - 0.5, "a percentage or a factor of it"),  # type: ignore[operator]
        (lambda: Percent(1) * 0.5, "a percentage or a factor of it"),  # type: ignore[operator]
    ],
)
def test_a_float_is_refused_by_name(call: Callable[[], object], what: str) -> None:
    with pytest.raises(FloatRefused) as caught:
        call()
    assert str(caught.value) == (
        f"{what} cannot be made from the float 0.5; write Decimal('0.5') or '0.5' if those digits are meant"
    )
