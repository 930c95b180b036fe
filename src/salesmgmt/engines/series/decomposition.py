"""The pattern of a season, by classical decomposition."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum, sqrt

from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.engines.series.history import require_steps, values_of
from salesmgmt.engines.statistics import critical_z


def seasonal_figures(
    history: Sequence[float], season: int, *, multiplicative: bool = False
) -> tuple[float, ...]:
    """Return what each place of the season adds to the series, or by what factor it changes it.

    Classical decomposition (Hyndman & Athanasopoulos, 2nd ed., 6.3): the mean deviation of each place from the centred moving
    average, or its mean ratio to it; corrected so that deviations add up to 0 and factors to the length of the season.

    Args:
        history: the values, the oldest first; at least two seasons.
        season: how many values a season has, at least 2.
        multiplicative: whether to return factors; every value must then be above zero.

    Returns:
        As many figures as the season has places; the first belongs to the first value.

    Raises:
        InvalidInput: there are fewer than two seasons, or a value of zero or less where factors are asked for.

    >>> from salesmgmt.engines.series import seasonal_figures
    >>> seasonal_figures([11, 9, 13, 11, 15, 13, 17, 15], 2)
    (1.5, -1.5)
    """
    values = values_of(history)
    require_steps(season, "season", least=2)
    if len(values) < 2 * season:
        found = f"{len(values)} values"
        raise InvalidInput("a season", [Problem("history", "too_few", found, f"two seasons of {season}")])
    if multiplicative and min(values) <= 0:
        wanted = "values above zero, or additive figures"
        raise InvalidInput("a season", [Problem("history", "not_positive", f"{min(values):g}", wanted)])
    trend = _centred_average(values, season)
    before = season // 2
    deviations: list[list[float]] = [[] for _ in range(season)]
    for place, middle in enumerate(trend, before):
        value = values[place]
        deviations[place % season].append(value / middle if multiplicative else value - middle)
    means = [fsum(one) / len(one) for one in deviations]
    centre = fsum(means) / season
    return tuple(mean / centre if multiplicative else mean - centre for mean in means)


def is_seasonal(history: Sequence[float], season: int) -> bool:
    """Whether a season of this length shows in the series, by the test of the M3 competition.

    The autocorrelation r at the lag of the season must exceed 1.645 sqrt((1 + 2 (r1^2 + ... + r(m-1)^2)) / n), 90 % confidence
    with the error of Bartlett (1946); Assimakopoulos & Nikolopoulos (2000), International Journal of Forecasting 16, as in R's
    `thetaf` and in statsforecast.

    Args:
        history: the values, the oldest first.
        season: how many values a season has; below four, or with fewer than two seasons, nothing is found.

    >>> from salesmgmt.engines.series import is_seasonal
    >>> is_seasonal([10, 20, 30, 15] * 6, 4), is_seasonal([10, 20, 30, 15], 4)
    (True, False)
    """
    values = values_of(history)
    require_steps(season, "season")
    n = len(values)
    if season < 4 or n < 2 * season:
        return False
    mean = fsum(values) / n
    moved = [value - mean for value in values]
    spread = fsum(one * one for one in moved)
    if not spread:
        return False
    lags = [
        fsum(a * b for a, b in zip(moved, moved[lag:], strict=False)) / spread for lag in range(1, season + 1)
    ]
    error = sqrt((1 + 2 * fsum(one * one for one in lags[:-1])) / n)
    return abs(lags[-1]) > critical_z(0.9) * error


def _centred_average(values: Sequence[float], season: int) -> list[float]:
    """The moving average over one season; for an even one the two at the ends count half."""
    if season % 2:
        return [fsum(values[at : at + season]) / season for at in range(len(values) - season + 1)]
    return [
        fsum((values[at] / 2, *values[at + 1 : at + season], values[at + season] / 2)) / season
        for at in range(len(values) - season)
    ]
