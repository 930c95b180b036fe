"""How often offers are won at which discount."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

import attrs

from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.core.exact import divide, subtract
from salesmgmt.core.measured import Measured
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.insight.closed_line import ClosedLine
from salesmgmt.cpq.insight.warning import warning_of
from salesmgmt.engines.statistics import quantile, wilson_interval
from salesmgmt.engines.statistics.interval import NINETY_FIVE, Interval, interval_of, share_of

_ONE = Decimal(1)


class WinTrend(StrEnum):
    """What win rates do as discounts grow deeper.

    >>> from salesmgmt.cpq.insight import WinTrend
    >>> WinTrend("rising").name
    'RISING'
    """

    RISING = "rising"
    """No band is won less often than the one before it, and one more often."""
    FALLING = "falling"
    """No band is won more often than the one before it, and one less often."""
    LEVEL = "level"
    """All bands are won equally often."""
    MIXED = "mixed"
    """Now more, now less often."""
    UNKNOWN = "unknown"
    """Fewer than two bands have lines."""


@attrs.frozen(kw_only=True)
class WinBand:
    """Offers whose discount lies between two limits, and how often they were won.

    Attributes:
        lower: the discount that the band begins with; `None` for none.
        upper: the discount before which it ends; `None` for none.
        n: how many lines were offered.
        won: how many of them were won.
        win_rate: won by offered, 0 to 1; `no_lines` when nothing was offered.
        interval: of the win rate, after Wilson (1927).

    >>> from salesmgmt.core.measured import Measured
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.cpq.insight import WinBand
    >>> nothing = Measured(None, "no_lines")
    >>> print(WinBand(lower=Percent(5), upper=Percent(10), n=0, won=0, win_rate=nothing, interval=nothing))
    from 5% below 10%: 0 of 0
    """

    lower: Percent | None
    upper: Percent | None
    n: int
    won: int
    win_rate: Measured[Decimal]
    interval: Measured[Interval]

    def __str__(self) -> str:
        below = "" if self.upper is None else f"below {self.upper}"
        above = "" if self.lower is None else f"from {self.lower}"
        return f"{' '.join(filter(None, (above, below))) or 'all'}: {self.won} of {self.n}"


@attrs.frozen(kw_only=True)
class WinReversal:
    """Two neighbouring bands of which the deeper discount was won less often.

    Attributes:
        shallow: the band of the smaller discount.
        deep: the band of the larger one.
        is_clear: whether their intervals do not overlap, so that chance hardly explains it.

    >>> from datetime import date
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.cpq.insight import ClosedLine, win_rates
    >>> lines = [ClosedLine(product="dock", quantity=1, list_amount=Money(100, "EUR"), net_amount=Money(net, "EUR"), won=won,
    ...                     on=date(2026, 3, 2)) for net, won in [(95, True), (95, True), (85, True), (85, False)]]
    >>> [reversal.is_clear for reversal in win_rates(lines, limits=[Percent(10)]).reversals]
    [False]
    """

    shallow: WinBand
    deep: WinBand
    is_clear: bool


@attrs.frozen(kw_only=True)
class WinRates:
    """Win rates by discount.

    Attributes:
        overall: of all lines that have a discount.
        bands: from the smallest discount, or the highest surcharge, to the deepest.
        trend: what the rates do from band to band.
        reversals: where a deeper discount was won less often.
        left_out: how many lines have no price ratio, and so no discount.
    """

    overall: WinBand
    bands: tuple[WinBand, ...]
    trend: WinTrend
    reversals: tuple[WinReversal, ...]
    left_out: int


def win_rates(
    lines: Iterable[ClosedLine],
    *,
    limits: Sequence[Percent] | None = None,
    parts: int = 5,
    confidence: Percent = NINETY_FIVE,
    fewest: int = 10,
) -> WinRates:
    """Count how often offers were won, by discount.

    A band contains its lower limit and not its upper one. What is found is no cause: discounts are deeper where a deal is
    in danger, and rates may fall with them.

    Args:
        lines: won and lost ones, of one product and segment, as `group_lines` gives them.
        limits: discounts at which a new band begins, ascending; `None` for bands of about equally many lines.
        parts: how many bands at most, when there are no limits: 1 to 100.
        confidence: of the intervals.
        fewest: a band with fewer lines is flagged `few_lines`. Otherwise `not_independent` warns of lines of one quote,
            which are won together, so that the interval is too narrow.

    Raises:
        InvalidInput: the limits do not ascend, there are none, or `parts` or `confidence` is out of range.

    >>> from datetime import date
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.cpq.insight import ClosedLine, win_rates
    >>> offers = [(100, 3, 9), (95, 6, 6), (85, 9, 3)]
    >>> lines = [ClosedLine(product="dock", quantity=1, list_amount=Money(100, "EUR"), net_amount=Money(net, "EUR"), won=won,
    ...                     on=date(2026, 3, 2))
    ...          for net, wins, losses in offers for won in [True] * wins + [False] * losses]
    >>> found = win_rates(lines, limits=[Percent(5), Percent(10)])
    >>> print(*found.bands, found.trend, sep="; ")
    below 5%: 3 of 12; from 5% below 10%: 6 of 12; from 10%: 9 of 12; rising
    >>> str(found.bands[0].interval.value)
    '0.0889416683941 to 0.532305334934 (95%)'
    """
    every = tuple(lines)
    share_of(confidence)
    rated = [(subtract(_ONE, ratio), line) for line in every if (ratio := line.price_ratio) is not None]
    cuts = _given(limits) if limits is not None else _quantiles(sorted(found for found, _ in rated), parts)
    edges: list[Decimal | None] = [None, *cuts, None]

    def band(lower: Decimal | None, upper: Decimal | None) -> WinBand:
        inside = [
            line
            for discount, line in rated
            if (lower is None or lower <= discount) and (upper is None or discount < upper)
        ]
        return _band(lower, upper, inside, confidence, fewest)

    bands = tuple(band(lower, upper) for lower, upper in pairwise(edges))
    steps = tuple(pairwise(found for found in bands if found.n))
    return WinRates(
        overall=band(None, None),
        bands=bands,
        trend=_trend(steps),
        reversals=tuple(
            WinReversal(
                shallow=shallow,
                deep=deep,
                is_clear=not shallow.interval.required().overlaps(deep.interval.required()),
            )
            for shallow, deep in steps
            if _gain(shallow, deep) < 0
        ),
        left_out=len(every) - len(rated),
    )


def _given(limits: Sequence[Percent]) -> list[Decimal]:
    if not limits or any(not low < high for low, high in pairwise(limits)):
        found = ", ".join(map(str, limits)) or None
        raise InvalidInput(
            "win rates", [Problem("limits", "order", found, "discounts that ascend, at least one")]
        )
    return [limit.ratio for limit in limits]


def _quantiles(ascending: Sequence[Decimal], parts: int) -> list[Decimal]:
    if not 1 <= parts <= 100:
        raise InvalidInput("win rates", [Problem("parts", "range", str(parts), "1 to 100")])
    if not ascending:
        return []
    cuts = {quantile(ascending, part, parts) for part in range(1, parts)}
    return sorted(cut for cut in cuts if cut > ascending[0])


def _band(
    lower: Decimal | None,
    upper: Decimal | None,
    lines: Sequence[ClosedLine],
    confidence: Percent,
    fewest: int,
) -> WinBand:
    n, won = len(lines), sum(line.won for line in lines)
    flag = warning_of(lines, n, fewest)
    nothing: Measured[Interval] = Measured(None, "no_lines")
    return WinBand(
        lower=None if lower is None else Percent.of_ratio(lower),
        upper=None if upper is None else Percent.of_ratio(upper),
        n=n,
        won=won,
        win_rate=Measured(divide(Decimal(won), Decimal(n)), flag, n=n) if n else Measured(None, "no_lines"),
        interval=interval_of(wilson_interval(won, n, share_of(confidence)), confidence, flag, n)
        if n
        else nothing,
    )


def _gain(shallow: WinBand, deep: WinBand) -> int:
    """Above zero when the deeper band is won more often, below when less, compared without a rounding."""
    return deep.won * shallow.n - shallow.won * deep.n


def _trend(steps: Sequence[tuple[WinBand, WinBand]]) -> WinTrend:
    if not steps:
        return WinTrend.UNKNOWN
    gains = [_gain(shallow, deep) for shallow, deep in steps]
    if not any(gains):
        return WinTrend.LEVEL
    if min(gains) >= 0:
        return WinTrend.RISING
    return WinTrend.FALLING if max(gains) <= 0 else WinTrend.MIXED
