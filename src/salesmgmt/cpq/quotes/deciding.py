"""A quote and its customer: presented, then accepted, rejected or expired; or voided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.events import Event
from salesmgmt.core.money import Money
from salesmgmt.cpq.quotes._moves import business_date, moved, require_move
from salesmgmt.cpq.quotes._taking import taken_lines
from salesmgmt.cpq.quotes.approving import UnexplainedRejection
from salesmgmt.cpq.quotes.completeness import Completeness, NotPresentable, blocking
from salesmgmt.cpq.quotes.events import QuoteAccepted
from salesmgmt.cpq.quotes.line import AcceptedLine, QuoteLine
from salesmgmt.cpq.quotes.quote import BrokenQuote, Quote
from salesmgmt.cpq.quotes.status import QuoteStatus

_KEPT = tuple(field.name for field in attrs.fields(AcceptedLine))
_NO_CHOICES: Mapping[str, str] = MappingProxyType({})


def present(
    quote: Quote, *, completeness: Completeness | None = None, at: datetime, by: Actor
) -> tuple[Quote, tuple[Event, ...]]:
    """Show an approved quote to the customer.

    Args:
        quote: an approved quote.
        completeness: what it is held against beside itself; `None` for nothing else.
        at: when.
        by: who shows it.

    Raises:
        MoveRefused: it is not approved; the hint says what comes first.
        NotPresentable: it is not complete on the day of `at` in its own time zone; the error has the findings.

    >>> from datetime import UTC, date, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing import Line, Priced, PricedLine, PricingRequest
    >>> from salesmgmt.cpq.quotes import accept, expire, present, quote_from, reject, submit, void
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
    lacking = blocking((completeness or Completeness()).findings(quote, on=business_date(at)))
    if lacking:
        raise NotPresentable(quote.id, lacking)
    return changed, (move,)


def accept(
    quote: Quote,
    *,
    options: Iterable[str] = (),
    alternatives: Mapping[str, str] = _NO_CHOICES,
    at: datetime,
    by: Actor,
) -> tuple[Quote, tuple[Event, ...]]:
    """Take down what the customer accepts: lines, prices and shares are frozen in `QuoteAccepted`.

    The required lines are taken; each option adds what was shown for it, each alternative what was shown for it in place
    of its line and that line's parts.

    Args:
        quote: a presented quote; `supersede` closes the alternatives to it.
        options: ids of the optional lines that are taken.
        alternatives: by id of a line, that of the alternative that is taken in its place; an optional line is named among
            the options as well.
        at: when.
        by: who takes it down.

    Raises:
        MoveRefused: it is not presented, or its last day is over on the day of `at` in its own time zone.
        InvalidInput: an id is not that of an option or alternative of the current version; an option is a part of
            something that is not taken; or nothing is taken. All faults are listed.
        BrokenQuote: a line has no price; `present` would have refused it.

    With the quote of `present`:

    >>> accepted, (move, event) = accept(shown, at=now, by=rep)
    >>> event.total, event.accepted_on.isoformat()
    (Money('2250', 'EUR'), '2026-03-02')
    """
    on = require_move(quote, QuoteStatus.ACCEPTED, at=at, by=by)
    version = quote.current
    if version.total is None:
        raise BrokenQuote(quote.id, "it was presented though a line has no price")
    ids = taken_lines(version, options, alternatives)
    taken = set(ids)
    if any(line.id in taken for line in version.unpriced):
        raise BrokenQuote(quote.id, "it was presented though a line has no price")
    lines = [line for line in version.lines if line.id in taken]
    total = Money.total((line.net_amount for line in lines), quote.currency)
    changed, move = moved(quote, QuoteStatus.ACCEPTED, at=at, by=by, taken=ids, total=total)
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
        lines=tuple(map(_accepted, lines)),
        options=tuple(line.id for line in lines if line.optional),
        alternatives={line.alternative_of: line.id for line in lines if line.alternative_of},
        total=total,
        accepted_on=on,
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


def void(quote: Quote, *, reason: str, at: datetime, by: Actor) -> tuple[Quote, tuple[Event, ...]]:
    """Take back an open quote that was made by mistake: it counts neither as won nor as lost.

    Raises:
        MoveRefused: it was decided already, superseded or voided.
        UnexplainedRejection: there is no reason.

    With the quote of `present`:

    >>> void(shown, reason="sent to the wrong customer", at=now, by=rep)[0].status.value
    'voided'
    """
    changed, move = moved(quote, QuoteStatus.VOIDED, at=at, by=by, reason=reason, needs=())
    if not reason.strip():
        raise UnexplainedRejection(quote.id)
    return changed, (move,)


def _accepted(line: QuoteLine) -> AcceptedLine:
    return AcceptedLine(**{name: getattr(line, name) for name in _KEPT})
