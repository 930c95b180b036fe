"""Isotonic regression against the definition, hand-computed values, and brute force."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise, product
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import InvalidInput
from salesmgmt.engines.calibration import IsotonicMap, fit_isotonic, isotonic_regression

SMALL = st.lists(st.integers(0, 4), min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("values", "weights", "fitted"),
    [
        ([1, 2, 3], None, (1, 2, 3)),
        ([3, 2, 1], None, (2, 2, 2)),
        ([1, 3, 2, 4, 3, 5], None, (1, 2.5, 2.5, 3.5, 3.5, 5)),
        # pooled backwards as far as it takes: 4, then 1 drags both down to (1 + 4 + 1) / 3
        ([1, 4, 1, 0], None, (1, 5 / 3, 5 / 3, 5 / 3)),
        ([2, 1], [3, 1], (1.75, 1.75)),
        ([], None, ()),
    ],
)
def test_falling_values_are_pooled_at_their_mean(
    values: Any, weights: Any, fitted: tuple[float, ...]
) -> None:
    assert isotonic_regression(values, weights) == pytest.approx(fitted)


@given(SMALL)
def test_the_result_is_the_nearest_of_all_rising_sequences(values: list[int]) -> None:
    # The optimum is made of means of runs, so every way of cutting into runs is tried, in exact arithmetic.
    best = None
    for cuts in product([False, True], repeat=len(values) - 1):
        runs: list[list[int]] = [[values[0]]]
        for value, cut in zip(values[1:], cuts, strict=True):
            if cut:
                runs.append([value])
            else:
                runs[-1].append(value)
        fitted = [Fraction(sum(run), len(run)) for run in runs for _ in run]
        if all(one <= other for one, other in pairwise(fitted)):
            cost = sum((Fraction(value) - one) ** 2 for value, one in zip(values, fitted, strict=True))
            if best is None or cost < best[0]:
                best = cost, fitted

    assert best is not None
    assert isotonic_regression(values) == pytest.approx([float(one) for one in best[1]])


@given(st.lists(st.floats(-1e6, 1e6), max_size=60))
def test_the_result_never_falls_and_keeps_the_mean(values: list[float]) -> None:
    fitted = isotonic_regression(values)

    assert all(one <= other for one, other in pairwise(fitted))
    assert sum(fitted) == pytest.approx(sum(values), abs=1e-3)


@given(st.lists(st.floats(-1e6, 1e6), max_size=60))
def test_fitting_again_changes_nothing(values: list[float]) -> None:
    fitted = isotonic_regression(values)

    assert isotonic_regression(fitted) == pytest.approx(fitted)


def test_equal_scores_are_one_point_and_chances_stay_away_from_certainty() -> None:
    curve = fit_isotonic([2, 1, 2, 1, 3], [True, False, False, False, True])

    # five outcomes: from 1/7 to 6/7
    assert curve.scores == (1.0, 2.0, 3.0)
    assert curve.probabilities == pytest.approx((1 / 7, 1 / 2, 6 / 7))
    assert [curve.probability(score) for score in (0, 1.5, 2, 99)] == pytest.approx(
        [1 / 7, (1 / 7 + 1 / 2) / 2, 1 / 2, 6 / 7]
    )


@given(
    st.lists(st.tuples(st.floats(-5, 5), st.booleans()), min_size=1, max_size=40),
    st.floats(-9, 9),
    st.floats(-9, 9),
)
def test_a_greater_score_is_never_less_likely(
    points: list[tuple[float, bool]], one: float, other: float
) -> None:
    curve = fit_isotonic([score for score, _ in points], [won for _, won in points])
    low, high = sorted((one, other))

    assert 0 < curve.probability(low) <= curve.probability(high) + 1e-12 < 1


@pytest.mark.parametrize(
    ("values", "weights"),
    [([nan], None), ([inf], None), (["1"], None), ([1e300], None), ([1], [0]), ([1], [1, 1]), ([1], [-1])],
)
def test_what_is_no_number_is_refused(values: Any, weights: Any) -> None:
    with pytest.raises(InvalidInput):
        isotonic_regression(values, weights)


@pytest.mark.parametrize(
    ("scores", "chances"),
    [
        ((), ()),
        ((1,), (0.5, 0.5)),
        ((1, 1), (0.1, 0.2)),
        ((1, 2), (0.3, 0.2)),
        ((1,), (1.5,)),
        ((nan,), (0.5,)),
    ],
)
def test_a_map_that_does_not_rise_is_refused(scores: Any, chances: Any) -> None:
    with pytest.raises(InvalidInput):
        IsotonicMap(scores=scores, probabilities=chances)
