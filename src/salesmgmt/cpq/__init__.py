"""Configure, price, quote."""

from salesmgmt.cpq.pricing import Line, NoPrice, PriceConflict, Priced, PricedLine, PriceStep, PricingRequest

__all__ = ["Line", "NoPrice", "PriceConflict", "PriceStep", "Priced", "PricedLine", "PricingRequest"]
