from __future__ import annotations

import math
import pickle
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.findings import InvalidDefinition
from salesmgmt.engines.matching import (
    GENERIC_MAIL_DOMAINS,
    BlockingKey,
    Comparison,
    Condition,
    FieldWeight,
    KeyPart,
    Level,
    Likeness,
    MatchDecision,
    MatchModel,
    MatchRule,
    Normaliser,
    Take,
)


def level(name: str, like: Likeness, m: str, u: str, at: str | None = None) -> Level:
    return Level(id=name, like=like, m=Decimal(m), u=Decimal(u), at=None if at is None else Decimal(at))


NAME = Comparison(
    field="name",
    levels=(
        level("same", Likeness.EQUAL, "0.8", "0.05"),
        level("alike", Likeness.JARO_WINKLER, "0.15", "0.05", "0.9"),
        level("other", Likeness.OTHERWISE, "0.05", "0.9"),
    ),
)
TAX = Comparison(
    field="tax",
    levels=(level("same", Likeness.EQUAL, "0.9", "0.1"), level("other", Likeness.OTHERWISE, "0.1", "0.9")),
)
MODEL = MatchModel(
    id="people",
    prior=Decimal("0.5"),
    comparisons=(NAME, TAX),
    blocking=(BlockingKey(id="initial", parts=(KeyPart(field="name", take=Take.INITIAL),)),),
)


def test_a_match_shows_what_each_field_weighs() -> None:
    match = MODEL.compile().compare({"name": "Ana", "tax": "1"}, {"name": "ANA", "tax": "2"})

    assert match.fields == (
        FieldWeight(field="name", level="same", bits=4.0),  # log2(0.8 / 0.05)
        FieldWeight(field="tax", level="other", bits=math.log2(1 / 9)),
    )
    assert match.weight == pytest.approx(0.830075)
    assert match.probability == pytest.approx(16 / 9 / (1 + 16 / 9))  # even prior: odds 16 to 1 times 1 to 9
    assert match.decision is MatchDecision.POSSIBLE


@pytest.mark.parametrize("missing", [None, "", "  ", "--"])
def test_a_missing_field_weighs_nothing(missing: str | None) -> None:
    match = MODEL.compile().compare({"name": "Ana", "tax": missing}, {"name": "Ana", "tax": "2"})

    assert match.fields[1] == FieldWeight(field="tax", level=None, bits=0.0)
    assert match.weight == 4.0


def test_probabilities_decide_at_their_bounds() -> None:
    # Even prior and 4 bits give 16/17; the bounds themselves are inside.
    def decision(match_at: str, possible_at: str) -> MatchDecision:
        model = attrs.evolve(MODEL, match_at=Decimal(match_at), possible_at=Decimal(possible_at))
        return model.compile().compare({"name": "Ana"}, {"name": "Ana"}).decision

    assert decision("0.94", "0.5") is MatchDecision.MATCH
    assert decision("0.95", "0.94") is MatchDecision.POSSIBLE
    assert decision("0.99", "0.95") is MatchDecision.NO


def test_a_deterministic_rule_decides_before_any_weight() -> None:
    differ = MatchRule(id="other tax", when=Condition.DIFFERENT, fields=("tax",), then=MatchDecision.NO)
    same = MatchRule(id="one tax", fields=("tax",))
    matcher = attrs.evolve(MODEL, rules=(differ, same)).compile()

    apart = matcher.compare({"name": "Ana Berg", "tax": "1"}, {"name": "Ana Berg", "tax": "2"})
    together = matcher.compare({"name": "Ana Berg", "tax": "1"}, {"name": "Zoe Toth", "tax": "1"})
    unknown = matcher.compare({"name": "Ana Berg"}, {"name": "Ana Berg", "tax": "1"})

    assert (apart.rule, apart.decision) == ("other tax", MatchDecision.NO)
    assert (together.rule, together.decision) == ("one tax", MatchDecision.MATCH)
    assert unknown.rule is None


def test_the_answer_does_not_depend_on_the_order_of_the_records() -> None:
    records: dict[str, dict[str, str | None]] = {
        "b": {"name": "Ana Berg"},
        "a": {"name": "Anna Berg"},
        "c": {"name": "ANA BERG"},
        "d": {"name": "Zoe"},
    }
    matcher = MODEL.compile()

    forward = matcher.matches(records)
    backward = matcher.matches(dict(reversed(records.items())))

    assert forward == backward
    assert [(match.left, match.right) for match in forward] == [("b", "c"), ("a", "b"), ("a", "c")]
    assert forward.compared == 3
    assert forward[0] is forward.found[0]
    assert len(forward[1:]) == 2


def test_clusters_come_from_certain_matches_only() -> None:
    records = {"a": {"name": "Ana Berg"}, "b": {"name": "ANA BERG"}, "c": {"name": "Anna Berg"}}
    matches = attrs.evolve(MODEL, match_at=Decimal("0.9")).compile().matches(records)

    assert [match.decision.value for match in matches] == ["match", "possible", "possible"]
    assert matches.clusters() == (("a", "b"),)


def test_an_oversize_block_is_reported_and_its_neighbours_are_compared() -> None:
    small = attrs.evolve(MODEL, blocking=(attrs.evolve(MODEL.blocking[0], largest=2),))

    matches = small.compile().matches({f"r{number}": {"name": "Ana"} for number in range(9)})

    # In the order of the name each meets the five after it: 5 + 5 + 5 + 5 + 4 + 3 + 2 + 1 pairs.
    assert (matches.compared, len(matches)) == (30, 30)
    assert [(block.key, block.size, block.compared) for block in matches.oversize] == [("initial", 9, 30)]


@pytest.mark.parametrize("wrong", [b"Ana", 7, ["Ana"], float("nan")])
def test_values_that_are_no_texts_are_refused_with_their_paths(wrong: Any) -> None:
    records: Any = {"a": {"name": wrong, "tax": None}, "b": "Ana", "c": {"name": "Ana", "other": wrong}}

    with pytest.raises(InvalidInput) as caught:
        MODEL.compile().matches(records)
    with pytest.raises(InvalidInput) as of_two:
        MODEL.compile().compare({"name": wrong}, {"name": "Ana"})

    assert [(problem.path, problem.code) for problem in caught.value.problems] == [
        ("a.name", "wrong_type"),
        ("b", "wrong_type"),
    ]
    assert [problem.path for problem in of_two.value.problems] == ["left.name"]


def test_no_records_and_one_record_have_no_matches() -> None:
    assert len(MODEL.compile().matches({})) == len(MODEL.compile().matches({"a": {"name": "Ana"}})) == 0


def test_texts_of_a_megabyte_are_compared_in_bounded_time() -> None:
    long = "ab" * 500_000

    matches = MODEL.compile().matches(
        {"a": {"name": long}, "b": {"name": f"{long}c"}, "c": {"name": "\x00\x1b"}}
    )

    assert [(match.left, match.right) for match in matches] == [("a", "b")]


def test_a_value_that_many_have_says_less() -> None:
    common = attrs.evolve(
        MODEL,
        comparisons=(
            attrs.evolve(NAME, levels=(attrs.evolve(NAME.levels[0], by_frequency=True), *NAME.levels[1:])),
        ),
        possible_at=Decimal("0.01"),
    )
    smiths = {f"s{number}": {"name": "Smith"} for number in range(3_002)}
    records = smiths | {f"r{number}": {"name": f"Person {number}"} for number in range(998)} | {
        "x": {"name": "Zbrzezny"}, "y": {"name": "Zbrzezny"}
    }  # fmt: skip
    weights = {match.left[0]: match.fields[0] for match in common.compile().matches(records)}

    # 4,000 of the 4,002 records are others; 3,000 of these are Smith, and 1,000 more count with u = 0.05.
    assert weights["s"].share == pytest.approx((3_000 + 50) / 5_000)
    assert weights["s"].bits == pytest.approx(math.log2(0.8 / 0.61))
    assert weights["x"] == FieldWeight(field="name", level="same", bits=4.0, share=0.05)


def test_frequencies_need_values_that_are_equal() -> None:
    alike = attrs.evolve(NAME.levels[1], by_frequency=True)
    model = attrs.evolve(
        MODEL, comparisons=(attrs.evolve(NAME, levels=(NAME.levels[0], alike, NAME.levels[2])), TAX)
    )

    with pytest.raises(InvalidDefinition) as caught:
        model.compile()

    assert [finding.code for finding in caught.value.findings] == ["no_frequency"]


@pytest.mark.parametrize(
    ("like", "left", "right", "agree"),
    [
        (Likeness.SAME_WORDS, "berg ana", "ana berg", True),
        (Likeness.SAME_WORDS, "ana ana berg", "ana berg", False),
        (Likeness.INITIALS, "a berg", "ana berg", True),
        (Likeness.INITIALS, "berg a", "ana berg", True),
        (Likeness.INITIALS, "ana maria berg", "a m berg", True),
        (Likeness.INITIALS, "ana berg", "anna berg", False),
        (Likeness.INITIALS, "a b", "ana berg", False),
        (Likeness.INITIALS, "a berg", "bo berg", False),
        (Likeness.INITIALS, "a berg", "ana maria berg", False),
        (Likeness.ONE_GENERIC, "ana@gmail.com", "ana@shop.test", True),
        (Likeness.ONE_GENERIC, "ana@gmail.com", "ana@web.de", False),
        (Likeness.ONE_GENERIC, "ana@shop.test", "bo@mall.test", False),
    ],
)
def test_what_levels_without_a_bound_ask(like: Likeness, left: str, right: str, agree: bool) -> None:
    test = level("x", like, "0.5", "0.5").agreement(GENERIC_MAIL_DOMAINS)

    assert test(left, right) is test(right, left) is agree


def test_a_matcher_is_pickled_as_its_model() -> None:
    matcher = pickle.loads(pickle.dumps(MODEL.compile()))

    assert matcher.model == MODEL
    assert matcher.compare({"name": "Ana"}, {"name": "Ana"}).weight == 4.0


TOML = """
id = "people"
prior = 0.001
[[comparisons]]
field = "phone"
normalise = "phone"
levels = [
    { id = "same", like = "same_end", at = 7, m = 0.9, u = 0.01 },
    { id = "other", like = "otherwise", m = 0.1, u = 0.99 },
]
[[blocking]]
id = "phone"
parts = [{ field = "phone", take = "last_7" }]
"""


def test_a_model_is_read_from_toml(tmp_path: Path) -> None:
    file = tmp_path / "people.toml"
    file.write_text(TOML, encoding="utf-8")

    model = MatchModel.load(file)

    assert model.findings == ()
    assert model.comparisons[0].normalise is Normaliser.PHONE
    assert model.comparisons[0].levels[0].m == Decimal("0.9")
    assert (
        model.compile().compare({"phone": "030 1234567"}, {"phone": "+49 30 1234567"}).fields[0].level
        == "same"
    )


def test_all_problems_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "people.toml"
    file.write_text(
        TOML.replace('take = "last_7"', 'take = "last_8"').replace("prior", "priority"), encoding="utf-8"
    )

    with pytest.raises(InvalidInput) as caught:
        MatchModel.load(file)

    assert {problem.path for problem in caught.value.problems} == {
        "priority",
        "prior",
        "blocking[0].parts[0].take",
    }


def faulty(**changes: Any) -> MatchModel:
    return attrs.evolve(MODEL, **changes)


def with_levels(*levels: Level) -> MatchModel:
    return faulty(comparisons=(Comparison(field="name", levels=levels),))


SAME = level("same", Likeness.EQUAL, "0.5", "0.5")
OTHER = level("other", Likeness.OTHERWISE, "0.5", "0.5")


@pytest.mark.parametrize(
    ("model", "code", "where"),
    [
        (faulty(prior=Decimal(0)), "not_a_probability", "prior"),
        (faulty(possible_at=Decimal("0.99")), "bounds_out_of_order", "match_at"),
        (faulty(comparisons=(NAME, TAX, NAME)), "duplicate_id", "comparisons.name"),
        (faulty(blocking=()), "no_blocking", "blocking"),
        (faulty(blocking=MODEL.blocking * 2), "duplicate_id", "blocking.initial"),
        (
            faulty(blocking=(BlockingKey(id="k", parts=(KeyPart(field="nam"),)),)),
            "unknown_field",
            "blocking.k",
        ),
        (faulty(blocking=(BlockingKey(id="k", parts=()),)), "empty_key", "blocking.k"),
        (faulty(rules=(MatchRule(id="r", fields=("vat",)),)), "unknown_field", "rules.r"),
        (faulty(rules=(MatchRule(id="r", fields=()),)), "empty_rule", "rules.r"),
        (with_levels(), "no_last_level", "comparisons.name"),
        (with_levels(SAME, attrs.evolve(SAME, id="x")), "no_last_level", "comparisons.name"),
        (with_levels(OTHER, SAME), "no_last_level", "comparisons.name"),
        (with_levels(SAME, attrs.evolve(OTHER, id="same")), "duplicate_id", "comparisons.name.same"),
        (
            with_levels(attrs.evolve(SAME, u=Decimal(0)), OTHER),
            "not_a_probability",
            "comparisons.name.same.u",
        ),
        (with_levels(attrs.evolve(SAME, m=Decimal("0.6")), OTHER), "not_a_distribution", "comparisons.name"),
        (
            with_levels(
                attrs.evolve(SAME, like=Likeness.SOUNDEX, at=None), attrs.evolve(SAME, id="b"), OTHER
            ),
            "not_a_distribution",
            "comparisons.name",
        ),
        (
            with_levels(level("jw", Likeness.JARO_WINKLER, "0.5", "0.5", "1.2"), OTHER),
            "bound_missing",
            "comparisons.name.jw.at",
        ),
        (
            with_levels(level("edits", Likeness.LEVENSHTEIN, "0.5", "0.5"), OTHER),
            "bound_missing",
            "comparisons.name.edits.at",
        ),
        (
            with_levels(
                level("wide", Likeness.JARO_WINKLER, "0.25", "0.25", "0.8"),
                level("close", Likeness.JARO_WINKLER, "0.25", "0.25", "0.9"),
                OTHER,
            ),
            "unreachable_level",
            "comparisons.name.close",
        ),
        (
            with_levels(
                level("two", Likeness.LEVENSHTEIN, "0.25", "0.25", "2"),
                level("one", Likeness.LEVENSHTEIN, "0.25", "0.25", "1"),
                OTHER,
            ),
            "unreachable_level",
            "comparisons.name.one",
        ),
    ],
)
def test_a_model_that_cannot_work_is_refused(model: MatchModel, code: str, where: str) -> None:
    with pytest.raises(InvalidDefinition) as caught:
        model.compile()

    assert (code, where) in [(finding.code, finding.where) for finding in caught.value.findings]


def test_a_model_that_may_not_work_as_meant_is_warned_about() -> None:
    unblocked = faulty(rules=(MatchRule(id="r", fields=("tax",)),))
    bound = with_levels(attrs.evolve(SAME, at=Decimal(1)), OTHER)

    assert [finding.code for finding in unblocked.findings] == ["rule_not_blocked"]
    assert [finding.code for finding in bound.findings] == ["bound_unused"]
    assert unblocked.compile().model is unblocked
