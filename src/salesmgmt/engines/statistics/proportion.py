"""A share of trials that succeeded, and how sure it is."""

from __future__ import annotations

from math import sqrt

from salesmgmt.engines.statistics.normal import critical_z


def wilson_interval(successes: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the interval of a success probability, without correction for continuity.

    The score interval of Wilson (1927), Journal of the American Statistical Association 22. Unlike the textbook interval it
    stays within 0 and 1, and has a width when nothing or everything succeeded (Newcombe 1998, Statistics in Medicine 17).
    It supposes that trials do not depend on each other.

    Args:
        successes: 0 to `trials`.
        trials: at least 1.
        confidence: above 0 and below 1.

    Raises:
        ValueError: an argument is out of range.

    >>> from salesmgmt.engines.statistics import wilson_interval
    >>> low, high = wilson_interval(81, 263)
    >>> round(low, 4), round(high, 4)
    (0.2553, 0.3662)
    """
    if not 0 <= successes <= trials or not trials:
        message = f"{successes} successes of {trials} trials; there must be a trial, and no more successes than trials"
        raise ValueError(message)
    z = critical_z(confidence)
    share, square = successes / trials, z * z
    centre = share + square / (2 * trials)
    reach = z * sqrt((share * (1 - share) + square / (4 * trials)) / trials)
    whole = 1 + square / trials
    # At the ends the difference is exactly none, which floats miss by their last digit.
    low = 0.0 if not successes else (centre - reach) / whole
    high = 1.0 if successes == trials else (centre + reach) / whole
    return low, high
