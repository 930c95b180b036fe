"""Applying payments: which invoices the money settles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TypeAlias

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import InvoiceId, Ref
from salesmgmt.core.money import CurrencyMismatch, Money
from salesmgmt.pipeline.cash.events import PaymentApplied, Settled
from salesmgmt.pipeline.cash.invoice import Invoice
from salesmgmt.pipeline.cash.ledger import EntryKind, LedgerEntry, balances, next_position
from salesmgmt.pipeline.cash.payment import Payment
from salesmgmt.pipeline.cash.refusals import NotPositive, OtherCustomer, OverAllocation, UnknownDocument


@attrs.frozen
class OpenInvoice:
    """An invoice and what is outstanding of it.

    >>> from datetime import date
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.cash import Instalment, Invoice
    >>> from salesmgmt.pipeline.cash.application import OpenInvoice
    >>> invoice = Invoice(id="i-1", account="acme", invoiced_on=date(2026, 3, 2),
    ...                   instalments=[Instalment(Money("50.00", "EUR"), date(2026, 4, 1))])
    >>> OpenInvoice(invoice, Money(20, "EUR")).outstanding
    Money('20', 'EUR')
    """

    invoice: Invoice
    outstanding: Money


@attrs.frozen
class OldestDue:
    """What has been due for longest is settled first, instalment by instalment.

    Invoices that are dated after the day of the application wait: they are settled ahead of time only when somebody says so.
    Of equally old instalments, those of the older invoice come first, then those of the smaller id.

    >>> from salesmgmt.pipeline.cash import OLDEST_DUE
    >>> OLDEST_DUE
    OldestDue()
    """

    def choose(
        self, available: Money, day: date, invoices: Iterable[OpenInvoice]
    ) -> Mapping[InvoiceId, Money]:
        """Return how much of `available` goes to which invoice."""
        waiting = [
            (part.due_on, item.invoice.invoiced_on, item.invoice.key, part.amount)
            for item in invoices
            if item.invoice.invoiced_on <= day
            for part in item.invoice.open_instalments(item.outstanding)
        ]
        chosen: dict[InvoiceId, Money] = {}
        for *_, invoice, wanted in sorted(waiting, key=lambda row: row[:3]):
            amount = min(wanted, available)
            if amount:
                chosen[invoice] = chosen[invoice] + amount if invoice in chosen else amount
                available -= amount
        return chosen


@attrs.frozen
class Specified:
    """Each invoice gets the amount that is named for it.

    Attributes:
        amounts: how much goes to which invoice, by id.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.cash import Specified
    >>> Specified({"i-2": Money("10.00", "EUR")}).amounts["i-2"].currency
    'EUR'
    """

    amounts: Mapping[InvoiceId, Money] = attrs.field(hash=False)

    def choose(
        self,
        available: Money,  # noqa: ARG002 - a strategy may look at what there is
        day: date,  # noqa: ARG002
        invoices: Iterable[OpenInvoice],
    ) -> Mapping[InvoiceId, Money]:
        """Return the amounts, once all invoices are known."""
        known = {item.invoice.key for item in invoices}
        for invoice in self.amounts:
            if invoice not in known:
                raise UnknownDocument(Ref("Invoice", invoice), "the invoices that were given")
        return self.amounts


PaymentStrategy: TypeAlias = OldestDue | Specified
"""How a payment is divided among invoices."""

OLDEST_DUE = OldestDue()
"""The strategy when nobody says anything."""


@attrs.frozen(kw_only=True)
class Application:
    """What applying a payment leads to.

    Attributes:
        entries: the new rows of the ledger; none when nothing could be settled.
        allocated: how much settled which invoice.
        unallocated: what is left of the payment: the customer's credit, which can be applied later.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.cash import Application
    >>> Application(entries=(), allocated={}, unallocated=Money(5, "EUR")).unallocated
    Money('5', 'EUR')
    """

    entries: tuple[LedgerEntry, ...]
    allocated: Mapping[InvoiceId, Money] = attrs.field(hash=False)
    unallocated: Money


def apply_payment(
    payment: Payment,
    invoices: Iterable[Invoice],
    entries: Iterable[LedgerEntry],
    *,
    strategy: PaymentStrategy = OLDEST_DUE,
    on: date | None = None,
    at: datetime,
    by: Actor,
) -> tuple[Application, tuple[PaymentApplied, ...]]:
    """Settle invoices with what is left of a payment.

    An allocation counts from `on`, but never before its payment came in or its invoice is dated, so that on no day an invoice
    is settled by more than it was over.

    Args:
        payment: the payment, recorded in the ledger.
        invoices: invoices of the customer who paid; those that are settled do no harm.
        entries: the ledger of the customer; entries of other customers do no harm.
        strategy: how the money is divided: `OLDEST_DUE`, or `Specified({invoice: amount})`.
        on: the business date; that of the payment when it is `None`.
        at: when.
        by: who.

    Returns:
        The new entries with what they did, and the event; no entry and no event when nothing was settled.

    Raises:
        OtherCustomer: an invoice is of another customer.
        CurrencyMismatch: an invoice or a specified amount is in another currency than the payment.
        UnknownDocument: payment or invoice is not in the ledger, or a specified invoice was not given.
        NotPositive: a specified amount is zero or below.
        OverAllocation: specified amounts exceed an invoice or what is left of the payment.
        TooFine: a specified amount has more decimals than its currency.
        BrokenLedger: the ledger of the customer is not complete.

    >>> from datetime import UTC, date, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.cash import (
    ...     InvoicePlan, Order, OrderLine, PaymentTerms, apply_payment, invoices_for, record_payment)
    >>> now = dict(at=datetime(2026, 3, 2, 9, tzinfo=UTC), by=Actor("li.wei"))
    >>> order = Order(id="o-1", account="acme", placed_on=date(2026, 3, 2),
    ...               lines=[OrderLine(id="1", product="dock", quantity=2, net=Money("100.00", "EUR"))])
    >>> invoicing, _ = invoices_for(order, InvoicePlan.equal(1), PaymentTerms.net(14), ids=["i-1"], entries=(), **now)
    >>> receipt, _ = record_payment(id="p-1", account="acme", amount=Money("110.00", "EUR"),
    ...                             received_on=date(2026, 3, 9), entries=invoicing.entries, **now)
    >>> application, events = apply_payment(
    ...     receipt.payment, invoicing.invoices, invoicing.entries + receipt.entries, **now)
    >>> application.allocated["i-1"], application.unallocated
    (Money('100.00', 'EUR'), Money('10.00', 'EUR'))
    """
    ledger = tuple(entry for entry in entries if entry.account == payment.account)
    first = next_position(payment.account, ledger)
    balance = balances(ledger)
    available = balance.of_payment(payment.reference)
    day = max(on or payment.received_on, payment.received_on)
    known = {}
    for invoice in invoices:
        _require_same_side(payment, invoice)
        known[invoice.key] = OpenInvoice(invoice, balance.of_invoice(invoice.key))
    chosen = strategy.choose(available, day, known.values())
    for id_, amount in chosen.items():
        _require_open(known[id_], amount)
    unallocated = available - Money.total(chosen.values(), available.currency)
    if unallocated.amount < 0:
        raise OverAllocation(payment.ref, available - unallocated, available)

    rows = tuple(
        LedgerEntry.at_position(
            position,
            account=payment.account,
            kind=EntryKind.ALLOCATION,
            amount=amount,
            on=max(day, known[id_].invoice.invoiced_on),
            invoice=id_,
            payment=payment.reference,
        )
        for position, (id_, amount) in enumerate(chosen.items(), first)
    )
    application = Application(entries=rows, allocated=dict(chosen), unallocated=unallocated)
    if not rows:
        return application, ()
    event = PaymentApplied(
        at=at,
        by=by,
        subjects=(*payment.subjects, *(Ref("Invoice", id_) for id_ in chosen)),
        payment=payment.reference,
        account=payment.account,
        settled=tuple(
            Settled(id_, amount, known[id_].outstanding - amount) for id_, amount in chosen.items()
        ),
        unapplied=unallocated,
    )
    return application, (event,)


def _require_same_side(payment: Payment, invoice: Invoice) -> None:
    if invoice.account != payment.account:
        raise OtherCustomer(invoice.id, invoice.account, payment.account)
    if invoice.total.currency != payment.amount.currency:
        raise CurrencyMismatch(payment.amount.currency, invoice.total.currency)


def _require_open(item: OpenInvoice, amount: Money) -> None:
    if amount.amount <= 0:
        raise NotPositive(f"the amount for invoice {item.invoice.id}", amount)
    if amount > item.outstanding:
        raise OverAllocation(item.invoice.ref, amount, item.outstanding)
