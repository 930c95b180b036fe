"""Price lists: rules in one currency, lists based on other lists, and the book that prices by them."""

from __future__ import annotations

from salesmgmt.cpq.pricing.price_lists.book import (
    PriceBook,
)
from salesmgmt.cpq.pricing.price_lists.policy import (
    Combination,
    Inherited,
    PriceListPolicy,
    UnitAmounts,
    Uplift,
    WithoutRule,
)
from salesmgmt.cpq.pricing.price_lists.price_list import (
    PRICE_LIST_FACTS,
    PriceList,
    PriceLists,
    price_list_cycle,
)
from salesmgmt.cpq.pricing.price_lists.price_rule import (
    BasePrice,
    PriceRule,
    QuantityScope,
    Reference,
    RuleStep,
)
from salesmgmt.cpq.pricing.price_lists.rule_price import (
    BelowZero,
    RulePrice,
    RulePriceStep,
)
from salesmgmt.cpq.pricing.price_lists.unit_price import (
    BasePrices,
    DocumentPrices,
    FreeLine,
    ListAnswer,
    NoUnitPrice,
    PriceQuestion,
    RuleCandidate,
    RuleConflict,
    UnitPrice,
)

__all__ = [
    "PRICE_LIST_FACTS",
    "BasePrice",
    "BasePrices",
    "BelowZero",
    "Combination",
    "DocumentPrices",
    "FreeLine",
    "Inherited",
    "ListAnswer",
    "NoUnitPrice",
    "PriceBook",
    "PriceList",
    "PriceListPolicy",
    "PriceLists",
    "PriceQuestion",
    "PriceRule",
    "QuantityScope",
    "Reference",
    "RuleCandidate",
    "RuleConflict",
    "RulePrice",
    "RulePriceStep",
    "RuleStep",
    "UnitAmounts",
    "UnitPrice",
    "Uplift",
    "WithoutRule",
    "price_list_cycle",
]
