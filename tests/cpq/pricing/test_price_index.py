from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.money import Money
from salesmgmt.cpq.pricing import PriceRecord
from salesmgmt.cpq.pricing.price_index import PriceIndex

START = date(2026, 1, 1)


def _record(
    number: int,
    start: date | None = None,
    end: date | None = None,
    customer: str = "",
    segment: str = "",
) -> PriceRecord:
    return PriceRecord(
        id=f"p-{number:03}",
        product="dock",
        price=Money(number, "CNY"),
        customer=customer,
        segment=segment,
        valid_from=start,
        valid_to=end,
    )


def test_a_short_price_lies_over_a_long_one_and_gives_way_again() -> None:
    index = PriceIndex(
        [
            _record(1),
            _record(2, date(2026, 3, 1), date(2026, 4, 1)),
            _record(3, date(2026, 3, 10), date(2026, 3, 20)),
        ]
    )

    found = {
        day: [one.id for one in index.general("dock", "CNY", day)]
        for day in (
            date(2026, 2, 28),
            date(2026, 3, 1),
            date(2026, 3, 10),
            date(2026, 3, 20),
            date(2026, 3, 31),
            date(2026, 4, 1),
        )
    }

    assert list(found.values()) == [["p-001"], ["p-002"], ["p-003"], ["p-002"], ["p-002"], ["p-001"]]


def test_the_most_specific_record_wins_even_when_it_is_older() -> None:
    index = PriceIndex(
        [
            _record(1, date(2026, 2, 1)),
            _record(2, segment="gold"),
            _record(3, customer="acme"),
            _record(4, date(2026, 6, 1), customer="acme", segment="gold"),
        ]
    )

    def found(customer: str, segment: str, day: date) -> list[str]:
        return [one.id for one in index.specific("dock", "CNY", customer, segment, day)]

    assert found("acme", "gold", date(2026, 6, 1)) == ["p-004"]
    assert found("acme", "gold", date(2026, 5, 31)) == ["p-003"]
    assert found("other", "gold", date(2026, 6, 1)) == ["p-002"]
    assert found("", "", date(2026, 6, 1)) == []


def test_other_currencies_and_products_are_not_found() -> None:
    index = PriceIndex([_record(1)])

    assert index.general("dock", "EUR", START) == ()
    assert index.general("lamp", "CNY", START) == ()


_days = st.none() | st.integers(0, 12).map(lambda number: START + timedelta(days=number))


@given(st.lists(st.tuples(_days, _days), max_size=12), st.integers(-1, 13))
def test_the_index_finds_what_a_look_at_every_record_finds(
    spans: list[tuple[date | None, date | None]], offset: int
) -> None:
    records = [
        _record(number, start, end)
        for number, (start, end) in enumerate(spans)
        if start is None or end is None or start < end
    ]
    day = START + timedelta(days=offset)
    valid = [
        one
        for one in records
        if (one.valid_from is None or one.valid_from <= day) and (one.valid_to is None or day < one.valid_to)
    ]
    newest = max((one.valid_from or date.min for one in valid), default=None)

    found = PriceIndex(reversed(records)).general("dock", "CNY", day)

    assert list(found) == [one for one in valid if (one.valid_from or date.min) == newest]


def test_it_knows_whether_any_price_is_for_a_customer() -> None:
    assert not PriceIndex([]).knows_customers
    assert not PriceIndex([_record(1), _record(2, date(2026, 3, 1))]).knows_customers
    assert PriceIndex([_record(1), _record(2, customer="acme")]).knows_customers
    assert PriceIndex([_record(1, segment="gold")]).knows_customers
