from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.codec import Codec
from salesmgmt.core.definition import parse_definition
from salesmgmt.core.errors import FloatRefused, InvalidInput
from salesmgmt.core.findings import Severity
from salesmgmt.cpq.pricing.exclusion import (
    Excluded,
    Exclusion,
    ExclusionGroup,
    ExclusionProcedure,
    FoundCondition,
    decide,
    lint_exclusion,
)

P = ExclusionProcedure


def offers(text: str) -> list[FoundCondition]:
    """Candidates written as `id:type:amount[:priority[c]]`, `c` for combinable."""
    made = []
    for word in text.split():
        id_, type_, amount, *rest = word.split(":")
        priority = rest[0].rstrip("c") if rest else ""
        made.append(
            FoundCondition(
                id=id_,
                type=type_,
                amount=Decimal(amount),
                priority=int(priority) if priority else None,
                combinable=bool(rest) and rest[0].endswith("c"),
            )
        )
    return made


def group(procedure: P, first: str = "x y", second: str = "", *, zero: bool = False) -> ExclusionGroup:
    return ExclusionGroup(
        id="g",
        procedure=procedure,
        members=tuple(first.split()),
        second_members=tuple(second.split()),
        zero_takes_part=zero,
    )


def ids(exclusion: Exclusion) -> tuple[str, str, str]:
    return (
        " ".join(one.id for one in exclusion.active),
        " ".join(one.candidate.id for one in exclusion.inactive),
        " ".join(one.id for one in exclusion.aside),
    )


@pytest.mark.parametrize(
    ("procedure", "candidates", "active", "inactive"),
    [
        (P.BEST_IN_GROUP, "a:x:-40 b:y:-45", "b", "a"),
        (P.BEST_IN_GROUP, "a:x:-40 b:y:-40", "a", "b"),
        (P.BEST_IN_GROUP, "a:x:-40 b:x:-45 c:y:-50", "c", "a b"),
        (P.BEST_IN_GROUP, "a:x:10 b:y:-1 c:other:-99", "b c", "a"),
        (P.BEST_IN_GROUP, "", "", ""),
        (P.LEAST_IN_GROUP, "a:x:-40 b:y:-45", "a", "b"),
        (P.LEAST_IN_GROUP, "a:x:-40 b:y:-40 c:x:5", "c", "a b"),
        (P.BEST_RECORD_OF_TYPE, "a:x:-40 b:x:-45 c:y:-1 d:y:-2", "b d", "a c"),
        (P.LEAST_RECORD_OF_TYPE, "a:x:-40 b:x:-45 c:y:-1 d:y:-2", "a c", "b d"),
        (P.HIGHEST_PRIORITY, "a:x:-40:1 b:y:-1:2 c:x:-9", "b", "a c"),
        (P.HIGHEST_PRIORITY, "a:x:-40 b:y:-1:-5", "b", "a"),
        (P.HIGHEST_PRIORITY, "a:x:-40:7 b:y:-50:7", "a", "b"),
        (P.COMBINE_ALL_OR_TOP, "a:x:-40:1c b:y:-1:2c", "a b", ""),
        (P.COMBINE_ALL_OR_TOP, "a:x:-40:1c b:y:-1:2", "b", "a"),
        (P.COMBINE_ALL_OR_TOP, "a:x:-40:1c b:y:-1", "a", "b"),
    ],
)
def test_within_one_group(procedure: P, candidates: str, active: str, inactive: str) -> None:
    assert ids(decide(group(procedure), offers(candidates))) == (active, inactive, "")


@pytest.mark.parametrize(
    ("procedure", "candidates", "active", "inactive"),
    [
        # -22 against -25, then -22 against -20
        (P.BEST_OF_TWO_GROUPS, "a:x:-10 b:y:-12 c:z:-25", "c", "a b"),
        (P.BEST_OF_TWO_GROUPS, "a:x:-10 b:y:-12 c:z:-20", "a b", "c"),
        (P.BEST_OF_TWO_GROUPS, "a:x:-10 b:z:-10", "a", "b"),
        (P.LEAST_OF_TWO_GROUPS, "a:x:-10 b:y:-12 c:z:-25", "a b", "c"),
        (P.LEAST_OF_TWO_GROUPS, "a:x:-10 b:z:-10", "a", "b"),
        (P.FIRST_EXCLUDES_SECOND, "a:x:-10 b:z:-99", "a", "b"),
        (P.FIRST_EXCLUDES_SECOND, "b:z:-99 c:z:-1", "b c", ""),
        # A group that found nothing does not compete, not even against a surcharge
        (P.BEST_OF_TWO_GROUPS, "c:z:30", "c", ""),
        (P.BEST_OF_TWO_GROUPS, "c:z:30 d:z:5", "c d", ""),
        (P.LEAST_OF_TWO_GROUPS, "c:z:-30 d:z:-5", "c d", ""),
        (P.LEAST_OF_TWO_GROUPS, "a:x:-30", "a", ""),
    ],
)
def test_between_two_groups(procedure: P, candidates: str, active: str, inactive: str) -> None:
    assert ids(decide(group(procedure, "x y", "z"), offers(candidates))) == (active, inactive, "")


@pytest.mark.parametrize(
    ("procedure", "zero", "expected"),
    [
        (P.BEST_IN_GROUP, False, ("b", "", "a")),
        (P.BEST_IN_GROUP, True, ("a", "b", "")),
        (P.LEAST_IN_GROUP, True, ("b", "a", "")),
        (P.COMBINE_ALL_OR_TOP, False, ("b", "", "a")),
    ],
)
def test_a_surcharge_against_a_condition_of_zero(
    procedure: P, zero: bool, expected: tuple[str, str, str]
) -> None:
    assert ids(decide(group(procedure, zero=zero), offers("a:x:0.00 b:y:30"))) == expected


@pytest.mark.parametrize(
    ("procedure", "zero", "expected"),
    [
        (P.FIRST_EXCLUDES_SECOND, False, ("b", "", "a")),
        (P.FIRST_EXCLUDES_SECOND, True, ("a", "b", "")),
        (P.BEST_OF_TWO_GROUPS, False, ("b", "", "a")),
        (P.BEST_OF_TWO_GROUPS, True, ("a", "b", "")),
    ],
)
def test_a_first_group_of_zero_against_a_surcharge(
    procedure: P, zero: bool, expected: tuple[str, str, str]
) -> None:
    assert ids(decide(group(procedure, "x", "z", zero=zero), offers("a:x:0 b:z:7"))) == expected


def test_the_reason_names_the_winner_and_what_was_compared() -> None:
    (out,) = decide(group(P.BEST_IN_GROUP), offers("a:x:-40 b:y:-45")).inactive
    assert (out.code, out.group, out.by) == ("excluded", "g", ("b",))
    assert (out.found, out.wanted) == (Decimal(-40), Decimal(-45))

    first, second = decide(group(P.BEST_OF_TWO_GROUPS, "x y", "z"), offers("a:x:-1 b:y:-2 c:z:-9")).inactive
    assert (first.by, first.found, first.wanted) == (("c",), Decimal(-3), Decimal(-9))
    assert (second.by, second.found, second.wanted) == (("c",), Decimal(-3), Decimal(-9))

    (out,) = decide(group(P.HIGHEST_PRIORITY), offers("a:x:-40 b:y:-1:3")).inactive
    assert (out.found, out.wanted) == (None, Decimal(3))
    assert str(out) == "a: put out by b in g (nothing against 3)"


def test_what_counts_adds_up() -> None:
    exclusion = decide(group(P.BEST_IN_GROUP), offers("a:x:-40.00 b:y:-45.00 c:other:-5"))

    assert exclusion.applied_to(Decimal("1000.00")) == Decimal("950.00")


def test_two_candidates_may_be_of_one_record() -> None:
    exclusion = decide(group(P.BEST_IN_GROUP), offers("a:x:-40 a:x:-50"))

    assert [one.amount for one in exclusion.active] == [-50]
    assert [one.candidate.amount for one in exclusion.inactive] == [-40]


_candidates = st.lists(
    st.builds(
        FoundCondition,
        id=st.text("abcdef", min_size=1, max_size=3),
        type=st.sampled_from("xyzo"),
        amount=st.integers(-50, 50).map(Decimal),
        priority=st.none() | st.integers(-3, 3),
        combinable=st.booleans(),
    ),
    max_size=8,
)
_groups = st.builds(
    ExclusionGroup,
    id=st.just("g"),
    procedure=st.sampled_from(P),
    members=st.just(("x", "y")),
    second_members=st.just(("z",)),
    zero_takes_part=st.booleans(),
)


@given(_groups, _candidates)
def test_every_candidate_is_told_once_and_strangers_are_untouched(
    rule: ExclusionGroup, candidates: list[FoundCondition]
) -> None:
    exclusion = decide(rule, candidates)
    told = [*exclusion.active, *(one.candidate for one in exclusion.inactive), *exclusion.aside]

    assert sorted(map(id, told)) == sorted(map(id, candidates))
    assert [one for one in exclusion.active if one.type == "o"] == [
        one for one in candidates if one.type == "o"
    ]
    assert not any(one.amount for one in exclusion.aside)
    assert not (rule.zero_takes_part and exclusion.aside)


@given(_groups, _candidates)
def test_deciding_again_changes_nothing(rule: ExclusionGroup, candidates: list[FoundCondition]) -> None:
    once = decide(rule, candidates)

    assert decide(rule, once.active).active == once.active


@given(_candidates, st.integers(0, 7), st.integers(1, 20))
def test_a_better_record_never_raises_a_best_price(
    candidates: list[FoundCondition], place: int, better: int
) -> None:
    rule = group(P.BEST_IN_GROUP, "x y z", zero=True)
    before = decide(rule, candidates).applied_to(Decimal(0))
    improved = [
        FoundCondition(id=one.id, type=one.type, amount=one.amount - (better if i == place else 0))
        for i, one in enumerate(candidates)
    ]

    assert decide(rule, improved).applied_to(Decimal(0)) <= before


@given(_candidates)
def test_at_most_one_of_a_group_is_left_and_it_is_the_lowest(candidates: list[FoundCondition]) -> None:
    exclusion = decide(group(P.BEST_IN_GROUP, "x y z", zero=True), candidates)
    members = [one.amount for one in candidates if one.type != "o"]

    assert [one.amount for one in exclusion.active if one.type != "o"] == ([min(members)] if members else [])
    assert all(one.found >= one.wanted for one in exclusion.inactive if one.found is not None)  # type: ignore[operator]


def test_a_group_is_read_from_toml() -> None:
    text = """
id = "discounts"
procedure = "first_excludes_second"
members = ["campaign"]
second_members = ["customer", "material"]
"""
    read = parse_definition(text, ExclusionGroup, what="a group")

    assert read == ExclusionGroup(
        id="discounts",
        procedure=P.FIRST_EXCLUDES_SECOND,
        members=("campaign",),
        second_members=("customer", "material"),
    )
    with pytest.raises(InvalidInput):
        parse_definition('id = "x"\nprocedure = "dearest"\nmembers = ["a"]', ExclusionGroup, what="a group")


def test_an_exclusion_survives_json() -> None:
    codec = Codec()
    exclusion = decide(group(P.BEST_IN_GROUP), offers("a:x:-40 b:y:-45 c:x:0"))

    assert codec.from_json(Exclusion, codec.to_json(exclusion)) == exclusion
    assert isinstance(exclusion.inactive[0], Excluded)


def test_faults_of_groups_are_found_when_they_are_defined() -> None:
    found = lint_exclusion(
        [
            ExclusionGroup(id="a", members=()),
            ExclusionGroup(id="b", procedure=P.BEST_OF_TWO_GROUPS, members=("x",)),
            ExclusionGroup(
                id="c", procedure=P.FIRST_EXCLUDES_SECOND, members=("x", "y"), second_members=("y",)
            ),
            ExclusionGroup(id="d", members=("x",), second_members=("nobody",)),
            ExclusionGroup(id="d", members=("x", "y")),
        ],
        types={"x", "y"},
    )

    assert [(one.code, one.where, one.severity) for one in found] == [
        ("duplicate_id", "exclusion_groups.d", Severity.ERROR),
        ("no_members", "exclusion_groups.a", Severity.ERROR),
        ("second_group_missing", "exclusion_groups.b", Severity.ERROR),
        ("in_both_groups", "exclusion_groups.c", Severity.ERROR),
        ("second_group_unused", "exclusion_groups.d", Severity.WARNING),
        ("unknown_condition_type", "exclusion_groups.d", Severity.ERROR),
    ]


def test_floats_are_refused() -> None:
    with pytest.raises(FloatRefused):
        FoundCondition(id="a", type="x", amount=0.1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="dearest"):
        ExclusionGroup(id="g", procedure="dearest", members=("x",))
