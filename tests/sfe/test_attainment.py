"""Attainment, variance and run rate, and when they are undefined."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.sfe import Attainment, Direction, Figure, ImpossibleDays, RunRate, team_attainment


def test_attainment_and_variance_of_an_amount() -> None:
    found = Attainment.of(Money("450", "EUR"), Money("600", "EUR"))

    assert found.ratio.value == Percent(75)
    assert found.variance.value == Money(-150, "EUR")
    assert found.favourable_variance.value == Money(-150, "EUR")
    assert found.met is False


@pytest.mark.parametrize(
    ("actual", "target", "flag"),
    [
        (Decimal(0), Decimal(0), "no_quota"),
        (Decimal(5), None, "no_quota"),
        (Decimal(5), Decimal(0), "unplanned_sales"),
        (None, Decimal(5), "no_actual"),
        (Decimal(5), Decimal(-5), "negative_target"),
        (Money(5, "EUR"), Money(5, "CNY"), "unit_mismatch"),
        (Money(5, "EUR"), Decimal(5), "unit_mismatch"),
    ],
)
def test_an_undefined_attainment_says_why(actual: Figure | None, target: Figure | None, flag: str) -> None:
    ratio = Attainment.of(actual, target).ratio

    assert (ratio.value, ratio.flag) == (None, flag)


def test_the_variance_against_a_target_of_zero_is_defined() -> None:
    found = Attainment.of(Decimal(500), Decimal(0))

    assert found.variance.value == 500
    assert found.met is True


def test_a_ceiling_is_met_or_not_and_has_no_ratio() -> None:
    # Case attainment-lower-is-better, after the goals "the lower the better" of Odoo's gamification.
    found = Attainment.of(Decimal(50), Decimal(45), Direction.LOWER_IS_BETTER)

    assert (found.ratio.value, found.ratio.flag) == (None, "lower_is_better")
    assert found.variance.value == 5
    assert found.favourable_variance.value == -5
    assert found.met is False
    assert Attainment.of(Decimal(45), Decimal(45), "lower_is_better").met is True


def test_team_attainment_is_the_ratio_of_sums_and_not_the_mean_of_ratios() -> None:
    # 10 of 10 and 100 of 1,000: 110 / 1,010, not (100 % + 10 %) / 2.
    found = team_attainment([(Decimal(10), Decimal(10)), (Decimal(100), Decimal(1000))])

    assert found.required().points == pytest.approx(Decimal("10.891089"), abs=Decimal("0.000001"))
    assert found.n == 2


def test_a_member_without_target_counts_for_the_team() -> None:
    found = team_attainment([(Decimal(50), Decimal(100)), (Decimal(25), None), (None, Decimal(50))])

    assert found.value == Percent(50)


@pytest.mark.parametrize(
    ("rows", "flag"),
    [
        ([], "no_quota"),
        ([(Decimal(1), None)], "no_quota"),
        ([(Decimal(1), Decimal(0))], "unplanned_sales"),
        ([(Money(1, "EUR"), Money(1, "EUR")), (Money(1, "CNY"), Money(1, "CNY"))], "unit_mismatch"),
    ],
)
def test_an_undefined_team_attainment_says_why(rows: list[tuple[Figure, Figure | None]], flag: str) -> None:
    assert team_attainment(rows).flag == flag


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(1, 10**9)), min_size=1, max_size=20))
def test_team_attainment_agrees_with_fractions(rows: list[tuple[int, int]]) -> None:
    wanted = Fraction(sum(actual for actual, _ in rows), sum(target for _, target in rows)) * 100

    found = team_attainment([(Decimal(actual), Decimal(target)) for actual, target in rows]).required()

    assert abs(Fraction(found.points) - wanted) <= wanted / 10**30


def test_the_run_rate_projects_by_working_days() -> None:
    # Case run-rate-and-required-rate: 45,000 of 120,000 after 24 of 60 days.
    rate = RunRate.of(Money(45_000, "EUR"), Money(120_000, "EUR"), days=60, days_passed=24)

    assert rate.projected.value == Money(112_500, "EUR")
    assert rate.attainment.value == Percent("93.75")
    needed = rate.required_per_day.required()
    assert isinstance(needed, Money)
    assert needed.amount == pytest.approx(Decimal("2083.333333"), abs=Decimal("0.000001"))


def test_before_the_first_day_nothing_is_projected() -> None:
    rate = RunRate.of(Decimal(0), Decimal(60), days=60, days_passed=0)

    assert (rate.projected.flag, rate.attainment.flag) == ("not_started", "not_started")
    assert rate.required_per_day.value == 1


@pytest.mark.parametrize(
    ("actual", "target", "value", "flag"),
    [
        (Decimal(70), Decimal(60), 0, None),
        (Decimal(50), Decimal(60), None, "no_days_left"),
        (Decimal(1), None, None, "no_quota"),
    ],
)
def test_the_required_rate_at_the_end(
    actual: Decimal, target: Decimal | None, value: int | None, flag: str | None
) -> None:
    required = RunRate.of(actual, target, days=20, days_passed=20).required_per_day

    assert (required.value, required.flag) == (value, flag)


@pytest.mark.parametrize(("days", "passed"), [(10, 11), (10, -1)])
def test_impossible_days_are_refused(days: int, passed: int) -> None:
    with pytest.raises(ImpossibleDays, match="working_days"):
        RunRate.of(Decimal(1), Decimal(2), days=days, days_passed=passed)
