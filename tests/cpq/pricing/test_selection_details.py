"""Selections at their edges: equal ranks, limits, sets, long histories, and what a refusal says."""

from __future__ import annotations

import pickle
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest

from salesmgmt.core.errors import InvalidInput, Problem, UnknownOption
from salesmgmt.core.events import NaiveInstant
from salesmgmt.core.findings import InvalidDefinition
from salesmgmt.core.formula import SET, TEXT, Schema, WhyNot
from salesmgmt.cpq.pricing.price_lists.price_rule import PriceRule, QuantityScope
from salesmgmt.cpq.pricing.selection._bucket import MOST_SCANNED, Timeline
from salesmgmt.cpq.pricing.selection._index import several
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
    {"line.product": TEXT, "line.categories": SET[TEXT], "customer.tags": SET[TEXT], "customer.segment": TEXT}
)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
ONE = Decimal(1)
DOCK: dict[str, Any] = {"line.product": "dock"}


def rule(name: str, key: dict[str, str] | None = None, **fields: Any) -> PriceRule:
    return PriceRule(id=name, key=key or {}, **{"percent_off": 1, **fields})


def winner(found: Chosen[PriceRule] | Tied[PriceRule] | None) -> object:
    if found is None:
        return None
    return found.rule.id if isinstance(found, Chosen) else found.found


def ask(
    selection: Selection[PriceRule],
    facts: dict[str, Any] | None = None,
    quantity: int | str = 1,
    unit: str = "piece",
    at: datetime = NOW,
    **more: Any,
) -> object:
    return winner(selection.choose(facts or {}, Decimal(quantity), unit, at, **more))


def test_of_three_equal_rules_all_are_told_in_the_order_of_their_ids() -> None:
    rules = [rule("c"), rule("a"), rule("b"), rule("deep", min_quantity=9)]

    assert ask(Selection(rules, SCHEMA)) == ("a", "b", "c")
    assert ask(Selection(rules, SCHEMA), quantity=9) == "deep"
    assert ask(Selection(rules, SCHEMA, order=SelectionOrder(ties=Ties.FIRST))) == "c"
    assert ask(Selection(rules, SCHEMA, order=SelectionOrder(ties=Ties.BY_ID))) == "a"


def test_equal_rules_are_no_conflict_only_when_every_one_comes_to_the_same() -> None:
    rules = [rule("a", percent_off=5), rule("b", percent_off=5), rule("c", percent_off=6)]

    def same(one: PriceRule, other: PriceRule) -> bool:
        return one.percent_off == other.percent_off

    assert ask(Selection(rules, SCHEMA), same=same) == ("a", "b", "c")
    assert ask(Selection(rules[:2], SCHEMA), same=same) == "a"
    assert Selection(rules[:2], SCHEMA).why_not("a", {}, ONE, "piece", NOW, same=same) is None
    assert ask(Selection([rule("a", {"line.categories": "x"}), rule("b", {"line.categories": "x"})], SCHEMA),
               {"line.categories": ("x",)}, same=same) == "a"  # fmt: skip


def test_a_rule_of_equal_rank_that_does_not_hold_makes_no_tie() -> None:
    rules = [rule("a"), rule("b", condition="customer.segment == 'gold'"), rule("c", uom="box")]
    selection = Selection(rules, SCHEMA, order=SelectionOrder(criteria=(Criterion.SPECIFICITY,)))

    assert ask(selection, {"customer.segment": "vip"}) == "a"
    assert ask(selection, {"customer.segment": "gold"}) == ("a", "b")
    assert ask(selection, {"customer.segment": "vip"}, unit="box") == ("a", "c")


@pytest.mark.parametrize(
    ("fields", "quantity", "holds"),
    [
        ({"min_quantity": 5}, "5", True),
        ({"min_quantity": 5}, "4.999", False),
        ({"max_quantity": 5}, "5", True),
        ({"max_quantity": 5}, "5.000000000000000000000000000000001", False),
        ({"valid_from": NOW}, "1", True),
        ({"valid_from": NOW + timedelta(microseconds=1)}, "1", False),
        ({"valid_to": NOW}, "1", False),
        ({"valid_to": NOW + timedelta(microseconds=1)}, "1", True),
        ({"valid_from": date(2026, 3, 2), "valid_to": date(2026, 3, 3)}, "1", True),
        ({"valid_from": date(2026, 3, 3)}, "1", False),
        ({"uom": "box"}, "1", False),
        ({"uom": "piece"}, "1", True),
    ],
)
def test_limits_of_a_rule(fields: dict[str, Any], quantity: str, *, holds: bool) -> None:
    selection = Selection([rule("r", **fields)], SCHEMA)

    assert ask(selection, quantity=quantity) == ("r" if holds else None)
    assert (selection.why_not("r", {}, Decimal(quantity), "piece", NOW) is None) is holds
    assert [one.id for one in selection.matching({}, Decimal(quantity), "piece", NOW)] == ["r"] * holds


def test_a_maximum_that_is_excluded_is_told_so() -> None:
    order = SelectionOrder(max_quantity=UpperBound.EXCLUDED)
    selection = Selection([rule("r", max_quantity=5)], SCHEMA, order=order)

    assert ask(selection, quantity="4.9") == "r"
    assert ask(selection, quantity=5) is None
    assert str(selection.why_not("r", {}, Decimal(5), "piece", NOW)) == "line.quantity < 5: found 5"
    assert selection.applies("r", {}, "piece", NOW)


def test_whether_a_rule_applies_apart_from_its_quantity() -> None:
    selection = Selection(
        [rule("r", DOCK, min_quantity=9, uom="box", valid_from=date(2026, 3, 2))],
        SCHEMA,
        time_zone="Asia/Shanghai",
    )
    begin = datetime(2026, 3, 1, 16, tzinfo=UTC)  # midnight in Shanghai

    assert selection.applies("r", DOCK, "box", begin)
    assert not selection.applies("r", DOCK, "box", begin - timedelta(seconds=1))
    assert not selection.applies("r", DOCK, "piece", begin)
    assert not selection.applies("r", {}, "box", begin)
    with pytest.raises(NaiveInstant, match=r"^at = "):
        selection.applies("r", DOCK, "box", datetime(2026, 3, 2))  # noqa: DTZ001 - what is refused


def test_an_unknown_rule_is_named_with_at_most_ten_others() -> None:
    selection = Selection([rule(f"r{place:02}") for place in range(12)], SCHEMA)

    for ask_for in (
        lambda: selection.applies("none", {}, "piece", NOW),
        lambda: selection.why_not("none", {}, ONE, "piece", NOW),
    ):
        with pytest.raises(UnknownOption) as caught:
            ask_for()
        words = str(caught.value)
        assert words.startswith("the rule that is asked for")
        assert "none" in words
        assert "r09" in words
        assert "r10" not in words


def test_naive_instants_are_refused_by_their_name_in_every_question() -> None:
    selection = Selection([rule("r")], SCHEMA)
    naive = datetime(2026, 3, 2)  # noqa: DTZ001 - what is refused

    for question in (
        lambda: selection.choose({}, ONE, "piece", naive),
        lambda: selection.matching({}, ONE, "piece", naive),
        lambda: selection.why_not("r", {}, ONE, "piece", naive),
    ):
        with pytest.raises(NaiveInstant, match=r"^at = "):
            question()


def test_an_instant_in_another_zone_is_the_same_instant_in_every_question() -> None:
    selection = Selection([rule("r", valid_from=NOW)], SCHEMA)
    at = datetime.fromisoformat("2026-03-02T17:00:00+08:00")
    before = at - timedelta(seconds=1)

    assert (ask(selection, at=at), ask(selection, at=before)) == ("r", None)
    assert len(selection.matching({}, ONE, "piece", at)) == 1
    assert selection.why_not("r", {}, ONE, "piece", at) is None
    assert str(selection.why_not("r", {}, ONE, "piece", before)) == (
        "order.at >= 2026-03-02T09:00Z: found 2026-03-02T08:59:59Z"
    )


def test_the_caller_decides_about_the_quantity_of_rules_that_count_the_document() -> None:
    counted = rule("counted", DOCK, min_quantity=5, quantity_scope=QuantityScope.ALL_MATCHING_LINES)
    plain = rule("plain", min_quantity=5)
    selection = Selection([counted, plain], SCHEMA)

    assert counted.needs_document
    assert ask(selection, DOCK) is None
    assert ask(selection, DOCK, reaches=lambda one: one.id == "counted") == "counted"
    assert ask(selection, DOCK, quantity=9, reaches=lambda _: False) == "plain"
    assert ask(selection, DOCK, quantity=9) == "counted"
    found = selection.matching(DOCK, ONE, "piece", NOW, reaches=lambda _: True)
    assert [one.id for one in found] == ["counted"]
    why = selection.why_not("counted", DOCK, Decimal(9), "piece", NOW, reaches=lambda _: False)
    assert str(why) == "line.quantity >= 5: found 9"


BEST = SelectionOrder(criteria=(Criterion.BEST_PRICE,))


def price_of(one: PriceRule) -> Decimal | None:
    return None if one.percent_off == 99 else 100 - (one.percent_off or Decimal(0))


def test_the_best_price_wins_and_a_rule_that_gives_none_counts_as_none() -> None:
    rules = [
        rule("ten", percent_off=10),
        rule("dock", DOCK, percent_off=5),
        rule("none", percent_off=99),
        rule("twenty", percent_off=20, min_quantity=2),
    ]
    selection = Selection(rules, SCHEMA, order=BEST)

    assert ask(selection, DOCK, price=price_of) == "ten"
    assert ask(selection, DOCK, quantity=2, price=price_of) == "twenty"
    assert [one.id for one in selection.matching(DOCK, Decimal(2), "piece", NOW, price=price_of)] == [
        "twenty",
        "ten",
        "dock",
    ]
    why = selection.why_not("dock", DOCK, ONE, "piece", NOW, price=price_of)
    assert why == PassedOver("dock", Criterion.BEST_PRICE, "ten")
    assert selection.why_not("ten", DOCK, ONE, "piece", NOW, price=price_of) is None
    with pytest.raises(InvalidInput) as caught:
        selection.choose({}, ONE, "piece", NOW)
    wanted = "the price by a rule, because the best price wins"
    assert caught.value.problems == (Problem("price", "missing", None, wanted),)
    assert str(caught.value).startswith("question to a selection")


def test_matching_rules_stand_best_first_and_equal_ones_by_id() -> None:
    rules = [rule("z"), rule("a"), rule("dock", DOCK), rule("deep", min_quantity=1)]
    selection = Selection(rules, SCHEMA)

    assert [one.id for one in selection.matching(DOCK, ONE, "piece", NOW)] == ["dock", "deep", "a", "z"]
    first = Selection(rules, SCHEMA, order=SelectionOrder(ties=Ties.FIRST))
    assert [one.id for one in first.matching(DOCK, ONE, "piece", NOW)] == ["dock", "deep", "z", "a"]


@pytest.mark.parametrize(("ties", "criterion"), [(Ties.FIRST, Criterion.FIRST), (Ties.BY_ID, Criterion.ID)])
def test_a_rule_of_equal_rank_lost_by_the_rule_for_ties(ties: Ties, criterion: Criterion) -> None:
    selection = Selection([rule("a"), rule("b")], SCHEMA, order=SelectionOrder(ties=ties))

    assert selection.why_not("b", {}, ONE, "piece", NOW) == PassedOver("b", criterion, "a")
    found = selection.choose({}, ONE, "piece", NOW, passed_over=True)
    assert isinstance(found, Chosen)
    assert found.passed_over == (PassedOver("b", criterion, "a"),)


def test_those_behind_an_exclusive_access_are_passed_over_for_specificity() -> None:
    accesses = [Access(fields=("line.product",)), Access(fields=())]
    rules = [rule("own", DOCK), rule("weak", DOCK), rule("all"), rule("box", uom="box")]
    selection = Selection(rules, SCHEMA, accesses=accesses, order=SelectionOrder(ties=Ties.FIRST))

    found = selection.choose(DOCK, ONE, "piece", NOW, passed_over=True)

    assert isinstance(found, Chosen)
    assert found.rule.id == "own"
    assert found.passed_over == (
        PassedOver("weak", Criterion.FIRST, "own"),
        PassedOver("all", Criterion.SPECIFICITY, "own"),
    )
    assert selection.choose({"line.product": "lamp"}, ONE, "piece", NOW, passed_over=True) == Chosen(rules[2])


def test_a_conflict_stands_also_where_those_that_lost_are_asked_for() -> None:
    accesses = [Access(fields=("line.product",)), Access(fields=())]
    selection = Selection([rule("a", DOCK), rule("b", DOCK), rule("all")], SCHEMA, accesses=accesses)

    assert ask(selection, DOCK, passed_over=True) == ("a", "b")
    assert selection.why_not("all", DOCK, ONE, "piece", NOW) == PassedOver("all", Criterion.SPECIFICITY, "a")


def test_an_access_with_a_condition_is_skipped_and_says_so() -> None:
    gold = Access(fields=("line.product",), condition="customer.segment == 'gold'")
    selection = Selection([rule("own", DOCK), rule("all")], SCHEMA, accesses=[gold, Access(fields=())])
    vip = {**DOCK, "customer.segment": "vip"}

    assert ask(selection, vip) == "all"
    assert ask(selection, {**DOCK, "customer.segment": "gold"}) == "own"
    assert str(selection.why_not("own", vip, ONE, "piece", NOW)) == "customer.segment == 'gold': found 'vip'"
    alone = Selection([rule("own", DOCK)], SCHEMA, accesses=[gold])
    assert ask(alone, vip) is None
    assert str(alone.why_not("own", vip, ONE, "piece", NOW)) == "customer.segment == 'gold': found 'vip'"


def test_a_fact_with_several_values_finds_the_rules_of_each() -> None:
    rules = [
        rule("desks", {"line.categories": "desks"}),
        rule("office", {"line.categories": "office"}),
        rule("fair", {"customer.tags": "fair"}),
        rule("web", {"customer.tags": "web"}),
        rule("both", {"customer.tags": "fair", "line.categories": "office"}),
    ]
    selection = Selection(rules, SCHEMA)

    assert ask(selection, {"line.categories": ("desks", "office")}) == "desks"
    assert ask(selection, {"line.categories": ["office", "desks", "office"]}) == "office"
    assert ask(selection, {"customer.tags": frozenset({"web", "fair"})}) == ("fair", "web")
    assert ask(selection, {"customer.tags": {"web"}}) == "web"
    assert ask(selection, {"customer.tags": {"fair"}, "line.categories": ("desks", "office")}) == "both"
    assert ask(selection, {"customer.tags": None, "line.categories": ()}) is None
    assert ask(selection, {}) is None
    found = selection.choose({"line.categories": ("desks", "office")}, ONE, "piece", NOW, passed_over=True)
    assert isinstance(found, Chosen)
    assert found.passed_over == (PassedOver("office", Criterion.SPECIFICITY, "desks"),)


def test_the_values_of_a_fact() -> None:
    assert several(None) == ()
    assert several("a") == ("a",)
    assert several(("b", "a", "b")) == ("b", "a")
    assert several(["b", "a"]) == ("b", "a")
    assert several({"b", "a", "c"}) == several(frozenset("cba")) == ("a", "b", "c")


def test_criteria_of_a_rule_by_themselves() -> None:
    rules = {
        Criterion.UNIT: (rule("a"), rule("b", uom="piece")),
        Criterion.BREAK: (rule("a", min_quantity=1), rule("b", min_quantity=2)),
        Criterion.PRIORITY: (rule("a", priority=-1), rule("b", priority=0)),
        Criterion.NEWEST: (rule("a", valid_from=NOW - 2 * DAY), rule("b", valid_from=NOW - DAY)),
        Criterion.ID: (rule("c"), rule("b")),
    }
    for criterion, (loses, wins) in rules.items():
        order = SelectionOrder(criteria=(criterion,))
        for pair in ((loses, wins), (wins, loses)):
            assert ask(Selection(pair, SCHEMA, order=order), quantity=5) == "b", criterion
    absent = {
        Criterion.BREAK: rule("b", min_quantity=1),
        Criterion.PRIORITY: rule("b", priority=-9),
        Criterion.NEWEST: rule("b", valid_from=date(1900, 1, 1)),
    }
    for criterion, wins in absent.items():
        order = SelectionOrder(criteria=(criterion,))
        assert ask(Selection([rule("a"), wins], SCHEMA, order=order)) == "b", criterion
    first = SelectionOrder(criteria=(Criterion.FIRST,))
    assert ask(Selection([rule("b"), rule("a")], SCHEMA, order=first)) == "b"
    # a smallest quantity of zero is as deep a break as none
    assert ask(Selection([rule("a"), rule("b", min_quantity=0)], SCHEMA)) == ("a", "b")


def test_newer_by_a_microsecond_wins() -> None:
    rules = [rule("old", valid_from=NOW - timedelta(microseconds=1)), rule("new", valid_from=NOW)]

    assert ask(Selection(rules, SCHEMA)) == "new"


def history(count: int, overlap: int = 1, **fields: Any) -> list[PriceRule]:
    """Rules that each hold for some days, one beginning each day."""
    return [
        rule(f"r{place:03}", valid_from=NOW + place * DAY, valid_to=NOW + (place + overlap) * DAY, **fields)
        for place in range(count)
    ]


@pytest.mark.parametrize("count", [MOST_SCANNED - 1, MOST_SCANNED, MOST_SCANNED + 1, 40])
@pytest.mark.parametrize("overlap", [1, 3, 30])
@pytest.mark.parametrize("condition", ["", "customer.segment == 'gold'"])
def test_a_history_answers_at_each_instant(count: int, overlap: int, condition: str) -> None:
    selection = Selection(history(count, overlap, condition=condition), SCHEMA)
    facts = {"customer.segment": "gold"}

    for place in range(-1, count + overlap + 1):
        newest = min(place, count - 1)
        wanted = f"r{newest:03}" if newest >= 0 and place < newest + overlap else None
        for at in (NOW + place * DAY, NOW + (place + 1) * DAY - timedelta(microseconds=1)):
            assert ask(selection, facts, at=at) == wanted
            oldest = max(0, place - overlap + 1)
            held = [one.id for one in selection.matching(facts, ONE, "piece", at)]
            assert held == [f"r{one:03}" for one in range(newest, oldest - 1, -1)]


def entry(timeline: Timeline, at: datetime) -> list[str]:
    return [one[9].rule.id for one in timeline.at(at)]


def timeline_of(rules: Sequence[PriceRule]) -> Timeline:
    selection = Selection(rules, SCHEMA)
    bucket = selection._probes[0].buckets[()]
    assert isinstance(bucket, Timeline)
    return bucket


def test_behind_a_rule_that_holds_whatever_is_asked_nobody_is_looked_at() -> None:
    base = [rule(f"old{place:02}", valid_from=NOW - (20 - place) * DAY) for place in range(15)]
    top = rule("top", valid_from=NOW - DAY)
    narrow = rule("narrow", valid_from=NOW, min_quantity=1)
    timeline = timeline_of([*base, top, narrow])

    assert entry(timeline, NOW - DAY) == ["top"]
    assert entry(timeline, NOW) == ["narrow", "top"]
    assert entry(timeline, NOW - 30 * DAY) == []
    # what has a limit of any kind may fail, so those behind it are looked at
    for limit in (
        {"max_quantity": 9},
        {"min_quantity": 1},
        {"uom": "piece"},
        {"condition": "customer.segment == 'gold'"},
        {"quantity_scope": QuantityScope.ALL_MATCHING_LINES},
    ):
        limited = timeline_of([*base, rule("top", valid_from=NOW, priority=1, **limit)])
        assert entry(limited, NOW)[:2] == ["top", "old14"], limit


def test_equal_rules_beside_one_that_holds_whatever_is_asked_are_looked_at_too() -> None:
    base = [rule(f"old{place:02}", valid_from=NOW - (20 - place) * DAY) for place in range(15)]
    pair = [rule("a", valid_from=NOW), rule("b", valid_from=NOW)]

    assert entry(timeline_of([*base, *pair]), NOW) == ["a", "b"]
    assert ask(Selection([*base, *pair], SCHEMA)) == ("a", "b")


def test_a_history_that_overlaps_much_takes_the_tree_and_answers_the_same() -> None:
    count = 64
    gold = "customer.segment == 'gold'"
    timeline = timeline_of(history(count, 40, condition=gold))
    assert timeline._lists is None
    few = timeline_of(history(count, 8, condition=gold))
    assert few._lists is not None
    for place in range(-1, count + 41):
        at = NOW + place * DAY
        newest, oldest = min(place, count - 1), max(0, place - 39)
        assert entry(timeline, at) == [f"r{one:03}" for one in range(newest, oldest - 1, -1)]


def test_a_validity_that_ends_before_it_begins_never_holds() -> None:
    rules = [*history(20), rule("never", valid_from=NOW + 5 * DAY, valid_to=NOW + 2 * DAY)]
    selection = Selection(rules, SCHEMA)

    assert [ask(selection, at=NOW + place * DAY) for place in (1, 3, 5)] == ["r001", "r003", "r005"]


def test_a_selection_that_was_stored_answers_the_same() -> None:
    accesses = [Access(fields=("line.product",)), Access(fields=())]
    order = SelectionOrder(ties=Ties.BY_ID)
    selection = Selection(
        [rule("b", DOCK), rule("a", DOCK), rule("all")], SCHEMA, accesses=accesses, order=order
    )

    again = pickle.loads(pickle.dumps(selection))

    assert (again.order, again.rules, again.time_zone) == (order, selection.rules, "UTC")
    assert ask(again, DOCK) == "a"
    assert [one.id for one in again.matching(DOCK, ONE, "piece", NOW)] == ["a", "b"]


@pytest.mark.parametrize(
    ("rules", "accesses", "expected"),
    [
        (
            [rule("r", {"line.prodct": "dock"})],
            None,
            ("unknown_name", "accesses[0]", "there is no fact 'line.prodct'", "did you mean line.product?"),
        ),
        (
            [rule("r")],
            [Access(fields=()), Access(fields=("x.y",))],
            ("unknown_name", "accesses[1]", "there is no fact 'x.y'", "declare it among the facts"),
        ),
        (
            [rule("r", {"line.product": "dock"})],
            [Access(fields=())],
            ("no_access", "rules.r", "no access asks for line.product", "add an access with these fields"),
        ),
        (
            [rule("r")],
            [Access(fields=("line.product",))],
            (
                "no_access",
                "rules.r",
                "no access asks for rules without a key",
                "add an access with these fields",
            ),
        ),
    ],
)
def test_what_cannot_work_is_told_with_its_place(
    rules: list[PriceRule], accesses: list[Access] | None, expected: tuple[str, str, str, str]
) -> None:
    with pytest.raises(InvalidDefinition) as caught:
        Selection(rules, SCHEMA, accesses=accesses)

    first = next(one for one in caught.value.findings if one.code == expected[0])
    assert (first.code, first.where, first.message, first.hint) == expected
    assert str(caught.value).startswith("selection of rules")


def test_a_condition_that_is_none_is_told_for_each_rule_and_access_of_its_own() -> None:
    wrong = "customer.segment = 1"
    rules = [
        rule("a", condition=wrong),
        rule("same", condition=wrong),
        rule("b", DOCK, condition=wrong),
        rule("fine", condition="customer.segment == 'gold'"),
    ]
    accesses = [Access(fields=()), Access(fields=("line.product",), condition=wrong)]

    with pytest.raises(InvalidDefinition) as caught:
        Selection(rules, SCHEMA, accesses=accesses)

    assert [(one.code, one.where) for one in caught.value.findings] == [
        ("condition", "accesses[1]"),
        ("condition", "rules.a"),
        ("condition", "rules.b"),
    ]
    finding = caught.value.findings[0]
    assert finding.hint
    assert finding.hint not in finding.message


def test_a_question_answers_with_the_winner_alone_unless_the_losers_are_asked_for() -> None:
    selection = Selection([rule("own", DOCK), rule("all")], SCHEMA)

    assert selection.choose(DOCK, ONE, "piece", NOW) == Chosen(selection.rules[0])
    found = selection.choose(DOCK, ONE, "piece", NOW, passed_over=True)
    assert found == Chosen(selection.rules[0], (PassedOver("all", Criterion.SPECIFICITY, "own"),))


@pytest.mark.parametrize(
    ("mine", "other", "wanted"), [(1, 2, "dock"), (2, 1, "gold"), (1, 1, ("dock", "gold"))]
)
def test_fields_without_weight_leave_it_to_the_other_criteria(mine: int, other: int, wanted: object) -> None:
    order = SelectionOrder(precedence=(), unlisted=Unlisted.NO_WEIGHT, nearest_first=())
    rules = [
        rule("gold", {"customer.segment": "gold"}, priority=mine),
        rule("dock", DOCK, priority=other),
    ]

    assert ask(Selection(rules, SCHEMA, order=order), {**DOCK, "customer.segment": "gold"}) == wanted


def test_the_nearest_value_is_as_specific_as_a_single_one_where_their_fields_weigh_the_same() -> None:
    order = SelectionOrder(precedence=(("line.product", "line.categories"),))
    rules = [rule("dock", DOCK), rule("desks", {"line.categories": "desks"})]
    selection = Selection(rules, SCHEMA, order=order)

    assert ask(selection, {**DOCK, "line.categories": ("desks", "office")}) == ("desks", "dock")
    assert ask(selection, {**DOCK, "line.categories": ("office", "desks")}) == "dock"


def test_the_best_price_decides_within_an_access_that_comes_first() -> None:
    order = SelectionOrder(criteria=(Criterion.SPECIFICITY, Criterion.BEST_PRICE))
    rules = [rule("ten", DOCK, percent_off=10), rule("five", DOCK), rule("half", percent_off=50)]
    selection = Selection(rules, SCHEMA, order=order)

    assert ask(selection, DOCK, price=price_of) == "ten"
    assert ask(selection, price=price_of) == "half"


def test_where_the_best_price_wins_the_caller_still_decides_what_is_reached_and_what_is_the_same() -> None:
    counted = rule("counted", min_quantity=5, quantity_scope=QuantityScope.ALL_MATCHING_LINES)
    selection = Selection([counted], SCHEMA, order=BEST)

    assert ask(selection, price=price_of, reaches=lambda _: True) == "counted"
    assert ask(selection, quantity=9, price=price_of, reaches=lambda _: False) is None
    assert selection.why_not("counted", {}, ONE, "piece", NOW, reaches=lambda _: True, price=price_of) is None
    pair = Selection([rule("a"), rule("b")], SCHEMA, order=BEST)
    assert ask(pair, price=price_of) == ("a", "b")
    assert ask(pair, price=price_of, same=lambda *_: True) == "a"
    assert pair.why_not("a", {}, ONE, "piece", NOW, price=price_of, same=lambda *_: True) is None


def test_an_access_that_finds_nobody_leaves_it_to_the_next_one() -> None:
    rules = [
        rule("both", {**DOCK, "customer.segment": "gold"}),
        rule("many", DOCK, min_quantity=9),
        rule("gold", {"customer.segment": "gold"}),
        rule("all"),
    ]
    selection = Selection(rules, SCHEMA)

    assert ask(selection) == "all"  # neither fact is known
    assert ask(selection, {"customer.segment": "vip"}) == "all"
    assert ask(selection, DOCK) == "all"  # too few
    assert ask(selection, DOCK, quantity=9) == "many"
    assert ask(selection, {"customer.segment": "gold", "line.product": "lamp"}) == "gold"


def test_a_rule_whose_access_is_not_asked_for_any_more_lost_by_specificity() -> None:
    accesses = [Access(fields=("line.product",)), Access(fields=(), exclusive=False)]
    selection = Selection([rule("own", DOCK), rule("all")], SCHEMA, accesses=accesses)

    assert [one.id for one in selection.matching(DOCK, ONE, "piece", NOW)] == ["own"]
    assert selection.why_not("all", DOCK, ONE, "piece", NOW) == PassedOver(
        "all", Criterion.SPECIFICITY, "own"
    )
    open_ended = Selection(
        [rule("own", DOCK), rule("all")],
        SCHEMA,
        accesses=[Access(fields=("line.product",), exclusive=False), Access(fields=())],
    )
    assert [one.id for one in open_ended.matching(DOCK, ONE, "piece", NOW)] == ["own", "all"]


@attrs.frozen(kw_only=True)
class Plain:
    """A rule that says nothing about documents."""

    id: str
    key: Mapping[str, str] = {}
    min_quantity: Decimal | None = None
    max_quantity: Decimal | None = None
    uom: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    priority: int | None = None
    condition: str = ""


def test_the_caller_is_not_asked_about_rules_that_say_nothing_of_documents() -> None:
    selection = Selection([Plain(id="few"), Plain(id="many", min_quantity=Decimal(5))], SCHEMA)

    found = selection.choose({}, Decimal(5), "piece", NOW, reaches=lambda _: False)
    assert isinstance(found, Chosen)
    assert found.rule.id == "many"


def test_a_maximum_that_is_excluded_is_no_hit_among_several_rules_either() -> None:
    order = SelectionOrder(max_quantity=UpperBound.EXCLUDED)
    selection = Selection([rule("low", max_quantity=5), rule("high", min_quantity=5)], SCHEMA, order=order)

    assert [one.id for one in selection.matching({}, Decimal(5), "piece", NOW)] == ["high"]
    assert [one.id for one in selection.matching({}, Decimal("4.99"), "piece", NOW)] == ["low"]


def test_answers_are_in_utc_wherever_the_machine_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        selection = Selection(
            [rule("r", valid_from=datetime.fromisoformat("2026-03-02T12:00:00+02:00"))], SCHEMA
        )
        why = selection.why_not("r", {}, ONE, "piece", datetime.fromisoformat("2026-03-02T10:00:00+01:00"))
    finally:
        monkeypatch.undo()
        time.tzset()

    assert isinstance(why, WhyNot)
    assert why.wanted == ">= 2026-03-02T10:00Z"
    found = why.found["order.at"]
    assert isinstance(found, datetime)
    assert (found, found.utcoffset()) == (NOW, timedelta(0))


def test_a_rule_without_a_beginning_holds_before_anything_in_its_history_changes() -> None:
    rules = [*history(MOST_SCANNED + 1), rule("base", valid_to=NOW + 3 * DAY)]
    selection = Selection(rules, SCHEMA)

    assert ask(selection, at=NOW - DAY) == "base"
    assert ask(selection, at=NOW) == "r000"
    assert [one.id for one in selection.matching({}, ONE, "piece", NOW + 2 * DAY)] == ["r002", "base"]


def test_a_validity_that_ends_before_all_others_begin_never_holds() -> None:
    never = rule("never", valid_from=NOW - DAY, valid_to=NOW - 2 * DAY)
    selection = Selection([*history(20), never], SCHEMA)

    assert [ask(selection, at=NOW + place * DAY) for place in (-3, -2, -1, 0, 19)] == [
        None,
        None,
        None,
        "r000",
        "r019",
    ]


@pytest.mark.parametrize("instants", [125, 126, 127, 128, 129, 130])
def test_the_tree_answers_at_both_ends_whatever_the_number_of_instants(instants: int) -> None:
    gold = "customer.segment == 'gold'"
    count = instants - 41
    rules = [
        rule("early", valid_to=NOW, condition=gold),
        *history(count, 40, condition=gold),
        rule("late", valid_from=NOW + (count + 40) * DAY, condition=gold),
    ]
    timeline = timeline_of(rules)
    assert timeline._lists is None
    assert len({moment for one in rules for moment in (one.valid_from, one.valid_to) if moment}) == instants

    last = count - 1
    assert entry(timeline, NOW - DAY) == ["early"]
    assert entry(timeline, NOW) == ["r000"]
    assert entry(timeline, NOW + (last + 39) * DAY) == [f"r{last:03}"]
    assert entry(timeline, NOW + (last + 41) * DAY) == ["late"]
    assert entry(timeline, NOW + 2000 * DAY) == ["late"]


@pytest.mark.parametrize("where", ["rule", "access"])
def test_a_condition_that_is_no_yes_or_no_is_refused_with_what_to_do(where: str) -> None:
    text = "customer.segment"
    rules = [rule("r", condition=text if where == "rule" else "")]
    accesses = [Access(fields=(), condition=text if where == "access" else "")]

    with pytest.raises(InvalidDefinition) as caught:
        Selection(rules, SCHEMA, accesses=accesses)

    (finding,) = caught.value.findings
    assert finding.where == ("rules.r" if where == "rule" else "accesses[0]")
    assert finding.message == "position 0: expected a condition, found a text (customer.segment)"
    assert finding.hint == "the whole formula is to be a condition"


def test_an_id_that_stands_there_twice_is_refused_with_its_place() -> None:
    with pytest.raises(InvalidDefinition) as caught:
        Selection([rule("r"), rule("r", DOCK)], SCHEMA)

    assert [one.where for one in caught.value.findings] == ["rules.r"]


def test_a_key_of_several_fields_that_no_access_asks_for_names_them_all() -> None:
    with pytest.raises(InvalidDefinition) as caught:
        Selection([rule("r", {**DOCK, "customer.segment": "gold"})], SCHEMA, accesses=[Access(fields=())])

    assert [one.message for one in caught.value.findings] == [
        "no access asks for customer.segment, line.product"
    ]
