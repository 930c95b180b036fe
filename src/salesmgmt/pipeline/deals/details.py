"""What is said about a deal when it is opened: checked, and completed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.money import Money
from salesmgmt.core.nearest import nearest
from salesmgmt.pipeline.deals.commands.amending import field_problem
from salesmgmt.pipeline.deals.commands.products import main_product
from salesmgmt.pipeline.deals.competitor import checked_competitors
from salesmgmt.pipeline.deals.deal import DealDetails
from salesmgmt.pipeline.deals.next_step import next_step_problems
from salesmgmt.pipeline.deals.product import AmountOrigin, checked_products, total_of
from salesmgmt.pipeline.deals.role import checked_roles, primary_contact
from salesmgmt.pipeline.deals.split import checked_splits
from salesmgmt.pipeline.own_fields import NO_FIELDS, OWN

_UNKNOWN: DealDetails = {
    "account": None,
    "contact": None,
    "owner": None,
    "amount": None,
    "product": None,
    "products": (),
    "splits": (),
    "roles": (),
    "competitors": (),
    "source": "",
    "campaign": None,
    "expected_close": None,
    "next_step": None,
    "fields": NO_FIELDS,
}

_PARTS = {"products", "splits", "roles", "competitors", "next_step", "fields"}


def complete_details(details: DealDetails, *, what: str) -> dict[str, Any]:
    """Check what is said about a new deal, and add what follows from it and what was left out.

    The sum of the products is the amount, if none is stated and the amount of each is known; the primary role is the contact,
    the first product the main one.

    Args:
        details: what is said.
        what: the deal in the words of a message.

    Returns:
        A value for each key of `DealDetails`, and `amount_origin`: arguments of `DealOpened`.

    Raises:
        InvalidInput: a key is unknown, or a value cannot be; all problems are listed.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.deals import DealProduct
    >>> from salesmgmt.pipeline.deals.details import complete_details
    >>> known = complete_details({"products": (DealProduct("laptop", 2, Money(1800, "EUR")),)}, what="deal d-1")
    >>> known["amount"], known["product"], known["amount_origin"].value
    (Money('1800', 'EUR'), 'laptop', 'products')
    """
    faults: list[Problem] = []
    known: dict[str, Any] = dict(_UNKNOWN)
    for name, value in details.items():
        if name not in _UNKNOWN:
            meant = nearest(name, _UNKNOWN)
            hint = f"did you mean {meant!r}?" if meant else ""
            wanted = f"one of {', '.join(_UNKNOWN)}"
            faults.append(Problem(shorten(name), "unknown_key", shorten(name), wanted, hint))
        else:
            known[name] = value
    _check_values(known, faults)
    contact, main = known["contact"], known["product"]
    stated = known["amount"] if isinstance(known["amount"], Money) else None
    known["products"] = products = checked_products(known["products"], stated, faults)
    known["splits"] = checked_splits(known["splits"], faults)
    known["roles"] = checked_roles(known["roles"], contact, faults)
    known["competitors"] = checked_competitors(known["competitors"], faults)
    known["contact"] = primary_contact(known["roles"], contact)
    known["product"] = main_product(products, main)
    if contact is not None and known["contact"] != contact:
        wanted = "the primary one of the roles"
        faults.append(
            Problem("contact", "follows_roles", shorten(contact), wanted, "leave it out, or mark it")
        )
    if main is not None and known["product"] != main:
        faults.append(Problem("product", "not_among_products", shorten(main), "one of the products"))
    if faults:
        raise InvalidInput(what, faults)
    known["amount_origin"] = AmountOrigin.STATED
    if known["amount"] is None and (total := total_of(products)) is not None:
        known["amount"], known["amount_origin"] = total, AmountOrigin.PRODUCTS
    return known


def _check_values(known: Mapping[str, Any], faults: list[Problem]) -> None:
    faults += [
        problem
        for name, value in known.items()
        if name not in _PARTS and (problem := field_problem(name, value)) is not None
    ]
    if known["next_step"] is not None:
        faults += next_step_problems(known["next_step"])
    own = known["fields"]
    if not isinstance(own, Mapping):
        faults.append(Problem("fields", "wrong_type", shorten(own), "values by field"))
        return
    faults += [
        problem
        for name, value in own.items()
        if (problem := field_problem(f"{OWN}{name}", value)) is not None
    ]
