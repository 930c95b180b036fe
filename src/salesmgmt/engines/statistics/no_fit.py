"""Why no curve could be fitted."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

import attrs


class NoFitReason(StrEnum):
    """What data lack that no curve follows from them.

    >>> from salesmgmt.engines.statistics import NoFitReason
    >>> NoFitReason("separated").name
    'SEPARATED'
    """

    TOO_FEW = "too_few"
    """Fewer points than it takes to estimate the curve and its error."""
    ONE_X = "one_x"
    """All points at one place: nothing can be said about others."""
    ONE_OUTCOME = "one_outcome"
    """Everything succeeded or nothing did."""
    SEPARATED = "separated"
    """A threshold parts successes from failures without an exception, so that the steepest curve of all fits best and the
    likelihood has no maximum (Albert & Anderson 1984, Biometrika 71)."""
    NOT_POSITIVE = "not_positive"
    """A value of zero or less, where proportions are asked for."""
    NO_SEASON = "no_season"
    """No length of a season, where its pattern is asked for."""
    OUT_OF_RANGE = "out_of_range"
    """Numbers too large or too close together for the arithmetic."""


@attrs.frozen(kw_only=True)
class NoFit:
    """No curve could be fitted: an expected answer, and no error.

    Attributes:
        reason: what is lacking.
        n: how many points there were.
        found: what was found, in words.
        wanted: what would have been enough.
        code: (class) `no_fit`.

    >>> from salesmgmt.engines.statistics import fit_line
    >>> print(fit_line([1, 1, 1], [2, 3, 4]))
    no fit (one_x): found 3 points at one x, wanted two different x
    """

    code: ClassVar[str] = "no_fit"

    reason: NoFitReason
    n: int
    found: str
    wanted: str

    def __str__(self) -> str:
        return f"no fit ({self.reason}): found {self.found}, wanted {self.wanted}"


def not_in_range(n: int) -> NoFit:
    """Return the answer that the arithmetic cannot hold the numbers.

    >>> from salesmgmt.engines.statistics.no_fit import not_in_range
    >>> not_in_range(3).reason.value
    'out_of_range'
    """
    wanted = "finite numbers of moderate size that differ in their first 15 digits"
    return NoFit(reason=NoFitReason.OUT_OF_RANGE, n=n, found="numbers beyond binary floats", wanted=wanted)
