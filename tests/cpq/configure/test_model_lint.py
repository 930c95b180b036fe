"""What the lint of product models finds by search."""

from __future__ import annotations

from salesmgmt.cpq.configure import (
    Alerts,
    Answer,
    Attribute,
    Derivation,
    Excludes,
    Implies,
    MultiSelect,
    ProductModel,
    Question,
    Requires,
    Rule,
    Table,
    Total,
    WholeNumber,
    YesNo,
)

FRAME, FORK = Attribute("frame", ("alloy", "carbon")), Attribute("fork", ("rigid", "coil", "air"))


def _model(*rules: Rule, **more: object) -> ProductModel:
    return ProductModel(id="bike", attributes=(FRAME, FORK, WholeNumber("gears", 1, 9)), rules=rules, **more)  # type: ignore[arg-type]


def _found(model: ProductModel, *, thorough: bool = False) -> list[tuple[str, str]]:
    return [(finding.code, finding.where) for finding in model.check(thorough=thorough)]


def test_conditions_that_no_product_meets_are_named() -> None:
    only_air = Requires(id="R", when={"frame": "carbon"}, then={"fork": "air"})
    model = _model(
        only_air,
        soft_rules=(
            Alerts(id="never", when="frame == 'carbon' and fork == 'coil'", text="x"),
            Alerts(id="sums", when="gears + gears > 19", text="x"),
            Alerts(id="sometimes", when="frame == 'carbon' and gears > 8", text="x"),
        ),
        questions=(
            Question(
                id="Q1",
                text="?",
                when="frame != 'carbon' and frame != 'alloy'",
                answers=(Answer("a", {"gears": 1}),),
            ),
            Question(id="Q2", text="?", answers=(Answer("a", {"frame": "carbon", "fork": "rigid"}),)),
            Question(
                id="Q3",
                text="?",
                answers=(Answer("a", {"frame": "carbon", "fork": "rigid"}), Answer("b", {"gears": 1})),
            ),
        ),
    )

    assert _found(model) == [
        ("never_met", "soft_rules.never"),
        ("never_met", "soft_rules.sums"),
        ("never_met", "questions.Q1"),
        ("unreachable_question", "questions.Q2"),
        ("dead_answer", "questions.Q3"),
    ]


def test_redundant_rules_of_each_kind_are_named_when_asked_for() -> None:
    first = Excludes(id="first", combination={"frame": "carbon", "fork": ("rigid", "coil")})
    rows = (("alloy", ("rigid", "coil", "air")), ("carbon", ("air", "coil")))
    model = _model(
        first,
        Excludes(id="part", combination={"frame": "carbon", "fork": "rigid"}),
        Table(id="wider table", attributes=("frame", "fork"), allowed=rows),
        Total(id="limit", weights={"gears": 2}, at_most=14),
        Total(id="wider limit", weights={"gears": 1}, at_most=8),
        Implies(id="needed", when="gears > 5", then="frame == 'alloy'"),
    )

    found = _found(model, thorough=True)

    assert ("dead_value", "attributes.gears.9") in found
    assert [place for code, place in found if code == "redundant_rule"] == [
        "rules.part", "rules.wider table", "rules.wider limit",
    ]  # fmt: skip
    assert not [code for code, _ in _found(model) if code == "redundant_rule"]


def test_a_rule_whose_condition_the_others_forbid_never_applies() -> None:
    model = _model(
        Excludes(id="R1", combination={"frame": "carbon", "fork": "air"}),
        Requires(id="R2", when={"frame": "carbon", "fork": "air"}, then={"gears": 1}),
        Implies(id="R3", when="frame == 'carbon' and fork == 'air'", then="gears > 3"),
    )

    found = [one for one in model.check(thorough=True) if one.code == "never_applies"]

    assert [one.where for one in found] == ["rules.R2", "rules.R3"]
    assert "R1: " in found[0].message


def test_what_every_product_has_is_an_info_and_not_a_dead_value() -> None:
    model = ProductModel(
        id="m", attributes=(YesNo("root"), YesNo("x")), rules=(Excludes(id="r", combination={"root": False}),)
    )

    (finding,) = model.findings

    assert (finding.code, finding.severity, finding.where) == ("mandatory", "info", "attributes.root")


def test_default_picks_that_are_too_many_are_a_warning_and_none_picked_is_not() -> None:
    group = MultiSelect(id="g", values=("a", "b", "c"), max_picks=1, defaults=("a", "c"))
    needed = MultiSelect(id="needed", values=("a", "b"), min_picks=1)

    (finding,) = ProductModel(id="m", attributes=(group, needed)).findings

    assert finding.code == "defaults_conflict"
    assert "g.a = yes, g.c = yes do not go together, because of g: 0 to 1 of 3 are picked" in finding.message


def test_a_combination_for_which_a_derivation_has_no_value_is_a_warning() -> None:
    rule = Derivation(id="D", attribute="gears", formula="if frame == 'carbon' then 11 else 3")

    found = _model(rule).findings

    assert (found[0].code, found[0].where) == ("dead_value", "attributes.frame.carbon")
    assert "because of D: gears is if frame == 'carbon' then 11 else 3" in found[0].message
