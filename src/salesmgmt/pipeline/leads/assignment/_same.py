"""Leads of one batch that are one and the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from salesmgmt.core.entity import LeadId
from salesmgmt.engines.matching import normal_email, normal_phone
from salesmgmt.pipeline.leads.assignment.rules import SameLead
from salesmgmt.pipeline.leads.lead import Lead


def duplicates(leads: Iterable[Lead], same: tuple[SameLead, ...]) -> Mapping[LeadId, LeadId]:
    """Return which open lead without an owner is the same as which other one that stands for it.

    Leads that have any of the values in common are one, also through a third. The oldest with an owner stands for
    them, else the oldest.
    """
    if not same:
        return {}
    ordered = sorted(
        (lead for lead in leads if lead.is_open),
        key=lambda lead: (lead.owner is None, lead.created_at, lead.id),
    )
    first: dict[tuple[SameLead, str], int] = {}
    root = list(range(len(ordered)))
    for number, lead in enumerate(ordered):
        for by in same:
            value = _value(lead, by)
            if value:
                _join(root, number, first.setdefault((by, value), number))
    return {
        lead.key: ordered[_find(root, number)].key
        for number, lead in enumerate(ordered)
        if lead.owner is None and _find(root, number) != number
    }


def _value(lead: Lead, by: SameLead) -> str:
    if by is SameLead.CONTACT:
        return lead.contact or ""
    return normal_email(lead.email) if by is SameLead.EMAIL else normal_phone(lead.phone)


def _find(root: list[int], number: int) -> int:
    while root[number] != number:
        root[number] = root[root[number]]
        number = root[number]
    return number


def _join(root: list[int], one: int, other: int) -> None:
    low, high = sorted((_find(root, one), _find(root, other)))
    root[high] = low
