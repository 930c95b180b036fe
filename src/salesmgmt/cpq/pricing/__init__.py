"""Pricing: from a list to a net amount, by rules that are data, each step explained.

`PricingModel.load(folder).compile()` gives a `Pricer`; `Pricer.price(request)` gives a `Priced`.
"""

from __future__ import annotations

from salesmgmt.core.entity import Entity
from salesmgmt.core.events import Event
from salesmgmt.cpq.pricing.calculation import Calculation
from salesmgmt.cpq.pricing.condition import ConditionClass, ConditionRecord, ConditionType
from salesmgmt.cpq.pricing.exclusion import ExclusionGroup, ExclusionProcedure
from salesmgmt.cpq.pricing.free_goods import (
    AboveMaximum,
    FreeGoods,
    FreeGoodsCalculation,
    FreeGoodsMode,
    Grant,
    NoFreeGoods,
)
from salesmgmt.cpq.pricing.impact.change_set import ChangeSet
from salesmgmt.cpq.pricing.impact.changes import Changes
from salesmgmt.cpq.pricing.impact.price_adjustment import AdjustPrices, PricesOf
from salesmgmt.cpq.pricing.impact.replay import Replay, ReplayDifference, replay
from salesmgmt.cpq.pricing.impact.result import Impact
from salesmgmt.cpq.pricing.invariants import InvariantBroken, require_invariants
from salesmgmt.cpq.pricing.model import PricingModel
from salesmgmt.cpq.pricing.presets import Preset, preset, preset_names
from salesmgmt.cpq.pricing.price_lists.policy import PriceListPolicy
from salesmgmt.cpq.pricing.price_lists.price_list import PriceList, PriceLists
from salesmgmt.cpq.pricing.price_lists.price_rule import BasePrice, PriceRule, QuantityScope
from salesmgmt.cpq.pricing.price_lists.unit_price import BasePrices, PriceQuestion
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
)
from salesmgmt.cpq.pricing.promotions import (
    AmountOff,
    BuyGet,
    CheapestFree,
    Coupon,
    FreeProduct,
    LineFilter,
    PercentOff,
    Promotion,
    PromotionCondition,
    PromotionLine,
    PromotionPolicy,
    PromotionScope,
    PromotionSet,
    PromotionUse,
    SetPrice,
    Trigger,
    apply_promotions,
    promotion_findings,
    promotion_policy,
)
from salesmgmt.cpq.pricing.records import ContractPrice, OptionRecord, PriceRecord, TierRecord
from salesmgmt.cpq.pricing.request import Line, ManualPrice, PricingRequest
from salesmgmt.cpq.pricing.request_file import RequestedDocument, RequestFile
from salesmgmt.cpq.pricing.scales.compound_discount import CompoundDiscount
from salesmgmt.cpq.pricing.scales.lint import lint_scale
from salesmgmt.cpq.pricing.scales.policies import (
    AggregateOver,
    Basis,
    BeyondLast,
    Boundary,
    Counting,
    PartialPackage,
    ScaleType,
    Standing,
    Uncovered,
    ZeroQuantity,
)
from salesmgmt.cpq.pricing.scales.scale import Scale
from salesmgmt.cpq.pricing.scales.tier import Tier
from salesmgmt.cpq.pricing.selection.order import Access, Criterion, SelectionOrder, Ties
from salesmgmt.cpq.pricing.sharing.bundle import Bundle, Component, bundle_price, compound
from salesmgmt.cpq.pricing.sharing.distribution import AllocationPolicy, TieTo, distribute
from salesmgmt.cpq.pricing.sharing.document_discount import DocumentDiscount, discount_document
from salesmgmt.cpq.pricing.sharing.header_condition import HeaderCondition, apply_header_condition
from salesmgmt.cpq.pricing.sharing.returns import FrozenLine, return_line
from salesmgmt.cpq.pricing.standard import STANDARD
from salesmgmt.cpq.pricing.tax import LineTax, Taxed, tax_of
from salesmgmt.cpq.pricing.tax_basis import TaxBasis, TaxRounding
from salesmgmt.cpq.pricing.terms.billing_periods import BillingPeriods
from salesmgmt.cpq.pricing.terms.contract_change import (
    Amendment,
    ContractLine,
    NotWithinTerm,
    PriorStep,
    RenewalPolicy,
    amend,
)
from salesmgmt.cpq.pricing.terms.instalments import equal_instalments, instalments
from salesmgmt.cpq.pricing.terms.percent_of_total import (
    CoverCycle,
    CoveredLine,
    NothingCovered,
    PercentOfTotal,
    percent_of_total_prices,
    reckoning_order,
)
from salesmgmt.cpq.pricing.terms.proration import ProrationPolicy, Span, prorate
from salesmgmt.cpq.pricing.terms.ramp import Ramp
from salesmgmt.cpq.pricing.trace import Aside, HeaderDiscount, NotApplied, PriceStep, StepKind, StoodAside

ENTITIES: tuple[type[Entity], ...] = ()
"""A priced document is a value; a quote keeps it."""

EVENTS: tuple[type[Event], ...] = ()

__all__ = [
    "ENTITIES",
    "EVENTS",
    "STANDARD",
    "AboveMaximum",
    "Access",
    "AddedLine",
    "AdjustPrices",
    "AggregateOver",
    "AllocationPolicy",
    "Amendment",
    "AmountOff",
    "AmountPer",
    "Aside",
    "BasePrice",
    "BasePrices",
    "Basis",
    "BeyondLast",
    "BillingPeriods",
    "Boundary",
    "Bundle",
    "BuyGet",
    "Calculation",
    "Candidate",
    "ChangeSet",
    "Changes",
    "CheapestFree",
    "Component",
    "CompoundDiscount",
    "ConditionClass",
    "ConditionRecord",
    "ConditionType",
    "ContractLine",
    "ContractPrice",
    "Counting",
    "Coupon",
    "CoverCycle",
    "CoveredLine",
    "Criterion",
    "DiscountRule",
    "Discounts",
    "DocumentDiscount",
    "ExclusionGroup",
    "ExclusionProcedure",
    "FreeGoods",
    "FreeGoodsCalculation",
    "FreeGoodsMode",
    "FreeProduct",
    "FreeUnits",
    "FreeUnitsRule",
    "FrozenLine",
    "Grant",
    "HeaderCondition",
    "HeaderDiscount",
    "HeaderDiscounts",
    "Impact",
    "InvariantBroken",
    "Line",
    "LineFilter",
    "LineTax",
    "ListPrice",
    "ManualPrice",
    "ManualPrices",
    "NoFreeGoods",
    "NoPrice",
    "NotApplied",
    "NotWithinTerm",
    "NothingCovered",
    "OptionExtras",
    "OptionRecord",
    "PartialPackage",
    "PercentOfTotal",
    "PercentOff",
    "Preset",
    "PriceConflict",
    "PriceList",
    "PriceListPolicy",
    "PriceListRules",
    "PriceLists",
    "PriceQuestion",
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
    "PriorStep",
    "Promotion",
    "PromotionCondition",
    "PromotionLine",
    "PromotionPolicy",
    "PromotionScope",
    "PromotionSet",
    "PromotionUse",
    "Promotions",
    "ProrationPolicy",
    "QuantityScope",
    "QuantityTiers",
    "Ramp",
    "RenewalPolicy",
    "Replay",
    "ReplayDifference",
    "RequestFile",
    "RequestedDocument",
    "RoundLines",
    "RoundedPart",
    "Scale",
    "ScaleType",
    "Scope",
    "SelectionOrder",
    "SetPrice",
    "SharesOfTotal",
    "Span",
    "Stacking",
    "Standing",
    "StepKind",
    "StoodAside",
    "Subtotal",
    "TaxBasis",
    "TaxRounding",
    "Taxed",
    "Terms",
    "TieTo",
    "Tier",
    "TierRecord",
    "Ties",
    "Trigger",
    "Uncovered",
    "UnknownRule",
    "UnknownSubtotal",
    "Unpriced",
    "ZeroQuantity",
    "amend",
    "apply_header_condition",
    "apply_promotions",
    "bundle_price",
    "compound",
    "discount_document",
    "distribute",
    "equal_instalments",
    "instalments",
    "lint_scale",
    "percent_of_total_prices",
    "preset",
    "preset_names",
    "promotion_findings",
    "promotion_policy",
    "prorate",
    "reckoning_order",
    "replay",
    "require_invariants",
    "return_line",
    "tax_of",
]
