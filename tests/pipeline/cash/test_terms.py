from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.codec import Codec
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.money import CurrencyMismatch, Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.period import DateOutOfRange, NoSuchPart, NotADate
from salesmgmt.pipeline.cash import (
    DueMove,
    DueRule,
    DueStep,
    Instalment,
    InvalidTerms,
    InvoicePlan,
    Part,
    PaymentTerms,
)

RULE = DueRule()


@pytest.mark.parametrize(
    ("rule", "invoiced", "due"),
    [
        # odoo/odoo addons/account/tests/test_payment_term.py @02f71aa67e
        (RULE, "2019-01-01", "2019-01-01"),
        (RULE.days(0), "2019-01-31", "2019-01-31"),
        (RULE.month_end().days(45), "2019-01-01", "2019-03-17"),
        (RULE.month_end().days(45), "2019-01-15", "2019-03-17"),
        (RULE.days(31).next_day_of_month(15), "2019-01-15", "2019-02-15"),
        (RULE.days(31).next_day_of_month(15), "2019-01-31", "2019-03-15"),
        # OCA/account-payment issue #919
        (RULE.months(1).month_end(), "2025-02-10", "2025-03-31"),
        # frappe/erpnext issue #40077
        (RULE.days(90), "2024-03-15", "2024-06-13"),
        # By the calendar, for the kinds of rule that no project above tests.
        (RULE.months(1), "2024-01-31", "2024-02-29"),
        (RULE.months(3), "2026-11-30", "2027-02-28"),
        (RULE.months(3).month_end(), "2026-01-20", "2026-04-30"),
        (RULE.day_of_month(31), "2026-02-03", "2026-02-28"),
        (RULE.day_of_month(10), "2026-02-20", "2026-02-10"),
        (RULE.months(1).day_of_month(15), "2026-01-31", "2026-02-15"),
        (RULE.months(1).day_of_month(30), "2026-01-31", "2026-02-28"),
        (RULE.days(45).month_end(), "2019-01-15", "2019-03-31"),
    ],
)
def test_a_rule_leads_to_the_due_date(rule: DueRule, invoiced: str, due: str) -> None:
    assert rule.due(date.fromisoformat(invoiced)) == date.fromisoformat(due)


@pytest.mark.parametrize(
    ("move", "number"),
    [
        ("days", -1),
        ("days", None),
        ("months", -3),
        ("months", True),
        ("days", 1.5),
        ("month_end", 1),
        ("day_of_month", 0),
        ("day_of_month", 32),
        ("next_day_of_month", None),
    ],
)
def test_a_step_with_a_number_that_does_not_go_with_it_is_refused(move: str, number: int) -> None:
    with pytest.raises((InvalidTerms, NoSuchPart)):
        DueStep(DueMove(move), number)


@pytest.mark.parametrize("rule", [RULE.days(10**30), RULE.days(3_000_000), RULE.months(10**30)])
def test_a_rule_that_leads_out_of_the_calendar_is_refused(rule: DueRule) -> None:
    with pytest.raises(DateOutOfRange):
        rule.due(date(2026, 1, 1))


def test_a_due_date_is_no_matter_of_hours() -> None:
    with pytest.raises(NotADate):
        RULE.due(datetime(2026, 1, 1, 9))  # noqa: DTZ001 - that is the point


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 400), st.integers(1, 31))
def test_going_on_never_leads_back(day: date, number: int, day_of_month: int) -> None:
    for rule in (
        RULE.days(number),
        RULE.months(number),
        RULE.month_end(),
        RULE.next_day_of_month(day_of_month),
    ):
        assert rule.due(day) >= day


# --- parts


def portions(*points: int) -> list[Part]:
    return [Part(percent=Percent(point)) for point in points]


def fixed(amount: str, currency: str = "EUR") -> Part:
    return Part(amount=Money(amount, currency))


@pytest.mark.parametrize(
    ("parts", "total", "amounts"),
    [
        # frappe/erpnext test_accounts_receivable.py @01dce5633a
        (portions(30, 50, 20), "100.00", "30.00 50.00 20.00"),
        # frappe/erpnext issue #26951: thirds of 30,000 are not 10,000.20 and twice 9,999.90
        ([Part(), Part(), Part()], "30000.00", "10000.00 10000.00 10000.00"),
        # By hand.
        ([Part(), Part(), Part()], "100.00", "33.34 33.33 33.33"),
        ([Part(percent=Percent(30)), Part()], "999.99", "300.00 699.99"),
        ([fixed("500"), Part(percent=Percent(50)), Part(), Part()], "2000.01", "500 1000.01 250.00 250.00"),
        ([fixed("60"), fixed("40")], "100.00", "60 40"),
        (portions(50, 50), "0.00", "0.00 0.00"),
        ([fixed("100"), Part()], "100.00", "100 0"),
    ],
)
def test_parts_add_up_to_the_whole(parts: list[Part], total: str, amounts: str) -> None:
    plan = InvoicePlan("test", parts)

    assert plan.amounts(Money(total, "EUR")) == tuple(Money(part, "EUR") for part in amounts.split())


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ([], "no_parts"),
        (portions(30, 30), "not_100_percent"),
        (portions(60, 60), "not_100_percent"),
        ([*portions(100), Part()], "nothing_left"),
        ([fixed("10"), *portions(90)], "no_rest"),
        ([Part(percent=Percent(10), amount=Money(1, "EUR")), Part()], "two_shares"),
        ([*portions(0), Part()], "not_positive"),
        ([*portions(-10), *portions(110)], "not_positive"),
        ([fixed("0"), Part()], "not_positive"),
    ],
)
def test_parts_that_never_add_up_are_refused(parts: list[Part], reason: str) -> None:
    for make in (InvoicePlan, PaymentTerms):
        with pytest.raises(InvalidTerms) as caught:
            make("test", parts)
        assert caught.value.reason == reason


def test_parts_in_two_currencies_are_refused() -> None:
    with pytest.raises(CurrencyMismatch):
        InvoicePlan("test", [fixed("1"), fixed("1", "CNY"), Part()])
    with pytest.raises(CurrencyMismatch):
        InvoicePlan("test", [fixed("1", "CNY"), Part()]).amounts(Money(100, "EUR"))


@pytest.mark.parametrize(
    ("parts", "reason"),
    [([fixed("101"), Part()], "exceeds_total"), ([fixed("60"), fixed("39.99")], "other_total")],
)
def test_parts_that_do_not_fit_this_whole_are_refused(parts: list[Part], reason: str) -> None:
    with pytest.raises(InvalidTerms) as caught:
        InvoicePlan("test", parts).amounts(Money("100.00", "EUR"))
    assert caught.value.reason == reason


@given(
    st.integers(0, 10**12),
    st.sampled_from(["EUR", "JPY", "KWD"]),
    st.lists(st.integers(1, 1000), max_size=6),
    st.integers(1, 5),
)
def test_every_division_adds_up_and_stays_near_its_share(
    units: int, currency: str, weights: list[int], rests: int
) -> None:
    percents = [Percent.of_ratio(Decimal(weight).scaleb(-4)) for weight in weights]  # at most 60 % in all
    plan = InvoicePlan("test", [*(Part(percent=percent) for percent in percents), *[Part()] * rests])
    total = Money.from_minor(units, currency)

    found = [part.minor_units() for part in plan.amounts(total)]

    assert sum(found) == units
    assert min(found) >= 0
    for percent, amount in zip(percents, found, strict=False):
        assert abs(amount - units * Fraction(percent.ratio)) < 1
    assert max(found[-rests:]) - min(found[-rests:]) <= 1


def test_equal_invoices_are_so_many_months_apart() -> None:
    plan = InvoicePlan.equal(3, every_months=2)

    assert [part.when.due(date(2026, 12, 31)) for part in plan.parts] == [
        date(2026, 12, 31),
        date(2027, 2, 28),
        date(2027, 4, 30),
    ]


def test_terms_divide_an_invoice_into_instalments() -> None:
    terms = PaymentTerms(
        "halves", [Part(percent=Percent(50)), Part(percent=Percent(50), when=RULE.month_end().days(45))]
    )

    assert terms.instalments(Money("0.05", "EUR"), date(2019, 1, 15)) == (
        Instalment(Money("0.03", "EUR"), date(2019, 1, 15)),
        Instalment(Money("0.02", "EUR"), date(2019, 3, 17)),
    )


# --- files

PLAN = """
id = "project"

[[parts]]
percent = "30%"

[[parts]]
amount = "1000 EUR"
when.steps = [{ move = "months", number = 1 }, { move = "month_end" }]

[[parts]]
when.steps = [{ move = "days", number = 90 }]
"""


def test_a_plan_is_read_from_toml(tmp_path: Path) -> None:
    file = tmp_path / "plan.toml"
    file.write_text(PLAN, encoding="utf-8")

    assert InvoicePlan.load(file) == InvoicePlan(
        "project",
        [
            Part(percent=Percent(30)),
            Part(amount=Money(1000, "EUR"), when=RULE.months(1).month_end()),
            Part(when=RULE.days(90)),
        ],
    )


def test_all_faults_of_a_file_are_listed(tmp_path: Path) -> None:
    file = tmp_path / "plan.toml"
    file.write_text(
        PLAN.replace("30%", "much").replace('"months", number', '"years", count').replace("90", "-90"),
        encoding="utf-8",
    )

    with pytest.raises(InvalidInput) as caught:
        InvoicePlan.load(file)

    assert {problem.path for problem in caught.value.problems} >= {
        "parts[0].percent",
        "parts[1].when.steps[0].move",
        "parts[1].when.steps[0].count",
        "parts[2].when.steps[0].number",
    }


def test_parts_that_do_not_add_up_are_a_fault_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "terms.toml"
    file.write_text('id = "t"\nparts = [{ percent = "20%" }, { percent = "70%" }]', encoding="utf-8")

    with pytest.raises(InvalidInput, match="90%"):
        PaymentTerms.load(file)


def test_plans_and_terms_survive_json() -> None:
    codec = Codec()
    plan, terms = InvoicePlan.equal(3), PaymentTerms.net(30)

    assert codec.from_json(InvoicePlan, codec.to_json(plan)) == plan
    assert codec.from_json(PaymentTerms, codec.to_json(terms)) == terms
