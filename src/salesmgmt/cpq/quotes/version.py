"""What a quote offered at one time: lines and amounts that never change again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal

import attrs

from salesmgmt.core.digest import digest_of
from salesmgmt.core.events import aware
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import NoPrice, PriceConflict, Priced, PricedLine, PriceStep


@attrs.frozen(kw_only=True)
class QuoteLine:
    """A line of a quote, with its price and how it came about.

    The line amounts are what counts; the price of a unit follows from them and is not rounded.

    Attributes:
        position: which line it is, from 0.
        product: id of the product.
        quantity: how many, in the unit of the product.
        configuration: the value chosen for each attribute of a configurable product.
        missing: the attributes for which a value is still to be chosen.
        list_amount: at the price for everybody.
        net_amount: what is charged.
        share: what it took of discounts on the whole quote, negative; a return gives back that share.
        cost: of the whole line; `None` when it is not known.
        waterfall: every step from nothing to the net amount.
    """

    position: int
    product: str
    quantity: Decimal
    configuration: Mapping[str, str] = attrs.field(factory=dict, hash=False)
    missing: tuple[str, ...] = ()
    list_amount: Money
    net_amount: Money
    share: Money
    cost: Money | None = None
    waterfall: tuple[PriceStep, ...] = ()

    @property
    def unit_price(self) -> Money:
        """The net price of a unit, to 34 digits."""
        return self.net_amount / self.quantity

    @property
    def effective_discount(self) -> Percent | None:
        """All that lies between the list and the net amount; `None` when the list amount is zero."""
        return discount(self.list_amount, self.net_amount)


@attrs.frozen(kw_only=True)
class UnpricedLine:
    """A line that has no price; a quote with one cannot be presented.

    Attributes:
        position: which line it is, from 0.
        product: id of the product.
        quantity: how many, in the unit of the product.
        configuration: the value chosen for each attribute of a configurable product.
        missing: the attributes for which a value is still to be chosen.
        reason: `no_price`, or `conflict` when there are several of equal rank.
        message: the same in words.
    """

    position: int
    product: str
    quantity: Decimal
    configuration: Mapping[str, str] = attrs.field(factory=dict, hash=False)
    missing: tuple[str, ...] = ()
    reason: str
    message: str


@attrs.frozen(kw_only=True)
class QuoteVersion:
    """One version of a quote. It never changes; a revision makes the next one.

    Attributes:
        number: 1 for the first.
        based_on: number of the version that it revises; `None` for the first.
        currency: of all amounts.
        lines: the lines that have a price, by position; units that rules added come after those that were asked for.
        unpriced: the lines that have none.
        priced_at: the instant for which it is priced.
        valid_until: the last day on which it can be accepted.
        model: id of the pricing model.
        model_version: its version.
        model_digest: SHA-256 of the model, records included.
        request_digest: SHA-256 of what was priced.
        made_at: when it was made.
        made_by: id of who made it.
    """

    number: int
    based_on: int | None = None
    currency: str
    lines: tuple[QuoteLine, ...]
    unpriced: tuple[UnpricedLine, ...] = ()
    priced_at: datetime = attrs.field(validator=aware)
    valid_until: date
    model: str
    model_version: int
    model_digest: str
    request_digest: str
    made_at: datetime = attrs.field(validator=aware)
    made_by: str

    @property
    def every_line(self) -> tuple[QuoteLine | UnpricedLine, ...]:
        """All lines by position, with and without a price."""
        lines: tuple[QuoteLine | UnpricedLine, ...] = (*self.lines, *self.unpriced)
        return tuple(sorted(lines, key=lambda line: line.position))

    @property
    def total(self) -> Money | None:
        """What all lines come to; `None` when one has no price."""
        return self._sum(line.net_amount for line in self.lines)

    @property
    def list_total(self) -> Money | None:
        """What all lines come to at list; `None` when one has no price."""
        return self._sum(line.list_amount for line in self.lines)

    @property
    def effective_discount(self) -> Percent | None:
        """All that lies between list and total, free goods included; `None` when it is undefined."""
        total, listed = self.total, self.list_total
        return None if total is None or listed is None else discount(listed, total)

    @property
    def digest(self) -> str:
        """SHA-256 of everything in it: it proves that nothing was changed afterwards."""
        return digest_of(self)

    def _sum(self, amounts: Iterable[Money]) -> Money | None:
        return None if self.unpriced else Money.total(amounts, self.currency)


def discount(listed: Money, net: Money) -> Percent | None:
    """What was taken off, in percent of the list amount, to 34 digits; `None` when that is zero.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.quotes.version import discount
    >>> discount(Money(200, "EUR"), Money(170, "EUR"))
    Percent('15')
    """
    return Percent.of_ratio((listed - net) / listed) if listed else None


def version_of(
    priced: Priced,
    *,
    number: int,
    based_on: int | None,
    valid_until: date,
    missing: Mapping[int, Iterable[str]],
    at: datetime,
    by: str,
) -> QuoteVersion:
    """Freeze the answer of a pricer into a version; see `quote_from` for the arguments."""
    return QuoteVersion(
        number=number,
        based_on=based_on,
        currency=priced.currency,
        lines=(*(_line(line, missing) for line in priced.lines), *_added(priced)),
        unpriced=tuple(_unpriced(line, missing) for line in priced.unpriced),
        priced_at=priced.at,
        valid_until=valid_until,
        model=priced.model,
        model_version=priced.model_version,
        model_digest=priced.model_digest,
        request_digest=priced.request_digest,
        made_at=at,
        made_by=by,
    )


def _line(priced: PricedLine, missing: Mapping[int, Iterable[str]]) -> QuoteLine:
    return QuoteLine(
        position=priced.position,
        product=priced.line.product,
        quantity=priced.line.quantity,
        configuration=dict(priced.line.configuration),
        missing=tuple(missing.get(priced.position, ())),
        list_amount=priced.list_amount,
        net_amount=priced.net_amount,
        share=priced.header_share,
        cost=priced.cost,
        waterfall=priced.waterfall,
    )


def _added(priced: Priced) -> Iterator[QuoteLine]:
    """The units that rules add, as lines after those that were asked for."""
    for position, added in enumerate(priced.added, len(priced.request.lines)):
        yield QuoteLine(
            position=position,
            product=added.product,
            quantity=added.quantity,
            list_amount=added.amount,
            net_amount=added.amount,
            share=Money.zero(priced.currency),
        )


def _unpriced(found: NoPrice | PriceConflict, missing: Mapping[int, Iterable[str]]) -> UnpricedLine:
    return UnpricedLine(
        position=found.position,
        product=found.line.product,
        quantity=found.line.quantity,
        configuration=dict(found.line.configuration),
        missing=tuple(missing.get(found.position, ())),
        reason=found.code,
        message=str(found),
    )
