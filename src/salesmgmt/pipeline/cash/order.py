"""Orders: what a customer bought, at prices that no longer change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import attrs

from salesmgmt.core.entity import AccountId, DealId, Entity, ProductId, QuoteId, Ref
from salesmgmt.core.exact import exact
from salesmgmt.core.frozen_map import FrozenMap
from salesmgmt.core.money import Money
from salesmgmt.pipeline.cash.due import is_day
from salesmgmt.pipeline.cash.refusals import InvalidDocument


def _quantity(value: Decimal | int | str) -> Decimal:
    return exact(value, "a quantity")


def _configuration(given: Mapping[str, str]) -> Mapping[str, str]:
    return FrozenMap(given)


@attrs.frozen(kw_only=True)
class OrderLine:
    """A line of an order, frozen as it was agreed.

    Attributes:
        id: its name, unique in the order.
        product: what is sold.
        quantity: how many.
        unit: of what; `None` for pieces.
        net: the amount of the whole line, after every discount.
        share: what the line bears of a discount on the whole document, taken off in `net` already; `None` when there was none.
        configuration: the value chosen for each attribute of a configurable product.
        parent: id of the line that it is a part of; empty for one that stands by itself.
        starts: first day of its term; `None` when it has none.
        ends: first day after its term.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.cash import OrderLine
    >>> OrderLine(id="1", product="dock", quantity=25, net=Money("3750.00", "EUR")).quantity
    Decimal('25')
    """

    id: str
    product: ProductId
    quantity: Decimal = attrs.field(converter=_quantity)
    unit: str | None = None
    net: Money
    share: Money | None = None
    configuration: Mapping[str, str] = attrs.field(factory=dict, converter=_configuration)
    parent: str = ""
    starts: date | None = None
    ends: date | None = None


def _in_order(lines: Iterable[OrderLine]) -> tuple[OrderLine, ...]:
    return tuple(lines)


@attrs.frozen(kw_only=True)
class Order(Entity):
    """What a customer bought.

    Attributes:
        account: who bought, and pays; `None` while that is not known.
        deal: the deal it closes.
        quote: the quote it was made from.
        lines: what was bought, at least one line.
        placed_on: the business date of the order, from which its invoices are dated.
        total: what the lines add up to: a whole number of minor units, zero or more.

    Raises:
        InvalidDocument: no lines, two lines of one id, a part of a line that is not there, a total below zero or other than that of the lines.
        CurrencyMismatch: the lines are in two currencies.
        TooFine: the total has more decimals than its currency.

    >>> from datetime import date
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.cash import Order, OrderLine
    >>> dock = OrderLine(id="1", product="dock", quantity=25, net=Money("3750.00", "EUR"))
    >>> Order(id="o-1", account="acme", lines=[dock], placed_on=date(2026, 3, 2)).total
    Money('3750.00', 'EUR')
    """

    account: AccountId | None = None
    deal: DealId | None = None
    quote: QuoteId | None = None
    lines: tuple[OrderLine, ...] = attrs.field(converter=_in_order)
    placed_on: date = attrs.field(validator=is_day)
    total: Money = attrs.field()

    @total.default
    def _sum_of_lines(self) -> Money:
        if not self.lines:
            raise InvalidDocument(f"order {self.id}", "has no lines", hint="give at least one")
        return Money.total((line.net for line in self.lines), self.lines[0].net.currency)

    @lines.validator
    def _have_names(self, _field: attrs.Attribute[Any], lines: tuple[OrderLine, ...]) -> None:
        twice = [name for name, count in Counter(line.id for line in lines).items() if count > 1]
        if twice:
            raise InvalidDocument(
                f"order {self.id}", f"has two lines {', '.join(twice)}", hint="give each its own id"
            )
        known = {"", *(line.id for line in lines)}
        lost = [line for line in lines if line.parent not in known or line.parent == line.id]
        if lost:
            raise InvalidDocument(
                f"order {self.id}",
                f"has a line {lost[0].id} as a part of {lost[0].parent}",
                hint="name another of its lines as parent",
            )

    @total.validator
    def _adds_up(self, _field: attrs.Attribute[Any], total: Money) -> None:
        total.minor_units()
        if total.amount < 0:
            raise InvalidDocument(
                f"order {self.id}", f"comes to {total}", hint="give back by a credit instead"
            )
        if total != self._sum_of_lines():
            raise InvalidDocument(
                f"order {self.id}",
                f"has a total of {total}, not that of its lines",
                hint="leave the total out",
            )

    @property
    def subjects(self) -> tuple[Ref, ...]:
        """The references that an event about it names: the order and its customer."""
        return (self.ref, *(() if self.account is None else (Ref("Account", self.account),)))
