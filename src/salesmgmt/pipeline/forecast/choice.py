"""Which forecast to believe: every method forecasts the past from what was known then, and the best one forecasts the future."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.measured import Measured
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.period import Period, require_date
from salesmgmt.core.rounding import Rounding
from salesmgmt.engines.series import (
    Contender,
    Criterion,
    Forecaster,
    Tournament,
    Verdict,
    tournament,
    usual_methods,
)
from salesmgmt.engines.series.conformal import EIGHTY
from salesmgmt.engines.statistics import NoFit, NoFitReason
from salesmgmt.pipeline.deals import StageKind
from salesmgmt.pipeline.forecast.life import DealLife
from salesmgmt.pipeline.forecast.new_business import NewBusiness
from salesmgmt.pipeline.forecast.win_hazard import WinHazard

_DAY = timedelta(days=1)
_WHOLE = Rounding("half_even", 1)


@attrs.frozen(kw_only=True)
class MoneyRange:
    """Between which amounts the figure lies, with the confidence of the forecast.

    Attributes:
        low: the lower one; never below zero, as nothing less than nothing is won.
        high: the upper one.
    """

    low: Money
    high: Money


@attrs.frozen(kw_only=True)
class PeriodForecast:
    """What is forecast for one period.

    Attributes:
        period: the period.
        value: what will be won in it.
        interval: where that lies, from the errors of the backtest; flagged `too_few_residuals` when these are too few.
    """

    period: Period
    value: Money
    interval: Measured[MoneyRange]


@attrs.frozen(kw_only=True)
class ForecastChoice:
    """The forecast that did best on the past, and all others beside it.

    Attributes:
        chosen: name of the method; `None` when none can forecast.
        verdict: whether it beats the baselines: run rate, last value, last season.
        periods: what it forecasts.
        history: what was won in each complete period.
        tournament: the whole report; its figures are in whole units of the currency.
    """

    chosen: str | None
    verdict: Verdict
    periods: tuple[PeriodForecast, ...]
    history: tuple[tuple[Period, Money], ...]
    tournament: Tournament


def choose_forecast(
    lives: Iterable[DealLife],
    periods: Sequence[Period],
    *,
    as_of: date,
    currency: str,
    season: int = 1,
    methods: Sequence[Forecaster] | None = None,
    first: int | None = None,
    criterion: Criterion = Criterion.MAE,
    confidence: Percent = EIGHTY,
    rounding: Rounding = _WHOLE,
) -> ForecastChoice:
    """Forecast what will be won, by the method that would have forecast the past best.

    Methods on deals: `weighted` (amount times probability, due when it is expected to close; overdue or undated, in the
    first period), `hazard, open deals` (by stage and age), and `hazard, create and close` (the same, and what is opened and
    won within the time). Methods on what was won: run rate, last value, last season, exponential smoothing, Theta. At each
    past origin a method sees what was known at the end of the period before it. Intervals come from the errors of the backtest
    (split conformal), never from draws.

    What was won in a period is the growth of what stood as won, so that a deal that is opened again is taken back in the
    period in which that happens, and no figure of the past changes later.

    Estimates are computed in floats: a forecast is no amount that is owed. They become money again by `rounding`.

    Args:
        lives: all deals, open and closed, each once; see `DealLife`.
        periods: periods of about one length that join without gap: those of the past, and after them those to forecast.
        as_of: the last day that is known; the periods that end by then are the past. Of a period that has begun, nothing is used.
        currency: of all amounts; convert others first.
        season: after how many periods a pattern repeats.
        methods: methods on what was won; the usual ones when not given.
        first: at the first origin so many periods are known; see `salesmgmt.engines.series.backtest`.
        criterion: by what to rank.
        confidence: of the intervals.
        rounding: how estimates become money; to whole units when not given.

    Raises:
        InvalidInput: the periods have a gap, or none is past or to come, or an amount is in another currency, or a deal is
            given twice; all are listed.
        NotADate: `as_of` is no day.

    >>> from datetime import date
    >>> from salesmgmt.core.period import Period, require_date
    >>> from salesmgmt.pipeline.forecast import choose_forecast
    >>> months = [Period.month(2026, month) for month in range(1, 13)]
    >>> found = choose_forecast([], months, as_of=date(2026, 11, 30), currency="EUR")
    >>> found.chosen, found.verdict.value, found.periods[0].value
    ('naive', 'baseline_is_best', Money('0', 'EUR'))
    """
    require_date(as_of, "as_of")
    known = tuple(lives)
    past = sum(period.end <= as_of + _DAY for period in periods)
    _check(known, periods, past, as_of, currency)
    horizon = len(periods) - past
    history = _won_by_period(known, periods[:past], currency)
    view = _View(known, periods, horizon)
    contenders: list[Forecaster | Contender] = [
        Contender(name="weighted", predict=view.weighted),
        Contender(name="hazard, open deals", predict=view.open_hazard, complexity=2),
        Contender(name="hazard, create and close", predict=view.hazard, complexity=3),
        *(usual_methods(season) if methods is None else methods),
    ]
    result = tournament(
        contenders,
        [float(amount.amount) for amount in history],
        horizon=horizon,
        season=season,
        first=first,
        criterion=criterion,
        confidence=confidence,
    )
    return ForecastChoice(
        chosen=result.chosen,
        verdict=result.verdict,
        periods=tuple(_periods(result, periods[past:], currency, rounding)),
        history=tuple(zip(periods[:past], history, strict=True)),
        tournament=result,
    )


def _check(
    lives: Sequence[DealLife], periods: Sequence[Period], past: int, as_of: date, currency: str
) -> None:
    given: Sequence[object] = lives
    unknown = [place for place, life in enumerate(given) if not isinstance(life, DealLife)]
    if unknown:
        wanted = "the life of a deal; `from_deal` gives none where nobody knows when it was opened: leave those out"
        problem = Problem(f"lives[{unknown[0]}]", "wrong_type", shorten(lives[unknown[0]]), wanted)
        raise InvalidInput("a forecast", [problem])
    problems = [
        Problem(f"periods[{place}].start", "gap", str(period.start), str(before.end))
        for place, (before, period) in enumerate(pairwise(periods), 1)
        if period.start != before.end
    ]
    if not past:
        problems.append(Problem("periods", "no_past", "none that has ended", f"periods that end by {as_of}"))
    if past == len(periods):
        problems.append(Problem("periods", "no_future", "none to come", f"periods that end after {as_of}"))
    problems += (
        Problem(f"lives[{shorten(deal)}]", "duplicate", f"{count} times", "each deal once")
        for deal, count in Counter(life.deal for life in lives).items()
        if count > 1
    )
    problems += (
        Problem(f"lives[{shorten(life.deal)}].amount", "currency", state.amount.currency, currency)
        for life in lives
        for state in life.states
        if state.amount is not None and state.amount.currency != currency
    )
    if problems:
        raise InvalidInput("a forecast", problems)


def _won_by_period(lives: Sequence[DealLife], periods: Sequence[Period], currency: str) -> list[Money]:
    """By how much what stands as won grew in each period."""
    grown: list[list[Money]] = [[] for _ in periods]
    for life in lives:
        stood = Money.zero(currency)
        for state in life.states:
            stands = state.amount if state.status is StageKind.WON and state.amount is not None else None
            now = Money.zero(currency) if stands is None else stands
            if now != stood:
                place = _place(periods, state.since)
                if place is not None:
                    grown[place].append(now - stood)
                stood = now
    return [Money.total(amounts, currency) for amounts in grown]


def _place(periods: Sequence[Period], day: date) -> int | None:
    """Which of some joined periods a day lies in."""
    low, high = 0, len(periods)
    while low < high:
        middle = (low + high) // 2
        if day >= periods[middle].end:
            low = middle + 1
        else:
            high = middle
    return low if low < len(periods) and day in periods[low] else None


class _View:
    """The deals as they were known at the end of each period, and what methods make of them."""

    def __init__(self, lives: Sequence[DealLife], periods: Sequence[Period], horizon: int) -> None:
        self._lives = lives
        self._periods = periods
        self._horizon = horizon
        self._open_ones: dict[int, Sequence[float] | NoFit] = {}
        self._hazards: dict[int, WinHazard] = {}

    def weighted(self, origin: int) -> Sequence[float] | NoFit:
        """Amount times probability in the period of the expected close; what is overdue or has no day, in the first."""
        day, coming = self._origin(origin)
        states = [state for life in self._lives if (state := life.on(day)) is not None]
        ends = Counter(state.status for state in states)
        closed = ends[StageKind.WON] + ends[StageKind.LOST]
        # Who says nothing about a deal is taken to think that it goes as the others went.
        usual = ends[StageKind.WON] / closed if closed else None
        sums = [0.0] * self._horizon
        for state in states:
            if state.status is not StageKind.OPEN or state.amount is None:
                continue
            share = usual if state.probability is None else float(state.probability.ratio)
            if share is None:
                return NoFit(
                    reason=NoFitReason.TOO_FEW, n=0, found="no closed deal", wanted="one, for a win rate"
                )
            due = state.expected_close
            place = 0 if due is None or due < coming[0].start else _place(coming, due)
            if place is not None:
                sums[place] += float(state.amount.amount) * share
        return sums

    def open_hazard(self, origin: int) -> Sequence[float] | NoFit:
        """Open deals by stage and age."""
        if origin not in self._open_ones:
            self._open_ones[origin] = self._by_hazard(origin)
        return self._open_ones[origin]

    def hazard(self, origin: int) -> Sequence[float] | NoFit:
        """Open deals by stage and age, and what is created and closed besides."""
        alone = self.open_hazard(origin)
        if isinstance(alone, NoFit):
            return alone
        hazard = self._hazard(origin)
        new = NewBusiness.fit(self._lives, hazard)
        until = [new.expected(days) for days in self._spans(origin)]
        known = [amount for amount in until if amount is not None]
        if len(known) < len(until):
            return _too_few(hazard)
        return [value + more for value, more in zip(alone, _differences(known), strict=True)]

    def _by_hazard(self, origin: int) -> Sequence[float] | NoFit:
        day, _ = self._origin(origin)
        hazard, spans = self._hazard(origin), self._spans(origin)
        sums = [0.0] * self._horizon
        amounts: dict[tuple[str, int], float] = {}
        for life in self._lives:
            state = life.on(day)
            if state is not None and state.status is StageKind.OPEN and state.amount is not None:
                where = state.stage, (day - state.stage_since).days
                amounts[where] = amounts.get(where, 0.0) + float(state.amount.amount)
        for (stage, stood), amount in amounts.items():
            chances = [hazard.probability(stage, stood, within=days) for days in spans]
            known = [chance for chance in chances if chance is not None]
            if len(known) < len(chances):
                return _too_few(hazard)
            for place, chance in enumerate(_differences(known)):
                sums[place] += amount * chance
        return sums

    def _origin(self, origin: int) -> tuple[date, Sequence[Period]]:
        """The last day that is known, and the periods to forecast."""
        return self._periods[origin - 1].last, self._periods[origin : origin + self._horizon]

    def _spans(self, origin: int) -> Sequence[int]:
        """How many days from the last known one to the end of each period to forecast."""
        day, coming = self._origin(origin)
        return [(period.last - day).days for period in coming]

    def _hazard(self, origin: int) -> WinHazard:
        if origin not in self._hazards:
            day, _ = self._origin(origin)
            self._hazards[origin] = WinHazard.fit(self._lives, as_of=day, horizon=self._spans(origin)[-1])
        return self._hazards[origin]


def _too_few(hazard: WinHazard) -> NoFit:
    wanted = (
        f"at least {hazard.least} stays in open stages that were decided or watched for {hazard.horizon} days"
    )
    return NoFit(reason=NoFitReason.TOO_FEW, n=0, found="fewer", wanted=wanted)


def _differences(until: Sequence[float]) -> list[float]:
    return [value - before for value, before in zip(until, [0.0, *until], strict=False)]


def _periods(
    result: Tournament, periods: Sequence[Period], currency: str, rounding: Rounding
) -> Iterable[PeriodForecast]:
    def money(estimate: float) -> Money:
        return Money(Decimal(repr(max(estimate, 0.0))), currency).rounded(rounding)

    for period, step in zip(periods, result.steps.value or (), strict=False):
        band = step.interval.value
        interval: Measured[MoneyRange] = (
            Measured(None, step.interval.flag, n=step.interval.n)
            if band is None
            else Measured(MoneyRange(low=money(band.low), high=money(band.high)), n=step.interval.n)
        )
        yield PeriodForecast(period=period, value=money(step.value), interval=interval)
