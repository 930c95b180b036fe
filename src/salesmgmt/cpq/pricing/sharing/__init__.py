"""Sharing: amounts on several lines, how they reach each line, and how a line takes its share with it."""

from __future__ import annotations

from salesmgmt.cpq.pricing.sharing.bundle import (
    Bundle,
    BundlePart,
    BundlePrice,
    Component,
    NoComponentPrice,
    PriceFrom,
    bundle_price,
    compound,
)
from salesmgmt.cpq.pricing.sharing.distribution import (
    DEFAULT_ALLOCATION,
    AllocationBase,
    AllocationPolicy,
    RemainderTo,
    TieTo,
    common_currency,
    distribute,
    place_difference,
)
from salesmgmt.cpq.pricing.sharing.document_discount import (
    DiscountedDocument,
    DocumentDiscount,
    Excess,
    PercentOf,
    discount_document,
    require_one,
)
from salesmgmt.cpq.pricing.sharing.header_condition import (
    HeaderCondition,
    HeaderMode,
    HeaderShares,
    apply_header_condition,
)
from salesmgmt.cpq.pricing.sharing.returns import (
    FrozenLine,
    Reprice,
    Return,
    ReturnPolicy,
    return_line,
)

__all__ = [
    "DEFAULT_ALLOCATION",
    "AllocationBase",
    "AllocationPolicy",
    "Bundle",
    "BundlePart",
    "BundlePrice",
    "Component",
    "DiscountedDocument",
    "DocumentDiscount",
    "Excess",
    "FrozenLine",
    "HeaderCondition",
    "HeaderMode",
    "HeaderShares",
    "NoComponentPrice",
    "PercentOf",
    "PriceFrom",
    "RemainderTo",
    "Reprice",
    "Return",
    "ReturnPolicy",
    "TieTo",
    "apply_header_condition",
    "bundle_price",
    "common_currency",
    "compound",
    "discount_document",
    "distribute",
    "place_difference",
    "require_one",
    "return_line",
]
