from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from salesmgmt.core.money import CurrencyMismatch, Money
from salesmgmt.core.period import NotADate, Period
from salesmgmt.engines.metrics import MetricSet
from salesmgmt.pipeline.cash import (
    CASH_METRICS,
    INVOICE_FACTS,
    PAYMENT_FACTS,
    Ageing,
    AgeingBasis,
    InvalidLimits,
    UnknownDocument,
    days_sales_outstanding,
    dso,
    invoice_facts,
)
from tests.pipeline.cash.books import DAY, OTHER, Books, eur, make_invoice

TODAY = date(2026, 9, 30)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


@pytest.mark.parametrize(
    ("age", "label"),
    [
        # frappe/erpnext accounts_receivable.py @00166602a6 (column labels)
        (31, "31-60"),
        (120, "91-120"),
        (121, "121+"),
        # The other edges, by hand.
        (-1, "not due"),
        (0, "0-30"),
        (30, "0-30"),
        (60, "31-60"),
        (61, "61-90"),
        (90, "61-90"),
        (91, "91-120"),
        (100_000, "121+"),
    ],
)
def test_an_age_falls_into_one_bucket(age: int, label: str) -> None:
    assert Ageing().bucket(age) == label


@pytest.mark.parametrize("limits", [(), (0, 30), (30, 30), (60, 30), (-1,), (30, 45.5), (True, 30), "30"])
def test_limits_that_do_not_rise_are_refused(limits: tuple[int, ...]) -> None:
    with pytest.raises(InvalidLimits):
        Ageing(limits)


def receivables() -> Books:
    """Acme owes 20 + 100 of an invoice in three instalments (60 + 100 + 40), and other owes 85."""
    books = Books()
    books.bill(
        make_invoice("a-1", 60, 100, 40, on=ago(100), due=[ago(70), ago(40), ago(-20)]),
        make_invoice("b-1", 85, account=OTHER, on=ago(31), due=ago(0)),
        make_invoice("b-2", 10, account=OTHER, on=ago(200), due=ago(170)),
    )
    books.apply(books.pay("p-1", 40, on=ago(50)), books.invoices[:1])
    books.apply(books.pay("p-2", 10, account=OTHER, on=ago(3)), books.invoices[1:], on=ago(3))
    return books


def shown(amounts: dict[str, Money]) -> dict[str, str]:
    return {label: f"{money.amount:f}" for label, money in amounts.items() if money}


def test_each_open_instalment_ages_by_itself() -> None:
    books = receivables()
    report = Ageing().report(books.invoices, books.entries, TODAY, currency="EUR")

    assert shown(dict(report.buckets)) == {"not due": "40", "0-30": "85", "31-60": "100", "61-90": "20"}
    assert {account: shown(dict(row)) for account, row in report.by_customer.items()} == {
        "acme": {"not due": "40", "31-60": "100", "61-90": "20"},
        "other": {"0-30": "85"},
    }
    assert report.total == eur(245)
    assert [(item.invoice, item.days, item.bucket) for item in report.items] == [
        ("a-1", 70, "61-90"),
        ("a-1", 40, "31-60"),
        ("b-1", 0, "0-30"),
        ("a-1", -20, "not due"),
    ]


def test_ages_may_be_counted_from_the_invoice() -> None:
    books = receivables()
    report = Ageing((30, 99)).report(books.invoices, books.entries, TODAY, currency="EUR", basis="invoiced")

    assert report.basis is AgeingBasis.INVOICED
    assert shown(dict(report.buckets)) == {"31-99": "85", "100+": "160"}


def test_a_report_of_an_earlier_day_knows_nothing_of_what_came_later() -> None:
    books = receivables()
    report = Ageing().report(books.invoices, books.entries, ago(60), currency="EUR")

    assert shown(dict(report.buckets)) == {"not due": "140", "0-30": "60", "91-120": "10"}
    assert Ageing().report(books.invoices, books.entries, ago(300), currency="EUR").items == ()


def test_a_report_does_not_mix_currencies_or_guess() -> None:
    books = receivables()
    foreign = make_invoice("c-1", 5, currency="CNY")
    books.bill(foreign)

    with pytest.raises(CurrencyMismatch):
        Ageing().report(books.invoices, books.entries, TODAY, currency="EUR")
    assert Ageing().report([foreign], books.entries, TODAY, currency="CNY").total == Money(5, "CNY")
    with pytest.raises(UnknownDocument):
        Ageing().report([make_invoice("z-9", 5)], books.entries, TODAY, currency="EUR")
    with pytest.raises(NotADate):
        Ageing().report([], [], datetime(2026, 9, 30), currency="EUR")  # noqa: DTZ001 - that is the point


# --- figures


def test_days_sales_outstanding() -> None:
    # fool.com days-sales-outstanding: 18,000 of 20,000 in April are 27 days
    assert days_sales_outstanding(eur(18000), eur(20000), 30).value == 27
    assert days_sales_outstanding(eur(5), eur(0), 30).flag == "no_credit_sales"


def test_days_sales_outstanding_follow_from_the_ledger() -> None:
    april = Period.month(2026, 4)
    books = Books()
    old = make_invoice("i-1", 500, on=DAY)
    books.bill(old, make_invoice("i-2", 1100, on=april.start), make_invoice("i-3", 999, on=april.end))
    books.credit(books.invoices[1], 100, on=april.last)
    books.apply(books.pay("p-1", 300, on=april.start), [old])
    books.apply(books.pay("p-2", 200, on=april.end), [old])

    figure = dso(books.entries, april)

    assert (figure.value, figure.n) == (Decimal(36), 1)  # (200 + 1,000) / (1,100 - 100) x 30
    assert dso(books.entries, Period.month(2026, 2)).flag == "no_credit_sales"
    assert dso([], april).flag == "no_credit_sales"
    books.bill(make_invoice("i-4", 5, currency="CNY"))
    assert dso(books.entries, april).flag == "mixed_currencies"


def test_receivables_are_measured_by_the_metrics_of_the_room() -> None:
    books = receivables()
    books.bill(make_invoice("a-2", 7, on=TODAY + timedelta(days=1)))
    figures = (
        MetricSet(CASH_METRICS)
        .compile(INVOICE_FACTS)
        .measure(invoice_facts(books.invoices, books.entries, TODAY))
    )

    assert figures["invoices"].value == 3
    assert figures["invoiced_value"].value == eur(295)
    assert figures["outstanding_value"].value == eur(245)
    assert figures["overdue_value"].value == eur(120)
    assert figures["overdue_rate"].required().quantize(Decimal("0.0001")) == Decimal("0.4898")  # type: ignore[union-attr]


def test_nothing_outstanding_is_no_rate_of_zero() -> None:
    figures = MetricSet(CASH_METRICS).compile(INVOICE_FACTS).measure([])

    assert figures["overdue_rate"].flag == "nothing_outstanding"
    assert figures["outstanding_value"].flag == "no_invoices"


def test_payments_are_facts_as_they_are() -> None:
    books = Books()
    payments = [books.pay("p-1", 40), books.pay("p-2", 2)]

    received = MetricSet(CASH_METRICS).compile(PAYMENT_FACTS).measure(payments)["received_value"]

    assert received.value == eur(42)
