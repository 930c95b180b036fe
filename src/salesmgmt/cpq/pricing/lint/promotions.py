"""What can be wrong with the promotions and coupons of a model."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from salesmgmt.core.findings import Finding, Severity
from salesmgmt.core.formula import lint_condition
from salesmgmt.cpq.pricing.lint._known import Known
from salesmgmt.cpq.pricing.lint.steps import references
from salesmgmt.cpq.pricing.promotions import BuyGet, FreeProduct, Promotion, promotion_findings
from salesmgmt.cpq.pricing.promotions._candidates import amounts_of

_warning = partial(Finding, severity=Severity.WARNING)


def lint_promotions(known: Known) -> Iterator[Finding]:
    """Find what is wrong with promotions and coupons."""
    model = known.model
    if not model.promotions and not model.coupons:
        return
    yield from promotion_findings(model.promotions, model.coupons, model.promotion_policy)
    for promotion in model.promotions:
        where = f"promotions.{promotion.id}"
        formula = promotion.condition.formula
        if formula.strip():
            yield from lint_condition(formula, known.schema, where)[1]
        yield from _references(promotion, where, known)
        yield from _currency(promotion, where, known)
        if promotion.exclusive and promotion.group:
            yield _warning(
                code="exclusive_in_group",
                where=where,
                message=f"it applies alone, so its group {promotion.group} says nothing",
                hint="drop the group, or let it not be exclusive",
            )


def _references(promotion: Promotion, where: str, known: Known) -> Iterator[Finding]:
    benefit = promotion.benefit
    selections = [promotion.condition.of, promotion.on]
    named = []
    match benefit:
        case BuyGet():
            selections += [benefit.buy, benefit.get]
        case FreeProduct():
            named.append(("line.product", benefit.product))
    for selection in selections:
        named += [("line.product", product) for product in selection.products]
        named += [("line.categories", category) for category in selection.categories]
    yield from references(where, known, *dict.fromkeys(named))


def _currency(promotion: Promotion, where: str, known: Known) -> Iterator[Finding]:
    asked = known.asked_currencies
    strange = sorted({money.currency for money in amounts_of(promotion)} - asked)
    if asked and strange:
        yield _warning(
            code="unpriced_currency",
            where=where,
            message=f"its amounts are in {', '.join(strange)}, and there are prices in {', '.join(sorted(asked))} only",
            hint="state them in a currency that has prices; until then it never applies",
        )
