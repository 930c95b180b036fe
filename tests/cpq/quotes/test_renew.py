"""Renewals: the next term at the same price, at that of today, or with an uplift."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesmgmt.core.errors import InvalidInput, UnknownOption
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.period import Period
from salesmgmt.cpq.pricing import PricingRequest, ProrationPolicy, Ramp
from salesmgmt.cpq.quotes import (
    ChangeQuantity,
    Contract,
    ContractChangeProposed,
    ContractStep,
    Outline,
    Quote,
    contract_from,
    extend,
    price_offer,
    quote_from,
    ramp_lines,
    renew,
)
from salesmgmt.processes.lead_to_cash import order_from_quote

from .conftest import REP
from .contracts import (
    AT,
    JANUARY,
    JULY,
    NEXT_JANUARY,
    REQUEST,
    amended,
    contract,
    drafted,
    item,
    pricer,
    seat,
    taken,
    told,
)

NEXT_YEAR = Period(NEXT_JANUARY, date(2028, 1, 1))


def renewed(of: Contract, **more: Any) -> tuple[Quote, ContractChangeProposed]:
    quote, (_, proposed) = renew(
        of, **{"id": "q-5", "number": "Q-5", "valid_until": NEXT_JANUARY, "at": AT, "by": REP, **more}
    )
    return quote, proposed


def test_the_same_price_for_as_long_again() -> None:
    quote, proposed = renewed(contract())
    (line,) = quote.current.lines

    assert told(quote) == [("seat", "5", "500.00")]
    assert (line.id, line.starts, line.ends) == ("seats@2027-01-01", NEXT_JANUARY, date(2028, 1, 1))
    assert (proposed.step, proposed.on) == (ContractStep.RENEWAL, NEXT_JANUARY)


def test_an_uplift_is_rounded_once_a_line() -> None:
    # 333.33 x 1.035 = 344.99655
    quote, _ = renewed(contract(item(net="333.33")), method="uplift", uplift=Percent("3.5"))
    down, _ = renewed(
        contract(item(net="333.33")), method="uplift", uplift=Percent("3.5"), rounding="down", id="q-6"
    )

    assert (quote.total, down.total) == (Money("345.00", "EUR"), Money("344.99", "EUR"))


def test_the_list_price_of_today() -> None:
    cheaper = contract(item(net="400.00", list_amount=Money(500, "EUR")))

    assert told(renewed(cheaper)[0]) == [("seat", "5", "400.00")]
    assert told(renewed(cheaper, method="list", pricer=pricer(), request=REQUEST)[0]) == [
        ("seat", "5", "500.00")
    ]


def test_a_longer_term_costs_as_much_more() -> None:
    two_years = Period(NEXT_JANUARY, date(2029, 1, 1))

    assert renewed(contract(), term=two_years)[0].total == Money("1000.00", "EUR")


def test_days_of_a_leap_year_cost_more_where_days_are_counted() -> None:
    # 365 EUR for the 365 days of 2027; the 366 of 2028 are 366 EUR
    year = contract(item(quantity=1, net="365.00", starts=NEXT_JANUARY, ends=date(2028, 1, 1)))
    leap = Period(date(2028, 1, 1), date(2029, 1, 1))

    assert renewed(year, term=leap, proration=ProrationPolicy(precision="day"))[0].total == Money(
        "366.00", "EUR"
    )
    assert renewed(year, term=leap)[0].total == Money("365.00", "EUR")


def test_what_was_added_is_renewed_and_what_was_given_back_is_not() -> None:
    two = contract(item(), item("care", 1, "60.00", product="support", parent="seats"))
    more = amended(two, ChangeQuantity("seats", 8, unit_price=Money(80, "EUR")), ChangeQuantity("care", 0))
    quote, _ = renewed(more)

    # 5 at 100 and 3 at 80 for a whole year
    assert told(quote) == [("seat", "8", "740.00")]


def test_parts_stay_parts() -> None:
    two = contract(item(), item("care", 1, "60.00", product="support", parent="seats"))
    quote, proposed = renewed(two)
    after, _ = extend(two, taken(quote), proposed)

    assert [(line.id, line.parent) for line in quote.current.lines] == [
        ("seats@2027-01-01", ""),
        ("care@2027-01-01", "seats@2027-01-01"),
    ]
    assert after.line("care@2027-01-01").parent == "seats@2027-01-01"


def test_a_ramp_goes_on_at_its_last_segment() -> None:
    ramp = contract(
        item("seats/1", 5), item("seats/2", 10, "900.00", starts=NEXT_JANUARY, ends=date(2028, 1, 1))
    )
    quote, _ = renewed(ramp, term=Period(date(2028, 1, 1), date(2029, 1, 1)))

    assert [(line.id, str(line.net_amount)) for line in quote.current.lines] == [
        ("seats/2@2028-01-01", "900.00 EUR")
    ]


def test_a_renewal_extends_the_contract_and_leaves_the_term_that_ends() -> None:
    before = contract()
    quote, proposed = renewed(before)
    after, (changed,) = extend(before, taken(quote), proposed)

    assert after.history[:1] == before.history
    assert (after.ends, changed.ends, changed.difference) == (
        date(2028, 1, 1),
        date(2028, 1, 1),
        Money("500.00", "EUR"),
    )
    assert [after.running(day) for day in (date(2026, 12, 31), NEXT_JANUARY)] == [
        {"seats": 5},
        {"seats@2027-01-01": 5},
    ]
    assert order_from_quote(taken(quote), order_id="o-5")[0].total == Money("500.00", "EUR")


def test_after_an_early_renewal_both_terms_can_be_amended() -> None:
    before = contract()
    quote, proposed = renewed(before)
    after, _ = extend(before, taken(quote), proposed)

    assert told(drafted(after, ChangeQuantity("seats", 6), on=JULY)[0]) == [("seat", "1", "50.00")]
    assert told(drafted(after, ChangeQuantity("seats@2027-01-01", 6), on=JULY)[0]) == [
        ("seat", "1", "100.00")
    ]


def test_it_is_renewed_again_under_the_name_of_the_first_line() -> None:
    of = contract()
    for year in (2027, 2028, 2029):
        quote, proposed = renewed(of, id=f"q-{year}")
        assert [line.id for line in quote.current.lines] == [f"seats@{year}-01-01"]
        of, _ = extend(of, taken(quote), proposed)

    assert [str(term) for term in of.terms][-1] == "2029-01-01/2030-01-01"
    assert of.total == Money("2000.00", "EUR")


def refused(of: Contract, **more: Any) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as caught:
        renewed(of, **more)
    return [(problem.path, problem.code) for problem in caught.value.problems]


@pytest.mark.parametrize("start", [date(2026, 12, 31), date(2027, 1, 2), JANUARY], ids=str)
def test_a_term_that_does_not_join_is_refused(start: date) -> None:
    assert refused(contract(), term=Period(start, date(2028, 1, 1))) == [("term.start", "not_joined")]


def test_a_contract_of_which_nothing_is_left_is_not_renewed() -> None:
    assert refused(amended(contract(), ChangeQuantity("seats", 0))) == [("contract.lines", "nothing_runs")]


def test_list_prices_need_a_pricer() -> None:
    dollars = PricingRequest(at=AT, currency="USD", lines=[])
    filled = PricingRequest(at=AT, currency="EUR", lines=[seat()])

    assert refused(contract(), method="list") == [("pricer", "missing"), ("request", "missing")]
    assert refused(contract(), method="list", pricer=pricer(), request=dollars) == [
        ("request.currency", "currency")
    ]
    assert refused(contract(), request=filled) == [("request.lines", "not_empty")]


def test_uplifts_that_make_no_sense_are_refused() -> None:
    assert refused(contract(), method="uplift", uplift=Percent(-101)) == [("uplift", "too_small")]
    assert refused(contract(), uplift=Percent(3)) == [("uplift", "unused")]
    with pytest.raises(UnknownOption, match="uplift"):
        renewed(contract(), method="dearer")
    with pytest.raises(UnknownOption, match="half_up"):
        renewed(contract(), rounding="somehow")


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**9), st.integers(1, 99), st.integers(-100, 300))
def test_the_same_price_is_the_same_and_an_uplift_is_that_and_so_much_more(
    cents: int, quantity: int, points: int
) -> None:
    net = Decimal(cents).scaleb(-2)
    of = contract(item(quantity=quantity, net=f"{net:f}"))
    dearer = (net * (100 + points) / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)

    assert renewed(of)[0].total == Money(net, "EUR")
    assert renewed(of, method="uplift", uplift=Percent(points))[0].total == Money(dearer, "EUR")


def test_a_ramp_in_a_quote_adds_up_to_the_ramp() -> None:
    # sfcpq-033: 100, 200 and 300 at 200 a year
    ramp = Ramp.of_quantities([100, 200, 300], Money("200.00", "EUR"))
    lines = ramp_lines("seats", seat(), ramp, starts=JANUARY, reason="ramp", by="li.wei", at=AT)
    quote, _ = quote_from(
        price_offer(Outline(lines), REQUEST, pricer()),
        id="q-1",
        number="Q-1",
        valid_until=NEXT_JANUARY,
        at=AT,
        by=REP,
    )
    begun, _ = contract_from(taken(quote), id="c-1")

    assert told(quote) == [
        ("seat", "100", "20000.00"),
        ("seat", "200", "40000.00"),
        ("seat", "300", "60000.00"),
    ]
    assert quote.total == ramp.total == Money("120000.00", "EUR")
    assert [begun.running(date(year, 6, 1)) for year in (2026, 2027, 2028)] == [
        {"seats/1": 100},
        {"seats/2": 200},
        {"seats/3": 300},
    ]


def test_a_segment_that_sells_nothing_is_left_out() -> None:
    ramp = Ramp.of_quantities([0, 5], Money("200.00", "EUR"))

    assert [
        one.id for one in ramp_lines("s", seat(), ramp, starts=JANUARY, reason="r", by="li.wei", at=AT)
    ] == ["s/2"]


def test_segments_of_several_lengths_have_no_one_price() -> None:
    short = Ramp.of_quantities([1], Money(10, "EUR"), segment_months=1)
    mixed = Ramp(segments=(*short.segments, *Ramp.of_quantities([1], Money(100, "EUR")).segments))

    with pytest.raises(InvalidInput, match="full segments of one length"):
        ramp_lines("s", seat(), mixed, starts=JANUARY, reason="r", by="li.wei", at=AT)
