"""Between which limits a figure lies, and how sure that is."""

from __future__ import annotations

from decimal import Decimal
from math import isfinite

import attrs

from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.core.measured import Measured
from salesmgmt.core.percent import Percent

NINETY_FIVE = Percent(95)
"""The confidence that is meant when none is named."""

_SURE = Percent("99.9999")
_DIGITS = 12
_LARGEST, _SMALLEST = 1e90, 1e-90


@attrs.frozen
class Interval:
    """The limits between which a figure lies with some confidence.

    Attributes:
        low: the lower limit.
        high: the upper limit.
        confidence: how many such intervals out of a hundred contain what they are about.

    >>> from decimal import Decimal
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.engines.statistics import Interval
    >>> Decimal("-1.5") in Interval(Decimal(-2), Decimal(-1), Percent(95))
    True
    """

    low: Decimal
    high: Decimal
    confidence: Percent

    def __contains__(self, value: Decimal) -> bool:
        return self.low <= value <= self.high

    def __str__(self) -> str:
        return f"{self.low:f} to {self.high:f} ({self.confidence})"

    def overlaps(self, other: Interval) -> bool:
        """Whether a figure can lie in both.

        >>> from decimal import Decimal
        >>> from salesmgmt.core.percent import Percent
        >>> from salesmgmt.engines.statistics import Interval
        >>> Interval(Decimal(0), Decimal(2), Percent(95)).overlaps(Interval(Decimal(3), Decimal(4), Percent(95)))
        False
        """
        return self.low <= other.high and other.low <= self.high


def share_of(confidence: Percent) -> float:
    """Return a confidence as a plain share; raises `InvalidInput` when it is not above 0 and at most 99.9999 %.

    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.engines.statistics.interval import share_of
    >>> share_of(Percent(95))
    0.95
    """
    if not Percent(0) < confidence <= _SURE:
        wanted = f"above 0% and at most {_SURE}"
        raise InvalidInput("an interval", [Problem("confidence", "range", str(confidence), wanted)])
    return float(confidence.ratio)


def decimal_of(figure: float) -> Decimal | None:
    """Return a float as a decimal of 12 digits; `None` for one that is too large or no number.

    The digits behind those differ from machine to machine.

    >>> from salesmgmt.engines.statistics.interval import decimal_of
    >>> decimal_of(0.1 + 0.2), decimal_of(float("nan"))
    (Decimal('0.3'), None)
    """
    if not isfinite(figure) or abs(figure) > _LARGEST:
        return None
    if abs(figure) < _SMALLEST:
        return Decimal(0)
    short = Decimal(f"{figure:.{_DIGITS - 1}e}").normalize()
    return short if short.as_tuple().exponent <= 0 else Decimal(int(short))  # type: ignore[operator]  # it is finite


def measured_of(figure: float, flag: str | None, n: int) -> Measured[Decimal]:
    """Return a float as a figure with its warning, or flagged `out_of_range`.

    >>> from salesmgmt.engines.statistics.interval import measured_of
    >>> measured_of(0.25, None, 8)
    Measured(Decimal('0.25'), n=8)
    """
    value = decimal_of(figure)
    return Measured(None, "out_of_range", n=n) if value is None else Measured(value, flag, n=n)


def interval_of(
    limits: tuple[float, float], confidence: Percent, flag: str | None, n: int
) -> Measured[Interval]:
    """Return two floats as an interval with its warning, or flagged `out_of_range`.

    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.engines.statistics.interval import interval_of
    >>> str(interval_of((0.25, 0.5), Percent(95), None, 8).value)
    '0.25 to 0.5 (95%)'
    """
    low, high = map(decimal_of, limits)
    if low is None or high is None:
        return Measured(None, "out_of_range", n=n)
    return Measured(Interval(low, high, confidence), flag, n=n)
