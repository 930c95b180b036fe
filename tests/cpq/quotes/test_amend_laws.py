"""Amending and reverting: what is charged depends on nothing but what runs in the end."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from salesmgmt.core.money import Money
from salesmgmt.core.rounding import RoundingMode
from salesmgmt.cpq.pricing import ProrationPolicy
from salesmgmt.cpq.quotes import AmendmentPolicy, ChangePrice, ChangeQuantity, Contract

from .contracts import JANUARY, amended, contract, item

DAYS = st.integers(0, 364).map(lambda days: JANUARY + timedelta(days=days))
NETS = st.integers(1, 10**7).map(lambda cents: f"{cents // 100}.{cents % 100:02d}")
POLICIES = st.builds(
    AmendmentPolicy,
    proration=st.sampled_from(["day", "month", "month_and_day", "calendar_month"]).map(
        lambda precision: ProrationPolicy(precision=precision)
    ),
    rounding=st.sampled_from(RoundingMode),
)


def led(of: Contract, quantities: list[int], on: date, policy: AmendmentPolicy) -> Contract:
    """The contract after its seats were brought to each of these quantities, as of one day."""
    for number, quantity in enumerate(quantities):
        if of.line("seats").quantity != quantity:
            change = ChangeQuantity("seats", quantity)
            of = amended(of, change, on=on, id=f"q-{len(of.history)}-{number}", policy=policy)
    return of


@settings(max_examples=40, deadline=None)
@given(NETS, st.integers(1, 9), st.lists(st.integers(0, 15), min_size=1, max_size=4), DAYS, POLICIES)
def test_to_change_and_to_change_back_comes_to_nothing(
    net: str, sold: int, quantities: list[int], on: date, policy: AmendmentPolicy
) -> None:
    before = contract(item(quantity=sold, net=net))
    after = led(before, [*quantities, sold], on, policy)

    assert after.total == before.total
    assert after.running(on) == before.running(on)
    assert after.history[:1] == before.history


@settings(max_examples=30, deadline=None)
@given(NETS, st.lists(st.integers(0, 8), max_size=3), st.integers(0, 8), DAYS, POLICIES)
def test_the_way_to_fewer_units_does_not_matter(
    net: str, ways: list[int], last: int, on: date, policy: AmendmentPolicy
) -> None:
    before = contract(item(quantity=8, net=net))

    assert led(before, [*ways, last], on, policy).total == led(before, [last], on, policy).total


@settings(max_examples=30, deadline=None)
@given(NETS, st.integers(1, 9), st.integers(0, 9), DAYS, POLICIES)
def test_no_more_is_credited_than_was_charged(
    net: str, sold: int, left: int, on: date, policy: AmendmentPolicy
) -> None:
    assume(left < sold)
    before = contract(item(quantity=sold, net=net))

    assert Money(0, "EUR") <= led(before, [left], on, policy).total <= before.total


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(1, 9), DAYS)
def test_a_price_that_is_changed_back_comes_to_nothing(cents: int, other: int, sold: int, on: date) -> None:
    price, another = (Money(f"{one // 100}.{one % 100:02d}", "EUR") for one in (cents, other))
    before = contract(item(quantity=sold, net=str((price * sold).amount)))
    changed = amended(before, ChangePrice("seats", another), on=on, id="q-2")
    back = amended(changed, ChangePrice("seats", price), on=on, id="q-3")

    assert back.total == before.total


@settings(max_examples=30, deadline=None)
@given(NETS, st.lists(st.tuples(DAYS, st.integers(0, 12)), min_size=1, max_size=4), POLICIES)
def test_each_day_runs_what_was_agreed_for_it(
    net: str, changes: list[tuple[date, int]], policy: AmendmentPolicy
) -> None:
    of = contract(item(quantity=5, net=net))
    agreed = {JANUARY: 5}
    for day, quantity in sorted(changes):
        of = led(of, [quantity], day, policy)
        agreed[day] = quantity

    for day in (*agreed, date(2026, 12, 31)):
        quantity = agreed[max(one for one in agreed if one <= day)]
        assert of.running(day) == ({"seats": quantity} if quantity else {})


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(DAYS, st.integers(0, 12)), min_size=1, max_size=4))
def test_at_one_euro_a_day_and_unit_as_much_is_charged_as_days_and_units_run(
    changes: list[tuple[date, int]],
) -> None:
    by_day = AmendmentPolicy(proration=ProrationPolicy(precision="day"))
    of = contract(item(quantity=5, net=f"{5 * 365}.00"))
    agreed = {JANUARY: 5}
    for day, quantity in sorted(changes):
        of = led(of, [quantity], day, by_day)
        agreed[day] = quantity

    days = [JANUARY + timedelta(days=number) for number in range(365)]
    counted = sum(agreed[max(one for one in agreed if one <= day)] for day in days)
    assert of.total == Money(counted, "EUR")
