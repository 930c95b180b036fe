import decimal
import math
import pickle
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.currency import NoMinorUnit, UnknownCurrency
from salesmgmt.core.errors import FloatRefused
from salesmgmt.core.exact import NotANumber, OutOfRange
from salesmgmt.core.money import Money
from salesmgmt.core.rounding import InvalidRounding, Rounding, RoundingMode

modes = st.sampled_from(RoundingMode)
increments = st.sampled_from(
    [Decimal(text) for text in ("0.01", "0.05", "0.25", "1", "0.001", "5", "10", "100", "0.03", "7", "1E+3")]
)
plain = st.builds(Rounding, modes, increments)
charm = st.sampled_from(
    [
        Rounding(mode, increment, ending=ending)
        for mode in RoundingMode
        for increment, ending in (("1", "0.99"), ("10", "9.95"), ("100", "99"), ("0.1", "0.09"), ("3", "0.5"))
    ]
)
numbers = st.one_of(
    st.builds(lambda units: Decimal(units).scaleb(-3), st.integers(-30_000, 30_000)),
    st.builds(lambda units, e: Decimal(f"{units}E{e}"), st.integers(-(10**30), 10**30), st.integers(-20, 0)),
)

ORACLES: dict[str, Callable[[Fraction], int]] = {
    "half_up": lambda x: math.floor(abs(x) + Fraction(1, 2)) * (1 if x >= 0 else -1),
    "half_down": lambda x: math.ceil(abs(x) - Fraction(1, 2)) * (1 if x >= 0 else -1),
    "half_even": round,
    "up": lambda x: math.ceil(abs(x)) * (1 if x >= 0 else -1),
    "down": math.trunc,
    "ceiling": math.ceil,
    "floor": math.floor,
}


@pytest.mark.parametrize(
    ("mode", "wanted"),
    [
        ("half_up", "0.13 -0.13 0.12 -0.12 0.13 -0.13"),
        ("half_even", "0.12 -0.12 0.12 -0.12 0.13 -0.13"),
        ("half_down", "0.12 -0.12 0.12 -0.12 0.13 -0.13"),
        ("up", "0.13 -0.13 0.13 -0.13 0.13 -0.13"),
        ("down", "0.12 -0.12 0.12 -0.12 0.12 -0.12"),
        ("ceiling", "0.13 -0.12 0.13 -0.12 0.13 -0.12"),
        ("floor", "0.12 -0.13 0.12 -0.13 0.12 -0.13"),
    ],
)
def test_each_mode_at_below_and_above_the_middle(mode: str, wanted: str) -> None:
    given_ = ("0.125", "-0.125", "0.124", "-0.124", "0.126", "-0.126")
    cent = Rounding(mode, "0.01")
    assert " ".join(str(cent.apply(Decimal(text))) for text in given_) == wanted


@pytest.mark.parametrize(
    ("increment", "amount", "wanted"),
    [
        ("0.05", "9.974", "9.95"),
        ("0.05", "9.975", "10.00"),
        ("0.05", "-9.975", "-10.00"),
        ("10", "14.99", "10"),
        ("10", "15", "20"),
        ("5", "12.5", "15"),
        ("0.25", "0.12", "0.00"),
        ("0.25", "1.13", "1.25"),
        ("7", "24.5", "28"),
    ],
)
def test_rounding_to_a_coarser_step(increment: str, amount: str, wanted: str) -> None:
    assert Rounding("half_up", increment).apply(Decimal(amount)) == Decimal(wanted)


@pytest.mark.parametrize(
    ("mode", "amount", "wanted"),
    [
        ("half_up", "0", "0"),
        ("half_up", "0.49", "0"),
        ("half_up", "0.50", "0.99"),
        ("half_up", "1.48", "0.99"),
        ("half_up", "1.49", "1.99"),
        ("half_down", "1.49", "0.99"),
        ("half_up", "12.34", "11.99"),
        ("half_up", "12.50", "12.99"),
        ("half_up", "12.99", "12.99"),
        ("up", "12.991", "13.99"),
        ("up", "0.01", "0.99"),
        ("down", "12.98", "11.99"),
        ("down", "0.98", "0"),
        ("floor", "5", "4.99"),
        ("ceiling", "5", "5.99"),
        ("half_up", "-12.50", "-12.99"),
        ("ceiling", "-5", "-4.99"),
        ("floor", "-5", "-5.99"),
        ("half_even", "1.49", "0.99"),
        ("half_even", "2.49", "2.99"),
    ],
)
def test_prices_that_end_in_99(mode: str, amount: str, wanted: str) -> None:
    assert Rounding(mode, 1, ending="0.99").apply(Decimal(amount)) == Decimal(wanted)


def test_prices_that_end_in_9_95_on_tens() -> None:
    rounding = Rounding("half_up", 10, ending="9.95")
    assert rounding.apply(Decimal("123.40")) == Decimal("119.95")
    assert rounding.apply(Decimal("126.40")) == Decimal("129.95")


@pytest.mark.parametrize(
    ("rounding", "amount", "wanted"),
    [
        (Rounding("half_up", "0.05"), "100", "100.00"),
        (Rounding("half_up", "0.05"), "1E+5", "100000.00"),
        (Rounding("half_up", "0.05"), "7.4751", "7.50"),
        (Rounding("half_up", "0.05"), "-0.01", "0.00"),
        (Rounding("half_up", "0.01"), "100", "100.00"),
        (Rounding("half_up", "0.250"), "0.5", "0.500"),
        (Rounding("half_up", "5"), "12.50", "15"),
        (Rounding("half_up", 1, ending="0.99"), "0", "0.00"),
        (Rounding("half_up", 1, ending="0.99"), "1E+5", "99999.99"),
        (Rounding("half_up", "1.000", ending="0.99"), "0.1", "0.000"),
        (Rounding("half_up", "1.000", ending="0.99"), "0.98", "0.990"),
        (Rounding("half_up", "1.000", ending="0.99"), "0.99", "0.990"),
        (Rounding("half_up", "1.000", ending="0.99"), "100.99", "100.990"),
        (Rounding("half_up", "1.000", ending="0.99"), "-100.99", "-100.990"),
    ],
)
def test_a_result_has_the_decimals_of_the_increment_or_the_ending(
    rounding: Rounding, amount: str, wanted: str
) -> None:
    assert str(rounding.apply(Decimal(amount))) == wanted


@given(plain, numbers)
def test_plain_rounding_is_that_of_fractions(rounding: Rounding, number: Decimal) -> None:
    steps = ORACLES[str(rounding.mode)](Fraction(number) / Fraction(rounding.increment))
    assert Fraction(rounding.apply(number)) == steps * Fraction(rounding.increment)


@given(charm, numbers)
def test_a_price_point_is_a_neighbour_of_the_amount(rounding: Rounding, number: Decimal) -> None:
    assert rounding.ending is not None
    step, ending, size = Fraction(rounding.increment), Fraction(rounding.ending), abs(Fraction(number))
    below = ending + (size - ending) // step * step if size >= ending else Fraction(0)
    above = (below + step if below else ending) if below != size else below
    rounded = rounding.apply(number)
    assert abs(Fraction(rounded)) in (below, above)
    nearest = min(size - below, above - size)
    if str(rounding.mode).startswith("half"):
        assert abs(abs(Fraction(rounded)) - size) == nearest
    if rounding.mode is RoundingMode.UP:
        assert abs(Fraction(rounded)) == above
    if rounding.mode is RoundingMode.DOWN:
        assert abs(Fraction(rounded)) == below
    if rounding.mode is RoundingMode.CEILING:
        assert rounded >= number
    if rounding.mode is RoundingMode.FLOOR:
        assert rounded <= number


@given(st.one_of(plain, charm), numbers)
def test_rounding_twice_changes_nothing_more(rounding: Rounding, number: Decimal) -> None:
    once = rounding.apply(number)
    assert rounding.apply(once) == once


@given(st.one_of(plain, charm), numbers, numbers)
def test_rounding_keeps_the_order(rounding: Rounding, left: Decimal, right: Decimal) -> None:
    low, high = sorted((left, right))
    assert rounding.apply(low) <= rounding.apply(high)


@given(st.one_of(plain, charm), numbers)
def test_rounding_moves_less_than_a_step_and_keeps_the_sign(rounding: Rounding, number: Decimal) -> None:
    rounded = rounding.apply(number)
    assert abs(Fraction(rounded) - Fraction(number)) < Fraction(rounding.increment)
    assert rounded == 0 or rounded.is_signed() == number.is_signed()
    assert rounded or not rounded.is_signed()


@given(st.one_of(plain, charm), numbers)
def test_rounding_is_symmetric_about_zero(rounding: Rounding, number: Decimal) -> None:
    mirrored = {RoundingMode.CEILING: RoundingMode.FLOOR, RoundingMode.FLOOR: RoundingMode.CEILING}
    other = Rounding(mirrored.get(rounding.mode, rounding.mode), rounding.increment, rounding.ending)
    # `-number` would round to the 28 digits of the ambient context
    assert other.apply(number.copy_negate()) == rounding.apply(number).copy_negate()


@given(st.one_of(plain, charm))
def test_a_free_item_stays_free(rounding: Rounding) -> None:
    assert rounding.apply(Decimal("0.00")) == 0


def test_money_is_rounded_as_money() -> None:
    rounded = Rounding("half_up", "0.05").apply(Money("1.975", "CHF"))
    assert rounded == Money("2.00", "CHF")
    assert str(rounded) == "2.00 CHF"
    assert Rounding("half_up", 10).apply(14) == 10


@pytest.mark.parametrize("increment", ["0.01", "0.05", "0.3"])
def test_amounts_without_room_for_more_digits_stay_exact(increment: str) -> None:
    number = Decimal("3" * 34) if increment == "0.3" else Decimal(1234567890123456789012345678901234)
    assert Rounding("half_up", increment).apply(number) == number


def test_a_middle_hidden_in_the_34th_digit_is_seen() -> None:
    assert Rounding("half_up", "0.05").apply(Decimal("1.024999999999999999999999999999999")) == Decimal(
        "1.00"
    )
    assert Rounding("half_up", "0.05").apply(Decimal("1.025000000000000000000000000000000")) == Decimal(
        "1.05"
    )
    assert Rounding("half_down", "0.05").apply(Decimal("1.025000000000000000000000000000001")) == Decimal(
        "1.05"
    )
    assert Rounding("up", 7).apply(Decimal("1E-130")) == 7


def test_a_result_of_more_than_34_digits_is_refused() -> None:
    with pytest.raises(OutOfRange):
        Rounding("up", "0.7").apply(Decimal(1234567890123456789012345678901234))


@pytest.mark.parametrize("rounding", [Rounding("up", "0.01"), Rounding("up", "0.05")])
def test_what_is_no_exact_number_is_refused(rounding: Rounding) -> None:
    odd: list[Any] = [Decimal("NaN"), Decimal("-Infinity"), True, "1e3"]
    for value in odd:
        with pytest.raises(NotANumber):
            rounding.apply(value)
    with pytest.raises(FloatRefused):
        rounding.apply(0.5)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("code", "increment"),
    [("EUR", "0.01"), ("JPY", "1"), ("KWD", "0.001"), ("CLF", "0.0001"), ("DEM", "0.01")],
)
def test_the_rounding_of_a_currency(code: str, increment: str) -> None:
    assert Rounding.for_currency(code, "half_up") == Rounding("half_up", increment)


def test_a_currency_without_minor_unit_or_unknown_has_no_rounding() -> None:
    with pytest.raises(NoMinorUnit):
        Rounding.for_currency("XAU", "half_up")
    with pytest.raises(UnknownCurrency):
        Rounding.for_currency("EURO", "half_up")


@pytest.mark.parametrize("mode", ["nearest", "HALF_UP", "", None, 4, []])
def test_an_unknown_mode_is_refused_with_the_known_ones(mode: Any) -> None:
    with pytest.raises(InvalidRounding, match="half_up, half_even, half_down, up, down, ceiling, floor"):
        Rounding(mode, "0.01")


@pytest.mark.parametrize("increment", [0, "-0.01", "0.00"])
def test_an_increment_is_above_zero(increment: int | str) -> None:
    with pytest.raises(InvalidRounding, match="a number above zero"):
        Rounding("up", increment)


@pytest.mark.parametrize(("increment", "ending"), [("0.01", "0.99"), ("1", "1"), ("1", "0"), ("1", "-0.01")])
def test_an_ending_lies_within_the_distance_of_price_points(increment: str, ending: str) -> None:
    with pytest.raises(InvalidRounding, match="the distance between price points"):
        Rounding("up", increment, ending=ending)


def test_roundings_are_values() -> None:
    rounding = Rounding("half_up", "0.010")
    assert rounding == Rounding(RoundingMode.HALF_UP, Decimal("0.01"))
    assert repr(rounding) == (
        "Rounding(mode=<RoundingMode.HALF_UP: 'half_up'>, increment=Decimal('0.010'), ending=None)"
    )
    assert hash(rounding) == hash(Rounding("half_up", "0.01"))
    copied = pickle.loads(pickle.dumps(rounding))
    assert copied == rounding
    assert copied.apply(Decimal("0.005")) == Decimal("0.01")


def test_the_ambient_context_has_no_say() -> None:
    ambient = decimal.Context(prec=1, Emax=0, Emin=0, traps=[decimal.Inexact, decimal.InvalidOperation])
    with decimal.localcontext(ambient) as used:
        for code, wanted in (("CLF", "0.0001"), ("EUR", "0.01"), ("JPY", "1")):
            assert str(Rounding.for_currency(code, "half_up").increment) == wanted
        assert str(Rounding("half_up", "0.25").apply(Decimal("123.40"))) == "123.50"
        assert str(Rounding("half_up", 10, ending="9.95").apply(Decimal("123.40"))) == "119.95"
        assert not any(used.flags.values())


# --- refusals


@pytest.mark.parametrize(
    ("call", "facts", "said"),
    [
        (
            lambda: Rounding("nearest", 1),
            ("the mode of a rounding", "'nearest'"),
            (
                "the mode of a rounding is 'nearest'; "
                "wanted: one of half_up, half_even, half_down, up, down, ceiling, floor"
            ),
        ),
        (
            lambda: Rounding("up", Decimal("-1E+1")),
            ("the increment of a rounding", "-10"),
            "the increment of a rounding is -10; wanted: a number above zero",
        ),
        (
            lambda: Rounding("up", 1, ending=Decimal("1E+1")),
            ("the ending of a rounding", "10"),
            (
                "the ending of a rounding is 10; "
                "wanted: above zero and below the increment 1, which is the distance between price points"
            ),
        ),
    ],
)
def test_an_invalid_rounding_says_what_was_found_and_wanted(
    call: Callable[[], object], facts: tuple[str, str], said: str
) -> None:
    with pytest.raises(InvalidRounding) as caught:
        call()
    refusal = caught.value
    assert str(refusal) == said
    assert (refusal.what, refusal.found) == facts
    assert said.endswith(f"; wanted: {refusal.wanted}")


@pytest.mark.parametrize(
    ("call", "what"),
    [
        (lambda: Rounding("up", 0.5), "the increment of a rounding"),  # type: ignore[arg-type]
        (lambda: Rounding("up", 1, ending=0.5), "the ending of a rounding"),  # type: ignore[arg-type]
        (lambda: Rounding("up", 1).apply(0.5), "an exact number"),  # type: ignore[call-overload]
    ],
)
def test_a_float_is_refused_by_name(call: Callable[[], object], what: str) -> None:
    with pytest.raises(FloatRefused) as caught:
        call()
    assert str(caught.value) == (
        f"{what} cannot be made from the float 0.5; write Decimal('0.5') or '0.5' if those digits are meant"
    )
