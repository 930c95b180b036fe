"""How the chance to win a line depends on its price."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from math import erfc, sqrt

import attrs

from salesmgmt.core.measured import Measured
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.insight.closed_line import ClosedLine
from salesmgmt.cpq.insight.warning import warning_of
from salesmgmt.engines.statistics import LogisticFit, NoFit, NoFitReason, critical_z, fit_logistic, quantile
from salesmgmt.engines.statistics.interval import NINETY_FIVE, Interval, interval_of, measured_of, share_of


@attrs.frozen(kw_only=True)
class WinCurve:
    """The chance to win a line at each price, as a share of its list price.

    Prices are ratios, so that lines of different list prices, quantities and currencies go into one curve.

    Attributes:
        fit: the logistic curve; x is net by list.
        won: how many lines were won.
        lost: how many were lost.
        lowest: the lowest ratio that was ever offered.
        highest: the highest one.
        median: the median of all ratios.
        median_won: the median of those that were won.
        confidence: of all intervals.
        fewest: how many lines should be won, and how many lost.
        flag: `few_lines`, `not_independent`, or `None` if all is well.
    """

    fit: LogisticFit
    won: int
    lost: int
    lowest: Decimal
    highest: Decimal
    median: Decimal
    median_won: Decimal
    confidence: Percent
    fewest: int
    flag: str | None

    @property
    def n(self) -> int:
        """How many lines it was fitted to."""
        return self.won + self.lost

    @property
    def slope(self) -> Measured[Decimal]:
        """What the log-odds gain when the price rises by the whole list price; below zero when dear offers are lost."""
        return measured_of(self.fit.slope, self.flag, self.n)

    @property
    def slope_interval(self) -> Measured[Interval]:
        """The interval of the slope, after Wald."""
        limits = self.fit.slope_interval(share_of(self.confidence))
        return interval_of(limits, self.confidence, self.flag, self.n)

    @property
    def slope_p(self) -> Measured[Decimal]:
        """How often chance alone makes a slope as steep, either way (Wald)."""
        return measured_of(erfc(abs(self.fit.slope) / self.fit.slope_error / sqrt(2)), self.flag, self.n)

    @property
    def falls(self) -> bool:
        """Whether dearer offers are won less often by more than chance explains: the interval of the slope is below zero."""
        return self.fit.slope_interval(share_of(self.confidence))[1] < 0

    def chance(self, ratio: Decimal) -> Measured[Decimal]:
        """Return the chance to win at a price, 0 to 1; flagged `extrapolated` outside of what was ever offered."""
        return measured_of(self.fit.probability(float(ratio)), self._flag_at(ratio), self.n)

    def chance_interval(self, ratio: Decimal) -> Measured[Interval]:
        """Return the interval of the chance to win at a price, for the average over many such lines."""
        limits = self.fit.probability_interval(float(ratio), share_of(self.confidence))
        return interval_of(limits, self.confidence, self._flag_at(ratio), self.n)

    def elasticity(self, ratio: Decimal) -> Measured[Decimal]:
        """Return by how many percent the chance to win changes when the price rises by one: slope r (1 - P(r))."""
        at = float(ratio)
        return measured_of(self.fit.slope * at * (1 - self.fit.probability(at)), self._flag_at(ratio), self.n)

    def elasticity_interval(self, ratio: Decimal) -> Measured[Interval]:
        """Return the interval of the elasticity at a price, by the delta method."""
        fit, at = self.fit, float(ratio)
        chance = fit.probability(at)
        # Derivatives of slope * r * (1 - P) by the level and by the slope of the curve.
        by_level = -fit.slope * at * chance * (1 - chance)
        by_slope = at * (1 - chance) + by_level * (at - fit.centre)
        variance = (
            by_level**2 * fit.level_variance
            + 2 * by_level * by_slope * fit.covariance
            + by_slope**2 * fit.slope_variance
        )
        value = fit.slope * at * (1 - chance)
        reach = critical_z(share_of(self.confidence)) * sqrt(max(0.0, variance))
        return interval_of((value - reach, value + reach), self.confidence, self._flag_at(ratio), self.n)

    def _flag_at(self, ratio: Decimal) -> str | None:
        return self.flag if self.lowest <= ratio <= self.highest else "extrapolated"


def fit_win_curve(
    lines: Iterable[ClosedLine], *, confidence: Percent = NINETY_FIVE, fewest: int = 10
) -> Measured[WinCurve]:
    """Fit the chance to win to the price, by logistic regression on net by list.

    Args:
        lines: won and lost ones, of one product and segment, as `group_lines` gives them.
        confidence: of all intervals.
        fewest: with fewer won or fewer lost lines the curve is flagged `few_lines`; ten of the rarer outcome is the rule of
            Peduzzi et al. (1996), Journal of Clinical Epidemiology 49. `not_independent` warns of lines of one quote, which
            are won together, so that intervals are too narrow.

    Returns:
        The curve; or none, flagged `no_lines`, `no_price_ratio`, `all_won`, `none_won`, `one_price`, `separated` (a price
        parts the won from the lost without exception), or `out_of_range`.

    Raises:
        InvalidInput: the confidence is none.

    >>> from datetime import date
    >>> from decimal import Decimal
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.insight import ClosedLine, fit_win_curve
    >>> lines = [ClosedLine(product="dock", quantity=1, list_amount=Money(100, "EUR"), net_amount=Money(net, "EUR"), won=won,
    ...                     on=date(2026, 3, 2))
    ...          for net, wins, losses in [(80, 30, 10), (100, 10, 30)] for won in [True] * wins + [False] * losses]
    >>> curve = fit_win_curve(lines).required()
    >>> curve.chance(Decimal("0.9")).value, curve.chance(Decimal("0.5")).flag
    (Decimal('0.5'), 'extrapolated')
    """
    share_of(confidence)
    every = tuple(lines)
    rated = [(ratio, line) for line in every if (ratio := line.price_ratio) is not None]
    if not rated:
        return Measured(None, "no_price_ratio" if every else "no_lines")
    fit = fit_logistic([float(ratio) for ratio, _ in rated], [line.won for _, line in rated])
    if isinstance(fit, NoFit):
        return Measured(None, _reason(fit, [line for _, line in rated]), n=len(rated))
    ratios, ratios_won = (
        sorted(ratio for ratio, _ in rated),
        sorted(ratio for ratio, line in rated if line.won),
    )
    won, lost = len(ratios_won), len(ratios) - len(ratios_won)
    flag = warning_of([line for _, line in rated], min(won, lost), fewest)
    curve = WinCurve(
        fit=fit,
        won=won,
        lost=lost,
        lowest=ratios[0],
        highest=ratios[-1],
        median=quantile(ratios, 1, 2),
        median_won=quantile(ratios_won, 1, 2),
        confidence=confidence,
        fewest=fewest,
        flag=flag,
    )
    return Measured(curve, flag, n=len(rated))


def _reason(fit: NoFit, lines: Sequence[ClosedLine]) -> str:
    match fit.reason:
        case NoFitReason.ONE_OUTCOME:
            return "all_won" if lines[0].won else "none_won"
        case NoFitReason.ONE_X:
            return "one_price"
        case _:
            return fit.reason.value
