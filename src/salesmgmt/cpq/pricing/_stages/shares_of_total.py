"""Prices products that cost a percentage of what other lines come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import attrs

from salesmgmt.core.exact import subtract
from salesmgmt.core.money import Money
from salesmgmt.core.period import Period
from salesmgmt.cpq.pricing._draft import Draft, DraftLine
from salesmgmt.cpq.pricing._stages import NOTHING
from salesmgmt.cpq.pricing._stages.terms import share_of, term_of
from salesmgmt.cpq.pricing.calculation import Calculation
from salesmgmt.cpq.pricing.procedure import SharesOfTotal
from salesmgmt.cpq.pricing.terms.percent_of_total import (
    CoveredLine,
    NothingCovered,
    PercentOfTotal,
    percent_of_total_prices,
)
from salesmgmt.cpq.pricing.terms.proration import ProrationPolicy
from salesmgmt.cpq.pricing.trace import StepKind


class ShareOfTotalStage:
    """Prices such products, those first that others are reckoned from."""

    names = NOTHING

    def __init__(self, step: SharesOfTotal) -> None:
        self._id = step.id
        self._rules = {rule.product: rule for rule in step.rules}

    def run(self, draft: Draft) -> None:
        """Put each of their lines at its share; one that covers nothing keeps what it has."""
        names: dict[str, list[str]] = {}
        wanted: dict[str, DraftLine] = {}
        for one in draft.lines:
            if one.line.product in self._rules:
                name = f"line {one.position}"
                wanted[name] = one
                names.setdefault(one.line.product, []).append(name)
        if not wanted:
            return
        # Each line is priced by itself, because several lines of one product may have different terms.
        rules = {name: self._rule(name, one.line.product, names) for name, one in wanted.items()}
        subtotals = {rule.subtotal for rule in self._rules.values()}
        covered = [
            CoveredLine(
                product=f"product {one.line.product}",
                amounts={subtotal: _amount(one, subtotal) for subtotal in subtotals},
            )
            for one in draft.lines
            if one.line.product not in self._rules and one.gross is not None
        ]
        terms = {name: _term(one, rules[name].proration) for name, one in wanted.items()}
        prices = percent_of_total_prices(rules.values(), covered, terms)
        for name, one in wanted.items():
            price = prices[name]
            if isinstance(price, NothingCovered):
                continue
            rule = rules[name]
            one.change(
                self._id,
                StepKind.CONDITION,
                one.line.product,
                Calculation.PERCENT_OF_TOTAL,
                subtract(price.amount, one.running),
                value=rule.percent.points,
                base=one.running,
                detail="of what the other lines come to",
            )
            if one.gross is None:
                one.list_amount = one.running
            one.gross = one.running

    def _rule(self, name: str, product: str, names: Mapping[str, Sequence[str]]) -> PercentOfTotal:
        """The rule of a product for one of its lines."""
        rule = self._rules[product]
        covers: list[str] = []
        for other in rule.covers:
            covers += names.get(other, ()) if other in self._rules else (f"product {other}",)
        if rule.covers and not covers:
            covers = [""]  # nothing of it is there, and an empty list would cover everything
        return attrs.evolve(rule, product=name, covers=covers)


def _amount(one: DraftLine, subtotal: str) -> Money:
    """A line at a named subtotal; without one of this name, as it is now."""
    known = one.subtotals or {}
    return Money(known.get(subtotal, one.running), one.currency)


def _term(one: DraftLine, policy: ProrationPolicy) -> Period | Decimal:
    """The term of a line; without one, that for which the percentage is."""
    term = term_of(one, policy)
    if term is None:
        return policy.default_length
    share_of(one, policy, term)
    return term
