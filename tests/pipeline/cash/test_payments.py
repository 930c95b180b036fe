from __future__ import annotations

import pickle
from datetime import date, datetime

import attrs
import pytest

from salesmgmt.core.codec import Codec
from salesmgmt.core.entity import InvoiceId, Ref
from salesmgmt.core.money import CurrencyMismatch, Money, TooFine
from salesmgmt.core.period import NotADate
from salesmgmt.core.ports import AlreadyExists
from salesmgmt.pipeline.cash import (
    EVENTS,
    BrokenLedger,
    DuplicateKey,
    EntryKind,
    InvalidDocument,
    InvoiceStatus,
    LedgerEntry,
    NotPositive,
    OtherCustomer,
    OverAllocation,
    PaymentId,
    UnknownDocument,
    apply_payment,
    balances,
    credit_invoice,
    customer_credit,
    invoice_status,
    outstanding,
    record_payment,
    write_off,
)
from salesmgmt.storage import MemoryStore
from tests.pipeline.cash.books import ACME, AT, BY, DAY, OTHER, Books, eur, make_invoice, named, settled

APRIL, MAY, JUNE = date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1)


def two_invoices() -> Books:
    books = Books()
    books.bill(make_invoice("INV1", 100, due=APRIL), make_invoice("INV2", 100, due=MAY))
    return books


# --- recording


def test_a_payment_is_credit_until_it_is_applied() -> None:
    books = two_invoices()
    payment = books.pay("p-1", 40)

    assert customer_credit(ACME, books.entries, "EUR") == eur(40)
    assert customer_credit(ACME, books.entries, "CNY") == Money(0, "CNY")
    assert customer_credit(OTHER, books.entries, "EUR") == eur(0)
    assert customer_credit(ACME, books.entries, "EUR", date(2026, 3, 1)) == eur(0)
    books.apply(payment)
    assert customer_credit(ACME, books.entries, "EUR") == eur(0)


def test_a_payment_that_is_sent_twice_counts_once() -> None:
    # invoiceninja/invoiceninja tests/Feature/PaymentTest.php @a148eec09b
    books = Books()
    books.pay("p-1", 5, key="k1")

    with pytest.raises(DuplicateKey) as caught:
        books.pay("p-2", 5, key="k1")

    assert (caught.value.key, caught.value.payment) == ("k1", "p-1")
    assert len(books.entries) == 1
    books.pay("p-2", 5, key="k1", account=OTHER)
    books.pay("p-3", 5)
    books.pay("p-4", 5)
    with pytest.raises(AlreadyExists):
        books.pay("p-3", 5)


@pytest.mark.parametrize(("amount", "error"), [("0", NotPositive), ("-5", NotPositive), ("0.001", TooFine)])
def test_a_payment_is_an_amount_that_can_be_paid(amount: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        Books().pay("p-1", amount)


def test_a_payment_is_dated_by_a_day() -> None:
    with pytest.raises(NotADate):
        Books().pay("p-1", 5, on=datetime(2026, 3, 2, tzinfo=AT.tzinfo))


# --- applying


def test_the_oldest_debt_is_settled_first_and_the_rest_stays_as_credit() -> None:
    books = two_invoices()
    payment = books.pay("p-1", 250)
    application, (event,) = apply_payment(payment, books.invoices, books.entries, at=AT, by=BY)

    assert application.allocated == {"INV1": eur(100), "INV2": eur(100)}
    assert application.unallocated == eur(50)
    assert event.settled == (settled("INV1", 100, 0), settled("INV2", 100, 0))
    assert event.subjects == (
        Ref("Payment", "p-1"),
        Ref("Account", "acme"),
        Ref("Invoice", "INV1"),
        Ref("Invoice", "INV2"),
    )
    assert event.unapplied == eur(50)
    assert [entry.id for entry in application.entries] == ["acme/4", "acme/5"]


def test_an_overpayment_of_ten() -> None:
    # frappe/erpnext test_payment_entry.py @00191b9dac
    books = Books()
    books.bill(make_invoice("INV1", "100.00"))
    application = books.apply(books.pay("p-1", "110.00"))

    assert (application.allocated[InvoiceId("INV1")], application.unallocated) == (
        eur("100.00"),
        eur("10.00"),
    )


def test_credit_is_applied_to_a_later_invoice() -> None:
    books = Books()
    books.bill(make_invoice("INV1", 100))
    payment = books.pay("p-1", 130)
    books.apply(payment)
    books.bill(make_invoice("INV2", 50, on=MAY, due=JUNE))
    later = books.apply(payment, on=MAY)

    assert (later.allocated, later.unallocated) == ({"INV2": eur(30)}, eur(0))
    assert outstanding(books.invoices[1], books.entries) == eur(20)
    assert customer_credit(ACME, books.entries, "EUR", APRIL) == eur(30)


def test_an_invoice_of_a_later_day_waits_unless_it_is_named() -> None:
    books = Books()
    books.bill(make_invoice("INV1", 50, on=MAY, due=JUNE))
    payment = books.pay("p-1", 80)

    assert books.apply(payment).entries == ()
    assert apply_payment(payment, books.invoices, books.entries, at=AT, by=BY)[1] == ()
    early = books.apply(payment, strategy=named(INV1=eur(50)))
    assert early.entries[0].on == MAY
    assert customer_credit(ACME, books.entries, "EUR", APRIL) == eur(80)
    assert outstanding(books.invoices[0], books.entries, APRIL) == eur(0)


def test_two_invoices_share_a_payment_as_specified() -> None:
    # frappe/erpnext test_accounts_receivable.py @01dce5633a
    books = two_invoices()
    books.apply(books.pay("p-1", 100), strategy=named(INV1=eur(50), INV2=eur(50)))

    assert [outstanding(invoice, books.entries) for invoice in books.invoices] == [eur(50), eur(50)]


def test_the_oldest_by_due_date_not_by_the_order_of_the_list() -> None:
    # beancount/beancount parser/booking_full_test.py @a3cb3fd9
    books = Books()
    for id_, amount, day in (("b", 5, 2), ("a", 4, 1), ("c", 6, 3)):
        books.bill(make_invoice(id_, amount, on=date(2015, 10, 1), due=date(2015, 10, day)))
    payment = books.pay("p-1", 9, on=date(2015, 10, 9))

    assert books.apply(payment).allocated == {"a": eur(4), "b": eur(5)}


def test_instalments_of_several_invoices_are_settled_in_the_order_of_their_days() -> None:
    books = Books()
    books.bill(make_invoice("i-1", 60, 40, due=[APRIL, JUNE]), make_invoice("i-2", 50, due=MAY))

    assert books.apply(books.pay("p-1", 120)).allocated == {"i-1": eur(70), "i-2": eur(50)}


def test_the_oldest_instalment_of_an_invoice_is_settled_first() -> None:
    # frappe/erpnext test_accounts_receivable.py @01dce5633a: 40 of 60, 100 and 40
    books = Books()
    invoice = make_invoice("i-1", 60, 100, 40, due=[APRIL, MAY, JUNE])
    books.bill(invoice)
    books.apply(books.pay("p-1", 40))

    left = invoice.open_instalments(outstanding(invoice, books.entries))

    assert [(part.amount, part.due_on) for part in left] == [
        (eur(20), APRIL),
        (eur(100), MAY),
        (eur(40), JUNE),
    ]


def test_more_than_the_payment_is_refused() -> None:
    # invoiceninja/invoiceninja tests/Feature/PaymentTest.php @a148eec09b
    books = Books()
    books.bill(make_invoice("INV1", 2))
    payment = books.pay("p-1", 1)

    with pytest.raises(OverAllocation) as caught:
        books.apply(payment, strategy=named(INV1=eur(2)))

    assert caught.value.code == "over_allocation"
    assert (caught.value.document, caught.value.wanted, caught.value.available) == (
        Ref("Payment", "p-1"),
        eur(2),
        eur(1),
    )


def test_more_than_the_invoice_is_refused() -> None:
    books = two_invoices()
    payment = books.pay("p-1", 150)

    with pytest.raises(OverAllocation) as caught:
        books.apply(payment, strategy=named(INV1=eur("100.01")))

    assert caught.value.document == Ref("Invoice", "INV1")
    assert caught.value.available == eur(100)


def test_what_was_settled_before_is_not_settled_again() -> None:
    books = two_invoices()
    books.apply(books.pay("p-1", 60), strategy=named(INV1=eur(60)))
    payment = books.pay("p-2", 100)

    with pytest.raises(OverAllocation) as caught:
        books.apply(payment, strategy=named(INV1=eur(41)))
    assert (caught.value.wanted, caught.value.available) == (eur(41), eur(40))
    for settle in (books.credit, books.give_up):
        with pytest.raises(OverAllocation):
            settle(books.invoices[0], 41)


def test_an_allocation_does_not_count_before_its_payment() -> None:
    books = two_invoices()
    payment = books.pay("p-1", 60, on=APRIL)

    assert books.apply(payment, on=DAY).entries[0].on == APRIL
    assert balances(books.entries, DAY).of_payment(payment.reference) == eur(0)


def test_an_invoice_of_another_customer_is_refused() -> None:
    books = two_invoices()
    books.bill(make_invoice("INV3", 100, account=OTHER))
    payment = books.pay("p-1", 50)

    with pytest.raises(OtherCustomer) as caught:
        books.apply(payment)

    assert (caught.value.invoice, caught.value.found, caught.value.wanted) == ("INV3", "other", "acme")


def test_an_invoice_or_amount_in_another_currency_is_refused() -> None:
    books = two_invoices()
    dollars = books.pay("p-1", Money(50, "USD"))
    euros = books.pay("p-2", 50)

    with pytest.raises(CurrencyMismatch):
        books.apply(dollars)
    with pytest.raises(CurrencyMismatch):
        books.apply(euros, strategy=named(INV1=Money(5, "USD")))


@pytest.mark.parametrize(("amount", "error"), [("0", NotPositive), ("-1", NotPositive), ("0.001", TooFine)])
def test_a_specified_amount_is_one_that_can_be_paid(amount: str, error: type[Exception]) -> None:
    books = two_invoices()
    with pytest.raises(error):
        books.apply(books.pay("p-1", 5), strategy=named(INV1=eur(amount)))


def test_documents_that_nobody_recorded_are_refused() -> None:
    books = two_invoices()
    payment = books.pay("p-1", 5)
    stranger = make_invoice("INV9", 5)

    with pytest.raises(UnknownDocument, match=r"Invoice:INV9 is not in the ledger"):
        books.apply(payment, [stranger])
    with pytest.raises(UnknownDocument, match=r"Invoice:INV9 is not in the invoices that were given"):
        books.apply(payment, strategy=named(INV9=eur(1)))
    with pytest.raises(UnknownDocument, match=r"Payment:p-9 is not in the ledger"):
        books.apply(attrs.evolve(payment, id="p-9"))
    with pytest.raises(UnknownDocument):
        outstanding(stranger, books.entries)


def test_two_writers_who_settle_at_once_collide_in_the_store() -> None:
    books = two_invoices()
    first, second = books.pay("p-1", 100), books.pay("p-2", 100)
    seen = books.entries
    store = MemoryStore("t", entities=[LedgerEntry])
    with store.unit_of_work() as work:
        for entry in seen:
            work[LedgerEntry].add(entry)
        work.commit()

    for payment in (first, second):  # both have read the same ledger
        application, _ = apply_payment(payment, books.invoices[:1], seen, at=AT, by=BY)
        with store.unit_of_work() as work:
            if payment is second:
                with pytest.raises(AlreadyExists):
                    work[LedgerEntry].add(application.entries[0])
            else:
                work[LedgerEntry].add(application.entries[0])
                work.commit()


# --- credits and write-offs


def test_an_invoice_is_credited_and_written_off() -> None:
    books = two_invoices()
    invoice = books.invoices[0]
    entry, (credited,) = credit_invoice(
        invoice, eur(30), books.entries, reason="returned", on=APRIL, at=AT, by=BY
    )
    books.entries += (entry,)
    row, (written_off,) = write_off(invoice, eur(70), books.entries, reason="insolvent", on=MAY, at=AT, by=BY)
    books.entries += (row,)

    assert (credited.settled, credited.reason, credited.on) == (
        settled("INV1", 30, 70),
        "returned",
        APRIL,
    )
    assert written_off.settled == settled("INV1", 70, 0)
    assert [outstanding(invoice, books.entries, day) for day in (DAY, APRIL, MAY)] == [
        eur(100),
        eur(70),
        eur(0),
    ]
    assert invoice_status(invoice, books.entries, MAY) is InvoiceStatus.PAID


@pytest.mark.parametrize(
    ("amount", "error"),
    [("101", OverAllocation), ("0", NotPositive), ("-5", NotPositive), ("0.001", TooFine)],
)
def test_no_more_is_credited_or_given_up_than_is_outstanding(amount: str, error: type[Exception]) -> None:
    books = two_invoices()
    for settle in (books.credit, books.give_up):
        with pytest.raises(error):
            settle(books.invoices[0], amount)


def test_a_credit_does_not_count_before_its_invoice() -> None:
    books = Books()
    invoice = make_invoice("i-1", 10, on=MAY, due=JUNE)
    books.bill(invoice)
    books.credit(invoice, 4, on=APRIL)

    assert books.entries[-1].on == MAY


# --- status


def test_an_invoice_goes_from_scheduled_to_paid() -> None:
    books = Books()
    invoice = make_invoice("i-1", 60, 40, due=[APRIL, JUNE])
    books.bill(invoice)
    books.apply(books.pay("p-1", 60, on=date(2026, 4, 5)))
    books.apply(books.pay("p-2", 40, on=date(2026, 6, 9)))

    found = [
        invoice_status(invoice, books.entries, day).value
        for day in (date(2026, 3, 1), DAY, APRIL, date(2026, 4, 2), date(2026, 4, 5), JUNE, date(2026, 6, 2))
    ]

    assert found == ["scheduled", "open", "open", "overdue", "partly_paid", "partly_paid", "overdue"]
    assert invoice_status(invoice, books.entries, date(2026, 6, 9)) is InvoiceStatus.PAID


# --- the ledger


def row(position: int, kind: EntryKind, amount: str = "5.00", **names: str) -> LedgerEntry:
    return LedgerEntry.at_position(position, account=ACME, kind=kind, amount=eur(amount), on=DAY, **names)


@pytest.mark.parametrize(
    "entries",
    [
        [row(1, EntryKind.INVOICE, invoice="i-1"), row(1, EntryKind.INVOICE, invoice="i-2")],
        [row(2, EntryKind.INVOICE, invoice="i-1")],
        [row(1, EntryKind.INVOICE, invoice="i-1"), row(3, EntryKind.INVOICE, invoice="i-2")],
        [row(1, EntryKind.INVOICE, invoice="i-1"), row(2, EntryKind.INVOICE, invoice="i-1")],
        [row(1, EntryKind.CREDIT, invoice="i-1")],
        [row(1, EntryKind.INVOICE, invoice="i-1"), row(2, EntryKind.ALLOCATION, invoice="i-1", payment="p")],
    ],
)
def test_a_ledger_that_cannot_be_is_refused(entries: list[LedgerEntry]) -> None:
    with pytest.raises(BrokenLedger):
        balances(entries)


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (EntryKind.INVOICE, {}),
        (EntryKind.INVOICE, {"invoice": "i-1", "payment": "p-1"}),
        (EntryKind.PAYMENT, {"invoice": "i-1"}),
        (EntryKind.ALLOCATION, {"invoice": "i-1"}),
        (EntryKind.WRITE_OFF, {"payment": "p-1"}),
    ],
)
def test_an_entry_names_the_documents_of_its_kind(kind: EntryKind, names: dict[str, str]) -> None:
    with pytest.raises(InvalidDocument):
        row(1, kind, **names)


@pytest.mark.parametrize(("amount", "error"), [("-1", InvalidDocument), ("0.001", TooFine)])
def test_an_entry_has_an_amount_that_can_be_paid(amount: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        row(1, EntryKind.INVOICE, amount, invoice="i-1")


def test_an_invoice_that_was_settled_beyond_its_total_is_noticed() -> None:
    entries = [row(1, EntryKind.INVOICE, invoice="i-1"), row(2, EntryKind.CREDIT, "6.00", invoice="i-1")]
    invoice = make_invoice("i-1", 5)

    with pytest.raises(BrokenLedger):
        invoice_status(invoice, entries, DAY)


def test_the_order_in_which_entries_are_read_does_not_matter() -> None:
    books = two_invoices()
    books.apply(books.pay("p-1", 130))

    assert balances(reversed(books.entries)) == balances(books.entries)


def test_what_happens_to_payments_survives_json_and_pickle() -> None:
    books = two_invoices()
    receipt, received = record_payment(
        id=PaymentId("p-1"),
        account=ACME,
        amount=eur(130),
        received_on=DAY,
        key="k",
        entries=books.entries,
        at=AT,
        by=BY,
    )
    books.entries += receipt.entries
    application, applied = apply_payment(receipt.payment, books.invoices, books.entries, at=AT, by=BY)
    _, credited = credit_invoice(books.invoices[0], eur(1), books.entries, reason="r", on=DAY, at=AT, by=BY)
    codec = Codec([*EVENTS, LedgerEntry, type(receipt.payment)])

    for thing in (receipt.payment, *receipt.entries, *application.entries, *received, *applied, *credited):
        assert codec.read_json(codec.to_json(thing)) == thing
    assert pickle.loads(pickle.dumps(application)) == application
