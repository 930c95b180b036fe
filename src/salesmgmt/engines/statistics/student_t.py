"""Student's t distribution: how often chance alone makes a difference as large as this one, and how far chance reaches."""

from __future__ import annotations

from math import exp, isinf, lgamma, log, log1p

from salesmgmt.engines.statistics.normal import require_confidence

_STEPS = 10_000
_PRECISION = 1e-15
_TINY = 1e-300


def two_sided_p(t: float, df: float) -> float:
    """Return the probability of a t statistic at least this far from zero, on either side.

    p = I_x(df/2, 1/2) with x = df / (df + t^2) (Abramowitz & Stegun 1964, 26.7.1 and 26.5.27), where I is the regularised
    incomplete beta function.

    Args:
        t: the statistic, of either sign; it may be infinite.
        df: degrees of freedom, above zero, not necessarily whole (Welch).

    Raises:
        ValueError: `df` is not above zero.

    >>> from salesmgmt.engines.statistics import two_sided_p
    >>> round(two_sided_p(2.776, 4), 4)
    0.05
    """
    if not df > 0:
        message = f"{df} degrees of freedom; there must be more than none"
        raise ValueError(message)
    if isinf(t):
        return 0.0
    square = t * t
    x, rest = df / (df + square), square / (df + square)
    return _incomplete_beta(df / 2, 0.5, x, rest)


def critical_t(confidence: float, df: float) -> float:
    """Return the distance from zero that a t statistic exceeds on either side with probability 1 - `confidence`.

    The inverse of `two_sided_p`, found by halving; it is what an interval is made with.

    Args:
        confidence: above 0 and below 1: 0.95 for an interval of 95 %.
        df: degrees of freedom, above zero.

    Raises:
        ValueError: either is out of its range.

    >>> from salesmgmt.engines.statistics import critical_t
    >>> round(critical_t(0.95, 10), 3)
    2.228
    """
    p = 1 - require_confidence(confidence)
    low, high = 0.0, 1.0
    while two_sided_p(high, df) > p:
        low, high = high, 2 * high
    while (middle := (low + high) / 2) not in (low, high):
        low, high = (middle, high) if two_sided_p(middle, df) > p else (low, middle)
    return high


def _incomplete_beta(a: float, b: float, x: float, rest: float) -> float:
    """I_x(a, b), given also `rest` = 1 - x without cancellation."""
    if x <= 0 or rest <= 0:
        return 0.0 if x <= 0 else 1.0
    front = exp(
        lgamma(a + b)
        - lgamma(a)
        - lgamma(b)
        + a * (log(x) if x < 0.5 else log1p(-rest))
        + b * (log(rest) if rest < 0.5 else log1p(-x))
    )
    # The fraction converges quickly below the mean of the distribution; beyond it the symmetry I_x(a, b) = 1 - I_1-x(b, a).
    if x < (a + 1) / (a + b + 2):
        return front * _continued_fraction(a, b, x) / a
    return 1 - front * _continued_fraction(b, a, rest) / b


def _continued_fraction(a: float, b: float, x: float) -> float:
    """The continued fraction of DLMF 8.17.22, by the method of Lentz (1976) as modified by Thompson & Barnett (1986)."""
    c = 1.0
    d = 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for coefficient in (even, odd):
            d = 1 / _away_from_zero(1 + coefficient * d)
            c = _away_from_zero(1 + coefficient / c)
            value *= c * d
        if abs(c * d - 1) < _PRECISION:
            break
    return value


def _away_from_zero(number: float) -> float:
    return number if abs(number) > _TINY else _TINY
