"""How far forecasts are from what came."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import fsum, isfinite, sqrt

import attrs

from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.core.measured import Measured
from salesmgmt.engines.series.history import require_steps, values_of


@attrs.frozen(kw_only=True)
class Accuracy:
    """The usual measures of accuracy; each may be undefined, and says why.

    Attributes:
        n: how many forecasts.
        mae: mean absolute error.
        rmse: root of the mean squared error.
        bias: mean of forecast less actual: above zero when forecasts are too high.
        wape: sum of the absolute errors by sum of the absolute actual values; `zero_actual` when all are zero.
        mape: mean of the absolute errors as shares of the actual values; `zero_actual` when one of these is zero.
        smape: mean of 2 |error| / (|actual| + |forecast|), 0 to 2; `zero_actual` when both are zero once.
        mase: mean absolute error by that of the seasonal naive method in the series before (Hyndman & Koehler 2006, International
            Journal of Forecasting 22); `no_history` when none was given, `constant_history` when that error is zero.

    >>> from salesmgmt.engines.series import accuracy
    >>> accuracy([10, 0], [12, 1]).bias
    Measured(1.5, n=2)
    >>> accuracy([10, 0], [12, 1]).mape
    Measured(None, flag='zero_actual', n=2)
    """

    n: int
    mae: Measured[float]
    rmse: Measured[float]
    bias: Measured[float]
    wape: Measured[float]
    mape: Measured[float]
    smape: Measured[float]
    mase: Measured[float]


def accuracy(
    actual: Sequence[float],
    forecast: Sequence[float],
    *,
    history: Sequence[float] | None = None,
    season: int = 1,
) -> Accuracy:
    """Compare forecasts with what came (Hyndman & Athanasopoulos, Forecasting, 2nd ed., 3.4).

    Args:
        actual: what came.
        forecast: what was forecast, as many.
        history: the series that the forecasts were made from, for `mase`.
        season: after how many values its pattern repeats.

    Raises:
        InvalidInput: values are no finite numbers, or there are not as many of both.

    >>> from salesmgmt.engines.series import accuracy
    >>> accuracy([4, 6], [5, 5], history=[1, 3, 5]).mase
    Measured(0.5, n=2)
    """
    came, said = values_of(actual, "actual"), values_of(forecast, "forecast")
    require_steps(season, "season")
    if len(came) != len(said):
        problem = Problem(
            "forecast", "length", f"{len(said)} values", f"{len(came)}, one for each actual value"
        )
        raise InvalidInput("an accuracy", [problem])
    n = len(came)
    errors = [guess - value for value, guess in zip(came, said, strict=True)]
    sizes = [abs(error) for error in errors]
    both = [abs(value) + abs(guess) for value, guess in zip(came, said, strict=True)]
    volume = fsum(map(abs, came))
    return Accuracy(
        n=n,
        mae=_measured(n, lambda: fsum(sizes) / n),
        rmse=_measured(n, lambda: sqrt(fsum(size * size for size in sizes) / n)),
        bias=_measured(n, lambda: fsum(errors) / n),
        wape=_measured(n, lambda: fsum(sizes) / volume, "zero_actual"),
        mape=_measured(
            n, lambda: fsum(s / abs(v) for s, v in zip(sizes, came, strict=True)) / n, "zero_actual"
        ),
        smape=_measured(
            n, lambda: fsum(2 * s / b for s, b in zip(sizes, both, strict=True)) / n, "zero_actual"
        ),
        mase=_mase(n, sizes, None if history is None else values_of(history), season),
    )


def _mase(n: int, sizes: Sequence[float], history: Sequence[float] | None, season: int) -> Measured[float]:
    if history is None or len(history) <= season:
        return Measured(None, "no_forecasts" if not n else "no_history", n=n)
    steps = [abs(later - value) for value, later in zip(history, history[season:], strict=False)]
    scale = fsum(steps) / len(steps)
    return _measured(n, lambda: fsum(sizes) / n / scale, "constant_history")


def _measured(n: int, figure: Callable[[], float], flag: str = "") -> Measured[float]:
    if not n:
        return Measured(None, "no_forecasts", n=0)
    try:
        value = figure()
    except ZeroDivisionError:
        return Measured(None, flag, n=n)
    except OverflowError:
        return Measured(None, "out_of_range", n=n)
    return Measured(value, n=n) if isfinite(value) else Measured(None, "out_of_range", n=n)
