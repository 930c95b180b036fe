"""The names that the conditions of a pricing procedure may use."""

from __future__ import annotations

from salesmgmt.core.formula import DATE, INSTANT, MONEY, NUMBER, SET, TEXT, Schema

NAMES = Schema(
    {
        "customer.id": TEXT,
        "customer.segment": TEXT,
        "order.at": INSTANT,
        "order.date": DATE,
        "order.currency": TEXT,
        "order.price_list": TEXT,
        "order.lines": NUMBER,
        "order.products": SET[TEXT],
        "order.families": SET[TEXT],
        "order.quantity": NUMBER,
        "order.list_amount": MONEY,
        "order.amount": MONEY,
        "line.product": TEXT,
        "line.lineage": SET[TEXT],
        "line.family": TEXT,
        "line.brand": TEXT,
        "line.categories": SET[TEXT],
        "line.uom": TEXT,
        "line.group": TEXT,
        "line.quantity": NUMBER,
        "line.list_amount": MONEY,
        "line.amount": MONEY,
    }
)
"""What every procedure knows. Amounts are as they were before the step; `order` counts the lines that have a price."""

AMOUNTS = frozenset(name for name, type_ in NAMES.items() if type_ == MONEY)
"""The names that are amounts in the currency of the request."""

PREFIXES = ("customer.", "order.", "line.")
"""What the name of a fact begins with; it says where a request gives it."""
