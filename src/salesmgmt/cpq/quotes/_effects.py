"""Splits the difference of two lines into its causes."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import attrs

from salesmgmt.core.exact import WIDE, OutOfRange
from salesmgmt.core.money import Money
from salesmgmt.cpq.pricing import StepKind
from salesmgmt.cpq.quotes._references import terms_of
from salesmgmt.cpq.quotes.comparison import PriceEffects
from salesmgmt.cpq.quotes.line import QuoteLine


@attrs.frozen
class Side:
    """A line that counts, in the currency of the comparison.

    Attributes:
        line: the line.
        amount: what it counts.
        rate: units of that currency for one of its own.
    """

    line: QuoteLine
    amount: Money
    rate: Fraction

    @property
    def quantity(self) -> Fraction:
        """How many units."""
        return Fraction(self.line.quantity)

    @property
    def listed(self) -> Fraction:
        """The list price of a unit for one term, choices included."""
        return Fraction(self.line.list_amount.amount) * self.rate / self.quantity

    @property
    def choices(self) -> Fraction | None:
        """What the choices of the configuration are in it; `None` where the waterfall does not tell them apart."""
        extras = [step.rounded_amount for step in self.line.waterfall if step.kind is StepKind.OPTION]
        return sum(map(Fraction, extras), Fraction(0)) * self.rate / self.quantity if extras else None

    @property
    def terms(self) -> Fraction:
        """How many of the terms that a price is for make its term."""
        return Fraction(terms_of(self.line) or 1)


def effects_of(old: Side | None, restated: Money, new: Side | None, unit: Decimal) -> PriceEffects:
    """Take the causes out one after another.

    A line comes to `quantity x list price of a unit x terms x what discounts leave of it`. Each factor is replaced in its
    turn, the others staying as they are at that moment; the amount after each turn is rounded, half to even, to `unit`, and
    an effect is the difference of two of these amounts. So nothing is lost or counted twice.

    Args:
        old: the line as it was.
        restated: its amount at the exchange rate of the new day.
        new: the line as it is.
        unit: the step to which amounts between the two are rounded.
    """
    zero = Money.zero(restated.currency)
    before = zero if old is None else old.amount
    after = zero if new is None else new.amount
    none = PriceEffects.none(restated.currency)
    currency = restated - before
    if old is None or new is None or not _is_same(old.line, new.line):
        return attrs.evolve(none, currency=currency, mix=after - restated)
    quantity, terms = new.quantity, old.terms
    start = Fraction(restated.amount)
    gross = old.quantity * old.listed * terms
    left = start / gross if gross else Fraction(1)
    chosen = _by_choice(old, new)
    scaled = start * quantity / old.quantity
    configured = scaled + quantity * chosen * terms * left
    priced = configured + quantity * (new.listed - old.listed - chosen) * terms * left
    lengthened = priced + quantity * new.listed * (new.terms - terms) * left
    turns, exact = [restated], start
    for amount in (scaled, configured, priced, lengthened):
        turns.append(turns[-1] if amount == exact else Money(in_steps(amount, unit), restated.currency))
        exact = amount
    return attrs.evolve(
        none,
        currency=currency,
        quantity=turns[1] - turns[0],
        configuration=turns[2] - turns[1],
        price=turns[3] - turns[2],
        term=turns[4] - turns[3],
        discount=after - turns[4],
    )


def _is_same(old: QuoteLine, new: QuoteLine) -> bool:
    """Whether the lines deliver units that can be counted together."""
    counts = bool(old.quantity) and bool(new.quantity)
    return counts and (old.product, old.uom) == (new.product, new.uom)


def _by_choice(old: Side, new: Side) -> Fraction:
    """What other choices change in the list price of a unit."""
    if old.line.configuration == new.line.configuration:
        return Fraction(0)
    before, after = old.choices, new.choices
    if before is None and after is None:
        return new.listed - old.listed
    return (after or Fraction(0)) - (before or Fraction(0))


def in_steps(amount: Fraction, unit: Decimal) -> Decimal:
    """The nearest multiple of a unit, half to even."""
    try:
        return WIDE.multiply(Decimal(round(amount / Fraction(unit))), unit)
    except ArithmeticError:
        raise OutOfRange from None
