"""Touches: every contact of marketing with a lead."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from salesmgmt.core.actor import Actor
from salesmgmt.core.events import Event
from salesmgmt.pipeline.leads.details import read_parts
from salesmgmt.pipeline.leads.events import LeadTouched
from salesmgmt.pipeline.leads.history import applied
from salesmgmt.pipeline.leads.lead import Lead, LeadStatus
from salesmgmt.pipeline.leads.parts import Touch


def record_touch(lead: Lead, touch: Touch, *, at: datetime, by: Actor) -> tuple[Lead, tuple[Event, ...]]:
    """Note that marketing was in contact with a lead; a touch that is noted already changes nothing.

    Args:
        lead: the lead, of any status: a converted one is still touched while its deal is open.
        touch: the contact; it may lie in the past.
        at: when it is noted.
        by: who notes it.

    Raises:
        InvalidInput: it is no touch.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.pipeline.leads import Touch, capture, record_touch
    >>> now, form = datetime(2026, 1, 1, 9, tzinfo=UTC), Actor("web form")
    >>> lead, _ = capture(id="l1", name="Ana Berg", source="web", at=now, by=form)
    >>> lead, _ = record_touch(lead, Touch(at=now.replace(day=3), channel="fair", campaign="spring"), at=now, by=form)
    >>> [touch.channel for touch in lead.touches], lead.source
    (['web', 'fair'], 'web')
    """
    read_parts(f"lead {lead.id}", "touch", (touch,), Touch)
    if touch in lead.touches:
        return lead, ()
    event = LeadTouched(at=at, by=by, subjects=(lead.ref,), lead=lead.key, touch=touch)
    return applied(lead, event), (event,)


def touches_of(leads: Iterable[Lead]) -> tuple[Touch, ...]:
    """Return the touches of the leads that became one deal, oldest first, each once.

    A lead that was merged into another is passed over: the one that carries on has its touches.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.pipeline.leads import Lead, Touch
    >>> from salesmgmt.pipeline.leads.touches import touches_of
    >>> first, then = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 5, tzinfo=UTC)
    >>> ana = Lead(id="l1", name="Ana", created_at=first, touches=[Touch(at=then, channel="web")])
    >>> bo = Lead(id="l2", name="Bo", created_at=first, touches=[Touch(at=first, channel="fair")])
    >>> [touch.channel for touch in touches_of([ana, bo])]
    ['fair', 'web']
    """
    found = {touch: None for lead in leads if lead.status is not LeadStatus.MERGED for touch in lead.touches}
    return tuple(sorted(found, key=lambda touch: (touch.at, touch.channel, touch.campaign or "")))
