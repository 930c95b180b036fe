"""Orders, invoices and payments that are refused, and why."""

from __future__ import annotations

from salesmgmt.core.entity import AccountId, Ref
from salesmgmt.core.errors import SalesError, shorten
from salesmgmt.core.money import Money


class InvalidDocument(SalesError, ValueError):
    """An order, invoice, payment or ledger entry contradicts itself.

    Attributes:
        document: what it is, for example `order o-1`.
    """

    code = "invalid_document"

    def __init__(self, document: str, reason: str, *, hint: str) -> None:
        super().__init__(f"{document} {reason}", hint=hint)
        self.document = document


class InvalidTerms(SalesError, ValueError):
    """An invoice plan or payment terms cannot work, or do not fit the amount they are used on.

    Attributes:
        reason: stable word for the fault: `no_parts`, `two_shares`, `not_positive`, `not_100_percent`, `nothing_left`,
            `no_rest`, `exceeds_total`, `other_total`, `bad_number`, `wrong_ids`.
    """

    code = "invalid_terms"

    def __init__(self, reason: str, message: str, *, hint: str) -> None:
        super().__init__(message, hint=hint)
        self.reason = reason


class NoCustomer(SalesError, ValueError):
    """An order without a customer was to be invoiced.

    Attributes:
        order: id of the order.
    """

    code = "no_customer"

    def __init__(self, order: str) -> None:
        super().__init__(f"order {order} has no customer", hint="place the order with the account that pays")
        self.order = order


class NotPositive(SalesError, ValueError):
    """An amount that moves money is zero or below.

    Attributes:
        what: what the amount is for.
        found: the amount.
    """

    code = "amount_not_positive"

    def __init__(self, what: str, found: Money) -> None:
        super().__init__(f"{what} is {found}", hint="give an amount above zero")
        self.what = what
        self.found = found


class OverAllocation(SalesError, ValueError):
    """More was to be taken from a document than is left of it.

    Attributes:
        document: the invoice that would be over-settled, the payment that would be spent twice, or the order that
            would be invoiced twice.
        wanted: what was asked for.
        available: what is left.
    """

    code = "over_allocation"

    def __init__(self, document: Ref, wanted: Money, available: Money) -> None:
        super().__init__(
            f"{wanted} is asked of {document}, where {available} is left",
            hint="ask for what is left at most; the rest of a payment stays as credit of the customer",
        )
        self.document = document
        self.wanted = wanted
        self.available = available


class OtherCustomer(SalesError, ValueError):
    """A payment of one customer was to be applied to the invoice of another.

    Attributes:
        invoice: id of the invoice.
        found: its customer.
        wanted: the customer who paid.
    """

    code = "other_customer"

    def __init__(self, invoice: str, found: AccountId, wanted: AccountId) -> None:
        super().__init__(
            f"invoice {invoice} is for {shorten(found)}, the payment came from {shorten(wanted)}",
            hint="apply a payment to invoices of the customer who paid",
        )
        self.invoice = invoice
        self.found = found
        self.wanted = wanted


class DuplicateKey(SalesError, ValueError):
    """A payment with this key was recorded before: it was sent twice, and nothing was recorded now.

    Attributes:
        key: the key.
        payment: id of the payment that was recorded with it.
    """

    code = "duplicate_key"

    def __init__(self, key: str, payment: str) -> None:
        super().__init__(
            f"the key {shorten(key)} belongs to payment {payment}",
            hint="answer the sender with that payment; give a new payment a new key",
        )
        self.key = key
        self.payment = payment


class UnknownDocument(SalesError, LookupError):
    """An invoice or payment is named that is not there.

    Attributes:
        document: the reference to it.
        where: where it was looked for.
    """

    code = "unknown_document"

    def __init__(self, document: Ref, where: str) -> None:
        super().__init__(
            f"{document} is not in {where}", hint="record it first, or correct the id, or pass all of them"
        )
        self.document = document
        self.where = where


class BrokenLedger(SalesError, ValueError):
    """Ledger entries are missing or stand there twice, so that no balance can be trusted."""

    code = "broken_ledger"

    def __init__(self, message: str) -> None:
        super().__init__(message, hint="pass every entry of the customer's ledger, each once")


class InvalidLimits(SalesError, ValueError):
    """The limits of ageing buckets do not rise.

    Attributes:
        found: the limits, as text.
    """

    code = "invalid_limits"

    def __init__(self, found: object) -> None:
        self.found = shorten(found)
        super().__init__(
            f"{self.found} are no limits of ageing buckets",
            hint="give whole days above zero, each larger than the one before: 30, 60, 90, 120",
        )
