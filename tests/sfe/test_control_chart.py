"""Individuals charts and Western Electric rules."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import FloatRefused
from salesmgmt.sfe import NegativeSpread, Side, WesternElectricRule, individuals_chart, western_electric

# NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2: flow rates of ten batches.
NIST = ["49.6", "47.6", "49.9", "51.3", "47.8", "51.2", "52.6", "52.4", "53.6", "52.1"]


def _points(values: list[str], rule: int) -> list[int]:
    chosen = WesternElectricRule.numbered(rule)
    return [signal.point for signal in western_electric(values, centre=0, sigma=1, rules=[chosen])]


def test_the_limits_of_the_handbook() -> None:
    chart = individuals_chart(NIST).required()

    assert chart.centre == Decimal("50.81")
    assert round(chart.mr_bar, 4) == Decimal("1.8778")
    assert round(chart.ucl, 4) == Decimal("55.8041")
    assert round(chart.lcl, 4) == Decimal("45.8159")
    assert chart.outside(NIST) == ()


def test_the_upper_limit_of_the_moving_range() -> None:
    # The moving ranges of 1, 3, 2 are 2 and 1.
    chart = individuals_chart([1, 3, 2], minimum=3).required()

    assert chart.mr_bar == Decimal("1.5")
    assert chart.mr_ucl == Decimal("4.9005")


@given(st.lists(st.integers(-(10**6), 10**6), min_size=8, max_size=40))
def test_the_limits_agree_with_fractions(values: list[int]) -> None:
    ranges = [abs(right - left) for left, right in pairwise(values)]
    centre = Fraction(sum(values), len(values))
    sigma = Fraction(sum(ranges), len(ranges)) / Fraction("1.128")

    chart = individuals_chart(values).required()

    assert abs(Fraction(chart.ucl) - (centre + 3 * sigma)) < Fraction(1, 10**20)
    assert abs(Fraction(chart.lcl) - (centre - 3 * sigma)) < Fraction(1, 10**20)


def test_limits_need_a_history() -> None:
    # Case limits-need-history.
    chart = individuals_chart([10, 12, 11], minimum=8)

    assert (chart.value, chart.flag, chart.n) == (None, "insufficient_history", 3)


@pytest.mark.parametrize("values", [[], [5]])
def test_no_minimum_makes_limits_of_fewer_than_two_points(values: list[int]) -> None:
    assert individuals_chart(values, minimum=0).flag == "insufficient_history"


def test_a_constant_series_has_limits_of_no_width() -> None:
    chart = individuals_chart([5] * 8).required()

    assert chart.lcl == chart.centre == chart.ucl == 5
    assert not chart.is_outside(5)
    assert chart.is_outside("5.01")


def test_a_float_is_refused() -> None:
    with pytest.raises(FloatRefused):
        individuals_chart([1.5] * 8)  # type: ignore[list-item]


def test_rule_1_is_strict() -> None:
    # Case weco-rule-1.
    assert _points(["0.2", "-0.5", "3.1", "0.4", "-3.0"], 1) == [3]


@pytest.mark.parametrize(
    ("rule", "values", "points"),
    [
        (2, ["2.1", "0", "2.1"], [3]),
        (2, ["2.1", "2.1"], [2]),
        (2, ["2.1", "0", "0", "2.1"], []),
        (2, ["2.1", "2.1", "0"], [2]),
        (2, ["2.1", "-2.1", "0"], []),
        (2, ["2.0", "2.0", "2.0"], []),
        (3, ["1.1", "1.1", "0", "1.1", "1.1"], [5]),
        (3, ["-1.1", "-1.1", "-1.1", "-1.1", "-0.5"], [4]),
        (3, ["1.1", "1.1", "0", "0", "1.1", "1.1"], []),
        (4, ["0.1"] * 7, []),
        (4, ["0.1"] * 9, [8, 9]),
        (4, ["0.1"] * 7 + ["0"] + ["0.1"] * 7, []),
        (4, ["-0.1"] * 8, [8]),
    ],
)
def test_a_pattern_signals_at_the_point_that_completes_it(
    rule: int, values: list[str], points: list[int]
) -> None:
    assert _points(values, rule) == points


def test_a_signal_knows_its_rule_side_and_value() -> None:
    (signal,) = western_electric(["0", "-3.5"], centre=0, sigma=1)

    assert (signal.rule, signal.point, signal.side, signal.value) == (
        WesternElectricRule.BEYOND_3_SIGMA,
        2,
        Side.BELOW,
        Decimal("-3.5"),
    )


@given(st.lists(st.integers(-40, 40), max_size=60))
def test_mirroring_a_series_mirrors_its_signals(tenths: list[int]) -> None:
    def signals(sign: int) -> list[tuple[str, int, str]]:
        values = [Decimal(sign * tenth).scaleb(-1) for tenth in tenths]
        return [(s.rule.value, s.point, s.side.value) for s in western_electric(values, centre=0, sigma=1)]

    flipped = {"above": "below", "below": "above"}
    assert signals(-1) == [(rule, point, flipped[side]) for rule, point, side in signals(1)]


def test_a_negative_spread_is_refused() -> None:
    with pytest.raises(NegativeSpread, match="zero or more"):
        western_electric([1], centre=0, sigma=-1)


@given(st.lists(st.integers(-40, 40), max_size=40), st.integers(-2, 45))
def test_judging_the_later_points_gives_the_later_signals(tenths: list[int], since: int) -> None:
    values = [Decimal(tenth).scaleb(-1) for tenth in tenths]

    every = western_electric(values, centre=0, sigma=1)

    later = western_electric(values, centre=0, sigma=1, since=since)
    assert later == tuple(signal for signal in every if signal.point >= since)
