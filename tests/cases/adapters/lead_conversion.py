"""Kinds about the conversion of leads: `convert_lead`, `conversion_duplicates`."""

from __future__ import annotations

from typing import Any

from salesmgmt.core.actor import Actor
from salesmgmt.engines.lifecycle import MoveRefused
from salesmgmt.pipeline.leads import (
    OPEN_OR_LOST,
    QUALIFIED_ONLY,
    ConversionPolicy,
    DuplicateRecord,
    KnownContact,
    Lead,
    LeadConverted,
    LeadStatus,
    OfferPolicy,
    RecordKind,
    RecordState,
    conversion_duplicates,
    convert,
    lead_preset,
)
from tests.cases.case import Adapter, Case, Keys, Unsupported, moment

_AT = moment("2026-03-02T09:00")
_CONVERSIONS: dict[str | None, ConversionPolicy] = {
    None: QUALIFIED_ONLY,
    "odoo": lead_preset("odoo").conversion,
}
_OFFERS: dict[str | None, OfferPolicy] = {None: OPEN_OR_LOST, "odoo": lead_preset("odoo").offers}
_STATUSES = {
    "open": LeadStatus.NEW,
    "new": LeadStatus.NEW,
    "lost": LeadStatus.UNQUALIFIED,
    "archived": LeadStatus.UNQUALIFIED,
    "won": LeadStatus.CONVERTED,
}


def of_policy(policies: dict[str | None, Any], case: Case) -> Any:
    if case.policy not in policies:
        raise Unsupported(f"policy {case.policy!r}")
    return policies[case.policy]


def lead_of(keys: Keys) -> Lead:
    status = keys.choice("status", _STATUSES, "open")
    active, kind, probability = (
        keys.take("active", True),
        keys.take("type", "lead"),
        keys.take("probability", None),
    )
    if kind != "lead":
        raise Unsupported(f"given.lead.type = {kind!r}")
    return Lead(
        id="lead",
        name=keys.take("name", None) or "a lead",
        company=keys.take("company", None) or "",
        email=keys.take("email", None) or "",
        phone=keys.take("phone", None) or "",
        owner=keys.take("owner", None),
        team=keys.take("team", None) or "",
        contact=keys.take("contact", None),
        status=status if active else LeadStatus.UNQUALIFIED,
        fields={} if probability is None else {"probability": str(probability)},
        created_at=_AT,
    )


def convert_lead(case: Case) -> dict[str, Any]:
    lead = lead_of(case.given.inner("lead"))
    named = case.when.take("contact", None)
    contact = (
        Keys({"id": named}, "when.contact")
        if isinstance(named, str)
        else case.when.inner("contact")
        if named
        else None
    )
    known = lead.contact if contact is None else contact.take("id")
    details = {
        name: text
        for name in ("name", "email", "phone")
        if contact is not None and (text := contact.take(name, None))
    }
    try:
        converted, events = convert(
            lead,
            account_id="account",
            contact_id=known or "a new contact",
            known_contact=KnownContact(**details),
            deal_id="deal",
            owner=case.when.take("owner", None),
            teams=case.given.take("team_of_user", None),
            policy=of_policy(_CONVERSIONS, case),
            at=_AT,
            by=Actor("case"),
        )
    except MoveRefused:
        return {
            "type": "lead",
            "email": lead.email or None,
            "phone": lead.phone or None,
            "contact": lead.contact,
            "owner": lead.owner,
            "team": lead.team or None,
        }
    event = events[-1]
    assert isinstance(event, LeadConverted)
    return {
        "type": "lead" if converted.deal is None else "opportunity",
        "email": event.contact.email or None,
        "phone": event.contact.phone or None,
        "contact": None if known is None else converted.contact,
        "owner": converted.owner,
        "team": converted.team or None,
    }


_RECORDS = {
    "open": (RecordKind.LEAD, RecordState.OPEN),
    "open_lead": (RecordKind.LEAD, RecordState.OPEN),
    "open_opp": (RecordKind.DEAL, RecordState.OPEN),
    "won_lead": (RecordKind.LEAD, RecordState.WON),
    "won_opp": (RecordKind.DEAL, RecordState.WON),
    "lost_lead": (RecordKind.LEAD, RecordState.LOST),
    "lost_opp": (RecordKind.DEAL, RecordState.LOST),
    "archived_lead": (RecordKind.LEAD, RecordState.ARCHIVED),
    "archived_opp": (RecordKind.DEAL, RecordState.ARCHIVED),
}


def duplicates_offered(case: Case) -> dict[str, Any]:
    records = case.given.take("duplicates")
    if unknown := set(records) - set(_RECORDS):
        raise Unsupported(f"given.duplicates.{min(unknown)}")
    found = [
        DuplicateRecord(id=f"{name} {index}", kind=_RECORDS[name][0], state=_RECORDS[name][1])
        for name, count in records.items()
        for index in range(int(count))
    ]
    offer = conversion_duplicates(
        Lead(id="lead", name="a lead", created_at=_AT),
        found,
        include_lost=bool(case.when.take("include_lost")),
        policy=of_policy(_OFFERS, case),
    )
    return {
        "count": offer.count,
        "excluded": frozenset(one.record.id.split()[0] for one in offer.excluded),
    }


ADAPTERS: dict[str, Adapter] = {
    "convert_lead": convert_lead,
    "conversion_duplicates": duplicates_offered,
}
