"""The records of a pricing model: prices, quantity tiers and extras of options."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import ClassVar

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.exact import Number, exact
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent


@attrs.frozen(kw_only=True)
class PriceRecord:
    """What a unit of a product costs, for everybody or for a customer or segment, for a while.

    Attributes:
        id: what a trace calls it; by default the place in its file.
        row: its line in the file; 0 when it was made in Python.
        product: id of the product.
        price: of one unit, zero or more.
        customer: id of the customer it is for; empty for any.
        segment: the segment it is for; empty for any.
        valid_from: first day on which it holds; `None` since ever.
        valid_to: first day on which it no longer holds; `None` for ever.

    Raises:
        InvalidInput: the price is negative, the product blank, or the validity ends before it starts.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing import PriceRecord
    >>> PriceRecord(id="p-1", product="dock", price=Money(850, "CNY"), customer="acme").where
    'p-1'
    """

    FILE: ClassVar[str] = "prices.csv"

    id: str
    row: int = 0
    product: str
    price: Money
    customer: str = ""
    segment: str = ""
    valid_from: date | None = None
    valid_to: date | None = None

    def __attrs_post_init__(self) -> None:
        _refuse("price record", self.id, self._faults())

    @property
    def where(self) -> str:
        """Its place in the reader's terms."""
        return f"{self.FILE} row {self.row}" if self.row else self.id

    def _faults(self) -> Iterator[Problem]:
        wrong = tuple(not_money("price", self.price))
        yield from wrong
        if not self.product.strip():
            yield Problem("product", "blank", shorten(self.product), "the id of a product")
        if not wrong and self.price.amount < 0:
            yield Problem("price", "negative", str(self.price), "zero or more")
        if self.valid_from is not None and self.valid_to is not None and self.valid_to <= self.valid_from:
            yield Problem("valid_to", "reversed", str(self.valid_to), f"a day after {self.valid_from}")


@attrs.frozen(kw_only=True)
class ContractPrice(PriceRecord):
    """A price that was agreed with one customer: a price record that names him.

    Raises:
        InvalidInput: as for a price record, or it names no customer.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing import ContractPrice
    >>> ContractPrice(id="acme-dock", product="dock", customer="acme", price=Money(800, "CNY")).price
    Money('800', 'CNY')
    """

    def _faults(self) -> Iterator[Problem]:
        yield from super()._faults()  # a class with slots is made anew: plain super() finds the old one
        if not self.customer.strip():
            yield Problem("customer", "blank", shorten(self.customer), "the id of a customer")


def percentage(value: Percent | Number | None) -> Percent | None:
    """A percentage from itself or its plain figure (5 is 5 %)."""
    return value if value is None or isinstance(value, Percent) else Percent(value)


def not_money(name: str, value: object) -> Iterator[Problem]:
    """The fault that a value is no amount of money."""
    if value is not None and not isinstance(value, Money):
        yield Problem(name, "wrong_type", shorten(value), 'an amount such as Money("9.90", "EUR")')


def _limit(value: Number) -> Decimal:
    return exact(value, "a limit of a tier")


def _upper(value: Number | None) -> Decimal | None:
    return None if value is None else _limit(value)


@attrs.frozen(kw_only=True)
class TierRecord:
    """What applies from one quantity to below another.

    Attributes:
        id: what a trace calls it; by default the place in its file.
        row: its line in the file; 0 when it was made in Python.
        product: id of the product it is for; empty when it is for a family.
        family: the family it is for.
        lower: where it begins, included.
        upper: where it ends, not included; `None` where the next tier of the same scale begins.
        percent: what is taken off, at most 100 %; negative for a surcharge.
        unit_price: or what a unit costs instead of the price found before, zero or more.

    Raises:
        InvalidInput: it is for neither or both of product and family, or has neither or both of percent and price;
            or a limit, the percentage or the price is out of range.

    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.cpq.pricing import TierRecord
    >>> TierRecord(id="t-1", family="laptops", lower=10, percent=Percent(5)).upper is None
    True
    """

    FILE: ClassVar[str] = "tiers.csv"

    id: str
    row: int = 0
    product: str = ""
    family: str = ""
    lower: Decimal = attrs.field(converter=_limit)
    upper: Decimal | None = attrs.field(default=None, converter=_upper)
    percent: Percent | None = attrs.field(default=None, converter=percentage)
    unit_price: Money | None = None

    def __attrs_post_init__(self) -> None:
        _refuse("tier", self.id, self._faults())

    @property
    def where(self) -> str:
        """Its place in the reader's terms."""
        return f"{self.FILE} row {self.row}" if self.row else self.id

    def _faults(self) -> Iterator[Problem]:
        if bool(self.product) is bool(self.family):
            found = f"{shorten(self.product)} and {shorten(self.family)}" if self.product else None
            yield Problem("product", "one_of", found, "either a product or a family")
        if (self.percent is None) is (self.unit_price is None):
            found = None if self.percent is None else f"{self.percent} and {self.unit_price}"
            yield Problem("percent", "one_of", found, "either a percentage or a unit price")
        if self.lower < 0:
            yield Problem("lower", "negative", f"{self.lower:f}", "zero or more")
        if self.upper is not None and self.upper <= self.lower:
            yield Problem("upper", "reversed", f"{self.upper:f}", f"more than {self.lower:f}")
        if self.percent is not None and self.percent > _ALL:
            yield Problem("percent", "too_large", str(self.percent), "at most 100%")
        wrong = tuple(not_money("unit_price", self.unit_price))
        yield from wrong
        if not wrong and self.unit_price is not None and self.unit_price.amount < 0:
            yield Problem("unit_price", "negative", str(self.unit_price), "zero or more")


@attrs.frozen(kw_only=True)
class OptionRecord:
    """What a chosen value of a configurable product costs on top, for each unit.

    A record for `wheels.size` holds for each instance of the component: for `wheels.1.size` as well. A record for a group
    and one of its options is for each unit of the option: `spares` and `TUBE` count three times where `spares.TUBE` is 3.

    Attributes:
        id: what a trace calls it; by default the place in its file.
        row: its line in the file; 0 when it was made in Python.
        product: id of the product.
        attribute: the attribute of its configuration, or a group.
        value: the chosen value, or an option of the group.
        extra: for one unit; negative when the option is cheaper.

    Raises:
        InvalidInput: product, attribute or value is blank.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing import OptionRecord
    >>> carbon = OptionRecord(id="o-1", product="bike", attribute="frame", value="carbon", extra=Money(900, "EUR"))
    >>> carbon.extra
    Money('900', 'EUR')
    """

    FILE: ClassVar[str] = "options.csv"

    id: str
    row: int = 0
    product: str
    attribute: str
    value: str
    extra: Money

    def __attrs_post_init__(self) -> None:
        _refuse("option", self.id, self._faults())

    @property
    def where(self) -> str:
        """Its place in the reader's terms."""
        return f"{self.FILE} row {self.row}" if self.row else self.id

    def _faults(self) -> Iterator[Problem]:
        for name in ("product", "attribute", "value"):
            if not getattr(self, name).strip():
                yield Problem(name, "blank", shorten(getattr(self, name)), "a text")


def _refuse(what: str, identifier: str, faults: Iterator[Problem]) -> None:
    problems = tuple(faults)
    if problems:
        raise InvalidInput(f"{what} {shorten(identifier)}", problems)


_ALL = Percent(100)
