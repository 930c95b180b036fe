"""Methods of the package statsforecast as contenders, for hosts that have it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import attrs

from salesmgmt.core.errors import MissingExtra
from salesmgmt.engines.series.forecaster import Fitted, too_few
from salesmgmt.engines.series.history import require_steps, values_of
from salesmgmt.engines.statistics import NoFit
from salesmgmt.engines.statistics.no_fit import not_in_range


@attrs.frozen
class _Fitted:
    model: Any

    def predict(self, horizon: int) -> tuple[float, ...]:
        found = self.model.predict(h=require_steps(horizon, "horizon"))["mean"]
        return tuple(float(value) for value in found)


@attrs.frozen(kw_only=True)
class StatsforecastMethod:
    """A model of statsforecast behind the same protocol as the methods of this package (extra `forecast`).

    Attributes:
        name: how reports call it.
        model: makes the model for a length of season: `lambda season: AutoETS(season_length=season)`.
        least: the fewest values it is given; its models have different needs and fail in different ways below them.
        complexity: how many figures it learns from the series.

    >>> from salesmgmt.engines.series.statsforecast_backend import StatsforecastMethod
    >>> StatsforecastMethod(name="AutoETS", model=lambda season: None).least
    10
    """

    name: str
    model: Callable[[int], Any]
    least: int = 10
    complexity: int = 10

    def fit(self, history: Sequence[float], *, season: int = 1) -> Fitted | NoFit:
        """Fit the model; it needs `least` values and two seasons.

        Raises:
            MissingExtra: numpy, which statsforecast brings along, is not installed.
            InvalidInput: the values or the season are out of range.

        >>> from salesmgmt.engines.series.statsforecast_backend import StatsforecastMethod
        >>> StatsforecastMethod(name="AutoETS", model=lambda season: None).fit([1, 2]).reason.value
        'too_few'
        """
        values = values_of(history)
        wanted = max(self.least, 2 * require_steps(season, "season") if season > 1 else 0)
        if len(values) < wanted:
            return too_few(len(values), wanted)
        try:
            import numpy as np  # noqa: PLC0415 - an optional extra
        except ImportError:
            package, extra = "statsforecast", "forecast"
            raise MissingExtra(package, extra) from None
        fitted = _Fitted(self.model(season).fit(np.array(values)))
        return fitted if all(map(np.isfinite, fitted.predict(1))) else not_in_range(len(values))


def auto_ets() -> StatsforecastMethod:
    """Return the state-space model of exponential smoothing that statsforecast chooses by AICc.

    Raises:
        MissingExtra: statsforecast is not installed.
    """
    return _method("AutoETS")


def auto_theta() -> StatsforecastMethod:
    """Return the variant of Theta that statsforecast chooses by its error.

    Raises:
        MissingExtra: statsforecast is not installed.
    """
    return _method("AutoTheta")


def auto_arima() -> StatsforecastMethod:
    """Return the ARIMA model that statsforecast chooses by AICc.

    Raises:
        MissingExtra: statsforecast is not installed.
    """
    return _method("AutoARIMA")


def _method(name: str) -> StatsforecastMethod:
    try:
        models = import_module("statsforecast.models")
    except ImportError:
        package, extra = "statsforecast", "forecast"
        raise MissingExtra(package, extra) from None
    kind = getattr(models, name)
    return StatsforecastMethod(name=f"statsforecast {name}", model=lambda season: kind(season_length=season))
