"""Rows of every kind about a pipeline that the driver must know, with their edges; expected values by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cases.case import read_cases
from tests.cases.driver import run

OFFICE: dict[str, Any] = {
    "weekdays": ["mon", "tue", "wed", "thu", "fri"],
    "from": "09:00",
    "to": "17:00",
    "holidays": [],
}
HOLIDAY = {**OFFICE, "holidays": ["2024-01-02"]}
STAGES = ["new", "qualified", "proposal", "negotiation"]
CHANCES = {
    "Prospecting": 10,
    "Qualification": 20,
    "Proposal": 50,
    "Negotiation": 80,
    "Closed Won": 100,
    "Closed Lost": 0,
}

Row = tuple[str, str, Any, Any, Any]
"""Name, kind, given, when, expect."""

# Closed deals weigh nothing; a mean of nothing is no value, and not 0.
WEIGHTED: list[Row] = [
    (
        "wp-open-only",
        "weighted_pipeline",
        {
            "deals": [
                {"value": 1000, "status": "open", "percent": 50, "stage": "A", "period": "Q1"},
                {"value": 300, "status": "open", "probability": 0.1, "stage": "B", "period": "Q2"},
                {"value": 500, "status": "open", "percent": 20, "stage": "B", "period": "Q1"},
            ]
        },
        {},
        {
            "weighted": 630,
            "parts": [500, 30, 100],
            "value_total": 1800,
            "by_period": {"Q1": 600, "Q2": 30},
            "by_stage": {"A": 500, "B": 130},
            "by_status": {"open": 630},
        },
    ),
    ("wp-none", "weighted_pipeline", {"deals": []}, {}, {"weighted": 0, "parts": []}),
    (
        "pd-two",
        "pipeline_distribution",
        {
            "deals": [
                {"value": 100, "status": "open", "probability": 0.5},
                {"value": 200, "status": "open", "probability": 0.25},
            ]
        },
        {},
        {"mean": 100, "variance": 10000, "sd": 100, "p_all": 0.125, "p_none": 0.375},
    ),
    (
        "pd-nostatus",
        "pipeline_distribution",
        {
            "deals": [
                {"value": 10, "probability": 0.1},
                {"value": 20, "probability": 0.2},
                {"value": 30, "percent": 100},
            ]
        },
        {},
        {"mean": 35, "variance": 73.0, "p_all": 0.02, "p_none": 0},
    ),
    ("pd-empty", "pipeline_distribution", {"deals": []}, {}, {"mean": 0, "variance": 0, "sd": 0}),
    (
        "da",
        "deal_averages",
        {
            "deals": [
                {"value": 100, "status": "open"},
                {"value": 300, "status": "open"},
                {"value": 800, "status": "won"},
                {"value": 50, "status": "lost"},
            ]
        },
        {},
        {"open_count": 2, "avg_open": 200, "won_count": 1, "avg_won": 800, "avg_won_and_open": 400},
    ),
    (
        "da-none-won",
        "deal_averages",
        {"deals": [{"value": 100, "status": "open"}, {"value": 50, "status": "lost"}]},
        {},
        {"open_count": 1, "avg_open": 100, "won_count": 0, "avg_won": None, "avg_won_and_open": 100},
    ),
    (
        "da-empty",
        "deal_averages",
        {"deals": []},
        {},
        {"open_count": 0, "avg_open": None, "won_count": 0, "avg_won": None, "avg_won_and_open": None},
    ),
    (
        "fr-zero",
        "forecast_rollup",
        {"amounts": {"closed": 0, "commit": 0, "best_case": 0, "pipeline": 10}},
        {},
        {
            "single": {"closed": 0, "commit": 0, "best_case": 0, "pipeline": 10},
            "cumulative": {
                "closed_only": 0,
                "commit_forecast": 0,
                "best_case_forecast": 0,
                "open_pipeline": 10,
            },
        },
    ),
    (
        "fr-part",
        "forecast_rollup",
        {"amounts": {"closed": 5, "commit": 7}},
        {},
        {
            "cumulative": {
                "closed_only": 5,
                "commit_forecast": 12,
                "best_case_forecast": 12,
                "open_pipeline": 7,
            }
        },
    ),
]

# A rate of nothing is no value; a rate of losses alone is 0. A cycle shorter by a tenth gives a ninth more.
RATES: list[Row] = [
    ("wr-none", "win_rate", {"deals": [{"value": 10, "status": "open"}]}, {}, {"count": None, "value": None}),
    (
        "wr-lost",
        "win_rate",
        {
            "deals": [
                {"value": 10, "status": "lost"},
                {"value": 20, "status": "lost"},
                {"value": 5, "status": "open"},
            ]
        },
        {},
        {"count": 0, "value": 0},
    ),
    (
        "wr-zero-values",
        "win_rate",
        {"deals": [{"value": 0, "status": "won"}, {"value": 0, "status": "lost"}]},
        {},
        {"count": 0.5, "value": None},
    ),
    (
        "wr-mixed",
        "win_rate",
        {
            "deals": [
                {"value": 100, "status": "won"},
                {"value": 300, "status": "lost"},
                {"value": 0, "status": "won"},
                {"value": 999, "status": "open"},
            ]
        },
        {},
        {"count": 0.6666666666666666, "value": 0.25},
    ),
    (
        "cw",
        "cohort_win_rate",
        {"won": 20, "lost": 30, "open": 50},
        {},
        {"closed_only": 0.4, "lower": 0.2, "upper": 0.7},
    ),
    (
        "cw-open",
        "cohort_win_rate",
        {"won": 0, "lost": 0, "open": 4},
        {},
        {"closed_only": None, "lower": 0, "upper": 1},
    ),
    (
        "cw-empty",
        "cohort_win_rate",
        {"won": 0, "lost": 0, "open": 0},
        {},
        {"closed_only": None, "lower": None, "upper": None},
    ),
    (
        "sv",
        "sales_velocity",
        {},
        {
            "rows": [
                {"opportunities": 10, "avg_value": 1000, "win_rate": 0.3, "cycle_days": 60},
                {"opportunities": 5, "won": 0, "lost": 0},
            ]
        },
        {"per_day": [50, None], "per_30_days": [1500, None], "flags": [None, "no_closed_deals"]},
    ),
    (
        "sv-allost",
        "sales_velocity",
        {},
        {
            "rows": [
                {"opportunities": 5, "won": 0, "lost": 5, "avg_value": 100, "cycle_days": 10},
                {"opportunities": 8, "won": 1, "lost": 3, "avg_value": 100, "cycle_days": 10},
            ]
        },
        {"per_day": [0, 20], "flags": [None, None]},
    ),
    (
        "sv-zero",
        "sales_velocity",
        {},
        {"rows": [{"opportunities": 0, "avg_value": 100, "win_rate": 0.5, "cycle_days": 10}]},
        {"per_day": [0], "per_30_days": [0], "flags": [None]},
    ),
    (
        "sv-nocycle",
        "sales_velocity",
        {},
        {"rows": [{"opportunities": 3, "avg_value": 100, "win_rate": 0.5, "cycle_days": 0}]},
        {"per_day": [None], "per_30_days": [None]},
    ),
    ("vc-cycle-up", "velocity_change", {}, {"factor": "cycle_days", "change_percent": 25}, {"percent": -20}),
    ("vc-win", "velocity_change", {}, {"factor": "win_rate", "change_percent": -10}, {"percent": -10}),
    ("vc-all", "velocity_change", {}, {"factor": "cycle_days", "change_percent": -100}, {"percent": None}),
    (
        "pc-zero-won",
        "pipeline_coverage",
        {},
        {"rows": [{"open_pipeline": 300, "quota": 0, "won": 10}]},
        {"ratios": [None], "flags": ["no_quota"]},
    ),
    ("fcov", "forecast_coverage", {}, {"forecast": 90, "quota": 120}, {"ratio": 0.75}),
    ("fcov-0", "forecast_coverage", {}, {"forecast": 90, "quota": 0}, {"ratio": None}),
    (
        "pb",
        "pipeline_bridge",
        {},
        {
            "start": 1000,
            "new": 300,
            "pulled_in": 50,
            "increased": 20,
            "won": 200,
            "decreased": 10,
            "pushed_out": 100,
            "lost": 60,
        },
        {"end": 1000},
    ),
    ("pb-part", "pipeline_bridge", {}, {"start": 10, "won": 20}, {"end": -10}),
    (
        "pb-int",
        "pipeline_bridge",
        {},
        {
            "start": "0.1",
            "new": "0.2",
            "pulled_in": 0,
            "increased": 0,
            "won": 0,
            "decreased": 0,
            "pushed_out": 0,
            "lost": 0,
        },
        {"end": 0.3},
    ),
]

# Only revenue has to come to 100 %.
SPLITS: list[Row] = [
    (
        "rs",
        "revenue_split",
        {"type": "revenue"},
        {"amount": 1000, "percents": [60, 40]},
        {"amounts": [600, 400], "valid": True},
    ),
    ("rs-90", "revenue_split", {"type": "revenue"}, {"amount": 1000, "percents": [60, 30]}, {"valid": False}),
    (
        "rs-90e",
        "revenue_split",
        {"type": "revenue"},
        {"amount": 1000, "percents": [60, 30]},
        {"error": "not_100_percent"},
    ),
    ("rs-110", "revenue_split", {"type": "revenue"}, {"percents": [60, 50]}, {"valid": False}),
    (
        "rs-ok-noamount",
        "revenue_split",
        {"type": "revenue"},
        {"percents": [33.3, 33.3, 33.4]},
        {"valid": True},
    ),
    (
        "rs-ov",
        "revenue_split",
        {"type": "overlay"},
        {"amount": 200, "percents": [100, 100, 50]},
        {"amounts": [200, 200, 100], "valid": True},
    ),
    (
        "rs-ov-150",
        "revenue_split",
        {"type": "overlay"},
        {"amount": 200, "percents": [150]},
        {"amounts": [300], "valid": True},
    ),
    (
        "rs-zero-part",
        "revenue_split",
        {"type": "revenue"},
        {"amount": 10, "percents": [100, 0]},
        {"amounts": [10, 0], "valid": True},
    ),
]

# Months count with their own length; receivables beyond all months have no countback.
COLLECTION: list[Row] = [
    ("dso-0", "dso", {}, {"receivables": 10, "credit_sales": 0, "days": 30}, {"days": None}),
    ("dso-year", "dso", {}, {"receivables": 500, "credit_sales": 3650, "days": 365}, {"days": 50}),
    (
        "cb-exact",
        "dso_countback",
        {},
        {"receivables": 300, "monthly_sales_latest_first": [100, 200, 400], "days_in_month": [30, 31, 28]},
        {"days": 61, "full_months": 2, "remainder": 0},
    ),
    (
        "cb-part",
        "dso_countback",
        {},
        {"receivables": 150, "monthly_sales_latest_first": [100, 200], "days_in_month": [28, 31]},
        {"days": 35.75, "full_months": 1, "remainder": 50},
    ),
    (
        "cb-first",
        "dso_countback",
        {},
        {"receivables": 50, "monthly_sales_latest_first": [100, 200], "days_in_month": [28, 31]},
        {"days": 14, "full_months": 0, "remainder": 50},
    ),
    (
        "cb-beyond",
        "dso_countback",
        {},
        {"receivables": 400, "monthly_sales_latest_first": [100, 200], "days_in_month": [30, 31]},
        {"days": None, "full_months": 2, "remainder": 100},
    ),
    (
        "cb-zero-month",
        "dso_countback",
        {},
        {"receivables": 150, "monthly_sales_latest_first": [100, 0, 100], "days_in_month": [30, 31, 30]},
        {"days": 76, "full_months": 2, "remainder": 50},
    ),
    (
        "cb-none",
        "dso_countback",
        {},
        {"receivables": 0, "monthly_sales_latest_first": [100], "days_in_month": [30]},
        {"days": 0, "full_months": 0, "remainder": 0},
    ),
    (
        "dt",
        "dso_true",
        {},
        {
            "open_invoices": [
                {"days_since_invoice": 10, "amount": 50, "month_sales": 100},
                {"days_since_invoice": 40, "amount": 20, "month_sales": 80},
            ]
        },
        {"days": 15},
    ),
    ("dt-none", "dso_true", {}, {"open_invoices": []}, {"days": 0}),
    (
        "cei-0",
        "cei",
        {},
        {"beginning": 0, "credit_sales": 0, "months": 1, "ending_total": 0, "ending_current": 0},
        {"percent": None},
    ),
    (
        "cei-worse",
        "cei",
        {},
        {"beginning": 100, "credit_sales": 100, "months": 1, "ending_total": 250, "ending_current": 100},
        {"percent": -50},
    ),
]

# A state is unreachable or a dead end, not both; only reachable states are dead ends.
DEFINITIONS: list[Row] = [
    (
        "dc-two-initial",
        "definition_check",
        {"states": ["a", "b"], "initial": ["a", "b"], "transitions": [["a", "b"]], "final": ["b"]},
        {},
        {"error": "initial_states"},
    ),
    (
        "dc-no-initial",
        "definition_check",
        {"states": ["a", "b"], "initial": [], "transitions": [["a", "b"]], "final": ["b"]},
        {},
        {"error": "initial_states"},
    ),
    (
        "dc-clean",
        "definition_check",
        {"states": ["a", "b"], "initial": ["a"], "transitions": [["a", "b"]], "final": ["b"]},
        {},
        {
            "unreachable": [],
            "dead_ends": [],
            "no_path_to_final": [],
            "final_with_exit": [],
            "missing_targets": [],
        },
    ),
    (
        "dc-missing",
        "definition_check",
        {"states": ["a", "b"], "initial": ["a"], "transitions": [["a", "b"], ["a", "x"]], "final": ["b"]},
        {},
        {"missing_targets": ["x"]},
    ),
    (
        "dc-dead",
        "definition_check",
        {
            "states": ["a", "b", "c", "d"],
            "initial": ["a"],
            "transitions": [["a", "b"], ["a", "d"], ["c", "d"]],
            "final": ["d"],
        },
        {},
        {"dead_ends": ["b"], "unreachable": ["c"], "no_path_to_final": ["b"]},
    ),
    (
        "dc-nofinal",
        "definition_check",
        {"states": ["a", "b"], "initial": ["a"], "transitions": [["a", "b"]]},
        {},
        {"dead_ends": ["b"]},
    ),
    (
        "dc-trap-unreachable",
        "definition_check",
        {"states": ["a", "b", "z"], "initial": ["a"], "transitions": [["a", "b"]], "final": ["b"]},
        {},
        {"dead_ends": [], "unreachable": ["z"]},
    ),
    (
        "dc-loop",
        "definition_check",
        {
            "states": ["a", "b", "c"],
            "initial": ["a"],
            "transitions": [["a", "b"], ["b", "a"], ["a", "a"]],
            "final": ["c"],
        },
        {},
        {"unreachable": ["c"], "no_path_to_final": ["a", "b"], "dead_ends": []},
    ),
    (
        "dc-unreach-chain",
        "definition_check",
        {
            "states": ["g", "y", "r", "hazard", "h2"],
            "initial": ["g"],
            "transitions": [["g", "y"], ["y", "r"], ["r", "g"], ["hazard", "h2"], ["h2", "hazard"]],
            "final": [],
        },
        {},
        {"unreachable": ["hazard", "h2"], "dead_ends": []},
    ),
    (
        "rst",
        "restore_state",
        {"states": ["A one", "B", "won", "lost"]},
        {"saved_state": "gone"},
        {"error": "unknown_state", "names": ["gone"]},
    ),
    (
        "rst-quote",
        "restore_state",
        {"states": ["a"]},
        {"saved_state": 'it\'s "x"'},
        {"error": "unknown_state", "names": ['it\'s "x"']},
    ),
    (
        "rst-case",
        "restore_state",
        {"states": ["draft"]},
        {"saved_state": "Draft"},
        {"error": "unknown_state", "names": ["Draft"]},
    ),
    (
        "mr-free",
        "move_rules",
        {"stages": STAGES, "rules": {}},
        {
            "moves": [
                {"from": "new", "to": "negotiation"},
                {"from": "negotiation", "to": "new"},
                {"create": "proposal"},
            ]
        },
        {"allowed": [True, True, True]},
    ),
    (
        "mr-noskip",
        "move_rules",
        {"stages": STAGES, "rules": {"no_skip": True}},
        {
            "moves": [
                {"from": "new", "to": "qualified"},
                {"from": "new", "to": "proposal"},
                {"from": "negotiation", "to": "new"},
            ]
        },
        {"allowed": [True, False, True]},
    ),
    (
        "mr-noback",
        "move_rules",
        {"stages": STAGES, "rules": {"no_backward": True}},
        {"moves": [{"from": "qualified", "to": "new"}, {"from": "new", "to": "negotiation"}]},
        {"allowed": [False, True]},
    ),
    (
        "mr-create",
        "move_rules",
        {
            "stages": STAGES,
            "rules": {"create_only_in": ["new", "qualified"], "no_skip": False, "no_backward": False},
        },
        {"moves": [{"create": "new"}, {"create": "qualified"}, {"create": "proposal"}]},
        {"allowed": [True, True, False]},
    ),
    (
        "mr-create-str",
        "move_rules",
        {"stages": STAGES, "rules": {"create_only_in": "new", "no_skip": True, "no_backward": True}},
        {
            "moves": [
                {"create": "new"},
                {"create": "qualified"},
                {"from": "new", "to": "qualified"},
                {"from": "new", "to": "proposal"},
                {"from": "qualified", "to": "new"},
            ]
        },
        {"allowed": [True, False, True, False, False]},
    ),
    (
        "mr-create-null",
        "move_rules",
        {"stages": STAGES, "rules": {"create_only_in": None, "no_skip": True, "no_backward": None}},
        {"moves": [{"create": "negotiation"}]},
        {"allowed": [True]},
    ),
]

# The life of a deal in addons/crm/tests/test_crm_pls.py (test_stage_update, test_won_lost_validity).
ODOO: list[Row] = [
    (
        "o-life",
        "deal_actions",
        {"deal": {"stage": "new", "probability": 50}},
        {
            "actions": [
                {"action": "none"},
                {"action": "set", "probability": 100},
                {"action": "set", "probability": 90},
                {"action": "move", "to_status": "won"},
                {"action": "mark_lost"},
                {"action": "set", "active": False},
                {"action": "set", "probability": 75},
                {"action": "set", "stage": "in_progress", "active": True},
                {"action": "mark_lost"},
                {"action": "move", "to_status": "won"},
            ]
        },
        {
            "results": [
                {"status": "open", "probability": 50, "active": True},
                {"status": "open", "probability": 100},
                {"status": "open", "probability": 90},
                {"status": "won", "probability": 100, "active": True},
                {"error": "won_is_final"},
                {"status": "won", "probability": 100},
                {"error": "won_is_final"},
                {"status": "open", "active": True},
                {"status": "lost", "active": False, "probability": 0},
                {"status": "won", "active": True, "probability": 100},
            ]
        },
    ),
    (
        "o-back-to-lost",
        "deal_actions",
        {"deal": {"status": "won"}},
        {
            "actions": [
                {"action": "set", "active": False, "probability": 0, "stage": "new"},
                {"action": "set", "active": True},
            ]
        },
        {"results": [{"status": "lost"}, {"status": "open", "active": True}]},
    ),
    (
        "o-bulk",
        "deal_actions",
        {"deals": [{"status": "lost"}, {"status": "open", "stage": "new", "probability": 50}]},
        {"actions": [{"action": "bulk_move", "to_stage": "won"}]},
        {"results": [{"probabilities": [100, 100], "status": "won", "active": True}]},
    ),
    (
        "o-reason",
        "deal_actions",
        {"deal": {"status": "open"}},
        {"actions": [{"action": "mark_lost", "lost_reason": "Too expensive"}, {"action": "reactivate"}]},
        {
            "results": [
                {"ok": True, "status": "lost", "lost_reason": "Too expensive", "probability": 0},
                {"status": "open", "lost_reason": None},
            ]
        },
    ),
    (
        "o-zero",
        "deal_actions",
        {"deal": {"status": "open"}},
        {"actions": [{"action": "set", "probability": 0}]},
        {"results": [{"status": "open", "probability": 0, "active": True}]},
    ),
    (
        "o-won-100",
        "deal_actions",
        {"deal": {"status": "won"}},
        {"actions": [{"action": "set", "probability": 100}, {"action": "set", "probability": 0}]},
        {"results": [{"status": "won"}, {"error": "won_is_final"}]},
    ),
    (
        "o-create",
        "deal_actions",
        {},
        {
            "actions": [
                {"action": "create", "stage": "new", "probability": 100},
                {"action": "create", "stage": "won"},
            ]
        },
        {"results": [{"status": "open", "probability": 100}, {"status": "won", "probability": 100}]},
    ),
    (
        "o-named",
        "deal_actions",
        {"stage_probabilities": {"new": 10, "won": 100}, "deal": {"stage": "new"}},
        {"actions": [{"action": "move", "to_stage": "won"}]},
        {"results": [{"status": "won", "probability": 100}]},
    ),
    (
        "o-reopen-won",
        "deal_actions",
        {"deal": {"status": "won"}},
        {"actions": [{"action": "move", "to_stage": "new"}, {"action": "mark_lost"}]},
        {"results": [{"status": "open"}, {"status": "lost"}]},
    ),
]

# The rules of crm/fcrm/doctype/crm_deal/test_crm_deal.py; a won deal may be lost there.
FRAPPE: list[Row] = [
    (
        "f-lost",
        "deal_actions",
        {"deal": {"status": "open"}},
        {
            "actions": [
                {"action": "move", "to_status": "lost"},
                {"action": "move", "to_status": "lost", "lost_reason": "Other"},
                {"action": "move", "to_status": "lost", "lost_reason": "Other", "lost_note": ""},
                {"action": "move", "to_status": "lost", "lost_reason": "Other", "lost_note": "went silent"},
            ]
        },
        {
            "results": [
                {"error": "lost_reason_required"},
                {"error": "lost_note_required"},
                {"error": "lost_note_required"},
                {"ok": True, "status": "lost", "lost_reason": "Other", "lost_note": "went silent"},
            ]
        },
    ),
    (
        "f-lost-price",
        "deal_actions",
        {"deal": {"status": "open"}},
        {
            "actions": [
                {"action": "mark_lost"},
                {"action": "mark_lost", "lost_reason": "Price", "lost_note": None},
            ]
        },
        {
            "results": [
                {"error": "lost_reason_required", "ok": False},
                {"status": "lost", "lost_reason": "Price"},
            ]
        },
    ),
    (
        "f-won",
        "deal_actions",
        {"deal": {"status": "open", "value": 100, "close_date": "2026-12-31"}},
        {"actions": [{"action": "none"}, {"action": "move", "to_status": "won"}]},
        {"results": [{"closed_date": None}, {"status": "won", "closed_date": "today", "ok": True}]},
    ),
    (
        "f-won-kept",
        "deal_actions",
        {"deal": {"status": "won", "closed_date": "2024-01-05"}},
        {"actions": [{"action": "save"}]},
        {"results": [{"status": "won", "closed_date": "2024-01-05"}]},
    ),
    (
        "f-fc",
        "deal_actions",
        {"forecasting": True, "deal": {"status": "open"}},
        {
            "actions": [
                {"action": "save"},
                {"action": "set", "value": 5000},
                {"action": "save"},
                {"action": "set", "close_date": "2026-12-31"},
                {"action": "save"},
            ]
        },
        {
            "results": [
                {"error": "forecast_fields_required"},
                {"value": 5000},
                {"error": "forecast_fields_required"},
                {"close_date": "2026-12-31"},
                {"ok": True},
            ]
        },
    ),
    (
        "f-fc-zero",
        "deal_actions",
        {"forecasting": True, "deal": {"status": "open", "value": 0, "close_date": "2026-12-31"}},
        {"actions": [{"action": "save"}]},
        {"results": [{"error": "forecast_fields_required"}]},
    ),
    (
        "f-fc-null",
        "deal_actions",
        {"forecasting": True, "deal": {"status": "open", "value": 10, "close_date": None}},
        {"actions": [{"action": "save"}, {"action": "move", "to_status": "won"}]},
        {"results": [{"error": "forecast_fields_required"}, {"error": "forecast_fields_required"}]},
    ),
    (
        "f-fc-create",
        "deal_actions",
        {"forecasting": True},
        {
            "actions": [
                {"action": "create", "stage": "Qualification"},
                {"action": "create", "stage": "Qualification", "value": 5000, "close_date": "2026-12-31"},
            ]
        },
        {"results": [{"error": "forecast_fields_required"}, {"ok": True, "value": 5000}]},
    ),
    (
        "f-fc-off",
        "deal_actions",
        {"forecasting": False, "deal": {"status": "open"}},
        {"actions": [{"action": "save"}]},
        {"results": [{"ok": True}]},
    ),
    (
        "f-primary-2",
        "deal_actions",
        {
            "deal": {
                "status": "open",
                "contacts": [{"id": "a", "primary": True}, {"id": "b", "primary": True}],
            }
        },
        {"actions": [{"action": "save"}]},
        {"results": [{"error": "one_primary_contact"}]},
    ),
    (
        "f-primary-1",
        "deal_actions",
        {"deal": {"contacts": [{"id": "a", "primary": False}]}},
        {"actions": [{"action": "save"}]},
        {"results": [{"contacts": [{"id": "a", "primary": True}], "primary_contact": "a"}]},
    ),
    (
        "f-primary-anon",
        "deal_actions",
        {"deal": {"contacts": [{"primary": False}]}},
        {"actions": [{"action": "save"}]},
        {"results": [{"contacts": [{"primary": True}]}]},
    ),
    (
        "f-primary-0",
        "deal_actions",
        {"deal": {"contacts": [{"id": "a", "primary": False}, {"id": "b"}]}},
        {"actions": [{"action": "save"}]},
        {
            "results": [
                {
                    "contacts": [{"id": "a", "primary": False}, {"id": "b", "primary": False}],
                    "primary_contact": None,
                }
            ]
        },
    ),
    (
        "f-primary-set",
        "deal_actions",
        {"deal": {"status": "open"}},
        {"actions": [{"action": "set", "contacts": ["a"]}, {"action": "save"}]},
        {"results": [{"ok": True}, {"primary_contact": "a"}]},
    ),
    (
        "f-names",
        "deal_actions",
        {"deal": {"status": "Qualification"}},
        {"actions": [{"action": "move", "to_status": "Won"}]},
        {"results": [{"status": "won", "closed_date": "today"}]},
    ),
    (
        "f-won-lost",
        "deal_actions",
        {"deal": {"status": "won"}},
        {
            "actions": [
                {"action": "move", "to_status": "lost"},
                {"action": "move", "to_status": "lost", "lost_reason": "Price"},
            ]
        },
        {"results": [{"error": "lost_reason_required"}, {"status": "lost"}]},
    ),
]

# A stage gives its probability, in bulk as well, and a stated one is kept.
ESPO: list[Row] = [
    (
        "e-create",
        "deal_actions",
        {"stage_probabilities": CHANCES},
        {
            "actions": [
                {"action": "create", "stage": "Proposal"},
                {"action": "create", "stage": "Proposal", "probability": 35},
                {"action": "create", "stage": "Closed Won"},
                {"action": "create", "stage": "Closed Lost"},
            ]
        },
        {
            "results": [
                {"probability": 50},
                {"probability": 35, "stage": "Proposal"},
                {"probability": 100},
                {"probability": 0},
            ]
        },
    ),
    (
        "e-create-null",
        "deal_actions",
        {"stage_probabilities": CHANCES},
        {"actions": [{"action": "create", "stage": "Proposal", "probability": None}]},
        {"results": [{"probability": 50}]},
    ),
    (
        "e-bulk",
        "deal_actions",
        {
            "stage_probabilities": CHANCES,
            "deals": [
                {"stage": "Prospecting", "probability": 10},
                {"stage": "Qualification", "probability": 20},
                {"stage": "Proposal", "probability": 35},
            ],
        },
        {"actions": [{"action": "bulk_move", "to_stage": "Negotiation"}]},
        {"results": [{"probabilities": [80, 80, 35]}]},
    ),
    (
        "e-move",
        "deal_actions",
        {"stage_probabilities": CHANCES, "deal": {"stage": "Prospecting"}},
        {
            "actions": [
                {"action": "move", "to_status": "Negotiation"},
                {"action": "set", "probability": 65},
                {"action": "move", "to_stage": "Proposal"},
                {"action": "set", "stage": "Qualification"},
            ]
        },
        {
            "results": [
                {"stage": "Negotiation", "probability": 80},
                {"probability": 65},
                {"probability": 65},
                {"probability": 65},
            ]
        },
    ),
    (
        "e-move-with",
        "deal_actions",
        {"stage_probabilities": CHANCES, "deal": {"stage": "Prospecting", "probability": 10}},
        {
            "actions": [
                {"action": "move", "to_stage": "Negotiation", "probability": 60},
                {"action": "set", "stage": "Proposal", "probability": 40},
            ]
        },
        {"results": [{"probability": 60}, {"probability": 40, "stage": "Proposal"}]},
    ),
    (
        "e-won",
        "deal_actions",
        {"stage_probabilities": CHANCES, "deal": {"stage": "Negotiation", "probability": 65}},
        {"actions": [{"action": "move", "to_stage": "Closed Won"}]},
        {"results": [{"probability": 100, "status": "won"}]},
    ),
    (
        "e-custom",
        "deal_actions",
        {"stage_probabilities": {"S1": 15, "S2": 45}, "deal": {"stage": "S1"}},
        {"actions": [{"action": "move", "to_stage": "S2"}]},
        {"results": [{"probability": 45}]},
    ),
]

# Nothing runs on nights, weekends and holidays; the closing minute is no working time any more.
HOURS: list[Row] = [
    (
        "sd-before",
        "sla_deadline",
        {"calendar": OFFICE},
        {"start": "2024-01-01T06:00", "target_seconds": 3600},
        {"deadline": "2024-01-01T10:00"},
    ),
    (
        "sd-after",
        "sla_deadline",
        {"calendar": OFFICE},
        {"start": "2024-01-01T20:00", "target_seconds": 3600},
        {"deadline": "2024-01-02T10:00"},
    ),
    (
        "sd-holiday",
        "sla_deadline",
        {"calendar": HOLIDAY},
        {"start": "2024-01-01T16:30", "target_seconds": 3600},
        {"deadline": "2024-01-03T09:30"},
    ),
    (
        "sd-weekend",
        "sla_deadline",
        {"calendar": OFFICE},
        {"start": "2024-01-05T16:30", "target_seconds": 3600},
        {"deadline": "2024-01-08T09:30"},
    ),
    (
        "sd-sat",
        "sla_deadline",
        {"calendar": OFFICE},
        {"start": "2024-01-06T12:00", "target_seconds": 1800},
        {"deadline": "2024-01-08T09:30"},
    ),
    (
        "sd-long",
        "sla_deadline",
        {"calendar": OFFICE},
        {"start": "2024-01-01T09:00", "target_seconds": 144000},
        {"deadline": "2024-01-05T17:00"},
    ),
    (
        "sd-closing",
        "sla_deadline",
        {"calendar": OFFICE},
        {"start": "2024-01-01T16:00", "target_seconds": 3600},
        {"deadline": "2024-01-01T17:00"},
    ),
    (
        "sd-seconds",
        "sla_deadline",
        {"calendar": OFFICE},
        {"start": "2024-01-01T10:00", "target_seconds": 90},
        {"deadline": "2024-01-01T10:01:30"},
    ),
    (
        "sd-start-seconds",
        "sla_deadline",
        {"calendar": OFFICE},
        {"start": "2024-01-01T10:00:15", "target_seconds": 3600},
        {"deadline": "2024-01-01T11:00:15"},
    ),
    (
        "sd-null",
        "sla_deadline",
        {"calendar": OFFICE},
        {"start": "2024-01-01T10:00", "target_seconds": 3600, "existing_deadline": None},
        {"deadline": "2024-01-01T11:00"},
    ),
    (
        "sd-kept",
        "sla_deadline",
        {"calendar": OFFICE},
        {"start": "2024-01-01T10:00", "target_seconds": 3600, "existing_deadline": "2024-01-01T09:00"},
        {"deadline": "2024-01-01T09:00"},
    ),
    (
        "sd-noholidays",
        "sla_deadline",
        {"calendar": {"weekdays": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "to": "17:00"}},
        {"start": "2024-01-01T10:00", "target_seconds": 3600},
        {"deadline": "2024-01-01T11:00"},
    ),
    (
        "sd-seven",
        "sla_deadline",
        {
            "calendar": {
                "weekdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
                "from": "00:00",
                "to": "23:59",
                "holidays": [],
            }
        },
        {"start": "2024-01-05T23:00", "target_seconds": 3600},
        {"deadline": "2024-01-06T00:01"},
    ),
    (
        "ws-weekend",
        "working_seconds",
        {"calendar": OFFICE},
        {"start": "2024-01-05T16:00", "end": "2024-01-08T10:00"},
        {"seconds": 7200},
    ),
    (
        "ws-holiday",
        "working_seconds",
        {"calendar": HOLIDAY},
        {"start": "2024-01-01T16:00", "end": "2024-01-03T10:00"},
        {"seconds": 7200},
    ),
    (
        "ws-outside",
        "working_seconds",
        {"calendar": OFFICE},
        {"start": "2024-01-06T10:00", "end": "2024-01-07T10:00"},
        {"seconds": 0},
    ),
    (
        "ws-same",
        "working_seconds",
        {"calendar": OFFICE},
        {"start": "2024-01-01T12:00", "end": "2024-01-01T12:00"},
        {"seconds": 0},
    ),
    (
        "ws-secs",
        "working_seconds",
        {"calendar": OFFICE},
        {"start": "2024-01-01T08:00:00", "end": "2024-01-01T09:00:30"},
        {"seconds": 30},
    ),
    (
        "ws-reversed-e",
        "working_seconds",
        {"calendar": OFFICE},
        {"start": "2024-01-01T12:00", "end": "2024-01-01T10:00"},
        {"error": "reversed_bounds"},
    ),
    (
        "iw",
        "is_working_time",
        {"calendar": HOLIDAY},
        {
            "moments": [
                "2024-01-01T09:00",
                "2024-01-01T16:59",
                "2024-01-02T10:00",
                "2024-01-06T10:00",
                "2024-01-03T08:59",
            ]
        },
        {"answers": [True, True, False, False, False]},
    ),
    (
        "iw-end",
        "is_working_time",
        {"calendar": OFFICE},
        {"moments": ["2024-01-01T17:00"]},
        {"answers": [False]},
    ),
    ("iw-none", "is_working_time", {"calendar": HOLIDAY}, {"moments": []}, {"answers": []}),
    (
        "sr",
        "sla_response",
        {"calendar": OFFICE},
        {"created": "2024-01-05T16:00", "first_response": "2024-01-08T10:30"},
        {"seconds": 9000, "last_response_seconds": 9000, "status": "fulfilled"},
    ),
    (
        "sr-out",
        "sla_response",
        {"calendar": OFFICE},
        {"created": "2024-01-06T16:00", "first_response": "2024-01-07T10:30"},
        {"seconds": 0, "status": "fulfilled"},
    ),
    (
        "ss-5",
        "sla_status",
        {},
        {"deadline_hours_from_now": 1, "responded_hours_from_now": 0},
        {"status": "fulfilled"},
    ),
    (
        "ss-6",
        "sla_status",
        {},
        {"deadline_hours_from_now": -1, "responded_hours_from_now": 0},
        {"status": "failed"},
    ),
    (
        "sf-dup",
        "sla_default",
        {"defaults": [{"record_type": "CRM Lead"}]},
        {"add_default": {"record_type": "CRM Lead"}},
        {"error": "duplicate_default"},
    ),
    (
        "sf-str",
        "sla_default",
        {"defaults": [{"record_type": "CRM Lead"}]},
        {"add_default": "CRM Lead"},
        {"error": "duplicate_default"},
    ),
    (
        "sf-other",
        "sla_default",
        {"defaults": [{"record_type": "CRM Lead"}, {"record_type": "X"}]},
        {"add_default": {"record_type": "CRM Deal"}},
        {"error": None},
    ),
    (
        "sf-none",
        "sla_default",
        {"defaults": []},
        {"add_default": {"record_type": "CRM Deal"}},
        {"error": None},
    ),
]

# What is won, lost or archived stays a lead; what the contact lacks comes from the lead.
CONVERSION: list[Row] = [
    (
        "cd",
        "conversion_duplicates",
        {
            "duplicates": {
                "open": 3,
                "lost_opp": 1,
                "archived_opp": 1,
                "lost_lead": 2,
                "archived_lead": 1,
                "won_opp": 1,
            }
        },
        {"include_lost": False},
        {"count": 4, "excluded": ["lost_opp", "archived_opp", "lost_lead", "archived_lead", "won_opp"]},
    ),
    (
        "cd-t",
        "conversion_duplicates",
        {"duplicates": {"open": 5}},
        {"include_lost": True},
        {"count": 6, "excluded": []},
    ),
    (
        "cl",
        "convert_lead",
        {
            "lead": {
                "status": "open",
                "active": True,
                "email": "l@x.test",
                "phone": "1",
                "team": "T1",
                "owner": "u1",
            }
        },
        {"contact": {"id": "C1", "email": "c@x.test", "phone": "2"}},
        {"type": "opportunity", "email": "c@x.test", "phone": "2", "contact": "C1"},
    ),
    (
        "cl-np",
        "convert_lead",
        {
            "lead": {
                "status": "open",
                "active": True,
                "email": "l@x.test",
                "phone": "1",
                "team": "T1",
                "owner": "u1",
            }
        },
        {"contact": {"id": "C1", "email": "c@x.test", "phone": None}},
        {"email": "c@x.test", "phone": "1"},
    ),
    (
        "cl-won",
        "convert_lead",
        {
            "lead": {
                "status": "won",
                "active": True,
                "email": "l@x.test",
                "phone": "1",
                "team": "T1",
                "owner": "u1",
            }
        },
        {},
        {"type": "lead"},
    ),
    (
        "cl-lost",
        "convert_lead",
        {
            "lead": {
                "status": "lost",
                "active": False,
                "email": "l@x.test",
                "phone": "1",
                "team": "T1",
                "owner": "u1",
            }
        },
        {},
        {"type": "lead"},
    ),
    (
        "cl-100",
        "convert_lead",
        {
            "lead": {
                "status": "open",
                "active": True,
                "email": "l@x.test",
                "phone": "1",
                "team": "T1",
                "owner": "u1",
                "probability": 100,
            }
        },
        {"contact": None},
        {"type": "opportunity", "contact": None},
    ),
    (
        "cl-owner",
        "convert_lead",
        {
            "lead": {
                "status": "open",
                "active": True,
                "email": "l@x.test",
                "phone": "1",
                "team": "T1",
                "owner": "u1",
            },
            "team_of_user": {"u2": "T2"},
        },
        {"owner": "u2"},
        {"owner": "u2", "team": "T2"},
    ),
    (
        "cl-own-contact",
        "convert_lead",
        {
            "lead": {
                "status": "open",
                "active": True,
                "email": "l@x.test",
                "phone": "1",
                "team": "T1",
                "owner": "u1",
                "contact": "C0",
            }
        },
        {},
        {"contact": "C0", "type": "opportunity"},
    ),
    (
        "cl-string",
        "convert_lead",
        {
            "lead": {
                "status": "open",
                "active": True,
                "email": "l@x.test",
                "phone": "1",
                "team": "T1",
                "owner": "u1",
            }
        },
        {"contact": "C1"},
        {"type": "opportunity", "contact": "C1"},
    ),
]


@pytest.mark.parametrize(
    ("policy", "row"),
    [
        pytest.param(policy, row, id=row[0])
        for policy, rows in (
            (None, WEIGHTED),
            (None, RATES),
            (None, SPLITS),
            (None, COLLECTION),
            (None, DEFINITIONS),
            ("odoo", ODOO),
            ("frappe_crm", FRAPPE),
            ("espocrm", ESPO),
            (None, HOURS),
            ("odoo", CONVERSION),
        )
        for row in rows
    ],
)
def test_a_row_passes(tmp_path: Path, policy: str | None, row: Row) -> None:
    name, kind, given, when, expect = row
    case = {"id": name, "kind": kind, "source": "by hand", "given": given, "when": when, "expect": expect,
            "policy": policy, "tolerance": {"abs": 1e-6}}  # fmt: skip
    file = tmp_path / "cases.json"
    file.write_text(json.dumps([case]), encoding="utf-8")

    assert [run(read) for read in read_cases(file)] == [("pass", "")]
