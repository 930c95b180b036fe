"""The simple forms that a forecast can have: a repeated pattern, or a straight line."""

from __future__ import annotations

import attrs

from salesmgmt.engines.series.history import require_steps


@attrs.frozen
class Repeated:
    """Forecasts that repeat a few values for ever.

    Attributes:
        values: what repeats; one value for a flat forecast.

    >>> from salesmgmt.engines.series.line import Repeated
    >>> Repeated((1.0, 2.0)).predict(3)
    (1.0, 2.0, 1.0)
    """

    values: tuple[float, ...]

    def predict(self, horizon: int) -> tuple[float, ...]:
        """Return the next `horizon` values.

        >>> from salesmgmt.engines.series.line import Repeated
        >>> Repeated((5.0,)).predict(2)
        (5.0, 5.0)
        """
        season = len(self.values)
        return tuple(self.values[step % season] for step in range(require_steps(horizon, "horizon")))


@attrs.frozen
class Line:
    """Forecasts on a straight line.

    Attributes:
        level: where the line is at the last value of the series.
        slope: what it gains each step.

    >>> from salesmgmt.engines.series.line import Line
    >>> Line(10.0, 2.0).predict(2)
    (12.0, 14.0)
    """

    level: float
    slope: float

    def predict(self, horizon: int) -> tuple[float, ...]:
        """Return the next `horizon` values.

        >>> from salesmgmt.engines.series.line import Line
        >>> Line(0.0, -1.0).predict(3)
        (-1.0, -2.0, -3.0)
        """
        steps = range(1, require_steps(horizon, "horizon") + 1)
        return tuple(self.level + step * self.slope for step in steps)
