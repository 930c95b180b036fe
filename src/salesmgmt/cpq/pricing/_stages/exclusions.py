"""Decides exclusion groups."""

from __future__ import annotations

from salesmgmt.cpq.pricing._draft import Draft
from salesmgmt.cpq.pricing._stages import NOTHING
from salesmgmt.cpq.pricing._stages.conditions import take_price
from salesmgmt.cpq.pricing.exclusion import ExclusionGroup, judge
from salesmgmt.cpq.pricing.trace import Loss


class ExclusionStage:
    """Decides a group whose last member has just run, and applies what stays, in order."""

    names = NOTHING

    def __init__(self, group: ExclusionGroup, prices: frozenset[str]) -> None:
        self._id = group.id
        self._put_out = judge(group)
        self._prices = prices

    def run(self, draft: Draft) -> None:
        """Apply what the group leaves; say of the others what put them out."""
        for one in draft.lines:
            waiting = one.taken(self._id)
            reasons = self._put_out(waiting)[0] if len(waiting) > 1 else {}
            for pending in waiting:
                reason = reasons.get(id(pending))
                if reason is not None:
                    by, found, wanted = reason
                    one.skip(pending.step, pending.id, Loss(by, self._id, found, wanted))
                    continue
                one.apply(pending)
                if pending.type in self._prices:
                    take_price(one)
