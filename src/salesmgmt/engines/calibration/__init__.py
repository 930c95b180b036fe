"""Calibration: whether probabilities mean what they say, and how scores become probabilities that do.

    from salesmgmt.engines.calibration import area_under_curve, fit_isotonic, fit_platt, reliability_table

Scores and probabilities are binary floats, as in all statistics here; no amount of money passes through.
"""

from salesmgmt.engines.calibration.discrimination import area_under_curve
from salesmgmt.engines.calibration.folds import stratified_folds
from salesmgmt.engines.calibration.gauge import Gauge
from salesmgmt.engines.calibration.isotonic import IsotonicMap, fit_isotonic, isotonic_regression
from salesmgmt.engines.calibration.losses import brier_score, log_loss
from salesmgmt.engines.calibration.platt import PlattMap, fit_platt
from salesmgmt.engines.calibration.reliability import (
    Binning,
    ReliabilityBin,
    calibration_error_by_chance,
    expected_calibration_error,
    reliability_table,
)

__all__ = [
    "Binning",
    "Gauge",
    "IsotonicMap",
    "PlattMap",
    "ReliabilityBin",
    "area_under_curve",
    "brier_score",
    "calibration_error_by_chance",
    "expected_calibration_error",
    "fit_isotonic",
    "fit_platt",
    "isotonic_regression",
    "log_loss",
    "reliability_table",
    "stratified_folds",
]
