"""The page of a quote: what stands on it, in which language, and that nothing in it can do harm."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import attrs
import pytest

from salesmgmt.core.actor import Actor
from salesmgmt.core.clock import UnknownTimeZone
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.money import Money
from salesmgmt.core.wording import UnknownLocale
from salesmgmt.cpq.approvals import ApprovalPolicy
from salesmgmt.cpq.pricing import Line, PricingModel, PricingRequest, StepKind
from salesmgmt.cpq.quotes import (
    Outline,
    OutlineLine,
    Quote,
    QuoteGroup,
    QuoteStatus,
    accept,
    clone_as_alternative,
    present,
    price_offer,
    quote_from,
    submit,
)
from salesmgmt.documents import Party, QuoteDocument, TaxAmount, to_pdf

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
REP = Actor("li.wei", roles={"rep"})
SCRIPT = "<script>alert('x')</script>"
PRICES = {"bike": "2799", "motor": "850", "hub": "600", "rack": "89.995", "helmet": "69"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pricing")
    (folder / "procedure.toml").write_text(
        """
id = "catalogue"
version = 1
time_zone = "UTC"

[[steps]]
type = "ListPrice"
id = "list"
required = false

[[steps]]
type = "Discounts"
id = "campaign"
rules = [{ id = "spring", percent = "10%" }]

[[steps]]
type = "RoundLines"
id = "cents"
"""
    )
    records = [f"p-{product},{product},EUR,{amount}" for product, amount in PRICES.items()]
    (folder / "prices.csv").write_text("\n".join(["id,product,currency,amount", *records, ""]))
    return folder


def quote_of(folder: Path, lines: Sequence[OutlineLine], groups: Sequence[QuoteGroup] = ()) -> Quote:
    request = PricingRequest(at=NOW, currency="EUR", lines=[])
    offer = price_offer(Outline(lines, groups), request, PricingModel.load(folder).compile())
    quote, _ = quote_from(offer, id="q-1", number="Q-17", valid_until=date(2026, 4, 1), at=NOW, by=REP)
    return quote


@pytest.fixture(scope="module")
def quote(folder: Path) -> Quote:
    return quote_of(
        folder,
        [
            OutlineLine("bike", Line("bike", 4, configuration={"frame": "carbon"}), group="hw"),
            OutlineLine("motor", Line("motor", 4), parent="bike", group="hw"),
            OutlineLine("hub", Line("hub", 4), parent="bike", group="hw", alternative_of="motor"),
            OutlineLine("rack", Line("rack", 2), parent="bike", group="hw", optional=True),
            OutlineLine("cover", Line("helmet", 1, starts=date(2026, 4, 1), ends=date(2027, 4, 1))),
        ],
        [QuoteGroup("hw", "Hardware")],
    )


def document(quote: Quote, **changes: object) -> QuoteDocument:
    plain = QuoteDocument(quote=quote, seller=Party("Hafen Bikes"), buyer=Party("Acme"))
    return attrs.evolve(plain, **changes)  # type: ignore[arg-type] # any field


class _Page(HTMLParser):
    """Reads a page: its elements, and the rows of its tables as text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.rows: list[list[str]] = []
        self.text = ""
        self._open = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")
            self._open = True

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"}:
            self._open = False

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._open:
            self.rows[-1][-1] += " ".join(data.split()) + " " if data.strip() else ""


def page(html: str) -> _Page:
    return _Page(html)


def rows(html: str) -> list[list[str]]:
    return [[cell.strip() for cell in row] for row in page(html).rows]


def test_lines_stand_in_groups_with_numbers_list_prices_discounts_and_amounts(quote: Quote) -> None:
    found = rows(document(quote, names={"bike": "City bike", "frame": "Frame"}).to_html())
    assert ["1", "helmet from Apr 1, 2026 to Mar 31, 2027", "1", "€69.00", "10%", "€62.10"] in found
    assert ["2", "City bike Frame: carbon", "4", "€2,799.00", "10%", "€10,076.40"] in found
    assert ["2.1", "motor", "4", "€850.00", "10%", "€3,060.00"] in found
    assert ["Subtotal Hardware", "€13,136.40"] in found
    assert ["Total at list", "€14,665.00"] in found
    assert ["Discount (10%)", "-€1,466.50"] in found
    assert ["Total", "€13,198.50"] in found


def test_options_and_alternatives_stand_apart_and_count_in_no_total(quote: Quote) -> None:
    html = document(quote).to_html()
    before, after = html.split("<h2>Options</h2>")
    # 2 x 89.995 less 10 % is 161.991
    assert ["2.3", "rack", "2", "€89.995", "10%", "€161.99"] in rows(after)
    assert ["2.2", "hub instead of no. 2.1", "4", "€600.00", "10%", "€2,160.00"] in rows(after)
    assert "rack" not in page(before).text


def test_an_accepted_quote_shows_what_was_taken_and_offers_nothing_more(quote: Quote) -> None:
    approved, _ = submit(quote, ApprovalPolicy(id="no limits"), at=NOW, by=REP)
    shown, _ = present(approved, at=NOW, by=REP)
    accepted, _ = accept(shown, options=["rack"], at=NOW, by=REP)
    html = document(accepted).to_html()
    found = rows(html)
    assert ["2.3", "rack", "2", "€89.995", "10%", "€161.99"] in found
    assert ["Total", "€13,360.49"] in found
    assert "Options" not in page(html).text
    assert "hub" not in page(html).text


def test_taxes_come_on_top(quote: Quote) -> None:
    found = rows(document(quote, taxes=[TaxAmount("VAT 19%", Money("2507.72", "EUR"))]).to_html())
    assert ["Net total", "€13,198.50"] in found
    assert ["VAT 19%", "€2,507.72"] in found
    assert ["Total", "€15,706.22"] in found


def test_a_line_without_price_leaves_the_total_open(folder: Path) -> None:
    open_quote = quote_of(
        folder,
        [OutlineLine("a", Line("bike", 1), missing=["frame"]), OutlineLine("b", Line("unknown", 1))],
    )
    found = rows(document(open_quote).to_html())
    assert ["1", "bike still to be chosen: frame", "1", "€2,799.00", "10%", "€2,519.10"] in found
    assert ["2", "unknown", "1", "", "", "no price yet"] in found
    assert ["Total", "no price yet"] in found


def test_alternatives_are_compared_and_follow_on_pages_of_their_own(quote: Quote) -> None:
    leasing, _ = clone_as_alternative(quote, id="q-2", alternative="Leasing", at=NOW, by=REP)
    html = document(quote, alternatives=[leasing]).to_html()
    assert ["Leasing Draft, not an offer", "Apr 1, 2026", "€13,198.50"] in rows(html)
    assert html.count("<main>") == 2
    assert "Quote Q-17 · Leasing" in page(html).text


def test_the_waterfall_is_shown_on_request_alone(quote: Quote) -> None:
    assert "spring" not in page(document(quote).to_html()).text
    found = rows(document(quote).to_html(waterfall=True))
    assert ["List price", "p-bike", "€11,196.00", "€11,196.00"] in found
    assert ["Discount", "spring", "-€1,119.60", "€10,076.40"] in found
    # amounts on the way keep the decimals that they have
    assert ["Discount", "spring", "-€17.999", "€161.991"] in found


@pytest.mark.parametrize(
    ("locale", "language", "title", "total"),
    [
        ("en", "en", "Quote Q-17", "€13,198.50"),
        ("de", "de", "Angebot Q-17", "13.198,50\xa0€"),
        ("zh_CN", "zh-CN", "报价单 Q-17", "€13,198.50"),
        ("ja", "ja", "見積書 Q-17", "€13,198.50"),
        ("fr", "fr", "Quote Q-17", "13\u202f198,50\xa0€"),
        ("zh_TW", "zh-TW", "Quote Q-17", "€13,198.50"),
    ],
)
def test_words_and_figures_follow_the_locale(
    quote: Quote, locale: str, language: str, title: str, total: str
) -> None:
    html = document(quote).to_html(locale=locale)
    assert f'<html lang="{language}" dir="ltr">' in html
    assert title in page(html).text
    assert total in html


def test_arabic_is_written_from_the_right(quote: Quote) -> None:
    assert 'dir="rtl"' in document(quote).to_html(locale="ar")


def test_the_day_is_that_of_the_time_zone(quote: Quote) -> None:
    late = attrs.evolve(
        quote,
        versions=(attrs.evolve(quote.current, made_at=datetime(2026, 3, 2, 23, 30, tzinfo=UTC)),),
    )
    assert "Mar 2, 2026" in document(late).to_html()
    assert "Mar 3, 2026" in document(late).to_html(time_zone="Asia/Shanghai")


@pytest.mark.parametrize("status", [QuoteStatus.DRAFT, QuoteStatus.REJECTED, QuoteStatus.VOIDED])
def test_what_is_no_offer_says_so(quote: Quote, status: QuoteStatus) -> None:
    assert 'class="status no-offer"' in document(attrs.evolve(quote, status=status)).to_html()


def _strings(node: object) -> Iterator[tuple[str, str]]:
    assert isinstance(node, dict)
    for key, value in node.items():
        yield from (
            ((f"{key}.{name}", text) for name, text in _strings(value))
            if isinstance(value, dict)
            else [(key, value)]
        )


def test_every_language_has_every_word_and_the_same_placeholders() -> None:
    folder = files("salesmgmt.documents").joinpath("words")
    languages = {
        file.name: dict(_strings(tomllib.loads(file.read_text(encoding="utf-8"))))
        for file in folder.iterdir()
    }
    assert set(languages) == {"en.toml", "de.toml", "ja.toml", "zh_CN.toml"}
    wanted = {key: set(re.findall(r"\{\w+\}", text)) for key, text in languages["en.toml"].items()}
    for language, texts in languages.items():
        assert {key: set(re.findall(r"\{\w+\}", text)) for key, text in texts.items()} == wanted, language
    assert {f"status.{status.value}" for status in QuoteStatus} <= set(wanted)
    assert {f"kind.{kind.value}" for kind in StepKind} <= set(wanted)


def test_texts_from_outside_stay_texts(folder: Path) -> None:
    hostile = quote_of(
        folder,
        [
            OutlineLine(
                "a",
                Line("bike", 1, configuration={f"{SCRIPT}1": f'"><img src=x onerror=1>{SCRIPT}'}),
                group="g",
                missing=[SCRIPT],
            )
        ],
        [QuoteGroup("g", f"{SCRIPT}</td></table>")],
    )
    hostile = attrs.evolve(hostile, number=SCRIPT)
    html = document(
        hostile,
        seller=Party(SCRIPT, ["javascript:alert(1)", "</style><script>"]),
        names={"bike": "{{ 7 * 7 }} {% raw %}" + SCRIPT},
        notes=[SCRIPT],
        taxes=[TaxAmount(SCRIPT, Money(1, "EUR"))],
    ).to_html(waterfall=True)
    read = page(html)
    assert not {"script", "img", "iframe", "link", "object"} & set(read.tags)
    assert not [name for _, name, _ in read.attributes if name.startswith("on") or name in {"href", "src"}]
    assert "{{ 7 * 7 }}" in read.text
    assert SCRIPT in read.text
    assert "default-src 'none'" in html


def test_the_page_needs_nothing_from_elsewhere(quote: Quote) -> None:
    html = document(quote).to_html()
    assert not re.search(r"url\(|@import|https?:|src=|href=", html)


def test_a_deep_tree_is_shown_without_recursion(folder: Path) -> None:
    chain = [OutlineLine("0", Line("bike", 1))]
    chain += [OutlineLine(str(depth), Line("bike", 1), parent=str(depth - 1)) for depth in range(1, 1500)]
    html = document(quote_of(folder, chain)).to_html()
    assert f">{'.'.join(['1'] * 1500)}<" in html


def test_an_alternative_of_another_number_and_a_foreign_tax_are_refused(quote: Quote) -> None:
    other = attrs.evolve(quote, id="q-9", number="Q-18")
    with pytest.raises(InvalidInput) as caught:
        document(quote, alternatives=[other, quote], taxes=[TaxAmount("VAT", Money(1, "USD"))])
    assert [(problem.path, problem.code) for problem in caught.value.problems] == [
        ("alternatives[0].number", "other_number"),
        ("alternatives[1].number", "other_number"),
        ("taxes[0].amount", "currency"),
    ]


def test_unknown_locales_and_zones_are_refused(quote: Quote) -> None:
    with pytest.raises(UnknownLocale):
        document(quote).to_html(locale="xx_YY_zz")
    with pytest.raises(UnknownTimeZone):
        document(quote).to_html(time_zone="Mars/Olympus")


def _needs_weasyprint() -> None:
    try:
        import weasyprint  # noqa: F401
    except OSError as error:  # installed, but without the libraries of the system that it draws with
        pytest.skip(f"WeasyPrint needs Pango, which this system does not have: {error}")


def test_a_quote_prints_to_pdf(quote: Quote) -> None:
    _needs_weasyprint()
    assert document(quote).to_pdf(locale="de").startswith(b"%PDF-")


@pytest.mark.parametrize(
    "html",
    [
        "<img src='file:///etc/passwd'>",
        "<style>@import url(http://127.0.0.1:9/x.css);</style>",
        "<link rel=attachment href='file:///etc/hostname'>",
    ],
)
def test_printing_fetches_nothing(html: str) -> None:
    _needs_weasyprint()
    with pytest.raises(InvalidInput, match="needs nothing else"):
        to_pdf(html)


def test_a_unit_and_a_long_quantity_are_shown_as_they_are(folder: Path) -> None:
    html = document(quote_of(folder, [OutlineLine("a", Line("bike", Decimal("1234.5")))])).to_html(
        locale="de"
    )
    assert "1.234,5" in html
