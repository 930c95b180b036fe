"""Reckoning with figures of one unit."""

from __future__ import annotations

from decimal import Decimal

from salesmgmt.core.exact import subtract
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.engines.metrics import Figure, number_of


def in_unit_of(number: Decimal, pattern: Figure) -> Figure:
    """Make a figure of the same kind as `pattern` from a bare number.

    >>> from decimal import Decimal
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.sfe.figures import in_unit_of
    >>> in_unit_of(Decimal(7), Money(5, "EUR"))
    Money('7', 'EUR')
    """
    if isinstance(pattern, Money):
        return Money(number, pattern.currency)
    return Percent(number) if isinstance(pattern, Percent) else number


def difference(left: Figure, right: Figure) -> Figure:
    """Return `left - right`, two figures of one unit.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.sfe.figures import difference
    >>> difference(Money(5, "EUR"), Money(7, "EUR"))
    Money('-2', 'EUR')
    """
    return in_unit_of(subtract(number_of(left), number_of(right)), left)
