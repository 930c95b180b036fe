"""How a quote goes from one status to another."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.events import NaiveInstant
from salesmgmt.core.formula import Values
from salesmgmt.cpq.quotes.events import QuoteMoved
from salesmgmt.cpq.quotes.quote import Quote
from salesmgmt.cpq.quotes.status import LIFECYCLE, QuoteStatus


def moved(
    quote: Quote, target: QuoteStatus, *, at: datetime, by: Actor, reason: str = "", **changes: Any
) -> tuple[Quote, QuoteMoved]:
    """Change a quote and move it; raises `MoveRefused`. Its lists of open approvals count as changed already."""
    on = business_date(at)
    changed = attrs.evolve(quote, reason=reason, **changes)
    facts: Values = {"approvals.open": len(changed.needs), "on": on, "quote.valid_until": changed.valid_until}
    LIFECYCLE.require(quote.status, target, facts, by)
    event = QuoteMoved(
        at=at,
        by=by,
        subjects=quote.subjects,
        quote=quote.key,
        version=changed.current_version,
        source=quote.status,
        target=target,
        total=changed.total,
        reason=reason,
    )
    return attrs.evolve(changed, status=target, closed_on=None if target.is_open else on), event


def business_date(at: datetime) -> date:
    """The day of an instant in its own time zone; raises `NaiveInstant`."""
    if at.utcoffset() is None:
        raise NaiveInstant("at", at)
    return at.date()
