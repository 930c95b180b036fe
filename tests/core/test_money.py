import copy
import decimal
import operator
import pickle
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.currency import NoMinorUnit, UnknownCurrency
from salesmgmt.core.errors import FloatRefused, SalesError
from salesmgmt.core.exact import DividedByZero, NotANumber, OutOfRange
from salesmgmt.core.money import CurrencyMismatch, Money, TooFine
from salesmgmt.core.percent import Percent
from salesmgmt.core.quantity import Quantity
from salesmgmt.core.rounding import Rounding

amounts = st.builds(
    lambda units, digits: Decimal(units).scaleb(-digits), st.integers(-(10**15), 10**15), st.integers(0, 6)
)
euros = amounts.map(lambda amount: Money(amount, "EUR"))

ORDERS = [operator.lt, operator.le, operator.gt, operator.ge]


def eur(amount: str | int) -> Money:
    return Money(amount, "EUR")


# --- making


@pytest.mark.parametrize("amount", ["12.50", Decimal("12.50")])
def test_an_amount_is_kept_with_its_scale(amount: str | Decimal) -> None:
    money = Money(amount, "CNY")
    assert (str(money.amount), money.currency) == ("12.50", "CNY")


@pytest.mark.parametrize(
    ("money", "shown", "in_code"),
    [
        (Money("233750.00", "CNY"), "233750.00 CNY", "Money('233750.00', 'CNY')"),
        (Money(Decimal("1E+6"), "JPY"), "1000000 JPY", "Money('1000000', 'JPY')"),
        (Money("-0.00000001", "EUR"), "-0.00000001 EUR", "Money('-0.00000001', 'EUR')"),
        (Money("-0", "EUR"), "0 EUR", "Money('0', 'EUR')"),
    ],
)
def test_money_is_shown_in_plain_digits(money: Money, shown: str, in_code: str) -> None:
    assert str(money) == shown
    assert repr(money) == in_code


@pytest.mark.parametrize("amount", [0.1, 1.0, float("nan")])
def test_a_float_is_refused(amount: float) -> None:
    with pytest.raises(TypeError, match="an amount of money cannot be made from the float") as caught:
        Money(amount, "EUR")  # type: ignore[arg-type]
    assert isinstance(caught.value, FloatRefused)


@pytest.mark.parametrize("amount", [True, None, "1,50", "1e3", "12.50 EUR", Decimal("NaN"), [1]])
def test_what_is_no_number_is_refused(amount: Any) -> None:
    with pytest.raises(NotANumber):
        Money(amount, "EUR")


def test_an_unknown_currency_is_refused_with_a_hint() -> None:
    with pytest.raises(UnknownCurrency, match="did you mean EUR"):
        Money(1, "eur")


def test_withdrawn_currencies_are_accepted_for_history() -> None:
    assert Money("1.95583", "DEM").currency == "DEM"


def test_money_cannot_be_changed() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        eur(1).amount = Decimal(2)  # type: ignore[misc]
    with pytest.raises(AttributeError):
        eur(1).note = "x"  # type: ignore[attr-defined]


@given(euros)
def test_copies_and_pickles_are_equal(money: Money) -> None:
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(money, protocol)) == money
    assert copy.copy(money) == copy.deepcopy(money) == money
    assert attrs.evolve(money, currency="USD") == Money(money.amount, "USD")


@given(euros)
def test_its_representation_makes_it_again(money: Money) -> None:
    assert eval(repr(money), {"Money": Money}) == money


# --- arithmetic


@given(euros, euros)
def test_adding_and_subtracting_are_exact_and_undo_each_other(left: Money, right: Money) -> None:
    assert Fraction((left + right).amount) == Fraction(left.amount) + Fraction(right.amount)
    assert left + right - right == left
    assert left - right == -(right - left)
    assert left + right == right + left


@given(euros, amounts)
def test_multiplying_is_exact_while_34_digits_hold_it(money: Money, factor: Decimal) -> None:
    assert Fraction((money * factor).amount) == Fraction(money.amount) * Fraction(factor)
    assert factor * money == money * factor


@given(euros, st.integers(-(10**6), 10**6), amounts)
def test_multiplying_distributes(money: Money, count: int, points: Decimal) -> None:
    assert money * count + money == money * (count + 1)
    assert money * Percent(points) * 100 == money * points


def test_a_percentage_of_an_amount() -> None:
    assert eur("199.90") * Percent("12.5") == Percent("12.5") * eur("199.90") == eur("24.98750")
    assert eur(90) / Percent(90) == eur(100)


def test_dividing_keeps_34_digits() -> None:
    assert eur(10) / 4 == eur("2.5")
    assert (eur(2) / 3).amount == Decimal("0.6666666666666666666666666666666667")
    assert eur(2) / Decimal("0.5") == eur(4)


def test_dividing_by_money_gives_a_plain_number() -> None:
    ratio = eur(50) / eur(200)
    assert ratio == Decimal("0.25")
    assert isinstance(ratio, Decimal)


@given(euros)
def test_signs(money: Money) -> None:
    negated = -money
    assert -negated == money == +money
    assert abs(money).amount == abs(money.amount)
    assert bool(money) is (money.amount != 0)
    assert money + -money == Money.zero("EUR")


def test_no_result_is_a_negative_zero() -> None:
    for zero in (-eur(0), eur(0) * -1, eur(0) / -3, eur(5) - eur(5), abs(eur("-0.0")), eur(0) * Percent(-5)):
        assert "-" not in str(zero)


@given(st.lists(euros))
def test_sums(monies: list[Money]) -> None:
    total = sum((Fraction(money.amount) for money in monies), Fraction())
    assert Fraction(Money.total(monies, "EUR").amount) == total
    assert sum(monies, Money.zero("EUR")) == Money.total(monies, "EUR")


def test_sums_never_mix_currencies() -> None:
    with pytest.raises(CurrencyMismatch):
        Money.total([eur(1), Money(1, "USD")], "EUR")
    with pytest.raises(CurrencyMismatch):
        Money.total([eur(1)], "USD")
    with pytest.raises(TypeError):
        Money.total([1], "EUR")  # type: ignore[list-item]
    with pytest.raises(FloatRefused):
        Money.total([1.5], "EUR")  # type: ignore[list-item]


def test_34_digits_are_exact() -> None:
    large = eur("9999999999999999999999999999999.99")
    assert large + eur("0.01") == eur("10000000000000000000000000000000.00")
    assert eur("1234567890123456789012345678901234") * 1 == eur("1234567890123456789012345678901234")


@pytest.mark.parametrize(
    "compute",
    [
        lambda: Money(Decimal("9E+99"), "EUR") + Money(Decimal("9E+99"), "EUR"),
        lambda: Money(Decimal("-9E+99"), "EUR") - Money(Decimal("9E+99"), "EUR"),
        lambda: Money(Decimal("1E+60"), "EUR") * Decimal("1E+60"),
        lambda: Money(Decimal("1E+60"), "EUR") / Decimal("1E-60"),
    ],
)
def test_what_is_too_large_is_refused(compute: Callable[[], Money]) -> None:
    with pytest.raises(OutOfRange) as caught:
        compute()
    assert isinstance(caught.value, OverflowError)


@pytest.mark.parametrize("divisor", [0, Decimal("0.00"), Percent(0), eur(0)])
def test_dividing_by_zero_is_refused(divisor: Any) -> None:
    with pytest.raises(DividedByZero) as caught:
        eur(0) / divisor
    assert isinstance(caught.value, ZeroDivisionError)


@pytest.mark.parametrize("compute", [operator.add, operator.sub, operator.truediv, *ORDERS])
def test_currencies_do_not_mix(compute: Callable[[Any, Any], Any]) -> None:
    with pytest.raises(CurrencyMismatch, match="convert one of them first") as caught:
        compute(eur(1), Money(1, "USD"))
    assert {caught.value.left, caught.value.right} == {"EUR", "USD"}


@pytest.mark.parametrize("other", [1, Decimal(1), "1", None, Percent(1), Quantity(1, "piece")])
@pytest.mark.parametrize("compute", [operator.add, operator.sub, *ORDERS])
def test_money_and_what_is_no_money_do_not_mix(compute: Callable[[Any, Any], Any], other: Any) -> None:
    with pytest.raises(TypeError):
        compute(eur(1), other)
    with pytest.raises(TypeError):
        compute(other, eur(1))


@pytest.mark.parametrize("compute", [operator.add, operator.sub, operator.mul, operator.truediv, *ORDERS])
def test_a_float_is_refused_on_the_other_side(compute: Callable[[Any, Any], Any]) -> None:
    with pytest.raises(FloatRefused):
        compute(eur(1), 0.5)


def test_amounts_and_floats_do_not_multiply_from_the_left() -> None:
    with pytest.raises(FloatRefused):
        0.5 * eur(1)  # type: ignore[operator]


@pytest.mark.parametrize("factor", [eur(1), "2", None])
def test_only_numbers_and_percentages_are_factors(factor: Any) -> None:
    with pytest.raises(TypeError):
        eur(1) * factor


@pytest.mark.parametrize("factor", [True, Decimal("NaN"), Decimal("Infinity")])
def test_odd_factors_are_refused(factor: Any) -> None:
    with pytest.raises(NotANumber):
        eur(1) * factor
    with pytest.raises(NotANumber):
        eur(1) / factor


def test_the_ambient_context_has_no_say() -> None:
    ambient = decimal.Context(prec=5, rounding=decimal.ROUND_UP, Emax=6, Emin=-6, traps=[decimal.Inexact])
    price, step = Rounding("half_up", "0.05"), Rounding("half_up", 1, ending="0.99999999")
    with decimal.localcontext(ambient) as used:
        assert str(Money("123456789.01", "EUR") + eur("0.005")) == "123456789.015 EUR"
        assert str(eur("123456789.01") - eur("0.005")) == "123456789.005 EUR"
        assert str(eur("123456.78") * Decimal("1.5")) == "185185.170 EUR"
        assert str(eur("123456.78") * Percent("12.5")) == "15432.09750 EUR"
        assert str(eur(1) / 7) == "0.1428571428571428571428571428571429 EUR"
        assert str(-eur("123456.78")) == "-123456.78 EUR"
        assert str(abs(eur("-123456.78"))) == "123456.78 EUR"
        assert eur("123456.78") < eur("123456.79")
        assert eur("123456.78").minor_units() == 12345678
        assert str(Money.from_minor(12345678, "EUR")) == "123456.78 EUR"
        assert str(eur("123456.785").to_currency_decimals("half_up")) == "123456.79 EUR"
        assert str(eur("123456.78").rounded(price)) == "123456.80 EUR"
        assert str(eur("123456.78").rounded(step)) == "123456.99999999 EUR"
        assert eur("0.4").rounded(step) == eur(0)
        assert not any(used.flags.values())


# --- comparing


def test_equality_goes_by_value_and_currency() -> None:
    assert eur("1.0") == eur("1.00")
    assert hash(eur("1.0")) == hash(eur("1.00"))
    assert eur(1) != eur(2)
    assert eur(1) != Money(1, "USD")
    assert Money.zero("EUR") != Money.zero("USD")
    assert eur(1) != Decimal(1)
    assert len({eur("1.0"), eur("1.00"), Money(1, "USD")}) == 2


@given(euros, euros)
def test_order_is_that_of_the_amounts(left: Money, right: Money) -> None:
    for compare in ORDERS:
        assert compare(left, right) is compare(left.amount, right.amount)
    assert max(left, right).amount == max(left.amount, right.amount)


@pytest.mark.parametrize(
    ("name", "wanted"), [("__lt__", True), ("__le__", True), ("__gt__", False), ("__ge__", False)]
)
def test_each_comparison_answers_by_itself(name: str, wanted: bool) -> None:
    # `a <= b` falls back on `b >= a` without a word, so that the one hides a fault of the other
    assert getattr(eur(1), name)(eur(2)) is wanted


class Foreign:
    """A type of a host that knows what to do with money."""

    def _answer(self, _: Money) -> str:
        return "foreign"

    __radd__ = __rsub__ = __rmul__ = __rtruediv__ = _answer
    __lt__ = __le__ = __gt__ = __ge__ = _answer


@pytest.mark.parametrize("compute", [operator.add, operator.sub, operator.mul, operator.truediv, *ORDERS])
def test_a_type_of_the_host_may_answer(compute: Callable[[Any, Any], Any]) -> None:
    assert compute(eur(1), Foreign()) == "foreign"


# --- minor units


@pytest.mark.parametrize(
    ("units", "currency", "wanted"),
    [
        (1999, "EUR", "19.99"),
        (1999, "JPY", "1999"),
        (1999, "KWD", "1.999"),
        (1999, "CLF", "0.1999"),
        (-5, "USD", "-0.05"),
        (0, "USD", "0"),
    ],
)
def test_minor_units_go_both_ways(units: int, currency: str, wanted: str) -> None:
    money = Money.from_minor(units, currency)
    assert money == Money(wanted, currency)
    assert money.minor_units() == units


@pytest.mark.parametrize(("amount", "currency"), [("0.001", "EUR"), ("0.5", "JPY"), ("1.00001", "CLF")])
def test_an_amount_between_minor_units_is_not_counted(amount: str, currency: str) -> None:
    with pytest.raises(TooFine, match="round it first") as caught:
        Money(amount, currency).minor_units()
    assert caught.value.money == Money(amount, currency)
    assert caught.value.decimals == {"EUR": 2, "JPY": 0, "CLF": 4}[currency]


def test_trailing_zeros_do_not_hinder_counting() -> None:
    assert eur("1.50000").minor_units() == 150


def test_gold_has_no_minor_units() -> None:
    for ask in (
        Money(1, "XAU").minor_units,
        lambda: Money.from_minor(1, "XAU"),
        lambda: Money(1, "XAU").to_currency_decimals("down"),
    ):
        with pytest.raises(NoMinorUnit):
            ask()


@pytest.mark.parametrize("units", ["19", Decimal(19), True, None])
def test_minor_units_are_counted_by_whole_numbers(units: Any) -> None:
    with pytest.raises(NotANumber):
        Money.from_minor(units, "EUR")


def test_minor_units_refuse_floats() -> None:
    with pytest.raises(FloatRefused):
        Money.from_minor(19.0, "EUR")  # type: ignore[arg-type]


# --- rounding


@pytest.mark.parametrize(
    ("amount", "currency", "mode", "wanted"),
    [
        ("2.345", "EUR", "half_up", "2.35"),
        ("2.345", "EUR", "half_even", "2.34"),
        ("2.5", "JPY", "half_even", "2"),
        ("-2.5", "JPY", "half_up", "-3"),
        ("1.23456", "KWD", "down", "1.234"),
        ("5", "EUR", "down", "5.00"),
    ],
)
def test_rounding_to_the_minor_unit(amount: str, currency: str, mode: str, wanted: str) -> None:
    assert str(Money(amount, currency).to_currency_decimals(mode)) == f"{wanted} {currency}"


def test_amounts_of_lines_can_be_expressed() -> None:
    cent = Rounding("half_up", "0.01")
    # magento/magento2 issue 35665: 95 % of 6.75 x 18, rounded a line
    assert (eur("6.75") * 18 * Percent(95)).rounded(cent) == eur("115.43")
    # odoo test_discount_and_untaxed_subtotal: 2 % off, 15 % tax included and taken out
    net = eur("541.26") * 38 * (Percent(100) - Percent(2)) / (Percent(100) + Percent(15))
    assert net.rounded(cent) == eur("17527.41")
    # SAP Note 80183: the net price of a unit is rounded, and the difference is shown
    gross = eur("135.50") * 3
    discount = (gross * Percent(9)).rounded(cent)
    net_before = gross - discount
    net_unit = (net_before / 3).rounded(cent)
    assert (gross, discount, net_before) == (eur("406.50"), eur("36.59"), eur("369.91"))
    assert (net_unit, net_unit * 3 - net_before) == (eur("123.30"), eur("-0.01"))


def test_amounts_can_be_summed_and_nothing_but_zero_is_added_from_the_left() -> None:
    assert sum([Money("1.10", "EUR"), Money("2.20", "EUR")]) == Money("3.30", "EUR")
    for other in (1, True, 0.0, Decimal(0)):
        with pytest.raises(TypeError):
            other + Money("1.10", "EUR")  # type: ignore[operator]


# --- refusals


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda: eur(1) + Money(1, "USD"),
            "EUR and USD do not go together; convert one of them first (ExchangeRates.convert)",
        ),
        (
            Money("0.001", "EUR").minor_units,
            "0.001 EUR has more decimals than the 2 of EUR; round it first (Money.rounded)",
        ),
        (
            lambda: Money.from_minor(Decimal(19), "EUR"),  # type: ignore[arg-type]
            (
                "Decimal('19') is not an exact number: minor units are counted by whole numbers; "
                "write plain digits, for example '1234.50'"
            ),
        ),
        (
            lambda: Money.from_minor(19.0, "EUR"),  # type: ignore[arg-type]
            (
                "a count of minor units cannot be made from the float 19.0; "
                "write Decimal('19.0') or '19.0' if those digits are meant"
            ),
        ),
        (
            lambda: eur(1) * 0.5,  # type: ignore[operator]
            (
                "an amount of money or a factor of it cannot be made from the float 0.5; "
                "write Decimal('0.5') or '0.5' if those digits are meant"
            ),
        ),
    ],
)
def test_a_refusal_says_what_was_found_and_what_to_do(call: Callable[[], object], said: str) -> None:
    with pytest.raises(SalesError) as caught:
        call()
    assert str(caught.value) == said
