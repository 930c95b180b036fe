"""How far two shares of successes lie apart, and how sure that is."""

from __future__ import annotations

from math import hypot

from salesmgmt.engines.statistics.proportion import wilson_interval


def newcombe_interval(
    successes: int, trials: int, other_successes: int, other_trials: int, confidence: float = 0.95
) -> tuple[float, float]:
    """Return the interval of the difference of two success probabilities, the first minus the second.

    Newcombe (1998), Statistics in Medicine 17(8), method 10: made of the Wilson intervals of both, so that it stays within -1
    and 1. It supposes that the two groups, and the trials within each, do not depend on each other.

    Args:
        successes: of the first group, 0 to `trials`.
        trials: of the first group, at least 1.
        other_successes: of the second group.
        other_trials: of the second group.
        confidence: above 0 and below 1.

    Raises:
        ValueError: an argument is out of range.

    >>> from salesmgmt.engines.statistics import newcombe_interval
    >>> low, high = newcombe_interval(56, 70, 48, 80)
    >>> round(low, 4), round(high, 4)
    (0.0524, 0.3339)
    """
    low, high = wilson_interval(successes, trials, confidence)
    other_low, other_high = wilson_interval(other_successes, other_trials, confidence)
    share, other = successes / trials, other_successes / other_trials
    apart = share - other
    return apart - hypot(share - low, other_high - other), apart + hypot(high - share, other - other_low)
