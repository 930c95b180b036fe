"""Duplicates: which leads are the same person."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import attrs

from salesmgmt.core.entity import LeadId
from salesmgmt.engines.matching import Found, Matcher, Matches, MatchModel, RuleFinder
from salesmgmt.pipeline.leads.lead import Lead, LeadStatus


@attrs.frozen(kw_only=True)
class Duplicates:
    """The duplicates among leads.

    Attributes:
        groups: the leads that are the same, oldest first; the groups by their oldest lead.
        matches: the pairs behind them with the weight of each field, and the possible pairs that a person should look
            at; `matches.oversize` tells which blocks were too large to compare in full.
    """

    groups: tuple[tuple[LeadId, ...], ...]
    matches: Matches


def lead_match_model() -> MatchModel:
    """Read the matching model for leads that comes with the library.

    >>> from salesmgmt.pipeline.leads import lead_match_model
    >>> lead_match_model().findings
    ()
    """
    return MatchModel.load(Path(__file__).with_name("duplicates.toml"))


def find_duplicates(leads: Iterable[Lead], matcher: Matcher) -> Duplicates:
    """Find the leads that are the same; leads that were merged already are left out.

    Args:
        leads: the leads; their order does not matter.
        matcher: compares the texts of `lead_texts`, as far as its model does.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.pipeline.leads import Lead, find_duplicates, lead_match_model
    >>> now = datetime(2026, 1, 1, 9, tzinfo=UTC)
    >>> leads = [Lead(id="l1", name="Ana Berg", company="Belcor GmbH", phone="030 1234567", created_at=now),
    ...          Lead(id="l2", name="ANA BERGG", company="belcor", phone="+49 30 1234567", created_at=now)]
    >>> found = find_duplicates(leads, lead_match_model().compile())
    >>> found.groups
    (('l1', 'l2'),)
    >>> [(field.field, field.level) for field in found.matches[0].fields]
    [('name', 'one letter off'), ('company', 'same'), ('email', None), ('phone', 'same'), ('country', None)]
    """
    alive = {lead.id: lead for lead in leads if lead.status is not LeadStatus.MERGED}
    matches = matcher.matches({key: lead_texts(lead) for key, lead in alive.items()})
    groups = [
        tuple(sorted(map(LeadId, group), key=lambda key: (alive[key].created_at, key)))
        for group in matches.clusters()
    ]
    groups.sort(key=lambda group: (alive[group[0]].created_at, group[0]))
    return Duplicates(groups=tuple(groups), matches=matches)


def find_by_rules(leads: Iterable[Lead], finder: RuleFinder) -> Found:
    """Find what rules without weights take for duplicates; leads that were merged already are left out.

    Args:
        leads: the leads, also those that were given up or converted.
        finder: compiled rules over the fields of `lead_texts`.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.pipeline.leads import Lead, find_by_rules, lead_preset
    >>> now = datetime(2026, 1, 1, 9, tzinfo=UTC)
    >>> leads = [Lead(id="l1", email="Ana <ana@shop.test>", created_at=now),
    ...          Lead(id="l2", email="BO@SHOP.TEST", created_at=now)]
    >>> found = find_by_rules(leads, lead_preset("odoo").duplicates.compile())
    >>> found.of("l1"), found.why("l1", "l2")
    (('l2',), ('same domain',))
    """
    return finder.find({lead.id: lead_texts(lead) for lead in leads if lead.status is not LeadStatus.MERGED})


def lead_texts(lead: Lead) -> dict[str, str]:
    """Return the texts of a lead that a matching model, or a set of rules, may read.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.pipeline.leads import Lead, lead_texts
    >>> sorted(lead_texts(Lead(id="l1", name="Ana", created_at=datetime(2026, 1, 1, tzinfo=UTC))))
    ['account', 'city', 'company', 'contact', 'country', 'email', 'name', 'phone', 'postal_code', 'street', 'title']
    """
    return {
        "name": lead.name,
        "company": lead.company,
        "title": lead.title,
        "email": lead.email,
        "phone": lead.phone,
        "street": lead.street,
        "city": lead.city,
        "postal_code": lead.postal_code,
        "country": lead.country,
        "account": lead.account or "",
        "contact": lead.contact or "",
    }
