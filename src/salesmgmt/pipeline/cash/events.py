"""What happens from an order to its money."""

from __future__ import annotations

from datetime import date

import attrs

from salesmgmt.core.entity import AccountId, DealId, InvoiceId, OrderId, QuoteId
from salesmgmt.core.events import Event
from salesmgmt.core.money import Money
from salesmgmt.pipeline.cash.ledger import PaymentId
from salesmgmt.pipeline.cash.order import OrderLine
from salesmgmt.pipeline.cash.terms import Instalment


@attrs.frozen(kw_only=True)
class OrderPlaced(Event):
    """A customer ordered.

    Attributes:
        order: its id; the other fields are those of `Order`.
    """

    order: OrderId
    account: AccountId | None
    deal: DealId | None
    quote: QuoteId | None
    lines: tuple[OrderLine, ...]
    total: Money
    placed_on: date


@attrs.frozen(kw_only=True)
class InvoiceIssued(Event):
    """An invoice was made; it counts from `invoiced_on`, which may be a later day.

    Attributes:
        invoice: its id; the other fields are those of `Invoice`.
    """

    invoice: InvoiceId
    account: AccountId
    order: OrderId | None
    part: int
    total: Money
    invoiced_on: date
    due_on: date
    instalments: tuple[Instalment, ...]


@attrs.frozen(kw_only=True)
class PaymentReceived(Event):
    """Money came in from a customer, and is a credit of his until it is applied.

    Attributes:
        payment: its id; the other fields are those of `Payment`.
    """

    payment: PaymentId
    account: AccountId
    amount: Money
    received_on: date


@attrs.frozen
class Settled:
    """How much of an invoice was settled.

    Attributes:
        invoice: its id.
        amount: how much.
        outstanding: what is left of the invoice after it.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.cash import Settled
    >>> Settled("i-1", Money(40, "EUR"), Money(20, "EUR")).outstanding
    Money('20', 'EUR')
    """

    invoice: InvoiceId
    amount: Money
    outstanding: Money


@attrs.frozen(kw_only=True)
class PaymentApplied(Event):
    """A payment, or a part of one, settled invoices.

    Attributes:
        payment: its id.
        account: the customer.
        settled: the invoices, and how much of each.
        unapplied: what is left of the payment.
    """

    payment: PaymentId
    account: AccountId
    settled: tuple[Settled, ...]
    unapplied: Money


@attrs.frozen(kw_only=True)
class InvoiceCredited(Event):
    """So much of an invoice need not be paid: goods came back, a price was put right.

    Attributes:
        account: the customer.
        settled: the invoice, and how much of it.
        reason: why, a word of the host's own list.
        on: the business date from which it counts.
    """

    account: AccountId
    settled: Settled
    reason: str
    on: date


@attrs.frozen(kw_only=True)
class InvoiceWrittenOff(Event):
    """So much of an invoice was given up as lost; the fields are those of `InvoiceCredited`."""

    account: AccountId
    settled: Settled
    reason: str
    on: date
