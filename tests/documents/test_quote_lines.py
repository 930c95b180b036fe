"""What the lines of a page say: list prices and discounts for their own term, surcharges, and what was chosen."""

from __future__ import annotations

import html as markup
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import AccountId
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import (
    DiscountRule,
    Discounts,
    Line,
    ListPrice,
    ManualPrice,
    ManualPrices,
    Pricer,
    PriceRecord,
    PricingModel,
    PricingProcedure,
    PricingRequest,
    ProrationPolicy,
    RoundLines,
    Terms,
)
from salesmgmt.cpq.quotes import (
    ChangeQuantity,
    Contract,
    ContractChange,
    ContractItem,
    ContractStep,
    Outline,
    OutlineLine,
    Quote,
    QuoteStatus,
    amend,
    clone_as_alternative,
    price_offer,
    quote_from,
)
from salesmgmt.documents import Party, QuoteDocument, TaxAmount

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
REP = Actor("li.wei", roles={"rep"})
THREE_YEARS = {"starts": date(2026, 4, 1), "ends": date(2029, 4, 1)}


def pricer(percent: str = "0%") -> Pricer:
    """Seats at 100 EUR a year, machines at 1,000 EUR, locks at 20 EUR; less a percentage."""
    steps = (
        ListPrice(id="list"),
        ManualPrices(id="hand"),
        Discounts(id="campaign", rules=(DiscountRule(id="spring", percent=Percent(percent.rstrip("%"))),)),
        Terms(id="term", policy=ProrationPolicy(default_term=12)),
        RoundLines(id="cents"),
    )
    prices = {"seat": 100, "machine": 1000, "lock": 20}
    return PricingModel(
        procedure=PricingProcedure(id="p", time_zone="UTC", steps=steps),
        prices=[
            PriceRecord(id=f"p-{name}", product=name, price=Money(amount, "EUR"))
            for name, amount in prices.items()
        ],
    ).compile()


def quote_of(lines: Sequence[OutlineLine], percent: str = "0%") -> Quote:
    offer = price_offer(Outline(lines), PricingRequest(at=NOW, currency="EUR", lines=[]), pricer(percent))
    quote, _ = quote_from(offer, id="q-1", number="Q-1", valid_until=date(2026, 4, 1), at=NOW, by=REP)
    return quote


def document(quote: Any, **changes: Any) -> QuoteDocument:
    return QuoteDocument(**{"quote": quote, "seller": Party("Hafen"), "buyer": Party("Acme"), **changes})


def rows(html: str) -> list[list[str]]:
    """The cells of all rows, as text."""
    found = re.findall(r"<tr[^>]*>(.*?)</tr>", html, re.DOTALL)
    cells = [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL) for row in found]
    return [
        [" ".join(markup.unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in row] for row in cells
    ]


def seats(quantity: int = 2, **more: Any) -> OutlineLine:
    return OutlineLine("seats", Line("seat", quantity, **{**THREE_YEARS, **more}))


def test_a_line_with_a_term_is_measured_against_the_list_price_of_that_term() -> None:
    # 100 EUR a year for 3 years are 300 EUR, less 10 % are 270 EUR; 2 of them and a machine at 900 EUR are 1,440 EUR
    quote = quote_of([seats(), OutlineLine("m", Line("machine", 1))], "10%")
    found = rows(document(quote).to_html())
    assert ["1", "seat from Apr 1, 2026 to Mar 31, 2029", "2", "€300.00", "10%", "€540.00"] in found
    assert ["2", "machine", "1", "€1,000.00", "10%", "€900.00"] in found
    assert ["Total at list", "€1,600.00"] in found
    assert ["Discount (10%)", "-€160.00"] in found
    assert ["Total", "€1,440.00"] in found


def test_a_term_alone_is_no_discount() -> None:
    found = rows(document(quote_of([seats(1)])).to_html())
    assert ["1", "seat from Apr 1, 2026 to Mar 31, 2029", "1", "€300.00", "", "€300.00"] in found
    assert not [row for row in found if row[0].startswith(("Total at list", "Discount (", "Surcharge"))]


def test_a_term_of_which_nobody_knows_what_it_makes_has_no_discount() -> None:
    quote = quote_of([seats(1)])
    version = attrs.evolve(quote.current, lines=(attrs.evolve(quote.current.lines[0], waterfall=()),))
    found = rows(document(attrs.evolve(quote, versions=(version,))).to_html())
    assert ["1", "seat from Apr 1, 2026 to Mar 31, 2029", "1", "", "", "€300.00"] in found
    assert not [row for row in found if row[0].startswith(("Total at list", "Discount (", "Surcharge"))]


@pytest.mark.parametrize(
    ("locale", "word"),
    [("en", "Surcharge (5%)"), ("de", "Zuschlag (5\xa0%)"), ("zh-CN", "加价 (5%)"), ("ja", "加算 (5%)")],
)
def test_more_than_list_is_a_surcharge(locale: str, word: str) -> None:
    manual = ManualPrice(unit_price=Money(1050, "EUR"), reason="rush", by="li.wei")
    quote = quote_of([OutlineLine("m", Line("machine", 2, manual=manual))])
    found = rows(document(quote).to_html(locale=locale))
    line = next(row for row in found if row[0] == "1")
    assert line[4] == ""
    assert word.replace("\xa0", " ") in [row[0] for row in found]
    if locale == "en":
        assert [word, "€100.00"] in found


def test_a_rounding_is_no_discount_of_zero_percent() -> None:
    # 10 of the 30 days of April are 1/36 of a year: 2.777... EUR, charged as 2.78 EUR
    quote = quote_of([seats(1, starts=date(2026, 4, 1), ends=date(2026, 4, 11))])
    found = rows(document(quote).to_html())
    assert ["€2.777778", "", "€2.78"] in [row[3:] for row in found]
    assert not [row for row in found if row[0].startswith(("Total at list", "Discount (", "Surcharge"))]


def test_an_amendment_is_measured_against_the_list_price_of_the_rest() -> None:
    item = ContractItem(
        id="seats", line="seats", product="seat", quantity=Decimal(5), starts=date(2026, 1, 1), ends=date(2027, 1, 1),
        list_amount=Money(500, "EUR"), net_amount=Money(450, "EUR"), share=Money(0, "EUR"),
    )  # fmt: skip
    start = ContractChange(
        step=ContractStep.START,
        on=item.starts,
        quote="q-0",
        digest="d",
        accepted_on=item.starts,
        items=(item,),
    )
    contract = Contract(
        id="c-1", account=AccountId("acme"), currency="EUR", starts=item.starts, ends=item.ends,
        total=Money(450, "EUR"), history=(start,),
    )  # fmt: skip
    july: dict[str, Any] = {
        "on": date(2026, 7, 1),
        "number": "Q-2",
        "valid_until": date(2026, 7, 1),
        "at": NOW,
        "by": REP,
    }
    # 5 more seats for 6 months at half of 90 EUR; at list half of 100 EUR
    more, _ = amend(contract, [ChangeQuantity("seats", 10)], id="q-2", **july)
    found = rows(document(more).to_html())
    assert ["5", "€50.00", "10%", "€225.00"] in [row[2:] for row in found]
    assert ["Total at list", "€250.00"] in found
    assert ["Discount (10%)", "-€25.00"] in found
    # 2 seats given back for 6 months: 90 EUR less, which is neither a discount nor a surcharge
    less, _ = amend(contract, [ChangeQuantity("seats", 3)], id="q-3", **july)
    found = rows(document(less).to_html())
    assert ["-2", "€50.00", "10%", "-€90.00"] in [row[2:] for row in found]
    assert not [row for row in found if row[0].startswith(("Total at list", "Discount (", "Surcharge"))]


def test_details_are_what_was_chosen_and_is_no_line_of_its_own() -> None:
    chosen = {
        "grinders": "2", "grinders.1.burr": "flat", "grinders.2.burr": "ssp", "frame": "steel", "lamp": "yes",
        "extras.lock": "2", "extras.bag": "yes", "extras.bell": "no", "extras.spoke": "0", "finish": "no",
    }  # fmt: skip
    names = {
        "grinders": "Grinders", "grinders.burr": "Burr", "grinders.burr=ssp": "SSP flat", "flat": "Flat steel",
        "frame": "Frame", "frame=steel": "Stainless", "lamp": "Lamp", "bag": "Travel bag", "finish": "Finish",
        "finish=no": "raw", "yes": "Yes",
    }  # fmt: skip
    quote = quote_of([
        OutlineLine("m", Line("machine", 1, configuration=chosen), missing=["grinders.1.motor"]),
        OutlineLine("l", Line("lock", 2), parent="m"),
    ])  # fmt: skip
    html = document(quote, names={**names, "grinders.motor": "Motor"}).to_html()
    details = re.findall(r'<div class="details"><bdi>(.*?)</bdi>', html)
    assert details == [
        "Grinders: 2", "Burr 1: Flat steel", "Burr 2: SSP flat", "Frame: Stainless", "Lamp", "Travel bag",
        "Finish: raw", "still to be chosen: Motor",
    ]  # fmt: skip


def test_faults_of_all_arguments_are_told_at_once() -> None:
    quote = quote_of([seats(1)])
    with pytest.raises(InvalidInput) as caught:
        document(
            quote,
            seller="Hafen",
            buyer=Party(5, ["a", 6]),  # type: ignore[arg-type, list-item]
            alternatives=["q-2"],
            names={"a": 1, 2: "b"},
            taxes=[Money(1, "EUR"), TaxAmount("VAT", 19)],  # type: ignore[arg-type]
            notes=["a", None],
        )
    assert [(problem.path, problem.code) for problem in caught.value.problems] == [
        (path, "wrong_type")
        for path in (
            "seller", "buyer.name", "buyer.lines[1]", "alternatives[0]", "names.a", "names.2", "taxes[0]",
            "taxes[1].amount", "notes[1]",
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [("quote", None), ("alternatives", 5), ("names", ["a"]), ("taxes", None), ("notes", 5), ("buyer", None)],
)
def test_an_argument_of_another_type_is_refused_by_its_name(name: str, value: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        document(**{"quote": quote_of([seats(1)]), name: value})
    assert [problem.path for problem in caught.value.problems] == [name]


def test_a_quote_in_place_of_a_list_of_alternatives_is_refused() -> None:
    quote = quote_of([seats(1)])
    other, _ = clone_as_alternative(quote, id="q-2", alternative="B", at=NOW, by=REP)
    with pytest.raises(InvalidInput, match="a list of quotes"):
        document(quote, alternatives=other)


def test_a_locale_may_have_a_hyphen() -> None:
    html = document(quote_of([seats(1)])).to_html(locale="zh-CN")
    assert '<html lang="zh-CN"' in html
    assert "报价单" in html


def _with(status: QuoteStatus, label: str) -> Quote:
    quote = quote_of([seats(1)])
    clone, _ = clone_as_alternative(quote, id=f"q-{label}", alternative=label, at=NOW, by=REP)
    return attrs.evolve(clone, status=status)


def test_alternatives_that_can_still_be_chosen_are_compared_with_their_status() -> None:
    first = attrs.evolve(quote_of([seats(1)]), status=QuoteStatus.PRESENTED)
    closed = [
        _with(status, status.value)
        for status in (QuoteStatus.REJECTED, QuoteStatus.EXPIRED, QuoteStatus.SUPERSEDED, QuoteStatus.VOIDED)
    ]
    others = [_with(QuoteStatus.APPROVED, "Leasing"), _with(QuoteStatus.DRAFT, "Rent"), *closed]
    html = document(first, alternatives=others).to_html()
    table = html.split("<h2>Alternatives</h2>")[1].split("</table>")[0]
    assert rows(table)[1:] == [
        ["Q-1 (this page) Offer", "Apr 1, 2026", "€300.00"],
        ["Leasing Approved", "Apr 1, 2026", "€300.00"],
        ["Rent Draft, not an offer", "Apr 1, 2026", "€300.00"],
    ]
    assert "Alternatives" not in document(first, alternatives=closed).to_html()


def test_nothing_is_compared_once_one_is_accepted() -> None:
    accepted = attrs.evolve(quote_of([seats(1)]), status=QuoteStatus.ACCEPTED, taken=("seats",))
    html = document(accepted, alternatives=[_with(QuoteStatus.PRESENTED, "Leasing")]).to_html()
    assert "<h2>Alternatives</h2>" not in html
