from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.actor import Actor
from salesmgmt.core.errors import FloatRefused, InvalidInput
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.pipeline.deals import (
    AmountOrigin,
    BuyingRole,
    Deal,
    DealProduct,
    NextStep,
    Split,
    SplitKind,
    amend,
    amount_gap,
    complete_details,
    follow_products,
    set_competitors,
    set_next_step,
    set_products,
    set_roles,
    set_splits,
    share_out,
    split_amounts,
)

WHEN: Any = {"at": datetime(2026, 3, 3, 9, tzinfo=UTC), "by": Actor("li.wei")}
LAPTOPS = DealProduct("laptop", 20, Money(18_000, "EUR"))
DOCKS = DealProduct("dock", 20, Money(2_000, "EUR"))


def _faults(refusal: pytest.ExceptionInfo[InvalidInput]) -> list[tuple[str, str]]:
    return [(problem.path, problem.code) for problem in refusal.value.problems]


def test_an_amount_that_nobody_stated_follows_the_products(deal: Deal) -> None:
    deal, (event,) = set_products(deal, [LAPTOPS, DOCKS], **WHEN)
    assert (deal.amount, deal.amount_origin, deal.product) == (
        Money(20_000, "EUR"),
        AmountOrigin.PRODUCTS,
        "laptop",
    )
    assert (event.amount_before, event.amount) == (None, Money(20_000, "EUR"))

    deal, _ = set_products(deal, [DOCKS], **WHEN)
    assert (deal.amount, deal.product) == (Money(2_000, "EUR"), "dock")

    deal, _ = set_products(deal, [], **WHEN)
    assert (deal.amount, deal.amount_origin) == (None, AmountOrigin.STATED)


def test_a_stated_amount_wins_until_it_is_given_back_to_the_products(deal: Deal) -> None:
    deal, _ = amend(deal, {"amount": Money(19_000, "EUR")}, **WHEN)
    deal, _ = set_products(deal, [LAPTOPS, DOCKS], **WHEN)
    assert (deal.amount, amount_gap(deal)) == (Money(19_000, "EUR"), Money(-1_000, "EUR"))

    deal, _ = follow_products(deal, **WHEN)
    assert (deal.amount, amount_gap(deal)) == (Money(20_000, "EUR"), Money(0, "EUR"))

    deal, _ = amend(deal, {"amount": Money(21_000, "EUR")}, **WHEN)
    assert deal.amount_origin is AmountOrigin.STATED


def test_products_of_unknown_amounts_leave_the_amount_unknown(deal: Deal) -> None:
    deal, _ = set_products(deal, [LAPTOPS, DealProduct("dock")], **WHEN)
    assert (deal.amount, deal.amount_origin, amount_gap(deal)) == (None, AmountOrigin.STATED, None)

    with pytest.raises(InvalidInput) as refusal:
        follow_products(deal, **WHEN)
    assert _faults(refusal) == [("products[1].amount", "required")]


def test_an_amount_that_follows_needs_the_amount_of_each_product(deal: Deal) -> None:
    deal, _ = set_products(deal, [LAPTOPS], **WHEN)

    with pytest.raises(InvalidInput) as refusal:
        set_products(deal, [LAPTOPS, DealProduct("dock")], **WHEN)
    assert _faults(refusal) == [("products[1].amount", "required")]


def test_without_products_there_is_nothing_to_follow(deal: Deal) -> None:
    with pytest.raises(InvalidInput) as refusal:
        follow_products(deal, **WHEN)
    assert _faults(refusal) == [("products", "required")]


def test_every_fault_of_the_products_is_named(deal: Deal) -> None:
    lines: Any = [
        LAPTOPS,
        DealProduct("", 0),
        DealProduct("x" * 201, Decimal(-1), Money(1, "USD")),
        DealProduct("dock", 1, "5 EUR"),  # type: ignore[arg-type]
    ]
    with pytest.raises(InvalidInput) as refusal:
        set_products(deal, lines, **WHEN)

    assert _faults(refusal) == [
        ("products[1].product", "blank"),
        ("products[1].quantity", "not_positive"),
        ("products[2].product", "too_long"),
        ("products[2].quantity", "not_positive"),
        ("products[2].amount", "other_currency"),
        ("products[3].amount", "wrong_type"),
    ]


def test_a_stated_amount_and_its_products_have_one_currency(deal: Deal) -> None:
    stated, _ = amend(deal, {"amount": Money(1, "USD")}, **WHEN)
    with pytest.raises(InvalidInput) as refusal:
        set_products(stated, [LAPTOPS], **WHEN)
    assert _faults(refusal) == [("products[0].amount", "other_currency")]

    with_products, _ = set_products(deal, [LAPTOPS], **WHEN)
    with pytest.raises(InvalidInput) as refusal:
        amend(with_products, {"amount": Money(1, "USD"), "product": "sofa"}, **WHEN)
    assert _faults(refusal) == [("amount", "other_currency"), ("product", "not_among_products")]


def test_a_quantity_is_no_float() -> None:
    with pytest.raises(FloatRefused):
        DealProduct("laptop", 0.1)  # type: ignore[arg-type]


@pytest.mark.parametrize("given", ["laptop", 5, [LAPTOPS, "dock"], [LAPTOPS] * 1_001])
def test_parts_that_are_none_are_refused_at_once(deal: Deal, given: Any) -> None:
    with pytest.raises(InvalidInput) as refusal:
        set_products(deal, given, **WHEN)
    assert len(refusal.value.problems) == 1


def test_an_endless_list_is_refused_in_bounded_time(deal: Deal) -> None:
    with pytest.raises(InvalidInput, match="at most 1000"):
        set_competitors(deal, iter(lambda: "Bolt", ""), **WHEN)


# splits


@given(
    st.integers(-10_000_000, 10_000_000),
    st.lists(st.integers(0, 1_000), min_size=1, max_size=8).filter(any),
)
def test_shares_of_the_revenue_add_up_to_the_cent_and_are_a_cent_off_at_most(
    cents: int, weights: Sequence[int]
) -> None:
    cut = [10_000 * weight // sum(weights) for weight in weights]
    cut[0] += 10_000 - sum(cut)
    splits = [Split(f"p{place}", Percent(Decimal(share).scaleb(-2))) for place, share in enumerate(cut)]
    amount = Money(Decimal(cents).scaleb(-2), "EUR")

    parts = [part.amount.amount for part in share_out(amount, splits)]

    assert sum(parts) == amount.amount
    for part, share in zip(parts, cut, strict=True):
        assert abs(Fraction(part) - Fraction(cents * share, 1_000_000)) < Fraction(1, 100)


def test_credit_beside_the_revenue_does_not_touch_it(deal: Deal) -> None:
    shares = [
        Split("li", Percent(60)),
        Split("kim", Percent(80), SplitKind.OVERLAY),
        Split("bo", Percent(40)),
        Split("li", Percent(50), SplitKind.OVERLAY),
    ]
    deal, _ = set_splits(attrs.evolve(deal, amount=Money("0.05", "EUR")), shares, **WHEN)

    # 60 and 40 % of 5 cents are 3 and 2; 130 % are 6.5 cents, half up 7: 4.31 and 2.69, so 4 and 3
    assert [str(part.amount) for part in split_amounts(deal)] == [
        "0.03 EUR",
        "0.04 EUR",
        "0.02 EUR",
        "0.03 EUR",
    ]


def test_a_deal_without_amount_has_nothing_to_share(deal: Deal) -> None:
    deal, _ = set_splits(deal, [Split("li", Percent(100))], **WHEN)
    assert split_amounts(deal) == ()
    assert set_splits(deal, deal.splits, **WHEN) == (deal, ())


@pytest.mark.parametrize(
    ("percents", "found"),
    [(["99.99"], "99.99%"), (["50", "50.01"], "100.01%"), (["0"], "0%"), (["33.33"] * 3, "99.99%")],
)
def test_revenue_is_shared_out_wholly_and_once(deal: Deal, percents: Sequence[str], found: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        set_splits(deal, [Split(f"p{i}", Percent(one)) for i, one in enumerate(percents)], **WHEN)

    (problem,) = refusal.value.problems
    assert (problem.path, problem.code, problem.found) == ("splits", "not_100_percent", found)


def test_every_fault_of_the_splits_is_named(deal: Deal) -> None:
    shares: Any = [
        Split("li", Percent(-10)),
        Split("li", Percent(110)),
        Split(" ", Percent(10), SplitKind.OVERLAY),
        Split("kim", Percent(1001), SplitKind.OVERLAY),
        Split("bo", 50, "all"),  # type: ignore[arg-type]
    ]
    with pytest.raises(InvalidInput) as refusal:
        set_splits(deal, shares, **WHEN)

    assert _faults(refusal) == [
        ("splits[0].percent", "out_of_range"),
        ("splits[1].percent", "out_of_range"),
        ("splits[2].person", "blank"),
        ("splits[3].percent", "out_of_range"),
        ("splits[4].kind", "wrong_type"),
        ("splits[4].percent", "wrong_type"),
        ("splits[1]", "duplicate"),
    ]


def test_a_share_is_no_float() -> None:
    with pytest.raises(FloatRefused):
        Percent(33.3)  # type: ignore[arg-type]


# roles


def test_the_primary_role_is_the_contact(deal: Deal) -> None:
    deal, _ = set_roles(deal, [BuyingRole("ada", "champion")], **WHEN)
    assert (deal.contact, deal.roles[0].primary) == ("ada", True)

    deal, _ = set_roles(deal, [BuyingRole("bob", "user"), BuyingRole("ada", "champion")], **WHEN)
    assert (deal.contact, [role.primary for role in deal.roles]) == ("ada", [False, True])

    deal, (event,) = set_roles(
        deal, [BuyingRole("bob", "user", primary=True), BuyingRole("ada", "champion")], **WHEN
    )
    assert (deal.contact, event.contact) == ("bob", "bob")
    assert {ref.id for ref in deal.subjects} == {"d-1", "ada", "bob"}
    _, (event,) = set_roles(deal, [BuyingRole("cleo", "user")], **WHEN)
    assert [ref.id for ref in event.subjects] == ["d-1", "bob", "ada", "cleo"]

    deal, _ = set_roles(deal, [], **WHEN)
    assert deal.contact == "bob"


def test_of_several_strangers_none_becomes_the_contact(deal: Deal) -> None:
    deal, _ = amend(deal, {"contact": "ada"}, **WHEN)
    deal, _ = set_roles(deal, [BuyingRole("bob", "user"), BuyingRole("cleo", "user")], **WHEN)
    assert deal.contact is None


def test_with_roles_the_contact_is_changed_by_them_alone(deal: Deal) -> None:
    deal, _ = set_roles(deal, [BuyingRole("ada", "champion")], **WHEN)
    with pytest.raises(InvalidInput) as refusal:
        amend(deal, {"contact": "bob"}, **WHEN)
    assert _faults(refusal) == [("contact", "follows_roles")]


def test_every_fault_of_the_roles_is_named(deal: Deal) -> None:
    roles: Any = [
        BuyingRole("ada", "champion", primary=True),
        BuyingRole("bob", "", primary=True),
        BuyingRole("ada", "champion"),
        BuyingRole(5, "user", primary=None),  # type: ignore[arg-type]
    ]
    with pytest.raises(InvalidInput) as refusal:
        set_roles(deal, roles, **WHEN)

    assert _faults(refusal) == [
        ("roles[1].role", "blank"),
        ("roles[1].primary", "two_primaries"),
        ("roles[3].contact", "wrong_type"),
        ("roles[3].primary", "wrong_type"),
        ("roles[2]", "duplicate"),
    ]


# competitors, next step


def test_competitors_are_named_once_and_say_something(deal: Deal) -> None:
    with pytest.raises(InvalidInput) as refusal:
        set_competitors(deal, ["Bolt", " ", "Bolt", "x" * 201], **WHEN)
    assert _faults(refusal) == [
        ("competitors[1]", "blank"),
        ("competitors[3]", "too_long"),
        ("competitors[2]", "duplicate"),
    ]
    assert set_competitors(deal, [], **WHEN) == (deal, ())


@pytest.mark.parametrize(
    ("step", "fault"),
    [
        (NextStep(" "), ("next_step.what", "blank")),
        (NextStep("x" * 10_001), ("next_step.what", "too_long")),
        (NextStep("call", datetime(2026, 3, 2, tzinfo=UTC)), ("next_step.due", "wrong_type")),
        ("call", ("next_step", "wrong_type")),
    ],
)
def test_a_step_that_is_none_is_refused(deal: Deal, step: Any, fault: tuple[str, str]) -> None:
    with pytest.raises(InvalidInput) as refusal:
        set_next_step(deal, step, **WHEN)
    assert _faults(refusal) == [fault]


def test_a_next_step_is_set_once_and_taken_away(deal: Deal) -> None:
    step = NextStep("send the offer", date(2026, 3, 6))
    planned, _ = set_next_step(deal, step, **WHEN)
    assert set_next_step(planned, step, **WHEN) == (planned, ())
    assert not step.is_overdue(date(2026, 3, 6))

    cleared, (event,) = set_next_step(planned, None, **WHEN)
    assert (cleared, event.before, event.after) == (deal, step, None)


# opening


def test_what_is_said_when_a_deal_is_opened_is_completed() -> None:
    known = complete_details(
        {"products": (LAPTOPS, DOCKS), "roles": (BuyingRole("ada", "champion"),)}, what="deal d-1"
    )
    assert (known["amount"], known["amount_origin"]) == (Money(20_000, "EUR"), AmountOrigin.PRODUCTS)
    assert (known["contact"], known["product"], known["source"]) == ("ada", "laptop", "")

    stated = complete_details({"products": (LAPTOPS,), "amount": Money(5, "EUR")}, what="deal d-1")
    assert (stated["amount"], stated["amount_origin"]) == (Money(5, "EUR"), AmountOrigin.STATED)


def test_every_fault_of_what_is_said_is_named() -> None:
    said: Any = {
        "amout": Money(1, "EUR"),
        "owner": 7,
        "contact": "bob",
        "product": "sofa",
        "products": (LAPTOPS,),
        "splits": (Split("li", Percent(99)),),
        "roles": (BuyingRole("ada", "champion"),),
        "competitors": ("",),
        "next_step": "call",
        "fields": {"rate": 0.5},
    }
    with pytest.raises(InvalidInput) as refusal:
        complete_details(said, what="deal d-1")

    assert sorted(_faults(refusal)) == sorted(
        [
            ("'amout'", "unknown_key"),
            ("owner", "wrong_type"),
            ("next_step", "wrong_type"),
            ("'fields.rate'", "wrong_type"),
            ("splits", "not_100_percent"),
            ("competitors[0]", "blank"),
            ("contact", "follows_roles"),
            ("product", "not_among_products"),
        ]
    )
    wrong: Any = {"amount": 5, "product": ["a"], "products": (DealProduct(["b"], 1, Money(1, "EUR")),)}  # type: ignore[arg-type]
    with pytest.raises(InvalidInput) as refusal:
        complete_details(wrong, what="deal d-1")
    assert [path for path, _ in _faults(refusal)] == ["amount", "product", "products[0].product", "product"]
    with pytest.raises(InvalidInput, match="values by field"):
        complete_details({"fields": 5}, what="deal d-1")  # type: ignore[typeddict-item]


def test_deals_without_more_share_their_empty_parts(deal: Deal) -> None:
    other = attrs.evolve(deal, id="d-2", fields={}, qualification={})

    assert other.fields is deal.fields
    assert other.qualification is deal.qualification
    assert attrs.evolve(deal, done=frozenset({"demo"} - {"demo"})).done is deal.done
    assert not hasattr(deal, "__dict__")
