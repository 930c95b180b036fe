"""The weighted pipeline; figures are reckoned by hand, and in fractions."""

from __future__ import annotations

from fractions import Fraction

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.pipeline.deals import Deal, Estimate
from salesmgmt.pipeline.forecast import weigh
from tests.pipeline.forecast.lives import euros, told


def deal(key: str, amount: Money | None, percent: int, *route: str) -> Deal:
    made, _ = told(key, [(number + 1, stage) for number, stage in enumerate(route)])
    return attrs.evolve(made, amount=amount, probability=Estimate(Percent(percent)))


def test_open_deals_are_weighted_and_closed_ones_are_not() -> None:
    found = weigh(
        [
            deal("a", Money("100.10", "EUR"), 25),
            deal("b", euros(200), 50, "offer"),
            deal("c", euros(999), 100, "won"),
            deal("d", euros(999), 50, "lost"),
            deal("e", None, 50),
        ],
        currency="EUR",
    )
    assert [part.weighted for part in found.parts] == [Money("25.025", "EUR"), euros(100)]
    assert (found.total, found.weighted) == (Money("300.10", "EUR"), Money("125.025", "EUR"))
    assert (found.won, found.without_amount) == (euros(999), ("e",))
    assert found.by(lambda one: one.stage) == {"talk": Money("25.025", "EUR"), "offer": euros(100)}


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 100), st.booleans()), max_size=8))
def test_it_is_the_sum_exactly_and_groups_add_up_to_it(rows: list[tuple[int, int, bool]]) -> None:
    deals = [
        deal(str(place), euros(amount), percent, *(["offer"] if offered else []))
        for place, (amount, percent, offered) in enumerate(rows)
    ]
    found = weigh(deals, currency="EUR")
    assert Fraction(found.weighted.amount) == sum(
        Fraction(amount * percent, 100) for amount, percent, _ in rows
    )
    assert Money.total(found.by(lambda one: one.stage).values(), "EUR") == found.weighted


def test_amounts_of_other_currencies_are_refused_all_at_once() -> None:
    with pytest.raises(InvalidInput) as refused:
        weigh([deal("a", Money(1, "USD"), 5), deal("b", Money(1, "CNY"), 5)], currency="EUR")
    assert [problem.path for problem in refused.value.problems] == ["deals['a'].amount", "deals['b'].amount"]
