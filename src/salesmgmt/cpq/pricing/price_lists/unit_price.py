"""What is asked of a price list and what it answers: values only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, TypeAlias

import attrs

from salesmgmt.core.events import aware
from salesmgmt.core.exact import divide, exact, multiply
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing.price_lists.price_rule import RuleStep
from salesmgmt.cpq.pricing.price_lists.rule_price import RulePriceStep
from salesmgmt.cpq.pricing.selection._index import Facts
from salesmgmt.cpq.pricing.selection.selection import PassedOver


def _copy(given: Mapping[str, Money]) -> Mapping[str, Money]:
    return dict(given)


@attrs.frozen(kw_only=True)
class BasePrices:
    """What the prices of a product start from.

    Attributes:
        list: the list price; `None` when there is none.
        cost: what it costs the seller; `None` when that is not known.
        unit: the unit that both are for; empty for the base unit.
        by_unit: list prices that are stated for other units; they come before a converted one.
        extra: of the chosen options, for a base unit; it is added to the list price.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing.price_lists.unit_price import BasePrices
    >>> BasePrices(list=Money("10.00", "EUR"), by_unit={"box": Money("90.00", "EUR")}).cost is None
    True
    """

    list: Money | None = None
    cost: Money | None = None
    unit: str = ""
    by_unit: Mapping[str, Money] = attrs.field(factory=dict, converter=_copy, hash=False)
    extra: Money | None = None


@attrs.frozen(kw_only=True)
class PriceQuestion:
    """What is asked of a price list: so many of a product, for somebody, at an instant.

    Attributes:
        facts: what is known of product, customer and document, by name; a tuple is several values, nearest first.
        quantity: how many of `unit`.
        unit: the unit that is asked for.
        base_unit: the unit of the product, in which rules state their limits; empty when it is `unit`.
        at: the instant.
        bases: what the price starts from.

    Raises:
        NaiveInstant: `at` has no time zone.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.cpq.pricing.price_lists.unit_price import PriceQuestion
    >>> PriceQuestion(facts={}, quantity=3, unit="box", base_unit="piece", at=datetime(2026, 3, 2, tzinfo=UTC)).quantity
    Decimal('3')
    """

    facts: Facts = attrs.field(hash=False)
    quantity: Decimal = attrs.field(converter=exact)
    unit: str
    base_unit: str = ""
    at: datetime = attrs.field(validator=aware)
    bases: BasePrices = attrs.field(factory=BasePrices)


@attrs.frozen(kw_only=True)
class UnitPrice:
    """A price by a price list. Amounts are exact and for one of the unit that was asked for.

    Attributes:
        price_list: the id of the list.
        unit_price: the price.
        reference_unit_price: what a document shows as the price before the discount.
        base_unit_price: what the rule started from; `None` for a fixed price of a product without a base.
        discount_percent: the discount on the reference, from the exact values; no price is ever made from it. `None` when
            the reference is zero and the price is not.
        amount: the price of the whole quantity.
        rules: the ids of the rules that apply, best first; empty for the list price.
        steps: how they made the price.
        passed_over: the rules that hold as well, with the criterion by which each lost.
    """

    price_list: str
    unit_price: Money
    reference_unit_price: Money
    base_unit_price: Money | None
    discount_percent: Percent | None
    amount: Money
    rules: tuple[str, ...] = ()
    steps: tuple[RulePriceStep, ...] = ()
    passed_over: tuple[PassedOver, ...] = ()

    @property
    def rule(self) -> str | None:
        """The id of the best rule that applies; `None` when none does."""
        return self.rules[0] if self.rules else None

    @property
    def marked_up(self) -> Money:
        """The price after the mark-up and before any discount."""
        for step in self.steps:
            if step.step is RuleStep.DISCOUNT:
                return Money(step.before, self.unit_price.currency)
        return self.unit_price

    @property
    def discount(self) -> Money:
        """What the discounts take off, after the mark-up."""
        off = Money.zero(self.unit_price.currency)
        for step in self.steps:
            if step.step is RuleStep.DISCOUNT:
                off += Money(step.before, off.currency) - Money(step.after, off.currency)
        return off

    @property
    def discount_off_marked_up(self) -> Percent:
        """What the discounts take off, in percent of the price after the mark-up; zero where there is nothing to take."""
        off = self.discount
        return Percent(divide(multiply(off.amount, _HUNDRED), self.marked_up.amount)) if off else Percent(0)


_HUNDRED = Decimal(100)


@attrs.frozen(kw_only=True)
class NoUnitPrice:
    """A price list has no price for what was asked: no rule holds, or what it starts from is missing.

    Attributes:
        price_list: the id of the list.
        found: the rule or the list that lacks something; `None` when no rule holds.
        wanted: what would have been needed.
        code: (class) `no_price`.
    """

    code: ClassVar[str] = "no_price"

    price_list: str
    found: str | None
    wanted: str


@attrs.frozen(kw_only=True)
class RuleCandidate:
    """One of several rules of equal rank.

    Attributes:
        rule: its id.
        unit_price: the price that it would give; `None` when it would give none.
    """

    rule: str
    unit_price: Money | None


@attrs.frozen(kw_only=True)
class RuleConflict:
    """Several rules hold, nothing tells which one wins, and they give different prices. The host may choose.

    Attributes:
        price_list: the id of the list.
        candidates: the rules in the order of their ids, each with its price.
        wanted: what would have been right.
        code: (class) `conflict`.
    """

    code: ClassVar[str] = "conflict"

    price_list: str
    candidates: tuple[RuleCandidate, ...]
    wanted: str = "one rule, or rules with one price"

    @property
    def found(self) -> tuple[str, ...]:
        """The ids of the rules."""
        return tuple(candidate.rule for candidate in self.candidates)


ListAnswer: TypeAlias = UnitPrice | NoUnitPrice | RuleConflict
"""What a price list answers."""


@attrs.frozen(kw_only=True)
class FreeLine:
    """A line that a rule adds to a document.

    Attributes:
        rule: the id of the rule.
        product: what is added.
        quantity: how many.
        unit_price: what each costs; zero when it is free.
    """

    rule: str
    product: str
    quantity: Decimal
    unit_price: Money


@attrs.frozen(kw_only=True)
class DocumentPrices:
    """The prices of the lines of a document, and the lines that rules add.

    Attributes:
        lines: an answer for each line, in order.
        added: what rules add.
    """

    lines: tuple[ListAnswer, ...]
    added: tuple[FreeLine, ...] = ()
