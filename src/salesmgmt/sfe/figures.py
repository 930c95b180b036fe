"""Figures: the numbers that targets, metrics and effects are stated in."""

from __future__ import annotations

from decimal import Decimal

from salesmgmt.core.exact import CONTEXT
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.engines.metrics import Figure

__all__ = ["Figure", "difference", "in_unit_of", "number_of", "unit_of"]


def unit_of(figure: Figure) -> str:
    """Return what a figure counts: a currency code, `%`, or nothing for a plain number.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.sfe.figures import unit_of
    >>> unit_of(Money(5, "EUR"))
    'EUR'
    """
    if isinstance(figure, Money):
        return figure.currency
    return "%" if isinstance(figure, Percent) else ""


def number_of(figure: Figure) -> Decimal:
    """Return the bare number of a figure: the amount of money, the points of a percentage.

    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.sfe.figures import number_of
    >>> number_of(Percent("12.5"))
    Decimal('12.5')
    """
    if isinstance(figure, Money):
        return figure.amount
    return figure.points if isinstance(figure, Percent) else figure


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
    return in_unit_of(CONTEXT.subtract(number_of(left), number_of(right)), left)
