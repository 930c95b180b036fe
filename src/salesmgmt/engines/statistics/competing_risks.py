"""How likely each of several ends has come by some time, when for some nothing has come yet."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from math import inf

import attrs


@attrs.frozen
class Incidence:
    """The share for which an end has come by each time; made by `cumulative_incidence`.

    Attributes:
        times: the times at which somebody was last seen, with an end or without, rising.
        shares: the share for which the end has come by then.
        lost: for how many nothing had come when they were last seen, then or before.
        n: how many were watched.

    >>> from salesmgmt.engines.statistics import cumulative_incidence
    >>> won = cumulative_incidence([(5, "won"), (7, "lost"), (9, None), (12, "won")], "won")
    >>> won.at(4), won.at(5), won.at(20)
    (0.0, 0.25, 0.75)
    """

    times: tuple[float, ...]
    shares: tuple[float, ...]
    lost: tuple[int, ...]
    n: int

    def at(self, time: float) -> float:
        """Return the share for which it has come by a time; beyond the last that was seen, that of then."""
        place = bisect_right(self.times, time)
        return self.shares[place - 1] if place else 0.0

    def informed(self, time: float) -> int:
        """Return of how many it is known how they stood at a time: an end had come, or they were watched so long.

        >>> from salesmgmt.engines.statistics import cumulative_incidence
        >>> cumulative_incidence([(5, "won"), (7, None)], "won").informed(30)
        1
        """
        place = bisect_left(self.times, time)
        return self.n - (self.lost[place - 1] if place else 0)


def cumulative_incidence(
    watched: Iterable[tuple[float, str | None]] | Mapping[tuple[float, str | None], int], end: str
) -> Incidence:
    """Estimate how likely one of several ends has come by each time.

    The estimator of Aalen & Johansen (1978), Scandinavian Journal of Statistics 5: the sum over times of the share for
    which nothing has come before, times the share of those at risk for which this end comes then. Unlike 1 minus
    the Kaplan-Meier curve of the one end it does not count on those whom another end has taken. Who was last seen at a
    time is still at risk at that time.

    Args:
        watched: for each, how long it was watched (0 or more) and which end came then, `None` when none had; or how many
            there are of each such pair.
        end: the end that is asked for.

    Raises:
        ValueError: a time is negative or no number.

    >>> from salesmgmt.engines.statistics import cumulative_incidence
    >>> cumulative_incidence({(3, "won"): 20, (9, None): 80}, "won").at(5)
    0.2
    """
    leaving: Counter[float] = Counter()
    ending: Counter[float] = Counter()
    wanted: Counter[float] = Counter()
    for (time, came), count in Counter(watched).items():
        if not 0 <= time < inf:
            message = f"a time of {time}; how long something was watched is zero or more"
            raise ValueError(message)
        leaving[time] += count
        if came is not None:
            ending[time] += count
            if came == end:
                wanted[time] += count
    n = at_risk = leaving.total()
    free, share, gone = 1.0, 0.0, 0
    shares, lost = [], []
    times = sorted(leaving)
    for time in times:
        share += free * wanted[time] / at_risk
        free *= (at_risk - ending[time]) / at_risk
        gone += leaving[time] - ending[time]
        at_risk -= leaving[time]
        shares.append(share)
        lost.append(gone)
    return Incidence(tuple(times), tuple(shares), tuple(lost), n)
