"""The methods that a tournament is usually held between."""

from __future__ import annotations

from salesmgmt.engines.series.baselines import Drift
from salesmgmt.engines.series.forecaster import Forecaster
from salesmgmt.engines.series.history import require_steps
from salesmgmt.engines.series.smoothing import ExponentialSmoothing, Seasonal, Trend
from salesmgmt.engines.series.theta import Theta
from salesmgmt.engines.series.trend_line import TrendLine


def usual_methods(season: int = 1) -> tuple[Forecaster, ...]:
    """Return drift, trend line, simple smoothing, Holt, damped Holt and Theta, and with a season Holt-Winters in both forms.

    Args:
        season: after how many values a pattern repeats; 1 for none.

    Raises:
        InvalidInput: the season is out of range.

    >>> from salesmgmt.engines.series import usual_methods
    >>> [method.name for method in usual_methods()]
    ['drift', 'trend line', 'simple smoothing', 'Holt', 'damped Holt', 'Theta']
    """
    methods: list[Forecaster] = [
        Drift(),
        TrendLine(),
        ExponentialSmoothing(),
        ExponentialSmoothing(trend=Trend.ADDITIVE),
        ExponentialSmoothing(trend=Trend.DAMPED),
        Theta(),
    ]
    if require_steps(season, "season") > 1:
        forms = (Seasonal.ADDITIVE, Seasonal.MULTIPLICATIVE)
        methods += [ExponentialSmoothing(trend=Trend.ADDITIVE, seasonal=form) for form in forms]
    return tuple(methods)
