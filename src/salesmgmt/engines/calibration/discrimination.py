"""How well scores part successes from failures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from math import fsum, sqrt
from operator import itemgetter

from salesmgmt.engines.calibration._checked import finite, paired
from salesmgmt.engines.calibration.gauge import Gauge


def area_under_curve(scores: Iterable[float], outcomes: Iterable[bool]) -> Gauge | None:
    """Return how often a success scores above a failure, ties counting half, with its standard error.

    The area under the receiver operating characteristic is the statistic of Mann & Whitney (1947) divided by the number of
    pairs (Hanley & McNeil 1982, Radiology 143). The error is that of DeLong, DeLong & Clarke-Pearson (1988), Biometrics 44,
    computed over midranks (Sun & Xu 2014, IEEE Signal Processing Letters 21), so that the cost is that of sorting.

    Args:
        scores: the higher, the likelier a success.
        outcomes: what came of them, as many.

    Returns:
        The area, from 0 to 1; `None` without a success or without a failure. The error is 0 where there is only one of either
        side, as a spread cannot be told from one.

    Raises:
        InvalidInput: a score is no finite number, or there are not as many outcomes.

    >>> from salesmgmt.engines.calibration import area_under_curve
    >>> area_under_curve([0.1, 0.4, 0.35, 0.8], [False, False, True, True]).value
    0.75
    """
    places = finite(scores, "scores")
    told = paired(places, outcomes, "scores")
    wins = [place for place, success in zip(places, told, strict=True) if success]
    losses = [place for place, success in zip(places, told, strict=True) if not success]
    if not wins or not losses:
        return None
    among_all = _midranks([*wins, *losses])
    m, n = len(wins), len(losses)
    # Of each success the share of failures below it, of each failure the share of successes above it.
    above = [(rank - own) / n for rank, own in zip(among_all[:m], _midranks(wins), strict=True)]
    below = [1 - (rank - own) / m for rank, own in zip(among_all[m:], _midranks(losses), strict=True)]
    area = fsum(above) / m
    return Gauge(area, sqrt(_spread(above, area) / m + _spread(below, area) / n))


def _spread(parts: Sequence[float], mean: float) -> float:
    return fsum((part - mean) ** 2 for part in parts) / (len(parts) - 1) if len(parts) > 1 else 0.0


def _midranks(values: Sequence[float]) -> list[float]:
    """The rank of each value from 1 on; equal ones share the mean of their ranks."""
    ranks = [0.0] * len(values)
    before = 0
    for _, group in groupby(sorted(enumerate(values), key=itemgetter(1)), key=itemgetter(1)):
        places = [place for place, _ in group]
        middle = before + (len(places) + 1) / 2
        for place in places:
            ranks[place] = middle
        before += len(places)
    return ranks
