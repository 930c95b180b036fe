"""Applies promotions and coupons."""

from __future__ import annotations

from decimal import Decimal

from salesmgmt.core.formula import BOOL, Formula, Schema
from salesmgmt.core.money import Money
from salesmgmt.core.rounding import Rounding, RoundingMode
from salesmgmt.cpq.pricing._draft import Draft
from salesmgmt.cpq.pricing._stages import names_of
from salesmgmt.cpq.pricing.calculation import Calculation
from salesmgmt.cpq.pricing.priced import AddedLine
from salesmgmt.cpq.pricing.procedure import Promotions
from salesmgmt.cpq.pricing.promotions import (
    Coupon,
    Promotion,
    PromotionLine,
    PromotionPolicy,
    apply_promotions,
)
from salesmgmt.cpq.pricing.trace import Aside, NotApplied, StepKind, StoodAside
from salesmgmt.cpq.products import Catalogue

_ZERO = Decimal(0)


class PromotionStage:
    """Applies promotions to what the lines are at; the lines are in whole minor units by then."""

    def __init__(
        self,
        step: Promotions,
        promotions: tuple[Promotion, ...],
        coupons: tuple[Coupon, ...],
        policy: PromotionPolicy,
        *,
        catalogue: Catalogue,
        schema: Schema,
    ) -> None:
        self._id = step.id
        self._promotions = promotions
        self._coupons = coupons
        self._policy = policy
        self._catalogue = catalogue
        self._formulas = {
            text: Formula.parse(text, schema, wanted=BOOL)
            for promotion in promotions
            if (text := promotion.condition.formula).strip()
        }
        self.names = names_of(self._formulas.values())

    def run(self, draft: Draft) -> None:
        """Apply what stands for this document, and write down what each promotion takes from each line."""
        lines = [one for one in draft.lines if one.gross is not None]
        if not lines or not (self._promotions or draft.request.codes):
            return
        draft.tell_amounts()
        facts, formulas = draft.facts, self._formulas
        currency = draft.currency
        by_id = {str(one.position): one for one in lines}
        promoted = apply_promotions(
            self._promotions,
            [
                PromotionLine(
                    id=name,
                    product=one.line.product,
                    categories=self._catalogue.categories_of(one.line.product),
                    kind=one.line.kind,
                    quantity=one.quantity,
                    amount=Money(one.running, currency),
                    discountable=one.line.discountable,
                )
                for name, one in by_id.items()
            ],
            currency=currency,
            policy=self._policy,
            codes=draft.request.codes,
            coupons=self._coupons,
            rounding=Rounding.for_currency(currency, RoundingMode.HALF_UP),
            at=draft.at,
            used=draft.request.used,
            coupons_used=draft.request.coupons_used,
            holds=lambda text: not text.strip() or formulas[text].holds(facts),
        )
        for discount in promoted.discounts:
            amount = discount.amount.amount.copy_negate()
            by_id[discount.line].change(
                self._id,
                StepKind.PROMOTION,
                discount.promotion,
                Calculation.AMOUNT_PER_LINE,
                amount,
                value=amount,
            )
        for free in promoted.free:
            draft.added.append(
                AddedLine(
                    step=self._id,
                    rule=free.promotion,
                    product=free.product,
                    quantity=free.quantity,
                    amount=Money.zero(currency),
                )
            )
        draft.not_applied += [
            NotApplied(
                step=self._id,
                rule=refused.promotion,
                why_not=StoodAside(code=Aside.REFUSED, detail=str(refused.reason)),
            )
            for refused in promoted.refused
        ]
        draft.used, draft.coupons_used = dict(promoted.used), dict(promoted.coupons_used)
