"""Repairs: the least that must be given up so that a value becomes possible."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from salesmgmt.core.money import Money
from salesmgmt.cpq.configure.refusals import Choice

if TYPE_CHECKING:
    from salesmgmt.cpq.configure.configuration import Configuration


@attrs.frozen(kw_only=True)
class Repair:
    """One way to make values possible: what is given up for them, and what takes its place.

    Nothing in `given_up` could be kept.

    Attributes:
        asked: the values that become possible.
        given_up: the choices that do not go with them.
        replacements: what takes the place of the choices given up: the nearest number, or the first value in the
            order of the attribute, that goes with the rest.
        configuration: the configuration with all of it, ready to be taken.
        price_effect: how much more the product costs, what is not chosen completed alike before and after; `None`
            without prices.
        is_smallest: false when the search for a repair that gives up less took too long.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.configure import Attribute, Excludes, ProductModel, ValuePrices
    >>> configurator = ProductModel(
    ...     id="bike",
    ...     attributes=(Attribute("frame", ("alloy", "carbon")), Attribute("fork", ("rigid", "air"))),
    ...     rules=(Excludes(id="R12", combination={"frame": "carbon", "fork": "rigid"}),),
    ... ).compile(prices=ValuePrices(Money(900, "EUR"), {"frame": {"carbon": Money(650, "EUR")}}))
    >>> repair, = configurator.start({"fork": "rigid"}).repairs("frame", "carbon")
    >>> print(repair)
    frame = carbon: fork = air in place of rigid, 650 EUR more
    >>> repair.configuration.choices
    mappingproxy({'frame': 'carbon', 'fork': 'air'})
    """

    asked: tuple[Choice, ...]
    given_up: tuple[Choice, ...]
    replacements: tuple[Choice, ...]
    configuration: Configuration
    price_effect: Money | None = None
    is_smallest: bool = True

    def __str__(self) -> str:
        replaced = {choice.attribute: choice.value for choice in self.replacements}
        changes = [
            f"{choice.attribute} = {replaced[choice.attribute]} in place of {choice.value}"
            if choice.attribute in replaced
            else f"no {choice}"
            for choice in self.given_up
        ]
        asked = ", ".join(map(str, self.asked))
        changed = "; ".join(changes) or "nothing is given up"
        return f"{asked}{': ' if asked else ''}{changed}{_in_words(self.price_effect)}"


def _in_words(effect: Money | None) -> str:
    if effect is None:
        return ""
    if effect.amount == 0:
        return ", at the same price"
    return f", {abs(effect)} {'more' if effect.amount > 0 else 'less'}"
