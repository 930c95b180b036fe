from __future__ import annotations

import pickle
import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesmgmt.core.errors import InvalidInput, UnknownOption
from salesmgmt.core.events import NaiveInstant
from salesmgmt.core.findings import InvalidDefinition
from salesmgmt.core.formula import SET, TEXT, Schema, WhyNot
from salesmgmt.cpq.pricing.price_lists.price_rule import PriceRule
from salesmgmt.cpq.pricing.selection._bucket import MOST_SCANNED, Timeline
from salesmgmt.cpq.pricing.selection.order import (
    Access,
    Criterion,
    SelectionOrder,
    Ties,
    Unlisted,
    UpperBound,
)
from salesmgmt.cpq.pricing.selection.selection import Chosen, PassedOver, Selection, Tied

SCHEMA = Schema(
    {
        "line.product": TEXT,
        "line.family": TEXT,
        "line.categories": SET[TEXT],
        "customer.id": TEXT,
        "customer.segment": TEXT,
    }
)
START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ONE = Decimal(1)


def _rule(name: str, key: dict[str, str] | None = None, **fields: Any) -> PriceRule:
    fields.setdefault("percent_off", 1)
    return PriceRule(id=name, key=key or {}, **fields)


def _winner(found: Chosen[PriceRule] | Tied[PriceRule] | None) -> object:
    match found:
        case Chosen():
            return found.rule.id
        case Tied():
            return found.found
    return None


def _select(
    rules: Sequence[PriceRule],
    facts: dict[str, Any],
    quantity: Decimal | int = 1,
    unit: str = "piece",
    at: datetime = NOW,
    **order: Any,
) -> object:
    selection = Selection(rules, SCHEMA, order=SelectionOrder(**order))
    return _winner(selection.choose(facts, Decimal(quantity), unit, at))


def test_a_more_specific_key_wins_by_the_published_precedence() -> None:
    facts = {"line.product": "dock", "line.family": "f", "customer.id": "acme", "customer.segment": "gold"}
    keys = [
        {"line.product": "dock", "customer.id": "acme"},
        {"line.product": "dock"},
        {"customer.id": "acme", "line.family": "f"},
        {"customer.id": "acme"},
        {"line.family": "f", "customer.segment": "gold"},
        {"line.family": "f"},
        {"customer.segment": "gold"},
        {},
    ]
    rules = [_rule(f"r{place}", key) for place, key in enumerate(keys)]
    for best in range(len(rules)):
        assert _select(list(reversed(rules[best:])), facts) == f"r{best}"


def test_the_nearest_category_wins_whatever_its_quantity_break() -> None:
    rules = [
        _rule("far", {"line.categories": "furniture"}, min_quantity=10),
        _rule("near", {"line.categories": "desks"}),
    ]
    facts = {"line.categories": ("desks", "furniture")}

    assert _select(rules, facts, 20) == "near"
    assert _select(rules, facts, 20, nearest_first=()) == "far"


def test_within_a_key_unit_break_priority_and_newest_start_decide_in_turn() -> None:
    box = _rule("box", uom="box")
    ten = _rule("ten", min_quantity=10)
    high = _rule("high", min_quantity=10, priority=2)
    new = _rule("new", min_quantity=10, priority=2, valid_from=date(2026, 2, 1))

    assert _select([new, box], {}, 20, "box") == "box"
    assert _select([box, ten], {}, 20) == "ten"
    assert _select([_rule("one"), ten], {}, 9) == "one"
    assert _select([ten, high], {}, 20) == "high"
    assert _select([high, new], {}, 20) == "new"


def test_an_absent_priority_is_the_lowest() -> None:
    rules = [_rule("none"), _rule("minus", priority=-5)]

    assert _select(rules, {}, criteria=(Criterion.PRIORITY,)) == "minus"


@pytest.mark.parametrize(
    ("at", "wanted"),
    [
        ("2026-03-28T22:59:59+00:00", None),
        ("2026-03-28T23:00:00+00:00", "day"),  # midnight of the 29th in Berlin, before the clocks change
        ("2026-03-29T21:59:59+00:00", "day"),  # that day has 23 hours
        ("2026-03-29T22:00:00+00:00", None),
    ],
)
def test_days_are_half_open_and_begin_at_midnight_of_the_zone(at: str, wanted: str | None) -> None:
    rules = [_rule("day", valid_from=date(2026, 3, 29), valid_to=date(2026, 3, 30))]
    selection = Selection(rules, SCHEMA, time_zone="Europe/Berlin")

    assert _winner(selection.choose({}, ONE, "piece", datetime.fromisoformat(at))) == wanted


def test_an_instant_of_validity_is_compared_in_any_zone() -> None:
    rules = [_rule("r", valid_from=datetime.fromisoformat("2026-03-02T10:00:00+02:00"))]

    assert _select(rules, {}, at=datetime(2026, 3, 2, 8, tzinfo=UTC)) == "r"
    assert _select(rules, {}, at=datetime.fromisoformat("2026-03-02T15:59:59+08:00")) is None


def test_a_maximum_is_included_or_not_by_policy() -> None:
    rules = [_rule("r", max_quantity=10)]

    assert _select(rules, {}, 10) == "r"
    assert _select(rules, {}, Decimal("10.0000000000000000000000000000001")) is None
    assert _select(rules, {}, 10, max_quantity=UpperBound.EXCLUDED) is None


def test_equal_rules_are_a_conflict_unless_they_come_to_the_same() -> None:
    rules = [_rule("b", percent_off=5), _rule("a", percent_off=5), _rule("c", percent_off=6)]
    selection = Selection(rules, SCHEMA)

    found = selection.choose({}, ONE, "piece", NOW)
    assert isinstance(found, Tied)
    assert (found.code, found.found, found.wanted) == ("conflict", ("a", "b", "c"), "one rule")
    same = Selection(rules[:2], SCHEMA).choose(
        {}, ONE, "piece", NOW, same=lambda one, other: one.percent_off == other.percent_off
    )
    assert _winner(same) == "a"
    assert _select(rules, {}, ties=Ties.FIRST) == "b"
    assert _select(rules, {}, ties=Ties.BY_ID) == "a"


def test_passed_over_names_the_criterion_by_which_each_lost() -> None:
    rules = [
        _rule("win", {"line.product": "dock"}, min_quantity=5),
        _rule("break", {"line.product": "dock"}),
        _rule("general", min_quantity=5),
        _rule("apart", {"line.product": "lamp"}),
    ]
    found = Selection(rules, SCHEMA).choose(
        {"line.product": "dock"}, Decimal(7), "piece", NOW, passed_over=True
    )

    assert isinstance(found, Chosen)
    assert found.passed_over == (
        PassedOver("break", Criterion.BREAK, "win"),
        PassedOver("general", Criterion.SPECIFICITY, "win"),
    )


@pytest.mark.parametrize(
    ("facts", "quantity", "unit", "at", "wanted"),
    [
        ({"line.product": "lamp"}, 20, "box", NOW, "line.product == 'dock': found 'lamp'"),
        ({}, 20, "box", NOW, "line.product == 'dock': found missing"),
        ({"line.product": "dock"}, 20, "box", START, "line.categories"),
        (
            {"line.product": "dock", "line.categories": ("c", "d")},
            20,
            "box",
            START,
            "order.at >= 2026-03-01T00:00Z: found 2026-01-01T00:00Z",
        ),
        (
            {"line.product": "dock", "line.categories": ("c",)},
            20,
            "piece",
            NOW,
            "line.uom == 'box': found 'piece'",
        ),
        ({"line.product": "dock", "line.categories": ("c",)}, 9, "box", NOW, "line.quantity >= 10: found 9"),
        (
            {"line.product": "dock", "line.categories": ("c",)},
            31,
            "box",
            NOW,
            "line.quantity <= 30: found 31",
        ),
        (
            {"line.product": "dock", "line.categories": ("c",), "customer.segment": "vip"},
            20,
            "box",
            NOW,
            "customer.segment == 'gold': found 'vip'",
        ),
    ],
)
def test_why_not_names_the_first_thing_that_fails(
    facts: dict[str, Any], quantity: int, unit: str, at: datetime, wanted: str
) -> None:
    rule = _rule(
        "r",
        {"line.product": "dock", "line.categories": "c"},
        min_quantity=10,
        max_quantity=30,
        uom="box",
        valid_from=date(2026, 3, 1),
        condition="customer.segment == 'gold'",
    )
    why = Selection([rule], SCHEMA).why_not("r", facts, Decimal(quantity), unit, at)

    assert isinstance(why, WhyNot)
    assert wanted in str(why)


def test_why_not_of_a_rule_that_holds() -> None:
    rules = [_rule("a", {"line.product": "dock"}), _rule("b"), _rule("c")]
    selection = Selection(rules, SCHEMA)
    dock: dict[str, Any] = {"line.product": "dock"}

    assert selection.why_not("a", dock, ONE, "piece", NOW) is None
    assert selection.why_not("b", dock, ONE, "piece", NOW) == PassedOver("b", Criterion.SPECIFICITY, "a")
    tied = selection.why_not("b", {}, ONE, "piece", NOW)
    assert isinstance(tied, Tied)
    assert tied.found == ("b", "c")
    with pytest.raises(UnknownOption):
        selection.why_not("d", dock, ONE, "piece", NOW)


def test_an_access_is_asked_only_when_its_requirement_holds() -> None:
    accesses = [
        Access(fields=("line.product",), condition="customer.segment == 'gold'"),
        Access(fields=()),
    ]
    rules = [_rule("own", {"line.product": "dock"}), _rule("all")]
    selection = Selection(rules, SCHEMA, accesses=accesses)
    gold = {"line.product": "dock", "customer.segment": "gold"}
    vip = {"line.product": "dock", "customer.segment": "vip"}

    assert _winner(selection.choose(gold, ONE, "piece", NOW)) == "own"
    assert _winner(selection.choose(vip, ONE, "piece", NOW)) == "all"
    assert "customer.segment == 'gold'" in str(selection.why_not("own", vip, ONE, "piece", NOW))
    assert selection.why_not("all", gold, ONE, "piece", NOW) == PassedOver(
        "all", Criterion.SPECIFICITY, "own"
    )


def test_an_exclusive_access_ends_the_search_and_another_does_not() -> None:
    rules = [_rule("own", {"line.product": "dock"}), _rule("all")]
    facts = {"line.product": "dock"}
    for exclusive, wanted in ((True, ["own"]), (False, ["own", "all"])):
        accesses = [Access(fields=("line.product",), exclusive=exclusive), Access(fields=())]
        selection = Selection(rules, SCHEMA, accesses=accesses)
        assert [rule.id for rule in selection.matching(facts, ONE, "piece", NOW)] == wanted


def test_fields_of_one_group_weigh_the_same() -> None:
    order = SelectionOrder(
        criteria=(Criterion.PRIORITY, Criterion.SPECIFICITY),
        precedence=(("line.product",), ("line.family", "line.categories")),
        unlisted=Unlisted.NO_WEIGHT,
        nearest_first=(),
    )
    facts = {"line.product": "dock", "line.family": "f", "line.categories": ("c", "d"), "customer.id": "x"}
    family = _rule("family", {"line.family": "f"})
    category = _rule("category", {"line.categories": "d"})
    product = _rule("product", {"line.product": "dock"})

    def winner(*rules: PriceRule) -> object:
        return _winner(Selection(rules, SCHEMA, order=order).choose(facts, ONE, "piece", NOW))

    assert winner(family, category) == ("category", "family")
    assert winner(family, category, product) == "product"
    assert winner(product, _rule("high", {"line.family": "f"}, priority=1)) == "high"
    assert winner(product, _rule("mine", {"line.product": "dock", "customer.id": "x"})) == ("mine", "product")


def test_what_cannot_work_is_told_at_once() -> None:
    rules = [
        _rule("a", {"line.prodct": "dock"}),
        _rule("a", {"customer.id": "acme"}),
        _rule("b", condition="customer.segment = 1"),
    ]
    with pytest.raises(InvalidDefinition) as caught:
        Selection(rules, SCHEMA, accesses=[Access(fields=("line.prodct",)), Access(fields=())])

    assert [finding.code for finding in caught.value.findings] == [
        "duplicate_id",
        "unknown_name",
        "unknown_name",
        "no_access",
        "condition",
    ]


def test_questions_that_make_no_sense_are_refused() -> None:
    selection = Selection([_rule("r")], SCHEMA)
    with pytest.raises(NaiveInstant):
        selection.choose({}, ONE, "piece", datetime(2026, 3, 2))  # noqa: DTZ001 - what is refused
    cheapest = Selection([_rule("r")], SCHEMA, order=SelectionOrder(criteria=(Criterion.BEST_PRICE,)))
    with pytest.raises(InvalidInput, match="best price"):
        cheapest.choose({}, ONE, "piece", NOW)


def test_a_selection_survives_pickling() -> None:
    selection = Selection([_rule("r", {"line.product": "dock"})], SCHEMA, time_zone="Asia/Shanghai")
    again = pickle.loads(pickle.dumps(selection))

    assert again.time_zone == "Asia/Shanghai"
    assert _winner(again.choose({"line.product": "dock"}, ONE, "piece", NOW)) == "r"


# Against a plain scan, written without the index ----------------------------------------------------------------------

FIELDS = ("line.product", "line.family", "line.categories", "customer.id")
WEIGHTS = ("line.product", "customer.id", "line.categories", "line.family")
"""By the published precedence, most specific first."""

_keys = st.fixed_dictionaries(
    {}, optional={"line.product": st.sampled_from("ab"), "line.family": st.sampled_from("fg"),
                  "line.categories": st.sampled_from("xyz"), "customer.id": st.sampled_from("mn")}
)  # fmt: skip
_hours = st.none() | st.integers(0, 40).map(lambda hours: START + timedelta(hours=hours))


@st.composite
def _rules(draw: st.DrawFn, keys: st.SearchStrategy[dict[str, str]] = _keys) -> list[PriceRule]:
    count = draw(st.integers(0, 24))
    return [
        PriceRule(
            id=f"r{place}",
            key=draw(keys),
            min_quantity=draw(st.sampled_from([None, None, 0, 5, 10])),
            max_quantity=draw(st.sampled_from([None, None, 10, 20])),
            uom=draw(st.sampled_from(["", "", "box"])),
            valid_from=draw(_hours),
            valid_to=draw(_hours),
            priority=draw(st.sampled_from([None, 1, 2])),
            condition=draw(st.sampled_from(["", "", "customer.segment == 'gold'"])),
            percent_off=draw(st.integers(0, 3)),
        )
        for place in range(count)
    ]


_facts = st.fixed_dictionaries(
    {
        "line.product": st.sampled_from(["a", "b", None]),
        "line.family": st.sampled_from(["f", "g", None]),
        "line.categories": st.sampled_from([("x",), ("y", "x"), ("x", "y", "z"), (), None]),
        "customer.id": st.sampled_from(["m", "n", None]),
        "customer.segment": st.sampled_from(["gold", "vip"]),
    }
)
_questions = st.tuples(
    _facts,
    st.sampled_from([Decimal(0), Decimal(5), Decimal("9.5"), Decimal(10), Decimal(20), Decimal(21)]),
    st.sampled_from(["piece", "box"]),
    st.integers(-1, 41).map(lambda hours: START + timedelta(hours=hours)),
)
ORDERS = [
    SelectionOrder(),
    SelectionOrder(ties=Ties.BY_ID),
    SelectionOrder(ties=Ties.FIRST),
    SelectionOrder(criteria=(Criterion.SPECIFICITY, Criterion.FIRST)),
    SelectionOrder(criteria=(Criterion.PRIORITY, Criterion.SPECIFICITY, Criterion.ID)),
    SelectionOrder(criteria=(Criterion.NEWEST, Criterion.BREAK), max_quantity=UpperBound.EXCLUDED),
    SelectionOrder(criteria=(Criterion.BEST_PRICE, Criterion.SPECIFICITY)),
    SelectionOrder(criteria=(Criterion.SPECIFICITY, Criterion.BEST_PRICE), ties=Ties.BY_ID),
]


def _price(rule: PriceRule) -> Decimal:
    assert rule.percent_off is not None
    return 100 - rule.percent_off


def _holds(rule: PriceRule, question: tuple[Any, ...], order: SelectionOrder) -> bool:
    facts, quantity, unit, at = question
    for field, wanted in rule.key.items():
        found = facts[field]
        if wanted not in (found if isinstance(found, tuple) else (found,)):
            return False
    start, end = rule.valid_from, rule.valid_to
    if (start and at < start) or (end and at >= end) or rule.uom not in ("", unit):
        return False
    if rule.min_quantity is not None and quantity < rule.min_quantity:
        return False
    if rule.max_quantity is not None:
        included = order.max_quantity is UpperBound.INCLUDED
        if quantity > rule.max_quantity or (quantity == rule.max_quantity and not included):
            return False
    return not rule.condition or facts["customer.segment"] == "gold"


def _loses_by(
    rule: PriceRule, place: int, question: tuple[Any, ...], order: SelectionOrder
) -> tuple[Any, ...]:
    categories = question[0].get("line.categories") or ()
    depth = categories.index(rule.key["line.categories"]) if "line.categories" in rule.key else 0
    start = rule.valid_from
    parts = {
        Criterion.SPECIFICITY: (tuple(field not in rule.key for field in WEIGHTS), depth),
        Criterion.UNIT: rule.uom == "",
        Criterion.BREAK: -(rule.min_quantity or 0),
        Criterion.PRIORITY: -(rule.priority or -99),
        Criterion.NEWEST: -start.timestamp() if isinstance(start, datetime) else float("inf"),
        Criterion.BEST_PRICE: _price(rule),
        Criterion.FIRST: place,
        Criterion.ID: rule.id,
    }
    return tuple(parts[criterion] for criterion in order.criteria)


def _scan(rules: Sequence[PriceRule], question: tuple[Any, ...], order: SelectionOrder) -> object:
    held = [
        (_loses_by(rule, place, question, order), place, rule.id)
        for place, rule in enumerate(rules)
        if _holds(rule, question, order)
    ]
    if not held:
        return None
    best = min(rank for rank, _, _ in held)
    tied = [(place, name) for rank, place, name in held if rank == best]
    if len(tied) == 1 or order.ties is Ties.FIRST:
        return min(tied)[1]
    names = sorted(name for _, name in tied)
    return names[0] if order.ties is Ties.BY_ID else tuple(names)


@settings(max_examples=60, deadline=None)
@given(_rules(), st.lists(_questions, min_size=1, max_size=8), st.sampled_from(ORDERS))
def test_the_index_answers_as_a_plain_scan(
    rules: list[PriceRule], questions: list[tuple[Any, ...]], order: SelectionOrder
) -> None:
    selection = Selection(rules, SCHEMA, order=order)
    for question in questions:
        wanted = _scan(rules, question, order)
        assert _winner(selection.choose(*question, price=_price)) == wanted
        assert _winner(selection.choose(*question, price=_price, passed_over=True)) == wanted
        matching = [rule.id for rule in selection.matching(*question, price=_price)]
        assert sorted(matching) == sorted(rule.id for rule in rules if _holds(rule, question, order))
        for rule in rules:
            why = selection.why_not(rule.id, *question, price=_price)
            assert isinstance(why, WhyNot) is not _holds(rule, question, order)
            assert (why is None) is (wanted == rule.id)


@settings(max_examples=50, deadline=None)
@given(_rules(st.just({})), st.lists(_questions, min_size=1, max_size=20), st.sampled_from(ORDERS[:2]))
def test_a_long_history_of_one_key_answers_as_a_plain_scan(
    rules: list[PriceRule], questions: list[tuple[Any, ...]], order: SelectionOrder
) -> None:
    selection = Selection(rules, SCHEMA, order=order)
    for question in questions:
        assert _winner(selection.choose(*question)) == _scan(rules, question, order)


@settings(max_examples=30, deadline=None)
@given(_rules(), _questions, st.randoms(use_true_random=False))
def test_the_order_of_definition_decides_nothing(
    rules: list[PriceRule], question: tuple[Any, ...], chance: random.Random
) -> None:
    shuffled = chance.sample(rules, len(rules))
    for order in (ORDERS[0], ORDERS[1], ORDERS[4], ORDERS[6]):
        one, other = (Selection(each, SCHEMA, order=order) for each in (rules, shuffled))
        assert _winner(one.choose(*question, price=_price)) == _winner(other.choose(*question, price=_price))


@settings(max_examples=30, deadline=None)
@given(_rules(), _questions, st.integers(0, 3))
def test_one_more_rule_never_raises_a_best_price(
    rules: list[PriceRule], question: tuple[Any, ...], percent: int
) -> None:
    order = SelectionOrder(criteria=(Criterion.BEST_PRICE,), ties=Ties.BY_ID)
    more = [*rules, PriceRule(id="more", percent_off=percent)]
    before = Selection(rules, SCHEMA, order=order).choose(*question, price=_price)
    after = Selection(more, SCHEMA, order=order).choose(*question, price=_price)

    assert isinstance(after, Chosen)
    assert before is None or (isinstance(before, Chosen) and _price(after.rule) <= _price(before.rule))


def _hourly(count: int, hours: int | None, **fields: Any) -> list[PriceRule]:
    return [
        _rule(
            f"r{place}",
            valid_from=START + timedelta(hours=place),
            valid_to=None if hours is None else START + timedelta(hours=place + hours),
            **fields,
        )
        for place in range(count)
    ]


@pytest.mark.parametrize("hours", [1, 3, 400, None])
@pytest.mark.parametrize("condition", ["", "customer.segment == 'gold'"])
def test_a_history_takes_bounded_room_however_much_it_overlaps(hours: int | None, condition: str) -> None:
    rules = _hourly(300, hours, condition=condition)
    selection = Selection(rules, SCHEMA)
    (bucket,) = selection._probes[0].buckets.values()
    assert isinstance(bucket, Timeline)
    listed = sum(map(len, bucket._lists)) if bucket._lists is not None else 0
    in_nodes = sum(map(len, bucket._nodes.values()))

    assert listed <= 8 * len(rules)
    assert in_nodes <= 2 * 10 * len(rules)
    for hour in (-1, 0, 1, 250, 299, 300, 2000):
        question = ({"customer.segment": "gold"}, ONE, "piece", START + timedelta(hours=hour, minutes=30))
        assert _winner(selection.choose(*question)) == _scan(rules, question, SelectionOrder())


def test_few_rules_of_a_key_are_not_searched_by_instant() -> None:
    selection = Selection(_hourly(MOST_SCANNED, 1), SCHEMA)

    assert all(isinstance(bucket, list) for bucket in selection._probes[0].buckets.values())
