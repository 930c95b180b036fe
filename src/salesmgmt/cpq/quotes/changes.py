"""What is to change in a contract, and how the difference is reckoned."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

import attrs

from salesmgmt.core.errors import option
from salesmgmt.core.exact import Number, exact
from salesmgmt.core.money import Money
from salesmgmt.core.rounding import RoundingMode
from salesmgmt.cpq.pricing import Line, ProrationPolicy


def _quantity(value: Number) -> Decimal:
    return exact(value, "the quantity of a change")


@attrs.frozen
class ChangeQuantity:
    """From a day on so many units of a line; zero gives all of them back.

    Units that are added cost what those of the line cost. Units that are given back are the last ones that were added, and are
    credited at their own price; units that are taken again come back at the price at which they were credited.

    Attributes:
        line: id of the line of the contract.
        quantity: how many units it is to have in all, zero or more.
        unit_price: what a unit that is added costs for the default term, when that is another price.

    >>> from salesmgmt.cpq.quotes import ChangeQuantity
    >>> ChangeQuantity("seats", 8).quantity
    Decimal('8')
    """

    line: str
    quantity: Decimal = attrs.field(converter=_quantity)
    unit_price: Money | None = attrs.field(default=None, kw_only=True)


@attrs.frozen
class ChangePrice:
    """From a day on another price for all units of a line: the rest of the old price is credited, the new one charged.

    Attributes:
        line: id of the line of the contract.
        unit_price: what a unit costs for the default term.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.quotes import ChangePrice
    >>> str(ChangePrice("seats", Money(90, "USD")).unit_price)
    '90 USD'
    """

    line: str
    unit_price: Money


@attrs.frozen
class ReplaceLine:
    """From a day on another product or configuration in a line: the rest of the old price is credited, the new one priced.

    The same product in its place is at today's price.

    Attributes:
        line: id of the line of the contract.
        by: what takes its place, in what quantity; it ends with the line.

    >>> from salesmgmt.cpq.pricing import Line
    >>> from salesmgmt.cpq.quotes import ReplaceLine
    >>> ReplaceLine("seats", Line("seat-pro", 5)).by.product
    'seat-pro'
    """

    line: str
    by: Line


@attrs.frozen
class AddLine:
    """A further line, priced as of today.

    Attributes:
        id: of the line; the contract has none of that id.
        line: what is wanted. Without days of its own it begins on the day of the change and ends with the contract.
        parent: id of the line that it is a part of, in the contract or among those that are added.
        one_time: whether it has no term: then it is in the order and not in the contract.

    >>> from salesmgmt.cpq.pricing import Line
    >>> from salesmgmt.cpq.quotes import AddLine
    >>> AddLine("care", Line("support", 1)).parent
    ''
    """

    id: str
    line: Line
    parent: str = attrs.field(default="", kw_only=True)
    one_time: bool = attrs.field(default=False, kw_only=True)


ContractEdit: TypeAlias = ChangeQuantity | ChangePrice | ReplaceLine | AddLine
"""One thing that is to change in a contract."""


class Credit(StrEnum):
    """What is credited for units that are given back before their term is over.

    >>> from salesmgmt.cpq.quotes import Credit
    >>> Credit("none").name
    'NONE'
    """

    PRORATED = "prorated"
    """What was charged for the days that are left."""
    FULL = "full"
    """All that was charged for them."""
    NONE = "none"
    """Nothing; units that are taken again are charged again."""


def _credit(value: str) -> Credit:
    return option(Credit, value, "what is credited for units given back")


def _mode(value: str) -> RoundingMode:
    return option(RoundingMode, value, "how the difference of a contract is rounded")


@attrs.frozen(kw_only=True)
class AmendmentPolicy:
    """How the difference of an amendment is reckoned.

    Attributes:
        proration: how days are measured, and what term a unit price is for; as in the step `Terms` of the procedure.
        credit: what is credited for units that are given back. What is replaced is always credited for the days that are left.
        rounding: how amounts are rounded to the minor unit; credits as their charges, whatever their sign.

    Raises:
        UnknownOption: there is no such credit or rounding.

    >>> from salesmgmt.cpq.quotes import AmendmentPolicy
    >>> AmendmentPolicy(credit="none").rounding.value
    'half_up'
    """

    proration: ProrationPolicy = attrs.field(factory=ProrationPolicy)
    credit: Credit = attrs.field(default=Credit.PRORATED, converter=_credit)
    rounding: RoundingMode = attrs.field(default=RoundingMode.HALF_UP, converter=_mode)
