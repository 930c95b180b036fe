"""Platt's scaling: the optimum of its loss, and data on which plain likelihood has none."""

from __future__ import annotations

from math import exp, inf, log, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import InvalidInput
from salesmgmt.engines.calibration import PlattMap, fit_platt


def test_two_scores_reach_their_targets_exactly() -> None:
    # Two parameters, two places: the curve passes through the mean target of each. 3 successes, 2 failures:
    # targets 4/5 and 1/4; at 0 one of each, (4/5 + 1/4) / 2 = 0.525; at 1 two successes and a failure, (8/5 + 1/4) / 3.
    curve = fit_platt([0, 0, 1, 1, 1], [True, False, True, True, False])

    assert curve.probability(0) == pytest.approx(0.525, abs=1e-9)
    assert curve.probability(1) == pytest.approx(1.85 / 3, abs=1e-9)


def test_scores_that_say_nothing_give_the_mean_target() -> None:
    curve = fit_platt([7, 7, 7], [True, False, False])

    assert curve.probability(7) == pytest.approx((2 / 3 + 1 / 4 + 1 / 4) / 3, abs=1e-6)


def test_scores_that_part_the_outcomes_give_a_curve_and_not_a_step() -> None:
    curve = fit_platt([-2, -1, 1, 2], [False, False, True, True])

    assert 0.5 < curve.probability(1) < curve.probability(2) < 1


@pytest.mark.parametrize("won", [True, False])
def test_one_outcome_gives_no_certainty(won: bool) -> None:
    chance = fit_platt([1, 2, 3, 4], [won] * 4).probability(2.5)

    # the target of four equal outcomes: 5/6, or 1/6
    assert chance == pytest.approx(5 / 6 if won else 1 / 6, abs=1e-6)


@given(st.lists(st.tuples(st.integers(-5, 5), st.booleans()), min_size=2, max_size=30))
def test_no_curve_nearby_costs_less(points: list[tuple[int, bool]]) -> None:
    curve = fit_platt([score for score, _ in points], [won for _, won in points])
    wins = sum(won for _, won in points)
    high, low = (wins + 1) / (wins + 2), 1 / (len(points) - wins + 2)

    def cost(slope: float, intercept: float) -> float:
        total = 0.0
        for score, won in points:
            chance = 1 / (1 + exp(-(intercept + slope * score)))
            target = high if won else low
            total -= target * log(chance) + (1 - target) * log(1 - chance)
        return total

    least = cost(curve.slope, curve.intercept)
    for slope, intercept in ((1e-3, 0), (-1e-3, 0), (0, 1e-3), (0, -1e-3)):
        assert least <= cost(curve.slope + slope, curve.intercept + intercept) + 1e-9


def test_large_scores_do_no_harm() -> None:
    curve = fit_platt([1e12, 2e12, 3e12, 4e12], [False, True, False, True])

    assert 0 < curve.probability(1e12) < curve.probability(4e12) < 1


@pytest.mark.parametrize(
    ("scores", "outcomes"),
    [([], []), ([nan], [True]), ([inf], [True]), ([1], []), ([1], [0.5]), ([1], ["yes"])],
)
def test_what_cannot_be_learnt_from_is_refused(scores: Any, outcomes: Any) -> None:
    with pytest.raises(InvalidInput):
        fit_platt(scores, outcomes)


@pytest.mark.parametrize("parameter", [nan, inf])
def test_a_curve_without_finite_parameters_is_refused(parameter: float) -> None:
    with pytest.raises(InvalidInput):
        PlattMap(slope=parameter, intercept=0.0)
