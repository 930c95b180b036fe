from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest

from salesmgmt.core.codec import Codec
from salesmgmt.core.entity import DealId, InvoiceId, OrderId, ProductId, QuoteId, Ref
from salesmgmt.core.errors import FloatRefused, InvalidInput
from salesmgmt.core.money import CurrencyMismatch, Money, TooFine
from salesmgmt.core.percent import Percent
from salesmgmt.core.period import NotADate
from salesmgmt.core.ports import AlreadyExists
from salesmgmt.pipeline.cash import (
    ENTITIES,
    EVENTS,
    BrokenLedger,
    DueRule,
    EntryKind,
    Instalment,
    InvalidDocument,
    InvalidTerms,
    InvoicePlan,
    NoCustomer,
    Order,
    OrderLine,
    OverAllocation,
    Part,
    PaymentTerms,
    balances,
    invoices_for,
    place_order,
)
from tests.pipeline.cash.books import ACME, AT, BY, DAY, OTHER, Books, eur, ids, make_invoice


def line(id_: str, net: str, currency: str = "EUR") -> OrderLine:
    return OrderLine(id=id_, product=ProductId("dock"), quantity=Decimal(2), net=Money(net, currency))


def order_of(*nets: str, **more: Any) -> Order:
    lines = [line(str(number), net) for number, net in enumerate(nets)]
    return Order(**{"id": "o-1", "account": "acme", "lines": lines, "placed_on": DAY, **more})


def test_placing_an_order_tells_everything_about_it() -> None:
    lines = (line("1", "90.10"), line("2", "-0.105"), line("3", "0.005"))
    order, (placed,) = place_order(
        id=OrderId("o-1"),
        lines=lines,
        placed_on=DAY,
        account=ACME,
        deal=DealId("d-1"),
        quote=QuoteId("q-1"),
        at=AT,
        by=BY,
    )

    assert order.total == eur("90.00")
    assert placed.subjects == (Ref("Order", "o-1"), Ref("Account", "acme"))
    told = attrs.asdict(placed, recurse=False)
    assert {name: told[name] for name in ("account", "deal", "quote", "lines", "total", "placed_on")} == {
        "account": "acme",
        "deal": "d-1",
        "quote": "q-1",
        "lines": lines,
        "total": eur(90),
        "placed_on": DAY,
    }


def test_an_order_may_wait_for_its_customer_but_its_invoices_may_not() -> None:
    order = order_of("90.00", account=None)

    assert order.subjects == (Ref("Order", "o-1"),)
    with pytest.raises(NoCustomer) as caught:
        invoices_for(
            order, InvoicePlan.equal(1), PaymentTerms.net(1), ids=ids("i-1"), entries=(), at=AT, by=BY
        )
    assert caught.value.order == "o-1"


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        ([], InvalidDocument),
        ([line("1", "1"), line("1", "2")], InvalidDocument),
        ([line("1", "1"), line("2", "-2")], InvalidDocument),
        ([line("1", "1"), line("2", "1", "CNY")], CurrencyMismatch),
        ([line("1", "10.005")], TooFine),
        ([line("1", "0.5", "JPY")], TooFine),
    ],
)
def test_an_order_that_cannot_be_invoiced_is_refused(lines: list[OrderLine], error: type[Exception]) -> None:
    with pytest.raises(error):
        Order(id="o-1", lines=lines, placed_on=DAY)


def test_an_order_does_not_claim_another_total_than_its_lines() -> None:
    with pytest.raises(InvalidDocument, match=r"89\.99 EUR, not that of its lines"):
        order_of("90.00", total=eur("89.99"))


def test_a_quantity_is_exact() -> None:
    with pytest.raises(FloatRefused):
        OrderLine(id="1", product=ProductId("dock"), quantity=0.1, net=eur(1))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["order", "invoice"])
def test_a_document_is_dated_by_a_day(kind: str) -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=AT.tzinfo)
    with pytest.raises(NotADate):
        order_of("1.00", placed_on=noon) if kind == "order" else make_invoice("i-1", 1, on=noon)


# --- invoices

PLAN = InvoicePlan(
    "project",
    [
        Part(percent=Percent(30)),
        Part(when=DueRule().months(1).month_end()),
        Part(when=DueRule().months(2).month_end()),
    ],
)
TERMS = PaymentTerms("net-30-eom", [Part(when=DueRule().days(30).month_end())])
IDS = ids("i-1", "i-2", "i-3")


def test_an_order_is_invoiced_by_its_plan() -> None:
    order = order_of("400.00", "600.01")
    invoicing, events = invoices_for(order, PLAN, TERMS, ids=IDS, entries=(), at=AT, by=BY)

    assert [(i.id, str(i.total), i.invoiced_on, i.due_on, i.part) for i in invoicing.invoices] == [
        ("i-1", "300.00 EUR", date(2026, 3, 2), date(2026, 4, 30), 1),
        ("i-2", "350.01 EUR", date(2026, 4, 30), date(2026, 5, 31), 2),
        ("i-3", "350.00 EUR", date(2026, 5, 31), date(2026, 6, 30), 3),
    ]
    assert [(e.id, e.kind, e.amount, e.on, e.invoice, e.order) for e in invoicing.entries] == [
        (f"acme/{number}", EntryKind.INVOICE, i.total, i.invoiced_on, i.id, "o-1")
        for number, i in enumerate(invoicing.invoices, 1)
    ]
    assert [(e.invoice, e.order, e.total, e.instalments) for e in events] == [
        (i.id, "o-1", i.total, i.instalments) for i in invoicing.invoices
    ]
    assert events[0].subjects == (Ref("Invoice", "i-1"), Ref("Account", "acme"), Ref("Order", "o-1"))


def test_a_plan_may_count_from_another_day() -> None:
    invoicing, _ = invoices_for(
        order_of("90.00"),
        InvoicePlan.equal(1),
        PaymentTerms.net(10),
        ids=ids("i-1"),
        entries=(),
        on=date(2026, 7, 1),
        at=AT,
        by=BY,
    )

    assert invoicing.invoices[0].due_on == date(2026, 7, 11)


def test_invoices_go_on_where_the_ledger_of_the_customer_ends() -> None:
    books = Books()
    books.bill(make_invoice("x-1", 5), make_invoice("y-1", 5, account=OTHER), make_invoice("x-2", 5))
    invoicing, _ = invoices_for(order_of("90.00"), PLAN, TERMS, ids=IDS, entries=books.entries, at=AT, by=BY)

    assert [entry.position for entry in invoicing.entries] == [3, 4, 5]


def test_an_order_is_not_invoiced_twice() -> None:
    order = order_of("90.00")
    invoicing, _ = invoices_for(order, PLAN, TERMS, ids=IDS, entries=(), at=AT, by=BY)

    with pytest.raises(OverAllocation) as caught:
        invoices_for(
            order, PLAN, TERMS, ids=ids("j-1", "j-2", "j-3"), entries=invoicing.entries, at=AT, by=BY
        )
    assert (
        caught.value.facts.items()
        >= {
            "document": Ref("Order", "o-1"),
            "wanted": eur(90),
            "available": eur(0),
        }.items()
    )
    with pytest.raises(AlreadyExists):
        invoices_for(
            order_of("90.00", id="o-2"), PLAN, TERMS, ids=IDS, entries=invoicing.entries, at=AT, by=BY
        )


@pytest.mark.parametrize("given", [[], IDS[:2], [*IDS, *IDS], ids("i-1", "i-1", "i-2")])
def test_each_invoice_needs_an_id_of_its_own(given: list[InvoiceId]) -> None:
    with pytest.raises(InvalidTerms) as caught:
        invoices_for(order_of("90.00"), PLAN, TERMS, ids=given, entries=(), at=AT, by=BY)
    assert caught.value.reason == "wrong_ids"


def test_an_incomplete_ledger_is_not_written_on() -> None:
    books = Books()
    books.bill(make_invoice("x-1", 5), make_invoice("x-2", 5))

    with pytest.raises(BrokenLedger, match="lacks the entry 1"):
        invoices_for(order_of("90.00"), PLAN, TERMS, ids=IDS, entries=books.entries[1:], at=AT, by=BY)


@pytest.mark.parametrize(
    "change",
    [
        {"instalments": []},
        {"total": eur(1)},
        {"due_on": DAY},
        {"instalments": (Instalment(eur(3), DAY), Instalment(eur(-1), DAY))},
    ],
)
def test_an_invoice_that_contradicts_itself_is_refused(change: dict[str, Any]) -> None:
    invoice = make_invoice("i-1", 5, due=date(2026, 4, 1))
    kept: dict[str, Any] = {
        "id": "i-1",
        "account": "acme",
        "invoiced_on": DAY,
        "instalments": invoice.instalments,
    }

    with pytest.raises(InvalidDocument):
        type(invoice)(**kept | change)


def test_an_invoice_in_parts_of_a_cent_is_refused() -> None:
    with pytest.raises(TooFine):
        make_invoice("i-1", "0.005")


# --- documents


def test_entities_and_events_survive_json() -> None:
    codec = Codec([*ENTITIES, *EVENTS])
    order, placed = place_order(
        id=OrderId("o-1"), lines=[line("1", "90.00")], placed_on=DAY, account=ACME, at=AT, by=BY
    )
    invoicing, issued = invoices_for(order, PLAN, TERMS, ids=IDS, entries=(), at=AT, by=BY)

    for thing in (order, *placed, *invoicing.invoices, *invoicing.entries, *issued):
        assert codec.read_json(codec.to_json(thing)) == thing


def test_a_document_with_a_wrong_total_is_refused_with_its_path() -> None:
    codec = Codec(ENTITIES)
    document = codec.to_dict(order_of("90.00"))
    document["total"]["amount"] = "80.00"

    with pytest.raises(InvalidInput) as caught:
        codec.read(document)

    assert [problem.path for problem in caught.value.problems] == ["total"]


def test_the_ledger_of_invoices_adds_up_to_the_order() -> None:
    invoicing, _ = invoices_for(order_of("1000.01"), PLAN, TERMS, ids=IDS, entries=(), at=AT, by=BY)

    assert Money.total(balances(invoicing.entries).outstanding.values(), "EUR") == eur("1000.01")
