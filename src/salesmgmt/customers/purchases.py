"""Purchases: who bought on which day for how much, the raw material of what is known about customers' behaviour."""

from __future__ import annotations

from datetime import date
from typing import Any

import attrs

from salesmgmt.core.entity import AccountId
from salesmgmt.core.money import Money
from salesmgmt.core.period import require_date


def _is_date(_purchase: object, field: attrs.Attribute[Any], value: date) -> None:
    require_date(value, field.name)


@attrs.frozen
class Purchase:
    """One purchase, or one return.

    Attributes:
        customer: who bought.
        on: the business date.
        amount: what was paid; below zero for a return.

    Raises:
        NotADate: `on` is an instant or no date.

    >>> from datetime import date
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.customers import Purchase
    >>> Purchase("acme", date(2026, 3, 2), Money(-40, "EUR")).is_return
    True
    """

    customer: AccountId
    on: date = attrs.field(validator=_is_date)
    amount: Money

    @property
    def is_return(self) -> bool:
        """Whether money went back."""
        return self.amount.amount < 0
