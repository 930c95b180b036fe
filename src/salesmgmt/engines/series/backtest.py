"""What a method would have forecast in the past, compared with what came."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from math import fsum

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, option
from salesmgmt.core.measured import Measured
from salesmgmt.core.percent import Percent
from salesmgmt.engines.series.accuracy import Accuracy, accuracy
from salesmgmt.engines.series.conformal import EIGHTY, Margin, Sides, margin_of, share_of
from salesmgmt.engines.series.contender import Contender
from salesmgmt.engines.series.history import MOST_VALUES, require_steps, values_of
from salesmgmt.engines.series.pinball import interval_score, pinball_loss
from salesmgmt.engines.statistics import NoFit

MOST_WINDOWS = 1_000
"""How many origins a backtest may have: the method is fitted anew at each."""


@attrs.frozen(kw_only=True)
class Window:
    """What was forecast from one origin, and what came.

    Attributes:
        origin: how many values were known.
        forecast: the forecasts of the next ones.
        actual: what came, as many.
        margins: for each step the margin of its interval, from nothing but the errors that were known at the origin.

    >>> from salesmgmt.engines.series import Contender, Naive, backtest
    >>> series = [3, 5, 8, 9]
    >>> backtest(Contender.of(Naive(), series, horizon=1), series, first=2).windows[0].residuals
    (3.0,)
    """

    origin: int
    forecast: tuple[float, ...]
    actual: tuple[float, ...]
    margins: tuple[Measured[Margin], ...]

    @property
    def residuals(self) -> tuple[float, ...]:
        """Actual value less forecast, a step."""
        return tuple(value - guess for value, guess in zip(self.actual, self.forecast, strict=True))


@attrs.frozen(kw_only=True)
class Backtest:
    """The forecasts of one contender from all origins, and how good they were.

    Attributes:
        name: of the contender.
        horizon: how many values were forecast from each origin.
        step: how many values lie between two origins.
        confidence: of the intervals.
        sides: whether these reach equally far up and down.
        windows: what was forecast and what came, by origin.
        missing: the origins at which the contender could not forecast, with the reason.
        accuracy: the measures over all steps of all windows; `mase` by the series before the first origin.

    >>> from salesmgmt.engines.series import Contender, Naive, backtest
    >>> series = [10, 12, 11, 13, 12, 14]
    >>> tested = backtest(Contender.of(Naive(), series, horizon=2), series, horizon=2, first=2)
    >>> [window.origin for window in tested.windows], tested.accuracy.mae
    ([2, 3, 4], Measured(1.1666666666666667, n=6))
    """

    name: str
    horizon: int
    step: int
    confidence: Percent
    sides: Sides
    windows: tuple[Window, ...]
    missing: tuple[tuple[int, NoFit], ...]
    accuracy: Accuracy

    def residuals(self, step: int) -> tuple[float, ...]:
        """Return actual value less forecast, `step` steps ahead, by origin; raises `InvalidInput` for a step there is not.

        >>> from salesmgmt.engines.series import Contender, Naive, backtest
        >>> series = [10, 12, 11, 13]
        >>> backtest(Contender.of(Naive(), series, horizon=1), series, first=2).residuals(1)
        (-1.0, 2.0)
        """
        require_steps(step, "step", most=self.horizon)
        return tuple(window.actual[step - 1] - window.forecast[step - 1] for window in self.windows)

    @property
    def margins(self) -> tuple[Measured[Margin], ...]:
        """For each step the margin of a new forecast, from the errors of all windows."""
        share = share_of(self.confidence)
        ordered = ([_rated(one, self.sides) for one in self.residuals(n + 1)] for n in range(self.horizon))
        return tuple(margin_of(sorted(one), share, self.sides) for one in ordered)

    @property
    def coverage(self) -> Measured[float]:
        """How many of the values lay in their intervals; `n` counts those that had one.

        Each interval knows only errors from before its origin, so that this is what an honest user would have seen.
        """
        return self._scored(lambda actual, guess, margin: float(actual in margin.around(guess)))

    @property
    def pinball(self) -> Measured[float]:
        """The mean loss of three quantiles: the ends of the interval, and the forecast as the median (see `pinball_loss`)."""
        outside = float(1 - share_of(self.confidence)) / 2

        def loss(actual: float, guess: float, margin: Margin) -> float:
            ends = pinball_loss(actual, guess + margin.low, outside)
            ends += pinball_loss(actual, guess + margin.high, 1 - outside)
            return (ends + pinball_loss(actual, guess, 0.5)) / 3

        return self._scored(loss)

    @property
    def weighted_interval_score(self) -> Measured[float]:
        """The score of forecast and interval together (Bracher et al. 2021, PLOS Computational Biology 17); the smaller the better."""
        share = float(share_of(self.confidence))

        def score(actual: float, guess: float, margin: Margin) -> float:
            band = margin.around(guess)
            width = (1 - share) / 2 * interval_score(actual, band.low, band.high, share)
            return (abs(actual - guess) / 2 + width) / 1.5

        return self._scored(score)

    def _scored(self, score: Callable[[float, float, Margin], float]) -> Measured[float]:
        scores = [
            score(actual, guess, margin.value)
            for window in self.windows
            for actual, guess, margin in zip(window.actual, window.forecast, window.margins, strict=True)
            if margin.value is not None
        ]
        if not scores:
            return Measured(None, "too_few_residuals" if self.windows else "no_forecasts", n=0)
        return Measured(fsum(scores) / len(scores), n=len(scores))


def backtest(
    contender: Contender,
    history: Sequence[float],
    *,
    horizon: int = 1,
    season: int = 1,
    first: int | None = None,
    step: int = 1,
    confidence: Percent = EIGHTY,
    sides: Sides = Sides.EQUAL,
) -> Backtest:
    """Let a contender forecast from one origin after the other, each time with all that was known until then.

    Rolling origin, fixed horizon, expanding window, parameters estimated anew (Tashman 2000, International Journal of Forecasting
    16). Only origins whose whole horizon has come are used, so that every step has as many errors.

    Args:
        contender: who forecasts.
        history: the whole series, the oldest value first.
        horizon: how many values to forecast from each origin.
        season: after how many values a pattern repeats; for `mase`, and for the first origin.
        first: how many values are known at the first origin; `None` for half of them, and at least two seasons and five values
            if that leaves an origin.
        step: how many values later the next origin is.
        confidence: of the intervals.
        sides: whether these reach equally far up and down.

    Raises:
        InvalidInput: the series or a setting is out of range, there are more than 1,000 origins, or the contender answers
            with anything but finite numbers, one for each step.

    >>> from salesmgmt.engines.series import Contender, RunRate, backtest
    >>> series = [10, 12, 11, 13, 12, 14, 13, 15, 14, 16]
    >>> tested = backtest(Contender.of(RunRate(last=2), series, horizon=1), series, first=3)
    >>> tested.accuracy.bias, tested.coverage
    (Measured(-0.857..., n=7), Measured(1.0, n=3))
    """
    values = values_of(history)
    share = share_of(confidence)
    chosen = option(Sides, sides, "sides")
    starts = origins(len(values), horizon=horizon, season=season, first=first, step=step)
    windows: list[Window] = []
    missing: list[tuple[int, NoFit]] = []
    for origin in starts:
        found = contender.forecast(origin, horizon=horizon)
        if isinstance(found, NoFit):
            missing.append((origin, found))
        else:
            actual = values[origin : origin + horizon]
            windows.append(Window(origin=origin, forecast=found, actual=actual, margins=()))
    measures = accuracy(
        [value for window in windows for value in window.actual],
        [guess for window in windows for guess in window.forecast],
        history=values[: starts[0]] if starts else (),
        season=season,
    )
    return Backtest(
        name=contender.name,
        horizon=horizon,
        step=step,
        confidence=confidence,
        sides=chosen,
        windows=_with_margins(windows, horizon, share, chosen),
        missing=tuple(missing),
        accuracy=measures,
    )


def origins(n: int, *, horizon: int, season: int = 1, first: int | None = None, step: int = 1) -> range:
    """Return from where a backtest forecasts: numbers of known values; none when the series is shorter than that takes.

    Args:
        n: the length of the series.
        horizon: how many values are forecast.
        season: as for `backtest`.
        first: as for `backtest`.
        step: as for `backtest`.

    Raises:
        InvalidInput: a setting is out of range, or there are more than 1,000 origins.

    >>> from salesmgmt.engines.series import origins
    >>> list(origins(12, horizon=3)), list(origins(30, horizon=1, season=12, step=2))
    ([6, 7, 8, 9], [24, 26, 28])
    """
    require_steps(horizon, "horizon")
    require_steps(season, "season")
    require_steps(step, "step", most=MOST_VALUES)
    if first is None:
        wanted = max(n // 2, 2 * season, 5)
        first = wanted if wanted <= n - horizon else max(1, n // 2)
    require_steps(first, "first", most=MOST_VALUES)
    starts = range(first, n - horizon + 1, step)
    if len(starts) > MOST_WINDOWS:
        hint = "pass a later `first` or a larger `step`"
        problem = Problem("origins", "too_many", f"{len(starts)}", f"at most {MOST_WINDOWS}", hint)
        raise InvalidInput("a backtest", [problem])
    return starts


def _with_margins(
    windows: Sequence[Window], horizon: int, share: Decimal, sides: Sides
) -> tuple[Window, ...]:
    """Give each window its margins, from the errors of those whose value of that step had come at its origin."""
    columns = [_margins(windows, step, share, sides) for step in range(horizon)]
    rows: Iterable[tuple[Measured[Margin], ...]] = zip(*columns, strict=True)
    return tuple(attrs.evolve(window, margins=row) for window, row in zip(windows, rows, strict=True))


def _margins(windows: Sequence[Window], step: int, share: Decimal, sides: Sides) -> list[Measured[Margin]]:
    known: list[float] = []
    margins = []
    come = 0
    for window in windows:
        while windows[come].origin + step < window.origin:
            earlier = windows[come]
            insort(known, _rated(earlier.actual[step] - earlier.forecast[step], sides))
            come += 1
        margins.append(margin_of(known, share, sides))
    return margins


def _rated(residual: float, sides: Sides) -> float:
    return abs(residual) if sides is Sides.EQUAL else residual
