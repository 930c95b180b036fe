from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesmgmt.core.errors import SalesError
from salesmgmt.core.findings import Severity
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
    Schema,
    contradicts,
    implies,
    lint,
    overlaps,
)

SCHEMA = Schema(
    {
        "a": NUMBER, "b": NUMBER, "t": TEXT, "u": TEXT, "flag": BOOL, "m": MONEY, "p": PERCENT,
        "d": DATE, "i": INSTANT, "s": SET[TEXT],
    }
)  # fmt: skip


def parsed(text: str) -> Formula:
    return Formula.parse(text, SCHEMA)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("a > 5 and a < 3", True),
        ("a > 5 and a < 6", False),
        ("a > 5 and a <= 5", True),
        ("a >= 5 and a <= 5", False),
        ("a > 5 and a is missing", True),
        ("not a > 5 and not a <= 5", False),  # a is missing
        ("not a > 5 and not a <= 5 and a is not missing", True),
        ("a == 1 and a == 2", True),
        ("a in {1, 2} and a not in {1, 2, 3}", True),
        ("a in {1, 2} and a != 1", False),
        ("a in {1, 2} and a != 1 and 2 != a", True),
        ("t == 'x' and t == 'y'", True),
        ("t < ''", True),
        ("t > 'a' and t < 'b'", False),
        ("t >= '' and t != '' and t < 'a'", False),
        ("d > 2026-01-01 and d < 2026-01-02", True),
        ("d > 2026-01-01 and d < 2026-01-03", False),
        ("d > 9999-12-31", True),
        ("d < 0001-01-01", True),
        ("i > 2026-01-01T00:00Z and i < 2026-01-01T00:00:00.000001Z", True),
        ("i > 2026-01-01T00:00Z and i < 2026-01-01T00:00:00.000002Z", False),
        ("p > 10% and p < 10.1%", False),
        ("m > 10 EUR and m < 5 EUR", True),
        ("m > 10 EUR or m < 5 EUR", False),
        ("m > 10 EUR and m > 5 USD", None),
        ("flag and not flag", True),
        ("flag == true and flag == false", True),
        ("flag != true and flag != false", True),
        ("not flag and flag is not missing", False),
        ("'x' in s and 'x' not in s", True),
        ("'x' in s and 'y' not in s", False),
        ("'x' not in s and not 'y' in s and s is not missing", False),
        ("not 'x' in s and not 'x' not in s", False),  # s is missing
        ("not 'x' in s and not 'x' not in s and s is not missing", True),
        ("1 > 2", True),
        ("1 < 2", False),
        ("a > 5 and 1 > 2", True),
        ("if flag then a > 5 else a > 6", False),
        ("(if flag then a > 5 else a > 6) and a < 4", True),
        ("a > b", None),
        ("a > b and a > 5 and a < 3", True),
        ("a + 1 > 5", None),
        ("a > 5 or a > b", False),
        ("a > 5 or a / b > 1", None),
        ("1 / (1 - 1) > 1", None),
        ("starts_with(t, 'x')", None),
        ("t == u", None),
        ("true", False),
        ("false", True),
    ],
)
def test_contradictions(text: str, answer: bool | None) -> None:
    assert contradicts(parsed(text)) is answer


@pytest.mark.parametrize(
    ("first", "second", "answer"),
    [
        ("a > 5", "a >= 5", True),
        ("a >= 5", "a > 5", False),
        ("a > 5", "a is not missing", True),
        ("not a > 5", "a <= 5", False),  # a is missing
        ("not a > 5 and a is not missing", "a <= 5", True),
        ("t == 'x'", "t in {'x', 'y'}", True),
        ("t in {'x', 'y'}", "t == 'x'", False),
        ("t == 'x'", "t != 'y'", True),
        ("a > 5 and flag", "flag", True),
        ("flag", "flag or a > b", True),
        ("a > b", "a > b", None),
        ("a > 5 and a < 3", "t == 'x'", True),
        ("d > 2026-01-31", "d >= 2026-02-01", True),
        ("m > 10 EUR", "m > 10 USD", None),
        ("flag", "a / b > 1 or flag", None),  # where b is 0, the other has no answer
        ("flag and a / b > 1", "flag", True),
        ("a > 5 and a < 3", "a / b > 1 or a > 5", True),
    ],
)
def test_implications(first: str, second: str, answer: bool | None) -> None:
    assert implies(parsed(first), parsed(second)) is answer


@pytest.mark.parametrize(
    ("first", "second", "answer"),
    [
        ("a > 5", "a < 6", True),
        ("a > 5", "a < 5", False),
        ("t == 'x'", "not t == 'x'", False),
        ("a == 1", "b == 1", True),
        ("a > 5", "a > b", None),
        ("a < 5 and a > 5", "a > b", False),
    ],
)
def test_overlaps(first: str, second: str, answer: bool | None) -> None:
    assert overlaps(parsed(first), parsed(second)) is answer
    assert overlaps(parsed(second), parsed(first)) is answer


def test_one_name_of_two_types_is_unknown() -> None:
    number, text = (
        Formula.parse("x == 1", Schema({"x": NUMBER})),
        Formula.parse("x == '1'", Schema({"x": TEXT})),
    )

    assert overlaps(number, text) is None


def test_too_many_alternatives_are_unknown() -> None:
    wide = " and ".join(f"(a == {number} or b == {number})" for number in range(20))

    assert contradicts(parsed(wide)) is None


def test_many_constants_in_many_alternatives_are_unknown() -> None:
    # Looking at each of 150 constants and the gaps between them in each of 256 alternatives took half a second.
    among = f"a in {{{', '.join(map(str, range(1_000, 1_150)))}}}"
    wide = " and ".join(f"(b > {number} or b < -{number})" for number in range(1, 9))

    assert contradicts(parsed(f"{among} and a is missing")) is True
    assert contradicts(parsed(f"{among} and a is missing and {wide}")) is None


# The small world: each name takes few values, and constants lie among them and beside them, so every way in which
# conditions over these constants can come out is there.
WORLD: dict[str, list[Any]] = {
    "a": [None, *(Decimal(half) / 2 for half in range(-1, 6))],
    "d": [None, *(date(2026, 1, day) for day in range(1, 6))],
    "t": [None, "", "a", "b", "ba", "c", "d"],
    "flag": [None, True, False],
    "s": [None, *(frozenset(part) for part in ("", "x", "y", "xy"))],
}


def _everything(names: frozenset[str]) -> Iterator[dict[str, Any]]:
    used = sorted(names)
    for combination in product(*(WORLD[name] for name in used)):
        yield dict(zip(used, combination, strict=True))


_signs = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
_leaves = st.one_of(
    st.builds("a {} {}".format, _signs, st.integers(0, 2)),
    st.builds("{1} {0} a".format, _signs, st.integers(0, 2)),
    st.builds("d {} 2026-01-0{}".format, _signs, st.integers(2, 4)),
    st.builds("t {} '{}'".format, _signs, st.sampled_from(["a", "b", "c"])),
    st.builds(
        "a {} {{{}, {}}}".format, st.sampled_from(["in", "not in"]), st.integers(0, 2), st.integers(0, 2)
    ),
    st.builds("t {} {{'a', '{}'}}".format, st.sampled_from(["in", "not in"]), st.sampled_from(["b", "c"])),
    st.builds("'{}' {} s".format, st.sampled_from(["x", "y"]), st.sampled_from(["in", "not in"])),
    st.builds("{} is {}missing".format, st.sampled_from(list(WORLD)), st.sampled_from(["", "not "])),
    st.sampled_from(["flag", "flag == true", "flag != false", "true", "1 > 2"]),
)
_conditions = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("(not {})".format, inner),
        st.builds("(if {} then {} else {})".format, inner, inner, inner),
    ),
    max_leaves=6,
)


@given(_conditions, _conditions)
@settings(max_examples=300)
def test_answers_agree_with_trying_everything(first: str, second: str) -> None:
    f, g = parsed(first), parsed(second)
    world = [(f.holds(values), g.holds(values)) for values in _everything(f.names | g.names)]

    assert contradicts(f) in (None, not any(one for one, _ in world))
    assert implies(f, g) in (None, all(other for one, other in world if one))
    assert overlaps(f, g) in (None, any(one and other for one, other in world))


@given(_conditions)
def test_the_small_world_is_always_answered(text: str) -> None:
    assert contradicts(parsed(text)) is not None


@given(st.lists(st.sampled_from(["a / b > 1", "a > b", "1 / 0.5 > a", "flag", "a > 1", "false", "m > 1 EUR"]), min_size=1, max_size=4),
       st.sampled_from([" and ", " or "]))  # fmt: skip
def test_a_condition_called_possible_holds_somewhere(parts: list[str], word: str) -> None:
    formula = parsed(word.join(parts))
    from salesmgmt.core.money import Money

    def holds(values: dict[str, Any]) -> bool:
        try:
            return formula.holds(values)
        except SalesError:
            return False

    numbers = [None, *map(Decimal, range(4))]
    anywhere = any(
        holds({"a": a, "b": b, "flag": flag, "m": m})
        for a, b, flag, m in product(numbers, numbers, [None, True], [None, Money(2, "EUR")])
    )
    if contradicts(formula) is False:
        assert anywhere
    if anywhere:
        assert contradicts(formula) is not True


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        ("a / 3 == b", [("equality_on_quotient", "position 6")]),
        ("1 != 2 * (a / b)", [("equality_on_quotient", "position 2")]),
        ("round(a / 3, 2) == b", []),
        ("a / 3 > b", []),
        ("a > 5 and a < 3", [("always_false", "position 6")]),
        ("flag or a > 5 and a < 3", [("always_false", "position 14")]),
        ("a > 5 or a <= 5 or a is missing", [("always_true", "position 6")]),
        ("a > 5 or a <= 5", []),
        ("if 1 > 2 then a else b", [("always_false", "position 5")]),
        ("flag and true", []),
        ("a * 2", []),
    ],
)
def test_lint_warns_of_what_is_probably_not_meant(text: str, findings: list[tuple[str, str]]) -> None:
    found = lint(parsed(text))

    assert [(finding.code, finding.where) for finding in found] == findings
    assert all(finding.severity is Severity.WARNING for finding in found)
