"""The names that the conditions of a pricing procedure may use."""

from __future__ import annotations

from collections.abc import Mapping

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.formula import BOOL, DATE, INSTANT, MONEY, NUMBER, PERCENT, SET, TEXT, Schema, Type

TYPES: Mapping[str, Type] = {
    str(type_): type_ for type_ in (NUMBER, PERCENT, MONEY, BOOL, TEXT, DATE, INSTANT, SET[TEXT], SET[NUMBER])
}
"""The types of facts, by the name that a procedure uses."""

NAMES = Schema(
    {
        "customer.id": TEXT,
        "customer.segment": TEXT,
        "order.at": INSTANT,
        "order.date": DATE,
        "order.currency": TEXT,
        "order.lines": NUMBER,
        "order.products": SET[TEXT],
        "order.families": SET[TEXT],
        "order.quantity": NUMBER,
        "order.list_amount": MONEY,
        "order.amount": MONEY,
        "line.product": TEXT,
        "line.family": TEXT,
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


def schema_for(facts: Mapping[str, str]) -> Schema:
    """Join what every procedure knows with the host's own facts; those that are faulty are left out."""
    return NAMES | {name: TYPES[type_] for name, type_ in facts.items() if fault_of(name, type_) is None}


def fault_of(name: str, type_: str) -> str | None:
    """Say what is wrong with a fact; `None` when it is good.

    >>> from salesmgmt.cpq.pricing.names import fault_of
    >>> fault_of("customer.since", "date"), fault_of("since", "date")
    (None, 'its name begins with none of customer., order., line.')
    """
    if name in NAMES:
        return "the name is taken"
    if not name.startswith(PREFIXES):
        return f"its name begins with none of {', '.join(PREFIXES)}"
    if type_ not in TYPES:
        return f"its type is none of {', '.join(TYPES)}"
    try:
        normal = next(iter(Schema({name: BOOL})))
    except InvalidInput:
        return "it is no name of the formula language: identifiers joined by dots, no keyword"
    return None if normal == name else f"it is not in Unicode form NFKC, in which it is {normal}"
