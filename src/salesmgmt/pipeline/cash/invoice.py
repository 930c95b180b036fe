"""Invoices: what a customer is to pay, and by when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Any

import attrs

from salesmgmt.core.entity import AccountId, Entity, InvoiceId, OrderId, Ref
from salesmgmt.core.money import Money
from salesmgmt.pipeline.cash.due import is_day
from salesmgmt.pipeline.cash.ledger import LedgerEntry, balances
from salesmgmt.pipeline.cash.refusals import BrokenLedger, InvalidDocument
from salesmgmt.pipeline.cash.terms import Instalment


class InvoiceStatus(StrEnum):
    """Where an invoice stands on a day.

    >>> from salesmgmt.pipeline.cash import InvoiceStatus
    >>> InvoiceStatus("partly_paid").name
    'PARTLY_PAID'
    """

    SCHEDULED = "scheduled"
    """It is dated later."""
    OPEN = "open"
    """Nothing is settled, and nothing is overdue."""
    PARTLY_PAID = "partly_paid"
    """Some of it is settled, and nothing is overdue."""
    OVERDUE = "overdue"
    """Something of it was due on an earlier day, and is not settled."""
    PAID = "paid"
    """Nothing is outstanding any more: it is paid, credited or written off."""


def _in_order(instalments: Iterable[Instalment]) -> tuple[Instalment, ...]:
    return tuple(instalments)


@attrs.frozen(kw_only=True)
class Invoice(Entity):
    """A demand for payment. What is outstanding of it stands nowhere but in the ledger.

    Attributes:
        account: who is to pay.
        order: the order it is for.
        part: which invoice of the order's plan it is, from 1.
        invoiced_on: its date.
        instalments: what is to be paid by when, at least one.
        total: what the instalments add up to: a whole number of minor units, zero or more.
        due_on: when the last instalment is due.

    Raises:
        InvalidDocument: no instalments, or `total` or `due_on` are not theirs, or one is negative.
        CurrencyMismatch: the instalments are in two currencies.
        TooFine: the total has more decimals than its currency.

    >>> from datetime import date
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.cash import Instalment, Invoice
    >>> half = Money("50.00", "EUR")
    >>> invoice = Invoice(id="i-1", account="acme", invoiced_on=date(2026, 3, 2), instalments=[
    ...     Instalment(half, date(2026, 4, 1)), Instalment(half, date(2026, 5, 1))])
    >>> invoice.total, invoice.due_on
    (Money('100.00', 'EUR'), datetime.date(2026, 5, 1))
    """

    account: AccountId
    order: OrderId | None = None
    part: int = 1
    invoiced_on: date = attrs.field(validator=is_day)
    instalments: tuple[Instalment, ...] = attrs.field(converter=_in_order)
    total: Money = attrs.field()
    due_on: date = attrs.field()

    @total.default
    def _sum(self) -> Money:
        if not self.instalments:
            raise InvalidDocument(f"invoice {self.id}", "has no instalments", hint="give at least one")
        return Money.total((part.amount for part in self.instalments), self.instalments[0].amount.currency)

    @due_on.default
    def _last_day(self) -> date:
        return max(part.due_on for part in self.instalments)

    @instalments.validator
    def _are_owed(self, _field: attrs.Attribute[Any], instalments: tuple[Instalment, ...]) -> None:
        for part in instalments:
            if part.amount.amount < 0:
                raise InvalidDocument(
                    f"invoice {self.id}", f"has an instalment of {part.amount}", hint="credit it instead"
                )

    @total.validator
    def _adds_up(self, _field: attrs.Attribute[Any], total: Money) -> None:
        total.minor_units()
        if total != self._sum():
            raise InvalidDocument(
                f"invoice {self.id}",
                f"has a total of {total}, not that of its instalments",
                hint="leave the total out",
            )

    @due_on.validator
    def _ends_with_the_last(self, _field: attrs.Attribute[Any], due_on: date) -> None:
        if due_on != self._last_day():
            raise InvalidDocument(
                f"invoice {self.id}",
                f"is due on {due_on}, not with its last instalment",
                hint="leave the day out",
            )

    @property
    def key(self) -> InvoiceId:
        """Its id, as references to invoices are typed."""
        return InvoiceId(self.id)

    @property
    def subjects(self) -> tuple[Ref, ...]:
        """The references that an event about it names: the invoice, its customer and its order."""
        order = () if self.order is None else (Ref("Order", self.order),)
        return (self.ref, Ref("Account", self.account), *order)

    def open_instalments(self, outstanding: Money) -> tuple[Instalment, ...]:
        """What is open of each instalment when so much of the invoice is outstanding: the oldest are settled first.

        Args:
            outstanding: what is outstanding of the invoice, as `Balances` has it.

        Returns:
            The instalments with something open, the oldest first.

        Raises:
            BrokenLedger: more is outstanding than was invoiced, or less than nothing.

        >>> from datetime import date
        >>> from salesmgmt.core.money import Money
        >>> from salesmgmt.pipeline.cash import Instalment, Invoice
        >>> half = Money("50.00", "EUR")
        >>> invoice = Invoice(id="i-1", account="acme", invoiced_on=date(2026, 3, 2), instalments=[
        ...     Instalment(half, date(2026, 4, 1)), Instalment(half, date(2026, 5, 1))])
        >>> [(str(part.amount), part.due_on.month) for part in invoice.open_instalments(Money(70, "EUR"))]
        [('20.00 EUR', 4), ('50.00 EUR', 5)]
        """
        left = outstanding
        found = []
        for part in sorted(self.instalments, key=lambda part: part.due_on, reverse=True):
            amount = min(part.amount, left)
            if amount.amount > 0:
                found.append(attrs.evolve(part, amount=amount))
                left -= amount
        if left:
            raise BrokenLedger(f"{outstanding} would be outstanding of invoice {self.id} over {self.total}")
        return tuple(reversed(found))


def outstanding(invoice: Invoice, entries: Iterable[LedgerEntry], as_of: date | None = None) -> Money:
    """Return what is still to be paid of an invoice; zero before its date.

    Args:
        invoice: the invoice.
        entries: ledger entries, at least all of its customer.
        as_of: count entries up to and including this day; all of them when it is `None`.

    Raises:
        UnknownDocument: the ledger does not have the invoice.
        BrokenLedger: the ledger of its customer is not complete.

    >>> from datetime import date
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.cash import EntryKind, Instalment, Invoice, LedgerEntry, outstanding
    >>> amount = Money("50.00", "EUR")
    >>> invoice = Invoice(id="i-1", account="acme", invoiced_on=date(2026, 3, 2),
    ...                   instalments=[Instalment(amount, date(2026, 4, 1))])
    >>> entry = LedgerEntry.at_position(1, account="acme", kind=EntryKind.INVOICE, amount=amount,
    ...                                 on=date(2026, 3, 2), invoice="i-1")
    >>> outstanding(invoice, [entry]), outstanding(invoice, [entry], date(2026, 3, 1))
    (Money('50.00', 'EUR'), Money('0', 'EUR'))
    """
    own = (entry for entry in entries if entry.account == invoice.account)
    return balances(own, as_of).of_invoice(invoice.key)


def invoice_status(invoice: Invoice, entries: Iterable[LedgerEntry], as_of: date) -> InvoiceStatus:
    """Return where an invoice stands at the end of a day; an instalment is overdue from the day after it was due.

    Raises as `outstanding` does.

    >>> from datetime import date
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.cash import EntryKind, Instalment, Invoice, LedgerEntry, invoice_status
    >>> amount = Money("50.00", "EUR")
    >>> invoice = Invoice(id="i-1", account="acme", invoiced_on=date(2026, 3, 2),
    ...                   instalments=[Instalment(amount, date(2026, 4, 1))])
    >>> entry = LedgerEntry.at_position(1, account="acme", kind=EntryKind.INVOICE, amount=amount,
    ...                                 on=date(2026, 3, 2), invoice="i-1")
    >>> [invoice_status(invoice, [entry], date(2026, 4, day)).value for day in (1, 2)]
    ['open', 'overdue']
    """
    return status_when(invoice, outstanding(invoice, entries, as_of), as_of)


def status_when(invoice: Invoice, left: Money, as_of: date) -> InvoiceStatus:
    """Return where an invoice stands on a day when so much of it is outstanding.

    >>> from datetime import date
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.cash import Instalment, Invoice
    >>> from salesmgmt.pipeline.cash.invoice import status_when
    >>> invoice = Invoice(id="i-1", account="acme", invoiced_on=date(2026, 3, 2),
    ...                   instalments=[Instalment(Money("50.00", "EUR"), date(2026, 4, 1))])
    >>> status_when(invoice, Money(20, "EUR"), date(2026, 4, 1)).value
    'partly_paid'
    """
    if as_of < invoice.invoiced_on:
        return InvoiceStatus.SCHEDULED
    open_parts = invoice.open_instalments(left)
    if not open_parts:
        return InvoiceStatus.PAID
    if open_parts[0].due_on < as_of:
        return InvoiceStatus.OVERDUE
    return InvoiceStatus.OPEN if left == invoice.total else InvoiceStatus.PARTLY_PAID
