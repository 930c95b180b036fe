"""Apply promotions and coupons to the lines of a document."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import attrs

from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.core.exact import add, subtract
from salesmgmt.core.money import CurrencyMismatch, Money
from salesmgmt.core.rounding import Rounding
from salesmgmt.cpq.pricing.promotions._candidates import Candidate, Circumstances, candidates
from salesmgmt.cpq.pricing.promotions._claim import Claim, claim_of
from salesmgmt.cpq.pricing.promotions._document import ZERO, Document, added
from salesmgmt.cpq.pricing.promotions._result import Taken, result
from salesmgmt.cpq.pricing.promotions._sharing import Settled, Settling, followed
from salesmgmt.cpq.pricing.promotions.benefit import BuyGet
from salesmgmt.cpq.pricing.promotions.condition import unmet
from salesmgmt.cpq.pricing.promotions.coupon import Coupon
from salesmgmt.cpq.pricing.promotions.line import PromotionLine
from salesmgmt.cpq.pricing.promotions.policy import (
    DEFAULT_POLICY,
    Combine,
    Counts,
    InGroup,
    MeasuredOn,
    Minimums,
    OverBudget,
    PromotionPolicy,
    Spread,
)
from salesmgmt.cpq.pricing.promotions.promoted import Promoted, PromotionUse
from salesmgmt.cpq.pricing.promotions.promotion import Promotion
from salesmgmt.cpq.pricing.promotions.refusals import (
    BudgetExceeded,
    ConditionNotMet,
    NotCombinable,
    NothingLeft,
    RefusalReason,
    Refused,
)


def apply_promotions(
    promotions: Sequence[Promotion],
    lines: Sequence[PromotionLine],
    *,
    currency: str,
    policy: PromotionPolicy = DEFAULT_POLICY,
    codes: Sequence[str] = (),
    coupons: Sequence[Coupon] = (),
    apply: Sequence[str] | None = None,
    rounding: Rounding | None = None,
    floor: Money | None = None,
    tax_included: bool = False,
    at: datetime | None = None,
    used: Mapping[str, PromotionUse] | None = None,
    coupons_used: Mapping[str, PromotionUse] | None = None,
    holds: Callable[[str], bool] | None = None,
) -> Promoted:
    """Apply promotions one after the other to what is left of the lines.

    Each takes no more than is left of a line, so nothing falls below zero. The answer depends on the document as it
    stands and on nothing that happened before.

    Args:
        promotions: all there are; those with trigger `auto` apply in the order of the policy, then those of `codes`.
        lines: the document before promotions, ids once.
        currency: of every amount.
        policy: the conventions.
        codes: what the customer entered, in that order.
        coupons: codes with limits of their own.
        apply: ids of the promotions to try, and their whole order, with or without codes.
        rounding: of every amount that is taken; `None` keeps them exact.
        floor: what the document may not fall below, in the basis of the policy; nothing by default.
        tax_included: whether the amounts of the lines are with tax.
        at: the instant, for validities.
        used: what has been used of promotions so far, by id.
        coupons_used: what has been used of coupons so far, by code.
        holds: evaluates the formula of a condition on the facts of this document.

    Returns:
        Who takes how much of which line, what is free, who is refused and why, and what was used.

    Raises:
        InvalidInput: an id or code stands twice, or a condition or validity cannot be tested; all are listed.
        CurrencyMismatch: a line, the floor, or what was used of a budget is in another currency.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.core.rounding import Rounding
    >>> from salesmgmt.cpq.pricing.promotions import PercentOff, Promotion, PromotionLine, apply_promotions
    >>> spring = Promotion(id="spring", benefit=PercentOff(percent=Percent(10)))
    >>> cents = Rounding("half_up", "0.01")
    >>> lines = [PromotionLine(id="1", amount=Money("320.00", "EUR"))]
    >>> apply_promotions([spring], lines, currency="EUR", rounding=cents).total
    Money('288.00', 'EUR')
    """
    if floor is not None and floor.currency != currency:
        raise CurrencyMismatch(currency, floor.currency)
    known = Circumstances(currency=currency, at=at, used=used or {}, coupons_used=coupons_used or {})
    tried, refused = candidates(
        promotions, coupons, codes=codes, apply=apply, order=policy.order, known=known
    )
    document = Document(lines, currency=currency, tax_included=tax_included, policy=policy)
    run = _Run(
        document=document,
        measured=document
        if rounding is None or policy.measured_on == MeasuredOn.ROUNDED
        else Document(lines, currency=currency, tax_included=tax_included, policy=policy),
        policy=policy,
        rounding=rounding,
        floor=ZERO if floor is None else floor.amount,
        known=known,
        formulas=_evaluated(tried, holds),
        ranks=_ranks(tried, document, policy),
    )
    if policy.combine == Combine.BEST_ONE:
        run.best_of(tried)
    else:
        run.all_of(tried)
    return result(document, lines, run.taken, (*refused, *run.refused), policy=policy, rounding=rounding)


@attrs.frozen
class _Outcome:
    claim: Claim
    settled: Settled
    measured: Settled


@attrs.define(kw_only=True)
class _Run:
    """The promotions that were tried so far, and the state of the document after them.

    Promotions are measured on `measured`: the document itself, or the same one with all amounts exact.
    """

    document: Document
    measured: Document
    policy: PromotionPolicy
    rounding: Rounding | None
    floor: Decimal
    known: Circumstances
    formulas: Mapping[str, bool]
    ranks: Mapping[str, Mapping[int, int]]
    taken: list[Taken] = attrs.field(factory=list)
    refused: list[Refused] = attrs.field(factory=list)
    groups: dict[str, str] = attrs.field(factory=dict)

    def all_of(self, tried: Sequence[Candidate]) -> None:
        """Try each in its turn."""
        by_group: dict[str, list[Candidate]] = {}
        for candidate in tried:
            by_group.setdefault(candidate.promotion.group, []).append(candidate)
        done: set[str] = set()
        for candidate in tried:
            group = candidate.promotion.group
            if not group or self.policy.in_group == InGroup.FIRST:
                self._one(candidate)
            elif group not in done:
                done.add(group)
                self.best_of(by_group[group])

    def best_of(self, tried: Sequence[Candidate]) -> None:
        """Apply the one that takes most of what is left; the first of equal ones."""
        best: tuple[Decimal, bool] | None = None
        winner: tuple[Candidate, _Outcome] | None = None
        able: list[Candidate] = []
        for candidate in tried:
            outcome = self._outcome(candidate)
            if not isinstance(outcome, _Outcome):
                self._refuse(candidate, outcome)
                continue
            able.append(candidate)
            worth = (outcome.settled.total, outcome.claim.free_product is not None)
            if best is None or worth > best:
                best, winner = worth, (candidate, outcome)
        if winner is None:
            return
        self._commit(*winner)
        for candidate in able:
            if candidate is not winner[0]:
                self._refuse(
                    candidate, NotCombinable(found=winner[0].promotion.id, wanted="only the best applies")
                )

    def _one(self, candidate: Candidate) -> None:
        outcome = self._outcome(candidate)
        if isinstance(outcome, _Outcome):
            self._commit(candidate, outcome)
        else:
            self._refuse(candidate, outcome)

    def _refuse(self, candidate: Candidate, reason: RefusalReason) -> None:
        self.refused.append(Refused(promotion=candidate.promotion.id, reason=reason))

    def _outcome(self, candidate: Candidate) -> _Outcome | RefusalReason:
        promotion = candidate.promotion
        reason = self._barred(promotion) or self._condition(promotion)
        if reason is not None:
            return reason
        claim = claim_of(promotion, self.measured, self.policy)
        if not isinstance(claim, Claim):
            return claim
        outcome = self._settled(claim, promotion, None)
        over = self._over_budget(promotion, outcome.settled.total)
        if over is not None:
            if self.policy.over_budget == OverBudget.REFUSE:
                return over
            room = subtract(over.wanted.amount, self._spent(promotion))
            outcome = self._settled(claim, promotion, room)
        gives = outcome.settled.amounts or claim.free_product is not None
        if not gives and not (self.policy.counts == Counts.WHEN_CONDITION_HOLDS and claim.applications):
            return NothingLeft(found=self._money(added(claim.amounts.values())))
        return outcome

    def _settled(self, claim: Claim, promotion: Promotion, room: Decimal | None) -> _Outcome:
        """What a claim comes to when no more than `room` may be taken."""
        settling = Settling(
            claim=claim,
            promotion=promotion,
            document=self.measured,
            policy=self.policy,
            rounding=self.rounding if self.measured is self.document else None,
            ranks=self.ranks.get(promotion.id, {}),
        )
        measured = settling.settle(self._most(self.measured, room))
        if self.measured is self.document or self.rounding is None:
            return _Outcome(claim, measured, measured)
        settled = followed(
            measured,
            settling,
            document=self.document,
            rounding=self.rounding,
            most=self._most(self.document, room),
        )
        return _Outcome(claim, settled, measured)

    def _most(self, document: Document, room: Decimal | None) -> Decimal:
        most = subtract(added(document.left), self.floor)
        return most if room is None else min(most, room)

    def _barred(self, promotion: Promotion) -> NotCombinable | None:
        if promotion.group in self.groups:
            return NotCombinable(found=self.groups[promotion.group], wanted=f"one of group {promotion.group}")
        for taken in self.taken:
            if promotion.exclusive or taken.promotion.exclusive:
                return NotCombinable(found=taken.promotion.id, wanted="an exclusive promotion applies alone")
        return None

    def _condition(self, promotion: Promotion) -> RefusalReason | None:
        condition, document = promotion.condition, self.document
        if condition.formula and not self.formulas[condition.formula]:
            return ConditionNotMet(wanted=condition.formula)
        counted = document.matching(condition.of)
        remaining = self.policy.minimums == Minimums.REMAINING
        basis = document.basis if condition.amount_is is None else condition.amount_is
        amounts = document.left if remaining else document.initial
        return unmet(
            condition,
            quantity=added(
                document.units(line) if remaining else document.lines[line].quantity for line in counted
            ),
            amount=self._money(added(document.amount_in(basis, line, amounts[line]) for line in counted)),
        )

    def _spent(self, promotion: Promotion) -> Decimal:
        use = self.known.used.get(promotion.id)
        if use is None or use.amount is None:
            return ZERO
        if use.amount.currency != self.document.currency:
            raise CurrencyMismatch(self.document.currency, use.amount.currency)
        return use.amount.amount

    def _over_budget(self, promotion: Promotion, total: Decimal) -> BudgetExceeded | None:
        if promotion.budget is None:
            return None
        wanted = add(self._spent(promotion), total)
        if wanted <= promotion.budget.amount:
            return None
        return BudgetExceeded(found=self._money(wanted), wanted=promotion.budget)

    def _money(self, amount: Decimal) -> Money:
        return Money(amount, self.document.currency)

    def _commit(self, candidate: Candidate, outcome: _Outcome) -> None:
        claim, promotion = outcome.claim, candidate.promotion
        states = [(self.document, outcome.settled)]
        if self.measured is not self.document:
            states.append((self.measured, outcome.measured))
        for document, settled in states:
            for line, amount in settled.amounts.items():
                document.left[line] = subtract(document.left[line], amount)
            if not settled.cut:
                for line, units in claim.freed.items():
                    document.taken[line] = add(document.taken[line], units)
            for line, units in claim.spent.items():
                document.spent[line] = add(document.spent[line], units)
        self.taken.append(
            Taken(
                promotion,
                candidate.coupon,
                outcome.settled.amounts,
                claim.applications,
                claim.free_product,
            )
        )
        if promotion.group:
            self.groups[promotion.group] = promotion.id


def _evaluated(tried: Sequence[Candidate], holds: Callable[[str], bool] | None) -> dict[str, bool]:
    """Each formula once."""
    formulas = dict.fromkeys(candidate.promotion.condition.formula for candidate in tried)
    formulas.pop("", None)
    if formulas and holds is None:
        raise InvalidInput(
            "the promotions of a document",
            [Problem("holds", "missing", None, f"what evaluates {formula}") for formula in formulas],
        )
    return {formula: bool(holds(formula)) for formula in formulas if holds is not None}


def _ranks(
    tried: Sequence[Candidate], document: Document, policy: PromotionPolicy
) -> dict[str, dict[int, int]]:
    """For each promotion the rank of lines by who can reach them later: the next promotion counts most."""
    if policy.spread != Spread.OUT_OF_REACH_FIRST:
        return {}
    found = {}
    ranks = dict.fromkeys(range(len(document.lines)), 0)
    for candidate in reversed(tried):
        promotion = candidate.promotion
        found[promotion.id] = ranks
        benefit = promotion.benefit
        reached = set(document.matching(benefit.get if isinstance(benefit, BuyGet) else promotion.on))
        keys = {line: (line in reached, rank) for line, rank in ranks.items()}
        dense = {key: rank for rank, key in enumerate(sorted(set(keys.values())))}
        ranks = {line: dense[key] for line, key in keys.items()}
    return found
