"""Isotonic regression: the rising step function that lies nearest to the points."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from operator import itemgetter

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.engines.calibration._checked import finite, paired

_LIGHTEST = 1e-100


def isotonic_regression(values: Sequence[float], weights: Sequence[float] | None = None) -> tuple[float, ...]:
    """Return the rising sequence with the least weighted sum of squared distances to `values`.

    Pool adjacent violators: wherever a value falls, it is pooled with its predecessors at their mean (Ayer, Brunk, Ewing, Reid
    & Silverman 1955, Annals of Mathematical Statistics 26; linear in the number of values).

    Args:
        values: in the order in which they are to rise.
        weights: of each value, at least 1e-100; equal ones when absent.

    Raises:
        InvalidInput: a number is not finite, a weight is too small, or there are not as many weights as values.

    >>> from salesmgmt.engines.calibration import isotonic_regression
    >>> isotonic_regression([1.0, 3.0, 2.0, 4.0])
    (1.0, 2.5, 2.5, 4.0)
    """
    taken = finite(values, "values")
    heavy = [1.0] * len(taken) if weights is None else finite(weights, "weights")
    problems = [
        Problem(f"weights[{place}]", "range", str(weight), "at least 1e-100")
        for place, weight in enumerate(heavy)
        if weight < _LIGHTEST
    ][:50]
    if len(heavy) != len(taken):
        problems.append(
            Problem("weights", "length", f"{len(heavy)} weights", f"one for each of {len(taken)}")
        )
    if problems:
        raise InvalidInput("isotonic regression", problems)
    pooled = _pooled((value * weight, weight, 1) for value, weight in zip(taken, heavy, strict=True))
    return tuple(total / weight for total, weight, count in pooled for _ in range(count))


@attrs.frozen(kw_only=True)
class IsotonicMap:
    """A rising map from scores to probabilities: linear between its points, level outside of them.

    Attributes:
        scores: where its points are, rising.
        probabilities: how high they are, from 0 to 1 and never falling; as many.

    Raises:
        InvalidInput: they are not so.

    >>> from salesmgmt.engines.calibration import IsotonicMap
    >>> chances = IsotonicMap(scores=(0.0, 2.0), probabilities=(0.25, 0.75))
    >>> chances.probability(1.0), chances.probability(-9.0)
    (0.5, 0.25)
    """

    scores: tuple[float, ...]
    probabilities: tuple[float, ...]

    def __attrs_post_init__(self) -> None:
        problems = []
        given: tuple[object, ...] = self.scores, self.probabilities
        if not all(isinstance(one, tuple) for one in given):
            found = f"{shorten(self.scores)} and {shorten(self.probabilities)}"
            wanted = "tuples of numbers"
            raise InvalidInput("isotonic map", [Problem("scores", "wrong_type", found, wanted)])
        if not self.scores or len(self.scores) != len(self.probabilities):
            found = f"{len(self.scores)} scores and {len(self.probabilities)} probabilities"
            problems.append(Problem("scores", "length", found, "as many of both, at least one"))
        if any(not after > before for before, after in pairwise(finite(self.scores, "scores"))):
            problems.append(
                Problem("scores", "order", "scores that do not rise", "each above the one before it")
            )
        heights = finite(self.probabilities, "probabilities")
        if any(after < before for before, after in pairwise(heights)):
            problems.append(Problem("probabilities", "order", "falling ones", "none below the one before it"))
        if heights and not (min(heights) >= 0 and max(heights) <= 1):
            problems.append(Problem("probabilities", "range", "others", "from 0 to 1"))
        if problems:
            raise InvalidInput("isotonic map", problems)

    def probability(self, score: float) -> float:
        """Return the chance that a score means."""
        above = bisect_right(self.scores, score)
        if not above:
            return self.probabilities[0]
        if above == len(self.scores):
            return self.probabilities[-1]
        left, right = self.scores[above - 1], self.scores[above]
        low, high = self.probabilities[above - 1], self.probabilities[above]
        return low + (high - low) * ((score - left) / (right - left))


def fit_isotonic(scores: Iterable[float], outcomes: Iterable[bool]) -> IsotonicMap:
    """Learn from scores and what came of them how likely a success is at each score.

    Equal scores are one point. No finite history proves certainty: with n outcomes the chances are kept from 1 / (n + 2) to
    (n + 1) / (n + 2), the rule of succession (Laplace 1814); without that, one surprise in the future costs an infinite log loss.
    Each step is kept by its first and last score (Zadrozny & Elkan 2002, KDD).

    Args:
        scores: at least one.
        outcomes: what came of them, as many.

    Raises:
        InvalidInput: a score is no finite number, or there are not as many outcomes, or none.

    >>> from salesmgmt.engines.calibration import fit_isotonic
    >>> chances = fit_isotonic([1, 2, 3, 4], [False, True, False, True])
    >>> chances.scores
    (1.0, 2.0, 3.0, 4.0)
    >>> [round(chance, 3) for chance in chances.probabilities]
    [0.167, 0.5, 0.5, 0.833]
    """
    places = finite(scores, "scores")
    told = paired(places, outcomes, "scores")
    if not places:
        raise InvalidInput("calibration", [Problem("scores", "missing", None, "at least one score")])
    ordered = sorted(zip(places, told, strict=True), key=itemgetter(0))
    distinct: list[float] = []
    points: list[tuple[float, float, int]] = []
    for place, group in groupby(ordered, key=itemgetter(0)):
        successes = [success for _, success in group]
        distinct.append(place)
        points.append((float(sum(successes)), float(len(successes)), 1))
    least = 1 / (len(places) + 2)
    at, height, first = [], [], 0
    for total, weight, count in _pooled(points):
        chance = min(max(total / weight, least), 1 - least)
        for place in sorted({first, first + count - 1}):
            at.append(distinct[place])
            height.append(chance)
        first += count
    return IsotonicMap(scores=tuple(at), probabilities=tuple(height))


def _pooled(points: Iterable[tuple[float, float, int]]) -> list[tuple[float, float, int]]:
    """The blocks (sum, weight, count) after pooling; each has a greater mean than the one before it."""
    blocks: list[tuple[float, float, int]] = []
    for point in points:
        total, weight, count = point
        # Compared as total / weight, which is what is returned: rounding then cannot make the result fall.
        while blocks and blocks[-1][0] / blocks[-1][1] >= total / weight:
            before = blocks.pop()
            total, weight, count = total + before[0], weight + before[1], count + before[2]
        blocks.append((total, weight, count))
    return blocks
