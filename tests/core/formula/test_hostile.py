"""100,000 random and hostile texts: each is a formula or a `FormulaError` with a position, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from salesmgmt.core.errors import SalesError
from salesmgmt.core.formula import (
    BOOL,
    DATE,
    INSTANT,
    MONEY,
    NUMBER,
    PERCENT,
    SET,
    TEXT,
    Formula,
    FormulaError,
    Schema,
    Values,
)
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent

SCHEMA = Schema(
    {
        "a": NUMBER, "line.quantity": NUMBER, "数量": NUMBER, "rate": PERCENT, "price": MONEY, "flag": BOOL,
        "customer.segment": TEXT, "on": DATE, "at": INSTANT, "tags": SET[TEXT],
    }
)  # fmt: skip

VALUES: dict[str, list[Any]] = {
    "a": [None, 0, 1, -7, Decimal("2.5"), Decimal("1E+99"), Decimal("1E-99"), 0.5, "1", True, Decimal("NaN")],
    "line.quantity": [None, 3, Decimal("0.001"), 10**33],
    "数量": [None, 1, 2],
    "rate": [None, Percent(0), Percent("12.5"), 5],
    "price": [None, Money(0, "EUR"), Money("99.90", "EUR"), Money(5, "USD"), "5 EUR"],
    "flag": [None, True, False, 1],
    "customer.segment": [None, "", "gold", "\ud800", 5],
    "on": [None, date(1, 1, 1), date(9999, 12, 31), datetime(2026, 1, 1, tzinfo=UTC)],
    "at": [None, datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1)],  # noqa: DTZ001 - hostile
    "tags": [None, (), ["gold"], "gold", [1]],
}

ATOMS: list[str] = [
    *SCHEMA, "0", "1", "12.5", "10%", "5 EUR", "5 USD", "'gold'", "'it''s'", "2026-01-31", "2026-01-31T09:00Z",
    "{1, 2}", "{'a', 'b'}", "{5 EUR}", "true", "false",
]  # fmt: skip
WORDS = [
    *ATOMS, "and", "or", "not", "in", "is", "missing", "if", "then", "else", "+", "-", "*", "/", "==", "!=", "<", "<=",
    ">", ">=", "(", ")", "(", ")", "{", "}", ",", "min(", "max(", "round(", "coalesce(", "days(", "clamp(", "length(",
]  # fmt: skip
ODD = [
    "null", "AND", "eval", "=", "!", "&&", "%", "5 XXZ", "7 %", "'", '"', "2026-02-30", "2026-01-31T09:00", "a.", "a.b",
    ".", "..", ";", "#", "\\", "__class__", "lambda", "**", "//", "\x00", "\x1b", "\n", "\t", "\u00a0", "\u200b",
    "\u202e", "\ud800", "\U0001f600", "１", "٣", "²", "ａ", "（", "＜", "ﬁ", "é", "e\u0301", "9" * 28, "9" * 29,
    "0." + "3" * 27, "1e5", "1_000", "0x10",
]  # fmt: skip

FORMULAS = [
    "line.quantity >= 10 and customer.segment == 'gold' or flag",
    "price * line.quantity * (1 - rate) > 1000 EUR",
    "if a > 5 then price * 90% else price",
    "customer.segment in {'gold', 'it''s', 'vip'} and 'new' not in tags",
    "0 < a <= line.quantity < 100 and a is not missing",
    "months(on, 2026-12-31) >= 3 and at < 2026-01-01T09:00+08:00",
    "round_to(max(price, 5 EUR) / 3, 0.05 EUR) != price",
    "not (flag == (a / line.quantity > 1)) and coalesce(数量, 1) in {1, -2, 3.5}",
    "clamp(a, -10, 10) - -a * (a - a) + length(upper(customer.segment))",
    "(if flag then rate else 5%) * 2 + rate / 3 < 50%",
]

CHARACTERS = "aZ_09.'\"(){}<>=!+-*/%,;:&|^~@#$?\\ \t\n\r\x00\x7f\u0085\u2028\ufeff\uffff\ud83d\ude00é数１²ǅ"


def _soup(random: Random) -> str:
    words = random.choice([WORDS, WORDS, WORDS + ODD])
    glue = random.choice(["", " ", " ", " "])
    return glue.join(random.choice(words) for _ in range(random.randrange(1, 16)))


def _sentence(random: Random, depth: int = 3) -> str:
    """Right in its grammar, and seldom in its types."""
    if depth == 0 or random.random() < 0.2:
        return random.choice(ATOMS)
    form = random.choice(
        ["{} + {}", "{} * {}", "{} / {}", "({} - {})", "{} < {}", "{} == {}", "{} >= {}", "{} in {}", "{} not in {}",
         "{} and {}", "{} or {}", "({} or {})", "not {}", "-{}", "{} is missing", "if {} then {} else {}",
         "(if {} then {} else {})", "min({}, {})", "max({}, {})", "abs({})", "round({}, 2)", "round_to({}, {})",
         "floor({})", "clamp({}, {}, {})", "days({}, {})", "months({}, {})", "coalesce({}, {})", "lower({})",
         "contains({}, {})", "length({})", "{} < {} <= {}"]
    )  # fmt: skip
    parts = [_sentence(random, depth - 1) for _ in range(form.count("{}"))]
    return str(form.format(*parts))


def _noise(random: Random) -> str:
    return "".join(random.choice(CHARACTERS) for _ in range(random.randrange(0, 40)))


def _any_unicode(random: Random) -> str:
    return "".join(chr(random.randrange(0x110000)) for _ in range(random.randrange(1, 12)))


def _mutation(random: Random) -> str:
    text = random.choice(FORMULAS)
    for _ in range(random.randrange(1, 4)):
        start = random.randrange(len(text) + 1)
        end = min(len(text), start + random.choice([0, 0, 1, 1, 2, 5, 12]))
        other = random.choice(FORMULAS)
        cut = random.randrange(len(other))
        new = random.choice(["", random.choice(WORDS + ODD), random.choice(CHARACTERS), other[cut : cut + 9]])
        text = text[:start] + new + text[end:]
    return text


def _combination(random: Random) -> str:
    first, second = random.choice(FORMULAS), random.choice(FORMULAS)
    word = random.choice(["and", "or", "==", "+", "and not", "then", "in", "<"])
    return random.choice(["({0}) {2} ({1})", "{0} {2} {1}", "not ({0}) {2} {1}"]).format(first, second, word)


def _nesting(random: Random) -> str:
    count = random.choice([5, 20, 31, 32, 33, 64, 65, 66, 200, 900])
    before, after = random.choice(
        [("(", ")"), ("-", ""), ("not ", ""), ("- -", ""), ("not (", ")"), ("abs(", ")"), ("min(a, ", ")"),
         ("if flag then ", " else a"), ("if ", ""), ("{", "}"), ("(flag == ", " == flag)"), ("a < ", ""),
         ("a + ", ""), ("a + (", ")"), ("-(", ")"), ("flag and ", ""), ("(flag or ", ")"), ("a.", ""), ("'", ""),
         ("((", ")"), ("(", "")]
    )  # fmt: skip
    core = random.choice(["a", "flag", "1", "'x'", "", "("])
    return (before * count + core + after * random.choice([count, count, count - 1]))[
        : random.choice([1_999, 5_000])
    ]


def _huge_literal(random: Random) -> str:
    size = random.choice([28, 29, 100, 1_990, 100_000])
    pattern = random.choice(
        ["9", "0.", "1%", "'", "''", "x", "x.", "\u0301", "2026-", "1 EUR", "{1,", "\ud800", "ß"]
    )
    return (
        random.choice(["", "a == ", "a in {"]) + (pattern * size)[:size] + random.choice(["", "'", "}", "%"])
    )


KINDS: list[tuple[Callable[[Random], str], int]] = [
    (_soup, 33_000),
    (_sentence, 20_000),
    (_mutation, 25_000),
    (_noise, 11_000),
    (_any_unicode, 4_000),
    (_combination, 4_000),
    (_nesting, 2_000),
    (_huge_literal, 1_000),
]


@pytest.mark.parametrize(("kind", "count"), KINDS, ids=[kind.__name__.strip("_") for kind, _ in KINDS])
def test_a_hostile_text_is_a_formula_or_an_error_with_a_position(
    kind: Callable[[Random], str], count: int
) -> None:
    random = Random(kind.__name__)
    for _ in range(count):
        text = kind(random)
        outcome = _parsed(text)
        if isinstance(outcome, FormulaError):
            assert 0 <= outcome.position <= len(text)
            assert outcome.hint
        else:
            assert Formula.parse(str(outcome), SCHEMA) == outcome
            values = {name: random.choice(some) for name, some in VALUES.items()}
            result = _evaluated(outcome, values)
            assert not isinstance(result, float)


def _parsed(text: str) -> Formula | FormulaError:
    try:
        return Formula.parse(text, SCHEMA)
    except FormulaError as error:
        return error


def _evaluated(formula: Formula, values: Values) -> object:
    try:
        result = formula.evaluate(values)
        if formula.type == BOOL:
            assert (formula.why_not(values) is None) is (result is True)
    except SalesError as error:
        return str(error)
    return result


def test_there_are_a_hundred_thousand_of_them() -> None:
    assert sum(count for _, count in KINDS) == 100_000
