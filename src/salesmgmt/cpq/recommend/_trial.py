"""What a request comes to with another quantity of one line, asked of the pricer and remembered."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

import attrs

from salesmgmt.core.exact import add, divide, multiply
from salesmgmt.core.money import Money
from salesmgmt.core.quantity import Quantity
from salesmgmt.cpq.pricing.priced import Priced, PricedLine
from salesmgmt.cpq.pricing.pricer import Pricer
from salesmgmt.cpq.pricing.request import Line, PricingRequest


def amount_of(priced: Priced) -> Money:
    """What all lines with a price come to, added ones included."""
    amounts = [line.net_amount for line in priced.lines]
    amounts += [line.amount for line in priced.added]
    return Money.total(amounts, priced.currency)


@attrs.frozen(kw_only=True)
class Trial:
    """A request with one quantity, priced.

    Attributes:
        total: what the request comes to.
        line: what the line comes to.
        unit_price: what a unit of the line costs, free ones that it earns counted.
        applied: what made the price: each record and step with its value.
    """

    total: Money
    line: PricedLine
    unit_price: Money
    applied: frozenset[tuple[str, Decimal | None]]

    def has(self, record: str) -> bool:
        """Whether a record, or a step, counts."""
        return any(name == record for name, _ in self.applied)

    def values(self, record: str) -> frozenset[Decimal | None]:
        """With which values it counts."""
        return frozenset(value for name, value in self.applied if name == record)


class Trials:
    """The request with `start + k * step` units of one line, for whole k.

    Args:
        pricer: who prices it.
        request: the request.
        position: which line, from 0.
        start: how many units there are for k = 0.
        step: how many units one more is.
    """

    def __init__(
        self, pricer: Pricer, request: PricingRequest, position: int, start: Decimal, step: Decimal
    ) -> None:
        self._pricer = pricer
        self._request = request
        self._position = position
        self._start = start
        self._step = step
        self._known: dict[int, Trial | None] = {}
        self.base_per_unit = self._base_units(attrs.evolve(request.lines[position], quantity=Decimal(1)))

    def quantity(self, k: int) -> Decimal:
        """How many units there are for a k, in the unit of the line."""
        return add(self._start, multiply(self._step, Decimal(k)))

    def at(self, k: int) -> Trial | None:
        """The request with so many units; `None` when the line has no price then."""
        if k not in self._known:
            self._known[k] = self._priced(self.quantity(k))
        return self._known[k]

    @property
    def asked(self) -> int:
        """How many quantities were priced so far."""
        return len(self._known)

    def reaching(self, bound: Decimal, per_unit: Decimal | None = None) -> tuple[int, ...]:
        """The smallest k whose units come to a bound, and the smallest one that comes to more.

        Args:
            bound: in the unit of the product, or in whatever `per_unit` is of.
            per_unit: what a unit of the line comes to; by default its units of the product.
        """
        each = Fraction(self.base_per_unit if per_unit is None else per_unit) * Fraction(self._step)
        if each <= 0:
            return ()
        steps = (Fraction(bound) - Fraction(self._start) * each / Fraction(self._step)) / each
        first = -(-steps.numerator // steps.denominator)
        return (first, first + 1) if first == steps else (first,)

    def others(self) -> frozenset[Decimal]:
        """What other lines, and former orders, may add to the quantity that a record counts; none of it as well."""
        request, catalogue = self._request, self._pricer.model.catalogue
        own = request.lines[self._position]

        def traits(line: Line) -> frozenset[tuple[str, object]]:
            facts = catalogue.facts_of(line.product)
            found: set[tuple[str, object]] = {("", "")}
            for name, value in {**facts, "line.group": line.group or None}.items():
                values = value if isinstance(value, tuple) else (value,)
                found.update((name, one) for one in values if one is not None)
            return frozenset(found)

        wanted = traits(own)
        sums = dict.fromkeys(wanted, Decimal(0))
        for position, line in enumerate(request.lines):
            if position != self._position:
                for trait in traits(line) & wanted:
                    sums[trait] = add(sums[trait], self._base_units(line))
        found = {Decimal(0), *sums.values()}
        names = (own.product, *(str(one) for _, one in wanted))
        before = {request.bought[name] for name in names if name in request.bought}
        return frozenset(found | {add(one, other) for one in found for other in before})

    def _base_units(self, line: Line) -> Decimal:
        product = self._pricer.model.catalogue.get(line.product)
        if not line.uom or product is None or line.uom == product.unit:
            return line.quantity
        return self._pricer.model.units.convert(Quantity(line.quantity, line.uom), product.unit).amount

    def _priced(self, quantity: Decimal) -> Trial | None:
        if quantity <= 0:
            return None
        lines = list(self._request.lines)
        lines[self._position] = attrs.evolve(lines[self._position], quantity=quantity)
        priced = self._pricer.price(attrs.evolve(self._request, lines=lines))
        line = next((one for one in priced.lines if one.position == self._position), None)
        if line is None:
            return None
        earned = [
            one for one in priced.added if one.position == self._position and one.product == line.line.product
        ]
        units = quantity
        for one in earned:
            units = add(units, divide(one.quantity, self.base_per_unit))
        paid = Money.total([line.net_amount, *(one.amount for one in earned)], priced.currency)
        return Trial(
            total=amount_of(priced),
            line=line,
            unit_price=paid / units,
            applied=frozenset(_applied(priced, line)),
        )


def _applied(priced: Priced, line: PricedLine) -> Iterable[tuple[str, Decimal | None]]:
    for step in line.waterfall:
        if not step.is_statistical:
            yield step.record, step.value
            yield step.step, step.value
    for header in priced.header:
        yield header.rule, header.raw.amount
    for added in priced.added:
        yield added.rule, added.quantity
    for promotion in priced.used:
        yield promotion, None
