"""The pricing procedure: which steps make a price, in which order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

import attrs

from salesmgmt.core.formula import FactType
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.rounding import Rounding, RoundingMode


class Stacking(StrEnum):
    """From which amount a percentage is reckoned when several rules of a step apply."""

    ADDITIVE = "additive"
    """From the amount before the step: 10 % and 20 % are 30 %."""
    COMPOUND = "compound"
    """From what the rules before it left: 10 % and 20 % are 28 %."""


class AmountPer(StrEnum):
    """What an amount is taken off."""

    WHOLE = "whole"
    """The line; of a header rule, the document."""
    UNIT = "unit"
    """Each unit: of the line; of a header rule, of all lines that share it."""


class ScaleType(StrEnum):
    """To which units the tiers of a quantity apply."""

    ALL_UNITS = "all_units"
    """The tier of the whole quantity applies to all of it."""
    GRADUATED = "graduated"
    """Each tier applies to the part of the quantity between its limits, counted from zero: of 25, with tiers from 0
    and from 10, ten are in the first and fifteen in the second."""


class Tie(StrEnum):
    """Who of lines with equal claims gets the last minor unit of a shared amount, by position in the request."""

    FIRST = "first"
    """The first line."""
    LAST = "last"
    """The last line."""


@attrs.frozen(kw_only=True)
class DiscountRule:
    """A discount, or with a negative value a surcharge.

    Attributes:
        id: what traces and `why_not` call it; unique in the procedure.
        percent: what is taken off, at most 100 %.
        amount: or the amount that is taken off; the rule applies to requests in its currency.
        per: what an amount is taken off.
        stacking: from which amount a percentage is reckoned.
        condition: a formula over the names of the procedure; empty for always. What it reads (`order.amount`,
            `line.amount`) is as it was before the step. In a header rule, the lines for which it holds share it.
        valid_from: first day on which it holds; `None` since ever.
        valid_to: first day on which it no longer holds; `None` for ever.

    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.cpq.pricing import DiscountRule
    >>> DiscountRule(id="vip-5", percent=Percent(5), condition="customer.segment == 'vip'").stacking.value
    'compound'
    """

    id: str
    percent: Percent | None = None
    amount: Money | None = None
    per: AmountPer = AmountPer.WHOLE
    stacking: Stacking = Stacking.COMPOUND
    condition: str = ""
    valid_from: date | None = None
    valid_to: date | None = None


@attrs.frozen(kw_only=True)
class ListPrice:
    """Find the price of a unit: the most specific record that is valid, of these the one with the newest start.

    Most specific is a record for customer and segment, then for the customer, then for the segment, then for all. When
    the winner is not for all, the waterfall shows the price for all first, and the way from there to the winner.
    """

    id: str


@attrs.frozen(kw_only=True)
class OptionExtras:
    """Add the extra of each chosen option."""

    id: str


@attrs.frozen(kw_only=True)
class QuantityTiers:
    """Apply the tiers of the product, or else of its family; a scale in the currency of the request comes first.

    Attributes:
        id: of the step.
        scale: to which units a tier applies.
    """

    id: str
    scale: ScaleType = ScaleType.ALL_UNITS


@attrs.frozen(kw_only=True)
class Discounts:
    """Apply rules to each line by itself, in their order."""

    id: str
    rules: tuple[DiscountRule, ...]


@attrs.frozen(kw_only=True)
class RoundLines:
    """Round the amount of each line.

    Attributes:
        id: of the step.
        mode: which neighbour is taken.
        increment: distance between two steps; `None` for the minor unit of the currency.
        ending: what price points end in; `None` for plain multiples.
    """

    id: str
    mode: RoundingMode = RoundingMode.HALF_UP
    increment: Decimal | None = None
    ending: Decimal | None = None

    def rounding(self, currency: str) -> Rounding:
        """The rounding for amounts of a currency; raises `InvalidRounding`, `NoMinorUnit`."""
        increment = self.increment
        if increment is None:
            increment = Rounding.for_currency(currency, self.mode).increment
        return Rounding(self.mode, increment, self.ending)


@attrs.frozen(kw_only=True)
class HeaderDiscounts:
    """Apply rules to the document, in their order, and share each exactly among the lines by their amounts.

    Attributes:
        id: of the step.
        rules: what is taken off the document.
        mode: how the discount on the document is rounded to the minor unit before it is shared out.
        tie: who gets the last minor unit where claims are equal.
    """

    id: str
    rules: tuple[DiscountRule, ...]
    mode: RoundingMode = RoundingMode.HALF_UP
    tie: Tie = Tie.FIRST


LaterStep: TypeAlias = OptionExtras | QuantityTiers | Discounts | RoundLines | HeaderDiscounts
"""A step that changes a price once it is found."""

Step: TypeAlias = ListPrice | LaterStep
"""A step of a procedure; a TOML file names its class under `type`."""


@attrs.frozen(kw_only=True)
class PricingProcedure:
    """The steps that make a price, in order.

    Attributes:
        id: its name.
        version: raised by its author with each change.
        time_zone: IANA name of the zone in which days begin, for every validity.
        facts: the host's own names in conditions, each with its type: `"customer.since" = "date"`.
        steps: the steps; the first one finds the list price, and header discounts and the end need rounded lines.

    >>> from salesmgmt.cpq.pricing import ListPrice, PricingProcedure, RoundLines
    >>> len(PricingProcedure(id="plain", steps=(ListPrice(id="list"), RoundLines(id="cents"))).steps)
    2
    """

    id: str
    version: int = 1
    time_zone: str = "UTC"
    facts: Mapping[str, FactType] = attrs.field(factory=dict, hash=False)
    steps: tuple[Step, ...]

    @property
    def rules(self) -> Iterator[tuple[str, DiscountRule]]:
        """Every rule, with its place in the procedure."""
        for position, step in enumerate(self.steps):
            if isinstance(step, Discounts | HeaderDiscounts):
                for number, rule in enumerate(step.rules):
                    yield f"steps[{position}].rules[{number}]", rule
