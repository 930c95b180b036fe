"""A straight line through points, by least squares."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum, isfinite, sqrt

import attrs

from salesmgmt.engines.statistics.no_fit import NoFit, NoFitReason, not_in_range
from salesmgmt.engines.statistics.student_t import critical_t, two_sided_p

_ROUNDING_NOISE = 1e-14


@attrs.frozen(kw_only=True)
class LineFit:
    """The line y = intercept + slope x that least squares give, with its errors.

    It is kept around the centre of the x, where level and slope do not depend on each other and no digits are lost.

    Attributes:
        n: how many points it was fitted to.
        centre: mean of the x.
        level: the line at the centre: the mean of the y.
        slope: what y gains per unit of x.
        residual_error: standard deviation of the points about the line, with n - 2 degrees of freedom.
        slope_error: standard error of the slope.
        r_squared: share of the variation of y that the line explains; `None` when y does not vary.

    >>> from salesmgmt.engines.statistics import fit_line
    >>> fit = fit_line([1, 2, 3, 4], [2, 4, 5, 4])
    >>> round(fit.slope, 9), round(fit.intercept, 9), round(fit.slope_error, 6)
    (0.7, 2.0, 0.479583)
    """

    n: int
    centre: float
    level: float
    slope: float
    residual_error: float
    slope_error: float
    r_squared: float | None

    @property
    def df(self) -> int:
        """Degrees of freedom of the errors."""
        return self.n - 2

    @property
    def intercept(self) -> float:
        """The line at x = 0."""
        return self.level - self.slope * self.centre

    @property
    def intercept_error(self) -> float:
        """Standard error of the intercept."""
        return sqrt(self.residual_error**2 / self.n + (self.slope_error * self.centre) ** 2)

    @property
    def is_exact(self) -> bool:
        """Whether all points lie on the line, as far as floats can tell; its errors then say nothing."""
        return self.r_squared is None or 1 - self.r_squared < _ROUNDING_NOISE

    def slope_interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Return the interval of the slope by Student's t; raises `ValueError` for a confidence that is none.

        >>> from salesmgmt.engines.statistics import fit_line
        >>> low, high = fit_line([1, 2, 3, 4], [2, 4, 5, 4]).slope_interval(0.95)
        >>> round(low, 3), round(high, 3)
        (-1.363, 2.763)
        """
        reach = critical_t(confidence, self.df) * self.slope_error
        return self.slope - reach, self.slope + reach

    @property
    def slope_p(self) -> float:
        """How often chance alone makes a slope as steep, either way; 0 when all points lie on a line that rises or falls."""
        if not self.slope_error:
            return 1.0 if not self.slope else 0.0
        return two_sided_p(self.slope / self.slope_error, self.df)


def fit_line(x: Sequence[float], y: Sequence[float]) -> LineFit | NoFit:
    """Fit a line by ordinary least squares (Legendre 1805, Gauss 1809); the order of the points changes nothing.

    Args:
        x: where the points are, at least three at two places or more.
        y: how high they are, as many.

    Returns:
        The line; or `NoFit` for `too_few` points, `one_x`, or numbers `out_of_range`.

    Raises:
        ValueError: there are not as many x as y.

    >>> from salesmgmt.engines.statistics import fit_line
    >>> fit_line([1.0, 2.0], [1.0, 2.0]).reason.value
    'too_few'
    """
    n = len(x)
    points = list(zip(x, y, strict=True))
    if n < 3:
        return NoFit(reason=NoFitReason.TOO_FEW, n=n, found=f"{n} points", wanted="at least 3")
    if min(x) == max(x):
        return NoFit(reason=NoFitReason.ONE_X, n=n, found=f"{n} points at one x", wanted="two different x")
    try:
        return _fitted(n, points)
    except ArithmeticError:
        return not_in_range(n)


def _fitted(n: int, points: Sequence[tuple[float, float]]) -> LineFit | NoFit:
    centre, level = fsum(x for x, _ in points) / n, fsum(y for _, y in points) / n
    moved = [(x - centre, y - level) for x, y in points]
    spread = fsum(x * x for x, _ in moved)
    slope = fsum(x * y for x, y in moved) / spread
    residual = fsum((y - slope * x) ** 2 for x, y in moved)
    variation = fsum(y * y for _, y in moved)
    error = sqrt(residual / (n - 2))
    fit = LineFit(
        n=n,
        centre=centre,
        level=level,
        slope=slope,
        residual_error=error,
        slope_error=error / sqrt(spread),
        r_squared=1 - residual / variation if variation else None,
    )
    finite = (centre, level, spread, slope, error, fit.slope_error, variation)
    return fit if all(map(isfinite, finite)) else not_in_range(n)
