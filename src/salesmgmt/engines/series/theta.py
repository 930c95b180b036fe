"""The Theta method."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import attrs

from salesmgmt.engines.series.decomposition import is_seasonal, seasonal_figures
from salesmgmt.engines.series.forecaster import Fitted, too_few
from salesmgmt.engines.series.history import LARGEST, require_steps, values_of
from salesmgmt.engines.series.line import Line
from salesmgmt.engines.series.smoothing import ExponentialSmoothing, Smoothed
from salesmgmt.engines.statistics import NoFit, fit_line
from salesmgmt.engines.statistics.no_fit import not_in_range

_LEAST_FACTOR = 0.01


@attrs.frozen(kw_only=True)
class ThetaFit:
    """A series after the Theta method.

    Attributes:
        smoothed: the theta line of 2, the series with its curvature doubled, smoothed.
        line: the theta line of 0, the regression line.
        seasonal: the figures of the season to come; empty when none was taken out.
        multiplicative: whether these are factors.

    >>> from salesmgmt.engines.series import Theta
    >>> [round(one, 3) for one in Theta().fit([2, 4, 6, 8, 10]).predict(2)]
    [11.0, 12.0]
    """

    smoothed: Smoothed
    line: Line
    seasonal: tuple[float, ...]
    multiplicative: bool

    def predict(self, horizon: int) -> tuple[float, ...]:
        """Return the next `horizon` values: the mean of both lines, with the season.

        >>> from salesmgmt.engines.series import Theta
        >>> Theta().fit([5, 5, 5, 5, 5]).predict(2)
        (5.0, 5.0)
        """
        lines = zip(self.smoothed.predict(horizon), self.line.predict(horizon), strict=True)
        means = [curve / 2 + straight / 2 for curve, straight in lines]
        if not self.seasonal:
            return tuple(means)
        season = len(self.seasonal)
        figures = [self.seasonal[step % season] for step in range(horizon)]
        pairs = zip(means, figures, strict=True)
        return tuple(mean * one if self.multiplicative else mean + one for mean, one in pairs)


@attrs.frozen
class Theta:
    """The mean of a straight line and a smoothed curve; the winner of the M3 competition.

    Assimakopoulos & Nikolopoulos (2000), International Journal of Forecasting 16: a season that the test finds (`is_seasonal`)
    is taken out by classical multiplicative decomposition, additive when a value is not above zero; the regression line
    (theta 0) is carried on, the line 2 y - regression (theta 2) is smoothed and carried on flat, and their mean gets the season back.
    Hyndman & Billah (2003), International Journal of Forecasting 19, show that this is simple smoothing with half the slope of
    the regression as drift. Parameter and initial level of the smoothing are estimated, as in the standard Theta model of
    Fiorucci et al. (2016), International Journal of Forecasting 32.

    >>> from salesmgmt.engines.series import Theta
    >>> [round(one, 1) for one in Theta().fit([10, 20, 30, 15] * 6, season=4).predict(4)]
    [10.0, 20.0, 30.0, 15.0]
    """

    name: ClassVar[str] = "Theta"
    complexity: ClassVar[int] = 3

    def fit(self, history: Sequence[float], *, season: int = 1) -> Fitted | NoFit:
        """Split the series into its lines; it needs four values.

        >>> from salesmgmt.engines.series import Theta
        >>> Theta().fit([1, 2, 3]).reason.value
        'too_few'
        """
        values = values_of(history)
        require_steps(season, "season")
        if len(values) < 4:
            return too_few(len(values), 4)
        figures, multiplicative = _season_of(values, season)
        repeated = [figures[place % season] for place in range(len(values))] if figures else []
        if figures:
            pairs = zip(values, repeated, strict=True)
            values = tuple(value / one if multiplicative else value - one for value, one in pairs)
        regression = fit_line(range(1, len(values) + 1), values)
        if isinstance(regression, NoFit):
            return regression
        straight = [regression.intercept + regression.slope * step for step in range(1, len(values) + 1)]
        doubled = [2 * value - one for value, one in zip(values, straight, strict=True)]
        if max(map(abs, doubled)) > LARGEST:
            return not_in_range(len(values))
        smoothed = ExponentialSmoothing().fit(doubled)
        if isinstance(smoothed, NoFit):
            return smoothed
        next_place = len(values) % season
        return ThetaFit(
            smoothed=smoothed,
            line=Line(straight[-1], regression.slope),
            seasonal=figures[next_place:] + figures[:next_place],
            multiplicative=multiplicative,
        )


def _season_of(values: Sequence[float], season: int) -> tuple[tuple[float, ...], bool]:
    """The figures of the season that is taken out, and whether these are factors."""
    if not is_seasonal(values, season):
        return (), False
    if min(values) > 0:
        factors = seasonal_figures(values, season, multiplicative=True)
        if min(factors) >= _LEAST_FACTOR:
            return factors, True
    return seasonal_figures(values, season), False
