"""Money comes in: recording payments."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import AccountId
from salesmgmt.core.money import Money
from salesmgmt.core.ports import AlreadyExists
from salesmgmt.pipeline.cash.events import PaymentReceived
from salesmgmt.pipeline.cash.ledger import EntryKind, LedgerEntry, PaymentId, next_position
from salesmgmt.pipeline.cash.payment import Payment
from salesmgmt.pipeline.cash.refusals import DuplicateKey


@attrs.frozen(kw_only=True)
class Receipt:
    """What recording a payment leads to; both are to be stored together.

    Attributes:
        payment: the payment.
        entries: its row in the ledger.

    >>> from datetime import date
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.cash import Payment, Receipt
    >>> payment = Payment(id="p-1", account="acme", amount=Money("40.00", "EUR"), received_on=date(2026, 4, 1))
    >>> Receipt(payment=payment, entries=()).payment.id
    'p-1'
    """

    payment: Payment
    entries: tuple[LedgerEntry, ...]


def record_payment(
    *,
    id: PaymentId,  # noqa: A002 - an entity's `id`
    account: AccountId,
    amount: Money,
    received_on: date,
    key: str | None = None,
    entries: Iterable[LedgerEntry],
    at: datetime,
    by: Actor,
) -> tuple[Receipt, tuple[PaymentReceived]]:
    """Record money that came in from a customer; it is his credit until `apply_payment` uses it.

    Args:
        id: of the payment.
        account: who paid.
        amount: how much.
        received_on: the business date on which it came in.
        key: what the sender marks it with; the same key of the same customer is refused the second time.
        entries: the ledger of the customer so far; entries of other customers do no harm.
        at: when.
        by: who.

    Returns:
        The payment with its ledger entry, and the event.

    Raises:
        NotPositive, TooFine: as for `Payment`.
        DuplicateKey: a payment with this key is in the ledger; the error names it.
        AlreadyExists: a payment with this id is in the ledger.
        BrokenLedger: the ledger of the customer is not complete.

    >>> from datetime import UTC, date, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.cash import record_payment
    >>> paid = dict(account="acme", amount=Money("40.00", "EUR"), received_on=date(2026, 4, 1), key="bank-7",
    ...             at=datetime(2026, 4, 1, 9, tzinfo=UTC), by=Actor("bank"))
    >>> receipt, (event,) = record_payment(id="p-1", entries=(), **paid)
    >>> record_payment(id="p-2", entries=receipt.entries, **paid)
    Traceback (most recent call last):
    salesmgmt.pipeline.cash.refusals.DuplicateKey: the key 'bank-7' belongs to payment p-1; ...
    """
    payment = Payment(id=id, account=account, amount=amount, received_on=received_on, key=key)
    ledger = tuple(entry for entry in entries if entry.account == account)
    position = next_position(account, ledger)
    for entry in ledger:
        if entry.kind is EntryKind.PAYMENT:
            if key is not None and entry.key == key:
                raise DuplicateKey(key, str(entry.payment))
            if entry.payment == id:
                raise AlreadyExists(payment.ref)
    row = LedgerEntry.at_position(
        position,
        account=account,
        kind=EntryKind.PAYMENT,
        amount=amount,
        on=received_on,
        payment=id,
        key=key,
    )
    event = PaymentReceived(
        at=at,
        by=by,
        subjects=payment.subjects,
        payment=id,
        account=account,
        amount=amount,
        received_on=received_on,
    )
    return Receipt(payment=payment, entries=(row,)), (event,)
