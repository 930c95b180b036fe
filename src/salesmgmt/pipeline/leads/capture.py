"""Capture: a lead comes in, and what is known about it is put right later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import LeadId, PersonId, personal_fields
from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.events import require_aware
from salesmgmt.core.formula import Value
from salesmgmt.pipeline.leads.details import NOT_AMENDED, read_details, read_fields, read_parts
from salesmgmt.pipeline.leads.events import FieldChange, LeadAmended, LeadCaptured
from salesmgmt.pipeline.leads.history import applied, captured
from salesmgmt.pipeline.leads.lead import EmptyLead, Lead
from salesmgmt.pipeline.leads.parts import Consent, Touch
from salesmgmt.pipeline.own_fields import OWN, differ, present

_NAMING = ("name", "company", "email", "phone")


def capture(
    *,
    id: str,  # noqa: A002 - the name of the field of an entity
    name: str = "",
    company: str = "",
    title: str = "",
    email: str = "",
    phone: str = "",
    street: str = "",
    city: str = "",
    region: str = "",
    postal_code: str = "",
    country: str = "",
    description: str = "",
    source: str = "",
    campaign: str | None = None,
    tags: Iterable[str] = (),
    priority: int = 0,
    owner: PersonId | None = None,
    team: str = "",
    consents: Iterable[Consent] = (),
    touches: Iterable[Touch] = (),
    fields: Mapping[str, Value] | None = None,
    at: datetime,
    by: Actor,
) -> tuple[Lead, tuple[LeadCaptured, ...]]:
    """Take in a lead as somebody typed it.

    Texts lose the blanks around them and are composed (Unicode form NFC); nothing else about them is changed. A source
    or campaign is itself a touch at that instant, unless touches are given.

    Args:
        id: of the lead.
        name: of the person.
        company: where the person works.
        title: what the person does there.
        email: mail address.
        phone: phone number.
        street: of the address.
        city: of the address.
        region: of the address.
        postal_code: of the address.
        country: of the address, as the host writes countries.
        description: what it wants, in its own words.
        source: where the lead came from.
        campaign: the campaign that brought it.
        tags: what the host files it under.
        priority: how urgent it is; more is more urgent.
        owner: who looks after it, when that is known already.
        team: the team it belongs to, when that is known already.
        consents: what the person may be contacted for.
        touches: the contacts of marketing that led to it, in any order.
        fields: whatever else is known, by name.
        at: when it came in.
        by: who took it in.

    Raises:
        EmptyLead: there is neither a name nor a company, mail address or phone number.
        InvalidInput: a field holds something else than it may; all problems are listed.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.pipeline.leads import capture
    >>> lead, (captured,) = capture(id="l1", name=" Ana Berg", company="Belcor GmbH", source="web",
    ...                             at=datetime(2026, 1, 1, 9, tzinfo=UTC), by=Actor("web form"))
    >>> lead.name, lead.status.value, captured.source, [touch.channel for touch in lead.touches]
    ('Ana Berg', 'new', 'web', ['web'])
    """
    require_aware(at, "at")
    what = f"lead {id}"
    read = read_details(
        what,
        {
            "name": name,
            "company": company,
            "title": title,
            "email": email,
            "phone": phone,
            "street": street,
            "city": city,
            "region": region,
            "postal_code": postal_code,
            "country": country,
            "description": description,
            "source": source,
            "campaign": campaign,
            "tags": tags,
            "priority": priority,
            "owner": owner,
            "team": team,
        },
    )
    if not any(read[text] for text in _NAMING):
        raise EmptyLead(id)
    marks = tuple(sorted(read_parts(what, "touches", touches, Touch), key=lambda touch: touch.at))
    if not marks and (read["source"] or read["campaign"]):
        marks = (Touch(at=at, channel=read["source"], campaign=read["campaign"]),)
    event = LeadCaptured(
        at=at,
        by=by,
        subjects=(Lead(id=id, created_at=at).ref,),
        lead=LeadId(id),
        consents=read_parts(what, "consents", consents, Consent),
        touches=marks,
        fields=read_fields(what, {} if fields is None else fields),
        **read,
    )
    return captured(event), (event,)


def amend(
    lead: Lead, changes: Mapping[str, Value | int | None], *, at: datetime, by: Actor
) -> tuple[Lead, tuple[LeadAmended, ...]]:
    """Put right what is known about a lead; its status, owner and clocks have commands of their own.

    Args:
        lead: the lead.
        changes: new values by field; `fields.x` is the host's own field `x`, which `None` takes away.
        at: when.
        by: who.

    Returns:
        The lead and the event; no event when nothing is different.

    Raises:
        InvalidInput: a field cannot be amended, or holds something else than it may; all problems are listed.
        EmptyLead: nothing would be left that names anybody.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.pipeline.leads import Lead, amend
    >>> now = datetime(2026, 1, 1, 9, tzinfo=UTC)
    >>> lead, (amended,) = amend(Lead(id="l1", name="Ana Berg", created_at=now), {"city": "Bonn", "fields.lift": "2t"},
    ...                          at=now, by=Actor("li.wei"))
    >>> lead.city, dict(lead.fields), amended.changes
    ('Bonn', {'lift': '2t'}, (FieldChange(field='city', before='', after='Bonn'),))
    """
    what = f"the changes of lead {lead.id}"
    if not isinstance(changes, Mapping):
        raise InvalidInput(what, [Problem("changes", "wrong_type", shorten(changes), "new values by field")])
    problems = [
        Problem(
            name, "not_amended", name, "a field that can be amended", "it has a command of its own: `assign`"
        )
        for name in changes
        if name in NOT_AMENDED
    ]
    if problems:
        raise InvalidInput(what, problems)
    own = {name: value for name, value in changes.items() if str(name).startswith(OWN) and name != OWN}
    read_fields(what, {name.removeprefix(OWN): value for name, value in own.items() if value is not None})
    read: dict[str, Any] = {
        **read_details(what, {name: value for name, value in changes.items() if name not in own}),
        **own,
    }
    if not any(read.get(name, getattr(lead, name)) for name in _NAMING):
        raise EmptyLead(lead.id)
    made = [
        FieldChange(name, _told(before), _told(after))
        for name, after in read.items()
        if differ(before := present(lead, name), after)
    ]
    if not made:
        return lead, ()
    private = tuple(change for change in made if change.field in _PERSONAL or change.field.startswith(OWN))
    event = LeadAmended(
        at=at,
        by=by,
        subjects=(lead.ref,),
        lead=lead.key,
        changes=tuple(change for change in made if change not in private),
        private=private,
    )
    return applied(lead, event), (event,)


_PERSONAL = frozenset(personal_fields(Lead))


def _told(value: Any) -> Value | None:
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value
