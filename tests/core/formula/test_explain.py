from __future__ import annotations

import pickle
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from salesmgmt.core.formula import BOOL, MONEY, NUMBER, SET, TEXT, Formula, Schema, WhyNot, WrongValue
from salesmgmt.core.money import Money
from tests.core.formula.formula_texts import SCHEMA as RANDOM_SCHEMA
from tests.core.formula.formula_texts import Spoken, conditions, values

SCHEMA = Schema(
    {"a": NUMBER, "b": NUMBER, "segment": TEXT, "flag": BOOL, "amount": MONEY, "tags": SET[TEXT], "x": BOOL}
)


def why_not(text: str, **known: Any) -> WhyNot:
    found = Formula.parse(text, SCHEMA).why_not(known)
    assert found is not None
    return found


def test_a_condition_that_holds_has_no_why_not() -> None:
    assert Formula.parse("a > 1 and segment == 'gold'", SCHEMA).why_not({"a": 2, "segment": "gold"}) is None


def test_the_first_conjunct_that_fails_is_named_with_what_was_found_and_wanted() -> None:
    found = why_not("a > 1 and segment == 'vip' and b > 1", a=2, segment="gold", b=0)

    assert found == WhyNot(
        condition="segment == 'vip'", names=("segment",), found={"segment": "gold"}, wanted="== 'vip'"
    )
    assert found.code == "why_not"
    assert str(found) == "segment == 'vip': found 'gold'"


@pytest.mark.parametrize(
    ("text", "known", "wanted", "shown"),
    [
        ("a >= 10", {"a": 5}, ">= 10", "a >= 10: found 5"),
        ("10 <= a", {"a": 5}, ">= 10", "10 <= a: found 5"),
        ("1 < a < 5", {"a": 7}, "< 5", "a < 5: found 7"),
        ("a in {1, 2}", {"a": 5}, "in {1, 2}", "a in {1, 2}: found 5"),
        ("a not in {1, 2}", {"a": 1}, "not in {1, 2}", "a not in {1, 2}: found 1"),
        ("a is not missing", {}, "not missing", "a is not missing: found missing"),
        ("a is missing", {"a": 1}, "missing", "a is missing: found 1"),
        ("flag", {}, "true", "flag: found missing"),
        ("not flag", {"flag": True}, "false or missing", "not flag: found true"),
        ("not not flag", {"flag": False}, "true", "flag: found false"),
        ("'vip' in tags", {"tags": ["b", "a"]}, "'vip' in tags", "'vip' in tags: found {'a', 'b'}"),
        ("amount > 5 EUR", {"amount": Money(1, "EUR")}, "> 5 EUR", "amount > 5 EUR: found 1 EUR"),
        ("a + b > 10", {"a": 3}, "a + b > 10", "a + b > 10: found a = 3, b missing"),
        ("a > b", {"a": 1, "b": 1}, "a > b", "a > b: found a = 1, b = 1"),
        ("1 > 2", {}, "1 > 2", "1 > 2: never holds"),
        ("not (a > 1 or b > 1)", {"a": 0, "b": 5}, "not b > 1", "not b > 1: found 5"),
        ("not (a > 1 and b > 1)", {"a": 2, "b": 5}, "not (a > 1 and b > 1)", "not (a > 1 and b > 1): found a = 2, b = 5"),
        ("if flag then a > 1 else b > 1", {"a": 5, "b": 0}, "> 1", "b > 1: found 0"),
        ("if flag then a > 1 else b > 1", {"flag": True, "a": 0}, "> 1", "a > 1: found 0"),
    ],
)  # fmt: skip
def test_each_kind_of_condition_says_what_was_wanted(
    text: str, known: dict[str, Any], wanted: str, shown: str
) -> None:
    found = why_not(text, **known)

    assert (found.wanted, str(found)) == (wanted, shown)


def test_an_or_reports_every_side() -> None:
    found = why_not("flag or a > 5 and b > 5", a=9, b=1)

    assert found.condition == "flag or a > 5 and b > 5"
    assert found.names == ("flag", "a", "b")
    assert found.found == {"flag": None, "a": Decimal(9), "b": Decimal(1)}
    assert [side.condition for side in found.alternatives] == ["flag", "b > 5"]


def test_a_value_of_the_wrong_type_is_an_error_as_in_an_evaluation() -> None:
    with pytest.raises(WrongValue):
        why_not("a > 1", a="5")


def test_the_answer_pickles_and_hashes() -> None:
    found = why_not("segment == 'vip'", segment="gold")

    assert pickle.loads(pickle.dumps(found)) == found
    assert len({found, why_not("segment == 'vip'", segment="gold")}) == 1


@given(conditions(3), values)
def test_there_is_a_why_not_exactly_when_the_condition_does_not_hold(
    spoken: Spoken, known: Mapping[str, Any]
) -> None:
    formula = Formula.parse(spoken.text, RANDOM_SCHEMA)

    found = formula.why_not(known)

    assert (found is None) is formula.holds(known)
    if found is not None:
        failed = Formula.parse(found.condition, RANDOM_SCHEMA)
        assert not failed.holds(known)
        assert failed.names == set(found.names) <= formula.names
        assert str(found)
