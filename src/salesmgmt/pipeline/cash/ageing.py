"""Ageing: how old what customers owe is."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Any

import attrs

from salesmgmt.core.entity import AccountId, InvoiceId
from salesmgmt.core.money import CurrencyMismatch, Money
from salesmgmt.core.period import require_date
from salesmgmt.pipeline.cash.invoice import Invoice
from salesmgmt.pipeline.cash.ledger import LedgerEntry, balances
from salesmgmt.pipeline.cash.refusals import InvalidLimits

NOT_DUE = "not due"
"""The bucket of what is due on a later day."""


class AgeingBasis(StrEnum):
    """From which day on the age of a debt is counted.

    >>> from salesmgmt.pipeline.cash import AgeingBasis
    >>> AgeingBasis("due").name
    'DUE'
    """

    DUE = "due"
    """From the day it was due, instalment by instalment."""
    INVOICED = "invoiced"
    """From the date of the invoice."""


@attrs.frozen
class AgedItem:
    """What is open of one instalment, and its age.

    Attributes:
        invoice: the invoice.
        account: the customer.
        due_on: when the instalment was, or is, due.
        days: its age; below zero when it is due later.
        bucket: the label of the bucket it falls into.
        amount: what is open of it.

    >>> from datetime import date
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.cash import AgedItem
    >>> AgedItem("i-1", "acme", date(2026, 4, 1), 31, "31-60", Money(20, "EUR")).bucket
    '31-60'
    """

    invoice: InvoiceId
    account: AccountId
    due_on: date
    days: int
    bucket: str
    amount: Money


@attrs.frozen(kw_only=True)
class AgeingReport:
    """What customers owe on a day, by age.

    Attributes:
        as_of: the day, at its end.
        basis: what the age is counted from.
        buckets: the sum in each bucket, by label, the youngest first.
        by_customer: the same for each customer who owes something.
        total: what the buckets add up to: everything that is outstanding.
        items: the open instalments behind it, the oldest first.

    >>> from datetime import date
    >>> from salesmgmt.pipeline.cash import Ageing
    >>> report = Ageing().report([], [], date(2026, 5, 2), currency="EUR")
    >>> list(report.buckets)
    ['not due', '0-30', '31-60', '61-90', '91-120', '121+']
    """

    as_of: date
    basis: AgeingBasis
    buckets: Mapping[str, Money] = attrs.field(hash=False)
    by_customer: Mapping[AccountId, Mapping[str, Money]] = attrs.field(hash=False)
    total: Money
    items: tuple[AgedItem, ...]


def _in_order(limits: Iterable[int]) -> tuple[int, ...]:
    return tuple(limits)


@attrs.frozen
class Ageing:
    """The buckets into which debts are sorted by age.

    Attributes:
        limits: the last day of each bucket but the last, which has no end.

    Raises:
        InvalidLimits: they do not rise, or are no whole days above zero.

    >>> from salesmgmt.pipeline.cash import Ageing
    >>> [Ageing((30, 60)).bucket(days) for days in (-1, 0, 30, 31, 61)]
    ['not due', '0-30', '0-30', '31-60', '61+']
    """

    limits: tuple[int, ...] = attrs.field(default=(30, 60, 90, 120), converter=_in_order)

    @limits.validator
    def _rise(self, _field: attrs.Attribute[Any], limits: tuple[int, ...]) -> None:
        if not limits or any(type(limit) is not int for limit in limits):
            raise InvalidLimits(limits)
        if limits[0] < 1 or any(left >= right for left, right in pairwise(limits)):
            raise InvalidLimits(limits)

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the buckets, the youngest first."""
        starts = (0, *(limit + 1 for limit in self.limits))
        closed = (f"{start}-{end}" for start, end in zip(starts, self.limits, strict=False))
        return (NOT_DUE, *closed, f"{starts[-1]}+")

    def bucket(self, age_days: int) -> str:
        """Return the label of the bucket for an age in days; below zero it is not due."""
        return self.labels[self._place(age_days)]

    def _place(self, age_days: int) -> int:
        return 0 if age_days < 0 else 1 + bisect_left(self.limits, age_days)

    def report(
        self,
        invoices: Iterable[Invoice],
        entries: Iterable[LedgerEntry],
        as_of: date,
        *,
        currency: str,
        basis: AgeingBasis | str = AgeingBasis.DUE,
    ) -> AgeingReport:
        """Sort what is outstanding of invoices by its age.

        Credits of customers that nobody has applied are not in it; see `customer_credit`.

        Args:
            invoices: the invoices that are asked about.
            entries: the complete ledgers of their customers.
            as_of: the day, at its end; what happened later does not count.
            currency: of all invoices.
            basis: what the age is counted from; its name as text does as well.

        Raises:
            CurrencyMismatch: an invoice is in another currency; make a report for each.
            UnknownDocument: an invoice is not in the ledger.
            BrokenLedger: the ledger is not complete.

        >>> from datetime import date
        >>> from salesmgmt.core.money import Money
        >>> from salesmgmt.pipeline.cash import Ageing, EntryKind, Instalment, Invoice, LedgerEntry
        >>> amount, day = Money("50.00", "EUR"), date(2026, 3, 2)
        >>> invoice = Invoice(id="i-1", account="acme", invoiced_on=day, instalments=[Instalment(amount, date(2026, 4, 1))])
        >>> entry = LedgerEntry.at_position(
        ...     1, account="acme", kind=EntryKind.INVOICE, amount=amount, on=day, invoice="i-1")
        >>> report = Ageing().report([invoice], [entry], date(2026, 5, 2), currency="EUR")
        >>> str(report.buckets["31-60"]), str(report.by_customer["acme"]["31-60"])
        ('50.00 EUR', '50.00 EUR')
        """
        basis = AgeingBasis(basis)
        require_date(as_of, "as_of")
        balance = balances(entries, as_of)
        labels = self.labels
        items: list[AgedItem] = []
        for invoice in invoices:
            if invoice.total.currency != currency:
                raise CurrencyMismatch(currency, invoice.total.currency)
            for part in invoice.open_instalments(balance.of_invoice(invoice.key)):
                start = part.due_on if basis is AgeingBasis.DUE else invoice.invoiced_on
                days = (as_of - start).days
                items.append(
                    AgedItem(
                        invoice.key,
                        invoice.account,
                        part.due_on,
                        days,
                        labels[self._place(days)],
                        part.amount,
                    )
                )
        items.sort(key=lambda item: (-item.days, item.account, item.invoice))
        by_customer: dict[AccountId, list[AgedItem]] = {}
        for item in items:
            by_customer.setdefault(item.account, []).append(item)
        return AgeingReport(
            as_of=as_of,
            basis=basis,
            buckets=self._summed(items, currency),
            by_customer={
                account: self._summed(owed, currency) for account, owed in sorted(by_customer.items())
            },
            total=Money.total((item.amount for item in items), currency),
            items=tuple(items),
        )

    def _summed(self, items: Iterable[AgedItem], currency: str) -> Mapping[str, Money]:
        sums = dict.fromkeys(self.labels, Money.zero(currency))
        for item in items:
            sums[item.bucket] += item.amount
        return sums
