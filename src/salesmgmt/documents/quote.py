"""A quote as a page for the customer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from typing import Any

import attrs

from salesmgmt.core.clock import zone
from salesmgmt.core.errors import InvalidInput, MissingExtra
from salesmgmt.core.frozen_map import FrozenMap
from salesmgmt.core.money import Money
from salesmgmt.core.wording import Wording
from salesmgmt.cpq.pricing import PriceStep
from salesmgmt.cpq.quotes import Quote, QuoteLine, QuoteStatus, list_for_term
from salesmgmt.documents._document_check import faults
from salesmgmt.documents._figures import fine_amount, part_of
from salesmgmt.documents._given import listed
from salesmgmt.documents._printable import printable
from salesmgmt.documents._rows import Rows
from salesmgmt.documents._words import words
from salesmgmt.documents.party import Party
from salesmgmt.documents.pdf import to_pdf
from salesmgmt.documents.tax_amount import TaxAmount

_OFFERS = frozenset({QuoteStatus.APPROVED, QuoteStatus.PRESENTED, QuoteStatus.ACCEPTED})


def _quotes(given: Iterable[Quote]) -> tuple[Quote, ...]:
    return listed(given)


def _taxes(given: Iterable[TaxAmount]) -> tuple[TaxAmount, ...]:
    return listed(given)


def _notes(given: Iterable[str]) -> tuple[str, ...]:
    return listed(given)


def _names(given: Mapping[str, str]) -> Mapping[str, str]:
    is_mapping = isinstance(given, Mapping)  # what is none is refused with all other faults
    return FrozenMap(given) if is_mapping else given


@attrs.frozen(kw_only=True)
class QuoteDocument:
    """A quote, and what else stands on its page: one self-contained file that needs no network and runs no script.

    Attributes:
        quote: the quote; its current version is shown.
        seller: who offers.
        buyer: to whom.
        alternatives: further quotes of the same number, shown below; the totals of those that are open are compared.
        names: what people read for the ids of products, attributes and values. A value may be named as `frame=carbon` or as
            `carbon`, and `grinders.burr` names `grinders.1.burr` and all other instances as well.
        taxes: taxes on top of the total of `quote`, in its currency.
        notes: terms of delivery and payment, and what else is to be said, a paragraph each.

    Raises:
        InvalidInput: an argument or a member of one is of another type, an alternative has another number than the quote, or a
            tax another currency; all are listed.

    >>> from datetime import UTC, date, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing import Line, Priced, PricedLine, PricingRequest
    >>> from salesmgmt.cpq.quotes import quote_from
    >>> from salesmgmt.documents import Party, QuoteDocument
    >>> now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> priced = Priced(
    ...     request=PricingRequest(at=now, currency="EUR", lines=[]), model="catalogue", model_version=1, model_digest="",
    ...     lines=(PricedLine(position=0, line=Line("dock", 25), list_amount=Money(2500, "EUR"),
    ...                       net_amount=Money(2250, "EUR"), waterfall=()),),
    ... )
    >>> quote, _ = quote_from(priced, id="q-1", number="Q-1", valid_until=date(2026, 4, 1), at=now, by=Actor("li.wei"))
    >>> document = QuoteDocument(quote=quote, seller=Party("Hafen GmbH"), buyer=Party("Acme"), names={"dock": "Docking station"})
    >>> html = document.to_html(locale="de")
    >>> "2.250,00" in html, "Docking station" in html, "<script" in html
    (True, True, False)
    """

    quote: Quote
    seller: Party
    buyer: Party
    alternatives: tuple[Quote, ...] = attrs.field(default=(), converter=_quotes)
    names: Mapping[str, str] = attrs.field(factory=dict, converter=_names)
    taxes: tuple[TaxAmount, ...] = attrs.field(default=(), converter=_taxes)
    notes: tuple[str, ...] = attrs.field(default=(), converter=_notes)

    def __attrs_post_init__(self) -> None:
        problems = faults(
            quote=self.quote,
            parties={"seller": self.seller, "buyer": self.buyer},
            alternatives=self.alternatives,
            names=self.names,
            taxes=self.taxes,
            notes=self.notes,
        )
        if problems:
            raise InvalidInput("quote document", problems)

    def to_html(self, *, locale: str = "en", time_zone: str = "UTC", waterfall: bool = False) -> str:
        """Write the page; every text in it is escaped, and what no page may contain is shown as U+FFFD.

        Args:
            locale: how amounts and dates are written, and the language of the fixed words: English, German, simplified
                Chinese and Japanese are there, other languages read English.
            time_zone: IANA name of the zone in which the day of the quote is told.
            waterfall: whether to show how the amount of each line comes about.

        Raises:
            MissingExtra: jinja2 is not installed.
            UnknownLocale, UnknownTimeZone: there is none of this name.
        """
        try:
            import jinja2  # noqa: PLC0415 - of the extra `documents`
        except ImportError as error:
            raise MissingExtra("jinja2", "documents") from error
        wording, fixed = Wording(locale), words(locale)
        source = files("salesmgmt.documents").joinpath("quote.html.j2").read_text(encoding="utf-8")
        environment = jinja2.Environment(
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=printable,
        )
        page = _Page(self, wording, fixed, time_zone, waterfall)
        quotes = (self.quote, *self.alternatives)
        shown = [page.quote(quote) for quote in quotes]
        return environment.from_string(source).render(
            words=fixed,
            language=wording.locale.replace("_", "-"),
            direction=wording.direction,
            seller=self.seller,
            buyer=self.buyer,
            notes=self.notes,
            quotes=shown,
            compared=[shown[place] for place in _compared(quotes)],
        )

    def to_pdf(self, *, locale: str = "en", time_zone: str = "UTC", waterfall: bool = False) -> bytes:
        """Print the page to PDF; see `to_html` for the arguments.

        Raises:
            MissingExtra: jinja2 or WeasyPrint is not installed.
        """
        return to_pdf(self.to_html(locale=locale, time_zone=time_zone, waterfall=waterfall))


@attrs.frozen
class _Page:
    """What the template shows, as text."""

    document: QuoteDocument
    wording: Wording
    words: Mapping[str, Any]
    time_zone: str
    waterfall: bool

    def quote(self, quote: Quote) -> dict[str, Any]:
        rows = Rows(quote, self.wording, self.words, self.document.names)
        version = quote.current
        first = quote is self.document.quote
        made = version.made_at.astimezone(zone(self.time_zone)).date()
        return {
            "number": quote.number,
            "version": version.number,
            "label": quote.alternative,
            "status": self.words["status"][quote.status.value],
            "is_first": first,
            "is_offer": quote.status in _OFFERS,
            "date": self.wording.date(made),
            "valid_until": self.wording.date(quote.valid_until),
            "currency": quote.currency,
            "blocks": list(rows.blocks()),
            "offers": rows.offers(),
            "total": rows.amount(quote.total),
            "sums": list(self._sums(quote, rows, self.document.taxes if first else ())),
            "waterfalls": list(self._waterfalls(quote, rows)) if self.waterfall else [],
        }

    def _sums(
        self, quote: Quote, rows: Rows, taxes: tuple[TaxAmount, ...]
    ) -> Iterator[tuple[str, str, bool]]:
        """Label, amount, and whether it is the one that counts."""
        total, at_list = quote.total, _at_list(quote)
        if total is not None and at_list is not None and rows.amount(at_list) != rows.amount(total):
            change = total - at_list
            word = self.words["total_surcharge" if change.amount > 0 else "total_discount"]
            percent = part_of(self.wording, change if change.amount > 0 else -change, at_list)
            yield self.words["list_total"], rows.amount(at_list), False
            yield f"{word} ({percent})" if percent else word, rows.amount(change), False
        if taxes and total is not None:
            yield self.words["net_total"], rows.amount(total), False
            for tax in taxes:
                yield tax.label, rows.amount(tax.amount), False
            total = Money.total((total, *(tax.amount for tax in taxes)), quote.currency)
        yield self.words["total"], rows.amount(total), True

    def _waterfalls(self, quote: Quote, rows: Rows) -> Iterator[dict[str, Any]]:
        for line in quote.current.every_line:
            if isinstance(line, QuoteLine) and line.waterfall:
                title = self.words["waterfall"].replace("{number}", rows.number(line))
                yield {"title": title, "steps": [self._step(step) for step in line.waterfall]}

    def _step(self, step: PriceStep) -> dict[str, str]:
        kind = self.words["kind"][step.kind.value]
        aside = f" ({self.words['for_information']})" if step.is_statistical else ""
        return {
            "kind": f"{kind}{aside}",
            "record": step.record,
            "change": fine_amount(self.wording, step.rounded),
            "running": fine_amount(self.wording, step.running),
        }


def _compared(quotes: tuple[Quote, ...]) -> list[int]:
    """Places of the quotes of which one may still be chosen, drafts included; none when there is nothing to compare."""
    if any(quote.status is QuoteStatus.ACCEPTED for quote in quotes):
        return []
    open_ones = [place for place, quote in enumerate(quotes) if quote.status.is_open]
    return [] if open_ones == [0] else open_ones


def _at_list(quote: Quote) -> Money | None:
    """What the counted lines come to at list, each for its own term; `None` when it is not known, or units are given back."""
    if quote.total is None or any(line.quantity < 0 for line in quote.counted_lines):
        return None
    amounts = [list_for_term(line) for line in quote.counted_lines]
    known = [amount for amount in amounts if amount is not None]
    return Money.total(known, quote.currency) if len(known) == len(amounts) else None
