"""The chi-square distribution: how often chance alone makes counts differ as much from what was expected."""

from __future__ import annotations

from math import exp, lgamma, log

_STEPS = 10_000
_PRECISION = 1e-15
_TINY = 1e-300


def chi_square_p(statistic: float, df: int) -> float:
    """Return the probability of a chi-square statistic at least this large.

    p = Q(df/2, statistic/2), the regularised upper incomplete gamma function (Abramowitz & Stegun 1964, 26.4.19), by
    its series (6.5.29) below the mean and by its continued fraction (6.5.31) above.

    Args:
        statistic: not below 0; the sum of (found - expected)^2 / expected of Pearson (1900), say.
        df: degrees of freedom, 1 at least.

    Raises:
        ValueError: either is out of its range.

    >>> from salesmgmt.engines.statistics import chi_square_p
    >>> round(chi_square_p(3.841, 1), 3), round(chi_square_p(18.307, 10), 3)
    (0.05, 0.05)
    """
    if df < 1 or not statistic >= 0:
        message = f"a chi-square statistic of {statistic} with {df} degrees of freedom; give one from 0, and at least 1"
        raise ValueError(message)
    a, x = df / 2, statistic / 2
    if x == 0:
        return 1.0
    front = exp(a * log(x) - x - lgamma(a))
    if x < a + 1:
        return max(0.0, 1 - front * _series(a, x))
    return front * _continued_fraction(a, x)


def _series(a: float, x: float) -> float:
    term = total = 1 / a
    for n in range(1, _STEPS):
        term *= x / (a + n)
        total += term
        if term < total * _PRECISION:
            break
    return total


def _continued_fraction(a: float, x: float) -> float:
    """By the method of Lentz (1976) as modified by Thompson & Barnett (1986)."""
    b = x + 1 - a
    c = 1 / _TINY
    d = 1 / b
    value = d
    for n in range(1, _STEPS):
        step = -n * (n - a)
        b += 2
        d = 1 / _away_from_zero(step * d + b)
        c = _away_from_zero(b + step / c)
        value *= c * d
        if abs(c * d - 1) < _PRECISION:
            break
    return value


def _away_from_zero(number: float) -> float:
    return number if abs(number) > _TINY else _TINY
