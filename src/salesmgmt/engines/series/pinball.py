"""How good quantiles and intervals are that were forecast."""

from __future__ import annotations


def pinball_loss(actual: float, forecast: float, level: float) -> float:
    """Return the loss of a forecast of a quantile: `level` for each unit it was too low, 1 - `level` for each it was too high.

    Koenker & Bassett (1978), Econometrica 46: the true quantile has the least loss on average. At a level of 0.5 it is half the
    absolute error.

    Args:
        actual: what came.
        forecast: the quantile that was forecast.
        level: which quantile, above 0 and below 1.

    Raises:
        ValueError: the level is out of its range.

    >>> from salesmgmt.engines.series import pinball_loss
    >>> pinball_loss(10, 8, 0.75), pinball_loss(10, 12, 0.75)
    (1.5, 0.5)
    """
    if not 0 < level < 1:
        message = f"a level of {level}; it lies above 0 and below 1, as 0.9 for the upper tenth"
        raise ValueError(message)
    return level * (actual - forecast) if actual >= forecast else (1 - level) * (forecast - actual)


def interval_score(actual: float, low: float, high: float, confidence: float) -> float:
    """Return the score of an interval: its width, and 2 / (1 - `confidence`) for each unit that the value lay outside.

    Gneiting & Raftery (2007), Journal of the American Statistical Association 102, equation 43; the smaller the better.

    Args:
        actual: what came.
        low: the lower limit.
        high: the upper limit.
        confidence: of the interval, above 0 and below 1.

    Raises:
        ValueError: the confidence is out of its range.

    >>> from salesmgmt.engines.series import interval_score
    >>> interval_score(5, 2, 6, 0.5), interval_score(9, 2, 6, 0.5)
    (4.0, 16.0)
    """
    if not 0 < confidence < 1:
        message = f"a confidence of {confidence}; it lies above 0 and below 1, as 0.8 for 80 %"
        raise ValueError(message)
    outside = max(low - actual, actual - high, 0)
    return float(high - low + 2 / (1 - confidence) * outside)
