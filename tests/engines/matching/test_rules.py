from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.findings import InvalidDefinition
from salesmgmt.engines.matching import DuplicateRule, DuplicateRules, Found, Normaliser, RuleKind


def rule(kind: RuleKind, *fields: str, **more: Any) -> DuplicateRule:
    return DuplicateRule(id=kind.value, kind=kind, fields=fields or ("x",), **more)


def found(one: DuplicateRule, *values: str, **more: Any) -> dict[str, str]:
    """Whom each record finds, by letter: the records are a, b, c, ..."""
    answer = ask(one, *values, **more)
    return {key: "".join(answer.of(key)) for key in "abcdefgh"[: len(values)] if answer.of(key)}


def ask(one: DuplicateRule, *values: str, **more: Any) -> Found:
    rules = DuplicateRules(id="r", rules=(one,), **more)
    return rules.compile().find({key: {"x": value} for key, value in zip("abcdefgh", values, strict=False)})


def test_a_part_finds_the_whole_and_not_the_other_way_round() -> None:
    one = rule(RuleKind.CONTAINED, min_length=6)

    assert found(one, "Belcor", "BELCOR Motors", "old belcor", "Motors") == {"a": "bc", "d": "b"}
    assert found(one, "Belco", "Belcor Motors") == {}
    assert found(rule(RuleKind.CONTAINED), "b", "abc", "") == {"a": "b"}


def test_addresses_are_the_same_whatever_stands_around_them() -> None:
    one = rule(RuleKind.SAME_ADDRESS)

    assert found(one, "Ana <ana@shop.test>", "ANA@SHOP.TEST", "ana+x@shop.test", "bana@shop.test") == {
        "a": "b",
        "b": "a",
    }


def test_a_domain_ties_unless_anybody_can_have_an_address_there() -> None:
    one = rule(RuleKind.SAME_DOMAIN)
    texts = ("ana@isp.test", "bo@isp.test", 'c"1@shop.test', "d@Shop.test", "shop.test")

    assert found(one, *texts) == {"a": "b", "b": "a", "c": "d", "d": "c"}
    assert found(one, *texts, generic_domains=("ISP.test",)) == {"c": "d", "d": "c"}
    assert found(one, "a@gmail.com", "b@gmail.com") == {}
    assert found(one, "a@gmail.com", "b@gmail.com", usual_generic_domains=False) == {"a": "b", "b": "a"}


def test_a_text_that_is_no_address_is_looked_for_in_addresses() -> None:
    one = rule(RuleKind.CONTAINED_NO_ADDRESS, min_length=7)

    assert found(one, "shop.test", "ana@shop.test", "myshop.test", "ana@") == {"a": "bc"}


def test_a_short_text_does_not_ask_but_is_found() -> None:
    one = rule(RuleKind.SAME_DOMAIN, min_length=7)

    assert found(one, "a@b.co", "longer@b.co") == {"b": "a"}
    assert found(one, "Somebody <a@b.co>", "longer@b.co") == {"b": "a"}


def test_of_several_fields_the_first_that_is_filled_counts() -> None:
    rules = DuplicateRules(
        id="r", rules=(rule(RuleKind.SAME, "company", "person", normalise=Normaliser.EXACT),)
    )
    answer = rules.compile().find(
        {
            "a": {"company": "c1", "person": "p1"},
            "b": {"company": "c1", "person": "p2"},
            "c": {"company": None, "person": "c1"},
            "d": {"person": "p1"},
        }
    )

    assert answer.of("a") == ("b", "c")
    assert answer.groups() == (("a", "b", "c"),)
    assert (answer.of("d"), answer.of("nobody"), answer.why("a", "d")) == ((), (), ())


@pytest.mark.parametrize("kind", [RuleKind.SAME, RuleKind.CONTAINED])
def test_a_rule_that_finds_too_many_finds_none_and_is_told(kind: RuleKind) -> None:
    three = ask(rule(kind, at_most=3), *["shop"] * 4)
    four = ask(rule(kind, at_most=3), *["shop"] * 5)

    assert three.of("a") == ("b", "c", "d")
    assert three.unhelpful == {}
    assert four.others == {}
    assert four.unhelpful == {kind.value: ("a", "b", "c", "d", "e")}


TEXTS = st.lists(st.text(alphabet="abAB ", max_size=8), max_size=8)


@given(TEXTS, st.integers(1, 4))
def test_parts_are_found_as_by_looking_at_every_pair(texts: list[str], least: int) -> None:
    stripped = [text.strip() for text in texts]
    keys = "abcdefgh"[: len(texts)]
    expected = {
        key: "".join(
            other
            for other, whole in zip(keys, stripped, strict=True)
            if other != key and part.casefold() in whole.casefold()
        )
        for key, part in zip(keys, stripped, strict=True)
        if len(part) >= least
    }

    assert found(rule(RuleKind.CONTAINED, min_length=least), *texts) == {
        key: others for key, others in expected.items() if others
    }


def test_values_that_are_no_texts_are_refused_with_their_paths() -> None:
    records: Any = {"a": {"x": 7}, "b": None, "c": {"y": 7}}

    with pytest.raises(InvalidInput) as caught:
        DuplicateRules(id="r", rules=(rule(RuleKind.SAME),)).compile().find(records)

    assert [problem.path for problem in caught.value.problems] == ["a.x", "b"]


@pytest.mark.parametrize(
    ("rules", "code", "where"),
    [
        ((), "empty_rule", "rules"),
        ((DuplicateRule(id="a", kind=RuleKind.SAME, fields=()),), "empty_rule", "rules.a"),
        ((rule(RuleKind.SAME), rule(RuleKind.SAME)), "duplicate_id", "rules.same"),
        ((rule(RuleKind.SAME, min_length=0),), "out_of_range", "rules.same"),
        ((rule(RuleKind.SAME, min_length=10**9),), "out_of_range", "rules.same"),
        ((rule(RuleKind.SAME, at_most=0),), "out_of_range", "rules.same"),
    ],
)
def test_rules_that_cannot_work_are_refused(rules: tuple[DuplicateRule, ...], code: str, where: str) -> None:
    with pytest.raises(InvalidDefinition) as caught:
        DuplicateRules(id="r", rules=rules).compile()

    assert (code, where) in [(finding.code, finding.where) for finding in caught.value.findings]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('id = "r"\nrules = [{ id = "a", kind = "like", fields = ["x"] }]', "rules[0].kind"),
        ('id = "r"\nrules = [{ id = "a", kind = "same", fields = "x" }]', "rules[0].fields"),
        ('id = "r"\nrules = [{ id = "a", kind = "same", fields = [7] }]', "rules[0].fields[0]"),
        ('id = "r"\nrule = []\nrules = []', "rule"),
        ("rules = 7", "rules"),
        ("\x00", "the file"),
    ],
)
def test_hostile_files_are_refused_with_the_place(tmp_path: Path, text: str, path: str) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(InvalidInput) as caught:
        DuplicateRules.load(file)

    assert path in [problem.path for problem in caught.value.problems]


def test_texts_of_a_megabyte_and_control_characters_are_read_in_bounded_time() -> None:
    long = "a" * 1_000_000

    assert found(rule(RuleKind.CONTAINED), long, long + "b", "\x00\x1b", "\x1b") == {
        "a": "b",
        "b": "a",
        "d": "c",
    }


def test_records_that_are_all_alike_are_told_and_not_tied_each_to_each() -> None:
    rules = DuplicateRules(id="r", rules=(rule(RuleKind.SAME), rule(RuleKind.SAME_ADDRESS)))

    answer = rules.compile().find({str(number): {"x": "ana@shop.test"} for number in range(5_000)})

    assert answer.others == {}
    assert {name: len(ids) for name, ids in answer.unhelpful.items()} == {
        "same": 5_000,
        "same_address": 5_000,
    }
