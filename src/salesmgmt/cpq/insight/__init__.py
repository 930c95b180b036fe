"""Pricing insight: what closed quotes say about prices, how sure that is, and which price promises most.

    from salesmgmt.cpq.insight import closed_lines, fit_win_curve, group_lines, price_dispersion, suggest_price, win_rates

The rows are `ClosedLine`s, from quotes (`closed_lines`) or from whatever the host keeps. Every figure is a `Measured`: what does
not follow from the data is undefined and says why.
"""

from salesmgmt.cpq.insight.closed_line import ClosedLine, LineGroup, group_lines
from salesmgmt.cpq.insight.dispersion import PriceDispersion, PriceOutlier, price_dispersion
from salesmgmt.cpq.insight.elasticity import Elasticity, ElasticityMethod, price_elasticity
from salesmgmt.cpq.insight.from_quotes import closed_lines
from salesmgmt.cpq.insight.suggesting import suggest_price
from salesmgmt.cpq.insight.suggestion import NoSuggestion, NoSuggestionReason, PriceLimit, PriceSuggestion
from salesmgmt.cpq.insight.win_curve import WinCurve, fit_win_curve
from salesmgmt.cpq.insight.win_rate import WinBand, WinRates, WinReversal, WinTrend, win_rates

__all__ = [
    "ClosedLine",
    "Elasticity",
    "ElasticityMethod",
    "LineGroup",
    "NoSuggestion",
    "NoSuggestionReason",
    "PriceDispersion",
    "PriceLimit",
    "PriceOutlier",
    "PriceSuggestion",
    "WinBand",
    "WinCurve",
    "WinRates",
    "WinReversal",
    "WinTrend",
    "closed_lines",
    "fit_win_curve",
    "group_lines",
    "price_dispersion",
    "price_elasticity",
    "suggest_price",
    "win_rates",
]
