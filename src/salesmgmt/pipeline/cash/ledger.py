"""The ledger: every invoice, payment and settlement as a row that is never changed, and the balances that follow from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Any, TypeAlias

import attrs

from salesmgmt.core.entity import AccountId, Entity, InvoiceId, OrderId, Ref
from salesmgmt.core.money import Money
from salesmgmt.pipeline.cash.due import is_day
from salesmgmt.pipeline.cash.refusals import BrokenLedger, InvalidDocument, UnknownDocument

PaymentId: TypeAlias = str


class EntryKind(StrEnum):
    """What a row of the ledger records.

    >>> from salesmgmt.pipeline.cash import EntryKind
    >>> EntryKind("write_off").settles
    True
    """

    INVOICE = "invoice"
    """The customer owes the amount of an invoice."""
    PAYMENT = "payment"
    """The customer paid; until it is applied, the payment is a credit of the customer."""
    ALLOCATION = "allocation"
    """A payment settles so much of an invoice."""
    CREDIT = "credit"
    """So much of an invoice is credited: returned goods, a price put right."""
    WRITE_OFF = "write_off"
    """So much of an invoice is given up as lost."""

    @property
    def settles(self) -> bool:
        """Whether it lowers what is outstanding of an invoice."""
        return self in (EntryKind.ALLOCATION, EntryKind.CREDIT, EntryKind.WRITE_OFF)


_NEEDS_PAYMENT = (EntryKind.PAYMENT, EntryKind.ALLOCATION)


@attrs.frozen(kw_only=True)
class LedgerEntry(Entity):
    """A row of the ledger of one customer; rows are added, and never changed or removed.

    Its id is made of the customer and its position, so that two writers who add to the ledger of one customer at the same time
    collide in the store (`AlreadyExists`) instead of settling an invoice twice.

    Attributes:
        account: the customer.
        position: its place in the ledger of the customer, from 1.
        kind: what it records.
        amount: how much, never negative; the kind says which way it counts.
        on: the business date from which it counts.
        invoice: the invoice it is about; none for a payment.
        payment: the payment it is about; none for invoices, credits and write-offs.
        order: the order that is invoiced.
        key: what marks a payment that is sent twice, if the sender gave a key.
        reason: why something was credited or written off, a word of the host's own list.

    Raises:
        InvalidDocument: it does not name what its kind needs, or its amount is negative.
        TooFine: its amount has more decimals than its currency.

    >>> from datetime import date
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.cash import EntryKind, LedgerEntry
    >>> LedgerEntry.at_position(1, account="acme", kind=EntryKind.INVOICE, amount=Money("60.00", "EUR"),
    ...                         on=date(2026, 3, 2), invoice="i-1").id
    'acme/1'
    """

    account: AccountId
    position: int
    kind: EntryKind = attrs.field()
    amount: Money = attrs.field()
    on: date = attrs.field(validator=is_day)
    invoice: InvoiceId | None = None
    payment: PaymentId | None = None
    order: OrderId | None = None
    key: str | None = None
    reason: str = ""

    @kind.validator
    def _names_its_documents(self, _field: attrs.Attribute[Any], kind: EntryKind) -> None:
        for name, needed in (("invoice", kind is not EntryKind.PAYMENT), ("payment", kind in _NEEDS_PAYMENT)):
            if (getattr(self, name) is not None) is not needed:
                raise InvalidDocument(
                    f"ledger entry {self.id} of kind {kind}",
                    f"names {'no' if needed else 'a'} {name}",
                    hint=f"{'name it' if needed else 'leave it out'}",
                )

    @amount.validator
    def _is_payable(self, _field: attrs.Attribute[Any], amount: Money) -> None:
        amount.minor_units()
        if amount.amount < 0:
            raise InvalidDocument(
                f"ledger entry {self.id}", f"has the amount {amount}", hint="choose the kind that counts down"
            )

    @classmethod
    def at_position(cls, position: int, *, account: AccountId, **facts: Any) -> LedgerEntry:
        """Make the entry at this place of the customer's ledger, with the id that belongs to it."""
        return cls(id=f"{account}/{position}", account=account, position=position, **facts)


@attrs.frozen
class Balances:
    """What is left of every invoice and payment: the fold of a ledger, made by `balances`.

    Attributes:
        outstanding: what is still to be paid of each invoice; zero before its date.
        unapplied: what is left of each payment; zero before its date.

    >>> from salesmgmt.pipeline.cash import balances
    >>> dict(balances([]).outstanding)
    {}
    """

    outstanding: Mapping[InvoiceId, Money] = attrs.field(hash=False)
    unapplied: Mapping[PaymentId, Money] = attrs.field(hash=False)

    def of_invoice(self, invoice: InvoiceId) -> Money:
        """Return what is still to be paid of an invoice; raises `UnknownDocument`."""
        if invoice not in self.outstanding:
            raise UnknownDocument(Ref("Invoice", invoice), "the ledger")
        return self.outstanding[invoice]

    def of_payment(self, payment: PaymentId) -> Money:
        """Return what is left of a payment; raises `UnknownDocument`."""
        if payment not in self.unapplied:
            raise UnknownDocument(Ref("Payment", payment), "the ledger")
        return self.unapplied[payment]


def balances(entries: Iterable[LedgerEntry], as_of: date | None = None) -> Balances:
    """Work out what is left of every invoice and payment, in one pass over ledger entries in any order.

    Args:
        entries: complete ledgers of any customers.
        as_of: count entries up to and including this day; all of them when it is `None`.

    Raises:
        BrokenLedger: an entry of a customer is missing or there twice, or settles what was never recorded.

    >>> from datetime import date
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.cash import EntryKind, LedgerEntry, balances
    >>> def entry(position, kind, amount, day):
    ...     return LedgerEntry.at_position(position, account="acme", kind=kind, amount=Money(amount, "EUR"),
    ...                                    on=date(2026, 3, day), invoice="i-1")
    >>> ledger = [entry(1, EntryKind.INVOICE, 60, 2), entry(2, EntryKind.CREDIT, 20, 9)]
    >>> balances(ledger).of_invoice("i-1"), balances(ledger, date(2026, 3, 8)).of_invoice("i-1")
    (Money('40', 'EUR'), Money('60', 'EUR'))
    """
    outstanding: dict[InvoiceId, Money] = {}
    unapplied: dict[PaymentId, Money] = {}
    settled: list[LedgerEntry] = []
    positions: dict[AccountId, list[int]] = {}
    for entry in entries:
        positions.setdefault(entry.account, []).append(entry.position)
        amount = entry.amount if as_of is None or entry.on <= as_of else Money.zero(entry.amount.currency)
        if entry.kind is EntryKind.INVOICE and entry.invoice is not None:
            _record(outstanding, entry.invoice, amount, entry)
        elif entry.kind is EntryKind.PAYMENT and entry.payment is not None:
            _record(unapplied, entry.payment, amount, entry)
        elif as_of is None or entry.on <= as_of:
            settled.append(entry)
    for account, found in positions.items():
        _require_complete(account, found)
    for entry in settled:
        if entry.invoice is not None:
            _take(outstanding, entry.invoice, entry)
        if entry.payment is not None:
            _take(unapplied, entry.payment, entry)
    return Balances(outstanding, unapplied)


def customer_credit(
    account: AccountId, entries: Iterable[LedgerEntry], currency: str, as_of: date | None = None
) -> Money:
    """Return what a customer paid in a currency and nobody has applied to an invoice yet.

    Args:
        account: the customer.
        entries: ledger entries, at least all of this customer.
        currency: which credit; that in other currencies is another one.
        as_of: count entries up to and including this day; all of them when it is `None`.

    Raises:
        BrokenLedger: as for `balances`.

    >>> from salesmgmt.pipeline.cash import customer_credit
    >>> customer_credit("acme", [], "EUR")
    Money('0', 'EUR')
    """
    left = balances((entry for entry in entries if entry.account == account), as_of).unapplied.values()
    return Money.total((money for money in left if money.currency == currency), currency)


def next_position(account: AccountId, entries: Iterable[LedgerEntry]) -> int:
    """Return the position of the next entry in the ledger of a customer; entries of others do not count.

    Raises:
        BrokenLedger: entries of the customer are missing or there twice.

    >>> from salesmgmt.pipeline.cash.ledger import next_position
    >>> next_position("acme", [])
    1
    """
    positions = [entry.position for entry in entries if entry.account == account]
    _require_complete(account, positions)
    return len(positions) + 1


def _require_complete(account: AccountId, positions: list[int]) -> None:
    """Refuse a ledger with a gap: a balance without all entries would be wrong, and nobody would see it."""
    for expected, found in enumerate(sorted(positions), 1):
        if found != expected:
            fault = f"lacks the entry {expected}" if found > expected else f"has two entries {found}"
            raise BrokenLedger(f"the ledger of {account} {fault}")


def _record(balance: dict[Any, Money], document: str, amount: Money, entry: LedgerEntry) -> None:
    if document in balance:
        raise BrokenLedger(f"the {entry.kind} {document} is recorded twice")
    balance[document] = amount


def _take(balance: dict[Any, Money], document: str, entry: LedgerEntry) -> None:
    if document not in balance:
        raise BrokenLedger(f"the entry {entry.id} settles {document}, which is not recorded")
    balance[document] -= entry.amount
