import pickle
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.currency import UnknownCurrency
from salesmgmt.core.errors import FloatRefused
from salesmgmt.core.exact import NotANumber, OutOfRange
from salesmgmt.core.exchange import (
    ConflictingRates,
    ExchangeRate,
    ExchangeRates,
    InvalidExchangeRate,
    NoExchangeRate,
)
from salesmgmt.core.money import Money
from salesmgmt.core.period import NotADate
from salesmgmt.core.rounding import Rounding

JAN, FEB, MAR = date(2026, 1, 5), date(2026, 2, 5), date(2026, 3, 5)

rate_values = st.builds(lambda n, e: Decimal(n).scaleb(-e), st.integers(1, 10**8), st.integers(0, 6))
cents = st.builds(lambda n: Decimal(n).scaleb(-2), st.integers(-(10**12), 10**12))


def quote(base: str, to: str, rate: str | int | Decimal, on: date = JAN) -> ExchangeRate:
    return ExchangeRate(base, to, rate, on)


# --- which quote counts


def test_the_newest_quote_on_or_before_the_day_counts() -> None:
    rates = ExchangeRates(
        [quote("EUR", "USD", 3, MAR), quote("EUR", "USD", 1, JAN), quote("EUR", "USD", 2, FEB)]
    )
    wanted = {JAN: 1, FEB - timedelta(1): 1, FEB: 2, MAR: 3, date(2030, 1, 1): 3}
    assert {on: rates.rate("EUR", "USD", on=on) for on in wanted} == wanted


def test_the_other_direction_serves_when_it_is_the_only_one() -> None:
    rates = ExchangeRates([quote("EUR", "CNY", 8)])
    assert rates.rate("CNY", "EUR", on=FEB) == Decimal("0.125")
    assert ExchangeRates([quote("EUR", "CNY", 3)]).rate("CNY", "EUR", on=FEB) == Decimal("0." + "3" * 34)


def test_a_direct_quote_beats_a_newer_inverse_one_and_that_the_pivot() -> None:
    direct, inverse = quote("USD", "CNY", 7, JAN), quote("CNY", "USD", "0.15", FEB)
    legs = [quote("EUR", "USD", 2, FEB), quote("EUR", "CNY", 20, FEB)]
    every = ExchangeRates([direct, inverse, *legs], pivot="EUR")
    assert every.conversion(Money(1, "USD"), "CNY", on=MAR).path == (direct,)
    assert every.conversion(Money(1, "CNY"), "USD", on=MAR).path == (inverse,)
    no_direct = ExchangeRates([inverse, *legs], pivot="EUR")
    assert no_direct.conversion(Money(1, "USD"), "CNY", on=MAR).path == (inverse,)
    pivot_only = ExchangeRates(legs, pivot="EUR")
    assert pivot_only.conversion(Money(1, "USD"), "CNY", on=MAR).path == tuple(legs)
    assert pivot_only.rate("USD", "CNY", on=MAR) == 10


@pytest.mark.parametrize(
    "legs",
    [
        [quote("EUR", "USD", 4), quote("EUR", "CNY", 10)],
        [quote("USD", "EUR", "0.25"), quote("EUR", "CNY", 10)],
        [quote("EUR", "USD", 4), quote("CNY", "EUR", "0.1")],
        [quote("USD", "EUR", "0.25"), quote("CNY", "EUR", "0.1")],
    ],
)
def test_the_pivot_connects_quotes_of_either_direction(legs: list[ExchangeRate]) -> None:
    rates = ExchangeRates(legs, pivot="EUR")
    assert rates.rate("USD", "CNY", on=JAN) == Decimal("2.5")
    assert rates.rate("CNY", "USD", on=JAN) == Decimal("0.4")


def test_each_leg_takes_its_own_newest_quote() -> None:
    rates = ExchangeRates(
        [quote("EUR", "USD", 2, JAN), quote("EUR", "CNY", 8, JAN), quote("EUR", "CNY", 10, FEB)], pivot="EUR"
    )
    assert rates.rate("USD", "CNY", on=JAN) == 4
    assert rates.rate("USD", "CNY", on=MAR) == 5


def test_nothing_is_connected_without_a_named_pivot() -> None:
    with pytest.raises(NoExchangeRate):
        ExchangeRates([quote("EUR", "USD", 2), quote("EUR", "CNY", 8)]).rate("USD", "CNY", on=MAR)


def test_a_currency_is_itself_without_any_quote() -> None:
    same = ExchangeRates([]).conversion(Money("1.005", "EUR"), "EUR", on=JAN)
    assert (same.money, same.rate) == (Money("1.005", "EUR"), Decimal(1))
    assert not same.path


def test_quotes_can_grow_too_old() -> None:
    rates = ExchangeRates([quote("EUR", "USD", 2, JAN), quote("USD", "EUR", "0.4", FEB)], max_age_days=10)
    assert rates.rate("EUR", "USD", on=JAN + timedelta(10)) == 2
    with pytest.raises(NoExchangeRate) as caught:
        rates.rate("EUR", "USD", on=JAN + timedelta(11))
    assert caught.value.nearest == JAN
    assert rates.rate("EUR", "USD", on=FEB) == Decimal("2.5")


# --- converting


def test_a_conversion_is_unrounded_unless_a_rounding_is_named() -> None:
    rates = ExchangeRates([quote("EUR", "CNY", "7.8451")])
    exact = rates.convert(Money("19.99", "EUR"), "CNY", on=JAN)
    assert exact == Money("156.823549", "CNY")
    rounded = rates.convert(Money("19.99", "EUR"), "CNY", on=JAN, rounding=Rounding("down", "0.1"))
    assert rounded == Money("156.8", "CNY")


def test_a_conversion_shows_its_rate_and_quotes() -> None:
    legs = (quote("EUR", "USD", "1.25"), quote("EUR", "CNY", 8))
    done = ExchangeRates(legs, pivot="EUR").conversion(Money(100, "USD"), "CNY", on=FEB)
    assert (done.money, done.rate, done.path) == (Money(640, "CNY"), Decimal("6.4"), legs)
    assert [str(leg) for leg in done.path] == ["1 EUR = 1.25 USD (2026-01-05)", "1 EUR = 8 CNY (2026-01-05)"]


def test_an_inverse_is_divided_by_and_not_multiplied_with_a_cut_off_rate() -> None:
    rates = ExchangeRates([quote("EUR", "CNY", 3), quote("EUR", "USD", 7)], pivot="EUR")
    assert rates.convert(Money(300, "CNY"), "EUR", on=JAN) == Money(100, "EUR")
    assert rates.convert(Money(300, "CNY"), "USD", on=JAN) == Money(700, "USD")


@given(cents, rate_values)
def test_there_and_back_is_the_same_amount_to_33_digits(amount: Decimal, rate: Decimal) -> None:
    rates = ExchangeRates([quote("EUR", "CNY", rate)])
    money = Money(amount, "EUR")
    back = rates.convert(rates.convert(money, "CNY", on=JAN), "EUR", on=JAN)
    assert abs(Fraction(back.amount) - Fraction(amount)) <= abs(Fraction(amount)) / 10**33


@given(cents, rate_values, rate_values)
def test_conversions_through_the_pivot_are_those_of_fractions(
    amount: Decimal, one: Decimal, two: Decimal
) -> None:
    rates = ExchangeRates([quote("EUR", "USD", one), quote("EUR", "CNY", two)], pivot="EUR")
    done = rates.conversion(Money(amount, "USD"), "CNY", on=JAN)
    true = Fraction(amount) * Fraction(two) / Fraction(one)
    assert abs(Fraction(done.money.amount) - true) <= abs(true) / 10**33
    assert abs(Fraction(done.rate) * Fraction(one) - Fraction(two)) <= Fraction(two) / 10**33


@given(
    st.lists(st.tuples(st.integers(0, 60), rate_values), unique_by=lambda item: item[0]), st.integers(0, 60)
)
def test_any_table_gives_the_quote_that_a_scan_would_find(
    table: list[tuple[int, Decimal]], asked: int
) -> None:
    rates = ExchangeRates([quote("EUR", "USD", rate, JAN + timedelta(day)) for day, rate in table])
    past = [item for item in table if item[0] <= asked]
    if past:
        assert rates.rate("EUR", "USD", on=JAN + timedelta(asked)) == max(past)[1]
    else:
        with pytest.raises(NoExchangeRate):
            rates.rate("EUR", "USD", on=JAN + timedelta(asked))


def test_amounts_that_grow_too_large_are_refused() -> None:
    rates = ExchangeRates([quote("EUR", "USD", Decimal("1E+60"))])
    with pytest.raises(OutOfRange):
        rates.convert(Money(Decimal("1E+60"), "EUR"), "USD", on=JAN)


# --- refusals


@pytest.mark.parametrize(
    ("quotes", "on", "nearest"),
    [
        ([], JAN, None),
        ([quote("EUR", "USD", 1, FEB), quote("EUR", "USD", 2, MAR)], JAN, FEB),
        ([quote("USD", "EUR", 1, MAR)], JAN, MAR),
        ([quote("EUR", "CNY", 8, JAN)], JAN, None),
    ],
)
def test_a_missing_rate_is_refused_with_the_nearest_day(
    quotes: list[ExchangeRate], on: date, nearest: date | None
) -> None:
    with pytest.raises(NoExchangeRate) as caught:
        ExchangeRates(quotes).convert(Money(1, "EUR"), "USD", on=on)
    error = caught.value
    assert (error.base, error.quote, error.on, error.nearest) == ("EUR", "USD", on, nearest)
    assert isinstance(error, LookupError)


def test_quotes_that_contradict_each_other_are_refused() -> None:
    first, second = quote("EUR", "USD", "1.1"), quote("EUR", "USD", "1.2")
    with pytest.raises(ConflictingRates) as caught:
        ExchangeRates([first, second])
    assert (caught.value.first, caught.value.second) == (first, second)


def test_the_same_quote_may_stand_there_twice() -> None:
    rates = ExchangeRates([quote("EUR", "USD", "1.1"), quote("EUR", "USD", "1.10")])
    assert rates.rate("EUR", "USD", on=JAN) == Decimal("1.1")


@pytest.mark.parametrize("rate", [0, "-1.1", "0.00"])
def test_a_rate_is_above_zero(rate: int | str) -> None:
    with pytest.raises(InvalidExchangeRate, match="above zero"):
        quote("EUR", "USD", rate)


def test_a_quote_names_two_currencies() -> None:
    with pytest.raises(InvalidExchangeRate, match="name two currencies"):
        quote("EUR", "EUR", 1)


def test_odd_quotes_are_refused() -> None:
    odd: Any
    for odd in (1.1, float("nan")):
        with pytest.raises(FloatRefused, match="an exchange rate"):
            quote("EUR", "USD", odd)
    for odd in (True, "1,1", None):
        with pytest.raises(NotANumber):
            quote("EUR", "USD", odd)
    with pytest.raises(UnknownCurrency):
        quote("EUR", "usd", 1)
    with pytest.raises(UnknownCurrency):
        ExchangeRates([], pivot="EURO")


def test_a_day_has_no_time() -> None:
    noon = datetime(2026, 1, 5, 12)  # noqa: DTZ001 - it is refused whatever its zone
    with pytest.raises(NotADate):
        quote("EUR", "USD", 1, noon)
    with pytest.raises(NotADate):
        ExchangeRates([quote("EUR", "USD", 1)]).rate("EUR", "USD", on=noon)


def test_a_table_is_a_value_that_pickles() -> None:
    rates = ExchangeRates([quote("EUR", "USD", "1.1")], pivot="EUR")
    copied = pickle.loads(pickle.dumps(rates))
    assert copied == rates
    assert hash(copied) == hash(rates)
    assert copied.rate("USD", "EUR", on=JAN) == rates.rate("USD", "EUR", on=JAN)
