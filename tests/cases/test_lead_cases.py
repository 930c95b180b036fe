"""Tokens of the vocabulary that the adapters of leads must know; expected values by hand.

The rules are those of odoo addons/crm/tests/test_crm_lead_convert.py and of frappe/crm's service level agreements.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cases.case import read_cases
from tests.cases.driver import run

OFFICE = {"weekdays": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "to": "17:00", "holidays": []}
LEAD = {
    "status": "open",
    "active": True,
    "email": "lead@shop.test",
    "phone": "030 1",
    "team": "T1",
    "owner": "u1",
}


def _outcome(
    tmp_path: Path, kind: str, given: Any, when: Any, expect: Any, *, policy: str | None = None
) -> tuple[str, str]:
    case = {"id": "c", "kind": kind, "source": "here", "given": given, "when": when, "expect": expect,
            "policy": policy, "tolerance": {"abs": 0}}  # fmt: skip
    file = tmp_path / "cases.json"
    file.write_text(json.dumps([case]), encoding="utf-8")
    (read,) = read_cases(file)
    return run(read)


@pytest.mark.parametrize(
    ("lead", "when", "expect"),
    [
        (LEAD, {"contact": {"id": "C1", "email": "c@shop.test"}},
         {"type": "opportunity", "contact": "C1", "email": "c@shop.test", "phone": "030 1", "team": "T1"}),
        (LEAD, {"contact": {"id": "C1", "phone": "040 2"}}, {"email": "lead@shop.test", "phone": "040 2"}),
        (LEAD, {}, {"type": "opportunity", "contact": None, "owner": "u1"}),
        ({**LEAD, "probability": 100}, {}, {"type": "opportunity"}),
        ({**LEAD, "status": "won"}, {"contact": {"id": "C1"}, "owner": "u2"},
         {"type": "lead", "contact": None, "owner": "u1", "team": "T1"}),
        ({**LEAD, "active": False}, {}, {"type": "lead"}),
        (LEAD, {"owner": "u2"}, {"owner": "u2", "team": "T2"}),
        (LEAD, {"owner": "u3"}, {"owner": "u3", "team": "T1"}),
    ],
)  # fmt: skip
def test_a_lead_is_converted(tmp_path: Path, lead: Any, when: Any, expect: Any) -> None:
    given = {"lead": lead, "team_of_user": {"u1": "T1", "u2": "T2"}}

    assert _outcome(tmp_path, "convert_lead", given, when, expect, policy="odoo")[0] == "pass"


def test_duplicates_without_lost_ones_are_those_that_are_open(tmp_path: Path) -> None:
    counts = {"open": 3, "lost_opp": 1, "archived_opp": 1, "lost_lead": 1, "archived_lead": 0, "won_opp": 2}
    expect = {"count": 4, "excluded": ["won_opp", "lost_lead", "archived_opp", "lost_opp"]}

    found = _outcome(
        tmp_path,
        "conversion_duplicates",
        {"duplicates": counts},
        {"include_lost": False},
        expect,
        policy="odoo",
    )

    assert found[0] == "pass"


@pytest.mark.parametrize(
    ("deadline", "responded", "status"),
    [
        (1, None, "first_response_due"),
        (-1, None, "failed"),
        (1, -1, "fulfilled"),
        (-2, -1, "failed"),
        (-1, -2, "fulfilled"),
        (1, 2, "failed"),
        (0.5, 0.5, "fulfilled"),
    ],
)
def test_the_status_of_an_agreement(
    tmp_path: Path, deadline: float, responded: float | None, status: str
) -> None:
    when = {"deadline_hours_from_now": deadline, "responded_hours_from_now": responded}

    assert _outcome(tmp_path, "sla_status", {}, when, {"status": status})[0] == "pass"


def test_a_response_is_counted_in_working_time(tmp_path: Path) -> None:
    when = {"created": "2024-01-05T16:00", "first_response": "2024-01-08T10:30"}
    expect = {"seconds": 9000, "last_response_seconds": 9000, "status": "fulfilled"}

    assert _outcome(tmp_path, "sla_response", {"calendar": OFFICE}, when, expect)[0] == "pass"


@pytest.mark.parametrize(("added", "error"), [({"record_type": "lead"}, "duplicate_default"), ("deal", None)])
def test_one_default_a_record_type(tmp_path: Path, added: Any, error: str | None) -> None:
    given = {"defaults": [{"record_type": "lead"}]}

    found = _outcome(tmp_path, "sla_default", given, {"add_default": added}, {"error": error})

    assert found[0] == "pass"
