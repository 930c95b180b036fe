"""Gives free units."""

from __future__ import annotations

from salesmgmt.core.formula import BOOL, Formula, Schema
from salesmgmt.core.money import Money
from salesmgmt.cpq.pricing._draft import Draft, DraftLine
from salesmgmt.cpq.pricing._stages import names_of
from salesmgmt.cpq.pricing._stages.portion import portion
from salesmgmt.cpq.pricing.calculation import Calculation
from salesmgmt.cpq.pricing.free_goods import FreeGoodsMode
from salesmgmt.cpq.pricing.names import AMOUNTS
from salesmgmt.cpq.pricing.priced import AddedLine
from salesmgmt.cpq.pricing.procedure import FreeUnits, FreeUnitsRule
from salesmgmt.cpq.pricing.trace import Aside, StepKind, StoodAside


class FreeUnitsStage:
    """Gives each line the free units of the first rule that gives any."""

    def __init__(self, step: FreeUnits, schema: Schema) -> None:
        self._id = step.id
        self._by_product: dict[str, list[FreeUnitsRule]] = {}
        self._by_family: dict[str, list[FreeUnitsRule]] = {}
        self._general: list[FreeUnitsRule] = []
        for rule in step.rules:
            if rule.product:
                self._by_product.setdefault(rule.product, []).append(rule)
            elif rule.family:
                self._by_family.setdefault(rule.family, []).append(rule)
            else:
                self._general.append(rule)
        self._conditions = {
            rule.id: Formula.parse(rule.condition, schema, wanted=BOOL)
            for rule in step.rules
            if rule.condition.strip()
        }
        self.names = names_of(self._conditions.values())

    def run(self, draft: Draft) -> None:
        """Take inclusive free units off their line, and add exclusive ones; a line without a price earns none."""
        if not self.names.isdisjoint(AMOUNTS):
            draft.tell_amounts()
        for one in draft.lines:
            if one.gross is None:
                continue
            rules = [
                *self._by_product.get(one.line.product, ()),
                *self._by_family.get(one.family, ()),
                *self._general,
            ]
            for rule in rules:
                if self._give(draft, one, rule):
                    break

    def _give(self, draft: Draft, one: DraftLine, rule: FreeUnitsRule) -> bool:
        condition = self._conditions.get(rule.id)
        if condition is not None and not condition.holds(one.facts):
            why_not = condition.why_not(one.facts)
            if why_not is not None:
                one.skip(self._id, rule.id, why_not)
            return False
        grant = rule.goods.grant(one.quantity)
        if grant.refused is not None:
            found, wanted = grant.refused.found, grant.refused.wanted
            detail = f"{grant.refused.reason}: found {found:f}, wanted {wanted:f}"
            one.skip(self._id, rule.id, StoodAside(code=Aside.REFUSED, detail=detail))
            return False
        if rule.goods.mode is FreeGoodsMode.INCLUSIVE:
            raw = portion(one.running, grant.free_quantity, one.quantity).copy_negate()
            one.change(
                self._id,
                StepKind.PROMOTION,
                rule.id,
                Calculation.FREE_QUANTITY,
                raw,
                value=grant.free_quantity,
                quantity=one.quantity,
                detail=f"{grant.free_quantity:f} of {one.quantity:f} free",
            )
        else:
            draft.added.append(
                AddedLine(
                    step=self._id,
                    rule=rule.id,
                    product=grant.product or one.line.product,
                    quantity=grant.free_quantity,
                    amount=Money.zero(draft.currency),
                    position=one.position,
                )
            )
        return True
