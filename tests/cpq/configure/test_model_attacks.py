"""What attacks on models and choices had found: each fault is pinned here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from salesmgmt.core.errors import InvalidInput
from salesmgmt.cpq.configure import (
    Alerts,
    Answer,
    Arithmetic,
    Attribute,
    Cardinality,
    Component,
    Excludes,
    FreeText,
    ProductModel,
    Question,
    Requires,
    Rule,
    Table,
    WholeNumber,
    YesNo,
    read_dimacs,
)

WHEEL = ProductModel(id="wheel", attributes=(YesNo("disc"), Attribute("size", ("S", "L"))))
WHEELS = Component(id="wheels", model=WHEEL, min_count=2, max_count=2)
LEAF = 'id = "leaf"\n[[attributes]]\nid = "a"\nvalues = ["x", "y"]\n'


NOT_FIRST_ALONE = {("yes", "yes"), ("no", "yes"), ("no", "no")}


@pytest.mark.parametrize(
    ("rule", "allowed"),  # the discs of the first and second wheel
    [
        (Excludes(id="r", combination={"wheels.1.disc": True, "wheels.disc": False}), NOT_FIRST_ALONE),
        (
            Table(id="r", attributes=("wheels.1.disc", "wheels.disc"), forbidden=((True, False),)),
            NOT_FIRST_ALONE,
        ),
        (
            Table(
                id="r", attributes=("wheels.1.disc", "wheels.disc"), allowed=((True, True), (False, False))
            ),
            {("yes", "yes"), ("no", "no")},
        ),
        (
            Requires(
                id="r", when={"wheels.1.disc": True, "wheels.disc": False}, then={"wheels.2.disc": True}
            ),
            NOT_FIRST_ALONE,
        ),
        (  # the first counts twice
            Cardinality(id="r", cells={"wheels.disc": True, "wheels.1.disc": True}, at_most=1),
            {("no", "yes"), ("no", "no")},
        ),
        (
            Cardinality(id="r", cells={"wheels.disc": True, "wheels.1.disc": True}, at_least=2),
            {("yes", "yes"), ("yes", "no")},
        ),
    ],
)
def test_two_names_of_one_attribute_are_one_attribute(rule: Rule, allowed: set[tuple[str, str]]) -> None:
    model = ProductModel(id="bike", attributes=(WHEELS,), rules=(rule,))

    found = {(one["wheels.1.disc"], one["wheels.2.disc"]) for one in model.compile().start().solutions()}

    assert found == allowed


def test_a_required_text_is_missing_only_where_its_instance_is() -> None:
    plate = ProductModel(id="plate", attributes=(YesNo("gilt"), FreeText("engraving", required=True)))
    start = ProductModel(
        id="bike", attributes=(Component(id="plates", model=plate, max_count=2),)
    ).compile().start()  # fmt: skip

    none = start.choose("plates", 0)
    one = start.choose_all({"plates": 1, "plates.1.gilt": True})

    assert none.is_complete
    assert start.missing == ("plates",)
    assert one.missing == ("plates.1.engraving",)
    assert start.complete().is_complete  # none of them
    written = one.choose("plates.1.engraving", "Ada")
    assert written.is_complete
    assert written.selection["plates.1.engraving"] == "Ada"


def test_a_text_of_an_instance_that_is_not_there_is_not_in_the_selection() -> None:
    plate = ProductModel(id="plate", attributes=(YesNo("gilt"), FreeText("engraving")))
    start = ProductModel(
        id="bike", attributes=(Component(id="plates", model=plate, max_count=2),)
    ).compile().start()  # fmt: skip

    none = start.choose_all({"plates.2.engraving": "Ada", "plates": 0})

    assert none.selection == {"plates": "0"}
    assert none.choose("plates", 2).selection["plates.2.engraving"] == "Ada"


@pytest.mark.parametrize("wrong", [[("a", "x")], "a", 5, True])
def test_choices_that_are_no_mapping_are_refused(wrong: Any) -> None:
    configurator = ProductModel(id="m", attributes=(Attribute("a", ("x", "y")),)).compile()

    for ask in (
        configurator.start,
        configurator.check,
        configurator.repairs,
        configurator.start().choose_all,
    ):
        with pytest.raises(InvalidInput, match="values by attribute"):
            ask(wrong)


def test_a_clause_of_a_hundred_thousand_literals_is_read_at_once(tmp_path: Path) -> None:
    file = tmp_path / "long.dimacs"
    file.write_text(f"p cnf 2 1\n{'1 ' * 100_000}0\n")

    assert len(read_dimacs(file).rules) == 1


def test_what_follows_the_percent_sign_of_satlib_is_no_clause(tmp_path: Path) -> None:
    file = tmp_path / "uf.cnf"
    file.write_text("p cnf 2 1\n1 2 0\n%\n0\n")

    assert len(read_dimacs(file).rules) == 1


@pytest.mark.parametrize("length", [60, 900])
def test_files_that_lead_on_and_on_are_refused(length: int, tmp_path: Path) -> None:
    for number in range(length):
        component = f'type = "Component"\nid = "c"\nfile = "c{number + 1}.toml"\n'
        (tmp_path / f"c{number}.toml").write_text(f'id = "c"\n[[attributes]]\n{component}')
        (tmp_path / f"r{number}.toml").write_text(f'include = ["r{number + 1}.toml"]\n')
    (tmp_path / f"c{length}.toml").write_text(LEAF)
    (tmp_path / f"r{length}.toml").write_text("")
    (tmp_path / "bike.toml").write_text(f'include = ["r0.toml"]\n{LEAF}')

    for name in ("c0.toml", "bike.toml"):
        with pytest.raises(InvalidInput) as refused:
            ProductModel.load(tmp_path / name)
        assert refused.value.problems[0].code == "too_deep"


def test_a_large_file_that_many_components_name_is_counted_before_it_is_read_again(tmp_path: Path) -> None:
    many = "".join(f'[[attributes]]\nid = "a{number}"\nvalues = ["x"]\n' for number in range(3_000))
    (tmp_path / "leaf.toml").write_text(f'id = "leaf"\n{many}')
    parts = (f'[[attributes]]\ntype = "Component"\nid = "c{one}"\nfile = "leaf.toml"\n' for one in range(100))
    (tmp_path / "bike.toml").write_text(f'id = "bike"\n{"".join(parts)}')

    with pytest.raises(InvalidInput) as refused:
        ProductModel.load(tmp_path / "bike.toml")

    assert refused.value.problems[0].code == "too_large"


def test_models_that_share_models_are_counted_without_walking_through_all_of_them() -> None:
    model = ProductModel(id="m", attributes=(YesNo("a"),))
    for depth in range(7):
        parts = tuple(Component(id=f"c{number}", model=model) for number in range(20))
        model = ProductModel(id=f"m{depth}", attributes=parts)

    (finding,) = model.findings

    assert (finding.code, finding.where) == ("too_large", "attributes")


@pytest.mark.parametrize("soft", [False, True])
def test_rules_are_counted_for_every_instance_before_they_are_made(soft: bool) -> None:
    rules = tuple(Excludes(id=f"r{one}", combination={"u": True, "v": True}) for one in range(500))
    alerts = tuple(Alerts(id=f"s{one}", when="u and v", text="x") for one in range(500))
    part = ProductModel(
        id="p",
        attributes=(YesNo("u"), YesNo("v")),
        rules=() if soft else rules,
        soft_rules=alerts if soft else (),
    )

    (finding,) = ProductModel(id="m", attributes=(Component(id="c", model=part, max_count=6_000),)).findings

    assert (finding.code, finding.where) == ("too_large", "rules")


def test_rules_behind_thousands_of_dead_values_are_named_for_the_first_ones() -> None:
    model = ProductModel(
        id="m",
        attributes=tuple(WholeNumber(f"n{one}", 1, 2_000) for one in range(10)),
        rules=tuple(Arithmetic(id=f"r{one}", formula=f"n{one} == 5") for one in range(10)),
    )

    dead = [finding.message for finding in model.findings if finding.code == "dead_value"]

    assert len(dead) == 10 * 1_999
    assert dead[0].endswith("because of r0: n0 == 5")
    assert dead[-1] == "no valid product has it"


def test_a_lint_of_thousands_of_conditions_and_questions_says_what_it_did_not_check() -> None:
    features = tuple(YesNo(f"f{one}") for one in range(1_500))
    model = ProductModel(
        id="m",
        attributes=features,
        soft_rules=tuple(Alerts(id=f"s{one}", when=f"f{one} or f0", text="x") for one in range(1_500)),
        questions=tuple(
            Question(id=f"q{one}", text="?", answers=(Answer("a", {f"f{one}": True}),))
            for one in range(1_500)
        ),
        rules=tuple(
            Excludes(id=f"r{one}", combination={f"f{one}": True, f"f{one + 1}": True}) for one in range(1_400)
        ),
    )

    assert {finding.code for finding in model.findings} == {"not_checked"}
