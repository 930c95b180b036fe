"""Definitions of product models: kinds of attributes, files that include others, what is stored, soft rules, questions."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from salesmgmt.core.codec import Codec
from salesmgmt.core.errors import FloatRefused
from salesmgmt.cpq.configure import (
    AlertLevel,
    Alerts,
    Answer,
    Arithmetic,
    Attribute,
    Cardinality,
    Component,
    DecimalNumber,
    Derivation,
    Excludes,
    FreeText,
    Hides,
    Implies,
    MultiSelect,
    Option,
    OptionGroup,
    Pick,
    Prefers,
    ProductModel,
    Question,
    Recommends,
    SharedRules,
    Table,
    Total,
    WholeNumber,
    YesNo,
    open_questions,
)

WHEEL = ProductModel(
    id="wheel",
    attributes=(Attribute("size", ("S", "L")), FreeText("mark")),
    soft_rules=(Alerts(id="W1", when="size == 'S'", text="small wheels"),),
)
MODEL = ProductModel(
    id="bike",
    version=3,
    attributes=(
        Attribute("frame", ("alloy", "carbon"), "carbon", "Frame"),
        WholeNumber("gears", 1, 12, default=8),
        DecimalNumber("travel", "0", "1.5", "0.25"),
        YesNo("motor"),
        MultiSelect(id="extras", values=("rack", "bell"), max_picks=1, defaults=("bell",)),
        OptionGroup(id="lights", options=(Option(id="led", product="L1"), Option(product="L2", max_quantity=3))),
        Component(id="wheels", model=WHEEL, max_count=2),
        FreeText("engraving", 20),
        YesNo("fast"),
    ),
    rules=(
        Excludes(id="R1", combination={"frame": "carbon", "extras.rack": True, "gears": (1, 2)}),
        Table(id="R2", attributes=("gears", "motor"), forbidden=((1, True), ("2", "yes"))),
        Cardinality(id="R3", cells={"motor": True, "lights.led": True}, at_most=1),
        Implies(id="R4", when="motor", then="wheels >= 1"),
        Arithmetic(id="R5", formula="gears * travel <= 12"),
        Total(id="R6", weights={"lights.led": "1.5", "lights.L2": 2, "frame.alloy": 1}, at_least=0, at_most="gears"),
        Derivation(id="R7", attribute="fast", formula="motor and gears > 9"),
    ),
    soft_rules=(
        Prefers(id="S1", when="motor", prefer={"frame": ("alloy", "carbon")}),
        Recommends(id="S2", when="gears > 9", recommend={"extras.rack": True}),
        Alerts(id="S3", when="lights == 2", text="two lights", level=AlertLevel.INFO),
        Hides(id="S4", when="not motor", attributes=("fast", "wheels", "lights", "engraving")),
    ),
    questions=(
        Question(id="Q1", text="Hills?", answers=(Answer("yes", {"motor": True, "gears": 10}), Answer("no", {"motor": False}))),
        Question(id="Q2", text="Shopping?", when="motor", answers=(Answer("yes", {"extras.rack": True}),)),
    ),
    shared=(SharedRules(id="house.toml", rules=(Excludes(id="H1", combination={"colour": "red"}),)),),
)  # fmt: skip


def test_every_kind_is_stored_and_read_again() -> None:
    codec = Codec()

    again = codec.from_json(ProductModel, codec.to_json(MODEL))

    assert codec.to_json(again) == codec.to_json(MODEL)
    assert again.digest == MODEL.digest
    assert [rule.id for rule in again.lowered.rules] == [rule.id for rule in MODEL.lowered.rules]


def test_the_digest_stays_what_it_was() -> None:
    other = ProductModel(
        id="bike", attributes=(Attribute("frame", ("alloy", "carbon")),), rules=(), version=1
    )

    assert (
        other.digest == ProductModel(id="bike", attributes=(Attribute("frame", ("alloy", "carbon")),)).digest
    )
    assert other.digest != MODEL.digest


@pytest.mark.parametrize(
    ("attribute", "given", "text"),
    [
        (WholeNumber("n", 1, 9), 5, "5"),
        (WholeNumber("n", 1, 9), Decimal("5.0"), "5"),
        (WholeNumber("n", 1, 9), "05", "5"),
        (WholeNumber("n", -9, 9), "-0", "0"),
        (DecimalNumber("d", 0, 9, "0.5"), "2.50", "2.5"),
        (DecimalNumber("d", 0, 9, "0.5"), Decimal("1E+1"), "10"),
        (DecimalNumber("d", 0, 9, "0.5"), "1e1", "1e1"),
        (YesNo("b"), True, "yes"),
        (YesNo("b"), "no", "no"),
        (Attribute("a", ("x",)), "x", "x"),
        (Attribute("a", ("x",)), None, None),
        (WholeNumber("n", 1, 9), 1 << 5000, None),
        (WholeNumber("n", 1, 9), Decimal("NaN"), None),
        (WholeNumber("n", 1, 9), Decimal("1E+999999"), None),
        (FreeText("t", 3), "abc", "abc"),
        (FreeText("t", 3), "abcd", None),
        (FreeText("t", 3), "", None),
        (FreeText("t", 3), "a\nb", None),
        (FreeText("t", 3), "\N{RIGHT-TO-LEFT OVERRIDE}a", None),
    ],
)
def test_a_value_has_one_text(attribute: Any, given: object, text: str | None) -> None:
    assert attribute.text_of(given) == text
    with pytest.raises(FloatRefused):
        attribute.text_of(0.5)


def test_ranges_end_on_the_last_step_below_the_end() -> None:
    assert WholeNumber("n", 1, 10, step=4).values == ("1", "5", "9")
    assert DecimalNumber("d", "-0.5", "0.6", "0.25").values == ("-0.5", "-0.25", "0", "0.25", "0.5")
    assert DecimalNumber("d", "1", "1", "7").values == ("1",)


def test_picks_are_what_a_quote_adds() -> None:
    assert MODEL.picks({"lights.led": "yes", "lights.L2": "3", "frame": "alloy", "unknown": "yes"}) == (
        Pick("lights.led", "L1", 1),
        Pick("lights.L2", "L2", 3),
    )
    assert MODEL.picks({"lights.led": "no", "lights.L2": "0"}) == ()
    assert MODEL.picks({"lights.L2": "<script>"}) == ()


def test_soft_rules_speak_where_their_condition_holds() -> None:
    advisor = MODEL.advisor

    assert advisor.alerts({}) == ()
    assert [rule.id for rule in advisor.preferences({"motor": "yes"})] == ["S1"]
    assert [rule.id for rule in advisor.recommendations({"gears": "10"})] == ["S2"]
    assert advisor.recommendations({"gears": "10", "extras.rack": "yes"}) == ()
    assert advisor.recommendations({"gears": "9"}) == ()
    assert [rule.id for rule in advisor.alerts({"lights.led": "yes", "lights.L2": "2"})] == ["S3"]
    assert advisor.alerts({"lights.led": "yes"}) == ()  # how many lights there are is not settled


def test_hiding_a_group_or_component_hides_all_of_it() -> None:
    assert MODEL.advisor.hidden({"motor": "no"}) == (
        "fast", "wheels", "wheels.1.size", "wheels.2.size", "wheels.1.mark", "wheels.2.mark",
        "lights.led", "lights.L2", "engraving",
    )  # fmt: skip


def test_soft_rules_of_components_speak_of_instances_that_are_there() -> None:
    small = {"wheels.1.size": "L", "wheels.2.size": "S"}

    assert [rule.id for rule in MODEL.advisor.alerts({**small, "wheels": "2"})] == ["wheels.W1"]
    assert MODEL.advisor.alerts({**small, "wheels": "1"}) == ()
    assert MODEL.advisor.alerts({**small, "wheels": "nonsense"}) == ()


def test_questions_open_and_close() -> None:
    def asked(values: dict[str, str], domains: Any = None) -> list[str]:
        return [one.question.id for one in open_questions(MODEL, values, domains)]

    assert asked({}) == ["Q1"]
    assert asked({"motor": "yes"}) == ["Q1", "Q2"]
    assert asked({"motor": "yes", "gears": "10"}) == ["Q2"]
    assert asked({"motor": "no"}) == []
    assert asked({"motor": "yes", "gears": "10"}, {"extras.rack": ("no",)}) == []
    (left,) = open_questions(MODEL, {}, {"motor": ("no",), "gears": ("10",)})
    assert [answer.text for answer in left.answers] == ["no"]


def _write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text)
    return folder / "bike.toml"


FRAME = '[[attributes]]\nid = "frame"\nvalues = ["alloy", "carbon"]\n'
RULE = '[[rules]]\ntype = "Excludes"\nid = "{id}"\ncombination = {{ {name} = "carbon" }}\n'


def test_a_shared_file_counts_once_and_says_nothing_about_what_is_not_there(tmp_path: Path) -> None:
    file = _write(
        tmp_path,
        bike=f'id = "bike"\ninclude = ["a.toml", "b.toml"]\n{FRAME}',
        a=f'include = ["c.toml"]\n{RULE.format(id="A", name="frame")}',
        b=f'include = ["c.toml"]\n{RULE.format(id="B", name="fork")}',
        c='[[soft_rules]]\ntype = "Alerts"\nid = "C"\nwhen = "frame == \'alloy\'"\ntext = "heavy"\n',
    )

    model = ProductModel.load(file)

    assert [shared.id for shared in model.shared] == ["c.toml", "a.toml", "b.toml"]
    assert [rule.id for rule in model.every_rule] == ["A"]
    assert [rule.id for rule in model.every_soft_rule] == ["C"]
    assert ("shared_rule_unused", "shared.b.toml.B") in [(one.code, one.where) for one in model.findings]


def test_a_component_may_stand_in_a_file_with_rules_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    file = _write(
        tmp_path,
        bike='id = "bike"\n[[attributes]]\ntype = "Component"\nid = "wheels"\nfile = "parts/wheel.toml"\n',
        house='[[rules]]\ntype = "Excludes"\nid = "H"\ncombination = { size = "S", disc = true }\n',
    )
    (tmp_path / "parts" / "wheel.toml").write_text(
        'id = "wheel"\ninclude = ["../house.toml"]\n'
        '[[attributes]]\nid = "size"\nvalues = ["S", "L"]\n[[attributes]]\ntype = "YesNo"\nid = "disc"\n'
    )

    model = ProductModel.load(file)

    assert [rule.id for rule in model.lowered.rules] == ["wheels.H", "wheels"]
