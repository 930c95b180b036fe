"""What differs between two versions, in amounts that were reckoned by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest

from salesmgmt.core.currency import UnknownCurrency
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.exchange import ExchangeRate, ExchangeRates, NoExchangeRate
from salesmgmt.core.money import Money
from salesmgmt.cpq.pricing import Calculation, PriceStep, StepKind
from salesmgmt.cpq.quotes import (
    Comparison,
    PriceEffect,
    QuoteGroup,
    QuoteLine,
    QuoteVersion,
    UnknownId,
    UnpricedLine,
    clone_as_alternative,
    compare,
    revise,
)

from .conftest import LAST_DAY, NOW, REP
from .offers import drafted, line, offer_of

APRIL = datetime(2026, 4, 1, 9, tzinfo=UTC)


def step(kind: StepKind, amount: str = "0", value: str | None = None) -> PriceStep:
    return PriceStep(
        step=kind.value,
        kind=kind,
        record="",
        calculation=Calculation.MANUAL,
        currency="EUR",
        base_amount=Decimal(0),
        raw_amount=Decimal(amount),
        rounded_amount=Decimal(amount),
        running_amount=Decimal(0),
        value=None if value is None else Decimal(value),
    )


def quoted(
    quantity: str | int,
    listed: str,
    net: str,
    *,
    id: str = "1",  # noqa: A002 - as in the library
    terms: str | None = None,
    extra: str | None = None,
    currency: str = "EUR",
    **more: Any,
) -> QuoteLine:
    steps = [step(StepKind.OPTION, extra)] if extra is not None else []
    steps += [step(StepKind.TERM, value=terms)] if terms is not None else []
    return QuoteLine(**{
        "position": 0, "id": id, "product": "seat", "quantity": Decimal(quantity), "waterfall": tuple(steps),
        "list_amount": Money(listed, currency), "net_amount": Money(net, currency), "share": Money(0, currency), **more,
    })  # fmt: skip


def version(*lines: QuoteLine, currency: str = "EUR", at: datetime = NOW, **more: Any) -> QuoteVersion:
    placed = [attrs.evolve(one, position=position) for position, one in enumerate(lines)]
    return QuoteVersion(
        number=1,
        currency=currency,
        lines=tuple(placed),
        priced_at=at,
        valid_until=LAST_DAY,
        model="catalogue",
        model_version=1,
        model_digest="",
        request_digest="",
        made_at=at,
        made_by="li.wei",
        **more,
    )


def effects(found: Comparison, id: str = "1") -> dict[str, str]:  # noqa: A002 - as above
    """The effects of a line that are not zero."""
    amounts = found.line(id).effects
    return {effect.value: str(amounts.of(effect).amount) for effect in PriceEffect if amounts.of(effect)}


def split(old: QuoteLine, new: QuoteLine) -> dict[str, str]:
    return effects(compare(version(old), version(new)))


def test_more_units_are_valued_at_the_old_net_price() -> None:
    assert split(quoted(10, "1000", "900.00"), quoted(12, "1200", "1080.00")) == {"quantity": "180.00"}


def test_another_list_price_counts_as_far_as_discounts_leave_it() -> None:
    assert split(quoted(10, "1000", "900.00"), quoted(10, "1100", "990.00")) == {"price": "90.00"}


def test_a_deeper_discount() -> None:
    assert split(quoted(10, "1000", "900.00"), quoted(10, "1000", "850.00")) == {"discount": "-50.00"}


def test_a_longer_term() -> None:
    half, whole = quoted(5, "6000", "3000.00", terms="0.5"), quoted(5, "6000", "6000.00", terms="1")

    assert split(half, whole) == {"term": "3000.00"}


def test_other_choices_are_told_from_other_prices_where_the_waterfall_tells_them_apart() -> None:
    old = quoted(1, "1100", "1100.00", extra="100", configuration={"frame": "steel"})
    new = quoted(1, "1350", "1350.00", extra="300", configuration={"frame": "carbon"})

    assert split(old, new) == {"configuration": "200.00", "price": "50.00"}


def test_other_choices_take_the_whole_list_price_where_it_does_not() -> None:
    old = quoted(1, "1100", "1100.00", configuration={"frame": "steel"})
    new = quoted(1, "1350", "1350.00", configuration={"frame": "carbon"})

    assert split(old, new) == {"configuration": "250.00"}


def test_dearer_extras_of_the_same_choices_are_a_price() -> None:
    assert split(quoted(1, "1100", "1100.00", extra="100"), quoted(1, "1150", "1150.00", extra="150")) == {
        "price": "50.00"
    }


def test_factors_are_replaced_one_after_another() -> None:
    # 10 x 100 x 0.5 x 0.9 = 450; x 12/10 = 540; x 110/100 = 594; x 1/0.5 = 1188; 12 x 110 x 1 x 0.8 = 1056
    old, new = quoted(10, "1000", "450.00", terms="0.5"), quoted(12, "1320", "1056.00", terms="1")

    assert split(old, new) == {"quantity": "90.00", "price": "54.00", "term": "594.00", "discount": "-132.00"}


@pytest.mark.parametrize("other", [{"product": "seat-pro"}, {"uom": "box"}])
def test_another_product_or_unit_is_mix(other: dict[str, str]) -> None:
    assert split(quoted(10, "1000", "900.00"), quoted(12, "1200", "960.00", **other)) == {"mix": "60.00"}


def test_lines_that_come_and_go_are_mix() -> None:
    found = compare(version(quoted(1, "10", "10.00")), version(quoted(1, "7", "7.00", id="2")))

    assert [(one.id, one.kind, str(one.difference)) for one in found.lines] == [
        ("2", "added", "7.00 EUR"),
        ("1", "removed", "-10.00 EUR"),
    ]
    assert str(found.effects) == "mix -3.00 EUR"


def test_a_line_that_need_not_be_taken_any_more_leaves_the_total() -> None:
    found = compare(version(quoted(2, "20", "18.00")), version(quoted(2, "20", "18.00", optional=True))).line(
        "1"
    )

    assert (found.kind, found.fields, str(found.effects)) == ("changed", ("optional",), "mix -18.00 EUR")


def test_an_option_that_changes_has_no_effect_on_the_total_and_is_told() -> None:
    old, new = quoted(2, "20", "18.00", optional=True), quoted(3, "30", "27.00", optional=True)
    found = compare(version(old), version(new))

    assert found.line("1").fields == ("quantity", "list_amount", "net_amount")
    assert (found.difference, found.line("1").effects.total) == (Money(0, "EUR"), Money(0, "EUR"))


def test_what_was_free_and_is_not_any_more() -> None:
    # nothing at list and 10 EUR charged; then 100 at list, of which 20 are taken off
    assert split(quoted(1, "0", "10.00"), quoted(1, "100", "90.00")) == {
        "price": "100.00",
        "discount": "-20.00",
    }


def test_free_units_cost_nothing_however_many() -> None:
    assert split(quoted(2, "0", "0"), quoted(3, "0", "0")) == {}


def test_equal_versions_do_not_differ() -> None:
    found = compare(version(quoted(3, "10", "9.99")), version(quoted(3, "10", "9.99")))

    assert (found.changed, str(found)) == ((), "9.99 EUR -> 9.99 EUR: 0.00 EUR")


def test_endless_decimals_stay_where_nothing_changes() -> None:
    third = Decimal(10) / Decimal(3)
    old, new = quoted(3, "10", str(third)), quoted(3, "10", str(third), optional=False)

    assert split(old, new) == {}


def test_the_exchange_rate_is_an_effect_of_its_own() -> None:
    rates = ExchangeRates(
        [ExchangeRate("EUR", "USD", "1.10", NOW.date()), ExchangeRate("EUR", "USD", "1.20", APRIL.date())]
    )
    old, new = version(quoted(1, "100", "100.00")), version(quoted(2, "200", "200.00"), at=APRIL)
    found = compare(old, new, currency="USD", rates=rates)

    assert (found.before, found.after) == (Money("110.00", "USD"), Money("240.00", "USD"))
    assert effects(found) == {"currency": "10.00", "quantity": "120.00"}


def test_an_offer_in_another_currency_is_held_against_the_rate() -> None:
    rates = ExchangeRates([ExchangeRate("EUR", "USD", "1.25", NOW.date())])
    dollars = version(quoted(2, "250", "240.00", currency="USD"), currency="USD")
    found = compare(version(quoted(2, "200", "200.00")), dollars, rates=rates)

    assert (found.before, effects(found)) == (Money("250.00", "USD"), {"discount": "-10.00"})


def test_without_rates_another_currency_is_refused() -> None:
    dollars = version(quoted(2, "250", "240.00", currency="USD"), currency="USD")

    with pytest.raises(
        InvalidInput, match="rates: found nothing, wanted exchange rates from EUR to USD"
    ) as caught:
        compare(version(quoted(2, "200", "200.00")), dollars)
    assert [problem.code for problem in caught.value.problems] == ["missing"]


def test_rates_of_another_day_are_refused() -> None:
    late = ExchangeRates([ExchangeRate("EUR", "USD", "1.25", date(2027, 1, 1))])

    with pytest.raises(NoExchangeRate):
        compare(version(quoted(2, "200", "200.00")), version(), currency="USD", rates=late)


def test_a_line_that_goes_to_another_group_takes_its_amount_along() -> None:
    groups = (QuoteGroup("a", "A"), QuoteGroup("b", "B"))
    old = version(
        quoted(1, "10", "10.00", group="a"), quoted(1, "5", "5.00", id="2", group="a"), groups=groups
    )
    new = version(
        quoted(2, "20", "20.00", group="b"), quoted(1, "5", "4.00", id="2", group="a"), groups=groups
    )
    found = compare(old, new)

    assert [
        (one.id, str(one.before), str(one.after), str(one.moved), str(one.effects)) for one in found.groups
    ] == [
        ("a", "15.00 EUR", "4.00 EUR", "-10.00 EUR", "discount -1.00 EUR"),
        ("b", "0 EUR", "20.00 EUR", "10.00 EUR", "quantity +10.00 EUR"),
    ]
    assert found.line("1").fields == ("quantity", "group", "list_amount", "net_amount")


def test_a_line_without_a_price_is_refused_by_its_place() -> None:
    nothing = UnpricedLine(
        position=1, id="2", product="x", quantity=Decimal(1), reason="no_price", message="none"
    )
    old, new = version(quoted(1, "10", "10.00")), version(quoted(1, "10", "10.00"), unpriced=(nothing,))

    with pytest.raises(InvalidInput, match=r"new\.lines\[1\]: found '2', wanted a price"):
        compare(old, new)


def test_an_option_without_a_price_is_passed_over() -> None:
    nothing = UnpricedLine(
        position=1, id="2", product="x", quantity=Decimal(1), reason="no_price", message="none", optional=True
    )
    found = compare(version(quoted(1, "10", "10.00")), version(quoted(1, "10", "10.00"), unpriced=(nothing,)))

    assert (found.line("2").kind, found.difference) == ("added", Money("0", "EUR"))


def test_unknown_lines_groups_and_currencies_are_refused() -> None:
    found = compare(version(quoted(1, "10", "10.00")), version())

    with pytest.raises(UnknownId, match="known are 1"):
        found.line("7")
    with pytest.raises(UnknownId, match="group"):
        found.group("hardware")
    with pytest.raises(UnknownCurrency, match="EURO"):
        compare(version(), version(), currency="EURO")


def test_a_header_discount_counts_in_each_line_and_in_the_whole() -> None:
    # 4 x 900 bring 100 off; one bag more moves the shares, and lines bear others
    old = drafted(offer_of([line("pc", "laptop", 4)]))
    new, _ = revise(
        old,
        offer_of([line("pc", "laptop", 4), line("bag", "bag", 4)]),
        valid_until=LAST_DAY,
        at=NOW,
        by=REP,
    )
    found = compare(new.versions[0], new.current)

    # 3600 - 100 x 3600/3700 = 3502.70 (share 97.30), the bags 100 - 2.70
    assert (found.before, found.after) == (Money("3500.00", "EUR"), Money("3600.00", "EUR"))
    assert effects(found, "pc") == {"discount": "2.70"}
    assert effects(found, "bag") == {"mix": "97.30"}
    assert found.effects.total == Money("100.00", "EUR")


def test_two_alternatives_are_held_against_each_other() -> None:
    purchase = drafted(offer_of([line("pc", "laptop", 1)]))
    rental, _ = clone_as_alternative(purchase, id="q-2", alternative="rental", at=NOW, by=REP)
    rental, _ = revise(rental, offer_of([line("pc", "laptop", 2)]), valid_until=LAST_DAY, at=NOW, by=REP)

    # 900 without, 1800 with 100 off
    assert effects(compare(purchase.current, rental.current), "pc") == {
        "quantity": "900.00",
        "discount": "-100.00",
    }


def test_it_tells_itself_in_words() -> None:
    old = version(quoted(10, "1000", "900.00", id="seats"))
    new = version(
        quoted(12, "1320", "1056.00", id="seats", starts=date(2026, 1, 1), ends=date(2027, 1, 1)),
        quoted(1, "5", "5.00", id="seat"),
    )

    changed = (
        "  line seats (seat) changed, quantity 10 -> 12, starts None -> 2026-01-01, ends None -> 2027-01-01: "
        "900.00 EUR -> 1056.00 EUR (quantity +180.00 EUR, price +108.00 EUR, discount -132.00 EUR)"
    )
    assert str(compare(old, new)).splitlines() == [
        "900.00 EUR -> 1061.00 EUR: +161.00 EUR",
        "  mix +5.00 EUR",
        "  quantity +180.00 EUR",
        "  price +108.00 EUR",
        "  discount -132.00 EUR",
        changed,
        "  line seat added: 0 EUR -> 5.00 EUR (mix +5.00 EUR)",
    ]
