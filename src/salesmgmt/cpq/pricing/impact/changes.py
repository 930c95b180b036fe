"""What is added, replaced and removed in one list of a pricing model, by id."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

import attrs

from salesmgmt.core.errors import Problem, shorten
from salesmgmt.core.nearest import nearest

R = TypeVar("R")

_MOST_HINTS = 10
"""Unknown ids of one list for which the nearest known one is looked for."""

_MOST_COMPARED = 250


def _tuple(given: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(given)


def _dict(given: Mapping[str, str]) -> Mapping[str, str]:
    return dict(given)


def id_of(item: Any) -> str:
    """What an item of a pricing model is known by: its id; of a coupon the code, of a percentage of total the product.

    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.cpq.pricing import DiscountRule
    >>> from salesmgmt.cpq.pricing.impact.changes import id_of
    >>> id_of(DiscountRule(id="vip-5", percent=Percent(5)))
    'vip-5'
    """
    try:
        return str(item.id)
    except AttributeError:
        return str(item.code if hasattr(item, "code") else item.product)


@attrs.frozen(kw_only=True)
class Changes(Generic[R]):
    """What is added to a list, replaced and removed in it.

    What is replaced keeps its place. What is added stands at the end, or where `before` says; to move something, remove
    it and add it.

    Attributes:
        add: new items.
        replace: items that take the place of the one with their id.
        remove: ids.
        before: for added items, the id of the item that they stand before.

    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.cpq.pricing import DiscountRule
    >>> from salesmgmt.cpq.pricing.impact.changes import Changes
    >>> rules = (DiscountRule(id="a", percent=Percent(5)), DiscountRule(id="b", percent=Percent(3)))
    >>> changes = Changes(add=[DiscountRule(id="c", percent=Percent(1))], remove=["a"], before={"c": "b"})
    >>> problems = []
    >>> [rule.id for rule in changes.applied(rules, "rules", problems)], problems
    (['c', 'b'], [])
    """

    add: tuple[R, ...] = attrs.field(default=(), converter=_tuple)
    replace: tuple[R, ...] = attrs.field(default=(), converter=_tuple)
    remove: tuple[str, ...] = attrs.field(default=(), converter=_tuple)
    before: Mapping[str, str] = attrs.field(factory=dict, converter=_dict, hash=False)

    def __bool__(self) -> bool:
        """Whether it changes anything."""
        return bool(self.add or self.replace or self.remove)

    def applied(self, items: tuple[R, ...], path: str, problems: list[Problem]) -> tuple[R, ...]:
        """The list after the changes; the same one when there are none.

        Args:
            items: the list as it is.
            path: what its place is called in problems.
            problems: what cannot be done is added here: unknown ids, ids that are there already or several times.
        """
        if not self and not self.before:
            return items
        named = {id_of(one) for one in (*self.add, *self.replace)}
        named.update(self.remove, self.before, self.before.values())
        places: dict[str, list[int]] = {}
        for place, item in enumerate(items):
            key = id_of(item)
            if key in named:
                places.setdefault(key, []).append(place)
        faults = list(self._faults(items, path, places))
        if faults:
            problems += faults
            return items
        after: list[R | None] = list(items)
        for one in self.replace:
            after[places[id_of(one)][0]] = one
        for name in self.remove:
            after[places[name][0]] = None
        inserted: dict[int, list[R]] = {}
        at_end = []
        for one in self.add:
            follower = self.before.get(id_of(one))
            if follower is None:
                at_end.append(one)
            else:
                inserted.setdefault(places[follower][0], []).append(one)
        return (*_with(after, inserted), *at_end)

    def _faults(
        self, items: tuple[R, ...], path: str, places: Mapping[str, Sequence[int]]
    ) -> Iterator[Problem]:
        known = _Known(items)
        wanted = [(f"{path}.replace[{n}].id", id_of(one)) for n, one in enumerate(self.replace)]
        wanted += [(f"{path}.remove[{n}]", name) for n, name in enumerate(self.remove)]
        seen: set[str] = set()
        for where, name in wanted:
            if name in seen:
                yield Problem(where, "duplicate", shorten(name), "each id once")
            seen.add(name)
        wanted += [(f"{path}.before.{shorten(name)}", follower) for name, follower in self.before.items()]
        for where, name in wanted:
            count = len(places.get(name, ()))
            if count == 0:
                close = known.nearest(name)
                hint = f"did you mean {close!r}?" if close else ""
                yield Problem(where, "unknown_id", shorten(name), "an id of the model", hint)
            elif count > 1:
                yield Problem(where, "ambiguous", shorten(name), f"an id that is not there {count} times")
        added: set[str] = set()
        for number, one in enumerate(self.add):
            name, where = id_of(one), f"{path}.add[{number}].id"
            if name in added or (name in places and name not in self.remove):
                yield Problem(where, "duplicate", shorten(name), "an id that is not there yet")
            added.add(name)
        for name in self.before:
            if name not in added:
                where = f"{path}.before.{shorten(name)}"
                yield Problem(where, "unknown_id", shorten(name), "the id of an item that is added")


def _with(after: Sequence[R | None], inserted: Mapping[int, Sequence[R]]) -> Iterator[R]:
    for place, item in enumerate(after):
        yield from inserted.get(place, ())
        if item is not None:
            yield item


class _Known:
    """The known ids, sorted when the first unknown one asks for its nearest."""

    def __init__(self, items: Iterable[Any]) -> None:
        self._items = items
        self._hints = _MOST_HINTS
        self._sorted: list[str] = []

    def nearest(self, name: str) -> str | None:
        """The nearest among those that begin alike, because every comparison costs time."""
        self._hints -= 1
        if self._hints < 0:
            return None
        self._sorted = self._sorted or sorted(map(id_of, self._items))
        short = name[:100]
        place = bisect_left(self._sorted, short)
        return nearest(short, self._sorted[max(place - _MOST_COMPARED, 0) : place + _MOST_COMPARED])
