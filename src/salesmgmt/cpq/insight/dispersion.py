"""How far prices of the same thing lie apart, and what that costs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, TypeVar

import attrs

from salesmgmt.core.errors import shorten
from salesmgmt.core.exact import CONTEXT, WIDE, NotANumber, add, divide, multiply, subtract
from salesmgmt.core.measured import Measured
from salesmgmt.core.money import Money
from salesmgmt.core.rounding import Rounding
from salesmgmt.cpq.insight.closed_line import ClosedLine
from salesmgmt.engines.statistics import quantile

T = TypeVar("T")

_FENCE = Decimal("1.5")


@attrs.frozen(kw_only=True)
class PriceOutlier:
    """A line whose price lies far from those of the others.

    Attributes:
        line: the line.
        ratio: its net by list amount.
        fence: the limit that it lies beyond.

    >>> from decimal import Decimal
    >>> from datetime import date
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.insight import ClosedLine, PriceOutlier
    >>> line = ClosedLine(product="dock", quantity=1, list_amount=Money(10, "EUR"), net_amount=Money(2, "EUR"), won=True,
    ...                   on=date(2026, 3, 2), quote="q-7")
    >>> print(PriceOutlier(line=line, ratio=Decimal("0.2"), fence=Decimal("0.7")))
    'dock' at 0.2 of list on 2026-03-02 (quote 'q-7'), below 0.7
    """

    line: ClosedLine
    ratio: Decimal
    fence: Decimal

    def __str__(self) -> str:
        quote = f" (quote {shorten(self.line.quote)})" if self.line.quote else ""
        side = "below" if self.ratio < self.fence else "above"
        product = shorten(self.line.product)
        return f"{product} at {self.ratio:f} of list on {self.line.on}{quote}, {side} {self.fence:f}"


@attrs.frozen(kw_only=True)
class PriceDispersion:
    """How net prices are spread, as shares of the list price. Every figure is flagged `few_lines` when there are few.

    Attributes:
        n: how many lines it is drawn from.
        realisation: what was charged of all list amounts: the sum of the net by that of the list amounts.
        mean: of the ratios, each line counting alike.
        p10: a tenth of the lines lies below it.
        lower_quartile: a quarter of the lines lies below it.
        median: half of the lines lies below it.
        upper_quartile: three quarters of the lines lie below it.
        p90: nine tenths of the lines lie below it.
        spread: p90 less p10.
        variation: coefficient of variation, standard deviation (with n - 1) by mean.
        at_stake: what the lines below the median would bring in more at the median, if they were sold all the same.
        outliers: the lines beyond the fences of Tukey (1977): one and a half quartile distances outside the quartiles.
    """

    n: int
    realisation: Measured[Decimal]
    mean: Measured[Decimal]
    p10: Measured[Decimal]
    lower_quartile: Measured[Decimal]
    median: Measured[Decimal]
    upper_quartile: Measured[Decimal]
    p90: Measured[Decimal]
    spread: Measured[Decimal]
    variation: Measured[Decimal]
    at_stake: Measured[Money]
    outliers: tuple[PriceOutlier, ...] = ()


def price_dispersion(
    lines: Iterable[ClosedLine], *, rounding: Rounding, won_only: bool = True, fewest: int = 10
) -> PriceDispersion:
    """Measure how far prices lie apart: the pocket price band of Marn & Rosiello (1992), Harvard Business Review 70(5).

    Everything but the amount at stake is exact to 34 digits; that is rounded as asked. Lines without a `price_ratio` are
    left out, and `coverage` says how many remain.

    Args:
        lines: of one product and segment, as `group_lines` gives them.
        rounding: of the amount at stake.
        won_only: whether lost offers are left out, because nobody paid their prices.
        fewest: below so many lines every figure is flagged `few_lines`.

    Returns:
        The figures; `no_lines` or `no_price_ratio` when there is nothing to measure, `one_line` for a variation of one,
        `zero_mean` where everything is given away, and `several_currencies` for amounts that cannot be added.

    >>> from datetime import date
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.rounding import Rounding
    >>> from salesmgmt.cpq.insight import ClosedLine, price_dispersion
    >>> lines = [ClosedLine(product="dock", quantity=1, list_amount=Money(100, "EUR"), net_amount=Money(net, "EUR"), won=True,
    ...                     on=date(2026, 3, 2)) for net in (70, 80, 90, 95, 100)]
    >>> found = price_dispersion(lines, rounding=Rounding("half_up", "0.01"))
    >>> found.median, found.at_stake
    (Measured(Decimal('0.9'), flag='few_lines', n=5), Measured(Money('30.00', 'EUR'), flag='few_lines', n=5))
    """
    wanted = [line for line in lines if line.won or not won_only]
    rated = [(ratio, line) for line in wanted if (ratio := line.price_ratio) is not None]
    basis = _Basis(n=len(rated), wanted=len(wanted), flag="few_lines" if len(rated) < fewest else None)
    if not rated:
        return _nothing(basis.lacking("no_price_ratio" if wanted else "no_lines"))
    ascending = sorted(ratio for ratio, _ in rated)
    p10, q1, median, q3, p90 = (quantile(ascending, percent, 100) for percent in (10, 25, 50, 75, 90))
    reach = multiply(_FENCE, subtract(q3, q1))
    low, high = subtract(q1, reach), add(q3, reach)
    total = _sum(ascending)
    return PriceDispersion(
        n=len(rated),
        realisation=_realisation(rated, basis),
        mean=basis.measured(CONTEXT.divide(total, Decimal(len(rated)))),
        p10=basis.measured(p10),
        lower_quartile=basis.measured(q1),
        median=basis.measured(median),
        upper_quartile=basis.measured(q3),
        p90=basis.measured(p90),
        spread=basis.measured(subtract(p90, p10)),
        variation=_variation(ascending, total, basis),
        at_stake=_at_stake(rated, median, rounding, basis),
        outliers=tuple(
            PriceOutlier(line=line, ratio=ratio, fence=low if ratio < low else high)
            for ratio, line in rated
            if not low <= ratio <= high
        ),
    )


_Rated = Sequence[tuple[Decimal, ClosedLine]]


@attrs.frozen(kw_only=True)
class _Basis:
    """What all figures have in common: how many lines, of how many, and the warning."""

    n: int
    wanted: int
    flag: str | None

    def measured(self, value: T) -> Measured[T]:
        return Measured(value, self.flag, n=self.n, coverage=self._coverage)

    def lacking(self, reason: str) -> Measured[Any]:
        return Measured(None, reason, n=self.n, coverage=self._coverage)

    @property
    def _coverage(self) -> Decimal | None:
        return None if self.n == self.wanted else divide(Decimal(self.n), Decimal(self.wanted))


def _nothing(why: Measured[Any]) -> PriceDispersion:
    return PriceDispersion(
        n=0,
        realisation=why,
        mean=why,
        p10=why,
        lower_quartile=why,
        median=why,
        upper_quartile=why,
        p90=why,
        spread=why,
        variation=why,
        at_stake=why,
    )


def _sum(numbers: Iterable[Decimal]) -> Decimal:
    """Add up without a loss: what is cut is cut once, at the end."""
    total = Decimal(0)
    for number in numbers:
        total = WIDE.add(total, number)
    return total


def _variation(ascending: Sequence[Decimal], total: Decimal, basis: _Basis) -> Measured[Decimal]:
    if basis.n == 1:
        return basis.lacking("one_line")
    if not total:
        return basis.lacking("zero_mean")
    count = Decimal(basis.n)
    squares = _sum(WIDE.multiply(ratio, ratio) for ratio in ascending)
    # n * sum of squares - square of the sum is exact; no difference of nearly equal figures loses digits.
    deviation = WIDE.subtract(WIDE.multiply(count, squares), WIDE.multiply(total, total))
    variance = WIDE.divide(deviation, WIDE.multiply(count, count - 1))
    return basis.measured(CONTEXT.divide(WIDE.multiply(WIDE.sqrt(variance), count), total))


def _realisation(rated: _Rated, basis: _Basis) -> Measured[Decimal]:
    if _is_mixed(rated):
        return basis.lacking("several_currencies")
    net, listed = (
        _sum(line.net_amount.amount for _, line in rated),
        _sum(line.list_amount.amount for _, line in rated),
    )
    return basis.measured(CONTEXT.divide(net, listed))


def _at_stake(rated: _Rated, median: Decimal, rounding: Rounding, basis: _Basis) -> Measured[Money]:
    if _is_mixed(rated):
        return basis.lacking("several_currencies")
    missing = _sum(
        WIDE.subtract(WIDE.multiply(median, line.list_amount.amount), line.net_amount.amount)
        for ratio, line in rated
        if ratio < median
    )
    try:
        return basis.measured(Money(CONTEXT.plus(missing), rated[0][1].currency).rounded(rounding))
    except (ArithmeticError, NotANumber):
        return basis.lacking("out_of_range")


def _is_mixed(rated: _Rated) -> bool:
    return len({line.currency for _, line in rated}) > 1
