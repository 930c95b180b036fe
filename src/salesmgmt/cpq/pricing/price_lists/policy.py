"""The conventions of price lists that are disputed, as data, and the presets that ship with the library."""

from __future__ import annotations

from enum import StrEnum

import attrs

from salesmgmt.cpq.pricing._preset_files import preset_table
from salesmgmt.cpq.pricing.price_lists.price_rule import RuleStep
from salesmgmt.cpq.pricing.price_lists.rule_price import BelowZero
from salesmgmt.cpq.pricing.selection.order import SelectionOrder


class Combination(StrEnum):
    """How many of the rules that hold apply."""

    FIRST_ALONE = "first_alone"
    """The best one alone."""
    ALL_IF_COMBINABLE = "all_if_combinable"
    """All, if each of them is combinable; otherwise the best one alone."""


class UnitAmounts(StrEnum):
    """What the amounts of a rule are for that has a unit."""

    RULE_UNIT = "rule_unit"
    """That unit: 85 for a box is 85 a box."""
    BASE_UNIT = "base_unit"
    """The base unit, as in every rule; the unit only decides when the rule holds."""


class Uplift(StrEnum):
    """What is shown of a price above its reference."""

    IN_REFERENCE = "in_reference"
    """The reference is raised to the price; no discount is shown, and none below zero."""
    NEGATIVE_DISCOUNT = "negative_discount"
    """The reference stays, and the discount is below zero."""


class WithoutRule(StrEnum):
    """What a product costs for which no rule holds."""

    LIST_PRICE = "list_price"
    """Its list price."""
    NO_PRICE = "no_price"
    """It has no price."""


class Inherited(StrEnum):
    """What the list counts for that a list is based on."""

    WHERE_NO_RULE_HOLDS = "where_no_rule_holds"
    """It gives the price where the list has no rule of its own that holds."""
    LOWEST = "lowest"
    """It gives the price wherever it is lower, so that its quantity breaks survive."""


@attrs.frozen(kw_only=True)
class PriceListPolicy:
    """How price lists are read.

    Attributes:
        order: which of the rules that hold wins.
        combination: whether several apply.
        steps: the order of the steps in a rule.
        unit_amounts: what the amounts of a rule with a unit are for.
        below_zero: what happens when a step leads below zero.
        uplift: what is shown of a price above its reference.
        without_rule: what a product costs for which no rule holds.
        inherited: what the list counts for that a list is based on.

    >>> from salesmgmt.cpq.pricing.price_lists.policy import PriceListPolicy
    >>> PriceListPolicy().combination.value
    'first_alone'
    """

    order: SelectionOrder = attrs.field(factory=SelectionOrder)
    combination: Combination = Combination.FIRST_ALONE
    steps: tuple[RuleStep, ...] = tuple(RuleStep)
    unit_amounts: UnitAmounts = UnitAmounts.RULE_UNIT
    below_zero: BelowZero = BelowZero.ZERO
    uplift: Uplift = Uplift.IN_REFERENCE
    without_rule: WithoutRule = WithoutRule.LIST_PRICE
    inherited: Inherited = Inherited.WHERE_NO_RULE_HOLDS

    @classmethod
    def preset(cls, name: str) -> PriceListPolicy:
        """The policy of a preset: how another system reads price lists.

        Raises:
            UnknownOption: no preset of this name has one.

        >>> from salesmgmt.cpq.pricing.price_lists.policy import PriceListPolicy
        >>> [criterion.value for criterion in PriceListPolicy.preset("odoo").order.criteria]
        ['specificity', 'unit', 'break']
        """
        return preset_table(cls, "price_lists", name, "the preset of price lists")
