"""What promotions leave open and every shop decides for itself, and the presets that name the decisions of some."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from typing import Any

import attrs

from salesmgmt.core.errors import option
from salesmgmt.cpq.pricing._preset_files import preset_table
from salesmgmt.cpq.pricing.sharing.distribution import RemainderTo
from salesmgmt.cpq.pricing.tax_basis import TaxBasis, TaxRounding


class PercentBase(StrEnum):
    """What a percentage is taken of."""

    INITIAL = "initial"
    """Of the amount before all promotions: two of 10 % take 20 %."""
    RUNNING = "running"
    """Of what earlier ones left: two of 10 % take 19 %."""


class Minimums(StrEnum):
    """Where minimum quantities and amounts are tested."""

    UNDISCOUNTED = "undiscounted"
    """On the document before all promotions."""
    REMAINING = "remaining"
    """On what earlier promotions left to pay; units that became free do not count."""


class UnitOrder(StrEnum):
    """Which units come first where a benefit is for some of them only."""

    CHEAPEST = "cheapest"
    """Those with the lowest price."""
    DEAREST = "dearest"
    """Those with the highest price."""
    IN_ORDER = "in_order"
    """Those of the first line of the document."""


class GetQuantity(StrEnum):
    """What happens when fewer units stand on the document than a `BuyGet` gives."""

    WHOLE = "whole"
    """Nothing is given."""
    AVAILABLE = "available"
    """As many as there are."""


class EarningUnits(StrEnum):
    """What becomes of the units that earned a `BuyGet`, or were given by it for less."""

    ONCE = "once"
    """They serve no other `BuyGet`."""
    AGAIN = "again"
    """They may earn another one, and be given by it."""


class Applications(StrEnum):
    """How often a promotion without `max_applications` is given."""

    ONCE = "once"
    """Once a document."""
    AS_OFTEN_AS_EARNED = "as_often_as_earned"
    """Until the units that fulfil its condition are used up."""


class Counts(StrEnum):
    """When a promotion counts as applied."""

    WHEN_IT_GIVES = "when_it_gives"
    """When something was taken off or given."""
    WHEN_CONDITION_HOLDS = "when_condition_holds"
    """When its condition holds, even if nothing was left to take."""


class Spread(StrEnum):
    """Which lines an amount off several lines is taken from."""

    BY_AMOUNT = "by_amount"
    """All of them, by what is left of each."""
    OUT_OF_REACH_FIRST = "out_of_reach_first"
    """First the lines that the promotions to come cannot reach, the next one before those after it; tax by tax."""


class PromotionOrder(StrEnum):
    """In which order promotions apply that need no code; codes come after them, as entered."""

    PRIORITY_DESCENDING = "priority_descending"
    """The highest `priority` first, equal ones as listed."""
    PRIORITY_ASCENDING = "priority_ascending"
    """The lowest `priority` first, equal ones as listed."""
    LISTED = "listed"
    """As listed."""


class Combine(StrEnum):
    """Whether several promotions apply to one document."""

    ALL = "all"
    """Each that can, one after the other."""
    BEST_ONE = "best_one"
    """Only the one that takes most by itself; the first of equal ones."""


class InGroup(StrEnum):
    """Which promotion of a group applies."""

    FIRST = "first"
    """The first that can."""
    BEST = "best"
    """The one that takes most, at the place of the first."""


class CapPer(StrEnum):
    """What `max_discount` is a limit for."""

    PROMOTION = "promotion"
    """All that the promotion takes."""
    TAX_GROUP = "tax_group"
    """What it takes in each tax group."""


class AmountsAre(StrEnum):
    """The basis in which promotions are calculated, shared and rounded, and which amounts have that say nothing."""

    AS_LINES = "as_lines"
    """That of the lines."""
    NET = "net"
    """Without tax."""
    GROSS = "gross"
    """With tax."""


class OverBudget(StrEnum):
    """What happens when a promotion would take more than is left of its budget."""

    REFUSE = "refuse"
    """It is refused whole."""
    CUT = "cut"
    """It takes what is left."""


class Rounds(StrEnum):
    """What is rounded where a promotion takes an uneven amount."""

    DISCOUNT = "discount"
    """What is taken."""
    PRICE = "price"
    """What is left to pay."""


class PercentRounding(StrEnum):
    """Where a percentage of several lines is rounded."""

    BY_SCOPE = "by_scope"
    """On the whole with scope `order`, else on each line."""
    WHOLE = "whole"
    """On the whole; the lines share it."""
    EACH_LINE = "each_line"
    """On each line."""


class MeasuredOn(StrEnum):
    """What a promotion is measured on when earlier ones took rounded amounts."""

    ROUNDED = "rounded"
    """The rounded amounts that are left."""
    EXACT = "exact"
    """The exact ones; what is taken is rounded so that what is left follows them, and errors do not add up."""


class ShareRounding(StrEnum):
    """How the share of a line is rounded, before `RemainderTo` places what is left over."""

    DOWN = "down"
    """Down, so that what is left over is never below zero."""
    AS_AMOUNTS = "as_amounts"
    """In the same way as amounts."""


class LineTies(StrEnum):
    """Which of two equal lines comes first."""

    ID = "id"
    """The one with the lower id, so that the order of the lines changes nothing."""
    POSITION = "position"
    """The one that stands first on the document."""


def _by_word(_policy: type, options: list[attrs.Attribute[Any]]) -> list[attrs.Attribute[Any]]:
    """Let each option be given by its word as well."""
    return [
        one.evolve(converter=partial(option, type(one.default), what=f"the option {one.name} of promotions"))
        if isinstance(one.default, StrEnum)
        else one
        for one in options
    ]


@attrs.frozen(kw_only=True, field_transformer=_by_word)
class PromotionPolicy:
    """Every convention of promotions in which shops differ; the defaults are the ones most of them share.

    Attributes:
        order: of promotions that need no code.
        percent_base: of promotions that do not say it.
        minimums: where conditions are tested.
        units: which units come first.
        get_quantity: when fewer are there than are given.
        earning_units: whether the units of one `BuyGet` serve another one.
        applications: how often a promotion is given that does not say it.
        counts: when a promotion counts as applied.
        spread: where an amount off several lines is taken.
        combine: all promotions, or the best.
        in_group: the first of a group, or the best.
        cap_per: what the cap of a promotion is for.
        amounts: without or with tax.
        over_budget: refused, or cut.
        rounds: the discount, or the price.
        percent_rounding: on the whole, or on each line.
        measured_on: rounded or exact amounts of earlier promotions.
        shared_by: whether an amount on the order is shared by what lines come to without or with tax; `None` for the basis
            in which it is calculated.
        share_rounding: how shares are rounded; it matters where one line gets what is left over.
        remainder: who gets what rounding leaves; the first and the last line are those in the order of `ties`.
        ties: what puts equal lines in order.
        tax_rounding: where tax is rounded.

    >>> from salesmgmt.cpq.pricing.promotions import PromotionPolicy, promotion_policy
    >>> PromotionPolicy().percent_base.value, promotion_policy("odoo").percent_base.value
    ('initial', 'running')
    """

    order: PromotionOrder = PromotionOrder.PRIORITY_DESCENDING
    percent_base: PercentBase = PercentBase.INITIAL
    minimums: Minimums = Minimums.UNDISCOUNTED
    units: UnitOrder = UnitOrder.CHEAPEST
    get_quantity: GetQuantity = GetQuantity.WHOLE
    earning_units: EarningUnits = EarningUnits.ONCE
    applications: Applications = Applications.ONCE
    counts: Counts = Counts.WHEN_IT_GIVES
    spread: Spread = Spread.BY_AMOUNT
    combine: Combine = Combine.ALL
    in_group: InGroup = InGroup.FIRST
    cap_per: CapPer = CapPer.PROMOTION
    amounts: AmountsAre = AmountsAre.AS_LINES
    over_budget: OverBudget = OverBudget.REFUSE
    rounds: Rounds = Rounds.DISCOUNT
    percent_rounding: PercentRounding = PercentRounding.BY_SCOPE
    measured_on: MeasuredOn = MeasuredOn.ROUNDED
    shared_by: TaxBasis | None = None
    share_rounding: ShareRounding = ShareRounding.DOWN
    remainder: RemainderTo = RemainderTo.LARGEST_FRACTION
    ties: LineTies = LineTies.ID
    tax_rounding: TaxRounding = TaxRounding.RATE


DEFAULT_POLICY = PromotionPolicy()
"""What holds where nothing else is said."""


def promotion_policy(preset: str) -> PromotionPolicy:
    """The policy of a preset: the table `promotions` of its file.

    Raises:
        UnknownOption: no preset of this name says anything about promotions.

    >>> from salesmgmt.cpq.pricing.promotions import promotion_policy
    >>> promotion_policy("oscar").counts.value
    'when_condition_holds'
    """
    return preset_table(PromotionPolicy, "promotions", preset, "the preset of a promotion policy")
