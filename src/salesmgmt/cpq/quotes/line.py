"""The lines of a quote: what is wanted, where it stands among the others, and what it comes to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import attrs

from salesmgmt.core.formula import Value
from salesmgmt.core.frozen_map import FrozenMap
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import Line, ManualPrice, PriceStep
from salesmgmt.cpq.pricing.promotions import LineKind
from salesmgmt.cpq.quotes.reference import LineReference


def _counted(line: DocumentLine) -> str:
    return str(line.position + 1)


def _choices(given: Mapping[str, str]) -> Mapping[str, str]:
    return FrozenMap(given)


def _facts(given: Mapping[str, Value]) -> Mapping[str, Value]:
    return FrozenMap(given)


@attrs.frozen(kw_only=True)
class DocumentLine:
    """What is wanted in a line, and its place in the document.

    Attributes:
        position: which line it is, from 0.
        id: its name in every version of the quote; the position counted from 1 when none is given.
        parent: id of the line that it is a part of; empty for one that stands by itself.
        group: id of the `QuoteGroup` that it is in; empty for none.
        optional: whether the customer may leave it; it counts in no total.
        alternative_of: id of the line in whose place it may be taken; it counts in no total.
        product: id of the product.
        quantity: how many, in `uom`.
        uom: the unit of measure of the quantity; empty for that of the product.
        configuration: the value chosen for each attribute of a configurable product.
        fields: the host's own facts about it.
        starts: first day of its term; `None` when it has none.
        ends: first day after its term.
        manual: the price that somebody set by hand.
        kind: goods, or the delivery of goods.
        priced_with: what it was put together with for conditions on a group; empty for nothing.
        discountable: whether promotions may take from it.
        added_by: id of the rule that added it, such as free goods; empty for a line that was asked for.
    """

    position: int
    id: str = attrs.field(default=attrs.Factory(_counted, takes_self=True))
    parent: str = ""
    group: str = ""
    optional: bool = False
    alternative_of: str = ""
    product: str
    quantity: Decimal
    uom: str = ""
    configuration: Mapping[str, str] = attrs.field(factory=dict, converter=_choices)
    fields: Mapping[str, Value] = attrs.field(factory=dict, converter=_facts)
    starts: date | None = None
    ends: date | None = None
    manual: ManualPrice | None = None
    kind: LineKind = LineKind.GOODS
    priced_with: str = ""
    discountable: bool = True
    added_by: str = ""

    @property
    def wanted(self) -> Line:
        """The line as a pricer takes it."""
        return Line(
            self.product,
            self.quantity,
            self.configuration,
            self.fields,
            uom=self.uom,
            group=self.priced_with,
            starts=self.starts,
            ends=self.ends,
            manual=self.manual,
            kind=self.kind,
            discountable=self.discountable,
        )


@attrs.frozen(kw_only=True)
class QuoteLine(DocumentLine):
    """A line of a quote, with its price and how it came about.

    The line amounts are what counts; the price of a unit follows from them and is not rounded. An optional line is at what
    it comes to when it alone is added to the required ones, an alternative at what it comes to in place of its line.

    Attributes:
        missing: the attributes for which a value is still to be chosen.
        list_amount: at the price for everybody.
        net_amount: what is charged.
        share: what it took of discounts on the whole quote, negative; a return gives back that share.
        cost: of the whole line; `None` when it is not known.
        waterfall: every step from nothing to the net amount.
        reference: what its discount is measured against, fixed when it was first priced; `None` when that is not known.
    """

    missing: tuple[str, ...] = ()
    list_amount: Money
    net_amount: Money
    share: Money
    cost: Money | None = None
    waterfall: tuple[PriceStep, ...] = ()
    reference: LineReference | None = None

    @property
    def unit_price(self) -> Money:
        """The net price of a unit, to 34 digits."""
        return self.net_amount / self.quantity

    @property
    def list_discount(self) -> Percent | None:
        """What is taken off the list amount of now, for showing; `None` when that is zero.

        Limits look at `line_discounts` instead, which nothing but the price of the first day changes.
        """
        return discount(self.list_amount, self.net_amount)


@attrs.frozen(kw_only=True)
class UnpricedLine(DocumentLine):
    """A line that has no price; a quote with one cannot be presented.

    Attributes:
        missing: the attributes for which a value is still to be chosen.
        reason: `no_price`, or `conflict` when there are several of equal rank.
        message: the same in words.
    """

    missing: tuple[str, ...] = ()
    reason: str
    message: str


@attrs.frozen(kw_only=True)
class AcceptedLine(DocumentLine):
    """A line as the customer took it; an order is made of it, and returns are reckoned by it.

    Attributes:
        list_amount: at the price for everybody.
        net_amount: what is charged.
        share: what it took of discounts on the whole quote, negative; a return gives back that share.
    """

    list_amount: Money
    net_amount: Money
    share: Money


def discount(listed: Money, net: Money) -> Percent | None:
    """What was taken off, in percent of the list amount, to 34 digits; `None` when that is zero.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.quotes.line import discount
    >>> discount(Money(200, "EUR"), Money(170, "EUR"))
    Percent('15')
    """
    return Percent.of_ratio((listed - net) / listed) if listed else None
