from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import get_args

import attrs
import pytest

from salesmgmt.core.definition import load_definition
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.formula import BOOL, DATE, NUMBER, SET, TEXT, FactType, Schema, declare, lint_condition

KNOWN = Schema({"lead.source": TEXT})


def test_declared_names_join_those_that_formulas_know() -> None:
    declared = declare({"contract.signed": "bool", "visits": "set of date"}, KNOWN)

    assert declared.schema == Schema({"lead.source": TEXT, "contract.signed": BOOL, "visits": SET[DATE]})
    assert declared.findings == ()


def test_every_type_and_every_set_of_one_has_its_name() -> None:
    scalars = ("number", "percent", "money", "bool", "text", "date", "instant")

    assert set(get_args(FactType)) == {f"{of}{name}" for of, name in product(("", "set of "), scalars)}
    for name in get_args(FactType):
        assert str(declare({"x": name}, KNOWN).schema["x"]) == name


def test_a_prefix_stands_before_each_name_but_not_in_the_place_of_a_finding() -> None:
    declared = declare({"seats": "number", "source": "text"}, KNOWN, where="fields", prefix="lead.")

    assert declared.schema["lead.seats"] == NUMBER
    assert [(one.code, one.where) for one in declared.findings] == [("name_taken", "fields.source")]


@pytest.mark.parametrize(
    ("name", "kind", "code", "hint"),
    [
        ("visits", "numbr", "unknown_type", "did you mean number?"),
        ("visits", "set of set of text", "unknown_type", "did you mean set of text?"),
        ("visits", "", "unknown_type", "use one of number, set of number, percent"),
        ("visits", 3, "unknown_type", "use one of"),
        ("lead.source", "text", "name_taken", "use another name"),
        ("two words", "text", "not_a_name", "identifiers joined by dots"),
        ("and", "text", "not_a_name", "no keyword"),
        ("", "text", "not_a_name", "identifiers joined by dots"),
        ("x" * 100_000, "text", "not_a_name", "identifiers joined by dots"),
        ("\ufb01t", "bool", "not_a_name", "write fit"),
    ],
    ids=str,
)
def test_a_faulty_declaration_is_an_error_at_its_place_and_left_out(
    name: str, kind: str, code: str, hint: str
) -> None:
    declared = declare({"good": "number", name: kind}, KNOWN)

    (finding,) = declared.findings
    assert (finding.code, finding.severity) == (code, "error")
    assert finding.where.startswith(f"facts.{name[:10]}")
    assert hint in finding.hint
    assert len(str(finding)) < 500
    assert declared.schema == KNOWN | Schema({"good": NUMBER})


def test_every_faulty_declaration_is_told() -> None:
    declared = declare({"a": "nmber", "b": "bool", "c d": "text"}, KNOWN)

    assert [one.where for one in declared.findings] == ["facts.a", "facts.c d"]


@attrs.frozen
class Rules:
    facts: Mapping[str, FactType]


def test_a_file_with_an_unknown_type_is_refused_with_its_path(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text('[facts]\n"contract.signed" = "boolean"\nvisits = "number"\n', encoding="utf-8")

    with pytest.raises(InvalidInput) as caught:
        load_definition(file, Rules)

    (problem,) = caught.value.problems
    assert "contract.signed" in problem.path


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ("lead.sorce == 'fair'", "formula", "rules.r"),
        ("lead.source", "formula", "rules.r"),
        ("lead.source == 'fair' and lead.source == 'web'", "contradictory_condition", "rules.r"),
        ("lead.source == 'fair' or 1 > 2", "always_false", "rules.r position 27"),
    ],
)
def test_a_condition_is_linted_at_its_place(text: str, code: str, where: str) -> None:
    formula, findings = lint_condition(text, KNOWN, "rules.r")

    assert [(one.code, one.where) for one in findings] == [(code, where)]
    assert (formula is None) == (code == "formula")


def test_a_good_condition_is_read_without_findings() -> None:
    formula, findings = lint_condition("lead.source == 'fair'", KNOWN, "rules.r")

    assert (str(formula), findings) == ("lead.source == 'fair'", ())
