"""Capture: a lead comes in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import LeadId, PersonId
from salesmgmt.core.events import Event
from salesmgmt.core.formula import Value
from salesmgmt.pipeline.leads.events import LeadCaptured
from salesmgmt.pipeline.leads.lead import EmptyLead, Lead


def capture(
    *,
    id: str,  # noqa: A002 - the name of the field of an entity
    name: str = "",
    company: str = "",
    title: str = "",
    email: str = "",
    phone: str = "",
    country: str = "",
    source: str = "",
    campaign: str | None = None,
    owner: PersonId | None = None,
    fields: Mapping[str, Value] | None = None,
    at: datetime,
    by: Actor,
) -> tuple[Lead, tuple[Event, ...]]:
    """Take in a lead as somebody typed it.

    Args:
        id: of the lead.
        name: of the person.
        company: where the person works.
        title: what the person does there.
        email: mail address.
        phone: phone number.
        country: as the host writes countries.
        source: where the lead came from.
        campaign: the campaign that brought it.
        owner: who looks after it, when that is known already.
        fields: whatever else is known, by name.
        at: when it came in.
        by: who took it in.

    Raises:
        EmptyLead: there is neither a name nor a company, mail address or phone number.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.pipeline.leads import capture
    >>> lead, (captured,) = capture(id="l1", name="Ana Berg", company="Belcor GmbH", source="web",
    ...                             at=datetime(2026, 1, 1, 9, tzinfo=UTC), by=Actor("web form"))
    >>> lead.status.value, captured.source
    ('new', 'web')
    """
    if not any(text.strip() for text in (name, company, email, phone)):
        raise EmptyLead(id)
    lead = Lead(
        id=id,
        name=name,
        company=company,
        title=title,
        email=email,
        phone=phone,
        country=country,
        source=source,
        campaign=campaign,
        owner=owner,
        fields=dict(fields or {}),
        created_at=at,
    )
    event = LeadCaptured(
        at=at, by=by, subjects=(lead.ref,), lead=LeadId(id), source=source, campaign=campaign
    )
    return lead, (event,)
