"""Texts from outside that no page may contain, or that take long to print."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest

from salesmgmt.core.actor import Actor
from salesmgmt.core.money import Money
from salesmgmt.cpq.pricing import Line, Priced, PricedLine, PricingRequest
from salesmgmt.cpq.quotes import Quote, quote_from
from salesmgmt.documents import Party, QuoteDocument, TaxAmount

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def _quote(number: str) -> Quote:
    priced = Priced(
        request=PricingRequest(at=NOW, currency="EUR", lines=[]),
        model="catalogue",
        model_version=1,
        model_digest="",
        lines=(
            PricedLine(
                position=0,
                line=Line("dock", 25),
                list_amount=Money(2500, "EUR"),
                net_amount=Money(2250, "EUR"),
                waterfall=(),
            ),
        ),
    )
    quote, _ = quote_from(
        priced, id="q-1", number=number, valid_until=date(2026, 4, 1), at=NOW, by=Actor("li.wei")
    )
    return quote


def page(text: str) -> str:
    return QuoteDocument(
        quote=_quote(text),
        seller=Party(text, (text,)),
        buyer=Party(text),
        names={"dock": text},
        notes=[text],
        taxes=[TaxAmount(text, Money(1, "EUR"))],
    ).to_html()


@pytest.mark.parametrize("wild", ["\0", "\x1b[31m", "\x85", "\x9b", "\x0b\x0c", "\ud800", "\uffff", "\ufffe"])
def test_what_no_page_may_contain_is_replaced(wild: str) -> None:
    html = page(f"a{wild}b")

    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]", html)
    assert html.encode().count("a\N{REPLACEMENT CHARACTER}".encode()) == 8


@pytest.mark.parametrize("wild", ["</style><script>", "<!-- ", "]]>", "&lt;script&gt;", "\u2069\u202e"])
def test_markup_and_marks_of_direction_stay_text(wild: str) -> None:
    html = page(f"a{wild}b")

    assert "<script" not in html
    assert html.count("<!--") == page("ab").count("<!--")
    assert html.count("</style>") == 1


def test_line_ends_stay() -> None:
    assert "a\r\nb" in page("a\r\nb")


def test_one_note_is_one_paragraph() -> None:
    quote = _quote("Q-1")
    html = QuoteDocument(quote=quote, seller=Party("S"), buyer=Party("B"), notes="Net 30 days").to_html()

    assert "<p><bdi>Net 30 days</bdi></p>" in html
