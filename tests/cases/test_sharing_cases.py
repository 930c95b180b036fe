"""Tokens of the vocabulary about duplicates, merging and assignment; expected values by hand.

The rules are those of odoo addons/crm (test_crm_lead_duplicates.py, test_crm_lead_merge.py, test_crm_lead_assignment.py) and
of espocrm's distributions of leads.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cases.case import read_cases
from tests.cases.driver import run

ROWS: list[tuple[str, str | None, Any, Any, Any]] = [
    (
        "find_duplicates",
        "odoo",
        {
            "leads": {
                "1": {"email": "a.b@gmail.com"},
                "2": {"email": "Ann <A.B@GMAIL.com>"},
                "3": {"email": "c@gmail.com"},
                "4": {"email": "x@own.test", "archived": True},
                "5": {"email": "y@OWN.test"},
            },
            "generic_mail_domains": ["gmail.com"],
            "min_name_length": 6,
            "min_email_length": 7,
        },
        {},
        {"duplicates": {"1": ["1", "2"], "2": ["1", "2"], "3": ["3"], "4": ["4", "5"], "5": ["4", "5"]}},
    ),
    (
        "find_duplicates",
        "odoo",
        {
            "leads": {
                "1": {"company": "Belcor"},
                "2": {"company": "the BELCOR Motors"},
                "3": {"company": "Belco"},
                "4": {"contact": "charlie"},
                "5": {"contact": "Charlie Chapelin"},
                "6": {"contact": "Belcor"},
            },
            "generic_mail_domains": ["gmail.com"],
            "min_name_length": 6,
            "min_email_length": 7,
        },
        {},
        {"duplicates": {"1": ["1", "2"], "2": ["2"], "3": ["3"], "4": ["4", "5"], "5": ["5"], "6": ["6"]}},
    ),
    (
        "find_duplicates",
        "odoo",
        {
            "leads": {
                "1": {"partner": "P1", "partner_company": "K"},
                "2": {"partner": "P2", "partner_company": "K"},
                "3": {"partner": "K"},
                "4": {"partner": "P3"},
                "5": {"partner": "P3"},
            },
            "generic_mail_domains": ["gmail.com"],
            "min_name_length": 6,
            "min_email_length": 7,
        },
        {},
        {
            "duplicates": {
                "1": ["1", "2", "3"],
                "2": ["1", "2", "3"],
                "3": ["1", "2", "3"],
                "4": ["4", "5"],
                "5": ["4", "5"],
            }
        },
    ),
    (
        "find_duplicates",
        "odoo",
        {
            "leads": {
                "1": {"email": "a@b.io"},
                "2": {"email": "c@b.io"},
                "3": {"email": "Somebody <d@b.io>"},
            },
            "generic_mail_domains": ["gmail.com"],
            "min_name_length": 6,
            "min_email_length": 7,
        },
        {},
        {"duplicates": {"1": ["1"], "2": ["2"], "3": ["3"]}},
    ),
    (
        "find_duplicates",
        "odoo",
        {
            "leads": {
                "1": {"email": "shop.test"},
                "2": {"email": "ann@SHOP.test"},
                "3": {"email": "ann@shop.test.example"},
            },
            "generic_mail_domains": ["gmail.com"],
            "min_name_length": 6,
            "min_email_length": 7,
        },
        {},
        {"duplicates": {"1": ["1", "2", "3"], "2": ["2"], "3": ["3"]}},
    ),
    (
        "find_duplicates",
        "odoo",
        {
            "leads": {"1": {"email": 'mail"1@gmail.com'}, "2": {"email": "mail2@gmail.com"}},
            "generic_mail_domains": ["gmail.com"],
            "min_name_length": 6,
            "min_email_length": 7,
        },
        {},
        {"duplicates": {"1": ["1"], "2": ["2"]}},
    ),
    (
        "find_duplicates",
        "odoo",
        {
            "leads": {
                "1": {"company": "STRAẞE GmbH"},
                "2": {"company": "strasse gmbh berlin"},
                "3": {"contact": "Ærøskøbing 東京"},
                "4": {"contact": "ærøskøbing 東京 x"},
            },
            "generic_mail_domains": ["gmail.com"],
            "min_name_length": 6,
            "min_email_length": 7,
        },
        {},
        {"duplicates": {"1": ["1", "2"], "3": ["3", "4"], "4": ["4"]}},
    ),
    (
        "merge_leads",
        "odoo",
        {
            "records": [
                {"id": "contact", "type": "lead", "stage_sequence": 30, "status": "open"},
                {"id": "opp1", "type": "opportunity", "stage_sequence": 1, "status": "open"},
                {"id": "none", "type": "lead", "stage_sequence": None, "status": "open"},
                {"id": "opp2", "type": "opportunity", "stage_sequence": 1, "status": "open"},
                {"id": "email", "type": "lead", "stage_sequence": 3, "status": "open"},
                {"id": "lost", "type": "lead", "stage_sequence": 2, "status": "lost"},
            ]
        },
        {},
        {
            "master": "opp1",
            "type": "opportunity",
            "removed": ["opp2", "contact", "email", "none"],
            "excluded": ["lost"],
            "description_order": ["opp1", "opp2", "contact", "email", "none"],
            "owner": None,
        },
    ),
    (
        "merge_leads",
        "odoo",
        {
            "records": [
                {"id": "b", "type": "lead", "stage_sequence": 1, "status": "open", "created": "2024-03-02"},
                {"id": "a", "type": "lead", "stage_sequence": 1, "status": "open", "created": "2024-03-01"},
                {
                    "id": "z",
                    "type": "lead",
                    "stage_sequence": 1,
                    "status": "open",
                    "created": "2024-02-01T09:00",
                },
            ]
        },
        {},
        {"master": "z", "removed": ["a", "b"], "type": "lead", "excluded": []},
    ),
    (
        "merge_leads",
        "odoo",
        {
            "records": [
                {"id": "l", "type": "lead", "stage_sequence": 99, "status": "open"},
                {"id": "o", "type": "opportunity", "stage_sequence": None, "status": "open"},
            ]
        },
        {},
        {"master": "o", "removed": ["l"], "type": "opportunity"},
    ),
    (
        "merge_fields",
        "odoo",
        {
            "records": [
                {
                    "id": "b",
                    "rank": 2,
                    "priority": 0,
                    "tags": [],
                    "address": {"city": "c"},
                    "lost_reason": "price",
                    "probability": 0,
                    "type": "lead",
                },
                {
                    "id": "a",
                    "rank": 1,
                    "priority": 2,
                    "tags": ["x"],
                    "address": {"street": "", "city": "q"},
                    "probability": 0,
                    "lost_reason": "late",
                    "type": "lead",
                },
            ]
        },
        {},
        {
            "priority": 2,
            "tags": ["x"],
            "address": {"street": "", "city": "q"},
            "lost_reason": "late",
            "type": "lead",
        },
    ),
    (
        "merge_fields",
        "odoo",
        {
            "records": [
                {"id": "a", "rank": 1, "address": {"street": "s", "city": None}, "type": "opportunity"},
                {"id": "b", "rank": 2, "address": {"street": None, "city": "c"}, "type": "lead"},
                {"id": "c", "rank": 3, "address": {}, "type": "lead"},
            ]
        },
        {},
        {"address": {"street": "s", "city": None}, "type": "opportunity"},
    ),
    ("merge_limit", None, {"limit": 5}, {"selected": 1}, {"error": "too_few_records"}),
    ("merge_limit", None, {"limit": 5}, {"selected": 5}, {"error": None}),
    ("merge_limit", None, {"limit": 5}, {"selected": 6}, {"error": "too_many_records"}),
    (
        "assign_duplicate",
        "odoo",
        {"master": {"type": "lead", "team": "T1", "owner": "o", "email": "x@shop.test"}},
        {
            "lead": {"type": "opportunity", "email": "X@Shop.test", "team": None, "owner": None},
            "through_team": "T2",
        },
        {"lead_exists": False, "master": {"team": "T1", "owner": "o"}},
    ),
    (
        "assign_duplicate",
        "odoo",
        {"master": {"team": "T1", "owner": "o", "email": "x@shop.test"}},
        {"lead": {"type": "lead", "email": "X@Shop.test", "team": "T9", "owner": None}, "through_team": "T2"},
        {"lead_exists": False, "master": {"team": "T1", "owner": "o"}},
    ),
    (
        "daily_quota",
        None,
        {"monthly_capacity": 45, "days": 30, "rounding": "half_up"},
        {"assigned_last_24h": 30},
        {"quota": -28, "quota_forced": 2},
    ),
    (
        "daily_quota",
        None,
        {"monthly_capacity": 15, "days": 30, "rounding": "half_even"},
        {"assigned_last_24h": 0},
        {"quota": 0, "quota_forced": 0},
    ),
    (
        "daily_quota",
        None,
        {"monthly_capacity": 75, "days": 30, "rounding": "none"},
        {"assigned_last_24h": 1},
        {"quota": 1.5, "quota_forced": 2.5},
    ),
    (
        "assign_batch",
        "odoo",
        {
            "teams": {
                "A": {"members": {"m1": {"capacity": 45}, "m2": {"capacity": 15}, "m3": {"capacity": 15}}},
                "B": {
                    "members": {"m1": {"capacity": 30}, "m2": {"capacity": 60}},
                    "filter": {"field": "priority", "in": ["1", "2", "3"]},
                },
            }
        },
        {"leads": {"count": 150, "cycle": {"priority": ["0", "1", "2", "3"]}}},
        {
            "member_counts": {"A.m1": 2, "A.m2": 1, "A.m3": 1, "B.m1": 1, "B.m2": 2},
            "leads_left": 150,
            "unassigned_to_team": 0,
        },
    ),
    (
        "assign_batch",
        "odoo",
        {
            "teams": {
                "A": {"members": {"m1": {"capacity": 45}, "m2": {"capacity": 15}, "m3": {"capacity": 15}}}
            }
        },
        {"leads": {"count": 200, "cycle": {"contact": ["c1", "c2", None, None, None]}}, "deduplicate": True},
        {"leads_left": 122, "leads_with_contact": 2, "member_counts": {"A.m1": 2}},
    ),
    (
        "assign_batch",
        "odoo",
        {"teams": {"A": {"members": {"m1": {"capacity": 45}, "m2": {"capacity": 45}}}}},
        {
            "leads": {
                "rows": [
                    {"stage": "won", "probability": 100},
                    {"probability": 30},
                    {"probability": 0},
                    {"probability": None},
                    {"active": False},
                    {"team": "B", "owner": "u"},
                ]
            }
        },
        {"assigned_indexes": [1, 2, 3], "untouched_indexes": [0, 4, 5], "leads_left": 6},
    ),
    (
        "assign_batch",
        "odoo",
        {"teams": {"A": {"members": {"m1": {"capacity": 30, "assigned_last_24h": 2}}}}},
        {"leads": {"count": 5}, "forced": True, "runs": 3},
        {"member_counts": {"A.m1": 3}, "month_counts_after_runs": {"A.m1": [3, 4, 5]}},
    ),
    (
        "assign_batch",
        "odoo",
        {
            "teams": {
                "A": {"members": {"m1": {"capacity": 60, "assigned_this_month": 7, "assigned_last_24h": 1}}}
            }
        },
        {"leads": {"count": 5}, "runs": 2},
        {"member_counts": {"A.m1": 1}, "month_counts_after_runs": {"A.m1": [8, 8]}},
    ),
    (
        "assign_batch",
        "odoo",
        {"teams": {"A": {"members": {"m1": {"capacity": 90}}, "filter": {"field": "country", "in": ["BE"]}}}},
        {"leads": {"count": 4, "cycle": {"country": ["BE", "FR", None, "BE"]}}},
        {"member_counts": {"A.m1": 2}, "unassigned_to_team": 2, "assigned_indexes": [0, 3]},
    ),
    (
        "assign_batch",
        "odoo",
        {
            "teams": {
                "A": {
                    "members": {
                        "m1": {"capacity": 60, "prefers": {"field": "country", "in": ["BE"]}},
                        "m2": {"capacity": 60, "prefers": {"field": "country", "in": ["FR"]}},
                        "m3": {"capacity": 60},
                    }
                }
            }
        },
        {"leads": {"count": 6, "cycle": {"country": ["BE", "FR", "NL"]}}},
        {"member_counts": {"A.m1": 2, "A.m2": 2, "A.m3": 2}, "all_preferred": ["A.m1", "A.m2"]},
    ),
    (
        "assign_runs",
        "longest_idle",
        {"members": {"a": {"capacity": 30}, "b": {"capacity": 60}}},
        {"runs": 3, "leads_per_run": 9, "hours_between_runs": 24},
        {"total": 9, "member_counts": {"a": 3, "b": 6}},
    ),
    (
        "assign_runs",
        "longest_idle",
        {"members": {"a": {"capacity": 30}, "b": {"capacity": 60}}},
        {"runs": 3, "leads_per_run": 9, "hours_between_runs": 1},
        {"total": 3, "member_counts": {"a": 1, "b": 2}},
    ),
    (
        "assign_round_robin",
        None,
        {"owners": ["u1", "u2", "u3"], "last_owner": "gone"},
        {"leads": ["z", "a"]},
        {"owner": {"z": "u1", "a": "u2"}},
    ),
    ("assign_least_busy", None, {"open_leads": {"b": 2, "a": 2, "c": 5}, "tie": "id"}, {}, {"user": "a"}),
    ("assign_least_busy", None, {"open_leads": {"a": 2, "b": 2, "c": 3}, "tie": "b"}, {}, {"user": "b"}),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_row_is_answered(tmp_path: Path, row: tuple[str, str | None, Any, Any, Any]) -> None:
    kind, policy, given, when, expect = row
    case = {"id": "c", "kind": kind, "source": "here", "given": given, "when": when, "expect": expect,
            "policy": policy, "tolerance": {"abs": 0}}  # fmt: skip
    file = tmp_path / "cases.json"
    file.write_text(json.dumps([case]), encoding="utf-8")
    (read,) = read_cases(file)

    assert run(read)[0] == "pass"
