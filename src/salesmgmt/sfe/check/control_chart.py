"""Control charts: which changes of a figure are more than its ordinary ups and downs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

import attrs

from salesmgmt.core.errors import SalesError
from salesmgmt.core.exact import Number, add, divide, exact, multiply, subtract
from salesmgmt.core.measured import Measured

D2 = Decimal("1.128")
"""Mean moving range of two points in standard deviations (NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2)."""
D4 = Decimal("3.267")
"""Upper limit of the moving range of two points, in mean moving ranges (same place)."""
SHORTEST_HISTORY = 8
"""Points from which limits are issued unless the caller says otherwise."""


class WesternElectricRule(StrEnum):
    """A pattern that chance alone makes rarely.

    Western Electric, Statistical Quality Control Handbook (1956). Every comparison is strict: a point on a line is
    inside. All points of a pattern lie on the same side, and the point that completes it lies beyond its line itself.

    >>> from salesmgmt.sfe.check.control_chart import WesternElectricRule
    >>> WesternElectricRule.numbered(4).value
    'eight_on_one_side'
    """

    BEYOND_3_SIGMA = "beyond_3_sigma"
    """Rule 1: one point beyond three standard deviations."""
    TWO_OF_THREE_BEYOND_2_SIGMA = "two_of_three_beyond_2_sigma"
    """Rule 2."""
    FOUR_OF_FIVE_BEYOND_1_SIGMA = "four_of_five_beyond_1_sigma"
    """Rule 3."""
    EIGHT_ON_ONE_SIDE = "eight_on_one_side"
    """Rule 4: eight points in a row on one side of the centre."""

    @classmethod
    def numbered(cls, number: int) -> WesternElectricRule:
        """Return the rule with this number, 1 to 4."""
        return dict(enumerate(cls, start=1))[number]

    @property
    def pattern(self) -> tuple[int, int, int]:
        """How many points, of how many in a row, beyond how many standard deviations."""
        return _PATTERNS[self]


_PATTERNS = {
    WesternElectricRule.BEYOND_3_SIGMA: (1, 1, 3),
    WesternElectricRule.TWO_OF_THREE_BEYOND_2_SIGMA: (2, 3, 2),
    WesternElectricRule.FOUR_OF_FIVE_BEYOND_1_SIGMA: (4, 5, 1),
    WesternElectricRule.EIGHT_ON_ONE_SIDE: (8, 8, 0),
}
_ALL_RULES = tuple(WesternElectricRule)


class Side(StrEnum):
    """On which side of the centre a signal lies."""

    ABOVE = "above"
    BELOW = "below"


@attrs.frozen
class Signal:
    """A point at which a rule sees more than chance.

    Attributes:
        rule: the rule.
        point: which point of the series completes the pattern, counted from 1.
        side: where it lies.
        value: the figure at that point.

    >>> from salesmgmt.sfe.check import western_electric
    >>> western_electric([4], centre=0, sigma=1)[0].side.value
    'above'
    """

    rule: WesternElectricRule
    point: int
    side: Side
    value: Decimal


def western_electric(
    values: Iterable[Number],
    *,
    centre: Number,
    sigma: Number,
    rules: Iterable[WesternElectricRule] = _ALL_RULES,
    since: int = 1,
) -> tuple[Signal, ...]:
    """Find the patterns of the Western Electric rules in a series.

    Args:
        values: the figures in order of time.
        centre: the centre line.
        sigma: the standard deviation of a single point, zero or more.
        rules: the rules to apply; all four by default.
        since: the first point that is judged, counted from 1; those before it only complete patterns.

    Returns:
        The signals by point, then by rule.

    >>> from decimal import Decimal
    >>> from salesmgmt.sfe.check.control_chart import western_electric
    >>> [(s.point, s.rule.value) for s in western_electric(["0.2", "2.1", "2.4", "0"], centre=0, sigma=1)]
    [(3, 'two_of_three_beyond_2_sigma')]
    """
    series = [exact(value) for value in values]
    middle, spread = exact(centre), exact(sigma)
    if spread < 0:
        raise NegativeSpread(spread)
    wanted = frozenset(rules)
    chosen = [rule for rule in _ALL_RULES if rule in wanted]
    lines = {(rule, side): _beyond(side, middle, spread, rule) for rule in chosen for side in Side}
    return tuple(
        Signal(rule, point, side, series[point - 1])
        for point in range(max(since, 1), len(series) + 1)
        for rule in chosen
        for side in Side
        if _completes(rule, series, point, lines[rule, side])
    )


class NegativeSpread(SalesError, ValueError):
    """A standard deviation below zero was given."""

    code = "negative_spread"

    def __init__(self, found: Decimal) -> None:
        self.found = found
        super().__init__(f"a standard deviation of {found} is below zero", hint="give zero or more")


def _beyond(
    side: Side, centre: Decimal, sigma: Decimal, rule: WesternElectricRule
) -> Callable[[Decimal], bool]:
    width = multiply(Decimal(rule.pattern[2]), sigma)
    if side is Side.ABOVE:
        upper = add(centre, width)
        return lambda value: value > upper
    lower = subtract(centre, width)
    return lambda value: value < lower


def _completes(
    rule: WesternElectricRule, series: Sequence[Decimal], point: int, beyond: Callable[[Decimal], bool]
) -> bool:
    if not beyond(series[point - 1]):
        return False
    needed, window, _ = rule.pattern
    return sum(map(beyond, series[max(0, point - window) : point])) >= needed


@attrs.frozen(kw_only=True)
class IndividualsChart:
    """Individuals and moving range chart (XmR), after NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2.

    Attributes:
        centre: the mean of the points.
        mr_bar: the mean moving range, the mean step from one point to the next.
        sigma: mr_bar / d2, the standard deviation of a single point.
        ucl: upper control limit, centre + 3 sigma.
        lcl: lower control limit, centre - 3 sigma. It is not cut at zero, even where a count cannot be negative.
        mr_ucl: upper limit of the moving range, D4 x mr_bar.

    >>> from salesmgmt.sfe.check.control_chart import individuals_chart
    >>> chart = individuals_chart([10, 12, 11, 13, 12, 11, 12, 11]).required()
    >>> chart.centre, round(chart.ucl, 3)
    (Decimal('11.5'), Decimal('14.919'))
    """

    centre: Decimal
    mr_bar: Decimal
    sigma: Decimal
    ucl: Decimal
    lcl: Decimal
    mr_ucl: Decimal

    def is_outside(self, value: Number) -> bool:
        """Whether a point lies strictly beyond a control limit.

        >>> from salesmgmt.sfe.check.control_chart import individuals_chart
        >>> individuals_chart([10, 12, 11, 13, 12, 11, 12, 11]).required().is_outside(16)
        True
        """
        return not self.lcl <= exact(value) <= self.ucl

    def outside(self, values: Iterable[Number]) -> tuple[int, ...]:
        """Return which points, counted from 1, lie beyond a control limit."""
        return tuple(point for point, value in enumerate(values, start=1) if self.is_outside(value))

    def signals(
        self,
        values: Iterable[Number],
        *,
        rules: Iterable[WesternElectricRule] = _ALL_RULES,
        since: int = 1,
    ) -> tuple[Signal, ...]:
        """Find the patterns of the Western Electric rules in a series, by the lines of this chart; see `western_electric`."""
        return western_electric(values, centre=self.centre, sigma=self.sigma, rules=rules, since=since)


def individuals_chart(
    values: Iterable[Number],
    *,
    d2: Number = D2,
    d4: Number = D4,
    minimum: int = SHORTEST_HISTORY,
) -> Measured[IndividualsChart]:
    """Make the individuals chart of a series.

    Args:
        values: the figures of the base period in order of time, without the point that is to be judged.
        d2: the constant of the standard deviation.
        d4: the constant of the upper limit of the moving range.
        minimum: how many points there must be at least (and never fewer than two).

    Returns:
        The chart, or the flag `insufficient_history`; `n` is the number of points.

    >>> from salesmgmt.sfe.check.control_chart import individuals_chart
    >>> individuals_chart([10, 12, 11])
    Measured(None, flag='insufficient_history', n=3)
    """
    series = [exact(value) for value in values]
    count = len(series)
    if count < max(minimum, 2):
        return Measured(None, "insufficient_history", n=count)
    centre = divide(_sum(series), Decimal(count))
    steps = [subtract(right, left).copy_abs() for left, right in pairwise(series)]
    mr_bar = divide(_sum(steps), Decimal(len(steps)))
    sigma = divide(mr_bar, exact(d2))
    # Three times the range before the division: the limits are exact where they can be.
    width = divide(multiply(Decimal(3), mr_bar), exact(d2))
    chart = IndividualsChart(
        centre=centre,
        mr_bar=mr_bar,
        sigma=sigma,
        ucl=add(centre, width),
        lcl=subtract(centre, width),
        mr_ucl=multiply(exact(d4), mr_bar),
    )
    return Measured(chart, n=count)


def _sum(numbers: Iterable[Decimal]) -> Decimal:
    total = Decimal(0)
    for number in numbers:
        total = add(total, number)
    return total
