"""A mapping that nobody can change: what a frozen value holds in place of a dict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class FrozenMap(Mapping[K, V]):
    """A copy of a mapping that can only be read; equal to every mapping of equal items, pickled and copied as any value.

    Its keys and values are taken as they are; it has a hash when its values have one.

    Args:
        items: what it is to hold.

    >>> from salesmgmt.core.frozen_map import FrozenMap
    >>> chosen = FrozenMap({"frame": "carbon"})
    >>> chosen["frame"], chosen == {"frame": "carbon"}
    ('carbon', True)
    >>> chosen["frame"] = "steel"
    Traceback (most recent call last):
    TypeError: 'FrozenMap' object does not support item assignment
    """

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[K, V]) -> None:
        self._items = dict(items)

    def __getitem__(self, key: K) -> V:
        return self._items[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._items!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._items,)
