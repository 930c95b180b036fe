"""How likely an open deal is won within some days, by the stage where it stands and how long it has stood there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TypeAlias

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.period import require_date
from salesmgmt.engines.statistics import Incidence, cumulative_incidence
from salesmgmt.pipeline.deals import StageKind
from salesmgmt.pipeline.forecast.life import UNKNOWN_STAGE, DealLife, DealState

MAX_LANDMARKS = 150
"""What has stood longer than so many steps counts as standing so long: nothing is learnt from the differences any more."""


@attrs.frozen
class _Stay:
    """A stay in an open stage, in days from its beginning.

    Attributes:
        seen: when it was first seen: 0, or later for a deal that was taken over from elsewhere.
        left: how long it lasted, as far as it is known.
        decided: when the deal was won or lost, or was last seen.
        end: how it was decided; `None` when it was not yet.
    """

    seen: int
    left: int
    decided: int
    end: str | None


_Outcome: TypeAlias = tuple[int, str | None]
"""After how many days a deal was decided or last seen, and how it was decided."""


class WinHazard:
    """What the past says about open deals; made by `fit`.

    For a deal that has stood in a stage for some days, the estimate is made from all stays in this stage that were seen at
    that age (landmarking: van Houwelingen 2007, Scandinavian Journal of Statistics 34), by the cumulative
    incidence of winning with losing as the other end (Aalen & Johansen 1978); stays that are not decided yet count for
    as long as they are known. So a deal that stands still grows less likely where standing deals were won less. Only
    stays tell something whose end has come, or that were watched to the horizon: where fewer than `least` of these are left, the
    stays in all stages are taken; where these are too few as well, those of the last landmark with enough of them, so
    that what is older than all that was ever seen counts as the oldest that was.

    Attributes:
        as_of: the day whose end the estimate is made at; nothing later is known.
        horizon: for how many days ahead it can be asked.
        step: landmarks lie so many days apart.
        least: stays on which an estimate rests at least.
    """

    __slots__ = ("_any", "_by_stage", "_opened", "as_of", "horizon", "least", "step")

    def __init__(
        self,
        stays: Mapping[str, Sequence[_Stay]],
        opened: Counter[_Outcome],
        *,
        as_of: date,
        horizon: int,
        step: int,
        least: int,
    ) -> None:
        self.as_of, self.horizon, self.step, self.least = as_of, horizon, step, least
        self._by_stage = {stage: self._curves(its) for stage, its in stays.items()}
        self._any = self._curves([stay for its in stays.values() for stay in its])
        self._opened = self._curve(opened, 0)

    @classmethod
    def fit(
        cls, lives: Iterable[DealLife], *, as_of: date, horizon: int, step: int = 7, least: int = 30
    ) -> WinHazard:
        """Learn from what was known at the end of a day.

        Args:
            lives: deals, open and closed; what happened after `as_of` is not looked at.
            as_of: the day.
            horizon: for how many days ahead it will be asked, 1 or more.
            step: landmarks lie so many days apart, 1 or more.
            least: stays on which an estimate rests at least, 1 or more.

        Raises:
            InvalidInput: `horizon`, `step` or `least` is less than 1.
            NotADate: `as_of` is no day.

        >>> from datetime import date
        >>> from salesmgmt.pipeline.forecast import WinHazard
        >>> WinHazard.fit([], as_of=date(2026, 3, 2), horizon=30).probability("offer", 5, within=30) is None
        True
        """
        require_date(as_of, "as_of")
        problems = [
            Problem(name, "range", shorten(value), "1 or more")
            for name, value in (("horizon", horizon), ("step", step), ("least", least))
            if value < 1
        ]
        if problems:
            raise InvalidInput("a hazard", problems)
        stays: dict[str, list[_Stay]] = {}
        opened: Counter[_Outcome] = Counter()
        for life in lives:
            if life.states[0].since > as_of:
                continue
            last = life.on(as_of) or life.states[0]
            decided, end = (last.stage_since, last.status.value) if last.status.is_closed else (as_of, None)
            for stage, stay in _stays(life, as_of, decided, end):
                stays.setdefault(stage, []).append(stay)
            if life.opened_on is not None:
                opened[max((decided - life.opened_on).days, 0), end] += 1
        return cls(stays, opened, as_of=as_of, horizon=horizon, step=step, least=least)

    def probability(self, stage: str, days: int, *, within: int) -> float | None:
        """Return how likely a deal is won.

        Args:
            stage: where it stands.
            days: for how many days it has stood there.
            within: in how many days from now on; at most the horizon.

        Returns:
            0 to 1; `None` when there are fewer than `least` stays in all that tell something.

        Raises:
            InvalidInput: `within` is beyond the horizon, or something is negative.
        """
        self._check(within)
        if days < 0:
            raise InvalidInput(
                "a probability of winning", [Problem("days", "range", shorten(days), "0 or more")]
            )
        landmark = min(days // self.step, MAX_LANDMARKS - 1)
        found = self._by_stage.get(stage, {}).get(landmark) or self._any.get(landmark)
        while found is None and landmark:
            landmark -= 1
            found = self._any.get(landmark)
        return None if found is None else found.at(within)

    def from_opening(self, within: int) -> float | None:
        """Return how likely a new deal is won within some days; `None` when too few tell something.

        Raises:
            InvalidInput: `within` is beyond the horizon, or negative.
        """
        self._check(within)
        return None if self._opened is None else self._opened.at(within)

    def _check(self, within: int) -> None:
        if not 0 <= within <= self.horizon:
            wanted = f"0 to the horizon, {self.horizon}"
            raise InvalidInput(
                "a probability of winning", [Problem("within", "range", shorten(within), wanted)]
            )

    def _curves(self, stays: Sequence[_Stay]) -> Mapping[int, Incidence]:
        """The incidence from each landmark on for which enough is known, by the number of the landmark."""
        joining: dict[int, list[_Outcome]] = {}
        leaving: dict[int, list[_Outcome]] = {}
        for stay in stays:
            last, first = min(stay.left // self.step, MAX_LANDMARKS - 1), -(-stay.seen // self.step)
            if first <= last:
                outcome = (stay.decided, stay.end)
                joining.setdefault(last, []).append(outcome)
                leaving.setdefault(first - 1, []).append(outcome)
        curves = {}
        there: Counter[_Outcome] = Counter()
        # From the last landmark to the first, so that a stay is counted once and not again at each.
        for landmark in range(max(joining, default=-1), -1, -1):
            there.update(joining.get(landmark, ()))
            there.subtract(leaving.get(landmark, ()))
            curve = self._curve(there, landmark * self.step)
            if curve is not None:
                curves[landmark] = curve
        return curves

    def _curve(self, outcomes: Counter[_Outcome], start: int) -> Incidence | None:
        """The incidence of winning from a day on; `None` when too few tell something."""
        watched: Counter[_Outcome] = Counter()
        for (decided, end), count in outcomes.items():
            if not count:
                continue
            if decided - start > self.horizon:
                watched[self.horizon + 1, None] += count
            else:
                watched[decided - start, end] += count
        found = cumulative_incidence(watched, StageKind.WON.value)
        return found if found.informed(self.horizon) >= self.least else None


def _stays(life: DealLife, as_of: date, decided: date, end: str | None) -> Iterator[tuple[str, _Stay]]:
    """The stays in open stages, as far as they are known at the end of a day."""
    visits: list[tuple[date, DealState]] = []
    for state in life.states:
        if state.since > as_of:
            break
        before = visits[-1] if visits else None
        if (
            before is not None
            and before[1].stage_since == state.stage_since
            and (before[1].stage == UNKNOWN_STAGE) is (state.stage == UNKNOWN_STAGE)
        ):
            # Something else about the deal has changed, or its stage has another name under a new definition.
            visits[-1] = (before[0], state)
        else:
            visits.append((state.since, state))
    for place, (seen, state) in enumerate(visits):
        if state.status is StageKind.OPEN:
            start = state.stage_since
            left = visits[place + 1][0] if place + 1 < len(visits) else as_of
            yield (
                state.stage,
                _Stay(
                    (seen - start).days,
                    (left - start).days,
                    max((decided - start).days, (left - start).days),
                    end,
                ),
            )
