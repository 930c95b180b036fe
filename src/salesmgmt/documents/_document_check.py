"""Finds what is wrong with what a document is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from salesmgmt.core.errors import Problem, shorten
from salesmgmt.core.money import Money
from salesmgmt.cpq.quotes import Quote
from salesmgmt.documents.party import Party
from salesmgmt.documents.tax_amount import TaxAmount


def faults(
    *,
    quote: object,
    parties: Mapping[str, object],
    alternatives: object,
    names: object,
    taxes: object,
    notes: object,
) -> list[Problem]:
    """All faults, by path."""
    return [
        *_of_type("quote", quote, Quote, "a Quote"),
        *(problem for name, party in parties.items() for problem in _party(name, party)),
        *_alternatives(alternatives, quote),
        *_names(names),
        *_taxes(taxes, quote),
        *_texts("notes", notes),
    ]


def _party(path: str, party: object) -> Iterator[Problem]:
    if not isinstance(party, Party):
        yield _wrong(path, party, 'a Party, such as Party("Acme Ltd", ["42 Long Road"])')
        return
    yield from _of_type(f"{path}.name", party.name, str, "a text")
    yield from _texts(f"{path}.lines", party.lines)


def _alternatives(given: object, quote: object) -> Iterator[Problem]:
    yield from _list("alternatives", given, "a list of quotes")
    for path, other in _members("alternatives", given):
        if not isinstance(other, Quote):
            yield _wrong(path, other, "a Quote")
        elif isinstance(quote, Quote) and (other.number != quote.number or other.id == quote.id):
            yield Problem(
                f"{path}.number",
                "other_number",
                shorten(other.number),
                shorten(quote.number),
                "show a quote of its own on a page of its own",
            )


def _names(given: object) -> Iterator[Problem]:
    if not isinstance(given, Mapping):
        yield _wrong("names", given, "texts by id")
        return
    for name, text in given.items():
        path = f"names.{name[:60] if isinstance(name, str) else shorten(name)}"
        if not isinstance(name, str):
            yield _wrong(path, name, "a text as the id")
        if not isinstance(text, str):
            yield _wrong(path, text, "a text")


def _taxes(given: object, quote: object) -> Iterator[Problem]:
    yield from _list("taxes", given, "a list of tax amounts")
    for path, tax in _members("taxes", given):
        if not isinstance(tax, TaxAmount):
            yield _wrong(path, tax, 'a TaxAmount, such as TaxAmount("VAT", Money("19.00", "EUR"))')
            continue
        yield from _of_type(f"{path}.label", tax.label, str, "a text")
        amount: object = tax.amount
        if not isinstance(amount, Money):
            yield _wrong(f"{path}.amount", amount, 'an amount such as Money("19.00", "EUR")')
        elif isinstance(quote, Quote) and amount.currency != quote.currency:
            yield Problem(f"{path}.amount", "currency", amount.currency, quote.currency)


def _texts(path: str, given: object) -> Iterator[Problem]:
    yield from _list(path, given, "a list of texts")
    for place, text in _members(path, given):
        yield from _of_type(place, text, str, "a text")


def _list(path: str, given: object, wanted: str) -> Iterator[Problem]:
    if not isinstance(given, tuple):
        yield _wrong(path, given, wanted)


def _members(path: str, given: object) -> Iterator[tuple[str, object]]:
    """The members of a list, each with its path; none for what is no list."""
    if isinstance(given, tuple):
        yield from ((f"{path}[{place}]", one) for place, one in enumerate(given))


def _of_type(path: str, given: object, kind: type, wanted: str) -> Iterator[Problem]:
    if not isinstance(given, kind):
        yield _wrong(path, given, wanted)


def _wrong(path: str, given: object, wanted: str) -> Problem:
    return Problem(path, "wrong_type", shorten(given), wanted)
