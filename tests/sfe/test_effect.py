"""Effects of actions: before and after, difference in differences, and their error."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.exact import OutOfRange
from salesmgmt.core.percent import Percent
from salesmgmt.engines.statistics import two_sided_p
from salesmgmt.sfe import Change, EffectMethod, Verdict, before_after, difference_in_differences, effect_of


def test_difference_in_differences_of_card_and_krueger() -> None:
    # Card & Krueger (1994), American Economic Review 84(4), table 3: 2.76, and 2.75 from the rounded means.
    new_jersey, pennsylvania = Change("20.44", "21.03"), Change("23.33", "21.17")

    assert difference_in_differences(new_jersey, pennsylvania) == Decimal("2.75")


def test_the_error_of_an_effect_is_that_of_welch() -> None:
    # Case action-effect-with-error.
    effect = effect_of([3, 5, 4, 6], [1, 2, 0, 1, 1])

    assert effect.value.value == Decimal("3.5")
    assert effect.standard_error.required() == pytest.approx(Decimal("0.718795"), abs=Decimal("0.000001"))
    assert effect.df.required() == pytest.approx(Decimal("4.4218"), abs=Decimal("0.0001"))
    assert effect.method is EffectMethod.DIFFERENCE_IN_DIFFERENCES
    # t = 4.87 at 4.4 degrees of freedom lies between the 1 % and the 0.5 % point of the table.
    assert Decimal("0.005") < effect.p_value.required() < Decimal("0.01")
    assert effect.verdict is Verdict.IMPROVED


def test_the_direction_decides_what_is_better() -> None:
    assert effect_of([3, 5, 4, 6], [1, 2, 0, 1, 1], direction="lower_is_better").verdict is Verdict.WORSE


def test_the_significance_decides_what_counts() -> None:
    assert effect_of([3, 5, 4, 6], [1, 2, 0, 1, 1], significance=Percent("0.1")).verdict is Verdict.NO_CHANGE


def test_one_subject_is_tested_against_the_spread_of_the_controls() -> None:
    # Crawford & Howell (1998): controls 8, 10, 12 have s = 2; se = 2 sqrt(4/3), df = 2; t = 10 / 2.3094 = 4.3301.
    effect = effect_of([20], [8, 10, 12])

    assert effect.value.value == 10
    assert effect.standard_error.required() == pytest.approx(Decimal("2.309401"), abs=Decimal("0.000001"))
    assert effect.df.value == 2
    # Two degrees of freedom have the closed form p = 1 - t / sqrt(2 + t^2).
    # t is just above 4.303, the 5 % point of the table.
    t = 10 / (2 * math.sqrt(4 / 3))
    assert float(effect.p_value.required()) == pytest.approx(1 - t / math.sqrt(2 + t * t), abs=1e-9)
    assert effect.verdict is Verdict.IMPROVED


@pytest.mark.parametrize(
    ("treated", "control", "value", "flag", "verdict"),
    [
        ([4], [], 4, "too_few_subjects", Verdict.UNTESTED),
        ([4, 6], [1], 4, "too_few_subjects", Verdict.UNTESTED),
        ([3, 3], [1, 1], 2, "no_spread", Verdict.UNTESTED),
        ([1, 1], [1, 1], 0, "no_spread", Verdict.NO_CHANGE),
        ([3], [1, 1], 2, "no_spread", Verdict.UNTESTED),
    ],
)
def test_an_effect_without_error_is_not_called_significant(
    treated: list[int], control: list[int], value: int, flag: str, verdict: Verdict
) -> None:
    effect = effect_of(treated, control)

    assert effect.value.value == value
    assert (effect.p_value.flag, effect.verdict) == (flag, verdict)


def test_no_treated_change_yet_is_pending() -> None:
    effect = effect_of([], [1, 2])

    assert (effect.value.flag, effect.verdict) == ("pending", Verdict.PENDING)


def test_before_and_after_of_one_subject() -> None:
    effect = before_after("0.70", "0.81")

    assert effect.value.value == Decimal("0.11")
    assert effect.verdict is Verdict.UNTESTED
    assert before_after(5, 5).verdict is Verdict.NO_CHANGE


@pytest.mark.parametrize(
    ("baseline", "after", "verdict"),
    [(None, "5", Verdict.NO_BASELINE), (None, None, Verdict.NO_BASELINE), ("5", None, Verdict.PENDING)],
)
def test_what_cannot_be_compared_says_why(baseline: str | None, after: str | None, verdict: Verdict) -> None:
    effect = before_after(baseline, after)

    assert (effect.value.value, effect.value.flag, effect.verdict) == (None, verdict.value, verdict)


@pytest.mark.parametrize(
    ("t", "df", "p"),
    # Two-sided points of the t distribution as printed in the usual tables (Abramowitz & Stegun 1964, table 26.10).
    [
        (12.706, 1, 0.05),
        (4.303, 2, 0.05),
        (2.776, 4, 0.05),
        (2.228, 10, 0.05),
        (3.169, 10, 0.01),
        (2.042, 30, 0.05),
    ],
)
def test_the_points_of_the_t_table(t: float, df: float, p: float) -> None:
    assert two_sided_p(t, df) == pytest.approx(p, rel=1e-3)
    assert two_sided_p(-t, df) == two_sided_p(t, df)


@given(st.floats(-1e6, 1e6))
def test_one_and_two_degrees_of_freedom_have_closed_forms(t: float) -> None:
    assert two_sided_p(t, 1) == pytest.approx(1 - 2 / math.pi * math.atan(abs(t)), abs=1e-12)
    assert two_sided_p(t, 2) == pytest.approx(1 - abs(t) / math.sqrt(2 + t * t), abs=1e-12)


@given(st.floats(0, 40), st.floats(0.1, 1e5))
def test_a_p_value_is_a_probability_that_falls_with_the_distance(t: float, df: float) -> None:
    near, far = two_sided_p(t, df), two_sided_p(t + 0.5, df)

    assert 0 <= far <= near <= 1


def test_an_infinite_statistic_never_happens_by_chance() -> None:
    assert two_sided_p(math.inf, 3) == 0
    assert two_sided_p(1e200, 3) == 0


def test_no_degrees_of_freedom_are_refused() -> None:
    with pytest.raises(ValueError, match="degrees of freedom"):
        two_sided_p(1.0, 0)


def test_large_figures_of_little_spread_do_not_overflow() -> None:
    effect = effect_of([10**30, 10**30 + 1], [0, 0, 1])

    assert effect.p_value.value == 0
    assert effect.verdict is Verdict.IMPROVED


def test_figures_beyond_an_exact_number_are_refused_by_name() -> None:
    with pytest.raises(OutOfRange):
        effect_of([Decimal("1E60"), Decimal("2E60")], [Decimal("1E60"), Decimal("3E60")])
