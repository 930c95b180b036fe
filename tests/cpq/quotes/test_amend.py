"""Amendments price only what changes, for only the days that are left, and rewrite nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import attrs
import pytest

from salesmgmt.core.codec import Codec
from salesmgmt.core.errors import InvalidInput, UnknownOption
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.approvals import ApprovalPolicy, ApprovalRule
from salesmgmt.cpq.pricing import Amendment, ContractLine, Line, ProrationPolicy
from salesmgmt.cpq.pricing import amend as amend_terms
from salesmgmt.cpq.quotes import (
    ENTITIES,
    EVENTS,
    AddLine,
    AmendmentPolicy,
    ChangePrice,
    ChangeQuantity,
    ContractStep,
    Credit,
    ReplaceLine,
    UnknownId,
    contract_from,
    effective_discount,
    extend,
    submit,
)
from salesmgmt.pipeline.cash import InvalidDocument
from salesmgmt.processes.lead_to_cash import order_from_quote

from .conftest import AFTER, MANAGER, NOW, REP
from .contracts import (
    JANUARY,
    JULY,
    NEXT_JANUARY,
    amended,
    change,
    contract,
    drafted,
    item,
    seat,
    taken,
    told,
    total,
)

DAYS = AmendmentPolicy(proration=ProrationPolicy(precision="day", default_term=366))


def test_added_units_cost_what_the_line_costs_for_the_months_that_are_left() -> None:
    # sfcpq-035: 5 at 100 a year, 8 with 6 of 12 months left: 3 x 100 x 6/12
    quote, _ = drafted(contract(), ChangeQuantity("seats", 8))

    assert told(quote) == [("seat", "3", "150.00")]
    (line,) = quote.current.lines
    assert (line.starts, line.ends, line.list_amount) == (JULY, NEXT_JANUARY, Money(300, "EUR"))


def test_it_agrees_with_the_amendment_of_a_plain_price() -> None:
    plain = ContractLine(quantity=5, unit_price=Money(100, "EUR"), term=12)
    found = amend_terms(plain, 8, 6, ProrationPolicy())

    assert isinstance(found, Amendment)
    assert drafted(contract(), ChangeQuantity("seats", 8))[0].total == found.delta_amount


def test_the_waterfall_leads_from_the_list_over_the_term_to_what_the_line_costs() -> None:
    # 5 at a list of 500 for 400: 3 more are 300 at list, 150 for half a year, and 120 at the price of the line
    cheaper = item(net="400.00", list_amount=Money(500, "EUR"))
    (line,) = drafted(contract(cheaper), ChangeQuantity("seats", 8))[0].current.lines

    assert [(step.kind.value, str(step.running)) for step in line.waterfall] == [
        ("list", "300 EUR"),
        ("term", "150 EUR"),
        ("contract", "120.00 EUR"),
    ]


def test_a_discount_of_the_line_goes_on_and_is_seen_by_the_limits() -> None:
    cheaper = item(net="400.00", list_amount=Money(500, "EUR"))
    rule = ApprovalRule(
        id="deep", metric="effective_discount_percent", operator=">", threshold=Percent(15), roles=("boss",)
    )
    quote, _ = drafted(contract(cheaper), ChangeQuantity("seats", 8))
    submitted, _ = submit(quote, ApprovalPolicy(id="limits", rules=(rule,)), at=NOW, by=REP)

    found = effective_discount(quote.current)
    assert found is not None
    assert found.percent == Percent(20)
    assert [need.rule for need in submitted.needs] == ["deep"]


def test_units_are_given_back_at_their_own_price_the_last_ones_first() -> None:
    # 3 added in April at 80 a year: 3 x 80 x 9/12 = 180; from July 3 x 80 x 6/12 and 1 x 100 x 6/12 are credited
    more = amended(
        contract(), ChangeQuantity("seats", 8, unit_price=Money(80, "EUR")), on=date(2026, 4, 1), id="q-2"
    )
    quote, _ = drafted(more, ChangeQuantity("seats", 4), id="q-3")

    assert more.total == Money("680.00", "EUR")
    assert told(quote) == [("seat", "-3", "-120.00"), ("seat", "-1", "-50.00")]


def test_units_that_come_back_do_so_at_the_price_at_which_they_went() -> None:
    more = amended(
        contract(), ChangeQuantity("seats", 8, unit_price=Money(80, "EUR")), on=date(2026, 4, 1), id="q-2"
    )
    fewer = amended(more, ChangeQuantity("seats", 4), id="q-3")
    quote, _ = drafted(fewer, ChangeQuantity("seats", 9), id="q-4")

    # one at 100, three at 80, and one that was never there at 100, for half a year each
    assert told(quote) == [("seat", "1", "50.00"), ("seat", "3", "120.00"), ("seat", "1", "50.00")]


@pytest.mark.parametrize(
    ("credit", "amount"), [(Credit.PRORATED, "-100.00"), (Credit.FULL, "-200.00"), (Credit.NONE, "0")]
)
def test_what_is_credited_is_a_policy(credit: Credit, amount: str) -> None:
    quote, _ = drafted(contract(), ChangeQuantity("seats", 3), policy=AmendmentPolicy(credit=credit))

    assert told(quote) == [("seat", "-2", amount)]


def test_a_full_credit_gives_back_no_more_than_was_charged() -> None:
    policy = AmendmentPolicy(credit="full")
    fewer = amended(contract(), ChangeQuantity("seats", 3), policy=policy)
    again = amended(fewer, ChangeQuantity("seats", 5), id="q-3", policy=policy)
    back = amended(again, ChangeQuantity("seats", 3), id="q-4", policy=policy)

    # 2 are credited with 200, taken again for half a year with 100, and these 100 are credited
    assert [str(one.total.amount) for one in (fewer, again, back)] == ["300.00", "400.00", "300.00"]
    half = amended(contract(), ChangeQuantity("seats", 4))
    assert amended(half, ChangeQuantity("seats", 3), id="q-3", policy=policy).total == Money("350.00", "EUR")


def test_days_of_a_leap_year_are_counted() -> None:
    # 1 EUR a day in 2024: from 29 February on 307 of 366 days are left
    leap = contract(item(quantity=1, net="366.00", starts=date(2024, 1, 1), ends=date(2025, 1, 1)))
    quote, _ = drafted(leap, ChangeQuantity("seats", 0), on=date(2024, 2, 29), policy=DAYS)

    assert told(quote) == [("seat", "-1", "-307.00")]


def test_a_contract_that_begins_on_a_leap_day_is_counted_in_its_own_months() -> None:
    # from 29 February 2024 to 28 February 2025 are 12 months, and 6 from 29 August on: both end on the last of February
    leap = contract(item(quantity=1, net="120.00", starts=date(2024, 2, 29), ends=date(2025, 2, 28)))
    quote, _ = drafted(leap, ChangeQuantity("seats", 2), on=date(2024, 8, 29))

    assert quote.total == Money("60.00", "EUR")


def test_another_price_credits_the_rest_of_the_old_one() -> None:
    quote, _ = drafted(contract(), ChangePrice("seats", Money(90, "EUR")))
    after = amended(contract(), ChangePrice("seats", Money(90, "EUR")))

    assert told(quote) == [("seat", "-5", "-250.00"), ("seat", "5", "225.00")]
    # once replaced, the old units do not come back: one more costs the new price
    assert told(drafted(after, ChangeQuantity("seats", 6), id="q-3")[0]) == [("seat", "1", "45.00")]
    assert told(drafted(after, ChangePrice("seats", Money(100, "EUR")), id="q-3")[0]) == [
        ("seat", "-5", "-225.00"),
        ("seat", "5", "250.00"),
    ]


def test_another_product_is_priced_as_of_today_and_ends_with_the_line() -> None:
    after = amended(contract(), ReplaceLine("seats", Line("seat-pro", 4, configuration={"colour": "red"})))
    line = after.line("seats")

    # 4 x 150 x 6/12 less 5 x 100 x 6/12
    assert after.total - contract().total == Money("50.00", "EUR")
    assert (line.product, line.quantity, line.ends, dict(line.configuration)) == (
        "seat-pro",
        Decimal(4),
        NEXT_JANUARY,
        {"colour": "red"},
    )
    assert after.running(date(2026, 6, 30)) == {"seats": 5}
    assert after.running(JULY) == {"seats": 4}


def test_what_is_replaced_is_credited_even_when_nothing_is_for_units_given_back() -> None:
    policy = AmendmentPolicy(credit="none")
    quote, _ = drafted(contract(), ReplaceLine("seats", Line("seat-pro", 4)), policy=policy)

    assert told(quote) == [("seat", "-5", "-250.00"), ("seat-pro", "4", "300.00")]


def test_new_lines_end_with_the_contract() -> None:
    quote, _ = drafted(contract(), AddLine("care", Line("support", 1)))
    (line,) = quote.current.lines

    assert (line.starts, line.ends, str(line.net_amount)) == (JULY, NEXT_JANUARY, "30.00 EUR")


def test_a_new_line_may_be_shorter_and_may_be_a_part() -> None:
    october = Line("support", 1, starts=date(2026, 10, 1), ends=date(2026, 11, 1))
    after = amended(contract(), AddLine("care", october, parent="seats"), AddLine("x", seat(), parent="care"))

    assert (after.line("care").parent, after.line("x").parent) == ("seats", "care")
    assert after.line("care").net_amount == Money("5.00", "EUR")
    assert "care" not in after.running(date(2026, 9, 30))


def test_what_is_sold_once_is_in_the_order_and_not_in_the_contract() -> None:
    quote, proposed = drafted(
        contract(), ChangeQuantity("seats", 6), AddLine("setup", Line("setup", 1), one_time=True)
    )
    after, _ = extend(contract(), taken(quote), proposed)
    order, _ = order_from_quote(taken(quote), order_id="o-2")

    assert [line.id for line in after.lines] == ["seats"]
    assert order.total == Money("130.00", "EUR")


def test_a_segment_that_has_not_begun_is_changed_for_all_of_it() -> None:
    ramp = contract(
        item("seats/1", 5), item("seats/2", 10, "1000.00", starts=NEXT_JANUARY, ends=date(2028, 1, 1))
    )
    quote, _ = drafted(ramp, ChangeQuantity("seats/2", 8))
    (line,) = quote.current.lines

    assert told(quote) == [("seat", "-2", "-200.00")]
    assert (line.starts, line.ends) == (NEXT_JANUARY, date(2028, 1, 1))


def test_history_is_never_rewritten() -> None:
    before = contract()
    after = amended(before, ChangeQuantity("seats", 8))

    assert after.history[:1] == before.history
    assert after.history[1].step is ContractStep.AMENDMENT
    assert [after.running(day) for day in (JANUARY, date(2026, 6, 30), JULY, NEXT_JANUARY)] == [
        {"seats": 5},
        {"seats": 5},
        {"seats": 8},
        {},
    ]
    assert after.total == total(after.items) == Money("650.00", "EUR")


def test_the_order_is_made_of_the_difference_alone_with_credits_as_lines() -> None:
    quote, _ = drafted(contract(), ChangePrice("seats", Money(120, "EUR")))
    order, _ = order_from_quote(taken(quote), order_id="o-2")

    assert [(f"{line.quantity:f}", str(line.net)) for line in order.lines] == [
        ("-5", "-250.00 EUR"),
        ("5", "300.00 EUR"),
    ]
    assert order.total == Money("50.00", "EUR")


def test_what_comes_to_less_than_nothing_makes_no_order() -> None:
    quote, proposed = drafted(contract(), ChangeQuantity("seats", 3))
    event = taken(quote)

    with pytest.raises(InvalidDocument, match="give back by a credit"):
        order_from_quote(event, order_id="o-2")
    assert extend(contract(), event, proposed)[1][0].difference == Money("-100.00", "EUR")


def test_a_contract_keeps_what_has_a_term() -> None:
    quote, _ = drafted(contract(), AddLine("care", Line("support", 1)), AddLine("s", seat(), one_time=True))
    begun, (event,) = contract_from(taken(quote), id="c-9")

    assert [line.id for line in begun.lines] == ["care"]
    assert (event.contract, event.starts, event.ends, event.total) == (
        "c-9",
        JULY,
        NEXT_JANUARY,
        Money("30.00", "EUR"),
    )
    with pytest.raises(UnknownId, match="known are care"):
        begun.line("s")


def test_without_a_term_there_is_no_contract() -> None:
    quote, _ = drafted(contract(), AddLine("setup", Line("setup", 1), one_time=True))

    with pytest.raises(InvalidInput, match="at least one line with a first and a last day"):
        contract_from(taken(quote), id="c-9")


def test_everything_comes_back_from_json() -> None:
    before = contract()
    quote, proposed = drafted(before, ChangeQuantity("seats", 8), AddLine("care", Line("support", 1)))
    after, (changed,) = extend(before, taken(quote), proposed)
    begun, (started,) = contract_from(taken(quote), id="c-9")
    codec = Codec([*ENTITIES, *EVENTS])

    for document in (before, quote, proposed, after, changed, begun, started):
        assert codec.read_json(codec.to_json(document)) == document


def test_events_name_contract_quote_and_customer() -> None:
    quote, proposed = drafted(contract(), ChangeQuantity("seats", 8))

    assert [str(ref) for ref in proposed.subjects] == ["Contract:c-1", "Account:acme", "Quote:q-2"]
    assert (proposed.based_on, proposed.on, quote.account) == (1, JULY, "acme")


def test_unknown_policies_are_refused() -> None:
    with pytest.raises(UnknownOption, match="prorated"):
        AmendmentPolicy(credit="half")


def test_a_contract_that_does_not_agree_with_its_items_is_refused() -> None:
    good = contract()

    for wrong, path in (
        ({"total": Money(1, "EUR")}, "total"),
        ({"ends": date(2030, 1, 1)}, "starts"),
        ({"currency": "USD"}, "history"),
        ({"history": ()}, "history"),
        (
            {"history": (change(item(), item()),), "total": Money(1000, "EUR")},
            r"history\[0\]\.items\[1\]\.id",
        ),
        (
            {
                "history": (change(item(), item("b", -6, "-600.00", line="seats", of="seats")),),
                "total": Money(-100, "EUR"),
            },
            r"items\[1\]\.quantity",
        ),
        (
            {
                "history": (change(item(), item("b", 1, "0.00", line="other", of="seats")),),
                "total": Money(500, "EUR"),
            },
            r"items\[1\]\.of",
        ),
    ):
        with pytest.raises(InvalidInput, match=path):
            attrs.evolve(good, **wrong)


def test_only_what_belongs_together_extends_a_contract() -> None:
    before = contract()
    quote, proposed = drafted(before, ChangeQuantity("seats", 8))
    event = taken(quote)
    after, _ = extend(before, event, proposed)

    with pytest.raises(InvalidInput, match="draft the change again"):
        extend(after, event, proposed)
    with pytest.raises(InvalidInput, match=r"proposed\.contract: found 'c-1', wanted 'c-2'"):
        extend(attrs.evolve(before, id="c-2"), event, proposed)
    with pytest.raises(InvalidInput, match=r"accepted\.quote"):
        extend(before, attrs.evolve(event, quote="q-7"), proposed)
    with pytest.raises(InvalidInput, match=r"accepted\.currency"):
        extend(before, attrs.evolve(event, currency="USD"), proposed)


def test_of_two_amendments_of_one_state_the_second_is_drafted_again() -> None:
    before = contract()
    first, second = drafted(before, ChangeQuantity("seats", 8)), drafted(before, ChangeQuantity("seats", 3))
    after, _ = extend(before, taken(first[0]), first[1])

    with pytest.raises(InvalidInput, match="2 steps"):
        extend(after, taken(second[0]), second[1])
    # 5 units fewer than the 8 there are now, for half a year
    assert drafted(after, ChangeQuantity("seats", 3), id="q-3")[0].total == Money("-250.00", "EUR")


def test_approvals_and_dates_are_those_of_any_quote() -> None:
    quote, _ = drafted(contract(), ChangeQuantity("seats", 8))

    assert (quote.status.value, quote.number, quote.valid_until) == ("draft", "Q-2", NEXT_JANUARY)
    assert AFTER.date() < quote.valid_until
    assert MANAGER.id not in quote.asked_by
