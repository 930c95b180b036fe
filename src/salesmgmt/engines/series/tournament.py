"""Which method forecasts a series best, by what each would have forecast in the past."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from math import fsum

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, option, shorten
from salesmgmt.core.measured import Measured
from salesmgmt.core.percent import Percent
from salesmgmt.engines.series.backtest import Backtest, backtest
from salesmgmt.engines.series.baselines import Naive, RunRate, SeasonalNaive
from salesmgmt.engines.series.conformal import EIGHTY, Band, Sides
from salesmgmt.engines.series.contender import Contender
from salesmgmt.engines.series.diebold_mariano import Comparison, compare
from salesmgmt.engines.series.forecaster import Forecaster
from salesmgmt.engines.series.history import require_steps, values_of
from salesmgmt.engines.statistics import NoFit

_NOISE = 1e-12


class Criterion(StrEnum):
    """By what contenders are ranked; the smaller the better.

    >>> from salesmgmt.engines.series import Criterion
    >>> Criterion("mae").name
    'MAE'
    """

    MAE = "mae"
    """Mean absolute error."""
    RMSE = "rmse"
    """Root of the mean squared error: large errors weigh more."""
    PINBALL = "pinball"
    """The loss of forecast and interval together."""


class Verdict(StrEnum):
    """What a tournament found out about the baselines.

    >>> from salesmgmt.engines.series import Verdict
    >>> Verdict("baseline_is_best").name
    'BASELINE_IS_BEST'
    """

    BASELINE_IS_BEST = "baseline_is_best"
    """Nothing beats run rate, last value and last season."""
    BETTER_THAN_BASELINES = "better_than_baselines"
    """The winner beats the best baseline by more than chance explains."""
    NOT_DISTINGUISHABLE = "not_distinguishable"
    """The winner is ahead of the best baseline, but chance alone may have done that."""
    NO_BACKTEST = "no_backtest"
    """The series is too short to compare anything."""


@attrs.frozen(kw_only=True)
class Standing:
    """One contender in the report of a tournament.

    Attributes:
        rank: 1 for the winner.
        contender: who.
        backtest: all that it forecast.

    >>> from salesmgmt.engines.series import Drift, tournament
    >>> first = tournament([Drift()], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]).standings[0]
    >>> first.name, first.rank, first.mae
    ('drift', 1, Measured(0.0, n=5))
    """

    rank: int
    contender: Contender
    backtest: Backtest

    @property
    def name(self) -> str:
        """Of the contender."""
        return self.contender.name

    @property
    def is_baseline(self) -> bool:
        """Whether others have to beat it."""
        return self.contender.is_baseline

    @property
    def mae(self) -> Measured[float]:
        """Mean absolute error."""
        return self.backtest.accuracy.mae

    @property
    def rmse(self) -> Measured[float]:
        """Root of the mean squared error."""
        return self.backtest.accuracy.rmse

    @property
    def bias(self) -> Measured[float]:
        """Mean of forecast less actual: above zero when forecasts are too high."""
        return self.backtest.accuracy.bias

    @property
    def pinball(self) -> Measured[float]:
        """The loss of forecast and interval together."""
        return self.backtest.pinball

    @property
    def coverage(self) -> Measured[float]:
        """How many of the values lay in their intervals."""
        return self.backtest.coverage

    @property
    def row(self) -> dict[str, str | int | float | bool | None]:
        """The line of a report: name, rank and the measures; `None` for what is undefined."""
        measures = {
            name: getattr(self, name).value for name in ("mae", "rmse", "bias", "pinball", "coverage")
        }
        windows = len(self.backtest.windows)
        return {
            "rank": self.rank,
            "method": self.name,
            "baseline": self.is_baseline,
            **measures,
            "n": windows,
        }


@attrs.frozen(kw_only=True)
class Unranked:
    """A contender that could not forecast from every origin, so that it cannot be compared.

    Attributes:
        name: of the contender.
        missing: how many origins it left out.
        reason: why, at the first of these.

    >>> from salesmgmt.engines.series import RunRate, tournament
    >>> print(tournament([RunRate(last=50)], [1, 2, 3, 4, 5, 6, 7, 8]).unranked[0].reason)
    no fit (too_few): found 5 values, wanted at least 50
    """

    name: str
    missing: int
    reason: NoFit


@attrs.frozen(kw_only=True)
class Step:
    """One value that is forecast.

    Attributes:
        value: the forecast.
        interval: where the value lies with the confidence asked for; undefined, flagged `too_few_residuals`, when too few
            errors are known.

    >>> from salesmgmt.core.measured import Measured
    >>> from salesmgmt.engines.series import Band, Step
    >>> Step(value=3.0, interval=Measured(Band(1.0, 5.0), n=8)).interval.value
    Band(low=1.0, high=5.0)
    """

    value: float
    interval: Measured[Band]


@attrs.frozen(kw_only=True)
class Tournament:
    """What contenders would have forecast in the past, who was best, and what it forecasts now.

    The winner's own error is on average too small a promise, as it was chosen by it.

    Attributes:
        criterion: by what they are ranked.
        confidence: of the intervals.
        standings: the contenders that forecast from every origin, the best first.
        unranked: those that did not.
        chosen: the name of the winner; without a backtest the first baseline that can forecast, `None` when none can.
        steps: its forecast from the end of the series, with intervals from its errors in the backtest; undefined, flagged
            with the reason, when it cannot.
        runner_up: the winner compared with the second; undefined also when there is none (`no_rival`).
        against_baseline: the winner compared with the best baseline; `no_rival` when it is that itself.

    >>> from salesmgmt.engines.series import Drift, Theta, tournament
    >>> found = tournament([Drift(), Theta()], [20, 22, 25, 27, 30, 33, 35, 38, 40, 42, 45, 47, 50, 53, 55, 58])
    >>> found.chosen, found.verdict.value
    ('drift', 'better_than_baselines')
    >>> print([row["method"] for row in found.rows])
    ['drift', 'Theta', 'naive', 'run rate']
    """

    criterion: Criterion
    confidence: Percent
    standings: tuple[Standing, ...]
    unranked: tuple[Unranked, ...]
    chosen: str | None
    steps: Measured[tuple[Step, ...]]
    runner_up: Measured[Comparison]
    against_baseline: Measured[Comparison]

    @property
    def rows(self) -> tuple[dict[str, str | int | float | bool | None], ...]:
        """The report, a row for each ranked contender."""
        return tuple(standing.row for standing in self.standings)

    @property
    def verdict(self) -> Verdict:
        """What was found out about the baselines."""
        if not self.standings:
            return Verdict.NO_BACKTEST
        if self.standings[0].is_baseline:
            return Verdict.BASELINE_IS_BEST
        comparison = self.against_baseline.value
        # Ahead by the same at every origin: there is no test, and nothing to doubt.
        sure = self.against_baseline.flag == "same_difference"
        if sure or (comparison is not None and comparison.is_distinguishable and comparison.difference < 0):
            return Verdict.BETTER_THAN_BASELINES
        return Verdict.NOT_DISTINGUISHABLE


def tournament(
    contenders: Sequence[Forecaster | Contender],
    history: Sequence[float],
    *,
    horizon: int = 1,
    season: int = 1,
    first: int | None = None,
    step: int = 1,
    criterion: Criterion = Criterion.MAE,
    confidence: Percent = EIGHTY,
    sides: Sides = Sides.EQUAL,
) -> Tournament:
    """Let contenders forecast from the same origins, rank them, and let the best forecast what is to come.

    Run rate, last value and, with a season, last season always take part. Contenders whose criterion agrees in nine digits are
    ranked by complexity, then by name, so that the order of the arguments changes nothing.

    Args:
        contenders: methods of this package, or `Contender` for anything else; no name twice.
        history: the whole series, the oldest value first.
        horizon: how many values to forecast.
        season: after how many values a pattern repeats.
        first: as for `backtest`.
        step: as for `backtest`.
        criterion: by what to rank.
        confidence: of the intervals.
        sides: whether these reach equally far up and down.

    Raises:
        InvalidInput: the series or a setting is out of range, a contender is none, two have one name, or one answers with
            anything but finite numbers, one for each step.
        UnknownOption: there is no such criterion or kind of sides.

    >>> from salesmgmt.engines.series import ExponentialSmoothing, tournament
    >>> found = tournament([ExponentialSmoothing()], [52, 48, 50, 49, 51, 50, 52, 49, 51, 48, 50, 51, 49, 50], horizon=1)
    >>> found.verdict.value, found.chosen
    ('baseline_is_best', 'run rate')
    >>> found.steps.required()[0].interval.required().high
    52.2222...
    """
    values = values_of(history)
    require_steps(horizon, "horizon")
    require_steps(season, "season")
    ranked_by = option(Criterion, criterion, "criterion")
    field = _field(contenders, values, horizon, season)
    tested = [
        (
            contender,
            backtest(
                contender,
                values,
                horizon=horizon,
                season=season,
                first=first,
                step=step,
                confidence=confidence,
                sides=sides,
            ),
        )
        for contender in field
    ]
    unranked = [
        Unranked(name=contender.name, missing=len(one.missing), reason=one.missing[0][1])
        for contender, one in tested
        if one.missing
    ]
    ranked = sorted(
        ((contender, one) for contender, one in tested if one.windows and not one.missing),
        key=lambda pair: (_loss(pair[1], ranked_by), pair[0].complexity, pair[0].name),
    )
    standings = tuple(
        Standing(rank=rank, contender=contender, backtest=one)
        for rank, (contender, one) in enumerate(ranked, 1)
    )
    chosen, steps = _outlook(standings, field, len(values), horizon)
    rivals = standings[1:]
    return Tournament(
        criterion=ranked_by,
        confidence=confidence,
        standings=standings,
        unranked=tuple(unranked),
        chosen=chosen,
        steps=steps,
        runner_up=_against(standings, rivals),
        against_baseline=_against(
            standings, () if standings and standings[0].is_baseline else [o for o in rivals if o.is_baseline]
        ),
    )


def _field(
    contenders: Sequence[object], values: Sequence[float], horizon: int, season: int
) -> list[Contender]:
    """All that take part, the baselines among them."""
    problems: list[Problem] = []
    field: dict[str, Contender] = {}
    for place, one in enumerate(contenders):
        if isinstance(one, Contender):
            made = one
        elif isinstance(one, Forecaster) and not isinstance(one, type):
            is_baseline = isinstance(one, RunRate | Naive | SeasonalNaive)
            made = Contender.of(one, values, horizon=horizon, season=season, is_baseline=is_baseline)
        else:
            problems.append(
                Problem(
                    f"contenders[{place}]", "type", shorten(one), "a method of forecasting, or a Contender"
                )
            )
            continue
        if made.name in field:
            problems.append(
                Problem(f"contenders[{place}]", "duplicate", made.name, "a name that no other contender has")
            )
        field[made.name] = made
    if problems:
        raise InvalidInput("a tournament", problems)
    baselines: list[Forecaster] = [RunRate(), Naive()]
    baselines += [SeasonalNaive()] if season > 1 else []
    for method in baselines:
        if method.name not in field:
            field[method.name] = Contender.of(
                method, values, horizon=horizon, season=season, is_baseline=True
            )
    return list(field.values())


def _loss(tested: Backtest, criterion: Criterion) -> float:
    """The criterion in nine digits; what is noise beside the values is nothing, and what is undefined comes last."""
    if criterion is Criterion.PINBALL:
        measured = tested.pinball
    else:
        measured = tested.accuracy.mae if criterion is Criterion.MAE else tested.accuracy.rmse
    if measured.value is None:
        return float("inf")
    size = fsum(abs(value) for window in tested.windows for value in window.actual)
    noise = _NOISE * size / (len(tested.windows) * tested.horizon)
    return 0.0 if measured.value <= noise else float(f"{measured.value:.9g}")


def _outlook(
    standings: Sequence[Standing], field: Sequence[Contender], n: int, horizon: int
) -> tuple[str | None, Measured[tuple[Step, ...]]]:
    """Who forecasts the values to come, and what."""
    if standings:
        winner = standings[0]
        found = winner.contender.forecast(n, horizon=horizon)
        if isinstance(found, NoFit):
            return winner.name, Measured(None, str(found.reason), n=n)
        bands = [
            Measured(None, margin.flag, n=margin.n)
            if margin.value is None
            else Measured(margin.value.around(value), n=margin.n)
            for value, margin in zip(found, winner.backtest.margins, strict=True)
        ]
        return winner.name, Measured(_steps(found, bands), n=n)
    for contender in (one for one in field if one.is_baseline):
        found = contender.forecast(n, horizon=horizon)
        if not isinstance(found, NoFit):
            none: list[Measured[Band]] = [Measured(None, "too_few_residuals", n=0)] * horizon
            return contender.name, Measured(_steps(found, none), "no_backtest", n=n)
    return None, Measured(None, "too_few", n=n)


def _steps(values: Sequence[float], bands: Sequence[Measured[Band]]) -> tuple[Step, ...]:
    return tuple(Step(value=value, interval=band) for value, band in zip(values, bands, strict=True))


def _against(standings: Sequence[Standing], rivals: Sequence[Standing]) -> Measured[Comparison]:
    """The winner compared with the first of its rivals."""
    if not rivals:
        return Measured(None, "no_rival", n=0)
    return compare(standings[0].backtest, rivals[0].backtest)
