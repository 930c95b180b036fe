"""Time series: forecasts, backtests, intervals, and tournaments that choose a method.

    from salesmgmt.engines.series import Theta, backtest, conformal_margin, forecast, tournament, usual_methods

A forecast is an estimate and no amount: values go in as plain numbers and come out as binary floats, always finite. A room converts
money at its door and comes back through a named rounding. Nothing depends on chance, a clock or the order of arguments.
"""

from salesmgmt.engines.series.accuracy import Accuracy, accuracy
from salesmgmt.engines.series.backtest import Backtest, Window, backtest, origins
from salesmgmt.engines.series.baselines import Drift, Naive, RunRate, SeasonalNaive
from salesmgmt.engines.series.conformal import Band, Margin, Sides, conformal_margin
from salesmgmt.engines.series.contender import Contender
from salesmgmt.engines.series.decomposition import is_seasonal, seasonal_figures
from salesmgmt.engines.series.diebold_mariano import Comparison, compare
from salesmgmt.engines.series.forecaster import Fitted, Forecaster, forecast
from salesmgmt.engines.series.intermittent import TSB, Croston, CrostonFit, CrostonVariant
from salesmgmt.engines.series.pinball import interval_score, pinball_loss
from salesmgmt.engines.series.smoothing import ExponentialSmoothing, Seasonal, Smoothed, Trend
from salesmgmt.engines.series.theta import Theta, ThetaFit
from salesmgmt.engines.series.tournament import (
    Criterion,
    Standing,
    Step,
    Tournament,
    Unranked,
    Verdict,
    tournament,
)
from salesmgmt.engines.series.trend_line import TrendLine
from salesmgmt.engines.series.usual import usual_methods

__all__ = [
    "TSB",
    "Accuracy",
    "Backtest",
    "Band",
    "Comparison",
    "Contender",
    "Criterion",
    "Croston",
    "CrostonFit",
    "CrostonVariant",
    "Drift",
    "ExponentialSmoothing",
    "Fitted",
    "Forecaster",
    "Margin",
    "Naive",
    "RunRate",
    "Seasonal",
    "SeasonalNaive",
    "Sides",
    "Smoothed",
    "Standing",
    "Step",
    "Theta",
    "ThetaFit",
    "Tournament",
    "Trend",
    "TrendLine",
    "Unranked",
    "Verdict",
    "Window",
    "accuracy",
    "backtest",
    "compare",
    "conformal_margin",
    "forecast",
    "interval_score",
    "is_seasonal",
    "origins",
    "pinball_loss",
    "seasonal_figures",
    "tournament",
    "usual_methods",
]
