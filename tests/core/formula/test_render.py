from __future__ import annotations

import json
import pickle
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given

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
from salesmgmt.core.formula.lexer import MAX_LENGTH
from salesmgmt.core.formula.nodes import Literal, Name, Node, Visitor
from salesmgmt.core.formula.parser import parse
from tests.core.formula.formula_texts import SCHEMA as RANDOM_SCHEMA
from tests.core.formula.formula_texts import Spoken, conditions, numbers, values

SCHEMA = Schema(
    {"a": NUMBER, "b": NUMBER, "flag": BOOL, "t": TEXT, "m": MONEY, "p": PERCENT, "d": DATE, "i": INSTANT}
    | {"s": SET[TEXT]}
)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("((a))+((b))", "a + b"),
        ("a-(b-a)-b", "a - (b - a) - b"),
        ("(a-b)-a", "a - b - a"),
        ("(a*b)/(a/b)", "a * b / (a / b)"),
        ("(a+b)*-a", "(a + b) * -a"),
        ("-(a+b)", "-(a + b)"),
        ("-(-a)", "--a"),
        ("-(-5)", "5"),
        ("1<a<=b", "1 < a and a <= b"),
        ("not(not flag)", "not not flag"),
        ("not(flag and a<1)", "not (flag and a < 1)"),
        ("(flag or a<1)and flag", "(flag or a < 1) and flag"),
        ("flag or(a<1 and flag)", "flag or a < 1 and flag"),
        ("(not flag)==flag", "(not flag) == flag"),
        ("(a<1)==(b<1)", "(a < 1) == (b < 1)"),
        ("(a<1)is missing", "(a < 1) is missing"),
        ("(a+b)is   not missing", "a + b is not missing"),
        ("(if flag then a else b)+1", "(if flag then a else b) + 1"),
        ("if(flag)then(if flag then a else b)else b", "if flag then if flag then a else b else b"),
        ("not(if flag then flag else a>1)", "not (if flag then flag else a > 1)"),
        ("min(a,(b))", "min(a, b)"),
        ("t not in{'b','a','it''s'}", "t not in {'a', 'b', 'it''s'}"),
        ("a in {10, 9, -1}", "a in {-1, 9, 10}"),
        ("m in {10 EUR, 9 EUR}", "m in {9 EUR, 10 EUR}"),
        ("p == -12.50%", "p == -12.50%"),
        ("m>-12.50EUR", "m > -12.50 EUR"),
        ("i<2026-01-01T09:00:00+01:00", "i < 2026-01-01T08:00Z"),
        ("i<2026-01-01T09:00:05Z", "i < 2026-01-01T09:00:05Z"),
        ("i<2026-01-01T09:00:05.5Z", "i < 2026-01-01T09:00:05.500000Z"),
        ("2026 - 1-1", "2026 - 1 - 1"),
        ("00012.500", "12.500"),
    ],
)
def test_the_canonical_text_has_one_spelling(text: str, canonical: str) -> None:
    formula = Formula.parse(text, SCHEMA)

    assert str(formula) == canonical
    assert Formula.parse(canonical, SCHEMA) == formula


@given(numbers(3) | conditions(3))
def test_canonical_text_and_json_give_the_same_formula_again(spoken: Spoken) -> None:
    formula = Formula.parse(spoken.text, RANDOM_SCHEMA)

    again = Formula.parse(str(formula), RANDOM_SCHEMA)
    assert again == formula
    assert str(again) == str(formula)
    document = json.loads(json.dumps(formula.to_json()))
    assert Formula.from_json(document, RANDOM_SCHEMA) == formula


@given(conditions(2), values)
def test_a_pickled_formula_is_the_same_formula(spoken: Spoken, known: Mapping[str, Any]) -> None:
    formula = Formula.parse(spoken.text, RANDOM_SCHEMA)

    loaded = pickle.loads(pickle.dumps(formula))

    assert loaded == formula
    assert hash(loaded) == hash(formula)
    assert loaded.source == formula.source
    assert loaded.evaluate(known) == formula.evaluate(known)


def test_the_deepest_formulas_are_still_parsed_from_their_canonical_text() -> None:
    deep = "flag"
    for _ in range(10):
        deep = f"(not (if {deep} then flag else flag)) == flag"

    formula = Formula.parse(deep, SCHEMA)

    assert Formula.parse(str(formula), SCHEMA) == formula
    with pytest.raises(FormulaError, match="32 levels"):
        Formula.parse(f"(not (if {deep} then flag else flag)) == flag", SCHEMA)


def test_formulas_are_equal_by_tree_and_by_type() -> None:
    assert Formula.parse("a+b", SCHEMA) == Formula.parse("(a + b)", SCHEMA)
    assert Formula.parse("a == 1", SCHEMA) != Formula.parse("a == 2", SCHEMA)
    assert Formula.parse("x is missing", Schema({"x": TEXT})) != Formula.parse(
        "x is missing", Schema({"x": NUMBER})
    )
    assert Formula.parse("1.0", SCHEMA) == Formula.parse("1", SCHEMA)
    assert len({Formula.parse("a+b", SCHEMA), Formula.parse("a + b", SCHEMA)}) == 1
    assert Formula.parse("a", SCHEMA) != "a"


def test_a_formula_cannot_be_changed() -> None:
    formula = Formula.parse("a", SCHEMA)

    with pytest.raises(AttributeError):
        formula.type = BOOL
    with pytest.raises(AttributeError):
        del formula.tree
    with pytest.raises(AttributeError):
        formula.other = 1


def test_a_long_formula_has_a_short_repr() -> None:
    formula = Formula.parse(" + ".join(["a"] * 30), SCHEMA)

    assert len(repr(formula)) < 100
    assert len(str(formula)) == 117 < MAX_LENGTH


def test_names_are_those_that_are_used() -> None:
    assert Formula.parse("a > 1 and flag and a < 5", SCHEMA).names == {"a", "flag"}


def test_a_visitor_that_is_partial_says_what_it_does_not_read() -> None:
    class OnlyNames(Visitor[str]):
        def name(self, node: Name) -> str:
            return node.name

    assert OnlyNames().visit(parse("a", SCHEMA)) == "a"
    for text in ("1", "-a", "a + 1", "a < 1", "a in {1}", "a is missing", "not flag", "flag and flag", "flag or flag",
                 "if flag then a else b", "abs(a)"):  # fmt: skip
        tree = parse(text, SCHEMA)
        with pytest.raises(TypeError, match=f"OnlyNames does not read {type(tree).__name__}"):
            OnlyNames().visit(tree)


def test_a_visitor_may_read_the_rest_its_own_way() -> None:
    class Kinds(Visitor[str]):
        def other(self, node: Node) -> str:
            return type(node).__name__

        def literal(self, node: Literal) -> str:
            return str(node.value)

    assert [Kinds().visit(parse(text, SCHEMA)) for text in ("5", "a")] == ["5", "Name"]
