"""Platt's scaling: a logistic curve over scores."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import exp, fsum, log, log1p
from operator import mul, sub

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.engines.calibration._checked import finite, number_of, paired
from salesmgmt.engines.statistics import probability_of

_STEPS = 100
_SMALLEST_STEP = 1e-10
_RIDGE = 1e-12
_NEAR = 1e-9


def _finite(_: object, attribute: attrs.Attribute[float], value: float) -> None:
    if number_of(value) is None:
        raise InvalidInput(
            "Platt map", [Problem(attribute.name, "not_a_number", shorten(value), "a finite number")]
        )


@attrs.frozen(kw_only=True)
class PlattMap:
    """The map 1 / (1 + exp(-(intercept + slope score))) from scores to probabilities.

    Attributes:
        slope: what the log-odds gain per unit of the score.
        intercept: the log-odds at score 0.

    Raises:
        InvalidInput: one of them is not finite.

    >>> from salesmgmt.engines.calibration import PlattMap
    >>> PlattMap(slope=1.0, intercept=0.0).probability(0.0)
    0.5
    """

    slope: float = attrs.field(validator=_finite)
    intercept: float = attrs.field(validator=_finite)

    def probability(self, score: float) -> float:
        """Return the chance that a score means."""
        return probability_of(self.intercept + self.slope * score)


def fit_platt(scores: Iterable[float], outcomes: Iterable[bool]) -> PlattMap:
    """Learn the logistic curve that maps scores to chances.

    Platt (1999), "Probabilistic outputs for support vector machines": with N+ successes and N- failures the targets are
    (N+ + 1) / (N+ + 2) and 1 / (N- + 2) instead of 1 and 0, so that there is a curve even where scores part the outcomes.
    Newton's method with backtracking, as Lin, Lin & Weng (2007), Machine Learning 68, algorithm 1, who mend the loss of digits
    and the steps of Platt's pseudo-code. Their curve is 1 / (1 + exp(A f + B)); slope is -A, intercept -B.

    Args:
        scores: at least one.
        outcomes: what came of them, as many.

    Raises:
        InvalidInput: a score is no finite number, or there are not as many outcomes, or none.

    >>> from salesmgmt.engines.calibration import fit_platt
    >>> curve = fit_platt([-2, -1, 1, 2], [False, False, True, True])
    >>> round(curve.probability(0), 6), curve.probability(2) > 0.7
    (0.5, True)
    """
    places = finite(scores, "scores")
    told = paired(places, outcomes, "scores")
    if not places:
        raise InvalidInput("calibration", [Problem("scores", "missing", None, "at least one score")])
    # Around their middle and in units of their reach, so that scores of any size leave the arithmetic room.
    low, high = min(places), max(places)
    centre, scale = low / 2 + high / 2, (high / 2 - low / 2) or 1.0
    successes = sum(told)
    high_target, low_target = (successes + 1) / (successes + 2), 1 / (len(told) - successes + 2)
    targets = [high_target if success else low_target for success in told]
    moved = [(place - centre) / scale for place in places]
    slope, level = _climbed(moved, targets, log(successes + 1) - log(len(told) - successes + 1))
    slope /= scale
    return PlattMap(slope=slope, intercept=level - slope * centre)


def _climbed(places: Sequence[float], targets: Sequence[float], level: float) -> tuple[float, float]:
    slope = 0.0
    loss = _loss(places, targets, slope, level)
    for _ in range(_STEPS):
        down_slope, down_level, a, b, c = _derivatives(places, targets, slope, level)
        if abs(down_slope) + abs(down_level) < _NEAR * len(places):
            break
        determinant = a * c - b * b
        step = (
            -(c * down_slope - b * down_level) / determinant,
            -(a * down_level - b * down_slope) / determinant,
        )
        gain = down_slope * step[0] + down_level * step[1]
        size = 1.0
        while size >= _SMALLEST_STEP:
            there = slope + size * step[0], level + size * step[1]
            loss_there = _loss(places, targets, *there)
            if loss_there < loss + 1e-4 * size * gain:
                break
            size /= 2
        else:  # no step gains any more: as near as floats come
            break
        (slope, level), loss = there, loss_there
    return slope, level


def _loss(places: Sequence[float], targets: Sequence[float], slope: float, level: float) -> float:
    """The cross-entropy, written so that neither large nor small log-odds lose digits (Lin, Lin & Weng, equation 9)."""
    odds = [level + slope * place for place in places]
    surprises = [log1p(exp(-abs(one))) + (one if one > 0 else 0.0) for one in odds]
    return fsum(map(sub, surprises, map(mul, targets, odds)))


def _derivatives(
    places: Sequence[float], targets: Sequence[float], slope: float, level: float
) -> tuple[float, float, float, float, float]:
    """The gradient of the loss, and its second derivatives with a small ridge."""
    chances = [probability_of(level + slope * place) for place in places]
    errors = list(map(sub, chances, targets))
    bends = [chance * (1 - chance) for chance in chances]
    moments = list(map(mul, bends, places))
    return (
        fsum(map(mul, errors, places)),
        fsum(errors),
        fsum(map(mul, moments, places)) + _RIDGE,
        fsum(moments),
        fsum(bends) + _RIDGE,
    )
