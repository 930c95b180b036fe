"""Amendments that make no sense are refused with the place, what was found and what was wanted."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from salesmgmt.core.errors import FloatRefused, InvalidInput
from salesmgmt.core.events import NaiveInstant
from salesmgmt.core.exact import NotANumber
from salesmgmt.core.money import Money
from salesmgmt.core.period import NotADate
from salesmgmt.cpq.pricing import Line, PricingRequest
from salesmgmt.cpq.quotes import AddLine, ChangePrice, ChangeQuantity, Contract, ReplaceLine, amend
from salesmgmt.cpq.quotes.changes import ContractEdit

from .conftest import REP
from .contracts import AT, JANUARY, JULY, NEXT_JANUARY, amended, contract, drafted, item, seat

MORE = ChangeQuantity("seats", 8)


def refused(of: Contract, *changes: ContractEdit, **more: Any) -> list[tuple[str, str]]:
    """Where the faults are, and their codes."""
    with pytest.raises(InvalidInput, match="amendment of contract c-1") as caught:
        drafted(of, *changes, **more)
    return [(problem.path, problem.code) for problem in caught.value.problems]


@pytest.mark.parametrize(
    "on", [date(2025, 12, 31), NEXT_JANUARY, date(2030, 1, 1), date.min, date.max], ids=str
)
def test_a_day_outside_the_contract(on: date) -> None:
    assert refused(contract(), MORE, on=on) == [("on", "outside_term")]


def test_an_instant_is_no_day() -> None:
    with pytest.raises(NotADate):
        drafted(contract(), MORE, on=AT)


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        (ChangeQuantity("seat", 8), "changes[0].line", "unknown"),
        (ChangeQuantity("seats", -1), "changes[0].quantity", "negative"),
        (ChangeQuantity("seats", 5), "changes[0].quantity", "unchanged"),
        (
            ChangeQuantity("seats", 8, unit_price=Money(-1, "EUR")),
            "changes[0].unit_price",
            "negative",
        ),
        (ChangeQuantity("seats", 8, unit_price=Money(1, "USD")), "changes[0].unit_price", "currency"),
        (ChangeQuantity("seats", 3, unit_price=Money(1, "EUR")), "changes[0].unit_price", "unused"),
        (ChangePrice("seats", Money(-1, "EUR")), "changes[0].unit_price", "negative"),
        (ChangePrice("seats", Money(1, "USD")), "changes[0].unit_price", "currency"),
        (ChangePrice("desks", Money(1, "EUR")), "changes[0].line", "unknown"),
        (ReplaceLine("seats", seat(starts=JULY)), "changes[0].by.starts", "not_empty"),
        (AddLine("seats", seat()), "changes[0].id", "duplicate"),
        (AddLine(" ", seat()), "changes[0].id", "blank"),
        (AddLine("x" * 201, seat()), "changes[0].id", "blank"),
        (AddLine("care", seat(), parent="bike"), "changes[0].parent", "unknown"),
        (AddLine("care", seat(ends=date(2027, 1, 2))), "changes[0].line.ends", "not_within_term"),
        (AddLine("care", seat(starts=date(2026, 6, 30))), "changes[0].line.starts", "before_change"),
        (AddLine("care", seat(ends=JULY)), "changes[0].line.ends", "no_day"),
        (AddLine("care", seat(starts=JULY), one_time=True), "changes[0].line.starts", "not_empty"),
        (AddLine("care", Line("seat", 0)), "changes[0].line.quantity", "not_positive"),
        (AddLine("care", Line("seat", -3)), "changes[0].line.quantity", "not_positive"),
        (ReplaceLine("seats", Line("seat", 0)), "changes[0].by.quantity", "not_positive"),
    ],
)
def test_a_change_that_makes_no_sense(change: ContractEdit, path: str, code: str) -> None:
    assert refused(contract(), change) == [(path, code)]


def test_all_faults_are_told_at_once() -> None:
    faulty = (ChangeQuantity("seat", 8), ChangeQuantity("seats", -1), AddLine("", seat()))

    assert [path for path, _ in refused(contract(), *faulty)] == [
        "changes[0].line",
        "changes[1].quantity",
        "changes[2].id",
    ]


def test_a_line_is_changed_once() -> None:
    assert ("changes[1]", "duplicate") in refused(contract(), MORE, ChangeQuantity("seats", 9))
    assert ("changes[1]", "duplicate") in refused(contract(), AddLine("a", seat()), AddLine("a", seat()))


@pytest.mark.parametrize("count", [0, 1_001])
def test_there_are_some_changes_and_not_too_many(count: int) -> None:
    assert refused(contract(), *[MORE] * count) == [("changes", "no_such_count")]


def test_what_is_no_change_is_refused() -> None:
    assert refused(contract(), "seats") == [("changes[0]", "wrong_type")]  # type: ignore[arg-type]


def test_a_float_or_a_text_is_no_quantity() -> None:
    with pytest.raises(FloatRefused):
        ChangeQuantity("seats", 8.5)  # type: ignore[arg-type]
    with pytest.raises(NotANumber):
        ChangeQuantity("seats", "many")


def test_a_day_before_a_change_that_was_accepted() -> None:
    after = amended(contract(), MORE, on=JULY)

    assert refused(after, ChangeQuantity("seats", 9), on=date(2026, 6, 30)) == [("on", "before_change")]
    # other lines may be changed as of before
    two = contract(item(), item("care", 1, "60.00", product="support"))
    later = amended(two, MORE, on=JULY)
    assert drafted(later, ChangeQuantity("care", 2), on=date(2026, 4, 1), id="q-3")[0].total == Money(
        "45.00", "EUR"
    )


def test_a_line_that_is_over_or_empty() -> None:
    two = contract(item(), item("trial", 1, "10.00", ends=date(2026, 2, 1)))
    empty = amended(contract(), ChangeQuantity("seats", 0))

    assert refused(two, ChangeQuantity("trial", 2)) == [("changes[0].line", "over")]
    assert refused(empty, ChangePrice("seats", Money(1, "EUR"))) == [("changes[0].line", "nothing_left")]
    # and yet it can be taken again
    assert drafted(empty, ChangeQuantity("seats", 5), id="q-3")[0].total == Money("250.00", "EUR")


def test_a_line_is_not_given_back_without_its_parts() -> None:
    whole = contract(item(), item("care", 1, "60.00", parent="seats"))

    assert refused(whole, ChangeQuantity("seats", 0)) == [("changes[0].quantity", "has_parts")]
    both = drafted(whole, ChangeQuantity("seats", 0), ChangeQuantity("care", 0))[0]
    assert both.total == Money("-280.00", "EUR")


def test_what_is_new_needs_a_pricer_in_the_currency_of_the_contract() -> None:
    new = AddLine("care", Line("support", 1))
    dollars = PricingRequest(at=AT, currency="USD", lines=[])
    filled = PricingRequest(at=AT, currency="EUR", lines=[seat()])

    assert refused(contract(), new, pricer=None, request=None) == [
        ("pricer", "missing"),
        ("request", "missing"),
    ]
    assert refused(contract(), new, request=dollars) == [("request.currency", "currency")]
    assert refused(contract(), new, request=filled) == [("request.lines", "not_empty")]


def test_a_product_without_a_price_leaves_a_draft_that_nobody_presents() -> None:
    quote, _ = drafted(contract(), MORE, AddLine("x", Line("spaceship", 1)))

    assert quote.total is None
    assert [line.id for line in quote.current.unpriced] == ["x"]


def test_names_that_are_taken_get_a_number() -> None:
    taken_name = contract(item(), item("seats@2026-07-01", 1, "10.00"))
    quote, _ = drafted(taken_name, MORE)

    assert [line.id for line in quote.current.lines] == ["seats@2026-07-01#2"]


def test_a_new_line_keeps_its_name_and_its_parts_where_another_would_have_had_it() -> None:
    name = "seats@2026-07-01"
    after = amended(contract(), MORE, AddLine(name, seat()), AddLine("part", Line("support", 1), parent=name))

    assert [(line.id, line.parent, str(line.quantity)) for line in after.lines] == [
        ("seats", "", "8"),
        (name, "", "1"),
        ("part", name, "1"),
    ]


def test_ids_with_signs_of_all_kinds_are_only_names() -> None:
    odd = "seats@2026-07-01#2'; <script>alert(1)</script>\u202e"
    after = amended(contract(item(odd)), ChangeQuantity(odd, 6))

    assert after.running(JULY) == {odd: 6}


def test_a_units_worth_of_nothing_and_of_very_much() -> None:
    free = contract(item(net="0.00"))
    dear = contract(item(quantity=1, net="99999999999999999999999999.99"))

    assert drafted(free, ChangeQuantity("seats", 8))[0].total == Money("0.00", "EUR")
    assert drafted(dear, ChangeQuantity("seats", 0), on=JANUARY)[0].total == Money(
        "-99999999999999999999999999.99", "EUR"
    )


def test_a_naive_instant_is_refused() -> None:
    naive = datetime(2026, 3, 2, 9)  # noqa: DTZ001 - that is the point

    with pytest.raises(NaiveInstant):
        amend(contract(), [MORE], on=JULY, id="q-2", number="Q-2", valid_until=JULY, at=naive, by=REP)
