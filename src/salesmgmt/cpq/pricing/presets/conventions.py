"""Conventions in which shops differ and that are said once for many scales, free goods, taxes and header conditions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from salesmgmt.core.percent import Percent
from salesmgmt.core.rounding import RoundingMode
from salesmgmt.cpq.pricing.exclusion import ExclusionGroup, ExclusionProcedure
from salesmgmt.cpq.pricing.free_goods import FreeGoods, FreeGoodsCalculation, FreeGoodsMode
from salesmgmt.cpq.pricing.priced import Priced, PricedLine
from salesmgmt.cpq.pricing.scales.policies import (
    BeyondLast,
    Boundary,
    Counting,
    PartialPackage,
    Uncovered,
    ZeroQuantity,
)
from salesmgmt.cpq.pricing.scales.scale import Scale
from salesmgmt.cpq.pricing.sharing.distribution import AllocationPolicy
from salesmgmt.cpq.pricing.sharing.header_condition import TO_LARGEST, HeaderCondition, HeaderMode
from salesmgmt.cpq.pricing.tax import Taxed, tax_of
from salesmgmt.cpq.pricing.tax_basis import TaxBasis, TaxRounding


@attrs.frozen(kw_only=True)
class ScaleConventions:
    """What scales do at their edges; the fields are those of `Scale`.

    Attributes:
        boundary: which bounds belong to a tier.
        counting: how a graduated scale cuts.
        zero_quantity: what a quantity of zero costs.
        beyond_last: what a quantity beyond the last tier costs.
        uncovered: what units in no tier cost.
        partial_package: what a package costs that is not full.

    >>> from salesmgmt.cpq.pricing.presets.conventions import ScaleConventions
    >>> from salesmgmt.cpq.pricing.scales.tier import Tier
    >>> tiers = [Tier(upper=5, unit_amount=7), Tier(unit_amount=6)]
    >>> [ScaleConventions(boundary=one).scale(tiers=tiers).charge(5).amount for one in ("lower_inclusive", "upper_inclusive")]
    [Decimal('30'), Decimal('35')]
    """

    boundary: Boundary = attrs.field(default=Boundary.LOWER_INCLUSIVE, converter=Boundary)
    counting: Counting = attrs.field(default=Counting.MEASURE, converter=Counting)
    zero_quantity: ZeroQuantity = attrs.field(default=ZeroQuantity.NOTHING, converter=ZeroQuantity)
    beyond_last: BeyondLast = attrs.field(default=BeyondLast.NO_PRICE, converter=BeyondLast)
    uncovered: Uncovered = attrs.field(default=Uncovered.NO_PRICE, converter=Uncovered)
    partial_package: PartialPackage = attrs.field(default=PartialPackage.FULL, converter=PartialPackage)

    def scale(self, **fields: Any) -> Scale:
        """A scale by these conventions; `fields` are those of `Scale`, and come before the conventions."""
        return Scale(**{**attrs.asdict(self, recurse=False), **fields})


@attrs.frozen(kw_only=True)
class FreeGoodsConventions:
    """How free units are counted; the fields are those of `FreeGoods`.

    Attributes:
        calculation: how the free units follow from the ordered ones.
        mode: whether they are part of the order or come on top.
        rounding: how a proportional free quantity becomes whole.

    >>> from salesmgmt.cpq.pricing.presets.conventions import FreeGoodsConventions
    >>> goods = FreeGoodsConventions(calculation="pro_rata").free_goods(per_quantity=5, free_quantity=1)
    >>> goods.grant(128).free_quantity
    Decimal('26')
    """

    calculation: FreeGoodsCalculation = attrs.field(
        default=FreeGoodsCalculation.UNIT_REFERENCE, converter=FreeGoodsCalculation
    )
    mode: FreeGoodsMode = attrs.field(default=FreeGoodsMode.EXCLUSIVE, converter=FreeGoodsMode)
    rounding: RoundingMode = attrs.field(default=RoundingMode.HALF_UP, converter=RoundingMode)

    def free_goods(self, **fields: Any) -> FreeGoods:
        """Free goods by these conventions; `fields` are those of `FreeGoods`, and come before the conventions."""
        return FreeGoods(**{**attrs.asdict(self, recurse=False), **fields})


@attrs.frozen(kw_only=True)
class HeaderConventions:
    """How a header condition lands on the items; the fields are those of `HeaderCondition`.

    Attributes:
        mode: each item gets it, or all share it.
        allocation: where the remainder goes.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing.presets.conventions import HeaderConventions
    >>> HeaderConventions(mode="each_item").header_condition(amount=Money(90, "EUR")).mode.value
    'each_item'
    """

    mode: HeaderMode = attrs.field(default=HeaderMode.DISTRIBUTED, converter=HeaderMode)
    allocation: AllocationPolicy = TO_LARGEST

    def header_condition(self, **fields: Any) -> HeaderCondition:
        """A header condition by these conventions; `fields` are those of `HeaderCondition`, and come first."""
        return HeaderCondition(**{**attrs.asdict(self, recurse=False), **fields})


@attrs.frozen(kw_only=True)
class ExclusionConventions:
    """How exclusion groups decide; the fields are those of `ExclusionGroup`.

    Attributes:
        procedure: how it is decided which conditions stay.
        zero_takes_part: whether a condition of amount zero counts as one.

    >>> from salesmgmt.cpq.pricing.presets.conventions import ExclusionConventions
    >>> ExclusionConventions().exclusion_group(id="one", members=("a", "b")).procedure.value
    'best_in_group'
    """

    procedure: ExclusionProcedure = attrs.field(
        default=ExclusionProcedure.BEST_IN_GROUP, converter=ExclusionProcedure
    )
    zero_takes_part: bool = False

    def exclusion_group(self, **fields: Any) -> ExclusionGroup:
        """A group by these conventions; `fields` are those of `ExclusionGroup`, and come before the conventions."""
        return ExclusionGroup(**{**attrs.asdict(self, recurse=False), **fields})


@attrs.frozen(kw_only=True)
class TaxConventions:
    """How tax is reckoned; the fields are the arguments of `tax_of`.

    Attributes:
        basis: whether prices are without or with tax.
        at: whether tax is rounded a line or a rate.
        mode: how.

    >>> from salesmgmt.cpq.pricing.presets.conventions import TaxConventions
    >>> TaxConventions(at="rate").basis.value
    'net'
    """

    basis: TaxBasis = attrs.field(default=TaxBasis.NET, converter=TaxBasis)
    at: TaxRounding = attrs.field(default=TaxRounding.LINE, converter=TaxRounding)
    mode: RoundingMode = attrs.field(default=RoundingMode.HALF_UP, converter=RoundingMode)

    def tax_of(self, priced: Priced, rate_of: Callable[[PricedLine], Percent]) -> Taxed:
        """The tax of a document; `rate_of` gives the rate of a line. Raises `Unpriced`."""
        return tax_of(priced, rate_of, basis=self.basis, at=self.at, mode=self.mode)
