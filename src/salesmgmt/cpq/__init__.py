"""Configure, price, quote: what a customer wants, what it costs, what is offered, and who must agree.

Here is what most programs begin with; everything else is in `salesmgmt.cpq.pricing`, `configure`, `quotes`, `approvals`,
`recommend`, `insight` and `products`.
"""

from __future__ import annotations

from salesmgmt.core.entity import Entity
from salesmgmt.core.events import Event
from salesmgmt.cpq import approvals, configure, pricing, products, quotes, recommend
from salesmgmt.cpq.approvals import ApprovalPolicy, ApprovalRule, DiscountPolicy
from salesmgmt.cpq.configure import Configuration, Configurator, ProductModel
from salesmgmt.cpq.metrics import METRICS, QUOTE_FACTS
from salesmgmt.cpq.option_prices import NoListPrice, value_prices
from salesmgmt.cpq.pricing import (
    ChangeSet,
    Line,
    PercentOff,
    Priced,
    PriceList,
    PriceRecord,
    PriceRule,
    PricingModel,
    PricingRequest,
    Promotion,
)
from salesmgmt.cpq.pricing.impact.impact import impact
from salesmgmt.cpq.products import Catalogue, Product
from salesmgmt.cpq.quotes import (
    Outline,
    OutlineLine,
    Quote,
    QuoteAccepted,
    accept,
    approve,
    present,
    price_offer,
    quote_from,
    revise,
    submit,
)
from salesmgmt.cpq.recommend import Relations

_PARTS = (products, configure, pricing, quotes, approvals, recommend)

ENTITIES: tuple[type[Entity], ...] = tuple(entity for part in _PARTS for entity in part.ENTITIES)
"""What a store keeps of this room."""

EVENTS: tuple[type[Event], ...] = tuple(event for part in _PARTS for event in part.EVENTS)
"""What happens in this room."""

__all__ = [
    "ENTITIES",
    "EVENTS",
    "METRICS",
    "QUOTE_FACTS",
    "ApprovalPolicy",
    "ApprovalRule",
    "Catalogue",
    "ChangeSet",
    "Configuration",
    "Configurator",
    "DiscountPolicy",
    "Line",
    "NoListPrice",
    "Outline",
    "OutlineLine",
    "PercentOff",
    "PriceList",
    "PriceRecord",
    "PriceRule",
    "Priced",
    "PricingModel",
    "PricingRequest",
    "Product",
    "ProductModel",
    "Promotion",
    "Quote",
    "QuoteAccepted",
    "Relations",
    "accept",
    "approve",
    "impact",
    "present",
    "price_offer",
    "quote_from",
    "revise",
    "submit",
    "value_prices",
]
