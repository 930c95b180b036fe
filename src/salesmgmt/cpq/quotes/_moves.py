"""How a quote goes from one status to another."""

from __future__ import annotations

from collections.abc import Sized
from datetime import date, datetime
from typing import Any

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.events import NaiveInstant
from salesmgmt.core.formula import Values
from salesmgmt.cpq.quotes.events import QuoteMoved
from salesmgmt.cpq.quotes.quote import Quote
from salesmgmt.cpq.quotes.status import LIFECYCLE, QuoteStatus


def require_move(
    quote: Quote, target: QuoteStatus, *, at: datetime, by: Actor, needs: Sized | None = None
) -> date:
    """Return the business date on which a quote may be moved, with these approvals open; raises `MoveRefused`."""
    on = business_date(at)
    waits_for = quote.needs if needs is None else needs
    facts: Values = {"approvals.open": len(waits_for), "on": on, "quote.valid_until": quote.valid_until}
    LIFECYCLE.require(quote.status, target, facts, by)
    return on


def moved(
    quote: Quote, target: QuoteStatus, *, at: datetime, by: Actor, reason: str = "", **changes: Any
) -> tuple[Quote, QuoteMoved]:
    """Change a quote and move it; raises `MoveRefused`. Its lists of open approvals count as changed already."""
    on = require_move(quote, target, at=at, by=by, needs=changes.get("needs"))
    closed_on = None if target.is_open else on
    changed = attrs.evolve(quote, status=target, reason=reason, closed_on=closed_on, **changes)
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
        superseded_by=changed.superseded_by,
    )
    return changed, event


def business_date(at: datetime) -> date:
    """The day of an instant in its own time zone; raises `NaiveInstant`."""
    if at.utcoffset() is None:
        raise NaiveInstant("at", at)
    return at.date()
