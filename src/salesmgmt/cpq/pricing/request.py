"""What is asked of a pricer: who buys, when, in which currency, and what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import attrs

from salesmgmt.core.events import aware
from salesmgmt.core.exact import Number, exact
from salesmgmt.core.formula import Value


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


@attrs.frozen
class Line:
    """So many of one product, as somebody wants to buy them.

    Attributes:
        product: id of the product.
        quantity: how many, in the unit of the product, above zero; from a `Decimal`, an `int` or digits as text.
        configuration: the value chosen for each attribute of a configurable product.
        fields: the host's own facts about the line, as `line.<name>` in conditions; the procedure declares them.

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


def _lines(given: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(given)


@attrs.frozen(kw_only=True)
class PricingRequest:
    """A question to a pricer. It holds everything the answer depends on, beside the pricing model.

    Attributes:
        at: the instant for which prices are wanted.
        currency: code of the currency in which the answer is wanted.
        customer: what is known of the buyer, as `customer.<name>` in conditions: `id` and `segment`, and whatever
            else the procedure declares.
        order: what is known of the document, as `order.<name>` in conditions; the procedure declares it.
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
    lines: tuple[Line, ...] = attrs.field(converter=_lines)
