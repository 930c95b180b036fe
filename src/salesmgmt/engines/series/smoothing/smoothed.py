"""A series after exponential smoothing."""

from __future__ import annotations

from itertools import accumulate, repeat

import attrs

from salesmgmt.engines.series.history import require_steps


@attrs.frozen(kw_only=True)
class Smoothed:
    """What exponential smoothing has learnt from a series.

    Attributes:
        alpha: how much of an error the level takes over.
        beta: how much of it the trend takes over, not yet divided by alpha; `None` without a trend.
        gamma: how much of it the season takes over; `None` without a season.
        phi: what a damped trend keeps of itself each step; `None` when it keeps all.
        level: the level after the last value.
        trend: what the level gains in the next step, before damping.
        seasonal: the figures of the season to come; empty without one.
        multiplicative: whether these are factors.
        initial_level: the level before the first value.
        errors: of the forecasts one step ahead, within the series: value less forecast.

    >>> from salesmgmt.engines.series import ExponentialSmoothing
    >>> fitted = ExponentialSmoothing(alpha=0.5, level=10).fit([12, 14])
    >>> fitted.level, fitted.errors
    (12.5, (2.0, 3.0))
    """

    alpha: float
    beta: float | None = None
    gamma: float | None = None
    phi: float | None = None
    level: float
    trend: float = 0.0
    seasonal: tuple[float, ...] = ()
    multiplicative: bool = False
    initial_level: float
    errors: tuple[float, ...]

    def predict(self, horizon: int) -> tuple[float, ...]:
        """Return the next `horizon` values.

        >>> from salesmgmt.engines.series import ExponentialSmoothing
        >>> ExponentialSmoothing(alpha=0.5, level=10).fit([12, 14]).predict(2)
        (12.5, 12.5)
        """
        require_steps(horizon, "horizon")
        phi = 1.0 if self.phi is None else self.phi
        grown = accumulate(accumulate(repeat(phi, horizon), lambda power, step: power * step))
        bases = [self.level + sum_of_powers * self.trend for sum_of_powers in grown]
        if not self.seasonal:
            return tuple(bases)
        length = len(self.seasonal)
        figures = (self.seasonal[step % length] for step in range(horizon))
        if self.multiplicative:
            return tuple(base * figure for base, figure in zip(bases, figures, strict=True))
        return tuple(base + figure for base, figure in zip(bases, figures, strict=True))
