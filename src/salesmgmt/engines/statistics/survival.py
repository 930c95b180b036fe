"""How long something takes to happen, when for some it has not happened yet."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from math import exp, log, sqrt

import attrs

from salesmgmt.core.errors import option
from salesmgmt.core.measured import Measured
from salesmgmt.engines.statistics.normal import critical_z


class SurvivalBand(StrEnum):
    """How the interval around a survival curve is made from Greenwood's standard error.

    >>> from salesmgmt.engines.statistics import SurvivalBand
    >>> SurvivalBand("log_log").name
    'LOG_LOG'
    """

    LOG_LOG = "log_log"
    """On the scale log(-log S), which keeps it within 0 and 1 (Kalbfleisch & Prentice 1980)."""
    PLAIN = "plain"
    """S plus and minus z standard errors, cut off at 0 and 1 (Greenwood 1926)."""


@attrs.frozen(kw_only=True)
class SurvivalStep:
    """What happened at one time.

    Attributes:
        time: how long it took.
        at_risk: for how many it had not happened just before, and was still watched.
        events: for how many it happened then.
        survival: the share for which it has not happened by then.
        error: Greenwood's standard error of `survival`.
        low: the lower end of its interval.
        high: the upper end.

    >>> from salesmgmt.engines.statistics import kaplan_meier
    >>> kaplan_meier([(2, True), (3, False)]).steps[0].survival
    0.5
    """

    time: float
    at_risk: int
    events: int
    survival: float
    error: float
    low: float
    high: float


@attrs.frozen(kw_only=True)
class SurvivalCurve:
    """The share for which something has not happened yet, by time; made by `kaplan_meier`.

    Attributes:
        steps: the times at which it happened, rising.
        n: how many were watched.
        events: for how many it happened.
        longest: the longest time that any was watched; beyond it the curve says nothing.

    >>> from salesmgmt.engines.statistics import kaplan_meier
    >>> curve = kaplan_meier([(6, True), (6, False), (10, True)])
    >>> curve.censored, round(curve.at(7), 4)
    (1, 0.6667)
    """

    steps: tuple[SurvivalStep, ...]
    n: int
    events: int
    longest: float

    @property
    def censored(self) -> int:
        """For how many it had not happened when they were last seen."""
        return self.n - self.events

    def at(self, time: float) -> float:
        """Return the share for which it has not happened by a time; 1 before the first step."""
        place = bisect_right(self.steps, time, key=lambda step: step.time)
        return self.steps[place - 1].survival if place else 1.0

    def happened_by(self, time: float) -> Measured[float]:
        """Return the share for which it has happened by a time.

        Undefined with the flag `beyond_last_observation` for a time longer than any was watched, unless it had happened to
        all; with `no_observations` when none was.

        >>> from salesmgmt.engines.statistics import kaplan_meier
        >>> kaplan_meier([(2, True), (3, False)]).happened_by(4)
        Measured(None, flag='beyond_last_observation', n=2)
        """
        if not self.n:
            return Measured(None, "no_observations")
        if time > self.longest and self.at(time) > 0:
            return Measured(None, "beyond_last_observation", n=self.n)
        return Measured(1 - self.at(time), n=self.n)

    def quantile(self, share: float) -> Measured[float]:
        """Return the first time by which it has happened to at least this share.

        Undefined with the flag `not_reached` when so many have not been seen, with `no_observations` when none was watched.

        >>> from salesmgmt.engines.statistics import kaplan_meier
        >>> kaplan_meier([(2, True), (3, False), (5, False)]).quantile(0.5)
        Measured(None, flag='not_reached', n=3)
        """
        if not self.n:
            return Measured(None, "no_observations")
        for step in self.steps:
            # Products of fractions miss a half by their last digit.
            if step.survival <= 1 - share + 1e-12:
                return Measured(step.time, n=self.n)
        return Measured(None, "not_reached", n=self.n)

    def median(self) -> Measured[float]:
        """Return the time by which it has happened to half of all; see `quantile`."""
        return self.quantile(0.5)


def kaplan_meier(
    observations: Iterable[tuple[float, bool]],
    *,
    confidence: float = 0.95,
    band: SurvivalBand | str = SurvivalBand.LOG_LOG,
) -> SurvivalCurve:
    """Estimate how long something takes from those to whom it happened and those to whom it has not happened yet.

    The product-limit estimate of Kaplan & Meier (1958), Journal of the American Statistical Association 53, with the variance of
    Greenwood (1926). Who was last seen at a time is still at risk at that time. It supposes that those who were lost from sight
    are not different from the others.

    Args:
        observations: for each one watched, how long, and whether it happened then; not negative.
        confidence: of the intervals, above 0 and below 1.
        band: how the intervals are made.

    Raises:
        ValueError: a time is negative or no number, or the confidence is out of range.
        UnknownOption: there is no such band.

    >>> from salesmgmt.engines.statistics import kaplan_meier
    >>> curve = kaplan_meier([(6, True), (6, True), (6, True), (6, False), (7, True), (9, False), (10, True)])
    >>> [(step.time, step.at_risk, round(step.survival, 3)) for step in curve.steps]
    [(6, 7, 0.571), (7, 3, 0.381), (10, 1, 0.0)]
    """
    kind, z = option(SurvivalBand, band, "the band of a survival curve"), critical_z(confidence)
    happened: Counter[float] = Counter()
    ended: Counter[float] = Counter()
    for time, event in observations:
        if not 0 <= time < float("inf"):
            message = f"a time of {time}; how long something was watched is zero or more"
            raise ValueError(message)
        ended[time] += 1
        if event:
            happened[time] += 1
    n = at_risk = ended.total()
    survival, summed = 1.0, 0.0
    steps = []
    for time in sorted(ended):
        events = happened[time]
        if events:
            survival *= (at_risk - events) / at_risk
            if events < at_risk:
                summed += events / (at_risk * (at_risk - events))
            low, high = _interval(survival, summed, z, kind)
            steps.append(
                SurvivalStep(
                    time=time,
                    at_risk=at_risk,
                    events=events,
                    survival=survival,
                    error=survival * sqrt(summed),
                    low=low,
                    high=high,
                )
            )
        at_risk -= ended[time]
    return SurvivalCurve(steps=tuple(steps), n=n, events=happened.total(), longest=max(ended, default=0.0))


def _interval(survival: float, summed: float, z: float, kind: SurvivalBand) -> tuple[float, float]:
    """The interval of one step; after the last event of all, Greenwood's formula knows none and it is the point."""
    if survival == 0:
        return 0.0, 0.0
    if kind is SurvivalBand.PLAIN:
        reach = z * survival * sqrt(summed)
        return max(0.0, survival - reach), min(1.0, survival + reach)
    reach = exp(z * sqrt(summed) / abs(log(survival)))
    return survival**reach, survival ** (1 / reach)
