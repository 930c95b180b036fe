"""Kinds of predictive lead scoring and of series, beside the rows of the sample; expected values by hand or published.

The percentages are those of odoo addons/crm/tests/test_crm_pls.py, test_predictive_lead_scoring.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cases.case import read_cases
from tests.cases.driver import run

STAGES = ["st1", "st2", "st3", "won"]


def _lead(team: str | None, country: int, state: int, source: int, stage: str, **more: Any) -> dict[str, Any]:
    return {"team": team, "country": country, "state": state, "source": source, "stage": stage, **more}


def _history(third_team: str | None) -> list[dict[str, Any]]:
    return [
        _lead("t1", 1, 1, 1, "st1", outcome="lost"),
        _lead("t1", 2, 2, 2, "st2", outcome="lost"),
        _lead("t1", 3, 3, 3, "st3", outcome="won"),
        _lead("t2", 1, 2, 2, "st3", outcome="lost"),
        _lead("t2", 1, 2, 3, "st2", outcome="lost"),
        _lead("t2", 1, 3, 3, "st1", outcome="won"),
        _lead(third_team, 2, 2, 2, "st3", outcome="won"),
        _lead(third_team, 1, 2, 1, "st1", outcome="lost"),
        _lead(third_team, 2, 3, 3, "st1", outcome="lost"),
    ]


def _outcome(
    tmp_path: Path, kind: str, given: Any, when: Any, expect: Any, *, tolerance: float = 0
) -> tuple[str, str]:
    policy = "odoo" if kind.startswith("pls_") else None
    case = {"id": "c", "kind": kind, "source": "here", "given": given, "when": when, "expect": expect,
            "policy": policy, "tolerance": {"abs": tolerance}}  # fmt: skip
    file = tmp_path / "cases.json"
    file.write_text(json.dumps([case]), encoding="utf-8")
    (read,) = read_cases(file)
    return run(read)


@pytest.mark.parametrize(
    ("third", "team", "percent"),
    [("t3", "t1", 33.49), ("t3", "t2", 7.74), ("t3", "t3", 35.09), (None, None, 35.19)],
)
def test_a_history_of_several_teams_gives_the_published_chances(
    tmp_path: Path, third: str | None, team: str | None, percent: float
) -> None:
    given = {"stages": STAGES, "history": _history(third)}
    when = {"lead": _lead(team, 1, 2, 3, "st2")}

    assert _outcome(
        tmp_path, "pls_score", given, when, {"probability_percent": percent}, tolerance=0.005
    ) == (
        "pass",
        "",
    )


def test_a_live_update_gives_the_published_chances(tmp_path: Path) -> None:
    given = {"stages": STAGES, "history": [*_history("t3"), _lead("t2", 2, 1, 2, "st2", outcome="won")]}

    for country, percent in ((1, 2.43), (2, 34.38)):
        when = {"lead": _lead("t2", country, 2, 3, "st1")}
        expect = {"probability_percent": percent}
        assert _outcome(tmp_path, "pls_score", given, when, expect, tolerance=0.005)[0] == "pass"


def test_a_missing_value_that_counts_is_found_under_the_name_of_the_case(tmp_path: Path) -> None:
    history = [
        {"fields": {"country": 1, "email_state": None}, "stage": "st2", "outcome": "lost", "tags": ["a"]}
    ]
    given = {"history": history, "stages": STAGES, "smoothing": 0.1}
    lost = [0.1, 1.1]
    expect = {
        "frequencies": {
            "email_state": {"None": lost},
            "tag": {"a": lost},
            "stage": {"st1": lost, "st2": lost},
        }
    }

    assert _outcome(tmp_path, "pls_build", given, {}, expect)[0] == "pass"
    expect = {"frequencies": {"stage": {"st3": lost}}}
    assert _outcome(tmp_path, "pls_build", given, {}, expect)[0] == "fail"


@pytest.mark.parametrize(
    ("event", "lead", "rows", "expect"),
    [
        ("won", {"country": 9}, {"stage:st1": [1.1, 2.1], "stage:won": [1.1, 0.1], "country:9": None},
         {"rows": {"stage:st1": [2.1, 2.1], "stage:won": [2.1, 0.1], "country:9": [1.1, 0.1]}, "status": "won"}),
        ("lost", {"tags": ["a"]}, {"stage:won": [1.1, 0.1], "tag:a": None},
         {"rows": {"stage:won": [1.1, 0.1], "tag:a": [0.1, 1.1]}, "status": "lost"}),
        ("archive", {"status": "won"}, {"stage:st1": [2.1, 2.1]}, {"rows": {"stage:st1": [2.1, 2.1]}, "status": "won"}),
        ("reopen", {"status": "won"}, {"stage:st1": [2.1, 2.1], "stage:won": [2.1, 0.1]},
         {"rows": {"stage:st1": [1.1, 2.1], "stage:won": [1.1, 0.1]}}),
        ("won", {"status": "lost"}, {"stage:st1": [1.1, 3.1]}, {"rows": {"stage:st1": [2.1, 2.1]}}),
        ("won", {}, {"stage:st1": [10, 0]}, {"rows": {"stage:st1": [11, 0.1]}}),
    ],
)  # fmt: skip
def test_the_rows_follow_an_event(tmp_path: Path, event: str, lead: Any, rows: Any, expect: Any) -> None:
    given = {"rows": rows, "stages": ["st1", "st2", "won"]}
    when = {"lead": {"stage": "st1", **lead}, "event": event}

    assert _outcome(tmp_path, "pls_update", given, when, expect) == ("pass", "")


@pytest.mark.parametrize(
    ("frequencies", "lead", "automatic"),
    [
        ({"stage": {"st1": [1.1, 2.1], "st2": [1.1, 1.1]}}, {"stage": "st1"}, 34.38),
        ({"stage": {"st1": [1.1, 2.1]}}, {"stage": None, "team": "t1"}, 0),
        ({"stage": {"st1": [0, 2.1]}}, {"stage": "st1"}, 0),
        ({}, {"stage": "st1"}, 0),
    ],
)
def test_the_manual_chance_stays_shown(tmp_path: Path, frequencies: Any, lead: Any, automatic: float) -> None:
    given = {"frequencies": frequencies, "manual_probability": 41.23}
    expect = {"automatic_probability": automatic, "shown_probability": 41.23}

    assert _outcome(tmp_path, "pls_recompute", given, {"lead": lead}, expect, tolerance=0.005) == ("pass", "")


@pytest.mark.parametrize(
    ("kind", "given", "when", "expect"),
    [
        # 10 + 0.5 (14 - 10) = 12, then 12 + 0.5 (8 - 12) = 10
        ("ses", {"alpha": 0.5, "level0": 10}, {"values": [14, 8]}, {"forecast": 10}),
        ("seasonal_naive", {"season": 4}, {"values": [1, 2, 3, 4, 5, 6], "h": 5}, {"values": [3, 4, 5, 6, 3]}),
        ("seasonal_naive", {"season": 4}, {"values": [1, 2], "h": 2}, {"values": None}),
        # Sizes 5, then 5 + 0.5 (3 - 5); intervals 3, then 3 + 0.5 (2 - 3).
        ("croston", {"alpha": 0.5}, {"values": [0, 0, 5, 0, 3, 0]},
         {"demand": 4, "interval": 2.5, "croston": 1.6, "sba": 1.2}),
        ("croston", {"alpha": 0.1}, {"values": [0, 0]}, {"demand": None, "croston": None}),
        ("forecast_accuracy", {"train": [5, 5, 5], "season": 1}, {"actual": [4, 6], "forecast": [5, 5]},
         {"mae": 1, "bias": 0, "wape": 0.2, "mase": None}),
    ],
)  # fmt: skip
def test_series_by_hand(tmp_path: Path, kind: str, given: Any, when: Any, expect: Any) -> None:
    assert _outcome(tmp_path, kind, given, when, expect, tolerance=1e-9) == ("pass", "")
