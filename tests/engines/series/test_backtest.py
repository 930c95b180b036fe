from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, permutations
from math import fsum
from random import Random
from statistics import fmean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.percent import Percent
from salesmgmt.engines.series import (
    Backtest,
    Contender,
    Drift,
    ExponentialSmoothing,
    Margin,
    Naive,
    RunRate,
    SeasonalNaive,
    Sides,
    backtest,
    compare,
    conformal_margin,
    origins,
)
from salesmgmt.engines.statistics import NoFit, two_sided_p

NOISE = [round(Random(place).gauss(100, 10), 3) for place in range(120)]


def naive(series: Sequence[float], horizon: int = 1) -> Contender:
    return Contender.of(Naive(), series, horizon=horizon)


def test_origins_end_where_the_last_horizon_has_come() -> None:
    assert list(origins(10, horizon=3, first=4)) == [4, 5, 6, 7]
    assert list(origins(10, horizon=3, first=4, step=2)) == [4, 6]
    assert list(origins(3, horizon=3)) == []


def test_half_the_series_and_two_seasons_are_known_at_the_first_origin() -> None:
    assert origins(40, horizon=1)[0] == 20
    assert origins(40, horizon=1, season=12)[0] == 24
    assert origins(20, horizon=1, season=12)[0] == 10


def test_more_than_a_thousand_origins_are_refused() -> None:
    with pytest.raises(InvalidInput, match="larger `step`"):
        origins(5_000, horizon=1)


def test_errors_and_measures_by_hand() -> None:
    # From 2: 5, 5 for 8, 9; from 3: 8, 8 for 9, 7.
    tested = backtest(naive([3, 5, 8, 9, 7], 2), [3, 5, 8, 9, 7], horizon=2, first=2)

    assert (tested.residuals(1), tested.residuals(2)) == ((3, 1), (4, -1))
    assert tested.accuracy.mae.value == 9 / 4
    assert tested.accuracy.bias.value == -7 / 4
    assert tested.accuracy.mase.value == 9 / 4 / 2


@given(st.lists(st.integers(-100, 100), min_size=12, max_size=24), st.integers(8, 11), st.sampled_from(Sides))
def test_nothing_that_came_later_changes_a_window(values: list[int], cut: int, sides: Sides) -> None:
    changed = [*values[:cut], *(value + 1_000 for value in values[cut:])]
    settings = {"horizon": 2, "first": 3, "confidence": Percent(40)}

    one, other = (
        backtest(naive(series, 2), series, sides=sides, **settings)  # type: ignore[arg-type]  # a dict of all kinds
        for series in (values, changed)
    )

    for window, again in zip(one.windows, other.windows, strict=True):
        if window.origin <= cut:
            assert (window.forecast, window.margins) == (again.forecast, again.margins)


def test_a_margin_knows_an_error_only_when_its_value_has_come() -> None:
    tested = backtest(naive(NOISE, 3), NOISE, horizon=3, first=10)

    for place, window in enumerate(tested.windows):
        assert [margin.n for margin in window.margins] == [place, max(place - 1, 0), max(place - 2, 0)]
        for step, margin in enumerate(window.margins, 1):
            assert margin == conformal_margin(tested.residuals(step)[: max(place + 1 - step, 0)])


@pytest.mark.parametrize("percent", [20, 50, 60, 75, 80])
def test_of_exchangeable_errors_at_least_the_share_is_covered_exactly(percent: int) -> None:
    # Every order of six different errors is equally likely; the last one is the one to cover.
    errors = [-3.0, 1.0, 2.0, -5.0, 8.0, 13.0]
    for sides in Sides:
        margins = [
            (conformal_margin(order[:5], Percent(percent), sides=sides).value, order[5])
            for order in permutations(errors)
        ]
        covered = [margin is None or error in margin.around(0) for margin, error in margins]
        assert 100 * sum(covered) >= percent * len(covered)
        if sides is Sides.EQUAL and percent <= 80:
            assert sum(covered) / len(covered) == pytest.approx(-(-6 * percent // 100) / 6)


def test_ranks_are_exact() -> None:
    # ceil(10 * 0.9) is 9; binary floats of 1 - 0.1 and the like may say 10, which does not exist.
    assert conformal_margin(range(1, 10), Percent(90)).value == Margin(-9, 9)
    assert conformal_margin(range(1, 5), Percent(80)).value == Margin(-4, 4)


def test_sides_with_signs_move_with_a_bias() -> None:
    assert conformal_margin(range(1, 20), Percent(80), sides=Sides.SIGNED).value == Margin(2, 18)


@pytest.mark.parametrize(("sides", "enough"), [(Sides.EQUAL, 4), (Sides.SIGNED, 9)])
def test_too_few_errors_are_said_to_be_so(sides: Sides, enough: int) -> None:
    assert conformal_margin([1.0] * (enough - 1), sides=sides).flag == "too_few_residuals"
    assert conformal_margin([1.0] * enough, sides=sides).is_defined


@pytest.mark.parametrize("confidence", [Percent(0), Percent(100), Percent(-5), 0.8, "80"])
def test_a_confidence_that_is_none_is_refused(confidence: Percent) -> None:
    with pytest.raises(InvalidInput, match="confidence"):
        conformal_margin([1.0], confidence)


def test_coverage_of_a_steady_series_is_near_the_confidence() -> None:
    series = [Random(f"steady {place}").gauss(100, 10) for place in range(400)]

    tested = backtest(Contender.of(RunRate(), series, horizon=1), series, first=20)

    assert tested.coverage.n == 376  # the first four origins know too few errors
    assert tested.coverage.required() == pytest.approx(0.8, abs=3 * (0.8 * 0.2 / 376) ** 0.5)


def test_the_weighted_interval_score_is_twice_the_mean_pinball_loss() -> None:
    # Bracher et al. (2021), equation 3.
    tested = backtest(naive(NOISE), NOISE)

    assert tested.weighted_interval_score.value == pytest.approx(2 * tested.pinball.required())


def test_without_intervals_their_measures_are_undefined() -> None:
    tested = backtest(naive([1, 2, 3, 4]), [1, 2, 3, 4], first=2)

    assert tested.coverage.flag == tested.pinball.flag == "too_few_residuals"


def test_where_a_method_cannot_forecast_is_said() -> None:
    contender = Contender.of(SeasonalNaive(), NOISE[:8], horizon=1, season=4)

    tested = backtest(contender, NOISE[:8], first=2)

    assert [origin for origin, _ in tested.missing] == [2, 3]
    assert [window.origin for window in tested.windows] == [4, 5, 6, 7]


@pytest.mark.parametrize("answer", [[1.0], [1.0, 2.0, 3.0], [float("nan"), 1.0], [True, 1.0], 5, None, "12"])
def test_an_answer_that_is_no_forecast_is_refused_by_name(answer: list[float]) -> None:
    with pytest.raises(InvalidInput, match="wild from 2"):
        backtest(Contender(name="wild", predict=lambda _: answer), [1, 2, 3, 4, 5], horizon=2, first=2)


def test_a_method_that_leaves_the_numbers_is_missing_and_no_error() -> None:
    # From -1e100 and 1e100 the line goes on to 3e100.
    tested = backtest(Contender.of(Drift(), [-1e100, 1e100, 0], horizon=1), [-1e100, 1e100, 0], first=2)

    assert [(origin, reason.reason.value) for origin, reason in tested.missing] == [(2, "out_of_range")]
    assert tested.accuracy.mae.flag == tested.coverage.flag == "no_forecasts"


def test_parameters_are_estimated_anew_at_each_origin() -> None:
    tested = backtest(Contender.of(ExponentialSmoothing(), NOISE, horizon=1), NOISE, first=100, step=5)

    for window in tested.windows:
        alone = ExponentialSmoothing().fit(NOISE[: window.origin])
        assert not isinstance(alone, NoFit)
        assert window.forecast == alone.predict(1)


def one_step(guesses: Sequence[float], series: Sequence[float]) -> Backtest:
    return backtest(Contender(name="given", predict=lambda origin: [guesses[origin]]), series, first=1)


@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=6, max_size=20))
def test_one_step_ahead_the_comparison_is_the_paired_t_test(pairs: list[tuple[int, int]]) -> None:
    # The correction of Harvey, Leybourne & Newbold makes it so for a horizon of one.
    zeros = [0.0] * (len(pairs) + 1)
    one, other = (one_step([0, *side], zeros) for side in zip(*pairs, strict=True))
    differences = [abs(a) - abs(b) for a, b in pairs]

    found = compare(one, other)

    if len(set(differences)) == 1:
        assert found.flag == ("same_errors" if not differences[0] else "same_difference")
    else:
        statistic = fmean(differences) / (stdev(differences) / len(pairs) ** 0.5)
        assert found.required().statistic == pytest.approx(statistic)
        assert found.required().p == pytest.approx(two_sided_p(statistic, len(pairs) - 1))


def test_two_steps_ahead_the_next_covariance_counts() -> None:
    series = [4.0, 7, 3, 8, 9, 2, 6, 5, 9, 7, 3, 6]
    one = backtest(naive(series, 2), series, horizon=2, first=3)
    other = backtest(Contender.of(RunRate(), series, horizon=2), series, horizon=2, first=3)
    losses = [[fmean(map(abs, window.residuals)) for window in tested.windows] for tested in (one, other)]
    moved = [a - b - fmean(losses[0]) + fmean(losses[1]) for a, b in zip(*losses, strict=True)]
    n = len(moved)
    variance = fsum(a * a for a in moved) / n + 2 * fsum(a * b for a, b in pairwise(moved)) / n
    assert variance > 0

    expected = (
        (fmean(losses[0]) - fmean(losses[1])) / (variance / n) ** 0.5 * ((n + 1 - 4 + 2 / n) / n) ** 0.5
    )

    assert compare(one, other).required().statistic == pytest.approx(expected)


def test_only_the_same_origins_are_compared() -> None:
    with pytest.raises(InvalidInput, match="origins"):
        compare(backtest(naive(NOISE), NOISE), backtest(naive(NOISE), NOISE, first=70))
    assert compare(*[backtest(naive([1, 2, 3, 4]), [1, 2, 3, 4], first=2)] * 2).flag == "too_few_windows"
