"""Placing orders, and invoicing them by a plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import AccountId, DealId, InvoiceId, OrderId, QuoteId, Ref
from salesmgmt.core.money import Money
from salesmgmt.core.ports import AlreadyExists
from salesmgmt.pipeline.cash.events import InvoiceIssued, OrderPlaced
from salesmgmt.pipeline.cash.invoice import Invoice
from salesmgmt.pipeline.cash.invoice_plan import InvoicePlan
from salesmgmt.pipeline.cash.ledger import EntryKind, LedgerEntry, next_position
from salesmgmt.pipeline.cash.order import Order, OrderLine
from salesmgmt.pipeline.cash.refusals import InvalidTerms, NoCustomer, OverAllocation
from salesmgmt.pipeline.cash.terms import PaymentTerms


@attrs.frozen(kw_only=True)
class Invoicing:
    """What invoicing an order leads to; all of it is to be stored together.

    Attributes:
        invoices: the invoices, in the order of the plan.
        entries: their rows in the ledger.

    >>> from salesmgmt.pipeline.cash import Invoicing
    >>> Invoicing(invoices=(), entries=()).invoices
    ()
    """

    invoices: tuple[Invoice, ...]
    entries: tuple[LedgerEntry, ...]


def place_order(
    *,
    id: OrderId,  # noqa: A002 - an entity's `id`
    lines: Iterable[OrderLine],
    placed_on: date,
    account: AccountId | None = None,
    deal: DealId | None = None,
    quote: QuoteId | None = None,
    at: datetime,
    by: Actor,
) -> tuple[Order, tuple[OrderPlaced]]:
    """Place an order of frozen lines.

    Args:
        id: of the order.
        lines: what is bought, at amounts that are final.
        placed_on: the business date, from which its invoices are dated.
        account: who buys and pays.
        deal: the deal that it closes.
        quote: the quote that it comes from.
        at: when.
        by: who.

    Raises:
        InvalidDocument, CurrencyMismatch, TooFine: as for `Order`.

    >>> from datetime import UTC, date, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.cash import OrderLine, place_order
    >>> order, (placed,) = place_order(
    ...     id="o-1", account="acme", lines=[OrderLine(id="1", product="dock", quantity=2, net=Money("90.00", "EUR"))],
    ...     placed_on=date(2026, 3, 2), at=datetime(2026, 3, 2, 9, tzinfo=UTC), by=Actor("li.wei"))  # fmt: skip
    >>> str(placed.total)
    '90.00 EUR'
    """
    order = Order(id=id, lines=lines, placed_on=placed_on, account=account, deal=deal, quote=quote)
    event = OrderPlaced(
        at=at,
        by=by,
        subjects=order.subjects,
        order=id,
        account=account,
        deal=deal,
        quote=quote,
        lines=order.lines,
        total=order.total,
        placed_on=placed_on,
    )
    return order, (event,)


def invoices_for(
    order: Order,
    plan: InvoicePlan,
    terms: PaymentTerms,
    *,
    ids: Sequence[InvoiceId],
    entries: Iterable[LedgerEntry],
    on: date | None = None,
    at: datetime,
    by: Actor,
) -> tuple[Invoicing, tuple[InvoiceIssued, ...]]:
    """Make the invoices of an order; they add up to its total exactly.

    Args:
        order: the order.
        plan: into which invoices it is divided, and when each is dated.
        terms: by when each invoice is to be paid.
        ids: of the invoices, one for each part of the plan.
        entries: the ledger of the customer so far; entries of other customers do no harm.
        on: the day from which the plan counts; that of the order when it is `None`.
        at: when.
        by: who.

    Returns:
        The invoices with their ledger entries, and the events.

    Raises:
        NoCustomer: the order has no account.
        InvalidTerms: plan or terms do not fit the total, or there are not as many ids as parts.
        OverAllocation: the order is invoiced already.
        AlreadyExists: the ledger has an invoice of such an id.
        BrokenLedger: the ledger of the customer is not complete.

    >>> from datetime import UTC, date, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.cash import InvoicePlan, Order, OrderLine, PaymentTerms, invoices_for
    >>> order = Order(id="o-1", account="acme", placed_on=date(2026, 3, 2),
    ...               lines=[OrderLine(id="1", product="dock", quantity=2, net=Money("100.00", "EUR"))])
    >>> invoicing, events = invoices_for(
    ...     order, InvoicePlan.equal(3), PaymentTerms.net(14), ids=["i-1", "i-2", "i-3"], entries=(),
    ...     at=datetime(2026, 3, 2, 9, tzinfo=UTC), by=Actor("li.wei"))  # fmt: skip
    >>> [(str(invoice.total), str(invoice.due_on)) for invoice in invoicing.invoices]
    [('33.34 EUR', '2026-03-16'), ('33.33 EUR', '2026-04-16'), ('33.33 EUR', '2026-05-16')]
    """
    if order.account is None:
        raise NoCustomer(order.id)
    ledger = tuple(entry for entry in entries if entry.account == order.account)
    first = next_position(order.account, ledger)
    _check_ids(ids, plan, ledger)
    _check_not_invoiced(order, ledger)
    start = order.placed_on if on is None else on
    invoices = tuple(
        Invoice(
            id=id_,
            account=order.account,
            order=OrderId(order.id),
            part=number,
            invoiced_on=(day := part.when.due(start)),
            instalments=terms.instalments(amount, day),
        )
        for number, (id_, part, amount) in enumerate(
            zip(ids, plan.parts, plan.amounts(order.total), strict=True), 1
        )
    )
    rows = tuple(
        LedgerEntry.at_position(
            position,
            account=invoice.account,
            kind=EntryKind.INVOICE,
            amount=invoice.total,
            on=invoice.invoiced_on,
            invoice=invoice.key,
            order=invoice.order,
        )
        for position, invoice in enumerate(invoices, first)
    )
    return Invoicing(invoices=invoices, entries=rows), tuple(_issued(invoice, at, by) for invoice in invoices)


def _check_ids(ids: Sequence[InvoiceId], plan: InvoicePlan, ledger: Sequence[LedgerEntry]) -> None:
    if len(ids) != len(plan.parts) or len(set(ids)) != len(ids):
        raise InvalidTerms(
            "wrong_ids",
            f"the plan {plan.id} makes {len(plan.parts)} invoices, and {len(set(ids))} ids are given",
            hint="give a different id for each",
        )
    known = {entry.invoice for entry in ledger}
    for id_ in ids:
        if id_ in known:
            raise AlreadyExists(Ref("Invoice", id_))


def _check_not_invoiced(order: Order, ledger: Sequence[LedgerEntry]) -> None:
    """Refuse to invoice more than the order: a command that runs twice must not bill twice."""
    invoiced = (
        entry.amount for entry in ledger if entry.kind is EntryKind.INVOICE and entry.order == order.id
    )
    available = order.total - Money.total(invoiced, order.total.currency)
    if available != order.total:
        raise OverAllocation(order.ref, order.total, available)


def _issued(invoice: Invoice, at: datetime, by: Actor) -> InvoiceIssued:
    return InvoiceIssued(
        at=at,
        by=by,
        subjects=invoice.subjects,
        invoice=invoice.key,
        account=invoice.account,
        order=invoice.order,
        part=invoice.part,
        total=invoice.total,
        invoiced_on=invoice.invoiced_on,
        due_on=invoice.due_on,
        instalments=invoice.instalments,
    )
