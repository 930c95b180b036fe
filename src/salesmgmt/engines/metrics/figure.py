"""Figures: the numbers that metrics, targets and thresholds are stated in."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeAlias

from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent

Figure: TypeAlias = Decimal | Money | Percent
"""A count, number or ratio; an amount; a rate."""


def unit_of(figure: Figure) -> str:
    """Return what a figure counts: a currency code, `%`, or nothing for a plain number.

    Figures of one unit can be compared.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.engines.metrics import unit_of
    >>> unit_of(Money(5, "EUR"))
    'EUR'
    """
    if isinstance(figure, Money):
        return figure.currency
    return "%" if isinstance(figure, Percent) else ""


def number_of(figure: Figure) -> Decimal:
    """Return the bare number of a figure: the amount of money, the points of a percentage.

    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.engines.metrics import number_of
    >>> number_of(Percent("12.5"))
    Decimal('12.5')
    """
    if isinstance(figure, Money):
        return figure.amount
    return figure.points if isinstance(figure, Percent) else figure
