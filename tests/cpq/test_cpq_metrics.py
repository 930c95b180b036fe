from datetime import UTC, date, datetime
from decimal import Decimal

from salesmgmt.core.codec import Codec
from salesmgmt.core.money import Money
from salesmgmt.cpq import ENTITIES, EVENTS, METRICS, QUOTE_FACTS, Quote
from salesmgmt.cpq.quotes import QuoteLine, QuoteStatus, QuoteVersion
from salesmgmt.engines.metrics import MetricSet

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def _quote(number: int, status: QuoteStatus, listed: int, net: int, *, versions: int = 1) -> Quote:
    line = QuoteLine(
        position=0,
        product="dock",
        quantity=Decimal(1),
        list_amount=Money(listed, "EUR"),
        net_amount=Money(net, "EUR"),
        share=Money(0, "EUR"),
    )
    made = tuple(
        QuoteVersion(
            number=one + 1,
            currency="EUR",
            lines=(line,),
            priced_at=NOW,
            valid_until=date(2026, 4, 1),
            model="m",
            model_version=1,
            model_digest="",
            request_digest="",
            made_at=NOW,
            made_by="li.wei",
        )
        for one in range(versions)
    )
    return Quote(
        id=f"q-{number}",
        number=str(number),
        currency="EUR",
        status=status,
        versions=made,
        current_version=versions,
        total=Money(net, "EUR"),
        valid_until=date(2026, 4, 1),
    )


def _figures(*quotes: Quote) -> dict[str, object]:
    measured = MetricSet(METRICS).compile(QUOTE_FACTS).measure(quotes)
    return {name: figure.value if figure.is_defined else figure.flag for name, figure in measured.items()}


def test_the_figures_of_quotes_are_those_reckoned_by_hand() -> None:
    figures = _figures(
        _quote(1, QuoteStatus.ACCEPTED, 1000, 900),
        _quote(2, QuoteStatus.REJECTED, 3000, 2100, versions=3),
        _quote(3, QuoteStatus.EXPIRED, 500, 500),
        _quote(4, QuoteStatus.DRAFT, 500, 500, versions=2),
        _quote(5, QuoteStatus.REJECTED, 0, 0),
    )

    assert figures == {
        "quotes": Decimal(5),
        "quote_acceptance_rate": Decimal("0.25"),  # one of the four that are decided
        "quote_value": Money(800, "EUR"),  # 4000 / 5
        "quote_discount_rate": Decimal("0.2"),  # (5000 - 4000) / 5000
        "quote_versions": Decimal("1.6"),  # 8 / 5
    }


def test_without_quotes_the_figures_are_undefined() -> None:
    assert _figures() == {
        "quotes": Decimal(0),
        "quote_acceptance_rate": "no_decided_quotes",
        "quote_value": "no_priced_quotes",
        "quote_discount_rate": "no_list_amount",
        "quote_versions": "no_quotes",
    }


def test_a_codec_knows_everything_that_a_store_keeps_of_this_room() -> None:
    codec = Codec([*ENTITIES, *EVENTS])
    quote = _quote(1, QuoteStatus.DRAFT, 10, 9)

    assert codec.read_json(codec.to_json(quote)) == quote
