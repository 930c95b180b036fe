"""Rules of a price list by key: a small table of quantities and instants for each key, and where lines find theirs."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, tzinfo
from fractions import Fraction
from itertools import repeat
from math import lcm, prod
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from salesmgmt.core.clock import zone
from salesmgmt.cpq.pricing.columnar._kernel import LARGEST, Numbers
from salesmgmt.cpq.pricing.columnar._lookup import Chunk, ClassReader
from salesmgmt.cpq.pricing.columnar._rules_of import BY_PRODUCT
from salesmgmt.cpq.pricing.columnar._table import MOST_CELLS, Integers, behind, day_number
from salesmgmt.cpq.pricing.columnar.columns import Codes, Encoded, Units, microseconds
from salesmgmt.cpq.pricing.columnar.plan import ChooseRule, Cut, RuleSearch
from salesmgmt.cpq.pricing.selection._index import several
from salesmgmt.cpq.products import Catalogue

_NARROW = 16
_DENSE = 1 << 20
"""Places that are looked up directly; beyond that they are searched."""


@attrs.frozen(eq=False)
class _Ranks:
    """For each bucket, how many of its own cuts lie at or below a class of all cuts.

    Attributes:
        classes: how many classes there are.
        starts: for each bucket how many cuts the buckets before it have.
        counts: how many cuts each bucket has.
        keys: bucket and class of each cut in one number, in order.
        dense: the answers, where they are few.
        narrow: the cuts of each bucket in a row of their own, where no bucket has many: nothing is searched then.
    """

    classes: int
    starts: Integers
    counts: Integers
    keys: Integers
    dense: Integers | None
    narrow: NDArray[np.int32] | None

    @classmethod
    def of(cls, own: Sequence[Sequence[int]], classes: int) -> _Ranks:
        counts = np.array([len(cuts) for cuts in own], np.int64)
        starts = np.cumsum(counts) - counts
        flat = np.array([cut for cuts in own for cut in cuts], np.int64)
        keys = np.repeat(np.arange(len(own)), counts) * classes + flat
        dense = narrow = None
        most = int(counts.max(initial=0))
        if len(own) * classes <= _DENSE:
            every = np.arange(len(own) * classes)
            dense = np.searchsorted(keys, every, side="right") - starts[every // classes]
        elif most <= _NARROW:
            narrow = np.full((len(own), most), classes, np.int32)
            narrow[
                np.repeat(np.arange(len(own)), counts), np.arange(len(flat)) - np.repeat(starts, counts)
            ] = flat
        return cls(classes, starts, counts, keys, dense, narrow)

    def find(self, buckets: Integers, classes: Integers) -> Integers:
        """The class among the cuts of its bucket for each line."""
        if not len(self.keys):
            return np.zeros(len(buckets), np.int64)
        if self.narrow is not None:
            passed: Integers = np.count_nonzero(self.narrow[buckets] <= classes[:, np.newaxis], axis=1)
            return passed
        wanted = buckets * self.classes + classes
        if self.dense is not None:
            found: Integers = self.dense[wanted]
            return found
        searched: Integers = np.searchsorted(self.keys, wanted, side="right") - self.starts[buckets]
        return searched


@attrs.frozen(eq=False, kw_only=True)
class _Buckets:
    """The rules of a search by key.

    Attributes:
        product_fields: the facts that follow from the product: the name, which of its values, the place of each value
            (one more is for any other), and how far apart these places are.
        others: the same of the other facts, which have one value each.
        by_product: what each product of the catalogue adds to the place of a line, and a zero for any other.
        numbers: the bucket of each combination of places, -1 for none; `None` when these are too many.
        codes: the combinations that have a bucket, in order.
        quantities: the cuts between quantities.
        instants: the cuts between instants.
        offsets: where the cells of each bucket begin.
        cells: for each bucket, quantity and instant a number into `entries`.
        entries: the rule that wins, as a number into `RuleTable.records`.
        ranks: how it stands against rules of other searches.
        best: the greatest of them.
    """

    product_fields: tuple[tuple[str, int, Mapping[object, int], int], ...]
    others: tuple[tuple[str, Mapping[object, int], int], ...]
    by_product: Integers
    numbers: Integers | None
    codes: Integers
    quantities: _Ranks
    instants: _Ranks
    offsets: Integers
    cells: NDArray[np.int32]
    entries: Integers
    ranks: Integers
    best: int

    def of_product(self, product: str, catalogue: Catalogue) -> int:
        """What a product adds to the place of a line."""
        facts = _facts_of(product, catalogue)
        return sum(
            known.get(_value(facts, name, place), len(known)) * stride
            for name, place, known, stride in self.product_fields
        )

    def entry_of(self, buckets: Integers, quantities: Integers, instants: Integers) -> Integers:
        """The entry of each line, by its bucket and the classes of its quantity and instant."""
        cells = self.quantities.find(buckets, quantities) * (self.instants.counts[buckets] + 1)
        cells += self.offsets[buckets] + self.instants.find(buckets, instants)
        entries: Integers = self.cells[cells].astype(np.int64)
        return entries

    def bucket_of(self, codes: Integers) -> Integers:
        """The bucket of each combination; -1 for none."""
        if self.numbers is not None:
            dense: Integers = self.numbers[codes]
            return dense
        found = np.minimum(np.searchsorted(self.codes, codes), len(self.codes) - 1)
        return np.where(self.codes[found] == codes, found, -1)


@attrs.frozen(eq=False, kw_only=True)
class RuleTable:
    """A price list, ready to be searched.

    Attributes:
        plan: what it was made from.
        quantities: all cuts between quantities.
        instants: all instants at which something changes.
        products: where in the catalogue each product stands.
        buckets: the searches, best first.
        days: for each of them the first day that begins no earlier.
        moments: the same as microseconds since 1970.
        records: for each entry the ids behind it; the first is for no rule, the last for rules that are tied.
        undecided: for each entry whether its lines are priced by rows.
        prices: for each entry the price of a unit, as a numerator; -1 for none.
        price_denominator: of them.
        kept: for each entry what remains of the amount, as a numerator.
        kept_denominator: of them.
    """

    plan: ChooseRule
    quantities: tuple[Cut, ...]
    instants: tuple[datetime, ...]
    products: Mapping[str, int]
    buckets: tuple[_Buckets, ...]
    days: Sequence[int]
    moments: Sequence[int]
    records: tuple[tuple[str, ...], ...]
    undecided: NDArray[np.bool_]
    prices: Numbers
    price_denominator: int
    kept: Numbers
    kept_denominator: int


_Span = tuple[int, int, int, int]
"""Where the classes of quantities begin for which a rule holds and where they end, and those of instants."""


def rule_table(plan: ChooseRule) -> RuleTable | int:
    """Make rules ready; how many cells it would take, when these are too many."""
    rules = plan.rules
    quantities = tuple(sorted({cut for rule in rules for cut in (rule.lower, rule.upper) if cut is not None}))
    instants = tuple(sorted({one for rule in rules for one in (rule.starts, rule.ends) if one is not None}))
    quantity_at = {cut: place for place, cut in enumerate(quantities, 1)}
    instant_at = {one: place for place, one in enumerate(instants, 1)}
    spans = [
        (
            quantity_at[rule.lower] if rule.lower is not None else 0,
            quantity_at[rule.upper] if rule.upper is not None else len(quantities) + 1,
            instant_at[rule.starts] if rule.starts is not None else 0,
            instant_at[rule.ends] if rule.ends is not None else len(instants) + 1,
        )
        for rule in rules
    ]
    sizes = len(quantities), len(instants)
    made = []
    left = MOST_CELLS
    prices, price_denominator = _numbered([rule.price for rule in rules], -1)
    kept, kept_denominator = _numbered([rule.kept for rule in rules], 1)
    clock = zone(plan.time_zone)
    for search in plan.searches:
        buckets = _buckets(search, spans, sizes, left, plan.catalogue)
        if isinstance(buckets, int):
            return MOST_CELLS - left + buckets
        left -= len(buckets.cells)
        made.append(buckets)
    made.sort(key=lambda one: one.best, reverse=True)
    return RuleTable(
        plan=plan,
        quantities=quantities,
        instants=instants,
        days=[_first_day(one, clock) for one in instants],
        moments=[microseconds(one) for one in instants],
        products={one.id: place for place, one in enumerate(plan.catalogue)},
        buckets=tuple(made),
        records=((), *((rule.id,) for rule in rules), ()),
        undecided=np.array(
            [False, *(rule.price is None and rule.kept is None for rule in rules), True], np.bool_
        ),
        prices=prices,
        price_denominator=price_denominator,
        kept=kept,
        kept_denominator=kept_denominator,
    )


def _numbered(values: Sequence[Fraction | None], absent: int) -> tuple[Numbers, int]:
    """Numerators of each entry, and their denominator; `absent` is -1 for none, or a number like the others."""
    denominator = lcm(*(value.denominator for value in values if value is not None))
    default = absent * denominator if absent >= 0 else absent
    whole = [
        default if value is None else value.numerator * (denominator // value.denominator) for value in values
    ]
    numerators = [default, *whole, default]
    return np.array(numerators, np.int64 if max(numerators) <= LARGEST else object), denominator


def _strides(places: Sequence[Mapping[object, int]]) -> tuple[int, ...]:
    sizes = [len(one) + 1 for one in places]
    return tuple(prod(sizes[place + 1 :]) for place in range(len(sizes)))


def _buckets(
    search: RuleSearch, spans: Sequence[_Span], sizes: tuple[int, int], room: int, catalogue: Catalogue
) -> _Buckets | int:
    places: list[dict[object, int]] = [{} for _ in search.fields]
    by_key: dict[tuple[object, ...], list[int]] = {}
    for member, key in enumerate(search.keys):
        by_key.setdefault(key, []).append(member)
        for known, value in zip(places, key, strict=True):
            known.setdefault(value, len(known))
    strides = _strides(places)
    coded = sorted(
        (
            sum(known[value] * stride for known, value, stride in zip(places, key, strides, strict=True)),
            members,
        )
        for key, members in by_key.items()
    )
    combinations = prod(len(one) + 1 for one in places)
    if combinations > LARGEST:
        return combinations
    painter = _Painter(search, spans, sizes, room)
    for _, members in coded:
        painter.paint(members)
        if painter.count > room:
            return painter.count
    codes = np.array([code for code, _ in coded], np.int64)
    numbers = None
    if combinations <= _DENSE:
        numbers = np.full(combinations, -1, np.int64)
        numbers[codes] = np.arange(len(codes))
    fields = list(zip(search.fields, search.places, places, strides, strict=True))
    made = _Buckets(
        product_fields=tuple(field for field in fields if field[0] in BY_PRODUCT),
        others=tuple((name, known, far) for name, _, known, far in fields if name not in BY_PRODUCT),
        by_product=np.zeros(0, np.int64),
        numbers=numbers,
        codes=codes,
        quantities=_Ranks.of(painter.quantities, sizes[0] + 1),
        instants=_Ranks.of(painter.instants, sizes[1] + 1),
        offsets=np.array(painter.offsets, np.int64),
        cells=np.concatenate(painter.cells),
        entries=np.array(
            [0, *(one + 1 for one in search.rules), *[len(spans) + 1] * len(painter.ties)], np.int64
        ),
        ranks=np.array([0, *search.ranks, *painter.ties], np.int64),
        best=max(search.ranks),
    )
    if made.product_fields:
        by_product = [made.of_product(one.id, catalogue) for one in catalogue]
        return attrs.evolve(made, by_product=np.array([*by_product, 0], np.int64))
    return made


class _Painter:
    """Paints the rules of each key over each other, in order of rank."""

    def __init__(self, search: RuleSearch, spans: Sequence[_Span], sizes: tuple[int, int], room: int) -> None:
        self._search = search
        self._spans = spans
        self._sizes = sizes
        self._room = room
        self.quantities: list[list[int]] = []
        self.instants: list[list[int]] = []
        self.offsets: list[int] = []
        self.cells: list[NDArray[np.int32]] = []
        self.ties: list[int] = []
        self.count = 0

    def paint(self, members: list[int]) -> None:
        """The rules of one key; nothing is painted when there is no room."""
        spans, rules = self._spans, self._search.rules
        own = sorted((self._search.ranks[one], one, spans[rules[one]]) for one in members)
        quantities = sorted({cut for _, _, span in own for cut in span[:2] if 0 < cut <= self._sizes[0]})
        instants = sorted({cut for _, _, span in own for cut in span[2:] if 0 < cut <= self._sizes[1]})
        self.offsets.append(self.count)
        self.quantities.append(quantities)
        self.instants.append(instants)
        shape = len(quantities) + 1, len(instants) + 1
        self.count += shape[0] * shape[1]
        if self.count > self._room:
            return
        cells = np.zeros(shape, np.int32)
        entries = [0]
        best = first = tie = 0
        for rank, member, (low, high, begin, end) in own:
            if rank != best:
                best, first, tie = rank, len(entries), 0
            number = len(entries)
            entries.append(member + 1)
            region = cells[
                bisect_right(quantities, low) : bisect_left(quantities, high) + 1,
                bisect_right(instants, begin) : bisect_left(instants, end) + 1,
            ]
            taken = region >= first
            if number > first and bool(taken.any()):
                if not tie:
                    tie = len(entries)
                    entries.append(len(rules) + 1 + len(self.ties))
                    self.ties.append(rank)
                region[...] = np.where(taken, tie, number)
            else:
                region[...] = number
        self.cells.append(np.array(entries, np.int32)[cells.reshape(-1)])


class RuleLookup:
    """Finds the rule of each line in a table."""

    def __init__(self, table: RuleTable, columns: Mapping[str, Encoded]) -> None:
        self.table = table
        quantity, day, moment = (columns.get(name) for name in ("line.quantity", "order.date", "order.at"))
        assert isinstance(quantity, Units)  # noqa: S101 - the type of a fact decides it
        limits = [behind(cut, quantity.decimals) for cut in table.quantities]
        self._quantity = ClassReader(quantity, limits)
        if isinstance(moment, Units):
            self._instant = ClassReader(moment, table.moments)
        else:
            assert isinstance(day, Units)  # noqa: S101 - one of the two says when
            self._instant = ClassReader(day, table.days)
        self._columns = columns
        self._found: Integers | None = None
        self._coded = [self._parts(buckets) for buckets in table.buckets]

    def entries(self, chunk: Chunk) -> Integers:
        """For each line of a chunk the rule that it is priced by, as a number into the records of the table."""
        quantities, instants = chunk.room("classes of quantity"), chunk.room("classes of instant")
        self._quantity.read(chunk, quantities)
        self._instant.read(chunk, instants)
        best = np.zeros(len(quantities), np.int64)
        found = np.zeros(len(quantities), np.int64)
        for buckets, (base, parts) in zip(self.table.buckets, self._coded, strict=True):
            open_lines = np.flatnonzero(best <= buckets.best)
            if not len(open_lines):
                break
            codes = np.full(len(open_lines), base, np.int64)
            for source, numbers in parts:
                # -1 wraps around to the last number, which is for a missing fact.
                codes += numbers[chunk.codes(source)[open_lines]]
            own = buckets.bucket_of(codes)
            hits = np.flatnonzero(own >= 0)
            lines, own = open_lines[hits], own[hits]
            entries = buckets.entry_of(own, quantities[lines], instants[lines])
            ranks, before = buckets.ranks[entries], best[lines]
            won = np.where(ranks > before, buckets.entries[entries], found[lines])
            found[lines] = np.where((ranks == before) & (ranks > 0), len(self.table.records) - 1, won)
            best[lines] = np.maximum(ranks, before)
        return found

    def _places(self, products: Sequence[str]) -> Integers:
        """Where in the catalogue products stand; -1 for those that it lacks."""
        if self._found is None:
            places = map(self.table.products.get, products, repeat(-1))
            self._found = np.fromiter(places, np.int64, len(products))
        return self._found

    def _parts(self, buckets: _Buckets) -> tuple[int, list[tuple[str, Integers]]]:
        """What each column adds to the place of a line, for each code, and what is the same for all."""
        base = 0
        parts: list[tuple[str, Integers]] = []
        for name, known, stride in buckets.others:
            column = self._columns.get(name)
            if column is None:
                base += len(known) * stride
            else:
                assert isinstance(column, Codes)  # noqa: S101 - the type of a fact decides it
                numbers = [known.get(value, len(known)) * stride for value in column.values]
                base += _part(name, column, np.array([*numbers, len(known) * stride], np.int64), parts)
        if buckets.product_fields:
            products = self._columns["line.product"]
            assert isinstance(products, Codes)  # noqa: S101 - it is a text
            places = self._places(products.values)
            by_place = np.append(buckets.by_product[places], 0)
            for unknown in np.flatnonzero(places < 0).tolist():
                by_place[unknown] = buckets.of_product(products.values[unknown], self.table.plan.catalogue)
            base += _part("line.product", products, by_place, parts)
        return base, parts


def _part(source: str, column: Codes, numbers: Integers, parts: list[tuple[str, Integers]]) -> int:
    """Take what a column adds: to the parts, or to what is returned when it is the same for all lines."""
    if column.codes.strides == (0,) and len(column.codes):
        return int(numbers[column.codes[0]])
    parts.append((source, numbers))
    return 0


def _value(facts: Mapping[str, Any], name: str, place: int) -> object:
    values = several(facts[name])
    return values[place] if place < len(values) else None


def _facts_of(product: str, catalogue: Catalogue) -> dict[str, Any]:
    known = catalogue.get(product)
    facts: dict[str, Any] = dict(catalogue.facts_of(product))
    facts["line.uom"] = (known.unit or None) if known is not None else None
    return facts


def _first_day(instant: datetime, clock: tzinfo) -> int:
    """The first day whose beginning is not before an instant: a line of a day is priced for its beginning."""
    first = max(instant.toordinal() - 2, 1)
    for ordinal in range(first, min(first + 5, date.max.toordinal() + 1)):
        day = date.fromordinal(ordinal)
        if datetime.combine(day, time(), clock) >= instant:
            return day_number(day)
    return day_number(date.max) + 1
