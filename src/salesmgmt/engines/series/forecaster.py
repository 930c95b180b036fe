"""What a method of forecasting is: something that fits a series and then looks ahead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from salesmgmt.core.measured import Measured
from salesmgmt.engines.series.history import require_steps
from salesmgmt.engines.statistics import NoFit, NoFitReason


class Fitted(Protocol):
    """A method after it has seen a series."""

    def predict(self, horizon: int) -> tuple[float, ...]:
        """Return the next `horizon` values, all finite; raises `InvalidInput` for a horizon below 1 or above 1,000."""
        ...


@runtime_checkable
class Forecaster(Protocol):
    """A method of forecasting: a definition without state, so that one object serves any number of series.

    >>> from salesmgmt.engines.series import Forecaster, Naive
    >>> isinstance(Naive(), Forecaster)
    True
    """

    @property
    def name(self) -> str:
        """How reports call it."""
        ...

    @property
    def complexity(self) -> int:
        """How many figures it learns from the series; of two that forecast equally well the simpler is taken."""
        ...

    def fit(self, history: Sequence[float], *, season: int = 1) -> Fitted | NoFit:
        """Fit the method to a series.

        Args:
            history: the values, the oldest first.
            season: after how many values a pattern repeats: 12 for months of a year, 1 for none.

        Returns:
            What can look ahead; or why the series does not allow it.

        Raises:
            InvalidInput: the values are no finite numbers, there are too many, or the season is none.
        """
        ...


def forecast(
    method: Forecaster, history: Sequence[float], *, horizon: int, season: int = 1
) -> Measured[tuple[float, ...]]:
    """Fit a method and look ahead.

    Args:
        method: how.
        history: the values, the oldest first.
        horizon: how many values to forecast, 1 to 1,000.
        season: after how many values a pattern repeats.

    Returns:
        The forecasts; undefined, flagged with the reason (`too_few`), when the series does not allow the method.

    Raises:
        InvalidInput: an argument is out of range.

    >>> from salesmgmt.engines.series import SeasonalNaive, forecast
    >>> forecast(SeasonalNaive(), [12, 15, 20, 14, 13], horizon=2, season=4)
    Measured((15.0, 20.0), n=5)
    >>> forecast(SeasonalNaive(), [12, 15], horizon=2, season=4)
    Measured(None, flag='too_few', n=2)
    """
    require_steps(horizon, "horizon")
    fitted = method.fit(history, season=season)
    if isinstance(fitted, NoFit):
        return Measured(None, str(fitted.reason), n=len(history))
    return Measured(fitted.predict(horizon), n=len(history))


def too_few(n: int, wanted: int) -> NoFit:
    """Return the answer that a series is too short for a method.

    >>> from salesmgmt.engines.series.forecaster import too_few
    >>> print(too_few(1, 2))
    no fit (too_few): found 1 value, wanted at least 2
    """
    found = f"{n} value{'' if n == 1 else 's'}"
    return NoFit(reason=NoFitReason.TOO_FEW, n=n, found=found, wanted=f"at least {wanted}")
