"""A frozen mapping is a value: it cannot be changed, and is equal, hashed, copied and stored by its items."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Mapping

import attrs
import pytest

from salesmgmt.core.codec import Codec
from salesmgmt.core.frozen_map import FrozenMap


def _frozen(given: Mapping[str, str]) -> Mapping[str, str]:
    return FrozenMap(given)


@attrs.frozen
class Holder:
    chosen: Mapping[str, str] = attrs.field(converter=_frozen)


def test_it_does_not_follow_the_mapping_that_it_was_made_of() -> None:
    given = {"frame": "carbon"}
    held = FrozenMap(given)

    given["frame"] = "steel"

    assert dict(held) == {"frame": "carbon"}


@pytest.mark.parametrize("name", ["__setitem__", "__delitem__", "update", "pop", "clear", "setdefault"])
def test_nothing_changes_it(name: str) -> None:
    assert not hasattr(FrozenMap({}), name)


def test_it_is_equal_to_every_mapping_of_equal_items_and_hashed_by_them() -> None:
    one, other = FrozenMap({"a": 1, "b": 2}), FrozenMap({"b": 2, "a": 1})

    assert one == other == {"a": 1, "b": 2}
    assert {"a": 1, "b": 2} == one != {"a": 1}
    assert len({one, other, FrozenMap({"a": 1})}) == 2
    with pytest.raises(TypeError):
        hash(FrozenMap({"a": []}))


def test_it_is_copied_and_pickled() -> None:
    held = FrozenMap({"a": (1, 2)})

    for again in (copy.copy(held), copy.deepcopy(held), pickle.loads(pickle.dumps(held))):
        assert again == held
        assert type(again) is FrozenMap
    assert repr(held) == "FrozenMap({'a': (1, 2)})"


def test_an_object_that_holds_one_goes_through_the_codec() -> None:
    held = Holder({"b": "2", "a": "1"})
    codec = Codec()

    assert codec.to_json(held) == '{"chosen":{"a":"1","b":"2"}}'
    again = codec.from_json(Holder, codec.to_json(held))
    assert again == held
    assert hash(again) == hash(held)
    assert attrs.evolve(held, chosen={}) == Holder({})
