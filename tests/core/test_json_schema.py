"""The JSON Schema of a class agrees with what the codec writes and reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from salesmgmt.core.codec import Codec
from salesmgmt.core.entity import Ref
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.formula.types import Value
from salesmgmt.core.measured import Measured
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from tests.core import codec_samples
from tests.core.codec_samples import Contact, Deal, DealChanged, Flat, Holder, Item, Node, Rated, Stage

CODEC = Codec([Deal, DealChanged, Contact])
VALIDATOR = Draft202012Validator(
    CODEC.schema(DealChanged), format_checker=Draft202012Validator.FORMAT_CHECKER
)

# Beyond a schema: what constructors know, and members of a set that are equal without looking alike.
KNOWN_TO_CONSTRUCTORS = {"unknown_currency", "invalid_value", "duplicate_item"}


def properties(cls: type) -> Any:
    return CODEC.schema(cls)["$defs"][cls.__name__]["properties"]


@pytest.mark.parametrize("cls", [Deal, DealChanged, Contact, Item, Node, Flat, Rated, Ref, Money])
def test_every_schema_is_a_schema(cls: type) -> None:
    Draft202012Validator.check_schema(CODEC.schema(cls))


@given(codec_samples.changes)
def test_a_schema_accepts_what_is_written(change: DealChanged) -> None:
    VALIDATOR.validate(json.loads(CODEC.to_json(change)))


WRONG_SHAPES = [
    None,
    True,
    3,
    1.5,
    "x",
    "2026-01-01",
    "12.5",
    [],
    ["x"],
    {},
    {"number": "1"},
    {"type": "Flat"},
]


@given(codec_samples.changes, st.data())
def test_schema_and_codec_refuse_the_same_documents(change: DealChanged, data: st.DataObject) -> None:
    document = json.loads(CODEC.to_json(change))
    mutate(document, data)
    try:
        CODEC.from_dict(DealChanged, document)
    except InvalidInput as error:
        codes = {problem.code for problem in error.problems}
    else:
        codes = set()
    if VALIDATOR.is_valid(document):
        assert codes <= KNOWN_TO_CONSTRUCTORS
    else:
        assert codes


def mutate(document: Any, data: st.DataObject) -> None:
    """Take a key away, add one, or put something else in its place, anywhere in the document."""
    node = document
    while True:
        places = sorted(node) if isinstance(node, dict) else list(range(len(node)))
        inner = [place for place in places if node[place] and isinstance(node[place], dict | list)]
        if not inner or data.draw(st.integers(0, 3)) == 0:
            break
        node = node[data.draw(st.sampled_from(inner))]
    action = data.draw(st.sampled_from(["remove", "add", "replace"]))
    if action == "add" and isinstance(node, dict):
        node["surplus"] = data.draw(st.sampled_from(WRONG_SHAPES))
    elif action == "add":
        node.append(data.draw(st.sampled_from(WRONG_SHAPES)))
    elif action == "remove":
        del node[data.draw(st.sampled_from(places))]
    else:
        node[data.draw(st.sampled_from(places))] = data.draw(st.sampled_from(WRONG_SHAPES))


def test_a_schema_names_its_dialect_and_describes_the_class() -> None:
    schema = CODEC.schema(Rated)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$ref"] == "#/$defs/Rated"
    assert schema["$defs"]["Rated"] == {
        "title": "Rated",
        "description": "A discount by a rate.",
        "type": "object",
        "properties": {
            "off": {"$ref": "#/$defs/Percent"},
            "cap": {"anyOf": [{"$ref": "#/$defs/Money"}, {"type": "null"}]},
        },
        "required": ["off"],
        "additionalProperties": False,
    }


def test_an_entity_states_its_type_and_present_version() -> None:
    assert properties(Deal)["type"] == {"const": "Deal"}
    assert properties(Deal)["schema_version"] == {"const": 3}
    required = CODEC.schema(Deal)["$defs"]["Deal"]["required"]
    assert required == ["schema_version", "id", "stage", "amount", "probability", "weight", "created"]
    assert CODEC.schema(Contact)["$defs"]["Contact"]["required"] == ["id", "name"]


@pytest.mark.parametrize(
    ("name", "accepted", "refused"),
    [
        ("weight", ["1", "-0.5", ".5", "+3", 7], ["", "1e3", "1,5", "NaN", "1" * 201, 1.5, None]),
        ("probability", [{"percent": "10"}], ["10%", "10", {"percent": "10%"}, {"points": "10"}, {}]),
        (
            "amount",
            [{"amount": "1", "currency": "EUR"}],
            [{"amount": "1"}, "1 EUR", {"amount": 1.5, "currency": "EUR"}],
        ),
        ("closes", ["2026-01-31", None], ["2026-02-30", "20260131", "2026-1-31", 5]),
        (
            "created",
            ["2026-01-31T09:00:00Z", "2026-01-31T09:00:00.5+08:00"],
            ["2026-01-31T09:00:00", "2026-01-31"],
        ),
        ("call_at", ["09:30:00", None], ["9:30", "24:00:00", "09:30:00Z"]),
        ("age", ["PT90S", "-PT1.5S"], ["P1D", "PT", "90", 90]),
        ("stage", ["open"], ["Open", None, 1]),
        ("priority", [1], ["1", 3]),
        ("kind", ["renewal"], ["old"]),
        ("version", [0, 2**63 - 1], ["0", 2**63, 0.5, True]),
        ("split", [["a", 1]], [["a"], ["a", 1, 2], [1, "a"], "a"]),
        ("tags", [[], ["a", "b"]], [["a", "a"], "a", [1]]),
        ("limits", [{}, {"won": "1"}], [{"lost": "1"}, {"won": "x"}, []]),
        ("anything", [None, "x", True, {"set": [{"number": "1"}]}, 7], [[], {"set": "x"}, {"of": 1}, 1.5]),
        ("price", [None, {"percent": "1"}, {"amount": "1", "currency": "EUR"}], ["1", {"number": "1"}]),
        ("score", [{"value": {"number": "1"}}, {"value": None, "flag": "x"}], [{}, {"value": "1", "x": 1}]),
        ("tree", [{"name": "a", "children": [{"name": "b"}]}], [{"name": "a", "children": [{}]}]),
    ],
)
def test_each_form_is_described(name: str, accepted: list[object], refused: list[object]) -> None:
    schema = CODEC.schema(Deal)
    field = {**properties(Deal)[name], "$defs": schema["$defs"]}
    validator = Draft202012Validator(field, format_checker=Draft202012Validator.FORMAT_CHECKER)
    assert [value for value in accepted if not validator.is_valid(value)] == []
    assert [value for value in refused if validator.is_valid(value)] == []


def test_the_arms_of_a_union_of_classes_need_their_type() -> None:
    tagged = CODEC.schema(Item)["$defs"]["Flat.tagged"]
    assert tagged["required"] == ["type", "off"]
    assert tagged["properties"]["type"] == {"const": "Flat"}


def test_the_values_of_formulas_are_described_once() -> None:
    schema = CODEC.schema(Deal)
    assert properties(Deal)["custom"]["additionalProperties"] == {"$ref": "#/$defs/Value"}
    assert json.dumps(schema).count('"instant"') == 4  # property and requirement, in Value and in Scalar


def test_a_type_that_is_no_class_has_a_schema_too() -> None:
    listing: Any = CODEC.schema(tuple[Ref, ...])
    assert listing["items"] == {"$ref": "#/$defs/Ref"}
    assert CODEC.schema(Holder[Measured[Money]])["$ref"] == "#/$defs/Holder.Measured.Money"


def test_classes_of_one_name_are_kept_apart() -> None:
    other = attrs.make_class("Flat", {"rate": attrs.field(type=Percent)}, frozen=True)
    both = attrs.make_class("Both", {"a": attrs.field(type=Flat), "b": attrs.field(type=other)}, frozen=True)
    defs = CODEC.schema(both)["$defs"]
    assert list(defs["Flat"]["properties"]) == ["off"]
    assert list(defs["Flat.2"]["properties"]) == ["rate"]


def test_a_deal_written_by_hand_satisfies_its_schema_and_is_read() -> None:
    document: Mapping[str, object] = {
        "schema_version": 3,
        "id": "d-1",
        "stage": "won",
        "amount": {"amount": "1200.50", "currency": "EUR"},
        "probability": {"percent": 100},
        "weight": 1,
        "created": "2026-01-31T09:00:00Z",
        "custom": {"since": {"date": "2020-05-01"}},
    }
    Draft202012Validator(CODEC.schema(Deal)).validate(document)
    assert CODEC.from_dict(Deal, dict(document)) == Deal(
        id="d-1",
        stage=Stage.WON,
        amount=Money("1200.50", "EUR"),
        probability=Percent(100),
        weight=Decimal(1),
        created=datetime(2026, 1, 31, 9, tzinfo=UTC),
        custom={"since": date(2020, 5, 1)},
    )


def test_value_has_a_form_for_each_of_its_types() -> None:
    assert (
        len(CODEC.schema(Value)["$defs"]["Value"]["anyOf"]) == 9
    )  # eight types, and whole numbers as they are
