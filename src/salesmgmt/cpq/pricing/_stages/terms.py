"""Prorates lines by their terms."""

from __future__ import annotations

from salesmgmt.core.exact import subtract
from salesmgmt.core.formula import BOOL, Formula, Schema
from salesmgmt.cpq.pricing._draft import Draft
from salesmgmt.cpq.pricing._stages import names_of
from salesmgmt.cpq.pricing.calculation import Calculation
from salesmgmt.cpq.pricing.procedure import Terms
from salesmgmt.cpq.pricing.trace import StepKind


class TermStage:
    """Prorates the lines that have a term."""

    def __init__(self, step: Terms, schema: Schema) -> None:
        self._id = step.id
        self._policy = step.policy
        condition = step.condition.strip()
        self._condition = Formula.parse(condition, schema, wanted=BOOL) if condition else None
        self.names = names_of([self._condition])

    def run(self, draft: Draft) -> None:
        """Bring each line from the default term to its own."""
        for one in draft.lines:
            start, end = one.line.starts, one.line.ends
            if start is None or end is None:
                continue
            if self._condition is not None and not self._condition.holds(one.facts):
                continue
            share = self._policy.of(self._policy.term(start, end))
            after = share.apply(one.running)
            one.change(
                self._id,
                StepKind.TERM,
                "",
                Calculation.PRORATION,
                subtract(after, one.running),
                value=share.multiplier,
                detail=f"{share.term} {self._policy.precision}, times {share.multiplier}",
            )
            one.gross = one.running
