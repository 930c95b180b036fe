from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import InvalidInput, UnknownOption
from salesmgmt.core.findings import InvalidDefinition
from salesmgmt.engines.matching import (
    Candidate,
    ChangedSince,
    Exclusion,
    FieldRule,
    Keep,
    LaterChanges,
    LaterRules,
    Merged,
    MergePolicy,
    MergeRefused,
    RankBy,
    RankFirst,
    Survivorship,
    UnknownField,
)

OPEN = Exclusion(field="status", values=("won", "lost"))
KIND = RankBy(field="kind", order=("opportunity", "lead"))
STAGE = RankBy(field="stage", first=RankFirst.LARGEST)
AGE = RankBy(field="made")


def record(key: str, /, **values: Any) -> Candidate:
    return Candidate(id=key, values={"kind": "lead", "stage": None, "made": None, "status": "open", **values})


def merged(policy: MergePolicy, *records: Candidate, **more: Any) -> Merged:
    return policy.plan(records, **more)


def one(rule: FieldRule, *values: Any, **others: tuple[Any, ...]) -> Any:
    """What becomes of a field x in records a, b, c, ..."""
    records = [
        Candidate(id=key, values={"x": value, **{name: column[place] for name, column in others.items()}})
        for place, (key, value) in enumerate(zip("abcdef", values, strict=False))
    ]
    policy = MergePolicy(id="p", survivorship=Survivorship(fields={"x": rule}))
    return policy.plan(records).choices[0]


def test_the_first_criterion_that_parts_two_records_ranks_them() -> None:
    policy = MergePolicy(id="p", ranking=(KIND, STAGE, AGE))
    records = [
        record("late", stage=3, made=9),
        record("early", stage=3, made=1),
        record("high", stage=30, made=9),
        record("no stage", made=0),
        record("other kind", kind="case", stage=99),
        record("opportunity", kind="opportunity"),
    ]

    ranked = [each.id for each in policy.rank(records)]

    assert ranked == ["opportunity", "high", "early", "late", "no stage", "other kind"]


def test_equal_records_stay_in_the_order_given() -> None:
    assert merged(MergePolicy(id="p", ranking=(STAGE,)), record("b"), record("a"), record("c")).removed == (
        "a",
        "c",
    )


def test_excluded_records_stay_out_and_are_told() -> None:
    policy = MergePolicy(id="p", excluded=(OPEN,), limit=2)

    plan = merged(policy, record("w", status="won"), record("a"), record("l", status="lost"), record("b"))

    assert (plan.master, plan.removed, plan.excluded) == ("a", ("b",), ("w", "l"))


@pytest.mark.parametrize(
    ("names", "limit", "reason", "found"),
    [
        ("a", None, "too_few", 1),
        ("", None, "too_few", 0),
        ("abc", 2, "too_many", 3),
        ("aba", None, "twice", 3),
    ],
)
def test_a_merge_takes_two_to_the_limit(names: str, limit: int | None, reason: str, found: int) -> None:
    with pytest.raises(MergeRefused) as caught:
        merged(MergePolicy(id="p", limit=limit), *map(record, names))

    assert (caught.value.reason, caught.value.found) == (reason, found)


def test_what_is_given_with_the_merge_wins_and_comes_from_nowhere() -> None:
    plan = merged(
        MergePolicy(id="p"), record("a", owner="x"), record("b", owner="y"), overrides={"owner": "U"}
    )
    choice = plan.choices[-1]

    assert (choice.value, choice.source, choice.keep, choice.left_behind) == ("U", "", Keep.GIVEN, ("b",))
    assert plan.values["owner"] == "U"
    with pytest.raises(UnknownField):
        merged(MergePolicy(id="p"), record("a"), record("b"), overrides={"onwer": "U"})


def test_the_largest_of_numbers_and_of_words_in_a_declared_order() -> None:
    kinds = FieldRule(keep=Keep.LARGEST, order=("lead", "opportunity"))

    assert (
        one(FieldRule(keep=Keep.LARGEST), 1, 3, None).value,
        one(kinds, "lead", "opportunity").source,
    ) == (3, "b")
    assert one(FieldRule(keep=Keep.SMALLEST, order=("low", "high")), "high", "low").value == "low"


def test_a_mapping_is_taken_whole_from_the_record_that_has_most_of_it() -> None:
    rule = FieldRule(keep=Keep.MOST_FILLED)

    choice = one(
        rule, {"street": "s", "city": ""}, {"street": "t", "city": "c"}, {"zip": "1", "city": "d"}, {}
    )

    assert (choice.value, choice.source) == ({"street": "t", "city": "c"}, "b")
    assert one(rule, {}, None).source == "a"


def test_fields_taken_together_come_from_the_record_that_has_most_of_them() -> None:
    rules = Survivorship(fields={"street": Keep.MOST_FILLED}, together=(("street", "city"),))
    records = [
        Candidate(id="a", values={"street": "s", "city": ""}),
        Candidate(id="b", values={"street": "", "city": ""}),
        Candidate(id="c", values={"street": "t", "city": "c"}),
    ]

    assert [(choice.value, choice.source) for choice in rules.choose(records)] == [("t", "c"), ("c", "c")]


@pytest.mark.parametrize(("probability", "kept"), [(40, None), (0, "price"), (None, "price")])
def test_a_field_may_be_left_empty_for_the_sake_of_another(probability: int | None, kept: str | None) -> None:
    rule = FieldRule(keep=Keep.FIRST_NON_EMPTY, unless="p")

    assert one(rule, None, "price", p=(probability, 0)).value == kept


def test_texts_are_joined_in_the_order_of_rank_each_once() -> None:
    choice = one(FieldRule(keep=Keep.JOIN), "call", "", " mail ", "call")

    assert (choice.value, choice.source, choice.sources) == ("call\n\nmail", "a", ("a", "c", "d"))


def test_tuples_are_united_and_sorted() -> None:
    @attrs.frozen
    class Touch:
        at: int

    rule = FieldRule(keep=Keep.UNION, sort_by="at")

    assert one(rule, (Touch(3), Touch(5)), (), (Touch(4), Touch(3))).value == (Touch(3), Touch(4), Touch(5))


@pytest.mark.parametrize(
    ("rule", "values"),
    [
        (FieldRule(keep=Keep.LARGEST), (1, "a")),
        (FieldRule(keep=Keep.UNION), (frozenset("a"), 7)),
        (FieldRule(keep=Keep.UNION, sort_by="at"), (("a",), ("b",))),
        (FieldRule(keep=Keep.JOIN), ("a", 7)),
        (FieldRule(keep=Keep.UNION), ({"a": 1}, 7)),
    ],
)
def test_values_that_do_not_go_together_are_refused(rule: FieldRule, values: tuple[Any, ...]) -> None:
    with pytest.raises(InvalidInput) as caught:
        one(rule, *values)

    assert [(problem.path, problem.code) for problem in caught.value.problems] == [("x", "not_comparable")]


def test_values_that_have_no_order_cannot_be_ranked() -> None:
    with pytest.raises(InvalidInput) as caught:
        MergePolicy(id="p", ranking=(STAGE,)).rank([record("a", stage=1), record("b", stage="two")])

    assert caught.value.problems[0].path == "stage"


TOML = """
id = "p"
limit = 3
ranking = [{ field = "kind", order = ["opportunity", "lead"] }, { field = "stage", first = "largest" }]
excluded = [{ field = "status", values = ["won"] }]
[survivorship]
default = "newest"
together = [["street", "city"]]
[survivorship.fields]
kind = { keep = "largest", order = ["lead", "opportunity"] }
"""


def test_a_policy_is_read_from_toml(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(TOML, encoding="utf-8")

    policy = MergePolicy.load(file)

    assert policy == MergePolicy(
        id="p",
        limit=3,
        ranking=(KIND, STAGE),
        excluded=(Exclusion(field="status", values=("won",)),),
        survivorship=Survivorship(
            default=Keep.NEWEST,
            fields={"kind": FieldRule(keep=Keep.LARGEST, order=("lead", "opportunity"))},
            together=(("street", "city"),),
        ),
    )


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ('"newest"', '"youngest"', "survivorship.default"),
        ("limit = 3", 'limit = "three"', "limit"),
        ('first = "largest"', 'first = "best"', "ranking[1].first"),
        ('keep = "largest"', 'kept = "largest"', "survivorship.fields.kind.kept"),
    ],
)
def test_hostile_policies_are_refused_with_the_place(tmp_path: Path, old: str, new: str, path: str) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(TOML.replace(old, new), encoding="utf-8")

    with pytest.raises(InvalidInput) as caught:
        MergePolicy.load(file)

    assert path in [problem.path.replace("['", ".").replace("']", "") for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("limit = 3", "limit = 1", "no_room"),
        ('[["street", "city"]]', '[["street", "city"], ["city", "zip"]]', "duplicate_id"),
        ("kind = {", "city = {", "rule_unused"),
        ('keep = "largest"', 'keep = "longest"', "order_unused"),
        ('order = ["lead", "opportunity"]', 'sort_by = "at"', "order_unused"),
        ('keep = "largest", order = ["lead", "opportunity"]', 'keep = "given"', "nothing_given"),
    ],
)
def test_a_policy_that_cannot_work_is_refused(tmp_path: Path, old: str, new: str, code: str) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(TOML.replace(old, new), encoding="utf-8")

    with pytest.raises(InvalidDefinition) as caught:
        MergePolicy.load(file)

    assert code in [finding.code for finding in caught.value.findings]


UNITED = Survivorship(fields={"tags": Keep.UNION, "more": Keep.UNION})
WORDS = st.sampled_from(["", "x", "y", "z"])
VALUES = st.fixed_dictionaries(
    {
        "name": WORDS,
        "phone": WORDS,
        "tags": st.frozensets(st.sampled_from("pqr")),
        "more": st.dictionaries(st.sampled_from("kl"), WORDS),
    }
)


@st.composite
def merges(draw: st.DrawFn) -> tuple[Merged, dict[str, Any]]:
    """A merge of two or three records, and the survivor as it is later."""
    records = [Candidate(id=key, values=draw(VALUES)) for key in "abc"[: draw(st.integers(2, 3))]]
    plan = MergePolicy(id="p", survivorship=UNITED).plan(records)
    return plan, {
        name: draw(st.sampled_from([value, draw(VALUES)[name]])) for name, value in plan.values.items()
    }


def parts(values: Any) -> dict[tuple[str, str], Any]:
    """The single values of a record: of a mapping each entry, of a set each member."""
    single: dict[tuple[str, str], Any] = {("name", ""): values["name"], ("phone", ""): values["phone"]}
    single |= {("tags", member): True for member in values["tags"]}
    return single | {("more", key): value for key, value in values["more"].items()}


@given(merges(), st.sampled_from([LaterChanges.SURVIVOR, LaterChanges.SOURCE_OF_FIELD, LaterChanges.ALL]))
def test_unmerging_restores_all_and_sends_later_changes_where_the_rule_says(
    merge: tuple[Merged, dict[str, Any]], rule: LaterChanges
) -> None:
    plan, later = merge
    sources = plan.sources
    was, now = parts(plan.values), parts(later)
    expected = {one.id: parts(one.values) for one in plan.before}
    for part in was.keys() | now.keys():
        if was.get(part) == now.get(part) and (part in was) is (part in now):
            continue
        name = f"{part[0]}.{part[1]}" if part[0] == "more" else part[0]
        to = {
            LaterChanges.SURVIVOR: ["a"],
            LaterChanges.SOURCE_OF_FIELD: [sources.get(name, "a")],
            LaterChanges.ALL: list(expected),
        }[rule]
        for key in to:
            expected[key].pop(part, None)
            if part in now:
                expected[key][part] = now[part]

    undone = plan.undo({"a": later}, later_changes=LaterRules(default=rule))

    assert {key: parts(values) for key, values in undone.records.items()} == expected


@given(merges())
def test_discarding_restores_all_and_tells_what_was_given_up(merge: tuple[Merged, dict[str, Any]]) -> None:
    plan, later = merge

    undone = plan.undo({"a": later}, later_changes=LaterRules(default=LaterChanges.DISCARD))

    assert undone.records == {one.id: one.values for one in plan.before}
    assert all(change.went_to == () for change in undone.changes)
    assert bool(undone.changes) is (later != plan.values)


@given(merges())
def test_a_merge_that_nothing_happened_to_is_taken_back_by_any_rule(
    merge: tuple[Merged, dict[str, Any]],
) -> None:
    plan, _ = merge

    for rule in LaterChanges:
        undone = plan.undo({"a": plan.values}, later_changes=LaterRules(default=rule))
        assert undone.records == {one.id: one.values for one in plan.before}
        assert undone.changes == ()


def test_a_later_change_is_refused_unless_its_field_has_another_rule() -> None:
    plan = merged(MergePolicy(id="p"), record("a", phone="1", name="x"), record("b", phone="2", name="y"))
    now = {"a": {**plan.values, "phone": "3", "name": "z"}, "b": {**plan.before[1].values, "name": "w"}}

    with pytest.raises(ChangedSince) as caught:
        plan.undo(now, later_changes=LaterRules(fields={"phone": LaterChanges.SURVIVOR}))

    assert (caught.value.records, caught.value.fields) == (("a", "b"), ("name",))


def test_a_change_of_a_record_that_was_merged_away_stays_with_it() -> None:
    plan = merged(MergePolicy(id="p"), record("a", phone="1"), record("b", phone="2"))

    undone = plan.undo(
        {"b": {**plan.before[1].values, "phone": "9"}},
        later_changes=LaterRules(default=LaterChanges.SURVIVOR),
    )

    assert (undone.records["a"]["phone"], undone.records["b"]["phone"]) == ("1", "9")
    assert [(change.field, change.was, change.now, change.went_to) for change in undone.changes] == [
        ("phone", "2", "9", ("b",))
    ]


def test_members_of_tuples_move_one_by_one() -> None:
    policy = MergePolicy(id="p", survivorship=Survivorship(fields={"t": Keep.UNION}))
    plan = policy.plan([Candidate(id="a", values={"t": (1, 2)}), Candidate(id="b", values={"t": (2, 3)})])

    undone = plan.undo({"a": {"t": (2, 3, 4)}}, later_changes=LaterRules(default=LaterChanges.ALL))

    assert undone.records == {"a": {"t": (2, 4)}, "b": {"t": (2, 3, 4)}}


@pytest.mark.parametrize("value", ["abc", 7, (1, [2])])
def test_only_collections_of_plain_members_are_united(value: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        one(FieldRule(keep=Keep.UNION), value, value)

    assert [(problem.path, problem.code) for problem in caught.value.problems] == [("x", "not_comparable")]


def test_a_number_that_is_left_empty_is_none_and_not_missing() -> None:
    assert one(FieldRule(keep=Keep.LARGEST, unless="p"), 3, 5, p=(1, 1)).value == 0


def test_records_with_different_fields_are_not_merged() -> None:
    records = [
        Candidate(id="a", values={"x": 1, "y": 2}),
        Candidate(id="b", values={"x": 1}),
        Candidate(id="c", values={"x": 1, "y": 2, "z": 3}),
    ]

    with pytest.raises(InvalidInput) as caught:
        MergePolicy(id="p").plan(records)

    assert [(problem.path, problem.found) for problem in caught.value.problems] == [
        ("b", "without y"),
        ("c", "z"),
    ]


@pytest.mark.parametrize(
    "policy",
    [
        MergePolicy(id="p", ranking=(RankBy(field="stgae"),)),
        MergePolicy(id="p", excluded=(Exclusion(field="statsu", values=("won",)),)),
    ],
)
def test_a_mistyped_field_of_a_policy_does_not_pass_in_silence(policy: MergePolicy) -> None:
    with pytest.raises(UnknownField):
        merged(policy, record("a"), record("b"))


def test_a_mistyped_rule_for_later_changes_gives_nothing_up() -> None:
    plan = merged(MergePolicy(id="p"), record("a", phone="1"), record("b", phone="2"))
    rules = LaterRules(default=LaterChanges.DISCARD, fields={"phonne": LaterChanges.SURVIVOR})

    with pytest.raises(UnknownField):
        plan.undo({"a": {**plan.values, "phone": "3"}}, later_changes=rules)
    with pytest.raises(UnknownOption):
        LaterRules(fields={"phone": "survivro"})  # type: ignore[dict-item]
