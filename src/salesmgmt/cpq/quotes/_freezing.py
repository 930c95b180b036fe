"""Freezing prices into a version of a quote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import attrs

from salesmgmt.core.digest import digest_of
from salesmgmt.core.exact import add, subtract
from salesmgmt.core.money import Money
from salesmgmt.cpq.pricing import AddedLine, NoPrice, PriceConflict, Priced, PricedLine
from salesmgmt.cpq.quotes._structure import Structure
from salesmgmt.cpq.quotes.line import QuoteLine, UnpricedLine
from salesmgmt.cpq.quotes.offer import Offer
from salesmgmt.cpq.quotes.outline import Outline, OutlineLine
from salesmgmt.cpq.quotes.version import QuoteVersion


@attrs.frozen
class _Document:
    """One priced document of an offer: the required lines, or a choice with what it needs.

    Attributes:
        head: the optional line or alternative; empty for the required lines.
        names: the id of each line, by its position in the document.
        priced: the answer.
    """

    head: str
    names: Mapping[int, str]
    priced: Priced


@attrs.frozen
class _Gift:
    """Where units come from that a rule added."""

    step: str
    rule: str
    product: str
    line: str


def version_of(
    offer: Offer,
    *,
    number: int,
    based_on: int | None,
    valid_until: date,
    at: datetime,
    by: str,
) -> QuoteVersion:
    """Freeze an offer into a version; see `quote_from` for the arguments."""
    structure = Structure.of(offer.outline.lines)
    places = _places(offer)
    documents = {"": _Document("", dict(_numbered(offer.required, offer.lines)), offer.required)}
    for choice in offer.choices:
        names = dict(_numbered(choice.priced, choice.lines))
        documents[choice.id] = _Document(choice.id, names, choice.priced)
    lines: list[QuoteLine] = []
    unpriced: list[UnpricedLine] = []
    for document in documents.values():
        for line in document.priced.lines:
            name = document.names[line.position]
            if structure.heads[name] == document.head:
                lines.append(_line(line, places[name]))
        for missing in document.priced.unpriced:
            name = document.names[missing.position]
            if structure.heads[name] == document.head:
                unpriced.append(_unpriced(missing, places[name]))
    lines.sort(key=lambda line: line.position)
    unpriced.sort(key=lambda line: line.position)
    lines += _added(documents, structure, places)
    priced = offer.required
    return QuoteVersion(
        number=number,
        based_on=based_on,
        currency=priced.currency,
        lines=tuple(lines),
        unpriced=tuple(unpriced),
        groups=offer.outline.groups,
        priced_at=priced.at,
        valid_until=valid_until,
        model=priced.model,
        model_version=priced.model_version,
        model_digest=priced.model_digest,
        request_digest=_request_digest(offer),
        made_at=at,
        made_by=by,
    )


def _request_digest(offer: Offer) -> str:
    """SHA-256 of everything that was priced; of a plain answer that of its request."""
    if not offer.choices:
        return offer.required.request_digest
    places = [attrs.evolve(line, group="") for line in offer.outline.lines]  # groups have no part in prices
    return digest_of(offer.required.request, Outline(places))


def _numbered(priced: Priced, names: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """The id of each line of a document by its position; those of a plain document may have gaps."""
    positions = sorted(line.position for line in (*priced.lines, *priced.unpriced))
    return zip(positions, names, strict=True)


def _places(offer: Offer) -> dict[str, dict[str, Any]]:
    """What each line has beside its price, by id; a part is in the group of what it is a part of."""
    known = {line.id: line for line in offer.outline.lines}
    groups = {"": ""}
    for name in known:
        above: list[str] = []
        here = name
        while here not in groups:
            above.append(here)
            here = "" if known[here].group else known[here].parent
        for one in reversed(above):
            groups[one] = known[one].group or groups[known[one].parent]
    return {
        line.id: _place(position, line, groups[line.id]) for position, line in enumerate(offer.outline.lines)
    }


def _place(position: int, given: OutlineLine, group: str) -> dict[str, Any]:
    line = given.line
    return {
        "position": position,
        "id": given.id,
        "parent": given.parent,
        "group": group,
        "optional": given.optional,
        "alternative_of": given.alternative_of,
        "missing": given.missing,
        "product": line.product,
        "quantity": line.quantity,
        "uom": line.uom,
        "configuration": line.configuration,
        "fields": line.fields,
        "starts": line.starts,
        "ends": line.ends,
        "manual": line.manual,
        "kind": line.kind,
        "priced_with": line.group,
        "discountable": line.discountable,
    }


def _line(priced: PricedLine, place: Mapping[str, Any]) -> QuoteLine:
    return QuoteLine(
        **place,
        list_amount=priced.list_amount,
        net_amount=priced.net_amount,
        share=priced.header_share,
        cost=priced.cost,
        waterfall=priced.waterfall,
    )


def _unpriced(found: NoPrice | PriceConflict, place: Mapping[str, Any]) -> UnpricedLine:
    return UnpricedLine(**place, reason=found.code, message=str(found))


def _added(
    documents: Mapping[str, _Document], structure: Structure, places: Mapping[str, Mapping[str, Any]]
) -> Iterator[QuoteLine]:
    """The units that rules add, after the lines that were asked for; a choice has those that come with it alone."""
    names = set(places)
    position = len(places)
    totals = {head: _gifts(document) for head, document in documents.items()}
    for head, gifts in totals.items():
        before = totals[structure.above(head)] if head else {}
        for gift, (quantity, amount) in gifts.items():
            known = before.get(gift)
            if known is not None:
                quantity, amount = subtract(quantity, known[0]), amount - known[1]  # noqa: PLW2901
            if quantity <= 0:
                continue
            comes_here = gift.line and structure.heads[gift.line] == head
            parent = gift.line if comes_here else head
            yield QuoteLine(
                position=position,
                id=_unused(f"{parent}+{gift.product}", names),
                parent=parent,
                group=places[parent]["group"] if parent else "",
                product=gift.product,
                quantity=quantity,
                list_amount=amount,
                net_amount=amount,
                share=Money.zero(amount.currency),
                added_by=gift.rule,
            )
            position += 1


def _gifts(document: _Document) -> dict[_Gift, tuple[Decimal, Money]]:
    found: dict[_Gift, tuple[Decimal, Money]] = {}
    for added in document.priced.added:
        gift = _gift(added, document.names)
        quantity, amount = found.get(gift, (Decimal(0), Money.zero(document.priced.currency)))
        found[gift] = add(quantity, added.quantity), amount + added.amount
    return found


def _gift(added: AddedLine, names: Mapping[int, str]) -> _Gift:
    line = "" if added.position is None else names[added.position]
    return _Gift(added.step, added.rule, added.product, line)


def _unused(name: str, taken: set[str]) -> str:
    """The name, or the name with a number; it is taken from now on."""
    found, count = name, 1
    while found in taken:
        count += 1
        found = f"{name}#{count}"
    taken.add(found)
    return found
