"""Who takes part in a backtest: a method of this package, or any function that can say what it would have forecast."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs

from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.engines.series.forecaster import Forecaster
from salesmgmt.engines.series.history import LARGEST, require_steps, values_of
from salesmgmt.engines.statistics import NoFit
from salesmgmt.engines.statistics.no_fit import not_in_range


@attrs.frozen(kw_only=True)
class Contender:
    """Something that forecasts the values after any origin.

    Attributes:
        name: how reports call it.
        predict: takes an origin, the number of values that are known, and returns the forecasts of the next ones, as many as
            the horizon; or `NoFit` when it cannot. It must use nothing that was not known then.
        complexity: how many figures it learns; of two that forecast equally well the simpler is taken.
        is_baseline: whether it is one that others have to beat.

    >>> from salesmgmt.engines.series import Contender
    >>> plan = [100.0, 110.0, 120.0, 130.0]
    >>> Contender(name="plan", predict=lambda origin: plan[origin:origin + 1], complexity=0).forecast(2, horizon=1)
    (120.0,)
    """

    name: str
    predict: Callable[[int], Sequence[float] | NoFit]
    complexity: int = 1
    is_baseline: bool = False

    @classmethod
    def of(
        cls,
        method: Forecaster,
        history: Sequence[float],
        *,
        horizon: int,
        season: int = 1,
        is_baseline: bool = False,
    ) -> Contender:
        """Make a contender of a method and the series that it may see up to the origin.

        Args:
            method: how it forecasts.
            history: the whole series, the oldest value first.
            horizon: how many values it forecasts.
            season: after how many values a pattern repeats.
            is_baseline: whether others have to beat it.

        Raises:
            InvalidInput: the series, the horizon or the season is out of range.

        >>> from salesmgmt.engines.series import Contender, Naive
        >>> Contender.of(Naive(), [3, 5, 8], horizon=1).predict(2)
        (5.0,)
        """
        values = values_of(history)
        require_steps(horizon, "horizon")
        require_steps(season, "season")

        def predict(origin: int) -> tuple[float, ...] | NoFit:
            fitted = method.fit(values[:origin], season=season)
            if isinstance(fitted, NoFit):
                return fitted
            found = fitted.predict(horizon)
            return found if all(abs(one) <= LARGEST for one in found) else not_in_range(origin)

        return cls(name=method.name, predict=predict, complexity=method.complexity, is_baseline=is_baseline)

    def forecast(self, origin: int, *, horizon: int) -> tuple[float, ...] | NoFit:
        """Ask for the forecasts from an origin, and check them.

        Raises:
            InvalidInput: the answer is no sequence of as many finite numbers as the horizon.

        >>> from salesmgmt.engines.series import Contender
        >>> Contender(name="wild", predict=lambda origin: [float("nan")]).forecast(3, horizon=1)
        Traceback (most recent call last):
            ...
        salesmgmt.core.errors.InvalidInput: a series has 1 problem:
          wild from 3[0]: found nan, wanted a finite number within 1e+100; correct the input and read it again
        """
        answer = self.predict(origin)
        if isinstance(answer, NoFit):
            return answer
        found = values_of(answer, f"{self.name} from {origin}")
        if len(found) != horizon:
            wanted = f"{horizon}, one for each step of the horizon"
            problem = Problem(f"{self.name} from {origin}", "length", f"{len(found)} values", wanted)
            raise InvalidInput("a forecast", [problem])
        return found
