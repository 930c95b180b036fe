from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from salesmgmt.core.errors import InvalidInput
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
    Type,
)

TYPES = {"n": NUMBER, "p": PERCENT, "m": MONEY, "b": BOOL, "t": TEXT, "d": DATE, "i": INSTANT, "s": SET[TEXT]}
SCHEMA = Schema(TYPES)

# The algebra as the design states it; what is not here is an error.
RESULTS = {
    "n + n": "n", "n - n": "n", "n * n": "n", "n / n": "n",
    "p + p": "p", "p - p": "p", "p * p": "p", "p / p": "n",
    "n + p": "n", "n - p": "n", "n * p": "p", "n / p": "n",
    "p * n": "p", "p / n": "p",
    "m + m": "m", "m - m": "m", "m / m": "n",
    "m * n": "m", "n * m": "m", "m / n": "m",
    "m * p": "m", "p * m": "m", "m / p": "m",
}  # fmt: skip


@pytest.mark.parametrize(
    "text", [f"{left} {sign} {right}" for sign in "+-*/" for left, right in product(TYPES, TYPES)]
)
def test_arithmetic_gives_the_type_of_the_algebra_or_is_refused(text: str) -> None:
    if text in RESULTS:
        assert Formula.parse(text, SCHEMA).type == TYPES[RESULTS[text]]
    else:
        with pytest.raises(FormulaError) as caught:
            Formula.parse(text, SCHEMA)
        assert caught.value.position == 2


@pytest.mark.parametrize(("left", "right"), list(product(TYPES, TYPES)))
@pytest.mark.parametrize("sign", ["==", "<"])
def test_only_values_of_one_type_are_compared(left: str, sign: str, right: str) -> None:
    is_fine = left == right and left != "s" and (left != "b" or sign == "==")
    if is_fine:
        assert Formula.parse(f"{left} {sign} {right}", SCHEMA).type == BOOL
    else:
        with pytest.raises(FormulaError):
            Formula.parse(f"{left} {sign} {right}", SCHEMA)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("m - 10%", "amount * (1 - 10%)"),
        ("m + p", "amount * (1 + 10%)"),
        ("m + 5", "give the number its currency"),
        ("m * m", "multiplied by a number or a percent"),
        ("m > 1000", "give the number its currency"),
        ("n > 10%", "percent sign"),
        ("p > 10", "percent sign"),
        ("p + 1", "1 + 10%"),
        ("d - d", "days(from, to)"),
        ("t + t", "only numbers, percents and money"),
        ("t in t", "contains(text, part)"),
        ("n in t", "braces"),
        ("t in {1}", "values of type number"),
        ("1 in s", "values of type text"),
        ("b < b", "no order"),
        ("s == s", "with in"),
        ("-t", "remove the minus"),
        ("-b", "write not"),
        ("not n", "compare it"),
        ("n and b", "compare it"),
        ("b or t", "compare it"),
        ("if n then 1 else 2", "compare it"),
        ("if b then 1 else 'x'", "both branches"),
        ("n / 0", "divided by zero"),
        ("m / 0%", "divided by zero"),
        ("1 EUR < 2 USD", "convert one"),
        ("m in {1 EUR} or 1 EUR + 2 USD > m", "convert one"),
        ("min(1 EUR, m, -2 USD)", "convert one"),
        ("if b then 1 EUR else 2 USD", "convert one"),
    ],
)
def test_a_mistake_of_type_comes_with_what_to_write(text: str, hint: str) -> None:
    with pytest.raises(FormulaError) as caught:
        Formula.parse(text, SCHEMA)

    assert hint in caught.value.hint


CALLS = {
    "min(n, 1)": NUMBER,
    "max(d, d, d)": DATE,
    "min(m, 1 EUR)": MONEY,
    "max(i, i)": INSTANT,
    "abs(p)": PERCENT,
    "floor(n)": NUMBER,
    "ceil(m)": MONEY,
    "round(n)": NUMBER,
    "round(m, 2)": MONEY,
    "round(p, 12)": PERCENT,
    "round_to(m, 0.05 EUR)": MONEY,
    "round_to(m, 0.05)": MONEY,
    "round_to(n, n)": NUMBER,
    "round_to(p, 0.25%)": PERCENT,
    "clamp(n, 0, 10)": NUMBER,
    "clamp(d, d, d)": DATE,
    "days(d, d)": NUMBER,
    "months(i, i)": NUMBER,
    "coalesce(t, 'x')": TEXT,
    "coalesce(b, n > 1, false)": BOOL,
    "coalesce(s, {'a'})": SET[TEXT],
    "starts_with(t, 'x')": BOOL,
    "ends_with(t, t)": BOOL,
    "contains(t, 'x')": BOOL,
    "lower(t)": TEXT,
    "upper(t)": TEXT,
    "length(t)": NUMBER,
    "length(s)": NUMBER,
}


@pytest.mark.parametrize("text", CALLS)
def test_a_call_has_the_type_of_its_signature(text: str) -> None:
    assert Formula.parse(text, SCHEMA).type == CALLS[text]


@pytest.mark.parametrize(
    "text",
    [
        "min(n)", "min(n, p)", "min(t, t)", "abs()", "abs(n, n)", "abs(t)", "round(n, 1.5)", "round(n, -1)",
        "round(n, 13)", "round(n, n)", "round(d)", "round_to(n, 1 EUR)", "round_to(p, 1)", "round_to(d, 1)",
        "clamp(n, 0)", "clamp(n, 0%, 1)", "days(d, i)", "days(n, n)", "months(d)", "coalesce(n)",
        "coalesce(n, t)", "starts_with(t, n)", "contains(s, 'x')", "lower(n)", "length(n)", "round_to(1 EUR, 1 USD)",
    ],
)  # fmt: skip
def test_a_call_that_does_not_fit_shows_the_signature(text: str) -> None:
    with pytest.raises(FormulaError) as caught:
        Formula.parse(text, SCHEMA)

    assert caught.value.position == 0
    assert text.split("(", maxsplit=1)[0] in caught.value.expected or "currency" in caught.value.expected


def test_a_function_name_may_be_a_name_too() -> None:
    schema = Schema({"days": NUMBER, "on": DATE})

    assert Formula.parse("days + days(on, on)", schema).names == {"days", "on"}


def test_a_schema_is_an_immutable_mapping() -> None:
    schema = Schema({"a": NUMBER, "b.c": TEXT})

    assert (schema["a"], len(schema), list(schema), "b.c" in schema) == (NUMBER, 2, ["a", "b.c"], True)
    assert schema == Schema({"b.c": TEXT, "a": NUMBER})
    assert hash(schema) == hash(Schema({"b.c": TEXT, "a": NUMBER}))
    assert schema != {"a": NUMBER}
    with pytest.raises(AttributeError):
        schema.other = 1  # type: ignore[attr-defined]


def test_a_schema_lists_every_bad_name_and_type() -> None:
    bad: dict[Any, Any] = {
        "1a": NUMBER,
        "if": NUMBER,
        "a b": NUMBER,
        "a..b": NUMBER,
        "": NUMBER,
        "ok": "number",
        "x" * 201: TEXT,
        "y": Type("colour"),
        "z": SET[SET[TEXT]],
        5: NUMBER,
        "a\u0308": NUMBER,
        "ä": TEXT,
    }

    with pytest.raises(InvalidInput) as caught:
        Schema(bad)

    assert len(caught.value.problems) == 11


def test_the_union_of_schemas_refuses_one_name_with_two_types() -> None:
    assert Schema({"a": NUMBER}) | {"b": TEXT} == Schema({"a": NUMBER, "b": TEXT})
    assert Schema({"a": NUMBER}) | Schema({"a": NUMBER}) == Schema({"a": NUMBER})
    with pytest.raises(InvalidInput, match="a: found text"):
        _ = Schema({"a": NUMBER}) | Schema({"a": TEXT})
