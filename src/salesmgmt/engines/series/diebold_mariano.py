"""Whether one method forecasts better than another, or was only luckier."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum, sqrt

import attrs

from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.core.measured import Measured
from salesmgmt.engines.series.backtest import Backtest
from salesmgmt.engines.statistics import two_sided_p

_FEWEST = 5
_NOISE = 1e-12


@attrs.frozen(kw_only=True)
class Comparison:
    """Two methods over the same origins.

    Attributes:
        difference: mean absolute error of the first less that of the second; below zero when the first is better.
        statistic: the difference in units of its standard error.
        p: how often chance alone makes a difference at least as large, either way, of methods that are equally good.

    >>> from salesmgmt.engines.series import Comparison
    >>> Comparison(difference=-1.0, statistic=-2.6, p=0.02).is_distinguishable
    True
    """

    difference: float
    statistic: float
    p: float

    @property
    def is_distinguishable(self) -> bool:
        """Whether chance alone does this in less than one case of twenty."""
        return self.p < 0.05


def compare(one: Backtest, other: Backtest) -> Measured[Comparison]:
    """Test whether two contenders differ in absolute error, by origin.

    Diebold & Mariano (1995), Journal of Business & Economic Statistics 13, with the correction for small samples of Harvey,
    Leybourne & Newbold (1997), International Journal of Forecasting 13. The loss of an origin is the mean absolute error over its
    steps; as horizons overlap, covariances up to the last overlapping origin count. Should they make the variance zero or less,
    it is taken without them, as R's `dm.test` does.

    Args:
        one: a backtest.
        other: that of another contender, with the same origins and horizon.

    Returns:
        The comparison; undefined, flagged `too_few_windows` (fewer than five, or no more than overlap),
        `same_errors`, or `same_difference`: it has no variance, so that no test applies.

    Raises:
        InvalidInput: they have not the same origins and horizon.

    >>> from salesmgmt.engines.series import Contender, Naive, RunRate, backtest, compare
    >>> series = [10, 12, 14, 15, 18, 20, 22, 24, 25, 28]
    >>> naive, mean = (backtest(Contender.of(one, series, horizon=1), series) for one in (Naive(), RunRate()))
    >>> compare(naive, mean).required().is_distinguishable
    True
    """
    origins = [window.origin for window in one.windows]
    if origins != [window.origin for window in other.windows] or one.horizon != other.horizon:
        found = f"{len(other.windows)} origins, horizon {other.horizon}"
        wanted = f"the {len(origins)} origins of {one.name}, horizon {one.horizon}"
        raise InvalidInput("a comparison", [Problem(other.name, "origins", found, wanted)])
    n = len(origins)
    overlapping = -(-one.horizon // one.step)
    if n < max(_FEWEST, overlapping + 1):
        return Measured(None, "too_few_windows", n=n)
    losses = [_losses(one), _losses(other)]
    differences = [a - b for a, b in zip(*losses, strict=True)]
    mean = fsum(differences) / n
    moved = [difference - mean for difference in differences]
    noise = _NOISE * (fsum(losses[0]) + fsum(losses[1])) / n
    if max(map(abs, differences)) <= noise:
        return Measured(None, "same_errors", n=n)
    variance = _covariance(moved, 0)
    whole = variance + 2 * fsum(_covariance(moved, lag) for lag in range(1, overlapping))
    if whole > 0:
        variance = whole
    else:
        overlapping = 1
    if sqrt(variance) <= noise:
        return Measured(None, "same_difference", n=n)
    correction = (n + 1 - 2 * overlapping + overlapping * (overlapping - 1) / n) / n
    statistic = mean / sqrt(variance / n) * sqrt(max(correction, 0.0))
    return Measured(Comparison(difference=mean, statistic=statistic, p=two_sided_p(statistic, n - 1)), n=n)


def _losses(tested: Backtest) -> list[float]:
    return [fsum(map(abs, window.residuals)) / tested.horizon for window in tested.windows]


def _covariance(moved: Sequence[float], lag: int) -> float:
    return fsum(a * b for a, b in zip(moved, moved[lag:], strict=False)) / len(moved)
