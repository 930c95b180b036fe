"""A document while it is being priced: the only thing here that changes, and it never leaves the pricer."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal, Inexact

from salesmgmt.core.exact import CONTEXT, STRICT, OutOfRange, add
from salesmgmt.core.formula import Value
from salesmgmt.core.money import Money
from salesmgmt.cpq.pricing.request import Line
from salesmgmt.cpq.pricing.trace import HeaderDiscount, NotApplied, PriceStep, StepKind

Facts = dict[str, Value | int | None]

_FINEST = Decimal("1e-20")
_ZERO = Decimal(0)


class DraftLine:
    """A line on its way from list to net."""

    __slots__ = (
        "currency",
        "facts",
        "family",
        "line",
        "list_amount",
        "not_applied",
        "position",
        "running",
        "steps",
        "unit_price",
    )

    def __init__(self, position: int, line: Line, family: str, currency: str, facts: Facts) -> None:
        self.position = position
        self.line = line
        self.family = family
        self.currency = currency
        self.running = _ZERO
        self.list_amount = _ZERO
        self.unit_price = _ZERO
        self.steps: list[PriceStep] = []
        self.not_applied: list[NotApplied] = []
        self.facts = facts
        facts["line.product"] = line.product
        facts["line.family"] = family or None
        facts["line.quantity"] = line.quantity
        for name, value in line.fields.items():
            facts[f"line.{name}"] = value

    def change(
        self,
        step: str,
        kind: StepKind,
        record: str,
        calculation: str,
        raw: Decimal,
        *,
        base: Decimal | None = None,
        rounded: Decimal | None = None,
    ) -> None:
        """Take a step, never below zero, and write it down.

        Args:
            step: id of the step in the procedure.
            kind: what it is.
            record: what did it.
            calculation: how, in words.
            raw: the exact change.
            base: what it was reckoned from; by default what the line is at.
            rounded: the change that counts, where it is not `raw`.
        """
        before = self.running
        counted = raw if rounded is None else rounded
        try:
            after = STRICT.add(before, counted)
        except Inexact:
            counted, after = _shortened(before, counted)
        if after < 0:
            counted, after = before.copy_negate(), _ZERO
        difference = _ZERO if counted is raw else add(counted, raw.copy_negate())
        currency = self.currency
        change = Money(counted, currency)
        self.steps.append(
            PriceStep(
                step=step,
                kind=kind,
                record=record,
                base=Money(before if base is None else base, currency),
                calculation=calculation,
                raw=change if counted is raw else Money(raw, currency),
                rounded=change,
                difference=Money(difference, currency),
                running=Money(after, currency),
            )
        )
        self.running = after


class Draft:
    """A document on its way from list to net: the lines that have a price."""

    __slots__ = ("currency", "facts", "header", "lines")

    def __init__(self, currency: str, facts: Facts) -> None:
        self.currency = currency
        self.facts = facts
        self.lines: list[DraftLine] = []
        self.header: list[HeaderDiscount] = []

    def count(self) -> None:
        """Make the totals that do not change known to conditions."""
        totals: Facts = {
            "order.lines": len(self.lines),
            "order.products": frozenset(draft.line.product for draft in self.lines),
            "order.families": frozenset(draft.family for draft in self.lines if draft.family),
            "order.quantity": _sum(draft.line.quantity for draft in self.lines),
        }
        self._tell(totals)

    def tell_amounts(self) -> None:
        """Make the amounts as they are now known to conditions."""
        currency = self.currency
        self._tell(
            {
                "order.list_amount": Money(_sum(draft.list_amount for draft in self.lines), currency),
                "order.amount": Money(_sum(draft.running for draft in self.lines), currency),
            }
        )
        for draft in self.lines:
            draft.facts["line.list_amount"] = Money(draft.list_amount, currency)
            draft.facts["line.amount"] = Money(draft.running, currency)

    def _tell(self, totals: Facts) -> None:
        self.facts.update(totals)
        for draft in self.lines:
            draft.facts.update(totals)


def _sum(numbers: Iterable[Decimal]) -> Decimal:
    total = _ZERO
    for number in numbers:
        total = add(total, number)
    return total


def _shortened(before: Decimal, change: Decimal) -> tuple[Decimal, Decimal]:
    """Go on with 20 decimals, because 34 digits are full; the change that counts, and the amount after it."""
    try:
        counted = change.quantize(_FINEST, ROUND_HALF_EVEN, CONTEXT)
        return counted, STRICT.add(before, counted)
    except ArithmeticError:
        raise OutOfRange from None
