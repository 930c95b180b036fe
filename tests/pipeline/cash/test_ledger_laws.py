"""Laws that hold whatever is invoiced, paid, applied, credited and written off, in any order and on any day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from salesmgmt.core.entity import AccountId
from salesmgmt.core.money import Money
from salesmgmt.pipeline.cash import (
    Ageing,
    EntryKind,
    Invoice,
    Payment,
    Specified,
    balances,
    customer_credit,
    outstanding,
)
from tests.pipeline.cash.books import ACME, DAY, OTHER, Books, eur, make_invoice

cents = st.integers(1, 30_000)
days = st.integers(0, 120).map(lambda number: DAY + timedelta(days=number))
accounts = st.sampled_from([ACME, OTHER])


class Receivables(RuleBasedStateMachine):
    """Random histories of two customers, checked against plain sums of cents."""

    def __init__(self) -> None:
        super().__init__()
        self.books = Books()
        self.payments: list[Payment] = []
        self.invoiced = self.paid = self.allocated = self.credited = self.written_off = 0

    def left_of(self, invoice: Invoice) -> int:
        return outstanding(invoice, self.books.entries).minor_units()

    @rule(parts=st.lists(cents, min_size=1, max_size=3), account=accounts, on=days, terms=st.integers(0, 60))
    def invoice(self, parts: list[int], account: AccountId, on: date, terms: int) -> None:
        id_ = f"i-{len(self.books.invoices)}"
        amounts = [str(Money.from_minor(part, "EUR").amount) for part in parts]
        dues = [on + timedelta(days=terms * number) for number in range(len(parts))]
        self.books.bill(make_invoice(id_, *amounts, account=account, on=on, due=dues))
        self.invoiced += sum(parts)

    @rule(amount=cents, account=accounts, on=days)
    def pay(self, amount: int, account: AccountId, on: date) -> None:
        money = Money.from_minor(amount, "EUR")
        self.payments.append(self.books.pay(f"p-{len(self.payments)}", money, account=account, on=on))
        self.paid += amount

    @rule(random=st.randoms(use_true_random=False), on=days)
    def apply_to_the_oldest(self, random: Random, on: date) -> None:
        if not self.payments:
            return
        payment = random.choice(self.payments)
        own = [invoice for invoice in self.books.invoices if invoice.account == payment.account]
        application = self.books.apply(payment, own, on=on)
        self.allocated += sum(amount.minor_units() for amount in application.allocated.values())

    @rule(random=st.randoms(use_true_random=False), share=st.integers(1, 100))
    def apply_to_one(self, random: Random, share: int) -> None:
        if not self.payments:
            return
        payment = random.choice(self.payments)
        left = balances(self.books.entries).of_payment(payment.reference).minor_units()
        own = [i for i in self.books.invoices if i.account == payment.account and self.left_of(i)]
        if not own or not left:
            return
        invoice = random.choice(own)
        amount = max(1, min(left, self.left_of(invoice)) * share // 100)
        self.books.apply(payment, own, strategy=Specified({invoice.key: Money.from_minor(amount, "EUR")}))
        self.allocated += amount

    @rule(random=st.randoms(use_true_random=False), on=days, lost=st.booleans())
    def reduce(self, random: Random, on: date, lost: bool) -> None:
        own = [invoice for invoice in self.books.invoices if self.left_of(invoice)]
        if not own:
            return
        invoice = random.choice(own)
        amount = random.randint(1, self.left_of(invoice))
        settle: Callable[..., None] = self.books.give_up if lost else self.books.credit
        settle(invoice, str(Money.from_minor(amount, "EUR").amount), on)
        if lost:
            self.written_off += amount
        else:
            self.credited += amount

    @invariant()
    def payments_are_allocated_or_credit(self) -> None:
        credit: int = sum(
            customer_credit(account, self.books.entries, "EUR").minor_units() for account in (ACME, OTHER)
        )
        assert self.paid == self.allocated + credit

    @invariant()
    def invoices_are_outstanding_or_settled(self) -> None:
        left = sum(self.left_of(invoice) for invoice in self.books.invoices)
        assert self.invoiced == left + self.allocated + self.credited + self.written_off

    @invariant()
    def on_no_day_anything_is_below_zero_and_every_report_adds_up(self) -> None:
        for number in (0, 30, 75, 120, 250):
            day = DAY + timedelta(days=number)
            balance = balances(self.books.entries, day)
            assert all(left.amount >= 0 for left in balance.outstanding.values())
            assert all(left.amount >= 0 for left in balance.unapplied.values())
            report = Ageing().report(self.books.invoices, self.books.entries, day, currency="EUR")
            whole = Money.total(balance.outstanding.values(), "EUR")
            by_customer = [money for row in report.by_customer.values() for money in row.values()]
            assert report.total == whole
            assert Money.total(report.buckets.values(), "EUR") == whole
            assert Money.total(by_customer, "EUR") == whole


TestReceivables = Receivables.TestCase
TestReceivables.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)


@given(st.lists(cents, min_size=1, max_size=5), st.lists(cents, min_size=1, max_size=5))
def test_what_is_paid_in_any_portions_settles_the_same(debts: list[int], portions: list[int]) -> None:
    """Many small payments, each applied to the oldest, settle exactly what one large payment settles."""
    many, one = Books(), Books()
    for books in (many, one):
        books.bill(
            *(
                make_invoice(f"i-{n}", str(Money.from_minor(debt, "EUR").amount), due=DAY + timedelta(days=n))
                for n, debt in enumerate(debts)
            )
        )
    for number, portion in enumerate(portions):
        many.apply(many.pay(f"p-{number}", Money.from_minor(portion, "EUR")))
    one.apply(one.pay("p", Money.from_minor(sum(portions), "EUR")))

    assert balances(many.entries).outstanding == balances(one.entries).outstanding
    settled = sum(e.amount.minor_units() for e in one.entries if e.kind is EntryKind.ALLOCATION)
    assert settled == min(sum(debts), sum(portions))
    assert eur(0) <= customer_credit(ACME, many.entries, "EUR")
