"""The trend of a series as a straight line by least squares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import attrs

from salesmgmt.engines.series.forecaster import Fitted
from salesmgmt.engines.series.history import require_steps, values_of
from salesmgmt.engines.series.line import Line
from salesmgmt.engines.statistics import NoFit, fit_line


@attrs.frozen
class TrendLine:
    """The regression line of the values on time, carried on (Hyndman & Athanasopoulos, 2nd ed., 5.4).

    >>> from salesmgmt.engines.series import TrendLine
    >>> TrendLine().fit([1, 2, 6]).predict(1)
    (8.0,)
    """

    name: ClassVar[str] = "trend line"
    complexity: ClassVar[int] = 2

    def fit(self, history: Sequence[float], *, season: int = 1) -> Fitted | NoFit:
        """Fit the line by least squares; it needs three values. The season changes nothing.

        >>> from salesmgmt.engines.series import TrendLine
        >>> TrendLine().fit([1, 2]).reason.value
        'too_few'
        """
        values = values_of(history)
        require_steps(season, "season")
        found = fit_line(range(1, len(values) + 1), values)
        if isinstance(found, NoFit):
            return found
        return Line(found.level + found.slope * (len(values) - found.centre), found.slope)
