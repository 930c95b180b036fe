"""Areas, losses, reliability and folds against brute force and values computed by hand."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import pairwise
from math import exp, inf, log, nan, sqrt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import InvalidInput, UnknownOption
from salesmgmt.engines.calibration import (
    area_under_curve,
    brier_score,
    calibration_error_by_chance,
    expected_calibration_error,
    log_loss,
    reliability_table,
    stratified_folds,
)

POINTS = st.lists(st.tuples(st.integers(-4, 4), st.booleans()), min_size=2, max_size=25)


def pairs_won(points: list[tuple[int, bool]]) -> Fraction | None:
    wins, losses = [s for s, won in points if won], [s for s, won in points if not won]
    if not wins or not losses:
        return None
    halves = sum(2 if win > loss else win == loss for win in wins for loss in losses)
    return Fraction(halves, 2 * len(wins) * len(losses))


@given(POINTS)
def test_the_area_is_the_share_of_pairs_that_stand_in_order(points: list[tuple[int, bool]]) -> None:
    area, wanted = area_under_curve([s for s, _ in points], [won for _, won in points]), pairs_won(points)

    if wanted is None:
        assert area is None
    else:
        assert area is not None
        assert area.value == pytest.approx(float(wanted))


@given(POINTS)
def test_a_rising_map_of_the_scores_changes_no_area(points: list[tuple[int, bool]]) -> None:
    outcomes = [won for _, won in points]

    assert area_under_curve([s for s, _ in points], outcomes) == area_under_curve(
        [exp(s) for s, _ in points], outcomes
    )


def test_the_error_of_an_area_is_that_of_delong() -> None:
    # Successes 1, 3 against failures 0, 2, 4: they beat 1/3 and 2/3 of the failures; failures are beaten by 1, 1/2, 0.
    # Variances 1/18 and 1/4; 1/18 / 2 + 1/4 / 3 = 1/9.
    area = area_under_curve([1, 3, 0, 2, 4], [True, True, False, False, False])

    assert area is not None
    assert (area.value, area.error) == pytest.approx((0.5, 1 / 3))


def test_brier_and_log_loss_by_hand() -> None:
    # squares 0.04, 0.09, 0.36
    brier = brier_score([0.8, 0.3, 0.6], [True, False, False])
    loss = log_loss([0.8, 0.3, 0.6], [True, False, False])

    assert brier.value == pytest.approx(0.49 / 3)
    assert brier.error == pytest.approx(
        sqrt(((0.04 - 0.49 / 3) ** 2 + (0.09 - 0.49 / 3) ** 2 + (0.36 - 0.49 / 3) ** 2) / 6)
    )
    assert loss.value == pytest.approx(-(log(0.8) + log(0.7) + log(0.4)) / 3)


def test_a_certainty_that_fails_costs_much_but_not_everything() -> None:
    assert log_loss([1.0], [False]).value == pytest.approx(15 * log(10), rel=1e-3)


def test_bins_of_equal_width_hold_their_lower_bound_and_the_last_one_its_upper() -> None:
    table = reliability_table([0.0, 0.1, 0.19, 1.0], [False, True, False, True])

    assert [(one.n, one.successes, one.low, one.high) for one in table] == [
        (1, 0, 0, 0),
        (2, 1, 0.1, 0.19),
        (1, 1, 1, 1),
    ]


def test_calibration_error_by_hand() -> None:
    # 0.1 -> 0 of 1, 0.6 and 0.68 (mean 0.64) -> 1 of 2: (1 x 0.1 + 2 x 0.14) / 3
    table = reliability_table([0.1, 0.6, 0.68], [False, True, False])

    assert expected_calibration_error(table) == pytest.approx(0.38 / 3)


def test_chance_alone_makes_a_calibration_error() -> None:
    table = reliability_table([0.2] * 25, [True] * 5 + [False] * 20)

    # sqrt(2 / pi) of the standard error sqrt(0.16 / 25)
    assert calibration_error_by_chance(table) == pytest.approx(0.0638308, abs=1e-6)
    assert expected_calibration_error(table) == pytest.approx(0)


def test_an_empty_table_has_no_error() -> None:
    assert reliability_table([], []) == ()
    assert expected_calibration_error(()) is None
    assert calibration_error_by_chance(()) is None


@given(
    st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.5, 0.51, 0.9, 1.0]), st.booleans()), max_size=50),
    st.integers(1, 12),
)
def test_no_bin_loses_a_record_or_parts_equal_probabilities(
    points: list[tuple[float, bool]], bins: int
) -> None:
    chances, outcomes = [chance for chance, _ in points], [won for _, won in points]
    for binning in ("equal_width", "equal_mass"):
        table = reliability_table(chances, outcomes, bins=bins, binning=binning)

        assert len(table) <= bins
        assert sum(one.n for one in table) == len(points)
        assert sum(one.successes for one in table) == sum(outcomes)
        assert all(one.low <= one.mean <= one.high for one in table)
        assert all(one.high < other.low for one, other in pairwise(table))


@given(st.lists(st.booleans(), max_size=60), st.integers(2, 7), st.integers())
def test_folds_share_successes_and_failures_evenly(outcomes: list[bool], folds: int, seed: int) -> None:
    parts = stratified_folds(outcomes, folds=folds, seed=seed)

    assert parts == stratified_folds(outcomes, folds=folds, seed=seed)
    for kind in (True, False):
        counts = Counter(part for part, won in zip(parts, outcomes, strict=True) if won is kind)
        sizes = [counts[part] for part in range(folds)]
        assert max(sizes) - min(sizes) <= 1
    sizes = [parts.count(part) for part in range(folds)]
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize("chances", [[nan], [inf], [-0.1], [1.1], ["0.5"], [None], [True]])
def test_what_is_no_probability_is_refused_with_its_place(chances: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        brier_score(chances, [True])

    assert [problem.path for problem in caught.value.problems] == ["probabilities[0]"]


def test_other_nonsense_is_refused() -> None:
    with pytest.raises(InvalidInput):
        reliability_table([0.5], [True], bins=0)
    with pytest.raises(InvalidInput):
        stratified_folds([True], folds=1)
    with pytest.raises(InvalidInput):
        log_loss([], [])
    with pytest.raises(UnknownOption):
        reliability_table([0.5], [True], binning="equal")
