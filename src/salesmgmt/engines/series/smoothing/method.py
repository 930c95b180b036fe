"""The methods of exponential smoothing, and how their parameters are found."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from math import fsum, isfinite

import attrs

from salesmgmt.core.errors import option
from salesmgmt.engines.series.decomposition import seasonal_figures
from salesmgmt.engines.series.forecaster import too_few
from salesmgmt.engines.series.history import MOST_STEPS, require_share, require_steps, values_of
from salesmgmt.engines.series.smoothing._recursions import (
    Start,
    States,
    Weights,
    additive,
    best_start,
    first_line,
    multiplicative,
)
from salesmgmt.engines.series.smoothing._search import least
from salesmgmt.engines.series.smoothing.smoothed import Smoothed
from salesmgmt.engines.statistics import NoFit, NoFitReason
from salesmgmt.engines.statistics.no_fit import not_in_range

_LEAST, _MOST = 1e-4, 0.9999
_LEAST_PHI, _MOST_PHI = 0.8, 0.98
_OVERFLOWING = 1e300


class Trend(StrEnum):
    """How a level is carried on.

    >>> from salesmgmt.engines.series import Trend
    >>> Trend("damped").name
    'DAMPED'
    """

    NONE = "none"
    """Flat."""
    ADDITIVE = "additive"
    """On a straight line."""
    DAMPED = "damped"
    """On a line that flattens: each step gains a share of what the step before gained."""


class Seasonal(StrEnum):
    """How a season changes the level.

    >>> from salesmgmt.engines.series import Seasonal
    >>> Seasonal("multiplicative").name
    'MULTIPLICATIVE'
    """

    NONE = "none"
    """Not at all."""
    ADDITIVE = "additive"
    """By the same amount at any level."""
    MULTIPLICATIVE = "multiplicative"
    """By the same share of any level; for values above zero."""


def _trend(given: Trend | str) -> Trend:
    return option(Trend, given, "the trend")


def _seasonal(given: Seasonal | str) -> Seasonal:
    return option(Seasonal, given, "the season")


def _share(_: object, field: attrs.Attribute[float | None], share: float | None) -> None:
    require_share(share, field.name)


def _level(value: float | None) -> float | None:
    return None if value is None else values_of([value], "level")[0]


@attrs.frozen(kw_only=True)
class ExponentialSmoothing:
    """Forecasts that weigh values the less the older they are.

    Simple (Brown 1956), with a trend (Holt 1957), with a damped one (Gardner & McKenzie 1985), with a season (Winters 1960);
    equations of Hyndman, Koehler, Ord & Snyder (2008), Forecasting with Exponential Smoothing, tables 2.2 and 2.3.

    What is not given is estimated. Parameters: alpha in 0.0001 to 0.9999, beta below alpha, gamma below 1 - alpha, phi in 0.8 to
    0.98 (the bounds of R's `ets`); the best of a grid, then the simplex of Nelder & Mead (1965), without chance. They minimise
    the sum of squared errors one step ahead, with a multiplicative season the likelihood of ETS(M, A, M). Initial level and trend:
    without a multiplicative season the errors depend on them linearly, so that least squares gives the best ones exactly; with
    one they are searched together with the parameters. Initial season: classical decomposition (2008, section 2.6.1).

    Attributes:
        trend: how the level is carried on.
        seasonal: how a season changes it.
        alpha: how much of an error the level takes over, above 0 and at most 1; `None` to estimate it.
        beta: how much of it the trend takes over (alpha times the textbook's beta*); `None` to estimate it.
        gamma: how much of it the season takes over; `None` to estimate it.
        phi: what a damped trend keeps of itself each step; `None` to estimate it.
        level: the level before the first value; `None` to estimate it.

    >>> from salesmgmt.engines.series import ExponentialSmoothing, Trend
    >>> ExponentialSmoothing(trend=Trend.DAMPED).name
    'damped Holt'
    >>> [round(one, 6) for one in ExponentialSmoothing(trend=Trend.ADDITIVE).fit([3, 5, 7, 9, 11, 13]).predict(2)]
    [15.0, 17.0]
    """

    trend: Trend = attrs.field(default=Trend.NONE, converter=_trend)
    seasonal: Seasonal = attrs.field(default=Seasonal.NONE, converter=_seasonal)
    alpha: float | None = attrs.field(default=None, validator=_share)
    beta: float | None = attrs.field(default=None, validator=_share)
    gamma: float | None = attrs.field(default=None, validator=_share)
    phi: float | None = attrs.field(default=None, validator=_share)
    level: float | None = attrs.field(default=None, converter=_level)

    @property
    def name(self) -> str:
        """As the method is called: `simple smoothing`, `Holt`, `damped Holt-Winters multiplicative`, `seasonal smoothing`."""
        damped = "damped " if self.trend is Trend.DAMPED else ""
        if self.seasonal is Seasonal.NONE:
            return "simple smoothing" if self.trend is Trend.NONE else f"{damped}Holt"
        kind = "seasonal smoothing" if self.trend is Trend.NONE else "Holt-Winters"
        return f"{damped}{kind} {self.seasonal}"

    @property
    def complexity(self) -> int:
        """Parameters and initial states, a season counted as three."""
        trend = {Trend.NONE: 0, Trend.ADDITIVE: 2, Trend.DAMPED: 3}[self.trend]
        return 2 + trend + (0 if self.seasonal is Seasonal.NONE else 4)

    def fit(self, history: Sequence[float], *, season: int = 1) -> Smoothed | NoFit:
        """Smooth a series.

        Without a season it takes one value more than there are figures to estimate; with one two whole seasons, and at least the
        season and five (Hyndman & Kostenko 2007, Foresight 6).

        Returns:
            The smoothed series; or `NoFit` for `too_few` values, `no_season` (a seasonal method, and a season of 1),
            `not_positive` (factors of values that are not above zero), or numbers `out_of_range`.

        >>> from salesmgmt.engines.series import ExponentialSmoothing
        >>> print(ExponentialSmoothing(seasonal="additive").fit([1, 2, 3, 4, 5, 6, 7, 8], season=1))
        no fit (no_season): found a season of 1, wanted the length of a season, at least 2
        """
        values = values_of(history)
        require_steps(season, "season")
        if refused := self._refusal(values, season):
            return refused
        try:
            if self.seasonal is Seasonal.MULTIPLICATIVE:
                fitted = self._fit_multiplicative(values, season)
            else:
                fitted = self._fit_additive(values, season)
        except ArithmeticError:
            return not_in_range(len(values))
        reach = (abs(fitted.level) + MOST_STEPS * abs(fitted.trend)) * max(
            1.0, *map(abs, fitted.seasonal), 1.0
        )
        return fitted if isfinite(reach) and reach < _OVERFLOWING else not_in_range(len(values))

    def _refusal(self, values: Sequence[float], season: int) -> NoFit | None:
        n = len(values)
        if self.seasonal is Seasonal.NONE:
            states = (self.level is None) + (self.trend is not Trend.NONE)
            wanted = len(self._searched) + states + 1
            return too_few(n, wanted) if n < wanted else None
        if season < 2:
            wanted_season = "the length of a season, at least 2"
            return NoFit(reason=NoFitReason.NO_SEASON, n=n, found="a season of 1", wanted=wanted_season)
        if n < max(2 * season, season + 5):
            return too_few(n, max(2 * season, season + 5))
        if self.seasonal is Seasonal.MULTIPLICATIVE and min(values) <= 0:
            found, above = f"{min(values):g}", "values above zero"
            return NoFit(reason=NoFitReason.NOT_POSITIVE, n=n, found=found, wanted=above)
        return None

    @property
    def _searched(self) -> list[str]:
        """The parameters of this form that are not given."""
        names = ["alpha"]
        names += ["beta"] if self.trend is not Trend.NONE else []
        names += ["gamma"] if self.seasonal is not Seasonal.NONE else []
        names += ["phi"] if self.trend is Trend.DAMPED else []
        return [name for name in names if getattr(self, name) is None]

    def _weights(self, place: Sequence[float]) -> Weights:
        """The parameters at a place of the unit cube, and those that are given."""
        at = dict(zip(self._searched, place, strict=False))
        alpha = _between(_LEAST, _MOST, at["alpha"]) if self.alpha is None else self.alpha
        beta = gamma = 0.0
        phi = 1.0
        if self.trend is not Trend.NONE:
            beta = alpha * _between(_LEAST, _MOST, at["beta"]) if self.beta is None else self.beta
        if self.seasonal is not Seasonal.NONE:
            gamma = (1 - alpha) * _between(_LEAST, _MOST, at["gamma"]) if self.gamma is None else self.gamma
        if self.trend is Trend.DAMPED:
            phi = _between(_LEAST_PHI, _MOST_PHI, at["phi"]) if self.phi is None else self.phi
        return Weights(alpha=alpha, beta=beta, gamma=gamma, phi=phi)

    def _fit_additive(self, values: Sequence[float], season: int) -> Smoothed:
        # About their mean, so that a far-off level costs no digits.
        centre = fsum(values) / len(values)
        moved = [value - centre for value in values]
        figures = () if self.seasonal is Seasonal.NONE else seasonal_figures(values, season)
        given = None if self.level is None else self.level - centre
        has_trend = self.trend is not Trend.NONE

        def start_of(weights: Weights) -> Start:
            return best_start(moved, weights, figures, given, has_trend=has_trend)

        place = least(lambda point: start_of(self._weights(point)).squares, len(self._searched))
        weights = self._weights(place)
        start = start_of(weights).states
        errors, end = additive(moved, weights, start)
        end = attrs.evolve(end, level=end.level + centre)
        return self._smoothed(weights, start.level + centre, end, errors)

    def _fit_multiplicative(self, values: Sequence[float], season: int) -> Smoothed:
        figures = seasonal_figures(values, season, multiplicative=True)
        figures = tuple(max(figure, 0.01) for figure in figures)
        smooth = [value / figures[place % season] for place, value in enumerate(values)]
        level, slope = first_line(smooth, season)
        scale = fsum(smooth[:season]) / season
        level = level if level > 0 else scale
        starts = [0.5] * ((self.level is None) + (self.trend is not Trend.NONE))

        def start_of(place: Sequence[float]) -> States:
            moves = [(2 * one - 1) * scale / 2 for one in place[len(place) - len(starts) :]]
            first = level + moves.pop(0) if self.level is None else self.level
            trend = slope + moves.pop() / 5 if moves else 0.0
            return States(first, trend, figures)

        def loss(place: Sequence[float]) -> float:
            return multiplicative(values, self._weights(place), start_of(place))[0]

        place = least(loss, len(self._searched) + len(starts), starts)
        weights, start = self._weights(place), start_of(place)
        _, errors, end = multiplicative(values, weights, start)
        return self._smoothed(weights, start.level, end, errors)

    def _smoothed(self, weights: Weights, first: float, end: States, errors: Sequence[float]) -> Smoothed:
        return Smoothed(
            alpha=weights.alpha,
            beta=None if self.trend is Trend.NONE else weights.beta,
            gamma=None if self.seasonal is Seasonal.NONE else weights.gamma,
            phi=weights.phi if self.trend is Trend.DAMPED else None,
            level=end.level,
            trend=end.trend,
            seasonal=end.seasonal,
            multiplicative=self.seasonal is Seasonal.MULTIPLICATIVE,
            initial_level=first,
            errors=tuple(errors),
        )


def _between(low: float, high: float, place: float) -> float:
    return low + (high - low) * place
