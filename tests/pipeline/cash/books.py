"""A customer's books for the tests: documents in round figures, and a ledger that grows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import AccountId, InvoiceId
from salesmgmt.core.money import Money
from salesmgmt.pipeline.cash import (
    Application,
    EntryKind,
    Instalment,
    Invoice,
    LedgerEntry,
    Payment,
    PaymentId,
    Settled,
    Specified,
    apply_payment,
    credit_invoice,
    record_payment,
    write_off,
)

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
BY = Actor("li.wei")
DAY = date(2026, 3, 2)
ACME, OTHER = AccountId("acme"), AccountId("other")


def eur(amount: str | int) -> Money:
    return Money(amount, "EUR")


def ids(*names: str) -> list[InvoiceId]:
    return [InvoiceId(name) for name in names]


def named(**amounts: Money) -> Specified:
    return Specified({InvoiceId(name): amount for name, amount in amounts.items()})


def settled(invoice: str, amount: str | int, left: str | int) -> Settled:
    return Settled(InvoiceId(invoice), eur(amount), eur(left))


def make_invoice(
    id_: str,
    *amounts: str | int,
    account: AccountId = ACME,
    on: date = DAY,
    due: date | Iterable[date] = DAY,
    currency: str = "EUR",
) -> Invoice:
    days = [due] * len(amounts) if isinstance(due, date) else list(due)
    parts = [Instalment(Money(amount, currency), day) for amount, day in zip(amounts, days, strict=True)]
    return Invoice(id=id_, account=account, invoiced_on=on, instalments=parts)


@attrs.define
class Books:
    """The ledger of several customers, with short commands."""

    entries: tuple[LedgerEntry, ...] = ()
    invoices: list[Invoice] = attrs.Factory(list)

    def bill(self, *invoices: Invoice) -> None:
        for invoice in invoices:
            own = [entry for entry in self.entries if entry.account == invoice.account]
            row = LedgerEntry.at_position(
                len(own) + 1,
                account=invoice.account,
                kind=EntryKind.INVOICE,
                amount=invoice.total,
                on=invoice.invoiced_on,
                invoice=invoice.key,
            )
            self.entries += (row,)
            self.invoices.append(invoice)

    def pay(
        self,
        id_: str,
        amount: str | int | Money,
        *,
        account: AccountId = ACME,
        on: date = DAY,
        key: str | None = None,
    ) -> Payment:
        money = amount if isinstance(amount, Money) else eur(amount)
        receipt, _ = record_payment(
            id=PaymentId(id_),
            account=account,
            amount=money,
            received_on=on,
            key=key,
            entries=self.entries,
            at=AT,
            by=BY,
        )
        self.entries += receipt.entries
        return receipt.payment

    def apply(self, payment: Payment, invoices: Iterable[Invoice] | None = None, **how: Any) -> Application:
        chosen = self.invoices if invoices is None else invoices
        application, _ = apply_payment(payment, chosen, self.entries, at=AT, by=BY, **how)
        self.entries += application.entries
        return application

    def credit(self, invoice: Invoice, amount: str | int, on: date = DAY) -> None:
        row, _ = credit_invoice(invoice, eur(amount), self.entries, reason="returned", on=on, at=AT, by=BY)
        self.entries += (row,)

    def give_up(self, invoice: Invoice, amount: str | int, on: date = DAY) -> None:
        row, _ = write_off(invoice, eur(amount), self.entries, reason="insolvent", on=on, at=AT, by=BY)
        self.entries += (row,)
