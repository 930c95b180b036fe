"""Making a quote of a price, and revising it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from itertools import count
from types import MappingProxyType

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import AccountId, DealId
from salesmgmt.core.errors import SalesError
from salesmgmt.core.events import Event
from salesmgmt.core.money import CurrencyMismatch
from salesmgmt.core.period import require_date
from salesmgmt.cpq.pricing import Line, Priced
from salesmgmt.cpq.quotes._freezing import version_of
from salesmgmt.cpq.quotes._given import require_authority, require_command, require_kind, require_text
from salesmgmt.cpq.quotes._moves import moved
from salesmgmt.cpq.quotes._references import with_references
from salesmgmt.cpq.quotes.events import QuoteDrafted, QuoteRevised
from salesmgmt.cpq.quotes.offer import Offer
from salesmgmt.cpq.quotes.outline import Outline, OutlineLine
from salesmgmt.cpq.quotes.quote import Quote
from salesmgmt.cpq.quotes.reference import ReferenceBasis
from salesmgmt.cpq.quotes.status import QuoteStatus

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
    priced: Priced | Offer,
    *,
    id: str,  # noqa: A002 - entities are named by id everywhere
    number: str,
    valid_until: date,
    account: AccountId | None = None,
    deal: DealId | None = None,
    missing: Mapping[int, Iterable[str]] = _NOTHING,
    basis: ReferenceBasis | None = None,
    at: datetime,
    by: Actor,
) -> tuple[Quote, tuple[QuoteDrafted]]:
    """Make a quote of the answer of a pricer, or of an offer with options, alternatives and groups (`price_offer`).

    The lines of a plain answer are all required, and their ids are their positions counted from 1. Lines without a price are
    taken over as well: a draft may be incomplete, `findings` say so, and `present` refuses it.

    Args:
        priced: what the customer wants, priced.
        id: the host's identifier of the quote.
        number: what people call it.
        valid_until: the last day on which it can be accepted.
        account: whom it is for.
        deal: the deal it belongs to.
        missing: by position of the line, the attributes of its product that nobody has chosen yet, as
            `Configuration.missing` says; the lines of an offer say it themselves.
        basis: what discounts are measured against where pricing does not say it: units that rules add, other currencies.
        at: when it is made.
        by: who makes it.

    Raises:
        UnknownLine: `missing` speaks of a line that there is not.
        InvalidInput, NotADate, NotAnActor, NotAnInstant: something is of another kind than it must be.

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
    >>> quote.status.value, quote.total, quote.current.list_discount
    ('draft', Money('2250', 'EUR'), Percent('10'))
    """
    require_authority(at, by)
    require_date(valid_until, "valid_until")
    require_text(id=id, number=number, account=account or "", deal=deal or "")
    offer = _offer(priced, missing, before=None)
    version = version_of(offer, number=1, based_on=None, valid_until=valid_until, at=at, by=by.id)
    version = with_references(version, basis=basis)
    quote = Quote(
        id=id,
        number=number,
        account=account,
        deal=deal,
        currency=version.currency,
        versions=(version,),
        current_version=1,
        total=version.total,
        valid_until=valid_until,
    )
    return quote, (drafted(quote, at=at, by=by),)


def revise(
    quote: Quote,
    priced: Priced | Offer,
    *,
    valid_until: date,
    missing: Mapping[int, Iterable[str]] = _NOTHING,
    basis: ReferenceBasis | None = None,
    at: datetime,
    by: Actor,
) -> tuple[Quote, tuple[Event, ...]]:
    """Make a new version of a quote, which becomes a draft again. Earlier versions and approvals stay as they are.

    An offer says the ids of its lines; `QuoteVersion.outline` is what the last one asked for. The lines of a plain answer are
    recognised by product, in their order, and keep their ids; a line with another product is a new one.

    Args:
        quote: a quote that nobody accepted; a rejected or expired one can be taken up again.
        priced: what the customer wants now, priced.
        valid_until: the last day on which it can be accepted.
        missing: by position of the line, the attributes that nobody has chosen yet; the lines of an offer say it themselves.
        basis: as for `quote_from`; goods that the quote had before keep what they are measured against.
        at: when.
        by: who revises it.

    Raises:
        MoveRefused: it was accepted, superseded or voided.
        CurrencyMismatch: it is priced in another currency than the quote.
        UnknownLine: `missing` speaks of a line that there is not.
        InvalidInput, NotADate, NotAnActor, NotAnInstant: something is of another kind than it must be.

    With the quote of `quote_from`:

    >>> from salesmgmt.cpq.quotes import revise
    >>> revised, _ = revise(quote, priced, valid_until=date(2026, 5, 1), at=now, by=Actor("li.wei"))
    >>> [version.number for version in revised.versions], revised.current.based_on
    ([1, 2], 1)
    """
    require_command(quote, at=at, by=by)
    require_date(valid_until, "valid_until")
    number, before = len(quote.versions) + 1, quote.current
    offer = _offer(priced, missing, before=quote)
    if offer.required.currency != quote.currency:
        raise CurrencyMismatch(quote.currency, offer.required.currency)
    version = version_of(
        offer, number=number, based_on=before.number, valid_until=valid_until, at=at, by=by.id
    )
    version = with_references(version, quote.versions, basis)
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


def drafted(quote: Quote, *, at: datetime, by: Actor) -> QuoteDrafted:
    """What is told of the first version of a quote."""
    return QuoteDrafted(
        at=at,
        by=by,
        subjects=quote.subjects,
        quote=quote.key,
        number=quote.number,
        account=quote.account,
        deal=quote.deal,
        currency=quote.currency,
        total=quote.total,
        valid_until=quote.valid_until,
        digest=quote.current.digest,
        alternative_of=quote.alternative_of,
        alternative=quote.alternative,
    )


def _offer(priced: Priced | Offer, missing: Mapping[int, Iterable[str]], *, before: Quote | None) -> Offer:
    """The offer, or a plain answer as one in which every line is required."""
    if isinstance(priced, Offer):
        for position in missing:
            raise UnknownLine(position, 0)
        return priced
    require_kind("priced", priced, Priced, "what `Pricer.price` or `price_offer` gave")
    lines = {found.position: found.line for found in (*priced.lines, *priced.unpriced)}
    for position in missing:
        if position not in lines:
            raise UnknownLine(position, len(lines))
    ids = _ids(lines, before)
    outline = Outline(
        [
            OutlineLine(ids[position], line, missing=tuple(missing.get(position, ())))
            for position, line in sorted(lines.items())
        ]
    )
    return Offer(outline=outline, lines=tuple(line.id for line in outline.lines), required=priced)


def _ids(lines: Mapping[int, Line], before: Quote | None) -> dict[int, str]:
    """The ids of the lines of a plain answer, by position; known lines keep theirs, and none is given to another line."""
    if before is None:
        return {position: str(position + 1) for position in lines}
    known = [line for line in before.current.every_line if not line.added_by]
    ids: dict[int, str] = {}
    for line in known:  # those that stayed where they were come first
        if line.position in lines and lines[line.position].product == line.product:
            ids[line.position] = line.id
    kept = set(ids.values())
    moved_lines: dict[str, deque[str]] = {}
    for line in known:
        if line.id not in kept:
            moved_lines.setdefault(line.product, deque()).append(line.id)
    used = {line.id for version in before.versions for line in version.every_line}
    fresh = (name for number in count(1) if (name := str(number)) not in used)
    for position in sorted(lines.keys() - ids.keys()):
        waiting = moved_lines.get(lines[position].product)
        ids[position] = waiting.popleft() if waiting else next(fresh)
    return ids
