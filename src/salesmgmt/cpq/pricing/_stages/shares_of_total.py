"""Prices products that cost a percentage of what other lines come to."""

from __future__ import annotations

from decimal import Decimal

from salesmgmt.core.exact import subtract
from salesmgmt.core.money import Money
from salesmgmt.core.period import Period
from salesmgmt.cpq.pricing._draft import Draft, DraftLine
from salesmgmt.cpq.pricing._stages import NOTHING
from salesmgmt.cpq.pricing.calculation import Calculation
from salesmgmt.cpq.pricing.percent_of_total import CoveredLine, NothingCovered, percent_of_total_prices
from salesmgmt.cpq.pricing.procedure import SharesOfTotal
from salesmgmt.cpq.pricing.proration import ProrationPolicy
from salesmgmt.cpq.pricing.trace import StepKind


class ShareOfTotalStage:
    """Prices such products, those first that others are reckoned from."""

    names = NOTHING

    def __init__(self, step: SharesOfTotal) -> None:
        self._id = step.id
        self._rules = {rule.product: rule for rule in step.rules}

    def run(self, draft: Draft) -> None:
        """Put each of their lines at its share; one that covers nothing keeps what it has."""
        wanted = {one.line.product: one for one in draft.lines if one.line.product in self._rules}
        if not wanted:
            return
        covered = [
            CoveredLine(
                product=one.line.product,
                amounts={rule.subtotal: _amount(one, rule.subtotal) for rule in self._rules.values()},
            )
            for one in draft.lines
            if one.line.product not in self._rules
        ]
        terms = {product: _term(one, self._rules[product].proration) for product, one in wanted.items()}
        prices = percent_of_total_prices(self._rules.values(), covered, terms)
        for product, one in wanted.items():
            price = prices[product]
            if isinstance(price, NothingCovered):
                continue
            rule = self._rules[product]
            one.change(
                self._id,
                StepKind.CONDITION,
                product,
                Calculation.PERCENT_OF_TOTAL,
                subtract(price.amount, one.running),
                value=rule.percent.points,
                base=one.running,
                detail="of what the other lines come to",
            )
            if one.gross is None:
                one.list_amount = one.running
            one.gross = one.running


def _amount(one: DraftLine, subtotal: str) -> Money:
    """A line at a named subtotal; without one of this name, as it is now."""
    known = one.subtotals or {}
    return Money(known.get(subtotal, one.running), one.currency)


def _term(one: DraftLine, policy: ProrationPolicy) -> Period | Decimal:
    """The term of a line; without one, that for which the percentage is."""
    start, end = one.line.starts, one.line.ends
    if start is None or end is None:
        return policy.default_length
    return policy.term(start, end)
