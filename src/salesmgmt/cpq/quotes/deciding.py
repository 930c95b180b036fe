"""A quote and its customer: presented, then accepted, rejected or expired."""

from __future__ import annotations

from datetime import datetime

from salesmgmt.core.actor import Actor
from salesmgmt.core.events import Event
from salesmgmt.cpq.quotes._moves import business_date, moved
from salesmgmt.cpq.quotes.approving import UnexplainedRejection
from salesmgmt.cpq.quotes.completeness import NotPresentable, blocking, findings
from salesmgmt.cpq.quotes.events import AcceptedLine, QuoteAccepted
from salesmgmt.cpq.quotes.quote import BrokenQuote, Quote
from salesmgmt.cpq.quotes.status import QuoteStatus
from salesmgmt.cpq.quotes.version import QuoteLine


def present(quote: Quote, *, at: datetime, by: Actor) -> tuple[Quote, tuple[Event, ...]]:
    """Show an approved quote to the customer.

    Raises:
        MoveRefused: it is not approved.
        NotPresentable: it is not complete on the day of `at` in its own time zone; the error has the findings.

    >>> from datetime import UTC, date, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing import Line, Priced, PricedLine, PricingRequest
    >>> from salesmgmt.cpq.quotes import accept, expire, present, quote_from, reject, submit
    >>> now, rep = datetime(2026, 3, 2, 9, tzinfo=UTC), Actor("li.wei", roles={"rep"})
    >>> priced = Priced(
    ...     request=PricingRequest(at=now, currency="EUR", lines=[]), model="catalogue", model_version=1, model_digest="",
    ...     lines=(PricedLine(position=0, line=Line("dock", 25), list_amount=Money(2500, "EUR"),
    ...                       net_amount=Money(2250, "EUR"), waterfall=()),),
    ... )
    >>> draft, _ = quote_from(priced, id="q-1", number="Q-1", valid_until=date(2026, 4, 1), at=now, by=rep)
    >>> from salesmgmt.cpq.approvals import ApprovalPolicy
    >>> approved, _ = submit(draft, ApprovalPolicy(id="no limits"), at=now, by=rep)
    >>> shown, _ = present(approved, at=now, by=rep)
    >>> shown.status.value
    'presented'
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
        BrokenQuote: a line has no price; `present` would have refused it.

    With the quote of `present`:

    >>> accepted, (move, event) = accept(shown, at=now, by=rep)
    >>> event.total, event.accepted_on.isoformat()
    (Money('2250', 'EUR'), '2026-03-02')
    """
    changed, move = moved(quote, QuoteStatus.ACCEPTED, at=at, by=by)
    version = quote.current
    if version.total is None:
        raise BrokenQuote(quote.id, "it was presented though a line has no price")
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

    With the quote of `present`:

    >>> reject(shown, reason="bought elsewhere", at=now, by=rep)[0].reason
    'bought elsewhere'
    """
    changed, move = moved(quote, QuoteStatus.REJECTED, at=at, by=by, reason=reason)
    if not reason.strip():
        raise UnexplainedRejection(quote.id)
    return changed, (move,)


def expire(quote: Quote, *, at: datetime, by: Actor) -> tuple[Quote, tuple[Event, ...]]:
    """Close an open quote whose last day is over on the day of `at` in its own time zone; raises `MoveRefused`.

    With the quote of `present`:

    >>> expire(shown, at=datetime(2026, 4, 2, tzinfo=UTC), by=rep)[0].status.value
    'expired'
    """
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
