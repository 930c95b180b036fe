"""Kinds about duplicates and merging: `find_duplicates`, `merge_leads`, `merge_fields`, `merge_limit`, `assign_duplicate`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import attrs

from salesmgmt.core.entity import AccountId, ContactId
from salesmgmt.engines.matching import Candidate, MergePolicy, MergeRefused
from salesmgmt.pipeline.leads import (
    Lead,
    LeadStatus,
    find_by_rules,
    lead_preset,
)
from tests.cases.case import Adapter, Case, Keys, Unsupported

_START = datetime(2026, 1, 1, tzinfo=UTC)


def _all(entries: Sequence[Mapping[str, Any]], where: str) -> list[Keys]:
    return [Keys(entry, f"{where}[{place}]") for place, entry in enumerate(entries)]


def _read_whole(objects: Sequence[Keys]) -> None:
    if unread := [key for keys in objects for key in keys.unread()]:
        raise Unsupported(f"not read: {', '.join(unread)}")


def _odoo(case: Case) -> MergePolicy:
    if case.policy != "odoo":
        raise Unsupported(f"policy {case.policy!r}")
    return lead_preset("odoo").merging


def _lead(key: str, keys: Keys) -> Lead:
    account, contact = keys.take("partner_company", None), keys.take("partner", None)
    return Lead(
        id=key,
        company=keys.take("company", None) or "",
        name=keys.take("contact", None) or "",
        email=keys.take("email", None) or "",
        account=None if account is None else AccountId(account),
        contact=None if contact is None else ContactId(contact),
        status=LeadStatus.UNQUALIFIED if keys.take("archived", None) else LeadStatus.NEW,
        created_at=_START,
    )


_NAMES, _ADDRESSES = {"company", "name"}, {"email"}


def find_duplicates(case: Case) -> dict[str, Any]:
    if case.policy != "odoo":
        raise Unsupported(f"policy {case.policy!r}")
    given = case.given
    least = dict.fromkeys(_NAMES, int(given.number("min_name_length")))
    least.update(dict.fromkeys(_ADDRESSES, int(given.number("min_email_length"))))
    preset = lead_preset("odoo").duplicates
    rules = attrs.evolve(
        preset,
        usual_generic_domains=False,
        generic_domains=tuple(given.take("generic_mail_domains")),
        rules=tuple(
            attrs.evolve(rule, min_length=max(1, least.get(rule.fields[0], rule.min_length)))
            for rule in preset.rules
        ),
    )
    rows = {key: Keys(row, f"given.leads.{key}") for key, row in given.take("leads").items()}
    leads = [_lead(key, keys) for key, keys in rows.items()]
    _read_whole(list(rows.values()))
    found = find_by_rules(leads, rules.compile())
    return {"duplicates": {key: frozenset({key, *found.of(key)}) for key in rows}}


_REASONS = {"too_many": "too_many_records", "too_few": "too_few_records"}
_MERGED = ("owner", "team", "priority", "tags", "address", "probability", "lost_reason")


def _candidate(key: str, keys: Keys, **values: Any) -> Candidate:
    created = keys.take("created", None)
    blank = dict.fromkeys(_MERGED)
    return Candidate(
        id=key,
        values={
            **blank,
            "type": keys.take("type", None),
            "stage_sequence": keys.take("stage_sequence", None),
            "status": keys.take("status", None),
            "created": None if created is None else datetime.fromisoformat(created),
            "description": key,
            **values,
        },
    )


def merge_leads(case: Case) -> dict[str, Any]:
    policy = attrs.evolve(_odoo(case), limit=None)
    rows = _all(case.given.take("records"), "given.records")
    records = [_candidate(keys.take("id"), keys, owner=keys.take("owner", None)) for keys in rows]
    _read_whole(rows)
    owner = case.when.take("new_owner", None)
    try:
        merged = policy.plan(records, overrides={} if owner is None else {"owner": owner})
    except MergeRefused as refused:
        return {"error": _REASONS[refused.reason]}
    description = next(choice for choice in merged.choices if choice.field == "description")
    return {
        "master": merged.master,
        "type": merged.values["type"],
        "removed": merged.removed,
        "excluded": frozenset(merged.excluded),
        "description_order": description.sources,
        "owner": merged.values["owner"],
        "error": None,
    }


def merge_fields(case: Case) -> dict[str, Any]:
    policy = attrs.evolve(_odoo(case), limit=None, excluded=(), ranking=_odoo(case).ranking[:0])
    rows = sorted(_all(case.given.take("records"), "given.records"), key=lambda keys: keys.take("rank", 0))
    records = []
    for place, keys in enumerate(rows):
        tags = keys.take("tags", None)
        taken: dict[str, Any] = {name: keys.take(name, None) for name in _MERGED if name != "tags"}
        taken["tags"] = frozenset() if tags is None else frozenset(tags)
        records.append(_candidate(keys.take("id", str(place)), keys, **taken))
    _read_whole(rows)
    values = policy.plan(records).values
    return {
        **{name: values[name] for name in ("priority", "address", "lost_reason", "type", "owner", "team")},
        "tags": frozenset(values["tags"]),
    }


def merge_limit(case: Case) -> dict[str, Any]:
    limit = case.given.take("limit")
    policy = MergePolicy(id="case", limit=None if limit is None else int(limit))
    records = [
        Candidate(id=str(number), values={"name": "Ana"})
        for number in range(int(case.when.number("selected")))
    ]
    try:
        policy.plan(records)
    except MergeRefused as refused:
        return {"error": _REASONS[refused.reason]}
    return {"error": None}


def assign_duplicate(case: Case) -> dict[str, Any]:
    policy = attrs.evolve(_odoo(case), limit=None)
    master, lead = case.given.inner("master"), case.when.inner("lead")
    rows = {"master": master, "lead": lead}
    leads = [
        Lead(id=key, email=keys.take("email", None) or "", created_at=_START) for key, keys in rows.items()
    ]
    found = find_by_rules(leads, lead_preset("odoo").same_address.compile())
    values = {key: {name: keys.take(name, None) for name in ("team", "owner")} for key, keys in rows.items()}
    through = case.when.take("through_team", None)
    values["lead"]["team"] = values["lead"]["team"] or through
    records = [_candidate(key, keys, **values[key]) for key, keys in rows.items()]
    if "lead" not in found.of("master"):
        return {"lead_exists": True, "master": values["master"]}
    try:
        merged = policy.plan(records, ranked=True)
    except MergeRefused:  # one that was won or lost takes no part in it
        return {"lead_exists": True, "master": values["master"]}
    return {
        "lead_exists": "lead" not in merged.removed,
        "master": {"team": merged.values["team"], "owner": merged.values["owner"]},
    }


ADAPTERS: dict[str, Adapter] = {
    "find_duplicates": find_duplicates,
    "merge_leads": merge_leads,
    "merge_fields": merge_fields,
    "merge_limit": merge_limit,
    "assign_duplicate": assign_duplicate,
}
