"""The normal distribution: how far chance reaches in large samples."""

from __future__ import annotations


def require_confidence(confidence: float) -> float:
    """Return a confidence that is one: above 0 and below 1, so that chance has something left on either side.

    Raises:
        ValueError: it is not.

    >>> from salesmgmt.engines.statistics.normal import require_confidence
    >>> require_confidence(0.95)
    0.95
    """
    # Below that, half of what is left cannot be told from nothing.
    if not 0 < confidence < 1 - 1e-12:
        message = f"a confidence of {confidence}; it lies above 0 and below 1, as 0.95 for 95 %"
        raise ValueError(message)
    return confidence


def critical_z(confidence: float) -> float:
    """Return the distance from zero that a standard normal figure exceeds on either side with probability 1 - `confidence`.

    Args:
        confidence: above 0 and below 1: 0.95 for an interval of 95 %.

    Raises:
        ValueError: it is out of range.

    >>> from salesmgmt.engines.statistics import critical_z
    >>> round(critical_z(0.95), 6)
    1.959964
    """
    from statistics import NormalDist  # noqa: PLC0415 - it loads fractions and random, which few callers need

    return NormalDist().inv_cdf((1 + require_confidence(confidence)) / 2)
