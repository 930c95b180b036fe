"""Keys order and equal each other as exact fractions and instants do."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from salesmgmt.core.exact import NotANumber
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.sortkey import number_key, sort_key


def _decimal(digits: int, exponent: int) -> Decimal:
    return Decimal(f"{digits}E{exponent}")


_NUMBERS = st.builds(_decimal, st.integers(-(10**34) + 1, 10**34 - 1), st.integers(-99, 65))
_NEAR = st.builds(_decimal, st.integers(-120, 120), st.integers(-3, 3))


@given(_NUMBERS | _NEAR, _NUMBERS | _NEAR)
@example(Decimal("1.0"), Decimal("1.00"))
@example(Decimal("-1.2"), Decimal("-1.25"))
@example(Decimal("-0.00"), Decimal(0))
@example(Decimal(9), Decimal(10))
@example(Decimal("0.1") + Decimal("0.2"), Decimal("0.3"))
def test_number_keys_compare_as_the_exact_fractions_do(left: Decimal, right: Decimal) -> None:
    a, b = Fraction(left), Fraction(right)
    assert (number_key(left) < number_key(right)) == (a < b)
    assert (number_key(left) == number_key(right)) == (a == b)


def test_a_difference_in_the_34th_digit_is_kept() -> None:
    digits = "123456789012345678901234567890123"
    assert number_key(Decimal(f"{digits}4")) < number_key(Decimal(f"{digits}5"))
    assert number_key(Decimal(f"-{digits}4")) > number_key(Decimal(f"-{digits}5"))


@pytest.mark.parametrize(
    "value", [Decimal("NaN"), Decimal("Infinity"), Decimal("1E+6000"), Decimal("1E-6000")]
)
def test_what_is_no_bounded_number_has_no_key(value: Decimal) -> None:
    with pytest.raises(NotANumber):
        number_key(value)


def test_a_moment_has_one_key_in_every_time_zone() -> None:
    utc = datetime(2026, 3, 1, 12, tzinfo=UTC)
    shanghai = utc.astimezone(timezone(timedelta(hours=8)))
    assert sort_key(utc) == sort_key(shanghai)


def test_instants_at_the_ends_of_time_have_keys() -> None:
    east, west = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))
    first, last = datetime.min.replace(tzinfo=east), datetime.max.replace(tzinfo=west)
    assert sort_key(first) < sort_key(datetime(2026, 1, 1, tzinfo=UTC)) < sort_key(last)


def test_money_orders_by_currency_then_amount() -> None:
    amounts = [Money("2", "USD"), Money("1", "USD"), Money("9", "CNY"), Money("10", "CNY")]
    assert sorted(amounts, key=sort_key) == [amounts[2], amounts[3], amounts[1], amounts[0]]


def test_the_other_types_keep_their_order() -> None:
    assert sort_key(False) < sort_key(True)
    assert sort_key(date(999, 12, 31)) < sort_key(date(2026, 1, 1))
    assert sort_key(Percent("9.5")) < sort_key(Percent("10"))
    assert sort_key("z") < sort_key("Ä") < sort_key("中") < sort_key("\U0001f600")


def test_a_set_has_no_order() -> None:
    with pytest.raises(TypeError, match="frozenset has no order"):
        sort_key(frozenset({"a"}))
