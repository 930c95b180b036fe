"""Leads of one batch that are one and the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from salesmgmt.core.entity import LeadId
from salesmgmt.engines.matching import clusters, normal_email, normal_phone
from salesmgmt.pipeline.leads.assignment.rules import SameLead
from salesmgmt.pipeline.leads.lead import Lead


def duplicates(leads: Iterable[Lead], same: tuple[SameLead, ...]) -> Mapping[LeadId, LeadId]:
    """Return which open lead without an owner is the same as which other one that stands for it.

    Leads that have any of the values in common are one, also through a third. The oldest with an owner stands for
    them, else the oldest.
    """
    known = {lead.key: lead for lead in leads if lead.is_open} if same else {}
    first: dict[tuple[SameLead, str], LeadId] = {}
    pairs = [
        (first.setdefault((by, value), lead.key), lead.key)
        for lead in known.values()
        for by in same
        if (value := _value(lead, by))
    ]
    standing: dict[LeadId, LeadId] = {}
    for group in clusters(pairs):
        alike = [known[LeadId(key)] for key in group]
        head = min(alike, key=lambda lead: (lead.owner is None, lead.created_at, lead.id))
        standing |= {lead.key: head.key for lead in alike if lead.owner is None and lead is not head}
    return standing


def _value(lead: Lead, by: SameLead) -> str:
    if by is SameLead.CONTACT:
        return lead.contact or ""
    return normal_email(lead.email) if by is SameLead.EMAIL else normal_phone(lead.phone)
