"""Making a quote of a price, and revising it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from types import MappingProxyType

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import AccountId, DealId
from salesmgmt.core.errors import SalesError
from salesmgmt.core.events import Event
from salesmgmt.core.money import CurrencyMismatch
from salesmgmt.cpq.pricing import Priced
from salesmgmt.cpq.quotes._moves import moved
from salesmgmt.cpq.quotes.events import QuoteDrafted, QuoteRevised
from salesmgmt.cpq.quotes.quote import Quote
from salesmgmt.cpq.quotes.status import QuoteStatus
from salesmgmt.cpq.quotes.version import version_of

_NOTHING: Mapping[int, Iterable[str]] = MappingProxyType({})


class UnknownLine(SalesError, LookupError):
    """Missing attributes were stated for a line that the price does not have.

    Attributes:
        found: the position.
        lines: how many lines there are.
    """

    code = "unknown_line"

    def __init__(self, found: int, lines: int) -> None:
        self.found = found
        self.lines = lines
        super().__init__(f"there is no line {found} among {lines}", hint="count lines from 0")


def quote_from(
    priced: Priced,
    *,
    id: str,  # noqa: A002 - entities are named by id everywhere
    number: str,
    valid_until: date,
    account: AccountId | None = None,
    deal: DealId | None = None,
    missing: Mapping[int, Iterable[str]] = _NOTHING,
    at: datetime,
    by: Actor,
) -> tuple[Quote, tuple[QuoteDrafted]]:
    """Make a quote of the answer of a pricer.

    Lines without a price are taken over as well: a draft may be incomplete, `findings` say so, and `present` refuses it.

    Args:
        priced: what the customer wants, priced.
        id: the host's identifier of the quote.
        number: what people call it.
        valid_until: the last day on which it can be accepted.
        account: whom it is for.
        deal: the deal it belongs to.
        missing: by position of the line, the attributes of its product that nobody has chosen yet, as
            `Configuration.missing` says.
        at: when it is made.
        by: who makes it.

    Raises:
        UnknownLine: `missing` speaks of a line that there is not.

    >>> from datetime import UTC, date, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing import Line, Priced, PricedLine, PricingRequest
    >>> from salesmgmt.cpq.quotes import quote_from
    >>> now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> priced = Priced(
    ...     request=PricingRequest(at=now, currency="EUR", lines=[]), model="catalogue", model_version=1, model_digest="",
    ...     lines=(PricedLine(position=0, line=Line("dock", 25), list_amount=Money(2500, "EUR"),
    ...                       net_amount=Money(2250, "EUR"), waterfall=()),),
    ... )
    >>> quote, _ = quote_from(priced, id="q-1", number="Q-2026-1", valid_until=date(2026, 4, 1), at=now, by=Actor("li.wei"))
    >>> quote.status.value, quote.total, quote.current.effective_discount
    ('draft', Money('2250', 'EUR'), Percent('10'))
    """
    _refuse_unknown(missing, priced)
    version = version_of(
        priced, number=1, based_on=None, valid_until=valid_until, missing=missing, at=at, by=by.id
    )
    quote = Quote(
        id=id,
        number=number,
        account=account,
        deal=deal,
        currency=priced.currency,
        versions=(version,),
        current_version=1,
        total=version.total,
        valid_until=valid_until,
    )
    event = QuoteDrafted(
        at=at,
        by=by,
        subjects=quote.subjects,
        quote=quote.key,
        number=number,
        account=account,
        deal=deal,
        currency=quote.currency,
        total=quote.total,
        valid_until=valid_until,
        digest=version.digest,
    )
    return quote, (event,)


def revise(
    quote: Quote,
    priced: Priced,
    *,
    valid_until: date,
    missing: Mapping[int, Iterable[str]] = _NOTHING,
    at: datetime,
    by: Actor,
) -> tuple[Quote, tuple[Event, ...]]:
    """Make a new version of a quote, which becomes a draft again. Earlier versions and approvals stay as they are.

    Args:
        quote: a quote that nobody accepted; a rejected or expired one can be taken up again.
        priced: what the customer wants now, priced.
        valid_until: the last day on which it can be accepted.
        missing: by position of the line, the attributes that nobody has chosen yet.
        at: when.
        by: who revises it.

    Raises:
        MoveRefused: it was accepted.
        CurrencyMismatch: it is priced in another currency than the quote.
        UnknownLine: `missing` speaks of a line that there is not.

    With the quote of `quote_from`:

    >>> from salesmgmt.cpq.quotes import revise
    >>> revised, _ = revise(quote, priced, valid_until=date(2026, 5, 1), at=now, by=Actor("li.wei"))
    >>> [version.number for version in revised.versions], revised.current.based_on
    ([1, 2], 1)
    """
    if priced.currency != quote.currency:
        raise CurrencyMismatch(quote.currency, priced.currency)
    _refuse_unknown(missing, priced)
    number, before = len(quote.versions) + 1, quote.current
    version = version_of(
        priced,
        number=number,
        based_on=before.number,
        valid_until=valid_until,
        missing=missing,
        at=at,
        by=by.id,
    )
    revised = attrs.evolve(
        quote,
        versions=(*quote.versions, version),
        current_version=number,
        total=version.total,
        valid_until=valid_until,
        needs=(),
        asked_by=(),
        reason="",
    )
    event = QuoteRevised(
        at=at,
        by=by,
        subjects=quote.subjects,
        quote=quote.key,
        version=number,
        based_on=before.number,
        before=before.total,
        total=version.total,
        valid_until=valid_until,
        digest=version.digest,
    )
    if quote.status is QuoteStatus.DRAFT:
        return revised, (event,)
    redrafted, move = moved(revised, QuoteStatus.DRAFT, at=at, by=by)
    return redrafted, (event, move)


def _refuse_unknown(missing: Mapping[int, Iterable[str]], priced: Priced) -> None:
    known = {line.position for line in (*priced.lines, *priced.unpriced)}
    for position in missing:
        if position not in known:
            raise UnknownLine(position, len(known))
