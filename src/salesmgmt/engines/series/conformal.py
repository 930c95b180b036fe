"""Intervals from the errors that forecasts made, without supposing how these are distributed."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from math import ceil, floor

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, option, shorten
from salesmgmt.core.exact import CONTEXT
from salesmgmt.core.measured import Measured
from salesmgmt.core.percent import Percent
from salesmgmt.engines.series.history import values_of

EIGHTY = Percent(80)
"""The confidence that is meant when none is named."""


class Sides(StrEnum):
    """Whether an interval reaches equally far up and down.

    >>> from salesmgmt.engines.series import Sides
    >>> Sides("signed").name
    'SIGNED'
    """

    EQUAL = "equal"
    """By the size of the errors: as far down as up."""
    SIGNED = "signed"
    """By the errors with their sign, half of what is left out on each side; it moves with a bias and takes twice the errors."""


@attrs.frozen
class Margin:
    """What is added to a forecast for the ends of its interval.

    Attributes:
        low: for the lower end; mostly below zero.
        high: for the upper end.

    >>> from salesmgmt.engines.series import Margin
    >>> Margin(-2.0, 3.0).around(10.0)
    Band(low=8.0, high=13.0)
    """

    low: float
    high: float

    def around(self, forecast: float) -> Band:
        """Return the interval about a forecast.

        >>> from salesmgmt.engines.series import Margin
        >>> 12.5 in Margin(-2.0, 3.0).around(10.0)
        True
        """
        return Band(forecast + self.low, forecast + self.high)


@attrs.frozen
class Band:
    """The interval of a forecast, with both ends.

    Attributes:
        low: the lower end.
        high: the upper end.

    >>> from salesmgmt.engines.series import Band
    >>> 3 in Band(1.0, 3.0), 4 in Band(1.0, 3.0)
    (True, False)
    """

    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


def conformal_margin(
    residuals: Sequence[float], confidence: Percent = EIGHTY, *, sides: Sides = Sides.EQUAL
) -> Measured[Margin]:
    """Return how far an interval reaches that contains the next value with at least this probability.

    Split conformal prediction (Vovk, Gammerman & Shafer 2005, Algorithmic Learning in a Random World; Lei et al. 2018, Journal of
    the American Statistical Association 113): of n errors the one of rank ceil((n + 1) confidence) by size. This holds for a
    finite n and any distribution, if the next error is exchangeable with those; errors of a series are so only as far as
    the series stays as it is, so that a backtest should measure the coverage (`Backtest.coverage`).

    Args:
        residuals: errors that forecasts of this kind made, actual value less forecast; not those of a fit.
        confidence: above 0 % and below 100 %.
        sides: whether both sides reach equally far.

    Returns:
        The margin; undefined, flagged `too_few_residuals`, when the rank is beyond the number of errors: 80 % takes 4, with
        `SIGNED` sides 9.

    Raises:
        InvalidInput: an error is no finite number, or the confidence is out of its range.
        UnknownOption: `sides` is none of the two.

    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.engines.series import conformal_margin
    >>> conformal_margin([1, -2, 4, -3, 0.5], Percent(60))
    Measured(Margin(low=-3.0, high=3.0), n=5)
    >>> conformal_margin([1, -2, 4], Percent(80))
    Measured(None, flag='too_few_residuals', n=3)
    """
    errors = values_of(residuals, "residuals")
    share = share_of(confidence)
    chosen = option(Sides, sides, "sides")
    return margin_of(sorted(map(abs, errors)) if chosen is Sides.EQUAL else sorted(errors), share, chosen)


def margin_of(ascending: Sequence[float], share: Decimal, sides: Sides) -> Measured[Margin]:
    """Return the margin of errors that are in order: by size for equal sides, else with their signs.

    >>> from decimal import Decimal
    >>> from salesmgmt.engines.series.conformal import Sides, margin_of
    >>> margin_of([1.0, 2.0, 3.0, 4.0], Decimal("0.8"), Sides.EQUAL)
    Measured(Margin(low=-4.0, high=4.0), n=4)
    """
    n = len(ascending)
    # Ranks are reckoned in decimals: in floats 0.8 of 5 or 0.9 of 10 may end a rank too high.
    if sides is Sides.EQUAL:
        rank = ceil(CONTEXT.multiply(Decimal(n + 1), share))
        if rank > n:
            return Measured(None, "too_few_residuals", n=n)
        reach = ascending[rank - 1]
        return Measured(Margin(-reach, reach), n=n)
    outside = CONTEXT.divide(CONTEXT.subtract(Decimal(1), share), Decimal(2))
    low = floor(CONTEXT.multiply(Decimal(n + 1), outside))
    if low < 1:
        return Measured(None, "too_few_residuals", n=n)
    return Measured(Margin(ascending[low - 1], ascending[n - low]), n=n)


def share_of(confidence: Percent) -> Decimal:
    """Return a confidence as a plain share; raises `InvalidInput` when it is not above 0 % and below 100 %.

    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.engines.series.conformal import share_of
    >>> share_of(Percent(80))
    Decimal('0.80')
    """
    given: object = confidence
    if not isinstance(given, Percent) or not Percent(0) < given < Percent(100):
        wanted = "a Percent above 0% and below 100%, as Percent(80)"
        raise InvalidInput("an interval", [Problem("confidence", "range", shorten(confidence), wanted)])
    return confidence.ratio
