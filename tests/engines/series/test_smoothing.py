from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import fsum

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesmgmt.core.errors import InvalidInput
from salesmgmt.engines.series import ExponentialSmoothing, Seasonal, Smoothed, Theta, Trend, seasonal_figures
from salesmgmt.engines.statistics import NoFit

OIL = [445.36, 453.20, 454.41, 422.38, 456.04, 440.39, 425.19, 486.21, 500.43, 521.28, 508.95, 488.89, 509.87,
       456.72, 473.82, 525.95, 549.83, 542.34]  # fmt: skip
PASSENGERS = [17.55, 21.86, 23.89, 26.93, 26.89, 28.83, 30.08, 30.95, 30.19, 31.58, 32.58, 33.48, 39.02, 41.39, 41.60,
              44.66, 46.95, 48.73, 51.49, 50.03, 60.64, 63.36, 66.36, 68.20, 68.12, 69.78, 72.60]  # fmt: skip
FORMS = [ExponentialSmoothing(trend=trend, seasonal=seasonal) for trend, seasonal in product(Trend, Seasonal)]
SEASONAL = [60.0 + 2 * place + (9, -4, 3, -8)[place % 4] + (place * 7 % 5) for place in range(28)]


def fitted(method: ExponentialSmoothing, values: Sequence[float], season: int = 1) -> Smoothed:
    found = method.fit(values, season=season)
    assert isinstance(found, Smoothed), found
    return found


def squares(found: Smoothed) -> float:
    return fsum(error * error for error in found.errors)


def test_simple_smoothing_finds_the_parameters_of_the_textbook() -> None:
    # Hyndman & Athanasopoulos, Forecasting, 2nd ed., section 7.1: oil production of Saudi Arabia.
    found = fitted(ExponentialSmoothing(), OIL)

    assert found.alpha == pytest.approx(0.8339, abs=2e-4)
    assert found.initial_level == pytest.approx(446.5868, abs=0.02)
    assert found.predict(2) == pytest.approx((542.68, 542.68), abs=5e-3)


def test_holt_finds_the_forecasts_of_the_textbook() -> None:
    # The same, section 7.2: passengers of Australian airlines.
    found = fitted(ExponentialSmoothing(trend=Trend.ADDITIVE), PASSENGERS)

    assert found.predict(5) == pytest.approx((74.60, 76.70, 78.80, 80.91, 83.01), abs=0.03)


def test_given_parameters_are_those_of_the_recursion_by_hand() -> None:
    # level 10 -> forecast 10, value 12: level 10 + 0.5 * 2 = 11 -> value 13: 12
    assert fitted(ExponentialSmoothing(alpha=0.5, level=10), [12, 13]).predict(1) == (12.0,)


def test_what_is_estimated_fits_at_least_as_well_as_any_parameters_given() -> None:
    for method in (FORMS[0], FORMS[3], FORMS[4], FORMS[6], FORMS[7]):
        season = 4 if method.seasonal is not Seasonal.NONE else 1
        best = squares(fitted(method, SEASONAL, season))
        for alpha, share in product((0.05, 0.3, 0.6, 0.9), (0.01, 0.2, 0.7)):
            other = ExponentialSmoothing(
                trend=method.trend,
                seasonal=method.seasonal,
                alpha=alpha,
                beta=alpha * share,
                gamma=(1 - alpha) * share,
                phi=0.8 + 0.18 * share,
            )
            assert best <= squares(fitted(other, SEASONAL, season)) * (1 + 1e-6)


def test_initial_states_are_the_best_ones() -> None:
    best = squares(fitted(ExponentialSmoothing(alpha=0.3), OIL))

    for level in range(400, 500, 5):
        assert best <= squares(fitted(ExponentialSmoothing(alpha=0.3, level=level), OIL)) + 1e-9


@pytest.mark.parametrize("seasonal", [Seasonal.ADDITIVE, Seasonal.MULTIPLICATIVE])
def test_an_undisturbed_season_on_an_undisturbed_level_goes_on(seasonal: Seasonal) -> None:
    pattern = [80.0, 120.0, 110.0, 90.0]

    found = fitted(ExponentialSmoothing(seasonal=seasonal), pattern * 5, season=4)

    assert found.predict(6) == pytest.approx((*pattern, *pattern[:2]), rel=1e-6)


def test_a_line_with_an_additive_season_goes_on() -> None:
    values = [10 + 3 * place + (5, -5, 2, -2)[place % 4] for place in range(24)]

    found = fitted(ExponentialSmoothing(trend=Trend.ADDITIVE, seasonal=Seasonal.ADDITIVE), values, season=4)

    assert found.predict(4) == pytest.approx((87, 80, 90, 89), abs=1e-6)


def test_the_recursions_agree_with_the_component_form_of_the_textbook() -> None:
    # Section 7.3 without a trend: l = a (y - s) + (1 - a) l', s = g (y - l') + (1 - g) s'; quotients for factors.
    pattern, alpha, gamma = [80.0, 120.0, 110.0, 90.0], 0.4, 0.3
    values = [*pattern * 4, 85.0, 118.0, 121.0, 90.0, 70.0]
    for form in (Seasonal.ADDITIVE, Seasonal.MULTIPLICATIVE):
        found = fitted(
            ExponentialSmoothing(seasonal=form, alpha=alpha, gamma=gamma, level=100), values, season=4
        )
        figures = list(seasonal_figures(values, 4, multiplicative=form is Seasonal.MULTIPLICATIVE))
        level = 100.0
        for place, value in enumerate(values):
            old, figure = level, figures[place % 4]
            without = value - figure if form is Seasonal.ADDITIVE else value / figure
            alone = value - old if form is Seasonal.ADDITIVE else value / old
            level = alpha * without + (1 - alpha) * old
            figures[place % 4] = gamma * alone + (1 - gamma) * figure
        assert found.level == pytest.approx(level)
        assert found.seasonal == pytest.approx([figures[place % 4] for place in range(21, 25)])


def test_too_short_a_series_is_refused_with_what_it_takes() -> None:
    found = ExponentialSmoothing(trend=Trend.ADDITIVE, seasonal=Seasonal.ADDITIVE).fit([1.0] * 7, season=4)

    assert str(found) == "no fit (too_few): found 7 values, wanted at least 9"


def test_factors_need_values_above_zero() -> None:
    found = ExponentialSmoothing(seasonal=Seasonal.MULTIPLICATIVE).fit([0.0, *SEASONAL], season=4)

    assert isinstance(found, NoFit)
    assert found.reason == "not_positive"


@pytest.mark.parametrize("share", [0, -0.1, 1.1, True, float("nan"), "0.5"])
def test_a_parameter_out_of_range_is_refused(share: float) -> None:
    with pytest.raises(InvalidInput, match="alpha"):
        ExponentialSmoothing(alpha=share)


@pytest.mark.parametrize("method", [*FORMS, Theta()], ids=lambda method: method.name)
@settings(max_examples=20)
@given(values=st.lists(st.floats(-1e100, 1e100) | st.integers(-5, 5), max_size=24))
def test_forecasts_are_finite_or_refused(method: ExponentialSmoothing, values: list[float]) -> None:
    found = method.fit(values, season=4)

    if not isinstance(found, NoFit):
        assert all(abs(one) < float("inf") for one in found.predict(1_000))


@pytest.mark.parametrize("method", [form for form in FORMS if form.seasonal is not Seasonal.MULTIPLICATIVE])
@settings(max_examples=20)
@given(st.lists(st.integers(-1000, 1000), min_size=12, max_size=20), st.sampled_from([0.125, 2, 1024]))
def test_scaled_values_give_scaled_forecasts(
    method: ExponentialSmoothing, values: list[int], factor: float
) -> None:
    one, other = (method.fit(series, season=4) for series in (values, [factor * value for value in values]))

    assert not isinstance(one, NoFit)
    assert not isinstance(other, NoFit)
    assert other.predict(5) == tuple(factor * value for value in one.predict(5))


@settings(max_examples=20)
@given(st.lists(st.integers(-1000, 1000), min_size=12, max_size=20), st.integers(-10_000, 10_000))
def test_shifted_values_give_shifted_forecasts(values: list[int], shift: int) -> None:
    for trend, seasonal in product((Trend.NONE, Trend.ADDITIVE), (Seasonal.NONE, Seasonal.ADDITIVE)):
        method = ExponentialSmoothing(trend=trend, seasonal=seasonal, alpha=0.3, beta=0.1, gamma=0.2)
        one, other = (method.fit(s, season=4) for s in (values, [value + shift for value in values]))
        assert not isinstance(one, NoFit)
        assert not isinstance(other, NoFit)
        assert other.predict(5) == pytest.approx([value + shift for value in one.predict(5)], abs=1e-6)


@pytest.mark.parametrize("method", FORMS, ids=lambda method: method.name)
def test_a_constant_series_stays_constant(method: ExponentialSmoothing) -> None:
    assert fitted(method, [7.0] * 16, season=4).predict(6) == pytest.approx([7.0] * 6)
