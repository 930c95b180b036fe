"""Decides exclusion groups."""

from __future__ import annotations

from salesmgmt.cpq.pricing._draft import Draft, DraftLine, Pending
from salesmgmt.cpq.pricing._stages import NOTHING
from salesmgmt.cpq.pricing._stages.conditions import take_price
from salesmgmt.cpq.pricing.exclusion import ExclusionGroup, decide


class ExclusionStage:
    """Decides a group whose last member has just run, and applies what stays, in order."""

    names = NOTHING

    def __init__(self, group: ExclusionGroup, prices: frozenset[str]) -> None:
        self._group = group
        self._prices = prices

    def run(self, draft: Draft) -> None:
        """Apply what the group leaves; say of the others what put them out."""
        for one in draft.lines:
            waiting = one.taken(self._group.id)
            if len(waiting) < 2:
                for pending in waiting:
                    self._apply(one, pending)
                continue
            out = {id(excluded.candidate): excluded for excluded in decide(self._group, waiting).inactive}
            for pending in waiting:
                excluded = out.get(id(pending))
                if excluded is None:
                    self._apply(one, pending)
                else:
                    detail = f"{self._group.id}, {excluded.found} against {excluded.wanted}"
                    one.put_out(pending.step, pending.id, ", ".join(excluded.by), detail)

    def _apply(self, one: DraftLine, pending: Pending) -> None:
        one.apply(pending)
        if pending.type in self._prices:
            take_price(one)
