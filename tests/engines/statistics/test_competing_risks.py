"""Cumulative incidence against hand-computed figures, an oracle in fractions, and what it has to agree with."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.engines.statistics import cumulative_incidence, kaplan_meier

WATCHED = st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["won", "lost", None])), max_size=30)


def by_definition(watched: list[tuple[int, str | None]], end: str, until: int) -> Fraction:
    """The sum over times of S(t-) * d(t) / n(t), straight from the definition."""
    free, share = Fraction(1), Fraction(0)
    for time in sorted({time for time, came in watched if came is not None and time <= until}):
        at_risk = sum(1 for other, _ in watched if other >= time)
        share += free * Fraction(sum((other, came) == (time, end) for other, came in watched), at_risk)
        ended = sum(other == time and came is not None for other, came in watched)
        free *= 1 - Fraction(ended, at_risk)
    return share


def test_ten_deals_by_hand() -> None:
    # At risk 10, 9, 7, 6, 4, 2: won 1/10; free 9/10; lost at 2; lost from sight at 3; free 9/10 * 8/9 = 8/10 at day 4, where 1 of 7
    # is won: 1/10 + 8/70; free 8/10 * 6/7; at day 5 two of six are won, at day 8 one of two.
    watched = [(1, "won"), (2, "lost"), (3, None), (4, "won"), (5, "won"), (5, "won"), (6, None), (6, None),
               (8, "won"), (9, None)]  # fmt: skip
    won = cumulative_incidence(watched, "won")
    day_4 = Fraction(1, 10) + Fraction(8, 70)
    day_5 = day_4 + Fraction(48, 70) * Fraction(2, 6)
    day_8 = day_5 + Fraction(48, 70) * Fraction(4, 6) * Fraction(1, 2)
    assert [won.at(day) for day in (0, 1, 3, 4, 5, 8, 99)] == pytest.approx(
        [0, 0.1, 0.1, float(day_4), float(day_5), float(day_8), float(day_8)]
    )
    assert [won.informed(day) for day in (0, 3, 4, 6, 7, 9, 10)] == [10, 10, 9, 9, 7, 7, 6]


@given(WATCHED, st.integers(0, 10))
def test_it_is_the_estimator_of_aalen_and_johansen(watched: list[tuple[int, str | None]], at: int) -> None:
    found = cumulative_incidence(watched, "won")
    assert found.at(at) == pytest.approx(float(by_definition(watched, "won", at)))
    assert found.informed(at) == sum(came is not None or time >= at for time, came in watched)


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["won", "lost"])), min_size=1))
def test_when_all_have_ended_it_is_the_plain_share(watched: list[tuple[int, str | None]]) -> None:
    found = cumulative_incidence(watched, "won")
    for at in range(11):
        wins = sum(came == "won" and time <= at for time, came in watched)
        assert found.at(at) == pytest.approx(wins / len(watched))


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1))
def test_with_one_end_it_is_one_less_kaplan_meier(watched: list[tuple[int, bool]]) -> None:
    curve = kaplan_meier(watched)
    found = cumulative_incidence(((time, "won" if came else None) for time, came in watched), "won")
    for at in range(11):
        assert found.at(at) == pytest.approx(1 - curve.at(at))


@given(WATCHED)
def test_shares_rise_and_together_are_at_most_all(watched: list[tuple[int, str | None]]) -> None:
    won, lost = (cumulative_incidence(watched, end) for end in ("won", "lost"))
    shares = [won.at(at) for at in range(11)]
    assert shares == sorted(shares)
    assert won.at(10) + lost.at(10) <= 1 + 1e-9


def test_pairs_can_be_counted() -> None:
    assert cumulative_incidence({(3, "won"): 2, (5, None): 3}, "won") == cumulative_incidence(
        [(3, "won"), (5, None), (5, None), (3, "won"), (5, None)], "won"
    )


@pytest.mark.parametrize("time", [-1, math.nan, math.inf])
def test_times_that_are_none_are_refused(time: float) -> None:
    with pytest.raises(ValueError, match="zero or more"):
        cumulative_incidence([(time, "won")], "won")
