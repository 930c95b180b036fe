"""What units of a contract come to for a part of their term."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from salesmgmt.core.exact import divide
from salesmgmt.core.money import Money
from salesmgmt.core.period import Period
from salesmgmt.core.rounding import RoundingMode
from salesmgmt.cpq.pricing import ProrationPolicy
from salesmgmt.cpq.quotes.contract import ContractItem


def net_of(item: ContractItem, quantity: Decimal, days: Period, proration: ProrationPolicy) -> Fraction:
    """What was charged for some of the units of an item and some of its days, unrounded."""
    term = Period(item.starts, item.ends)
    share = Fraction(quantity) / Fraction(item.quantity)
    if days != term:
        whole = proration.of(term).fraction
        share *= min(proration.of(days).fraction / whole, Fraction(1)) if whole else 0
    return Fraction(item.net_amount.amount) * share


def net_for(item: ContractItem, quantity: Decimal, days: Period, proration: ProrationPolicy) -> Fraction:
    """What some of the units of an item come to at its price for another term, unrounded."""
    whole = proration.of(Period(item.starts, item.ends)).fraction
    times = proration.of(days).fraction / whole if whole else Fraction(1)
    return Fraction(item.net_amount.amount) * Fraction(quantity) / Fraction(item.quantity) * times


def list_of(item: ContractItem, quantity: Decimal) -> Money:
    """What so many units are at list, for one term that a price is for."""
    return as_money(
        Fraction(item.list_amount.amount) * Fraction(quantity) / Fraction(item.quantity),
        item.list_amount.currency,
    )


def as_money(amount: Fraction, currency: str) -> Money:
    """An amount to 34 digits."""
    return Money(divide(Decimal(amount.numerator), Decimal(amount.denominator)), currency)


def rounded(amount: Fraction, currency: str, mode: RoundingMode) -> Money:
    """An amount to the minor unit, rounded by its size, so that a credit is its charge with a minus."""
    size = as_money(abs(amount), currency).to_currency_decimals(mode)
    return -size if amount < 0 else size
