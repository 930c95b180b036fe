import decimal
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from salesmgmt.core.allocation import InvalidAllocation, Remainder, Weight, allocate
from salesmgmt.core.currency import NoMinorUnit
from salesmgmt.core.errors import FloatRefused, SalesError
from salesmgmt.core.exact import NotANumber, OutOfRange
from salesmgmt.core.money import CurrencyMismatch, Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.rounding import InvalidRounding

Tie = Literal["first", "last"]

REMAINDERS: list[Remainder] = ["largest_fraction", "first", "last", "largest_part"]
TIES: list[Tie] = ["first", "last"]

amounts = st.builds(lambda n, e: Decimal(n).scaleb(-e), st.integers(-(10**9), 10**9), st.integers(0, 4))
units = st.sampled_from([Decimal(text) for text in ("0.01", "1", "0.05", "0.001", "10")])
weights = st.lists(
    st.builds(lambda n, e: Decimal(n).scaleb(-e), st.integers(0, 10**6), st.integers(0, 3)),
    min_size=1,
    max_size=12,
)
symmetric = st.sampled_from(["down", "up", "half_up", "half_even", "half_down"])
remainders = st.sampled_from(REMAINDERS)
ties = st.sampled_from(TIES)


options = st.fixed_dictionaries({"unit": units, "rounding": symmetric, "remainder": remainders, "tie": ties})


def decimals(text: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(word) for word in text.split())


def hamilton(amount: Decimal, shares: list[Decimal], unit: Decimal, tie: str) -> list[Fraction]:
    """The method of largest fractions, straight from its definition, for a non-negative amount."""
    whole = Fraction(amount)
    wanted = [whole * Fraction(share) / sum(map(Fraction, shares)) for share in shares]
    parts = [share // Fraction(unit) * Fraction(unit) for share in wanted]
    order = sorted(range(len(shares)), key=lambda i: (parts[i] - wanted[i], -i if tie == "last" else i))
    for i in order:
        step = min(Fraction(unit), whole - sum(parts))
        parts[i] += step
    return parts


# --- laws


@given(amounts, weights, options)
def test_parts_add_up_exactly(amount: Decimal, shares: list[Decimal], how: dict[str, Any]) -> None:
    parts = allocate(amount, shares, **how)
    assert len(parts) == len(shares)
    assert sum(map(Fraction, parts)) == Fraction(amount)


@given(amounts, weights, options)
def test_a_negative_amount_gives_the_negative_parts(
    amount: Decimal, shares: list[Decimal], how: dict[str, Any]
) -> None:
    parts, mirrored = allocate(amount, shares, **how), allocate(-amount, shares, **how)
    assert mirrored == tuple(-part for part in parts)
    assert not any(part.is_signed() for part in (*parts, *mirrored) if part == 0)


@given(amounts.map(abs), weights, units, ties)
def test_largest_fraction_is_the_method_of_hamilton(
    amount: Decimal, shares: list[Decimal], unit: Decimal, tie: Tie
) -> None:
    assume(any(shares))
    parts = allocate(amount, shares, unit=unit, tie=tie)
    assert [Fraction(part) for part in parts] == hamilton(amount, shares, unit, tie)


@given(amounts, weights, units, symmetric)
def test_with_largest_fraction_each_part_is_within_a_unit_of_its_share(
    amount: Decimal, shares: list[Decimal], unit: Decimal, rounding: str
) -> None:
    assume(any(shares))
    total = sum(map(Fraction, shares))
    for part, share in zip(allocate(amount, shares, unit=unit, rounding=rounding), shares, strict=True):
        assert abs(Fraction(part) - Fraction(amount) * Fraction(share) / total) < Fraction(unit)


@given(amounts.map(abs), st.integers(1, 40), units)
def test_equal_weights_differ_by_a_unit_at_most_and_the_first_get_more(
    amount: Decimal, count: int, unit: Decimal
) -> None:
    parts = allocate(amount, [1] * count, unit=unit)
    assert list(parts) == sorted(parts, reverse=True)
    assert parts[0] - parts[-1] <= unit
    assert allocate(amount, [1] * count, unit=unit, tie="last") == tuple(reversed(parts))


@given(amounts, weights, units, remainders)
def test_a_part_of_weight_zero_gets_nothing(
    amount: Decimal, shares: list[Decimal], unit: Decimal, remainder: Remainder
) -> None:
    assume(any(shares))
    parts = allocate(amount, [0, *shares, 0], unit=unit, remainder=remainder)
    assert parts[0] == parts[-1] == 0
    assert parts[1:-1] == allocate(amount, shares, unit=unit, remainder=remainder)


@given(amounts, weights, units, symmetric, st.sampled_from(["first", "last", "largest_part"]))
def test_all_parts_but_one_are_rounded_shares(
    amount: Decimal, shares: list[Decimal], unit: Decimal, rounding: str, remainder: Remainder
) -> None:
    assume(any(shares))
    parts = allocate(amount, shares, unit=unit, rounding=rounding, remainder=remainder)
    carrying = [i for i, share in enumerate(shares) if share]
    place = {
        "first": carrying[0],
        "last": carrying[-1],
        "largest_part": max(range(len(shares)), key=lambda i: (shares[i], -i)),
    }[remainder]
    half = Fraction(unit) / 2
    for i, (part, share) in enumerate(zip(parts, shares, strict=True)):
        if i == place:
            continue
        wanted = abs(Fraction(amount)) * Fraction(share) / sum(map(Fraction, shares))
        error = abs(Fraction(part)) - wanted
        assert (Fraction(part) / Fraction(unit)).denominator == 1
        if rounding == "down":
            assert -Fraction(unit) < error <= 0
        elif rounding == "up":
            assert 0 <= error < Fraction(unit)
        else:
            assert abs(error) <= half
            if abs(error) == half and rounding == "half_up":
                assert error > 0
            if abs(error) == half and rounding == "half_down":
                assert error < 0
            if abs(error) == half and rounding == "half_even":
                assert Fraction(part) / Fraction(unit) % 2 == 0


@given(weights)
def test_scaling_the_weights_changes_nothing(shares: list[Decimal]) -> None:
    assume(any(shares))
    assert allocate(Decimal("99.99"), shares, unit="0.01") == allocate(
        Decimal("99.99"), [share * 7 for share in shares], unit="0.01"
    )


# --- examples


def test_of_equal_fractions_the_earlier_one_gets_the_unit() -> None:
    assert allocate(2, [1, 1, 2], unit=1) == decimals("1 0 1")
    assert allocate(2, [1, 1, 2], unit=1, tie="last") == decimals("0 1 1")


# vendure prorate.spec.ts; solidus distributed_amounts_handler_spec.rb; oscar test_fixed_price_benefit.py
@pytest.mark.parametrize(
    ("amount", "shares", "options", "wanted"),
    [
        ("300", "4000 2000 2000", {"unit": "1"}, "150 75 75"),
        ("299", "1000 1000 1000", {"unit": "1"}, "100 100 99"),
        ("0", "0 0", {"unit": "1"}, "0 0"),
        ("1.00", "7 7 7", {"unit": "0.01", "remainder": "last"}, "0.33 0.33 0.34"),
        ("10", "50 50 50", {"unit": "0.01", "rounding": "half_up", "remainder": "last"}, "3.33 3.33 3.34"),
        ("15", "150 50 100", {"unit": "0.01", "rounding": "half_up", "remainder": "last"}, "7.50 2.50 5.00"),
        ("20", "0 10", {"unit": "0.01", "rounding": "half_up", "remainder": "last"}, "0.00 20.00"),
        ("13.77", "30 10", {"unit": "0.01", "rounding": "half_up", "remainder": "last"}, "10.33 3.44"),
        ("100", "1 1 1", {"unit": "0.01", "remainder": "first"}, "33.34 33.33 33.33"),
        ("100", "1 2 2", {"unit": "3", "remainder": "largest_part"}, "18 43 39"),
        ("100", "1 2 2", {"unit": "3", "remainder": "largest_part", "tie": "last"}, "18 39 43"),
        ("0.05", "1 1", {"unit": "0.01", "rounding": "half_even", "remainder": "last"}, "0.02 0.03"),
        ("0.07", "1 1", {"unit": "0.01", "rounding": "half_even", "remainder": "last"}, "0.04 0.03"),
        ("5", "1 2", {"unit": "1", "rounding": "half_even", "remainder": "last"}, "2 3"),
        ("0.05", "1 1", {"unit": "0.01", "rounding": "half_down", "remainder": "last"}, "0.02 0.03"),
        ("0.05", "1 1", {"unit": "0.01", "rounding": "half_up", "remainder": "last"}, "0.03 0.02"),
        ("0.05", "1 1 1 1", {"unit": "0.01", "rounding": "up", "remainder": "last"}, "0.02 0.02 0.02 -0.01"),
    ],
)
def test_known_cases(amount: str, shares: str, options: dict[str, Any], wanted: str) -> None:
    parts = allocate(Decimal(amount), [Decimal(share) for share in shares.split()], **options)
    assert " ".join(f"{part:f}" for part in parts) == wanted


def test_the_periods_of_a_year() -> None:
    parts = allocate(Money("100.00", "USD"), [1] * 12, remainder="first")
    assert parts == (Money("8.37", "USD"), *[Money("8.33", "USD")] * 11)


def test_what_is_finer_than_the_unit_goes_to_the_next_in_line() -> None:
    amount, equal = Decimal("1.005"), [1, 1, 1]
    assert allocate(amount, equal, unit="0.01") == decimals("0.34 0.335 0.33")
    assert allocate(amount, equal, unit="0.01", remainder="last") == decimals("0.33 0.33 0.345")


@pytest.mark.parametrize(
    ("currency", "amount", "wanted"),
    [
        ("EUR", "10", "3.34 3.33 3.33"),
        ("JPY", "10", "4 3 3"),
        ("KWD", "10", "3.334 3.333 3.333"),
        ("EUR", "-0.01", "-0.01 0.00 0.00"),
        ("EUR", "10.00000", "3.34 3.33 3.33"),
    ],
)
def test_money_is_shared_in_minor_units(currency: str, amount: str, wanted: str) -> None:
    parts = allocate(Money(amount, currency), [1, 1, 1])
    assert " ".join(str(part.amount) for part in parts) == wanted
    assert {part.currency for part in parts} == {currency}


def test_weights_may_be_money_or_percentages() -> None:
    lines: list[Weight] = [Money("30", "CNY"), Money("10", "CNY")]
    assert allocate(Money(20, "EUR"), lines) == (Money(15, "EUR"), Money(5, "EUR"))
    assert allocate(Money(20, "EUR"), [Percent(75), Percent(25)]) == (Money(15, "EUR"), Money(5, "EUR"))


def test_huge_numbers_stay_exact() -> None:
    amount = Decimal("99999999999999999999999999999999.99")
    big = Decimal("9" * 34)
    shares = [big, Decimal(1), big - 1, Decimal("1E-99")]
    parts = allocate(amount, shares, unit="0.01")
    assert [Fraction(part) for part in parts] == hamilton(amount, shares, Decimal("0.01"), "first")


def test_a_part_of_more_than_34_digits_is_refused() -> None:
    with pytest.raises(OutOfRange):
        allocate(Decimal("1E+40"), [1, 1, 1], unit="0.01")


def test_many_weights_take_a_moment_only() -> None:
    parts = allocate(Money("1000000.00", "EUR"), range(1, 20_001))
    assert Money.total(parts, "EUR") == Money(1_000_000, "EUR")


def test_the_ambient_context_has_no_say() -> None:
    ambient = decimal.Context(prec=1, Emax=0, Emin=0, traps=[decimal.Inexact, decimal.InvalidOperation])
    with decimal.localcontext(ambient) as used:
        parts = allocate(Money("100.00", "KWD"), [Decimal("0.5"), Decimal("1.5"), 1])
        assert [str(part.amount) for part in parts] == ["16.667", "50.000", "33.333"]
        assert not any(used.flags.values())


# --- zero weights


def test_when_all_weights_are_zero_the_parts_are_equal() -> None:
    assert allocate(Decimal(10), [0, 0, 0], unit=1) == decimals("4 3 3")
    assert allocate(Decimal(10), [0, 0, 0], unit=1, remainder="last") == decimals("3 3 4")


def test_weights_that_are_all_zero_can_be_refused() -> None:
    with pytest.raises(InvalidAllocation) as caught:
        allocate(Decimal(10), [0, 0], unit=1, zero_weights="refuse")
    assert caught.value.reason == "zero_weights"
    assert allocate(Decimal(0), [0, 0], unit=1, zero_weights="refuse") == decimals("0 0")


# --- refusals


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: allocate(Decimal(1), [], unit=1), "no_weights"),
        (lambda: allocate(Decimal(1), [1, -1], unit=1), "negative_weight"),
        (lambda: allocate(Decimal(1), [1], unit=0), "no_unit"),
        (lambda: allocate(Decimal(1), [1], unit="-0.01"), "no_unit"),
        (lambda: allocate(Decimal(1), [1]), "no_unit"),  # type: ignore[call-overload]
        (lambda: allocate(1, [1], unit=1, remainder="largest"), "unknown_option"),  # type: ignore[call-overload]
        (lambda: allocate(1, [1], unit=1, tie="random"), "unknown_option"),  # type: ignore[call-overload]
        (lambda: allocate(1, [1], unit=1, zero_weights="skip"), "unknown_option"),  # type: ignore[call-overload]
    ],
)
def test_impossible_requests_are_refused(call: Callable[[], Any], reason: str) -> None:
    with pytest.raises(InvalidAllocation) as caught:
        call()
    assert caught.value.reason == reason


def test_a_negative_weight_is_named_by_its_position() -> None:
    with pytest.raises(InvalidAllocation, match=r"the weight at position 2 is -0\.5") as caught:
        allocate(Decimal(1), [1, 1, Decimal("-0.5")], unit=1)
    assert caught.value.index == 2


@pytest.mark.parametrize("rounding", ["ceiling", "floor", "nearest", None])
def test_roundings_without_a_mirror_image_are_refused(rounding: Any) -> None:
    with pytest.raises(InvalidRounding, match="down, up, half_up, half_even, half_down"):
        allocate(Decimal(1), [1], unit=1, rounding=rounding)


def test_truth_values_are_refused() -> None:
    with pytest.raises(NotANumber):
        allocate(Decimal(1), [True], unit=1)


def test_weights_of_different_currencies_are_refused() -> None:
    with pytest.raises(CurrencyMismatch):
        allocate(Money(1, "EUR"), [Money(1, "EUR"), Money(1, "USD")])


def test_gold_needs_a_unit() -> None:
    with pytest.raises(NoMinorUnit):
        allocate(Money(1, "XAU"), [1, 1])
    assert allocate(Money(1, "XAU"), [1, 1], unit="0.001") == (Money("0.5", "XAU"), Money("0.5", "XAU"))


@pytest.mark.parametrize(
    "mixed",
    [
        [Percent(50), Decimal("0.5")],
        [Money(50, "EUR"), 50],
        [1, Money(1, "EUR")],
        [Percent(50), Money(1, "EUR")],
    ],
)
def test_weights_of_two_kinds_are_refused(mixed: list[Weight]) -> None:
    with pytest.raises(InvalidAllocation, match="position 1 is of another kind") as caught:
        allocate(Money(100, "EUR"), mixed)
    assert (caught.value.reason, caught.value.index) == ("mixed_weights", 1)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda: allocate(Decimal(1), [1]),  # type: ignore[call-overload]
            "a plain number has no smallest unit; name it: unit='0.01'",
        ),
        (
            lambda: allocate(Decimal(1), [1], unit=Decimal("-1E+1")),
            "the unit is -10; name a unit above zero",
        ),
        (
            lambda: allocate(Decimal(1), [0, 0], unit=1, zero_weights="refuse"),
            "all weights are zero; or allow zero_weights='equal'",
        ),
        (
            lambda: allocate(1, [1], unit=1, remainder="largest"),  # type: ignore[call-overload]
            "remainder is 'largest'; wanted: one of largest_fraction, first, last, largest_part",
        ),
        (
            lambda: allocate(1, [1], unit=1, tie="random"),  # type: ignore[call-overload]
            "tie is 'random'; wanted: one of first, last",
        ),
        (
            lambda: allocate(1, [1], unit=1, zero_weights="skip"),  # type: ignore[call-overload]
            "zero_weights is 'skip'; wanted: one of equal, refuse",
        ),
        (
            lambda: allocate(1, [1], unit=1, rounding="nearest"),
            (
                "the rounding of an allocation is 'nearest'; "
                "wanted: one of down, up, half_up, half_even, half_down"
            ),
        ),
        (
            lambda: allocate(1, [Percent(1), 1], unit=1),
            (
                "the weight at position 1 is of another kind than the first; "
                "give plain numbers, percentages or amounts of money throughout"
            ),
        ),
        (
            lambda: allocate(1, [Money(1, "EUR"), Money(1, "USD")], unit=1),
            "EUR and USD do not go together; convert one of them first (ExchangeRates.convert)",
        ),
        (
            lambda: allocate(1, [1, Decimal("-1E+1")], unit=1),
            "the weight at position 1 is -10; share only among weights of zero or more",
        ),
        (lambda: allocate(1, [], unit=1), "there are no weights; give one for each part"),
    ],
)
def test_a_refusal_says_what_was_found_and_what_to_do(call: Callable[[], object], said: str) -> None:
    with pytest.raises(SalesError) as caught:
        call()
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("call", "what"),
    [
        (lambda: allocate(0.5, [1], unit=1), "the amount to share out"),  # type: ignore[call-overload]
        (lambda: allocate(1, [0.5], unit=1), "a weight"),  # type: ignore[list-item]
        (lambda: allocate(1, [1], unit=0.5), "the unit of an allocation"),  # type: ignore[call-overload]
    ],
)
def test_a_float_is_refused_by_name(call: Callable[[], object], what: str) -> None:
    with pytest.raises(FloatRefused) as caught:
        call()
    assert str(caught.value) == (
        f"{what} cannot be made from the float 0.5; write Decimal('0.5') or '0.5' if those digits are meant"
    )
