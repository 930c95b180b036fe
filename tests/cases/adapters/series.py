"""Kinds about time series: `ses`, `seasonal_naive`, `forecast_accuracy`, `croston`."""

from __future__ import annotations

from typing import Any

from salesmgmt.engines.series import Croston, CrostonVariant, ExponentialSmoothing, SeasonalNaive, accuracy
from salesmgmt.engines.series import forecast as forecast_with
from salesmgmt.engines.statistics import NoFit
from tests.cases.case import Adapter, Case


def ses(case: Case) -> dict[str, Any]:
    level = float(case.given.number("level0"))
    method = ExponentialSmoothing(alpha=float(case.given.number("alpha")), level=level)
    values = forecast_with(method, case.when.take("values"), horizon=1)
    return {"forecast": values.required()[0]}


def seasonal_naive(case: Case) -> dict[str, Any]:
    season, horizon = case.given.take("season"), case.when.take("h")
    values = forecast_with(SeasonalNaive(), case.when.take("values"), horizon=horizon, season=season)
    return {"values": None if values.value is None else list(values.value)}


def forecast_accuracy(case: Case) -> dict[str, Any]:
    found = accuracy(
        case.when.take("actual"),
        case.when.take("forecast"),
        history=case.given.take("train", None),
        season=case.given.take("season", 1),
    )
    return {name: getattr(found, name).value for name in ("mae", "wape", "mape", "mase", "bias")}


def croston(case: Case) -> dict[str, Any]:
    alpha, values = float(case.given.number("alpha")), case.when.take("values")
    classic = Croston(alpha=alpha).fit(values)
    corrected = Croston(CrostonVariant.SBA, alpha=alpha).fit(values)
    if isinstance(classic, NoFit) or isinstance(corrected, NoFit):
        return dict.fromkeys(("demand", "interval", "croston", "sba"))
    return {
        "demand": classic.demand,
        "interval": classic.interval,
        "croston": classic.rate,
        "sba": corrected.rate,
    }


ADAPTERS: dict[str, Adapter] = {
    "ses": ses,
    "seasonal_naive": seasonal_naive,
    "forecast_accuracy": forecast_accuracy,
    "croston": croston,
}
