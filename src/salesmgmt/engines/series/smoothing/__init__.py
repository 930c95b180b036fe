"""Exponential smoothing in all its usual forms: simple, Holt, damped, Holt-Winters additive and multiplicative."""

from salesmgmt.engines.series.smoothing.method import ExponentialSmoothing, Seasonal, Trend
from salesmgmt.engines.series.smoothing.smoothed import Smoothed

__all__ = ["ExponentialSmoothing", "Seasonal", "Smoothed", "Trend"]
