"""What a quote is to offer, before it has prices: lines with their parts, options, alternatives and groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.cpq.pricing import Line
from salesmgmt.cpq.quotes._structure import faults
from salesmgmt.cpq.quotes.group import QuoteGroup
from salesmgmt.cpq.quotes.unknown_id import UnknownId

MOST_LINES = 10_000
"""Lines of an outline, and groups of it."""

LONGEST_ID = 200
"""Characters of the id of a line or group, or of its heading."""


def _texts(given: Iterable[str]) -> tuple[str, ...]:
    if isinstance(given, str):  # a text is iterable as well, and its letters are no attributes
        problem = Problem("missing", "wrong_type", shorten(given), "a list of texts")
        raise InvalidInput("outline line", [problem])
    return tuple(given)


@attrs.frozen
class OutlineLine:
    """A line that is to be offered, and its place among the others.

    Attributes:
        id: its name in every version of the quote.
        line: what is wanted.
        parent: id of the line that it is a part of; empty for one that stands by itself.
        group: id of the group that it is in; when empty, that of the line that it is a part of.
        optional: whether the customer may leave it.
        alternative_of: id of the line in whose place it may be taken.
        missing: the attributes that nobody has chosen yet, as `Configuration.missing` says.

    >>> from salesmgmt.cpq.pricing import Line
    >>> from salesmgmt.cpq.quotes import OutlineLine
    >>> OutlineLine("lock", Line("u-lock", 2), parent="bike", optional=True).line.quantity
    Decimal('2')
    """

    id: str
    line: Line
    parent: str = attrs.field(default="", kw_only=True)
    group: str = attrs.field(default="", kw_only=True)
    optional: bool = attrs.field(default=False, kw_only=True)
    alternative_of: str = attrs.field(default="", kw_only=True)
    missing: tuple[str, ...] = attrs.field(default=(), converter=_texts, kw_only=True)


def _lines(given: Iterable[OutlineLine]) -> tuple[OutlineLine, ...]:
    return tuple(given)


def _groups(given: Iterable[QuoteGroup]) -> tuple[QuoteGroup, ...]:
    return tuple(given)


@attrs.frozen
class Outline:
    """What a quote is to offer; `price_offer` gives it prices.

    Attributes:
        lines: the lines, in the order in which they are shown.
        groups: what they are put together in.

    Raises:
        InvalidInput: ids are blank or there twice; a parent, a group or the line of an alternative is not there; a line is
            a part of itself in the end; an alternative is optional, is one of itself or of another alternative, or has
            another parent than its line. All faults are listed (`lines[2].parent`).

    >>> from salesmgmt.cpq.pricing import Line
    >>> from salesmgmt.cpq.quotes import Outline, OutlineLine
    >>> outline = Outline([
    ...     OutlineLine("bike", Line("bike-7", 2)),
    ...     OutlineLine("lock", Line("u-lock", 2), parent="bike", optional=True),
    ...     OutlineLine("better", Line("bike-9", 2), alternative_of="bike"),
    ... ])
    >>> outline.put(OutlineLine("bike", Line("bike-7", 3))).line("bike").line.quantity
    Decimal('3')
    >>> [line.id for line in outline.drop("bike").lines]
    []
    """

    lines: tuple[OutlineLine, ...] = attrs.field(converter=_lines)
    groups: tuple[QuoteGroup, ...] = attrs.field(default=(), converter=_groups)

    def __attrs_post_init__(self) -> None:
        problems = [
            *_members("lines", self.lines, OutlineLine),
            *_members("groups", self.groups, QuoteGroup),
        ] or faults(self.lines, self.groups)
        if problems:
            raise InvalidInput("outline", problems)

    def line(self, id: str) -> OutlineLine:  # noqa: A002 - lines are named by id everywhere
        """A line by its id; raises `UnknownId`."""
        for line in self.lines:
            if line.id == id:
                return line
        raise UnknownId("line", id, (line.id for line in self.lines))

    def put(self, line: OutlineLine) -> Outline:
        """Put a line in the place of that of its id, or after all others; raises `InvalidInput`."""
        if all(line.id != known.id for known in self.lines):
            return attrs.evolve(self, lines=(*self.lines, line))
        return attrs.evolve(self, lines=[line if known.id == line.id else known for known in self.lines])

    def drop(self, id: str) -> Outline:  # noqa: A002 - lines are named by id everywhere
        """Leave out a line, with its parts and its alternatives; raises `UnknownId`."""
        leaning: dict[str, list[str]] = {}
        for line in self.lines:
            for name in (line.parent, line.alternative_of):
                leaning.setdefault(name, []).append(line.id)
        gone: set[str] = set()
        waiting = [self.line(id).id]
        while waiting:
            name = waiting.pop()
            if name not in gone:
                gone.add(name)
                waiting += leaning.get(name, ())
        return attrs.evolve(self, lines=[line for line in self.lines if line.id not in gone])


def _members(name: str, given: Sequence[object], kind: type[OutlineLine | QuoteGroup]) -> Iterator[Problem]:
    if len(given) > MOST_LINES:
        yield Problem(name, "too_long", str(len(given)), f"at most {MOST_LINES}")
    for position, one in enumerate(given):
        if not isinstance(one, kind):
            yield Problem(f"{name}[{position}]", "wrong_type", shorten(one), f"a {kind.__name__}")
        else:
            yield from _faulty_fields(f"{name}[{position}].", one)


def _faulty_fields(path: str, one: OutlineLine | QuoteGroup) -> Iterator[Problem]:
    for name, wanted in _TYPES.items():
        value = getattr(one, name, None)
        if hasattr(one, name) and type(value) is not wanted:
            yield Problem(f"{path}{name}", "wrong_type", shorten(value), f"a {wanted.__name__}")
        elif isinstance(value, str) and len(value) > LONGEST_ID:
            yield Problem(f"{path}{name}", "too_long", shorten(value), f"at most {LONGEST_ID} characters")


_TYPES: Mapping[str, type] = {
    "id": str,
    "parent": str,
    "group": str,
    "alternative_of": str,
    "name": str,
    "position": int,
    "optional": bool,
    "line": Line,
}
