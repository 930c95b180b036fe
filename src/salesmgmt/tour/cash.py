"""From orders to money: invoices when an order comes, and payments as the customers make them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from itertools import count

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import AccountId, InvoiceId
from salesmgmt.core.money import Money
from salesmgmt.core.period import Period
from salesmgmt.core.rounding import Rounding
from salesmgmt.pipeline import Invoice, Order, apply_payment, invoices_for, record_payment
from salesmgmt.pipeline.cash import LedgerEntry, PaymentId
from salesmgmt.tour.desk import Desk
from salesmgmt.tour.leads import morning
from salesmgmt.tour.rulebook import Rules

ACCOUNTS = Actor("accounts receivable", roles={"finance"})
CENTS = Rounding("half_up", "0.01")
_OVER = Money("10.00", "EUR")
_LATE = {"prompt": -3, "late": 34, "partial": 4, "over": 0}
"""Days from the due date to the payment, by the way a customer pays."""


class CashBook:
    """The tour's accounts receivable: a ledger for each customer, and the payments that are still to come."""

    def __init__(self, desk: Desk, rules: Rules, payers: Mapping[str, str]) -> None:
        self._desk = desk
        self._rules = rules
        self._payers = payers
        self.entries: dict[str, list[LedgerEntry]] = defaultdict(list)
        self._invoices: dict[str, list[Invoice]] = defaultdict(list)
        self._expected: dict[date, list[tuple[Invoice, Money]]] = defaultdict(list)
        self._numbers = count(1)

    def invoice(self, order: Order) -> None:
        """Invoice an order by the plan, and note when its customer will pay."""
        assert order.account is not None  # noqa: S101 - every deal of the tour has an account
        ids = [InvoiceId(f"i{next(self._numbers):05}") for _ in self._rules.invoice_plan.parts]
        invoicing, events = invoices_for(
            order,
            self._rules.invoice_plan,
            self._rules.terms,
            ids=ids,
            entries=self.entries[order.account],
            at=morning(order.placed_on),
            by=ACCOUNTS,
        )
        self._keep(order.account, invoicing.entries)
        self._desk.note(events)
        for invoice in invoicing.invoices:
            self._desk.put(invoice)
            self._invoices[order.account].append(invoice)
            self._expect(invoice, self._payers.get(order.deal or "", "prompt"))

    def _expect(self, invoice: Invoice, payer: str) -> None:
        if payer == "never":
            return
        day = invoice.due_on + timedelta(days=_LATE[payer])
        if payer == "partial":
            half = CENTS.apply(invoice.total * Decimal("0.5"))
            self._expected[day].append((invoice, half))
            if invoice.part == 1:
                self._expected[day + timedelta(days=40)].append((invoice, invoice.total - half))
        else:
            extra = _OVER if payer == "over" else Money.zero("EUR")
            self._expected[day].append((invoice, invoice.total + extra))

    def take_payments(self, month: Period) -> None:
        """Record the payments of a month, each applied to the oldest debts of its customer."""
        for day in sorted(day for day in self._expected if day in month):
            for invoice, amount in self._expected.pop(day):
                self._take(invoice.account, amount, day)

    def _take(self, account: AccountId, amount: Money, day: date) -> None:
        number = next(self._numbers)
        receipt, received = record_payment(
            id=PaymentId(f"p{number:05}"),
            account=account,
            amount=amount,
            received_on=day,
            key=f"bank-{number}",
            entries=self.entries[account],
            at=morning(day),
            by=ACCOUNTS,
        )
        self._desk.put(receipt.payment, received)
        self._keep(account, receipt.entries)
        application, applied = apply_payment(
            receipt.payment, self._invoices[account], self.entries[account], at=morning(day), by=ACCOUNTS
        )
        self._keep(account, application.entries)
        self._desk.note(applied)

    def _keep(self, account: str, entries: tuple[LedgerEntry, ...]) -> None:
        self.entries[account].extend(entries)
        for entry in entries:
            self._desk.put(entry)

    @property
    def invoices(self) -> list[Invoice]:
        """All invoices, by customer and in order."""
        return [invoice for invoices in self._invoices.values() for invoice in invoices]

    @property
    def ledger(self) -> list[LedgerEntry]:
        """All entries of all customers."""
        return [entry for entries in self.entries.values() for entry in entries]
