"""How a quote goes from one status to another."""

from __future__ import annotations

from collections.abc import Sequence, Sized
from datetime import date, datetime
from typing import Any

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.events import require_aware
from salesmgmt.core.formula import Values
from salesmgmt.cpq.approvals import ApprovalNeed
from salesmgmt.cpq.quotes._given import require_command, require_text
from salesmgmt.cpq.quotes.events import QuoteMoved
from salesmgmt.cpq.quotes.quote import Quote
from salesmgmt.cpq.quotes.status import LIFECYCLE, QuoteStatus
from salesmgmt.engines.lifecycle import MoveRefused

_SHOWN = 5
"""Approvals that a hint names."""


def require_move(
    quote: Quote, target: QuoteStatus, *, at: datetime, by: Actor, needs: Sized | None = None
) -> date:
    """Return the business date on which a quote may be moved, with these approvals open; raises `MoveRefused`."""
    require_command(quote, at=at, by=by)
    on = business_date(at)
    waits_for = quote.needs if needs is None else needs
    facts: Values = {"approvals.open": len(waits_for), "on": on, "quote.valid_until": quote.valid_until}
    decision = LIFECYCLE.check(quote.status, target, facts, by)
    if not decision:
        unmet = decision.unmet[0]
        step = next_step(quote, target) if unmet.code == "transition" else _condition_step(quote, unmet.what)
        raise MoveRefused(decision, hint=step)
    return on


def next_step(quote: Quote, target: QuoteStatus) -> str:
    """What to do with a quote that has no way from where it is to there."""
    match quote.status:
        case QuoteStatus.DRAFT:
            return "submit it first"
        case QuoteStatus.IN_APPROVAL:
            return waits_for(quote.needs)
        case QuoteStatus.APPROVED if target in {QuoteStatus.ACCEPTED, QuoteStatus.REJECTED}:
            return "present it first"
        case QuoteStatus.APPROVED:
            return "it is approved: present it, or revise it"
        case QuoteStatus.PRESENTED:
            return "the customer has it: accept or reject it, or revise it"
        case QuoteStatus.REJECTED | QuoteStatus.EXPIRED:
            return f"it is {quote.status}: revise it to take it up again"
        case QuoteStatus.ACCEPTED:
            return "it is accepted and stays so: make a new quote, or amend the contract that began with it"
        case QuoteStatus.SUPERSEDED:
            return f"{quote.superseded_by} was accepted in its place: go on with that, or make a new quote"
        case QuoteStatus.VOIDED:
            return "it was taken back and stays so: make a new quote"


def waits_for(needs: Sequence[ApprovalNeed]) -> str:
    """The approvals that a quote waits for, the first five of them, and who may give them."""
    shown = ", ".join(f"{need.rule} ({need.who} approve)" for need in needs[:_SHOWN])
    more = f" and {len(needs) - _SHOWN} more" if len(needs) > _SHOWN else ""
    return f"it waits for: {shown}{more}"


def _condition_step(quote: Quote, condition: str) -> str:
    """What to do about a condition of the lifecycle that does not hold."""
    match condition:
        case "valid":
            return f"its last day was {quote.valid_until}: revise it with a later valid_until"
        case "over":
            return f"it can be accepted until {quote.valid_until}: void it to close it before"
        case _:
            return waits_for(quote.needs)


def moved(
    quote: Quote, target: QuoteStatus, *, at: datetime, by: Actor, reason: str = "", **changes: Any
) -> tuple[Quote, QuoteMoved]:
    """Change a quote and move it; raises `MoveRefused`. Its lists of open approvals count as changed already."""
    require_text(reason=reason)
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
    """The day of an instant in its own time zone; raises `NotAnInstant`, `NaiveInstant`."""
    return require_aware(at, "at").date()
