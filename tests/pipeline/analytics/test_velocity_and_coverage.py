"""Sales velocity and coverage against published figures and arithmetic by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from salesmgmt.core.errors import FloatRefused, UnknownOption
from salesmgmt.core.money import CurrencyMismatch, Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.period import Period
from salesmgmt.pipeline.analytics import (
    deal_velocity,
    forecast_coverage,
    pipeline_coverage,
    sales_velocity,
    velocity_change,
)
from salesmgmt.pipeline.deals import Deal

MakeDeal = Callable[..., Deal]


def eur(amount: int | str) -> Money:
    return Money(amount, "EUR")


def test_velocity_is_the_product_of_three_factors_over_the_cycle() -> None:
    velocity = sales_velocity(50, win_rate="0.2", mean_value=eur(10_000), cycle_days=40)
    assert (velocity.per_day.value, velocity.per_30_days.value) == (eur(2_500), eur(75_000))


@pytest.mark.parametrize(
    ("rate", "value", "days", "flag"),
    [
        (None, None, None, "no_closed_deals"),
        ("0", None, None, "no_won_deals"),
        ("0.5", 10, None, "no_cycle"),
        ("0.5", 10, 0, "no_cycle"),
    ],
)
def test_velocity_without_a_factor_is_undefined(
    rate: str | None, value: int | None, days: int | None, flag: str
) -> None:
    worth = None if value is None else eur(value)
    velocity = sales_velocity(8, win_rate=rate, mean_value=worth, cycle_days=days)
    assert (velocity.per_day.value, velocity.per_day.flag, velocity.per_30_days.flag) == (None, flag, flag)


def test_floats_are_refused() -> None:
    with pytest.raises(FloatRefused):
        sales_velocity(8, win_rate=0.2)  # type: ignore[arg-type]


def test_velocity_of_closed_deals_is_won_value_over_the_mean_cycle(deal: MakeDeal) -> None:
    deals = [
        deal("a", "won", 300, opened=date(2026, 1, 1), closed_on=date(2026, 1, 31)),
        deal("b", "won", 100, opened=date(2026, 1, 1), closed_on=date(2026, 1, 11)),
        deal("c", "lost", 700, opened=date(2026, 1, 1), closed_on=date(2026, 1, 5)),
        deal("d", "open", 50, opened=date(2026, 1, 1)),
    ]
    closed = deal_velocity(deals, by="closed", period=Period.month(2026, 1))
    assert abs(Fraction(closed.per_day.required().amount) - 20) < Fraction(1, 10**29)
    created = deal_velocity(deals, by="created", period=Period.month(2026, 1))
    assert (created.opportunities, created.open) == (Decimal(4), 1)
    assert abs(Fraction(created.per_day.required().amount) - Fraction(4 * 2 * 200, 3 * 20)) < Fraction(
        1, 10**29
    )


def test_a_shorter_cycle_counts_more_than_its_percentage() -> None:
    # mavenlb.com: a cycle shorter by 20 % gives 25 % more velocity; 10 % shorter gives 11.1 %.
    assert velocity_change("cycle_days", Percent(-20)).value == Percent(25)
    tenth = velocity_change("cycle_days", Percent(-10)).required().points
    assert abs(Fraction(tenth) - Fraction(100, 9)) < Fraction(1, 10**30)
    assert velocity_change("win_rate", Percent(10)).value == Percent(10)
    assert velocity_change("cycle_days", Percent(-100)).flag == "no_cycle"
    with pytest.raises(UnknownOption, match="win_rate"):
        velocity_change("luck", Percent(1))


@pytest.mark.parametrize(
    ("quota", "won", "remaining", "whole", "flag"),
    [
        (400, None, "1.5", "1.5", None),
        (400, 200, "3", "1.5", None),
        (400, 400, None, "1.5", "quota_met"),
        (400, 500, None, "1.5", "quota_met"),
        (0, 0, None, None, "no_quota"),
    ],
)
def test_coverage_of_the_rest_and_of_the_whole_quota(
    quota: int, won: int | None, remaining: str | None, whole: str | None, flag: str | None
) -> None:
    coverage = pipeline_coverage(eur(600), eur(quota), won=None if won is None else eur(won))
    assert coverage.of_remaining.value == (None if remaining is None else Decimal(remaining))
    assert coverage.of_quota.value == (None if whole is None else Decimal(whole))
    assert coverage.of_remaining.flag == flag


def test_forecast_coverage_needs_a_quota_in_the_same_currency() -> None:
    assert forecast_coverage(eur(90), eur(120)).value == Decimal("0.75")
    assert forecast_coverage(eur(90), eur(0)).flag == "no_quota"
    with pytest.raises(CurrencyMismatch):
        forecast_coverage(eur(90), Money(120, "USD"))
