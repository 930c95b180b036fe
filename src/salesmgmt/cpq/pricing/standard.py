"""The procedure for those who write price lists, prices and promotions and no procedure of their own."""

from __future__ import annotations

from salesmgmt.cpq.pricing.procedure import (
    ListPrice,
    ManualPrices,
    OptionExtras,
    PriceListRules,
    PricingProcedure,
    Promotions,
    QuantityTiers,
    RoundLines,
)

STANDARD = PricingProcedure(
    id="standard",
    steps=(
        ListPrice(id="list", required=False),
        OptionExtras(id="options"),
        PriceListRules(id="price list"),
        QuantityTiers(id="volume"),
        ManualPrices(id="by hand"),
        RoundLines(id="cents"),
        Promotions(id="promotions"),
    ),
)
"""List or contract price, options, the price list of the request, volume tiers, what was set by hand, rounding to the
minor unit, promotions and coupons. Write it down as a procedure of your own to change it."""
