"""Win rates by count and value, cohorts and their bounds, wins and losses by group."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import InvalidInput, UnknownOption
from salesmgmt.core.formula import FormulaError
from salesmgmt.core.money import Money
from salesmgmt.core.period import Period
from salesmgmt.pipeline.analytics import cohort, cohort_win_rate, deal_averages, win_loss, win_rate
from salesmgmt.pipeline.deals import Deal

MakeDeal = Callable[..., Deal]
Q1, Q2 = Period.quarter(2026, 1), Period.quarter(2026, 2)


@pytest.fixture(name="deals")
def _deals(deal: MakeDeal) -> list[Deal]:
    return [
        deal("a", "won", 300, closed_on=date(2026, 2, 1), owner="ann", competitors=("x", "y")),
        deal("b", "won", 100, closed_on=date(2026, 4, 1), owner="ann"),
        deal("c", "lost", 200, closed_on=date(2026, 3, 1), owner="bob", competitors=("x",), lost_to="x", loss_reason="price"),
        deal("d", "open", 50, owner="bob"),
        deal("e", "lost", 999, opened=None, closed_on=date(2026, 3, 31), owner=None),
    ]  # fmt: skip


def test_a_cohort_by_closing_holds_what_was_decided_in_the_period(deals: list[Deal]) -> None:
    rate = win_rate(deals, by="closed", period=Q1)
    assert (rate.won, rate.lost, rate.open, rate.undated) == (1, 2, 0, 0)
    assert abs(Fraction(rate.count.required()) - Fraction(1, 3)) < Fraction(1, 10**30)
    assert abs(Fraction(rate.value.required()) - Fraction(300, 1499)) < Fraction(1, 10**30)
    assert rate.lower == rate.upper == rate.count


def test_a_cohort_by_opening_reports_its_open_deals_and_the_bounds_they_leave(deals: list[Deal]) -> None:
    rate = win_rate(deals, by="created", period=Q1)
    assert (rate.won, rate.lost, rate.open, rate.undated) == (2, 1, 1, 1)
    assert (rate.lower.value, rate.upper.value) == (Decimal("0.5"), Decimal("0.75"))
    assert rate.open_value.value == Money(50, "EUR")
    assert win_rate(deals, by="created", period=Q2).count.flag == "no_closed_deals"


def test_the_interval_is_that_of_wilson() -> None:
    # Newcombe (1998), table I, method 3: 81 of 263.
    many = [("won", 81), ("lost", 182)]
    from tests.pipeline.analytics.conftest import make_deal

    deals = [make_deal(f"{status}{n}", status) for status, count in many for n in range(count)]
    interval = win_rate(deals, by="closed").interval
    assert interval is not None
    assert [round(end, 4) for end in interval] == [0.2553, 0.3662]


def test_nothing_closed_is_undefined_and_not_zero(deal: MakeDeal) -> None:
    rate = win_rate([deal("a", amount=5)], by="closed")
    assert (rate.count.value, rate.count.flag, rate.value.flag, rate.interval) == (
        None,
        "no_closed_deals",
        "no_closed_deals",
        None,
    )


def test_missing_amounts_lower_the_coverage_and_two_currencies_do_not_add_up(deal: MakeDeal) -> None:
    some = [deal("a", "won", 100), deal("b", "won"), deal("c", "lost", 100), deal("d", "lost", 200)]
    value = win_rate(some, by="closed").value
    assert (value.value, value.n, value.coverage) == (Decimal("0.25"), 3, Decimal("0.75"))
    mixed = [deal("a", "won", Money(1, "EUR")), deal("b", "lost", Money(1, "USD"))]
    assert win_rate(mixed, by="closed").value.flag == "mixed_currencies"
    assert win_rate([deal("a", "won")], by="closed").value.flag == "values_missing"
    assert win_rate([deal("a", "won", 0), deal("b", "lost", 0)], by="closed").value.flag == "no_closed_value"


def test_only_losses_are_a_rate_of_zero(deal: MakeDeal) -> None:
    rate = win_rate([deal("a", "lost", 5)], by="closed")
    assert (rate.count.value, rate.value.value, rate.won_value.flag) == (
        Decimal(0),
        Decimal(0),
        "no_won_deals",
    )


def test_wins_and_losses_by_field_formula_and_function(deals: list[Deal]) -> None:
    by_owner = win_loss(deals, "owner", by="closed")
    assert {owner: (rate.won, rate.lost) for owner, rate in by_owner.items()} == {
        "ann": (2, 0),
        "bob": (0, 1),
        None: (0, 1),
    }
    by_size = win_loss(deals, "if amount >= 200 EUR then 'large' else 'small'", by="closed")
    assert {size: (rate.won, rate.lost) for size, rate in by_size.items()} == {
        "large": (1, 2),
        "small": (1, 0),
    }
    by_letter = win_loss(deals, lambda deal: deal.id < "c", by="closed")
    assert {its: (rate.won, rate.lost) for its, rate in by_letter.items()} == {True: (2, 0), False: (0, 2)}


def test_a_deal_counts_against_each_of_its_competitors(deals: list[Deal]) -> None:
    rates = win_loss(deals, "competitors", by="closed")
    assert {its: (rate.won, rate.lost) for its, rate in rates.items()} == {
        "x": (1, 1),
        "y": (1, 0),
        None: (1, 1),
    }
    assert win_loss(deals, "lost_to", by="closed")["x"].lost == 1
    assert win_loss(deals, "loss_reason", by="closed")["price"].lost_value.value == Money(200, "EUR")


def test_unknown_keys_and_bases_are_refused(deals: list[Deal]) -> None:
    with pytest.raises(FormulaError, match="owner"):
        win_loss(deals, "ownr", by="closed")
    with pytest.raises(UnknownOption, match="created, closed"):
        win_rate(deals, by="won")


def test_an_unknown_day_is_counted_and_not_guessed(deal: MakeDeal) -> None:
    undated = cohort([deal("a", "won"), deal("b", "open")], by="closed", period=Q1)
    assert (undated.undated, len(undated.deals)) == (1, 0)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_whatever_becomes_of_the_open_deals_the_rate_ends_within_the_bounds(
    won: int, lost: int, still: int
) -> None:
    rate = cohort_win_rate(won=won, lost=lost, open=still)
    for more in range(still + 1):
        final = cohort_win_rate(won=won + more, lost=lost + still - more).closed_only.value
        if final is None:
            assert not won + lost + still
        else:
            assert rate.lower.required() <= final <= rate.upper.required()


def test_counts_below_zero_are_refused_all_at_once() -> None:
    with pytest.raises(InvalidInput) as refused:
        cohort_win_rate(won=-1, lost=True, open=0)
    assert [problem.path for problem in refused.value.problems] == ["won", "lost"]


def test_averages_are_those_worked_out_by_hand(deals: list[Deal]) -> None:
    means = deal_averages(deals)
    assert (means.open_count, means.won_count) == (1, 2)
    assert (means.open.value, means.won.value, means.won_and_open.value) == (
        Money(50, "EUR"),
        Money(200, "EUR"),
        Money(150, "EUR"),
    )
