"""What is asked of a pricer: who buys, when, in which currency, and what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.events import aware
from salesmgmt.core.exact import Number, exact
from salesmgmt.core.formula import Value
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing.promotions.line import LineKind
from salesmgmt.cpq.pricing.promotions.promoted import PromotionUse


def _quantity(value: Number) -> Decimal:
    return exact(value, "a quantity")


def _configuration(given: Mapping[str, str]) -> Mapping[str, str]:
    return dict(given)


def _facts(given: Mapping[str, Value | int | None]) -> Mapping[str, Value]:
    """Copy, without what is missing."""
    return {name: _fact(value) for name, value in given.items() if value is not None}


def _fact(value: Any) -> Any:
    """A whole number as the decimal it stands for, and a collection as a set that nobody can change any more."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, set | list | tuple):
        try:
            return frozenset(map(_fact, value))
        except TypeError:  # members that are no plain values; the pricer refuses them by name
            return value
    return value


@attrs.frozen(kw_only=True)
class ManualPrice:
    """What somebody set by hand for a line; it stays when quantity or date change.

    Attributes:
        unit_price: what one of the line's own unit of measure costs in place of the price that was found.
        percent_off: or what is taken off the line, at most 100 %; negative for a surcharge.
        amount_off: or what is taken off the line as an amount.
        reason: why.
        by: id of who set it.
        at: when; a quote with one that has no time cannot be presented.

    Raises:
        NaiveInstant: `at` has no time zone.
        InvalidInput: it has none or several of price, percentage and amount; a price is negative, or more than all is
            taken off; or reason or author is blank.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing import ManualPrice
    >>> ManualPrice(unit_price=Money(80, "EUR"), reason="price matched", by="li.wei").unit_price
    Money('80', 'EUR')
    """

    unit_price: Money | None = None
    percent_off: Percent | None = None
    amount_off: Money | None = None
    reason: str
    by: str
    at: datetime | None = attrs.field(default=None, validator=aware)

    def __attrs_post_init__(self) -> None:
        problems = [
            Problem(name, "wrong_type", shorten(value), f"a {wanted.__name__}")
            for name, wanted in _MANUAL.items()
            if not isinstance(value := getattr(self, name), wanted)
            and not (value is None and wanted is not str)
        ]
        if problems:
            raise InvalidInput("manual price", problems)
        given = [one for one in (self.unit_price, self.percent_off, self.amount_off) if one is not None]
        if len(given) != 1:
            wanted = "one of unit_price, percent_off and amount_off"
            problems.append(Problem("unit_price", "one_of", str(len(given)), wanted))
        if self.unit_price is not None and self.unit_price.amount < 0:
            problems.append(Problem("unit_price", "negative", str(self.unit_price), "zero or more"))
        if self.percent_off is not None and self.percent_off > _ALL:
            problems.append(Problem("percent_off", "too_large", str(self.percent_off), "at most 100%"))
        problems += [
            Problem(name, "blank", text, "a text")
            for name, text in (("reason", self.reason), ("by", self.by))
            if not text.strip()
        ]
        if problems:
            raise InvalidInput("manual price", problems)


_ALL = Percent(100)
_MANUAL: Mapping[str, type] = {
    "unit_price": Money,
    "percent_off": Percent,
    "amount_off": Money,
    "reason": str,
    "by": str,
}


@attrs.frozen
class Line:
    """So many of one product, as somebody wants to buy them.

    Attributes:
        product: id of the product.
        quantity: how many, in `uom`, above zero; from a `Decimal`, an `int` or digits as text.
        configuration: the value chosen for each attribute of a configurable product.
        fields: the host's own facts about the line, as `line.<name>` in conditions; the procedure declares them.
        uom: the unit of measure of the quantity; empty for that of the product.
        group: what it is put together with, for conditions on a group; empty for none.
        starts: first day of its term; `None` when it has none.
        ends: first day after its term.
        manual: a price set by hand.
        kind: goods, or the delivery of goods.
        discountable: whether promotions may take from it.

    Raises:
        FloatRefused, NotANumber: the quantity is no exact number.

    >>> from salesmgmt.cpq.pricing import Line
    >>> Line("bike-7", 2, configuration={"frame": "carbon"}).quantity
    Decimal('2')
    """

    product: str
    quantity: Decimal = attrs.field(converter=_quantity)
    configuration: Mapping[str, str] = attrs.field(factory=dict, converter=_configuration, hash=False)
    fields: Mapping[str, Value] = attrs.field(factory=dict, converter=_facts, hash=False)
    uom: str = attrs.field(default="", kw_only=True)
    group: str = attrs.field(default="", kw_only=True)
    starts: date | None = attrs.field(default=None, kw_only=True)
    ends: date | None = attrs.field(default=None, kw_only=True)
    manual: ManualPrice | None = attrs.field(default=None, kw_only=True)
    kind: LineKind = attrs.field(default=LineKind.GOODS, kw_only=True)
    discountable: bool = attrs.field(default=True, kw_only=True)


def _lines(given: Iterable[Line]) -> tuple[Line, ...]:
    lines: tuple[object, ...] = tuple(given)
    found = [line for line in lines if isinstance(line, Line)]
    if len(found) < len(lines):
        raise InvalidInput(
            "pricing request",
            [
                Problem(f"lines[{position}]", "wrong_type", shorten(line), "a Line")
                for position, line in enumerate(lines)
                if not isinstance(line, Line)
            ],
        )
    return tuple(found)


def _texts(given: Iterable[str]) -> tuple[str, ...]:
    if isinstance(given, str):  # a text is iterable as well, and its letters are no codes
        problem = Problem("codes", "wrong_type", shorten(given), "a list of texts")
        raise InvalidInput("pricing request", [problem])
    return tuple(given)


def _uses(given: Mapping[str, PromotionUse]) -> Mapping[str, PromotionUse]:
    return dict(given)


def _bought(given: Mapping[str, Number]) -> Mapping[str, Decimal]:
    return {name: exact(value, f"how much of {name} was bought") for name, value in given.items()}


@attrs.frozen(kw_only=True)
class PricingRequest:
    """A question to a pricer. It holds everything the answer depends on, beside the pricing model.

    Attributes:
        at: the instant for which prices are wanted.
        currency: code of the currency in which the answer is wanted.
        customer: what is known of the buyer, as `customer.<name>` in conditions: `id` and `segment`, and whatever
            else the procedure declares.
        order: what is known of the document, as `order.<name>` in conditions; the procedure declares it.
        price_list: id of the price list that is agreed; empty for the one that the procedure names.
        codes: the codes of coupons that were handed in, in their order.
        used: what has been used of promotions so far, by id; the host keeps it.
        coupons_used: the same of coupons, by code.
        bought: how much of a product or family this customer has bought before, by its id, for scales that count the
            customer's period; in the unit of the product.
        lines: what is to be priced. Their order decides nothing but who gets a remainder, where shares tie.

    Raises:
        NaiveInstant: `at` has no time zone.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.cpq.pricing import Line, PricingRequest
    >>> now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> len(PricingRequest(at=now, currency="CNY", customer={"id": "acme"}, lines=[Line("dock", 25)]).lines)
    1
    """

    at: datetime = attrs.field(validator=aware)
    currency: str
    customer: Mapping[str, Value] = attrs.field(factory=dict, converter=_facts, hash=False)
    order: Mapping[str, Value] = attrs.field(factory=dict, converter=_facts, hash=False)
    price_list: str = ""
    codes: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    used: Mapping[str, PromotionUse] = attrs.field(factory=dict, converter=_uses, hash=False)
    coupons_used: Mapping[str, PromotionUse] = attrs.field(factory=dict, converter=_uses, hash=False)
    bought: Mapping[str, Decimal] = attrs.field(factory=dict, converter=_bought, hash=False)
    lines: tuple[Line, ...] = attrs.field(converter=_lines)
