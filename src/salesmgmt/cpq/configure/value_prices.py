"""What the values of a product add to its price."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType

import attrs

from salesmgmt.core.exact import add, multiply
from salesmgmt.core.money import CurrencyMismatch, Money
from salesmgmt.cpq._option_keys import names_of, option_keys, units


def _copied(extras: Mapping[str, Mapping[str, Money]]) -> Mapping[str, Mapping[str, Money]]:
    return MappingProxyType({name: MappingProxyType(dict(values)) for name, values in extras.items()})


def _flat(extras: Mapping[str, Money]) -> Mapping[str, Money]:
    return MappingProxyType(dict(extras))


@attrs.frozen
class ValuePrices:
    """A price, or a cost, that is a base and an extra for each value: linear, so that the cheapest product is exact.

    The extras of a component hold for each instance of it: those of `wheels.size` for `wheels.1.size` as well.

    Attributes:
        base: what the product comes to without extras.
        extras: by attribute and value, what the value adds; by group and option, what one unit of the option adds. What
            is not named adds nothing.
        per_unit: by attribute that is a number, what each unit adds (a metre of `length`).

    Raises:
        CurrencyMismatch: the amounts are not all of one currency.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.configure import ValuePrices
    >>> prices = ValuePrices(
    ...     base=Money("900.00", "EUR"),
    ...     extras={"frame": {"carbon": Money("650.00", "EUR")}, "lights": {"dynamo": Money("40.00", "EUR")}},
    ... )
    >>> prices.of({"frame": "carbon", "lights.dynamo": "2"})
    Money('1630.00', 'EUR')
    """

    base: Money
    extras: Mapping[str, Mapping[str, Money]] = attrs.field(factory=dict, converter=_copied, hash=False)
    per_unit: Mapping[str, Money] = attrs.field(factory=dict, converter=_flat, hash=False)

    def __attrs_post_init__(self) -> None:
        for money in self._amounts():
            if money.currency != self.base.currency:
                raise CurrencyMismatch(self.base.currency, money.currency)

    def of(self, selection: Mapping[str, str]) -> Money:
        """The price of a selection: the base and the extras of its values.

        >>> from salesmgmt.core.money import Money
        >>> from salesmgmt.cpq.configure import ValuePrices
        >>> ValuePrices(Money(5, "EUR"), per_unit={"length": Money("1.20", "EUR")}).of({"length": "2.5"})
        Money('8.000', 'EUR')
        """
        amount = self.base.amount
        for name, value in selection.items():
            amount = add(amount, self.adds(name, value))
        return Money(amount, self.base.currency)

    def adds(self, name: str, value: str) -> Decimal:
        """What a value adds, as an amount in the currency of the base.

        >>> from salesmgmt.core.money import Money
        >>> from salesmgmt.cpq.configure import ValuePrices
        >>> ValuePrices(Money(5, "EUR"), {"lights": {"dynamo": Money(40, "EUR")}}).adds("lights.dynamo", "2")
        Decimal('80')
        """
        amount = Decimal(0)
        for attribute, key, is_by_unit in option_keys(name, value):
            extra = self.extras.get(attribute, {}).get(key)
            if extra is not None:
                amount = add(amount, multiply(extra.amount, units(value)) if is_by_unit else extra.amount)
        for known in names_of(name):
            unit = self.per_unit.get(known)
            if unit is not None:
                amount = add(amount, multiply(unit.amount, units(value)))
        return amount

    def _amounts(self) -> Iterator[Money]:
        yield from self.per_unit.values()
        for values in self.extras.values():
            yield from values.values()
