"""What deals will bring that nobody has opened yet: created and closed within the time that is forecast."""

from __future__ import annotations

from collections.abc import Iterable
from math import fsum

from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.pipeline.deals import StageKind
from salesmgmt.pipeline.forecast.life import DealLife
from salesmgmt.pipeline.forecast.win_hazard import WinHazard


class NewBusiness:
    """What new deals bring if they keep coming as of late and go as the past ones went: create and close; made by `fit`.

    The sum over the days to come of (deals opened a day) times (how likely one is won in the days that are then left) times
    (mean amount of a won deal).

    Attributes:
        per_day: deals opened a day, within the window.
        won_amount: mean amount of the deals won until then, in whole units of the currency; an estimate, no amount.
    """

    __slots__ = ("_hazard", "per_day", "won_amount")

    def __init__(self, hazard: WinHazard, *, per_day: float, won_amount: float) -> None:
        self._hazard = hazard
        self.per_day = per_day
        self.won_amount = won_amount

    @classmethod
    def fit(cls, lives: Iterable[DealLife], hazard: WinHazard, *, window_days: int = 91) -> NewBusiness:
        """Learn from what was known at the end of the day on which the hazard was learnt.

        Args:
            lives: deals, open and closed, of one currency; what happened after that day is not looked at.
            hazard: how deals go.
            window_days: over how many days new deals are counted, 1 or more; over fewer when the first deal is younger.

        Raises:
            InvalidInput: the window is shorter than a day.

        >>> from datetime import date
        >>> from salesmgmt.pipeline.forecast import NewBusiness, WinHazard
        >>> hazard = WinHazard.fit([], as_of=date(2026, 3, 2), horizon=90)
        >>> NewBusiness.fit([], hazard).expected(90)
        0.0
        """
        if window_days < 1:
            raise InvalidInput(
                "new business", [Problem("window_days", "range", shorten(window_days), "1 or more")]
            )
        as_of = hazard.as_of
        ages: list[int] = []
        won: list[float] = []
        for life in lives:
            if life.opened_on is not None and life.opened_on <= as_of:
                ages.append((as_of - life.opened_on).days)
            state = life.on(as_of)
            if state is not None and state.status is StageKind.WON and state.amount is not None:
                won.append(float(state.amount.amount))
        days = min(window_days, max(ages, default=0) + 1)
        return cls(
            hazard,
            per_day=sum(age < days for age in ages) / days,
            won_amount=fsum(won) / len(won) if won else 0.0,
        )

    def expected(self, within: int) -> float | None:
        """Return what new deals bring within some days from now on, at most the horizon of the hazard, in whole units of the currency.

        `None` when new deals come, but too few of the past tell how they go.
        """
        if not self.per_day:
            return 0.0
        chances = [self._hazard.from_opening(days) for days in range(within)]
        known = [chance for chance in chances if chance is not None]
        return None if len(known) < len(chances) else self.per_day * self.won_amount * fsum(known)
