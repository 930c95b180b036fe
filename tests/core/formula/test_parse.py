from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

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
)
from salesmgmt.core.formula.nodes import And, Arithmetic, Comparison, Literal, Name, Node, Not, Or, walk
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent

SCHEMA = Schema(
    {
        "a": NUMBER,
        "b": NUMBER,
        "line.quantity": NUMBER,
        "customer.segment": TEXT,
        "price": MONEY,
        "rate": PERCENT,
        "flag": BOOL,
        "on": DATE,
        "at": INSTANT,
        "tags": SET[TEXT],
        "größe": NUMBER,
        "数量": NUMBER,
    }
)
A, B = Name("a", NUMBER), Name("b", NUMBER)


def parsed(text: str) -> Node:
    return Formula.parse(text, SCHEMA).tree


def number(value: int) -> Literal:
    return Literal(Decimal(value), NUMBER)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12.5", Decimal("12.5")),
        ("-12.5", Decimal("-12.5")),
        ("--5", Decimal(5)),
        ("-0", Decimal(0)),
        ("10%", Percent("10")),
        ("-2.5%", Percent("-2.5")),
        ("1000 CNY", Money(1000, "CNY")),
        ("-1000.50\tEUR", Money("-1000.50", "EUR")),
        ("true", True),
        ("false", False),
        ("'it''s'", "it's"),
        ("''", ""),
        ("'…数量 \U0001f600'", "…数量 \U0001f600"),
        ("2026-01-31", date(2026, 1, 31)),
        ("2026-01-31T09:00Z", datetime(2026, 1, 31, 9, tzinfo=UTC)),
        ("2026-01-31T09:00:30.25+08:00", datetime(2026, 1, 31, 1, 0, 30, 250_000, tzinfo=UTC)),
        ("{1, -2, 2.5}", frozenset({Decimal(1), Decimal(-2), Decimal("2.5")})),
        ("{'b', 'a'}", frozenset({"a", "b"})),
        ("{1 EUR, 2 EUR}", frozenset({Money(1, "EUR"), Money(2, "EUR")})),
        ("{10%}", frozenset({Percent(10)})),
        ("{2026-01-31}", frozenset({date(2026, 1, 31)})),
    ],
)
def test_a_literal_is_the_value_it_shows(text: str, value: object) -> None:
    tree = parsed(text)

    assert isinstance(tree, Literal)
    assert tree.value == value
    assert type(tree.value) is type(value)


def test_a_number_keeps_the_digits_it_was_written_with() -> None:
    assert str(Formula.parse("12.50", SCHEMA)) == "12.50"


def test_products_hold_tighter_than_sums_and_both_go_from_the_left() -> None:
    assert parsed("a + b * a - b") == Arithmetic(
        "-", Arithmetic("+", A, Arithmetic("*", B, A, NUMBER), NUMBER), B, NUMBER
    )
    assert parsed("a - (b - a)") == Arithmetic("-", A, Arithmetic("-", B, A, NUMBER), NUMBER)


def test_and_holds_tighter_than_or_and_not_tighter_than_and() -> None:
    low, high, flag = Comparison("<", A, number(1)), Comparison(">", A, number(5)), Name("flag", BOOL)

    assert parsed("a < 1 or a > 5 and not flag") == Or((low, And((high, Not(flag)))))
    assert parsed("not a < 1") == Not(low)


def test_nested_ands_are_one() -> None:
    assert parsed("(flag and a < 1) and (flag and flag)") == parsed("flag and a < 1 and flag and flag")


def test_a_chain_compares_each_pair_of_neighbours() -> None:
    assert parsed("1 < a <= b") == And((Comparison("<", number(1), A), Comparison("<=", A, B)))


def test_a_chain_inside_an_and_is_part_of_it() -> None:
    assert parsed("1 < a <= b and flag") == parsed("1 < a and a <= b and flag")


def test_the_sides_of_then_and_else_reach_as_far_as_they_can() -> None:
    assert parsed("if flag then a else b + 1") == parsed("if flag then a else (b + 1)")


def test_white_space_and_line_ends_do_not_matter() -> None:
    assert parsed(" a\t+\r\n  b ") == parsed("a+b")


def test_names_are_compared_in_unicode_form_nfkc() -> None:
    decomposed = "gro\u0308ße"

    assert parsed(decomposed) == Name("größe", NUMBER)
    assert parsed("ａ + 数量") == parsed("a + 数量")


def test_a_node_knows_its_position() -> None:
    positions = {type(node).__name__: node.position for node in walk(parsed("flag  and   a < 10"))}

    assert positions == {"And": 6, "Name": 12, "Comparison": 14, "Literal": 16}


def test_trees_are_equal_wherever_they_stand() -> None:
    assert parsed("a+b") == parsed("a   +   b")


ERRORS = [
    # text, position, part of what is expected, part of the hint
    ("", 0, "a value", "complete it"),
    ("a +", 3, "a value", "complete it"),
    ("a b", 2, "an operator", ""),
    ("(a", 2, ") to close", ""),
    ("a)", 1, "an operator or the end", ""),
    ("a = 1", 2, "", "write =="),
    ("a == = 1", 5, "", "write =="),
    ("a <> 1", 3, "a value", "write !="),
    ("a ** 2", 3, "a value", "there is no power"),
    ("a // 2", 3, "a value", "floor"),
    ("a ^ 2", 2, "", "there is no power"),
    ("a % 2", 2, "", "there is no modulo"),
    ("10 %", 3, "", "right after its number"),
    ("flag && flag", 5, "", "write and"),
    ("flag || flag", 5, "", "write or"),
    ("!flag", 0, "", "write not"),
    ("flag AND flag", 5, "", "written small: and"),
    ("a > 10 AND flag", 7, "", "written small: and"),
    ('customer.segment == "x"', 20, "", "single quotes"),
    ("customer.segment == ‘x’", 20, "", "straight single quotes"),
    ("a in [1]", 5, "", "braces"),
    ("a ≥ 1", 2, "", "write >="),
    ("a × 2", 2, "", "write *"),
    ("a （ 1", 2, "", "plain character '('"),
    ("flag ? 1 : 2", 5, "", "if … then … else"),
    (".5", 0, "", "0.5"),
    ("5.", 1, "", "0.5"),
    ("1e5", 1, "", "no exponent"),
    ("１", 0, "", "digits 0 to 9"),
    ("1２", 1, "", "digits 0 to 9"),
    ("٣ + a", 0, "", "digits 0 to 9"),
    ("x²", 1, "", "digits 0 to 9"),
    ("12345678901234567890123456789", 0, "at most 28 digits", ""),
    ("0.1234567890123456789012345678", 0, "at most 28 digits", ""),
    ("1000 XYZ", 5, "currency code", ""),
    ("1000 eur", 5, "the currency", ""),
    ("1000 EURO", 5, "the currency", ""),
    ("2026-02-29", 0, "a day of the calendar", ""),
    ("2026-1-1", 0, "a day of the calendar", "put spaces around a minus"),
    ("2026-01-011", 0, "a day of the calendar", ""),
    ("2026-01-01T24:30Z", 0, "a day of the calendar", ""),
    ("2026-01-01T09:00", 0, "with Z or an offset", "2026-01-01T09:00Z"),
    ("0001-01-01T00:00+08:00", 0, "a day of the calendar", ""),
    ("'abc", 0, "a text that ends", "doubled"),
    ("'''", 0, "a text that ends", ""),
    ("'a\x00b'", 2, "a printable character", "control"),
    ("'a\nb'", 2, "a printable character", ""),
    ("'a\ud800'", 2, "a printable character", "surrogates"),
    ("a \x00", 2, "", "remove it"),
    ("\ud800", 0, "", "remove it"),
    ("a\u00a0+ 1", 1, "", "' '"),
    ("line.", 5, "a letter after the dot", ""),
    ("line. quantity", 5, "a letter after the dot", ""),
    ("line..quantity", 5, "a letter after the dot", ""),
    ("line.2", 5, "a letter after the dot", ""),
    ("ｉｆ", 0, "a name", "plain ASCII"),
    ("line.quantty", 0, "a known name", "did you mean line.quantity?"),
    ("a == null", 5, "a known name", "is missing"),
    ("a == missing", 5, "a value", "is missing"),
    ("a is", 4, "missing after is", ""),
    ("a is 5", 5, "missing after is", ""),
    ("a not 5", 6, "in after not", ""),
    ("a in {}", 5, "a set with members", ""),
    ("a in {1, 'x'}", 9, "a number", "of one type"),
    ("a in {1, }", 9, "a literal", ""),
    ("a in {1 2}", 8, ",", ""),
    ("a in {a}", 6, "a literal", ""),
    ("a in {{1}}", 6, "a literal", ""),
    ("flag in {true}", 9, "", ""),
    ("price in {1 EUR, 2 USD}", 17, "one currency", ""),
    ("a < 5 in {1}", 6, "", "parentheses"),
    ("a in {1} == flag", 9, "", "parentheses"),
    ("a is missing is missing", 13, "", "parentheses"),
    ("1 + if flag then a else b", 4, "a value", "in parentheses"),
    ("flag == not flag", 8, "a value", "in parentheses"),
    ("if flag then a", 14, "else after", ""),
    ("if flag a", 8, "then after", ""),
    ("mni(a, b)", 0, "a function", "did you mean min?"),
    ("eval('1')", 0, "a function", "the functions are"),
    ("customer.segment.upper()", 0, "a function", ""),
    ("min(a", 5, ", or )", ""),
    ("min(a,, b)", 6, "a value", ""),
    ("a[0]", 1, "", ""),
    ("+a", 0, "a value", ""),
    ("a; b", 1, "", ""),
]


@pytest.mark.parametrize(
    ("text", "position", "expected", "hint"), ERRORS, ids=[row[0][:30] for row in ERRORS]
)
def test_an_error_has_its_position_and_says_what_to_do(
    text: str, position: int, expected: str, hint: str
) -> None:
    with pytest.raises(FormulaError) as caught:
        Formula.parse(text, SCHEMA)

    error = caught.value
    assert error.position == position
    assert expected in error.expected
    assert hint in error.hint
    assert error.hint
    assert str(error).endswith(error.hint)
    assert error.formula == text


def test_an_unknown_name_names_the_nearest_known_one() -> None:
    with pytest.raises(FormulaError) as caught:
        Formula.parse("custmer.segment == 'gold'", SCHEMA)

    assert caught.value.nearest == "customer.segment"


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(FormulaError, match="the text of a formula"):
        Formula.parse(5, SCHEMA)  # type: ignore[arg-type]


def test_the_type_that_is_wanted_is_checked() -> None:
    assert Formula.parse("a > 1", SCHEMA, wanted=BOOL).type == BOOL
    with pytest.raises(FormulaError) as caught:
        Formula.parse("a + 1", SCHEMA, wanted=BOOL)
    assert (caught.value.position, caught.value.expected) == (2, "a condition")


def test_a_formula_has_at_most_2000_characters() -> None:
    assert Formula.parse("a" + " " * 1_999, SCHEMA).names == {"a"}
    with pytest.raises(FormulaError, match="2000 characters") as caught:
        Formula.parse("a" + " " * 2_000, SCHEMA)
    assert caught.value.position == 2_000


def test_the_canonical_text_has_at_most_2000_characters_too() -> None:
    # Each middle part of a chain is written twice.
    text = "customer.segment<'" + "x" * 900 + "'<'" + "y" * 900 + "'<'z'"

    with pytest.raises(FormulaError, match="canonical"):
        Formula.parse(text, SCHEMA)


def test_a_formula_has_at_most_256_nodes() -> None:
    eight = "(a+a+a+a+a+a+a+a)"
    most = "+".join([eight] * 16)

    assert len(list(walk(Formula.parse(f"-({most})", SCHEMA).tree))) == 256
    with pytest.raises(FormulaError, match="at most 256"):
        Formula.parse(f"--({most})", SCHEMA)


def test_the_members_of_a_set_count_as_nodes() -> None:
    with pytest.raises(FormulaError, match="at most 256"):
        Formula.parse(f"a in {{{', '.join(map(str, range(255)))}}}", SCHEMA)


def test_a_formula_is_at_most_32_levels_deep() -> None:
    assert Formula.parse("abs(" * 31 + "a" + ")" * 31, SCHEMA).type == NUMBER
    with pytest.raises(FormulaError, match="at most 32 levels"):
        Formula.parse("abs(" * 32 + "a" + ")" * 32, SCHEMA)
    with pytest.raises(FormulaError, match="at most 32 levels"):
        Formula.parse(" + ".join(["a"] * 33), SCHEMA)


def test_a_chain_of_chains_does_not_grow_beyond_the_limit() -> None:
    text = "flag"
    for _ in range(12):
        text = f"(flag == ({text}) == flag)"

    with pytest.raises(FormulaError, match="at most 256"):
        Formula.parse(text, SCHEMA)


@pytest.mark.parametrize(
    "text", ["-" * 1_900 + "a", "not " * 490 + "flag", "(" * 1_900, "if " * 600, "min(" * 499]
)
def test_long_chains_are_refused_before_the_stack_is_used(text: str) -> None:
    with pytest.raises(FormulaError, match="32 levels"):
        Formula.parse(text, SCHEMA)
