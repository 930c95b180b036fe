from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import chain, combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import FloatRefused, InvalidInput
from salesmgmt.core.exact import NotANumber
from salesmgmt.core.percent import Percent
from salesmgmt.engines.association import (
    AssociationRule,
    Baskets,
    TooManyPatterns,
    association_rules,
    frequent_itemsets,
    measure_rule,
)

# The five transactions of the mlxtend user guide, and the nine rules of its test_association_rules.py::test_default.
KITCHEN = [
    ["Eggs", "Kidney Beans", "Milk", "Nutmeg", "Onion", "Yogurt"],
    ["Dill", "Eggs", "Kidney Beans", "Nutmeg", "Onion", "Yogurt"],
    ["Apple", "Eggs", "Kidney Beans", "Milk"],
    ["Corn", "Kidney Beans", "Milk", "Unicorn", "Yogurt"],
    ["Corn", "Eggs", "Ice cream", "Kidney Beans", "Onion"],
]

# Tan, Steinbach & Kumar, Introduction to Data Mining, table 6.1.
MARKET = [
    ["Bread", "Milk"],
    ["Bread", "Diapers", "Beer", "Eggs"],
    ["Milk", "Diapers", "Beer", "Cola"],
    ["Bread", "Milk", "Diapers", "Beer"],
    ["Bread", "Milk", "Diapers", "Cola"],
]

Weighted = list[tuple[frozenset[str], int]]

ITEMS = "abcdef"
BASKETS = st.lists(st.tuples(st.frozensets(st.sampled_from(ITEMS)), st.integers(0, 3)), max_size=12)
# Full baskets are counted by bit sets and thin ones by lists: a wide universe makes thin ones.
THIN = st.lists(
    st.tuples(st.frozensets(st.integers(0, 400).map(lambda n: f"i{n}"), max_size=3), st.just(1)), max_size=12
)
SHARES = st.fractions(min_value=Fraction(1, 40), max_value=1, max_denominator=40)


def _made(weighted: Weighted) -> Baskets:
    return Baskets([items for items, _ in weighted], [times for _, times in weighted])


def _by_hand(weighted: Weighted) -> dict[tuple[str, ...], int]:
    """The count of every set of items that stands in a basket."""
    found: dict[tuple[str, ...], int] = {}
    for items, times in weighted:
        for part in chain.from_iterable(
            combinations(sorted(items), size) for size in range(1, len(items) + 1)
        ):
            found[part] = found.get(part, 0) + times
    return found


# --- itemsets


def test_the_itemsets_of_a_published_example_are_found_at_exactly_the_limit() -> None:
    found = frequent_itemsets(Baskets(KITCHEN), min_support="0.6")

    assert [(one.items, one.count) for one in found] == [
        (("Eggs",), 4),
        (("Kidney Beans",), 5),
        (("Milk",), 3),
        (("Onion",), 3),
        (("Yogurt",), 3),
        (("Eggs", "Kidney Beans"), 4),
        (("Eggs", "Onion"), 3),
        (("Kidney Beans", "Milk"), 3),
        (("Kidney Beans", "Onion"), 3),
        (("Kidney Beans", "Yogurt"), 3),
        (("Eggs", "Kidney Beans", "Onion"), 3),
    ]


@pytest.mark.parametrize("share", ["0.6", Decimal("0.60"), Percent(60), Fraction(3, 5)])
def test_a_share_may_be_written_in_every_exact_way(share: Any) -> None:
    assert len(frequent_itemsets(Baskets(KITCHEN), min_support=share)) == 11


def test_a_support_a_hair_above_the_limit_is_not_reached() -> None:
    found = frequent_itemsets(Baskets(KITCHEN), min_support=Fraction(3 * 10**30 + 1, 5 * 10**30))

    assert [one.items for one in found] == [("Eggs",), ("Kidney Beans",), ("Eggs", "Kidney Beans")]


@given(BASKETS | THIN, SHARES, st.none() | st.integers(1, 4))
def test_itemsets_are_those_of_counting_every_set(
    weighted: Weighted, share: Fraction, longest: int | None
) -> None:
    baskets = _made(weighted)

    found = frequent_itemsets(baskets, min_support=share, max_length=longest)

    n = sum(times for _, times in weighted)
    wanted = {
        items: count
        for items, count in _by_hand(weighted).items()
        if count and Fraction(count, n) >= share and (longest is None or len(items) <= longest)
    }
    assert {one.items: one.count for one in found} == wanted
    assert [one.items for one in found] == sorted(wanted, key=lambda items: (len(items), items))


@given(BASKETS, SHARES, st.randoms(use_true_random=False))
def test_the_order_of_baskets_and_counts_in_place_of_repetition_change_nothing(
    weighted: Weighted, share: Fraction, random: Any
) -> None:
    repeated = [items for items, times in weighted for _ in range(times)]
    random.shuffle(repeated)

    assert frequent_itemsets(Baskets(repeated), min_support=share) == frequent_itemsets(
        _made(weighted), min_support=share
    )


def test_counts_may_be_large() -> None:
    baskets = Baskets([["a", "b"], ["a"], ["b", "c"]], [10**12, 10**12 - 1, 3])

    found = frequent_itemsets(baskets, min_support=Fraction(10**12, 2 * 10**12 + 2))

    assert [(one.items, one.count) for one in found] == [
        (("a",), 2 * 10**12 - 1),
        (("b",), 10**12 + 3),
        (("a", "b"), 10**12),
    ]


def test_a_basket_without_items_counts_as_one_of_them() -> None:
    assert frequent_itemsets(Baskets([["a"], []]), min_support="0.5")[0].support == Decimal("0.5")
    assert frequent_itemsets(Baskets([]), min_support="0.5") == ()


def test_an_item_counts_once_in_a_basket() -> None:
    assert Baskets([["a", "a"], ["b"]]).item_counts() == [1, 1]


# --- rules


def test_the_rules_of_a_published_example_are_found() -> None:
    found = association_rules(Baskets(KITCHEN), min_support="0.6", min_confidence="0.8")

    assert [(rule.antecedent, rule.consequent, str(rule.lift)) for rule in found[:3]] == [
        (("Kidney Beans", "Onion"), ("Eggs",), "1.25"),
        (("Onion",), ("Eggs",), "1.25"),
        (("Onion",), ("Eggs", "Kidney Beans"), "1.25"),
    ]
    assert len(found) == 9


@given(
    BASKETS, SHARES, st.fractions(min_value=0, max_value=1, max_denominator=20), st.none() | st.integers(1, 3)
)
def test_rules_are_those_of_parting_every_frequent_set(
    weighted: Weighted, support: Fraction, confidence: Fraction, longest: int | None
) -> None:
    found = association_rules(
        _made(weighted), min_support=support, min_confidence=confidence, max_consequent=longest
    )

    n, counts = sum(times for _, times in weighted), _by_hand(weighted)
    wanted = {
        (left, right)
        for items, count in counts.items()
        if count and Fraction(count, n) >= support
        for size in range(1, len(items))
        for right in combinations(items, size)
        if (left := tuple(item for item in items if item not in right))
        and Fraction(count, counts[left]) >= confidence
        and (longest is None or size <= longest)
    }
    assert {(rule.antecedent, rule.consequent) for rule in found} == wanted
    assert len(found) == len(wanted)
    keys = [
        (-Fraction(rule.count * n, rule.antecedent_count * rule.consequent_count), -rule.count)
        for rule in found
    ]
    assert keys == sorted(keys)


@given(
    BASKETS,
    st.frozensets(st.sampled_from("abc"), min_size=1),
    st.frozensets(st.sampled_from("def"), min_size=1),
)
def test_one_rule_is_counted_whether_it_is_frequent_or_not(
    weighted: Weighted, left: frozenset[str], right: frozenset[str]
) -> None:
    measured = measure_rule(_made(weighted), left, right)

    def count(wanted: frozenset[str]) -> int:
        return sum(times for items, times in weighted if wanted <= items)

    if not count(left):
        assert measured.flag == "no_antecedent"
    elif not count(right):
        assert measured.flag == "no_consequent"
    else:
        rule = measured.required()
        assert (rule.antecedent_count, rule.consequent_count, rule.count) == (
            count(left),
            count(right),
            count(left | right),
        )


# --- measures, each against its own words in fractions


def test_the_measures_of_a_textbook_rule() -> None:
    rule = measure_rule(Baskets(MARKET), ["Milk", "Diapers"], ["Beer"]).required()

    # s = 2/5, c = 2/3 (Tan, Steinbach & Kumar, example 6.1); the others by hand from 3, 3 and 2 of 5.
    assert rule.support == Decimal("0.4")
    assert rule.confidence.quantize(Decimal("0.01")) == Decimal("0.67")
    assert Fraction(rule.leverage) == Fraction(1, 25)
    assert rule.conviction.required() == Decimal("1.2")
    assert rule.jaccard == Decimal("0.5")
    assert [f"{value:.4f}" for value in (rule.lift, rule.zhang, rule.kulczynski, rule.certainty)] == [
        "1.1111",
        "0.2500",
        "0.6667",
        "0.1667",
    ]


def _counts() -> st.SearchStrategy[tuple[int, int, int, int]]:
    return st.tuples(*[st.integers(0, 30)] * 4).filter(lambda cell: cell[0] + cell[1] and cell[0] + cell[2])


@given(_counts())
def test_measures_are_their_definitions(cells: tuple[int, int, int, int]) -> None:
    both, left_only, right_only, neither = cells
    n, left, right = sum(cells), both + left_only, both + right_only
    rule = AssociationRule(
        antecedent=["a"], consequent=["c"], n=n, antecedent_count=left, consequent_count=right, count=both
    )
    a, c, ac = Fraction(left, n), Fraction(right, n), Fraction(both, n)
    confidence = ac / a
    definitions = {
        "antecedent_support": a,
        "consequent_support": c,
        "support": ac,
        "confidence": confidence,
        "lift": confidence / c,
        "leverage": ac - a * c,
        "jaccard": ac / (a + c - ac),
        "kulczynski": (confidence + ac / c) / 2,
        "certainty": (confidence - c) / ((1 - c) if confidence > c else c),
    }
    bottom = max(ac * (1 - a), a * (c - ac))
    definitions["zhang"] = (ac - a * c) / bottom if bottom else Fraction(0)

    for name, wanted in definitions.items():
        assert abs(Fraction(getattr(rule, name)) - wanted) < Fraction(1, 10**30), name
    if ac == a:
        assert (rule.conviction.value, rule.conviction.flag) == (None, "infinite")
    else:
        assert abs(Fraction(rule.conviction.required()) - (1 - c) / (1 - confidence)) < Fraction(1, 10**30)
    assert -1 <= rule.zhang <= 1
    assert neither + both + left_only + right_only == n


# --- hostile


@pytest.mark.parametrize("share", [0.6, float("nan")])
def test_a_float_is_no_share(share: Any) -> None:
    with pytest.raises(FloatRefused):
        frequent_itemsets(Baskets(KITCHEN), min_support=share)


@pytest.mark.parametrize("share", [0, "0", "1.01", -1, Percent(101)])
def test_a_support_is_above_zero_and_at_most_one(share: Any) -> None:
    with pytest.raises(InvalidInput, match="min_support"):
        frequent_itemsets(Baskets(KITCHEN), min_support=share)


def test_a_share_that_is_no_number_is_refused() -> None:
    with pytest.raises(NotANumber):
        association_rules(Baskets(KITCHEN), min_support="0.5", min_confidence="much")


@pytest.mark.parametrize("limits", [{"max_length": 0}, {"most": 0}, {"max_consequent": 0}])
def test_a_limit_is_at_least_one(limits: dict[str, int]) -> None:
    with pytest.raises(InvalidInput, match=next(iter(limits))):
        association_rules(Baskets(KITCHEN), min_support="0.5", min_confidence=0, **limits)


def test_every_fault_of_the_baskets_is_listed_with_its_place() -> None:
    given_baskets: Any = [["a"], "abc", ["b", " ", 5], None]

    with pytest.raises(InvalidInput) as raised:
        Baskets(given_baskets, [1, -1, 2.5, True])  # type: ignore[list-item]

    assert [problem.path for problem in raised.value.problems] == [
        "baskets[1]",
        "counts[1]",
        "baskets[2][1]",
        "baskets[2][2]",
        "counts[2]",
        "baskets[3]",
        "counts[3]",
    ]


def test_there_is_a_count_for_each_basket() -> None:
    with pytest.raises(InvalidInput, match="one for each basket"):
        Baskets([["a"], ["b"]], [1])


def test_a_million_faulty_baskets_are_not_all_listed() -> None:
    with pytest.raises(InvalidInput) as raised:
        Baskets([None] * 10**6)  # type: ignore[list-item]

    assert len(raised.value.problems) == 1_000


@pytest.mark.parametrize("width", [30, 5_000])
def test_baskets_with_2_to_the_n_itemsets_are_given_up_at_once(width: int) -> None:
    wide = [[f"i{number}" for number in range(width)]] * 3

    with pytest.raises(TooManyPatterns, match="more than 1000 itemsets") as raised:
        frequent_itemsets(Baskets(wide), min_support=1, most=1_000)

    assert (raised.value.what, raised.value.most) == ("itemsets", 1_000)


def test_there_may_be_exactly_as_many_itemsets_as_allowed() -> None:
    seven = Baskets([["a", "b", "c"]])

    assert len(frequent_itemsets(seven, min_support=1, most=7)) == 7
    with pytest.raises(TooManyPatterns):
        frequent_itemsets(seven, min_support=1, most=6)


def test_rules_have_a_budget_of_their_own() -> None:
    with pytest.raises(TooManyPatterns, match="rules"):
        association_rules(Baskets([list("abcd")]), min_support=1, min_confidence=0, most=20)


@pytest.mark.parametrize(
    ("sides", "counts", "path"),
    [
        ((["a"], ["c"]), (10, 4, 5, 5), "count"),
        ((["a"], ["c"]), (10, 8, 7, 4), "count"),
        ((["a"], ["c"]), (10, 0, 5, 0), "antecedent_count"),
        ((["a"], ["c"]), (10, 4, 11, 0), "consequent_count"),
        ((["a"], ["a"]), (10, 4, 4, 4), "consequent"),
        (([], ["a"]), (10, 4, 4, 4), "antecedent"),
    ],
)
def test_counts_that_cannot_belong_together_are_refused(
    sides: tuple[Sequence[str], Sequence[str]], counts: tuple[int, int, int, int], path: str
) -> None:
    n, left, right, both = counts

    with pytest.raises(InvalidInput) as raised:
        AssociationRule(
            antecedent=sides[0],
            consequent=sides[1],
            n=n,
            antecedent_count=left,
            consequent_count=right,
            count=both,
        )

    assert raised.value.problems[0].path == path


def test_a_rule_has_items_on_both_sides() -> None:
    with pytest.raises(InvalidInput, match="consequent"):
        measure_rule(Baskets(MARKET), ["Milk"], [])
