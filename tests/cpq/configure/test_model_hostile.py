"""Models that cannot work, or mean harm, are refused with the place and the reason, in bounded time."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.findings import InvalidDefinition
from salesmgmt.cpq.configure import (
    Arithmetic,
    Attribute,
    Component,
    DecimalNumber,
    Excludes,
    MultiSelect,
    Option,
    OptionGroup,
    ProductModel,
    Table,
    WholeNumber,
    YesNo,
)

HEAD = """
id = "bike"
[[attributes]]
id = "frame"
values = ["alloy", "carbon"]
[[attributes]]
type = "WholeNumber"
id = "seats"
low = 1
high = 3
[[attributes]]
type = "YesNo"
id = "bell"
[[attributes]]
type = "FreeText"
id = "engraving"
[[attributes]]
type = "OptionGroup"
id = "lights"
options = [{ id = "led", product = "L-1" }, { id = "dyn", product = "L-2", max_quantity = 2 }]
[[attributes]]
type = "Component"
id = "wheels"
max_count = 2
[attributes.model]
id = "wheel"
[[attributes.model.attributes]]
id = "size"
values = ["S", "L"]
"""

READ = {  # what follows the head, and the path and code of the first problem
    "not TOML": ("[[", "the file", "not_toml"),
    "unknown key of the model": ("[colour]\nx = 1", "colour", "unknown_key"),
    "unknown kind": ('[[attributes]]\ntype = "Atribute"\nid = "x"', "attributes[6].type", "not_allowed"),
    "kind is a number": ('[[attributes]]\ntype = 3\nid = "x"', "attributes[6].type", "wrong_type"),
    "unknown key of an attribute": ('[[attributes]]\nid = "x"\nvalues = ["a"]\ncolor = 1', "attributes[6].color", "unknown_key"),
    "no id": ('[[attributes]]\nvalues = ["a"]', "attributes[6].id", "missing"),
    "id is a number": ('[[attributes]]\nid = 3\nvalues = ["a"]', "attributes[6].id", "wrong_type"),
    "values is a text": ('[[attributes]]\nid = "x"\nvalues = "abc"', "attributes[6].values", "wrong_type"),
    "a value is a number": ('[[attributes]]\nid = "x"\nvalues = [1]', "attributes[6].values[0]", "wrong_type"),
    "low is a text": ('[[attributes]]\ntype = "WholeNumber"\nid = "x"\nlow = "1"\nhigh = 2', "attributes[6].low", "wrong_type"),
    "low has decimals": ('[[attributes]]\ntype = "WholeNumber"\nid = "x"\nlow = 1.5\nhigh = 2', "attributes[6].low", "wrong_type"),
    "no high": ('[[attributes]]\ntype = "WholeNumber"\nid = "x"\nlow = 1', "attributes[6].high", "missing"),
    "NaN": ('[[attributes]]\ntype = "DecimalNumber"\nid = "x"\nlow = nan\nhigh = 2\nstep = 1', "attributes[6].low", "not_a_number"),
    "infinity": ('[[attributes]]\ntype = "DecimalNumber"\nid = "x"\nlow = 0\nhigh = inf\nstep = 1', "attributes[6].high", "not_a_number"),
    "an enormous exponent": ('[[attributes]]\ntype = "DecimalNumber"\nid = "x"\nlow = 0\nhigh = 1e999999\nstep = 1', "attributes[6].high", "not_a_number"),
    "a huge number": (f'[[attributes]]\ntype = "WholeNumber"\nid = "x"\nlow = 1\nhigh = 1{"0" * 4000}', "attributes[6].high", "out_of_range"),
    "yes in quotes": ('[[attributes]]\ntype = "YesNo"\nid = "x"\ndefault = "yes"', "attributes[6].default", "wrong_type"),
    "options are texts": ('[[attributes]]\ntype = "OptionGroup"\nid = "x"\noptions = ["a"]', "attributes[6].options[0]", "wrong_type"),
    "an option without a product": ('[[attributes]]\ntype = "OptionGroup"\nid = "x"\noptions = [{id = "a"}]', "attributes[6].options[0].product", "missing"),
    "a component without a model": ('[[attributes]]\ntype = "Component"\nid = "x"', "attributes[6].model", "missing"),
    "unknown rule": ('[[rules]]\ntype = "Forbids"\nid = "r"', "rules[0].type", "not_allowed"),
    "a rule without a type": ('[[rules]]\nid = "r"', "rules[0].type", "missing"),
    "a structure is no rule": ('[[rules]]\ntype = "Structure"\nid = "r"\ntext = "x"', "rules[0].type", "not_allowed"),
    "a date as a cell": ('[[rules]]\ntype = "Excludes"\nid = "r"\ncombination = { frame = 2026-01-01 }', "rules[0].combination.frame", "wrong_type"),
    "a weight is a text": ('[[rules]]\ntype = "Total"\nid = "r"\nat_most = 1\nweights = { seats = "x" }', "rules[0].weights.seats", "not_a_number"),
    "weights by dots without quotes": ('[[rules]]\ntype = "Total"\nid = "r"\nat_most = 1\nweights.frame.alloy = 1', "rules[0].weights.frame", "wrong_type"),
    "unknown soft rule": ('[[soft_rules]]\ntype = "Suggests"\nid = "s"', "soft_rules[0].type", "not_allowed"),
    "unknown level": ('[[soft_rules]]\ntype = "Alerts"\nid = "s"\nwhen = "bell"\ntext = "x"\nlevel = "loud"', "soft_rules[0].level", "not_allowed"),
    "an answer that sets a list": ('[[questions]]\nid = "q"\ntext = "?"\nanswers = [{text = "a", sets = {frame = ["alloy"]}}]', "questions[0].answers[0].sets.frame", "wrong_type"),
}  # fmt: skip

LINT = {  # what follows the head, and the place and code of the first finding
    "an id twice": ('[[attributes]]\nid = "frame"\nvalues = ["a"]', "attributes.frame", "id"),
    "a blank id": ('[[attributes]]\nid = " "\nvalues = ["a"]', "attributes. ", "id"),
    "an id within a group": ('[[attributes]]\nid = "lights.led"\nvalues = ["a"]', "attributes.lights.led", "id"),
    "an id within a component": ('[[attributes]]\nid = "wheels.size"\nvalues = ["a"]', "attributes.wheels.size", "id"),
    "no values": ('[[attributes]]\nid = "x"\nvalues = []', "attributes.x", "no_values"),
    "a blank value": ('[[attributes]]\nid = "x"\nvalues = [""]', "attributes.x", "duplicate_value"),
    "a value twice": ('[[attributes]]\nid = "x"\nvalues = ["a", "a"]', "attributes.x", "duplicate_value"),
    "an unknown default": ('[[attributes]]\nid = "x"\nvalues = ["a"]\ndefault = "b"', "attributes.x", "unknown_value"),
    "a reversed range": ('[[attributes]]\ntype = "WholeNumber"\nid = "x"\nlow = 3\nhigh = 2', "attributes.x", "range"),
    "no step": ('[[attributes]]\ntype = "WholeNumber"\nid = "x"\nlow = 1\nhigh = 2\nstep = 0', "attributes.x", "range"),
    "a step back": ('[[attributes]]\ntype = "DecimalNumber"\nid = "x"\nlow = 1\nhigh = 2\nstep = -0.1', "attributes.x", "range"),
    "a large number": ('[[attributes]]\ntype = "WholeNumber"\nid = "x"\nlow = 1\nhigh = 9_000_000_000_000_000_000', "attributes.x", "range"),
    "too fine a step": ('[[attributes]]\ntype = "DecimalNumber"\nid = "x"\nlow = 0\nhigh = 1\nstep = 1e-30', "attributes.x", "range"),
    "too many numbers": ('[[attributes]]\ntype = "WholeNumber"\nid = "x"\nlow = 1\nhigh = 1_000_000_000_000', "attributes.x", "too_large"),
    "too many decimals": ('[[attributes]]\ntype = "DecimalNumber"\nid = "x"\nlow = 0\nhigh = 1_000_000\nstep = 0.001', "attributes.x", "too_large"),
    "a default beside the steps": ('[[attributes]]\ntype = "WholeNumber"\nid = "x"\nlow = 1\nhigh = 9\nstep = 2\ndefault = 2', "attributes.x", "unknown_value"),
    "a text without end": ('[[attributes]]\ntype = "FreeText"\nid = "x"\nmax_length = 1_000_000_000', "attributes.x", "range"),
    "a text of no length": ('[[attributes]]\ntype = "FreeText"\nid = "x"\nmax_length = 0', "attributes.x", "range"),
    "more picks than values": ('[[attributes]]\ntype = "MultiSelect"\nid = "x"\nvalues = ["a"]\nmin_picks = 2', "attributes.x", "picks"),
    "picks reversed": ('[[attributes]]\ntype = "MultiSelect"\nid = "x"\nvalues = ["a", "b"]\nmin_picks = 2\nmax_picks = 1', "attributes.x", "picks"),
    "negative picks": ('[[attributes]]\ntype = "MultiSelect"\nid = "x"\nvalues = ["a", "b"]\nmin_picks = -1', "attributes.x", "picks"),
    "an unknown default pick": ('[[attributes]]\ntype = "MultiSelect"\nid = "x"\nvalues = ["a", "b"]\ndefaults = ["c"]', "attributes.x.defaults", "unknown_value"),
    "no options": ('[[attributes]]\ntype = "OptionGroup"\nid = "x"\noptions = []', "attributes.x", "no_values"),
    "an option twice": ('[[attributes]]\ntype = "OptionGroup"\nid = "x"\noptions = [{product = "a"}, {product = "a"}]', "attributes.x.options.a", "id"),
    "a blank product": ('[[attributes]]\ntype = "OptionGroup"\nid = "x"\noptions = [{id = "a", product = " "}]', "attributes.x.options.a", "no_product"),
    "quantities reversed": ('[[attributes]]\ntype = "OptionGroup"\nid = "x"\noptions = [{product = "a", min_quantity = 3, max_quantity = 2}]', "attributes.x.options.a", "range"),
    "a quantity without end": ('[[attributes]]\ntype = "OptionGroup"\nid = "x"\noptions = [{product = "a", max_quantity = 1_000_000_000}]', "attributes.x.options.a", "range"),
    "a default quantity that is none": ('[[attributes]]\ntype = "OptionGroup"\nid = "x"\noptions = [{product = "a", min_quantity = 2, max_quantity = 3, default = 1}]', "attributes.x.options.a", "unknown_value"),
    "counts reversed": ('[[attributes]]\ntype = "Component"\nid = "x"\nmin_count = 3\nmodel = {id = "m", attributes = [{id = "a", values = ["b"]}]}', "attributes.x", "range"),
    "a million instances": ('[[attributes]]\ntype = "Component"\nid = "x"\nmax_count = 1_000_000\nmodel = {id = "m", attributes = [{id = "a", values = ["b"]}]}', "attributes.x", "too_large"),
    "an empty component": ('[[attributes]]\ntype = "Component"\nid = "x"\nmodel = {id = "m", attributes = []}', "attributes.x.model.attributes", "no_attributes"),
    "a fault in a component": ('[[attributes]]\ntype = "Component"\nid = "x"\nmodel = {id = "m", attributes = [{id = "a", values = []}]}', "attributes.x.model.attributes.a", "no_values"),
    "an unknown name": ('[[rules]]\ntype = "Excludes"\nid = "r"\ncombination = { frme = "alloy" }', "rules.r.combination", "unknown_attribute"),
    "an unknown value": ('[[rules]]\ntype = "Excludes"\nid = "r"\ncombination = { frame = "aloy" }', "rules.r.combination.frame", "unknown_value"),
    "a number that is none": ('[[rules]]\ntype = "Excludes"\nid = "r"\ncombination = { seats = 4 }', "rules.r.combination.seats", "unknown_value"),
    "an instance that cannot be": ('[[rules]]\ntype = "Excludes"\nid = "r"\ncombination = { "wheels.3.size" = "S" }', "rules.r.combination", "unknown_attribute"),
    "a free text in a rule": ('[[rules]]\ntype = "Excludes"\nid = "r"\ncombination = { engraving = "x" }', "rules.r.combination", "unknown_attribute"),
    "a group in a cell": ('[[rules]]\ntype = "Excludes"\nid = "r"\ncombination = { lights = "led" }', "rules.r.combination", "unknown_attribute"),
    "an empty cell": ('[[rules]]\ntype = "Excludes"\nid = "r"\ncombination = { frame = [] }', "rules.r.combination", "empty_rule"),
    "allowed and forbidden": ('[[rules]]\ntype = "Table"\nid = "r"\nattributes = ["bell"]\nallowed = [["yes"]]\nforbidden = [["no"]]', "rules.r", "allowed_and_forbidden"),
    "a row that is too short": ('[[rules]]\ntype = "Table"\nid = "r"\nattributes = ["bell", "seats"]\nforbidden = [["yes"]]', "rules.r.forbidden[0]", "row_length"),
    "no bounds": ('[[rules]]\ntype = "Cardinality"\nid = "r"\ncells = { bell = true }', "rules.r", "empty_rule"),
    "bounds reversed": ('[[rules]]\ntype = "Cardinality"\nid = "r"\ncells = { bell = true }\nat_least = 2\nat_most = 1', "rules.r", "range"),
    "no formula": ('[[rules]]\ntype = "Arithmetic"\nid = "r"\nformula = "seats +"', "rules.r.formula", "formula"),
    "code as a formula": ('[[rules]]\ntype = "Arithmetic"\nid = "r"\nformula = "__import__(\'os\').system(\'ls\')"', "rules.r.formula", "formula"),
    "a formula of a number": ('[[rules]]\ntype = "Arithmetic"\nid = "r"\nformula = "seats + 1"', "rules.r.formula", "formula"),
    "an unknown name in a formula": ('[[rules]]\ntype = "Implies"\nid = "r"\nwhen = "bel"\nthen = "seats > 1"', "rules.r.when", "formula"),
    "an unknown value in a formula": ('[[rules]]\ntype = "Implies"\nid = "r"\nwhen = "frame == \'karbon\'"\nthen = "bell"', "rules.r.when", "unknown_value"),
    "text against number": ('[[rules]]\ntype = "Arithmetic"\nid = "r"\nformula = "frame > 3"', "rules.r.formula", "formula"),
    "a formula without end": (f'[[rules]]\ntype = "Arithmetic"\nid = "r"\nformula = "{"(" * 1900}"', "rules.r.formula", "formula"),
    "a weight for nothing": ('[[rules]]\ntype = "Total"\nid = "r"\nweights = { "frame.steel" = 1 }\nat_most = 1', "rules.r.weights", "unknown_attribute"),
    "a weight for a text": ('[[rules]]\ntype = "Total"\nid = "r"\nweights = { frame = 1 }\nat_most = 1', "rules.r.weights", "no_number"),
    "a total without bounds": ('[[rules]]\ntype = "Total"\nid = "r"\nweights = { seats = 1 }', "rules.r", "empty_rule"),
    "a bound that is no sum": ('[[rules]]\ntype = "Total"\nid = "r"\nweights = { seats = 1 }\nat_most = "seats * lights.dyn"', "rules.r", "no_sum"),
    "a derivation without a value": ('[[rules]]\ntype = "Derivation"\nid = "r"\nattribute = "bell"', "rules.r", "empty_rule"),
    "a derivation of another kind": ('[[rules]]\ntype = "Derivation"\nid = "r"\nattribute = "bell"\nformula = "seats + 1"', "rules.r.formula", "formula"),
    "a derivation in a component": ('[[rules]]\ntype = "Derivation"\nid = "r"\nattribute = "wheels.size"\nformula = "frame"', "rules.r.attribute", "derived_elsewhere"),
    "derived twice": ('[[rules]]\ntype = "Derivation"\nid = "r"\nattribute = "bell"\nformula = "seats > 1"\n[[rules]]\ntype = "Derivation"\nid = "q"\nattribute = "bell"\nformula = "seats > 2"', "attributes.bell", "derived_twice"),
    "derived from each other": ('[[rules]]\ntype = "Derivation"\nid = "r"\nattribute = "bell"\nformula = "seats > 1"\n[[rules]]\ntype = "Derivation"\nid = "q"\nattribute = "seats"\nformula = "if bell then 1 else 2"', "rules.r", "derivation_ring"),
    "a rule twice": ('[[rules]]\ntype = "Arithmetic"\nid = "r"\nformula = "bell"\n[[rules]]\ntype = "Arithmetic"\nid = "r"\nformula = "seats > 1"', "rules.r", "id"),
    "a soft rule of nothing": ('[[soft_rules]]\ntype = "Hides"\nid = "s"\nwhen = "bell"\nattributes = ["belll"]', "soft_rules.s.attributes", "unknown_attribute"),
    "a preference for nothing": ('[[soft_rules]]\ntype = "Prefers"\nid = "s"\nprefer = {frame = "steel"}', "soft_rules.s.prefer.frame", "unknown_value"),
    "an alert without a condition": ('[[soft_rules]]\ntype = "Alerts"\nid = "s"\nwhen = ""\ntext = "x"', "soft_rules.s.when", "formula"),
    "a question without answers": ('[[questions]]\nid = "q"\ntext = "?"\nanswers = []', "questions.q", "no_answers"),
    "an answer that sets nothing known": ('[[questions]]\nid = "q"\ntext = "?"\nanswers = [{text = "a", sets = {frame = "steel"}}]', "questions.q.answers[0].frame", "unknown_value"),
    "an answer that writes a control character": ('[[questions]]\nid = "q"\ntext = "?"\nanswers = [{text = "a", sets = {engraving = "a\\u0000b"}}]', "questions.q.answers[0]", "unknown_value"),
    "an answer for every instance": ('[[questions]]\nid = "q"\ntext = "?"\nanswers = [{text = "a", sets = {"wheels.size" = "S"}}]', "questions.q.answers[0]", "no_instance"),
    "an answer that sets what is derived": ('[[questions]]\nid = "q"\ntext = "?"\nanswers = [{text = "a", sets = {bell = true}}]\n[[rules]]\ntype = "Derivation"\nid = "r"\nattribute = "bell"\nformula = "seats > 1"', "questions.q.answers[0]", "derived"),
    "no product at all": ('[[rules]]\ntype = "Arithmetic"\nid = "r"\nformula = "seats > 3"', "rules", "void"),
}  # fmt: skip


@pytest.mark.parametrize(("more", "path", "code"), READ.values(), ids=READ)
def test_a_file_that_is_no_model_is_refused(more: str, path: str, code: str, tmp_path: Path) -> None:
    file = tmp_path / "bike.toml"
    file.write_text(HEAD + more)

    with pytest.raises(InvalidInput) as refused:
        ProductModel.load(file)

    problem = refused.value.problems[0]
    assert (problem.path, problem.code) == (path, code)
    assert problem.wanted


@pytest.mark.parametrize(("more", "where", "code"), LINT.values(), ids=LINT)
def test_a_model_that_cannot_work_is_refused(more: str, where: str, code: str, tmp_path: Path) -> None:
    file = tmp_path / "bike.toml"
    file.write_text(HEAD + more)

    with pytest.raises(InvalidDefinition) as refused:
        ProductModel.load(file)

    finding = refused.value.findings[0]
    assert (finding.where, finding.code) == (where, code)
    assert finding.message
    assert finding.hint
    assert len(str(refused.value)) < 5_000


def test_the_head_of_these_models_works(tmp_path: Path) -> None:
    file = tmp_path / "bike.toml"
    file.write_text(HEAD)

    assert ProductModel.load(file).findings == ()


A = Attribute("a", ("x", "y"))


@pytest.mark.parametrize(
    "model",
    [
        ProductModel(id="m", attributes=(OptionGroup(id="g", options=(Option(product="p"),) * 1_000_000),)),
        ProductModel(id="m", attributes=(MultiSelect(id="g", values=("v",) * 1_000_000),)),
        ProductModel(id="m", attributes=(Attribute("a", ("v",) * 1_000_000),)),
        ProductModel(id="m", attributes=(YesNo("a"),) * 1_000_000),
        ProductModel(id="m", attributes=(WholeNumber("a", -(10**14), 10**14),)),
        ProductModel(id="m", attributes=(DecimalNumber("a", 0, 10**14, "0.000000001"),)),
        ProductModel(
            id="m",
            attributes=tuple(
                OptionGroup(id=f"g{group}", options=tuple(Option(product=str(one)) for one in range(10_000)))
                for group in range(3)
            ),
        ),
        ProductModel(id="m", attributes=tuple(WholeNumber(f"n{number}", 1, 10_000) for number in range(21))),
    ],
    ids=["options", "picks", "values", "attributes", "whole", "decimal", "groups", "numbers"],
)
def test_a_model_that_is_too_large_is_refused_before_it_is_expanded(model: ProductModel) -> None:
    assert [finding.code for finding in model.findings] == ["too_large"]


def test_instances_of_instances_are_counted_before_they_are_made() -> None:
    model = ProductModel(id="m0", attributes=(A,))
    for depth in range(1, 7):
        model = ProductModel(id=f"m{depth}", attributes=(Component(id="c", model=model, max_count=1_000), A))

    (finding,) = model.findings

    assert (finding.code, finding.where) == ("too_large", "attributes")


def test_components_inside_each_other_have_an_end() -> None:
    model = ProductModel(id="m0", attributes=(A,))
    for depth in range(1, 400):
        model = ProductModel(id=f"m{depth}", attributes=(Component(id="c", model=model),))

    (finding,) = model.findings

    assert finding.code == "too_deep"


def test_a_table_of_too_many_rows_is_refused() -> None:
    table = Table(id="t", attributes=("a",), allowed=(("x",),) * 1_000_001)

    (finding,) = ProductModel(id="m", attributes=(A,), rules=(table,)).findings

    assert (finding.code, finding.where) == ("too_large", "rules.t")


def test_rules_of_too_many_combinations_of_instances_are_refused() -> None:
    part = ProductModel(id="part", attributes=(YesNo("on"),))
    parts = tuple(Component(id=f"c{number}", model=part, max_count=60) for number in range(3))
    rule = Arithmetic(id="r", formula="c0.on or c1.on or c2.on")

    (finding,) = ProductModel(id="m", attributes=parts, rules=(rule,)).findings

    assert (finding.code, finding.where) == ("too_large", "rules.r")


@pytest.mark.parametrize(
    "wild",
    [
        "<script>alert(1)</script>",
        "'; DROP TABLE quotes; --",
        "\N{RIGHT-TO-LEFT OVERRIDE}a",
        "a\0b",
        "{x}",
        "a" * 5_000,
    ],
)
def test_names_from_outside_stay_text(wild: str) -> None:
    model = ProductModel(
        id=wild,
        attributes=(Attribute(wild, (wild, "x")), MultiSelect(id="g", values=(wild,)), A),
        rules=(Excludes(id=wild, text=wild, combination={wild: wild, "a": "y"}),),
    )

    assert model.findings == ()
    assert model.compile().start().choose(wild, wild).domain("a") == ("x",)
    assert attrs.evolve(model, version=2).digest != model.digest


def _write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text)
    return folder / "bike.toml"


def _component(file: str) -> str:
    return f'id = "m"\n[[attributes]]\ntype = "Component"\nid = "c"\nfile = "{file}"\n'


@pytest.mark.parametrize(
    ("files", "path", "code"),
    [
        ({"bike": _component("bike.toml")}, "attributes[0].file", "ring"),
        ({"bike": _component("a.toml"), "a": _component("b.toml"), "b": _component("a.toml")}, "attributes[0].file", "ring"),
        ({"bike": 'include = ["a.toml"]\n' + HEAD, "a": 'include = ["a.toml"]'}, "include", "ring"),
        ({"bike": 'include = ["a.toml"]\n' + HEAD, "a": 'include = ["b.toml"]', "b": 'include = ["a.toml"]'}, "include", "ring"),
        ({"bike": 'include = ["../a.toml"]\n' + HEAD}, "include[0]", "outside"),
        ({"bike": 'include = ["/etc/passwd"]\n' + HEAD}, "include[0]", "outside"),
        ({"bike": 'include = ["none.toml"]\n' + HEAD}, "the file", "unreadable"),
        ({"bike": 'include = "a.toml"\n' + HEAD}, "include", "wrong_type"),
        ({"bike": 'include = ["a.toml"]\n' + HEAD, "a": "attributes = []"}, "attributes", "unknown_key"),
        ({"bike": _component("../m.toml")}, "attributes[0].file", "outside"),
    ],
)  # fmt: skip
def test_files_that_lead_astray_are_refused(
    files: dict[str, str], path: str, code: str, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInput) as refused:
        ProductModel.load(_write(tmp_path, **files))

    assert (refused.value.problems[0].path, refused.value.problems[0].code) == (path, code)
