"""Credits and write-offs: what of an invoice is settled without money."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from salesmgmt.core.actor import Actor
from salesmgmt.core.money import Money
from salesmgmt.pipeline.cash.events import InvoiceCredited, InvoiceWrittenOff, Settled
from salesmgmt.pipeline.cash.invoice import Invoice
from salesmgmt.pipeline.cash.ledger import EntryKind, LedgerEntry, balances, next_position
from salesmgmt.pipeline.cash.refusals import NotPositive, OverAllocation


def credit_invoice(
    invoice: Invoice,
    amount: Money,
    entries: Iterable[LedgerEntry],
    *,
    reason: str,
    on: date,
    at: datetime,
    by: Actor,
) -> tuple[LedgerEntry, tuple[InvoiceCredited]]:
    """Credit a part of an invoice, at most what is outstanding of it.

    Args:
        invoice: the invoice.
        amount: how much need not be paid.
        entries: the ledger of the customer; entries of other customers do no harm.
        reason: why, a word of the host's own list.
        on: the business date from which it counts; never before that of the invoice.
        at: when.
        by: who.

    Raises:
        NotPositive: the amount is zero or below.
        OverAllocation: less is outstanding.
        CurrencyMismatch, TooFine: the amount does not fit the invoice's currency.
        UnknownDocument, BrokenLedger: the invoice, or an entry of the customer, is not in the ledger.

    >>> from datetime import UTC, date, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.cash import EntryKind, Instalment, Invoice, LedgerEntry, credit_invoice
    >>> amount, day = Money("50.00", "EUR"), date(2026, 3, 2)
    >>> invoice = Invoice(id="i-1", account="acme", invoiced_on=day, instalments=[Instalment(amount, day)])
    >>> first = LedgerEntry.at_position(
    ...     1, account="acme", kind=EntryKind.INVOICE, amount=amount, on=day, invoice="i-1")
    >>> entry, (credited,) = credit_invoice(invoice, Money(20, "EUR"), [first], reason="returned", on=day,
    ...                                     at=datetime(2026, 3, 9, tzinfo=UTC), by=Actor("li.wei"))
    >>> entry.id, credited.settled.outstanding
    ('acme/2', Money('30.00', 'EUR'))
    """
    entry, settled = _reduced(invoice, amount, entries, kind=EntryKind.CREDIT, reason=reason, on=on)
    event = InvoiceCredited(
        at=at,
        by=by,
        subjects=invoice.subjects,
        account=invoice.account,
        settled=settled,
        reason=reason,
        on=entry.on,
    )
    return entry, (event,)


def write_off(
    invoice: Invoice,
    amount: Money,
    entries: Iterable[LedgerEntry],
    *,
    reason: str,
    on: date,
    at: datetime,
    by: Actor,
) -> tuple[LedgerEntry, tuple[InvoiceWrittenOff]]:
    """Give up a part of an invoice as lost, at most what is outstanding of it; arguments and errors as `credit_invoice`.

    >>> from datetime import UTC, date, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.cash import EntryKind, Instalment, Invoice, LedgerEntry, write_off
    >>> amount, day = Money("50.00", "EUR"), date(2026, 3, 2)
    >>> invoice = Invoice(id="i-1", account="acme", invoiced_on=day, instalments=[Instalment(amount, day)])
    >>> first = LedgerEntry.at_position(
    ...     1, account="acme", kind=EntryKind.INVOICE, amount=amount, on=day, invoice="i-1")
    >>> write_off(invoice, Money(60, "EUR"), [first], reason="insolvent", on=day,
    ...           at=datetime(2026, 3, 9, tzinfo=UTC), by=Actor("li.wei"))
    Traceback (most recent call last):
    salesmgmt.pipeline.cash.refusals.OverAllocation: 60 EUR is asked of Invoice:i-1, where 50.00 EUR is left; ...
    """
    entry, settled = _reduced(invoice, amount, entries, kind=EntryKind.WRITE_OFF, reason=reason, on=on)
    event = InvoiceWrittenOff(
        at=at,
        by=by,
        subjects=invoice.subjects,
        account=invoice.account,
        settled=settled,
        reason=reason,
        on=entry.on,
    )
    return entry, (event,)


def _reduced(
    invoice: Invoice, amount: Money, entries: Iterable[LedgerEntry], *, kind: EntryKind, reason: str, on: date
) -> tuple[LedgerEntry, Settled]:
    ledger = tuple(entry for entry in entries if entry.account == invoice.account)
    position = next_position(invoice.account, ledger)
    left = balances(ledger).of_invoice(invoice.key)
    if amount.amount <= 0:
        raise NotPositive(f"the amount off invoice {invoice.id}", amount)
    if amount > left:
        raise OverAllocation(invoice.ref, amount, left)
    entry = LedgerEntry.at_position(
        position,
        account=invoice.account,
        kind=kind,
        amount=amount,
        on=max(on, invoice.invoiced_on),
        invoice=invoice.key,
        reason=reason,
    )
    return entry, Settled(invoice.key, amount, left - amount)
