from __future__ import annotations

import decimal
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import FloatRefused, SalesError
from salesmgmt.core.formula import (
    BOOL,
    DATE,
    INSTANT,
    MONEY,
    NUMBER,
    PERCENT,
    SET,
    TEXT,
    CurrenciesDiffer,
    EvaluationError,
    Formula,
    ResultOutOfRange,
    Schema,
    Type,
    WrongValue,
    ZeroDivisor,
)
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from tests.core.formula.formula_texts import SCHEMA as RANDOM_SCHEMA
from tests.core.formula.formula_texts import Spoken, conditions, numbers, values

SCHEMA = Schema(
    {
        "n": NUMBER, "k": NUMBER, "p": PERCENT, "m": MONEY, "b": BOOL, "t": TEXT,
        "d": DATE, "i": INSTANT, "s": SET[TEXT], "counts": SET[NUMBER], "prices": SET[MONEY],
    }
)  # fmt: skip


def result(text: str, **given: Any) -> Any:
    return Formula.parse(text, SCHEMA).evaluate(given)


@given(numbers(), values)
def test_arithmetic_agrees_with_fractions(spoken: Spoken, given: Mapping[str, Any]) -> None:
    found = Formula.parse(spoken.text, RANDOM_SCHEMA).evaluate(given)

    wanted = spoken.means(given)
    assert found == wanted if wanted is None else isinstance(found, Decimal) and Fraction(found) == wanted


@given(conditions(3), values)
def test_conditions_agree_with_the_rules_of_the_language(spoken: Spoken, given: Mapping[str, Any]) -> None:
    formula = Formula.parse(spoken.text, RANDOM_SCHEMA)

    assert formula.evaluate(given) == spoken.means(given)
    assert formula.holds(given) is (spoken.means(given) is True)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("0.1 + 0.2", Decimal("0.3")),
        ("1 - 10%", Decimal("0.9")),
        ("100 + 5%", Decimal("100.05")),
        ("10% + 5%", Percent(15)),
        ("10% - 15%", Percent(-5)),
        ("50% * 50%", Percent(25)),
        ("3 * 10%", Percent(30)),
        ("10% * 3", Percent(30)),
        ("10% / 4", Percent("2.5")),
        ("10% / 40%", Decimal("0.25")),
        ("5 / 20%", Decimal(25)),
        ("200 EUR * 10%", Money(20, "EUR")),
        ("10% * 200 EUR", Money(20, "EUR")),
        ("200 EUR * (1 - 10%)", Money(180, "EUR")),
        ("3 * 200 EUR / 4", Money(150, "EUR")),
        ("180 EUR / 90%", Money(200, "EUR")),
        ("180 EUR / 200 EUR", Decimal("0.9")),
        ("180 EUR - 200 EUR", Money(-20, "EUR")),
        ("-(180 EUR)", Money(-180, "EUR")),
        ("1 / 3", Decimal("0." + "3" * 34)),
        ("2 / 3", Decimal("0." + "6" * 33 + "7")),
        ("abs(-2.5)", Decimal("2.5")),
        ("abs(-2.5 EUR)", Money("2.5", "EUR")),
        ("round(2.5)", Decimal(3)),
        ("round(-2.5)", Decimal(-3)),
        ("round(2.345, 2)", Decimal("2.35")),
        ("round(2.345 EUR, 2)", Money("2.35", "EUR")),
        ("round(33.335%, 2)", Percent("33.34")),
        ("round_to(7.475, 0.05)", Decimal("7.50")),
        ("round_to(7.474 EUR, 0.05 EUR)", Money("7.45", "EUR")),
        ("round_to(7.474 EUR, 5)", Money(5, "EUR")),
        ("round_to(33.4%, 0.25%)", Percent("33.5")),
        ("floor(-2.1)", Decimal(-3)),
        ("ceil(2.1 EUR)", Money(3, "EUR")),
        ("ceil(-0.5)", Decimal(0)),
        ("clamp(15, 0, 10)", Decimal(10)),
        ("clamp(-1%, 0%, 10%)", Percent(0)),
        ("min(3, 1, 2)", Decimal(1)),
        ("max(3 EUR, 10 EUR)", Money(10, "EUR")),
        ("max(2026-01-01, 2025-01-01)", date(2026, 1, 1)),
        ("days(2026-01-01, 2026-03-01)", Decimal(59)),
        ("days(2026-03-01, 2026-01-01)", Decimal(-59)),
        ("days(2026-01-01T12:00Z, 2026-01-03T11:59Z)", Decimal(1)),
        ("days(2026-01-03T11:59Z, 2026-01-01T12:00Z)", Decimal(-1)),
        ("months(2026-01-31, 2026-02-28)", Decimal(1)),
        ("months(2026-01-31, 2026-02-27)", Decimal(0)),
        ("months(2024-02-29, 2025-02-28)", Decimal(12)),
        ("months(2026-05-15, 2026-03-16)", Decimal(-1)),
        ("months(2026-01-15T10:00Z, 2026-02-15T09:59Z)", Decimal(0)),
        ("months(0001-01-01, 9999-12-31)", Decimal(119987)),
        ("coalesce(n, k, 7)", Decimal(7)),
        ("starts_with('abc', 'ab')", True),
        ("ends_with('abc', 'ab')", False),
        ("contains('abc', 'b')", True),
        ("upper('straße')", "STRASSE"),
        ("lower('ÄB')", "äb"),
        ("length('数量')", Decimal(2)),
        ("length({'a', 'b'})", Decimal(2)),
        ("'a' < 'b'", True),
        ("'Z' < 'a'", True),
        ("10% < 20%", True),
        ("10 EUR >= 9.99 EUR", True),
        ("2026-01-01T09:00+08:00 == 2026-01-01T01:00Z", True),
        ("1.0 in {1, 2}", True),
        ("1.50 EUR in {1.5 EUR}", True),
        ("true == (1 > 0)", True),
        ("true != false", True),
        ("if 1 > 2 then 'a' else 'b'", "b"),
    ],
)  # fmt: skip
def test_constants(text: str, wanted: object) -> None:
    found = result(text)

    assert found == wanted
    assert type(found) is type(wanted)


def test_a_zero_has_no_sign() -> None:
    assert str(result("n * -1", n=0)) == "0"
    assert str(result("n * p", n=0, p=Percent(-5))) == "0%"


def test_the_decimal_context_of_the_host_is_neither_read_nor_changed() -> None:
    # A context of its own, not a copy of the one that other tests have left their flags in.
    with decimal.localcontext(decimal.Context(prec=3, traps=[decimal.Inexact])) as context:
        assert result("n / 3 * 3 + k", n=Decimal("12345.678"), k=1) == Decimal("12346.678")
        assert result("days(2026-01-01, d) + months(2026-01-01, d)", d=date(2036, 1, 1)) == Decimal(
            3652 + 120
        )
        assert result("round(n, 2) > 1 and -n < 0 and n in {1}", n=Decimal("12345.678")) is False
        assert not any(context.flags.values())


class TestMissing:
    @pytest.mark.parametrize("sign", ["==", "!=", "<", "<=", ">", ">="])
    @pytest.mark.parametrize("sides", ["n {} k", "n {} 1", "1 {} n", "n + 1 {} k", "m {} 1 EUR", "k {} n"])
    def test_a_comparison_with_a_missing_side_is_false_and_its_negation_true(
        self, sign: str, sides: str
    ) -> None:
        text = sides.format(sign)
        for known in ({"n": None}, {"k": 1}, {"n": None, "k": None}, {}):
            assert result(text, **known) is False
            assert result(f"not {text}", **known) is True

    @pytest.mark.parametrize("word", ["in", "not in"])
    def test_membership_with_a_missing_side_is_false(self, word: str) -> None:
        assert result(f"n {word} {{1, 2}}") is False
        assert result(f"not n {word} {{1, 2}}") is True
        assert result(f"'a' {word} s") is False
        assert result(f"t {word} s", s=["a"]) is False

    @pytest.mark.parametrize(
        "text",
        ["n + 1", "1 - n", "n * k", "-n", "m * 2", "-m", "m + 1 EUR", "min(n, k)", "max(1, n)", "abs(n)", "round(n)",
         "clamp(k, 0, n)", "days(d, 2026-01-01)", "starts_with(t, 'a')", "coalesce(n, n)", "p * m", "lower(t)"],
    )  # fmt: skip
    def test_arithmetic_and_functions_of_a_missing_value_are_missing(self, text: str) -> None:
        assert result(text, k=5) is None
        assert result(f"({text}) is missing", k=5) is True
        assert result(f"({text}) is not missing", k=5) is False

    def test_a_missing_condition_counts_as_false(self) -> None:
        assert result("b") is None
        assert Formula.parse("b", SCHEMA).holds({}) is False
        assert result("not b") is True
        assert result("b or n == 1", n=1) is True
        assert result("b and n == 1", n=1) is False
        assert result("if b then 1 else 2") == 2
        assert result("b == false") is False
        assert result("not starts_with(t, 'a')") is True

    def test_coalesce_takes_the_first_that_is_there(self) -> None:
        assert result("coalesce(n, k)", k=3) == 3
        assert result("coalesce(n, k)", n=2, k=3) == 2

    def test_a_missing_branch_is_missing(self) -> None:
        assert result("if b then n else k", b=True, k=3) is None


def test_and_or_and_if_stop_where_the_answer_is_known() -> None:
    assert result("n != 0 and 1 / n > 0", n=0) is False
    assert result("n == 0 or 1 / n > 0", n=0) is True
    assert result("if n == 0 then 0 else 1 / n", n=0) == 0
    assert result("b and b and b and 1 / n > 0", n=0, b=False) is False
    assert result("coalesce(k, 1 / n)", n=0, k=1) == 1


class Tier(StrEnum):
    GOLD = "gold"


class Colour(Enum):
    RED = "red"


class Level(IntEnum):
    HIGH = 3


GOOD: list[tuple[str, Any, Any]] = [
    ("n", 5, Decimal(5)),
    ("n", Decimal("5.50"), Decimal("5.5")),
    ("n", Level.HIGH, Decimal(3)),
    ("p", Percent(5), Percent(5)),
    ("m", Money(5, "EUR"), Money(5, "EUR")),
    ("b", True, True),
    ("t", Tier.GOLD, "gold"),
    ("t", Colour.RED, "red"),
    ("d", date(2026, 1, 1), date(2026, 1, 1)),
    ("i", datetime(2026, 1, 1, 8, tzinfo=timezone(timedelta(hours=8))), datetime(2026, 1, 1, tzinfo=UTC)),
    ("s", ["a", "b", "a"], frozenset({"a", "b"})),
    ("s", {Tier.GOLD}, frozenset({"gold"})),
    ("counts", (1, Decimal(2)), frozenset({Decimal(1), Decimal(2)})),
    ("prices", [Money(1, "EUR")], frozenset({Money(1, "EUR")})),
]


@pytest.mark.parametrize(("name", "value", "wanted"), GOOD)
def test_a_value_of_the_declared_type_is_taken_in(name: str, value: Any, wanted: Any) -> None:
    found = result(name, **{name: value})

    assert found == wanted
    assert type(found) is type(wanted)


def test_members_of_an_enum_are_found_in_sets_by_their_value() -> None:
    assert result("t in {'gold', 'vip'}", t=Tier.GOLD) is True
    assert result("'gold' in s", s=(Tier.GOLD,)) is True
    assert result("t == 'red'", t=Colour.RED) is True


class NotATime(datetime):
    """As the NaT of pandas: a datetime that knows no offset."""

    def utcoffset(self) -> timedelta | None:
        raise ValueError


class WrongZone(tzinfo):
    def __repr__(self) -> str:  # the same in every process, as the id of a test must be
        return "WrongZone()"

    def utcoffset(self, _moment: datetime | None) -> Any:
        return 8

    tzname = dst = utcoffset


BAD: list[tuple[str, Any]] = [
    ("n", True), ("n", "5"), ("n", Decimal("NaN")), ("n", Decimal("sNaN")), ("n", Decimal("Infinity")),
    ("n", Percent(5)), ("n", 10**200), ("n", []), ("n", Decimal("1E+5000")), ("n", Decimal("1E-5000")),
    ("n", Decimal("1." + "1" * 34)), ("n", Decimal("1E+999999999999")), ("counts", [Decimal("1E+5000")]),
    ("p", 5), ("p", Decimal(5)), ("m", 5), ("m", "5 EUR"), ("b", 1), ("b", "true"), ("t", 5), ("t", b"x"),
    ("t", Level.HIGH), ("d", datetime(2026, 1, 1, tzinfo=UTC)), ("d", "2026-01-01"), ("i", datetime(2026, 1, 1)),  # noqa: DTZ001 - the point
    ("i", date(2026, 1, 1)), ("i", datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=8)))), ("s", "abc"),
    ("i", NotATime(2026, 1, 1)), ("i", datetime(2026, 1, 1, tzinfo=WrongZone())),
    ("s", ["a", 5]), ("s", [None]), ("s", {"a": 1}), ("counts", [True]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), BAD, ids=repr)
def test_a_value_of_another_type_is_refused_by_name(name: str, value: Any) -> None:
    formula = Formula.parse(f"2 > 1 and {name} is not missing", SCHEMA)

    with pytest.raises(WrongValue) as caught:
        formula.evaluate({name: value})

    assert caught.value.name == name
    assert caught.value.position == 10
    assert caught.value.found
    assert SCHEMA[name].name in caught.value.wanted
    assert isinstance(caught.value, TypeError)


@pytest.mark.parametrize("text", ["n > 1", "n + 1", "n in {1}", "n == k"])
def test_a_float_is_refused(text: str) -> None:
    with pytest.raises(FloatRefused, match="the value of n"):
        result(text, n=0.5, k=1)


def test_a_refused_float_of_another_library_is_shown_by_its_digits() -> None:
    class Float64(float):
        def __repr__(self) -> str:
            return "np.float64(0.5)"

    with pytest.raises(FloatRefused, match=r"from the float 0\.5; write Decimal\('0\.5'\)"):
        result("n", n=Float64("0.5"))


@pytest.mark.parametrize("zero", ["-0", "0E+5000", "0E-5000"])
def test_a_zero_of_any_kind_is_plain_zero(zero: str) -> None:
    found = result("n", n=Decimal(zero))

    assert found == 0
    assert len(f"{found:f}") < 150
    assert not found.is_signed()


@pytest.mark.parametrize(("value", "text"), [(Decimal("NaN"), "n == 1"), (Decimal("Infinity"), "n > 1")])
def test_a_number_that_is_not_finite_is_refused_in_a_comparison(value: Decimal, text: str) -> None:
    with pytest.raises(WrongValue):
        result(text, n=value)


def test_instants_are_compared_in_utc_even_where_clocks_go_back() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    first = datetime(2026, 10, 25, 2, 30, tzinfo=berlin, fold=0)  # 00:30 UTC
    second = datetime(2026, 10, 25, 2, 30, tzinfo=berlin, fold=1)  # 01:30 UTC
    formula = Formula.parse("i < j and i != j", Schema({"i": INSTANT, "j": INSTANT}))

    assert formula.holds({"i": first, "j": second})
    assert result("i == 2026-10-25T01:30Z", i=second) is True


@pytest.mark.parametrize(
    ("text", "given", "position", "kind"),
    [
        ("1 + n / k", {"n": 1, "k": 0}, 6, ZeroDivisor),
        ("n / k", {"n": 0, "k": 0}, 2, ZeroDivisor),
        ("m / k", {"m": Money(1, "EUR"), "k": 0}, 2, ZeroDivisor),
        ("m / p", {"m": Money(1, "EUR"), "p": Percent(0)}, 2, ZeroDivisor),
        ("m / (m - m)", {"m": Money(1, "EUR")}, 2, ZeroDivisor),
        ("n * n", {"n": Decimal("1E+60")}, 2, ResultOutOfRange),
        ("n * n", {"n": Decimal("1E-80")}, 2, ResultOutOfRange),
        ("n + n", {"n": Decimal("9E+99")}, 2, ResultOutOfRange),
        ("n + n", {"n": Decimal("1E+5000")}, 0, WrongValue),
        ("m + 1 USD", {"m": Money(1, "EUR")}, 2, CurrenciesDiffer),
        ("m / 1 USD", {"m": Money(1, "EUR")}, 2, CurrenciesDiffer),
        ("m >= 1 USD", {"m": Money(1, "EUR")}, 2, CurrenciesDiffer),
        ("1 USD < m", {"m": Money(1, "EUR")}, 6, CurrenciesDiffer),
        ("n > 0 or min(m, 1 USD) > m", {"n": 0, "m": Money(1, "EUR")}, 9, CurrenciesDiffer),
        ("round_to(m, 1 USD)", {"m": Money(1, "EUR")}, 0, CurrenciesDiffer),
        ("clamp(n, 5, k)", {"n": 1, "k": 4}, 0, EvaluationError),
        ("round_to(n, k)", {"n": 1, "k": 0}, 0, EvaluationError),
        ("round_to(n, k)", {"n": 1, "k": -1}, 0, EvaluationError),
    ],
)
def test_what_has_no_result_is_an_error_with_its_position(
    text: str, given: dict[str, Any], position: int, kind: type[EvaluationError]
) -> None:
    with pytest.raises(kind) as caught:
        result(text, **given)

    error = caught.value
    assert (error.position, error.formula) == (position, text)
    assert isinstance(error, SalesError)
    assert error.hint
    assert str(error).count(error.hint) == 1


def test_a_division_by_zero_is_a_zero_division_error_too() -> None:
    with pytest.raises(ZeroDivisionError):
        result("1 / n", n=0)


def test_amounts_of_two_currencies_are_unequal_without_an_error() -> None:
    euro = Money(1, "EUR")

    assert result("m == 1 USD", m=euro) is False
    assert result("m != 1 USD", m=euro) is True
    assert result("m in {1 USD}", m=euro) is False
    assert result("m not in {1 USD}", m=euro) is True


def test_a_formula_that_is_no_condition_cannot_hold() -> None:
    formula = Formula.parse("n + 1", SCHEMA)

    for ask in (formula.holds, formula.why_not):
        with pytest.raises(EvaluationError, match="not a condition"):
            ask({"n": 1})


def test_values_that_a_formula_does_not_name_are_ignored() -> None:
    assert result("n", n=1, other=0.5) == 1


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**6), max_value=10**6))
def test_rounding_to_decimals_agrees_with_whole_numbers(value: Decimal) -> None:
    cents = Fraction(value) * 10
    size = abs(cents)
    half_up = int(size + Fraction(1, 2)) * (1 if cents >= 0 else -1)

    assert Fraction(result("round(n, 1)", n=value)) == Fraction(half_up, 10)
    assert Fraction(result("round_to(n, 0.1)", n=value)) == Fraction(half_up, 10)


@given(st.dates(), st.integers(-500, 500))
def test_months_agrees_with_adding_months(start: date, months: int) -> None:
    from dateutil.relativedelta import relativedelta

    try:
        end = start + relativedelta(months=months)
    except (ValueError, OverflowError):
        return
    first, last = sorted((start, end))

    found = result("months(2026-01-01, d)", d=start) is not None and Formula.parse(
        "months(x, y)", Schema({"x": DATE, "y": DATE})
    ).evaluate({"x": first, "y": last})
    assert isinstance(found, Decimal)
    assert first + relativedelta(months=int(found)) <= last
    assert last == first or int(found) in (abs(months), abs(months) - 1)


def test_a_type_shows_its_name() -> None:
    assert str(SET[TEXT]) == "set of text"
    assert Type("number") == NUMBER
