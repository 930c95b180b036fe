"""Documents: what values look like in JSON, what is refused on reading, and how every fault is named."""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, Flag
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.actor import Actor
from salesmgmt.core.codec import (
    Codec,
    DuplicateKind,
    NotEncodable,
    UnsupportedType,
    Upcaster,
    WrongUpcasters,
)
from salesmgmt.core.entity import AccountId, DealId, Entity, Ref
from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.core.events import Event
from salesmgmt.core.formula.types import Value
from salesmgmt.core.measured import Measured
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.period import Period
from salesmgmt.core.quantity import Quantity
from tests.core import codec_samples
from tests.core.codec_samples import (
    Contact,
    Deal,
    DealChanged,
    Flat,
    Holder,
    Item,
    Node,
    Priority,
    Rated,
    Sku,
    Stage,
)

if TYPE_CHECKING:
    from fractions import Fraction

CODEC = Codec([Deal, DealChanged, Contact])
CST = timezone(timedelta(hours=8))
T = TypeVar("T")


def problems_of(cls: Any, document: object, codec: Codec = CODEC) -> list[Problem]:
    with pytest.raises(InvalidInput) as caught:
        codec.from_dict(cls, document)
    return list(caught.value.problems)


def faults_of(cls: Any, document: object, codec: Codec = CODEC) -> set[tuple[str, str]]:
    return {(problem.path, problem.code) for problem in problems_of(cls, document, codec)}


def fault_of_text(text: str | bytes, cls: Any = Holder[str]) -> tuple[str, str]:
    with pytest.raises(InvalidInput) as caught:
        CODEC.from_json(cls, text)
    (problem,) = caught.value.problems
    return problem.path, problem.code


# --- what values look like -------------------------------------------------------------------------------------

FORMS: list[tuple[Any, object, object]] = [
    (str, "Zürich 苏州", "Zürich 苏州"),
    (bool, True, True),
    (int, -7, -7),
    (float, 0.25, 0.25),
    (Decimal, Decimal("12.50"), "12.50"),
    (Decimal, Decimal("1E+3"), "1000"),
    (Decimal, Decimal("-0.000001"), "-0.000001"),
    (Money, Money("9.990", "EUR"), {"amount": "9.990", "currency": "EUR"}),
    (Percent, Percent("12.5"), {"percent": "12.5"}),
    (Quantity, Quantity("2.50", "kg"), {"amount": "2.50", "unit": "kg"}),
    (Period, Period(date(2026, 1, 1), date(2026, 2, 1)), {"start": "2026-01-01", "end": "2026-02-01"}),
    (date, date(2026, 1, 31), "2026-01-31"),
    (datetime, datetime(2026, 1, 31, 9, tzinfo=CST), "2026-01-31T09:00:00+08:00"),
    (datetime, datetime(2026, 1, 31, 9, 0, 0, 500, tzinfo=UTC), "2026-01-31T09:00:00.000500+00:00"),
    (time, time(9, 30), "09:30:00"),
    (timedelta, timedelta(days=1, seconds=30), "PT86430S"),
    (timedelta, timedelta(microseconds=-1_500_000), "-PT1.5S"),
    (Stage, Stage.WON, "won"),
    (Priority, Priority.HIGH, 2),
    (Literal["new", "renewal"], "renewal", "renewal"),
    (Ref, Ref("Lead", "l-17"), {"kind": "Lead", "id": "l-17"}),
    (Actor, Actor("li.wei", {"rep", "admin"}), {"id": "li.wei", "roles": ["admin", "rep"]}),
    (DealId, DealId("d-1"), "d-1"),
    (DealId | None, DealId("d-1"), "d-1"),
    (Money | None, None, None),
    (tuple[Decimal, ...], (Decimal(1), Decimal("2.5")), ["1", "2.5"]),
    (tuple[str, int], ("a", 1), ["a", 1]),
    (list[int], [3, 1], [3, 1]),
    (Sequence[int], (3, 1), [3, 1]),
    (frozenset[str], frozenset({"b", "a"}), ["a", "b"]),
    (AbstractSet[int], frozenset({10, 9}), [9, 10]),
    (
        frozenset[Ref],
        frozenset({Ref("B", "1"), Ref("A", "2")}),
        [{"kind": "A", "id": "2"}, {"kind": "B", "id": "1"}],
    ),
    (Mapping[str, int], {"b": 2, "a": 1}, {"a": 1, "b": 2}),
    (Mapping[Stage, bool], {Stage.OPEN: True}, {"open": True}),
    (dict[date, int], {date(2026, 1, 1): 1}, {"2026-01-01": 1}),
    (
        Measured[Money],
        Measured(Money(5, "EUR"), n=3, coverage=Decimal("0.5")),
        {"value": {"amount": "5", "currency": "EUR"}, "flag": None, "n": 3, "coverage": "0.5", "metric": ""},
    ),
    (Flat | Rated, Flat(Money(1, "EUR")), {"type": "Flat", "off": {"amount": "1", "currency": "EUR"}}),
    (Flat | Rated, Rated(Percent(5)), {"type": "Rated", "off": {"percent": "5"}, "cap": None}),
    (Money | Percent, Money(1, "EUR"), {"amount": "1", "currency": "EUR"}),
    (Money | Percent, Percent(1), {"percent": "1"}),
    (str | tuple[str, ...], ("a",), ["a"]),
    (int | float, 2.5, 2.5),
    (Stage | Decimal, Decimal(2), {"number": "2"}),
    (time | timedelta, time(9), {"time": "09:00:00"}),
    (time | timedelta, timedelta(seconds=9), {"duration": "PT9S"}),
    (Value, True, True),
    (Value, "12.5", "12.5"),
    (Value, Decimal("12.5"), {"number": "12.5"}),
    (Value, Percent(10), {"percent": "10"}),
    (Value, Money("1.5", "EUR"), {"amount": "1.5", "currency": "EUR"}),
    (Value, date(2026, 1, 1), {"date": "2026-01-01"}),
    (Value, datetime(2026, 1, 1, tzinfo=UTC), {"instant": "2026-01-01T00:00:00+00:00"}),
    (Value, frozenset({"b", "a"}), {"set": ["a", "b"]}),
    (Value, frozenset({Decimal(2), "a"}), {"set": ["a", {"number": "2"}]}),
    (object, date(2026, 1, 1), {"date": "2026-01-01"}),
    (Any, None, None),
]


@pytest.mark.parametrize(("kind", "value", "form"), FORMS)
def test_a_value_has_one_form_and_comes_back_from_it(kind: Any, value: object, form: object) -> None:
    made: Holder[Any] = CODEC.from_dict(Holder[kind], {"value": form})
    assert made == Holder(value)
    assert type(made.value) is type(value)
    field = attrs.make_class("Given", {"value": attrs.field(type=kind)}, frozen=True)
    assert CODEC.to_dict(field(value)) == {"value": form}


@given(codec_samples.changes)
def test_every_document_comes_back_as_the_same_object(change: DealChanged) -> None:
    text = CODEC.to_json(change)
    assert CODEC.read_json(text) == change
    assert CODEC.read(json.loads(text)) == change
    assert CODEC.from_json(DealChanged, text.encode()) == change


@given(codec_samples.deals)
def test_what_was_read_is_written_again_to_the_byte(deal: Deal) -> None:
    text = CODEC.to_json(deal)
    assert CODEC.to_json(CODEC.from_json(Deal, text)) == text


def test_equal_sets_and_mappings_give_equal_text() -> None:
    one = Holder(Actor("a", ["x", "y", "z"]))
    other = Holder(Actor("a", ["z", "y", "x"]))
    kind = attrs.make_class(
        "Given", {"value": attrs.field(type=Holder[Actor]), "by": attrs.field(type=dict[str, int])}
    )
    assert CODEC.to_json(kind(one, {"a": 1, "b": 2})) == CODEC.to_json(kind(other, {"b": 2, "a": 1}))


def test_text_is_compact_and_not_escaped() -> None:
    assert CODEC.to_json(Ref("Lead", "苏州")) == '{"kind":"Lead","id":"苏州"}'


def test_an_entity_says_its_class_and_version() -> None:
    document = CODEC.to_dict(Contact(id="c-1", name="Ada"))
    assert document == {
        "type": "Contact",
        "schema_version": 1,
        "id": "c-1",
        "tenant": "",
        "version": 0,
        "name": "Ada",
        "born": None,
    }


def test_fields_with_a_default_may_be_left_out() -> None:
    assert CODEC.from_dict(Contact, {"id": "c-1", "name": "Ada"}) == Contact(id="c-1", name="Ada")


def test_an_offset_of_seconds_is_written_in_utc() -> None:
    local_mean_time = datetime(1890, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai"))  # UTC+8:05:43
    (written,) = CODEC.to_dict(_Given(local_mean_time)).values()
    assert written == "1889-12-31T15:54:17+00:00"


@attrs.frozen
class _Given:
    at: datetime


def test_toml_dates_times_and_decimals_are_read_as_they_are() -> None:
    at = datetime(2026, 1, 1, 9, tzinfo=UTC)
    assert CODEC.from_dict(Holder[datetime], {"value": at}).value == at
    assert CODEC.from_dict(Holder[Value], {"value": at}).value == at
    assert CODEC.from_dict(Holder[Value], {"value": Decimal("1.5")}).value == Decimal("1.5")
    assert CODEC.from_dict(Holder[Value], {"value": 1500}).value == Decimal(1500)
    assert CODEC.from_dict(Holder[date], {"value": date(2026, 1, 1)}).value == date(2026, 1, 1)
    assert CODEC.from_dict(Holder[time], {"value": time(9)}).value == time(9)
    assert faults_of(Holder[datetime], {"value": datetime(2026, 1, 1)}) == {("value", "naive_instant")}  # noqa: DTZ001


def test_an_int_stands_for_its_decimal_among_the_values_of_formulas() -> None:
    assert CODEC.to_dict(_Open(3)) == {"value": {"number": "3"}}
    made = CODEC.from_dict(_Open, {"value": {"number": "3"}})
    assert made.value == Decimal(3)
    assert isinstance(made.value, Decimal)


@attrs.frozen
class _Open:
    value: Value | int | None


def test_the_constructor_names_are_the_keys() -> None:
    private = attrs.make_class("Private", {"_secret": attrs.field(type=int)}, frozen=True)
    assert CODEC.to_dict(private(1)) == {"secret": 1}
    assert CODEC.from_dict(private, {"secret": 1}) == private(1)


# --- what is refused -------------------------------------------------------------------------------------------

WRONG: list[tuple[Any, object, str]] = [
    (str, 5, "wrong_type"),
    (str, None, "wrong_type"),
    (str, "\ud800", "not_text"),
    (bool, 1, "wrong_type"),
    (bool, "true", "wrong_type"),
    (int, True, "wrong_type"),
    (int, 1.0, "wrong_type"),
    (int, "1", "wrong_type"),
    (int, 2**63, "out_of_range"),
    (float, True, "wrong_type"),
    (float, "1", "wrong_type"),
    (float, float("nan"), "not_a_number"),
    (float, 10**400, "out_of_range"),
    (Decimal, 1.5, "float_refused"),
    (Decimal, float("nan"), "float_refused"),
    (Decimal, True, "wrong_type"),
    (Decimal, None, "wrong_type"),
    (Decimal, [], "wrong_type"),
    (Decimal, "NaN", "not_a_number"),
    (Decimal, "Infinity", "not_a_number"),
    (Decimal, "1e5", "not_a_number"),
    (Decimal, "1,000", "not_a_number"),
    (Decimal, "١٢", "not_a_number"),
    (Decimal, "9" * 35, "not_a_number"),
    (Decimal, 10**4000, "not_a_number"),
    (Decimal, Decimal("NaN"), "not_a_number"),
    (Percent, "10%", "wrong_type"),
    (Percent, {"percent": "10", "of": "x"}, "unknown_key"),
    (Percent, {"points": "10"}, "missing"),
    (date, "2026-02-30", "not_a_date"),
    (date, "20260131", "not_a_date"),
    (date, "2026-01-31T00:00:00Z", "not_a_date"),
    (date, datetime(2026, 1, 1, tzinfo=UTC), "wrong_type"),
    (datetime, "2026-01-31T09:00:00", "not_an_instant"),
    (datetime, "2026-01-31 09:00:00Z", "not_an_instant"),
    (datetime, "2026-01-31T25:00:00Z", "not_an_instant"),
    (datetime, "2026-02-31T09:00:00Z", "not_an_instant"),
    (datetime, 1_700_000_000, "wrong_type"),
    (time, "9:30", "not_a_time"),
    (time, 930, "wrong_type"),
    (timedelta, "P1D", "not_a_duration"),
    (timedelta, 60, "wrong_type"),
    (timedelta, "PT99999999999999S", "out_of_range"),
    (Stage, "wno", "not_allowed"),
    (Stage, ["won"], "wrong_type"),
    (Priority, True, "wrong_type"),
    (Literal[1], True, "wrong_type"),
    (tuple[str, ...], "abc", "wrong_type"),
    (tuple[str, int], ["a"], "wrong_type"),
    (frozenset[str], ["a", "a"], "duplicate_item"),
    (Mapping[str, int], [], "wrong_type"),
    (Ref, "Lead:1", "wrong_type"),
    (Flat | Rated, 5, "wrong_type"),
    (Value, None, "wrong_type"),
    (Value, ["a"], "wrong_type"),
    (Value, 1.5, "float_refused"),
    (Value, {"percent": "1", "number": "1"}, "unknown_key"),
    (Value, {}, "wrong_type"),
]


@pytest.mark.parametrize(("kind", "data", "code"), WRONG)
def test_a_value_of_another_form_is_refused(kind: Any, data: object, code: str) -> None:
    assert faults_of(Holder[kind], {"value": data}) == {("value", code)}


def test_all_problems_of_a_document_are_told_at_once_with_their_paths() -> None:
    document = {
        "type": "Deal",
        "schema_version": 3,
        "id": 7,
        "stage": "wun",
        "amount": {"amount": 9.99, "currency": "EUR"},
        "probability": {"percent": "x"},
        "created": "2026-01-01",
        "items": [
            {"sku": "a", "quantity": "1", "price": {"amount": "1", "currency": "EUR"}},
            {"sku": "b", "quantity": True, "price": {"amount": "1"}, "qauntity": "1"},
            5,
        ],
        "split": ["a", "b"],
        "limits": {"won": "x", "lost": "1"},
        "custom": {"ok": "x", "not an identifier": {"date": "2026-13-01"}},
        "tree": {"name": "root", "children": [{"name": "leaf", "children": [{"nmae": "x"}]}]},
    }
    assert faults_of(Deal, document) == {
        ("id", "wrong_type"),
        ("stage", "not_allowed"),
        ("amount.amount", "float_refused"),
        ("probability.percent", "not_a_number"),
        ("weight", "missing"),
        ("created", "not_an_instant"),
        ("items[1].qauntity", "unknown_key"),
        ("items[1].quantity", "wrong_type"),
        ("items[1].price.currency", "missing"),
        ("items[2]", "wrong_type"),
        ("split[1]", "wrong_type"),
        ("limits.won", "not_a_number"),
        ("limits.lost", "not_allowed"),
        ("custom['not an identifier'].date", "not_a_date"),
        ("tree.children[0].children[0].nmae", "unknown_key"),
        ("tree.children[0].children[0].name", "missing"),
    }


def test_an_unknown_key_and_an_unknown_choice_name_the_nearest_known_one() -> None:
    (unknown, missing) = problems_of(Ref, {"kind": "Lead", "idd": 5})
    assert (unknown.found, unknown.hint) == ("5", "did you mean 'id'?")
    assert (missing.path, missing.found, missing.wanted) == ("id", None, "a text")
    (choice,) = problems_of(Holder[Stage], {"value": "opne"})
    assert choice.hint == "did you mean 'open'?"


@pytest.mark.parametrize(
    ("data", "path", "code"),
    [
        ({"off": {"percent": "1"}}, "value.type", "missing"),
        ({"type": "Rate", "off": {"percent": "1"}}, "value.type", "not_allowed"),
        ({"type": ["Rated"]}, "value.type", "wrong_type"),
        ({"type": "Rated"}, "value.off", "missing"),
        ({"type": "Rated", "off": {"percent": "1"}, "more": 1}, "value.more", "unknown_key"),
    ],
)
def test_a_tagged_union_is_refused_by_the_fault_of_its_tag_or_arm(
    data: dict[str, object], path: str, code: str
) -> None:
    assert faults_of(Holder[Flat | Rated], {"value": data}) == {(path, code)}


def _stripped(text: str) -> str:
    return text.strip()


@attrs.frozen
class Guarded:
    low: int = attrs.field(validator=attrs.validators.ge(0))
    high: int = attrs.field(validator=[attrs.validators.ge(0), attrs.validators.le(9)])
    name: str = attrs.field(default="x", converter=_stripped, validator=attrs.validators.min_len(1))

    def __attrs_post_init__(self) -> None:
        if self.high < self.low:
            raise ValueError("high is below low")


def test_what_validators_refuse_is_told_at_each_field() -> None:
    assert faults_of(Holder[Guarded], {"value": {"low": -1, "high": 10, "name": " "}}) == {
        ("value.low", "invalid_value"),
        ("value.high", "invalid_value"),
        ("value.name", "invalid_value"),
    }


def test_what_an_object_refuses_as_a_whole_is_told_at_the_object() -> None:
    (problem,) = problems_of(Holder[Guarded], {"value": {"low": 5, "high": 3}})
    assert (problem.path, problem.code, problem.hint) == ("value", "invalid_value", "high is below low")
    (problem,) = problems_of(Guarded, {"low": 5, "high": 3})
    assert problem.path == "the document"


def test_what_a_converter_refuses_keeps_the_code_of_its_error() -> None:
    assert faults_of(Holder[Money], {"value": {"amount": "1", "currency": "EURO"}}) == {
        ("value.currency", "unknown_currency")
    }


@attrs.frozen
class Broken:
    value: int

    def __attrs_post_init__(self) -> None:
        raise RuntimeError("a bug")


def test_a_bug_in_a_class_is_not_taken_for_a_fault_of_the_document() -> None:
    with pytest.raises(RuntimeError, match="a bug"):
        CODEC.from_dict(Broken, {"value": 1})


# --- hostile text ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "path", "code"),
    [
        ("", "line 1 column 1", "not_json"),
        ('{"value": a}', "line 1 column 11", "not_json"),
        ('{"value": "a"} x', "line 1 column 16", "not_json"),
        ('{"value":\n "\t"}', "line 2 column 3", "not_json"),
        ("\ufeff{}", "line 1 column 1", "not_json"),
        (b'{"value": "\xff"}', "the document", "encoding"),
        ("[" * 100_000, "the document", "too_deep"),
        ('{"value":' * 100_000, "the document", "too_deep"),
        ('{"value": ' + "[" * 70 + "]" * 70 + "}", "the document", "too_deep"),
        ("[]", "the document", "wrong_type"),
        ("null", "the document", "wrong_type"),
        ('{"value": "\\ud800"}', "value", "not_text"),
        ('{"value": 1.5}', "value", "wrong_type"),
        ('{"value": NaN}', "value", "wrong_type"),
        ('{"value": "a", "value": "b"}', "value", "duplicate_key"),
    ],
)
def test_hostile_text_is_refused_at_its_place(text: str | bytes, path: str, code: str) -> None:
    assert fault_of_text(text) == (path, code)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("0.1", "float_refused"),
        ("1e3", "float_refused"),
        ("1E400", "float_refused"),
        ("NaN", "not_a_number"),
        ("-Infinity", "not_a_number"),
        ("9" * 100_000, "float_refused"),
    ],
)
def test_json_numbers_never_become_floats_on_their_way_to_a_decimal(number: str, code: str) -> None:
    for kind in (Holder[Decimal], Holder[Value]):
        assert fault_of_text(f'{{"value": {number}}}', kind) == ("value", code)


def test_the_digits_of_a_refused_number_are_shown() -> None:
    with pytest.raises(InvalidInput, match=r"found 0\.10, wanted .*; put the digits in quotes"):
        CODEC.from_json(Holder[Decimal], '{"value": 0.10}')


@pytest.mark.parametrize(
    ("number", "code"), [("1e999", "not_a_number"), ("NaN", "not_a_number"), ("true", "wrong_type")]
)
def test_a_float_field_takes_only_finite_numbers(number: str, code: str) -> None:
    assert CODEC.from_json(Holder[float], '{"value": 2.5e-3}').value == 0.0025
    assert CODEC.from_json(Holder[float], '{"value": 3}').value == 3.0
    assert fault_of_text(f'{{"value": {number}}}', Holder[float]) == ("value", code)


def test_a_float_of_endless_digits_is_refused_unread() -> None:
    assert fault_of_text('{"value": 0.' + "1" * 5_000_000 + "}", Holder[float]) == ("value", "not_a_number")


def test_a_whole_number_of_many_digits_is_out_of_range() -> None:
    assert fault_of_text('{"value": ' + "1" * 1_000_000 + "}", Holder[int]) == ("value", "out_of_range")


def test_every_repeated_key_is_told_with_the_other_problems() -> None:
    text = (
        '{"value": [{"kind": "a", "kind": "b", "id": 1}, {"id": "x", "id": "y", "kind": "k"}], "value": []}'
    )
    with pytest.raises(InvalidInput) as caught:
        CODEC.from_json(Holder[tuple[Ref, ...]], text)
    assert {(problem.path, problem.code) for problem in caught.value.problems} == {("value", "duplicate_key")}
    text = '{"value": [{"kind": "a", "kind": "b", "id": 1}, {"id": "x", "id": "y", "kind": "k"}]}'
    with pytest.raises(InvalidInput) as caught:
        CODEC.from_json(Holder[tuple[Ref, ...]], text)
    assert {(problem.path, problem.code) for problem in caught.value.problems} == {
        ("value[0].kind", "duplicate_key"),
        ("value[0].id", "wrong_type"),
        ("value[1].id", "duplicate_key"),
    }


def test_text_longer_than_the_limit_is_refused_unread() -> None:
    small = Codec(max_size=20)
    with pytest.raises(InvalidInput) as caught:
        small.from_json(Holder[str], '{"value": "' + "x" * 20)
    assert caught.value.problems[0].code == "too_large"


def test_problems_are_listed_up_to_a_bound() -> None:
    found = problems_of(Holder[tuple[int, ...]], {"value": ["x"] * 100_000})
    assert len(found) == 1_000
    found = problems_of(Ref, {f"key{number}": 1 for number in range(100_000)})
    assert len(found) <= 1_002


def test_huge_keys_and_values_are_shortened_in_messages() -> None:
    error = InvalidInput("x", problems_of(Ref, {"k" * 1_000_000: "v" * 1_000_000, "kind": "y" * 1_000_000}))
    assert len(str(error)) < 1_000


def test_a_recursive_value_is_read_to_any_honest_depth_and_refused_beyond() -> None:
    tree: dict[str, object] = {"name": "leaf"}
    for _ in range(30):
        tree = {"name": "x", "children": [tree]}
    depth, node = 0, CODEC.from_dict(Node, tree)
    while node.children:
        depth, node = depth + 1, node.children[0]
    assert depth == 30
    for _ in range(100_000):
        tree = {"name": "x", "children": [tree]}
    assert faults_of(Node, tree) == {("the document", "too_deep")}
    while tree:  # taken apart by hand, for the interpreter would recurse
        (tree,) = tree.pop("children", [{}])  # type: ignore[misc]


_JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(_JUNK)
def test_junk_is_refused_with_problems_and_nothing_else(junk: object) -> None:
    for read in (CODEC.read, lambda data: CODEC.from_dict(Deal, data)):
        with pytest.raises(InvalidInput):
            read(junk)


@given(st.text() | st.binary())
def test_junk_text_is_refused_with_problems_and_nothing_else(junk: str | bytes) -> None:
    with pytest.raises(InvalidInput):
        CODEC.read_json(junk)


@given(codec_samples.changes, st.data())
def test_junk_anywhere_in_a_document_is_found_where_it_stands_or_is_honestly_read(
    change: DealChanged, data: st.DataObject
) -> None:
    document = json.loads(CODEC.to_json(change))
    node, path = document, ""
    while node and isinstance(node, dict | list):
        key = data.draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
        path = f"{path}[{key}]" if isinstance(node, list) else f"{path}.{key}"
        if data.draw(st.booleans()) or not isinstance(node[key], dict | list):
            node[key] = data.draw(_JUNK)
            break
        node = node[key]
    try:
        CODEC.from_dict(DealChanged, document)
    except InvalidInput as error:
        problems = error.problems
    else:
        problems = ()
    start = path.lstrip(".").split(".")[0].split("[")[0]
    assert all(problem.path.startswith(start) for problem in problems)


# --- documents by their type and version -----------------------------------------------------------------------


def test_a_document_is_read_as_the_class_it_names() -> None:
    assert CODEC.read({"type": "Contact", "id": "c", "name": "Ada"}) == Contact(id="c", name="Ada")
    assert set(CODEC.kinds) == {"Deal", "DealChanged", "Contact"}


@pytest.mark.parametrize(
    ("document", "path", "code"),
    [
        ([], "the document", "wrong_type"),
        ({"id": "c"}, "type", "missing"),
        ({"type": "Contcat"}, "type", "unknown_type"),
        ({"type": {}}, "type", "unknown_type"),
        (
            {"type": "Contact", "id": "c", "name": "x", "schema_version": 2},
            "schema_version",
            "unknown_version",
        ),
        (
            {"type": "Contact", "id": "c", "name": "x", "schema_version": 0},
            "schema_version",
            "unknown_version",
        ),
        (
            {"type": "Contact", "id": "c", "name": "x", "schema_version": "1"},
            "schema_version",
            "unknown_version",
        ),
        (
            {"type": "Contact", "id": "c", "name": "x", "schema_version": True},
            "schema_version",
            "unknown_version",
        ),
        ({"type": "Deal", "id": "d", "schema_version": 2}, "schema_version", "missing_upcaster"),
        ({"type": "Deal", "id": "d"}, "schema_version", "missing_upcaster"),
    ],
)
def test_a_document_without_a_known_type_and_version_is_refused(
    document: object, path: str, code: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        CODEC.read(document)
    assert [(problem.path, problem.code) for problem in caught.value.problems] == [(path, code)]


def test_a_document_of_another_class_is_refused() -> None:
    assert faults_of(Contact, {"type": "Deal", "id": "c", "name": "x"}) == {("type", "wrong_type")}


@attrs.frozen(kw_only=True)
class Parcel(Entity):
    schema_version = 3

    grams: int
    to: str


@attrs.frozen(kw_only=True)
class Sent(Event):
    before: Parcel


def name_the_place(document: dict[str, Any]) -> dict[str, Any]:
    document["to"] = document.pop("address")["city"]
    return document


def weigh_in_grams(document: dict[str, Any]) -> dict[str, Any]:
    kilograms = document.pop("kilograms")
    return {**document, "grams": int(kilograms) * 1000}


STEPS = (Upcaster("Parcel", 1, name_the_place), Upcaster("Parcel", 2, weigh_in_grams))
OLD = {"type": "Parcel", "id": "p", "kilograms": "2", "address": {"city": "Suzhou"}}


def test_old_documents_are_lifted_step_by_step() -> None:
    codec = Codec([Parcel], upcasters=reversed(STEPS))
    wanted = Parcel(id="p", grams=2000, to="Suzhou")
    assert codec.read(OLD) == wanted
    second = {"type": "Parcel", "schema_version": 2, "id": "p", "kilograms": "2", "to": "Suzhou"}
    assert codec.from_dict(Parcel, second) == wanted
    assert codec.read(codec.to_dict(wanted)) == wanted


def test_an_upcaster_changes_a_copy_of_its_own() -> None:
    before = json.dumps(OLD)
    Codec([Parcel], upcasters=STEPS).read(OLD)
    assert json.dumps(OLD) == before


def test_a_before_image_inside_an_event_is_lifted_too() -> None:
    codec = Codec([Sent, Parcel], upcasters=STEPS)
    event = {"type": "Sent", "at": "2026-01-01T00:00:00Z", "by": {"id": "x"}, "subjects": [], "before": OLD}
    assert codec.read(event).before == Parcel(id="p", grams=2000, to="Suzhou")


def test_a_document_that_an_upcaster_cannot_lift_is_refused() -> None:
    codec = Codec([Parcel], upcasters=STEPS)
    assert faults_of(Parcel, {"id": "p"}, codec) == {("the document", "upcast_failed")}
    nothing = Codec([Parcel], upcasters=[STEPS[0], Upcaster("Parcel", 2, lambda _: None)])  # type: ignore[arg-type, return-value]
    assert faults_of(Parcel, OLD, nothing) == {("the document", "upcast_failed")}


@pytest.mark.parametrize(
    "upcasters",
    [
        STEPS[:1],
        [Upcaster("Parcel", 0, weigh_in_grams), *STEPS],
        [*STEPS, Upcaster("Parcel", 3, weigh_in_grams)],
        [*STEPS, STEPS[0]],
        [Upcaster("Parcle", 1, name_the_place)],
    ],
)
def test_upcasters_that_are_no_chain_are_refused_when_the_codec_is_made(upcasters: list[Upcaster]) -> None:
    with pytest.raises(WrongUpcasters):
        Codec([Parcel], upcasters=upcasters)


def test_a_chain_may_start_later_and_says_so_for_older_documents() -> None:
    codec = Codec([Parcel], upcasters=STEPS[1:])
    assert faults_of(Parcel, OLD, codec) == {("schema_version", "missing_upcaster")}


def test_two_kinds_of_one_name_are_refused() -> None:
    other = attrs.make_class("Contact", {}, bases=(Entity,), frozen=True, kw_only=True)
    with pytest.raises(DuplicateKind):
        Codec([Contact, other])
    assert list(Codec([Contact, Contact]).kinds) == ["Contact"]


# --- what cannot be written ------------------------------------------------------------------------------------


def test_a_value_of_another_type_than_declared_is_not_written() -> None:
    line = Item(sku=Sku("a"), quantity=Decimal(1), price=Money(1, "EUR"))
    wrong = attrs.evolve(line, price=Percent(1), discount=Holder(1))  # type: ignore[arg-type]
    kind = attrs.make_class("Basket", {"lines": attrs.field(type=tuple[Item, ...])}, frozen=True)
    with pytest.raises(NotEncodable) as caught:
        CODEC.to_json(kind((line, wrong)))
    assert [problem.path for problem in caught.value.problems] == ["lines[1].price", "lines[1].discount"]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (str, None),
        (str, "\udfff"),
        (int, Decimal(1)),
        (int, 2**64),
        (bool, 1),
        (float, float("inf")),
        (float, "1"),
        (Decimal, 1.5),
        (Decimal, "1"),
        (Decimal, Decimal("NaN")),
        (Decimal, Decimal(1) / Decimal(3) * Decimal("1E+900")),
        (Percent, Decimal(1)),
        (date, datetime(2026, 1, 1, tzinfo=UTC)),
        (date, "2026-01-01"),
        (datetime, datetime(2026, 1, 1)),  # noqa: DTZ001
        (datetime, date(2026, 1, 1)),
        (time, time(9, tzinfo=UTC)),
        (timedelta, 60),
        (Stage, "won"),
        (Literal["a"], "b"),
        (tuple[str, ...], "abc"),
        (tuple[str, int], ("a",)),
        (tuple[str, int], ("a", "b")),
        (frozenset[str], ["a"]),
        (frozenset[str], frozenset({1})),
        (Mapping[str, int], [("a", 1)]),
        (Mapping[str, int], {"a": "b"}),
        (Mapping[str, int], {1: 1}),
        (str | None, 5),
        (Value, None),
        (Value, frozenset({None})),
        (Value, datetime(2026, 1, 1)),  # noqa: DTZ001
        (object, Ref("a", "b")),
    ],
)
def test_what_could_not_be_read_again_is_not_written(kind: Any, value: object) -> None:
    holder = attrs.make_class("Given", {"value": attrs.field(type=kind)}, frozen=True)
    with pytest.raises(NotEncodable) as caught:
        CODEC.to_dict(holder(value))
    assert all(problem.path.startswith("value") for problem in caught.value.problems)


@attrs.frozen
class Sub(Flat):
    extra: int = 0


def test_a_subclass_is_not_written_as_its_base() -> None:
    with pytest.raises(NotEncodable):
        CODEC.to_dict(Rated(Percent(1), Sub(Money(1, "EUR"))))  # type: ignore[arg-type]
    kind = attrs.make_class("Given", {"value": attrs.field(type=Flat)}, frozen=True)
    with pytest.raises(NotEncodable):
        CODEC.to_dict(kind(Sub(Money(1, "EUR"), 5)))


def test_a_text_enumeration_in_a_text_field_is_written_as_plain_text() -> None:
    written = CODEC.to_dict(Contact(id="c", name=Stage.WON))["name"]
    assert (written, type(written)) == ("won", str)


class Weird(Enum):
    A = (1, 2)


class Bits(Flag):
    A = 1


class Plain:
    pass


@pytest.mark.parametrize(
    "kind",
    [
        Plain,
        bytes,
        complex,
        tuple,
        dict,
        Weird,
        Bits,
        dict[int, str],
        dict[Priority, str],
        str | Stage,
        Decimal | float,
        tuple[str, ...] | list[int],
        dict[str, int] | str,
        type[Flat],
    ],
)
def test_a_type_without_a_form_is_refused_when_the_codec_is_made(kind: Any) -> None:
    entity = attrs.make_class(
        "Thing", {"x": attrs.field(type=kind)}, bases=(Entity,), frozen=True, kw_only=True
    )
    with pytest.raises(UnsupportedType, match=r"Thing\.x has the type"):
        Codec([entity])


@attrs.frozen
class Hidden:
    ratio: Fraction


@attrs.frozen(kw_only=True)
class Clashing(Entity):
    type: str


def test_unresolved_undeclared_and_clashing_fields_are_refused() -> None:
    with pytest.raises(UnsupportedType, match="Fraction"):
        CODEC.schema(Hidden)
    with pytest.raises(UnsupportedType, match="not declared"):
        CODEC.schema(attrs.make_class("Bare", ["x"]))
    with pytest.raises(UnsupportedType, match="for themselves"):
        Codec([Clashing])


def test_a_refused_type_leaves_the_codec_as_it_was() -> None:
    codec = Codec()
    for _ in range(2):
        with pytest.raises(UnsupportedType):
            codec.schema(Holder[bytes])
    assert codec.from_dict(Holder[int], {"value": 1}) == Holder(1)


# --- generic classes -------------------------------------------------------------------------------------------


@attrs.frozen
class Pair(Generic[T]):
    left: Holder[T]
    rest: tuple[T, ...] = ()
    maybe: T | None = None


@attrs.frozen
class DatedPair(Pair[date]):
    note: str = ""


def test_generic_classes_are_read_with_what_stands_for_their_variables() -> None:
    data = {"left": {"value": "2026-01-01"}, "rest": ["2026-01-02"], "maybe": "2026-01-03"}
    wanted = (Holder(date(2026, 1, 1)), (date(2026, 1, 2),), date(2026, 1, 3))
    assert CODEC.from_dict(Pair[date], data) == Pair(*wanted)
    assert CODEC.from_dict(DatedPair, data) == DatedPair(*wanted)
    assert CODEC.to_dict(DatedPair(*wanted)) == {**data, "note": ""}


def test_a_generic_class_by_itself_holds_open_values() -> None:
    assert CODEC.to_dict(Holder(Money(1, "EUR"))) == {"value": {"amount": "1", "currency": "EUR"}}
    assert CODEC.to_dict(Holder(date(2026, 1, 1))) == {"value": {"date": "2026-01-01"}}
    assert CODEC.from_dict(Holder, {"value": {"date": "2026-01-01"}}) == Holder(date(2026, 1, 1))


# --- the codec itself ------------------------------------------------------------------------------------------


def test_a_codec_is_pickled_by_its_arguments() -> None:
    codec = pickle.loads(pickle.dumps(Codec([Parcel], upcasters=STEPS, max_size=200)))
    assert codec.read(OLD) == Parcel(id="p", grams=2000, to="Suzhou")
    with pytest.raises(InvalidInput):
        codec.read_json("x" * 201)


def test_a_codec_is_shared_by_threads_from_its_first_use() -> None:
    deal = Deal(
        id="d",
        stage=Stage.OPEN,
        amount=Money(1, "EUR"),
        probability=Percent(1),
        weight=Decimal(1),
        created=datetime(2026, 1, 1, tzinfo=UTC),
        account=AccountId("a"),
    )
    text = CODEC.to_json(deal)
    for _ in range(5):
        codec = Codec()
        with ThreadPoolExecutor(8) as pool:
            made = list(pool.map(lambda _, codec=codec: codec.from_json(Deal, text), range(16)))
        assert made == [deal] * 16


def test_the_ambient_decimal_context_does_not_matter() -> None:
    import decimal

    with decimal.localcontext(prec=3):
        assert CODEC.to_dict(_Amount(Decimal("12345.678901"))) == {"amount": "12345.678901"}
        assert CODEC.from_dict(_Amount, {"amount": "12345.678901"}).amount == Decimal("12345.678901")


@attrs.frozen
class _Amount:
    amount: Decimal


def test_an_upcaster_that_meets_another_type_refuses_the_document() -> None:
    lift = Upcaster("Parcel", 1, lambda old: {**old, "name": old["name"].strip()})
    codec = Codec([Parcel], upcasters=[lift, STEPS[1]])
    assert faults_of(Parcel, {"id": "p", "name": 5}, codec) == {("the document", "upcast_failed")}


def test_an_instant_that_has_no_place_in_utc_is_not_written() -> None:
    local_mean_time = timezone(timedelta(hours=8, minutes=5, seconds=43))
    event = Event(at=datetime(1, 1, 1, tzinfo=local_mean_time), by=Actor("a"), subjects=())
    with pytest.raises(NotEncodable, match="at: "):
        Codec().to_dict(event)


def test_a_class_that_is_not_declared_with_attrs_is_refused_before_its_fields_are_lost() -> None:
    class Bare(Entity):
        colour: str = "red"

    with pytest.raises(UnsupportedType, match="its own fields would be lost"):
        Codec([Bare])
