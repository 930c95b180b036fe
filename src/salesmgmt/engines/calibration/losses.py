"""What probabilities cost when the outcomes are known."""

from __future__ import annotations

from collections.abc import Iterable
from math import log, log1p

from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.engines.calibration._checked import paired, probabilities
from salesmgmt.engines.calibration.gauge import Gauge, mean_gauge

CLIP = 1e-15
"""No probability counts as less than that, or as more than 1 less that, in a log loss: one certainty that fails would
otherwise make every other figure of the sample worthless."""


def brier_score(chances: Iterable[float], outcomes: Iterable[bool]) -> Gauge:
    """Return the mean squared distance between probabilities and outcomes (Brier 1950, Monthly Weather Review 78), for two classes.

    Args:
        chances: from 0 to 1, at least one.
        outcomes: what came of them, as many.

    Returns:
        0 when all was foreseen, 0.25 for even odds throughout, 1 when the opposite came each time; with its standard error.

    Raises:
        InvalidInput: a probability is none, or there are not as many outcomes, or none.

    >>> from salesmgmt.engines.calibration import brier_score
    >>> round(brier_score([0.1, 0.9, 0.8, 0.3], [False, True, True, False]).value, 6)
    0.0375
    """
    given, told = _given(chances, outcomes)
    return mean_gauge([(chance - success) ** 2 for chance, success in zip(given, told, strict=True)])


def log_loss(chances: Iterable[float], outcomes: Iterable[bool]) -> Gauge:
    """Return the mean of minus the natural logarithm of the probability given to what came (Good 1952, J. R. Stat. Soc. B 14).

    Args:
        chances: from 0 to 1, at least one; they are kept `CLIP` away from certainty.
        outcomes: what came of them, as many.

    Returns:
        0 when all was foreseen, ln 2 for even odds throughout; with its standard error.

    Raises:
        InvalidInput: a probability is none, or there are not as many outcomes, or none.

    >>> from salesmgmt.engines.calibration import log_loss
    >>> round(log_loss([0.5, 0.25], [True, False]).value, 6)
    0.490415
    """
    given, told = _given(chances, outcomes)
    return mean_gauge([_surprise(chance, success) for chance, success in zip(given, told, strict=True)])


def _surprise(chance: float, success: bool) -> float:
    chance = min(max(chance, CLIP), 1 - CLIP)
    return -log(chance) if success else -log1p(-chance)


def _given(chances: Iterable[float], outcomes: Iterable[bool]) -> tuple[list[float], list[bool]]:
    given = probabilities(chances)
    told = paired(given, outcomes, "probabilities")
    if not given:
        raise InvalidInput("calibration", [Problem("probabilities", "missing", None, "at least one")])
    return given, told
