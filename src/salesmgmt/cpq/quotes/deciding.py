"""A quote and its customer: presented, then accepted, rejected or expired."""

from __future__ import annotations

from datetime import datetime

from salesmgmt.core.actor import Actor
from salesmgmt.core.events import Event
from salesmgmt.cpq.quotes._moves import business_date, moved
from salesmgmt.cpq.quotes.approving import UnexplainedRejection
from salesmgmt.cpq.quotes.completeness import NotPresentable, blocking, findings
from salesmgmt.cpq.quotes.events import AcceptedLine, QuoteAccepted
from salesmgmt.cpq.quotes.quote import Quote
from salesmgmt.cpq.quotes.status import QuoteStatus
from salesmgmt.cpq.quotes.version import QuoteLine


def present(quote: Quote, *, at: datetime, by: Actor) -> tuple[Quote, tuple[Event, ...]]:
    """Show an approved quote to the customer.

    Raises:
        MoveRefused: it is not approved.
        NotPresentable: it is not complete on the day of `at` in its own time zone; the error has the findings.
    """
    changed, move = moved(quote, QuoteStatus.PRESENTED, at=at, by=by)
    lacking = blocking(findings(quote, on=business_date(at)))
    if lacking:
        raise NotPresentable(quote.id, lacking)
    return changed, (move,)


def accept(quote: Quote, *, at: datetime, by: Actor) -> tuple[Quote, tuple[Event, ...]]:
    """Take down that the customer accepts: prices and shares are frozen in `QuoteAccepted`.

    Raises:
        MoveRefused: it is not presented, or its last day is over on the day of `at` in its own time zone.
    """
    changed, move = moved(quote, QuoteStatus.ACCEPTED, at=at, by=by)
    version = quote.current
    assert version.total is not None  # noqa: S101 - what has no price cannot be presented
    accepted = QuoteAccepted(
        at=at,
        by=by,
        subjects=quote.subjects,
        quote=quote.key,
        number=quote.number,
        version=version.number,
        digest=version.digest,
        account=quote.account,
        deal=quote.deal,
        currency=quote.currency,
        lines=tuple(_accepted(line) for line in version.lines),
        total=version.total,
        accepted_on=business_date(at),
    )
    return changed, (move, accepted)


def reject(quote: Quote, *, reason: str, at: datetime, by: Actor) -> tuple[Quote, tuple[Event, ...]]:
    """Take down that the customer does not want it.

    Raises:
        MoveRefused: it is not presented.
        UnexplainedRejection: there is no reason.
    """
    changed, move = moved(quote, QuoteStatus.REJECTED, at=at, by=by, reason=reason)
    if not reason.strip():
        raise UnexplainedRejection(quote.id)
    return changed, (move,)


def expire(quote: Quote, *, at: datetime, by: Actor) -> tuple[Quote, tuple[Event, ...]]:
    """Close an open quote whose last day is over on the day of `at` in its own time zone; raises `MoveRefused`."""
    changed, move = moved(quote, QuoteStatus.EXPIRED, at=at, by=by, needs=())
    return changed, (move,)


def _accepted(line: QuoteLine) -> AcceptedLine:
    return AcceptedLine(
        position=line.position,
        product=line.product,
        quantity=line.quantity,
        configuration=line.configuration,
        list_amount=line.list_amount,
        net_amount=line.net_amount,
        share=line.share,
    )
