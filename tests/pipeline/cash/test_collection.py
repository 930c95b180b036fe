"""Count-back, true days and collection effectiveness against published examples."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.money import CurrencyMismatch, Money
from salesmgmt.core.percent import Percent
from salesmgmt.pipeline.cash import cei, dso_countback, dso_true


def eur(amount: int | str) -> Money:
    return Money(amount, "EUR")


def test_count_back_takes_whole_months_and_a_share_of_the_last() -> None:
    # 31 + 28 + 400,000 / 700,000 x 31 = 76.714286
    found = dso_countback(eur(2_100_000), [eur(900_000), eur(800_000), eur(700_000)], [31, 28, 31])
    assert abs(Fraction(found.days.required()) - (59 + Fraction(31 * 4, 7))) < Fraction(1, 10**30)
    assert (found.full_months, found.remainder) == (2, eur(400_000))


@pytest.mark.parametrize(
    ("receivables", "sales", "days", "full"),
    [
        (0, [100, 100], 0, 0),
        (100, [100, 100], 30, 1),
        (100, [100, 0, 100], 30, 1),
        (150, [100, 0, 100], 76, 2),
        (200, [100, 100], 61, 2),
    ],
)
def test_count_back_at_the_edges(receivables: int, sales: list[int], days: int, full: int) -> None:
    found = dso_countback(eur(receivables), [eur(month) for month in sales], [30, 31, 30][: len(sales)])
    assert (found.days.value, found.full_months) == (Decimal(days), full)


def test_more_receivables_than_sales_are_undefined() -> None:
    found = dso_countback(eur(300), [eur(100), eur(100)], [30, 31])
    assert (found.days.value, found.days.flag, found.remainder) == (None, "insufficient_history", eur(100))


def test_odd_figures_are_all_listed() -> None:
    with pytest.raises(InvalidInput) as refused:
        dso_countback(eur(-1), [eur(-2)], [0, 31])
    assert [problem.path for problem in refused.value.problems] == [
        "receivables",
        "days_in_month",
        "monthly_sales[0]",
        "days_in_month[0]",
    ]


def test_true_days_add_up_invoice_by_invoice() -> None:
    # 15 x 400 / 1000 + 40 x 100 / 800 = 6 + 5
    assert dso_true([(15, eur(400), eur(1000)), (40, eur(100), eur(800))]).value == Decimal(11)
    assert dso_true([]).value == Decimal(0)
    assert dso_true([(15, eur(400), eur(0))]).flag == "no_credit_sales"
    with pytest.raises(CurrencyMismatch):
        dso_true([(15, eur(400), Money(1000, "USD"))])


def test_collection_effectiveness_is_what_was_collected_of_what_could_be() -> None:
    whole = cei(
        beginning=eur(100_000),
        credit_sales=eur(1_000_000),
        ending_total=eur(120_000),
        ending_current=eur(100_000),
    )
    assert whole.value == Percent(98)
    monthly = cei(
        beginning=eur(100), credit_sales=eur(1200), ending_total=eur(60), ending_current=eur(40), months=12
    )
    assert abs(Fraction(monthly.required().points) - Fraction(100 * 140, 160)) < Fraction(1, 10**30)


@pytest.mark.parametrize("months", [0, -1])
def test_no_months_are_refused(months: int) -> None:
    with pytest.raises(InvalidInput, match="above 0"):
        cei(beginning=eur(1), credit_sales=eur(50), ending_total=eur(5), ending_current=eur(5), months=months)


def test_nothing_to_collect_is_undefined() -> None:
    nothing = cei(beginning=eur(0), credit_sales=eur(50), ending_total=eur(50), ending_current=eur(50))
    assert nothing.flag == "empty_base"
