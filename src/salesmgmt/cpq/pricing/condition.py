"""Own condition types: what is looked up in which order, and what the record that is found does to a price."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

import attrs

from salesmgmt.core.clock import is_before
from salesmgmt.core.errors import InvalidInput, Problem, option, shorten
from salesmgmt.core.exact import Number, exact
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing.calculation import Calculation
from salesmgmt.cpq.pricing.records import not_money, percentage
from salesmgmt.cpq.pricing.scales.scale import Scale
from salesmgmt.cpq.pricing.selection.order import Access, SelectionOrder


class ConditionClass(StrEnum):
    """What a condition is for; it decides the sign of its values.

    >>> from salesmgmt.cpq.pricing import ConditionClass
    >>> ConditionClass("rebate").is_taken_off
    True
    """

    PRICE = "price"
    """Makes the price; percentages on the same base start from it."""
    DISCOUNT = "discount"
    """Is taken off."""
    SURCHARGE = "surcharge"
    """Is put on top."""
    FREIGHT = "freight"
    """Is put on top, for delivery."""
    TAX = "tax"
    """Is put on top, for the state."""
    REBATE = "rebate"
    """Would be taken off, but is paid out later: a step of this class is statistical."""
    COST = "cost"
    """Tells what the line costs the seller: a step of this class is statistical."""

    @property
    def is_taken_off(self) -> bool:
        """Whether a value above zero lowers the price."""
        return self in _TAKEN_OFF

    @property
    def only_tells(self) -> bool:
        """Whether it never changes the price."""
        return self in _TELLING


_TAKEN_OFF = frozenset({ConditionClass.DISCOUNT, ConditionClass.REBATE})
_TELLING = frozenset({ConditionClass.REBATE, ConditionClass.COST})

PERCENTAGES = frozenset(
    {
        Calculation.PERCENT,
        Calculation.PERCENT_COMPOUND,
        Calculation.PERCENT_OF_TOTAL,
        Calculation.MARKUP_ON_COST,
        Calculation.TARGET_MARGIN,
    }
)
"""Calculations whose records hold a percentage."""

AMOUNTS = frozenset(
    {
        Calculation.SET_PRICE,
        Calculation.AMOUNT_PER_UNIT,
        Calculation.AMOUNT_PER_LINE,
        Calculation.AMOUNT_PER_DOCUMENT,
        Calculation.PRICE_FOR_QUANTITY,
    }
)
"""Calculations whose records hold an amount."""


def _class(value: ConditionClass | str) -> ConditionClass:
    return option(ConditionClass, value, "the class of a condition type")


def _calculation(value: Calculation | str) -> Calculation:
    return option(Calculation, value, "the calculation of a condition type")


@attrs.frozen(kw_only=True)
class ConditionType:
    """A kind of condition: a price, a discount, a freight charge, and how its records are found and reckoned.

    Attributes:
        id: its name.
        kind: what it is for.
        calculation: how a record makes an amount.
        accesses: by which facts records are looked up, in order; empty derives them from the keys of the records.
        order: which of several records wins.
        formula: for the calculation `formula`: the amount for the line, over the names of the procedure.

    >>> from salesmgmt.cpq.pricing import Access, ConditionType
    >>> freight = ConditionType(
    ...     id="freight", kind="freight", calculation="amount_per_line",
    ...     accesses=(Access(fields=("order.region", "line.family")), Access(fields=("order.region",))),
    ... )
    >>> freight.calculation.value
    'amount_per_line'
    """

    id: str
    kind: ConditionClass = attrs.field(converter=_class)
    calculation: Calculation = attrs.field(converter=_calculation)
    accesses: tuple[Access, ...] = ()
    order: SelectionOrder = attrs.field(factory=SelectionOrder)
    formula: str = ""


def _number(value: Number | None) -> Decimal | None:
    return None if value is None else exact(value)


def _key(given: Mapping[str, str]) -> Mapping[str, str]:
    return dict(given)


@attrs.frozen(kw_only=True)
class ConditionRecord:
    """A value of a condition type for one key, for a while.

    Attributes:
        id: what a trace calls it; by default the place in its file.
        row: its line in the file; 0 when it was made in Python.
        version: raised by its author with each change.
        type: id of its condition type.
        key: the facts it is for, by name: `{"customer.id": "acme", "line.product": "dock"}`.
        amount: its value, where the calculation wants an amount.
        percent: its value, where it wants a percentage.
        scale: or its value by quantity.
        per_quantity: for how many units an amount is.
        min_quantity: the smallest quantity for which it holds.
        max_quantity: the largest one.
        uom: the unit of measure for which alone it holds, and for which its amount is; empty for any, and then its
            amount is for the unit of the product.
        valid_from: first day or instant at which it holds; `None` since ever.
        valid_to: first day or instant at which it no longer holds; `None` for ever.
        priority: for orders that ask for it; the higher, the earlier.
        condition: a formula that must hold as well.
        combinable: for exclusion groups that ask for it.
        excludes: ids of steps that it switches off for the line.
        lower_limit: the least that it changes the line by, by size.
        upper_limit: the most that it changes the line by, by size.
        reason: why it was agreed.

    Raises:
        InvalidInput: it has no value, or several; or a figure is out of range.

    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.cpq.pricing import ConditionRecord
    >>> ConditionRecord(id="r-1", type="loyalty", key={"customer.segment": "gold"}, percent=Percent(3)).where
    'r-1'
    """

    FILE: ClassVar[str] = "conditions.csv"

    id: str
    row: int = 0
    version: int = 1
    type: str
    key: Mapping[str, str] = attrs.field(factory=dict, converter=_key, hash=False)
    amount: Money | None = None
    percent: Percent | None = attrs.field(default=None, converter=percentage)
    scale: Scale | None = None
    per_quantity: Decimal = attrs.field(default=Decimal(1), converter=exact)
    min_quantity: Decimal | None = attrs.field(default=None, converter=_number)
    max_quantity: Decimal | None = attrs.field(default=None, converter=_number)
    uom: str = ""
    valid_from: date | datetime | None = None
    valid_to: date | datetime | None = None
    priority: int | None = None
    condition: str = ""
    combinable: bool = False
    excludes: tuple[str, ...] = ()
    lower_limit: Decimal | None = attrs.field(default=None, converter=_number)
    upper_limit: Decimal | None = attrs.field(default=None, converter=_number)
    reason: str = ""

    def __attrs_post_init__(self) -> None:
        problems = tuple(self._faults())
        if problems:
            raise InvalidInput(f"condition record {shorten(self.id)}", problems)

    @property
    def where(self) -> str:
        """Its place in the reader's terms."""
        return f"{self.FILE} row {self.row}" if self.row else self.id

    def _faults(self) -> Iterator[Problem]:
        yield from not_money("amount", self.amount)
        if sum(one is not None for one in (self.amount, self.percent)) > 1:
            yield Problem("percent", "one_of", str(self.percent), "an amount or a percentage, not both")
        if self.per_quantity <= 0:
            yield Problem("per_quantity", "not_positive", f"{self.per_quantity:f}", "more than zero")
        for name in ("min_quantity", "lower_limit"):
            low, high = getattr(self, name), getattr(self, _UPPER[name])
            if low is not None and low < 0:
                yield Problem(name, "negative", f"{low:f}", "zero or more")
            if high is not None and high < (low or 0):
                yield Problem(_UPPER[name], "reversed", f"{high:f}", f"at least {low or 0:f}")
        for name in ("valid_from", "valid_to"):
            moment = getattr(self, name)
            if isinstance(moment, datetime) and moment.utcoffset() is None:
                yield Problem(name, "naive_instant", str(moment), "a day, or an instant with a time zone")
                return
        if not _in_order(self.valid_from, self.valid_to):
            yield Problem("valid_to", "reversed", str(self.valid_to), f"later than {self.valid_from}")


_UPPER = {"min_quantity": "max_quantity", "lower_limit": "upper_limit"}


def _in_order(start: date | datetime | None, end: date | datetime | None) -> bool:
    if start is None or end is None:
        return True
    if isinstance(start, datetime) and isinstance(end, datetime):
        return is_before(start, end)
    first = start.date() if isinstance(start, datetime) else start
    last = end.date() if isinstance(end, datetime) else end
    return first < last or (first == last and isinstance(end, datetime) and not isinstance(start, datetime))
