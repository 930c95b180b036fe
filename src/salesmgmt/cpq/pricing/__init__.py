"""Pricing: from a list to a net amount, by rules that are data, each step explained.

`PricingModel.load(folder).compile()` gives a `Pricer`; `Pricer.price(request)` gives a `Priced`.
"""

from __future__ import annotations

from salesmgmt.core.entity import Entity
from salesmgmt.core.events import Event
from salesmgmt.cpq.pricing.calculation import Calculation
from salesmgmt.cpq.pricing.condition import ConditionClass, ConditionRecord, ConditionType
from salesmgmt.cpq.pricing.exclusion import ExclusionGroup, ExclusionProcedure
from salesmgmt.cpq.pricing.impact.change_set import ChangeSet
from salesmgmt.cpq.pricing.impact.changes import Changes
from salesmgmt.cpq.pricing.impact.price_adjustment import AdjustPrices, PricesOf
from salesmgmt.cpq.pricing.impact.result import Impact
from salesmgmt.cpq.pricing.invariants import InvariantBroken, require_invariants
from salesmgmt.cpq.pricing.model import PricingModel
from salesmgmt.cpq.pricing.presets import Preset, preset
from salesmgmt.cpq.pricing.price_lists.policy import PriceListPolicy
from salesmgmt.cpq.pricing.price_lists.price_list import PriceList, PriceLists
from salesmgmt.cpq.pricing.price_lists.price_rule import PriceRule
from salesmgmt.cpq.pricing.priced import (
    AddedLine,
    Candidate,
    NoPrice,
    PriceConflict,
    Priced,
    PricedLine,
    UnknownRule,
    UnknownSubtotal,
    Unpriced,
)
from salesmgmt.cpq.pricing.pricer import Pricer
from salesmgmt.cpq.pricing.procedure import (
    AmountPer,
    DiscountRule,
    Discounts,
    FreeUnits,
    FreeUnitsRule,
    HeaderDiscounts,
    ListPrice,
    ManualPrices,
    OptionExtras,
    PriceListRules,
    PricingProcedure,
    PricingStep,
    Promotions,
    QuantityTiers,
    RoundedPart,
    RoundLines,
    Scope,
    SharesOfTotal,
    Stacking,
    Subtotal,
    Terms,
    Tie,
)
from salesmgmt.cpq.pricing.promotions import (
    AmountOff,
    BuyGet,
    CheapestFree,
    Coupon,
    FreeProduct,
    PercentOff,
    Promotion,
    PromotionPolicy,
    PromotionUse,
    SetPrice,
    Trigger,
)
from salesmgmt.cpq.pricing.records import ContractPrice, OptionRecord, PriceRecord, TierRecord
from salesmgmt.cpq.pricing.request import Line, ManualPrice, PricingRequest
from salesmgmt.cpq.pricing.scales.policies import ScaleType
from salesmgmt.cpq.pricing.scales.scale import Scale
from salesmgmt.cpq.pricing.scales.tier import Tier
from salesmgmt.cpq.pricing.selection.order import Access, Criterion, SelectionOrder, Ties
from salesmgmt.cpq.pricing.standard import STANDARD
from salesmgmt.cpq.pricing.tax import LineTax, TaxBasis, Taxed, TaxRounding, tax_of
from salesmgmt.cpq.pricing.trace import Aside, HeaderDiscount, NotApplied, PriceStep, StepKind, StoodAside

ENTITIES: tuple[type[Entity], ...] = ()
"""A priced document is a value; a quote keeps it."""

EVENTS: tuple[type[Event], ...] = ()

__all__ = [
    "ENTITIES",
    "EVENTS",
    "STANDARD",
    "Access",
    "AddedLine",
    "AdjustPrices",
    "AmountOff",
    "AmountPer",
    "Aside",
    "BuyGet",
    "Calculation",
    "Candidate",
    "ChangeSet",
    "Changes",
    "CheapestFree",
    "ConditionClass",
    "ConditionRecord",
    "ConditionType",
    "ContractPrice",
    "Coupon",
    "Criterion",
    "DiscountRule",
    "Discounts",
    "ExclusionGroup",
    "ExclusionProcedure",
    "FreeProduct",
    "FreeUnits",
    "FreeUnitsRule",
    "HeaderDiscount",
    "HeaderDiscounts",
    "Impact",
    "InvariantBroken",
    "Line",
    "LineTax",
    "ListPrice",
    "ManualPrice",
    "ManualPrices",
    "NoPrice",
    "NotApplied",
    "OptionExtras",
    "OptionRecord",
    "PercentOff",
    "Preset",
    "PriceConflict",
    "PriceList",
    "PriceListPolicy",
    "PriceListRules",
    "PriceLists",
    "PriceRecord",
    "PriceRule",
    "PriceStep",
    "Priced",
    "PricedLine",
    "Pricer",
    "PricesOf",
    "PricingModel",
    "PricingProcedure",
    "PricingRequest",
    "PricingStep",
    "Promotion",
    "PromotionPolicy",
    "PromotionUse",
    "Promotions",
    "QuantityTiers",
    "RoundLines",
    "RoundedPart",
    "Scale",
    "ScaleType",
    "Scope",
    "SelectionOrder",
    "SetPrice",
    "SharesOfTotal",
    "Stacking",
    "StepKind",
    "StoodAside",
    "Subtotal",
    "TaxBasis",
    "TaxRounding",
    "Taxed",
    "Terms",
    "Tie",
    "Tier",
    "TierRecord",
    "Ties",
    "Trigger",
    "UnknownRule",
    "UnknownSubtotal",
    "Unpriced",
    "preset",
    "require_invariants",
    "tax_of",
]
