"""Trees of people, and those of a day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import InvalidInput
from salesmgmt.engines.hierarchy import Hierarchy, Reporting, hierarchy_on


def test_a_parent_that_is_not_listed_is_a_root() -> None:
    tree = Hierarchy({"ann": "east", "bob": None})
    assert tree.roots == ("east", "bob")
    assert tree.children("east") == ("ann",)
    assert (tree.parent("east"), tree.parent("nobody"), tree.children("nobody")) == (None, None, ())


def test_circles_are_refused_with_all_their_nodes() -> None:
    with pytest.raises(InvalidInput) as error:
        Hierarchy({"a": "b", "b": "c", "c": "a", "d": "a", "e": None})
    assert {problem.path for problem in error.value.problems} == {"'a'", "'b'", "'c'"}


def test_a_chain_of_a_hundred_thousand_is_no_trouble() -> None:
    chain = Hierarchy({str(n): str(n + 1) for n in range(100_000)})
    assert len(chain.below("100000")) == 100_000
    assert len(chain.above("0")) == 100_000
    assert chain.upwards[0] == "0"


@given(st.lists(st.integers(-1, 30), max_size=31))
def test_below_and_above_agree_and_children_come_first(parents: list[int]) -> None:
    # A parent has a smaller number, so there is no circle.
    tree = Hierarchy({str(n): str(above) if 0 <= above < n else None for n, above in enumerate(parents)})
    place = {node: index for index, node in enumerate(tree.upwards)}
    assert place.keys() == set(map(str, range(len(parents))))
    for node in tree.parents:
        assert all(node in tree.above(other) for other in tree.below(node))
        assert all(place[other] < place[node] for other in tree.below(node))
        assert len(tree.below(node)) == sum(1 + len(tree.below(child)) for child in tree.children(node))


def test_the_hierarchy_of_a_day() -> None:
    lines = [
        Reporting(member="ann", to="east", since=date(2026, 1, 1), until=date(2026, 7, 1)),
        Reporting(member="ann", to="west", since=date(2026, 7, 1)),
        Reporting(member="east", to="all", since=date(2025, 1, 1)),
    ]
    assert hierarchy_on(lines, date(2026, 6, 30)).above("ann") == ("east", "all")
    assert hierarchy_on(lines, date(2026, 7, 1)).above("ann") == ("west",)
    assert hierarchy_on(lines, date(2025, 12, 31)).parent("ann") is None


def test_nobody_stands_below_two_on_one_day() -> None:
    lines = [
        Reporting(member="ann", to="east", since=date(2026, 1, 1)),
        Reporting(member="ann", to="west", since=date(2026, 7, 1)),
    ]
    assert hierarchy_on(lines, date(2026, 6, 30)).parent("ann") == "east"
    with pytest.raises(InvalidInput, match="'east' and 'west'"):
        hierarchy_on(lines, date(2026, 7, 1))


@pytest.mark.parametrize("parents", [None, "ab", [("a", "b")], {1: "a"}, {"a": 5}, {"a": []}])
def test_what_is_no_tree_of_texts_is_refused(parents: Any) -> None:
    with pytest.raises(InvalidInput, match="wanted"):
        Hierarchy(parents)


@pytest.mark.parametrize(
    ("day", "since", "until"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), date(2026, 1, 1), None),
        (None, date(2026, 1, 1), None),
        (date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC), None),
        (date(2026, 1, 1), date(2026, 1, 1), "2027"),
    ],
)
def test_days_are_dates(day: Any, since: Any, until: Any) -> None:
    with pytest.raises(InvalidInput, match="a date"):
        hierarchy_on([Reporting(member="ann", to="east", since=since, until=until)], day)
