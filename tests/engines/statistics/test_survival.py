"""The product-limit estimate against published figures and laws."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import UnknownOption
from salesmgmt.engines.statistics import kaplan_meier

# Freireich et al. (1963), remission under 6-MP in weeks, as printed by Gehan (1965); a minus marks the censored.
REMISSION = [6, 6, 6, -6, 7, -9, 10, -10, -11, 13, 16, -17, -19, -20, 22, 23, -25, -32, -32, -34, -35]
WATCHED = [(float(abs(weeks)), weeks > 0) for weeks in REMISSION]


def test_the_remission_times_of_freireich_give_the_published_curve() -> None:
    curve = kaplan_meier(WATCHED)
    found = [
        (step.time, step.at_risk, step.events, round(step.survival, 3), round(step.error, 4))
        for step in curve.steps
    ]
    assert found == [
        (6, 21, 3, 0.857, 0.0764),
        (7, 17, 1, 0.807, 0.0869),
        (10, 15, 1, 0.753, 0.0963),
        (13, 12, 1, 0.690, 0.1068),
        (16, 11, 1, 0.627, 0.1141),
        (22, 7, 1, 0.538, 0.1282),
        (23, 6, 1, 0.448, 0.1346),
    ]
    assert (curve.n, curve.events, curve.censored, curve.longest) == (21, 9, 12, 35)
    assert curve.median().value == 23
    # R, survfit(conf.type = "log-log"), and "plain".
    assert (round(curve.steps[0].low, 3), round(curve.steps[0].high, 3)) == (0.620, 0.952)
    plain = kaplan_meier(WATCHED, band="plain").steps[0]
    assert (round(plain.low, 3), plain.high) == (0.707, 1.0)


def test_a_curve_says_nothing_beyond_the_last_one_watched() -> None:
    curve = kaplan_meier(WATCHED)
    assert (curve.at(5.9), round(curve.at(6), 3)) == (1.0, 0.857)
    assert curve.happened_by(35).is_defined
    assert curve.happened_by(36).flag == "beyond_last_observation"
    assert curve.quantile(0.75).flag == "not_reached"
    assert kaplan_meier([(1, True)]).happened_by(9).value == 1.0


def test_nothing_watched_is_undefined() -> None:
    curve = kaplan_meier([])
    assert (curve.median().flag, curve.happened_by(1).flag, curve.n) == (
        "no_observations",
        "no_observations",
        0,
    )


@pytest.mark.parametrize("time", [-1, math.nan, math.inf])
def test_times_that_are_none_are_refused(time: float) -> None:
    with pytest.raises(ValueError, match="zero or more"):
        kaplan_meier([(time, True)])


def test_an_unknown_band_is_refused() -> None:
    with pytest.raises(UnknownOption, match="log_log"):
        kaplan_meier([(1, True)], band="wide")


@given(st.lists(st.integers(0, 20), min_size=1))
def test_without_censoring_the_curve_is_the_share_that_is_left(times: list[int]) -> None:
    curve = kaplan_meier((time, True) for time in times)
    for at in range(22):
        assert curve.at(at) == pytest.approx(sum(time > at for time in times) / len(times))


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans())))
def test_a_curve_falls_within_its_band(observations: list[tuple[int, bool]]) -> None:
    for band in ("log_log", "plain"):
        before = 1.0
        for step in kaplan_meier(observations, band=band).steps:
            assert 0 <= step.low <= step.survival + 1e-12
            assert step.survival <= step.high + 1e-12 <= 1 + 2e-12
            assert step.survival <= before
            before = step.survival
