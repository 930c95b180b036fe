"""An answer that contradicts itself is refused with the place; and the shorter answers of a pricer agree with the long."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import attrs
import pytest

from salesmgmt.core.entity import ProductId
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import (
    DiscountRule,
    Discounts,
    HeaderDiscounts,
    InvariantBroken,
    Line,
    ListPrice,
    NoPrice,
    PriceConflict,
    Priced,
    Pricer,
    PriceRecord,
    PricingModel,
    PricingProcedure,
    PricingRequest,
    RoundLines,
    StepKind,
    UnknownRule,
    require_invariants,
)
from salesmgmt.cpq.products import Catalogue, Product

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PRICES = [
    PriceRecord(id=f"p-{name}", product=name, price=Money(price, "EUR"))
    for name, price in (("desk", "100.005"), ("chair", 50))
]


def pricer_of(*rules: DiscountRule, header: tuple[DiscountRule, ...] = (), **more: Any) -> Pricer:
    zone = more.pop("time_zone", "UTC")
    steps = (
        ListPrice(id="list"),
        Discounts(id="d", rules=rules),
        RoundLines(id="cents"),
        HeaderDiscounts(id="h", rules=header),
    )
    procedure = PricingProcedure(id="own", version=7, time_zone=zone, steps=steps)
    return PricingModel(procedure=procedure, **{"prices": PRICES, **more}).compile()


def asked(*lines: Line, **more: Any) -> PricingRequest:
    return PricingRequest(**{"at": NOW, "currency": "EUR", "lines": lines, **more})


TEN = DiscountRule(id="ten", percent=Percent(10))
SIX = DiscountRule(id="six", amount=Money(6, "EUR"))


def answer() -> Priced:
    """The desk 100.005 less 10 % = 90.0045, in cents 90.00; the chair 45; they share 6 as 4 and 2: 86 and 43."""
    priced = pricer_of(TEN, header=(SIX,)).price(asked(Line("desk", 1), Line("chair", 1)))
    assert [line.net_amount.amount for line in priced.lines] == [86, 43]
    return priced


def broken(priced: Priced) -> tuple[str, str]:
    with pytest.raises(InvariantBroken) as caught:
        require_invariants(priced)
    error = caught.value
    assert str(error) == (
        f"the priced document is wrong at {error.where}: {error.wanted} does not hold; do not use this price; "
        "price the request again, and report the case if it happens again"
    )
    return error.where, error.wanted


def with_line(priced: Priced, position: int, **fields: Any) -> Priced:
    lines = list(priced.lines)
    lines[position] = attrs.evolve(lines[position], **fields)
    return attrs.evolve(priced, lines=tuple(lines))


def with_step(priced: Priced, position: int, step: int, **fields: Any) -> Priced:
    waterfall = list(priced.lines[position].waterfall)
    waterfall[step] = attrs.evolve(waterfall[step], **fields)
    return with_line(priced, position, waterfall=tuple(waterfall))


def eur(amount: str | int) -> Money:
    return Money(amount, "EUR")


def test_an_answer_that_adds_up_passes_and_says_by_which_model_it_was_made() -> None:
    priced = answer()

    require_invariants(priced)
    assert [step.kind for step in priced.lines[0].waterfall] == [
        StepKind.LIST,
        StepKind.DISCOUNT,
        StepKind.ROUNDING,
        StepKind.HEADER,
    ]
    assert (priced.model, priced.model_version) == ("own", 7)
    assert (priced.used, priced.coupons_used) == ({}, {})


@pytest.mark.parametrize(
    ("change", "where", "wanted"),
    [
        (lambda p: with_step(p, 1, 1, rounded_amount=Decimal(-4)), "lines[1]", "the steps up to d add up"),
        (lambda p: with_step(p, 1, 0, currency="USD"), "lines[1]", "list is in EUR"),
        (
            lambda p: with_step(p, 1, 1, raw_amount=Decimal(-4)),
            "lines[1]",
            "d changes what it was reckoned to change",
        ),
        (lambda p: with_line(p, 1, net_amount=eur(44)), "lines[1]", "the steps add up to the net amount"),
        (lambda p: with_line(p, 1, net_amount=Money(43, "USD")), "lines[1]", "amounts are in EUR"),
        (lambda p: with_line(p, 1, list_amount=Money(50, "USD")), "lines[1]", "amounts are in EUR"),
        (
            lambda p: attrs.evolve(p, header=(attrs.evolve(p.header[0], shares=p.header[0].shares[:1]),)),
            "header six",
            "one share for each line",
        ),
        (
            lambda p: attrs.evolve(p, header=(attrs.evolve(p.header[0], rounded=eur(-5)),)),
            "header six",
            "the shares add up",
        ),
        (
            lambda p: attrs.evolve(p, header=(attrs.evolve(p.header[0], shares=(eur(-3), eur(-3))),)),
            "header six",
            "each line takes its share",
        ),
        (
            lambda p: attrs.evolve(p, header=(attrs.evolve(p.header[0], rule="other"),)),
            "header other",
            "each line takes its share",
        ),
        (lambda p: attrs.evolve(p, header=()), "header", "every share has a discount"),
    ],
)
def test_a_contradiction_is_named_with_its_place(change: Any, where: str, wanted: str) -> None:
    assert broken(change(answer())) == (where, wanted)


def test_no_step_may_go_below_zero() -> None:
    priced = with_step(
        answer(), 0, 0, raw_amount=Decimal(-1), rounded_amount=Decimal(-1), running_amount=Decimal(-1)
    )

    assert broken(priced) == ("lines[0]", "list does not go below zero")


def test_a_step_that_tells_must_leave_the_amount_as_it_is() -> None:
    priced = answer()

    assert broken(with_step(priced, 1, 1, is_statistical=True)) == ("lines[1]", "the steps up to d add up")


def test_a_net_amount_has_the_decimals_of_its_currency_but_for_zeros() -> None:
    plain = pricer_of().price(asked(Line("chair", 1)))

    def at(amount: str) -> Priced:
        number, net = Decimal(amount), Money(Decimal(amount), "EUR")
        step = attrs.evolve(
            plain.lines[0].waterfall[0], raw_amount=number, rounded_amount=number, running_amount=number
        )
        return with_line(plain, 0, net_amount=net, waterfall=(step,))

    for fine in ("50", "5E+1", "50.01", "50.010", "50.0100000", "0.000"):
        require_invariants(at(fine))
    for wrong in ("50.001", "50.0100001"):
        assert broken(at(wrong)) == ("lines[0]", "at most 2 decimals")


def test_a_change_may_differ_from_the_exact_one_where_it_is_rounded_or_held_at_zero_or_out_of_digits() -> (
    None
):
    def with_raw(raw: str) -> Priced:
        return with_step(answer(), 1, 1, raw_amount=Decimal(raw))

    require_invariants(with_raw("-5.00000000000000000001"))
    assert broken(with_raw("-5.0000000000000000001"))[0] == "lines[1]"
    # 50 less 60 is held at zero
    sixty = DiscountRule(id="sixty", amount=eur(60))
    step = pricer_of(sixty).price(asked(Line("chair", 1))).lines[0].waterfall[1]
    assert (step.raw_amount, step.rounded_amount, step.running_amount) == (
        Decimal(-60),
        Decimal(-50),
        Decimal(0),
    )


def test_two_discounts_on_the_document_are_kept_apart() -> None:
    priced = pricer_of(header=(SIX, attrs.evolve(SIX, id="two"))).price(
        asked(Line("chair", 1), Line("chair", 1))
    )

    require_invariants(priced)
    first, second = priced.header
    swapped = attrs.evolve(priced, header=(first, attrs.evolve(second, rule="six")))
    assert broken(swapped) == ("header six", "each line takes its share")


def test_net_amounts_are_those_of_the_long_answer_with_its_reasons() -> None:
    twin = PriceRecord(id="twin", product="lamp", price=eur(2))
    other = PriceRecord(id="other", product="lamp", price=eur(3))
    pricer = pricer_of(TEN, header=(SIX,), prices=[*PRICES, twin, other])
    lines = (Line("sofa", 1), Line("desk", 1), Line("lamp", 1), Line("chair", 1))

    found = pricer.net_amounts(asked(*lines))

    assert (found[1], found[3]) == (eur(86), eur(43))
    assert found[0] == NoPrice(position=0, line=lines[0], at=NOW, currency="EUR")
    assert isinstance(found[2], PriceConflict)
    assert found[2].position == 2
    assert pricer.net_amounts(asked(lines[1], lines[3])) == (eur(86), eur(43))
    assert pricer.net_amounts(asked()) == ()


def test_why_not_of_a_record_that_is_not_known_or_of_a_line_without_a_price() -> None:
    pricer = pricer_of(attrs.evolve(TEN, condition="line.product == 'desk'"))

    assert str(pricer.why_not(asked(Line("desk", 1), Line("chair", 1)), "ten", position=1)) == (
        "line.product == 'desk': found 'chair'"
    )
    assert pricer.why_not(asked(Line("desk", 1)), "ten") is None
    for request, position in ((asked(Line("sofa", 1)), 0), (asked(Line("desk", 1)), 5)):
        with pytest.raises(UnknownRule) as caught:
            pricer.why_not(request, "ten", position=position)
        assert (caught.value.found, caught.value.known) == ("'ten'", ())


@pytest.mark.parametrize(
    ("zone", "at", "day"),
    [
        ("UTC", "2026-03-02T23:30:00+00:00", "2026-03-02"),
        ("UTC", "2026-03-03T00:30:00+01:00", "2026-03-02"),
        ("Asia/Shanghai", "2026-03-02T16:30:00+00:00", "2026-03-03"),
        ("Asia/Shanghai", "2026-03-02T10:30:00-06:00", "2026-03-03"),
        ("America/New_York", "2026-03-02T04:30:00+00:00", "2026-03-01"),
    ],
)
def test_the_day_of_a_document_is_that_of_the_zone_of_its_procedure(zone: str, at: str, day: str) -> None:
    rule = attrs.evolve(TEN, condition=f"order.date == {day}")
    pricer = pricer_of(rule, time_zone=zone)

    priced = pricer.price(asked(Line("chair", 1), at=datetime.fromisoformat(at)))

    assert priced.lines[0].net_amount == eur(45)


def test_an_instant_of_another_zone_is_the_same_instant() -> None:
    rule = attrs.evolve(TEN, condition="order.at == 2026-03-02T09:00:00Z")
    at = NOW.astimezone(timezone(timedelta(hours=8)))

    assert pricer_of(rule).price(asked(Line("chair", 1), at=at)).lines[0].net_amount == eur(45)


def test_facts_of_a_product_are_those_of_the_catalogue_for_each_line_and_request() -> None:
    catalogue = Catalogue(
        [Product(id=ProductId("desk"), family="wood"), Product(id=ProductId("chair"), family="seats")]
    )
    rule = attrs.evolve(TEN, condition="line.family == 'seats'")
    pricer = pricer_of(rule, catalogue=catalogue)
    request = asked(Line("desk", 2), Line("chair", 1), Line("chair", 2))

    for one in (pricer, pickle.loads(pickle.dumps(pricer))):
        for _ in range(2):
            priced = one.price(request)
            assert [line.net_amount.amount for line in priced.lines] == [Decimal("200.01"), 45, 90]


def test_a_line_in_another_unit_is_priced_in_that_of_its_product_and_asked_in_its_own() -> None:
    catalogue = Catalogue([Product(id=ProductId("chair"))])
    by_dozen = attrs.evolve(TEN, condition="line.uom == 'dozen' and line.quantity == 24")
    pricer = pricer_of(by_dozen, catalogue=catalogue, prices=PRICES[1:])

    found = pricer.net_amounts(
        asked(Line("chair", 2, uom="dozen"), Line("chair", 24), Line("chair", 1, uom="piece"))
    )

    assert found == (eur(1080), eur(1200), eur(50))


def test_a_group_and_fields_of_a_line_are_facts() -> None:
    grouped = attrs.evolve(TEN, condition="line.group == 'set'")

    found = pricer_of(grouped).net_amounts(asked(Line("chair", 1, group="set"), Line("chair", 1)))

    assert found == (eur(45), eur(50))


def test_a_pricer_tells_the_impact_of_another_one() -> None:
    later = attrs.evolve(TEN, valid_from=(NOW + timedelta(days=1)).date())
    done: list[int] = []

    def needs(priced: Priced) -> tuple[str, ...]:
        return ("manager",) if priced.total < eur(50) else ()

    found = pricer_of().impact(
        pricer_of(later),
        [("one", asked(Line("chair", 1))), asked(Line("chair", 2))],
        at=NOW + timedelta(days=1),
        needs=needs,
        keep=1,
        progress=done.append,
    )

    # 50 less 10 % and 100 less 10 %, from tomorrow on; the larger movement is kept
    assert (found.requests, found.moved, found.difference("EUR")) == (2, 2, eur(-15))
    assert [(one.request, one.anew) for one in found.approvals] == [("one", frozenset({"manager"}))]
    assert len(found.moved_lines) == 1
    assert done == [1, 2]
    assert not pricer_of().impact(pricer_of(later), [asked(Line("chair", 1))]).moved
