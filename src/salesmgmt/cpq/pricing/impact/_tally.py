"""Adds movements up while requests are compared one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from heapq import heappush, heappushpop
from typing import Any

import attrs

from salesmgmt.core.exact import CONTEXT, WIDE
from salesmgmt.core.money import Money
from salesmgmt.cpq.pricing.impact.model_difference import ModelDifference
from salesmgmt.cpq.pricing.impact.movement import (
    Cause,
    CauseKind,
    LineMovement,
    Movement,
    amount_of,
    compare_waterfalls,
)
from salesmgmt.cpq.pricing.priced import AddedLine, Priced, PricedLine
from salesmgmt.cpq.pricing.trace import PriceStep

_ZERO = Decimal(0)
_add = WIDE.add


class _Sum:
    """Amounts of one name before and after, exact whatever their number."""

    __slots__ = ("lines", "moved", "new", "old")

    def __init__(self) -> None:
        self.lines = 0
        self.moved = 0
        self.old = _ZERO
        self.new = _ZERO

    def add(self, old: Decimal, new: Decimal) -> None:
        self.lines += 1
        self.old = _add(self.old, old)
        self.new = _add(self.new, new)
        if old != new:
            self.moved += 1

    def movement(self, name: str, currency: str) -> Movement:
        return Movement(
            name=name,
            lines=self.lines,
            moved=self.moved,
            old=Money(CONTEXT.plus(self.old), currency),
            new=Money(CONTEXT.plus(self.new), currency),
        )


_Sums = dict[tuple[str, str], _Sum]
"""By currency and name."""


class _Largest:
    """Keeps the largest of many by currency; all of them, in their order, when no number is given."""

    def __init__(self, keep: int | None) -> None:
        self._keep = keep
        self._all: list[Any] = []
        self._heaps: dict[str, list[tuple[Decimal, int, Any]]] = {}
        self._count = 0

    def add(self, difference: Money, item: Any) -> None:
        if self._keep is None:
            self._all.append(item)
        elif self._keep:
            self._count += 1
            entry = (difference.amount.copy_abs(), -self._count, item)
            heap = self._heaps.setdefault(difference.currency, [])
            if len(heap) < self._keep:
                heappush(heap, entry)
            else:
                heappushpop(heap, entry)

    def found(self) -> tuple[Any, ...]:
        if self._keep is None:
            return tuple(self._all)
        return tuple(
            item for _, heap in sorted(self._heaps.items()) for *_, item in sorted(heap, reverse=True)
        )


class Tally:
    """What is known of an impact so far."""

    def __init__(self, difference: ModelDifference, *, keep: int | None) -> None:
        self.used_before: dict[str, set[str]] = {}
        self.used_after: dict[str, set[str]] = {}
        self._difference = difference
        self._keep = keep
        self._totals: _Sums = {}
        self._products: _Sums = {}
        self._segments: _Sums = {}
        self._changes: _Sums = {}
        self._records: dict[tuple[str, str, str], _Sum] = {}
        self._requests = _Largest(keep)
        self._lines = _Largest(keep)
        self._kept: dict[str, list[LineMovement]] = {"gained": [], "lost": []}
        self._counts = Counter[str]()

    def add(self, name: str, old: Priced, new: Priced) -> None:
        """Compare two answers to one request."""
        _note(self.used_before, old)
        _note(self.used_after, new)
        segment = str(old.request.customer.get("segment", ""))
        before = {line.position: line for line in old.lines}
        after = {line.position: line for line in new.lines}
        moved: list[tuple[LineMovement, tuple[Cause, ...]]] = []
        seen: list[Cause] = []
        whole = _Sum()
        for position in sorted(before.keys() | after.keys()):
            first, second = before.get(position), after.get(position)
            if first is None or second is None:
                self._come_or_gone(name, segment, first, second)
                continue
            causes: tuple[Cause, ...] = ()
            if first.waterfall != second.waterfall:
                causes = compare_waterfalls(first.waterfall, second.waterfall, self._difference)
            seen += causes
            self._add_steps(old.currency, first.waterfall, second.waterfall)
            line = LineMovement(
                request=name,
                position=position,
                product=first.line.product,
                segment=segment,
                old=first.net_amount,
                new=second.net_amount,
                old_quantity=first.line.quantity,
                new_quantity=second.line.quantity,
            )
            self._count(line, whole)
            if first.net_amount != second.net_amount:
                moved.append((line, causes))
        for line, causes in self._added(name, segment, old, new):
            seen += causes
            self._count(line, whole)
            if line.old != line.new or line.old_quantity != line.new_quantity:
                moved.append((line, causes))
        of_document = _names(seen, CauseKind.CHANGED) or self._difference.parts
        for line, causes in moved:
            self._keep_line(line, causes, of_document)
        if whole.moved:
            movement = whole.movement(name, old.currency)
            self._requests.add(movement.difference, movement)

    def finished(self) -> dict[str, Any]:
        """The fields of an impact."""
        totals = _movements(self._totals)
        records: _Sums = {
            (code, f"{step} {record}".rstrip()): one for (code, step, record), one in self._records.items()
        }
        requests = self._requests.found()
        return {
            "lines": sum(one.lines for one in totals),
            "moved": self._counts["moved"],
            "totals": totals,
            "by_product": _movements(self._products),
            "by_segment": _movements(self._segments),
            "by_request": _sorted(requests),
            "by_change": _movements(self._changes),
            "by_record": _movements(records),
            "moved_lines": self._lines.found(),
            "gained": tuple(self._kept["gained"]),
            "lost": tuple(self._kept["lost"]),
            "gained_count": self._counts["gained"],
            "lost_count": self._counts["lost"],
        }

    def _count(self, line: LineMovement, whole: _Sum) -> None:
        if line.old is None or line.new is None:
            return
        old, new, code = line.old.amount, line.new.amount, line.currency
        whole.add(old, new)
        for sums, name in (
            (self._totals, code),
            (self._products, line.product),
            (self._segments, line.segment),
        ):
            _sum(sums, (code, name)).add(old, new)

    def _add_steps(self, code: str, before: Sequence[PriceStep], after: Sequence[PriceStep]) -> None:
        """Add up what each record contributes to the line on either side."""
        if before == after:
            for step in before:
                if not step.is_statistical:
                    _sum(self._records, (code, step.step, step.record)).add(
                        step.rounded_amount, step.rounded_amount
                    )
            return
        amounts: dict[tuple[str, str], list[Decimal]] = {}
        for side, steps in enumerate((before, after)):
            for step in steps:
                if not step.is_statistical:
                    pair = amounts.setdefault((step.step, step.record), [_ZERO, _ZERO])
                    pair[side] = _add(pair[side], amount_of(step))
        for (step_id, record), (old, new) in amounts.items():
            _sum(self._records, (code, step_id, record)).add(old, new)

    def _keep_line(self, line: LineMovement, causes: tuple[Cause, ...], of_document: Sequence[str]) -> None:
        by = _names(causes, CauseKind.CHANGED) or of_document or _names(causes, *CauseKind)
        shown = tuple(one for one in causes if one.difference)
        found = attrs.evolve(line, causes=shown, by=tuple(by))
        self._counts["moved"] += 1
        if found.old is not None and found.new is not None:
            _sum(self._changes, (found.currency, " + ".join(by))).add(found.old.amount, found.new.amount)
            self._lines.add(found.new - found.old, found)

    def _come_or_gone(
        self, name: str, segment: str, first: PricedLine | None, second: PricedLine | None
    ) -> None:
        there = first or second
        if there is None:
            return
        kind = "gained" if first is None else "lost"
        self._counts[kind] += 1
        kept = self._kept[kind]
        if self._keep is not None and len(kept) >= self._keep:
            return
        records = [
            step.record for step in there.waterfall if self._difference.touches(step.step, step.record)
        ]
        kept.append(
            LineMovement(
                request=name,
                position=there.position,
                product=there.line.product,
                segment=segment,
                old=None if first is None else first.net_amount,
                new=None if second is None else second.net_amount,
                old_quantity=there.line.quantity,
                new_quantity=there.line.quantity,
                by=tuple(dict.fromkeys(records)) or self._difference.parts,
            )
        )

    def _added(
        self, name: str, segment: str, old: Priced, new: Priced
    ) -> Iterator[tuple[LineMovement, tuple[Cause, ...]]]:
        """Units that rules add. One that is not there costs nothing, which is no missing price."""
        sides = (_added_units(old), _added_units(new))
        for step, rule, product, position in sorted(sides[0].keys() | sides[1].keys(), key=repr):
            (old_quantity, before), (new_quantity, after) = (
                side.get((step, rule, product, position), (_ZERO, Money.zero(old.currency))) for side in sides
            )
            _sum(self._records, (old.currency, step, rule)).add(before.amount, after.amount)
            causes: tuple[Cause, ...] = ()
            if before != after or old_quantity != new_quantity:
                touched = self._difference.touches(step, rule)
                cause = Cause(
                    kind=CauseKind.CHANGED if touched else CauseKind.SWITCHED,
                    step=step,
                    record=rule,
                    before=rule if old_quantity else None,
                    after=rule if new_quantity else None,
                    difference=after - before,
                )
                causes = (cause,)
            line = LineMovement(
                request=name,
                position=position,
                product=product,
                segment=segment,
                old=before,
                new=after,
                old_quantity=old_quantity,
                new_quantity=new_quantity,
                added=True,
            )
            yield line, causes


def _added_units(priced: Priced) -> dict[tuple[str, str, str, int | None], tuple[Decimal, Money]]:
    found: dict[tuple[str, str, str, int | None], tuple[Decimal, Money]] = {}
    for one in priced.added:
        key = (one.step, one.rule, one.product, one.position)
        quantity, amount = found.get(key, (_ZERO, Money.zero(priced.currency)))
        found[key] = (_add(quantity, one.quantity), amount + one.amount)
    return found


def _note(used: dict[str, set[str]], priced: Priced) -> None:
    """Note the records that an answer used."""
    for line in priced.lines:
        for step in line.waterfall:
            if step.record:
                used.setdefault(step.step, set()).add(step.record)
    rules: Iterable[AddedLine] = priced.added
    for added in rules:
        used.setdefault(added.step, set()).add(added.rule)


def _names(causes: Iterable[Cause], *kinds: CauseKind) -> tuple[str, ...]:
    """The names of causes, of the first kind that there is."""
    found = tuple(causes)
    for kind in kinds:
        names = tuple(dict.fromkeys(one.name for one in found if one.kind is kind))
        if names:
            return names
    return ()


def _sum(sums: dict[Any, _Sum], key: tuple[str, ...]) -> _Sum:
    found = sums.get(key)
    if found is None:
        found = sums[key] = _Sum()
    return found


def _movements(sums: Mapping[tuple[str, str], _Sum]) -> tuple[Movement, ...]:
    return _sorted([one.movement(name, code) for (code, name), one in sums.items()])


def _sorted(movements: Iterable[Movement]) -> tuple[Movement, ...]:
    """By currency, the largest difference first."""
    return tuple(
        sorted(movements, key=lambda one: (one.currency, -one.difference.amount.copy_abs(), one.name))
    )
