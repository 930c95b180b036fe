from __future__ import annotations

import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.cases.case import read_cases
from tests.cases.driver import report, run

ROOT = Path(__file__).parents[2]
CASES = Path(os.environ.get("SALESMGMT_CASES", ROOT.parent / "shared" / "cases"))
IN_FULL = {"allocation", "line_amount", "working_seconds", "sla_deadline", "is_working_time"}
THIRDS: dict[str, Any] = {
    "id": "thirds",
    "kind": "allocation",
    "source": "by hand",
    "given": {"unit": "0.01", "rounding": "down", "remainder": "last"},
    "when": {"total": "1.00", "weights": ["1", "1", "1"]},
    "expect": {"parts": ["0.33", "0.33", "0.34"], "sum": "1"},
    "policy": None,
    "tolerance": {"abs": 0},
}


def _outcome(tmp_path: Path, **changes: Any) -> tuple[str, str]:
    file = tmp_path / "cases.json"
    file.write_text(json.dumps([{**THIRDS, **changes}]), encoding="utf-8")
    (case,) = read_cases(file)
    return run(case)


def test_a_right_answer_passes(tmp_path: Path) -> None:
    assert _outcome(tmp_path) == ("pass", "")


def test_a_wrong_answer_fails_and_says_where(tmp_path: Path) -> None:
    outcome = _outcome(tmp_path, expect={"parts": ["0.34", "0.33", "0.33"]})

    assert outcome == ("fail", "parts[0]: found 0.33, wanted 0.34; parts[2]: found 0.34, wanted 0.33")


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "no_such_kind"},
        {"given": {**THIRDS["given"], "colour": "red"}},
        {"given": {**THIRDS["given"], "remainder": "middle"}},
        {"given": {"unit": "0.01", "rounding": "down"}},
        {"when": {**THIRDS["when"], "colour": "red"}},
        {"expect": {"colour": "red"}},
        {"tolerance": {"ulp": 1}},
        {"surprise": 1},
    ],
)
def test_what_an_adapter_does_not_know_is_unsupported_never_ignored(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    assert _outcome(tmp_path, **changes)[0] == "unsupported"


@pytest.mark.parametrize(
    ("tolerance", "wanted", "outcome"),
    [
        ({"abs": "0.01"}, "1.01", "pass"),
        ({"abs": "0.01"}, "1.011", "fail"),
        ({"rel": "0.01"}, "1.01", "pass"),
        ({"abs": 0, "keys": {"sum": {"abs": 1}}}, "2", "pass"),
        ({"abs": 1, "keys": {"sum": {"abs": 0}}}, "2", "fail"),
        ({}, "1.000", "pass"),
        ({}, None, "fail"),
        ({}, True, "fail"),
    ],
)
def test_numbers_are_compared_by_value_within_the_tolerance(
    tmp_path: Path, tolerance: dict[str, Any], wanted: object, outcome: str
) -> None:
    assert _outcome(tmp_path, expect={"sum": wanted}, tolerance=tolerance)[0] == outcome


@pytest.mark.parametrize(
    ("expect", "outcome"),
    [
        ({"spread": "0.01", "counts": {"0.33": 2, "0.340": 1}}, "pass"),
        ({"spread": "0.02"}, "fail"),
        ({"counts": {"0.33": 3}}, "fail"),
    ],
)
def test_spread_and_counts_are_taken_from_the_parts(
    tmp_path: Path, expect: dict[str, Any], outcome: str
) -> None:
    assert _outcome(tmp_path, expect=expect)[0] == outcome


@pytest.mark.parametrize(
    ("by_line", "outcome"), [({"b": "1"}, "pass"), ({"a": "0", "b": "1"}, "pass"), ({}, "fail")]
)
def test_a_line_that_is_not_named_has_nothing(tmp_path: Path, by_line: dict[str, str], outcome: str) -> None:
    given = {
        "promotions": [
            {
                "id": "p",
                "benefit": {"type": "amount_off", "value": "1"},
                "scope": "lines",
                "on": {"lines": ["b"]},
            }
        ]
    }
    lines = [{"id": name, "quantity": "1", "amount": "5"} for name in ("a", "b")]

    found = _outcome(
        tmp_path, kind="promotion", given=given, when={"lines": lines}, expect={"by_line": by_line}
    )

    assert found[0] == outcome


def test_without_a_unit_nothing_is_rounded(tmp_path: Path) -> None:
    outcome = _outcome(
        tmp_path,
        given={"rounding": "half_up", "remainder": "last"},
        when={"total": "1.00", "weights": ["1", "3"]},
        expect={"parts": ["0.25", "0.75"]},
    )

    assert outcome == ("pass", "")


def test_numbers_are_read_exactly(tmp_path: Path) -> None:
    file = tmp_path / "cases.json"
    file.write_text(json.dumps([{**THIRDS, "when": {"x": 0.1}}]), encoding="utf-8")

    (case,) = read_cases(file)

    assert case.when.take("x") == Decimal("0.1")


def test_the_command_prints_a_line_a_case_and_the_counts(tmp_path: Path) -> None:
    file = tmp_path / "cases.json"
    file.write_text(json.dumps([THIRDS, {**THIRDS, "id": "other", "kind": "unknown"}]), encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "tests.cases", str(file)], capture_output=True, text=True, check=True, cwd=ROOT
    )

    assert done.stdout.splitlines() == [
        "thirds pass",
        "other unsupported: no adapter for unknown",
        "1 passed, 0 failed, 1 unsupported",
    ]


@pytest.mark.skipif(not CASES.exists(), reason="the acceptance cases are kept beside the project, not in it")
def test_the_acceptance_cases_of_the_kinds_built_so_far_pass() -> None:
    counts, lines = report([CASES])

    assert counts["fail"] == 0, [line for line in lines if " fail" in line]
    assert counts["pass"] > 10
    supported = {line.split()[0] for line in lines if line.endswith(" pass")}
    wanted = {
        case["id"]
        for file in CASES.rglob("*.json")
        for case in json.loads(file.read_text(encoding="utf-8"))
        if case["kind"] in IN_FULL
    }
    assert wanted <= supported
