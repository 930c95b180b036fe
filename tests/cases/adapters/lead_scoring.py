"""Kinds about predictive lead scoring: `pls_score`, `pls_build`, `pls_update`, `pls_merge_team`, `pls_explain`, `pls_recompute`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

import attrs

from salesmgmt.core.percent import Percent
from salesmgmt.pipeline.leads import (
    Factor,
    FrequencyPolicy,
    FrequencyRow,
    FrequencyTable,
    LeadOutcome,
    LeadProbability,
    LeadRecord,
    combine_factors,
    lead_preset,
)
from tests.cases.case import Adapter, Case, Keys, Unsupported, number

_POLICIES = {"odoo": lead_preset("odoo").frequencies}
_OUTCOMES = {"won": LeadOutcome.WON, "lost": LeadOutcome.LOST, "open": None, "pending": None, None: None}
_EVENTS: dict[str, Callable[[LeadRecord], LeadRecord]] = {
    "won": LeadRecord.won,
    "lost": LeadRecord.lost,
    "reopen": LeadRecord.reopened,
    "archive": lambda record: record,  # puts a lead out of sight, and says nothing of how it ended
}
_NO_VALUE = {"None", "False", "false", "null"}


def _policy(case: Case) -> FrequencyPolicy:
    if case.policy not in _POLICIES:
        raise Unsupported(f"policy {case.policy!r}")
    policy = _POLICIES[case.policy]
    if "min_tag_count" in case.given:
        policy = attrs.evolve(policy, min_tag_count=case.given.number("min_tag_count"))
    if "smoothing" in case.given:
        policy = attrs.evolve(policy, smoothing=case.given.number("smoothing"))
    return policy


def _text(value: object) -> str:
    text = str(value)
    return "" if value is None or text in _NO_VALUE else text


def _record(given: Mapping[str, Any], outcome: str = "outcome") -> LeadRecord:
    keys = {**given, **(given.get("fields") or {})}
    keys.pop("fields", None)
    ended = keys.pop(outcome, None)
    if ended not in _OUTCOMES:
        raise Unsupported(f"{outcome} {ended!r}")
    return LeadRecord(
        stage=_text(keys.pop("stage", None)),
        team=_text(keys.pop("team", None)),
        tags=[str(tag) for tag in keys.pop("tags", None) or ()],
        fields={name: _text(value) for name, value in keys.items()},
        outcome=_OUTCOMES[ended],
    )


def _row(field: str, value: str, counts: list[Any], team: str = "") -> FrequencyRow:
    won, lost = counts
    return FrequencyRow(field=field, value=_text(value), team=team, won=number(won), lost=number(lost))


def _rows(named: Mapping[str, list[Any] | None], team: str = "") -> list[FrequencyRow]:
    """Rows under `field:value`; null is a row that is not there yet."""
    return [_row(*_split(name), counts, team) for name, counts in named.items() if counts is not None]


def _split(name: str) -> tuple[str, str]:
    field, _, value = name.partition(":")
    return field, _text(value)


def _counts(table: FrequencyTable, named: Mapping[str, Any], team: str) -> dict[str, Any]:
    rows = {name: table.row(*_split(name), team) for name in named}
    return {name: None if row is None else [row.won, row.lost] for name, row in rows.items()}


def _table(case: Case) -> FrequencyTable:
    """The stated table, or else the one that follows from the history."""
    given, policy = case.given, _policy(case)
    frequencies = given.take("frequencies", None)
    history = given.take("history", None)
    stages = given.take("stages", None) or list((frequencies or {}).get("stage", ()))
    if frequencies is None:
        return FrequencyTable.of([_record(lead) for lead in history or ()], stages=stages, policy=policy)
    rows = [
        _row(field, value, counts) for field, rows in frequencies.items() for value, counts in rows.items()
    ]
    return FrequencyTable(stages=stages, policy=policy, rows=rows)


def score(case: Case) -> dict[str, Any]:
    found = _table(case).compile().predict(_record(case.when.take("lead"))).probability
    return {"probability_percent": LeadProbability().recomputed(found).shown.points}


def build(case: Case) -> dict[str, Any]:
    table = _table(case)
    wanted: Mapping[str, Mapping[str, object]] = case.expect.get("frequencies", {})
    return {"frequencies": {field: _found(table, field, values) for field, values in wanted.items()}}


def _found(table: FrequencyTable, field: str, values: Iterable[str]) -> dict[str, list[Decimal]]:
    """The rows of the named values that there are, under the names that the case gives them."""
    rows = {value: table.row(field, _text(value)) for value in values}
    return {value: [row.won, row.lost] for value, row in rows.items() if row is not None}


def update(case: Case) -> dict[str, Any]:
    lead = _record(case.when.take("lead"), "status")
    rows = _rows(case.given.take("rows"), lead.team)
    table = FrequencyTable(stages=case.given.take("stages", ()), policy=_policy(case), rows=rows)
    after = case.when.choice("event", _EVENTS)(lead)
    status = "pending" if after.outcome is None else after.outcome.value
    return {
        "rows": _counts(table.updated(lead, after), case.expect.get("rows", {}), lead.team),
        "status": status,
    }


def merge_team(case: Case) -> dict[str, Any]:
    rows = [*_rows(case.given.take("no_team")), *_rows(case.given.take("team"), "team")]
    joined = FrequencyTable(stages=(), policy=_policy(case), rows=rows).without_team("team")
    return {"no_team": {f"{row.field}:{row.value}": [row.won, row.lost] for row in joined.rows}}


def explain(case: Case) -> dict[str, Any]:
    won, lost = map(number, case.given.take("first_stage"))
    factors = [
        Factor(
            field=field,
            value="its value",
            won=number(sides["won"][0]),
            won_total=number(sides["won"][1]),
            lost=number(sides["lost"][0]),
            lost_total=number(sides["lost"][1]),
            cumulative=field == "stage",
        )
        for field, sides in case.given.take("rows").items()
    ]
    found = combine_factors(won, lost, factors, _policy(case))
    return {
        "probability_percent": found.probability.required().points,
        "scores": {factor.field: factor.score for factor in found.factors},
        "raises": [factor.field for factor in found.raises],
        "lowers": [factor.field for factor in found.lowers],
    }


def recompute(case: Case) -> dict[str, Any]:
    manual = case.given.take("manual_probability", None)
    kept = LeadProbability(manual=None if manual is None else Percent(number(manual)))
    kept = kept.recomputed(_table(case).compile().predict(_record(_lead(case.when))).probability)
    return {"automatic_probability": kept.automatic.points, "shown_probability": kept.shown.points}


def _lead(when: Keys) -> Mapping[str, Any]:
    lead: Mapping[str, Any] = when.take("lead", {})
    return lead


ADAPTERS: dict[str, Adapter] = {
    "pls_score": score,
    "pls_build": build,
    "pls_update": update,
    "pls_merge_team": merge_team,
    "pls_explain": explain,
    "pls_recompute": recompute,
}
