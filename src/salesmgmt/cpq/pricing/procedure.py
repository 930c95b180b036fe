"""The pricing procedure: which steps make a price, in which order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

import attrs

from salesmgmt.core.errors import option
from salesmgmt.core.exact import Number, exact
from salesmgmt.core.formula import FactType
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.rounding import Rounding, RoundingMode
from salesmgmt.cpq.pricing.condition import ConditionType
from salesmgmt.cpq.pricing.exclusion import ExclusionGroup
from salesmgmt.cpq.pricing.free_goods import FreeGoods
from salesmgmt.cpq.pricing.records import percentage
from salesmgmt.cpq.pricing.scales.policies import ScaleType
from salesmgmt.cpq.pricing.sharing.distribution import DEFAULT_ALLOCATION, AllocationPolicy, TieTo
from salesmgmt.cpq.pricing.terms.percent_of_total import PercentOfTotal
from salesmgmt.cpq.pricing.terms.proration import ProrationPolicy


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


def _per(value: AmountPer | str) -> AmountPer:
    return option(AmountPer, value, "what an amount is per")


def _stacking(value: Stacking | str) -> Stacking:
    return option(Stacking, value, "the stacking of a rule")


def _scale(value: ScaleType | str) -> ScaleType:
    return option(ScaleType, value, "the scale of tiers")


def _part(value: RoundedPart | str) -> RoundedPart:
    return option(RoundedPart, value, "what a rounding step rounds")


def _mode(value: RoundingMode | str) -> RoundingMode:
    return option(RoundingMode, value, "the mode of a rounding")


def _tie(value: TieTo | str) -> TieTo:
    return option(TieTo, value, "who comes first at a tie")


def _number(value: Number | None) -> Decimal | None:
    return None if value is None else exact(value, "a step of a rounding")


def _scope(value: Scope | str) -> Scope:
    return option(Scope, value, "the scope of a step")


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
    percent: Percent | None = attrs.field(default=None, converter=percentage)
    amount: Money | None = None
    per: AmountPer = attrs.field(default=AmountPer.WHOLE, converter=_per)
    stacking: Stacking = attrs.field(default=Stacking.COMPOUND, converter=_stacking)
    condition: str = ""
    valid_from: date | None = None
    valid_to: date | None = None


@attrs.frozen(kw_only=True)
class ListPrice:
    """Find the price of a unit: the most specific record that is valid, of these the one with the newest start.

    Most specific is a record for customer and segment, then for the customer, then for the segment, then for all. When
    the winner is not for all, the waterfall shows the price for all first, and the way from there to the winner.

    Attributes:
        id: of the step.
        required: whether a line without a record has no price at once; otherwise a later step may give it one.
        convert_from: the currency whose prices are converted, by the rate of the day and unrounded, for requests in a
            currency without a price of its own; empty for none.
    """

    id: str
    required: bool = True
    convert_from: str = ""


@attrs.frozen(kw_only=True)
class OptionExtras:
    """Add the extra of each chosen option, as often as it is chosen; see `OptionRecord`."""

    id: str


@attrs.frozen(kw_only=True)
class QuantityTiers:
    """Apply the tiers of the product, or else of its family; a scale in the currency of the request comes first.

    Attributes:
        id: of the step.
        scale: to which units a tier applies.
    """

    id: str
    scale: ScaleType = attrs.field(default=ScaleType.ALL_UNITS, converter=_scale)


@attrs.frozen(kw_only=True)
class Discounts:
    """Apply rules to each line by itself, in their order."""

    id: str
    rules: tuple[DiscountRule, ...]


@attrs.frozen(kw_only=True)
class ManualPrices:
    """Put lines at what somebody set by hand for them; see `ManualPrice`.

    >>> from salesmgmt.cpq.pricing import ManualPrices
    >>> ManualPrices(id="by hand").id
    'by hand'
    """

    id: str


class RoundedPart(StrEnum):
    """What a rounding step rounds.

    >>> from salesmgmt.cpq.pricing import RoundedPart
    >>> [part.value for part in RoundedPart]
    ['line', 'unit', 'document']
    """

    LINE = "line"
    """The amount of each line."""
    UNIT = "unit"
    """The price of a unit; the line is that times the quantity."""
    DOCUMENT = "document"
    """The total; the largest line takes the difference."""


@attrs.frozen(kw_only=True)
class RoundLines:
    """Round the amount of each line, the price of its unit, or the total.

    Attributes:
        id: of the step.
        at: what is rounded.
        mode: which neighbour is taken.
        increment: distance between two steps; `None` for the minor unit of the currency.
        ending: what price points end in; `None` for plain multiples.
    """

    id: str
    at: RoundedPart = attrs.field(default=RoundedPart.LINE, converter=_part)
    mode: RoundingMode = attrs.field(default=RoundingMode.HALF_UP, converter=_mode)
    increment: Decimal | None = attrs.field(default=None, converter=_number)
    ending: Decimal | None = attrs.field(default=None, converter=_number)

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
    mode: RoundingMode = attrs.field(default=RoundingMode.HALF_UP, converter=_mode)
    tie: TieTo = attrs.field(default=TieTo.FIRST, converter=_tie)


class Scope(StrEnum):
    """What a condition is reckoned for.

    >>> from salesmgmt.cpq.pricing import Scope
    >>> Scope("group").name
    'GROUP'
    """

    LINE = "line"
    """Each line by itself."""
    GROUP = "group"
    """All lines of one group together; the amount is shared exactly among them. A line in no group has none."""
    DOCUMENT = "document"
    """All lines together; the amount is shared exactly among them."""


@attrs.frozen(kw_only=True)
class PricingStep:
    """Look a condition up by its type, and apply the record that is found.

    Attributes:
        id: of the step.
        type_id: id of the condition type.
        base: id of a subtotal from which a percentage is reckoned; empty for the amount after the last step of class
            price (`percent`), or for what the line is at (`percent_compound`).
        requirement: a formula; where it does not hold the step does nothing.
        scope: what is reckoned together.
        subtotal: a name for the amount after the step; empty for none.
        mandatory: whether a line without a record has no price.
        statistical: whether the step only tells, and changes nothing.
        allocation: how an amount on a group or the document is shared.
        mode: how such an amount is rounded to the minor unit before it is shared.

    >>> from salesmgmt.cpq.pricing import PricingStep
    >>> PricingStep(id="freight", type_id="freight", mandatory=True).scope.value
    'line'
    """

    id: str
    type_id: str
    base: str = ""
    requirement: str = ""
    scope: Scope = attrs.field(default=Scope.LINE, converter=_scope)
    subtotal: str = ""
    mandatory: bool = False
    statistical: bool = False
    allocation: AllocationPolicy = DEFAULT_ALLOCATION
    mode: RoundingMode = attrs.field(default=RoundingMode.HALF_UP, converter=_mode)


@attrs.frozen(kw_only=True)
class Subtotal:
    """Name the amount of each line as it is now, for bases, conditions on it, and reports.

    >>> from salesmgmt.cpq.pricing import Subtotal
    >>> Subtotal(id="regular").id
    'regular'
    """

    id: str


@attrs.frozen(kw_only=True)
class PriceListRules:
    """Put lines at their price by the price list of the request.

    Attributes:
        id: of the step.
        default: id of the price list for requests that name none; empty for none, and then nothing is done.

    >>> from salesmgmt.cpq.pricing import PriceListRules
    >>> PriceListRules(id="price list", default="retail").default
    'retail'
    """

    id: str
    default: str = ""


@attrs.frozen(kw_only=True)
class Promotions:
    """Apply the promotions of the model, and those whose codes were handed in, to what the lines are at.

    >>> from salesmgmt.cpq.pricing import Promotions
    >>> Promotions(id="promotions").id
    'promotions'
    """

    id: str


@attrs.frozen(kw_only=True)
class FreeUnitsRule:
    """Free goods for a product or a family.

    Attributes:
        id: what traces call it.
        product: id of the product that is ordered; empty for any of the family.
        family: its family; empty for any.
        goods: the agreement.
        condition: a formula that must hold; empty for always.

    >>> from salesmgmt.cpq.pricing import FreeUnitsRule
    >>> from salesmgmt.cpq.pricing.free_goods import FreeGoods
    >>> FreeUnitsRule(id="5+1", product="dock", goods=FreeGoods(per_quantity=5, free_quantity=1)).family
    ''
    """

    id: str
    product: str = ""
    family: str = ""
    goods: FreeGoods
    condition: str = ""


@attrs.frozen(kw_only=True)
class FreeUnits:
    """Give free units: those that are part of the order cost nothing, others are added. The first rule that gives counts.

    >>> from salesmgmt.cpq.pricing import FreeUnits
    >>> FreeUnits(id="free goods").rules
    ()
    """

    id: str
    rules: tuple[FreeUnitsRule, ...] = ()


@attrs.frozen(kw_only=True)
class Terms:
    """Prorate lines that have a term; the price so far is that of the default term of the policy.

    Attributes:
        id: of the step.
        policy: how terms are measured.
        condition: a formula; lines for which it does not hold are not prorated. Empty for all.

    >>> from salesmgmt.cpq.pricing import Terms
    >>> Terms(id="term").policy.precision.value
    'month'
    """

    id: str
    policy: ProrationPolicy = attrs.field(factory=ProrationPolicy)
    condition: str = ""


@attrs.frozen(kw_only=True)
class SharesOfTotal:
    """Price products that cost a percentage of what other lines come to, in the order in which they need each other.

    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.cpq.pricing import SharesOfTotal
    >>> from salesmgmt.cpq.pricing.terms.percent_of_total import PercentOfTotal
    >>> len(SharesOfTotal(id="support", rules=(PercentOfTotal(product="support", percent=Percent(10)),)).rules)
    1
    """

    id: str
    rules: tuple[PercentOfTotal, ...] = ()


LaterStep: TypeAlias = (
    OptionExtras
    | ManualPrices
    | QuantityTiers
    | Discounts
    | RoundLines
    | HeaderDiscounts
    | PricingStep
    | Subtotal
    | PriceListRules
    | Promotions
    | FreeUnits
    | Terms
    | SharesOfTotal
)
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
        condition_types: the host's own condition types.
        exclusion_groups: which of them stand aside for others; decided where the last member stands.
        steps: the steps; the first one finds the price, and amounts that are shared and the end need rounded lines.

    >>> from salesmgmt.cpq.pricing import ListPrice, PricingProcedure, RoundLines
    >>> len(PricingProcedure(id="plain", steps=(ListPrice(id="list"), RoundLines(id="cents"))).steps)
    2
    """

    id: str
    version: int = 1
    time_zone: str = "UTC"
    facts: Mapping[str, FactType] = attrs.field(factory=dict, hash=False)
    condition_types: tuple[ConditionType, ...] = ()
    exclusion_groups: tuple[ExclusionGroup, ...] = ()
    steps: tuple[Step, ...]

    @property
    def rules(self) -> Iterator[tuple[str, DiscountRule]]:
        """Every rule, with its place in the procedure."""
        for position, step in enumerate(self.steps):
            if isinstance(step, Discounts | HeaderDiscounts):
                for number, rule in enumerate(step.rules):
                    yield f"steps[{position}].rules[{number}]", rule
