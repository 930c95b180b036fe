"""Which promotions stand for a document, in which order, and which are refused before it is looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import attrs

from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.core.money import Money
from salesmgmt.cpq.pricing.promotions.benefit import AmountOff, SetPrice
from salesmgmt.cpq.pricing.promotions.coupon import Coupon
from salesmgmt.cpq.pricing.promotions.ordering import ordered
from salesmgmt.cpq.pricing.promotions.policy import PromotionOrder
from salesmgmt.cpq.pricing.promotions.promoted import PromotionUse
from salesmgmt.cpq.pricing.promotions.promotion import Promotion, Trigger
from salesmgmt.cpq.pricing.promotions.refusals import (
    AlreadyCalled,
    Expired,
    NotYetValid,
    OtherCurrency,
    RefusalReason,
    Refused,
    UnknownCode,
    UnknownPromotion,
    UsedUp,
)

_UNUSED = PromotionUse()


@attrs.frozen
class Candidate:
    """A promotion that stands for the document, and the coupon that called it."""

    promotion: Promotion
    coupon: Coupon | None = None


@attrs.frozen(kw_only=True)
class Circumstances:
    """What is known beside promotions and lines."""

    currency: str
    at: datetime | None
    used: Mapping[str, PromotionUse]
    coupons_used: Mapping[str, PromotionUse]


def candidates(
    promotions: Sequence[Promotion],
    coupons: Sequence[Coupon],
    *,
    codes: Sequence[str],
    apply: Sequence[str] | None,
    order: PromotionOrder,
    known: Circumstances,
) -> tuple[list[Candidate], list[Refused]]:
    """The promotions to try, in order, and those that are refused at once.

    Raises:
        InvalidInput: two promotions have one id, two coupons one code, or a validity cannot be tested without `at`.
    """
    _check(promotions, coupons, known.at)
    found: list[Candidate] = []
    refused: list[tuple[str, str, RefusalReason]] = []
    for name, candidate in _called(promotions, coupons, codes, apply, order):
        if not isinstance(candidate, Candidate):
            refused.append((name, name, candidate))
            continue
        reason = _refusal(candidate, known)
        if reason is None and any(candidate.promotion is other.promotion for other in found):
            reason = AlreadyCalled(found=name)
        if reason is None:
            found.append(candidate)
        else:
            refused.append((name, candidate.promotion.id, reason))
    # A promotion that another code calls stands; it is this code that has no effect.
    stand = {candidate.promotion.id for candidate in found}
    return found, [
        Refused(promotion=name if promotion in stand else promotion, reason=reason)
        for name, promotion, reason in refused
    ]


def _called(
    promotions: Sequence[Promotion],
    coupons: Sequence[Coupon],
    codes: Sequence[str],
    apply: Sequence[str] | None,
    order: PromotionOrder,
) -> Iterator[tuple[str, Candidate | RefusalReason]]:
    by_id = {promotion.id: promotion for promotion in promotions}
    if apply is not None:
        for name in apply:
            named = by_id.get(name)
            yield name, UnknownPromotion(found=name) if named is None else Candidate(named)
        return
    by_code = {code: Candidate(promotion) for promotion in promotions for code in promotion.codes}
    for coupon in coupons:
        if coupon.promotion in by_id:
            by_code[coupon.code] = Candidate(by_id[coupon.promotion], coupon)
    for promotion in ordered(promotions, order):
        if promotion.trigger == Trigger.AUTO:
            yield promotion.id, Candidate(promotion)
    for code in codes:
        yield code, by_code.get(code) or UnknownCode(found=code)


def _refusal(candidate: Candidate, known: Circumstances) -> RefusalReason | None:
    promotion, coupon = candidate.promotion, candidate.coupon
    for limits, use in (
        (promotion, known.used.get(promotion.id, _UNUSED)),
        (coupon, known.coupons_used.get(coupon.code, _UNUSED) if coupon else _UNUSED),
    ):
        if limits is None:
            continue
        reason = _out_of_time(limits, known.at) or _used_up(limits, use)
        if reason is not None:
            return reason
    for money in amounts_of(promotion):
        if money.currency != known.currency:
            return OtherCurrency(found=money.currency, wanted=known.currency)
    return None


def _out_of_time(limits: Promotion | Coupon, at: datetime | None) -> NotYetValid | Expired | None:
    if at is not None and limits.valid_from is not None and at < limits.valid_from:
        return NotYetValid(found=at, wanted=limits.valid_from)
    if at is not None and limits.valid_to is not None and at >= limits.valid_to:
        return Expired(found=at, wanted=limits.valid_to)
    return None


def _used_up(limits: Promotion | Coupon, use: PromotionUse) -> UsedUp | None:
    for count, limit in (
        (use.uses, limits.max_uses),
        (use.uses_of_customer, limits.max_uses_per_customer),
    ):
        if limit is not None and count >= limit:
            return UsedUp(found=count, wanted=limit)
    return None


def amounts_of(promotion: Promotion) -> Iterator[Money]:
    """Every amount that a promotion states."""
    benefit = promotion.benefit
    stated = [promotion.condition.min_amount, promotion.max_discount, promotion.budget]
    if isinstance(benefit, AmountOff):
        stated.append(benefit.amount)
    elif isinstance(benefit, SetPrice):
        stated.append(benefit.price)
    yield from (money for money in stated if money is not None)


def _check(promotions: Sequence[Promotion], coupons: Sequence[Coupon], at: datetime | None) -> None:
    problems = []
    for what, names in (
        ("promotions", [promotion.id for promotion in promotions]),
        (
            "codes",
            [code for promotion in promotions for code in promotion.codes] + [one.code for one in coupons],
        ),
    ):
        problems += [
            Problem(f"{what}.{name}", "duplicate_id", f"{count} times", "once")
            for name, count in Counter(names).items()
            if count > 1
        ]
    known = {promotion.id for promotion in promotions}
    problems += [
        Problem(f"coupons.{coupon.code}", "unknown_promotion", coupon.promotion, "the id of a promotion")
        for coupon in coupons
        if coupon.promotion not in known
    ]
    dated: list[Promotion | Coupon] = [*promotions, *coupons]
    if at is None and any(each.valid_from or each.valid_to for each in dated):
        problems.append(Problem("at", "missing", None, "the instant at which validities are tested"))
    if at is not None and at.utcoffset() is None:
        problems.append(Problem("at", "no_time_zone", at.isoformat(), "an instant with its time zone"))
    if problems:
        raise InvalidInput("the promotions of a document", problems)
