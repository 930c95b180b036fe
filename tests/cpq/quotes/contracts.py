"""Contracts to try amendments and renewals on, made of plain items."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from salesmgmt.core.entity import AccountId
from salesmgmt.core.money import Money
from salesmgmt.cpq.pricing import (
    Line,
    ListPrice,
    ManualPrices,
    Pricer,
    PriceRecord,
    PricingModel,
    PricingProcedure,
    PricingRequest,
    RoundLines,
    Terms,
)
from salesmgmt.cpq.quotes import (
    Contract,
    ContractChange,
    ContractChangeProposed,
    ContractItem,
    ContractStep,
    Quote,
    QuoteAccepted,
    accept,
    amend,
    extend,
)
from salesmgmt.cpq.quotes.changes import ContractEdit

from .conftest import REP
from .offers import shown

JANUARY, JULY, NEXT_JANUARY = date(2026, 1, 1), date(2026, 7, 1), date(2027, 1, 1)
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
REQUEST = PricingRequest(at=AT, currency="EUR", lines=[])


def item(
    id: str = "seats",  # noqa: A002 - as in the library
    quantity: str | int = 5,
    net: str = "500.00",
    *,
    starts: date = JANUARY,
    ends: date = NEXT_JANUARY,
    **more: Any,
) -> ContractItem:
    """Units at list price, for a year when nothing else is said."""
    return ContractItem(**{
        "id": id, "line": id, "product": "seat", "quantity": Decimal(quantity), "starts": starts, "ends": ends,
        "list_amount": Money(net, "EUR"), "net_amount": Money(net, "EUR"), "share": Money(0, "EUR"), **more,
    })  # fmt: skip


def change(*items: ContractItem, step: ContractStep = ContractStep.START) -> ContractChange:
    return ContractChange(
        step=step, on=items[0].starts, quote="q-1", digest="d", accepted_on=items[0].starts, items=items
    )


def contract(*items: ContractItem, **more: Any) -> Contract:
    every = items or (item(),)
    return Contract(**{
        "id": "c-1", "account": AccountId("acme"), "currency": "EUR",
        "starts": min(one.starts for one in every), "ends": max(one.ends for one in every),
        "total": Money.total((one.net_amount for one in every), "EUR"), "history": (change(*every),), **more,
    })  # fmt: skip


@cache
def pricer() -> Pricer:
    """Seats at 100 EUR a year, better ones at 150 EUR, support at 60 EUR, a setup at 80 EUR."""
    prices = {"seat": "100.00", "seat-pro": "150.00", "support": "60.00", "setup": "80.00"}
    steps = (ListPrice(id="list"), ManualPrices(id="agreed"), Terms(id="term"), RoundLines(id="cents"))
    return PricingModel(
        procedure=PricingProcedure(id="subscriptions", steps=steps),
        prices=[
            PriceRecord(id=f"p-{product}", product=product, price=Money(amount, "EUR"))
            for product, amount in prices.items()
        ],
    ).compile()


def drafted(
    of: Contract,
    *changes: ContractEdit,
    on: date = JULY,
    id: str = "q-2",  # noqa: A002 - as above
    **more: Any,
) -> tuple[Quote, ContractChangeProposed]:
    """An amendment, with a pricer for what is new."""
    priced: dict[str, Any] = {"pricer": pricer(), "request": REQUEST} | more
    quote, (_, proposed) = amend(
        of, changes, on=on, id=id, number="Q-2", valid_until=NEXT_JANUARY, at=AT, by=REP, **priced
    )
    return quote, proposed


def taken(quote: Quote) -> QuoteAccepted:
    _, (_, event) = accept(shown(quote), at=AT, by=REP)
    assert isinstance(event, QuoteAccepted)
    return event


def amended(of: Contract, *changes: ContractEdit, on: date = JULY, **more: Any) -> Contract:
    """The contract after the change was accepted."""
    quote, proposed = drafted(of, *changes, on=on, **more)
    return extend(of, taken(quote), proposed)[0]


def told(quote: Quote) -> list[tuple[str, str, str]]:
    """Product, quantity and amount of each line."""
    return [(line.product, f"{line.quantity:f}", str(line.net_amount.amount)) for line in quote.current.lines]


def total(changes: Iterable[ContractItem]) -> Money:
    return Money.total((one.net_amount for one in changes), "EUR")


def seat(quantity: int = 1, **more: Any) -> Line:
    return Line("seat", quantity, **more)
