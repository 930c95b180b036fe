"""Hierarchies: who stands above whom, and who did on some day of the past."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import cached_property

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.frozen_map import FrozenMap


def _frozen(parents: Mapping[str, str | None]) -> Mapping[str, str | None]:
    """The parent of every node; one that is named as a parent alone is a root."""
    if not isinstance(parents, Mapping):
        raise InvalidInput(
            "the hierarchy", [Problem("parents", "wrong_type", shorten(parents), "a parent by node")]
        )
    named: Iterable[tuple[object, object]] = parents.items()
    faults = [
        Problem(shorten(node), "wrong_type", shorten(above), "a text, or None for a root")
        for node, above in named
        if not isinstance(node, str) or not isinstance(above, str | None)
    ]
    if faults:
        raise InvalidInput("the hierarchy", faults)
    listed = dict.fromkeys(node for pair in parents.items() for node in pair if node is not None)
    return FrozenMap({**listed, **parents})


@attrs.frozen(slots=False)
class Hierarchy:
    """A tree, or several: each node has one above it, or none.

    Attributes:
        parents: the node above each; `None` for a root. A parent that is not listed is a root.

    Raises:
        InvalidInput: a node is no text, or it goes round in a circle; all such nodes are listed.

    >>> from salesmgmt.engines.hierarchy import Hierarchy
    >>> team = Hierarchy({"ann": "east", "bob": "east", "east": "all"})
    >>> team.children("east"), team.above("ann"), team.below("all")
    (('ann', 'bob'), ('east', 'all'), ('east', 'ann', 'bob'))
    """

    parents: Mapping[str, str | None] = attrs.field(converter=_frozen)

    def __attrs_post_init__(self) -> None:
        circular = self.parents.keys() - set(self.upwards)
        if circular:
            problems = [
                Problem(shorten(node), "circle", shorten(above), "a parent that is not below its child")
                for node, above in self.parents.items()
                if node in circular
            ]
            raise InvalidInput("the hierarchy", problems)

    @cached_property
    def upwards(self) -> tuple[str, ...]:
        """Every node after all nodes below it; those of a circle are left out."""
        waiting = dict.fromkeys(self.parents, 0)
        for above in self.parents.values():
            if above is not None:
                waiting[above] += 1
        ready = [node for node, children in waiting.items() if not children]
        order = []
        while ready:
            node = ready.pop()
            order.append(node)
            above = self.parents[node]
            if above is not None:
                waiting[above] -= 1
                if not waiting[above]:
                    ready.append(above)
        return tuple(order)

    @cached_property
    def roots(self) -> tuple[str, ...]:
        """The nodes with none above them."""
        return tuple(node for node, above in self.parents.items() if above is None)

    def parent(self, node: str) -> str | None:
        """The node above; `None` for a root, and for a node that is not in the hierarchy."""
        return self.parents.get(node)

    def children(self, node: str) -> tuple[str, ...]:
        """The nodes directly below, in the order in which they are listed."""
        return self._children.get(node, ())

    def above(self, node: str) -> tuple[str, ...]:
        """All nodes above, the nearest first."""
        found = []
        while (parent := self.parents.get(node)) is not None:
            found.append(parent)
            node = parent
        return tuple(found)

    def below(self, node: str) -> tuple[str, ...]:
        """All nodes below, each before those below itself."""
        return tuple(self._below(node))

    @cached_property
    def _children(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for node, above in self.parents.items():
            if above is not None:
                found.setdefault(above, []).append(node)
        return {node: tuple(children) for node, children in found.items()}

    def _below(self, node: str) -> Iterator[str]:
        waiting = list(reversed(self.children(node)))
        while waiting:
            found = waiting.pop()
            yield found
            waiting += reversed(self.children(found))


@attrs.frozen(kw_only=True)
class Reporting:
    """Somebody stands below somebody from one day to another.

    Attributes:
        member: who.
        to: below whom; `None` for a root.
        since: the first day.
        until: the day on which it is over; `None` while it lasts.
    """

    member: str
    to: str | None
    since: date
    until: date | None = None

    def holds(self, on: date) -> bool:
        """Whether it is so on a day."""
        return self.since <= on and (self.until is None or on < self.until)


def hierarchy_on(reporting: Iterable[Reporting], day: date) -> Hierarchy:
    """Return who stood above whom on a day.

    Args:
        reporting: who stood below whom, and when.
        day: the day.

    Raises:
        InvalidInput: somebody stood below two on that day, the hierarchy goes round in a circle, or a day is no date.

    >>> from datetime import date
    >>> from salesmgmt.engines.hierarchy import Reporting, hierarchy_on
    >>> lines = [Reporting(member="ann", to="east", since=date(2026, 1, 1), until=date(2026, 7, 1)),
    ...          Reporting(member="ann", to="west", since=date(2026, 7, 1))]
    >>> hierarchy_on(lines, date(2026, 6, 30)).parent("ann"), hierarchy_on(lines, date(2026, 7, 1)).parent("ann")
    ('east', 'west')
    """
    parents: dict[str, str | None] = {}
    problems = []
    _require_date("day", day)
    for one in reporting:
        _require_date(f"{shorten(one.member)}.since", one.since)
        if one.until is not None:
            _require_date(f"{shorten(one.member)}.until", one.until)
        if not one.holds(day):
            continue
        if one.member in parents and parents[one.member] != one.to:
            found = f"{shorten(parents[one.member])} and {shorten(one.to)}"
            problems.append(Problem(shorten(one.member), "twice", found, f"one parent on {day}"))
        parents[one.member] = one.to
    if problems:
        raise InvalidInput("the hierarchy", problems)
    return Hierarchy(parents)


def _require_date(path: str, day: object) -> None:
    if isinstance(day, datetime) or not isinstance(day, date):
        raise InvalidInput("the hierarchy", [Problem(path, "wrong_type", shorten(day), "a date")])
