"""The recursions of exponential smoothing in their error-correction form, and the states they start from.

Hyndman, Koehler, Ord & Snyder (2008), Forecasting with Exponential Smoothing, tables 2.2 and 2.3; `beta` and `gamma` are
theirs, so that the textbook's beta* is beta / alpha.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, log
from operator import mul

import attrs

from salesmgmt.engines.statistics import NoFit, fit_line


@attrs.frozen(kw_only=True)
class Weights:
    """How quickly level, trend and season follow the values, and what a trend keeps of itself each step."""

    alpha: float
    beta: float = 0.0
    gamma: float = 0.0
    phi: float = 1.0


@attrs.frozen
class States:
    """Level, trend and the seasonal figures of the season to come."""

    level: float = 0.0
    trend: float = 0.0
    seasonal: tuple[float, ...] = ()


def additive(values: Sequence[float], weights: Weights, start: States) -> tuple[list[float], States]:
    """Return the errors of the forecasts one step ahead, and the states after the last value."""
    alpha, beta, gamma, phi = weights.alpha, weights.beta, weights.gamma, weights.phi
    level, trend, seasonal = start.level, start.trend, list(start.seasonal)
    errors: list[float] = []
    note = errors.append
    if seasonal:
        length = len(seasonal)
        place = 0
        for value in values:
            slope = phi * trend
            error = value - level - slope - seasonal[place]
            level += slope + alpha * error
            trend = slope + beta * error
            seasonal[place] += gamma * error
            place = place + 1 if place + 1 < length else 0
            note(error)
        seasonal = seasonal[place:] + seasonal[:place]
    elif beta or trend:
        for value in values:
            slope = phi * trend
            error = value - level - slope
            level += slope + alpha * error
            trend = slope + beta * error
            note(error)
    else:
        for value in values:
            error = value - level
            level += alpha * error
            note(error)
    return errors, States(level, trend, tuple(seasonal))


def multiplicative(
    values: Sequence[float], weights: Weights, start: States
) -> tuple[float, list[float], States]:
    """Return the loss of the forecasts one step ahead, their errors, and the states after the last value.

    The seasonal figures are factors, and what is learnt from are errors as shares of the forecast: the model ETS(M, A, M), whose loss is n log of the
    sum of squared errors plus twice the sum of the logs of the forecasts (2008, equation 5.4). The loss
    is infinite as soon as a forecast is not positive.
    """
    alpha, beta, gamma, phi = weights.alpha, weights.beta, weights.gamma, weights.phi
    level, trend, seasonal = start.level, start.trend, list(start.seasonal)
    length = len(seasonal)
    place, squares, logs = 0, 0.0, 0.0
    errors: list[float] = []
    note = errors.append
    for value in values:
        base = level + phi * trend
        factor = seasonal[place]
        expected = base * factor
        if expected <= 0:
            return inf, errors, start
        note(value - expected)
        error = value / expected - 1
        squares += error * error
        logs += log(expected)
        level = base * (1 + alpha * error)
        trend = phi * trend + beta * base * error
        seasonal[place] = factor * (1 + gamma * error)
        place = place + 1 if place + 1 < length else 0
    loss = len(values) * log(squares) + 2 * logs if squares else -inf
    return loss, errors, States(level, trend, tuple(seasonal[place:] + seasonal[:place]))


@attrs.frozen
class Start:
    """The best states to start from, and the sum of squared errors they lead to."""

    states: States
    squares: float


def best_start(
    values: Sequence[float],
    weights: Weights,
    seasonal: tuple[float, ...],
    level: float | None,
    *,
    has_trend: bool,
) -> Start:
    """Return the level, unless it is given, and the trend before the first value with the least sum of squared errors.

    The errors are those from a start at zero plus what a level of one and a trend of one would add, as often as they are
    that large: a regression on at most two columns.
    """
    given = 0.0 if level is None else level
    errors, _ = additive(values, weights, States(given, 0.0, seasonal))
    nothing, flat = [0.0] * len(values), (0.0,) * len(seasonal)
    starts = [States(1.0, 0.0, flat)] if level is None else []
    starts += [States(0.0, 1.0, flat)] if has_trend else []
    columns = [additive(nothing, weights, start)[0] for start in starts]
    sizes, squares = _regression(errors, columns)
    slope = sizes[-1] if has_trend else 0.0
    return Start(States(sizes[0] if level is None else given, slope, seasonal), squares)


def _regression(errors: Sequence[float], columns: Sequence[Sequence[float]]) -> tuple[list[float], float]:
    """How much of each column, at most two, takes most from the squares of the errors, and what these come to."""
    squares = _dot(errors, errors)
    if not columns:
        return [], squares
    first = columns[0]
    length = _dot(first, first)
    along = -_dot(errors, first) / length
    if len(columns) == 1:
        return [along], max(squares - along * along * length, 0.0)
    second = columns[1]
    share = _dot(first, second) / length
    # The second column less what the first says of it.
    rest = [two - share * one for one, two in zip(first, second, strict=True)]
    width = _dot(rest, rest)
    # Columns that are all but the same cannot be told apart: the trend is then left at nothing.
    across = -_dot(errors, rest) / width if width > 1e-12 * _dot(second, second) else 0.0
    left = squares - along * along * length - across * across * width
    return [along - share * across, across], max(left, 0.0)


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    total: float = sum(map(mul, one, other))
    return total


def first_line(values: Sequence[float], season: int) -> tuple[float, float]:
    """Return level and trend before the first value, by least squares on the beginning of the series (2008, section 2.6.1)."""
    taken = values[: max(10, 2 * season)]
    found = fit_line(range(1, len(taken) + 1), taken)
    return (taken[0], 0.0) if isinstance(found, NoFit) else (found.intercept, found.slope)
