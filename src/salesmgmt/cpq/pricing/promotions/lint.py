"""What is probably wrong with a set of promotions, before it meets a document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from salesmgmt.core.findings import Finding, Severity, duplicate_ids
from salesmgmt.cpq.pricing.promotions._candidates import amounts_of
from salesmgmt.cpq.pricing.promotions.benefit import AmountOff, BuyGet, CheapestFree, FreeProduct, PercentOff
from salesmgmt.cpq.pricing.promotions.condition import ALWAYS
from salesmgmt.cpq.pricing.promotions.coupon import Coupon
from salesmgmt.cpq.pricing.promotions.ordering import ordered
from salesmgmt.cpq.pricing.promotions.policy import DEFAULT_POLICY, InGroup, PromotionPolicy
from salesmgmt.cpq.pricing.promotions.promotion import Promotion, PromotionScope, Repeat, Trigger

_WHOLE = (PromotionScope.ORDER, PromotionScope.LINES)


def promotion_findings(
    promotions: Sequence[Promotion], coupons: Sequence[Coupon] = (), policy: PromotionPolicy = DEFAULT_POLICY
) -> tuple[Finding, ...]:
    """Everything that is wrong, or looks wrong, with promotions and coupons.

    Args:
        promotions: all there are, in their order.
        coupons: codes that call them.
        policy: the conventions under which they will apply.

    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.cpq.pricing.promotions import PercentOff, Promotion, Trigger, promotion_findings
    >>> hidden = Promotion(id="vip", trigger=Trigger.CODE, benefit=PercentOff(percent=Percent(5)))
    >>> print(*promotion_findings([hidden]))
    warning never_called at promotions.vip: it waits for a code and no code or coupon calls it; add one, or ...
    """
    called = {coupon.promotion for coupon in coupons}
    known = {promotion.id for promotion in promotions}
    codes = [code for promotion in promotions for code in promotion.codes] + [one.code for one in coupons]
    findings = [
        *duplicate_ids("promotions", [promotion.id for promotion in promotions]),
        *duplicate_ids("codes", codes),
    ]
    findings += [
        Finding(
            code="unknown_promotion",
            where=f"coupons.{coupon.code}",
            message=f"it calls {coupon.promotion}, which is no promotion",
            hint="name the id of one",
        )
        for coupon in coupons
        if coupon.promotion not in known
    ]
    for promotion in promotions:
        findings += _calling(promotion, called)
        findings += _amounts(promotion)
        findings += _without_effect(promotion)
    findings += _unreachable(ordered(promotions, policy.order), policy)
    return tuple(findings)


def _warning(promotion: Promotion, code: str, message: str, hint: str) -> Finding:
    where = f"promotions.{promotion.id}"
    return Finding(code=code, where=where, message=message, hint=hint, severity=Severity.WARNING)


def _calling(promotion: Promotion, called: set[str]) -> Iterator[Finding]:
    if promotion.trigger == Trigger.CODE and not promotion.codes and promotion.id not in called:
        yield _warning(
            promotion,
            "never_called",
            "it waits for a code and no code or coupon calls it",
            "add one, or let it apply by itself",
        )
    if promotion.trigger == Trigger.AUTO and promotion.codes:
        yield _warning(
            promotion,
            "code_without_effect",
            "it applies by itself, so its codes change nothing",
            "set its trigger to code, or remove them",
        )
    if 0 in (promotion.max_applications, promotion.max_uses, promotion.max_uses_per_customer):
        yield _warning(promotion, "never_applies", "a limit of 0 shuts it off", "raise or remove the limit")


def _amounts(promotion: Promotion) -> Iterator[Finding]:
    currencies = sorted({money.currency for money in amounts_of(promotion)})
    if len(currencies) > 1:
        yield Finding(
            code="mixed_currencies",
            where=f"promotions.{promotion.id}",
            message=f"its amounts are in {', '.join(currencies)}, so it never applies",
            hint="write one promotion for each currency",
        )
    benefit = promotion.benefit
    if (isinstance(benefit, PercentOff | BuyGet) and not benefit.percent) or (
        isinstance(benefit, AmountOff) and not benefit.amount
    ):
        yield _warning(promotion, "gives_nothing", "it takes nothing off", "state how much it takes")


def _without_effect(promotion: Promotion) -> Iterator[Finding]:
    scope, benefit = promotion.scope, promotion.benefit
    by_units = isinstance(benefit, BuyGet | CheapestFree | FreeProduct)
    fields = {
        "max_items": promotion.max_items is not None
        and (by_units or scope not in (PromotionScope.LINES, PromotionScope.EACH_UNIT)),
        "max_units_per_line": promotion.max_units_per_line is not None
        and (by_units or scope != PromotionScope.EACH_UNIT),
        "repeat": promotion.repeat == Repeat.PER_UNIT and (by_units or scope not in _WHOLE),
        "on": not promotion.on.is_everything and isinstance(benefit, BuyGet),
    }
    for name, idle in fields.items():
        if idle:
            yield _warning(
                promotion,
                "field_without_effect",
                f"{name} says nothing for {type(benefit).__name__} with scope {scope}",
                "remove it, or choose another scope",
            )
    if scope == PromotionScope.CONDITION_ITEMS and not by_units and not promotion.condition.min_quantity:
        yield _warning(
            promotion,
            "no_condition_items",
            "it is for the units of its condition, which names no quantity, so it is for one unit",
            "state condition.min_quantity",
        )


def _always(promotion: Promotion) -> bool:
    """Whether a promotion applies to every document of which something is left."""
    return (
        promotion.trigger == Trigger.AUTO
        and promotion.condition == ALWAYS
        and promotion.on.is_everything
        and isinstance(promotion.benefit, PercentOff | AmountOff)
        and not (promotion.valid_from or promotion.valid_to or promotion.budget)
        and promotion.max_uses is None
        and promotion.max_uses_per_customer is None
        and promotion.max_applications is None
    )


def _unreachable(promotions: Iterable[Promotion], policy: PromotionPolicy) -> Iterator[Finding]:
    first_alone = policy.in_group == InGroup.FIRST
    groups: dict[str, str] = {}
    exclusive = ""
    for promotion in promotions:
        stopper = exclusive or groups.get(promotion.group, "")
        if stopper:
            yield _warning(
                promotion,
                "unreachable",
                f"{stopper} applies to every document before it and lets nothing of its kind follow",
                f"put it before {stopper}, or give that one a condition",
            )
        elif _always(promotion):
            if promotion.exclusive:
                exclusive = promotion.id
            if promotion.group and first_alone:
                groups[promotion.group] = promotion.id
