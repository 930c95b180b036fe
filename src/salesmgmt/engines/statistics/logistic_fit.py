"""How the chance of a success depends on one number: logistic regression."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, fsum, isfinite, log1p, sqrt

import attrs

from salesmgmt.engines.statistics.no_fit import NoFit, NoFitReason, not_in_range
from salesmgmt.engines.statistics.normal import critical_z

_STEPS = 100
_HALVINGS = 40
_PRECISION = 1e-18
# So near to the maximum whole steps converge, and the gain is too small to be seen in the likelihood.
_NEAR = 1e-8
_EVERYTHING = 700.0


@attrs.frozen(kw_only=True)
class LogisticFit:
    """The curve P(success) = 1 / (1 + exp(-(intercept + slope x))) of the greatest likelihood, with its errors.

    It is kept around the centre of the x, so that no digits are lost.

    Attributes:
        n: how many points it was fitted to.
        successes: how many of them succeeded.
        centre: the middle of the x.
        level: the log-odds at the centre.
        slope: what the log-odds gain per unit of x.
        level_variance: squared standard error of the level.
        slope_variance: squared standard error of the slope.
        covariance: of level and slope.
        log_likelihood: of the points.

    >>> from salesmgmt.engines.statistics import fit_logistic
    >>> fit = fit_logistic([0, 0, 0, 0, 1, 1, 1, 1], [True, True, True, False, True, False, False, False])
    >>> round(fit.probability(0), 6), round(fit.probability(1), 6)
    (0.75, 0.25)
    """

    n: int
    successes: int
    centre: float
    level: float
    slope: float
    level_variance: float
    slope_variance: float
    covariance: float
    log_likelihood: float

    @property
    def intercept(self) -> float:
        """The log-odds at x = 0."""
        return self.log_odds(0.0)

    @property
    def intercept_error(self) -> float:
        """Standard error of the intercept."""
        return self.log_odds_error(0.0)

    @property
    def slope_error(self) -> float:
        """Standard error of the slope."""
        return sqrt(self.slope_variance)

    def slope_interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Return the interval of the slope after Wald (1943); raises `ValueError` for a confidence that is none.

        >>> from salesmgmt.engines.statistics import fit_logistic
        >>> fit = fit_logistic([1, 2, 3, 4, 5, 6], [False, True, False, True, False, True])
        >>> low, high = fit.slope_interval()
        >>> low < fit.slope < high
        True
        """
        reach = critical_z(confidence) * self.slope_error
        return self.slope - reach, self.slope + reach

    def log_odds(self, x: float) -> float:
        """Return the logarithm of successes to failures at a place."""
        return self.level + self.slope * (x - self.centre)

    def log_odds_error(self, x: float) -> float:
        """Return the standard error of the log-odds at a place."""
        away = x - self.centre
        return sqrt(max(0.0, self.level_variance + away * (2 * self.covariance + away * self.slope_variance)))

    def probability(self, x: float) -> float:
        """Return the chance of a success at a place."""
        return probability_of(self.log_odds(x))

    def probability_interval(self, x: float, confidence: float = 0.95) -> tuple[float, float]:
        """Return the interval of the chance at a place: Wald's for the log-odds, turned into chances.

        >>> from salesmgmt.engines.statistics import fit_logistic
        >>> fit = fit_logistic([1, 2, 3, 4, 5, 6], [False, True, False, True, False, True])
        >>> low, high = fit.probability_interval(3.5)
        >>> 0 < low < fit.probability(3.5) < high < 1
        True
        """
        at, reach = self.log_odds(x), critical_z(confidence) * self.log_odds_error(x)
        return probability_of(at - reach), probability_of(at + reach)


def probability_of(log_odds: float) -> float:
    """Return the chance that has these log-odds, however large they are.

    >>> from salesmgmt.engines.statistics import probability_of
    >>> probability_of(0), probability_of(-1e9)
    (0.5, 0.0)
    """
    if log_odds >= 0:
        return 1 / (1 + exp(-min(log_odds, _EVERYTHING)))
    return exp(log_odds) / (1 + exp(log_odds)) if log_odds > -_EVERYTHING else 0.0


def fit_logistic(x: Sequence[float], success: Sequence[bool]) -> LogisticFit | NoFit:
    """Fit a logistic curve by maximum likelihood (Cox 1958), with Newton steps that are halved until they gain.

    The order of the points changes nothing. With one x the likelihood has a maximum exactly when successes and failures
    overlap, which is asked first: no iteration runs away.

    Args:
        x: where the points are.
        success: what came of them, as many.

    Returns:
        The curve; or `NoFit` for `one_outcome`, `one_x`, `separated`, or numbers `out_of_range`.

    Raises:
        ValueError: there are not as many x as outcomes.

    >>> from salesmgmt.engines.statistics import fit_logistic
    >>> fit_logistic([1, 2, 3, 4], [True, True, False, False]).reason.value
    'separated'
    """
    points = [(float(place), bool(outcome)) for place, outcome in zip(x, success, strict=True)]
    refused = _without_maximum(points)
    if refused is not None:
        return refused
    low, high = min(points)[0], max(points)[0]
    centre, scale = low / 2 + high / 2, high / 2 - low / 2
    if not (isfinite(centre) and isfinite(scale) and scale):
        return not_in_range(len(points))
    try:
        fit = _climb([((place - centre) / scale, outcome) for place, outcome in points])
    except ArithmeticError:
        fit = None
    if fit is None:
        return not_in_range(len(points))
    (level, slope), (level_variance, covariance, slope_variance), log_likelihood = fit
    found = LogisticFit(
        n=len(points),
        successes=sum(outcome for _, outcome in points),
        centre=centre,
        level=level,
        slope=slope / scale,
        level_variance=level_variance,
        slope_variance=slope_variance / scale / scale,
        covariance=covariance / scale,
        log_likelihood=log_likelihood,
    )
    finite = (found.level, found.slope, found.level_variance, found.slope_variance, found.covariance)
    return found if all(map(isfinite, finite)) else not_in_range(len(points))


def _without_maximum(points: Sequence[tuple[float, bool]]) -> NoFit | None:
    """Why the likelihood of these points has no maximum; `None` when it has one."""
    n = len(points)
    wins, losses = [x for x, won in points if won], [x for x, won in points if not won]
    if not wins or not losses:
        found = f"{len(wins)} successes and {len(losses)} failures"
        return NoFit(reason=NoFitReason.ONE_OUTCOME, n=n, found=found, wanted="some of both")
    if min(points)[0] == max(points)[0]:
        return NoFit(reason=NoFitReason.ONE_X, n=n, found=f"{n} points at one x", wanted="two different x")
    if max(wins) <= min(losses) or max(losses) <= min(wins):
        found = "a threshold that parts successes from failures"
        return NoFit(reason=NoFitReason.SEPARATED, n=n, found=found, wanted="x at which both happen")
    return None


_Parameters = tuple[float, float]
_Covariances = tuple[float, float, float]


def _climb(points: Sequence[tuple[float, bool]]) -> tuple[_Parameters, _Covariances, float] | None:
    """Newton's way to the maximum of the likelihood; `None` when floats are too coarse to get there."""
    at: _Parameters = (0.0, 0.0)
    height = _log_likelihood(points, at)
    for _ in range(_STEPS):
        gradient, (a, b, c) = _slopes(points, at)
        determinant = a * c - b * b
        if not determinant > 0:
            return None
        step = (
            (c * gradient[0] - b * gradient[1]) / determinant,
            (a * gradient[1] - b * gradient[0]) / determinant,
        )
        gain = step[0] * gradient[0] + step[1] * gradient[1]
        covariances = (c / determinant, -b / determinant, a / determinant)
        if gain <= _PRECISION:
            return at, covariances, height
        there = _ahead(points, at, step, height) if gain > _NEAR * (1 - height) else _moved(at, step, 1.0)
        if there is None:
            return None
        at, height = there, _log_likelihood(points, there)
    return None


def _ahead(
    points: Sequence[tuple[float, bool]], at: _Parameters, step: _Parameters, height: float
) -> _Parameters | None:
    """The whole step, or the half of it and so on, that leads higher; `None` when none does."""
    for halving in range(_HALVINGS):
        there = _moved(at, step, 0.5**halving)
        if _log_likelihood(points, there) > height:
            return there
    return None


def _moved(at: _Parameters, step: _Parameters, share: float) -> _Parameters:
    return at[0] + share * step[0], at[1] + share * step[1]


def _log_likelihood(points: Sequence[tuple[float, bool]], at: _Parameters) -> float:
    return -fsum(_surprise(at[0] + at[1] * x if won else -at[0] - at[1] * x) for x, won in points)


def _surprise(log_odds: float) -> float:
    """Minus the logarithm of the chance that has these log-odds."""
    return log1p(exp(-log_odds)) if log_odds > -_EVERYTHING else -log_odds


def _slopes(points: Sequence[tuple[float, bool]], at: _Parameters) -> tuple[_Parameters, _Covariances]:
    """The gradient of the log-likelihood and the information: the sums of weight, weight x and weight x squared."""
    chances = [probability_of(at[0] + at[1] * x) for x, _ in points]
    errors = [won - chance for (_, won), chance in zip(points, chances, strict=True)]
    weights = [chance * (1 - chance) for chance in chances]
    gradient = fsum(errors), fsum(error * x for error, (x, _) in zip(errors, points, strict=True))
    moments = [(weight, weight * x, weight * x * x) for weight, (x, _) in zip(weights, points, strict=True)]
    information = (fsum(m[0] for m in moments), fsum(m[1] for m in moments), fsum(m[2] for m in moments))
    return gradient, information
