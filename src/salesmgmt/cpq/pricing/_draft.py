"""A document while it is being priced: the only thing here that changes, and it never leaves the pricer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal, Inexact
from functools import reduce
from typing import Any, TypeAlias

import attrs

from salesmgmt.core.exact import CONTEXT, STRICT, OutOfRange, multiply
from salesmgmt.core.formula import WhyNot
from salesmgmt.core.money import Money
from salesmgmt.cpq.pricing.calculation import Calculation
from salesmgmt.cpq.pricing.condition import ConditionRecord, ConditionType
from salesmgmt.cpq.pricing.priced import AddedLine, NoPrice, PriceConflict
from salesmgmt.cpq.pricing.promotions.promoted import PromotionUse
from salesmgmt.cpq.pricing.request import Line, PricingRequest
from salesmgmt.cpq.pricing.trace import (
    Aside,
    HeaderDiscount,
    Loss,
    NotApplied,
    StepKind,
    StepRow,
    StoodAside,
    WrittenTrace,
)
from salesmgmt.cpq.products import Product

Facts = dict[str, Any]
"""Values by name; `None` for what is missing."""

Reckoned: TypeAlias = tuple[Decimal, Decimal | None, Decimal | None, str]
"""What a record comes to on a line: the exact change, the signed value it came from, what it was reckoned from (`None`
for what the line is at), and what else is to be said."""

_FINEST = Decimal("1e-20")
_ZERO = Decimal(0)
_CONDITION = StepKind.CONDITION
_exact_sum = STRICT.add
_sum = CONTEXT.add


class Pending:
    """A change that waits until the last member of its exclusion group is known; a rival as `judge` compares them."""

    __slots__ = ("amount", "base", "calculation", "detail", "record", "step", "type", "value")

    def __init__(self, step: str, type_: ConditionType, record: ConditionRecord, reckoned: Reckoned) -> None:
        amount, self.value, self.base, self.detail = reckoned
        self.amount = amount or amount.copy_abs()
        self.step = step
        self.type = type_.id
        self.calculation = type_.calculation
        self.record = record

    @property
    def id(self) -> str:
        """Of the condition record."""
        return self.record.id

    @property
    def priority(self) -> int | None:
        """Of the record; `None` comes last."""
        return self.record.priority

    @property
    def combinable(self) -> bool:
        """Whether the record may stand beside others."""
        return self.record.combinable


class DraftLine:
    """A line on its way from list to net.

    `running` is its amount. `list_amount` is what it would be at list; `unit_price` the price of a unit that steps
    replace; `gross` what percentages on the same base are taken from, `None` until a price is found. `excluded` holds
    ids of steps that a special price switches off; `reason` says what is missing where nothing else prices the line.
    """

    # Defaults stand here, because most lines never need their own: making lines is what takes the time.
    running = list_amount = unit_price = _ZERO
    gross: Decimal | None = None
    subtotals: dict[str, Decimal] | None = None
    excluded: frozenset[str] = frozenset()
    excluded_by = ""
    reason = ""
    pending: dict[str, list[Pending]] | None = None
    _facts: Facts | None = None

    def __init__(
        self, position: int, line: Line, product: Product | None, quantity: Decimal, draft: Draft
    ) -> None:
        self.position = position
        self.line = line
        self.product = product
        self.quantity = quantity
        self.draft = draft
        self.uom = line.uom or (product.unit if product is not None else "")
        if draft.is_traced:
            self.trace = trace = WrittenTrace()
            self.steps: list[StepRow] | None = trace.steps
        else:
            self.steps = None

    @property
    def currency(self) -> str:
        """The currency of its amounts."""
        return self.draft.currency

    @property
    def facts(self) -> Facts:
        """What conditions and keys may ask, by name."""
        facts = self._facts
        if facts is None:
            line, draft = self.line, self.draft
            facts = self._facts = {**draft.facts, **draft.facts_of(line.product)}
            facts["line.quantity"] = self.quantity
            facts["line.uom"] = self.uom or None
            facts["line.group"] = line.group or None
            for name, value in line.fields.items():
                facts["line." + name] = value
        return facts

    @property
    def cost_amount(self) -> Decimal | None:
        """What it costs the seller; `None` when that is not known in this currency."""
        cost = None if self.product is None else self.product.cost
        if cost is None or cost.currency != self.draft.currency:
            return None
        return multiply(cost.amount, self.quantity)

    @property
    def family(self) -> str:
        """The family of its product; empty for none."""
        return "" if self.product is None else self.product.family

    @property
    def weight(self) -> Decimal:
        """What it weighs; zero when that is not known."""
        weight = None if self.product is None else self.product.weight
        return _ZERO if weight is None else multiply(weight, self.quantity)

    @property
    def volume(self) -> Decimal:
        """What room it takes; zero when that is not known."""
        volume = None if self.product is None else self.product.volume
        return _ZERO if volume is None else multiply(volume, self.quantity)

    def exclude(self, steps: Iterable[str], by: str) -> None:
        """Switch steps off for this line."""
        self.excluded = self.excluded.union(steps)
        self.excluded_by = by
        self.draft.excludes_steps = True

    def wait(self, group: str, pending: Pending) -> None:
        """Keep a change until its exclusion group is decided."""
        if self.pending is None:
            self.pending = {group: [pending]}
        elif group in self.pending:
            self.pending[group].append(pending)
        else:
            self.pending[group] = [pending]

    def taken(self, group: str) -> list[Pending]:
        """The changes that wait for a group; they wait no longer."""
        return self.pending.pop(group, []) if self.pending is not None else []

    def apply(self, pending: Pending) -> None:
        """Take a change that waited."""
        self.change(
            pending.step,
            _CONDITION,
            pending.id,
            pending.calculation,
            pending.amount,
            pending.value,
            self.quantity,
            pending.detail,
            pending.base,
            pending.record.version,
        )
        if pending.record.excludes:
            self.exclude(pending.record.excludes, pending.record.id)

    def change(  # noqa: PLR0917 - the innermost call of the evaluator, where names cost time
        self,
        step: str,
        kind: StepKind,
        record: str,
        calculation: Calculation,
        raw: Decimal,
        value: Decimal | None = None,
        quantity: Decimal | None = None,
        detail: str = "",
        base: Decimal | None = None,
        version: int = 1,
        rounded: Decimal | None = None,
    ) -> None:
        """Take a step, never below zero, and write it down.

        Args:
            step: id of the step in the procedure.
            kind: what it is.
            record: what did it.
            calculation: how.
            raw: the exact change.
            value: what went into the calculation.
            quantity: how many units.
            detail: what else is to be said.
            base: what it was reckoned from; by default what the line is at.
            version: of the record.
            rounded: the change that counts, where it is not `raw`.
        """
        before = self.running
        counted = raw if rounded is None else rounded
        try:
            after = _exact_sum(before, counted)
        except Inexact:
            before = self._shorten(step)
            counted, after = _shortened(before, counted)
        if after < _ZERO:
            counted, after = before.copy_negate(), _ZERO
        self.running = after
        if self.steps is not None:
            self.steps.append(
                (
                    step,
                    kind,
                    record,
                    calculation,
                    self.draft.currency,
                    before if base is None else base,
                    raw,
                    counted,
                    after,
                    value,
                    quantity,
                    detail,
                    version,
                    False,
                )
            )

    def _shorten(self, step: str) -> Decimal:
        """Go on with 20 decimals where the amount has more, as a rounding that the waterfall shows; the amount then."""
        before = self.running
        after = _shortened(_ZERO, before)[1]
        if after != before:
            self.running = after
            if self.steps is not None:
                self.steps.append(
                    (
                        step,
                        StepKind.ROUNDING,
                        "",
                        Calculation.ROUNDING,
                        self.draft.currency,
                        before,
                        _ZERO,
                        _exact_sum(after, before.copy_negate()),
                        after,
                        None,
                        None,
                        "to 20 decimals",
                        1,
                        False,
                    )
                )
        return after

    def learn(self, facts: Facts) -> None:
        """Know more; what is not asked of this line is not told twice."""
        if self._facts is not None:
            self._facts.update(facts)

    def tell(  # noqa: PLR0917 - as `change`, in place of which it is called
        self,
        step: str,
        kind: StepKind,
        record: str,
        calculation: Calculation,
        raw: Decimal,
        value: Decimal | None = None,
        quantity: Decimal | None = None,
        detail: str = "",
        base: Decimal | None = None,
        version: int = 1,
    ) -> None:
        """Write a statistical step down, which changes nothing."""
        if self.steps is not None:
            self.steps.append(
                (
                    step,
                    kind,
                    record,
                    calculation,
                    self.draft.currency,
                    self.running if base is None else base,
                    raw,
                    raw,
                    self.running,
                    value,
                    quantity,
                    detail,
                    version,
                    True,
                )
            )

    def skip(self, step: str, rule: str, why_not: WhyNot | StoodAside | Loss) -> None:
        """Write down that a rule did not apply."""
        if self.steps is not None:
            self.trace.not_applied.append((step, rule, why_not))

    def put_out(self, step: str, rule: str, by: str) -> None:
        """Write down that a rule was put out by another one."""
        self.skip(step, rule, StoodAside(code=Aside.EXCLUDED, by=by))

    def name_subtotal(self, name: str) -> None:
        """Keep the amount as it is now under a name."""
        self.name_amount(name, self.running)

    def name_amount(self, name: str, amount: Decimal) -> None:
        """Keep an amount under a name."""
        if self.subtotals is None:
            self.subtotals = {}
        self.subtotals[name] = amount


COUNTED = frozenset({"order.lines", "order.products", "order.families", "order.quantity"})
"""The facts that `Draft.count` makes known."""


class Draft:
    """A document on its way from list to net: the lines that have a price so far."""

    __slots__ = (
        "added",
        "at",
        "coupons_used",
        "currency",
        "day",
        "excludes_steps",
        "facts",
        "facts_of",
        "header",
        "is_traced",
        "lines",
        "not_applied",
        "request",
        "tells_passed_over",
        "unpriced",
        "used",
    )

    def __init__(
        self,
        request: PricingRequest,
        at: datetime,
        day: date,
        facts: Facts,
        *,
        facts_of: Callable[[str], Facts],
        is_traced: bool,
        tells_passed_over: bool = False,
    ) -> None:
        self.request = request
        self.at = at
        self.day = day
        self.tells_passed_over = tells_passed_over
        self.currency = request.currency
        self.facts = facts
        self.facts_of = facts_of
        self.is_traced = is_traced
        self.excludes_steps = False
        self.lines: list[DraftLine] = []
        self.unpriced: list[NoPrice | PriceConflict] = []
        self.header: list[HeaderDiscount] = []
        self.added: list[AddedLine] = []
        self.not_applied: list[NotApplied] = []
        self.used: Mapping[str, PromotionUse] = {}
        self.coupons_used: Mapping[str, PromotionUse] = {}

    def count(self) -> None:
        """Make the totals that do not change known to conditions."""
        totals: Facts = {
            "order.lines": len(self.lines),
            "order.products": frozenset(draft.line.product for draft in self.lines),
            "order.families": frozenset(draft.family for draft in self.lines if draft.family),
            "order.quantity": total(draft.quantity for draft in self.lines),
        }
        self._tell(totals)

    def tell_amounts(self) -> None:
        """Make the amounts as they are now known to conditions; a line without a price has none, and is no zero."""
        currency = self.currency
        priced = [draft for draft in self.lines if draft.gross is not None]
        self._tell(
            {
                "order.list_amount": Money(total(draft.list_amount for draft in priced), currency),
                "order.amount": Money(total(draft.running for draft in priced), currency),
            }
            if priced
            else dict.fromkeys(("order.list_amount", "order.amount"))
        )
        for draft in self.lines:
            facts, is_priced = draft.facts, draft.gross is not None
            facts["line.list_amount"] = Money(draft.list_amount, currency) if is_priced else None
            facts["line.amount"] = Money(draft.running, currency) if is_priced else None

    def without(self, failed: Mapping[int, NoPrice | PriceConflict]) -> None:
        """Drop lines for which there is no price, by position."""
        if failed:
            self.unpriced += failed.values()
            stays = [draft.position not in failed for draft in self.lines]
            self.lines = [draft for draft, is_here in zip(self.lines, stays, strict=True) if is_here]
            self.header = [_without(header, stays) for header in self.header]
            self.added = [line for line in self.added if line.position not in failed]

    def drop_unpriced(self) -> None:
        """Drop the lines for which no step found a price."""
        unpriced = [one for one in self.lines if one.gross is None]
        self.without({one.position: self.missing(one, one.reason) for one in unpriced})

    def release(self) -> None:
        """Let go of the lines, which know their document: so all is freed at once, and nothing waits for the collector."""
        self.lines.clear()

    def missing(self, one: DraftLine, reason: str = "") -> NoPrice:
        """The answer that a line has no price."""
        return NoPrice(
            reason=reason, position=one.position, line=one.line, at=self.request.at, currency=self.currency
        )

    def _tell(self, totals: Facts) -> None:
        self.facts.update(totals)
        for draft in self.lines:
            draft.learn(totals)


def total(numbers: Iterable[Decimal]) -> Decimal:
    """The sum of amounts."""
    try:
        return reduce(_sum, numbers, _ZERO)
    except ArithmeticError:
        raise OutOfRange from None


def _shortened(before: Decimal, change: Decimal) -> tuple[Decimal, Decimal]:
    """Go on with 20 decimals, because 34 digits are full; the change that counts, and the amount after it."""
    try:
        counted = change.quantize(_FINEST, ROUND_HALF_EVEN, CONTEXT)
        return counted, STRICT.add(before, counted)
    except ArithmeticError:
        raise OutOfRange from None


def _without(header: HeaderDiscount, stays: Sequence[bool]) -> HeaderDiscount:
    """A discount on the document as far as those of its lines took it that still have a price."""
    shares = tuple([share for share, is_here in zip(header.shares, stays, strict=True) if is_here])
    return attrs.evolve(header, rounded=Money.total(shares, header.rounded.currency), shares=shares)
