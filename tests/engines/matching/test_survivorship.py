from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from salesmgmt.engines.matching import Candidate, Choice, Keep, Survivorship, UnknownField


def record(name: str, day: int, **values: Any) -> Candidate:
    return Candidate(id=name, made_at=datetime(2026, 1, day, tzinfo=UTC), values=values)


def one(keep: Keep, *values: Any) -> Choice:
    # The survivor "a" was made second, "b" first, "c" third.
    records = [record(name, day, x=value) for name, day, value in zip("abc", (2, 1, 3), values, strict=True)]
    (choice,) = Survivorship(fields={"x": keep}).choose(records)
    return choice


@pytest.mark.parametrize(
    ("keep", "values", "kept", "source", "left_behind"),
    [
        (Keep.SURVIVOR, ("", "B", "C"), "", "a", ("b", "c")),
        (Keep.FIRST_NON_EMPTY, ("", "B", "C"), "B", "b", ("c",)),
        (Keep.FIRST_NON_EMPTY, (None, " ", ""), None, "a", ()),
        (Keep.FIRST_NON_EMPTY, (0, 1, 2), 0, "a", ("b", "c")),
        (Keep.NEWEST, ("A", "B", ""), "A", "a", ("b",)),
        (Keep.NEWEST, ("A", "B", "C"), "C", "c", ("a", "b")),
        (Keep.OLDEST, ("A", "", "C"), "A", "a", ("c",)),
        (Keep.OLDEST, ("A", "B", "C"), "B", "b", ("a", "c")),
        (Keep.LONGEST, ("Li", "Li Wei", "Li Wen"), "Li Wei", "b", ("a", "c")),
        (Keep.SMALLEST, (None, 7, 3), 3, "c", ("b",)),
        (Keep.UNION, (frozenset("x"), frozenset(), frozenset("xy")), frozenset("xy"), "a", ()),
    ],
)
def test_which_value_survives(
    keep: Keep, values: tuple[Any, ...], kept: Any, source: str, left_behind: tuple[str, ...]
) -> None:
    choice = one(keep, *values)

    assert (choice.value, choice.source, choice.left_behind) == (kept, source, left_behind)
    assert choice.keep is keep


def test_a_union_of_mappings_says_for_each_key_where_it_comes_from() -> None:
    choice = one(Keep.UNION, {"budget": 5, "note": ""}, {"budget": 7, "note": "call"}, {"size": 9})

    assert choice.value == {"budget": 5, "note": "call", "size": 9}
    assert [(part.field, part.source, part.left_behind) for part in choice.parts] == [
        ("x.budget", "a", ("b",)),
        ("x.note", "b", ()),
        ("x.size", "c", ()),
    ]


def test_fields_that_belong_together_come_from_one_record() -> None:
    rules = Survivorship(fields={"source": Keep.OLDEST}, together=(("source", "campaign"),))

    choices = rules.choose(
        [
            record("a", 2, campaign="spring", source="web"),
            record("b", 1, campaign=None, source="fair"),
        ]
    )

    assert {choice.field: (choice.value, choice.source) for choice in choices} == {
        "source": ("fair", "b"),
        "campaign": (None, "b"),
    }
    assert choices[0].left_behind == ("a",)


def test_fields_without_a_rule_follow_the_default() -> None:
    records = [record("a", 1, x="", y=""), record("b", 2, x="1", y="2")]

    first = Survivorship().choose(records)
    own = Survivorship(default=Keep.SURVIVOR, fields={"y": Keep.NEWEST}).choose(records)

    assert [choice.value for choice in first] == ["1", "2"]
    assert [choice.value for choice in own] == ["", "2"]


@pytest.mark.parametrize(
    "rules", [Survivorship(fields={"phon": Keep.NEWEST}), Survivorship(together=(("phone", "phon"),))]
)
def test_a_rule_for_a_field_that_is_not_there_is_refused(rules: Survivorship) -> None:
    with pytest.raises(UnknownField, match="did you mean 'phone'"):
        rules.choose([record("a", 1, phone=""), record("b", 2, phone="")])
