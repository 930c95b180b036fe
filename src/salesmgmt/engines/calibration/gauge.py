"""A figure estimated from a sample, and how far chance may have moved it."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum, sqrt

import attrs

from salesmgmt.engines.statistics import critical_z


@attrs.frozen
class Gauge:
    """A figure and its standard error.

    Attributes:
        value: the figure.
        error: its standard error; 0 when the sample does not vary.

    >>> from salesmgmt.engines.calibration import Gauge
    >>> low, high = Gauge(0.75, 0.02).interval()
    >>> round(low, 4), round(high, 4)
    (0.7108, 0.7892)
    """

    value: float
    error: float

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Return the limits that large samples keep to; raises `ValueError` for a confidence that is none.

        >>> from salesmgmt.engines.calibration import Gauge
        >>> Gauge(0.5, 0.0).interval()
        (0.5, 0.5)
        """
        reach = critical_z(confidence) * self.error
        return self.value - reach, self.value + reach


def mean_gauge(values: Sequence[float]) -> Gauge:
    """Return the mean of at least one figure and its standard error.

    >>> from salesmgmt.engines.calibration.gauge import mean_gauge
    >>> mean_gauge([1.0, 3.0])
    Gauge(value=2.0, error=1.0)
    """
    n = len(values)
    mean = fsum(values) / n
    if n < 2:
        return Gauge(mean, 0.0)
    return Gauge(mean, sqrt(fsum((value - mean) ** 2 for value in values) / (n - 1) / n))
