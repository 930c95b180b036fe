"""Forecasts: what will be won, by category, by weight, by model, and which of these to believe."""

from __future__ import annotations

from salesmgmt.pipeline.forecast.adjustment import Adjustment
from salesmgmt.pipeline.forecast.category_amounts import (
    CUMULATIVE_LINES,
    SINGLE_LINES,
    CategoryAmounts,
    ForecastLine,
)
from salesmgmt.pipeline.forecast.category_roll_up import AdjustedLine, PersonForecast, RollUp, roll_up
from salesmgmt.pipeline.forecast.chances import Chance, Distribution, Simulation, distribution, simulate
from salesmgmt.pipeline.forecast.choice import ForecastChoice, MoneyRange, PeriodForecast, choose_forecast
from salesmgmt.pipeline.forecast.life import DealLife, DealState
from salesmgmt.pipeline.forecast.new_business import NewBusiness
from salesmgmt.pipeline.forecast.weighted import WeightedDeal, WeightedPipeline, weigh
from salesmgmt.pipeline.forecast.win_hazard import WinHazard

__all__ = [
    "CUMULATIVE_LINES",
    "SINGLE_LINES",
    "AdjustedLine",
    "Adjustment",
    "CategoryAmounts",
    "Chance",
    "DealLife",
    "DealState",
    "Distribution",
    "ForecastChoice",
    "ForecastLine",
    "MoneyRange",
    "NewBusiness",
    "PeriodForecast",
    "PersonForecast",
    "RollUp",
    "Simulation",
    "WeightedDeal",
    "WeightedPipeline",
    "WinHazard",
    "choose_forecast",
    "distribution",
    "roll_up",
    "simulate",
    "weigh",
]
