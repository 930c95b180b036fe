"""What the values of a product add to its price."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType

import attrs

from salesmgmt.core.exact import add, exact, multiply
from salesmgmt.core.money import CurrencyMismatch, Money

_YES = {"yes": Decimal(1), "no": Decimal(0)}


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
        for known in {name: None, without_instances(name): None}:
            extra = self.extras.get(known, {}).get(value)
            if extra is not None:
                amount = add(amount, extra.amount)
            group, _, option = known.rpartition(".")
            by_unit = self.per_unit.get(known), self.extras.get(group, {}).get(option)
            for unit in by_unit:
                if unit is not None:
                    amount = add(amount, multiply(unit.amount, units(value)))
        return amount

    def _amounts(self) -> Iterator[Money]:
        yield from self.per_unit.values()
        for values in self.extras.values():
            yield from values.values()


def without_instances(name: str) -> str:
    """A name without the numbers of instances in it, which stand between a component and what is a part of it.

    >>> from salesmgmt.cpq.configure.value_prices import without_instances
    >>> without_instances("wheels.1.size"), without_instances("size.2")
    ('wheels.size', 'size.2')
    """
    first, *inner = name.split(".")
    last = inner[-1:]
    return ".".join((first, *(part for part in inner[:-1] if not part.isdecimal()), *last))


def units(value: str) -> Decimal:
    """How many units a value stands for: the number, or one for yes.

    >>> from salesmgmt.cpq.configure.value_prices import units
    >>> units("2.5"), units("yes"), units("no")
    (Decimal('2.5'), Decimal('1'), Decimal('0'))
    """
    known = _YES.get(value)
    return exact(value, "a number of units") if known is None else known
