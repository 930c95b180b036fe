"""Kinds about who gets a lead: quotas, batches of teams, runs, round robin, least busy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.formula import FactType
from salesmgmt.pipeline.leads import (
    Assigner,
    AssignmentMethod,
    AssignmentPolicy,
    AssignmentReason,
    AssignmentRules,
    CapacityLimit,
    Distribution,
    Given,
    Lead,
    LeadStatus,
    LeftReason,
    Load,
    Member,
    Score,
    Team,
    assign_all,
    daily_quota,
    lead_preset,
)
from tests.cases.case import Adapter, Case, Keys, Unsupported, number

BY = Actor("case")
NOW = datetime(2026, 1, 31, 8, tzinfo=UTC)
ROUNDINGS = {"half_up": "half_up", "half_even": "half_even", "down": "down", "up": "up", "none": None}
STATUSES = {
    "open": LeadStatus.NEW,
    "new": LeadStatus.NEW,
    "won": LeadStatus.CONVERTED,
    "lost": LeadStatus.UNQUALIFIED,
    "archived": LeadStatus.UNQUALIFIED,
}
RULES = {
    "odoo": lead_preset("odoo").assignment,
    "longest_idle": lead_preset("odoo").assignment,
    None: lead_preset("odoo").assignment,
}
"""In the preset a tie already goes to whoever has waited longest."""


def daily_quota_case(case: Case) -> dict[str, Any]:
    capacity, days = case.given.number("monthly_capacity"), int(case.given.number("days"))
    rounding = case.given.choice("rounding", ROUNDINGS, "half_up")
    assigned = int(case.when.number("assigned_last_24h", 0))
    return {
        "quota": daily_quota(capacity, days=days, rounding=rounding, assigned=assigned),
        "quota_forced": daily_quota(capacity, days=days, rounding=rounding),
    }


def assign_batch(case: Case) -> dict[str, Any]:
    rules = _rules(case)
    if "deduplicate" in case.when and not case.when.take("deduplicate"):
        rules = attrs.evolve(rules, deduplicate=())
    teams, loads, conditions = _teams(case.given.take("teams"), case.given.inner("teams"))
    asked = {field for field, _ in conditions}
    leads = tuple(_lead(index, row, asked) for index, row in enumerate(_rows(case.when.inner("leads"))))
    facts = {f"lead.fields.{field}": _kind(field, conditions, leads) for field in asked}
    assigner = AssignmentPolicy(id="case", rules=rules, facts=facts, teams=tuple(teams)).compile()
    batch = _Runs(assigner, leads, tuple(loads))
    for _ in range(int(case.when.number("runs", 1))):
        batch.run(NOW, forced=bool(case.when.take("forced", False)))
    return batch.answers()


def assign_runs(case: Case) -> dict[str, Any]:
    members, loads, conditions = _members("", case.given.take("members"), case.given.inner("members"))
    if conditions:
        raise Unsupported("filters of members whose leads have no fields")
    assigner = AssignmentPolicy(id="case", rules=_rules(case), members=tuple(members)).compile()
    each, hours = int(case.when.number("leads_per_run")), case.when.number("hours_between_runs", 25)
    given: Counter[str] = Counter({member.person: 0 for member in members})
    for run in range(int(case.when.number("runs"))):
        at = NOW + run * timedelta(hours=float(hours))
        leads = [Lead(id=f"run{run:04}-{n:04}", created_at=at) for n in range(each)]
        shared = assigner.distribute(leads, loads, at=at)
        loads = list(shared.loads)
        given.update(one.owner for one in shared.assignments)
    return {"total": given.total(), "member_counts": dict(given)}


def assign_round_robin(case: Case) -> dict[str, Any]:
    owners, last = case.given.take("owners"), case.given.take("last_owner", None)
    loads = [] if last is None else [Load(person=last, last_at=NOW - timedelta(hours=1))]
    return {"owner": _owners(AssignmentMethod.ROUND_ROBIN, owners, loads, case.when.take("leads"))}


def assign_least_busy(case: Case) -> dict[str, Any]:
    open_leads = case.given.take("open_leads")
    users, tie = list(open_leads), case.given.take("tie", None)
    if tie in users:
        users = [tie, *(user for user in users if user != tie)]
    elif tie in ("id", "lowest_id", "smallest_id", "name"):
        users = sorted(users)
    elif tie not in (None, "first", "order"):
        raise Unsupported(f"given.tie = {tie!r}")
    loads = [Load(person=user, open_leads=int(number(open_leads[user]))) for user in users]
    return {"user": _owners(AssignmentMethod.LEAST_BUSY, users, loads, ["lead"])["lead"]}


def _owners(
    method: AssignmentMethod, people: Sequence[str], loads: Iterable[Load], leads: Sequence[str]
) -> dict[str, str]:
    rules = AssignmentRules(method=method, limit=CapacityLimit.NONE)
    policy = AssignmentPolicy(
        id="case", rules=rules, members=tuple(Member(person=person) for person in people)
    )
    arrived = [Lead(id=id_, created_at=NOW + timedelta(seconds=place)) for place, id_ in enumerate(leads)]
    shared = policy.compile().distribute(arrived, loads, at=NOW)
    return {given.lead: given.owner for given in shared.assignments}


def _rules(case: Case) -> AssignmentRules:
    if case.policy not in RULES:
        raise Unsupported(f"policy = {case.policy!r}")
    return RULES[case.policy]


class _Runs:
    """Batches one after the other, each carried out before the next."""

    def __init__(self, assigner: Assigner, leads: tuple[Lead, ...], loads: tuple[Load, ...]) -> None:
        self._assigner = assigner
        self._before = leads
        self._leads = leads
        self._loads = loads
        self._given: Counter[str] = Counter()
        self._preferred: Counter[str] = Counter()
        self._months: list[dict[str, int]] = []
        self._last: Distribution | None = None

    def run(self, at: datetime, *, forced: bool) -> None:
        shared = self._assigner.distribute(self._leads, self._loads, at=at, forced=forced)
        self._leads, _ = assign_all(self._leads, shared, at=at, by=BY)
        self._loads, self._last = shared.loads, shared
        for one in shared.assignments:
            self._given[f"{one.team}.{one.owner}"] += 1
            self._preferred[f"{one.team}.{one.owner}"] += one.reason is AssignmentReason.PREFERRED
        month = timedelta(days=self._assigner.policy.rules.period_days)
        self._months.append({f"{load.team}.{load.person}": load.taken(month, at=at) for load in self._loads})

    def answers(self) -> dict[str, Any]:
        left = () if self._last is None else self._last.left
        merged = {one.lead for one in left if one.code is LeftReason.DUPLICATE}
        waiting = {one.lead: one.team for one in left}
        remaining = [lead for lead in self._leads if lead.key not in merged]
        teams = {lead.key: lead.team or waiting.get(lead.key, "") for lead in remaining}
        people = [
            f"{team.id}.{member.person}" for team in self._assigner.policy.teams for member in team.members
        ]
        pairs = list(enumerate(zip(self._before, self._leads, strict=True)))
        return {
            "member_counts": {person: self._given[person] for person in people},
            "month_counts_after_runs": {
                person: [month[person] for month in self._months] for person in people
            },
            "leads_left": len(remaining),
            "leads_with_contact": sum(lead.contact is not None for lead in remaining),
            "unassigned_to_team": sum(not team for team in teams.values()),
            "assigned_indexes": [index for index, (was, is_) in pairs if was.owner != is_.owner],
            "untouched_indexes": [
                index
                for index, (was, is_) in pairs
                if was == is_ and (was.team or not waiting.get(was.key)) and was.key not in merged
            ],
            "all_preferred": [
                person for person in people if 0 < self._given[person] == self._preferred[person]
            ],
        }


_Condition = tuple[str, list[Any]]


def _teams(names: Iterable[str], keys: Keys) -> tuple[list[Team], list[Load], list[_Condition]]:
    teams, loads, conditions = [], [], []
    for id_ in names:
        team = keys.inner(id_)
        members, known, found = _members(id_, team.take("members"), team.inner("members"))
        takes = team.take("filter", None)
        teams.append(Team(id=id_, takes=_text(takes), members=tuple(members)))
        loads += known
        conditions += found + _fields(takes)
    return teams, loads, conditions


def _members(
    team: str, names: Iterable[str], keys: Keys
) -> tuple[list[Member], list[Load], list[_Condition]]:
    members, loads, conditions = [], [], []
    for id_ in names:
        member = keys.inner(id_)
        prefers, takes = member.take("prefers", None), member.take("filter", None)
        conditions += _fields(prefers) + _fields(takes)
        capacity = member.take("capacity", None)
        members.append(
            Member(
                person=id_,
                capacity=None if capacity is None else int(number(capacity)),
                available=bool(member.take("active", True)),
                opted_out=bool(member.take("opted_out", False)),
                prefers=_text(prefers),
                takes=_text(takes),
            )
        )
        day = int(member.number("assigned_last_24h", 0))
        earlier = max(0, int(member.number("assigned_this_month", day)) - day)
        moments = ((NOW - timedelta(days=2), earlier), (NOW - timedelta(hours=1), day))
        if given := tuple(Given(at=at, leads=leads) for at, leads in moments if leads):
            loads.append(Load(person=id_, team=team, given=given, last_at=given[-1].at))
    return members, loads, conditions


def _fields(condition: Mapping[str, Any] | None) -> list[_Condition]:
    return [(condition["field"], condition["in"])] if condition else []


def _text(condition: Mapping[str, Any] | None) -> str:
    if not condition:
        return ""
    if set(condition) != {"field", "in"}:
        raise Unsupported(f"a condition of {', '.join(condition)}")
    name = f"lead.fields.{condition['field']}"
    parts = [f"{name} is missing" if one is None else f"{name} == {_literal(one)}" for one in condition["in"]]
    return " or ".join(parts) or f"{name} is missing and {name} is not missing"


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(number(value))


def _kind(field: str, conditions: Iterable[_Condition], leads: Iterable[Lead]) -> FactType:
    """The type of a field of the case, from the values that stand there."""
    values = [value for name, wanted in conditions if name == field for value in wanted]
    values += [lead.fields.get(field) for lead in leads]
    kinds: set[FactType] = {
        "bool" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"
        for value in values
        if value is not None
    }
    if len(kinds) > 1:
        raise Unsupported(f"the field {field} holds {' and '.join(sorted(kinds))}")
    return kinds.pop() if kinds else "text"


def _rows(keys: Keys) -> list[Mapping[str, Any]]:
    if "rows" in keys:
        return list(keys.take("rows"))
    count, cycle = int(keys.number("count")), keys.take("cycle", {})
    tagged = int(keys.number("tagged_first", 0))
    rows: list[dict[str, Any]] = [
        {
            **{field: values[index % len(values)] for field, values in cycle.items()},
            **({"tagged": True} if index < tagged else {}),
        }
        for index in range(count)
    ]
    for index, row in enumerate(rows):
        row.setdefault("email", f"lead{index}@customer{index}.test")
    return [*rows, *(dict(rows[index]) for index in range(int(keys.number("email_duplicates", 0))))]


_STANDARD = {"status", "stage", "active", "archived", "owner", "team", "contact", "email", "phone", "name",
             "company", "type", "probability", "priority", "country", "tagged"}  # fmt: skip


def _lead(index: int, row: Mapping[str, Any], asked: set[str]) -> Lead:
    if unknown := set(row) - _STANDARD - asked:
        raise Unsupported(f"leads with {', '.join(sorted(unknown))}")
    probability = row.get("probability")
    return Lead(
        id=f"lead{index:06}",
        name=row.get("name") or "a lead",
        company=row.get("company") or "",
        email=row.get("email") or "",
        phone=row.get("phone") or "",
        contact=row.get("contact"),
        team=row.get("team") or "",
        owner=row.get("owner"),
        status=_status(row),
        score=None if probability is None else Score(points=int(number(probability)), band=None),
        created_at=NOW - timedelta(days=1) + timedelta(milliseconds=index),
        fields={field: row[field] for field in asked if row.get(field) is not None},
    )


def _status(row: Mapping[str, Any]) -> LeadStatus:
    if not row.get("active", True) or row.get("archived", False):
        return LeadStatus.UNQUALIFIED
    if row.get("stage") in ("won", "lost"):
        return STATUSES[row["stage"]]
    status = row.get("status") or "open"
    if status not in STATUSES:
        raise Unsupported(f"a lead of status {status!r}")
    return STATUSES[status]


ADAPTERS: dict[str, Adapter] = {
    "daily_quota": daily_quota_case,
    "assign_batch": assign_batch,
    "assign_runs": assign_runs,
    "assign_round_robin": assign_round_robin,
    "assign_least_busy": assign_least_busy,
}
