"""Which rules conflict, stand there twice, or never win, because others hold whenever they do."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeVar

from salesmgmt.core.errors import shorten
from salesmgmt.core.findings import Finding, Severity
from salesmgmt.core.formula import BOOL, Formula, FormulaError, Schema, implies, overlaps
from salesmgmt.cpq.pricing.lint._known import Known
from salesmgmt.cpq.pricing.lint.rules import RuleSet
from salesmgmt.cpq.pricing.selection._bucket import Entry
from salesmgmt.cpq.pricing.selection._index import EntryMaker, Selectable
from salesmgmt.cpq.pricing.selection.order import Access, Criterion, SelectionOrder, Ties

R = TypeVar("R", bound=Selectable)

MOST_COMPARED = 50
"""With at least how many others of its key a rule is compared where they differ in quantity, unit and condition."""

_DEFAULT = SelectionOrder().criteria

_EVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

_warning = partial(Finding, severity=Severity.WARNING)


def lint_competition(given: RuleSet[R], known: Known) -> Iterator[Finding]:
    """Find rules that conflict, are there twice, or never win.

    Rules with the same key are compared, and with host's own accesses those of different accesses; what cannot be
    decided is not reported. Nothing is said about orders that ask for the best price.
    """
    hidden = set[int]()
    if given.accesses:
        for rule, by in _behind(given):
            hidden.add(id(rule))
            yield _unreachable(given, rule, by, "is found by an earlier access")
    if Criterion.BEST_PRICE in given.order.criteria:
        return
    maker = EntryMaker(given.order, known.clock, lambda rule: rule)
    conditions = _Conditions(known.schema)
    for rules in _rivals(given):
        entries = list(_entries(rules, maker, given))
        live = []
        for entry, by in _shadows(entries, conditions, given.order.ties):
            rule = entry[9]
            if by is None:
                live.append(entry)
            elif id(rule) not in hidden:
                yield _unreachable(given, rule, by, "comes first")
        if given.order.ties is Ties.CONFLICT and len(live) > 1:
            yield from _conflicts(live, given, conditions)


def _unreachable(given: RuleSet[R], rule: R, by: R, why: str) -> Finding:
    return _warning(
        code="unreachable_rule",
        where=given.place(rule),
        message=f"it never wins: {given.place(by)} {why} and holds whenever it does",
        hint="drop it, make it more specific, or limit the other one",
    )


def _rivals(given: RuleSet[R]) -> Iterator[list[R]]:
    """The rules of each key, where one of them may stand in the way of another."""
    criteria = given.order.criteria
    if criteria[:3] != _DEFAULT[:3]:
        yield from (rules for rules in _buckets(given.rules) if len(rules) > 1)
        return
    # The larger break comes first, and never holds for all quantities of the smaller one; so it is with units.
    for rules in _buckets(given.rules):
        if len(rules) == 1:
            continue
        alike: dict[Any, list[R]] = {}
        for rule in rules:
            alike.setdefault((rule.uom, rule.min_quantity or 0), []).append(rule)
        for some in alike.values():
            if len(some) > 1 and (criteria != _DEFAULT or _may_meet(some)):
                yield some


def _may_meet(rules: Sequence[Selectable]) -> bool:
    """Whether rules of one unit and break differ in more than in when they begin: the newest never covers an older one."""
    starts = {rule.valid_from for rule in rules}
    return (
        len(starts) < len(rules)
        or len({rule.priority for rule in rules}) > 1
        or any(isinstance(start, datetime) for start in starts)
    )


def _buckets(rules: Iterable[R]) -> Iterable[list[R]]:
    """The rules of each key."""
    shapes: dict[tuple[str, ...], tuple[int, Callable[[Any], Any]]] = {}
    by_fields: dict[tuple[str, ...], int] = {}
    buckets: dict[Any, list[R]] = {}
    for rule in rules:
        key = rule.key
        fields = tuple(key)
        shape = shapes.get(fields)
        if shape is None:
            ordered = tuple(sorted(fields))
            number = by_fields.setdefault(ordered, len(by_fields))
            shape = shapes[fields] = number, itemgetter(*ordered) if ordered else _nothing
        place = shape[0], shape[1](key)
        try:
            bucket = buckets.get(place)
        except TypeError:  # a value that is no text, which is reported as such
            continue
        if bucket is None:
            buckets[place] = [rule]
        else:
            bucket.append(rule)
    return buckets.values()


def _nothing(_key: Any) -> tuple[()]:
    return ()


def _entries(rules: Sequence[R], maker: EntryMaker, given: RuleSet[R]) -> Iterator[Entry]:
    """Rules as a selection has them, with the text in place of the condition, best first."""
    made = []
    for position, rule in enumerate(rules):
        try:
            entry: Any = maker(rule, position, None)
        except (OverflowError, ValueError):  # reported as such
            continue
        start, end = entry[0] or _EVER[0], entry[1] or _EVER[1]
        if start < end:
            made.append((start, end, *entry[2:5], rule.condition.strip(), *entry[6:]))
    if given.order.ties is Ties.BY_ID:
        made.sort(key=lambda entry: (entry[7], entry[9].id))
    else:
        made.sort(key=itemgetter(7))
    yield from made


class _Conditions:
    """What conditions say about each other, each pair asked once."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._formulas: dict[str, Formula | None] = {}
        self._known: dict[tuple[Any, str, str], bool] = {}

    def implies(self, one: str, other: str) -> bool:
        """Whether the other certainly holds whenever the one does."""
        return not other or one == other or (bool(one) and self._ask(implies, one, other))

    def overlap(self, one: str, other: str) -> bool:
        """Whether both certainly hold for some facts."""
        return not one or not other or one == other or self._ask(overlaps, one, other)

    def _ask(self, question: Callable[[Formula, Formula], bool | None], one: str, other: str) -> bool:
        key = question, one, other
        known = self._known.get(key)
        if known is None:
            first, second = self._formula(one), self._formula(other)
            known = first is not None and second is not None and bool(question(first, second))
            self._known[key] = known
        return known

    def _formula(self, text: str) -> Formula | None:
        if text not in self._formulas:
            try:
                self._formulas[text] = Formula.parse(text, self._schema, wanted=BOOL)
            except FormulaError:
                self._formulas[text] = None
        return self._formulas[text]


class _Front:
    """Validities of which none lies within another, by start, so that their ends rise as well."""

    __slots__ = ("_ends", "_owners", "_starts")

    def __init__(self) -> None:
        self._starts: list[datetime] = []
        self._ends: list[datetime] = []
        self._owners: list[Any] = []

    def covering(self, start: datetime, end: datetime) -> Any:
        """Whose validity contains another one; `None` when nobody's does."""
        place = bisect_right(self._starts, start) - 1
        return self._owners[place] if place >= 0 and self._ends[place] >= end else None

    def add(self, start: datetime, end: datetime, owner: Any) -> None:
        """Take a validity in."""
        if self.covering(start, end) is not None:
            return
        first = bisect_left(self._starts, start)
        last = bisect_right(self._ends, end, lo=first)
        self._starts[first:last] = [start]
        self._ends[first:last] = [end]
        self._owners[first:last] = [owner]


def _shadows(entries: Sequence[Entry], conditions: _Conditions, ties: Ties) -> Iterator[tuple[Any, Any]]:
    """Each entry with the rule that comes before it and holds whenever it does, `None` for no such one."""
    fronts: dict[tuple[str, str, Any, Any], _Front] = {}
    for _, group in groupby(entries, key=itemgetter(7)):
        equal = list(group)
        for entry in equal:
            yield entry, _stronger(entry, fronts, conditions)
            if ties is not Ties.CONFLICT:
                _take(entry, fronts)
        if ties is Ties.CONFLICT:
            for entry in equal:
                _take(entry, fronts)


def _take(entry: Any, fronts: dict[tuple[str, str, Any, Any], _Front]) -> None:
    if not entry[6]:  # what counts several lines holds when they say so
        key = entry[4], entry[5], entry[2], entry[3]
        fronts.setdefault(key, _Front()).add(entry[0], entry[1], entry[9])


def _stronger(entry: Any, fronts: dict[tuple[str, str, Any, Any], _Front], conditions: _Conditions) -> Any:
    start, end, low, beyond, uom, text, needs_document = entry[:7]
    if needs_document:
        low = beyond = None
    if len(fronts) <= MOST_COMPARED:
        asked: Iterable[tuple[str, str, Any, Any]] = list(fronts)
    else:
        limits = {(None, None), (low, beyond)}
        asked = [
            (unit, condition, *limit)
            for unit in {"", uom}
            for condition in {"", text}
            for limit in limits
            if (unit, condition, *limit) in fronts
        ]
    for key in asked:
        unit, condition, least, most = key
        if unit not in {"", uom} or not conditions.implies(text, condition):
            continue
        if least is not None and (low is None or low < least) and least > 0:
            continue
        if most is not None and (beyond is None or beyond > most):
            continue
        owner = fronts[key].covering(start, end)
        if owner is not None:
            return owner
    return None


def _conflicts(entries: Sequence[Entry], given: RuleSet[R], conditions: _Conditions) -> Iterator[Finding]:
    """Entries of equal rank that hold together."""
    for _, group in groupby(entries, key=itemgetter(7)):
        equal = [entry for entry in group if not entry[6]]
        if len(equal) < 2:
            continue
        equal.sort(key=itemgetter(0))
        active: list[Any] = []
        for entry in equal:
            if len(active) >= 2 * MOST_COMPARED:  # not each time: that would cost more than the comparison
                active = [one for one in active if one[1] > entry[0]][-MOST_COMPARED:]
            other: Any = None
            is_same = True
            for one in active:
                if one[1] > entry[0] and _meet(one, entry, conditions):
                    other, is_same = one, given.same(one[9], entry[9])
                    if not is_same:
                        break
            if other is not None:
                yield _conflict(given, other[9], entry[9], is_same=is_same)
            active.append(entry)


def _meet(one: Any, other: Any, conditions: _Conditions) -> bool:
    """Whether two entries of overlapping validity hold together for some line."""
    if one[4] and other[4] and one[4] != other[4]:
        return False
    low = max(one[2] or 0, other[2] or 0)
    if (one[3] is not None and one[3] <= low) or (other[3] is not None and other[3] <= low):
        return False
    return conditions.overlap(one[5], other[5])


def _conflict(given: RuleSet[R], one: R, other: R, *, is_same: bool) -> Finding:
    start = one.valid_from if other.valid_from is None else other.valid_from
    since = "" if start is None else f" from {start}"
    key = ", ".join(f"{name} {shorten(value)}" for name, value in other.key.items()) or "everything"
    return _warning(
        code="duplicate_record" if is_same else "conflicting_records",
        where=f"{given.place(one)} and {given.place(other)}",
        message=f"of equal rank for {key}, they come to "
        + (f"the same twice{since}" if is_same else f"different amounts{since}"),
        hint="drop one of them"
        if is_same
        else "end one of them, start it on another day, give one a priority, or make it more specific",
    )


def _behind(given: RuleSet[R]) -> Iterator[tuple[R, R]]:
    """Rules that no question reaches, because an earlier access always finds another rule for their key."""
    decides = given.order.criteria[:1] == (Criterion.SPECIFICITY,)
    first: dict[frozenset[str], int] = {}
    for place, access in enumerate(given.accesses):
        first.setdefault(frozenset(access.fields), place)
    certain = _certain(given)
    for rule in given.rules:
        fields = frozenset(rule.key)
        if fields not in first or not certain:
            continue
        for place in range(first[fields]):
            access = given.accesses[place]
            if place not in certain or not fields.issuperset(access.fields):
                continue
            if not (access.exclusive or decides):
                continue
            by = certain[place].get(tuple(str(rule.key[field]) for field in access.fields))
            if by is not None:
                yield rule, by
                break


def _certain(given: RuleSet[R]) -> dict[int, dict[tuple[str, ...], R]]:
    """By access without a condition: the rules that hold for their key, whatever else is asked."""
    places: dict[frozenset[str], list[tuple[int, Access]]] = {}
    for place, access in enumerate(given.accesses):
        if not access.condition.strip():
            places.setdefault(frozenset(access.fields), []).append((place, access))
    certain: dict[int, dict[tuple[str, ...], R]] = {}
    last = len(given.accesses) - 1
    for rule in given.rules:
        is_certain = not (
            rule.condition.strip()
            or rule.uom
            or rule.min_quantity
            or rule.max_quantity is not None
            or rule.valid_from is not None
            or rule.valid_to is not None
            or getattr(rule, "needs_document", False)
        )
        if is_certain:
            for place, access in places.get(frozenset(rule.key), ()):
                if place < last:
                    key = tuple(str(rule.key[field]) for field in access.fields)
                    certain.setdefault(place, {}).setdefault(key, rule)
    return certain
