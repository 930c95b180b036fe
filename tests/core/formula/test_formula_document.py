from __future__ import annotations

from contextlib import suppress
from copy import deepcopy
from random import Random
from typing import Any

import pytest

from salesmgmt.core.errors import InvalidInput, SalesError
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

SCHEMA = Schema(
    {"a": NUMBER, "flag": BOOL, "t": TEXT, "m": MONEY, "p": PERCENT, "d": DATE, "i": INSTANT, "s": SET[TEXT]}
)
NAME = {"kind": "name", "name": "a"}
FLAG = {"kind": "name", "name": "flag"}
TEXTS = [
    "a", "-a", "12.50", "-5", "10%", "-2.5%", "10 EUR", "-0.5 EUR", "true", "'it''s'", "2026-01-31",
    "2026-01-31T09:00:01Z", "a in {-1, 2.50}", "t not in {'x', 'y'}", "m in {-1 EUR}", "p in {1%}",
    "d in {2026-01-31}", "'x' in s", "a is missing", "a is not missing", "not flag", "flag and a < 1 and a > 0",
    "flag or a == 1 or a != 2", "if flag then a + 1 else a - 2 * a / 3", "min(a, 1, 2)", "round(m, 2) >= 1 EUR",
]  # fmt: skip


def document(tree: Any) -> dict[str, Any]:
    return {"formula_version": 1, "tree": tree}


def number(value: str) -> dict[str, Any]:
    return {"kind": "literal", "type": "number", "value": value}


def problems(tree: Any) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as caught:
        Formula.from_json(document(tree), SCHEMA)
    return [(problem.path, problem.code) for problem in caught.value.problems]


@pytest.mark.parametrize("text", TEXTS)
def test_every_kind_of_node_comes_back(text: str) -> None:
    formula = Formula.parse(text, SCHEMA)

    assert Formula.from_json(formula.to_json(), SCHEMA) == formula


def test_the_document_holds_exact_numbers_as_text() -> None:
    assert Formula.parse("m >= -12.50 EUR", SCHEMA).to_json() == document(
        {
            "kind": "comparison",
            "sign": ">=",
            "left": {"kind": "name", "name": "m"},
            "right": {"kind": "literal", "type": "money", "value": "-12.50", "currency": "EUR"},
        }
    )
    assert Formula.parse("a not in {2, 1}", SCHEMA).to_json()["tree"] == {
        "kind": "not_in",
        "item": NAME,
        "members": {"kind": "set", "members": [number("1"), number("2")]},
    }


def test_a_formula_from_a_document_has_positions_in_its_canonical_text() -> None:
    formula = Formula.from_json(Formula.parse("1/a", SCHEMA).to_json(), SCHEMA)

    with pytest.raises(SalesError) as caught:
        formula.evaluate({"a": 0})
    assert (caught.value.facts["position"], formula.source) == (2, "1 / a")


def test_the_type_that_is_wanted_is_checked() -> None:
    with pytest.raises(FormulaError, match="expected a condition"):
        Formula.from_json(document(NAME), SCHEMA, wanted=BOOL)


@pytest.mark.parametrize(
    ("whole", "path"),
    [
        (None, "formula"),
        ([], "formula"),
        ({}, "formula.formula_version"),
        ({"tree": NAME}, "formula.formula_version"),
        ({"formula_version": 1}, "formula.tree"),
        ({"formula_version": 2, "tree": NAME}, "formula_version"),
        ({"formula_version": True, "tree": NAME}, "formula_version"),
        ({"formula_version": "1", "tree": NAME}, "formula_version"),
        ({"formula_version": 1, "tree": NAME, "more": 1}, "formula"),
    ],
)
def test_a_document_that_is_none_is_refused(whole: Any, path: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Formula.from_json(whole, SCHEMA)
    assert caught.value.problems[0].path == path


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        (5, [("tree", "type")]),
        ({}, [("tree.kind", "kind")]),
        ({"kind": ["and"]}, [("tree.kind", "kind")]),
        ({"kind": "nor"}, [("tree.kind", "kind")]),
        ({"kind": "name"}, [("tree.name", "missing")]),
        ({"kind": "name", "name": 5}, [("tree.name", "name")]),
        ({"kind": "name", "name": "a b"}, [("tree.name", "name")]),
        ({"kind": "name", "name": "x" * 5_000}, [("tree.name", "name")]),
        ({"kind": "name", "name": "aa"}, [("tree", "formula_error")]),
        ({**NAME, "type": "number"}, [("tree", "unknown_key")]),
        ({"kind": "not", "operand": NAME}, [("tree", "formula_error")]),
        ({"kind": "and", "operands": [FLAG]}, [("tree.operands", "type")]),
        ({"kind": "and", "operands": FLAG}, [("tree.operands", "type")]),
        ({"kind": "or", "operands": [FLAG] * 1_000}, [("tree.operands", "type")]),
        ({"kind": "arithmetic", "sign": "**", "left": NAME, "right": NAME}, [("tree.sign", "sign")]),
        ({"kind": "comparison", "sign": ["<"], "left": NAME, "right": NAME}, [("tree.sign", "sign")]),
        ({"kind": "call", "function": "eval", "arguments": [NAME]}, [("tree", "formula_error")]),
        ({"kind": "call", "function": "abs", "arguments": []}, [("tree.arguments", "type")]),
        ({"kind": "set", "members": [NAME]}, [("tree", "formula_error")]),
        ({"kind": "set", "members": [{"kind": "set", "members": [number("1")]}]}, [("tree", "formula_error")]),
        ({"kind": "in", "item": NAME, "members": NAME}, [("tree", "formula_error")]),
        (number("1e5"), [("tree.value", "literal")]),
        (number("--1"), [("tree.value", "literal")]),
        (number(" 1"), [("tree.value", "literal")]),
        (number("1" * 29), [("tree.value", "literal")]),
        (number("１"), [("tree.value", "literal")]),
        ({"kind": "literal", "type": "number", "value": 1}, [("tree", "literal")]),
        ({"kind": "literal", "type": "number", "value": 0.5}, [("tree", "literal")]),
        ({"kind": "literal", "type": "bool", "value": 1}, [("tree", "literal")]),
        ({"kind": "literal", "type": "text", "value": "a\x00"}, [("tree", "literal")]),
        ({"kind": "literal", "type": "text", "value": "\ud800"}, [("tree", "literal")]),
        ({"kind": "literal", "type": ["text"], "value": "a"}, [("tree", "literal")]),
        ({"kind": "literal", "type": "date", "value": "2026-02-30"}, [("tree.value", "literal")]),
        ({"kind": "literal", "type": "date", "value": "-2026-02-20"}, [("tree.value", "literal")]),
        ({"kind": "literal", "type": "money", "value": "1"}, [("tree.currency", "missing")]),
        ({"kind": "literal", "type": "money", "value": "1", "currency": 5}, [("tree.currency", "type")]),
        ({"kind": "literal", "type": "money", "value": "1", "currency": "XXZ"}, [("tree", "formula_error")]),
        (
            {"kind": "if", "condition": {"kind": "nor"}, "then": number("x"), "else": None},
            [("tree.condition.kind", "kind"), ("tree.then.value", "literal"), ("tree.else", "type")],
        ),
        (
            {"kind": "and", "operands": [FLAG, {"kind": "not", "operand": {"kind": "name", "name": "b"}}]},
            [("tree.operands[1].operand", "formula_error")],
        ),
    ],
)  # fmt: skip
def test_every_fault_is_listed_with_its_path(tree: Any, expected: list[tuple[str, str]]) -> None:
    assert problems(tree) == expected


def test_a_document_has_the_limits_of_a_formula() -> None:
    deep: dict[str, Any] = FLAG
    for _ in range(50):
        deep = {"kind": "not", "operand": deep}
    assert [code for _, code in problems(deep)] == ["too_large"]
    wide = {"kind": "or", "operands": [{"kind": "or", "operands": [FLAG] * 20}] * 20}
    assert [code for _, code in problems(wide)] == ["too_large"]
    shared: dict[str, Any] = NAME
    for _ in range(30):
        shared = {"kind": "arithmetic", "sign": "+", "left": shared, "right": shared}
    assert [code for _, code in problems(shared)] == ["too_large"]
    cycle: dict[str, Any] = {"kind": "negative"}
    cycle["operand"] = cycle
    assert [code for _, code in problems(cycle)] == ["too_large"]
    with pytest.raises(FormulaError, match="2000 characters"):
        Formula.from_json(document({"kind": "literal", "type": "text", "value": "x" * 3_000}), SCHEMA)


def test_a_damaged_document_gives_only_errors_of_the_library() -> None:
    random = Random(20261123)
    odd: list[Any] = [None, 5, 0.5, True, "", "a", "\ud800", [], {}, [1], {"kind": "not"}, "and", "-", b"x"]
    originals = [Formula.parse(text, SCHEMA).to_json() for text in TEXTS]
    for _ in range(3_000):
        damaged = deepcopy(random.choice(originals))
        place: Any = damaged
        for _step in range(random.randrange(1, 6)):
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                break
            key = random.choice(keys)
            if isinstance(place[key], (dict, list)) and random.random() < 0.7:
                place = place[key]
                continue
            if isinstance(place, dict) and random.random() < 0.3:
                del place[key]
            else:
                place[key] = deepcopy(random.choice(odd))
            break
        with suppress(FormulaError, InvalidInput):
            Formula.from_json(damaged, SCHEMA)
