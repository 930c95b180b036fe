"""What was offered and what came of it: the rows that insight is drawn from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, UnknownOption, shorten
from salesmgmt.core.exact import Number, OutOfRange, divide, exact
from salesmgmt.core.money import Money

_ABSURD = Decimal(10**12)


def _quantity(value: Number) -> Decimal:
    return exact(value, "a quantity")


def _texts(given: Mapping[str, str]) -> Mapping[str, str]:
    return dict(given)


@attrs.frozen(kw_only=True)
class ClosedLine:
    """A line of a quote that was won or lost.

    Attributes:
        product: id of the product.
        quantity: how many, above zero.
        list_amount: of the whole line, at the price for everybody.
        net_amount: what was charged for it, or would have been.
        cost: of the whole line; `None` when it is not known.
        won: whether the customer took it.
        on: the day on which that was decided.
        customer: id of the customer; empty when it is not known.
        quote: id of the quote; lines of one quote are won or lost together. Empty for a line of its own.
        fields: whatever else lines are told apart by: segment, region, channel.

    Raises:
        InvalidInput: the quantity is not above zero, amounts are of two currencies, or a field is no text or has the name
            of an attribute.

    >>> from datetime import date
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.insight import ClosedLine
    >>> ClosedLine(product="dock", quantity=25, list_amount=Money(2500, "EUR"), net_amount=Money(2000, "EUR"), won=True,
    ...            on=date(2026, 3, 2), fields={"segment": "gold"}).price_ratio
    Decimal('0.8')
    """

    product: str
    quantity: Decimal = attrs.field(converter=_quantity)
    list_amount: Money
    net_amount: Money
    cost: Money | None = None
    won: bool
    on: date
    customer: str = ""
    quote: str = ""
    fields: Mapping[str, str] = attrs.field(factory=dict, converter=_texts, hash=False)

    def __attrs_post_init__(self) -> None:
        fields: Mapping[str, object] = self.fields  # whatever a host read from a frame
        problems = [
            Problem(f"fields.{name}", "type", shorten(value), "a text; leave out what is not known")
            for name, value in fields.items()
            if not isinstance(value, str)
        ]
        if self.quantity <= 0:
            problems.append(Problem("quantity", "range", str(self.quantity), "above zero"))
        for name in ("net_amount", "cost"):
            amount: Money | None = getattr(self, name)
            if amount is not None and amount.currency != self.list_amount.currency:
                wanted = f"an amount in {self.list_amount.currency}"
                problems.append(Problem(name, "currency", str(amount), wanted))
        problems += [
            Problem(f"fields.{name}", "taken", name, f"a name other than {', '.join(_OWN)}")
            for name in _OWN
            if name in self.fields
        ]
        if problems:
            raise InvalidInput("closed line", problems)

    @property
    def currency(self) -> str:
        """The currency of its amounts."""
        return self.list_amount.currency

    @property
    def price_ratio(self) -> Decimal | None:
        """Net by list: 0.8 for a fifth off, above 1 for a surcharge.

        `None` where it is no price: the list amount is not above zero, the net amount is below it, or their ratio absurd
        (above a million million).
        """
        if self.list_amount.amount <= 0 or self.net_amount.amount < 0:
            return None
        try:
            ratio = divide(self.net_amount.amount, self.list_amount.amount)
        except OutOfRange:
            return None
        return ratio if ratio <= _ABSURD else None

    @property
    def unit_price(self) -> Money:
        """The net price of a unit, to 34 digits."""
        return self.net_amount / self.quantity

    def value_of(self, name: str) -> str | None:
        """What it says under a name: `product`, `customer`, `currency`, `quote` or a field; `None` if nothing."""
        return str(getattr(self, name)) if name in _OWN else self.fields.get(name)


_OWN = ("product", "customer", "currency", "quote")


@attrs.frozen(kw_only=True)
class LineGroup:
    """Lines that agree in some values.

    Attributes:
        key: the values by name; a value that lines do not have is empty.
        lines: the lines, in the order given.
    """

    key: Mapping[str, str] = attrs.field(hash=False)
    lines: tuple[ClosedLine, ...]


def group_lines(lines: Iterable[ClosedLine], by: Sequence[str] = ("product",)) -> tuple[LineGroup, ...]:
    """Put lines together that agree in product, customer, currency, quote or fields.

    Args:
        lines: any lines.
        by: the names, as `("product", "segment")`.

    Returns:
        The groups, in the order of their values.

    Raises:
        UnknownOption: no line has such a name.

    >>> from datetime import date
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.insight import ClosedLine, group_lines
    >>> lines = [ClosedLine(product=product, quantity=1, list_amount=Money(10, "EUR"), net_amount=Money(9, "EUR"), won=True,
    ...                     on=date(2026, 3, 2)) for product in ("dock", "bag", "dock")]
    >>> [(group.key, len(group.lines)) for group in group_lines(lines, by=["product"])]
    [({'product': 'bag'}, 1), ({'product': 'dock'}, 2)]
    """
    every = tuple(lines)
    known = {*_OWN, *(name for line in every for name in line.fields)}
    for name in by:
        if every and name not in known:
            raise UnknownOption("by", name, sorted(known))
    found: dict[tuple[str, ...], list[ClosedLine]] = {}
    for line in every:
        found.setdefault(tuple(line.value_of(name) or "" for name in by), []).append(line)
    return tuple(
        LineGroup(key=dict(zip(by, values, strict=True)), lines=tuple(group))
        for values, group in sorted(found.items())
    )
