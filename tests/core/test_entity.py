"""Entities, references to them, and the mark of personal data."""

from __future__ import annotations

import attrs
import pytest

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import Entity, Ref, personal, personal_fields


@attrs.frozen(kw_only=True)
class Visitor(Entity):
    name: str = personal(blank="", validator=attrs.validators.instance_of(str), metadata={"label": "Name"})
    age: int | None = personal(blank=None, default=None)
    visits: int = 0


@attrs.frozen(kw_only=True)
class Regular(Visitor):
    nickname: str = personal(blank="?", default="")


def test_a_reference_is_the_class_name_and_the_id() -> None:
    assert Regular(id="v-1", name="Ada").ref == Ref("Regular", "v-1")
    assert str(Ref("Regular", "v-1")) == "Regular:v-1"


def test_references_sort_by_class_and_then_id() -> None:
    assert sorted([Ref("B", "1"), Ref("A", "2"), Ref("A", "1")]) == [
        Ref("A", "1"),
        Ref("A", "2"),
        Ref("B", "1"),
    ]


def test_an_entity_starts_without_tenant_at_version_zero_and_shape_one() -> None:
    visitor = Visitor(id="v-1", name="Ada")
    assert (visitor.tenant, visitor.version, visitor.schema_version) == ("", 0, 1)


def test_an_entity_is_frozen_and_takes_keywords_only() -> None:
    visitor = Visitor(id="v-1", name="Ada")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        visitor.name = "Bob"  # type: ignore[misc]
    with pytest.raises(TypeError):
        Visitor("v-1", name="Ada")  # type: ignore[call-arg]


def test_the_shape_of_the_document_is_not_a_field() -> None:
    assert [field.name for field in attrs.fields(Entity)] == ["id", "tenant", "version"]


def test_personal_fields_are_listed_with_their_blanks_inherited_ones_included() -> None:
    assert personal_fields(Entity) == {}
    assert personal_fields(Regular) == {"name": "", "age": None, "nickname": "?"}


def test_a_personal_field_is_otherwise_an_ordinary_one() -> None:
    with pytest.raises(TypeError):
        Visitor(id="v-1", name=5)  # type: ignore[arg-type]
    assert attrs.fields_dict(Visitor)["name"].metadata["label"] == "Name"
    assert Visitor(id="v-1", name="Ada").age is None


def test_an_actor_has_a_role_when_one_of_those_asked_for_is_his() -> None:
    rep = Actor("li.wei", roles={"rep", "trainer"})
    assert rep.has_any({"manager", "rep"})
    assert not rep.has_any({"manager"})
    assert not rep.has_any(set())
    assert not Actor("li.wei").has_any({"rep"})


def test_one_role_may_be_given_as_a_text() -> None:
    assert Actor("li.wei", roles="rep") == Actor("li.wei", roles=["rep"])
    assert Actor("li.wei", roles="rep").has_any("rep")
