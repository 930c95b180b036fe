"""Amounts brought to one currency and one unit, with no division before the end."""

from __future__ import annotations

from decimal import Decimal
from zoneinfo import ZoneInfo

import attrs

from salesmgmt.core.exact import STRICT, WIDE, add, divide
from salesmgmt.core.exchange import ExchangeRates
from salesmgmt.core.money import Money
from salesmgmt.core.units import IncompatibleUnits, UnitTable
from salesmgmt.cpq.pricing.price_lists.unit_price import PriceQuestion

_ONE = Decimal(1)


@attrs.frozen
class Amounts:
    """Units, exchange rates, and the zone in which the days of the rates begin."""

    units: UnitTable
    rates: ExchangeRates
    clock: ZoneInfo

    def scale(self, question: PriceQuestion) -> Decimal:
        """How many of the unit asked for make the base price a number of 34 digits: 12 pieces for one of a dozen."""
        bases = question.bases
        if question.unit in bases.by_unit:
            return _ONE
        _, under = self.ratio(question.unit, bases.unit or question.base_unit or question.unit)
        return under

    def list_price(self, currency: str, question: PriceQuestion, scale: Decimal) -> Decimal | None:
        """The list price of `scale` of the unit asked for, with the extras of options."""
        bases = question.bases
        unit = question.base_unit or question.unit
        stated = bases.by_unit.get(question.unit)
        if stated is not None:
            amount = self.for_units(stated, question.unit, currency, question, scale)
        elif bases.list is not None:
            amount = self.for_units(bases.list, bases.unit or unit, currency, question, scale)
        else:
            return None
        if bases.extra is not None:
            amount = add(amount, self.for_units(bases.extra, unit, currency, question, scale))
        return amount

    def for_units(
        self, price: Money, unit: str, currency: str, question: PriceQuestion, scale: Decimal
    ) -> Decimal:
        """A price for one of `unit` as one for `scale` of the unit asked for, in the currency of the list."""
        amount = self.in_currency(price, currency, question)
        over, under = self.ratio(question.unit, unit)
        if over == under == scale:
            return amount
        return divide(WIDE.multiply(WIDE.multiply(amount, over), scale), under)

    def in_currency(self, money: Money, currency: str, question: PriceQuestion) -> Decimal:
        """An amount in another currency by the rate of the day, unrounded."""
        if money.currency == currency:
            return money.amount
        on = question.at.astimezone(self.clock).date()
        return self.rates.convert(money, currency, on=on).amount

    def ratio(self, unit: str, of: str) -> tuple[Decimal, Decimal]:
        """How many of another unit one of a unit is, as two numbers so that a third stays exact."""
        if unit == of:
            return _ONE, _ONE
        source, target = self.units.unit(unit), self.units.unit(of)
        if source.base != target.base:
            raise IncompatibleUnits(unit, of)
        over = WIDE.multiply(source.factor, target.per)
        under = WIDE.multiply(source.per, target.factor)
        if divides(over, under, _ONE):
            return divide(over, under), _ONE
        return over, under


def divides(over: Decimal, under: Decimal, scale: Decimal) -> bool:
    """Whether `over * scale / under` is a number of 34 digits."""
    try:
        STRICT.divide(WIDE.multiply(over, scale), under)
    except ArithmeticError:
        return False
    return True
