"""Product models: read from TOML, linted when they are loaded, refused when they cannot work."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from salesmgmt.core.codec import Codec
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.findings import InvalidDefinition, Severity
from salesmgmt.cpq.configure import Attribute, Excludes, ProductModel, Requires, Rule, Table

BIKE = """\
id = "bike"
version = 2

[[attributes]]
id = "frame"
values = ["alloy", "carbon", "steel"]
default = "alloy"

[[attributes]]
id = "fork"
values = ["rigid", "coil", "air"]

[[rules]]
type = "Excludes"
id = "R12"
text = "a carbon frame has no rigid fork"
combination = { frame = "carbon", fork = "rigid" }

[[rules]]
type = "Requires"
id = "R13"
when = { fork = "air" }
then = { frame = ["alloy", "carbon"] }

[[rules]]
type = "Table"
id = "T1"
attributes = ["frame", "fork"]
allowed = [["alloy", ["rigid", "coil", "air"]], ["carbon", "air"], ["steel", "rigid"]]
"""

FRAME, FORK = Attribute("frame", ("alloy", "carbon")), Attribute("fork", ("rigid", "air"))


def _model(*rules: Rule, attributes: tuple[Attribute, ...] = (FRAME, FORK)) -> ProductModel:
    return ProductModel(id="bike", attributes=attributes, rules=rules)


def _codes(model: ProductModel) -> list[tuple[str, str]]:
    return [(finding.code, finding.where) for finding in model.findings]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "bike.toml"


def test_a_model_is_read_from_toml(file: Path) -> None:
    file.write_text(BIKE)

    model = ProductModel.load(file)

    assert [type(rule).__name__ for rule in model.rules] == ["Excludes", "Requires", "Table"]
    assert model.findings == ()
    bike = model.compile().start().choose("frame", "carbon")
    assert bike.domain("fork") == ("air",)
    assert Codec().from_json(ProductModel, Codec().to_json(model)) == model


def test_equal_models_have_equal_digests_whatever_their_files_look_like(file: Path) -> None:
    file.write_text(BIKE)
    first = ProductModel.load(file).digest
    file.write_text(BIKE.replace("\n\n", "\n# remark\n\n"))

    assert ProductModel.load(file).digest == first
    file.write_text(BIKE.replace('"steel", "rigid"', '"steel", "coil"'))
    assert ProductModel.load(file).digest != first


def test_all_faults_of_the_file_are_reported_at_once(file: Path) -> None:
    file.write_text(
        BIKE.replace('type = "Table"', 'type = "Grid"').replace('default = "alloy"', "default = 3")
    )

    with pytest.raises(InvalidInput) as refused:
        ProductModel.load(file)

    assert {problem.path for problem in refused.value.problems} == {"attributes[0].default", "rules[2].type"}


def test_errors_are_refused_together_with_places_and_hints(file: Path) -> None:
    file.write_text(
        BIKE.replace('fork = "rigid" }', 'forks = "rigid" }').replace(
            '["carbon", "air"]', '["karbon", "air"]'
        )
    )

    with pytest.raises(InvalidDefinition) as refused:
        ProductModel.load(file)

    assert [(one.code, one.where, one.hint) for one in refused.value.findings] == [
        ("unknown_attribute", "rules.R12.combination", "did you mean 'fork'?"),
        ("unknown_value", "rules.T1.allowed[1]", "did you mean 'carbon'?"),
    ]


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (_model(attributes=()), [("no_attributes", "attributes")]),
        (_model(attributes=(Attribute("a", ()),)), [("no_values", "attributes.a")]),
        (_model(attributes=(FRAME, FRAME)), [("id", "attributes.frame")]),
        (_model(attributes=(Attribute(" ", ("x",)),)), [("id", "attributes. ")]),
        (_model(attributes=(Attribute("a", ("x", "x")),)), [("duplicate_value", "attributes.a")]),
        (_model(attributes=(Attribute("a", ("x",), "y"),)), [("unknown_value", "attributes.a")]),
        (_model(Excludes(id="r", combination={})), [("empty_rule", "rules.r.combination")]),
        (_model(Excludes(id="r", combination={"frame": ()})), [("empty_rule", "rules.r.combination")]),
        (
            _model(Requires(id="r", when={"frame": "wood"}, then={"saddle": "soft"})),
            [("unknown_value", "rules.r.when.frame"), ("unknown_attribute", "rules.r.then")],
        ),
        (_model(Table(id="r", attributes=(), allowed=())), [("empty_rule", "rules.r")]),
        (
            _model(Table(id="r", attributes=("frame", "frame"), allowed=(("alloy", "alloy"),))),
            [("id", "rules.r.attributes.frame")],
        ),
        (
            _model(Table(id="r", attributes=("frame", "fork"), allowed=(("alloy",), ("alloy", ())))),
            [("row_length", "rules.r.allowed[0]"), ("empty_rule", "rules.r.allowed[1]")],
        ),
        (
            _model(*[Excludes(id="r", combination={"frame": "alloy", "fork": "air"})] * 2),
            [("id", "rules.r")],
        ),
    ],
)  # fmt: skip
def test_a_faulty_model_is_refused(model: ProductModel, expected: list[tuple[str, str]]) -> None:
    assert _codes(model) == expected
    with pytest.raises(InvalidDefinition):
        model.compile()


def test_a_model_without_any_product_is_void_and_names_the_rules() -> None:
    model = _model(
        Excludes(id="harmless", combination={"frame": "carbon", "fork": "rigid"}),
        Requires(id="R1", when={"frame": ("alloy", "carbon")}, then={"fork": "air"}),
        Excludes(id="R2", combination={"fork": "air"}),
    )

    (finding,) = model.findings

    assert (finding.code, finding.severity) == ("void", Severity.ERROR)
    assert "R1: " in finding.message
    assert "R2: " in finding.message
    assert "harmless" not in finding.message


def test_a_dead_value_is_a_warning_that_names_the_rules() -> None:
    model = _model(
        Requires(id="R1", when={"frame": "carbon"}, then={"fork": "air"}),
        Excludes(id="R2", text="no air with carbon", combination={"frame": "carbon", "fork": "air"}),
    )

    (finding,) = model.findings
    assert str(finding) == (
        "warning dead_value at attributes.frame.carbon: no valid product has it, because of "
        "R1: frame = carbon requires fork = air; R2: no air with carbon; drop the value, or loosen one of these rules"
    )
    assert model.compile().start().domain("frame") == ("alloy",)


def test_defaults_that_do_not_go_together_are_a_warning() -> None:
    attributes = (
        attrs.evolve(FRAME, default="carbon"),
        attrs.evolve(FORK, default="rigid"),
        Attribute("bell", ("no",)),
    )
    model = _model(
        Excludes(id="R12", combination={"frame": "carbon", "fork": "rigid"}), attributes=attributes
    )

    (finding,) = model.findings

    assert (finding.code, finding.severity) == ("defaults_conflict", Severity.WARNING)
    assert "frame = carbon, fork = rigid" in finding.message
    assert model.compile().start().complete().selection == {"frame": "carbon", "fork": "air", "bell": "no"}


@pytest.mark.parametrize(
    "attributes",
    [
        tuple(Attribute(f"a{i}", tuple(f"v{j}" for j in range(10_000))) for i in range(21)),
        tuple(Attribute(f"a{i}", ("x",)) for i in range(20_001)),
    ],
    ids=["many values", "many attributes"],
)
def test_a_model_that_is_too_large_is_refused(attributes: tuple[Attribute, ...]) -> None:
    assert ("too_large", "attributes") in _codes(_model(attributes=attributes))


def test_a_table_that_is_too_long_is_refused() -> None:
    table = Table(id="T", attributes=("frame", "fork"), allowed=(("alloy", "air"),) * 1_000_001)

    assert _codes(_model(table)) == [("too_large", "rules.T")]


def test_names_from_outside_stay_text() -> None:
    wild = "'; DROP TABLE quotes; --<script>\N{RIGHT-TO-LEFT OVERRIDE}\0"
    model = _model(
        Requires(id=wild, when={wild: wild}, then={"frame": "alloy"}),
        attributes=(FRAME, Attribute(wild, (wild, "x"))),
    )

    assert model.compile().start().choose(wild, wild).domain("frame") == ("alloy",)
    assert model.compile().start({wild: wild}).explain("frame", "carbon") is not None
