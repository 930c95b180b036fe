"""How a condition record makes an amount."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from salesmgmt.core.exact import CONTEXT, OutOfRange, add, divide, multiply, subtract
from salesmgmt.core.exchange import NoExchangeRate
from salesmgmt.core.formula import MONEY, Formula, Schema
from salesmgmt.core.money import Money
from salesmgmt.core.quantity import Quantity
from salesmgmt.cpq.pricing._draft import Draft, DraftLine, Reckoned, total
from salesmgmt.cpq.pricing._stages.portion import portion
from salesmgmt.cpq.pricing.calculation import Calculation
from salesmgmt.cpq.pricing.condition import ConditionClass, ConditionRecord, ConditionType
from salesmgmt.cpq.pricing.procedure import PricingStep
from salesmgmt.cpq.pricing.scales.charge import Charge, OutOfScale
from salesmgmt.cpq.pricing.scales.policies import AggregateOver, Basis
from salesmgmt.cpq.pricing.scales.scale import Scale

if TYPE_CHECKING:
    from salesmgmt.cpq.pricing.model import PricingModel

_ZERO = Decimal(0)
_ONE = Decimal(1)
_HUNDRED = Decimal(100)
_HUNDREDTH = Decimal("0.01")
_multiply = CONTEXT.multiply
_OF_BASE = frozenset({Calculation.PERCENT, Calculation.PERCENT_COMPOUND})


class CannotReckon(Exception):
    """A record holds and gives no amount, for a reason in words."""


class Reckoner:
    """Makes amounts of the records of one step."""

    def __init__(self, step: PricingStep, type_: ConditionType, model: PricingModel, schema: Schema) -> None:
        self._base_name = step.base
        self._calculation = type_.calculation
        self._rates, self._units = model.rates, model.units
        self._negative = type_.kind.is_taken_off
        # Asked of every line, so answered once.
        self._is_per_unit = type_.calculation is Calculation.AMOUNT_PER_UNIT
        self._is_whole = type_.calculation is Calculation.PRICE_FOR_QUANTITY
        self._is_percent = type_.calculation is Calculation.PERCENT
        self._from_running = not step.base and type_.calculation is Calculation.PERCENT_COMPOUND
        self.only_tells = step.statistical or type_.kind.only_tells
        self.is_price = type_.kind is ConditionClass.PRICE and not self.only_tells
        self.line: Callable[[ConditionRecord, Draft, DraftLine, Sums], Reckoned] = {
            Calculation.PERCENT: self._percent,
            Calculation.PERCENT_COMPOUND: self._percent,
            Calculation.AMOUNT_PER_UNIT: self._amounts,
            Calculation.AMOUNT_PER_LINE: self._amounts,
            Calculation.SET_PRICE: self._set,
            Calculation.PRICE_FOR_QUANTITY: self._set,
            Calculation.FORMULA: self._by_formula,
            Calculation.PERCENT_OF_TOTAL: self._of_total,
        }.get(type_.calculation, self._on_cost)
        """What a record comes to on a line; raises `CannotReckon`."""
        self.formula = Formula.parse(type_.formula, schema, wanted=MONEY) if type_.formula.strip() else None

    def together(
        self,
        record: ConditionRecord,
        draft: Draft,
        lines: Sequence[DraftLine],
    ) -> Decimal:
        """The exact change on several lines together; raises `CannotReckon`."""
        quantity = total([one.quantity for one in lines])
        amount = self._amount(record, draft)
        if record.scale is not None:
            base = total([self._base(one) for one in lines])
            measure = total(_measure(one, record.scale) for one in lines)
            charge = self._charge_together(record.scale, draft, quantity, measure, divide(base, quantity))
            if self._calculation in _OF_BASE:
                return self._limited(record, self._taken_off(record.scale, charge, base, quantity))
            return self._limited(record, charge.amount.copy_negate() if self._negative else charge.amount)
        if self._calculation in _OF_BASE:
            base = total([self._base(one) for one in lines])
            raw = multiply(base, _ZERO if record.percent is None else record.percent.ratio)
        elif self._calculation is Calculation.AMOUNT_PER_UNIT:
            raw = divide(multiply(amount, quantity), record.per_quantity)
        elif self._calculation is Calculation.AMOUNT_PER_LINE:
            raw = multiply(amount, Decimal(len(lines)))
        else:
            raw = amount
        return self._limited(record, raw.copy_negate() if self._negative else raw)

    def _percent(self, record: ConditionRecord, _draft: Draft, one: DraftLine, sums: Sums) -> Reckoned:
        if self.is_price and one.gross is None:
            raise CannotReckon("there is no price to take a percentage of")
        base = one.running if self._from_running else self._base(one)
        scale = record.scale
        if scale is None:
            percent = record.percent
            points = _ZERO if percent is None else percent.points
            if self._negative:
                points = points.copy_negate()
        else:
            return self._percent_of_scale(record, scale, one, sums, base)
        try:
            raw = _multiply(base, _multiply(points, _HUNDREDTH))
        except ArithmeticError:
            raise OutOfRange from None
        return self._limited(record, raw), points, base, ""

    def _percent_of_scale(
        self, record: ConditionRecord, scale: Scale, one: DraftLine, sums: Sums, base: Decimal
    ) -> Reckoned:
        quantity = one.quantity
        percent = scale.percent_off(quantity)
        if percent is not None:
            raw = portion(base, multiply(percent.ratio, quantity), quantity)
            raw = raw.copy_negate() if self._negative else raw
        else:
            charge = self._charge(scale, one, sums, divide(base, quantity))
            raw, percent = self._taken_off(scale, charge, base, quantity), charge.percent_off
            if percent is None or _has_flat(scale, charge):
                return self._limited(record, raw), None, base, "by scale"
        points = percent.points
        return self._limited(record, raw), points.copy_negate() if self._negative else points, base, ""

    def _taken_off(self, scale: Scale, charge: Charge, base: Decimal, quantity: Decimal) -> Decimal:
        """The exact change by a scale that takes off; of percentages it is that of each part, never of their mean."""
        if charge.percent_off is None or _has_flat(scale, charge):
            change = subtract(charge.amount, base)
        else:
            ratio = _ZERO
            for part in charge.parts:
                percent = None if part.tier is None else scale.bands[part.tier].tier.percent
                if percent is not None:
                    ratio = add(ratio, multiply(percent.ratio, part.quantity))
            change = portion(base, ratio, quantity).copy_negate()
        return change if self._negative else change.copy_negate()

    def _amounts(self, record: ConditionRecord, draft: Draft, one: DraftLine, sums: Sums) -> Reckoned:
        value: Decimal | None = None
        if record.scale is not None:
            charge = self._charge(record.scale, one, sums, None)
            raw = charge.amount
            value = charge.unit_amount if self._is_per_unit else None
        elif self._is_per_unit:
            value = self._amount(record, draft)
            raw = self._for_quantity(record, value, one)
        else:
            value = raw = self._amount(record, draft)
        if self._negative:
            raw = raw.copy_negate()
            value = None if value is None else value.copy_negate()
        return self._limited(record, raw), value, None, _per(record)

    def _set(self, record: ConditionRecord, draft: Draft, one: DraftLine, sums: Sums) -> Reckoned:
        before = one.running
        value: Decimal | None
        if record.scale is not None:
            charge = self._charge(record.scale, one, sums, None)
            value, amount = charge.unit_amount, charge.amount
        else:
            value = self._amount(record, draft)
            amount = value if self._is_whole else self._for_quantity(record, value, one)
        if not before:
            return amount, value, None, _per(record)
        return subtract(amount, before), value, before, _per(record)

    def _by_formula(self, record: ConditionRecord, draft: Draft, one: DraftLine, _sums: Sums) -> Reckoned:
        result = None if self.formula is None else self.formula.evaluate(one.facts)
        if not isinstance(result, Money):
            raise CannotReckon("the formula has no result")
        if result.currency != draft.currency:
            raise CannotReckon(f"the formula gives {result.currency}")
        raw = result.amount.copy_negate() if self._negative else result.amount
        if self.is_price:
            raw = subtract(raw, one.running)
        return self._limited(record, raw), None, None, str(self.formula)

    def _of_total(self, record: ConditionRecord, _draft: Draft, one: DraftLine, sums: Sums) -> Reckoned:
        points = _ZERO if record.percent is None else record.percent.points
        others = sums.others(one)
        if others is None:
            raise CannotReckon("no other line has a price")
        amount = _times(others, points, _HUNDREDTH)
        raw = subtract(amount, one.running) if self.is_price else amount
        return self._limited(record, raw.copy_negate() if self._negative else raw), points, others, ""

    def _on_cost(self, record: ConditionRecord, _draft: Draft, one: DraftLine, _sums: Sums) -> Reckoned:
        points = _ZERO if record.percent is None else record.percent.points
        cost = one.cost_amount
        if cost is None:
            raise CannotReckon("the cost of the product is not known in this currency")
        if self._calculation is Calculation.TARGET_MARGIN:
            kept = subtract(_HUNDRED, points)
            if kept <= _ZERO:
                raise CannotReckon("a margin of 100% or more leaves no price")
            amount = divide(multiply(cost, _HUNDRED), kept)
            words = f"margin of {points:f}% on cost {cost:f}"
        else:
            amount = add(cost, _times(cost, points, _HUNDREDTH))
            words = f"cost {cost:f} plus {points:f}%"
        return subtract(amount, one.running), points, cost, words

    def _limited(self, record: ConditionRecord, raw: Decimal) -> Decimal:
        """A change held between the limits of its record, by size; one of nothing has the sign of its class."""
        if record.upper_limit is None and record.lower_limit is None:
            return raw
        size = raw.copy_abs()
        if record.upper_limit is not None:
            size = min(size, record.upper_limit)
        if record.lower_limit is not None:
            size = max(size, record.lower_limit)
        return size.copy_negate() if raw < _ZERO or (not raw and self._negative) else size

    def _charge(self, scale: Scale, one: DraftLine, sums: Sums, list_price: Decimal | None) -> Charge:
        basis = None if scale.basis is Basis.QUANTITY else _measure(one, scale)
        reached = None
        if scale.aggregate_over is not AggregateOver.LINE:
            reached = sums.reached(scale, one)
        if scale.currency and scale.currency != one.draft.currency:
            return self._foreign_charge(
                scale, one.draft, one.quantity, basis=basis, reached=reached, list_price=list_price
            )
        charge = scale.charge(one.quantity, basis=basis, reached=reached, list_price=list_price)
        if isinstance(charge, OutOfScale):
            raise CannotReckon(str(charge))
        return charge

    def _charge_together(
        self, scale: Scale, draft: Draft, quantity: Decimal, measure: Decimal, list_price: Decimal
    ) -> Charge:
        if scale.currency and scale.currency != draft.currency:
            return self._foreign_charge(scale, draft, quantity, basis=measure, list_price=list_price)
        charge = scale.charge(quantity, basis=measure, list_price=list_price)
        if isinstance(charge, OutOfScale):
            raise CannotReckon(str(charge))
        return charge

    def _foreign_charge(
        self,
        scale: Scale,
        draft: Draft,
        quantity: Decimal,
        *,
        basis: Decimal | None,
        reached: Decimal | None = None,
        list_price: Decimal | None,
    ) -> Charge:
        """What a scale in another currency charges, by the rates of the day."""
        there, here = scale.currency, draft.currency
        price = None if list_price is None else self._changed(list_price, here, there, draft)
        if scale.basis is Basis.VALUE:
            basis = None if basis is None else self._changed(basis, here, there, draft)
            reached = None if reached is None else self._changed(reached, here, there, draft)
        charge = scale.charge(quantity, basis=basis, reached=reached, list_price=price)
        if isinstance(charge, OutOfScale):
            raise CannotReckon(str(charge))
        unit = charge.unit_amount
        return attrs.evolve(
            charge,
            amount=self._changed(charge.amount, there, here, draft),
            unit_amount=None if unit is None else self._changed(unit, there, here, draft),
        )

    def _changed(self, amount: Decimal, code: str, to: str, draft: Draft) -> Decimal:
        """An amount in another currency, by the rate of the day."""
        try:
            return self._rates.convert(Money(amount, code), to, on=draft.day).amount
        except NoExchangeRate as error:
            raise CannotReckon(str(error)) from None

    def _base(self, one: DraftLine) -> Decimal:
        name = self._base_name
        if name:
            subtotals = one.subtotals
            found = None if subtotals is None else subtotals.get(name)
            return one.running if found is None else found
        if self._is_percent and one.gross is not None:
            return one.gross
        return one.running

    def _amount(self, record: ConditionRecord, draft: Draft) -> Decimal:
        money = record.amount
        if money is None:
            return _ZERO
        if money.currency == draft.currency:
            return money.amount
        return self._changed(money.amount, money.currency, draft.currency, draft)

    def _for_quantity(self, record: ConditionRecord, value: Decimal, one: DraftLine) -> Decimal:
        quantity = one.quantity
        if record.uom and one.product is not None and record.uom != one.product.unit:
            quantity = self._units.convert(Quantity(quantity, one.product.unit), record.uom).amount
        money, here = record.amount, one.draft.currency
        if money is not None and money.currency != here:
            # Converted last: the price of a unit may have endless decimals where that of the line has not.
            value = money.amount
        amount = multiply(value, quantity)
        if record.per_quantity != _ONE:
            amount = divide(amount, record.per_quantity)
        if money is not None and money.currency != here:
            return self._changed(amount, money.currency, here, one.draft)
        return amount


class Sums:
    """What scales reach that count more than one line, and what the other lines come to, each added up once.

    Amounts are those from before the step, so that the order of the lines decides nothing.

    Args:
        draft: the document.
        lines: those that are counted.
        keeps: whether amounts are asked for.
    """

    def __init__(self, draft: Draft, lines: Sequence[DraftLine], *, keeps: bool) -> None:
        self._draft = draft
        self._lines = lines
        self._known: dict[tuple[str, str, str], dict[str, Decimal]] = {}
        self._before = {
            one.position: _ZERO if one.gross is None else one.running
            for one in (draft.lines if keeps else ())
        }
        self._priced = {one.position for one in (draft.lines if keeps else ()) if one.gross is not None}
        self._total: Decimal | None = None

    def others(self, one: DraftLine) -> Decimal | None:
        """What all lines but one were at before the step; `None` when none of them has a price."""
        if self._priced == {one.position} or not self._priced:
            return None
        if self._total is None:
            self._total = total(self._before.values())
        return subtract(self._total, self._before[one.position])

    def reached(self, scale: Scale, one: DraftLine) -> Decimal:
        """What a line and those counted with it come to on the basis of a scale."""
        over = scale.aggregate_over
        key = (over.value, scale.basis.value, scale.attribute)
        sums = self._known.get(key)
        if sums is None:
            sums = {}
            for other in self._lines:
                name = _name(over, other)
                is_value = scale.basis is Basis.VALUE
                measure = self._before[other.position] if is_value else _measure(other, scale)
                sums[name] = add(sums.get(name, _ZERO), measure)
            self._known[key] = sums
        name = _name(over, one)
        reached = sums.get(name, _ZERO)
        if over is AggregateOver.CUSTOMER_PERIOD:
            bought = self._draft.request.bought
            reached = add(reached, bought.get(one.line.product, bought.get(one.family, _ZERO)))
        return reached


def _name(over: AggregateOver, one: DraftLine) -> str:
    """What lines that are counted together have in common."""
    match over:
        case AggregateOver.PRODUCT_FAMILY:
            return f"family {one.family}" if one.family else f"product {one.line.product}"
        case AggregateOver.GROUP:
            return f"group {one.line.group}" if one.line.group else f"line {one.position}"
        case AggregateOver.CUSTOMER_PERIOD:
            return one.line.product
        case AggregateOver.DOCUMENT:
            return ""
        case AggregateOver.LINE:
            return str(one.position)


def _measure(one: DraftLine, scale: Scale) -> Decimal:
    """How much a line counts on the basis of a scale."""
    match scale.basis:
        case Basis.QUANTITY:
            return one.quantity
        case Basis.VALUE:
            return one.running
        case Basis.WEIGHT:
            return one.weight
        case Basis.VOLUME:
            return one.volume
        case Basis.ATTRIBUTE:
            value = one.facts.get(scale.attribute)
            return value if isinstance(value, Decimal) else _ZERO


def _has_flat(scale: Scale, charge: Charge) -> bool:
    return any(part.tier is not None and scale.bands[part.tier].tier.flat_amount for part in charge.parts)


def _per(record: ConditionRecord) -> str:
    if not record.uom and record.per_quantity == _ONE:
        return ""
    return f"per {record.per_quantity:f} {record.uom}".rstrip()


def _times(base: Decimal, points: Decimal, scale: Decimal) -> Decimal:
    try:
        return _multiply(base, _multiply(points, scale))
    except ArithmeticError:
        raise OutOfRange from None
