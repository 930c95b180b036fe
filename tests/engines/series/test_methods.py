from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import inf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesmgmt.core.errors import InvalidInput, MissingExtra
from salesmgmt.engines.series import (
    TSB,
    Croston,
    CrostonVariant,
    Drift,
    ExponentialSmoothing,
    Forecaster,
    Naive,
    RunRate,
    SeasonalNaive,
    Theta,
    ThetaFit,
    TrendLine,
    accuracy,
    forecast,
    interval_score,
    is_seasonal,
    pinball_loss,
    seasonal_figures,
    usual_methods,
)
from salesmgmt.engines.series.statsforecast_backend import StatsforecastMethod, auto_ets
from salesmgmt.engines.statistics import NoFit, fit_line

EVERY: list[Forecaster] = [
    RunRate(),
    RunRate(last=3),
    Naive(),
    SeasonalNaive(),
    Croston(),
    TSB(),
    *usual_methods(4),
]
SALES = [120, 130, 150, 170, 125, 138, 149, 176]


def ahead(method: Forecaster, values: Sequence[float], horizon: int, season: int = 1) -> tuple[float, ...]:
    return forecast(method, values, horizon=horizon, season=season).required()


def test_baselines_by_hand() -> None:
    assert ahead(RunRate(), [1, 2, 6], 2) == (3.0, 3.0)
    assert ahead(RunRate(last=2), [1, 2, 6], 1) == (4.0,)
    assert ahead(Naive(), [1, 2, 6], 2) == (6.0, 6.0)
    assert ahead(Drift(), [1, 9, 5], 2) == (7.0, 9.0)
    assert ahead(SeasonalNaive(), SALES, 6, season=4) == (125, 138, 149, 176, 125, 138)


def test_the_trend_line_is_that_of_least_squares() -> None:
    # y = 1, 2, 6, 7 at 1..4: slope 11 / 5, mean 4 at 2.5; at 5: 4 + 2.5 * 2.2
    assert ahead(TrendLine(), [1, 2, 6, 7], 2) == pytest.approx((9.5, 11.7))


def test_theta_is_simple_smoothing_with_half_the_slope_as_drift() -> None:
    # Hyndman & Billah (2003), equation 11, with the parameter that was found.
    values = [52.0, 49, 55, 58, 54, 60, 63, 59, 66, 64, 70, 69]
    found = Theta().fit(values)
    line = fit_line(range(1, 13), values)
    assert isinstance(found, ThetaFit)
    assert not isinstance(line, NoFit)
    alpha = found.smoothed.alpha
    # Smoothing is linear: the smoothed theta line is twice the smoothed series less the smoothed regression line,
    # which in equation 11 starts at its first value.
    level = (found.smoothed.initial_level + line.intercept + line.slope) / 2
    for value in values:
        level += alpha * (value - level)

    for step, one in enumerate(found.predict(5), 1):
        decayed = (1 - alpha) ** 12
        drift = line.slope / 2 * (step - 1 + 1 / alpha - decayed / alpha)
        assert one == pytest.approx(level + drift, rel=1e-9)


def test_theta_takes_out_a_season_and_puts_it_back_in_its_place() -> None:
    pattern = [80.0, 120.0, 110.0, 90.0]

    assert ahead(Theta(), [*pattern * 4, 80.0], 4, season=4) == pytest.approx((120, 110, 90, 80), rel=1e-3)
    assert ahead(Theta(), [one - 100 for one in pattern] * 4, 4, season=4) == pytest.approx(
        [one - 100 for one in pattern], abs=0.1
    )


def test_croston_by_hand() -> None:
    # Sizes 3, 5, 1: 3, 3.2, 2.98. Intervals 2, 3, 2: 2, 2.1, 2.09.
    values = [0.0, 3, 0, 0, 5, 0, 1, 0]
    found = Croston(alpha=0.1).fit(values)

    assert not isinstance(found, NoFit)
    assert (found.demand, found.interval) == pytest.approx((2.98, 2.09))
    assert ahead(Croston(), values, 2) == pytest.approx((2.98 / 2.09, 2.98 / 2.09))
    assert ahead(Croston(CrostonVariant.SBA), values, 1) == pytest.approx((0.95 * 2.98 / 2.09,))


def test_tsb_falls_while_nothing_is_asked_for() -> None:
    # Size 3, probability 1/2 -> 0.45 -> 0.405 -> 0.4645 with size 3.2 -> 0.41805.
    assert ahead(TSB(), [0, 3, 0, 0, 5, 0], 1) == pytest.approx((0.41805 * 3.2,))


def test_classical_decomposition_by_hand() -> None:
    # Season 3: averages 4, 5, 6, 7 of 3 5 4 6 8 7 about the second to the fifth value.
    assert seasonal_figures([3, 5, 4, 6, 8, 7], 3) == pytest.approx((0, 1, -1))


def test_factors_of_a_season_add_up_to_its_length() -> None:
    assert sum(seasonal_figures(SALES, 4, multiplicative=True)) == pytest.approx(4)
    assert sum(seasonal_figures(SALES, 4)) == pytest.approx(0)


def test_a_season_is_found_only_where_there_is_one() -> None:
    assert is_seasonal([10, 20, 30, 15] * 5, 4)
    assert not is_seasonal([5.0] * 20, 4)
    assert not is_seasonal([1, 5, 3] * 8, 4)


def test_accuracy_by_hand() -> None:
    found = accuracy([130, 140, 0, 180], [125, 138, 149, 176], history=SALES, season=4)

    assert (found.mae.value, found.bias.value, found.mase.value) == (40.0, 34.5, 8.0)
    assert found.wape.value == pytest.approx(160 / 450)
    assert found.rmse.value == pytest.approx(((25 + 4 + 149**2 + 16) / 4) ** 0.5)
    assert found.mape.flag == "zero_actual"
    assert found.smape.value == pytest.approx((10 / 255 + 4 / 278 + 2 + 8 / 356) / 4)


def test_undefined_measures_say_why() -> None:
    assert accuracy([], []).mae.flag == "no_forecasts"
    assert accuracy([1], [1]).mase.flag == "no_history"
    assert accuracy([1], [1], history=[4, 4, 4]).mase.flag == "constant_history"
    assert accuracy([0], [0]).smape.flag == "zero_actual"
    assert accuracy([5e-324], [1e100]).mape.flag == "out_of_range"


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=12), st.integers(1, 9))
def test_the_quantile_has_the_least_pinball_loss(values: list[int], tenth: int) -> None:
    level = tenth / 10
    ordered = sorted(values)
    quantile = ordered[-(-len(values) * tenth // 10) - 1]

    def loss(guess: float) -> float:
        return sum(pinball_loss(value, guess, level) for value in values)

    assert all(loss(quantile) <= loss(other) + 1e-9 for other in range(-50, 51))


@given(st.integers(-9, 9), st.integers(-9, 0), st.integers(0, 9))
def test_the_interval_score_is_made_of_the_losses_of_its_ends(actual: int, low: int, high: int) -> None:
    ends = pinball_loss(actual, low, 0.1) + pinball_loss(actual, high, 0.9)

    assert interval_score(actual, low, high, 0.8) == pytest.approx(2 / 0.2 * ends)


@pytest.mark.parametrize("method", EVERY, ids=lambda method: method.name)
def test_every_method_refuses_what_is_no_series(method: Forecaster) -> None:
    for hostile in ([1.0, nan], [inf, 2.0], [1.0, True], [1, 2, "3"], "123", [1, None], [10**400], {1, 2}):
        with pytest.raises(InvalidInput):
            method.fit(hostile)  # type: ignore[arg-type]  # what it refuses
    with pytest.raises(InvalidInput, match="1000000 values"):
        method.fit([1.0] * 1_000_000)
    for season in (0, -1, True, 1.5, 1_001):
        with pytest.raises(InvalidInput):
            method.fit([1.0] * 20, season=season)  # type: ignore[arg-type]  # what it refuses


@pytest.mark.parametrize("method", EVERY, ids=lambda method: method.name)
@settings(max_examples=30)
@given(st.lists(st.floats(-1e100, 1e100), max_size=12))
def test_every_forecast_is_finite_or_refused(method: Forecaster, values: list[float]) -> None:
    found = forecast(method, values, horizon=8, season=4)

    assert found.flag if found.value is None else all(abs(one) < inf for one in found.value)


@pytest.mark.parametrize("method", EVERY, ids=lambda method: method.name)
def test_every_method_keeps_a_constant_series(method: Forecaster) -> None:
    assert ahead(method, [7.0] * 16, 3, season=4) == pytest.approx([7.0] * 3)


@pytest.mark.parametrize("method", EVERY, ids=lambda method: method.name)
def test_every_method_forecasts_half_of_half_the_values(method: Forecaster) -> None:
    values = [31.0, 20, 45, 38, 36, 22, 47, 44, 35, 25, 52, 45, 37, 30, 50, 51]

    whole, half = ahead(method, values, 6, 4), ahead(method, [one / 2 for one in values], 6, 4)

    assert [2 * one for one in half] == pytest.approx(whole, rel=2e-3)


def test_exact_numbers_are_taken() -> None:
    assert ahead(RunRate(), [Decimal("0.5"), Fraction(1, 2), 2], 1) == (1.0,)  # type: ignore[list-item]


def test_all_faults_of_a_series_are_listed() -> None:
    with pytest.raises(InvalidInput) as caught:
        Naive().fit([1, nan, 2, True])

    assert [problem.path for problem in caught.value.problems] == ["history[1]", "history[3]"]


def test_the_largest_series_and_horizon_are_taken() -> None:
    values = [float(place % 97) for place in range(10_000)]

    assert len(ahead(ExponentialSmoothing(), values, 1_000)) == 1_000


def test_statsforecast_says_which_extra_it_belongs_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "statsforecast.models", None)

    with pytest.raises(MissingExtra, match=r"salesmgmt\[forecast\]"):
        auto_ets()


def test_a_model_of_statsforecast_sees_the_series_and_the_season() -> None:
    pytest.importorskip("numpy")

    class Model:
        def fit(self, values: object) -> Model:
            self.values = values
            return self

        def predict(self, h: int) -> dict[str, list[float]]:
            return {"mean": [len(self.values)] * h}  # type: ignore[arg-type]  # an array

    seasons: list[int] = []

    def model(season: int) -> Model:
        seasons.append(season)
        return Model()

    method = StatsforecastMethod(name="stub", model=model)

    assert ahead(method, [1.0] * 12, 2, season=4) == (12.0, 12.0)
    assert seasons == [4]
    assert forecast(method, [1.0] * 9, horizon=1).flag == "too_few"
