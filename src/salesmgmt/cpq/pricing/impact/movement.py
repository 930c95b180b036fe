"""Movements of amounts between two pricing models: of a line, and of what is added up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from enum import StrEnum
from itertools import zip_longest

import attrs

from salesmgmt.core.exact import subtract
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing.impact.model_difference import ModelDifference, names_in
from salesmgmt.cpq.pricing.trace import PriceStep, StepKind

_ZERO = Decimal(0)

_SHARED = frozenset({StepKind.HEADER, StepKind.PROMOTION})
"""Steps whose value is the amount itself, so that it moves with the line."""


class CauseKind(StrEnum):
    """Why a step of a waterfall has another amount.

    >>> from salesmgmt.cpq.pricing.impact.movement import CauseKind
    >>> [kind.value for kind in CauseKind]
    ['changed', 'switched', 'follows']
    """

    CHANGED = "changed"
    """Its record, its rule or the step itself is another one in the new model."""
    SWITCHED = "switched"
    """Another record applies, or one more, or one less, or another of its values, and none of them was changed."""
    FOLLOWS = "follows"
    """It is reckoned as before, from an amount that moved."""


@attrs.frozen(kw_only=True)
class Cause:
    """One step of a line that has another amount now. The differences of all causes add up to that of the line.

    Attributes:
        kind: why.
        step: id of the step in the procedure.
        record: the record or rule to name for it; empty where the step has none.
        before: the record that the step applied before; `None` when it did not apply.
        after: the record that it applies now; `None` when it does not.
        difference: by how much its amount is another one.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing.impact.movement import Cause
    >>> print(Cause(kind="changed", step="list", record="p-2", before="p-1", after="p-2", difference=Money(30, "EUR")))
    list: p-2 instead of p-1 (changed) 30 EUR
    """

    kind: CauseKind = attrs.field(converter=CauseKind)
    step: str
    record: str
    before: str | None
    after: str | None
    difference: Money

    @property
    def name(self) -> str:
        """Its record, or its step where it has none."""
        return self.record or self.step

    def __str__(self) -> str:
        if not self.before and not self.after:
            words = ""
        elif self.before is None:
            words = f": now {self.after}"
        elif self.after is None:
            words = f": no longer {self.before}"
        elif self.before != self.after:
            words = f": {self.after} instead of {self.before}"
        else:
            words = f": {self.after}"
        return f"{self.step}{words} ({self.kind}) {self.difference}"


@attrs.frozen(kw_only=True)
class LineMovement:
    """A line whose amount is another one, or that gains or loses its price.

    Attributes:
        request: the name of its request.
        position: which line of the request it is, from 0; of an added one, the line it comes with, `None` for the
            document.
        product: id of its product.
        segment: the segment of the customer; empty when none is known.
        old: its net amount before; `None` when it had no price.
        new: its net amount now; `None` when it has none.
        old_quantity: how many.
        new_quantity: how many now; differs only for units that a rule adds.
        added: whether a rule of the model adds it.
        causes: the steps that have another amount; for a line that gains or loses its price, none.
        by: the changes behind it: ids of changed records and rules, of steps, or what else differs. When no step of its
            own was changed they are those of the document.

    >>> from decimal import Decimal
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing.impact.movement import LineMovement
    >>> LineMovement(
    ...     request="q-1", position=0, product="dock", segment="", old=Money(100, "EUR"), new=Money(103, "EUR"),
    ...     old_quantity=Decimal(1), new_quantity=Decimal(1), by=("p-1",),
    ... ).difference
    Money('3', 'EUR')
    """

    request: str
    position: int | None
    product: str
    segment: str
    old: Money | None
    new: Money | None
    old_quantity: Decimal
    new_quantity: Decimal
    added: bool = False
    causes: tuple[Cause, ...] = ()
    by: tuple[str, ...] = ()

    @property
    def difference(self) -> Money | None:
        """New less old; `None` when one of them is missing, because a missing price is not zero."""
        return None if self.old is None or self.new is None else self.new - self.old

    @property
    def currency(self) -> str:
        """The currency of its amounts; empty when it has none."""
        found = self.old if self.new is None else self.new
        return "" if found is None else found.currency

    def __str__(self) -> str:
        place = self.request if self.position is None else f"{self.request} lines[{self.position}]"
        old, new = ("no price" if one is None else str(one) for one in (self.old, self.new))
        by = f" by {' + '.join(self.by)}" if self.by else ""
        return f"{place} {self.product}: {old} -> {new}{by}"


@attrs.frozen(kw_only=True)
class Movement:
    """Amounts of one name added up, before and now, in one currency.

    Attributes:
        name: what is added up: a product, a segment, a request, a record.
        lines: how many lines, or steps of lines, went into it.
        moved: how many of them have another amount now.
        old: what they came to.
        new: what they come to now.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing.impact.movement import Movement
    >>> dock = Movement(name="dock", lines=3, moved=1, old=Money(300, "EUR"), new=Money(309, "EUR"))
    >>> dock.difference, dock.percent
    (Money('9', 'EUR'), Percent('3'))
    """

    name: str
    lines: int
    moved: int
    old: Money
    new: Money

    @property
    def difference(self) -> Money:
        """New less old."""
        return self.new - self.old

    @property
    def percent(self) -> Percent | None:
        """The difference in percent of the old amount; `None` when that is zero."""
        return Percent.of_ratio(self.difference / self.old) if self.old else None

    @property
    def currency(self) -> str:
        """The currency of its amounts."""
        return self.old.currency

    def __str__(self) -> str:
        return f"{self.name}: {self.old} -> {self.new}"


def compare_waterfalls(
    before: Sequence[PriceStep], after: Sequence[PriceStep], difference: ModelDifference
) -> tuple[Cause, ...]:
    """Compare two waterfalls of one line step by step.

    A record is compared with itself; of those that stand on one side only, the first of a step with the first.

    Args:
        before: the waterfall by the old model.
        after: that by the new one.
        difference: what differs between the models.

    Returns:
        Every step with another amount, and those that were changed even where the amount is the same; in the order of
        the waterfalls.
    """
    causes = (_cause(old, new, difference) for old, new in _pairs(before, after))
    ranks = _ranks(before, after)
    return tuple(sorted((one for one in causes if one is not None), key=lambda one: ranks[one.step]))


def _ranks(before: Sequence[PriceStep], after: Sequence[PriceStep]) -> dict[str, tuple[int, int]]:
    """Where each step stands: as in the new waterfall; what is only in the old one, behind the step before it."""
    ranks: dict[str, tuple[int, int]] = {}
    for place, step in enumerate(after):
        ranks.setdefault(step.step, (place, 0))
    last = -1
    for place, step in enumerate(before):
        last, _ = ranks.setdefault(step.step, (last, place + 1))
    return ranks


def _pairs(
    before: Sequence[PriceStep], after: Sequence[PriceStep]
) -> Iterator[tuple[PriceStep | None, PriceStep | None]]:
    if len(before) == len(after) and all(
        old.step == new.step and old.record == new.record for old, new in zip(before, after, strict=True)
    ):
        yield from zip(before, after, strict=True)
        return
    waiting: dict[tuple[str, str], list[PriceStep]] = {}
    for old in reversed(before):
        waiting.setdefault((old.step, old.record), []).append(old)
    fresh: dict[str, list[PriceStep]] = {}
    for new in after:
        same = waiting.get((new.step, new.record))
        if same:
            yield same.pop(), new
        else:
            fresh.setdefault(new.step, []).append(new)
    gone: dict[str, list[PriceStep]] = {}
    for old in before:
        left = waiting[old.step, old.record]
        if left and left[-1] is old:
            gone.setdefault(old.step, []).append(left.pop())
    for step in gone | fresh:
        yield from zip_longest(gone.get(step, ()), fresh.get(step, ()))


def _cause(old: PriceStep | None, new: PriceStep | None, difference: ModelDifference) -> Cause | None:
    there = [one for one in (new, old) if one is not None and not one.is_statistical]
    if not there:
        return None
    step = there[0].step
    by = subtract(amount_of(new), amount_of(old))
    same_record = old is not None and new is not None and old.record == new.record
    same = same_record and old is not None and new is not None and _inputs(old) == _inputs(new)
    touched = [one.record for one in there if difference.touches(step, one.record)]
    if not same and touched:
        kind, record = CauseKind.CHANGED, _changed_name(touched[0], step, difference)
    elif not by:
        return None
    elif same or not any(one.record for one in there) or (same_record and there[0].kind in _SHARED):
        kind, record = CauseKind.FOLLOWS, there[0].record
    else:
        kind, record = CauseKind.SWITCHED, there[0].record
    return Cause(
        kind=kind,
        step=step,
        record=record,
        before=None if old is None else old.record,
        after=None if new is None else new.record,
        difference=Money(by, there[0].currency),
    )


def _changed_name(record: str, step: str, difference: ModelDifference) -> str:
    """Of rules that apply together, those that were changed."""
    changed = difference.records.get(step, frozenset())
    return ", ".join(name for name in names_in(record) if name in changed) or record


def _inputs(step: PriceStep) -> tuple[object, ...]:
    return step.calculation, step.value, step.quantity, step.version


def amount_of(step: PriceStep | None) -> Decimal:
    """What a step changes the line by; nothing when it is not there or only tells."""
    return _ZERO if step is None or step.is_statistical else step.rounded_amount
