"""The metrics of receivables: what was invoiced and paid, what is outstanding, and how long customers take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from salesmgmt.core.formula import DATE, MONEY, NUMBER, TEXT, Schema, Values
from salesmgmt.core.measured import Measured
from salesmgmt.core.money import Money
from salesmgmt.core.period import Period
from salesmgmt.engines.metrics import Count, Direction, FactKind, Metric, Ratio, Sum, Unit
from salesmgmt.pipeline.cash.invoice import Invoice, status_when
from salesmgmt.pipeline.cash.ledger import EntryKind, LedgerEntry, balances
from salesmgmt.pipeline.cash.payment import Payment

INVOICE_FACTS = FactKind(
    "invoice",
    Schema(
        {
            "id": TEXT,
            "account": TEXT,
            "order": TEXT,
            "total": MONEY,
            "invoiced_on": DATE,
            "due_on": DATE,
            "status": TEXT,
            "outstanding": MONEY,
            "overdue": MONEY,
            "days_overdue": NUMBER,
        }
    ),
)
"""Invoices as rows, with what is outstanding and overdue of them on a day; made by `invoice_facts`."""

PAYMENT_FACTS = FactKind.of("payment", Payment)
"""Payments as rows."""


def invoice_facts(
    invoices: Iterable[Invoice], entries: Iterable[LedgerEntry], as_of: date
) -> Iterator[Values]:
    """Make the rows of `INVOICE_FACTS`: how invoices stand at the end of a day. Those that are dated later are left out.

    Args:
        invoices: the invoices that are asked about.
        entries: the complete ledgers of their customers.
        as_of: the day; what happened later does not count.

    Raises:
        UnknownDocument: an invoice is not in the ledger.
        BrokenLedger: the ledger is not complete.

    >>> from datetime import date
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.cash import EntryKind, Instalment, Invoice, LedgerEntry, invoice_facts
    >>> amount, day = Money("50.00", "EUR"), date(2026, 3, 2)
    >>> invoice = Invoice(id="i-1", account="acme", invoiced_on=day, instalments=[Instalment(amount, date(2026, 4, 1))])
    >>> entry = LedgerEntry.at_position(
    ...     1, account="acme", kind=EntryKind.INVOICE, amount=amount, on=day, invoice="i-1")
    >>> [row] = invoice_facts([invoice], [entry], date(2026, 4, 11))
    >>> row["status"], row["overdue"], row["days_overdue"]
    ('overdue', Money('50.00', 'EUR'), 10)
    """
    balance = balances(entries, as_of)
    for invoice in invoices:
        left = balance.of_invoice(invoice.key)
        if invoice.invoiced_on > as_of:
            continue
        late = [part for part in invoice.open_instalments(left) if part.due_on < as_of]
        yield {
            "id": invoice.id,
            "account": invoice.account,
            "order": invoice.order,
            "total": invoice.total,
            "invoiced_on": invoice.invoiced_on,
            "due_on": invoice.due_on,
            "status": status_when(invoice, left, as_of).value,
            "outstanding": left,
            "overdue": Money.total((part.amount for part in late), left.currency),
            "days_overdue": (as_of - late[0].due_on).days if late else 0,
        }


def days_sales_outstanding(receivables: Money, credit_sales: Money, days: int) -> Measured[Decimal]:
    """How many days of sales customers still owe: receivables / credit sales x days.

    This is the simple formula, from the balance at the end of the period, as the Credit Research Foundation states it.

    Args:
        receivables: what is outstanding at the end of the period.
        credit_sales: what was sold on credit in the period.
        days: the days of the period.

    Returns:
        Days; undefined with the flag `no_credit_sales` when there were none.

    Raises:
        CurrencyMismatch: the amounts are in two currencies.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.cash import days_sales_outstanding
    >>> days_sales_outstanding(Money(18000, "EUR"), Money(20000, "EUR"), 30).value
    Decimal('27')
    """
    if credit_sales.amount <= 0:
        return Measured(None, "no_credit_sales", metric="dso")
    return Measured(receivables * days / credit_sales, metric="dso")


def dso(entries: Iterable[LedgerEntry], period: Period) -> Measured[Decimal]:
    """Days sales outstanding of a period, from the ledger alone; see `days_sales_outstanding`.

    Receivables are what is outstanding of all invoices at the end of the last day; credit sales are the invoices dated in the
    period less the credits of the period. Payments that nobody has applied lower neither.

    Args:
        entries: the complete ledgers of any customers.
        period: the period.

    Returns:
        Days, with the number of invoices of the period; undefined with the flag `no_credit_sales`, or with
        `mixed_currencies` when the ledger has more than one.

    Raises:
        BrokenLedger: the ledger is not complete.

    >>> from datetime import date
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.period import Period
    >>> from salesmgmt.pipeline.cash import EntryKind, LedgerEntry, dso
    >>> entry = LedgerEntry.at_position(1, account="acme", kind=EntryKind.INVOICE, amount=Money("50.00", "EUR"),
    ...                                 on=date(2026, 4, 2), invoice="i-1")
    >>> dso([entry], Period.month(2026, 4))
    Measured(Decimal('30'), n=1, metric='dso')
    """
    ledger = tuple(entries)
    currencies = {entry.amount.currency for entry in ledger}
    if len(currencies) > 1:
        return Measured(None, "mixed_currencies", metric="dso")
    if not currencies:
        return Measured(None, "no_credit_sales", metric="dso")
    (currency,) = currencies
    inside = [entry for entry in ledger if entry.on in period]
    sold = [entry.amount for entry in inside if entry.kind is EntryKind.INVOICE]
    credited = [entry.amount for entry in inside if entry.kind is EntryKind.CREDIT]
    figure = days_sales_outstanding(
        Money.total(balances(ledger, period.last).outstanding.values(), currency),
        Money.total(sold, currency) - Money.total(credited, currency),
        period.days,
    )
    return Measured(figure.value, figure.flag, n=len(sold), metric=figure.metric)


METRICS = (
    Metric(id="invoices", facts="invoice", unit=Unit.COUNT, aggregate=Count()),
    Metric(
        id="invoiced_value",
        facts="invoice",
        unit=Unit.MONEY,
        aggregate=Sum("total"),
        undefined="no_invoices",
    ),
    Metric(
        id="outstanding_value",
        facts="invoice",
        unit=Unit.MONEY,
        direction=Direction.LOWER_IS_BETTER,
        aggregate=Sum("outstanding"),
        undefined="no_invoices",
    ),
    Metric(
        id="overdue_value",
        facts="invoice",
        unit=Unit.MONEY,
        direction=Direction.LOWER_IS_BETTER,
        aggregate=Sum("overdue"),
        undefined="no_invoices",
    ),
    Metric(
        id="overdue_rate",
        facts="invoice",
        unit=Unit.RATIO,
        direction=Direction.LOWER_IS_BETTER,
        aggregate=Ratio(Sum("overdue"), Sum("outstanding")),
        undefined="nothing_outstanding",
        source="overdue / outstanding, by amount",
    ),
    Metric(
        id="received_value",
        facts="payment",
        unit=Unit.MONEY,
        aggregate=Sum("amount"),
        undefined="no_payments",
    ),
)
"""The metrics over `INVOICE_FACTS` and `PAYMENT_FACTS`."""
