"""Alternative quotes: several offers of one number, of which the customer takes one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import QuoteId
from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.cpq.quotes._moves import moved
from salesmgmt.cpq.quotes.drafting import drafted
from salesmgmt.cpq.quotes.events import QuoteDrafted, QuoteMoved
from salesmgmt.cpq.quotes.quote import Quote
from salesmgmt.cpq.quotes.status import QuoteStatus

_CLOSED = frozenset({QuoteStatus.ACCEPTED, QuoteStatus.SUPERSEDED, QuoteStatus.VOIDED})
_ALIVE = frozenset({QuoteStatus.ACCEPTED, *(status for status in QuoteStatus if status.is_open)})


def clone_as_alternative(
    quote: Quote,
    *,
    id: QuoteId,  # noqa: A002 - entities are named by id everywhere
    alternative: str,
    valid_until: date | None = None,
    at: datetime,
    by: Actor,
) -> tuple[Quote, tuple[QuoteDrafted]]:
    """Make another quote of the same number out of the current version of a quote: a draft that goes its own way.

    Line ids stay, so that the two can be compared line by line. The versions come along, so that goods which the quote had
    before keep what their discount is measured against; approvals do not.

    Args:
        quote: an open quote, or one that was rejected or has expired.
        id: the host's identifier of the new quote.
        alternative: what tells it from the others, such as "leasing".
        valid_until: the last day on which it can be accepted; that of the quote when none is given.
        at: when it is made.
        by: who makes it.

    Raises:
        InvalidInput: the quote was accepted, superseded or voided, or id or label are blank or those of the quote.

    >>> from datetime import UTC, date, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing import Line, Priced, PricedLine, PricingRequest
    >>> from salesmgmt.cpq.quotes import clone_as_alternative, quote_from
    >>> now, rep = datetime(2026, 3, 2, 9, tzinfo=UTC), Actor("li.wei")
    >>> priced = Priced(
    ...     request=PricingRequest(at=now, currency="EUR", lines=[]), model="catalogue", model_version=1, model_digest="",
    ...     lines=(PricedLine(position=0, line=Line("dock", 25), list_amount=Money(2500, "EUR"),
    ...                       net_amount=Money(2250, "EUR"), waterfall=()),),
    ... )
    >>> quote, _ = quote_from(priced, id="q-1", number="Q-1", valid_until=date(2026, 4, 1), at=now, by=rep)
    >>> leasing, _ = clone_as_alternative(quote, id="q-2", alternative="leasing", at=now, by=rep)
    >>> leasing.number, leasing.alternative_of, leasing.alternative, leasing.total
    ('Q-1', 'q-1', 'leasing', Money('2250', 'EUR'))
    """
    problems = []
    if quote.status in _CLOSED:
        wanted = "an open, rejected or expired quote"
        problems.append(Problem("quote.status", "closed", quote.status, wanted))
    if not id.strip() or id == quote.id:
        problems.append(Problem("id", "not_new", shorten(id), "an id of its own"))
    if not alternative.strip() or alternative == quote.alternative:
        wanted = "a label that the quote does not have"
        problems.append(Problem("alternative", "not_new", shorten(alternative), wanted))
    if problems:
        raise InvalidInput(f"alternative to {quote.id}", problems)
    last_day = quote.valid_until if valid_until is None else valid_until
    number = len(quote.versions) + 1
    version = attrs.evolve(
        quote.current,
        number=number,
        based_on=quote.current_version,
        valid_until=last_day,
        made_at=at,
        made_by=by.id,
    )
    clone = Quote(
        id=id,
        number=quote.number,
        account=quote.account,
        deal=quote.deal,
        currency=quote.currency,
        versions=(*quote.versions, version),
        current_version=number,
        total=version.total,
        valid_until=last_day,
        alternative_of=quote.family,
        alternative=alternative,
    )
    return clone, (drafted(clone, at=at, by=by),)


def supersede(
    quotes: Iterable[Quote], accepted: Quote, *, at: datetime, by: Actor
) -> tuple[tuple[Quote, ...], tuple[QuoteMoved, ...]]:
    """Close the alternatives to a quote that was accepted; store them together with it.

    Args:
        quotes: those that may be alternatives, such as all of its number; others, and closed ones, are passed over.
        accepted: the quote that was accepted.
        at: when.
        by: who.

    Returns:
        The alternatives that were open, superseded, and their events.

    Raises:
        InvalidInput: the quote is not accepted.
        MoveRefused: an alternative was accepted as well: the customer cannot take both.

    With the quotes of `clone_as_alternative`:

    >>> from salesmgmt.cpq.approvals import ApprovalPolicy
    >>> from salesmgmt.cpq.quotes import accept, present, submit, supersede
    >>> shown, _ = present(submit(leasing, ApprovalPolicy(id="no limits"), at=now, by=rep)[0], at=now, by=rep)
    >>> taken, _ = accept(shown, at=now, by=rep)
    >>> (other,), _ = supersede([quote, taken], taken, at=now, by=rep)
    >>> other.status.value, other.superseded_by
    ('superseded', 'q-2')
    """
    if accepted.status is not QuoteStatus.ACCEPTED:
        problem = Problem("accepted.status", "not_accepted", accepted.status, "an accepted quote")
        raise InvalidInput(f"alternatives to {accepted.id}", [problem])
    moves = [
        moved(quote, QuoteStatus.SUPERSEDED, at=at, by=by, needs=(), superseded_by=accepted.key)
        for quote in quotes
        if quote.family == accepted.family and quote.id != accepted.id and quote.status in _ALIVE
    ]
    return tuple(quote for quote, _ in moves), tuple(event for _, event in moves)
