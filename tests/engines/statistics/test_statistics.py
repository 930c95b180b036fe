"""Lines, logistic curves, shares and quantiles, against published results."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.engines.statistics import (
    LineFit,
    LogisticFit,
    NoFit,
    critical_t,
    critical_z,
    fit_line,
    fit_logistic,
    probability_of,
    quantile,
    two_sided_p,
    wilson_interval,
)

# NIST Statistical Reference Datasets, Norris: y, x.
NORRIS = """
0.1 0.2  338.8 337.4  118.1 118.2  888.0 884.6  9.2 10.1  228.1 226.5  668.5 666.3  998.5 996.3  449.1 448.6
778.9 777.0  559.2 558.2  0.3 0.4  0.1 0.6  778.1 775.5  668.8 666.9  339.3 338.0  448.9 447.5  10.8 11.6
557.7 556.0  228.3 228.1  998.0 995.8  888.8 887.6  119.6 120.2  0.3 0.3  0.6 0.3  557.6 556.8  339.3 339.1
888.0 887.2  998.5 999.0  778.9 779.0  10.2 11.1  117.6 118.3  228.9 229.2  668.4 669.1  449.2 448.9  0.2 0.5
"""

# Anscombe (1973), The American Statistician 27(1): four sets with one regression line.
ANSCOMBE_X = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5]
ANSCOMBE = [
    (ANSCOMBE_X, [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68]),
    (ANSCOMBE_X, [9.14, 8.14, 8.74, 8.77, 9.26, 8.10, 6.13, 3.10, 9.13, 7.26, 4.74]),
    (ANSCOMBE_X, [7.46, 6.77, 12.74, 7.11, 7.81, 8.84, 6.08, 5.39, 8.15, 6.42, 5.73]),
    ([8] * 7 + [19] + [8] * 3, [6.58, 5.76, 7.71, 8.84, 8.47, 7.04, 5.25, 12.50, 5.56, 7.91, 6.89]),
]

# Dalal, Fowlkes & Hoadley (1989), Journal of the American Statistical Association 84: temperature at the launches of the
# space shuttle before the last one of the Challenger, in degrees Fahrenheit, and whether an O-ring showed distress.
LAUNCHES = [
    (66, 0), (70, 1), (69, 0), (68, 0), (67, 0), (72, 0), (73, 0), (70, 0), (57, 1), (63, 1), (70, 1), (78, 0),
    (67, 0), (53, 1), (67, 0), (75, 0), (70, 0), (81, 0), (76, 0), (79, 0), (75, 1), (76, 0), (58, 1),
]  # fmt: skip


def _line(x: Sequence[float], y: Sequence[float]) -> LineFit:
    fit = fit_line(x, y)
    assert isinstance(fit, LineFit)
    return fit


def _curve(points: Sequence[tuple[float, bool | int]]) -> LogisticFit:
    fit = fit_logistic([x for x, _ in points], [bool(won) for _, won in points])
    assert isinstance(fit, LogisticFit)
    return fit


def test_the_line_of_norris_has_the_certified_values() -> None:
    figures = list(map(float, NORRIS.split()))

    fit = _line(figures[1::2], figures[::2])

    assert fit.n == 36
    assert fit.intercept == pytest.approx(-0.262323073774029, rel=1e-11)
    assert fit.slope == pytest.approx(1.00211681802045, rel=1e-13)
    assert fit.intercept_error == pytest.approx(0.232818234301152, rel=1e-11)
    assert fit.slope_error == pytest.approx(0.429796848199937e-3, rel=1e-11)
    assert fit.residual_error == pytest.approx(0.884796396144373, rel=1e-11)
    assert fit.r_squared == pytest.approx(0.999993745883712, rel=1e-13)


@pytest.mark.parametrize(("x", "y"), ANSCOMBE)
def test_the_four_sets_of_anscombe_have_one_line(x: list[float], y: list[float]) -> None:
    fit = _line(x, y)

    # Slope 0.5, intercept 3, its error 0.118, and two thirds explained, as printed in the paper.
    assert (round(fit.slope, 2), round(fit.intercept, 1)) == (0.5, 3.0)
    assert round(fit.slope_error, 3) == 0.118
    assert fit.r_squared is not None
    assert round(fit.r_squared, 3) in {0.666, 0.667}
    # 2.262 is the 5 % point of t with 9 degrees of freedom.
    low, high = fit.slope_interval(0.95)
    assert (high - low) / 2 == pytest.approx(2.262 * fit.slope_error, rel=1e-3)
    assert 0.002 < fit.slope_p < 0.0023


@given(st.lists(st.tuples(st.integers(-99, 99), st.integers(-99, 99)), min_size=3, max_size=12))
def test_a_line_is_that_of_fractions_whatever_the_order(points: list[tuple[int, int]]) -> None:
    x, y = [point[0] for point in points], [point[1] for point in points]
    if len(set(x)) == 1:
        assert isinstance(fit_line(x, y), NoFit)
        return
    n = len(points)
    mean = Fraction(sum(x), n), Fraction(sum(y), n)
    spread = sum((one - mean[0]) ** 2 for one in x)
    slope = sum((one - mean[0]) * (other - mean[1]) for one, other in points) / spread
    residual = sum((other - mean[1] - slope * (one - mean[0])) ** 2 for one, other in points)

    fit = _line(x, y)

    assert fit.slope == pytest.approx(float(slope), abs=1e-9)
    assert fit.slope_error == pytest.approx(math.sqrt(residual / (n - 2) / spread), abs=1e-6)
    assert fit_line(x[::-1], y[::-1]) == fit


def test_points_on_a_line_are_known_to_be() -> None:
    assert _line([1, 2, 3], [0.1, 0.2, 0.3]).is_exact
    assert _line([1, 2, 3], [5, 5, 5]).is_exact
    assert not _line([1, 2, 3], [0.1, 0.2, 0.30001]).is_exact
    assert _line([1, 2, 3], [5, 5, 5]).slope_p == 1
    assert _line([0, 1, 2], [0, 1, 2]).slope_p == 0


@pytest.mark.parametrize(
    ("x", "y", "reason"),
    [
        ([], [], "too_few"),
        ([1, 2], [1, 2], "too_few"),
        ([7, 7, 7], [1, 2, 3], "one_x"),
        ([1e300, -1e300, 5], [1, 2, 3], "out_of_range"),
        ([1, 2, 3], [1e300, -1e300, 1], "out_of_range"),
        ([1e308, 1e308, 1.1e308], [1, 2, 3], "out_of_range"),
        ([0, 1e-200, 2e-200], [1, 2, 3], "out_of_range"),
        ([math.nan, 1, 2], [1, 2, 3], "out_of_range"),
    ],
)
def test_no_line_follows_from_such_points(x: list[float], y: list[float], reason: str) -> None:
    found = fit_line(x, y)

    assert isinstance(found, NoFit)
    assert found.reason == reason
    assert found.n == len(x)


def test_the_curve_of_the_challenger_is_the_published_one() -> None:
    fit = _curve(LAUNCHES)

    # 15.0429 (7.3786) and -0.2322 (0.1082), residual deviance 20.315, as of R's glm and many textbooks.
    assert fit.intercept == pytest.approx(15.0429, abs=5e-5)
    assert fit.intercept_error == pytest.approx(7.3786, abs=5e-4)
    assert fit.slope == pytest.approx(-0.2322, abs=5e-5)
    assert fit.slope_error == pytest.approx(0.1082, abs=5e-5)
    assert -2 * fit.log_likelihood == pytest.approx(20.315, abs=5e-4)
    assert (fit.n, fit.successes) == (23, 7)
    # At 31 degrees, the temperature of the last launch.
    assert fit.probability(31) == pytest.approx(0.9996, abs=5e-5)


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 40), st.integers(1, 40))
def test_two_places_have_the_closed_form_of_the_odds_ratio(a: int, b: int, c: int, d: int) -> None:
    fit = _curve([(0, 1)] * a + [(0, 0)] * b + [(1, 1)] * c + [(1, 0)] * d)

    # Woolf (1955), Annals of Human Genetics 19: log odds ratio, and the sum of the reciprocals as its variance.
    assert fit.intercept == pytest.approx(math.log(a / b), abs=1e-8)
    assert fit.slope == pytest.approx(math.log(c / d * b / a), abs=1e-8)
    assert fit.slope_variance == pytest.approx(1 / a + 1 / b + 1 / c + 1 / d, rel=1e-8)
    assert fit.intercept_error == pytest.approx(math.sqrt(1 / a + 1 / b), rel=1e-8)
    low, high = fit.slope_interval()
    assert high - low == pytest.approx(2 * 1.959964 * fit.slope_error, rel=1e-6)


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=1, max_size=30))
def test_a_curve_is_where_the_likelihood_is_level_or_there_is_none(points: list[tuple[int, bool]]) -> None:
    fit = fit_logistic([x for x, _ in points], [won for _, won in points])

    if isinstance(fit, NoFit):
        wins, losses = [x for x, won in points if won], [x for x, won in points if not won]
        overlap = wins and losses and min(wins) < max(losses) and min(losses) < max(wins)
        assert not overlap
        return
    errors = [(won - fit.probability(x), x) for x, won in points]
    assert math.fsum(error for error, _ in errors) == pytest.approx(0, abs=1e-6)
    assert math.fsum(error * x for error, x in errors) == pytest.approx(0, abs=1e-5)
    assert fit_logistic([x for x, _ in points[::-1]], [won for _, won in points[::-1]]) == fit


@pytest.mark.parametrize("scale", [1e-90, 1e-6, 1, 1e6, 1e90])
def test_the_unit_of_x_changes_nothing_but_the_unit_of_the_slope(scale: float) -> None:
    fit, scaled = _curve(LAUNCHES), _curve([(x * scale, won) for x, won in LAUNCHES])

    assert scaled.slope * scale == pytest.approx(fit.slope, rel=1e-9)
    assert scaled.probability(65 * scale) == pytest.approx(fit.probability(65), rel=1e-9)
    assert scaled.log_odds_error(65 * scale) == pytest.approx(fit.log_odds_error(65), rel=1e-9)


def test_prices_that_lie_close_together_far_from_zero_lose_no_digits() -> None:
    fit, moved = _curve(LAUNCHES), _curve([(x + 1e9, won) for x, won in LAUNCHES])

    assert moved.slope == pytest.approx(fit.slope, rel=1e-9)
    assert moved.log_odds_error(65 + 1e9) == pytest.approx(fit.log_odds_error(65), rel=1e-9)


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        ([], "one_outcome"),
        ([(1, 1), (2, 1)], "one_outcome"),
        ([(1, 0), (2, 0)], "one_outcome"),
        ([(1, 0), (1, 1), (1, 0)], "one_x"),
        ([(1, 1), (2, 1), (3, 0), (4, 0)], "separated"),
        ([(1, 0), (2, 0), (3, 1)], "separated"),
        ([(1, 1), (2, 1), (2, 0), (3, 0)], "separated"),  # quasi-complete: both happen at the threshold alone
        ([(math.nan, 1), (1, 0), (2, 1), (3, 0)], "out_of_range"),
        ([(math.inf, 1), (1, 0), (2, 1), (3, 0), (math.inf, 0)], "out_of_range"),
    ],
)
def test_no_curve_follows_from_such_points(points: list[tuple[float, int]], reason: str) -> None:
    found = fit_logistic([x for x, _ in points], [bool(won) for _, won in points])

    assert isinstance(found, NoFit)
    assert found.reason == reason


def test_a_curve_that_is_nearly_separated_is_found() -> None:
    points = [(x, x > 500) for x in range(1000)] + [(501, False), (500, True)]

    fit = _curve(points)

    assert fit.slope > 1
    assert fit.probability(500.5) == pytest.approx(0.5, abs=0.05)


def test_one_win_among_very_many_losses_is_no_numerical_trouble() -> None:
    fit = _curve([(x % 100, False) for x in range(20_000)] + [(50, True)])

    assert fit.probability(50) == pytest.approx(1 / 20_001, rel=0.05)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    # Newcombe (1998), Statistics in Medicine 17, table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_intervals_of_newcombe(successes: int, trials: int, low: float, high: float) -> None:
    assert wilson_interval(successes, trials) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(0, 500), st.integers(1, 500), st.floats(0.01, 0.999))
def test_an_interval_of_a_share_contains_it_and_mirrors(
    successes: int, trials: int, confidence: float
) -> None:
    successes = min(successes, trials)

    low, high = wilson_interval(successes, trials, confidence)

    assert 0 <= low <= successes / trials <= high <= 1
    mirrored = wilson_interval(trials - successes, trials, confidence)
    assert mirrored == pytest.approx((1 - high, 1 - low), abs=1e-12)


@pytest.mark.parametrize(
    ("df", "t"),
    # Fisher & Yates (1963), table III, 5 %.
    [(1, 12.706), (2, 4.303), (5, 2.571), (10, 2.228), (30, 2.042), (120, 1.980)],
)
def test_the_critical_points_of_the_t_table(df: float, t: float) -> None:
    assert critical_t(0.95, df) == pytest.approx(t, abs=5e-4)


@given(st.floats(0.001, 0.999), st.floats(0.5, 1e4))
def test_a_critical_point_leaves_as_much_as_was_asked(confidence: float, df: float) -> None:
    assert two_sided_p(critical_t(confidence, df), df) == pytest.approx(1 - confidence, rel=1e-9)


def test_the_critical_points_of_the_normal_table() -> None:
    found = [round(critical_z(confidence), 3) for confidence in (0.90, 0.95, 0.99)]

    assert found == [1.645, 1.960, 2.576]


@pytest.mark.parametrize(
    "call",
    [
        lambda: wilson_interval(1, 0),
        lambda: wilson_interval(3, 2),
        lambda: wilson_interval(-1, 2),
        lambda: wilson_interval(1, 2, 1.0),
        lambda: critical_z(0),
        lambda: critical_t(1.5, 3),
        lambda: critical_t(0.95, 0),
        lambda: critical_t(math.nan, 3),
        lambda: quantile([], 1, 2),
        lambda: quantile([Decimal(1)], 3, 2),
        lambda: fit_line([1, 2, 3], [1, 2]),
        lambda: fit_logistic([1, 2, 3], [True]),
    ],
)
def test_arguments_out_of_range_are_refused(call: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"must be|lies above|zip"):
        call()


def test_a_chance_is_known_for_any_log_odds() -> None:
    assert probability_of(math.log(3)) == pytest.approx(0.75)
    assert probability_of(1e300) == 1
    assert probability_of(-1e300) == 0


@pytest.mark.parametrize(
    ("part", "of", "expected"),
    # R: quantile(c(1, 2, 4, 8, 16), type = 7)
    [(0, 4, "1"), (1, 4, "2"), (2, 4, "4"), (3, 4, "8"), (4, 4, "16"), (1, 10, "1.4"), (9, 10, "12.8")],
)
def test_quantiles_are_linear_between_neighbours(part: int, of: int, expected: str) -> None:
    assert quantile(list(map(Decimal, (1, 2, 4, 8, 16))), part, of) == Decimal(expected)
