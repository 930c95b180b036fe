"""How the lines of a document belong together: parts, options, alternatives."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Protocol

import attrs

from salesmgmt.core.errors import Problem, shorten
from salesmgmt.core.nearest import nearest
from salesmgmt.cpq.quotes.group import QuoteGroup

_HINTED = 10
"""Faults of an outline for which the ids that were meant are looked for."""

_LISTED = 5
"""Ids that a hint names."""

_COMPARED, _SEARCHED = 100, 1_000
"""Characters of an id, and how many ids it is held against."""


class Placed(Protocol):
    """A line with its place among the others; see `DocumentLine`."""

    @property
    def id(self) -> str: ...
    @property
    def parent(self) -> str: ...
    @property
    def group(self) -> str: ...
    @property
    def optional(self) -> bool: ...
    @property
    def alternative_of(self) -> str: ...


@attrs.frozen
class Structure:
    """Which lines come together.

    Attributes:
        lines: the lines by id, in their order, without a fault that `faults` finds.
        heads: by id of each line, the optional or alternative line with which it comes; empty for a required line.
    """

    lines: Mapping[str, Placed]
    heads: Mapping[str, str]

    @classmethod
    def of(cls, lines: Iterable[Placed]) -> Structure:
        """Find what comes with what."""
        known = {line.id: line for line in lines}
        heads: dict[str, str] = {}
        for name in known:
            above: list[str] = []
            here = name
            while here and here not in heads:
                line = known[here]
                if line.optional or line.alternative_of:
                    heads[here] = here
                else:
                    above.append(here)
                    here = line.parent
            head = heads[here] if here else ""
            heads.update(dict.fromkeys(above, head))
        return cls(known, heads)

    @property
    def choices(self) -> Mapping[str, str]:
        """By id of each line, the nearest one about which the customer has a choice and with which it comes or stays away.

        That is an optional line, an alternative, or a line that has alternatives; empty for what comes in any case.
        """
        open_lines = {line.alternative_of for line in self.lines.values() if line.alternative_of}
        open_lines |= {name for name, head in self.heads.items() if name == head}
        found = {"": ""}
        for name in self.lines:
            above: list[str] = []
            here = name
            while here not in found:
                if here in open_lines:
                    found[here] = here
                else:
                    above.append(here)
                    here = self.lines[here].parent
            found.update(dict.fromkeys(above, found[here]))
        del found[""]
        return found

    def above(self, head: str) -> str:
        """The optional or alternative line that must be taken before this one; empty when none."""
        parent = self.lines[head].parent
        return self.heads[parent] if parent else ""

    def chain(self, head: str) -> tuple[str, ...]:
        """An optional or alternative line and all that must be taken before it."""
        found = []
        while head:
            found.append(head)
            head = self.above(head)
        return tuple(found)

    def taken(self, chosen: Collection[str]) -> tuple[str, ...]:
        """The lines that come when these optional lines and alternatives are chosen, in their order.

        An alternative takes the place of its line and of every part of that; a part comes only with what it is a part of.
        """
        replaced = {base for name in chosen if (base := self.lines[name].alternative_of)}
        known = {"": True}
        for name in self.lines:
            above: list[str] = []
            here = name
            while here not in known:
                line = self.lines[here]
                if here in replaced or (here == self.heads[here] and here not in chosen):
                    known[here] = False
                else:
                    above.append(here)
                    here = line.parent
            known.update(dict.fromkeys(above, known[here]))
        return tuple(name for name in self.lines if known[name])


def faults(lines: Sequence[Placed], groups: Sequence[QuoteGroup]) -> list[Problem]:
    """What is wrong with ids and places; with none of it, `Structure` can be made."""
    problems: list[Problem] = []
    group_ids = _ids([group.id for group in groups], "groups", problems)
    places = _ids([line.id for line in lines], "lines", problems)

    def near(ids: Collection[str]) -> Collection[str]:
        """The ids to look among for what was meant; none after the first faults, as that takes time."""
        return ids if len(problems) < _HINTED else ()

    for position, line in enumerate(lines):
        path = f"lines[{position}]"
        if line.group and line.group not in group_ids:
            problems.append(_unknown(f"{path}.group", line.group, "group", near(group_ids)))
        if line.parent and line.parent not in places:
            problems.append(_unknown(f"{path}.parent", line.parent, "line", near(places)))
        if line.alternative_of:
            base = places.get(line.alternative_of)
            problems.extend(
                _alternative(f"{path}.", line, None if base is None else lines[base], near(places))
            )
    problems.extend(_rings(lines, places))
    return problems


def _ids(ids: Iterable[str], where: str, problems: list[Problem]) -> dict[str, int]:
    """The places of ids; what is wrong with them is added to the problems."""
    places: dict[str, int] = {}
    for position, name in enumerate(ids):
        path = f"{where}[{position}].id"
        if not name.strip():
            problems.append(Problem(path, "blank", shorten(name), "a text"))
        elif name in places:
            problems.append(Problem(path, "duplicate", shorten(name), "an id of its own"))
        else:
            places[name] = position
    return places


def _alternative(path: str, line: Placed, base: Placed | None, known: Collection[str]) -> Iterator[Problem]:
    place = f"{path}alternative_of"
    if line.alternative_of == line.id:
        yield Problem(place, "own_alternative", shorten(line.id), "the id of another line")
    elif base is None:
        yield _unknown(place, line.alternative_of, "line", known)
    elif base.alternative_of:
        wanted = "a line that is no alternative itself"
        hint = f"name {shorten(base.alternative_of)}, as the others do"
        yield Problem(place, "nested_alternative", shorten(base.id), wanted, hint)
    elif base.parent != line.parent:
        wanted = f"the parent of {shorten(base.id)}, {shorten(base.parent)}"
        yield Problem(f"{path}parent", "other_parent", shorten(line.parent), wanted)
    if line.optional:
        hint = "make its line optional: then the customer leaves it, takes it, or takes this in its place"
        yield Problem(f"{path}optional", "optional_alternative", "True", "False for an alternative", hint)


def _rings(lines: Sequence[Placed], places: Mapping[str, int]) -> Iterator[Problem]:
    """Each line in which a chain of parents comes back to itself is told once."""
    clear: set[int] = set()
    for start in range(len(lines)):
        path: dict[int, None] = {}
        here: int | None = start
        while here is not None and here not in clear and here not in path:
            path[here] = None
            here = places.get(lines[here].parent)
        if here in path:
            ring = list(path)[list(path).index(here) :]
            shown = " in ".join(shorten(lines[one].id) for one in ring[:10])
            wanted = "parents that end at a line that stands by itself"
            yield Problem(f"lines[{here}].parent", "ring", shown, wanted)
        clear.update(path)


def _unknown(path: str, found: str, kind: str, known: Collection[str]) -> Problem:
    return Problem(path, "unknown", shorten(found), f"the id of a {kind}", _meant(found, known))


def _meant(found: str, known: Collection[str]) -> str:
    """The id that is most like another, or the first ones that there are."""
    close = nearest(found, known) if len(found) <= _COMPARED and len(known) <= _SEARCHED else None
    if close is not None:
        return f"did you mean {shorten(close)}?"
    first = ", ".join(shorten(name) for name in islice(known, _LISTED))
    more = f" and {len(known) - _LISTED} more" if len(known) > _LISTED else ""
    return f"known are {first}{more}" if first else ""
