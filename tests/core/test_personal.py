"""Forgetting: whose a personal field is, and what stays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import attrs
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import Entity, Ref, personal
from salesmgmt.core.events import Event
from salesmgmt.core.money import Money
from salesmgmt.core.personal import blanked, concerns

AT = datetime(2026, 1, 1, tzinfo=UTC)
BY = Actor("li.wei")


@attrs.frozen
class Address:
    city: str
    street: str = personal(blank="")
    residents: tuple[Person, ...] = ()


@attrs.frozen(kw_only=True)
class Person(Entity):
    name: str = personal(blank="")
    age: int | None = personal(blank=None, default=None)
    spent: Money = attrs.field(default=Money(0, "EUR"))
    home: Address | None = None
    others: Mapping[str, Any] = attrs.field(factory=dict, hash=False)
    friends: frozenset[Person] = frozenset()


@attrs.frozen(kw_only=True)
class Met(Event):
    before: Person | None = None
    people: tuple[Person, ...] = ()
    note: str = personal(blank="", default="")


ADA = Person(id="ada", name="Ada", age=36, spent=Money(5, "EUR"), home=Address("London", "St James's Square"))
BOB = Person(id="bob", name="Bob", age=40)
REF_ADA, REF_BOB = frozenset({ADA.ref}), frozenset({BOB.ref})


def test_an_entity_loses_its_personal_fields_and_keeps_the_rest() -> None:
    assert blanked(ADA, REF_ADA) == Person(
        id="ada", spent=Money(5, "EUR"), name="", home=Address("London", "")
    )


def test_another_entity_is_left_as_the_same_object() -> None:
    assert blanked(ADA, REF_BOB) is ADA
    assert blanked(ADA, frozenset()) is ADA


def test_the_reference_includes_the_class() -> None:
    assert blanked(ADA, frozenset({Ref("Contact", "ada")})) is ADA


def test_what_is_blank_already_is_left_as_the_same_object() -> None:
    once = blanked(ADA, REF_ADA)
    assert blanked(once, REF_ADA) is once


def test_an_event_loses_what_it_says_about_any_of_its_subjects() -> None:
    met = Met(at=AT, by=BY, subjects=(ADA.ref, BOB.ref), note="Ada and Bob")
    assert blanked(met, REF_BOB) == Met(at=AT, by=BY, subjects=(ADA.ref, BOB.ref), note="")


def test_entities_inside_an_event_belong_to_themselves() -> None:
    met = Met(at=AT, by=BY, subjects=(ADA.ref,), before=ADA, people=(ADA, BOB), note="hello")
    forgotten = blanked(met, REF_BOB)
    assert forgotten.note == "hello"
    assert forgotten.before is ADA
    assert [person.name for person in forgotten.people] == ["Ada", ""]
    forgotten = blanked(met, REF_ADA)
    assert forgotten.note == ""
    assert forgotten.before is not None
    assert (forgotten.before.name, forgotten.before.age) == ("", None)
    assert [person.name for person in forgotten.people] == ["", "Bob"]


def test_a_value_belongs_to_what_contains_it_even_beside_another_entity() -> None:
    home = Address("London", "St James's Square", residents=(BOB,))
    person = attrs.evolve(ADA, home=home)
    assert blanked(person, REF_BOB).home == Address("London", "St James's Square", (blanked(BOB, REF_BOB),))
    assert blanked(person, REF_ADA).home == Address("London", "", (BOB,))


def test_mappings_sets_and_lists_are_walked() -> None:
    holder = Person(
        id="x",
        name="X",
        others={"a": MappingProxyType({"b": [BOB, 5]}), "c": frozenset({BOB}), "d": "text"},
        friends=frozenset({ADA, BOB}),
    )
    blank = blanked(BOB, REF_BOB)
    forgotten = blanked(holder, REF_BOB)
    assert forgotten.others == {"a": {"b": [blank, 5]}, "c": frozenset({blank}), "d": "text"}
    assert isinstance(forgotten.others["a"], MappingProxyType)
    assert forgotten.friends == frozenset({ADA, blank})
    assert blanked({"k": ADA}, REF_BOB) == {"k": ADA}


def test_several_are_forgotten_at_once() -> None:
    assert [person.name for person in blanked((ADA, BOB), REF_ADA | REF_BOB)] == ["", ""]


def test_an_event_concerns_its_subjects_and_the_entities_inside_it() -> None:
    met = Met(at=AT, by=BY, subjects=(ADA.ref,), people=(BOB,))
    assert concerns(met, REF_ADA)
    assert concerns(met, REF_BOB)
    assert not concerns(met, frozenset({Ref("Person", "eve")}))
    assert concerns(ADA, REF_ADA)
    assert not concerns(ADA, REF_BOB)
    assert not concerns(ADA.ref, REF_ADA)
    assert concerns({"a": [attrs.evolve(ADA, others={"x": frozenset({BOB})})]}, REF_BOB)


@given(st.lists(st.sampled_from([ADA, BOB]), max_size=4), st.frozensets(st.sampled_from([ADA.ref, BOB.ref])))
def test_nothing_is_blanked_in_what_does_not_concern_the_subjects(
    people: list[Person], subjects: frozenset[Ref]
) -> None:
    met = Met(
        at=AT, by=BY, subjects=tuple(person.ref for person in people[:1]), people=tuple(people), note="x"
    )
    forgotten = blanked(met, subjects)
    assert (forgotten is met) == (not concerns(met, subjects))
    total = sum((person.spent.amount for person in met.people), start=0)
    assert sum((person.spent.amount for person in forgotten.people), start=0) == total
