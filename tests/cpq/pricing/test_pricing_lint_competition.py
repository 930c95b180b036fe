"""Rules that conflict, stand there twice or never win; judged by asking the selection itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.findings import Finding
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import (
    Access,
    ConditionRecord,
    ConditionType,
    ListPrice,
    PriceList,
    PriceListRules,
    PriceLists,
    PriceRecord,
    PriceRule,
    PricingModel,
    PricingProcedure,
    PricingStep,
    RoundLines,
)
from salesmgmt.cpq.pricing.names import NAMES
from salesmgmt.cpq.pricing.price_lists.policy import Combination, PriceListPolicy
from salesmgmt.cpq.pricing.selection.order import Criterion, SelectionOrder, Ties
from salesmgmt.cpq.pricing.selection.selection import Chosen, Selection, Tied

GOLD = {"customer.segment": "gold"}
PRICES = (PriceRecord(id="p", product="dock", price=Money(100, "EUR")),)


def record(id_: str, points: int = 3, **more: Any) -> ConditionRecord:
    return ConditionRecord(**{"id": id_, "type": "off", "key": GOLD, "percent": Percent(points), **more})


def lint_records(
    *records: ConditionRecord, order: SelectionOrder | None = None, accesses: Sequence[Access] = ()
) -> list[Finding]:
    type_ = ConditionType(
        id="off",
        kind="discount",
        calculation="percent",
        accesses=tuple(accesses),
        order=order or SelectionOrder(),
    )
    steps = (ListPrice(id="list"), PricingStep(id="off", type_id="off"), RoundLines(id="cents"))
    procedure = PricingProcedure(id="x", condition_types=(type_,), steps=steps)
    model = PricingModel(procedure=procedure, conditions=records, prices=PRICES)
    return [one for one in model.lint() if one.code != "unit_without_catalogue"]


def codes(found: list[Finding]) -> list[tuple[str, str]]:
    return [(one.code, one.where) for one in found]


def test_two_records_of_equal_rank_and_different_values_are_a_conflict() -> None:
    found = lint_records(record("a", 3, row=2), record("b", 5, row=3))

    assert codes(found) == [("conflicting_records", "conditions.csv row 2 and conditions.csv row 3")]
    assert "'gold'" in found[0].message


def test_the_same_record_twice_is_told_as_such() -> None:
    assert codes(lint_records(record("a"), record("b"))) == [("duplicate_record", "a and b")]


@pytest.mark.parametrize(
    "other",
    [
        {"min_quantity": 5},
        {"priority": 1, "valid_to": date(2026, 3, 1)},
        {"valid_from": date(2026, 3, 1)},
        {"key": {"customer.segment": "silver"}},
        {"key": {}},
    ],
)
def test_records_that_the_order_tells_apart_are_no_conflict(other: dict[str, Any]) -> None:
    assert lint_records(record("a"), record("b", 5, **other)) == []


@pytest.mark.parametrize(
    ("one", "other", "is_conflict"),
    [
        ("line.quantity > 5", "line.quantity > 9", True),
        ("line.quantity > 5", "line.quantity < 4", False),
        ("line.family == 'a'", "line.family == 'b'", False),
        ("line.family == 'a'", "", True),
    ],
)
def test_conditions_that_exclude_each_other_are_no_conflict(one: str, other: str, is_conflict: bool) -> None:
    found = codes(lint_records(record("a", 3, condition=one), record("b", 5, condition=other)))

    assert found == ([("conflicting_records", "a and b")] if is_conflict else [])


def test_periods_or_quantities_that_do_not_meet_are_no_conflict() -> None:
    order = SelectionOrder(criteria=(Criterion.SPECIFICITY,))
    first, later = date(2026, 1, 1), date(2026, 6, 1)

    apart = (record("a", 3, valid_to=later), record("b", 5, valid_from=later))
    meeting = (record("a", 3, valid_to=later), record("b", 5, valid_from=first))
    small, large = record("a", 3, max_quantity=4), record("b", 5, min_quantity=5)

    assert lint_records(*apart, order=order) == []
    assert codes(lint_records(*meeting, order=order)) == [("conflicting_records", "a and b")]
    assert lint_records(small, large, order=order) == []


def test_a_rule_behind_one_of_higher_priority_that_always_holds_is_unreachable() -> None:
    general = record("general", 3, priority=9, condition="line.quantity >= 5")
    narrow = record("narrow", 5, condition="line.quantity > 7", valid_to=date(2027, 1, 1), row=4)

    found = lint_records(general, narrow)

    assert codes(found) == [("unreachable_rule", "conditions.csv row 4")]
    assert "general comes first and holds whenever it does" in found[0].message


@pytest.mark.parametrize(
    "limit",
    [
        {"condition": "line.quantity > 8"},
        {"condition": "line.quantity > order.quantity"},
        {"valid_to": date(2026, 12, 31)},
        {"valid_from": date(2026, 1, 2)},
        {"max_quantity": 9},
        {"uom": "kg"},
    ],
)
def test_a_rule_that_sometimes_holds_alone_is_reachable(limit: dict[str, Any]) -> None:
    strong = record("strong", 3, priority=9, **limit)
    weak = record(
        "weak",
        5,
        condition="line.quantity > 7",
        valid_from=date(2026, 1, 1),
        valid_to=date(2027, 1, 1),
        max_quantity=10,
    )
    order = SelectionOrder(criteria=(Criterion.SPECIFICITY, Criterion.PRIORITY))

    assert lint_records(strong, weak, order=order) == []


def test_of_equal_rules_the_later_one_is_unreachable_where_the_first_wins() -> None:
    first, by_id = (SelectionOrder(ties=ties) for ties in (Ties.FIRST, Ties.BY_ID))

    assert codes(lint_records(record("b"), record("a"), order=first)) == [("unreachable_rule", "a")]
    assert codes(lint_records(record("b"), record("a"), order=by_id)) == [("unreachable_rule", "b")]


def test_an_access_for_everything_hides_those_after_it() -> None:
    accesses = (Access(fields=()), Access(fields=("customer.segment",)))

    always = lint_records(record("all", key={}), record("gold"), accesses=accesses)
    sometimes = lint_records(
        record("all", key={}, valid_to=date(2026, 3, 1)), record("gold"), accesses=accesses
    )
    in_order = lint_records(record("all", key={}), record("gold"), accesses=accesses[::-1])

    assert codes(always) == [("unreachable_rule", "gold")]
    assert sometimes == in_order == []


def test_an_access_with_a_requirement_hides_nothing() -> None:
    accesses = (Access(fields=(), condition="line.quantity > 5"), Access(fields=("customer.segment",)))

    assert lint_records(record("all", key={}), record("gold"), accesses=accesses) == []


def _list_codes(
    *rules: PriceRule, combination: Combination = Combination.FIRST_ALONE
) -> list[tuple[str, str]]:
    steps = (ListPrice(id="list"), PriceListRules(id="by list"), RoundLines(id="cents"))
    lists = PriceLists(
        lists=[PriceList(id="retail", currency="EUR", rules=rules)],
        policy=PriceListPolicy(combination=combination),
    )
    model = PricingModel(procedure=PricingProcedure(id="x", steps=steps), prices=PRICES, price_lists=lists)
    return codes(list(model.lint()))


def test_rules_of_a_price_list_are_told_with_list_id_and_row() -> None:
    one, other = PriceRule(id="a", price=9, row=2), PriceRule(id="b", price=8, row=3)

    assert _list_codes(one, other) == [
        ("conflicting_records", "price_lists.retail.rules.a row 2 and price_lists.retail.rules.b row 3")
    ]


def test_rules_that_apply_together_or_add_gifts_do_not_conflict() -> None:
    together = [PriceRule(id=name, percent_off=5 + len(name), combinable=True) for name in ("a", "bb")]
    gift = PriceRule(id="gift", free_product="cup")

    assert _list_codes(*together, combination=Combination.ALL_IF_COMBINABLE) == []
    assert [code for code, _ in _list_codes(*together)] == ["conflicting_records"]
    assert _list_codes(gift, PriceRule(id="a", price=9)) == []


def test_thousands_of_rules_of_one_key_are_compared_with_a_bounded_number_of_others() -> None:
    order = SelectionOrder(criteria=(Criterion.SPECIFICITY,))
    many = [record(str(number), number % 40 + 1, max_quantity=number + 1) for number in range(3_000)]

    found = lint_records(*many, order=order)

    assert [one.code for one in found] == ["conflicting_records"] * 2_999


_DAYS = (None, date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1))
_TEXTS = ("", "line.quantity > 2", "line.quantity > 4", "line.quantity <= 2", "line.family == 'a'")
_RULES = st.lists(
    st.fixed_dictionaries(
        {
            "key": st.sampled_from([{}, GOLD, {"line.product": "dock"}, {**GOLD, "line.product": "dock"}]),
            "percent": st.sampled_from([Percent(3), Percent(5)]),
            "valid_from": st.sampled_from(_DAYS),
            "until": st.sampled_from([None, date(2026, 4, 1), date(2026, 5, 1)]),
            "min_quantity": st.sampled_from([None, 2, 4]),
            "max_quantity": st.sampled_from([None, 4, 6]),
            "uom": st.sampled_from(["", "", "kg"]),
            "priority": st.sampled_from([None, 1, 2]),
            "condition": st.sampled_from(_TEXTS),
        }
    ),
    min_size=2,
    max_size=6,
)


def _asked(
    selection: Selection[ConditionRecord],
) -> Iterator[Chosen[ConditionRecord] | Tied[ConditionRecord] | None]:
    """What is chosen on both sides of every bound that the rules above can have."""
    instants = [datetime(2026, month, 15, tzinfo=UTC) for month in (1, 2, 3, 4, 5)]
    instants.append(datetime(2025, 12, 15, tzinfo=UTC))
    for at, quantity, unit, family, segment, item in product(
        instants, map(Decimal, (1, 2, 3, 4, 5, 6, 7)), ("kg", "piece"), ("a", "b"), ("gold", None), ("dock", "lamp")
    ):  # fmt: skip
        facts = {
            "line.quantity": quantity,
            "line.family": family,
            "customer.segment": segment,
            "line.product": item,
        }
        yield selection.choose(facts, quantity, unit, at)


@given(
    fields=_RULES,
    criteria=st.permutations([one for one in Criterion if one is not Criterion.BEST_PRICE]).map(
        lambda all_: tuple(all_[:3])
    )
    | st.just(SelectionOrder().criteria),
    ties=st.sampled_from(list(Ties)),
    own_accesses=st.booleans(),
)
def test_what_never_wins_by_the_lint_never_wins_and_every_conflict_is_announced(
    fields: list[dict[str, Any]], criteria: tuple[Criterion, ...], ties: Ties, own_accesses: bool
) -> None:  # fmt: skip
    order = SelectionOrder(criteria=criteria, ties=ties)
    records = [
        ConditionRecord(id=str(number), type="off", valid_to=each["until"], **{k: v for k, v in each.items() if k != "until"})
        for number, each in enumerate(fields)
    ]  # fmt: skip
    accesses = [Access(fields=tuple(key)) for key in dict.fromkeys(tuple(one.key) for one in records)]
    found = lint_records(*records, order=order, accesses=accesses if own_accesses else ())
    selection = Selection(records, NAMES, accesses=accesses if own_accesses else None, order=order)
    unreachable = {one.where for one in found if one.code == "unreachable_rule"}
    announced = [one.where for one in found if one.code == "conflicting_records"]

    for answer in _asked(selection):
        if isinstance(answer, Chosen):
            assert answer.rule.id not in unreachable
        elif isinstance(answer, Tied):
            assert unreachable.isdisjoint(answer.found)
            if len({one.percent for one in answer.rules}) > 1 and Criterion.SPECIFICITY in criteria:
                assert announced
