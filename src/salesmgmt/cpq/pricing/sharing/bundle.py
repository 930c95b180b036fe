"""Bundles: the price of a kit from its components or its own, and back to the components exactly."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.exact import Number, exact, multiply
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.rounding import Rounding
from salesmgmt.cpq.pricing.sharing.distribution import (
    DEFAULT_ALLOCATION,
    AllocationPolicy,
    common_currency,
    distribute,
)

_HUNDRED = Percent(100)
_NOTHING = Percent(0)


class PriceFrom(StrEnum):
    """Where the price of a kit comes from."""

    COMPONENTS = "components"
    """Each component at its own price, as many as the kit holds."""
    BUNDLE = "bundle"
    """The kit has a price of its own; the components share it by what they would cost alone."""


def _above_zero(value: Number) -> Decimal:
    return exact(value, "a quantity")


@attrs.frozen(kw_only=True)
class Component:
    """What a kit holds of one product.

    Attributes:
        product: id of the product.
        quantity: how many are in one kit, above zero.
        percent_off: a discount on this component, in kits only.

    >>> from salesmgmt.cpq.pricing.sharing.bundle import Component
    >>> Component(product="screw", quantity=8).percent_off
    Percent('0')
    """

    product: str
    quantity: Decimal = attrs.field(default=Decimal(1), converter=_above_zero)
    percent_off: Percent = _NOTHING


@attrs.frozen(kw_only=True)
class Bundle:
    """A kit that is sold as one.

    Attributes:
        id: of the kit.
        components: what is in it.
        price_from: where its price comes from.
        price: of one kit, when it has one of its own.
        percent_off: a discount on the whole kit; it compounds with those on components.

    Raises:
        InvalidInput: no components, one twice or of no quantity, or a price that does not go with `price_from`.

    >>> from salesmgmt.cpq.pricing.sharing.bundle import Bundle, Component
    >>> Bundle(id="kit", components=(Component(product="dock"), Component(product="cable", quantity=2))).price_from.value
    'components'
    """

    id: str
    components: tuple[Component, ...]
    price_from: PriceFrom = attrs.field(default=PriceFrom.COMPONENTS, converter=PriceFrom)
    price: Money | None = None
    percent_off: Percent = _NOTHING

    def __attrs_post_init__(self) -> None:
        problems = []
        if not self.components:
            problems.append(Problem("components", "missing", None, "at least one component"))
        seen = set()
        for place, component in enumerate(self.components):
            where = f"components[{place}]"
            if component.quantity <= 0:
                count = f"{component.quantity:f}"
                problems.append(Problem(f"{where}.quantity", "range", count, "above zero"))
            if component.product in seen:
                product = shorten(component.product)
                problems.append(Problem(f"{where}.product", "duplicate", product, "each product once"))
            seen.add(component.product)
        if (self.price is None) is (self.price_from is PriceFrom.BUNDLE):
            found = None if self.price is None else str(self.price)
            wanted = "a price" if self.price is None else "none: it comes from the components"
            problems.append(Problem("price", "one_of", found, wanted))
        if problems:
            raise InvalidInput(f"bundle {self.id}", problems)


@attrs.frozen(kw_only=True)
class BundlePart:
    """What a component has of the price of kits.

    Attributes:
        product: id of the product.
        quantity: in all kits.
        alone: what that quantity costs without the kit.
        amount: its part of the price of the kits.
        percent_off: discounts of component and kit together; `None` of a kit with a price of its own.
    """

    product: str
    quantity: Decimal
    alone: Money
    amount: Money
    percent_off: Percent | None


@attrs.frozen(kw_only=True)
class BundlePrice:
    """The price of a number of kits.

    Attributes:
        amount: for all of them.
        alone: what the components cost without the kit.
        parts: of each component, in the order of the kit; they add up to `amount`.
    """

    amount: Money
    alone: Money
    parts: tuple[BundlePart, ...]


@attrs.frozen(kw_only=True)
class NoComponentPrice:
    """A kit has no price, because components have none. It is not zero.

    Attributes:
        found: products with a price.
        wanted: products without one.
    """

    code: ClassVar[str] = "no_price"

    found: tuple[str, ...]
    wanted: tuple[str, ...]

    def __str__(self) -> str:
        return f"no price for {', '.join(self.wanted)}"


def compound(*discounts: Percent) -> Percent:
    """What discounts come to when each is taken of what the one before left: 10 % and 20 % are 28 %.

    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.cpq.pricing.sharing.bundle import compound
    >>> compound(Percent(10), Percent(20))
    Percent('28.00')
    """
    kept = Decimal(1)
    for discount in filter(None, discounts):
        kept = multiply(kept, (_HUNDRED - discount).ratio)
    return _HUNDRED - Percent.of_ratio(kept)


def bundle_price(
    bundle: Bundle,
    rates: Mapping[str, Money],
    quantity: Number = 1,
    *,
    rounding: Rounding | None = None,
    allocation: AllocationPolicy = DEFAULT_ALLOCATION,
) -> BundlePrice | NoComponentPrice:
    """Price kits, and share the price among their components exactly.

    The price of the kits is rounded once. From components it is the sum of each at its own price, less the discounts;
    each has its part in proportion to that. A kit with a price of its own is shared by what the components cost alone,
    less their own discounts.

    Args:
        bundle: the kit.
        rates: unit prices by product, of one currency, none negative.
        quantity: number of kits.
        rounding: of the price of all kits; `None` to round nothing.
        allocation: how the price is shared; its `base` is not read.

    Returns:
        The price, or which components have none.

    Raises:
        InvalidAllocation: a unit price below zero.
        CurrencyMismatch: prices of different currencies.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing.sharing.bundle import Bundle, Component, bundle_price
    >>> kit = Bundle(id="kit", components=(Component(product="dock"), Component(product="cable", quantity=2)))
    >>> rates = {"dock": Money(100, "EUR"), "cable": Money("12.50", "EUR")}
    >>> bundle_price(kit, rates, 3).amount
    Money('375.00', 'EUR')
    >>> str(bundle_price(kit, {}))
    'no price for dock, cable'
    """
    missing = tuple(part.product for part in bundle.components if part.product not in rates)
    if missing:
        found = tuple(part.product for part in bundle.components if part.product in rates)
        return NoComponentPrice(found=found, wanted=missing)
    kits = exact(quantity, "a number of kits")
    counts = [multiply(part.quantity, kits) for part in bundle.components]
    alone = [rates[part.product] * count for part, count in zip(bundle.components, counts, strict=True)]
    code = common_currency(alone)
    offs = [compound(part.percent_off, bundle.percent_off) for part in bundle.components]
    if bundle.price is not None:
        weights = [
            _less(value, part.percent_off) for value, part in zip(alone, bundle.components, strict=True)
        ]
        raw = _less(bundle.price * kits, bundle.percent_off)
    else:
        weights = [_less(value, off) for value, off in zip(alone, offs, strict=True)]
        raw = Money.total(weights, code)
    amount = raw if rounding is None else rounding.apply(raw)
    if rounding is None and bundle.price is None:
        parts = [weight.amount for weight in weights]
    else:
        unit = None if rounding is None else rounding.increment
        shares = [weight.amount for weight in weights]
        parts = list(distribute(amount.amount, shares, policy=allocation, unit=unit))
    return BundlePrice(
        amount=amount,
        alone=Money.total(alone, code),
        parts=tuple(
            BundlePart(
                product=component.product,
                quantity=count,
                alone=value,
                amount=Money(part, amount.currency),
                percent_off=off if bundle.price is None else None,
            )
            for component, count, value, part, off in zip(
                bundle.components, counts, alone, parts, offs, strict=True
            )
        ),
    )


def _less(amount: Money, off: Percent) -> Money:
    return amount * (_HUNDRED - off) if off else amount
