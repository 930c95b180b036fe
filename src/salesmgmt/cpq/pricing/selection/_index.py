"""The index of a selection: what a rule must have, how it is made ready to be asked, and where it is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product
from operator import itemgetter
from typing import Any, NamedTuple, Protocol, TypeAlias
from zoneinfo import ZoneInfo

from salesmgmt.core.clock import first_moment
from salesmgmt.core.errors import shorten
from salesmgmt.core.exact import WIDE
from salesmgmt.core.findings import Finding, duplicate_ids
from salesmgmt.core.formula import BOOL, Formula, FormulaError, Schema
from salesmgmt.core.formula.phrases import shorten_text
from salesmgmt.cpq.pricing.selection._bucket import Bucket, Entry
from salesmgmt.cpq.pricing.selection.order import Access, Criterion, SelectionOrder, UpperBound

Facts: TypeAlias = Mapping[str, Any]
"""Values by name. What is absent or `None` is missing; a tuple is several values, the nearest first."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Selectable(Protocol):
    """What a rule must have to be selected. A rule may also have `needs_document` (see `Selection.choose`)."""

    @property
    def id(self) -> str:
        """What it is called; unique among the rules."""

    @property
    def key(self) -> Mapping[str, Any]:
        """The facts that it is for, by name; empty for everything."""

    @property
    def min_quantity(self) -> Decimal | None:
        """The smallest quantity for which it holds, included."""

    @property
    def max_quantity(self) -> Decimal | None:
        """The largest quantity for which it holds."""

    @property
    def uom(self) -> str:
        """The unit for which alone it holds; empty for any."""

    @property
    def valid_from(self) -> date | datetime | None:
        """The first day or instant at which it holds."""

    @property
    def valid_to(self) -> date | datetime | None:
        """The first day or instant at which it no longer holds."""

    @property
    def priority(self) -> int | None:
        """The higher, the earlier it is tried where the order asks for it."""

    @property
    def condition(self) -> str:
        """A formula that must hold; empty for always."""


class Asked(NamedTuple):
    """A question to a selection, as `Selection.choose` takes it."""

    facts: Facts
    quantity: Decimal
    unit: str
    at: datetime
    reaches: Callable[[Any], bool] | None = None
    price: Callable[[Any], Decimal | None] | None = None
    same: Callable[[Any, Any], bool] | None = None


class Probe:
    """An access with its index."""

    __slots__ = ("access", "buckets", "getter", "holds", "level", "many", "near")

    def __init__(self, access: Access, level: int, schema: Schema, order: SelectionOrder) -> None:
        fields = access.fields
        self.access = access
        self.level = level
        self.getter: Callable[[Facts], Any] = itemgetter(*fields) if fields else _nothing
        self.holds = condition_of(access.condition, schema)
        self.many = any(schema[field].element is not None for field in fields)
        self.near = tuple(field in order.nearest_first for field in fields)
        self.buckets: dict[Any, Bucket] = {}

    def found(self, facts: Facts) -> Iterator[tuple[tuple[int, ...], Bucket]]:
        """The buckets of the keys that facts give, nearest first, each with how far its values are."""
        if self.holds is not None and not self.holds(facts):
            return
        if not self.many:
            try:
                bucket = self.buckets.get(self.getter(facts))
            except KeyError:
                return
            if bucket is not None:
                yield (), bucket
            return
        fields = self.access.fields
        values = [several(facts.get(field)) for field in fields]
        for places in product(*(range(len(these)) for these in values)):
            key = tuple(these[place] for these, place in zip(values, places, strict=True))
            bucket = self.buckets.get(key[0] if len(fields) == 1 else key)
            if bucket is not None:
                # The nearest is as good as a fact with one value, so that groups of fields can weigh the same.
                far = tuple(place for place, near in zip(places, self.near, strict=True) if near)
                yield (far if any(far) else ()), bucket


class EntryMaker:
    """Makes rules ready to be asked."""

    def __init__(self, order: SelectionOrder, clock: ZoneInfo, chosen: Callable[[Any], Any]) -> None:
        self._chosen = chosen
        self._parts = tuple(_PARTS[criterion] for criterion in order.criteria if criterion in _PARTS)
        self._includes = order.max_quantity is UpperBound.INCLUDED
        self._clock = clock
        self._midnights: dict[date, datetime] = {}
        # Equal limits become one object, for the same reason as the values of keys.
        self._limits: dict[Decimal | None, Decimal | None] = {}

    def __call__(self, rule: Selectable, position: int, holds: Callable[[Facts], bool] | None) -> Entry:
        starts, ends = rule.valid_from, rule.valid_to
        begin = None if starts is None else self._instant(starts)
        end = None if ends is None else self._instant(ends)
        beyond = rule.max_quantity
        if beyond is not None and self._includes:
            # Nothing that is an exact number of 34 digits lies between a maximum and this, so one comparison does.
            beyond = WIDE.next_plus(beyond)
        low = self._limits.setdefault(rule.min_quantity, rule.min_quantity)
        beyond = self._limits.setdefault(beyond, beyond)
        rank = tuple([part(rule, begin, position) for part in self._parts])
        decided_by_caller = bool(getattr(rule, "needs_document", False))
        return (
            begin,
            end,
            low,
            beyond,
            rule.uom,
            holds,
            decided_by_caller,
            rank,
            False,
            self._chosen(rule),
        )

    def _instant(self, value: date | datetime) -> datetime:
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        known = self._midnights.get(value)
        if known is None:
            wall = datetime.combine(value, datetime.min.time())
            known = self._midnights[value] = first_moment(self._clock, wall)
        return known


def ordered(entries: list[Entry]) -> list[Entry]:
    """Entries best first, each marked whether the next one has the same rank."""
    if len(entries) == 1:
        return entries
    entries.sort(key=itemgetter(7))
    return [
        (*entry[:8], place + 1 < len(entries) and entries[place + 1][7] == entry[7], entry[9])
        for place, entry in enumerate(entries)
    ]


_LAST = (True, 0)

_PARTS: Mapping[Criterion, Callable[[Any, datetime | None, int], Any]] = {
    Criterion.UNIT: lambda rule, _starts, _position: not rule.uom,
    Criterion.BREAK: lambda rule, _starts, _position: -(rule.min_quantity or 0),
    Criterion.PRIORITY: lambda rule, _starts, _position: (
        _LAST if rule.priority is None else (False, -rule.priority)
    ),
    Criterion.NEWEST: lambda _rule, starts, _position: (
        _LAST if starts is None else (False, (_EPOCH - starts) // _MICROSECOND)
    ),
    Criterion.FIRST: lambda _rule, _starts, position: position,
    Criterion.ID: lambda rule, _starts, _position: rule.id,
}
"""What rules are compared by that follows from the rule alone; the smaller wins."""


def condition_of(text: str, schema: Schema) -> Callable[[Facts], bool] | None:
    """The condition as a function of the facts; `None` when there is none."""
    return Formula.parse(text, schema, wanted=BOOL).holds if text.strip() else None


def several(value: Any) -> tuple[Any, ...]:
    """The values of a fact, each once; those of a set in a fixed order."""
    if value is None:
        return ()
    if isinstance(value, tuple | list):
        return tuple(dict.fromkeys(value))
    if isinstance(value, frozenset | set):
        return tuple(sorted(value))
    return (value,)


def findings(
    rules: Sequence[Selectable], schema: Schema, levels: Sequence[Sequence[Access]]
) -> Iterator[Finding]:
    """What cannot work: ids twice, unknown names, conditions that are none, keys that no access asks for."""
    yield from duplicate_ids("rules", (rule.id for rule in rules))
    known = {frozenset(access.fields) for level in levels for access in level}
    for number, access in enumerate(access for level in levels for access in level):
        yield from _unknown(f"accesses[{number}]", access.fields, access.condition, schema)
    checked = set[tuple[frozenset[str], str]]()
    for rule in rules:
        fields = frozenset(rule.key)
        if (fields, rule.condition) in checked:
            continue
        checked.add((fields, rule.condition))
        place = f"rules.{shorten_text(rule.id)}"
        yield from _unknown(place, sorted(fields), rule.condition, schema)
        if fields not in known:
            yield Finding(
                code="no_access",
                where=place,
                message=f"no access asks for {', '.join(sorted(fields)) or 'rules without a key'}",
                hint="add an access with these fields",
            )


def _unknown(place: str, fields: Sequence[str], condition: str, schema: Schema) -> Iterator[Finding]:
    for field in fields:
        if field not in schema:
            close = schema.nearest(field)
            hint = f"did you mean {close}?" if close else "declare it among the facts"
            yield Finding(
                code="unknown_name", where=place, message=f"there is no fact {shorten(field)}", hint=hint
            )
    try:
        condition_of(condition, schema)
    except FormulaError as error:
        message = str(error).removesuffix(f"; {error.hint}")
        yield Finding(
            code="condition", where=place, message=message, hint=error.hint or "correct the condition"
        )


def _nothing(_facts: Facts) -> tuple[()]:
    return ()
