"""Feature models in DIMACS."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from salesmgmt.core.errors import InvalidInput
from salesmgmt.cpq.configure import Excludes, YesNo, read_dimacs

PHONE = "c 1 phone\nc 2 camera\nc 3 flash unit\np cnf 4 3\n1 0\n-3 2 0\n-2 3 4\n0\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "phone.dimacs"


def test_variables_are_attributes_and_clauses_rules(file: Path) -> None:
    file.write_text(PHONE)

    model = read_dimacs(file)

    assert model.id == "phone"
    assert model.attributes == (YesNo("phone"), YesNo("camera"), YesNo("flash unit"), YesNo("feature 4"))
    assert model.rules == (
        Excludes(id="clause 1", combination={"phone": "no"}),
        Excludes(id="clause 2", combination={"flash unit": "yes", "camera": "no"}),
        Excludes(id="clause 3", combination={"camera": "yes", "flash unit": "no", "feature 4": "no"}),
    )


def test_the_products_are_the_solutions_of_the_clauses(file: Path) -> None:
    file.write_text(PHONE)
    lowering = read_dimacs(file).lowered
    clauses = [(1,), (-3, 2), (-2, 3, 4)]

    for bits in product((0, 1), repeat=4):
        holds = all(any(bits[abs(one) - 1] == (one > 0) for one in clause) for clause in clauses)
        boxes = [box for (box,) in lowering.constraints]
        broken = any(
            all(mask >> bits[one] & 1 for one, mask in zip(box.variables, box.masks, strict=True))  # type: ignore[union-attr]
            for box in boxes
        )
        assert holds != broken


def test_windows_line_ends_comments_and_clauses_over_lines_are_read(file: Path) -> None:
    file.write_bytes(
        b"\xef\xbb\xbfc made by a tool\r\nc 1 a\r\n\r\np  cnf 2  1\r\nc between\r\n1\r\n2 0\r\n%\r\n"
    )

    assert [rule.id for rule in read_dimacs(file, id="m").rules] == ["clause 1"]


def test_a_clause_that_always_holds_is_no_rule(file: Path) -> None:
    file.write_text("p cnf 2 1\n1 -1 2 0\n")

    assert read_dimacs(file).rules == ()


@pytest.mark.parametrize(
    ("text", "path", "code"),
    [
        ("", "the file", "no_header"),
        ("1 2 0\n", "line 1", "no_header"),
        ("p cnf 2\n", "line 1", "header"),
        ("p dnf 2 1\n1 0\n", "line 1", "header"),
        ("p cnf 2 1\np cnf 2 1\n1 0\n", "line 2", "header"),
        ("p cnf 0 0\n", "line 1", "too_large"),
        ("p cnf 20001 1\n1 0\n", "line 1", "too_large"),
        ("p cnf 999999999 999999999\n", "line 1", "too_large"),
        (f"p cnf {'9' * 5000} 1\n", "line 1", "header"),
        ("p cnf 2 2\n1 0\n", "the file", "clauses"),
        ("p cnf 2 1\n1 0\n2 0\n", "the file", "clauses"),
        ("p cnf 2 1\n1 2\n", "the file", "open_clause"),
        ("p cnf 2 1\n0\n", "line 2", "empty_clause"),
        ("p cnf 2 1\n1 x 0\n", "line 2", "literal"),
        ("p cnf 2 1\n1 1.5 0\n", "line 2", "literal"),
        ("p cnf 2 1\n3 0\n", "line 2", "literal"),
        ("p cnf 2 1\n--1 0\n", "line 2", "literal"),
        (f"p cnf 2 1\n{'1' * 100_000} 0\n", "line 2", "literal"),
        ("p cnf 2 1\n\u0661 0\n", "line 2", "literal"),
        ("c 1 a\nc 1 b\np cnf 2 1\n1 0\n", "line 2", "twice"),
        ("c 1 a\nc 2 a\np cnf 2 1\n1 0\n", "line 2", "twice"),
        ("c 3 a\np cnf 2 1\n1 0\n", "line 2", "feature"),
        ("c 99999999999 a\np cnf 2 1\n1 0\n", "line 1", "feature"),
    ],
)
def test_a_malformed_line_is_refused_with_its_number(text: str, path: str, code: str, file: Path) -> None:
    file.write_text(text, encoding="utf-8")

    with pytest.raises(InvalidInput) as refused:
        read_dimacs(file)

    problem = refused.value.problems[0]
    assert (problem.path, problem.code) == (path, code)
    assert len(str(refused.value)) < 1_000


def test_faults_are_listed_up_to_a_bound(file: Path) -> None:
    file.write_text("p cnf 2 1\n" + "x 0\n" * 10_000)

    with pytest.raises(InvalidInput) as refused:
        read_dimacs(file)

    assert len(refused.value.problems) == 100


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_a_file_that_cannot_be_read_is_refused(content: bytes | None, file: Path) -> None:
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(InvalidInput):
        read_dimacs(file)
