"""The baselines that any other method has to beat: run rate, last value, drift, last season."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum
from typing import ClassVar

import attrs

from salesmgmt.engines.series.forecaster import Fitted, too_few
from salesmgmt.engines.series.history import MOST_VALUES, require_steps, values_of
from salesmgmt.engines.series.line import Line, Repeated
from salesmgmt.engines.statistics import NoFit


def _last(_: object, __: object, last: int | None) -> None:
    if last is not None:
        require_steps(last, "last", most=MOST_VALUES)


@attrs.frozen
class RunRate:
    """The mean of the latest values, for every step ahead (Hyndman & Athanasopoulos, Forecasting, 2nd ed., 3.1).

    Attributes:
        last: how many values the mean is taken of; `None` for all.

    >>> from salesmgmt.engines.series import RunRate
    >>> RunRate(last=2).fit([9, 1, 3]).predict(2)
    (2.0, 2.0)
    """

    last: int | None = attrs.field(default=None, validator=_last)
    complexity: ClassVar[int] = 1

    @property
    def name(self) -> str:
        """`run rate`, with the number of values it is taken of."""
        return "run rate" if self.last is None else f"run rate of {self.last}"

    def fit(self, history: Sequence[float], *, season: int = 1) -> Fitted | NoFit:
        """Take the mean; it needs `last` values, or one. The season changes nothing.

        >>> from salesmgmt.engines.series import RunRate
        >>> print(RunRate(last=3).fit([9, 1]))
        no fit (too_few): found 2 values, wanted at least 3
        """
        values = values_of(history)
        require_steps(season, "season")
        if len(values) < (self.last or 1):
            return too_few(len(values), self.last or 1)
        taken = values[-self.last :] if self.last else values
        return Repeated((fsum(taken) / len(taken),))


@attrs.frozen
class Naive:
    """The last value, for every step ahead (Hyndman & Athanasopoulos, 2nd ed., 3.1); the best there is for a random walk.

    >>> from salesmgmt.engines.series import Naive
    >>> Naive().fit([9, 1, 3]).predict(2)
    (3.0, 3.0)
    """

    name: ClassVar[str] = "naive"
    complexity: ClassVar[int] = 0

    def fit(self, history: Sequence[float], *, season: int = 1) -> Fitted | NoFit:
        """Take the last value. The season changes nothing.

        >>> from salesmgmt.engines.series import Naive
        >>> Naive().fit([3.5]).predict(1)
        (3.5,)
        """
        values = values_of(history)
        require_steps(season, "season")
        return Repeated(values[-1:]) if values else too_few(0, 1)


@attrs.frozen
class SeasonalNaive:
    """The value of the same place in the last season (Hyndman & Athanasopoulos, 2nd ed., 3.1).

    >>> from salesmgmt.engines.series import SeasonalNaive
    >>> SeasonalNaive().fit([12, 15, 20, 14, 13], season=4).predict(5)
    (15.0, 20.0, 14.0, 13.0, 15.0)
    """

    name: ClassVar[str] = "seasonal naive"
    complexity: ClassVar[int] = 0

    def fit(self, history: Sequence[float], *, season: int = 1) -> Fitted | NoFit:
        """Take the last season; without one (`season` 1) this is the last value.

        >>> from salesmgmt.engines.series import SeasonalNaive
        >>> SeasonalNaive().fit([1, 2, 3]).predict(2)
        (3.0, 3.0)
        """
        values = values_of(history)
        length = require_steps(season, "season")
        return Repeated(values[-length:]) if len(values) >= length else too_few(len(values), length)


@attrs.frozen
class Drift:
    """The line through the first and the last value, carried on (Hyndman & Athanasopoulos, 2nd ed., 3.1).

    >>> from salesmgmt.engines.series import Drift
    >>> Drift().fit([1, 7, 5]).predict(2)
    (7.0, 9.0)
    """

    name: ClassVar[str] = "drift"
    complexity: ClassVar[int] = 1

    def fit(self, history: Sequence[float], *, season: int = 1) -> Fitted | NoFit:
        """Draw the line; it needs two values. The season changes nothing.

        >>> from salesmgmt.engines.series import Drift
        >>> Drift().fit([1]).reason.value
        'too_few'
        """
        values = values_of(history)
        require_steps(season, "season")
        if len(values) < 2:
            return too_few(len(values), 2)
        return Line(values[-1], (values[-1] - values[0]) / (len(values) - 1))
