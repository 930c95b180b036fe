"""Credit for sales events, split to the cent."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.allocation import InvalidAllocation
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.sfe import CreditKind, NotWhole, credit_event


def test_direct_credits_are_the_amount_and_overlays_come_on_top() -> None:
    credits_ = credit_event(
        "d-1",
        Money("1000.00", "EUR"),
        {"li": Percent(70), "chen": Percent(30)},
        {"expert": Percent(50), "manager": Percent(100)},
    )

    amounts = {credit.participant: credit.amount.amount for credit in credits_}
    assert amounts == {"li": 700, "chen": 300, "expert": 500, "manager": 1000}
    assert [c.participant for c in credits_ if c.kind is CreditKind.OVERLAY] == ["expert", "manager"]


def test_three_equal_shares_of_a_hundred_differ_by_a_cent() -> None:
    third = Percent("33.33333333333333333333333333333333")
    shares = {"a": third, "b": third, "c": Percent(100) - third - third}

    amounts = sorted(str(c.amount) for c in credit_event("d-1", Money("100.00", "EUR"), shares))

    assert amounts == ["33.33 EUR", "33.33 EUR", "33.34 EUR"]


@pytest.mark.parametrize("shares", [{}, {"li": Percent(99)}, {"li": Percent(60), "chen": Percent(60)}])
def test_direct_shares_are_a_hundred_percent(shares: dict[str, Percent]) -> None:
    with pytest.raises(NotWhole, match="d-1"):
        credit_event("d-1", Money(1, "EUR"), shares)


def test_a_negative_share_is_refused() -> None:
    with pytest.raises(InvalidAllocation):
        credit_event("d-1", Money(1, "EUR"), {"li": Percent(150), "chen": Percent(-50)})


def test_a_return_takes_back_what_the_sale_gave() -> None:
    shares = {"li": Percent("33.4"), "chen": Percent("66.6")}
    sale = credit_event("d-1", Money("99.99", "EUR"), shares, {"expert": Percent("12.5")})

    refund = credit_event("r-1", Money("-99.99", "EUR"), shares, {"expert": Percent("12.5")})

    assert [-credit.amount for credit in refund] == [credit.amount for credit in sale]


@given(cents=st.integers(-(10**10), 10**10), weights=st.lists(st.integers(1, 1000), min_size=1, max_size=9))
def test_direct_credits_always_add_up(cents: int, weights: list[int]) -> None:
    basis = [Percent(Decimal(weight * 100 // sum(weights))) for weight in weights]
    basis[0] += Percent(100 - sum((share.points for share in basis), Decimal(0)))
    shares = {str(place): share for place, share in enumerate(basis)}
    amount = Money(Decimal(cents).scaleb(-2), "EUR")

    assert Money.total((c.amount for c in credit_event("d", amount, shares)), "EUR") == amount


def test_an_overlay_below_zero_is_refused() -> None:
    with pytest.raises(InvalidAllocation):
        credit_event("d-1", Money("100.00", "EUR"), {"li": Percent(100)}, {"expert": Percent(-20)})
