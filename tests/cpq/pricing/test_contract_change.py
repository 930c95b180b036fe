from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import InvalidInput, UnknownOption
from salesmgmt.core.money import CurrencyMismatch, Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.period import Period
from salesmgmt.core.rounding import Rounding
from salesmgmt.cpq.pricing.terms.contract_change import (
    Amendment,
    ContractLine,
    NotWithinTerm,
    PriorStep,
    RenewalMethod,
    RenewalPolicy,
    amend,
)
from salesmgmt.cpq.pricing.terms.proration import ProrationPolicy


def _steps(**prices: int) -> list[PriorStep]:
    return [PriorStep(name, Money(price, "USD")) for name, price in prices.items()]


# Salesforce knowledge article 000382096: 20 % partner, 10 % system, 50 % additional, 50 % distributor, in this order.
PARTNER_FIRST = _steps(partner=8000, regular=7200, customer=3600, net=1800)
USUAL = _steps(regular=9000, customer=8100, partner=6480, net=4536)
SEATS = ContractLine(product="seat", quantity=5, unit_price=Money(100, "USD"), term=12)


def _amended(
    line: ContractLine, quantity: int | Decimal, remaining: int | Decimal | Period, policy: ProrationPolicy
) -> Amendment:
    found = amend(line, quantity, remaining, policy)
    assert isinstance(found, Amendment)
    return found


def test_a_renewal_begins_at_the_price_of_the_customer() -> None:
    renewal = RenewalPolicy().renew(PARTNER_FIRST)

    assert renewal.unit_price == Money(3600, "USD")
    assert renewal.carried_over == ("partner", "regular", "customer")
    assert renewal.dropped == ("net",)


def test_what_comes_after_the_price_of_the_customer_is_decided_anew() -> None:
    renewal = RenewalPolicy().renew(USUAL)

    assert (renewal.unit_price, renewal.dropped) == (Money(8100, "USD"), ("partner", "net"))


def test_a_renewal_may_begin_at_the_list_price_of_today_or_with_an_uplift() -> None:
    listed = RenewalPolicy(method="list").renew(USUAL, list_price=Money(11_000, "USD"))
    lifted = RenewalPolicy(method="uplift", uplift=Percent(3)).renew(USUAL, list_price=Money(11_000, "USD"))

    assert (listed.unit_price, listed.carried_over) == (Money(11_000, "USD"), ())
    assert listed.dropped == ("regular", "customer", "partner", "net")
    assert (lifted.unit_price, lifted.carried_over) == (Money(8343, "USD"), ("regular", "customer"))


def test_a_renewal_that_cannot_be_reckoned_is_refused() -> None:
    with pytest.raises(InvalidInput, match="a step named customer"):
        RenewalPolicy().renew(_steps(regular=1))
    with pytest.raises(InvalidInput, match="each name once"):
        RenewalPolicy().renew([*USUAL, *USUAL])
    with pytest.raises(InvalidInput, match="the price of today"):
        RenewalPolicy(method=RenewalMethod.LIST).renew(USUAL)
    with pytest.raises(InvalidInput, match="at least -100%"):
        RenewalPolicy(method="uplift", uplift=Percent(-101))
    with pytest.raises(InvalidInput, match="the method is same"):
        RenewalPolicy(uplift=Percent(5))
    with pytest.raises(UnknownOption):
        RenewalPolicy(method="cheaper")


# Three seats more at 100 a year, for half a year; two less; none at all.
@pytest.mark.parametrize(
    ("quantity", "months", "expected"), [(8, 6, 150), (3, 6, -100), (0, 3, -125), (5, 6, 0)]
)
def test_an_amendment_costs_the_difference_for_the_rest_of_the_term(
    quantity: int, months: int, expected: int
) -> None:
    amendment = _amended(SEATS, quantity, months, ProrationPolicy())

    assert amendment.delta_amount == Money(expected, "USD")
    assert amendment.delta_quantity == quantity - 5
    assert amendment.original is SEATS


def test_an_amendment_may_be_dated() -> None:
    policy = ProrationPolicy(precision="day", end_inclusive=True)
    line = ContractLine(quantity=5, unit_price=Money(365, "USD"), term=Period.year(2026))

    amendment = _amended(line, 7, policy.term(date(2026, 12, 1), date(2026, 12, 31)), policy)

    assert amendment.delta_amount == Money(62, "USD")
    assert amendment.proration.term == 31


def test_added_units_may_have_their_own_price_and_returned_ones_have_that_of_the_line() -> None:
    def amount(quantity: int) -> Money:
        found = amend(SEATS, quantity, 6, ProrationPolicy(), added_unit_price=Money(120, "USD"))
        assert isinstance(found, Amendment)
        return found.delta_amount

    assert (amount(6), amount(4)) == (Money(60, "USD"), Money(-50, "USD"))


def test_an_amendment_is_rounded_only_by_a_named_rounding() -> None:
    found = amend(SEATS, 6, 1, ProrationPolicy(), rounding=Rounding("half_up", "0.01"))

    assert isinstance(found, Amendment)
    assert found.delta_amount == Money("8.33", "USD")


def test_an_amendment_cannot_outlast_the_contract() -> None:
    assert amend(SEATS, 6, 13, ProrationPolicy()) == NotWithinTerm(found=Decimal(13), wanted=Decimal(12))


def test_an_amendment_to_less_than_nothing_or_in_another_currency_is_refused() -> None:
    with pytest.raises(InvalidInput, match="zero or more"):
        amend(SEATS, -1, 6, ProrationPolicy())
    with pytest.raises(CurrencyMismatch):
        amend(SEATS, 6, 6, ProrationPolicy(), added_unit_price=Money(1, "EUR"))


@given(
    st.decimals(0, 1000, places=1), st.decimals(0, 1000, places=1), st.decimals(0, 12, places=1),
)  # fmt: skip
def test_two_amendments_cost_what_one_to_the_same_quantity_does(
    first: Decimal, second: Decimal, months: Decimal
) -> None:
    policy = ProrationPolicy(default_term=10)  # so that nothing needs more than 34 digits
    between = ContractLine(quantity=first, unit_price=SEATS.unit_price, term=12)

    steps = (
        _amended(SEATS, first, months, policy).delta_amount
        + _amended(between, second, months, policy).delta_amount
    )

    assert steps == _amended(SEATS, second, months, policy).delta_amount
