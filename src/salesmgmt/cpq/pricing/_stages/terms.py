"""Prorates lines by their terms."""

from __future__ import annotations

from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.exact import subtract
from salesmgmt.core.formula import BOOL, Formula, Schema
from salesmgmt.core.period import DateOutOfRange, EmptyPeriod, NotADate, Period
from salesmgmt.cpq.pricing._draft import Draft, DraftLine
from salesmgmt.cpq.pricing._stages import names_of
from salesmgmt.cpq.pricing.calculation import Calculation
from salesmgmt.cpq.pricing.names import AMOUNTS
from salesmgmt.cpq.pricing.procedure import Terms
from salesmgmt.cpq.pricing.terms.proration import Proration, ProrationPolicy
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
        """Bring each line that has a price from the default term to its own."""
        if not self.names.isdisjoint(AMOUNTS):
            draft.tell_amounts()
        for one in draft.lines:
            term = None if one.gross is None else term_of(one, self._policy)
            if term is None or (self._condition is not None and not self._condition.holds(one.facts)):
                continue
            share = share_of(one, self._policy, term)
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


def term_of(one: DraftLine, policy: ProrationPolicy) -> Period | None:
    """The term of a line; `None` without one. Raises `InvalidInput` when it ends before it starts."""
    start, end = one.line.starts, one.line.ends
    if start is None or end is None:
        return None
    try:
        return policy.term(start, end)
    except (EmptyPeriod, NotADate, DateOutOfRange) as error:
        raise _wrong_term(one, error.code, f"a day after {start}") from None


def share_of(one: DraftLine, policy: ProrationPolicy, term: Period) -> Proration:
    """How many default terms the term of a line makes; raises `InvalidInput` when it leaves the calendar."""
    try:
        return policy.of(term)
    except DateOutOfRange as error:
        raise _wrong_term(one, error.code, "a day whose periods end by the year 9999") from None


def _wrong_term(one: DraftLine, code: str, wanted: str) -> InvalidInput:
    return InvalidInput(
        "pricing request", [Problem(f"lines[{one.position}].ends", code, shorten(one.line.ends), wanted)]
    )
